package main

import (
	"context"
	"fmt"
	"sync"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect"
)

func planCommand(s program.Call) *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "say what collect would ask for, run and change, and which permissions that needs",
		Description: "Give it the flags that you would give to collect. Only what the plan depends on is read: what MetalLB consists of and which\n" +
			"Services there are. -o yaml prints the roles that allow exactly this, for kubectl apply -f -.\n\n" +
			"Exit codes: 0 the plan was made; 3 the cluster could not be asked; 2 wrong call.",
		Flags: append(append(whatFlags(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text or yaml"}), clusterFlags()...),
		Action: func(c *cli.Context) error { return runPlan(c, s) },
	}
}

func runPlan(c *cli.Context, s program.Call) error {
	format := c.String("output")
	if format != "text" && format != "yaml" {
		return fmt.Errorf("-o %s: text or yaml is wanted", format)
	}
	o, err := options(c)
	if err != nil {
		return err
	}
	client, err := open(c)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context, s.Err, "")
	defer stop()
	p, err := collect.MakePlan(ctx, client, changer(client, o), o)
	if err != nil {
		return program.Exit(program.ExitNothing, err)
	}
	if format == "yaml" {
		roles, err := p.Roles()
		if err != nil {
			return program.Exit(program.ExitNothing, err)
		}
		_, err = s.Out.Write(roles)
		return err
	}
	return printPlan(ctx, s, client, p)
}

func printPlan(ctx context.Context, s program.Call, client collect.Cluster, p *collect.Plan) error {
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%s\n", report.Count(len(p.Steps), "step"))
	for _, step := range p.Steps {
		does := step.Does
		if step.Skip != "" {
			does += " (left out: " + step.Skip + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\n", report.Clean(step.Name), report.Clean(does))
	}
	for _, step := range p.Steps {
		if len(step.Runs) > 0 && step.Skip == "" {
			fmt.Fprintf(w, "\na script in a container runs\n")
			for _, command := range step.Runs {
				fmt.Fprintf(w, "  %s\n", report.Clean(command))
			}
			break // the same everywhere
		}
	}
	needs := p.Needs()
	fmt.Fprintf(w, "\n%s\n", report.Count(len(needs), "permission"))
	for i, has := range granted(ctx, client, needs) {
		fmt.Fprintf(w, "  %s\t%s\n", report.Clean(needs[i].String()), has)
	}
	return w.Flush()
}

// granted says of each permission whether the caller has it.
func granted(ctx context.Context, client collect.Cluster, needs []collect.Permission) []string {
	const atOnce = 16
	answers := make([]string, len(needs))
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i, p := range needs {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			switch ok, err := client.Allowed(ctx, p); {
			case err != nil:
				answers[i] = "not known: " + report.Clean(err.Error())
			case ok:
				answers[i] = "you have it"
			default:
				answers[i] = "MISSING"
			}
		})
	}
	all.Wait()
	return answers
}
