package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// responders sums up who answers for a Service: by MAC, with its owner and the first place where it shows.
type responders struct {
	macs  []string // in order of first answer
	owner map[string]macOwner
	src   map[string]schema.Evidence
	addr  string
}

// respondersOf takes the answers to arping and in tcpdump text; neighbour tables, which may be old, only where there are none.
func (v *View) respondersOf(s *Service) responders {
	r := responders{owner: map[string]macOwner{}, src: map[string]schema.Evidence{}}
	answers := v.answersFor(s)
	live := slices.ContainsFunc(answers, func(a answer) bool { return a.Via != "neighbor" })
	for _, a := range answers {
		if live && a.Via == "neighbor" || slices.Contains(r.macs, a.MAC) {
			continue
		}
		r.addr = a.Addr
		r.macs = append(r.macs, a.MAC)
		r.owner[a.MAC] = v.ownerOf(a.MAC)
		r.src[a.MAC] = a.Src
	}
	return r
}

// evidence is where each MAC shows, and the interface that owns it.
func (r responders) evidence() []schema.Evidence {
	var src []schema.Evidence
	for _, m := range r.macs {
		src = append(src, r.src[m])
	}
	for _, m := range r.macs {
		if o := r.owner[m]; o.Node != "" {
			src = append(src, o.Src)
		}
	}
	return src
}

// nodes are the nodes that answer.
func (r responders) nodes() []string {
	set := map[string]bool{}
	for _, m := range r.macs {
		if o := r.owner[m]; o.Node != "" {
			set[o.Node] = true
		}
	}
	return model.Sorted(set)
}

// say names each MAC with its owner.
func (r responders) say() string {
	var parts []string
	for _, m := range r.macs {
		switch o := r.owner[m]; {
		case o.Node != "":
			parts = append(parts, fmt.Sprintf("%s (%s)", m, o.say()))
		default:
			parts = append(parts, m+" (no interface that is known)")
		}
	}
	return strings.Join(parts, ", ")
}

var ipvsAnswersARP = &Check{
	Cause: "ipvs-answers-arp", Title: "kube-proxy in IPVS mode answers ARP on every node",
	Doc: `In IPVS mode kube-proxy puts every load-balancer address on kube-ipvs0 of each node, and without strictARP the kernel answers ARP for it on all
of them. Clients then reach any node, the announcer or not, and lose it when their entry changes. Set ipvs.strictARP to true. Found where
strictARP is false (or several nodes answer) and kube-proxy runs in IPVS mode; without a sign that several machines answer it is a warning.`,
	Explains: []string{"two-speakers-announce", "address-used-by-other-host", "address-on-node-interface", "announcer-flapping", "stale-neighbor-after-failover"},
	Run: func(v *View, report func(Finding)) {
		mode, strict := v.proxyMode(), v.strictARP()
		if mode.Value != "ipvs" || strict.Value == "true" {
			return
		}
		var sure, maybe []*Service
		var src []schema.Evidence
		for _, s := range v.HasAddress() {
			if l2, _ := v.Uses(s); !l2 && len(s.Announced) > 0 {
				continue
			}
			r := v.respondersOf(s)
			holders, holderSrc := v.ipvsHolders(s.Addresses[0])
			several := len(r.macs) > 1 && v.onlyIPVS(r, holders)
			switch {
			case several && (strict.Value == "false" || len(holders) > 1 || len(r.nodes()) > 1):
				sure = append(sure, s)
				src = append(append(src, r.evidence()...), holderSrc...)
			case strict.Value == "false":
				maybe = append(maybe, s)
			}
		}
		base := []schema.Evidence{}
		if strict.Value != "" {
			base = append(base, strict.Src)
		}
		base = append(base, mode.Src)
		f := Finding{Should: "one answer to ARP, from the announcing node: kube-proxy with ipvs.strictARP true",
			Is: "kube-proxy runs in IPVS mode with strictARP " + orUnset(strict.Value), Remedy: "set ipvs.strictARP: true in ConfigMap kube-proxy of kube-system and restart kube-proxy",
			Objects: []schema.Object{{Kind: "ConfigMap", Namespace: "kube-system", Name: "kube-proxy"}}}
		if len(sure) > 0 {
			g := f
			g.Services, g.Evidence, g.State = Keys(sure), append(base, src...), schema.StateFailed
			g.Clause = "several nodes answer ARP for its address, because kube-proxy runs in IPVS mode without strictARP"
			report(g)
		}
		if len(maybe) > 0 && len(sure) == 0 {
			f.Services, f.Evidence, f.Severity = Keys(maybe), base, schema.Warning
			report(f)
		}
	},
}

// onlyIPVS: several machines answer, and each that is known is a node.
func (v *View) onlyIPVS(r responders, holders []string) bool {
	if len(holders) > 1 {
		return true
	}
	for _, m := range r.macs {
		if r.owner[m].Node == "" && v.macsComplete() {
			return false
		}
	}
	return true
}

func orUnset(s string) string {
	if s == "" {
		return "not shown"
	}
	return s
}

var addressOnNodeInterface = &Check{
	Cause: "address-on-node-interface", Title: "the address is configured on a node's interface",
	Doc: `MetalLB never puts an address on an interface. Where one carries it all the same (keepalived, a hand-made alias, another load balancer), that node's
kernel answers ARP for it too, and traffic goes to a machine that does not announce. The same where a pool holds a node's own address. Addresses on kube-ipvs0 are kube-proxy's and are told by their
own check.`,
	Explains: []string{"two-speakers-announce", "address-used-by-other-host"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			for _, addr := range s.Addresses {
				for _, i := range v.ifacesWith(addr) {
					node := v.NodeOf(i.Origin)
					if node == "" && len(v.Obj.Nodes) == 0 && !i.Origin.Client && !i.Origin.Router && i.Origin.Pod == "" {
						node = i.Origin.Host // nothing names the nodes
					}
					if node == "" || (i.Name == "" || i.Name == "lo") && v.proxyMode().Value == "ipvs" {
						continue // kube-proxy's own, or put beside it on purpose for IPVS
					}
					announcers := s.Announcers("layer2")
					f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: node}, s.Ref()},
						Should:   "the address " + addr + " on no interface",
						Is:       fmt.Sprintf("%s of %s has %s", i.Name, node, addr),
						Remedy:   fmt.Sprintf("on %s: ip addr del %s dev %s, and whatever puts it there", node, addr, i.Name),
						Clause:   fmt.Sprintf("%s of %s has the address %s itself and answers for it beside the announcer %s", i.Name, node, addr, strings.Join(announcers, ", ")),
						Evidence: append(addrEvidence(i, addr), v.respondersOf(s).evidence()...)}
					if len(announcers) == 0 || slices.Contains(announcers, node) {
						f.Severity = schema.Warning
					}
					report(f)
				}
				v.nodesOwnAddress(s, addr, report)
			}
		}
	},
}

// nodesOwnAddress reports where the address is the InternalIP of a node, whose interfaces are not shown: a pool that holds the nodes' own addresses.
// Where only that node announces, its kernel and its speaker answer alike.
func (v *View) nodesOwnAddress(s *Service, addr string, report func(Finding)) {
	a, err := netip.ParseAddr(addr)
	announcers := s.Announcers("layer2")
	if err != nil || len(v.ifacesWith(addr)) > 0 || len(announcers) == 0 || v.rivalsOf(s) != nil {
		return
	}
	for _, n := range v.Obj.Nodes {
		if !slices.Contains(n.InternalIPs, a.Unmap()) {
			continue
		}
		f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: n.Name}, s.Ref()},
			Should:   "addresses in the pool that no machine has",
			Is:       fmt.Sprintf("%s is the own address of node %s", addr, n.Name),
			Remedy:   "take the nodes' addresses out of the pool",
			Clause:   fmt.Sprintf("%s is the own address of node %s, which answers for it beside the announcer %s", addr, n.Name, strings.Join(announcers, ", ")),
			Evidence: []schema.Evidence{n.At("status.addresses"), s.AddressSrc[addr], s.Announces("layer2")[0].Src}}
		if slices.Contains(announcers, n.Name) || s.served() != nil {
			f.Severity = schema.Warning
			f.Clause = fmt.Sprintf("%s is the own address of node %s", addr, n.Name)
		}
		report(f)
	}
}

func addrEvidence(i model.Interface, addr string) []schema.Evidence {
	for a, src := range i.AddrSrc {
		if strings.HasPrefix(a, addr+"/") || a == addr {
			return []schema.Evidence{src, i.Src}
		}
	}
	return []schema.Evidence{i.Src}
}

var addressUsedByOtherHost = &Check{
	Cause: "address-used-by-other-host", Title: "a foreign host answers for the address",
	Doc: `Somebody answers ARP or NDP for the address who is no node of the cluster: a machine with the address configured, a DHCP lease from the
pool's range, another cluster. Found where the answer's MAC is on no node's interface, and the nodes' MACs are known, or where the announcing node's
own MAC answers too.`,
	Explains: []string{"announcer-flapping", "stale-neighbor-after-failover"},
	Run: func(v *View, report func(Finding)) {
		complete := v.macsComplete()
		for _, s := range v.HasAddress() {
			r := v.respondersOf(s)
			var foreign []string
			for _, m := range r.macs {
				if r.owner[m].Node == "" {
					foreign = append(foreign, m)
				}
			}
			if v.strangerByNeighbors(s, r, foreign, report) {
				continue
			}
			if len(foreign) == 0 || !complete && len(foreign) == len(r.macs) || v.proxyMode().Value == "ipvs" && v.strictARP().Value == "false" && !complete {
				continue
			}
			if announcers := s.Announcers("layer2"); len(announcers) > 0 && !v.macsKnownOf(announcers) {
				continue // the answer may be the announcer's own
			}
			if !complete && len(v.Install.SpeakerNodes) == 0 && len(s.Announcers("layer2")) > 1 {
				continue // the other MAC may be that of the other announcer
			}
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()},
				Should: "one answer for " + r.addr + ", from the announcing node " + strings.Join(s.Announcers("layer2"), ", "),
				Is:     "answers come from " + r.say(), Remedy: "find the machine with " + strings.Join(foreign, ", ") + " (the switch's MAC table) and take the address from it, or take the address out of the pool",
				Clause:   fmt.Sprintf("%s, which is no node's, answers for %s", strings.Join(foreign, ", "), r.addr),
				Evidence: r.evidence()}
			if !complete {
				f.Confidence = schema.Likely
			}
			for _, m := range foreign {
				f.Evidence = append([]schema.Evidence{r.src[m]}, f.Evidence...)
			}
			report(f)
		}
	},
}

// strangerByNeighbors reports where no interfaces are attached, a neighbour table outside resolves each node's own address, and the Service's to a
// MAC of none of them: that of another maker, or requests fail. A node's second card on the same network would be of the same maker mostly.
func (v *View) strangerByNeighbors(s *Service, r responders, foreign []string, report func(Finding)) bool {
	known := v.macsByNeighbors(s)
	if len(foreign) == 0 || len(foreign) != len(r.macs) || len(known) == 0 || s.served() != nil || v.proxyMode().Value == "ipvs" && v.strictARP().Value == "false" {
		return false
	}
	trouble := v.trouble(s)
	for _, m := range foreign {
		if len(trouble) == 0 && slices.ContainsFunc(known, func(k string) bool { return makerOf(k) == makerOf(m) }) {
			return false
		}
	}
	f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Confidence: schema.Likely,
		Should: "one answer for " + r.addr + ", from the announcing node " + strings.Join(s.Announcers("layer2"), ", "), Is: "answers come from " + r.say(),
		Remedy: "find the machine with " + strings.Join(foreign, ", ") + " (the switch's MAC table) and take the address from it, or take the address out of the pool",
		Clause: fmt.Sprintf("%s, which is no node's, answers for %s", strings.Join(foreign, ", "), r.addr)}
	for _, m := range foreign {
		f.Evidence = append(f.Evidence, r.src[m])
	}
	for _, n := range v.ARP {
		if slices.Contains(known, strings.ToLower(n.MAC)) && len(f.Evidence) < 5 {
			f.Evidence = append(f.Evidence, n.Src)
		}
	}
	f.Evidence = append(f.Evidence, trouble...)
	report(f)
	return true
}
