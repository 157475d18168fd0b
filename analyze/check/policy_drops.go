package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var networkPolicyDrops = &Check{
	Cause: "network-policy-drops", Title: "a NetworkPolicy refuses the traffic",
	Doc: `A NetworkPolicy that selects the pods lets in only what one of its rules names. Clients from outside are no pods, so a rule of podSelectors alone
refuses them (so do Calico's and Cilium's own policies): with externalTrafficPolicy Local the pods see the client's own address, with Cluster that of the node. Found where policies select the pods, none of their
rules admits clients from outside on the target port, and requests from outside fail.`,
	Explains: []string{"cni-does-not-forward", "firewall-drops", "endpoint-not-listening", "some-endpoints-fail", "hairpin-from-cluster"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			trouble := v.trouble(s)
			if s.served() != nil && len(trouble) == 0 || slices.ContainsFunc(s.failing(), refusedBy) {
				continue
			}
			policies := v.isolating(s)
			if len(policies) == 0 {
				if len(trouble) == 0 {
					continue
				}
				v.flowsDenied(s, trouble, report)
				continue
			}
			var names []string
			f := Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: []schema.Object{s.Ref()},
				Should: "a rule of a policy lets clients from outside in (ipBlock)", Remedy: "add an ingress rule with the clients' ipBlock (with externalTrafficPolicy Cluster: the nodes') and the target port to a NetworkPolicy"}
			if len(trouble) == 0 && !v.enforcesPolicies() {
				f.State, f.Severity = "", schema.Warning // nobody complains, and flannel alone would not enforce it
			}
			for _, p := range policies {
				names = append(names, p.Name)
				f.Objects = append(f.Objects, p.Object())
				f.Evidence = append(f.Evidence, p.At("spec.ingress"))
			}
			kind, of, in := policies[0].Kind, " of "+s.Namespace, s.Namespace+"/"
			if policies[0].Namespace == "" {
				of, in = "", ""
			}
			f.Is = fmt.Sprintf("%s %s%s selects its pods and no rule admits clients from outside the cluster", kind, strings.Join(names, ", "), of)
			f.Clause = fmt.Sprintf("%s %s%s lets no client from outside reach its pods", kind, in, strings.Join(names, ", "))
			f.Evidence = append(f.Evidence, trouble...)
			for _, r := range v.Remarks {
				if r.ID == model.RemarkPolicyChainDrop && r.Value != "0" {
					f.Evidence = append(f.Evidence, r.Src)
				}
			}
			report(f)
		}
	},
}

// enforcesPolicies tells whether the CNI is known to be one that enforces NetworkPolicies: by its pods, or by what text says.
func (v *View) enforcesPolicies() bool {
	enforcing := func(name string) bool {
		for _, w := range []string{"calico", "cilium", "canal", "antrea", "kube-router", "weave", "ovnkube", "ovn-kubernetes", "kube-ovn"} {
			if strings.HasPrefix(name, w) {
				return true
			}
		}
		return false
	}
	for _, p := range v.Obj.Pods {
		if enforcing(p.Name) {
			return true
		}
	}
	for _, x := range v.Versions {
		if name, ok := strings.CutPrefix(x.Of, "cni "); ok && enforcing(name) {
			return true
		}
	}
	return slices.ContainsFunc(v.Remarks, func(r model.Remark) bool {
		return r.ID == model.RemarkCNI && enforcing(r.Value) || r.ID == model.RemarkDistribution && (r.Value == "k3s" || r.Value == "rke2" || r.Value == "openshift")
	})
}

// isolating lists the policies that select the Service's pods for ingress, where none of them admits a client from outside; nil where
// one does, or where that can't be known.
func (v *View) isolating(s *Service) []*model.NetworkPolicy {
	var labels []map[string]string
	for _, p := range v.podsOf(s) {
		labels = append(labels, p.Labels)
	}
	if len(labels) == 0 && s.Object != nil && len(s.Object.Selector) > 0 {
		labels = append(labels, s.Object.Selector)
	}
	if len(labels) == 0 {
		return nil
	}
	var out []*model.NetworkPolicy
	for _, p := range v.Obj.NetworkPolicies {
		if p.Namespace != s.Namespace && p.Kind != "GlobalNetworkPolicy" || p.Partial || len(p.Types) > 0 && !slices.Contains(p.Types, "Ingress") {
			continue
		}
		if !slices.ContainsFunc(labels, func(l map[string]string) bool { return metallb.Matches(p.PodSelector, l) }) {
			continue
		}
		for _, r := range p.Ingress {
			if v.admits(s, r) {
				return nil
			}
		}
		out = append(out, p)
	}
	return out
}

// admits tells whether a rule may let somebody outside in: it names nobody, or an address block, and the target port.
func (v *View) admits(s *Service, r model.PolicyRule) bool {
	from := len(r.From) == 0
	for _, p := range r.From {
		if p.Nodes { // with externalTrafficPolicy Cluster the pods may see the node's address as the client's
			from = from || !s.Local()
		}
		if p.CIDR == "" {
			continue
		}
		block, err := netip.ParsePrefix(p.CIDR)
		if err != nil {
			return true
		}
		from = from || v.blockMayMatch(s, block, p.Except)
	}
	return from && portAdmitted(s, r.Ports)
}

// blockMayMatch tells whether the block holds an address that the pods may see as the client's: unknown counts as yes.
func (v *View) blockMayMatch(s *Service, block netip.Prefix, except []string) bool {
	clients := sortedAddrs(v.clients(s))
	if !s.Local() || len(clients) == 0 || len(except) > 0 {
		return true
	}
	return slices.ContainsFunc(clients, block.Contains)
}

func portAdmitted(s *Service, ports []model.PolicyPort) bool {
	if len(ports) == 0 || s.Object == nil {
		return true
	}
	for _, sp := range s.Object.Ports {
		target := sp.TargetPort
		if target == "" {
			target = strconv.Itoa(sp.Port)
		}
		number, err := strconv.Atoi(target)
		for _, p := range ports {
			allowed, err2 := strconv.Atoi(p.Port)
			if p.Port == "" || p.Port == target || err != nil || err2 != nil || p.EndPort > 0 && number >= allowed && number <= p.EndPort {
				return true
			}
		}
	}
	return false
}

// flowsDenied takes a CNI's own word that a policy denied a flow to an endpoint of the Service.
func (v *View) flowsDenied(s *Service, trouble []schema.Evidence, report func(Finding)) {
	for _, r := range v.Remarks {
		if r.ID != model.RemarkPolicyDrop || !v.toBackend(s, r) {
			continue
		}
		report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Confidence: schema.Reported, Objects: []schema.Object{s.Ref()},
			Should: "policies let the clients reach the pods", Is: fmt.Sprintf("a network policy denies flows from %s to %s", r.Addr, r.Value),
			Remedy:   "allow the clients' addresses in the policy that selects the pods",
			Clause:   fmt.Sprintf("a network policy denies the traffic to its pods (%s to %s)", r.Addr, r.Value),
			Evidence: append([]schema.Evidence{r.Src}, trouble...)})
		return
	}
}

func (v *View) toBackend(s *Service, r model.Remark) bool {
	dest, _, _ := strings.Cut(r.Value, " ")
	for _, b := range v.backends(s) {
		if dest == b.Addr || strings.HasPrefix(dest, b.Addr+":") || b.Pod != "" && (r.Service == s.Namespace+"/"+b.Pod || dest == s.Namespace+"/"+b.Pod) {
			return true
		}
	}
	if ns, name, ok := strings.Cut(dest, "/"); ok && ns == s.Namespace && s.aloneIn(v) {
		return slices.ContainsFunc(v.Obj.Pods, func(p *model.Pod) bool { return p.Namespace == ns && p.Name == name }) || strings.HasPrefix(name, s.Name+"-")
	}
	return s.has(dest)
}

// aloneIn tells whether the Service is the only one of its namespace that anything speaks of, so that its pods are that one's.
func (s *Service) aloneIn(v *View) bool {
	return !slices.ContainsFunc(v.Services, func(o *Service) bool { return o != s && o.Namespace == s.Namespace })
}

var firewallDrops = &Check{
	Cause: "firewall-drops", Title: "a firewall drops the traffic",
	Doc: `A rule of a node's firewall that is not Kubernetes' own drops or rejects the Service's packets. Found where a firewall's log names the address,
where a drop rule that names the address or one of its ports has counted packets or stands on a node that takes the traffic while requests fail, where a capture shows an ICMP that
prohibits, or where such a node's forward chain drops by its policy and no rule of it may let traffic to pods through (docker sets the policy of FORWARD to DROP).`,
	Explains: []string{"cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			trouble := v.trouble(s)
			if len(trouble) == 0 {
				continue
			}
			is, machine, src, how := v.dropped(s)
			if is == "" {
				continue
			}
			on := ""
			if machine != "" {
				on = " on " + machine
			}
			report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Confidence: how, Objects: []schema.Object{s.Ref()},
				Should: "no firewall drops traffic to the address, its node ports and its pods", Is: is + on,
				Remedy:   "take the rule out, or accept the Service's ports before it",
				Clause:   fmt.Sprintf("a firewall%s drops its traffic: %s", on, is),
				Evidence: append(src, trouble...)})
		}
	},
}

// dropped looks for what a firewall does to the Service's packets.
func (v *View) dropped(s *Service) (is, machine string, src []schema.Evidence, how schema.Confidence) {
	for _, r := range v.Remarks {
		if r.ID == model.RemarkFirewallLog && (s.has(r.Addr) || v.isBackend(s, r.Addr)) {
			return "its log says that it blocked packets to " + r.Addr + " (" + r.Value + ")", v.machineOf(r.Origin), []schema.Evidence{r.Src}, schema.Reported
		}
	}
	for _, c := range v.Captures {
		for _, p := range c.List {
			if p.Proto == "icmp" && strings.Contains(p.Text, "prohibited") && slices.ContainsFunc(s.Addresses, func(a string) bool { return strings.Contains(p.Text, a) }) {
				return p.SrcAddr + " answers that the traffic is administratively prohibited", "", []schema.Evidence{p.Src}, schema.Reported
			}
		}
	}
	for _, p := range s.Fails {
		if !Transport(p) && p.Outcome == model.OutcomeFiltered && len(p.Hops) > 0 {
			return p.Hops[len(p.Hops)-1] + " answers a " + p.Tool + " that the traffic is administratively prohibited", "", []schema.Evidence{p.Src}, schema.Reported
		}
	}
	for _, r := range v.Firewall {
		if r.Verdict != "DROP" && r.Verdict != "REJECT" || ownChain(r.Chain) || ownText(r.Text) || r.Policy || r.Packets == 0 {
			continue
		}
		m := v.machineOf(r.Origin)
		if m == "" || !slices.Contains(v.machines(s), m) && len(v.machines(s)) > 0 || !v.ruleMatches(s, r.Text) {
			continue
		}
		return fmt.Sprintf("%s: %s", r.Chain, strings.TrimSpace(r.Text)), m, []schema.Evidence{r.Src}, schema.Reported
	}
	return v.forwardPolicy(s)
}

// forwardPolicy looks for a machine that takes the Service's traffic and whose forward chain drops it by its policy.
func (v *View) forwardPolicy(s *Service) (is, machine string, src []schema.Evidence, how schema.Confidence) {
	machines := v.machines(s)
	if len(machines) == 0 { // nothing tells who takes the traffic: whose rules somebody shows alone is meant
		machines = v.oneFirewall()
	}
	for _, r := range v.Firewall {
		m := v.machineOf(r.Origin)
		if !r.Policy || r.Hook != "forward" || r.Packets == 0 || len(r.Passes) > 0 || m == "" || !slices.Contains(machines, m) {
			continue
		}
		how = schema.Reported
		if r.Packets < 0 { // a dump without counters: what drops is not seen to
			how = schema.Likely
		}
		return fmt.Sprintf("the policy of the chain %s of %s is to drop what is forwarded, and no rule of it lets traffic to pods through", r.Chain, r.Family), m, []schema.Evidence{r.Src}, how
	}
	return "", "", nil, ""
}

// oneFirewall is the machine whose firewall is shown, where that is one alone.
func (v *View) oneFirewall() []string {
	set := map[string]bool{}
	for _, t := range v.Firewalls {
		set[v.machineOf(t.Origin)] = true
	}
	if len(set) != 1 || set[""] {
		return nil
	}
	return model.Sorted(set)
}

func (v *View) isBackend(s *Service, addr string) bool {
	return slices.ContainsFunc(v.backends(s), func(b backend) bool { return model.SameAddr(b.Addr, addr) })
}

// ownChain tells whether a chain is kube-proxy's, a CNI's or a container engine's, whose drops are told by other causes.
func ownChain(chain string) bool {
	for _, prefix := range []string{"KUBE-", "cali-", "CILIUM", "DOCKER", "FLANNEL", "CNI-", "ANTREA", "OVN-", "WEAVE"} {
		if strings.HasPrefix(chain, prefix) {
			return true
		}
	}
	return false
}

// ownText tells whether a rule whose chain is not shown (one line of a listing) is kube-proxy's, by the comment that it writes.
func ownText(text string) bool {
	for _, w := range []string{"has no endpoints", "has no local endpoints", "loadbalancer IP", "KUBE-", "kubernetes "} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// ruleMatches tells whether a rule's text names the address, an endpoint, or a port of the Service.
func (v *View) ruleMatches(s *Service, text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t,/{}", r) })
	for _, a := range s.Addresses {
		if slices.Contains(words, a) {
			return true
		}
	}
	var ports []string
	if s.Object != nil {
		for _, p := range s.Object.Ports {
			ports = append(ports, strconv.Itoa(p.Port), strconv.Itoa(p.NodePort), p.TargetPort)
		}
	}
	for i, w := range words {
		name := w
		if rest, ok := strings.CutPrefix(w, "dpt:"); ok {
			name = rest
		} else if i == 0 || words[i-1] != "--dport" && words[i-1] != "dport" && words[i-1] != "--dports" {
			continue
		}
		if name != "" && name != "0" && slices.Contains(ports, name) {
			return true
		}
	}
	return false
}

var sourceRangesExcludeClient = &Check{
	Cause: "source-ranges-exclude-client", Title: "loadBalancerSourceRanges excludes the client",
	Doc: `kube-proxy drops connections to the address from clients outside of spec.loadBalancerSourceRanges. Found where the client's address is known, by a
capture or by what somebody wrote, is in none of the ranges, and its requests fail.`,
	Explains: []string{"cni-does-not-forward", "kube-proxy-not-programmed", "firewall-drops"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if s.Object == nil || len(s.Object.SourceRanges) == 0 || len(v.trouble(s)) == 0 {
				continue
			}
			clients := v.clients(s)
			for _, c := range sortedAddrs(clients) {
				if c.Is4() != strings.Contains(s.Addresses[0], ".") || inRanges(c, s.Object.SourceRanges) {
					continue
				}
				ranges := strings.Join(s.Object.SourceRanges, ", ")
				report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: []schema.Object{s.Ref()},
					Should: "the client's address in spec.loadBalancerSourceRanges", Is: fmt.Sprintf("%s is in none of %s", c, ranges),
					Remedy:   fmt.Sprintf("add %s to spec.loadBalancerSourceRanges, or take the field out", netip.PrefixFrom(c, c.BitLen())),
					Clause:   fmt.Sprintf("kube-proxy drops requests from %s, because loadBalancerSourceRanges admits %s only", c, ranges),
					Evidence: append([]schema.Evidence{s.Object.At("spec.loadBalancerSourceRanges"), clients[c]}, v.trouble(s)...)})
				break
			}
		}
	},
}

func inRanges(a netip.Addr, ranges []string) bool {
	for _, text := range ranges {
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil || p.Contains(a) {
			return true
		}
	}
	return false
}
