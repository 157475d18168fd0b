package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var addressGivenTwice = &Check{
	Cause: "address-given-twice", Title: "two Services that do not share have one address",
	Doc: `Services share an address only with equal keys in allow-shared-ip, different ports, and traffic policies that fit (rules sharing-key, sharing-ports,
sharing-backend). Two that break these rules and have one address got it from two controllers at once, or by a restart while pools changed. The next
pass of the controller takes it from one of them.`,
	Explains: []string{"two-speakers-announce", "announcer-flapping", "some-endpoints-fail"},
	Run: func(v *View, report func(Finding)) {
		byAddr := map[string][]int{}
		for i, s := range v.Services {
			for _, a := range s.Addresses {
				key := plainAddr(a)
				byAddr[key] = append(byAddr[key], i)
			}
		}
		for i, a := range v.Services {
			var others []int
			for _, addr := range a.Addresses {
				others = append(others, byAddr[plainAddr(addr)]...)
			}
			slices.Sort(others)
			for _, k := range slices.Compact(others) {
				if k > i {
					v.givenTwice(a, v.Services[k], report)
				}
			}
		}
	},
}

// plainAddr is the address in the one form that equals that of the same address.
func plainAddr(text string) string {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().String()
	}
	return text
}

func (v *View) givenTwice(a, b *Service, report func(Finding)) {
	addr := sharedAddress(a, b)
	if addr == "" || v.givenByOther(a) || v.givenByOther(b) || !v.OursByClass(a) || !v.OursByClass(b) || v.rivalsOf(a) != nil || v.rivalsOf(b) != nil {
		return
	}
	said := v.saysUnshared(a, b)
	if v.PoolHolding(addr) == nil && (a.Pool == "" || b.Pool == "") && said == nil {
		return
	}
	why := ""
	if said != nil {
		why = "the controller says: " + oneLine(said.Error)
	} else if port := commonPort(a.Object, b.Object); port != "" {
		why = "both have port " + port
	} else if a.Object.Knows(model.PartAnnotations) && b.Object.Knows(model.PartAnnotations) {
		x, y := sharingKey(a.Object), sharingKey(b.Object)
		switch {
		case x == "" || y == "":
			why = "they have no common sharing key"
		case x != y:
			why = fmt.Sprintf("their sharing keys differ (%q and %q)", x, y)
		}
	}
	if why == "" {
		return
	}
	src := []schema.Evidence{a.AddressSrc[addr], evidenceOfAddress(b, addr)}
	if said != nil {
		src = append([]schema.Evidence{said.Last.Src}, src...)
	}
	is := fmt.Sprintf("%s and %s both have %s, and %s", a.Key(), b.Key(), addr, why)
	report(Finding{Services: []string{a.Key(), b.Key()}, Objects: []schema.Object{a.Ref(), b.Ref()}, State: schema.StateDegraded,
		Should: "an address of its own for each, or the same allow-shared-ip key and different ports", Is: is,
		Remedy:   "let one of the two have another address (annotation loadBalancerIPs, or delete it and create it again), or let them share by key",
		Evidence: src, Clause: "one address was given twice: " + is})
}

// saysUnshared is the controller's last word on one of the two where it says that the other has its address and they may not share.
func (v *View) saysUnshared(a, b *Service) *model.LogEvent {
	var last *model.LogEvent
	for _, l := range v.LogsOf(model.Controller) {
		for _, e := range l.Events {
			if e.ID != model.MsgCleared && e.ID != model.MsgAllocFailed && e.ID != model.MsgAllocated || e.Service != a.Key() && e.Service != b.Key() {
				continue
			}
			if last == nil || e.Last.After(last.Last) {
				last = e
			}
		}
	}
	if last == nil || !contains(last.Error, "can't change sharing key for", "address also in use by") {
		return nil
	}
	other := a
	if last.Service == a.Key() {
		other = b
	}
	if _, users, _ := strings.Cut(last.Error, "address also in use by "); !slices.Contains(strings.FieldsFunc(users, func(r rune) bool { return strings.ContainsRune(", :\"", r) }), other.Key()) {
		return nil
	}
	return last
}

func sharedAddress(a, b *Service) string {
	if a.Object == nil || b.Object == nil || len(a.Object.Ingress) == 0 || len(b.Object.Ingress) == 0 {
		return ""
	}
	for _, x := range a.Addresses {
		for _, y := range b.Addresses {
			if model.SameAddr(x, y) {
				return x
			}
		}
	}
	return ""
}

func evidenceOfAddress(s *Service, addr string) schema.Evidence {
	for _, a := range s.Addresses {
		if model.SameAddr(a, addr) {
			return s.AddressSrc[a]
		}
	}
	return s.Src
}

// commonPort is a protocol and port that both Services have, as PROTO/PORT; "" when there is none.
func commonPort(a, b *model.Service) string {
	protocol := func(p model.ServicePort) string {
		if p.Protocol == "" {
			return "TCP"
		}
		return p.Protocol
	}
	for _, p := range a.Ports {
		for _, q := range b.Ports {
			if p.Port == q.Port && protocol(p) == protocol(q) {
				return fmt.Sprintf("%s/%d", protocol(p), p.Port)
			}
		}
	}
	return ""
}

// sharingKey is the Service's annotation allow-shared-ip, of either prefix.
func sharingKey(s *model.Service) string {
	if k := s.Annotations["metallb.io/allow-shared-ip"]; k != "" {
		return k
	}
	return s.Annotations["metallb.universe.tf/allow-shared-ip"]
}
