package metallb

import (
	"net"
	"net/netip"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// Announce is the decision of a speaker that announces; other decisions are MetalLB's words for why it does not.
const Announce = "announce"

// NotHandled is the decision where the Service never reaches the speaker's logic: it is of another class, or the speaker has no
// valid configuration.
const NotHandled = "notHandled"

// Configs is what each node's speaker makes of the configuration. Until v0.15.3 all of them read the same.
func Configs(in Input) (configs map[string]*Config, refusals map[string]*Refusal) {
	in = in.Indexed()
	configs, refusals = map[string]*Config{}, map[string]*Refusal{}
	perNode := in.Version.Since("v0.16.0") // rule speaker-filters-by-node
	var cfg *Config
	var refusal *Refusal
	for i, node := range in.nodeNames() {
		if i == 0 || perNode {
			cfg, refusal = ParseConfig(in, Speaker, node)
		}
		if cfg != nil {
			configs[node] = cfg
		} else {
			refusals[node] = refusal
		}
	}
	return configs, refusals
}

// nodeNames is the nodes of the cluster, sorted; where no Node object is known, those whose speakers are. The input is indexed.
func (in Input) nodeNames() []string { return in.index.names }

// node is the Node object of a name, nil when it is not known. The input is indexed.
func (in Input) node(name string) *model.Node { return in.index.nodes[name] }

// selectsNode tells whether nodeSelectors take a node: none takes all, several are alternatives (rule adv-node-selectors). A node
// without a Node object is not taken, though the list of members may name it; until v0.12.1 pools have no selectors.
func (in Input) selectsNode(selectors []model.Selector, name string) bool {
	n := in.node(name)
	if n == nil {
		nodes := in.Objects != nil && len(in.Objects.Nodes) > 0
		return len(selectors) == 0 && (!nodes || in.Version.Known() && in.Version.Until("v0.12.1"))
	}
	return anyMatches(selectors, n.Labels, true)
}

// selectsService: rule adv-service-selectors; before v0.16.0 the field does not exist.
func (in Input) selectsService(selectors []model.Selector, svc *model.Service) bool {
	return in.Version.Until("v0.15.3") || anyMatches(selectors, svc.Labels, true)
}

// OfClass tells whether MetalLB handles the Service by its class: rules class-ignored and class-exact.
func (in Input) OfClass(svc *model.Service) bool {
	if in.Version.Known() && in.Version.Until("v0.12.1") {
		return true
	}
	if svc.LoadBalancerClass == nil {
		return in.LBClass == ""
	}
	return in.LBClass != "" && *svc.LoadBalancerClass == in.LBClass
}

// NodeExcluded is MetalLB's word for why a node is out of the choice whatever the Service, "" when it is not: rules
// node-network-unavailable, node-exclude-label, node-exclude-label-flag and node-cordoned. Whether the node is Ready does not count
// (rule node-ready-not-used).
func (in Input) NodeExcluded(name string) string {
	n := in.Indexed().node(name)
	if n == nil {
		return ""
	}
	const label = "node.kubernetes.io/exclude-from-external-load-balancers"
	v := in.Version
	if v == V("v0.14.9") && n.Unschedulable {
		return "nodeUnschedulable"
	}
	if c := n.Condition("NetworkUnavailable"); c != nil && c.Status == "True" && v.Since("v0.13.10") {
		return "nodeNetworkUnavailable"
	}
	ignored := in.IgnoreExcludeLB && v.Since("v0.14.4")
	if _, ok := n.Labels[label]; ok && v.Since("v0.14.0") && !ignored {
		return "nodeLabeledExcludeBalancers"
	}
	return ""
}

// CanServe tells whether an endpoint counts: rules endpoint-ready, endpoint-serving-first and endpoint-ready-or-serving.
func CanServe(v Version, e model.Endpoint) bool {
	ready := e.Ready == nil || *e.Ready
	switch {
	case v.Known() && v.Until("v0.13.12"):
		return ready
	case v.Known() && v.Until("v0.14.4"):
		if e.Serving != nil {
			return *e.Serving
		}
		return ready
	}
	return ready || e.Serving != nil && *e.Serving
}

// slicesOf is the EndpointSlices of a Service. Endpoints objects stand in where no slice is known: MetalLB used them itself there
// until v0.13.12 (rule endpoints-objects), and since it does not (rule endpointslices-only) they still say what the slices would.
func (in Input) slicesOf(svc *model.Service) []*model.EndpointSlice {
	all := in.index.slices[svc.Key()]
	own := slices.DeleteFunc(slices.Clone(all), func(s *model.EndpointSlice) bool { return s.FromEndpoints })
	if len(own) == 0 {
		return all
	}
	return own
}

// common is what is decided before a protocol is asked, and for both alike (rule both-protocols): the reason, or the addresses and
// their pool. handled is false where the
// Service is none of this speaker's (NotHandled).
func (in Input) common(cfg *Config, svc *model.Service) (reason string, ips []netip.Addr, pool *Pool) {
	if !in.OfClass(svc) {
		return NotHandled, nil, nil
	}
	if in.Version.Known() && in.Version.Until("v0.12.1") && len(in.slicesOf(svc)) == 0 && !in.EndpointsUnknown {
		return "serviceDeleted", nil, nil
	}
	if svc.Type != "LoadBalancer" {
		return "notLoadBalancer", nil, nil
	}
	if cfg == nil {
		return NotHandled, nil, nil
	}
	if len(svc.Ingress) == 0 {
		return "noIPAllocated", nil, nil
	}
	for _, i := range svc.Ingress {
		ip := net.ParseIP(i.IP)
		if ip == nil {
			return "invalidIP", nil, nil
		}
		ips = append(ips, toAddr(ip))
	}
	if pool = PoolFor(cfg.Pools, ips); pool == nil {
		return "ipNotAllowed", nil, nil
	}
	return "", ips, pool
}

// PoolFor is the pool that has all of the addresses; speakers do not care whether it avoids them. It returns nil when there is none.
func PoolFor(pools []*Pool, ips []netip.Addr) *Pool {
	for _, p := range pools {
		if !slices.ContainsFunc(ips, func(ip netip.Addr) bool { return !p.Contains(ip) }) {
			return p
		}
	}
	return nil
}

// Contains tells whether the address lies in the pool.
func (p *Pool) Contains(ip netip.Addr) bool {
	return slices.ContainsFunc(p.CIDRs, func(c netip.Prefix) bool { return c.Contains(ip) })
}

// AnnouncedOutside is the Services whose addresses no pool of an accepted configuration has: a speaker that announces one of them
// now refuses the configuration all the same (rule announced-ip-outside-config).
func AnnouncedOutside(cfg *Config, services []*model.Service) []*model.Service {
	var outside []*model.Service
	for _, svc := range services {
		var ips []netip.Addr
		for _, i := range svc.Ingress {
			if ip := net.ParseIP(i.IP); ip != nil {
				ips = append(ips, toAddr(ip))
			}
		}
		if len(ips) > 0 && PoolFor(cfg.Pools, ips) == nil {
			outside = append(outside, svc)
		}
	}
	return outside
}
