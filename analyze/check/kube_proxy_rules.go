package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var kubeProxyNotProgrammed = &Check{
	Cause: "kube-proxy-not-programmed", Title: "the node has no rules for the address",
	Doc: `MetalLB only brings the traffic to a node; kube-proxy, or what replaces it, has to translate the address there. Found where requests fail and the
node's rules are shown whole without the address: the list of IPVS, iptables-save with rules of kube-proxy for other Services, or none of kube-proxy's at all, or Cilium's list of
services without the frontend (its replacement of kube-proxy turned off, or the kernel too old for it).`,
	Explains: []string{"cni-does-not-forward", "rp-filter-drops"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			trouble := v.trouble(s)
			if len(trouble) == 0 || s.served() != nil || len(s.worksInside()) > 0 {
				continue
			}
			is, src := v.notProgrammed(s)
			if is == "" {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "rules for " + s.List() + " on the node that takes the traffic",
				Is: is, Remedy: "look at kube-proxy (or the CNI that replaces it) on that node: its log, its mode and what its kernel supports",
				Clause: "the node that takes the traffic does not translate the address: " + is, Evidence: append(src, trouble...)}
			for _, r := range v.Remarks {
				if r.ID == model.RemarkCiliumFeature || r.ID == model.RemarkKubeProxyReplacement {
					f.Evidence = append(f.Evidence, r.Src)
				}
			}
			report(f)
		}
	},
}

func (v *View) notProgrammed(s *Service) (string, []schema.Evidence) {
	machines := v.machines(s)
	here := func(o schema.Origin) (string, bool) {
		m := v.machineOf(o)
		if m == "" && o.Pod != "" {
			if m = v.NodeOf(o); m == "" {
				m = o.Host
			}
		}
		return m, m != "" && (len(machines) == 0 || slices.Contains(machines, m))
	}
	for _, r := range v.Remarks {
		if r.ID != model.RemarkCiliumServiceList {
			continue
		}
		if _, ok := here(r.Origin); !ok && len(machines) > 0 {
			continue
		}
		if !slices.ContainsFunc(v.Remarks, func(x model.Remark) bool { return x.ID == model.RemarkCiliumService && s.has(x.Addr) }) {
			return "Cilium's list of services has no frontend for " + s.List(), []schema.Evidence{r.Src}
		}
	}
	ipvs := map[string]schema.Evidence{}
	has := map[string]bool{}
	for _, x := range v.IPVS {
		if m, ok := here(x.Origin); ok {
			if _, seen := ipvs[m]; !seen {
				ipvs[m] = x.Src
			}
			has[m] = has[m] || s.has(x.Addr)
		}
	}
	if len(machines) == 0 { // kube-proxy writes every Service on every node
		machines = model.Sorted(keysIn(ipvs))
	}
	for _, m := range machines {
		if src, ok := ipvs[m]; ok && !has[m] && v.ipvsWhole(m) {
			return "IPVS on " + m + " has no virtual server for " + s.List(), []schema.Evidence{src}
		}
	}
	return v.noIptables(s, here)
}

func keysIn(m map[string]schema.Evidence) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// ipvsWhole tells whether the list of a machine was shown whole: it has servers of more than one address.
func (v *View) ipvsWhole(machine string) bool {
	addrs := map[string]bool{}
	for _, x := range v.IPVS {
		if v.machineOf(x.Origin) == machine {
			addrs[x.Addr] = true
		}
	}
	return len(addrs) > 1
}

// noIptables reads dumps of iptables and nft of the machines that take the traffic.
func (v *View) noIptables(s *Service, here func(schema.Origin) (string, bool)) (string, []schema.Evidence) {
	if len(v.IPVS) > 0 || v.proxyMode().Value == "ipvs" {
		return "", nil
	}
	if is, src := v.lookedInVain(s, here); is != "" {
		return is, src
	}
	if s.Object == nil || s.Local() {
		return "", nil // with the policy Local a node without an endpoint of its own translates nothing
	}
	rules := 0
	for _, t := range v.Firewalls {
		rules += t.KubeRules + t.Cilium
		for a := range t.Addresses {
			if s.has(a) {
				return "", nil
			}
		}
	}
	for _, t := range v.Firewalls {
		m, ok := here(t.Origin)
		if !ok || v.proxyMode().Value == "nftables" && t.Tool != "nft" || v.proxyMode().Value == "ebpf" {
			continue
		}
		switch {
		case t.Filter == "" && t.KubeRules > 0 && len(t.Addresses) > 0:
			return fmt.Sprintf("%s on %s has rules of kube-proxy for other addresses and none for %s", t.Tool, m, s.List()), []schema.Evidence{t.Src}
		case rules == 0 && t.Tool == "iptables" && strings.HasPrefix(t.Filter, "KUBE"):
			return fmt.Sprintf("iptables on %s has no rules of kube-proxy at all", m), []schema.Evidence{t.Src}
		}
	}
	return "", nil
}

// lookedInVain reads dumps that were searched for the Service's address and gave nothing: by either traffic policy kube-proxy names the
// address in some rule of each node.
func (v *View) lookedInVain(s *Service, here func(schema.Origin) (string, bool)) (string, []schema.Evidence) {
	is, src := "", []schema.Evidence(nil)
	for _, t := range v.Firewalls {
		for a := range t.Addresses {
			if s.has(a) {
				return "", nil
			}
		}
		pattern := strings.Trim(strings.ReplaceAll(t.Filter, `\`, ""), `"'`)
		if m, ok := here(t.Origin); ok && t.Lines == 0 && s.has(strings.TrimSuffix(pattern, "/32")) && v.proxyMode().Value != "ebpf" && (v.proxyMode().Value != "nftables" || t.Tool == "nft") {
			is, src = fmt.Sprintf("%s on %s has no rule that names %s", t.Tool, m, s.List()), []schema.Evidence{t.Src}
		}
	}
	return is, src
}

var cniDoesNotForward = &Check{
	Cause: "cni-does-not-forward", Title: "the CNI does not bring the traffic to the pod",
	Doc: `The node has the packet, translates it and sends it towards the endpoint, and no answer comes back: what lies between is the CNI's (routes, tunnel,
its policies). Found where a capture on the node shows the translated request going to an endpoint without an answer, or a node cannot reach the endpoint directly.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			trouble := v.trouble(s)
			if len(trouble) == 0 {
				continue
			}
			for _, b := range v.backends(s) {
				if src := v.unanswered(b); src != nil {
					report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Confidence: schema.Likely, Objects: []schema.Object{s.Ref()},
						Should: "the endpoint's answer comes back to the node", Is: fmt.Sprintf("requests are forwarded to endpoint %s and nothing comes back", b.Addr),
						Remedy:   fmt.Sprintf("test the CNI between the node that forwards and %s: routes, tunnel port, policies", orUnset(b.Node)),
						Clause:   fmt.Sprintf("the node forwards its requests to endpoint %s and no answer comes back", b.Addr),
						Evidence: append(src, trouble...)})
					break
				}
			}
		}
	},
}

// unanswered looks for requests to the endpoint that a capture on a machine shows, with no answer of any kind in it, and for direct
// attempts from a machine that were lost.
func (v *View) unanswered(b backend) []schema.Evidence {
	for _, c := range v.Captures {
		if v.machineOf(c.Origin) == "" {
			continue
		}
		var asked *model.Packet
		answer := false
		for i, p := range c.List {
			if p.Flags == "S" && model.SameAddr(p.DstAddr, b.Addr) && slices.Contains(b.Ports, p.DstPort) && asked == nil {
				asked = &c.List[i]
			}
			answer = answer || model.SameAddr(p.SrcAddr, b.Addr)
		}
		if asked != nil && !answer {
			return []schema.Evidence{asked.Src}
		}
	}
	return nil
}

var localPolicyDrops = &Check{
	Cause: "local-policy-drops", Title: "traffic arrives at a node without a local endpoint",
	Doc: `With externalTrafficPolicy Local kube-proxy drops traffic that comes to a node without an endpoint of its own. MetalLB does not announce from
such nodes, so it is a route or a neighbour entry that somebody else made, or a speaker on old knowledge. Found where a capture shows the traffic on such a node, or its
speaker's log announces from it, or where kube-proxy's own rule there says that the Service has no local endpoints.`,
	Explains: []string{"cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			trouble := v.trouble(s)
			if f, ok := v.noLocalRule(s); ok {
				report(f)
				continue
			}
			if !s.Local() || len(trouble) == 0 || !v.slicesWhole(s) && !allPlaced(s) || len(s.Slices) == 0 {
				continue
			}
			on := v.servingNodes(s)
			if len(on) == 0 {
				continue
			}
			for _, m := range v.machines(s) {
				if slices.Contains(on, m) || v.Node(m) == nil {
					continue
				}
				report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Objects: machineRefs(m, s),
					Should: "traffic comes only to nodes with an endpoint: " + strings.Join(on, ", "), Is: m + " takes traffic and has no endpoint, and externalTrafficPolicy is Local",
					Remedy:   "set externalTrafficPolicy to Cluster, or see why the traffic goes to " + m,
					Clause:   fmt.Sprintf("traffic that comes to %s is dropped: externalTrafficPolicy is Local and its endpoints are on %s", m, strings.Join(on, ", ")),
					Evidence: append(append([]schema.Evidence{s.Object.At("spec.externalTrafficPolicy")}, v.endpointEvidence(s)...), trouble...)})
				break
			}
		}
	},
}

// noLocalRule is the finding where the rules of a machine that takes the Service's traffic, and does not answer it, hold kube-proxy's "has no
// local endpoints" for it: kube-proxy writes that only for the policy Local.
func (v *View) noLocalRule(s *Service) (Finding, bool) {
	trouble := v.trouble(s)
	for _, r := range v.Firewall {
		m := v.machineOf(r.Origin)
		if m == "" || r.Packets <= 0 || len(trouble) == 0 || !strings.Contains(r.Text, "has no local endpoints") || !v.ofService(s, r.Text) {
			continue
		}
		return noLocal(s, m, append([]schema.Evidence{r.Src}, trouble...)), true
	}
	for _, a := range v.arrivals(s) {
		if a.Answered {
			continue
		}
		for _, r := range v.Firewall {
			if v.machineOf(r.Origin) != a.Machine || !strings.Contains(r.Text, "has no local endpoints") || !v.ofService(s, r.Text) {
				continue
			}
			return noLocal(s, a.Machine, []schema.Evidence{r.Src, a.Src}), true
		}
	}
	return Finding{}, false
}

func noLocal(s *Service, machine string, src []schema.Evidence) Finding {
	return Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Objects: machineRefs(machine, s),
		Should: "traffic comes only to nodes with an endpoint of the Service", Is: machine + " takes traffic and kube-proxy has no local endpoint there",
		Remedy:   "see why the traffic goes to " + machine + " (who announces, which neighbour entry or route), or set externalTrafficPolicy to Cluster",
		Clause:   fmt.Sprintf("traffic that comes to %s is dropped: externalTrafficPolicy is Local and no endpoint is on it", machine),
		Evidence: src}
}

// ofService tells whether a rule of kube-proxy is the Service's: its comment names the Service, or it matches its address or port.
func (v *View) ofService(s *Service, text string) bool {
	return strings.Contains(text, s.Key()+":") || strings.Contains(text, s.Key()+" ") || v.ruleMatches(s, text)
}

// allPlaced tells whether the node of each endpoint is known, where only a described Service lists them, which names three at most.
func allPlaced(s *Service) bool {
	n := 0
	for _, sl := range s.Slices {
		for _, e := range sl.Endpoints {
			if e.Node == "" {
				return false
			}
			n++
		}
	}
	return n > 0 && n < 3
}

// servingNodes are the nodes with an endpoint of the Service that can serve.
func (v *View) servingNodes(s *Service) []string {
	set := map[string]bool{}
	for _, sl := range s.Slices {
		for _, e := range sl.Endpoints {
			if e.Node != "" && metallb.CanServe(v.Expect.Base.Version, e) {
				set[e.Node] = true
			}
		}
	}
	return model.Sorted(set)
}

var endpointsRestarting = &Check{
	Cause: "endpoints-restarting", Title: "endpoints come and go",
	Doc: `The containers behind the Service crash and come back, so its endpoints are ready part of the time, and speakers announce and withdraw with them.
Found where a pod behind the Service has restarted three times or more and its container ended with an error, and the speakers' logs show the address going and
coming, or an endpoint is not ready now.`,
	Explains: []string{"announcer-flapping", "endpoint-not-listening"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			for _, p := range v.podsOf(s) {
				restarts, reason, src := restarting(p)
				if restarts < 3 || !v.comesAndGoes(s) {
					continue
				}
				report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Objects: []schema.Object{p.Object(), s.Ref()},
					Should: "endpoints that stay ready", Is: fmt.Sprintf("pod %s restarted %d times (%s)", p.Name, restarts, reason),
					Remedy:   fmt.Sprintf("kubectl -n %s logs %s --previous", p.Namespace, p.Name),
					Clause:   fmt.Sprintf("its endpoints come and go: pod %s restarted %d times (%s)", p.Name, restarts, reason),
					Evidence: append(src, v.endpointEvidence(s)...)})
				break
			}
		}
	},
}

func restarting(p *model.Pod) (n int, reason string, src []schema.Evidence) {
	for _, c := range p.Containers {
		st := c.Last
		if c.State.State == "terminated" || c.State.Reason == "CrashLoopBackOff" {
			st = c.State
		}
		if c.Restarts > n && st.Reason != "" && st.Reason != "Completed" {
			n, reason, src = c.Restarts, st.Reason, []schema.Evidence{c.Src, st.Src}
		}
	}
	return n, reason, src
}

// comesAndGoes tells whether a speaker's log shows the Service announced and withdrawn three times or more.
func (v *View) comesAndGoes(s *Service) bool {
	for _, l := range v.LogsOf(model.Speaker) {
		on, off := 0, 0
		for _, e := range l.Events {
			if e.Service != s.Key() {
				continue
			}
			switch e.ID {
			case model.MsgAnnounced:
				on += e.Count
			case model.MsgWithdrawn:
				off += e.Count
			}
		}
		if on >= 3 && off >= 3 {
			return true
		}
	}
	return false
}
