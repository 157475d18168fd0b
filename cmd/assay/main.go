// Command assay says why a Service of type LoadBalancer that MetalLB serves is not reachable, from what somebody attached.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/metallb-assay/assay/analyze/report"
)

func main() {
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
