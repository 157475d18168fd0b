package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var addressOutsideSubnet = &Check{
	Cause: "address-outside-subnet", Title: "the address is in no subnet of the announcing node",
	Doc: `ARP is asked only for addresses of an own subnet. An address that is in no subnet of the segment is sent to the router, which needs a route to a node (or an own address of that
subnet). Found where the addresses of the announcing node's interfaces are known, none has the address's subnet, and it is not reached, or another node is on the address's network.`,
	Explains: []string{"client-not-on-segment", "arp-request-not-seen"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if s.served() != nil || len(s.Announces("layer2")) == 0 || len(v.answersFor(s)) > 0 {
				continue
			}
			trouble := append(v.unansweredARP(s), v.trouble(s)...)
			on := s.Announcers("layer2")
			if len(on) == 0 { // whoever it is: a node of which the interfaces are shown, or one like it
				on = v.NodeNames()
				if slices.ContainsFunc(on, func(n string) bool { return len(v.onLink(n, s.Addresses[0])) > 0 || v.nearNode(n, s.Addresses[0]) }) {
					on = nil
				}
			}
			for _, node := range on {
				nets, src := v.subnetsOf(node, s.Addresses[0])
				if len(nets) == 0 || len(v.onLink(node, s.Addresses[0])) > 0 || len(trouble) == 0 && !v.apart(s, node) {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: node}, s.Ref()}, Confidence: schema.Likely,
					Should: "an address of a subnet of the nodes (" + strings.Join(nets, ", ") + "), or a route to it", Is: s.Addresses[0] + " is in none of them",
					Remedy:   "give the pool free addresses of the nodes' subnet, or route them on the router, or announce by BGP",
					Clause:   fmt.Sprintf("its address %s is in no subnet of %s (%s), so nobody on the segment asks for it by ARP", s.Addresses[0], node, strings.Join(nets, ", ")),
					Evidence: append(src, trouble...)})
				break
			}
			if f, ok := v.strayAnnouncer(s, trouble); ok {
				report(f)
			}
		}
	},
}

// apart tells whether the only announcing node is on another network than the address, and another node is on the address's own: whoever asks for
// the address does so where the announcer is not.
func (v *View) apart(s *Service, node string) bool {
	on := s.Announcers("layer2")
	return len(on) == 1 && on[0] == node && v.Node(node) != nil && !v.nearNode(node, s.Addresses[0]) && len(v.answersSaid(s)) == 0 &&
		slices.ContainsFunc(v.Obj.Nodes, func(n *model.Node) bool { return v.nearNode(n.Name, s.Addresses[0]) })
}

// strayAnnouncer is the finding where no interfaces are attached, and the announcing node's own address is of another network than the
// Service's address, which other nodes' addresses share: clusters over two networks, with one pool. A network is taken for a /24 or a /64.
func (v *View) strayAnnouncer(s *Service, trouble []schema.Evidence) (Finding, bool) {
	on := s.Announcers("layer2")
	a, err := netip.ParseAddr(s.Addresses[0])
	if err != nil || len(on) != 1 || len(trouble) == 0 || len(v.answersSaid(s)) > 0 {
		return Finding{}, false
	}
	if nets, _ := v.subnetsOf(on[0], s.Addresses[0]); len(nets) > 0 {
		return Finding{}, false
	}
	own, other := (*model.Node)(nil), (*model.Node)(nil)
	var at netip.Addr
	for _, n := range v.Obj.Nodes {
		for _, ip := range n.InternalIPs {
			if ip.Is4() != a.Is4() {
				continue
			}
			switch near := sameNetwork(ip, a); {
			case n.Name == on[0] && near:
				return Finding{}, false
			case n.Name == on[0]:
				own, at = n, ip
			case near && other == nil:
				other = n
			}
		}
	}
	if own == nil || other == nil {
		return Finding{}, false
	}
	return Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: own.Name}, s.Ref()}, Confidence: schema.Likely,
		Should: "an announcing node on the network of " + s.Addresses[0] + ", as " + other.Name + " is", Is: own.Name + " (" + at.String() + ") announces it",
		Remedy:   "give the L2Advertisement nodeSelectors that take only the nodes of the pool's network, and each network a pool of its own",
		Clause:   fmt.Sprintf("%s announces %s, but is on another network (%s), where nobody asks for it by ARP", own.Name, s.Addresses[0], at),
		Evidence: append([]schema.Evidence{own.Src, s.Announces("layer2")[0].Src, other.Src}, trouble...)}, true
}

// nearNode tells whether one of the node's own addresses shares a network with the address.
func (v *View) nearNode(node, addr string) bool {
	n := v.Node(node)
	a, err := netip.ParseAddr(addr)
	return n != nil && err == nil && slices.ContainsFunc(n.InternalIPs, func(ip netip.Addr) bool { return ip.Is4() == a.Is4() && sameNetwork(ip, a) })
}

// sameNetwork tells whether two addresses of one family share a /24, or a /64.
func sameNetwork(a, b netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return err == nil && p.Contains(b)
}

// subnetsOf lists the subnets of a node's own interfaces, of the address's family.
func (v *View) subnetsOf(node, addr string) (nets []string, src []schema.Evidence) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, nil
	}
	for _, i := range v.Ifaces {
		if v.NodeOf(i.Origin) != node || i.Name == "lo" || i.Name == "kube-ipvs0" || v.podSide(node, i.Name) {
			continue
		}
		for _, p := range i.Addrs {
			if p.Addr().Is4() == a.Is4() && p.Bits() < p.Addr().BitLen() && !p.Addr().IsLinkLocalUnicast() {
				nets = append(nets, p.Masked().String())
				src = append(src, i.Src)
			}
		}
	}
	return nets, src
}
