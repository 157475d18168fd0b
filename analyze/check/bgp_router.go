package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// peersWithNodes tells whether the router is one that MetalLB peers with: its AS is a peer's, or a neighbor is a node.
func (v *View) peersWithNodes(r *routerView) bool {
	for _, p := range v.bgpPeers() {
		if r.asn != 0 && r.asn == p.PeerASN {
			return true
		}
	}
	return len(v.bgpPeers()) == 0 || slices.ContainsFunc(r.neighbors, func(n *model.BGPNeighbor) bool {
		return v.NodeOfAddr(parseAddr(strings.TrimPrefix(n.Addr, "*"))) != ""
	}) || r.asn == 0
}

// forRouters runs a look at each router for each Service that uses BGP and has a session up.
func forRouters(look func(v *View, s *Service, r *routerView) *Finding) func(v *View, report func(Finding)) {
	return func(v *View, report func(Finding)) {
		routers := v.routers()
		for _, s := range v.Services {
			if !v.usesBGP(s) {
				continue
			}
			for _, r := range routers {
				if f := look(v, s, r); f != nil {
					f.Services = []string{s.Key()}
					report(*f)
					break
				}
			}
		}
	}
}

var routerFiltersPrefix = &Check{
	Cause: "router-filters-prefix", Title: "the router does not accept the prefix", Explains: []string{"session-flapping", "session-not-established"},
	Doc: `The session is up and the node sends the prefix, and the router's BGP table does not have it: an import policy, a missing policy on eBGP (RFC 8212,
"(Policy)"), a prefix length or a limit of prefixes keeps it out.`,
	Run: func(v *View, report func(Finding)) {
		for i := range v.downs {
			if d := &v.downs[i]; d.cause == "router-filters-prefix" {
				d.report(v, report)
			}
		}
		forRouters(filtered)(v, report)
	},
}

func filtered(v *View, s *Service, r *routerView) *Finding {
	if s.served() != nil || !v.peersWithNodes(r) || len(s.Announces("bgp")) == 0 {
		return nil
	}
	up := r.up()
	alive := v.stand(s).alive
	if len(up) == 0 && len(alive) == 0 || len(r.has(s, "bgp", "accepted")) > 0 {
		return nil
	}
	for _, l := range v.stand(s).links() {
		if l.Up && v.sends(l, s) == no {
			return nil
		}
	}
	f := &Finding{Should: "the prefix in the router's BGP table", Remedy: "permit the pool's prefixes (with their length) in the neighbor's import policy on the router"}
	lacks := r.lacks(v, s, "bgp")
	if lacks != nil {
		f.Evidence = append(f.Evidence, lacks.Src)
	}
	for _, n := range up {
		if n.InboundPolicyMissing || contains(n.State, "Policy") {
			f.Is = "the router has no import policy for the node and so takes nothing (ebgp-requires-policy)"
			f.Evidence = append(f.Evidence, n.Src)
			f.Remedy = "give the neighbor an import policy, or set no bgp ebgp-requires-policy on the router"
			break
		}
	}
	if f.Is == "" && lacks == nil {
		for _, n := range up {
			if n.PfxRcd != 0 || !hasFamily(append(n.Families, "IPv4"), familiesOf(s)[0]) {
				return nil
			}
			f.Evidence = append(f.Evidence, n.Src)
		}
		got := len(up) > 0 && !slices.ContainsFunc(up, func(n *model.BGPNeighbor) bool { return n.PfxReceivedBeforePolicy <= 0 && n.PfxFiltered <= 0 })
		if len(up) == 0 || !got && !v.sentByAny(s) {
			return nil
		}
		f.Is, f.Confidence = "the router has accepted no prefix of the nodes", schema.Likely
		if got {
			f.Is, f.Confidence = "the router's policy has dropped all that it received from the nodes", schema.Reported
		}
	}
	if f.Is == "" {
		f.Is = fmt.Sprintf("the router's BGP table does not have %s", s.List())
	}
	if got := r.has(s, "received", "received-filtered"); len(got) > 0 {
		f.Is += ", though it received it"
		f.Evidence = append(f.Evidence, got[0].Src)
	}
	f.Evidence = append(f.Evidence, v.sentLines(s)...)
	f.Clause = fmt.Sprintf("the session is up and the prefix is sent, but %s", f.Is)
	return f
}

// sentByAny tells whether FRR of some node shows that it sends something over a session of the Service.
func (v *View) sentByAny(s *Service) bool {
	for _, l := range v.stand(s).links() {
		if n := l.near(); n != nil && n.PfxSent > 0 || v.sends(l, s) == yes || l.Last != nil && l.Up {
			return true
		}
	}
	return false
}

// sentLines are the lines that prove that nodes send the prefix.
func (v *View) sentLines(s *Service) []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.stand(s).links() {
		if a, line := v.sendsBy(l, s); a == yes {
			src = append(src, line)
		}
	}
	src = append(src, s.announceLine())
	return src[:min(len(src), 3)]
}

var routerASPathLoop = &Check{
	Cause: "router-as-path-loop", Title: "a router finds its own AS in the path",
	Doc: `A router behind the peer has the AS number that MetalLB uses (or the peer's own is in the path): it drops the route as a loop. It stands among the
received routes and not in the table, or the router's log says so. allowas-in or as-override on the routers, or another AS for MetalLB, solves it.`,
	Explains: []string{"router-filters-prefix"},
	Run:      forRouters(asLoop),
}

func asLoop(v *View, s *Service, r *routerView) *Finding {
	if s.served() != nil {
		return nil
	}
	is := ""
	var src []schema.Evidence
	for _, t := range r.has(s, "received", "received-filtered", "advertised") {
		if r.asn != 0 && t.Table != "advertised" && slices.Contains(strings.Fields(t.Path), fmt.Sprint(r.asn)) && len(r.has(s, "bgp", "accepted")) == 0 {
			is, src = fmt.Sprintf("router of AS %d finds its own AS in the path %q", r.asn, t.Path), []schema.Evidence{t.Src}
		}
	}
	for _, l := range v.Logs {
		if !v.OfRouter(l.Origin) {
			continue
		}
		for _, e := range l.Events {
			if low := strings.ToLower(e.Text + e.Error + e.Reason); is == "" && contains(low, "own as") && holdsText(low, s.Addresses) {
				is, src = "the router drops the route, for its own AS is in the path", []schema.Evidence{e.Last.Src}
			}
		}
	}
	if is == "" {
		return nil
	}
	return &Finding{Is: is, Should: "a path without the router's own AS", Clause: "the route is sent, but a " + is, Evidence: src,
		Remedy: "allowas-in or as-override on the routers, or another myASN"}
}

func holdsText(text string, addrs []string) bool {
	return slices.ContainsFunc(addrs, func(a string) bool { return strings.Contains(text, a) })
}

var nextHopUnreachable = &Check{
	Cause: "next-hop-unreachable", Title: "the router cannot use the next hop",
	Doc: `The router has the route and marks it as not valid or not usable, mostly since it has no route to the next hop (an iBGP peer that does not set
next-hop-self, a node address on another network).`,
	Run: forRouters(badNextHop),
}

func badNextHop(v *View, s *Service, r *routerView) *Finding {
	routes := r.has(s, "bgp")
	if len(routes) == 0 || s.served() != nil {
		return nil
	}
	var src []schema.Evidence
	for _, t := range routes {
		if t.Best || t.Valid && !t.RIBFailure {
			return nil
		}
		src = append(src, t.Src)
	}
	for _, h := range v.NextHops {
		if v.OfRouter(h.Origin) && !h.Valid && slices.ContainsFunc(routes, func(t *model.Route) bool { return model.SameAddr(t.NextHop, h.Addr) }) {
			src = append(src, h.Src)
		}
	}
	is := fmt.Sprintf("the router has %s and cannot use its next hop %s", routes[0].Prefix, routes[0].NextHop)
	return &Finding{Is: is, Clause: is, Should: "a next hop to which the router has a route", Evidence: src,
		Remedy: "give the router a route to the nodes' addresses, or set next-hop-self on the router between"}
}

var routerPathNotChosen = &Check{
	Cause: "router-path-not-chosen", Title: "the router installs another path, or one of many",
	Doc: `The router knows several equal paths and installs one (multipath is off), so that one node takes all traffic: told only where somebody reports that.
Or its routing table has the address by another protocol.`,
	Run: forRouters(notChosen),
}

func notChosen(v *View, s *Service, r *routerView) *Finding {
	paths := r.has(s, "bgp")
	if len(paths) == 0 {
		return nil
	}
	rib := r.has(s, "rib")
	var src []schema.Evidence
	for _, t := range rib {
		if t.Installed && t.Protocol != "" && t.Protocol != "bgp" && s.served() == nil && t.Protocol != "connected" {
			return &Finding{Is: fmt.Sprintf("the router's table has %s by %s via %s, not by BGP", t.Prefix, t.Protocol, t.NextHop), Should: "the BGP route in the router's table",
				Clause: fmt.Sprintf("the router uses another route: %s by %s via %s", t.Prefix, t.Protocol, t.NextHop), Evidence: []schema.Evidence{t.Src, paths[0].Src},
				Remedy: "take the other route away, or lower its distance on the router"}
		}
		src = append(src, t.Src)
	}
	valid, used := map[string]bool{}, 0
	for _, t := range paths {
		if t.Valid {
			valid[t.NextHop] = true
		}
		if t.Best || t.Multipath {
			used++
		}
	}
	complaint := v.oneTakesAll(s)
	installed := map[string]bool{}
	for _, t := range rib {
		for _, h := range append(slices.Clone(t.NextHops), t.NextHop) {
			if h != "" {
				installed[h] = true
			}
		}
	}
	if len(valid) < 2 || used > 1 && len(installed) != 1 || len(installed) > 1 || complaint == nil {
		return nil
	}
	for _, t := range paths {
		src = append(src, t.Src)
	}
	is := fmt.Sprintf("the router knows %d paths to %s and installs one", len(valid), s.List())
	return &Finding{Is: is, Clause: is + ", so that one node takes all traffic", State: schema.StateDegraded, Should: "multipath on the router",
		Remedy: "set maximum-paths (ECMP) for BGP on the router", Evidence: append(src[:min(len(src), 4)], *complaint)}
}

// oneTakesAll is where somebody reports that one node or endpoint gets all traffic; nil when nobody does.
func (v *View) oneTakesAll(s *Service) *schema.Evidence {
	for i := range v.Remarks {
		r := &v.Remarks[i]
		if r.ID == model.SaysOneEndpointOnly || r.ID == model.RemarkMaxPaths && r.Value == "refused" {
			return &r.Src
		}
	}
	for i := range s.Works {
		if p := &s.Works[i]; p.Received >= 8 && len(p.Answers) == 1 && len(s.Addresses) > 0 {
			return &p.Src
		}
	}
	return nil
}
