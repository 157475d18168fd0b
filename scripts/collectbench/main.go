// Command collectbench measures a collection: against clusters of growing size that are generated on the fly, with nodes that hang or
// fail, and, where a kubeconfig of a real cluster is given, against the calls that MetalLB's own script makes. It prints figures and
// ratios, since machines differ; it is no test and judges nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	assay := flag.String("assay", "bin/kubectl-assay", "the program to measure")
	fake := flag.String("fakecluster", "bin/fakecluster", "the program that serves clusters")
	kubeconfig := flag.String("kubeconfig", "", "of a real cluster with MetalLB; without it only generated clusters are measured")
	kubectl := flag.String("kubectl", "kubectl", "the program that makes the calls of MetalLB's own script")
	pairs := flag.Int("pairs", 5, "pairs of runs against the real cluster")
	scale := flag.Bool("scale", true, "measure generated clusters")
	flag.Parse()
	dir, err := os.MkdirTemp("", "assay-collectbench-")
	if err == nil {
		defer os.RemoveAll(dir)
		if *kubeconfig != "" {
			err = againstScript(*assay, *kubectl, *kubeconfig, *pairs, dir)
		}
		if err == nil && *scale {
			err = measureScale(*assay, *fake, dir)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "collectbench: "+err.Error())
		os.RemoveAll(dir)
		os.Exit(1)
	}
}

func measureScale(assay, fake, dir string) error {
	fmt.Println("nodes  services  hang  fail     time  peak memory   disk at most     bundle  exit")
	var first float64
	for _, nodes := range []int{100, 300, 1000} {
		r, err := collectFake(assay, fake, dir, nodes, nodes*10, 0, 0, "15m")
		if err != nil {
			return err
		}
		if first == 0 {
			first = r.took.Seconds() / float64(nodes)
		}
		fmt.Printf("%5d  %8d  %3d%%  %3d%%  %5.1f s  %7.1f MiB  %9.1f MiB  %9d  %d   time a node %.2f of that at 100\n", nodes, nodes*10, 0, 0, r.took.Seconds(), r.peakMiB, r.diskMiB, r.size, r.exit, r.took.Seconds()/float64(nodes)/first)
	}
	r, err := collectFake(assay, fake, dir, 200, 2000, 5, 5, "60s")
	if err != nil {
		return err
	}
	fmt.Printf("%5d  %8d  %3d%%  %3d%%  %5.1f s  %7.1f MiB  %9.1f MiB  %9d  %d   deadline 60 s\n", 200, 2000, 5, 5, r.took.Seconds(), r.peakMiB, r.diskMiB, r.size, r.exit)
	fmt.Print(filepath.Base(fake), " served; what is missing of the last:\n", r.missing)
	return nil
}
