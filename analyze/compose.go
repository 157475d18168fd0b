package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/schema"
)

// compose runs the checks and puts the report together.
func compose(v *check.View, opt Options) *schema.Report {
	all := runChecks(v)
	fold(all)
	r := &schema.Report{Format: schema.ReportFormat, Version: schema.ReportVersion, Tool: opt.Tool}
	r.Findings = number(all)
	of := byService(all)
	for _, s := range v.Services {
		if len(opt.Services) > 0 && !slices.Contains(opt.Services, s.Key()) {
			continue
		}
		r.Services = append(r.Services, climb(v, s, of[s.Key()]))
	}
	r.Cluster = v.Cluster()
	r.Source.Members = len(v.Members)
	r.Source.From, r.Source.To = schema.Time{Time: v.From}, schema.Time{Time: v.To}
	r.Unknowns = unknowns(v, r)
	r.Timeline = timeline(v)
	for _, m := range v.Members {
		r.Members = append(r.Members, schema.MemberIn{Path: m.Origin.Path, Kind: m.Origin.Kind, Read: m.Read, Why: m.Why,
			Namespace: m.Origin.Namespace, Pod: m.Origin.Pod, Container: m.Origin.Container, Node: v.NodeOf(m.Origin)})
	}
	if len(opt.Services) > 0 {
		r.Findings = ofServices(r)
	}
	r.Summary = summary(r)
	r.Normalize()
	return r
}

// ofServices keeps the findings of the Services that were asked for, the cluster's, and the causes of those kept.
func ofServices(r *schema.Report) []schema.Finding {
	want := map[string]bool{}
	for _, s := range r.Services {
		want[s.Key()] = true
	}
	var kept []schema.Finding
	for _, f := range r.Findings {
		if len(f.Services) == 0 || slices.ContainsFunc(f.Services, func(k string) bool { return want[k] }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// summary is the first line: the sentence of the first ill Service, or what fails in the cluster, or that nothing does.
func summary(r *schema.Report) string {
	var ill, ok, unknown []schema.Service
	for _, s := range r.Services {
		switch s.Verdict {
		case schema.VerdictIll:
			ill = append(ill, s)
		case schema.VerdictOK:
			ok = append(ok, s)
		default:
			unknown = append(unknown, s)
		}
	}
	if len(ill) > 0 {
		text := ill[0].Sentence
		same := 0
		for _, s := range ill[1:] {
			if len(s.Findings) > 0 && s.Findings[0] == ill[0].Findings[0] {
				same++
			}
		}
		switch {
		case same > 0 && same == len(ill)-1:
			text += fmt.Sprintf(" (and %s)", count(same, "more Service", "more Services"))
		case len(ill) > 1:
			text += fmt.Sprintf(" (%d of %d Services are ill)", len(ill), len(r.Services))
		}
		return text
	}
	for _, f := range r.Findings {
		if f.Severity == schema.Error && len(f.Because) == 0 {
			return fmt.Sprintf("%s: %s", f.Title, f.Is)
		}
	}
	switch {
	case len(r.Services) == 0:
		return "no Service of type LoadBalancer is in what was attached"
	case len(unknown) == 0 && len(ok) == 1:
		return ok[0].Sentence
	case len(unknown) == 0:
		return fmt.Sprintf("nothing is wrong with %s as far as the evidence reaches", count(len(ok), "Service", "Services"))
	case len(unknown) == 1 && len(ok) == 0:
		return unknown[0].Sentence
	case len(ok) == 0:
		return fmt.Sprintf("%s cannot be judged: %s", count(len(unknown), "Service", "Services"), strings.TrimPrefix(unknown[0].Sentence, unknown[0].Key()+": cannot be judged: "))
	}
	return fmt.Sprintf("nothing is wrong with %s as far as the evidence reaches; %d cannot be judged", count(len(ok), "Service", "Services"), len(unknown))
}

// count writes a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
