// Package program is what assay and kubectl-assay have in common: the commands that need no cluster, each defined once, and how a
// program runs, ends and tells what went wrong.
package program

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/analyze/report"
)

// Exit codes; schema/report.md and the help text name them.
const (
	ExitOK         = 0 // done; of analyze: nothing as bad as --fail-on names was found
	ExitFailOn     = 1 // --fail-on was met
	ExitUsage      = 2 // wrong call
	ExitNothing    = 3 // the input could not be read at all, or nothing could be collected
	ExitIncomplete = 4 // packed, and something is missing
)

// Program is a program without its process.
type Program struct {
	Name             string // as it is typed: assay, kubectl assay
	File             string // its file's name, which completion scripts are for
	Usage, UsageText string
	Commands         func(Call) []*cli.Command // its own, before the common ones; nil for none
}

// Call is one run of a program, as its commands see it.
type Call struct {
	Program
	In       io.Reader
	Out, Err io.Writer
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

// Exit is an error that ends the program with a code of its own; err says why, and is nil where nothing is to be told.
func Exit(code int, err error) error { return coded{err, code} }

// Run runs the program and returns its exit code and what to tell on stderr.
func (p Program) Run(args []string, in io.Reader, stdout, stderr io.Writer) (code int, err error) {
	if len(args) > 0 && args[len(args)-1] == completionFlag {
		defer func() { _ = recover() }() // the library's, for a flag whose value is not there yet
	}
	out := newOutput(stdout)
	app := p.app(Call{Program: p, In: in, Out: out, Err: stderr})
	err = app.Run(reorder(app, askHelp(args)))
	if failed := out.buf.Flush(); failed != nil {
		return ExitNothing, fmt.Errorf("writing the report: %w", failed)
	}
	if err == nil {
		return ExitOK, nil
	}
	var c coded
	if errors.As(err, &c) {
		return c.code, c.error
	}
	return ExitUsage, fmt.Errorf("%w\n%s --help lists the commands", err, p.Name)
}

// Message is what is told of an error: the program's name in front, and nothing in it that steers a terminal.
func (p Program) Message(err error) string {
	lines := strings.Split(p.Name+": "+err.Error(), "\n")
	for i, l := range lines {
		lines[i] = report.Clean(l)
	}
	return strings.Join(lines, "\n")
}

func (p Program) app(s Call) *cli.App {
	var commands []*cli.Command
	if p.Commands != nil {
		commands = p.Commands(s)
	}
	app := &cli.App{
		Name:                   p.Name,
		Usage:                  p.Usage,
		UsageText:              p.UsageText,
		Version:                Version(),
		Reader:                 s.In,
		Writer:                 s.Out,
		ErrWriter:              s.Err,
		EnableBashCompletion:   true,
		HideHelpCommand:        true,
		UseShortOptionHandling: true,
		ExitErrHandler:         func(*cli.Context, error) {}, // Run decides
		OnUsageError:           func(_ *cli.Context, err error, _ bool) error { return err },
		Commands:               append(commands, analyzeCommand(s), explainCommand(s), inspectCommand(s), completionCommand(s)),
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

// Version is the module's version as built, "devel" for a build from a work tree.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
