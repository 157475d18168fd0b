package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var wrongInterface = &Check{
	Cause: "wrong-interface", Title: "the address is announced on an interface that leads elsewhere",
	Doc: `spec.interfaces of the L2Advertisements limits where the winner answers (rule l2-interfaces). Found where the announcing node's own addresses are
known, the address is in the subnet of one of its interfaces, and that one is not among those named; also where who asks has the MAC of an interface of the
announcing node that is down, or that is not in the address's subnet while another one is, and requests fail.`,
	Explains: []string{"arp-not-answered", "responder-missing", "arp-request-not-seen"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			pool := v.PoolOf(s)
			if pool == nil || len(pool.L2) == 0 || s.served() != nil {
				continue
			}
			var named []string
			var src []schema.Evidence
			var objects []schema.Object
			for _, a := range pool.L2 {
				if len(a.Interfaces) == 0 {
					named = nil
					break
				}
				named = append(named, a.Interfaces...)
				src = append(src, a.At("spec.interfaces"))
				objects = append(objects, a.Object())
			}
			if len(named) == 0 {
				continue
			}
			for _, node := range s.Announcers("layer2") {
				right := v.onLink(node, s.Addresses[0])
				if len(right) == 0 || slices.ContainsFunc(right, func(i model.Interface) bool { return slices.Contains(named, i.Name) }) {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Objects: append(objects, s.Ref()), Evidence: append(src, right[0].Src),
					Should: fmt.Sprintf("%s is answered on %s of %s, which has its subnet", s.Addresses[0], right[0].Name, node),
					Is:     "spec.interfaces names " + strings.Join(named, ", "),
					Remedy: "name " + right[0].Name + " in spec.interfaces, or take spec.interfaces out",
					Clause: fmt.Sprintf("%s answers for %s on %s only, and the address's subnet is on %s", node, s.Addresses[0], strings.Join(named, ", "), right[0].Name)})
				break
			}
		}
		for _, s := range v.HasAddress() {
			v.answeredElsewhere(s, report)
		}
	},
}

// answeredElsewhere reports where clients send to an interface of the announcing node that does not lead to the Service: it is down, or
// another one has the address's subnet.
func (v *View) answeredElsewhere(s *Service, report func(Finding)) {
	trouble := v.trouble(s)
	if len(trouble) == 0 {
		return
	}
	for _, a := range v.answersFor(s) {
		o := v.ownerOf(a.MAC)
		if o.Iface == "" || !slices.Contains(s.Announcers("layer2"), o.Node) || v.podSide(o.Node, o.Iface) || a.FromNode == o.Node {
			continue
		}
		right := v.onLink(o.Node, s.Addresses[0])
		own := slices.ContainsFunc(right, func(i model.Interface) bool { return i.Name == o.Iface && !downed(i) })
		down := v.ifaceDown(o.Node, o.Iface)
		if own && !down || !down && len(right) == 0 {
			continue
		}
		f := Finding{Services: []string{s.Key()}, State: s.degradedIf(), Confidence: schema.Likely, Objects: []schema.Object{{Kind: "Node", Name: o.Node}, s.Ref()},
			Should:   "who asks for " + a.Addr + " gets the MAC of the interface of " + o.Node + " that leads to it",
			Is:       fmt.Sprintf("it has %s, which is %s", a.MAC, o.say()),
			Remedy:   "name the right interface in spec.interfaces of the L2Advertisement (since v0.13.6), or take the other one down for good",
			Evidence: append([]schema.Evidence{a.Src, o.Src}, trouble...)}
		switch {
		case down:
			f.Is += ", and is down"
			f.Clause = fmt.Sprintf("clients send to %s of %s, which is down", o.Iface, o.Node)
		default:
			f.Evidence = append(f.Evidence, right[0].Src)
			f.Clause = fmt.Sprintf("%s of %s answers for %s, and the address's subnet is on %s", o.Iface, o.Node, a.Addr, right[0].Name)
		}
		report(f)
		return
	}
}

// downed tells whether an interface has no carrier or is set down.
func downed(i model.Interface) bool {
	return i.State == "DOWN" || i.State == "LOWERLAYERDOWN" || slices.Contains(i.Flags, "NO-CARRIER") || len(i.Flags) > 0 && !slices.Contains(i.Flags, "UP")
}

func (v *View) ifaceDown(node, iface string) bool {
	return slices.ContainsFunc(v.Ifaces, func(i model.Interface) bool { return i.Name == iface && v.NodeOf(i.Origin) == node && downed(i) })
}

// onLink lists the interfaces of a node in whose subnet the address is, those of containers left out.
func (v *View) onLink(node, addr string) []model.Interface {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil
	}
	var out []model.Interface
	for _, i := range v.Ifaces {
		if v.NodeOf(i.Origin) != node || i.Name == "lo" || i.Name == "kube-ipvs0" {
			continue
		}
		for _, p := range i.Addrs {
			if p.Bits() < p.Addr().BitLen() && p.Masked().Contains(a.Unmap()) {
				out = append(out, i)
				break
			}
		}
	}
	return out
}
