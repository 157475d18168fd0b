package analyze

import (
	"io"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func TestNewestFirst(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       bool
	}{
		{"in order", `{"msg":"a","ts":"2026-01-02T10:00:00Z"}` + "\n" + `{"msg":"b","ts":"2026-01-02T10:00:01Z"}`, false},
		{"newest first", `{"msg":"b","ts":"2026-01-02T10:00:01Z"}` + "\n" + `{"msg":"a","ts":"2026-01-02T10:00:00Z"}`, true},
		{"of FRR", "2026/01/02 10:00:01 BGP: b is here\n2026/01/02 10:00:00 BGP: a is here", true},
		{"with timestamps in front", "2026-01-02T10:00:01.000000002Z b\n2026-01-02T10:00:01.000000001Z a", true},
		{"two logs behind each other", strings.Repeat(`{"ts":"2026-01-02T10:00:00Z"}`+"\n"+`{"ts":"2026-01-02T10:00:01Z"}`+"\n", 2), false},
		{"one moment", strings.Repeat(`{"ts":"2026-01-02T10:00:00Z"}`+"\n", 5), false},
		{"no times", "panic: a\ngoroutine 1", false},
		{"nothing", "", false},
	} {
		if got := newestFirst([]byte(tc.text)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// What is read in the order of time is told by the lines as attached.
func TestTurned(t *testing.T) {
	r, last, whole := turn(strings.NewReader(`{"msg":"b","ts":"2026-01-02T10:00:01Z"}` + "\n" + `{"msg":"a","ts":"2026-01-02T10:00:00Z"}` + "\n"))
	data, err := io.ReadAll(r)
	if err != nil || last != 2 || !whole || !strings.HasPrefix(string(data), `{"msg":"a"`) {
		t.Fatalf("%q, %d lines, whole %v, %v", data, last, whole, err)
	}
	turned := []model.Turned{{Path: "a.md", First: 11, Last: 20}}
	for line, want := range map[int]int{10: 10, 11: 20, 12: 19, 20: 11, 21: 21} {
		report := &schema.Report{Findings: []schema.Finding{{Evidence: []schema.Evidence{{Member: "a.md", Line: line}, {Member: "b.md", Line: line}}}}}
		unturn(report, turned)
		if e := report.Findings[0].Evidence; e[0].Line != want || e[1].Line != line {
			t.Errorf("line %d became %d, and %d of another file", line, e[0].Line, e[1].Line)
		}
	}
}
