package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect"
)

func cleanupCommand(s program.Call) *cli.Command {
	return &cli.Command{
		Name:  "cleanup",
		Usage: "put back what a collection changed and could not put back itself",
		Description: "A collection with --debug-logs writes into an annotation what was there before it changes anything. Where it was killed, this\n" +
			"restores that; pods restart where their arguments have to change. Where nothing is left, nothing is done.\n\n" +
			"Exit codes: 0 nothing is left; 4 something could not be put back, which is told; 3 the cluster could not be asked; 2 wrong call.",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "only say what would be put back"},
			&cli.DurationFlag{Name: "deadline", Value: collect.DefaultLimits().Deadline, Usage: "`TIME` that the whole may take"},
		}, clusterFlags()...),
		Action: func(c *cli.Context) error { return runCleanup(c, s) },
	}
}

func runCleanup(c *cli.Context, s program.Call) error {
	if err := noArguments(c); err != nil {
		return err
	}
	client, err := open(c)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context, s.Err, "")
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, max(c.Duration("deadline"), time.Second))
	defer cancel()
	inv, err := collect.Find(ctx, client, c.String("namespace"))
	if err != nil {
		return program.Exit(program.ExitNothing, err)
	}
	left, err := collect.Leftovers(ctx, client, inv)
	if err != nil && len(left) == 0 {
		return program.Exit(program.ExitNothing, err)
	}
	failed := 0
	for _, change := range left {
		what := report.Clean(fmt.Sprintf("%s %s/%s", change.Resource.Kind, change.Namespace, change.Name))
		if c.Bool("dry-run") {
			fmt.Fprintf(s.Out, "%s: its log level would be put back\n", what)
			continue
		}
		if err := change.Restore(ctx, client, client); err != nil {
			failed++
			fmt.Fprintf(s.Out, "%s: not put back: %s\n", what, report.Clean(err.Error()))
			continue
		}
		fmt.Fprintf(s.Out, "%s: its log level is as it was\n", what)
	}
	switch {
	case err != nil:
		return program.Exit(program.ExitIncomplete, fmt.Errorf("not all could be looked at: %w", err))
	case failed > 0:
		return program.Exit(program.ExitIncomplete, nil)
	case len(left) == 0:
		fmt.Fprintln(s.Out, "nothing is left of a collection")
	}
	return nil
}
