package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// passing is a cleaner that removes nothing.
type passing struct{}

func (passing) Object(Object) {}

func (passing) Text(_ string, w io.Writer) io.WriteCloser { return passer{w} }

func (passing) Known() int { return 0 }

func (passing) Again(io.Writer, io.Reader) (bool, error) { return false, nil }

func (passing) Token(string) {}

func (passing) Passed(string) string { return "" }

type passer struct{ io.Writer }

func (passer) Close() error { return nil }

func testSpool(t *testing.T, max int64) *spool {
	t.Helper()
	s, err := newSpool(filepath.Join(t.TempDir(), "x.partial"), passing{}, max, schema.Header{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testEngine(t *testing.T, l Limits) *engine {
	t.Helper()
	return newEngine(nil, testSpool(t, 1<<20), withDefaults(Options{Limits: l}).Limits, nil)
}

// writes is a step that writes text into the member of its name.
func writes(name, text string) Step {
	return Step{Name: name, Run: func(_ context.Context, w *Work) error { return w.copy(name, strings.NewReader(text)) }}
}

func TestEachStepEndsWithAStatus(t *testing.T) {
	forbidden := &Error{Status: schema.StatusForbidden, Err: errors.New("services is forbidden")}
	steps := []Step{
		writes("ok.txt", "text"),
		{Name: "empty", Run: func(context.Context, *Work) error { return nil }},
		{Name: "forbidden", Run: func(context.Context, *Work) error { return fmt.Errorf("listing: %w", forbidden) }},
		{Name: "failed", Run: func(context.Context, *Work) error { return errors.New("connection reset") }},
		{Name: "skipped", Skip: "--no-exec", Run: func(context.Context, *Work) error { panic("was run") }},
		{Name: "fault", Run: func(context.Context, *Work) error { panic("index out of range") }},
		{Name: "slow", Timeout: 20 * time.Millisecond, Run: func(ctx context.Context, _ *Work) error { <-ctx.Done(); return ctx.Err() }},
		{Name: "deaf", Timeout: 20 * time.Millisecond, Run: func(context.Context, *Work) error { select {} }},
		{Name: "cut", Run: func(_ context.Context, w *Work) error {
			return w.copy("cut.txt", strings.NewReader(strings.Repeat("x", 2<<20)))
		}},
		{Name: "noted", Run: func(_ context.Context, w *Work) error {
			w.End(schema.StatusCut)
			w.Note("the first %d lines", 7)
			return w.copy("noted.txt", strings.NewReader("x"))
		}},
	}
	want := []string{
		"ok.txt ok ", "empty empty ", "forbidden forbidden listing: services is forbidden", "failed failed connection reset", "skipped skipped --no-exec",
		"fault failed fault in the collector: index out of range", "slow timeout not done within 0s", "deaf timeout not done within 0s",
		"cut cut the limit in size is reached", "noted cut the first 7 lines",
	}
	for i, s := range testEngine(t, Limits{}).run(context.Background(), steps) {
		if got := fmt.Sprintf("%s %s %s", s.Name, s.Status, s.Error); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

// A node that hangs costs its own steps only, and not more than its time.
func TestAHangingNodeCostsItsOwnStepsOnly(t *testing.T) {
	e := testEngine(t, Limits{Deadline: 30 * time.Second, Step: 100 * time.Millisecond, Node: 250 * time.Millisecond, Workers: 4, PerNode: 2})
	var steps []Step
	for i := range 40 {
		steps = append(steps, Step{Name: fmt.Sprintf("dead-%02d", i), Node: "dead", Run: func(ctx context.Context, _ *Work) error { <-ctx.Done(); return ctx.Err() }})
	}
	for i := range 40 {
		s := writes(fmt.Sprintf("alive-%02d", i), "x")
		s.Node = fmt.Sprintf("alive-%d", i%4)
		steps = append(steps, s)
	}
	start := time.Now()
	count := map[string]int{}
	for _, s := range e.run(context.Background(), steps) {
		count[s.Node[:4]+" "+string(s.Status)]++
	}
	if count["dead timeout"] != 40 || count["aliv ok"] != 40 {
		t.Errorf("statuses: %v", count)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s: the node's steps were each waited for", took)
	}
}

func TestLoadIsBounded(t *testing.T) {
	e := testEngine(t, Limits{Workers: 5, PerNode: 2})
	var now, most, node, mostOfNode atomic.Int64
	var steps []Step
	for i := range 60 {
		s := Step{Name: fmt.Sprint(i), Run: func(context.Context, *Work) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			if i%3 == 0 {
				mostOfNode.Store(max(mostOfNode.Load(), node.Add(1)))
				defer node.Add(-1)
			}
			time.Sleep(2 * time.Millisecond)
			return nil
		}}
		if i%3 == 0 {
			s.Node = "a"
		}
		steps = append(steps, s)
	}
	e.run(context.Background(), steps)
	if most.Load() > 5 || most.Load() < 2 || mostOfNode.Load() > 2 {
		t.Errorf("%d steps at once, %d on one node; 5 and 2 are allowed", most.Load(), mostOfNode.Load())
	}
}

// The deadline and Ctrl-C end what runs and what waits, and each step says which it was.
func TestEndsBeforeItsTime(t *testing.T) {
	hang := Step{Name: "hangs", Run: func(ctx context.Context, w *Work) error {
		out, err := w.Create("part.txt")
		if err != nil {
			return err
		}
		defer out.Close()
		_, _ = io.WriteString(out, "half")
		<-ctx.Done()
		return ctx.Err()
	}}
	for _, c := range []struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		want []string
	}{
		{"deadline", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 50*time.Millisecond)
		},
			[]string{"hangs timeout the deadline of 3s came", "waits timeout the deadline of 3s came before it"}},
		{"interrupt", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(context.Background())
			time.AfterFunc(50*time.Millisecond, func() { cancel(ErrInterrupted) })
			return ctx, func() { cancel(nil) }
		}, []string{"hangs timeout interrupted", "waits timeout the collection was interrupted before it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := testEngine(t, Limits{Deadline: 3 * time.Second, Workers: 1})
			ctx, cancel := c.ctx()
			defer cancel()
			for i, s := range e.run(ctx, []Step{hang, writes("waits", "x")}) {
				if got := fmt.Sprintf("%s %s %s", s.Name, s.Status, s.Error); got != c.want[i] {
					t.Errorf("got  %s\nwant %s", got, c.want[i])
				}
			}
			if data, err := os.ReadFile(e.spool.file("part.txt")); string(data) != "half" {
				t.Errorf("what came before is %q, %v", data, err)
			}
		})
	}
}

func TestMembersStayInTheBundle(t *testing.T) {
	for _, path := range []string{"../x", "/etc/x", "logs/../../x", ""} {
		r := testEngine(t, Limits{}).run(context.Background(), []Step{{Name: "s", Run: func(_ context.Context, w *Work) error { return w.copy(path, strings.NewReader("x")) }}})
		if r[0].Status != schema.StatusFailed || !strings.Contains(r[0].Error, "leads out of the bundle") {
			t.Errorf("%q: %+v", path, r[0])
		}
	}
}

func TestRoomOnDisk(t *testing.T) {
	if n, err := roomOn("x/y", 1<<30, 4<<30); n != 3<<28 || err != nil {
		t.Errorf("of 1 GiB: %d, %v", n, err)
	}
	if n, err := roomOn("x/y", 100<<30, 4<<30); n != 4<<30 || err != nil {
		t.Errorf("of 100 GiB: %d, %v", n, err)
	}
	if _, err := roomOn("x/y", 10<<20, 4<<30); err == nil || !strings.Contains(err.Error(), "x has 10 MiB of room left") {
		t.Errorf("of 10 MiB: %v", err)
	}
}

// What follows after a wait has the node's time once more.
func TestTimeOfANodeAnew(t *testing.T) {
	e := testEngine(t, Limits{Deadline: 30 * time.Second, Node: 50 * time.Millisecond})
	here := func() schema.Step {
		s := writes(fmt.Sprint(time.Now().UnixNano()), "text")
		s.Node = "a"
		return e.run(context.Background(), []Step{s})[0]
	}
	if s := here(); s.Status != schema.StatusOK {
		t.Fatal(s)
	}
	time.Sleep(60 * time.Millisecond)
	if s := here(); s.Status != schema.StatusTimeout {
		t.Error("its time was not used up", s)
	}
	e.anew()
	if s := here(); s.Status != schema.StatusOK {
		t.Error(s)
	}
}
