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
				Should: "answers of any size arrive", Is: "small packets arrive, and " + stalls + " stalls after it connected",
				Remedy:   "ping -M do -s 1472 along the way finds the link with the smaller MTU; set the same MTU on nodes, CNI and network, or clamp the MSS",
				Clause:   "large answers vanish on the way (MTU): small packets pass, and " + stalls + " stalls after it connected",
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
		return v.stallsAndFrag(s)
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

// stallsAndFrag is a request that stalled after it connected while a router again and again asks the Service's address for smaller packets.
func (v *View) stallsAndFrag(s *Service) (string, []schema.Evidence) {
	for _, p := range s.failing() {
		if p.Outcome != model.OutcomeStalled {
			continue
		}
		var asked []schema.Evidence
		for _, c := range v.Captures {
			for _, k := range c.List {
				if strings.HasPrefix(k.Proto, "icmp") && s.has(k.DstAddr) && (strings.Contains(k.Text, "need to frag") || strings.Contains(k.Text, "packet too big")) {
					asked = append(asked, k.Src)
				}
			}
		}
		if len(asked) > 1 {
			return orProbe(p), append([]schema.Evidence{asked[0], asked[len(asked)-1], p.Src}, v.mtuFacts()...)
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
		if len(v.trouble(s)) == 0 && !(slices.Contains(f, "UNREPLIED") && v.rulesFor(s, r.Origin)) {
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

// rulesFor tells whether the machine of an output has rules of kube-proxy for the Service's address, so that a new flow would be translated.
func (v *View) rulesFor(s *Service, o schema.Origin) bool {
	m := v.machineOf(o)
	for _, t := range v.Firewalls {
		if x := v.machineOf(t.Origin); x != m || x == "" && t.Origin.Path != o.Path {
			continue
		}
		for a := range t.Addresses {
			if s.has(a) {
				return true
			}
		}
	}
	return slices.ContainsFunc(v.IPVS, func(x model.VirtualServer) bool {
		return s.has(x.Addr) && len(x.Real) > 0 && v.machineOf(x.Origin) == m && m != ""
	})
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
