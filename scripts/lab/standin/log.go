package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Levels of MetalLB's --log-level, in order.
const (
	levelDebug int32 = iota
	levelInfo
	levelWarn
	levelError
	levelNone
)

var levels = map[string]int32{"all": levelDebug, "debug": levelDebug, "info": levelInfo, "warn": levelWarn, "error": levelError, "none": levelNone}

// logger writes MetalLB's own log lines: one JSON object a line with sorted keys on standard output, and what its libraries write
// (JSON in another order, on standard error).
type logger struct {
	out   io.Writer
	mu    sync.Mutex
	level atomic.Int32
}

// newLogger returns a logger of that level, or the words with which MetalLB refuses another one.
func newLogger(level string) (*logger, error) {
	l := &logger{out: os.Stdout}
	if err := l.set(level); err != nil {
		return nil, fmt.Errorf("failed to initialize logging: %w", err)
	}
	return l, nil
}

// set changes the level while the program runs.
func (l *logger) set(level string) error {
	n, ok := levels[level]
	if !ok {
		return fmt.Errorf("failed to parse log level: %s", level)
	}
	l.level.Store(n)
	return nil
}

func (l *logger) debugs() bool { return l.level.Load() <= levelDebug }

func (l *logger) debug(caller string, pairs ...any) { l.line(levelDebug, "debug", caller, pairs) }
func (l *logger) info(caller string, pairs ...any)  { l.line(levelInfo, "info", caller, pairs) }
func (l *logger) warn(caller string, pairs ...any)  { l.line(levelWarn, "warn", caller, pairs) }
func (l *logger) error(caller string, pairs ...any) { l.line(levelError, "error", caller, pairs) }

// line writes keys and values, each value as its text or as JSON; of two values under one key the last counts, as in MetalLB.
func (l *logger) line(at int32, level, caller string, pairs []any) {
	if l.level.Load() > at {
		return
	}
	m := map[string]any{"caller": caller, "level": level, "ts": time.Now().UTC().Format(time.RFC3339)}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = plain(pairs[i+1])
	}
	l.write(m)
}

// zap writes a line of the controller runtime: the keys in the order of the call, and a stack trace in MetalLB's own programs.
func (l *logger) zap(at int32, level, name, msg string, pairs ...any) {
	if l.level.Load() > at {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"level":%q,"ts":%q`, level, time.Now().UTC().Format(time.RFC3339))
	if name != "" {
		fmt.Fprintf(&b, `,"logger":%q`, name)
	}
	fmt.Fprintf(&b, `,"msg":%s`, marshal(msg))
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&b, `,%s:%s`, marshal(fmt.Sprint(pairs[i])), marshal(plain(pairs[i+1])))
	}
	b.WriteString("}\n")
	l.mu.Lock()
	defer l.mu.Unlock()
	os.Stderr.Write(b.Bytes())
}

func (l *logger) write(m map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.out, marshal(m)+"\n")
}

// plain makes a value that JSON shows as MetalLB's logger does: errors and addresses as text.
func plain(v any) any {
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return v
}

func marshal(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintf("%q", fmt.Sprint(v))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
