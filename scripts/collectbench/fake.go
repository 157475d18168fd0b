package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// run is what one collection took.
type run struct {
	took             time.Duration
	peakMiB, diskMiB float64
	size             int64
	exit             int
	missing          string // steps by status, a line each
}

// collectFake collects from a cluster of the given size, which a process of its own serves.
func collectFake(assay, fake, dir string, nodes, services, hang, fail int, deadline string) (run, error) {
	var r run
	server := exec.Command(fake, "-nodes", strconv.Itoa(nodes), "-services", strconv.Itoa(services), "-hang", strconv.Itoa(hang), "-fail", strconv.Itoa(fail), "-dir", dir)
	stop, err := server.StdinPipe()
	if err != nil {
		return r, err
	}
	ready, err := server.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err := server.Start(); err != nil {
		return r, err
	}
	defer func() {
		stop.Close()
		_ = server.Wait()
	}()
	config, err := bufio.NewReader(ready).ReadString('\n')
	if err != nil {
		return r, fmt.Errorf("%s printed no kubeconfig: %w", fake, err)
	}
	out := filepath.Join(dir, fmt.Sprintf("out-%d-%d.tgz", nodes, hang))
	c := exec.Command(assay, "collect", "--kubeconfig", strings.TrimSpace(config), "--for", "github", "--deadline", deadline, "--no-analyze", "-q", "--to", out)
	c.Env = append(os.Environ(), "TMPDIR="+dir)
	r, err = measured(c, dir)
	if err != nil {
		return r, err
	}
	r.missing, r.size, err = missing(out)
	return r, err
}

// measured runs a program and watches what it takes; its exit code is no error.
func measured(c *exec.Cmd, dir string) (run, error) {
	var r run
	c.Stderr = os.Stderr
	start := time.Now()
	if err := c.Start(); err != nil {
		return r, err
	}
	end := make(chan error, 1)
	go func() { end <- c.Wait() }()
	for ticks := time.NewTicker(100 * time.Millisecond); ; {
		select {
		case <-ticks.C:
			r.diskMiB = max(r.diskMiB, float64(onDisk(dir))/(1<<20))
			continue
		case err := <-end:
			ticks.Stop()
			r.took = time.Since(start)
			if _, exited := err.(*exec.ExitError); err != nil && !exited {
				return r, err
			}
		}
		break
	}
	r.exit = c.ProcessState.ExitCode()
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peakMiB = float64(u.Maxrss) / 1024
	}
	return r, nil
}

// onDisk is how many bytes the files of a folder have.
func onDisk(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if info, err := e.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// missing reads a bundle's trailer: how many steps ended how, and the first reason of each.
func missing(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	b, err := bundle.Open(path, f, bundle.Options{})
	if err != nil {
		return "", 0, err
	}
	for m, err := range b.Members() {
		if err != nil {
			return "", 0, err
		}
		if _, err := io.Copy(io.Discard, m.Body); err != nil {
			return "", 0, err
		}
	}
	count, reason := map[schema.Status]int{}, map[schema.Status]string{}
	for _, s := range b.Trailer().Steps {
		count[s.Status]++
		if reason[s.Status] == "" {
			reason[s.Status] = s.Name + ": " + s.Error
		}
	}
	var text strings.Builder
	for _, s := range schema.Statuses {
		if count[s] > 0 {
			fmt.Fprintf(&text, "  %6d %-9s %s\n", count[s], s, reason[s])
		}
	}
	st, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	return text.String(), st.Size(), nil
}
