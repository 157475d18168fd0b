// Command kubectl-assay gathers from a cluster what is needed to say why a Service of type LoadBalancer is not reachable, and has all
// commands of assay too. kubectl finds it as its plugin: kubectl assay collect.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metallb-assay/assay/cmd/internal/program"
)

// What the program is called: as it is typed, and its file.
const (
	called = "kubectl assay"
	binary = "kubectl-assay"
)

var plugin = program.Program{
	Name:  called,
	File:  binary,
	Usage: "why is this MetalLB Service not reachable",
	UsageText: "kubectl assay COMMAND [options] [arguments]\n\nfor example: kubectl assay collect --service shop/web\n" +
		"kubectl assay COMMAND --help tells the options of a command",
	Commands: func(s program.Call) []*cli.Command {
		return []*cli.Command{collectCommand(s), planCommand(s), cleanupCommand(s)}
	},
}

func main() {
	args := os.Args
	if strings.HasPrefix(filepath.Base(args[0]), completer) {
		complete(args, os.Stdout)
		return
	}
	code, err := plugin.Run(args, os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, plugin.Message(err))
	}
	os.Exit(code)
}
