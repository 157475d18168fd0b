package check

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// inside tells whether an attempt was made on a node or in a pod, where it says nothing of MetalLB's part.
func inside(p model.Probe) bool { return p.FromKind == "node" || p.FromKind == "pod" }

// told by an attempt: whether a failure speaks of the network at all, and whether it is a loss rather than a refusal.
func lost(p model.Probe) bool {
	switch p.Outcome {
	case model.OutcomeTimeout, model.OutcomeNoAnswer, model.OutcomeNoRoute, model.OutcomeFiltered, model.OutcomeStalled, model.OutcomeFailed:
		return true
	}
	return false
}

func refusedBy(p model.Probe) bool {
	return p.Outcome == model.OutcomeRefused || p.Outcome == model.OutcomeReset
}

// failing lists requests from outside that failed on the way and that no later one of the same kind in the same text heals.
func (s *Service) failing() []model.Probe {
	var out []model.Probe
	for _, p := range s.Fails {
		if Transport(p) && !inside(p) && (lost(p) || refusedBy(p)) && !s.healed(p) {
			out = append(out, p)
		}
	}
	for _, p := range s.Works {
		if Transport(p) && !inside(p) && p.Partial && (lost(p) || refusedBy(p)) {
			out = append(out, p)
		}
	}
	return out
}

func (s *Service) healed(p model.Probe) bool {
	return slices.ContainsFunc(s.Works, func(w model.Probe) bool {
		return Transport(w) && !w.Partial && w.Src.Member == p.Src.Member && w.Src.Line > p.Src.Line && w.URL == p.URL && w.Port == p.Port &&
			w.Origin.Host == p.Origin.Host
	})
}

// failingInside lists requests from nodes and pods that failed.
func (s *Service) failingInside() []model.Probe {
	var out []model.Probe
	for _, p := range s.Fails {
		if Transport(p) && inside(p) && (lost(p) || refusedBy(p)) && !s.healed(p) {
			out = append(out, p)
		}
	}
	return out
}

// worksInside lists requests from nodes and pods that were answered.
func (s *Service) worksInside() []model.Probe {
	var out []model.Probe
	for _, p := range s.Works {
		if Transport(p) && inside(p) && !p.Partial {
			out = append(out, p)
		}
	}
	return out
}

func probeEvidence(ps []model.Probe) []schema.Evidence {
	var src []schema.Evidence
	for _, p := range ps {
		src = append(src, p.Src)
	}
	return src
}

// words are the remarks of these kinds that are about the Service: they name its address or it, or they name nothing and it is the
// only Service.
func (v *View) words(s *Service, ids ...string) []schema.Evidence {
	var src []schema.Evidence
	for _, r := range v.Remarks {
		if slices.Contains(ids, r.ID) && v.about(r, s) {
			src = append(src, r.Src)
		}
	}
	return src
}

func (v *View) about(r model.Remark, s *Service) bool {
	switch {
	case r.Service != "":
		return r.Service == s.Name || r.Service == s.Key()
	case r.Addr != "" && v.SubjectOf(r.Addr) != nil:
		return s.has(r.Addr)
	}
	return len(v.Services) == 1
}

func (s *Service) has(addr string) bool {
	return slices.ContainsFunc(s.Addresses, func(a string) bool { return model.SameAddr(a, addr) })
}

// trouble is what shows that the Service does not carry traffic from outside: requests that failed, and where no request at all is
// attached the words of a person. It proves no cause.
func (v *View) trouble(s *Service) []schema.Evidence {
	if f := s.failing(); len(f) > 0 {
		return probeEvidence(f)
	}
	if s.served() != nil {
		return nil
	}
	for _, a := range v.arrivals(s) {
		if !a.Answered || !a.Acked && a.Tries > 1 {
			return []schema.Evidence{a.Src}
		}
	}
	return v.words(s, model.SaysUnreachable, model.SaysFailsOutside, model.SaysRefused, model.SaysNoARP)
}

// degradedIf is degraded where requests from outside also succeed, else failed.
func (s *Service) degradedIf() schema.State {
	if s.served() != nil {
		return schema.StateDegraded
	}
	return schema.StateFailed
}

// machineOf names the machine that an output is of: the node, else the host of the prompt; "" for clients, routers and pods.
func (v *View) machineOf(o schema.Origin) string {
	if n := v.NodeOf(o); n != "" && o.Pod == "" {
		return n
	}
	if o.Client || o.Router || o.Pod != "" {
		return ""
	}
	if o.Host == "" && v.isUnnamedNode(o) {
		return unnamedNode
	}
	return o.Host
}

// arrival is a TCP connection to the Service's address that captures' text on some machine show coming in.
type arrival struct {
	Machine, Iface string
	Origin         schema.Origin
	Client         netip.Addr
	Port           int
	Answered       bool // a SYN-ACK from the address left
	Acked          bool // the client went on behind it
	Reset          bool // a RST from the address left
	Src            schema.Evidence
	AnswerIface    string
	Tries          int
}

// arrivals reads captures of machines that are no clients and no routers. The answer may stand in another capture of the same machine.
func (v *View) arrivals(s *Service) []arrival {
	var out []arrival
	at := map[string]int{} // machine, client, port
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		if c.Origin.Client || c.Origin.Router || m == "" {
			continue
		}
		here := map[string]bool{}
		for _, p := range c.List {
			if p.Flags != "S" || !s.has(p.DstAddr) || p.Dir == "Out" {
				continue
			}
			key := m + "|" + p.SrcAddr + "|" + strconv.Itoa(p.SrcPort)
			if i, ok := at[key]; ok {
				if here[key] {
					out[i].Tries++
				}
				continue
			}
			client, _ := netip.ParseAddr(p.SrcAddr)
			at[key], here[key] = len(out), true
			out = append(out, arrival{Machine: m, Iface: ifaceOf(c, p), Origin: c.Origin, Client: client, Port: p.DstPort, Src: p.Src, Tries: 1})
		}
	}
	if len(out) > 0 {
		v.answers(s, at, out)
	}
	return out
}

// answers notes what captures of the machines show behind the arrivals, which at holds by machine, client and port.
func (v *View) answers(s *Service, at map[string]int, out []arrival) {
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		for _, p := range c.List {
			switch {
			case s.has(p.SrcAddr):
				i, ok := at[m+"|"+p.DstAddr+"|"+strconv.Itoa(p.DstPort)]
				switch {
				case !ok:
				case p.Flags == "S.":
					out[i].Answered = true
					out[i].AnswerIface = ifaceOf(c, p)
				case strings.HasPrefix(p.Flags, "R"):
					out[i].Reset = true
				}
			case s.has(p.DstAddr) && (p.Flags == "." || p.Flags == "P."):
				if i, ok := at[m+"|"+p.SrcAddr+"|"+strconv.Itoa(p.SrcPort)]; ok {
					out[i].Acked = true
				}
			}
		}
	}
}

// flowing is a packet of a client outside in a connection that a capture on a node shows going both ways without a reset.
func (v *View) flowing(s *Service) *arrival {
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		if m == "" {
			continue
		}
		for _, p := range c.List {
			if p.Flags != "P." || !s.has(p.DstAddr) {
				continue
			}
			back := func(reset bool) bool {
				return slices.ContainsFunc(c.List, func(q model.Packet) bool {
					return s.has(q.SrcAddr) && q.DstAddr == p.SrcAddr && q.DstPort == p.SrcPort && strings.HasPrefix(q.Flags, "R") == reset && q.Flags != "S." && q.Src.Line > p.Src.Line
				})
			}
			if client, err := netip.ParseAddr(p.SrcAddr); err == nil && back(false) && !back(true) {
				return &arrival{Machine: m, Iface: ifaceOf(c, p), Origin: c.Origin, Client: client, Port: p.DstPort, Answered: true, Acked: true, Src: p.Src, Tries: 1}
			}
		}
	}
	return nil
}

// ifaceOf is the interface of a packet: its own, else that of the whole capture.
func ifaceOf(c model.Packets, p model.Packet) string {
	if p.Iface != "" {
		return p.Iface
	}
	return c.Iface
}

// sysctl is the value of a kernel setting on a machine.
func (v *View) sysctl(machine, name string) (model.Sysctl, bool) {
	for i := len(v.Sysctls) - 1; i >= 0; i-- {
		x := v.Sysctls[i]
		if x.Name == name && machine != "" && v.machineOf(x.Origin) == machine {
			return x, true
		}
	}
	return model.Sysctl{}, false
}

// routeTo is the route that a machine's kernel takes to an address, by its main table; nil when its routes were not shown.
func (v *View) routeTo(machine string, addr netip.Addr) *model.Route {
	var best *model.Route
	bits := -1
	for i := range v.Routes {
		r := &v.Routes[i]
		if r.Table != "kernel" || r.TableID != "" && r.TableID != "main" || v.machineOf(r.Origin) != machine {
			continue
		}
		p, err := netip.ParsePrefix(r.Prefix)
		if err != nil || addr.IsValid() && !p.Contains(addr) || !addr.IsValid() && p.Bits() > 0 {
			continue
		}
		if p.Addr().Is4() != (addr.Is4() || !addr.IsValid()) {
			continue
		}
		if p.Bits() > bits {
			best, bits = r, p.Bits()
		}
	}
	return best
}

// machines lists the machines that the Service's traffic enters by: where a capture shows it, and the nodes that announce.
func (v *View) machines(s *Service) []string {
	set := map[string]bool{}
	for _, a := range v.arrivals(s) {
		set[a.Machine] = true
	}
	for _, a := range s.Announces("") {
		if a.Node != "" {
			set[a.Node] = true
		}
	}
	return model.Sorted(set)
}

// backend is one endpoint of a Service with the ports that traffic is sent to.
type backend struct {
	Addr, Node, Pod string
	Ports           []int
	Src             schema.Evidence
}

// backends are the endpoints by slices, and by IPVS or Cilium where those list the Service's address.
func (v *View) backends(s *Service) []backend {
	var out []backend
	add := func(b backend) {
		for i := range out {
			if out[i].Addr == b.Addr {
				out[i].Ports = append(out[i].Ports, b.Ports...)
				return
			}
		}
		out = append(out, b)
	}
	for _, sl := range s.Slices {
		var ports []int
		for _, p := range sl.Ports {
			ports = append(ports, p.Port)
		}
		for _, e := range sl.Endpoints {
			for _, a := range e.Addresses {
				src := e.Src
				if src.Member == "" {
					src = sl.Src
				}
				add(backend{Addr: a, Node: e.Node, Pod: e.Pod.Name, Ports: ports, Src: src})
			}
		}
	}
	for _, x := range v.IPVS {
		if !s.has(x.Addr) {
			continue
		}
		for _, r := range x.Real {
			if ap, err := netip.ParseAddrPort(r); err == nil {
				add(backend{Addr: ap.Addr().String(), Ports: []int{int(ap.Port())}, Src: x.Src})
			}
		}
	}
	return out
}

// podsOf are the pods behind the Service: those that its slices name, else those that its selector takes.
func (v *View) podsOf(s *Service) []*model.Pod {
	var out []*model.Pod
	for _, p := range v.Obj.Pods {
		if p.Namespace != s.Namespace {
			continue
		}
		named := false
		for _, sl := range s.Slices {
			for _, e := range sl.Endpoints {
				named = named || e.Pod.Name == p.Name
			}
		}
		if named || s.Object != nil && len(s.Object.Selector) > 0 && subset(s.Object.Selector, p.Labels) {
			out = append(out, p)
		}
	}
	return out
}

func subset(want, have map[string]string) bool {
	for k, x := range want {
		if y, ok := have[k]; !ok || x != y {
			return false
		}
	}
	return true
}

// clients are the addresses from which the Service was tried from outside, as captures or text show them.
func (v *View) clients(s *Service) map[netip.Addr]schema.Evidence {
	out := map[netip.Addr]schema.Evidence{}
	for _, a := range v.arrivals(s) {
		if a.Client.IsValid() && v.NodeOfAddr(a.Client) == "" {
			out[a.Client] = a.Src
		}
	}
	for _, c := range v.Captures {
		for _, p := range c.List {
			if p.Flags == "S" && s.has(p.DstAddr) && c.Origin.Client {
				if a, err := netip.ParseAddr(p.SrcAddr); err == nil {
					out[a] = p.Src
				}
			}
		}
	}
	for _, r := range v.Remarks {
		switch r.ID {
		case model.SaysFailsOutside, model.SaysUnreachable:
			if a, err := netip.ParseAddr(r.Addr); err == nil && v.SubjectOf(r.Addr) == nil && v.NodeOfAddr(a) == "" && len(v.Services) == 1 {
				out[a] = r.Src
			}
		}
	}
	return out
}

// sortedAddrs orders the addresses of a set.
func sortedAddrs(set map[netip.Addr]schema.Evidence) []netip.Addr {
	var all []netip.Addr
	for a := range set {
		all = append(all, a)
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}
