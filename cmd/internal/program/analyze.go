package program

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

func analyzeCommand(s Call) *cli.Command {
	return &cli.Command{
		Name:      "analyze",
		Usage:     "say for each Service which phase fails, because of which object, on which evidence",
		ArgsUsage: "FILE|FOLDER|-...",
		Description: "Reads a bundle, a report of collect.sh, a must-gather, an archive, a folder or loose files, or standard input (-).\n" +
			"Names of files mean nothing: each is recognised by its content. Options may stand behind the files too.\n" +
			"Several inputs make one report. It needs no network and writes nothing but the report.\n\n" +
			"Exit codes: 0 the analysis was made; 1 --fail-on was met; 2 wrong call; 3 the input could not be read at all.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json or markdown"},
			&cli.StringSliceFlag{Name: "service", Usage: "tell only of this Service, `NAMESPACE/NAME`; may be given several times"},
			&cli.StringFlag{Name: "fail-on", Value: "never", Usage: "exit 1 where a finding is as bad as this: error or warning; never does not look"},
			&cli.BoolFlag{Name: "read-anyway", Usage: "read a bundle of a newer format version as far as this program understands it"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "no progress on stderr"},
		},
		Action: func(c *cli.Context) error { return runAnalyze(c, s) },
	}
}

func runAnalyze(c *cli.Context, s Call) error {
	out, failOn := c.String("output"), c.String("fail-on")
	switch {
	case out != "text" && out != "json" && out != "markdown":
		return fmt.Errorf("-o %s: text, json or markdown is wanted", out)
	case failOn != "error" && failOn != "warning" && failOn != "never":
		return fmt.Errorf("--fail-on %s: error, warning or never is wanted", failOn)
	case !c.Args().Present():
		return fmt.Errorf("analyze: name a file or a folder, or - for standard input")
	}
	if n := count(c.Args().Slice(), "-"); n > 1 {
		return fmt.Errorf("analyze: standard input (-) is named %d times, and can be read once", n)
	}
	services := c.StringSlice("service")
	for _, k := range services {
		if ns, name, ok := strings.Cut(k, "/"); !ok || ns == "" || name == "" {
			return fmt.Errorf("--service %s: NAMESPACE/NAME is wanted", k)
		}
	}
	src, err := foreign.OpenAll(c.Args().Slice(), s.In, foreign.Options{ReadAnyway: c.Bool("read-anyway")})
	if err != nil {
		return Exit(ExitNothing, err)
	}
	progress, done := newProgress(s.Name, s.Err, c.Bool("quiet"))
	r, err := analyze.Analyze(c.Context, src, analyze.Options{Tool: schema.Tool{Name: "assay", Version: Version()}, Services: services, Progress: progress})
	done()
	if err != nil {
		return Exit(ExitNothing, err)
	}
	if why := unreadable(s.Name, r); why != "" {
		return Exit(ExitNothing, fmt.Errorf("%s: nothing could be read: %s", r.Source.Name, why))
	}
	for _, k := range services {
		if !hasService(r, k) {
			fmt.Fprintf(s.Err, "%s: --service %s: nothing in the input speaks of it\n", s.Name, report.Clean(k))
		}
	}
	if err := write(s, out, r); err != nil {
		return Exit(ExitNothing, err) // of writing: run tells it
	}
	if met(r, failOn) {
		return Exit(ExitFailOn, nil)
	}
	return nil
}

// unreadable says why an input gave nothing at all: it is empty, or no file of it is a text or a capture. It is "" where there is
// something to report of, be it a text that nothing recognises.
func unreadable(program string, r *schema.Report) string {
	const shown = 5
	var whys []string
	for _, m := range r.Members {
		lost := m.Kind == "" && m.Read == "not"
		if !lost && m.Kind != schema.KindEmpty && m.Kind != schema.KindBinary {
			return ""
		}
		whys = append(whys, m.Path+" "+m.Why)
	}
	if len(whys) == 0 {
		return "it has no members"
	}
	if n := len(whys); n > shown {
		whys = append(whys[:shown], fmt.Sprintf("and %d more (%s inspect lists them)", n-shown, program))
	}
	return strings.Join(whys, "; ")
}

func count(args []string, arg string) int {
	n := 0
	for _, a := range args {
		if a == arg {
			n++
		}
	}
	return n
}

func hasService(r *schema.Report, key string) bool {
	for _, s := range r.Services {
		if s.Key() == key {
			return true
		}
	}
	return false
}

func write(s Call, format string, r *schema.Report) error {
	switch format {
	case "json":
		return report.JSON(s.Out, r)
	case "markdown":
		return report.Markdown(s.Out, r)
	}
	return report.Text(s.Out, r, StyleOf(s.Out))
}

// met tells whether a finding is as bad as --fail-on names.
func met(r *schema.Report, failOn string) bool {
	for _, f := range r.Findings {
		if f.Severity == schema.Error && failOn != "never" || f.Severity == schema.Warning && failOn == "warning" {
			return true
		}
	}
	return false
}
