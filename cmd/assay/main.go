// Command assay says why a Service of type LoadBalancer that MetalLB serves is not reachable, from what somebody attached.
package main

import (
	"fmt"
	"os"
)

func main() {
	code, err := run(os.Args, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	if err != nil {
		fmt.Fprintln(os.Stderr, "assay: "+err.Error())
	}
	os.Exit(code)
}
