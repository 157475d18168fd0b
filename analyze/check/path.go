package check

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var mtuBlackhole = &Check{
	Cause: "mtu-blackhole", Title: "large packets vanish on the way",
	Doc: `Small requests and answers pass and large answers stall: a link on the way has a smaller MTU than the ends, and the ICMP that would say so does not arrive.
Found where the same client gets small answers and another request to the same address stalls after it connected, while the same request elsewhere
is answered, or MTUs that differ, large pings that fail, or an ICMP that asks for fragmentation are shown.`,
	Explains: []string{"cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			stalls, src := v.stallsWhenLarge(s)
			if len(stalls) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()},
				Should: "answers of any size arrive", Is: "small answers arrive, and " + stalls + " stalls after it connected",
				Remedy:   "ping -M do -s 1472 along the way finds the link with the smaller MTU; set the same MTU on nodes, CNI and network, or clamp the MSS",
				Clause:   "large answers vanish on the way (MTU): small requests are answered, and " + stalls + " stalls after it connected",
				Evidence: src})
		}
	},
}

// stallsWhenLarge names the request that stalls, with its evidence.
func (v *View) stallsWhenLarge(s *Service) (string, []schema.Evidence) {
	for _, p := range slices.Concat(s.Fails, s.Works) {
		if p.LargeFails {
			return p.Tool + " with large packets", append([]schema.Evidence{p.Src}, v.mtuFacts()...)
		}
	}
	small := s.served()
	if small == nil {
		return "", nil
	}
	for _, p := range s.failing() {
		if p.Outcome != model.OutcomeStalled || p.URL == small.URL {
			continue
		}
		facts := v.mtuFacts()
		facts = append(facts, v.words(s, model.SaysLargeFails)...)
		if other := v.sameRequestElsewhere(p); other != nil {
			facts = append(facts, other.Src)
		}
		if len(facts) > 0 {
			return orProbe(p), append([]schema.Evidence{p.Src, small.Src}, facts...)
		}
	}
	return "", nil
}

func orProbe(p model.Probe) string {
	if p.URL != "" {
		return p.URL
	}
	return p.Tool + " to " + p.Target
}

// mtuFacts are interfaces of physical links whose MTUs differ, and what text says of fragmentation.
func (v *View) mtuFacts() []schema.Evidence {
	var src []schema.Evidence
	for _, r := range v.Remarks {
		if r.ID == model.RemarkFragNeeded {
			src = append(src, r.Src)
		}
	}
	for _, p := range v.Probes {
		if p.LargeFails {
			src = append(src, p.Src)
		}
	}
	first := map[string]model.Interface{}
	for _, i := range v.Ifaces {
		if i.MTU == 0 || i.Name == "lo" || v.podSide("", i.Name) || len(i.Addrs) == 0 {
			continue
		}
		old, ok := first[i.Name]
		if ok && old.MTU != i.MTU {
			return append(src, old.Src, i.Src)
		}
		first[i.Name] = i
	}
	return src
}

// sameRequestElsewhere is an answered request for the same path, which is not the root, to another Service.
func (v *View) sameRequestElsewhere(p model.Probe) *model.Probe {
	u, err := url.Parse(p.URL)
	if err != nil || u.Path == "" || u.Path == "/" {
		return nil
	}
	for i := range v.Probes {
		w := &v.Probes[i]
		if x, err := url.Parse(w.URL); err == nil && w.OK && x.Path == u.Path && !model.SameAddr(w.Addr, p.Addr) && v.SubjectOf(w.Addr) != nil {
			return w
		}
	}
	return nil
}

// overlayPorts are the UDP ports of tunnels: flannel's and Cilium's VXLAN, the standard one, Geneve, OpenShift and Windows, WireGuard.
var overlayPorts = []string{"8472", "4789", "6081", "4790", "51820"}

var overlayBroken = &Check{
	Cause: "overlay-broken", Title: "the CNI's overlay loses packets between nodes",
	Doc: `Packets that the CNI wraps for another node are thrown away there, mostly because a NIC's checksum offload writes a wrong outer UDP checksum (VXLAN on
older kernels), so only endpoints on other nodes are slow or dead. Found where the receiving kernel says "UDP: bad checksum" for a tunnel's port while requests are lost or
take seconds. A bad checksum that tcpdump shows on the sender is normal with offload.`,
	Explains: []string{"cni-does-not-forward", "some-endpoints-fail", "endpoint-not-listening"},
	Run: func(v *View, report func(Finding)) {
		src := v.overlayLosses()
		if len(src) == 0 {
			return
		}
		for _, s := range v.HasAddress() {
			trouble := append(v.trouble(s), v.slow(s)...)
			if len(trouble) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: []schema.Object{s.Ref()},
				Should: "encapsulated packets arrive with a valid checksum", Is: "the receiving node throws away encapsulated packets (bad UDP checksum)",
				Remedy:   "turn the offload off on the tunnel's device on each node (ethtool -K flannel.1 tx-checksum-ip-generic off), or upgrade kernel or CNI",
				Clause:   "requests for endpoints on another node are lost in the CNI's overlay: the node there drops the encapsulated packets (bad UDP checksum)",
				Evidence: append(src, trouble...)})
		}
	},
}

func (v *View) overlayLosses() []schema.Evidence {
	var src []schema.Evidence
	for _, r := range v.Remarks {
		if r.ID == model.RemarkBadChecksum && slices.Contains(overlayPorts, r.Value) {
			src = append(src, r.Src)
		}
	}
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		for _, p := range c.List {
			a, err := netip.ParseAddr(p.DstAddr)
			if p.Checksum == "bad" && slices.Contains(overlayPorts, strconv.Itoa(p.DstPort)) && (len(src) > 0 || err == nil && m != "" && v.NodeOfAddr(a) == m) {
				src = append(src, p.Src)
			}
		}
	}
	return src
}

// slow are requests of which some take seconds and others do not.
func (v *View) slow(s *Service) []schema.Evidence {
	for _, p := range s.Works {
		if len(p.Took) > 1 && slices.Max(p.Took) >= 3 && slices.Min(p.Took) < 1 {
			return []schema.Evidence{p.Src}
		}
	}
	return nil
}

var staleConntrack = &Check{
	Cause: "stale-conntrack", Title: "an old connection-tracking entry holds the flow",
	Doc: `The kernel translates a flow by its first packet and keeps to that. A UDP client that never stops keeps an entry from before the rules or the endpoint were
there: its packets go on untranslated, or to an endpoint that is gone. Found where the table shows such an entry for the address.`,
	Explains: []string{"cni-does-not-forward", "kube-proxy-not-programmed"},
	Run: func(v *View, report func(Finding)) {
		for _, r := range v.Remarks {
			s := v.heldFlow(r)
			if s == nil {
				continue
			}
			f := strings.Fields(r.Value)
			replier, _, _ := strings.Cut(f[1], ":")
			is := fmt.Sprintf("the flow of %s to %s port %s is answered by %s, which is no endpoint", orUnset(r.Node), r.Addr, f[0], f[1])
			if model.SameAddr(replier, r.Addr) {
				is = fmt.Sprintf("the flow of %s to %s port %s is not translated", orUnset(r.Node), r.Addr, f[0])
			}
			report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Objects: []schema.Object{s.Ref()},
				Should: "flows to the address are translated to an endpoint that is there", Is: is,
				Remedy:   fmt.Sprintf("on the node: conntrack -D --orig-dst %s", r.Addr),
				Clause:   "an old connection-tracking entry holds a flow: " + is,
				Evidence: append([]schema.Evidence{r.Src}, v.trouble(s)...)})
		}
	},
}

// heldFlow is the Service whose flow an entry holds on something that is none of its endpoints; nil otherwise.
func (v *View) heldFlow(r model.Remark) *Service {
	if r.ID != model.RemarkConntrack {
		return nil
	}
	f := strings.Fields(r.Value)
	sub := v.SubjectOf(r.Addr)
	if len(f) < 2 || sub == nil {
		return nil
	}
	s := v.byKey[sub.Key()]
	replier := f[1]
	if ap, err := netip.ParseAddrPort(replier); err == nil {
		replier = ap.Addr().String()
	} else if i := strings.LastIndexByte(replier, ':'); i > 0 && strings.Count(replier, ":") == 1 {
		replier = replier[:i]
	}
	if model.SameAddr(replier, r.Addr) {
		if len(v.trouble(s)) == 0 {
			return nil
		}
		return s
	}
	backends := v.backends(s)
	if len(backends) == 0 || !v.slicesWhole(s) || v.isBackend(s, replier) || len(v.trouble(s)) == 0 {
		return nil
	}
	return s
}

var hairpinFromCluster = &Check{
	Cause: "hairpin-from-cluster", Title: "nodes or pods cannot reach the address, clients outside can",
	Doc: `Inside the cluster kube-proxy answers for the address itself, and packets never reach MetalLB: with externalTrafficPolicy Local a node without an endpoint,
or a CNI's own handling of the address, drops what pods and nodes send. Found where a request from outside is answered and one from a node or a pod is not.`,
	Explains: []string{"cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			bad := s.failingInside()
			src := probeEvidence(bad)
			who := "nodes and pods"
			if len(src) > 0 && bad[0].From != "" {
				who = bad[0].From
			}
			if len(src) == 0 && len(s.worksInside()) == 0 {
				src = v.words(s, model.SaysFailsInside)
			}
			outside := s.served()
			if len(src) == 0 || outside == nil || len(s.failing()) > 0 {
				continue
			}
			f := Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Confidence: schema.Reported, Objects: []schema.Object{s.Ref()},
				Should: "the address answers from inside the cluster too", Is: "clients outside get an answer, " + who + " do not",
				Remedy:   "inside the cluster use the clusterIP or the Service's name; or look at how kube-proxy or the CNI treats the address on that node",
				Clause:   fmt.Sprintf("it works for clients outside and not from inside the cluster (%s)", who),
				Evidence: append(src, outside.Src)}
			if s.Local() {
				f.Is += "; externalTrafficPolicy is Local"
				f.Remedy += "; externalTrafficPolicy Cluster lifts it for nodes without an endpoint"
				f.Evidence = append(f.Evidence, s.Object.At("spec.externalTrafficPolicy"))
			}
			report(f)
		}
	},
}

var addressOverlapsClusterNetwork = &Check{
	Cause: "address-overlaps-cluster-network", Title: "the address belongs to the cluster's own networks",
	Doc: `An address of the pod network, of the Services' network, or of a node is taken by the cluster itself: nodes route it to the CNI or answer for it. Found
by the pod CIDRs of the nodes and the ranges that the control plane is started with.`,
	Explains: []string{"cni-does-not-forward", "kube-proxy-not-programmed", "address-on-node-interface", "address-outside-subnet"},
	Run: func(v *View, report func(Finding)) {
		networks := v.clusterNetworks()
		for _, s := range v.HasAddress() {
			addr, err := netip.ParseAddr(s.Addresses[0])
			if err != nil {
				continue
			}
			what, src := networks.holding(addr)
			if what == "" {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "an address outside of the cluster's own networks",
				Is: fmt.Sprintf("%s is in %s", addr, what), Remedy: "give MetalLB a pool of the nodes' network, outside of the pod and Service networks",
				Clause: fmt.Sprintf("its address %s belongs to %s", addr, what), Evidence: append(src, v.trouble(s)...)}
			if len(v.trouble(s)) == 0 {
				f.Severity = schema.Warning
			}
			report(f)
		}
	},
}

// clusterNetworks are the cluster's own networks and addresses.
type clusterNetworks struct {
	ranges    []clusterRange
	addresses map[string]*model.Service // by clusterIP
}

type clusterRange struct {
	prefix netip.Prefix
	what   string
	src    schema.Evidence
}

// add takes the ranges of a list; of says whose they are.
func (c *clusterNetworks) add(list, what, of string, src schema.Evidence) {
	for _, t := range strings.Split(list, ",") {
		if p, err := netip.ParsePrefix(strings.TrimSpace(t)); err == nil {
			c.ranges = append(c.ranges, clusterRange{p, what + " (" + list + of + ")", src})
		}
	}
}

func (v *View) clusterNetworks() *clusterNetworks {
	const ofServices, ofPods = "the Services' network", "the pod network"
	c := &clusterNetworks{addresses: map[string]*model.Service{}}
	for _, n := range v.Obj.Nodes {
		for _, cidr := range n.PodCIDRs {
			c.add(cidr, ofPods, " of node "+n.Name, n.At("spec.podCIDR"))
		}
	}
	for _, p := range v.Obj.Pods {
		for _, container := range p.Containers {
			for _, arg := range append(slices.Clone(container.Command), container.Args...) {
				if list, ok := strings.CutPrefix(arg, "--service-cluster-ip-range="); ok {
					c.add(list, ofServices, "", p.Src)
				} else if list, ok := strings.CutPrefix(arg, "--cluster-cidr="); ok {
					c.add(list, ofPods, "", p.Src)
				}
			}
		}
	}
	for _, svc := range v.Obj.Services {
		for _, ip := range svc.ClusterIPs {
			if svc.Type != "" && c.addresses[ip] == nil {
				c.addresses[ip] = svc
			}
		}
	}
	return c
}

// holding tells which of the networks holds the address; "" for none.
func (c *clusterNetworks) holding(a netip.Addr) (string, []schema.Evidence) {
	for i := range c.ranges {
		if r := &c.ranges[i]; r.prefix.Contains(a) {
			return r.what, []schema.Evidence{r.src}
		}
	}
	if svc := c.addresses[a.String()]; svc != nil {
		return "the Services' network (clusterIP of " + svc.Key() + ")", []schema.Evidence{svc.Src}
	}
	return "", nil
}

var idleTimeout = &Check{
	Cause: "idle-timeout", Title: "a timer cuts connections that are quiet",
	Doc: `IPVS forgets a quiet TCP connection after 900 seconds, a firewall or cloud after its own time, and the next packet is reset or lost. Found where somebody says
that connections die when they are quiet, names the time, and a timer of that length is there.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			words := v.words(s, model.SaysIdle)
			if len(words) == 0 {
				continue
			}
			for _, r := range v.Remarks {
				seconds, err := strconv.Atoi(r.Value)
				if r.ID != model.RemarkTimeout || err != nil {
					continue
				}
				is, src := v.timerOf(seconds)
				if is == "" {
					continue
				}
				report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()},
					Should: "TCP keepalives more often than the shortest timer on the way", Is: is,
					Remedy:   "let the client or server send keepalives within that time (net.ipv4.tcp_keepalive_time), or raise the timer (ipvsadm --set; kube-proxy ipvs.tcpTimeout)",
					Clause:   "connections that are quiet are cut: " + is,
					Evidence: append(append([]schema.Evidence{r.Src}, src...), words...)})
				break
			}
		}
	},
}

// timerOf names a timer of about that length.
func (v *View) timerOf(seconds int) (string, []schema.Evidence) {
	near := func(x int) bool { return seconds >= x*9/10 && seconds <= x*11/10 }
	if mode := v.proxyMode(); mode.Value == "ipvs" && near(900) {
		return "kube-proxy runs in IPVS mode, whose TCP timer is 900 seconds", []schema.Evidence{mode.Src}
	}
	for _, x := range v.Sysctls {
		if !strings.HasPrefix(x.Name, "net.netfilter.nf_conntrack_tcp_timeout_established") {
			continue
		}
		if n, err := strconv.Atoi(x.Value); err == nil && near(n) {
			return x.Name + " is " + x.Value, []schema.Evidence{x.Src}
		}
	}
	return "", nil
}
