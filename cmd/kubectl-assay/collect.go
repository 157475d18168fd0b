package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/collect/clean"
)

func collectCommand(s program.Call) *cli.Command {
	return &cli.Command{
		Name:  "collect",
		Usage: "gather from the cluster what is needed to say why a Service is not reachable, into one file",
		Description: "Reads objects, logs, metrics and the state of FRR and of the nodes; nothing is changed but what --debug-logs says. Secrets\n" +
			"and passwords do not enter the file. `" + called + " plan` tells beforehand what is asked for.\n\n" +
			"Exit codes: 0 complete; 4 packed, and something is missing, which is told; 3 nothing could be collected; 2 wrong call.",
		Flags: append(append(whatFlags(),
			&cli.StringFlag{Name: "to", Usage: "`FILE` to write, - for standard output; assay-CONTEXT-TIME.tgz otherwise"},
			&cli.BoolFlag{Name: "no-analyze", Usage: "do not analyze what was collected"},
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask before --debug-logs restarts pods"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "no progress on stderr"},
		), clusterFlags()...),
		Action: func(c *cli.Context) error { return runCollect(c, s) },
	}
}

func runCollect(c *cli.Context, s program.Call) error {
	o, err := options(c)
	if err != nil {
		return err
	}
	client, err := open(c)
	if err != nil {
		return err
	}
	to, err := target(c.String("to"), client.Context(), time.Now())
	if err != nil {
		return err
	}
	o.Partial = to.partial
	ctx, stop := interruptible(c.Context, s.Err, to.partial)
	defer stop()
	defer to.leave()
	shown := newProgress(s.Err, c.Bool("quiet"))
	o.Progress = shown.event
	o.Confirm = func(changes []collect.LevelChange) bool {
		shown.clear()
		return c.Bool("yes") || confirm(ctx, s, changes)
	}
	cleaner := clean.New()
	cleaner.Learn(clean.BearerToken, client.BearerToken())
	r, err := collect.Collect(ctx, client, changer(client, o), cleaner, o)
	shown.end()
	if err != nil {
		return program.Exit(program.ExitNothing, err)
	}
	cleaner.Learn(clean.BearerToken, client.BearerToken()) // an exec plugin's is known only now
	size, err := pack(r, to, o, s.Out)
	if err != nil {
		return program.Exit(program.ExitNothing, fmt.Errorf("%w\nwhat was collected is in %s", err, to.partial))
	}
	said := s.Out
	if to.file == "" {
		said = s.Err
	}
	e := &closing{w: said, call: s, result: r, file: to.file, size: size}
	e.tell(ctx, to.file != "" && !c.Bool("no-analyze"))
	if !r.Complete() || len(r.Unrestored) > 0 {
		return program.Exit(program.ExitIncomplete, nil)
	}
	return nil
}

// place is where a bundle goes.
type place struct {
	file    string // "" for standard output
	partial string // the folder for what is on its way
}

// target finds a place that is free, and where a file can be made.
func target(to, kubeContext string, now time.Time) (place, error) {
	p := place{file: to}
	switch to {
	case "":
		p.file = fmt.Sprintf("assay-%s-%s.tgz", fileName(kubeContext), now.UTC().Format("20060102T150405Z"))
	case "-":
		dir, err := os.MkdirTemp("", "assay-")
		if err != nil {
			return p, program.Exit(program.ExitNothing, err)
		}
		return place{partial: filepath.Join(dir, "bundle.partial")}, nil
	}
	p.partial = p.file + ".partial"
	for _, path := range []string{p.file, p.partial} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			why := "is there already: remove it, or name another file with --to"
			if path == p.partial {
				why = fmt.Sprintf("is left by a collection that was ended: %s analyze %s reads it; remove it, or name another file with --to", called, path)
			}
			return p, program.Exit(program.ExitUsage, fmt.Errorf("%s %s", path, why))
		}
	}
	return p, nil
}

// fileName is a context's name as a part of a file's name that every system takes: arn:aws:eks:…:cluster/prod has colons and slashes.
func fileName(name string) string {
	const longest = 80
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, name)
	name = strings.Trim(name[:min(len(name), longest)], ".-")
	if name == "" {
		return "cluster"
	}
	return name
}

// pack writes the bundle and removes what it was made from.
func pack(r *collect.Result, to place, o collect.Options, stdout io.Writer) (size int64, err error) {
	limit := int64(0)
	if o.ForGitHub {
		limit = collect.GitHubBytes
	}
	if to.file == "" {
		size, err = r.Pack(stdout, limit)
	} else {
		size, err = packFile(r, to.file, limit)
	}
	if err != nil {
		return size, err
	}
	return size, r.Remove()
}

// leave removes the folder that was made for standard output, unless something is in it.
func (p place) leave() {
	if p.file == "" {
		os.Remove(filepath.Dir(p.partial))
	}
}

func packFile(r *collect.Result, file string, limit int64) (int64, error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	size, err := r.Pack(f, limit)
	if end := f.Close(); err == nil {
		err = end
	}
	if err != nil {
		os.Remove(file)
	}
	return size, err
}

// confirm asks on a terminal whether pods may restart. Where nobody can be asked, they may not.
func confirm(ctx context.Context, s program.Call, changes []collect.LevelChange) bool {
	fmt.Fprintf(s.Err, "%s: --debug-logs would\n", called)
	for _, c := range changes {
		fmt.Fprintf(s.Err, "  %s\n", report.Clean(c.String()))
	}
	fmt.Fprintln(s.Err, "While pods restart, other nodes may announce addresses. What was there is put back at the end.")
	if in, ok := s.In.(*os.File); !ok || !program.IsTerminal(in) {
		fmt.Fprintf(s.Err, "%s: nobody can be asked here, so it is left out; --yes does it\n", called)
		return false
	}
	fmt.Fprint(s.Err, "Do it? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.In).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case a := <-answer:
		return a == "y" || a == "yes"
	case <-ctx.Done():
		return false
	}
}
