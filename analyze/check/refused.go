package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/schema"
)

// refused makes the check for one cause for which a component refuses its configuration.
func refused(cause, title, doc, remedy string) *Check {
	return &Check{
		Cause: cause, Title: title, Doc: doc,
		Explains: slices.DeleteFunc([]string{"no-pool", "no-configuration", "no-advertisement", "stale-config", "config-parse-failed", "advertisement-selects-other-pools",
			"no-bgppeer", "announced-from-subset", "speaker-not-reconciling", "controller-not-reconciling", "session-not-established",
			"prefix-not-sent", "requested-pool-unknown", "requested-address-not-in-pool", "pools-exhausted", "frr-out-of-sync"}, func(c string) bool { return c == cause }),
		Run: func(v *View, report func(Finding)) {
			for _, r := range v.Refusals() {
				if r.Cause == cause {
					report(refusalFinding(v, r, remedy))
				}
			}
			for _, r := range v.denied() {
				if r.Cause == cause {
					report(denialFinding(v, r, remedy))
				}
			}
		},
	}
}

// refusalFinding is an error for the Services that the refusing component does not serve, else a warning of the cluster: the
// component goes on with the configuration that it had (rule keep-last-valid).
func refusalFinding(v *View, r Refused, remedy string) Finding {
	who := string(r.Component)
	if r.Component == metallb.Speaker {
		who = "the speakers"
		if len(r.Nodes) > 0 {
			who = "the speaker of " + strings.Join(r.Nodes, ", ")
		}
	} else {
		who = "the " + who
	}
	f := Finding{
		Confidence: r.Confidence, Objects: r.Objects, Evidence: r.Evidence, Remedy: remedy,
		Should: who + " takes the configuration that is in the cluster",
		Is:     fmt.Sprintf("%s refuses it: %s", who, oneLine(r.Text)),
	}
	var hit []*Service
	for _, s := range v.Services {
		if v.unservedBy(r.Component, s) || r.Component == metallb.Speaker && v.withoutSessions(s) {
			hit = append(hit, s)
		}
	}
	if len(hit) == 0 {
		f.Severity = schema.Warning
		f.Is += "; what was valid before stays in use"
		return f
	}
	f.Services = Keys(hit)
	what := "gives no address"
	without := r.Component == metallb.Speaker && len(hit[0].Announces("")) > 0
	if r.Component == metallb.Speaker {
		what = "does not announce it"
		if len(r.Nodes) != 1 {
			what = "do not announce it"
		}
	}
	if without {
		what = "has no session for it"
		if len(r.Nodes) != 1 {
			what = "have no session for it"
		}
	}
	f.Clause = fmt.Sprintf("%s %s, because the configuration is refused: %s", who, what, oneLine(r.Text))
	return f
}

// unservedBy tells whether a component does nothing for the Service: the controller gave no address, no speaker announces it.
func (v *View) unservedBy(c metallb.Component, s *Service) bool {
	if s.served() != nil {
		return false
	}
	if c == metallb.Controller {
		return len(s.Addresses) == 0 && v.IsLoadBalancer(s)
	}
	return len(s.Addresses) > 0 && len(s.Announces("")) == 0
}

// withoutSessions tells whether a Service is announced by speakers that, as FRR or their logs show, have no peer: with a refused
// configuration, because the peers stand in what was refused.
func (v *View) withoutSessions(s *Service) bool {
	if !v.usesBGP(s) || s.served() != nil || len(v.bgpPeers()) == 0 || v.anyUp(s) || len(v.stand(s).down) > 0 {
		return false
	}
	lacks := len(v.withoutPeers()) > 0
	v.missesPeers(s, func(Finding) { lacks = true })
	return lacks
}

// IsLoadBalancer tells whether the Service is one that MetalLB is to give an address, as far as its object says.
func (v *View) IsLoadBalancer(s *Service) bool {
	return s.Object == nil || s.Object.Type == "LoadBalancer" && metallb.Handles(v.Expect.Base, s.Object)
}

// oneLine folds a text of several lines, as MetalLB's wrapped errors are.
func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

// denied lists the resources that the webhook refused to take, as somebody's terminal shows them.
func (v *View) denied() []Refused {
	var out []Refused
	for _, r := range v.Remarks {
		if r.ID != "webhook-denied" || !strings.Contains(r.Text, "metallb.io") {
			continue
		}
		out = append(out, Refused{Text: r.Value, Cause: causeOfRefusal(r.Value), Confidence: schema.Reported, Evidence: []schema.Evidence{r.Src}})
	}
	return out
}

// denialFinding hits the Services without an address where no pool exists: the resource that was refused is not there.
func denialFinding(v *View, r Refused, remedy string) Finding {
	f := Finding{Confidence: r.Confidence, Evidence: r.Evidence, Remedy: remedy,
		Should: "the webhook takes the resource",
		Is:     "the webhook refused it, so it is not in the cluster: " + oneLine(r.Text)}
	if len(v.Obj.Pools) == 0 {
		for _, s := range v.Services {
			if v.unservedBy(metallb.Controller, s) {
				f.Services = append(f.Services, s.Key())
			}
		}
	}
	if len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
	f.Clause = "no address, because the pool was refused when it was made: " + oneLine(r.Text)
	return f
}
