package decisions

import (
	"encoding/json"
	"fmt"
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

// compareAssign: every observed course, with its events, is among the predicted ones; where few were observed, no other is predicted
// that the runs should have shown (the statistical criterion). It is exact where the predicted courses are just the observed ones; where
// few were observed and it is not, the literal criterion is not met, which Unmet says.
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
	case !a.Exact && len(courses) <= few && a.Chance() < tooUnlikely:
		return Result{Diff: fmt.Sprintf("predicted and not observed in %d runs: %s", a.Runs, strings.Join(a.Extra, "; "))}
	case !a.Exact && len(courses) <= few:
		return Result{Unmet: fmt.Sprintf("%d runs met %d courses, %d more possible: the likeliest has a chance of %.3f a run and stays unmet with %.2g",
			a.Runs, len(courses), len(a.Extra), a.Likely, a.Chance())}
	}
	return Result{Exact: a.Exact}
}

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
