package metallb

import (
	"bytes"
	"crypto/sha256"
	"net/netip"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// L2Decision is what the speakers decide about announcing a Service by layer 2.
type L2Decision struct {
	Decisions  map[string]string     // node -> Announce or the reason
	Candidates []Candidate           // in the order of the election; empty where no protocol is asked
	Winner     string                // the node that announces, "" when none does
	Announced  map[string]Interfaces // address -> interfaces of the winner; an address is missing where none of them exists there
	Missing    map[string]Interfaces // addresses whose interfaces do not exist on the winner: it announces nothing, nobody else does
	Key        string                // what is hashed with each node: the first address, or to v0.10.3 NAMESPACE/NAME
	Pool       *Pool                 // nil where the Service has none
}

// Candidate is a node in the election, with the hash by which it is ordered.
type Candidate struct {
	Node string
	Hash [sha256.Size]byte
}

// Interfaces is the interfaces on which an address is answered: all, or the named ones, sorted.
type Interfaces struct {
	All   bool
	Names []string
}

// L2 says which node announces the Service by layer 2 and why the others do not. configs is each node's configuration (Configs).
func L2(in Input, configs map[string]*Config, svc *model.Service) L2Decision {
	in = in.Indexed()
	d := L2Decision{Decisions: map[string]string{}, Announced: map[string]Interfaces{}, Missing: map[string]Interfaces{}}
	endpoint := in.Version.Until("v0.10.3") || in.l2Endpoint(svc) // rule l2-needs-endpoint
	for _, node := range in.nodeNames() {
		reason, ips, pool := in.common(configs[node], svc)
		if reason == "" {
			d.Pool = pool
			if reason = "notOwner"; endpoint || pool.Protocol == "bgp" {
				reason = in.l2Reason(&d, node, ips, pool, svc)
			}
		}
		d.Decisions[node] = reason
		if reason == Announce {
			d.Winner = node
			in.l2Interfaces(&d, ips, pool, svc)
		}
	}
	return d
}

// l2Reason is one node's decision once the pool is known.
func (in Input) l2Reason(d *L2Decision, node string, ips []netip.Addr, pool *Pool, svc *model.Service) string {
	if pool.Protocol == "bgp" && in.Version.Until("v0.12.1") { // rule protocol-of-pool
		return NotHandled
	}
	if !slices.ContainsFunc(pool.L2, func(a *model.L2Advertisement) bool { return in.l2Selects(a, node, svc) }) {
		if in.Version.Since("v0.16.0") {
			return "noMatchingAdvertisement"
		}
		return "notOwner" // rule l2-advertisement-needed
	}
	if d.Candidates == nil {
		d.Key = in.l2Key(ips, svc)
		d.Candidates = Elect(d.Key, in.l2Candidates(pool, svc))
	}
	if len(d.Candidates) == 0 || d.Candidates[0].Node != node {
		return "notOwner"
	}
	return Announce
}

// l2Key: rules l2-hash-service and l2-hash-ip.
func (in Input) l2Key(ips []netip.Addr, svc *model.Service) string {
	if in.Version.Known() && in.Version.Until("v0.10.3") {
		return svc.Key()
	}
	return ips[0].String()
}

// Elect orders nodes by the SHA-256 of NODE#KEY; the first one wins.
func Elect(key string, nodes []string) []Candidate {
	candidates := make([]Candidate, len(nodes))
	for i, n := range nodes {
		candidates[i] = Candidate{Node: n, Hash: sha256.Sum256([]byte(n + "#" + key))}
	}
	slices.SortFunc(candidates, func(a, b Candidate) int { return bytes.Compare(a.Hash[:], b.Hash[:]) })
	return candidates
}

// l2Endpoint tells whether any endpoint of the Service can serve.
func (in Input) l2Endpoint(svc *model.Service) bool {
	if in.EndpointsUnknown {
		return true
	}
	for _, s := range in.slicesOf(svc) {
		for _, e := range s.Endpoints {
			if CanServe(in.Version, e) {
				return true
			}
		}
	}
	return false
}

// l2Selects tells whether an advertisement takes the node and the Service (rule l2-service-selector).
func (in Input) l2Selects(a *model.L2Advertisement, node string, svc *model.Service) bool {
	return in.selectsNode(a.NodeSelectors, node) && in.selectsService(a.ServiceSelectors, svc)
}

// l2Candidates is the nodes that may announce, in no order: all live speakers, for Local those with an endpoint (rule
// l2-candidates-all-speakers).
func (in Input) l2Candidates(pool *Pool, svc *model.Service) []string {
	local := svc.TrafficPolicy == "Local" || in.Version.Known() && in.Version.Until("v0.10.3") // rule l2-candidates-endpoint-nodes
	var nodes []string
	for _, node := range in.l2Speakers(local) {
		if in.NodeExcluded(node) != "" || local && !in.localEndpoint(svc, node) {
			continue
		}
		if slices.ContainsFunc(pool.L2, func(a *model.L2Advertisement) bool { return in.l2Selects(a, node, svc) }) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// l2Speakers is the nodes whose speakers take part: the members of the list, or without one what the rules
// l2-memberlist-off-endpoints, l2-memberlist-off-broken, l2-memberlist-off-dead and l2-memberlist-off-all say.
func (in Input) l2Speakers(local bool) []string {
	if !in.MemberlistOff {
		if in.Speakers == nil {
			return in.nodeNames()
		}
		return in.Speakers
	}
	v := in.Version
	switch {
	case v.Since("v0.15.0"), v.Until("v0.10.3"), v.Until("v0.12.1") && local:
		return in.nodeNames()
	}
	return nil
}

// localEndpoint tells whether an endpoint on the node can serve.
func (in Input) localEndpoint(svc *model.Service, node string) bool {
	if in.EndpointsUnknown {
		return true
	}
	for _, s := range in.slicesOf(svc) {
		for _, e := range s.Endpoints {
			if e.Node == node && CanServe(in.Version, e) {
				return true
			}
		}
	}
	return false
}

// l2Interfaces: rule l2-interfaces.
func (in Input) l2Interfaces(d *L2Decision, ips []netip.Addr, pool *Pool, svc *model.Service) {
	on := Interfaces{}
	for _, a := range pool.L2 {
		if !in.l2Selects(a, d.Winner, svc) {
			continue
		}
		if len(a.Interfaces) == 0 || in.Version.Until("v0.13.5") {
			on.All = true
		}
		on.Names = append(on.Names, a.Interfaces...)
	}
	slices.Sort(on.Names)
	on.Names = slices.Compact(on.Names)
	if on.All {
		on.Names = nil
	}
	existing, known := in.Interfaces[d.Winner]
	exists := on.All || !known || slices.ContainsFunc(on.Names, func(name string) bool { return slices.Contains(existing, name) })
	for _, ip := range ips {
		if exists {
			d.Announced[ip.String()] = on
		} else {
			d.Missing[ip.String()] = on
		}
	}
}
