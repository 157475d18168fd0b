package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
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
	stand := &model.Service{Meta: model.Meta{Kind: "Service", Namespace: u.Namespace, Name: u.Name, Src: u.Src}, Type: "LoadBalancer", ClusterIPs: []string{"192.0.2.1"}}
	a := stock.Assign(stand)
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
