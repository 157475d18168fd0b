package logs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// describe writes what a log says, one event a line.
func describe(l *model.Log) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log component=%s version=%s node=%s lines=%d unread=%d debug=%v starts=%d first=%s last=%s\n",
		l.Component, l.Version, l.Node, l.Lines, l.Unread, l.Debug, l.Starts, stamp(l.First), stamp(l.Last))
	for _, e := range l.Events {
		fmt.Fprintf(&b, "%d-%d %dx %s %s %q", e.First.Src.Line, e.Last.Src.Line, e.Count, e.ID, e.Level, e.Text)
		for _, f := range []struct{ name, value string }{
			{"service", e.Service}, {"ips", strings.Join(e.IPs, ",")}, {"pool", e.Pool}, {"protocol", e.Protocol}, {"peer", e.Peer}, {"node", e.Node},
			{"interface", e.Interface}, {"reason", e.Reason}, {"error", e.Error}, {"value", e.Value}, {"nodes", strings.Join(e.Nodes, ",")}} {
			if f.value != "" {
				fmt.Fprintf(&b, " %s=%q", f.name, f.value)
			}
		}
		if e.Benign {
			b.WriteString(" benign")
		}
		if len(e.Recent) > 0 {
			fmt.Fprintf(&b, " recent=%d", len(e.Recent))
		}
		b.WriteByte('\n')
	}
	for _, d := range l.Dumps {
		fmt.Fprintf(&b, "dump %s line %d: %s\n", d.What, d.Seen.Src.Line, d.Text)
	}
	return b.String()
}

func stamp(t interface{ Format(string) string }) string {
	return t.Format("2006-01-02T15:04:05.999999999Z07:00")
}

// TestLogs reads each log of testdata and compares what it says with the file beside it; UPDATE=1 writes these.
func TestLogs(t *testing.T) {
	for _, path := range glob(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			o := originOf(path)
			out, seen := parse(t, o, string(text))
			var b strings.Builder
			for _, l := range out.Logs {
				b.WriteString(describe(l))
			}
			fmt.Fprintf(&b, "seen taken=%d ignored=%d unread=%d lines=%d first unread=%q\n", seen.Taken, seen.Ignored, seen.Unread, seen.Lines, seen.Src.Quote)
			want := strings.TrimSuffix(path, ".log") + ".want"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(want, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != string(golden) {
				t.Errorf("got\n%s\nwant\n%s", got, golden)
			}
			checkQuotes(t, out, strings.Split(string(text), "\n"))
		})
	}
}

// checkQuotes opens each piece of evidence.
func checkQuotes(t *testing.T, out *model.Observations, lines []string) {
	t.Helper()
	for _, l := range out.Logs {
		for _, e := range l.Events {
			for _, s := range append([]model.Seen{e.First, e.Last}, e.Recent...) {
				if s.Src.Line < 1 || s.Src.Line > len(lines) {
					t.Fatalf("%s: line %d of %d", e.ID, s.Src.Line, len(lines))
				}
				quote, line := strings.TrimSuffix(s.Src.Quote, "…"), strings.TrimSpace(lines[s.Src.Line-1])
				if !strings.HasPrefix(line, quote) || quote == "" {
					t.Errorf("%s: line %d is %q, quoted %q", e.ID, s.Src.Line, line, quote)
				}
			}
		}
	}
}

func glob(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.log")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	return paths
}

func originOf(path string) schema.Origin {
	o := schema.Origin{Path: path, Kind: schema.KindLog}
	switch filepath.Base(path) {
	case "frr.log":
		o.Kind = schema.KindFRRLog
	case "reloader.log":
		o.Kind = schema.KindReload
	case "prefix.log":
		o.Wrap = schema.WrapPrefix
	case "stern.log":
		o.Wrap = schema.WrapStern
	case "other.log":
		o.Kind = schema.KindOtherLog
	}
	return o
}
