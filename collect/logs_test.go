package collect

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// written is a cluster with one container's log.
type written struct {
	Cluster
	log   string
	asked []LogQuery
}

func (w *written) Log(_ context.Context, q LogQuery) (io.ReadCloser, error) {
	w.asked = append(w.asked, q)
	text := w.log
	if q.TailLines > 0 {
		lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
		text = strings.Join(lines[max(len(lines)-int(q.TailLines), 0):], "") + "\n"
	}
	if q.MaxBytes > 0 {
		text = text[:min(len(text), int(q.MaxBytes))]
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func logOf(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "2026-11-24T10:%02d:%02d.%09dZ line %d %s\n", i/60000%60, i/1000%60, i%1000*1000000, i, strings.Repeat("x", i%50))
	}
	return b.String()
}

func readOne(t *testing.T, c Cluster, tail int64) (string, schema.Step) {
	t.Helper()
	e := newEngine(c, testSpool(t, 1<<30), withDefaults(Options{}).Limits, nil)
	r := e.run(context.Background(), []Step{{Name: "log", Run: func(ctx context.Context, w *Work) error {
		return readLog(ctx, w, LogQuery{Container: Container{"ns", "pod", "speaker"}}, "logs/ns/pod/speaker.log", false, tail)
	}}})
	data, err := os.ReadFile(e.spool.file("logs/ns/pod/speaker.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data), r[0]
}

// Whatever the log's size, what is there is there once, in order, and a gap is told.
func TestLogHeadAndTail(t *testing.T) {
	for _, lines := range []int{0, 1, 100, 5_000, 6_000, 7_000, 9_000, 30_000} {
		log := logOf(lines)
		got, step := readOne(t, &written{log: log}, 128<<10)
		whole := len(log) <= logHead+100<<10
		switch {
		case lines == 0 && (got != "" || step.Status != schema.StatusEmpty):
			t.Errorf("an empty log is %q, %s", got, step.Status)
		case whole && got != log:
			t.Errorf("%d lines: %d of %d bytes, %s: %s", lines, len(got), len(log), step.Status, step.Error)
		case !whole:
			head, tail, ok := strings.Cut(got, schema.LogGap+"\n")
			head = head[:strings.LastIndexByte(strings.TrimSuffix(head, "\n"), '\n')+1] // without the gap's time
			if ok != (step.Status == schema.StatusCut) || ok && (!strings.HasPrefix(log, head) || !strings.HasSuffix(log, tail) || len(tail) < 60<<10 || len(head) < logHead-200) {
				t.Errorf("%d lines: gap %v, %d and %d bytes of %d, %s: %s", lines, ok, len(head), len(tail), len(log), step.Status, step.Error)
			}
			if !ok && got != log {
				t.Errorf("%d lines: no gap, and %d of %d bytes", lines, len(got), len(log))
			}
		}
	}
}

// A log of one program is asked for in two requests, neither of which brings the middle.
func TestLogAsksForNoMore(t *testing.T) {
	w := &written{log: logOf(30_000)}
	_, _ = readOne(t, w, 128<<10)
	if len(w.asked) != 2 || w.asked[0].MaxBytes != logHead || w.asked[1].TailLines == 0 || w.asked[1].TailLines > 5000 {
		t.Errorf("asked %+v", w.asked)
	}
}

// Lines at the end that are much longer than those at the beginning do not go beyond the limit.
func TestLogWithLongLines(t *testing.T) {
	log := logOf(8_000) + strings.Repeat("2026-11-24T23:00:00Z "+strings.Repeat("y", 1<<20)+"\n", 20)
	got, step := readOne(t, &written{log: log}, 128<<10)
	if step.Status != schema.StatusCut || len(got) > logHead+3*128<<10 {
		t.Errorf("%d bytes, %s: %s", len(got), step.Status, step.Error)
	}
}
