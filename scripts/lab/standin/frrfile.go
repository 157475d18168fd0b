package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// reloadDir is the volume that the program which renders and the reloader share: frr.conf, reloader.pid, .status, running-config, last-error.
func reloadDir() string {
	if f := os.Getenv("FRR_CONFIG_FILE"); f != "" {
		return filepath.Dir(f)
	}
	return "/etc/frr_reloader"
}

// writeConf puts the configuration where the reloader takes it, and wakes the reloader.
func writeConf(text string) error {
	if err := os.WriteFile(filepath.Join(reloadDir(), "frr.conf"), []byte(text), 0o600); err != nil {
		return err
	}
	pid, err := os.ReadFile(filepath.Join(reloadDir(), "reloader.pid"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		return err
	}
	return syscall.Kill(n, syscall.SIGHUP)
}

// reloadResult is what came of the last reload: its time and "success", or what the reloader said. "" before the first.
func reloadResult() (when, result string) {
	text, err := os.ReadFile(filepath.Join(reloadDir(), ".status"))
	if err != nil {
		return "", ""
	}
	when, result, _ = strings.Cut(strings.TrimSpace(string(text)), " ")
	if result == "failure" {
		if why, err := os.ReadFile(filepath.Join(reloadDir(), "last-error")); err == nil {
			result = strings.TrimSpace(string(why))
		}
	}
	return when, result
}

// reloads writes a configuration three seconds after the first change, tries again each five seconds while the reloader cannot be
// woken, and once more after each failed reload, as MetalLB does.
type reloads struct {
	log     *logger
	want    string
	written string
	at      time.Time
	checked string
}

// request asks for a configuration.
func (r *reloads) request(text string) {
	if text == r.want {
		r.log.debug("config.go:341", "op", "reload", "action", "ignore config", "reason", "same config")
		return
	}
	r.want = text
	if r.at.IsZero() {
		r.at = time.Now().Add(3 * time.Second)
	}
}

// due does what is due.
func (r *reloads) due() {
	if !r.at.IsZero() && time.Now().After(r.at) {
		if err := writeConf(r.want); err != nil {
			r.log.error("config.go:350", "op", "reload", "error", err, "cause", "reload")
			r.at = time.Now().Add(5 * time.Second)
			return
		}
		r.at, r.written = time.Time{}, r.want
	}
	when, result := reloadResult()
	if when == "" || when == r.checked {
		return
	}
	r.checked = when
	if result == "success" {
		r.log.info("frr.go:494", "op", "reload-validate", "success", "reloaded config")
		return
	}
	r.log.error("frr.go:490", "op", "reload-validate", "error", "reload failed", "cause", "frr reload failed")
	r.at = time.Now().Add(30 * time.Second)
}

// seconds is the whole seconds of a duration as written, 0 for none.
func seconds(text string) int {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0
	}
	return int(d / time.Second)
}

// every calls f each period until ctx ends.
func every(ctx context.Context, period time.Duration, f func()) {
	t := time.NewTicker(period)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}
