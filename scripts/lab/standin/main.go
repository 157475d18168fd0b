// Command standin plays the programs of MetalLB in the lab: one static binary under several names, each doing what its
// namesake does as far as a collector or an analyzer can see it. It decides by analyze/metallb on the objects of the cluster that
// it runs in. It is no load balancer for anything but the lab.
//
//	controller, speaker                    MetalLB
//	frr-k8s, frr-metrics, frr-status,      frr-k8s; frr-metrics is also MetalLB's own in FRR mode
//	statuscleaner
//	cp-tool FROM TO                        copies a file into a volume, as init containers do
//	echo                                   the endpoint of the Services
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// roles is what the binary can be called.
var roles = map[string]func(ctx context.Context, args []string) error{
	"controller":    runController,
	"speaker":       runSpeaker,
	"frr-k8s":       runFRRK8s,
	"frr-metrics":   runFRRMetrics,
	"frr-status":    runFRRStatus,
	"statuscleaner": runStatusCleaner,
	"cp-tool":       func(_ context.Context, args []string) error { return copyFile(args) },
	"echo":          runEcho,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if roles[name] == nil && len(args) > 0 {
		name, args = args[0], args[1:]
	}
	run := roles[name]
	if run == nil {
		fmt.Fprintf(os.Stderr, "standin: no role is called %q\n", name)
		os.Exit(2)
	}
	if err := run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// copyFile copies a program into a volume.
func copyFile(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("cp-tool wants two names, not %d", len(args))
	}
	from, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(args[1], os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		return err
	}
	return to.Close()
}
