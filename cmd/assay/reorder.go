package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// askHelp makes `assay help COMMAND` the same as `assay COMMAND --help`.
func askHelp(args []string) []string {
	if len(args) < 2 || args[1] != "help" {
		return args
	}
	return append(append([]string{args[0]}, args[2:]...), "--help")
}

// reorder puts the flags of a command before its arguments, since the flag package stops at the first argument and people type
// `assay analyze report.tgz -o json`. Everything behind `--` stays where it is.
func reorder(app *cli.App, args []string) []string {
	if len(args) < 3 {
		return args
	}
	cmd := app.Command(args[1])
	if cmd == nil {
		return args
	}
	takes := map[string]bool{} // flags that take a value
	for _, f := range cmd.Flags {
		_, isBool := f.(*cli.BoolFlag)
		for _, n := range f.Names() {
			takes[n] = !isBool
		}
	}
	var flags, rest []string
	for i := 2; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			rest = append(rest, args[i:]...)
			break
		}
		if !strings.HasPrefix(a, "-") || a == "-" {
			rest = append(rest, a)
			continue
		}
		flags = append(flags, a)
		name, _, has := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if takes[name] && !has && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	return append(append([]string{args[0], args[1]}, flags...), rest...)
}
