package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// ratio is the outcome of pairs of runs: wall seconds of each side and their ratio in the median, and the peak memory of the first.
type ratio struct {
	a, b, of float64
	peak     int64 // bytes, the most of all runs
	err      error
}

func (r ratio) String() string {
	if r.err != nil {
		return r.err.Error()
	}
	return fmt.Sprintf("%.2f s, peak %.1f MiB, ratio %.2f (%.2f s)", r.a, float64(r.peak)/(1<<20), r.of, r.b)
}

// compare runs a and b in turn and takes medians. env is added to the environment of both.
func compare(pairs int, a, b, env []string) ratio {
	var as, bs, rs []float64
	var r ratio
	for i := range pairs + 1 {
		x, peak, err := timed(a, env)
		if err != nil {
			return ratio{err: err}
		}
		y, _, err := timed(b, env)
		if err != nil {
			return ratio{err: err}
		}
		if i == 0 {
			continue // warms the caches up
		}
		as, bs, rs = append(as, x), append(bs, y), append(rs, x/y)
		r.peak = max(r.peak, peak)
	}
	r.a, r.b, r.of = median(as), median(bs), median(rs)
	return r
}

func timed(args, env []string) (seconds float64, peak int64, err error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		defer null.Close()
		cmd.Stdout = null
	}
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", args[0], err)
	}
	seconds = time.Since(start).Seconds()
	if use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = use.Maxrss << 10
	}
	return seconds, peak, nil
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}
