//go:build unix

package main

import (
	"syscall"
	"testing"
	"time"
)

// TestInterruptPacksWhatThereIs sends itself what Ctrl-C sends, while the list of Services hangs.
func TestInterruptPacksWhatThereIs(t *testing.T) {
	config := cluster(t, "", "services")
	t.Chdir(t.TempDir())
	go func() {
		time.Sleep(time.Second)
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGINT)
	}()
	began := time.Now()
	got := run("collect", "--no-analyze", "--to", "b.tgz", "--kubeconfig", config)
	got.hold(t, 4, "interrupted: packing what there is", "b.tgz: ", "interrupted")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
