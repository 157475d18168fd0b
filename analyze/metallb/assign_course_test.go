package metallb_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/scripts/corpus/decisions"
)

// eachAssign calls f for each line of the slices of decisions about assignment, or of the folder that DECISIONS names.
func eachAssign(t *testing.T, f func(*testing.T, *decisions.Line)) {
	dir := "testdata/decisions"
	if d := os.Getenv("DECISIONS"); d != "" {
		dir = d
	}
	paths, err := filepath.Glob(filepath.Join(dir, "assign-*.jsonl.gz"))
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".jsonl.gz"), func(t *testing.T) {
			r, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			n := 0
			err = decisions.Each(r, func(l *decisions.Line) {
				n++
				f(t, l)
			})
			if err != nil || n < 30 {
				t.Errorf("%d scenarios, %v", n, err)
			}
		})
	}
}

// What real controllers did is among what the rules predict, and the rules predict nothing that they should have done too.
func TestCoursesOfRealControllersArePredicted(t *testing.T) {
	eachAssign(t, func(t *testing.T, l *decisions.Line) {
		if r := decisions.Kinds["assign"](l); r.Diff != "" {
			t.Errorf("%s: %s", l.ID, r.Diff)
		}
	})
}

// The chances of courses are right: as many scenarios show all that is possible, or more than a few courses, as should by chance.
func TestChancesFitRealControllers(t *testing.T) {
	met, expected, variance := 0., 0., 0.
	eachAssign(t, func(_ *testing.T, l *decisions.Line) {
		r := decisions.Kinds["assign"](l)
		if r.Diff == "" && r.Unmet == "" {
			met++
		}
		expected += r.Equal
		variance += r.Equal * (1 - r.Equal)
	})
	if spread := math.Sqrt(variance); math.Abs(met-expected) > 3*max(spread, 1) {
		t.Errorf("%.0f scenarios show all courses, want %.1f ± %.1f", met, expected, spread)
	}
}

// The explanation of a moment fits what the controller did then: it lets each Service keep the addresses that it has, and for a
// Service that was refused in the last step it has a reason and MetalLB's own words.
func TestExplanationsFitRealMoments(t *testing.T) {
	eachAssign(t, func(t *testing.T, l *decisions.Line) {
		var out struct {
			Outcomes []struct {
				Steps []struct {
					Services  map[string][]string
					PoolError string
				}
				Events [][]string
			}
		}
		if err := json.Unmarshal(l.Output, &out); err != nil {
			t.Fatal(err)
		}
		var ops []json.RawMessage
		if err := json.Unmarshal(l.Input.Ops, &ops); err != nil {
			t.Fatal(err)
		}
		for _, o := range out.Outcomes {
			// The state after the start, where the objects of the input are all that there is.
			first := o.Steps[0]
			if first.Services == nil || first.PoolError != "" {
				continue
			}
			in := l.Asked()
			cfg, no := metallb.ParseConfig(in, metallb.Controller, "")
			if no != nil {
				continue
			}
			for _, svc := range in.Objects.Services {
				svc.Ingress = nil
				if list := first.Services[svc.Key()]; len(list) > 0 {
					for _, ip := range list[1:] {
						svc.Ingress = append(svc.Ingress, model.Ingress{IP: ip})
					}
				}
			}
			stock := metallb.NewStock(in, cfg, in.Objects.Services)
			for _, svc := range in.Objects.Services {
				explained(t, l.ID, svc, stock.Assign(svc), first.Services[svc.Key()], o.Events[0])
			}
		}
	})
}

func explained(t *testing.T, id string, svc *model.Service, a metallb.Assignment, has, events []string) {
	t.Helper()
	switch {
	case len(has) > 0 && has[0] != "":
		bad := slices.ContainsFunc(events, func(e string) bool { return strings.HasPrefix(e, svc.Key()+" Warning LoadBalancerFailed") })
		if (!a.Keeps || a.Lost != nil || a.Pool != has[0]) && !bad {
			t.Errorf("%s: %s has %q, and the explanation says %+v, lost %+v", id, svc.Key(), has, a, a.Lost)
		}
	case len(has) == 0 && svc.Type == "LoadBalancer":
		if a.MayFail {
			return
		}
		if len(a.Grants) > 0 || a.Sentence(svc) == "" {
			t.Errorf("%s: %s has nothing, and the explanation says %q, %+v", id, svc.Key(), a.Sentence(svc), a)
		}
		if a.Error == "" {
			return
		}
		for _, e := range events {
			if strings.HasPrefix(e, svc.Key()+" Warning AllocationFailed: ") && strings.HasSuffix(e, ": "+a.Error) {
				return
			}
		}
		if !strings.Contains(a.Error, "also in use by") && a.Reasons == nil {
			t.Errorf("%s: %s: no event says %q: %q", id, svc.Key(), a.Error, events)
		}
	}
}
