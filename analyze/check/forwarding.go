package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var forwardingOff = &Check{
	Cause: "forwarding-off", Title: "IP forwarding is off on the node",
	Doc: `The node that announces translates the address to a pod's, and has to forward the packet to it: with net.ipv4.ip_forward or the forwarding of the
interface where it comes in at 0, the kernel drops it. OVN-Kubernetes leaves it off on secondary interfaces unless ipForwarding is Global. Found where the
setting of a node that announces, or where the traffic arrives, is shown and requests fail.`,
	Explains: []string{"cni-does-not-forward", "kube-proxy-not-programmed", "rp-filter-drops", "asymmetric-return", "firewall-drops"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			src := v.trouble(s)
			if len(src) == 0 {
				continue
			}
			machines := v.machines(s)
			for _, m := range machines {
				x, ok := v.notForwarding(s, m)
				if !ok {
					continue
				}
				f := Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: machineRefs(m, s),
					Should: "the node forwards packets (net.ipv4.ip_forward 1, and forwarding of the interface)", Is: fmt.Sprintf("%s is %s on %s", x.Name, x.Value, m),
					Remedy:   fmt.Sprintf("on %s: sysctl -w %s=1, and keep it in /etc/sysctl.d (OpenShift with OVN-Kubernetes: gatewayConfig.ipForwarding Global)", m, x.Name),
					Clause:   fmt.Sprintf("%s takes the traffic and does not forward it to the pods: %s is %s", m, x.Name, x.Value),
					Evidence: append([]schema.Evidence{x.Src}, src...)}
				if len(machines) > 1 && len(s.Announcers("layer2")) == 0 {
					f.State = schema.StateDegraded
				}
				report(f)
				break
			}
		}
	},
}

// notForwarding looks for a setting of the machine that keeps it from forwarding the Service's packets.
func (v *View) notForwarding(s *Service, machine string) (model.Sysctl, bool) {
	if a, err := netip.ParseAddr(s.Addresses[0]); err == nil && a.Is6() {
		x, ok := v.sysctl(machine, "net.ipv6.conf.all.forwarding")
		return x, ok && x.Value == "0"
	}
	for _, a := range v.arrivals(s) {
		if a.Machine == machine && a.Iface != "" && a.Iface != "any" {
			x, ok := v.sysctl(machine, "net.ipv4.conf."+a.Iface+".forwarding")
			if ok {
				return x, x.Value == "0"
			}
		}
	}
	x, ok := v.sysctl(machine, "net.ipv4.ip_forward")
	if !ok {
		x, ok = v.sysctl(machine, "net.ipv4.conf.all.forwarding")
	}
	return x, ok && x.Value == "0"
}

// entry is where a Service's traffic comes into a machine and how the machine would send to who asked.
type entry struct {
	Machine, Iface string
	Client         netip.Addr // invalid: somewhere behind a router
	Back           *model.Route
	Answered       bool
	Again          bool // the client asked again and never went on behind the answer
	AnswerIface    string
	Src            []schema.Evidence
	Seen           bool // a capture shows the traffic; else the interface follows from the announcement
}

// entries lists them: by captures, else by the interface in whose subnet the BGP peer is, for a request from beyond a router.
func (v *View) entries(s *Service) []entry {
	var out []entry
	for _, a := range v.arrivals(s) {
		if a.Iface == "" || a.Iface == "any" || !a.Client.IsValid() {
			continue
		}
		out = append(out, entry{Machine: a.Machine, Iface: a.Iface, Client: a.Client, Back: v.routeTo(a.Machine, a.Client), Answered: a.Answered,
			Again: a.Tries > 1 && !a.Acked, AnswerIface: a.AnswerIface, Src: []schema.Evidence{a.Src}, Seen: true})
	}
	if len(out) > 0 || len(s.failing()) == 0 || s.served() != nil {
		return out
	}
	for _, a := range s.Announces("bgp") {
		if a.Node == "" {
			continue
		}
		for _, x := range v.Sessions {
			if !x.Up || x.Node != a.Node {
				continue
			}
			peer, err := netip.ParseAddr(x.Peer)
			if err != nil {
				continue
			}
			on := v.onLink(a.Node, peer.String())
			if len(on) != 1 {
				continue
			}
			out = append(out, entry{Machine: a.Node, Iface: on[0].Name, Back: v.routeTo(a.Node, netip.Addr{}), Src: append([]schema.Evidence{x.Src}, probeEvidence(s.failing())...)})
		}
	}
	return out
}

// strict tells whether the machine's reverse path filter on the interface is strict: the larger of all and the interface counts.
func (v *View) strict(machine, iface string) ([]schema.Evidence, bool) {
	all, okAll := v.sysctl(machine, "net.ipv4.conf.all.rp_filter")
	own, okOwn := v.sysctl(machine, "net.ipv4.conf."+iface+".rp_filter")
	if !okAll && !okOwn || all.Value == "2" || own.Value == "2" {
		return nil, false
	}
	switch {
	case own.Value == "1":
		return []schema.Evidence{own.Src}, true
	case all.Value == "1":
		return []schema.Evidence{all.Src}, true
	}
	return nil, false
}

var rpFilterDrops = &Check{
	Cause: "rp-filter-drops", Title: "reverse path filtering drops the requests",
	Doc: `With a strict reverse path filter (rp_filter 1) the kernel drops a packet that comes in by another interface than the one by which it would
answer. Found where a request comes in by an interface with a strict filter, the machine's route to its sender leads over another interface, and it is not
answered; the kernel's counter (TcpExtIPReversePathFilter) or its martian lines say so too.`,
	Explains: []string{"asymmetric-return", "cni-does-not-forward", "wrong-interface", "announcer-flapping", "address-used-by-other-host"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if len(v.trouble(s)) == 0 {
				continue
			}
			for _, e := range v.entries(s) {
				src, strict := v.strict(e.Machine, e.Iface)
				if e.Answered || !strict || e.Back == nil || e.Back.Device == "" || e.Back.Device == e.Iface {
					continue
				}
				who := "clients beyond the router"
				if e.Client.IsValid() {
					who = e.Client.String()
				}
				f := Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: machineRefs(e.Machine, s),
					Should: fmt.Sprintf("%s takes requests that come in by %s", e.Machine, e.Iface),
					Is:     fmt.Sprintf("rp_filter of %s is strict on %s, and the route to %s is by %s", e.Machine, e.Iface, who, e.Back.Device),
					Remedy: fmt.Sprintf("on the nodes: sysctl -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.%s.rp_filter=2, or route back over %s (policy routing)", e.Iface, e.Iface),
					Clause: fmt.Sprintf("%s drops requests from %s that come in by %s, because its route back is by %s and rp_filter is strict", e.Machine, who, e.Iface, e.Back.Device),
				}
				f.Evidence = append(append(append(src, e.Back.Src), e.Src...), v.reversePathCounts(e.Machine)...)
				if !e.Seen {
					f.Confidence = schema.Likely
				}
				report(f)
				break
			}
			v.martians(s, report)
		}
	},
}

func (v *View) reversePathCounts(machine string) []schema.Evidence {
	var src []schema.Evidence
	for _, r := range v.Remarks {
		if r.ID == model.RemarkReversePathCount && r.Value != "0" && v.machineOf(r.Origin) == machine {
			src = append(src, r.Src)
		}
	}
	return src
}

// martians reports the kernel's own word: it logs a martian source where the reverse path filter drops a packet.
func (v *View) martians(s *Service, report func(Finding)) {
	for _, r := range v.Remarks {
		if r.ID != model.RemarkMartian || !s.has(r.Addr) {
			continue
		}
		report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Confidence: schema.Reported, Objects: []schema.Object{s.Ref()},
			Should: "the node takes requests for " + r.Addr, Is: "the kernel logs a martian source: " + r.Value,
			Remedy:   "sysctl -w net.ipv4.conf.all.rp_filter=2 on the nodes, or a route back over the interface where the request comes in",
			Clause:   fmt.Sprintf("the node's kernel drops requests for %s as martian (reverse path filter): %s", r.Addr, r.Value),
			Evidence: append([]schema.Evidence{r.Src}, v.trouble(s)...)})
		return
	}
}

var asymmetricReturn = &Check{
	Cause: "asymmetric-return", Title: "the answer leaves by another interface and is lost",
	Doc: `The request comes in by one interface and the node's route to its sender leads over another, so the answer takes another way; a router with a
strict reverse path filter, or a firewall that keeps state, drops it there. Found where a capture shows the answer leaving by another interface and the client asking
again, or where a router's strict filter on the way back is shown.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if len(v.trouble(s)) == 0 {
				continue
			}
			for _, e := range v.entries(s) {
				f := Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: machineRefs(e.Machine, s),
					Remedy: fmt.Sprintf("route answers back over %s (a rule and table for the address), or loosen the filter on the way", e.Iface)}
				switch {
				case e.Answered && e.AnswerIface != "" && e.AnswerIface != e.Iface && !v.podSide(e.Machine, e.AnswerIface) && (e.Again || len(s.failing()) > 0):
					f.Should = "the answer leaves by " + e.Iface
					f.Is = fmt.Sprintf("requests come in by %s of %s and answers leave by %s", e.Iface, e.Machine, e.AnswerIface)
					f.Evidence = append(e.Src, v.trouble(s)...)
				case e.Back != nil && e.Back.Device != "" && e.Back.Device != e.Iface && !e.Seen:
					src := v.strictRouter(e.Back)
					if src == nil {
						continue
					}
					f.Confidence = schema.Likely
					f.Should = "the answer goes back by the router's interface that the request left by"
					f.Is = fmt.Sprintf("requests come in by %s of %s, its default route is by %s, and the router filters strictly there", e.Iface, e.Machine, e.Back.Device)
					f.Evidence = append(append(src, e.Back.Src), e.Src...)
				default:
					continue
				}
				f.Clause = "answers are lost on the way back: " + f.Is
				report(f)
				break
			}
		}
	},
}

// podSide tells whether an interface leads to pods.
func (v *View) podSide(machine, iface string) bool {
	for _, prefix := range []string{"cni", "cali", "veth", "lxc", "flannel", "tunl", "vxlan", "docker", "cilium", "ovn", "lo"} {
		if strings.HasPrefix(iface, prefix) {
			return true
		}
	}
	return false
}

// strictRouter looks for a router with a strict filter where the route back leads: on an interface of its own that has the gateway's
// address, or on any where its addresses are not shown.
func (v *View) strictRouter(back *model.Route) []schema.Evidence {
	var src []schema.Evidence
	for _, x := range v.Sysctls {
		if !x.Origin.Router || !strings.HasSuffix(x.Name, ".rp_filter") || x.Value != "1" {
			continue
		}
		iface := strings.TrimSuffix(strings.TrimPrefix(x.Name, "net.ipv4.conf."), ".rp_filter")
		if iface == "default" || !slices.ContainsFunc(v.Routes, func(r model.Route) bool { return r.Origin.Router && leads(r, iface, back.NextHop) }) && iface != "all" {
			continue
		}
		src = append(src, x.Src)
	}
	return src
}

// leads tells whether the route of a router is its connected one, on the interface, to the subnet of the address.
func leads(r model.Route, iface, addr string) bool {
	p, err := netip.ParsePrefix(r.Prefix)
	a, err2 := netip.ParseAddr(addr)
	return err == nil && err2 == nil && r.Device == iface && r.NextHop == "" && p.Contains(a)
}
