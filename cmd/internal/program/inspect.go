package program

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

func inspectCommand(s Call) *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "list what is in an input, how each file was understood and for which node and pod, and what is missing",
		ArgsUsage: "FILE|FOLDER|-...",
		Description: "Each file, archive's file, fenced block and output of a pasted command is a member. READ says whether the whole, a part\n" +
			"or nothing of it was understood, and NOTE why not all. Below the table stands what nothing in the input tells, and the\n" +
			"command that gets it. Exit codes: 0 the input was read; 2 wrong call; 3 it could not be read at all.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "read-anyway", Usage: "read a bundle of a newer format version as far as this program understands it"}},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return fmt.Errorf("inspect: name a file or a folder, or - for standard input")
			}
			src, err := foreign.OpenAll(c.Args().Slice(), s.In, foreign.Options{ReadAnyway: c.Bool("read-anyway")})
			if err != nil {
				return Exit(ExitNothing, err)
			}
			r, err := analyze.Analyze(c.Context, src, analyze.Options{Tool: schema.Tool{Name: "assay", Version: Version()}})
			if err != nil {
				return Exit(ExitNothing, err)
			}
			return inspect(s, r)
		},
	}
}

func inspect(s Call, r *schema.Report) error {
	if r.Source.Cut {
		fmt.Fprintln(s.Out, "the input is cut: what follows is what was there")
	}
	fmt.Fprintf(s.Out, "%s: %s, %s\n", report.Clean(r.Source.Name), r.Source.Kind, report.Count(r.Source.Members, "member"))
	m := r.Cluster.MetalLB
	fmt.Fprintf(s.Out, "MetalLB %s, mode %s, namespace %s, installed by %s; Kubernetes %s, %s\n\n", clean(m.Version), m.Mode, orUnknown(m.Namespace), m.Install, clean(r.Cluster.Kubernetes), nodes(r.Cluster.Nodes))
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "MEMBER\tKIND\tREAD\tNODE\tPOD\tCONTAINER\tNOTE")
	for _, f := range r.Members {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", clean(f.Path), orDash(string(f.Kind)), f.Read, orDash(f.Node), orDash(f.Pod), orDash(f.Container), clean(f.Why))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Unknowns) > 0 {
		fmt.Fprintln(s.Out, "\nmissing")
		for _, u := range r.Unknowns {
			fmt.Fprintf(s.Out, "  %s\n    why   %s\n    get   %s\n", clean(u.Question), clean(u.Why), clean(u.How))
		}
	}
	return nil
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return clean(s)
}

// nodes: no input names a cluster of none.
func nodes(n int) string {
	if n == 0 {
		return "nodes unknown"
	}
	return report.Count(n, "node")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return clean(s)
}

// clean makes attached text one cell of a table.
func clean(s string) string { return report.Clean(strings.Join(strings.Fields(s), " ")) }
