package decisions

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/parse/kube"
)

func init() { Kinds["assign"] = compareAssign }

// operation is one of a scenario's ops.
type operation struct {
	Op     string
	Object json.RawMessage // of apply
	Name   string          // of delete: NAMESPACE/NAME; of deletePool: a name
}

// assignOutput is what real controllers did: each different course with the number of runs that took it.
type assignOutput struct {
	Outcomes []struct {
		N     int
		Steps []struct {
			Services  map[string][]string
			PoolError string
			Unsettled bool
			Churning  []string
		}
		Events [][]string
	}
}

// few is the number of observed courses up to which the predicted set has to be just these: more of them say that the runs did not
// show all.
const few = 3

// tooUnlikely is the chance below which the runs should not have missed a predicted course.
const tooUnlikely = 0.001

// compareAssign: every observed course, with its events, is among the predicted ones. Where few were observed, the predicted set should
// be exactly these. What is predicted is every course that is possible, with its chance, and a course that one run in 64 takes (two
// choices of a pool that Go's order of a map makes one in eight each) stays unmet in two of three sets of 24 runs. So further courses
// agree where the runs may have missed them; Unmet says that the two sets are not equal, and Equal how likely they are to be. A
// further course that the runs should have shown, by tooUnlikely, disagrees.
func compareAssign(l *Line) Result {
	ops, err := l.operations()
	if err != nil {
		return Result{Diff: err.Error()}
	}
	courses, err := l.courses()
	if err != nil {
		return Result{Diff: err.Error()}
	}
	a, err := metallb.Agree(l.Asked(), ops, courses)
	switch {
	case err != nil:
		return Result{Diff: err.Error()}
	case !a.Possible:
		return Result{Diff: "observed and not predicted: " + strings.Join(a.Missing, "; ")}
	case len(a.Events) > 0:
		return Result{Diff: "events that are not predicted: " + strings.Join(a.Events, "; ")}
	}
	r := Result{Exact: a.Exact, Equal: 1}
	possible := a.Odds
	if !a.Exact {
		possible, err = metallb.Courses(l.Asked(), ops)
	}
	if err == nil { // of too many courses more than few are met
		r.Equal = showsAll(possible, a.Runs, few)
	}
	switch {
	case a.Exact || len(courses) > few:
	case 1-a.Met < tooUnlikely:
		r.Diff = fmt.Sprintf("predicted and not observed in %d runs: %s", a.Runs, strings.Join(a.Extra, "; "))
	default:
		r.Unmet = fmt.Sprintf("%d runs met %d courses, %d more possible: the likeliest has a chance of %.3f a run and stays unmet with %.2g",
			a.Runs, len(courses), len(a.Extra), steady(a.Likely), steady(1-a.Met))
	}
	return r
}

// steady takes away what the order of a sum adds, so that a figure is printed the same each time.
func steady(x float64) float64 { return math.Round(x*1e9) / 1e9 }

func (l *Line) operations() ([]metallb.Operation, error) {
	var raw []operation
	if err := json.Unmarshal(l.Input.Ops, &raw); err != nil {
		return nil, err
	}
	ops := make([]metallb.Operation, 0, len(raw))
	for _, o := range raw {
		switch o.Op {
		case "apply":
			objects := kube.DecodeObjects([]json.RawMessage{o.Object})
			ops = append(ops, metallb.Operation{Apply: &objects})
		case "delete":
			ops = append(ops, metallb.Operation{Delete: o.Name})
		case "deletePool":
			ops = append(ops, metallb.Operation{DeletePool: o.Name})
		case "restart":
			ops = append(ops, metallb.Operation{Restart: true})
		default:
			return nil, fmt.Errorf("operation %q", o.Op)
		}
	}
	return ops, nil
}

func (l *Line) courses() ([]metallb.Course, error) {
	var out assignOutput
	if err := json.Unmarshal(l.Output, &out); err != nil {
		return nil, err
	}
	var courses []metallb.Course
	for _, o := range out.Outcomes {
		c := metallb.Course{Runs: o.N, Events: o.Events}
		for _, s := range o.Steps {
			c.Moments = append(c.Moments, metallb.Moment(s))
		}
		courses = append(courses, c)
	}
	return courses, nil
}
