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
known, the address is in the subnet of one of its interfaces, and that one is not among those named.`,
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
	},
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
