package check

import (
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// unassigned is a Service without an address: what the rules say of it, and what the controller says.
type unassigned struct {
	*Service
	Rules   *metallb.Assignment // nil where pools or the Service are not known well enough
	Gets    bool                // by the rules, from nothing unseen, it should get an address
	Error   string              // the controller's last words on it; "" when it said nothing
	Src     schema.Evidence     // where it said so
	Cause   string              // by the rules, else by the words; "" when neither says
	Reason  *metallb.Reason     // that makes the cause; nil by the words alone
	Pool    string              // of Reason
	Apart   string              // which Service it was meant to share an address with, and what keeps them apart; "" none
	Full    string              // by metrics or the pools' status alone: every pool is; "" where they do not say so
	metrics []schema.Evidence   // that say so
	stand   *model.Service      // for the Service where no object shows it
}

// findUnassigned explains each Service that should have an address and has none.
func (v *View) findUnassigned() []*unassigned {
	var stock *metallb.Stock
	var out []*unassigned
	for _, s := range v.Services {
		if len(s.Addresses) > 0 || s.served() != nil {
			continue
		}
		if s.Object != nil && s.Object.Type != "" && s.Object.Type != "LoadBalancer" {
			continue
		}
		u := &unassigned{Service: s}
		u.Error, u.Src = v.lastAllocationError(s)
		if v.Expect.PoolsKnown && stock == nil {
			stock = metallb.NewStock(v.Expect.Base, v.Expect.Controller, v.holders())
		}
		if s.Object == nil && v.Expect.PoolsKnown && v.Expect.Controller != nil {
			v.withoutService(u, stock)
		}
		if s.Object != nil && v.Expect.PoolsKnown {
			a := stock.Assign(s.Object)
			if v.believes(u, &a) {
				u.Rules = &a
				u.byRules()
			} else if len(a.Grants) > 0 && len(a.Unseen) == 0 {
				u.Gets = true
			}
		}
		if u.Cause == "" && u.Error == "" && s.Object != nil && s.Object.Type == "LoadBalancer" && s.Object.LoadBalancerClass != nil && v.seesMetalLB() {
			if r := metallb.ClassReason(v.Expect.Base, s.Object); r != nil { // whatever the pools are
				u.Rules = &metallb.Assignment{Reasons: []metallb.Reason{*r}}
				u.byRules()
			}
		}
		if u.Cause == "" && !v.Expect.PoolsKnown && s.Object != nil && s.Object.Type == "LoadBalancer" {
			v.withoutPools(u)
		}
		v.meantToShare(u)
		if u.Cause == "" && !v.Expect.PoolsKnown && findsNone(u.Error) {
			v.fullByMetrics(u)
		}
		if u.Cause == "" && s.Object == nil && findsNone(u.Error) && !v.lostByPools(u) {
			v.fullByStatus(u)
		}
		if u.Cause == "" && u.Error != "" {
			u.Cause = causeOfAllocationError(u.Error)
			if u.Cause == "sharing-key-differs" {
				u.Cause = v.whyNotShared(u)
			}
		}
		out = append(out, u)
	}
	return out
}

// whyNotShared tells apart what the controller's one text for addresses that are not shared ("can't change sharing key") may mean, by
// the Services that it names as far as they are known.
func (v *View) whyNotShared(u *unassigned) string {
	const cause = "sharing-key-differs"
	mine, known := knownKey(u.Service)
	if !known {
		return cause
	}
	_, users, _ := strings.Cut(u.Error, "address also in use by ")
	shares := false
	for _, name := range strings.FieldsFunc(users, func(r rune) bool { return r == ',' || r == ' ' }) {
		holder := v.Service(strings.Trim(name, `"`))
		if holder == nil {
			continue
		}
		its, known := knownKey(holder)
		shares = shares || its != ""
		if mine == "" || !known || its != mine {
			continue
		}
		if u.Object.Knows(model.PartPolicy) && holder.Object.Knows(model.PartPolicy) && (u.Local() || holder.Local()) {
			return "sharing-policy-conflict"
		}
	}
	if mine == "" && !shares {
		return "requested-address-in-use"
	}
	return cause
}

// knownKey is the Service's key of allow-shared-ip; false where its annotations were not seen.
func knownKey(s *Service) (string, bool) {
	if s.Object == nil || !s.Object.Knows(model.PartAnnotations) {
		return "", false
	}
	return s.Object.Annotations["metallb.io/allow-shared-ip"] + s.Object.Annotations["metallb.universe.tf/allow-shared-ip"], true
}

// holders are the Services that may hold addresses: objects, and those that logs and status resources alone know.
func (v *View) holders() []*model.Service {
	var all []*model.Service
	for _, s := range v.Services {
		o := s.Object
		switch {
		case o != nil && (len(o.Ingress) > 0 || len(s.Addresses) == 0):
			all = append(all, o)
		default:
			made := &model.Service{Meta: model.Meta{Kind: "Service", Namespace: s.Namespace, Name: s.Name, Partial: true, Known: map[string]bool{model.PartIngress: true, model.PartType: true}, Src: s.Src}, Type: "LoadBalancer"}
			if o != nil {
				copied := *o
				made = &copied
			}
			for _, a := range s.Addresses {
				made.Ingress = append(made.Ingress, model.Ingress{IP: a})
			}
			all = append(all, made)
		}
	}
	return all
}

// believes tells whether the rules' answer may be used: it gives nothing, and rests on nothing unseen that the controller's own
// words do not confirm.
func (v *View) believes(u *unassigned, a *metallb.Assignment) bool {
	if len(a.Grants) > 0 && !a.MayFail {
		return false
	}
	confirmed := u.Error != "" && a.Error != "" && strings.Contains(u.Error, a.Error)
	if len(a.Unseen) > 0 && !confirmed {
		return false
	}
	if v.Expect.Guessed && u.Error == "" && slices.ContainsFunc(a.Pools, func(p metallb.PoolAnswer) bool { return p.Reason != nil && p.Reason.Kind == metallb.NeverAutomatic }) {
		return false // since v0.15.0 such a pool serves every Service
	}
	if u.Error != "" && !confirmed && a.Error != "" && causeOfAllocationError(u.Error) != "" && len(a.Reasons) == 0 {
		return false // the controller says something else: it may be of another moment
	}
	return true
}

// causes of reasons, in the order in which one of several pools' reasons is taken for the cause: a pool that would do if it were
// not full before one that is not for the Service at all.
var reasonCauses = []struct {
	kind  metallb.ReasonKind
	cause string
}{
	{metallb.OtherClass, "wrong-load-balancer-class"},
	{metallb.NotLoadBalancer, "not-a-load-balancer"},
	{metallb.NoPoolAtAll, "no-pool"},
	{metallb.NeedsTwoClusterIPs, "pool-lacks-family"},
	{metallb.ConflictingRequests, "conflicting-requests"},
	{metallb.UnreadableRequest, "conflicting-requests"},
	{metallb.RequestFamily, "conflicting-requests"},
	{metallb.RequestPoolMismatch, "conflicting-requests"},
	{metallb.RequestSplit, "conflicting-requests"},
	{metallb.UnknownPool, "requested-pool-unknown"},
	{metallb.OutsidePools, "requested-address-not-in-pool"},
	{metallb.Avoided, "requested-address-not-in-pool"},
	{metallb.PortInUse, "sharing-port-conflict"},
	{metallb.SharingPolicyConflict, "sharing-policy-conflict"},
	{metallb.SharingKeysDiffer, "sharing-key-differs"},
	{metallb.ServiceDoesNotShare, "requested-address-in-use"},
	{metallb.HolderDoesNotShare, "requested-address-in-use"},
	{metallb.Full, "pools-exhausted"},
	{metallb.LacksFamily, "pool-lacks-family"},
	{metallb.DualWithSinglePlan, "pool-lacks-family"},
	{metallb.ExcludesNamespace, "pool-selector-excludes"},
	{metallb.ExcludesLabels, "pool-selector-excludes"},
	{metallb.NeverAutomatic, "pool-selector-excludes"},
	{metallb.NotAuto, "pool-auto-assign-off"},
}

// object is the Service's, or what stands in for it where nobody attached it.
func (u *unassigned) object() *model.Service {
	if u.Object == nil {
		return u.stand
	}
	return u.Object
}

func (u *unassigned) byRules() {
	reasons := slices.Clone(u.Rules.Reasons)
	if len(reasons) == 0 {
		for _, p := range u.Rules.Pools {
			if p.Reason != nil {
				reasons = append(reasons, *p.Reason)
			}
		}
	}
	for _, rc := range reasonCauses {
		for i := range reasons {
			if reasons[i].Kind == rc.kind {
				u.Cause, u.Reason, u.Pool = rc.cause, &reasons[i], reasons[i].Pool
				if u.Cause == "requested-address-in-use" && u.sharesWithKey() {
					u.Cause = "sharing-key-differs"
				}
				return
			}
		}
	}
}

// sharesWithKey tells whether one of the two Services that meet on an address has a sharing key: then they meant to share.
func (u *unassigned) sharesWithKey() bool {
	return u.Reason.Kind == metallb.ServiceDoesNotShare || u.Rules.Asks == "" || sharingKey(u.object()) != ""
}

// allocationWords ties the controller's texts (facts: errors of allocation) to causes; the first that fits wins.
var allocationWords = []struct{ words, cause string }{
	{"can't change sharing key", "sharing-key-differs"},
	{"services can't share key", "sharing-key-differs"},
	{"is already in use on", "sharing-port-conflict"},
	{"unknown pool", "requested-pool-unknown"},
	{"not compatible for ip assignment", "pool-selector-excludes"},
	{"is not allowed in config", "requested-address-not-in-pool"},
	{"for dual IPFamily", "pool-lacks-family"}, // since v0.16.0 it is that alone, before it may be a full pool too
	{"no available IPs in pool", "pools-exhausted"},
	{"does not match the ipFamily", "conflicting-requests"},
	{"loadBalancerIP and annotation", "conflicting-requests"},
	{"both annotation and", "conflicting-requests"},
	{"not enough clusterips", "pool-lacks-family"},
}

func causeOfAllocationError(text string) string {
	if strings.Contains(text, `"<nil>"`) {
		return "pools-exhausted" // rule nil-ip-error
	}
	for _, w := range allocationWords {
		if strings.Contains(text, w.words) {
			return w.cause
		}
	}
	return ""
}

// lastAllocationError is the controller's newest word on why the Service has no address, of its log or of an event; "" where it
// gave one since, or said nothing.
func (v *View) lastAllocationError(s *Service) (string, schema.Evidence) {
	text, src := "", schema.Evidence{}
	var when time.Time
	for _, l := range v.LogsOf(model.Controller) {
		var bad, good *model.LogEvent
		for _, e := range l.Events {
			if e.Service != s.Key() {
				continue
			}
			switch e.ID {
			case model.MsgAllocFailed, model.MsgBadRequest, model.MsgNoPools:
				if bad == nil || e.Last.After(bad.Last) {
					bad = e
				}
			case model.MsgAllocated:
				if good == nil || e.Last.After(good.Last) {
					good = e
				}
			}
		}
		if bad != nil && (good == nil || bad.Last.After(good.Last)) {
			text, src, when = bad.Error, bad.Last.Src, bad.Last.Time
			if text == "" {
				text = bad.Text
			}
		}
	}
	for _, e := range s.Events {
		if e.Reason != "AllocationFailed" && e.Reason != "LoadBalancerFailed" && e.Reason != "not enough clusterips" {
			continue
		}
		if text == "" || !when.IsZero() && e.Last.After(when) {
			text, src, when = e.Message, e.Src, e.Last
		}
	}
	return text, src
}
