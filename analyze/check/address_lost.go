package check

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var addressLostOnPoolChange = &Check{
	Cause: "address-lost-on-pool-change", Title: "the address is in no pool any more",
	Doc: `Pools changed so that none holds the address that a Service has. The controller (since v0.14.0; before, it refuses such a change) clears it with
"current IP not allowed by config, clearing" and gives another, if a pool has one for the Service; speakers withdraw it with the reason ipNotAllowed or
say "assigned IP not allowed by config".`,
	Explains: []string{"pools-exhausted", "controller-not-reconciling", "no-advertisement", "advertisement-selects-other-pools", "speaker-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		for _, u := range v.unassigned {
			if u.Cause == "" || u.Cause == "pools-exhausted" || u.Cause == "no-pool" {
				v.reportCleared(u, report)
			}
		}
		for _, s := range v.silent() {
			v.reportOutside(s, report)
		}
	},
}

// reportCleared is for a Service without an address from which the controller took one, as the last that it did with it.
func (v *View) reportCleared(u *unassigned, report func(Finding)) {
	var cleared, given *model.LogEvent
	for _, l := range v.LogsOf(model.Controller) {
		for _, e := range l.Events {
			if e.Service != u.Key() {
				continue
			}
			if e.ID == model.MsgCleared && strings.Contains(e.Error, "is not allowed in config") && (cleared == nil || e.Last.After(cleared.Last)) {
				cleared = e
			}
			if e.ID == model.MsgAllocated && (given == nil || e.Last.After(given.Last)) {
				given = e
			}
		}
	}
	f := Finding{Confidence: schema.Reported}
	switch {
	case cleared != nil && (given == nil || cleared.Last.After(given.Last)):
		f.Is, f.Evidence = cleared.Error, []schema.Evidence{cleared.Last.Src}
	case cleared == nil && given == nil:
		var last *model.Event
		for _, e := range u.Events {
			if e.Reason == "ClearAssignment" || e.Reason == "IPAllocated" {
				if last == nil || !eventTime(e).Before(eventTime(last)) {
					last = e
				}
			}
		}
		if last == nil || last.Reason != "ClearAssignment" {
			return
		}
		f.Is, f.Evidence = last.Message, []schema.Evidence{last.Src}
	default:
		return
	}
	if u.Src.Member != "" {
		f.Evidence = append(f.Evidence, u.Src)
	}
	f.Services, f.Objects = []string{u.Key()}, []schema.Object{u.Ref()}
	f.Is = "the controller took its address away (" + oneLine(f.Is) + ") and has no other for it"
	f.Should = "a pool that holds the address of the Service, or a free one"
	f.Remedy = "put the address back into a pool, or add free addresses to one that may serve the Service"
	f.Clause = "no address, because " + f.Is
	report(f)
}

// reportOutside is for a Service whose address speakers refuse, or which no pool holds though MetalLB gave it from one.
func (v *View) reportOutside(s *Service, report func(Finding)) {
	if v.rivalsOf(s) != nil || v.contestOf(s, false) != nil || v.givenByOther(s) {
		return
	}
	f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "a pool that holds " + s.List(),
		Remedy: "put the address back into a pool, or let the controller give another: it does when it reads the pools anew"}
	outside := v.Expect.Any != nil && !v.poolsPartial() && v.PoolOf(s) == nil
	for _, l := range v.LogsOf(model.Speaker) {
		for _, e := range l.Events {
			refused := e.ID == model.MsgUnknownIP || e.ID == model.MsgWithdrawn && e.Reason == "ipNotAllowed"
			if refused && !l.Origin.Previous && contains(strings.Join(v.servicesOf(e), " "), s.Key()) && lastRefusal(l) == nil && (outside || v.Expect.Any == nil) {
				f.Evidence = append(f.Evidence, e.Last.Src)
			}
		}
	}
	if len(f.Evidence) == 0 && !(outside && s.Pool != "" && s.Object != nil && len(v.refused) == 0) {
		return
	}
	if outside {
		for _, p := range v.Obj.Pools {
			f.Evidence = append(f.Evidence, p.At("spec.addresses"))
		}
	} else {
		f.Confidence = schema.Reported
	}
	f.Evidence = append(f.Evidence, s.AddressSrc[s.Addresses[0]])
	f.Is = fmt.Sprintf("no pool holds %s any more", s.List())
	f.Clause = fmt.Sprintf("no speaker announces %s, because no pool holds it any more", s.List())
	report(f)
}

// givenByOther tells whether the Service's addresses are none that MetalLB gives: several of one family, or a node's own. Other controllers
// (k3s' ServiceLB) write the nodes'.
func (v *View) givenByOther(s *Service) bool {
	families := map[bool]bool{}
	for _, text := range s.Addresses {
		a, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		if families[a.Is4()] || v.NodeOfAddr(a) != "" {
			return true
		}
		families[a.Is4()] = true
	}
	return false
}

// poolsPartial tells whether the addresses of a pool are not known, so that it may hold any.
func (v *View) poolsPartial() bool {
	for _, p := range v.Obj.Pools {
		if !p.Knows(model.PartAddresses) {
			return true
		}
	}
	return false
}
