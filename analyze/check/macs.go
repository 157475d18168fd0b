package check

import (
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// macOwner is the node and interface that has a MAC; Node "" means that no attached interface has it.
type macOwner struct {
	Node, Iface string
	Src         schema.Evidence
}

// say names the interface and the node, or the node alone where its interfaces are not shown.
func (o macOwner) say() string {
	if o.Iface == "" {
		return o.Node
	}
	return o.Iface + " of " + o.Node
}

// ownerOf finds whose a MAC is, by interfaces that were listed.
func (v *View) ownerOf(mac string) macOwner {
	for _, i := range v.Ifaces {
		if !strings.EqualFold(i.MAC, mac) || i.MAC == "" {
			continue
		}
		if n := v.NodeOf(i.Origin); n != "" {
			return macOwner{Node: n, Iface: i.Name, Src: i.Src}
		}
		if i.Origin.Host != "" {
			return macOwner{Node: i.Origin.Host, Iface: i.Name, Src: i.Src}
		}
	}
	return v.neighborWith(mac)
}

// neighborWith is the node whose own address a neighbour table resolves to that MAC.
func (v *View) neighborWith(mac string) macOwner {
	for _, n := range v.ARP {
		if n.MAC == "" || !strings.EqualFold(n.MAC, mac) {
			continue
		}
		if a, err := netip.ParseAddr(n.Addr); err == nil && v.NodeOfAddr(a) != "" {
			return macOwner{Node: v.NodeOfAddr(a), Src: n.Src}
		}
	}
	return macOwner{}
}

// macsComplete tells whether the MACs of every node of the cluster are known, so that a MAC of none of them is foreign.
func (v *View) macsComplete() bool {
	known := map[string]bool{}
	for _, i := range v.Ifaces {
		if i.MAC != "" {
			known[v.NodeOf(i.Origin)] = true
		}
	}
	nodes := v.NodeNames()
	for _, r := range v.Routes {
		nodes = append(nodes, v.machineOf(r.Origin))
	}
	for _, n := range v.ARP {
		nodes = append(nodes, v.machineOf(n.Origin))
	}
	for _, n := range nodes {
		if !known[n] && n != "" {
			return false
		}
	}
	// without Node objects, or the pods of the speakers' DaemonSet, there may be nodes that nothing here names
	return len(nodes) > 0 && (len(v.Obj.Nodes) > 0 || len(v.Install.SpeakerPods) > 0)
}

// macsKnownOf tells whether a MAC of each of these nodes is known, so that an answer of theirs would be recognised.
func (v *View) macsKnownOf(nodes []string) bool {
	known := map[string]bool{}
	for _, i := range v.Ifaces {
		if i.MAC != "" && i.Name != "lo" {
			known[v.NodeOf(i.Origin)] = true
		}
	}
	for _, n := range nodes {
		if !known[n] {
			return false
		}
	}
	return len(nodes) > 0
}

// macsByNeighbors are the MACs that neighbour tables outside show for the nodes' own addresses, where they do for each node that is an object or
// announces the Service, on the network of the Service's address; nil otherwise.
func (v *View) macsByNeighbors(s *Service) []string {
	want := map[string]bool{}
	for _, n := range v.Obj.Nodes {
		want[n.Name] = true
	}
	for _, n := range s.Announcers("layer2") {
		want[n] = true
	}
	own, err := netip.ParseAddr(s.Addresses[0])
	var macs []string
	for _, n := range v.ARP {
		a, err2 := netip.ParseAddr(n.Addr)
		if err != nil || err2 != nil || n.MAC == "" || v.NodeOf(n.Origin) != "" || v.NodeOfAddr(a) == "" || a.Is4() != own.Is4() || !sameNetwork(a, own) {
			continue
		}
		delete(want, v.NodeOfAddr(a))
		macs = append(macs, strings.ToLower(n.MAC))
	}
	if len(want) > 0 || len(v.Obj.Nodes) == 0 {
		return nil
	}
	return macs
}

// makerOf is the part of a MAC that tells its maker.
func makerOf(mac string) string { return mac[:min(len(mac), 8)] }

// answer is who answered ARP or NDP for an address of a Service, as arping, tcpdump text or a neighbour table shows.
type answer struct {
	Addr, MAC string
	Via       string // arping, tcpdump, neighbor
	FromNode  string // the machine that saw it, where it is a node
	Probe     *model.Probe
	Src       schema.Evidence
}

// answersFor lists the answers for the Service's addresses, without those that a node's own neighbour table holds of itself.
func (v *View) answersFor(s *Service) []answer {
	has := func(a string) bool {
		for _, x := range s.Addresses {
			if model.SameAddr(x, a) {
				return true
			}
		}
		return false
	}
	var out []answer
	for i := range v.Probes {
		p := &v.Probes[i]
		if p.Tool != "arping" && p.Tool != "ndisc6" && len(p.MACs) == 0 {
			continue
		}
		addr := p.Addr
		if addr == "" {
			addr = p.Target
		}
		if !has(addr) {
			continue
		}
		for _, mac := range p.MACs {
			out = append(out, answer{Addr: addr, MAC: strings.ToLower(mac), Via: p.Tool, FromNode: v.NodeOf(p.Origin), Probe: p, Src: p.Src})
		}
	}
	for _, c := range v.Captures {
		for _, p := range c.List {
			if p.MAC != "" && (p.ARP == "reply" || p.Proto == "ndp") && has(p.Target) {
				out = append(out, answer{Addr: p.Target, MAC: strings.ToLower(p.MAC), Via: "tcpdump", FromNode: v.NodeOf(p.Origin), Src: p.Src})
			}
		}
	}
	for _, n := range v.ARP {
		if n.MAC != "" && has(n.Addr) && n.State != "PERMANENT" && n.State != "NOARP" {
			out = append(out, answer{Addr: n.Addr, MAC: strings.ToLower(n.MAC), Via: "neighbor", FromNode: v.NodeOf(n.Origin), Src: n.Src})
		}
	}
	return out
}

// ifacesWith lists interfaces that carry the address, without those of kube-proxy's IPVS.
func (v *View) ifacesWith(addr string) []model.Interface {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil
	}
	var out []model.Interface
	for _, i := range v.Ifaces {
		if i.Name == "kube-ipvs0" || i.Name == "nodelocaldns" {
			continue
		}
		for _, p := range i.Addrs {
			if p.Addr().Unmap() == a.Unmap() {
				out = append(out, i)
			}
		}
	}
	return out
}

// ipvsHolders lists the nodes whose kube-ipvs0 carries the address.
func (v *View) ipvsHolders(addr string) (nodes []string, src []schema.Evidence) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, nil
	}
	set := map[string]bool{}
	for _, i := range v.Ifaces {
		if i.Name != "kube-ipvs0" {
			continue
		}
		for _, p := range i.Addrs {
			if p.Addr().Unmap() == a.Unmap() {
				name := v.NodeOf(i.Origin)
				if name == "" {
					name = i.Origin.Host
				}
				set[name] = true
				src = append(src, i.Src)
			}
		}
	}
	return model.Sorted(set), src
}
