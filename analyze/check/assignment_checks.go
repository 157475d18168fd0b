package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// cannotAssign makes the check for one cause for which the controller gives a Service no address.
func cannotAssign(cause, title, doc, should, remedy string) *Check {
	return &Check{
		Cause: cause, Title: title, Doc: doc,
		Explains: []string{"controller-not-reconciling", "status-write-failed"},
		Run: func(v *View, report func(Finding)) {
			for _, u := range v.unassigned {
				if u.Cause == cause {
					report(v.unassignedFinding(u, should, remedy))
				}
			}
		},
	}
}

func (v *View) unassignedFinding(u *unassigned, should, remedy string) Finding {
	f := Finding{Services: []string{u.Key()}, Should: should, Remedy: remedy, Objects: []schema.Object{u.Ref()}}
	if u.Rules == nil {
		f.Confidence = schema.Reported
		f.Is = "the controller says: " + oneLine(u.Error)
		f.Clause = "no address: " + f.Is
		f.Evidence = []schema.Evidence{u.Src}
		if u.Full != "" {
			f.Is, f.Clause, f.Evidence = u.Full, u.Full, append(u.metrics, u.Src)
		}
		return f
	}
	f.Is = u.Rules.Sentence(u.object())
	if u.Apart != "" {
		f.Is += ", and " + u.Apart
	}
	f.Clause = strings.TrimPrefix(strings.Replace(f.Is, "no pool may serve "+u.Key(), "no pool may serve it", 1), u.Key()+" ")
	if u.stand != nil || v.Expect.Guessed && u.Error == "" || u.Reason != nil && u.Reason.Unsure {
		f.Confidence = schema.Likely
	}
	f.Evidence = v.unassignedEvidence(u)
	for _, p := range u.Rules.Pools {
		if p.Reason != nil && p.Pool.Object != nil {
			f.Objects = append(f.Objects, p.Pool.Object.Object())
		}
	}
	return f
}

// unassignedEvidence is what the cause rests on: the request or the pool's field, the controller's own words, the holders.
func (v *View) unassignedEvidence(u *unassigned) []schema.Evidence {
	var src []schema.Evidence
	if asks := u.Rules.Asks; asks != "" {
		path := asks
		if !strings.HasPrefix(asks, "spec.") {
			path = "metadata.annotations." + asks
		}
		src = append(src, u.object().At(path))
	}
	for _, p := range u.Rules.Pools {
		if p.Reason == nil || p.Pool.Object == nil || p.Reason.Kind == metallb.NotAsked {
			continue
		}
		path := "spec.addresses"
		switch p.Reason.Kind {
		case metallb.NotAuto:
			path = "spec.autoAssign"
		case metallb.ExcludesNamespace, metallb.ExcludesLabels, metallb.NeverAutomatic:
			path = "spec.serviceAllocation"
		}
		src = append(src, p.Pool.Object.At(path))
	}
	if u.Src.Member != "" {
		src = append(src, u.Src)
	}
	if u.Reason != nil {
		if u.Reason.Kind == metallb.OtherClass {
			src = append([]schema.Evidence{u.object().At("spec.loadBalancerClass")}, src...)
		}
		for i, key := range u.Reason.Services {
			if s := v.Service(key); s != nil && i < 3 && len(s.Addresses) > 0 {
				src = append(src, s.AddressSrc[s.Addresses[0]])
			}
		}
	}
	return append(src, u.object().At("status.loadBalancer"))
}

var noPool = &Check{
	Cause: "no-pool", Title: "no IPAddressPool exists",
	Doc: `Without a pool the controller has nothing to give (rule empty-config-valid: that is no error of its own). Found where pools were listed and there
is none, or where the controller says so.`,
	Explains: []string{"no-advertisement", "controller-not-reconciling", "requested-pool-unknown", "requested-address-not-in-pool"},
	Run: func(v *View, report func(Finding)) {
		if len(v.Obj.Pools)+len(v.Obj.AddressPools) > 0 || v.LegacyRelease() && v.Expect.Legacy != nil {
			return
		}
		src := append(v.evidenceOfNone("ipaddresspools"), v.noPoolsLines()...)
		if len(src) == 0 {
			return
		}
		waiting := v.unservedByController()
		if len(waiting) == 0 {
			return
		}
		f := Finding{Services: Keys(waiting), Should: "an IPAddressPool in namespace " + v.Expect.Base.Namespace, Is: "none exists",
			Remedy: "create an IPAddressPool and an advertisement for it", Evidence: src, Clause: "no address, because no IPAddressPool exists"}
		for _, s := range waiting {
			f.Objects = append(f.Objects, s.Ref())
		}
		report(f)
	},
}

var statusWriteFailed = &Check{
	Cause: "status-write-failed", Title: "the address could not be written",
	Doc: `The controller chose an address and could not write it into the Service's status. A conflict that was retried is history; this is told where
the last attempt failed.`,
	Explains: []string{"controller-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		for _, l := range v.LogsOf(model.Controller) {
			if l.Origin.Previous {
				continue
			}
			for _, e := range l.Find(model.MsgStatusFailed) {
				if e.Benign || e.Service == "" || healedBehind(l, e) || v.Service(e.Service) == nil || strings.Contains(e.Error, "the object has been modified") {
					continue
				}
				s := v.Service(e.Service)
				if s.served() != nil || s.Object != nil && len(s.Object.Ingress) > 0 {
					continue
				}
				report(Finding{Services: []string{e.Service}, Confidence: schema.Reported, Evidence: []schema.Evidence{e.Last.Src}, Objects: []schema.Object{s.Ref()},
					Should: "the controller writes the address into status.loadBalancer", Is: oneLine(e.Error),
					Remedy: "kubectl auth can-i update services/status --as system:serviceaccount:" + v.Expect.Base.Namespace + ":controller",
					Clause: fmt.Sprintf("the controller chose an address and cannot write it: %s", oneLine(e.Error))})
			}
		}
	},
}
