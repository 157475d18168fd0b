package program

import (
	"slices"
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
// `assay analyze report.tgz -o json`; flags before the command go behind it. Everything behind `--` stays where it is.
func reorder(app *cli.App, args []string) []string {
	if last := len(args) - 1; last > 0 && args[last] == completionFlag { // which has to stay the last
		return append(reorder(app, args[:last:last]), completionFlag)
	}
	args = commandFirst(app, args)
	if len(args) < 3 {
		return args
	}
	cmd := app.Command(args[1])
	if cmd == nil {
		return args
	}
	takes := taking(cmd)
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
		if takes.next(a) && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	return append(append([]string{args[0], args[1]}, flags...), rest...)
}

// commandFirst puts the command before the flags that stand in front of it.
func commandFirst(app *cli.App, args []string) []string {
	if len(args) < 3 || !strings.HasPrefix(args[1], "-") {
		return args
	}
	takes := taking(app.Commands...)
	for i := 1; i < len(args); i++ {
		if args[i] == "--" {
			return args
		}
		if takes.next(args[i]) {
			i++
			continue
		}
		if app.Command(args[i]) != nil {
			return slices.Concat(args[:1], args[i:i+1], args[1:i], args[i+1:])
		}
	}
	return args
}

// valued are the names of flags that take a value.
type valued map[string]bool

func taking(commands ...*cli.Command) valued {
	v := valued{}
	for _, c := range commands {
		for _, f := range c.Flags {
			_, isBool := f.(*cli.BoolFlag)
			for _, n := range f.Names() {
				v[n] = !isBool
			}
		}
	}
	return v
}

// next says that an argument is a flag whose value is the next argument.
func (v valued) next(arg string) bool {
	name, _, has := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return strings.HasPrefix(arg, "-") && v[name] && !has
}
