package metallb

import (
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// BGPView is what the speakers decide about announcing Services by BGP.
type BGPView struct {
	Decisions map[string]map[string]string      // NAMESPACE/NAME -> node -> Announce or the reason
	Sessions  map[string]map[string]*BGPSession // node -> peer -> session; the peer's name, to v0.12.1 address:port
}

// BGPSession is what one session of a node is given.
type BGPSession struct {
	Peer *model.BGPPeer
	// Set is the advertisements handed to it, one for each prefix, address and advertisement, identical ones once, sorted.
	Set []Route
	// Routes is what the implementation makes of them, one for each prefix, sorted: prefixes of families that the session does not
	// carry are gone.
	Routes []Route
	// Error is MetalLB's words where it refuses the set (rule communities-max). It then stops: other sessions of the node, in random
	// order, may have got nothing new either.
	Error string
}

// Route is an advertisement of a prefix.
type Route struct {
	Prefix      netip.Prefix
	LocalPref   uint32   // 0: none. It reaches iBGP peers only
	More        []uint32 // of a route: further local preferences that were given for the prefix, ascending
	Communities []string // a:b or large:a:b:c, sorted as text
	Services    []string // NAMESPACE/NAME that it is for, sorted
	// Others is what the route may be instead, where the order in which advertisements are walked decides and is arbitrary.
	Others []Route
}

// offer is an advertisement of an address of a Service, before it is given to sessions.
type offer struct {
	route   Route
	service string
	advert  *model.BGPAdvertisement
	rank    int // of the advertisement in Config.Adverts; -1 when it is not there
}

// BGP says which nodes announce the Services by BGP, to which peers and with what. configs is each node's configuration (Configs).
func BGP(in Input, configs map[string]*Config, services []*model.Service) *BGPView {
	in = in.Indexed()
	view := &BGPView{Decisions: map[string]map[string]string{}, Sessions: map[string]map[string]*BGPSession{}}
	for _, node := range in.nodeNames() {
		cfg := configs[node]
		var offers []offer
		for _, svc := range services {
			reason, ips, pool := in.common(cfg, svc)
			if reason == "" {
				reason = in.bgpReason(node, pool, svc)
			}
			if view.Decisions[svc.Key()] == nil {
				view.Decisions[svc.Key()] = map[string]string{}
			}
			view.Decisions[svc.Key()][node] = reason
			if reason == Announce {
				offers = append(offers, in.offers(cfg, node, ips, pool, svc)...)
			}
		}
		if cfg != nil {
			view.Sessions[node] = in.sessions(cfg, node, offers)
		}
	}
	return view
}

// bgpReason is one node's decision once the pool is known.
func (in Input) bgpReason(node string, pool *Pool, svc *model.Service) string {
	if in.Version.Until("v0.12.1") {
		if pool.Protocol != "bgp" { // rule protocol-of-pool
			return NotHandled
		}
		return in.bgpEndpoints(node, svc)
	}
	if !slices.ContainsFunc(pool.BGP, func(a *model.BGPAdvertisement) bool { return in.selectsNode(a.NodeSelectors, node) }) {
		return "notOwner" // rule bgp-advertisement-needed
	}
	adverts := in.bgpAdverts(node, pool, svc)
	if len(adverts) == 0 {
		return "noMatchingAdvertisement" // rule bgp-service-selector
	}
	if in.Version.Since("v0.16.0") && in.conflicting(adverts, pool) {
		return "conflictingAdvertisements" // rule bgp-localpref-conflict-runtime
	}
	if why := in.NodeExcluded(node); why != "" {
		return why
	}
	return in.bgpEndpoints(node, svc)
}

// bgpAdverts is the advertisements of the pool that take the node and the Service.
func (in Input) bgpAdverts(node string, pool *Pool, svc *model.Service) []*model.BGPAdvertisement {
	var taken []*model.BGPAdvertisement
	for _, a := range pool.BGP {
		if in.selectsNode(a.NodeSelectors, node) && in.selectsService(a.ServiceSelectors, svc) {
			taken = append(taken, a)
		}
	}
	return taken
}

// conflicting tells whether two advertisements that take one Service contradict each other in local preference.
func (in Input) conflicting(adverts []*model.BGPAdvertisement, pool *Pool) bool {
	for i, a := range adverts {
		for _, b := range adverts[i+1:] {
			if in.localPrefConflict(a, b, pool) != "" {
				return true
			}
		}
	}
	return false
}

// bgpEndpoints: rules bgp-local-endpoint and bgp-any-endpoint.
func (in Input) bgpEndpoints(node string, svc *model.Service) string {
	if svc.TrafficPolicy == "Local" && !in.bgpEndpoint(svc, func(e model.Endpoint) bool { return e.Node == node }) {
		return "noLocalEndpoints"
	}
	if !in.bgpEndpoint(svc, func(model.Endpoint) bool { return true }) {
		return "noEndpoints"
	}
	return Announce
}

// bgpEndpoint tells whether an endpoint that is taken can serve. Until v0.15.3 an address that cannot serve by one entry does not
// count by another (rule bgp-same-address-not-ready-wins).
func (in Input) bgpEndpoint(svc *model.Service, take func(model.Endpoint) bool) bool {
	if in.EndpointsUnknown {
		return true
	}
	serving := map[string]bool{}
	strict := in.Version.Until("v0.15.3")
	for _, s := range in.slicesOf(svc) {
		for _, e := range s.Endpoints {
			if !take(e) {
				continue
			}
			for _, address := range e.Addresses {
				can := CanServe(in.Version, e)
				if before, ok := serving[address]; ok && strict {
					can = can && before
				} else if ok {
					can = can || before
				}
				serving[address] = can
			}
		}
	}
	for _, can := range serving {
		if can {
			return true
		}
	}
	return false
}

// offers is what a node has to say of a Service: each address by each advertisement, masked to its length, in MetalLB's order.
func (in Input) offers(cfg *Config, node string, ips []netip.Addr, pool *Pool, svc *model.Service) []offer {
	adverts := pool.BGP
	if in.Version.Since("v0.13.0") {
		adverts = in.bgpAdverts(node, pool, svc)
	}
	var offers []offer
	for _, ip := range ips {
		for _, a := range adverts {
			length, v6 := aggregation(a)
			if !ip.Is4() {
				length = v6
			}
			prefix, err := ip.Prefix(length)
			if err != nil {
				continue
			}
			offers = append(offers, offer{route: Route{Prefix: prefix, LocalPref: a.LocalPref, Communities: in.communitiesOf(cfg, a)},
				service: svc.Key(), advert: a, rank: slices.Index(cfg.Adverts, a)})
		}
	}
	return offers
}

// communitiesOf is an advertisement's communities with their aliases resolved, sorted, each once.
func (in Input) communitiesOf(cfg *Config, a *model.BGPAdvertisement) []string {
	var values []string
	for _, name := range a.Communities {
		if value, bad := communityOf(name, cfg.Communities, in.Version); bad == nil {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// SessionName is the key of a peer's session.
func (in Input) SessionName(x *model.BGPPeer) string {
	if in.Version.Known() && in.Version.Until("v0.12.1") {
		return net.JoinHostPort(net.ParseIP(x.Address).String(), strconv.Itoa(x.Port))
	}
	return x.Name
}

// sessions gives the offers to the sessions that run on the node: rules bgp-peer-node-selectors and bgp-peers-list; a peer that an
// advertisement names and that does not exist gets nothing (rule adv-unknown-peer-ignored).
func (in Input) sessions(cfg *Config, node string, offers []offer) map[string]*BGPSession {
	sessions := map[string]*BGPSession{}
	orders := in.advertOrders(cfg)
	for _, peer := range cfg.Peers {
		n := in.node(node)
		if len(peer.NodeSelectors) > 0 && (n == nil || !anyMatches(peer.NodeSelectors, n.Labels, true)) {
			continue
		}
		var mine []offer
		for _, o := range offers {
			if len(o.advert.Peers) == 0 || slices.Contains(o.advert.Peers, peer.Name) {
				mine = append(mine, o)
			}
		}
		s := &BGPSession{Peer: peer, Set: setOf(mine)}
		s.Error = in.tooManyCommunities(s.Set)
		if s.Error == "" {
			s.Routes = in.routes(peer, mine, orders)
		}
		sessions[in.SessionName(peer)] = s
	}
	return sessions
}

// Internal tells whether a session is with a peer of the own AS: only there a local preference leaves the node (rule
// bgp-localpref-ibgp).
func (s *BGPSession) Internal() bool {
	return s.Peer.DynamicASN == "internal" || s.Peer.DynamicASN == "" && s.Peer.MyASN == s.Peer.PeerASN
}

// Undialable tells whether native mode accepts a peer that it can never connect to: an IPv6 address, whose port it joins without
// brackets (rule native-ipv6-peer-broken).
func (in Input) Undialable(x *model.BGPPeer) bool {
	ip := net.ParseIP(x.Address)
	return in.Mode == schema.ModeNative && in.Version.Since("v0.15.0") && ip != nil && ip.To4() == nil
}
