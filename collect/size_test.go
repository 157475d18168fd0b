package collect

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// packed packs members of some classes into a bundle of at most limit bytes and reads it back.
func packed(t *testing.T, limit int64, classes map[string]Class, content map[string]string) (size int64, members map[string]string, steps map[string]schema.Step) {
	t.Helper()
	sp := testSpool(t, 1<<30)
	r := &Result{spool: sp}
	e := newEngine(nil, sp, withDefaults(Options{}).Limits, nil)
	var all []Step
	for path, text := range content {
		all = append(all, Step{Name: path, Class: classes[path], Namespace: "ns", Pod: "pod", Container: "speaker",
			Run: func(_ context.Context, w *Work) error { return w.copy(path, strings.NewReader(text)) }})
	}
	r.Steps = e.run(context.Background(), all)
	var out bytes.Buffer
	size, err := r.Pack(&out, limit)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open("x.tgz", &out, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	members, steps = map[string]string{}, map[string]schema.Step{}
	for m, err := range b.Members() {
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(m.Body); err != nil {
			t.Fatal(err)
		}
		members[m.Path] = text.String()
	}
	for _, s := range b.Trailer().Steps {
		steps[s.Name] = s
	}
	return size, members, steps
}

// noisyLog has lines that do not compress well; one in ten is at level info, and the last change is at a share of it.
func noisyLog(seed uint64, lines int, change float64) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for i := range lines {
		level := "debug"
		if i%10 == 0 {
			level = "info"
		}
		if i == int(float64(lines)*change) {
			b.WriteString(`2026-11-24T10:00:00Z {"event":"serviceAnnounced","level":"info","msg":"the last change"}` + "\n")
		}
		fmt.Fprintf(&b, `2026-11-24T10:00:00Z {"level":"%s","msg":"%016x%016x"}`+"\n", level, rng.Uint64(), rng.Uint64())
	}
	return b.String()
}

func TestBundleKeepsToASize(t *testing.T) {
	content := map[string]string{"objects/core/services/a.yaml": strings.Repeat("kind: Service\n", 1000), "describe/a/service/x.txt": "Name: x\n",
		"logs/ns/announcer/speaker.log": noisyLog(1, 12000, 0.3)}
	classes := map[string]Class{"objects/core/services/a.yaml": ClassObjects, "describe/a/service/x.txt": ClassState, "logs/ns/announcer/speaker.log": ClassAnnouncers}
	for i := range uint64(4) {
		path := fmt.Sprintf("logs/ns/other-%d/speaker.log", i)
		content[path], classes[path] = noisyLog(2+i, 12000, 0.5), ClassLogs
	}
	size, members, _ := packed(t, 0, classes, content)
	for path, text := range content {
		if members[path] != text {
			t.Fatalf("without a limit %s is not whole", path)
		}
	}
	for _, share := range []float64{0.9, 0.4, 0.15, 0.08, 0.05} {
		limit := int64(float64(size) * share)
		n, members, steps := packed(t, limit, classes, content)
		if n > limit {
			t.Errorf("limit %d: %d bytes", limit, n)
		}
		if n < limit/2 && share >= 0.4 {
			t.Errorf("limit %d: only %d bytes are used", limit, n)
		}
		for path, text := range content {
			if members[path] != text && (steps[path].Status != schema.StatusCut || !strings.Contains(steps[path].Error, "left out") && !strings.Contains(steps[path].Error, "only its beginning")) {
				t.Errorf("limit %d: %s is not whole, and its step says %s: %s", limit, path, steps[path].Status, steps[path].Error)
			}
			if classes[path] <= ClassState && members[path] != text {
				t.Errorf("limit %d: %s is not whole", limit, path)
			}
		}
		announcer := members["logs/ns/announcer/speaker.log"]
		if share >= 0.4 && announcer != content["logs/ns/announcer/speaker.log"] {
			t.Errorf("limit %d: the announcer's log is cut, though others have room to give", limit)
		}
		if !strings.Contains(announcer, "the last change") {
			t.Errorf("limit %d: the announcer's log of %d bytes has lost its last change", limit, len(announcer))
		}
	}
}

// Objects that are larger than the limit by themselves are no bundle that pretends to be whole.
func TestObjectsLargerThanTheLimit(t *testing.T) {
	sp := testSpool(t, 1<<30)
	r := &Result{spool: sp}
	text := noisyLog(1, 4000, 0.5)
	e := newEngine(nil, sp, withDefaults(Options{}).Limits, nil)
	r.Steps = e.run(context.Background(), []Step{writes("objects/core/services/a.yaml", text)})
	if n, err := r.Pack(&bytes.Buffer{}, 10_000); err == nil {
		t.Errorf("packed into %d bytes", n)
	}
}
