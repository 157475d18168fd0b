package logs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// FuzzParse reads anything as any kind of log in any wrapper: nothing may panic, each line is counted once, and each piece of evidence
// opens to its quote.
func FuzzParse(f *testing.F) {
	for _, path := range glob(f) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, byte(0), byte(0))
		for i, line := range strings.SplitAfter(string(text), "\n") {
			if i%3 == 0 {
				f.Add([]byte(line), byte(i), byte(0))
			}
		}
	}
	kinds := []schema.Kind{schema.KindLog, schema.KindFRRLog, schema.KindReload, schema.KindOtherLog}
	wraps := []schema.Wrap{schema.WrapNone, schema.WrapTimestamps, schema.WrapDocker, schema.WrapCRI, schema.WrapPrefix, schema.WrapStern}
	f.Fuzz(func(t *testing.T, data []byte, kind, wrap byte) {
		o := schema.Origin{Kind: kinds[int(kind)%len(kinds)], Wrap: wraps[int(wrap)%len(wraps)]}
		out, seen := parse(t, o, string(data))
		physical := strings.Split(string(data), "\n")
		if seen.Lines > len(physical) || seen.Ignored < 0 || seen.Taken < 0 {
			t.Fatalf("%+v of %d lines", seen, len(physical))
		}
		// pieces of one line count together, so the sum may be smaller
		if sum := seen.Taken + seen.Ignored + seen.Unread; sum > seen.Lines || o.Wrap != schema.WrapCRI && o.Wrap != schema.WrapDocker && sum != seen.Lines {
			t.Fatalf("taken %d, ignored %d, unread %d of %d lines", seen.Taken, seen.Ignored, seen.Unread, seen.Lines)
		}
		for _, l := range out.Logs {
			for _, e := range l.Events {
				checkEvent(t, e, physical)
			}
		}
	})
}

func checkEvent(t *testing.T, e *model.LogEvent, physical []string) {
	t.Helper()
	for _, s := range append([]model.Seen{e.First, e.Last}, e.Recent...) {
		if s.Src.Line < 1 || s.Src.Line > len(physical) {
			t.Fatalf("%s: line %d of %d", e.ID, s.Src.Line, len(physical))
		}
		quote := strings.TrimSuffix(s.Src.Quote, "…")
		line := strings.TrimSpace(strings.ToValidUTF8(physical[s.Src.Line-1], "\uFFFD"))
		if len(line) < 380 && !strings.HasPrefix(line, quote) {
			t.Fatalf("%s: line %d is %q, quoted %q", e.ID, s.Src.Line, line, quote)
		}
	}
	if e.ID == "" || e.Count < 1 {
		t.Fatalf("event %+v", e)
	}
}
