package metallb

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Agreement says how far observed courses of a scenario are those that the rules predict.
type Agreement struct {
	Possible bool     // every observed course is among the predicted ones
	Exact    bool     // and there are no others
	Missing  []string // for an observed course that is not: the step and what was predicted there
	Extra    []string // predicted and not observed
	Likely   float64  // the greatest chance of one of Extra, for one run
	Met      float64  // the greatest chance that so many runs meet one of Extra; 0 when there is none
	Runs     int      // that were observed
	Events   []string // observed events that no predicted way sends
	Odds     []Odds   // of the observed courses that are predicted
}

// Course is one observed course of a scenario: Moments[0] is the state after the start, Moments[i] after the i-th operation. Events
// may be nil. It ends early where the controller never rests.
type Course struct {
	Runs    int // that took it
	Moments []Moment
	Events  [][]string
}

// branch is a set of observed courses that looked alike so far.
type branch struct {
	courses []int
	worlds  Worlds
}

// Agree follows a scenario along the observed courses.
func Agree(in Input, ops []Operation, observed []Course) (Agreement, error) {
	a := Agreement{Possible: true, Exact: true}
	s, err := NewSimulation(in)
	if err != nil {
		return a, err
	}
	all := make([]int, len(observed))
	for i := range all {
		all[i] = i
		a.Runs += observed[i].Runs
	}
	branches := []branch{{all, s.Begin()}}
	for step := 0; step <= len(ops) && len(branches) > 0; step++ {
		if step > 0 {
			if err := s.Do(ops[step-1]); err != nil {
				return a, err
			}
			for i := range branches {
				branches[i].worlds = s.After(branches[i].worlds)
			}
		}
		var next []branch
		for _, b := range branches {
			more, err := a.follow(s, b, step, step == len(ops), observed)
			if err != nil {
				return a, err
			}
			next = append(next, more...)
		}
		branches = next
	}
	a.Exact = a.Exact && a.Possible
	return a, nil
}

// follow takes one branch through one step, which may be the last.
func (a *Agreement) follow(s *Simulation, b branch, step int, last bool, observed []Course) ([]branch, error) {
	outcomes, err := s.Settle(b.worlds)
	if err != nil {
		return nil, err
	}
	groups := map[string][]int{}
	var order []string
	for _, c := range b.courses {
		key := observed[c].Moments[step].Key()
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c)
	}
	var next []branch
	for _, key := range order {
		o := outcomes[key]
		if o == nil {
			a.Possible = false
			a.Missing = append(a.Missing, describe(step, key, outcomes))
			continue
		}
		for _, c := range groups[key] {
			a.compareEvents(o, observed[c], step)
		}
		if o.Moment.Unsettled || last {
			a.Odds = append(a.Odds, o.Odds())
			continue
		}
		next = append(next, branch{groups[key], o.Worlds})
	}
	for key, o := range outcomes {
		if groups[key] == nil {
			a.Exact = false
			a.Extra = append(a.Extra, fmt.Sprintf("%s (chance %.3f)", describe(step, key, nil), o.Chance()))
			a.Likely = max(a.Likely, o.Chance())
			a.Met = max(a.Met, o.Met(a.Runs))
		}
	}
	slices.Sort(a.Extra)
	return next, nil
}

func (a *Agreement) compareEvents(o *Outcome, c Course, step int) {
	if step >= len(c.Events) {
		return
	}
	for _, e := range c.Events[step] {
		if _, ok := slices.BinarySearch(o.Events, sortedNames(e)); !ok {
			a.Events = append(a.Events, e)
		}
	}
}

// describe is a line about a step for people.
func describe(step int, key string, predicted map[string]*Outcome) string {
	text := fmt.Sprintf("step %d: %s", step, key)
	for _, k := range slices.Sorted(maps.Keys(predicted)) {
		text += "\n    predicted: " + k
	}
	return text
}

// sortedNames sorts the Services that a message lists in random order.
func sortedNames(event string) string {
	const before = "address also in use by "
	i := strings.LastIndex(event, before)
	if i < 0 {
		return event
	}
	i += len(before)
	names := strings.Split(event[i:], ",")
	slices.Sort(names)
	return event[:i] + strings.Join(names, ",")
}
