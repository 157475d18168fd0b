package check

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// withoutPools explains a Service whose request fails whatever the pools are: what it asks for contradicts itself, or another Service
// has the address and the two may not share it. The pools are not known; the address asked for must be in one.
func (v *View) withoutPools(u *unassigned) {
	o := u.Object
	if !o.Knows(model.PartRequest) || !o.Knows(model.PartAnnotations) || v.ownPrefixUnread() {
		return
	}
	in := v.Expect.Base
	if v.LegacyRelease() {
		in.Version = metallb.V("v0.13.8") // the rules on sharing are those of all releases
	}
	var ranges []string
	for _, s := range v.Services {
		for _, text := range s.Addresses {
			if a, err := netip.ParseAddr(text); err == nil && !slices.Contains(ranges, a.String()+"/"+width(a)) {
				ranges = append(ranges, a.String()+"/"+width(a))
			}
		}
	}
	if len(ranges) == 0 {
		return
	}
	in.Objects = &model.Objects{Pools: []*model.IPAddressPool{{Meta: model.Meta{Kind: "IPAddressPool", Namespace: in.Namespace, Name: "unknown"}, Addresses: ranges}}}
	cfg, refusal := metallb.ParseConfig(in, metallb.Controller, "")
	if refusal != nil {
		return
	}
	a := metallb.NewStock(in, cfg, v.holders()).Assign(o)
	if len(a.Grants) > 0 || len(a.Reasons) == 0 || a.Asks == "" || a.WantsPool != "" || !v.believes(u, &a) {
		return
	}
	switch r := a.Reasons[0]; r.Kind {
	case metallb.PortInUse, metallb.SharingPolicyConflict, metallb.SharingKeysDiffer, metallb.ServiceDoesNotShare, metallb.HolderDoesNotShare:
		if r.Unsure && u.Error == "" {
			return
		}
	case metallb.ConflictingRequests, metallb.RequestFamily, metallb.UnreadableRequest:
	default:
		return
	}
	a.Pools = nil
	u.Rules = &a
	u.byRules()
}

func width(a netip.Addr) string {
	if a.Is4() {
		return "32"
	}
	return "128"
}

// ownPrefixUnread tells whether a Service has an annotation that only releases from v0.14.9 on read, and the release is not known.
func (v *View) ownPrefixUnread() bool {
	if !v.Expect.Guessed || v.Since("v0.14.9") {
		return false
	}
	for _, s := range v.Services {
		if s.Object == nil {
			continue
		}
		for key := range s.Object.Annotations {
			if strings.HasPrefix(key, "metallb.io/") {
				return true
			}
		}
	}
	return false
}

// withoutService explains a Service that nobody attached, of which the controller says "no available IPs": it asked for nothing, and
// every pool refuses for a reason that is not the Service's, but its namespace's at most.
func (v *View) withoutService(u *unassigned, stock *metallb.Stock) {
	if u.Error == "" || !findsNone(u.Error) || u.Namespace == "" || v.ownPrefixUnread() {
		return
	}
	if v.lostByPools(u) {
		return
	}
	stand := &model.Service{Meta: model.Meta{Kind: "Service", Namespace: u.Namespace, Name: u.Name, Src: u.Src}, Type: "LoadBalancer", ClusterIPs: []string{"192.0.2.1"}}
	a := stock.Assign(stand)
	if len(a.Grants) > 0 && v.haveFree(a.Grants) { // so the Service is of the other family, or of both
		other := *stand
		if other.ClusterIPs = []string{"2001:db8::1"}; netip.Addr.Is6(a.Grants[0].Addresses[0]) {
			return
		}
		if a = stock.Assign(&other); len(a.Grants) > 0 || !slices.ContainsFunc(a.Pools, func(p metallb.PoolAnswer) bool { return p.Reason != nil && p.Reason.Kind == metallb.LacksFamily }) {
			return
		}
		u.Rules, u.stand = &a, &other
		u.byRules()
		return
	}
	if len(a.Grants) > 0 || len(a.Reasons) > 0 || len(a.Pools) == 0 {
		return
	}
	for _, p := range a.Pools {
		if p.Reason == nil {
			return
		}
		switch p.Reason.Kind {
		case metallb.NotAuto, metallb.ExcludesNamespace, metallb.Full:
		case metallb.NeverAutomatic:
			if v.Expect.Guessed {
				return
			}
		default:
			return
		}
	}
	u.Rules = &a
	u.stand = stand
	u.byRules()
}

// haveFree tells whether the status of each pool that would give an address says that it has a free one.
func (v *View) haveFree(grants []metallb.Grant) bool {
	for _, g := range grants {
		if !slices.ContainsFunc(v.Obj.Pools, func(p *model.IPAddressPool) bool {
			return p.Name == g.Pool && p.Status != nil && p.Status.AvailableIPv4 > 0
		}) {
			return false
		}
	}
	return true
}

// lostByPools tells whether the controller took an address from the Service because no pool holds it any more: that it gets no other
// is what followed.
func (v *View) lostByPools(u *unassigned) bool {
	for _, l := range v.LogsOf(model.Controller) {
		for _, e := range l.Find(model.MsgCleared) {
			if e.Service == u.Key() && strings.Contains(e.Error, "is not allowed in config") {
				return v.lostAddress(u.Service)
			}
		}
	}
	return false
}

// meantToShare finds the Service that a full pool could not put beside one with the same sharing key: what keeps the two apart is then
// the cause, and that the pool is full a matter of course.
func (v *View) meantToShare(u *unassigned) {
	key := ""
	if o := u.object(); u.Cause == "pools-exhausted" && u.Reason != nil && o.Knows(model.PartAnnotations) && !v.ownPrefixUnread() {
		key, _, _ = metallb.Annotation(v.Expect.Base.Version, o, "allow-shared-ip")
	}
	if key == "" {
		return
	}
	for _, name := range u.Reason.Services {
		h := v.Service(name)
		if h == nil || h.Object == nil {
			continue
		}
		if its, _, _ := metallb.Annotation(v.Expect.Base.Version, h.Object, "allow-shared-ip"); its != key {
			continue
		}
		switch port := commonPort(u.object(), h.Object); {
		case port != "":
			u.Cause, u.Apart = "sharing-port-conflict", fmt.Sprintf("%s has the same sharing key and the same port %s", name, port)
		case u.object().Knows(model.PartPolicy) && h.Object.Knows(model.PartPolicy) && (u.Local() || h.Local()):
			u.Cause, u.Apart = "sharing-policy-conflict", name+" has the same sharing key, but another externalTrafficPolicy or selector"
		default:
			continue
		}
		return
	}
}

// fullByMetrics explains a failed automatic choice where nobody attached the pools and the controller's metrics show that each of them
// has given away all that it has.
func (v *View) fullByMetrics(u *unassigned) {
	total, used := map[string]float64{}, map[string]float64{}
	src := map[string]schema.Evidence{}
	for _, x := range v.Metrics {
		switch x.Name {
		case "metallb_allocator_addresses_total":
			total[x.Labels["pool"]] = x.Value
		case "metallb_allocator_addresses_in_use_total":
			used[x.Labels["pool"]], src[x.Labels["pool"]] = x.Value, x.Src
		}
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(total)) {
		if total[name] == 0 || used[name] < total[name] {
			return
		}
		texts = append(texts, fmt.Sprintf("%s is full (%.0f of %.0f)", name, used[name], total[name]))
		u.metrics = append(u.metrics, src[name])
	}
	if len(texts) > 0 {
		u.Cause, u.Full = "pools-exhausted", "no pool may serve it: "+strings.Join(texts, ", ")
	}
}

// fullByStatus explains a failed automatic choice by the counters that the controller writes into the pools' status (since v0.15.0), where
// nobody attached the Services that hold the addresses: no pool that gives addresses by itself has a free one.
func (v *View) fullByStatus(u *unassigned) {
	var texts []string
	for _, p := range v.Obj.Pools {
		if p.Allocation != nil || p.AutoAssign != nil && !*p.AutoAssign {
			continue
		}
		st := p.Status
		if st == nil || st.AvailableIPv4+st.AvailableIPv6 > 0 || st.AssignedIPv4+st.AssignedIPv6 == 0 {
			return
		}
		texts = append(texts, fmt.Sprintf("%s is full (its status: %d assigned, none available)", p.Name, st.AssignedIPv4+st.AssignedIPv6))
		u.metrics = append(u.metrics, p.At("status"))
	}
	if len(texts) > 0 {
		u.Cause, u.Full = "pools-exhausted", "no pool may serve it: "+strings.Join(texts, ", ")
	}
}
