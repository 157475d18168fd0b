// Command assay says why a Service of type LoadBalancer that MetalLB serves is not reachable, from what somebody attached.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/metallb-assay/assay/cmd/internal/program"
)

// gcPercent is how much of what is in use may wait to be collected. Little is kept of large inputs, so that collecting often costs
// little and saves a third of the memory.
const gcPercent = 40

var assayProgram = program.Program{
	Name:  "assay",
	File:  "assay",
	Usage: "why is this MetalLB Service not reachable",
	UsageText: "assay COMMAND [options] [arguments]\n\nfor example: assay analyze metallb_report.tgz\n" +
		"assay COMMAND --help tells the options of a command",
}

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	code, err := assayProgram.Run(os.Args, os.Stdin, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, assayProgram.Message(err))
	}
	os.Exit(code)
}
