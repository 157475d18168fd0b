package check

import (
	"fmt"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var rbacForbidden = &Check{
	Cause: "rbac-forbidden", Title: "MetalLB lacks a permission",
	Doc: `A component says that the API server forbids what it needs: its ClusterRole or Role, or their bindings, lack a rule (an upgrade without the new
manifests, a hardened cluster). The line names verb, resource and ServiceAccount. Lines that a later success of the same kind follows are history.`,
	Explains: []string{"status-write-failed", "controller-not-reconciling", "speaker-not-reconciling", "stale-config", "no-pool", "cannot-reach-api-server",
		"frr-k8s-missing", "no-speaker-on-eligible-node", "speaker-not-running", "controller-not-running"},
	Run: func(v *View, report func(Finding)) {
		for _, l := range v.Logs {
			if l.Origin.Previous || l.Component != model.Controller && l.Component != model.Speaker {
				continue
			}
			v.forbidden(l, report)
		}
	},
}

// forbidden reports what one log is refused, once a permission.
func (v *View) forbidden(l *model.Log, report func(Finding)) {
	said := map[string]bool{}
	for _, e := range l.Events {
		if e.ID != model.MsgForbidden && !(e.ID == model.MsgStatusFailed && isForbidden(e.Error)) {
			continue
		}
		key := e.Value
		if key == "" {
			key = e.Error
		}
		if said[key] || healedBehind(l, e) {
			continue
		}
		said[key] = true
		if contains(e.Error, "tokenreviews") || contains(e.Error, "subjectaccessreviews") {
			continue // they guard the metrics page alone
		}
		f := Finding{Confidence: schema.Reported, Evidence: []schema.Evidence{e.Last.Src},
			Should: "the ServiceAccount of the " + string(l.Component) + " may do what it needs",
			Is:     oneLine(e.Error), Remedy: "apply the ClusterRole and Role of the release that runs: kubectl auth can-i --as shows what is missing"}
		for _, s := range v.Services {
			if v.stoppedByForbidden(l, s) {
				f.Services = append(f.Services, s.Key())
			}
		}
		if len(f.Services) == 0 {
			f.Severity = schema.Warning
		}
		f.Clause = fmt.Sprintf("not served, because the %s lacks a permission: %s", l.Component, oneLine(e.Error))
		report(f)
	}
}

func isForbidden(text string) bool { return contains(text, "is forbidden", "cannot ") }

// healedBehind tells whether the log shows, behind the refusal, work that it would have stopped.
func healedBehind(l *model.Log, e *model.LogEvent) bool {
	for _, g := range l.Events {
		switch g.ID {
		case model.MsgStatusWritten, model.MsgConfigLoaded:
			if g.Last.After(e.Last) && (g.Service == "" || g.Service == e.Service) && e.ID != model.MsgStatusFailed || g.ID == model.MsgStatusWritten && g.Service == e.Service && g.Last.After(e.Last) {
				return true
			}
		}
	}
	return false
}

// stoppedByForbidden tells whether the Service is not served though the component that lacks a permission handles it.
func (v *View) stoppedByForbidden(l *model.Log, s *Service) bool {
	if s.served() != nil {
		return false
	}
	if l.Component == model.Controller {
		for _, e := range l.Events {
			if e.ID == model.MsgStatusFailed && e.Service == s.Key() && !healedBehind(l, e) {
				return true
			}
		}
		return len(s.Addresses) == 0 && v.IsLoadBalancer(s)
	}
	return len(s.Addresses) > 0 && len(s.Announces("")) == 0
}
