package analyze

import (
	"fmt"
	"slices"
	"sort"

	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/schema"
)

// found is a finding on its way into the report.
type found struct {
	check.Finding
	check   *check.Check
	cause   check.Cause
	order   int      // in which it was reported: the catalogue's order
	id      string   // given last
	because []*found // causes that it is a consequence of, for all of its Services
	listed  []string // Services in whose list it stands
}

func (f *found) phase() schema.Phase {
	if f.Phase != "" {
		return f.Phase
	}
	return f.cause.Phase
}

// runChecks runs the catalogue over a view.
func runChecks(v *check.View) []*found {
	var all []*found
	for _, c := range check.Catalogue {
		cause, ok := check.CauseOf(c.Cause)
		if !ok {
			panic("analyze: check for an unknown cause " + c.Cause)
		}
		same := map[saying]*found{}
		c.Run(v, func(f check.Finding) {
			f = complete(f)
			if len(f.Evidence) == 0 {
				return // a finding without evidence does not exist
			}
			k := sayingOf(f)
			if g := same[k]; g != nil {
				g.merge(f)
				return
			}
			same[k] = &found{Finding: f, check: c, cause: cause, order: len(all)}
			all = append(all, same[k])
		})
	}
	return all
}

// saying is what two findings of one check have in common where they say the same of other Services or from another place.
type saying struct {
	is, should, clause string
	severity           schema.Severity
	state              schema.State
	cluster            bool
}

func sayingOf(f check.Finding) saying {
	return saying{f.Is, f.Should, f.Clause, f.Severity, f.State, len(f.Services) == 0}
}

// merge adds a finding to one that says the same.
func (f *found) merge(g check.Finding) {
	f.Services = append(f.Services, g.Services...)
	f.Objects = append(f.Objects, g.Objects...)
	f.Evidence = append(f.Evidence, g.Evidence...)
	f.Finding = complete(f.Finding)
}

// complete fills in what a check may leave out, and drops evidence that points nowhere.
func complete(f check.Finding) check.Finding {
	if f.Severity == "" {
		f.Severity = schema.Error
	}
	if f.Confidence == "" {
		f.Confidence = schema.Proven
	}
	if f.State == "" {
		f.State = schema.StateFailed
	}
	var kept []schema.Evidence
	for _, e := range f.Evidence {
		if e.Member != "" && (e.Line > 0 || e.Packet > 0) && !slices.Contains(kept, e) {
			kept = append(kept, e)
		}
	}
	f.Evidence = kept
	var objects []schema.Object
	for _, o := range f.Objects {
		if !slices.Contains(objects, o) {
			objects = append(objects, o)
		}
	}
	f.Objects = objects
	sort.Strings(f.Services)
	f.Services = slices.Compact(f.Services)
	return f
}

// fold sorts findings into cause and consequence: one that another explains, for all of its Services, is listed for none and
// names its causes. An explanation holds between findings that share a Service, or where one of them is the cluster's.
func fold(all []*found) {
	explainers := map[string][]*found{} // by the cause that they explain
	for _, g := range all {
		for _, cause := range g.check.Explains {
			explainers[cause] = append(explainers[cause], g)
		}
	}
	for _, f := range all {
		explained := map[string]bool{}
		var causes []*found
		for _, g := range explainers[f.check.Cause] {
			if g == f || !explains(g, f) {
				continue
			}
			shared := share(g.Services, f.Services)
			if len(g.Services) == 0 || len(f.Services) == 0 {
				shared = f.Services
				if len(f.Services) == 0 {
					shared = []string{""}
				}
			}
			if len(shared) == 0 {
				continue
			}
			causes = append(causes, g)
			for _, s := range shared {
				explained[s] = true
			}
		}
		for _, s := range f.Services {
			if !explained[s] {
				f.listed = append(f.listed, s)
			}
		}
		if len(causes) > 0 && len(f.listed) == 0 {
			f.because = causes
		}
	}
}

// explains tells whether g, whose check names f's cause among its consequences, weighs enough: only errors explain errors.
func explains(g, f *found) bool {
	return g.Severity != schema.Info && (g.Severity != schema.Warning || f.Severity != schema.Error)
}

// byService has the findings that each Service lists.
func byService(all []*found) map[string][]*found {
	of := map[string][]*found{}
	for _, f := range all {
		if len(f.because) > 0 {
			continue
		}
		for _, s := range f.listed {
			of[s] = append(of[s], f)
		}
	}
	return of
}

func share(a, b []string) []string {
	var both []string
	for _, s := range a {
		if slices.Contains(b, s) {
			both = append(both, s)
		}
	}
	return both
}

// read orders findings as a reader wants them: errors, warnings, infos; each by the ladder, then rank, confidence and the order of
// the catalogue.
func read(fs []*found) {
	sort.SliceStable(fs, func(i, j int) bool {
		a, b := fs[i], fs[j]
		if x, y := severityRank(a.Severity), severityRank(b.Severity); x != y {
			return x < y
		}
		if x, y := a.phase().Rank(), b.phase().Rank(); x != y {
			return x < y
		}
		if a.Rank != b.Rank {
			return a.Rank > b.Rank
		}
		if x, y := confidenceRank(a.Confidence), confidenceRank(b.Confidence); x != y {
			return x < y
		}
		return a.order < b.order
	})
}

func severityRank(s schema.Severity) int {
	return slices.Index([]schema.Severity{schema.Error, schema.Warning, schema.Info}, s)
}

func confidenceRank(c schema.Confidence) int {
	return slices.Index([]schema.Confidence{schema.Proven, schema.Reported, schema.Likely}, c)
}

// number gives ids in reading order and makes the report's findings.
func number(all []*found) []schema.Finding {
	ordered := slices.Clone(all)
	read(ordered)
	sort.SliceStable(ordered, func(i, j int) bool { return len(ordered[i].because) == 0 && len(ordered[j].because) > 0 })
	for i, f := range ordered {
		f.id = fmt.Sprintf("f%d", i+1)
	}
	out := make([]schema.Finding, 0, len(ordered))
	for _, f := range ordered {
		s := schema.Finding{ID: f.id, Code: f.cause.Code, Cause: f.cause.Name, Phase: f.phase(), Severity: f.Severity,
			Confidence: f.Confidence, Title: f.check.Title, Should: f.Should, Is: f.Is, Remedy: f.Remedy, Objects: f.Objects,
			Services: f.Services, Evidence: f.Evidence}
		for _, g := range f.because {
			s.Because = append(s.Because, g.id)
		}
		sort.Strings(s.Because)
		out = append(out, s)
	}
	return out
}
