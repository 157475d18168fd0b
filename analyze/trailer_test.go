package analyze_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// bundleOf is the report of a bundle of these members, whose steps ended so.
func bundleOf(t *testing.T, members map[string]string, steps []schema.Step) *schema.Report {
	t.Helper()
	var file bytes.Buffer
	w, err := bundle.NewWriter(&file, schema.Header{})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range members {
		if err := w.Add(schema.MemberEntry{Path: path}, int64(len(text)), strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(schema.Time{}, steps); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open("x.tgz", &file, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(context.Background(), b, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const refusedOnce = `2026-11-24T10:00:00Z {"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"shop/gone","ts":"2026-11-24T10:00:00Z"}
2026-11-24T10:00:00Z {"caller":"service.go:140","error":"no available IPs","level":"error","msg":"IP allocation failed","op":"allocateIPs","ts":"2026-11-24T10:00:00Z"}
`

// A Service that only a log names is no row where the collection listed all Services: it is gone.
func TestServiceThatIsGone(t *testing.T) {
	members := map[string]string{"logs/metallb-system/controller-0/controller.log": refusedOnce}
	services := schema.Step{Name: "objects/core/services", Status: schema.StatusEmpty}
	if r := bundleOf(t, members, []schema.Step{services}); len(r.Services) != 0 {
		t.Errorf("rows %+v", r.Services)
	}
	services.Status, services.Error = schema.StatusForbidden, "the caller may not list services"
	r := bundleOf(t, members, []schema.Step{services})
	if len(r.Services) != 1 || r.Services[0].Key() != "shop/gone" {
		t.Errorf("where Services could not be listed the rows are %+v", r.Services)
	}
	told := false
	for _, u := range r.Unknowns {
		told = told || strings.Contains(u.Why, "1 step ended as forbidden: objects/core/services (the caller may not list services)")
	}
	if !told {
		t.Errorf("what is missing is not told: %+v", r.Unknowns)
	}
}

// Steps of one fate are told together; those that the call ruled out are not told.
func TestMissingStepsAreGrouped(t *testing.T) {
	var steps []schema.Step
	for _, name := range strings.Fields("a b c d e f g") {
		steps = append(steps, schema.Step{Name: name, Status: schema.StatusTimeout, Error: "not done within 20s"}, schema.Step{Name: "x" + name, Status: schema.StatusSkipped, Error: "--no-exec"})
	}
	var whys []string
	for _, u := range bundleOf(t, nil, steps).Unknowns {
		if strings.Contains(u.Question, "collection") {
			whys = append(whys, u.Why)
		}
	}
	if len(whys) != 1 || whys[0] != "7 steps ended as timeout: a, b, c, d, e and 2 more (not done within 20s)" {
		t.Errorf("told: %q", whys)
	}
}
