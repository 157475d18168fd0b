// Command assay says why a Service of type LoadBalancer that MetalLB serves is not reachable, from what somebody attached.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/metallb-assay/assay/analyze/report"
)

// gcPercent is how much of what is in use may wait to be collected. Little is kept of large inputs, so that collecting often costs
// little and saves a third of the memory.
const gcPercent = 40

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	code, err := run(os.Args, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	if err != nil {
		fmt.Fprintln(os.Stderr, message(err))
	}
	os.Exit(code)
}

// message is what is told of an error: the program's name in front, and nothing in it that steers a terminal.
func message(err error) string {
	lines := strings.Split("assay: "+err.Error(), "\n")
	for i, l := range lines {
		lines[i] = report.Clean(l)
	}
	return strings.Join(lines, "\n")
}
