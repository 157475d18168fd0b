package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// toldSent is yes, no, or that nothing tells.
type toldSent int

const (
	unknown toldSent = iota
	yes
	no
)

// sends tells whether the node gives the Service's prefix to the session.
func (v *View) sends(l *Link, s *Service) toldSent {
	a, _ := v.sendsBy(l, s)
	return a
}

func (v *View) sendsBy(l *Link, s *Service) (toldSent, schema.Evidence) {
	for _, table := range []string{"advertised", "bgp"} {
		for _, r := range v.Routes {
			if r.Table == table && v.ofLink(r.Origin, l) && (table == "bgp" && isOwn(r) || table != "bgp" && model.SameAddr(r.Neighbor, l.Peer)) && holdsAny(r.Prefix, s.Addresses) {
				if table == "advertised" {
					return yes, r.Src
				}
				if n := l.near(); n != nil && n.PfxSent == 0 && !young(n) {
					return no, n.Src
				}
				return v.blockedByMap(l, s)
			}
		}
		for _, t := range v.Tables {
			if t.Table != table || !v.ofLink(t.Origin, l) || table == "advertised" && !model.SameAddr(t.Neighbor, l.Peer) {
				continue
			}
			if t.Prefix == "" && t.Filter == "" && !t.Empty && t.Missing == "" && v.tableOfFamily(t, s) {
				return no, t.Src
			}
		}
	}
	if n := l.near(); n != nil && n.PfxSent == 0 && !young(n) && slices.Equal(familiesOf(s), []string{"IPv4"}) && hasFamily(n.Families, "IPv4") {
		return no, n.Src
	}
	return unknown, schema.Evidence{}
}

// young tells whether a session came up so lately that its routes may not be sent yet.
func young(n *model.BGPNeighbor) bool { return n.Uptime < 30*time.Second }

// takesNothing tells whether the router shows that it has no prefix of the node, of the Service's address family: the session is up, and
// the Service's route does not come over it.
func (l *Link) takesNothing(s *Service) bool {
	n, families := l.far(), familiesOf(s)
	return n != nil && n.PfxRcd == 0 && !young(n) && len(families) == 1 && hasFamily(append(slices.Clone(n.Families), "IPv4"), families[0])
}

// blockedByMap tells whether the route map towards the peer, in the node's running configuration, lets none of the Service's addresses out:
// its entries that permit all match prefix lists, and these do not have them.
func (v *View) blockedByMap(l *Link, s *Service) (toldSent, schema.Evidence) {
	for i := range v.FRRConfs {
		c := &v.FRRConfs[i]
		if !v.runs(c) || !v.ofLink(c.Origin, l) {
			continue
		}
		for _, r := range c.Routers {
			for _, n := range r.Neighbors {
				if model.SameAddr(n.Addr, l.Peer) && n.RouteMapOut != "" && len(c.RouteMaps[n.RouteMapOut]) > 0 && !mapLets(c, n.RouteMapOut, s.Addresses) {
					return no, n.Src
				}
			}
		}
	}
	return unknown, schema.Evidence{}
}

// mapLets tells whether a route map may permit one of the addresses: false only where each entry that permits matches a prefix list that is
// shown and has none of them.
func mapLets(c *model.FRRConf, name string, addrs []string) bool {
	for _, entry := range c.RouteMaps[name] {
		if !strings.HasPrefix(strings.TrimSpace(entry), "permit") {
			continue
		}
		_, list, matches := strings.Cut(entry, "address prefix-list ")
		if !matches {
			return true
		}
		list, _, _ = strings.Cut(strings.TrimSpace(list), " ")
		list, _, _ = strings.Cut(list, "\n")
		list = strings.TrimRight(list, ";,")
		if strings.Contains(entry, "match ipv6 ") {
			list = "ipv6 " + list
		}
		rules, shown := c.PrefixLists[list]
		if !shown {
			return true
		}
		for _, rule := range rules {
			f := strings.Fields(rule)
			if len(f) > 1 && f[0] == "permit" && (f[1] == "any" || len(f) > 2 || holdsAny(f[1], addrs)) {
				return true
			}
		}
	}
	return false
}

// isOwn tells whether a speaker has a route of itself and not from a neighbor: a router's default or a wider network of its own holds
// the address too, and is nothing that the node sends.
func isOwn(r model.Route) bool {
	hop, _, _ := strings.Cut(r.NextHop, "(") // with the host's name behind it, where FRR shows names
	return hop == "0.0.0.0" || hop == "::"
}

// ofLink tells whether an output is of the node of the link, for sure.
func (v *View) ofLink(o schema.Origin, l *Link) bool { return !v.OfRouter(o) && v.who(o) == l.Who }

func (v *View) tableOfFamily(t model.TableShown, s *Service) bool {
	return t.Family == "" || hasFamily(familiesOf(s), t.Family)
}

var prefixNotSent = &Check{
	Cause: "prefix-not-sent", Title: "the session is up and the prefix is not sent",
	Doc: `The session is established and the Service's prefix is not among what the node sends: PfxSnt is 0, or the prefix is missing in the BGP table or in the
advertised routes. An IPv6 prefix is not sent over an IPv4 session since v0.15 unless dualStackAddressFamily is set (rule bgp-family-match).`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.Services {
			if !v.usesBGP(s) || s.served() != nil {
				continue
			}
			v.notSent(s, report)
		}
	},
}

func (v *View) notSent(s *Service, report func(Finding)) {
	f := Finding{Services: []string{s.Key()}}
	up, lacks := 0, 0
	var nodes []string
	for _, l := range v.stand(s).links() {
		if !l.Up {
			continue
		}
		up++
		if a, src := v.sendsBy(l, s); a == no {
			lacks++
			nodes = append(nodes, l.Who)
			f.Evidence = append(f.Evidence, src)
		}
	}
	if lacks == 0 || lacks < up {
		return
	}
	f.Evidence = append(f.Evidence, s.announceLine())
	f.Is = fmt.Sprintf("%s is not among the routes that %s sends", s.List(), someOf(nodes))
	f.Should = "the prefix in what is sent to the peer"
	f.Clause = "the session is up, and " + f.Is
	f.Remedy = "look at prefix-lists and route-maps of the peer in the running configuration, and at BGPAdvertisements that select pool and node"
	report(f)
}

func (s *Service) announceLine() schema.Evidence {
	if on := s.Announces("bgp"); len(on) > 0 {
		return on[0].Src
	}
	return s.Src
}

// routerView is what one router shows: its neighbors that are nodes, its tables and routes.
type routerView struct {
	key       machineKey
	neighbors []*model.BGPNeighbor
	tables    []*model.TableShown
	routes    []*model.Route
	asn       uint32
}

// routers groups the routers' outputs: by name or prompt, else all together by file's folder is not known, so by router.
func (v *View) routers() []*routerView {
	var list []*routerView
	get := func(o schema.Origin) *routerView {
		name := o.RouterName
		if name == "" {
			name = o.Host
		}
		k := machineKey{host: name}
		for _, r := range list {
			if r.key == k {
				return r
			}
		}
		r := &routerView{key: k}
		list = append(list, r)
		return r
	}
	for i := range v.Neighbors {
		if n := &v.Neighbors[i]; v.OfRouter(n.Origin) {
			r := get(n.Origin)
			r.neighbors = append(r.neighbors, n)
			r.asn = max(r.asn, n.LocalAS)
		}
	}
	for i := range v.Tables {
		if t := &v.Tables[i]; v.OfRouter(t.Origin) {
			r := get(t.Origin)
			r.tables = append(r.tables, t)
		}
	}
	for i := range v.Routes {
		if t := &v.Routes[i]; v.OfRouter(t.Origin) {
			r := get(t.Origin)
			r.routes = append(r.routes, t)
		}
	}
	return list
}

// has are the router's routes of one table for the Service's address.
func (r *routerView) has(s *Service, tables ...string) []*model.Route {
	var found []*model.Route
	for _, t := range r.routes {
		if slices.Contains(tables, t.Table) && holdsAny(t.Prefix, s.Addresses) {
			found = append(found, t)
		}
	}
	return found
}

// lacks is the table that was shown and does not have the prefix; nil where it has it or was not shown.
func (r *routerView) lacks(v *View, s *Service, table string) *model.TableShown {
	if len(r.has(s, table)) > 0 {
		return nil
	}
	for _, t := range r.tables {
		if t.Table != table || t.Empty || contains(t.Missing, "instance") || contains(t.Missing, "Unknown") || !v.tableOfFamily(*t, s) {
			continue
		}
		asked := t.Prefix == "" || holdsAny(t.Prefix, s.Addresses) || slices.Contains(s.Addresses, t.Prefix)
		kept := t.Filter == "" || slices.ContainsFunc(s.Addresses, func(a string) bool { return strings.Contains(a, t.Filter) })
		if asked && kept {
			return t
		}
	}
	return nil
}

// of tells whether the router has a node of the cluster among its neighbors that are up, and those.
func (r *routerView) up() []*model.BGPNeighbor {
	var list []*model.BGPNeighbor
	for _, n := range r.neighbors {
		if strings.EqualFold(n.State, "Established") || contains(n.State, "Policy") {
			list = append(list, n)
		}
	}
	return list
}

// announcementsOfFRR takes what FRR itself shows as a word that a speaker announces: a prefix of its own in the BGP table, or among the
// networks of its running configuration, on a node from which nothing else speaks of the Service.
func (v *View) announcementsOfFRR() {
	for _, s := range v.Services {
		said := map[string]bool{}
		for _, a := range s.Announced {
			if a.Protocol == "bgp" && a.Via != "event" {
				said[a.Node] = true
			}
		}
		add := func(o schema.Origin, src schema.Evidence) {
			node := v.NodeOf(o)
			if said[node] {
				return
			}
			said[node] = true
			s.Announced = append(s.Announced, Announcement{Node: node, Pod: o.Pod, Protocol: "bgp", On: true, Via: "frr", Src: src})
		}
		for _, r := range v.Routes {
			if (r.Table == "advertised" || r.Table == "bgp" && isOwn(r)) && !v.OfRouter(r.Origin) && holdsAny(r.Prefix, s.Addresses) {
				add(r.Origin, r.Src)
			}
		}
		for i := range v.FRRConfs {
			c := &v.FRRConfs[i]
			if v.runs(c) && !v.OfRouter(c.Origin) && v.confHolds(c, s) {
				add(c.Origin, c.Src)
			}
		}
	}
}
