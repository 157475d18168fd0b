package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// Exit codes; the help text names them.
const (
	exitOK      = 0 // the analysis was made, and nothing as bad as --fail-on names was found
	exitFailOn  = 1 // --fail-on was met
	exitUsage   = 2 // wrong call
	exitNothing = 3 // the input could not be read at all
)

type streams struct {
	in       io.Reader
	out, err io.Writer
}

// output gathers what goes to stdout: a failed write ends every command the same way, and a report is few writes.
type output struct {
	to  io.Writer
	buf *bufio.Writer
}

func newOutput(to io.Writer) *output { return &output{to, bufio.NewWriterSize(to, 64<<10)} }

func (o *output) Write(p []byte) (int, error) { return o.buf.Write(p) }

// coded is an error that ends the program with its own exit code.
type coded struct {
	error
	code int
}

// run is the program without its process: it returns the exit code and what to tell on stderr.
func run(args []string, s streams) (int, error) {
	out := newOutput(s.out)
	s.out = out
	app := newApp(s)
	err := app.Run(reorder(app, askHelp(args)))
	if failed := out.buf.Flush(); failed != nil {
		return exitNothing, fmt.Errorf("writing the report: %w", failed)
	}
	if err == nil {
		return exitOK, nil
	}
	var c coded
	if errors.As(err, &c) {
		if c.error == nil {
			return c.code, nil
		}
		return c.code, c.error
	}
	return exitUsage, fmt.Errorf("%w\nassay --help lists the commands", err)
}

func newApp(s streams) *cli.App {
	app := &cli.App{
		Name:                   "assay",
		Usage:                  "why is this MetalLB Service not reachable",
		UsageText:              "assay COMMAND [options] [arguments]\n\nfor example: assay analyze metallb_report.tgz\nassay COMMAND --help tells the options of a command",
		Version:                version(),
		Reader:                 s.in,
		Writer:                 s.out,
		ErrWriter:              s.err,
		EnableBashCompletion:   true,
		HideHelpCommand:        true,
		UseShortOptionHandling: true,
		ExitErrHandler:         func(*cli.Context, error) {}, // run decides
		OnUsageError:           func(_ *cli.Context, err error, _ bool) error { return err },
		Commands:               []*cli.Command{analyzeCommand(s), explainCommand(s), inspectCommand(s), completionCommand(s)},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("no command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		c.HideHelpCommand = true
		c.OnUsageError = app.OnUsageError // which prints nothing: stdout is the report's
	}
	return app
}

// version is the module's version as built, "devel" for a build from a work tree.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
