package program

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze/check"
)

func explainCommand(s Call) *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "say what a finding means; without an argument, list all",
		ArgsUsage: "[CODE|CAUSE]",
		Description: "CODE is what a report puts in front of a finding (ML301), CAUSE its name (no-advertisement). The text says what is wrong,\n" +
			"by which rules, and what has to be in the input for it to be found. \"folds\" lists the causes that this one explains: where\n" +
			"both are found, they are told below it and in no Service's list.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "unproven", Usage: "list the causes that nothing here can prove yet, with the input that is missing"},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.Bool("unproven"):
				return listUnproven(s)
			case c.NArg() == 0:
				return listCauses(s)
			case c.NArg() > 1:
				return fmt.Errorf("explain: one code or cause is wanted, got %d", c.NArg())
			}
			return explain(s, c.Args().First())
		},
	}
}

func listCauses(s Call) error {
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	for _, c := range check.Causes {
		mark := ""
		if check.Of(c.Name) == nil {
			mark = " (no check yet)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s%s\n", c.Code, c.Phase, c.Name, c.Meaning, mark)
	}
	return w.Flush()
}

func listUnproven(s Call) error {
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	for _, c := range check.Unproven() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Code, c.Name, check.MissingInput(c.Name))
	}
	return w.Flush()
}

func explain(s Call, name string) error {
	cause, ok := check.CauseOf(name)
	if !ok {
		return fmt.Errorf("explain %s: no such code or cause; %s explain lists them", name, s.Name)
	}
	fmt.Fprintf(s.Out, "%s %s (phase %s)\n%s\n", cause.Code, cause.Name, cause.Phase, cause.Meaning)
	c := check.Of(cause.Name)
	if c == nil {
		fmt.Fprintf(s.Out, "\nno check proves it yet: %s\n", check.MissingInput(cause.Name))
		return nil
	}
	fmt.Fprintf(s.Out, "\n%s\n", strings.TrimSpace(c.Doc))
	if len(c.Explains) > 0 {
		fmt.Fprintf(s.Out, "\nfolds: %s\n", strings.Join(c.Explains, ", "))
	}
	return nil
}
