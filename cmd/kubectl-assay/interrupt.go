package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/metallb-assay/assay/collect"
)

// exitKilled is what shells give a program that Ctrl-C ended.
const exitKilled = 130

// interruptible ends its context with collect.ErrInterrupted at the first Ctrl-C, and the program at the second one. partial is where
// the second one leaves what came.
func interruptible(ctx context.Context, w io.Writer, partial string) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		fmt.Fprintf(w, "\n%s: interrupted: packing what there is; once more to end at once\n", called)
		cancel(collect.ErrInterrupted)
		if _, ok := <-signals; !ok {
			return
		}
		if partial != "" {
			fmt.Fprintf(w, "%s: what came is in %s\n", called, partial)
		}
		os.Exit(exitKilled)
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}
