package metallb

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// setOf is the offers as routes, identical ones merged, sorted.
func setOf(offers []offer) []Route {
	var set []Route
	for _, o := range offers {
		if i := slices.IndexFunc(set, func(r Route) bool { return sameRoute(r, o.route) }); i >= 0 {
			set[i].Services = addName(set[i].Services, o.service)
			continue
		}
		r := o.route
		r.Services = []string{o.service}
		set = append(set, r)
	}
	sortRoutes(set)
	return set
}

func sameRoute(a, b Route) bool {
	return a.Prefix == b.Prefix && a.LocalPref == b.LocalPref && slices.Equal(a.Communities, b.Communities)
}

func addName(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	names = append(slices.Clone(names), name)
	slices.Sort(names)
	return names
}

func sortRoutes(routes []Route) {
	slices.SortFunc(routes, func(a, b Route) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()),
			cmp.Compare(a.LocalPref, b.LocalPref), cmp.Compare(strings.Join(a.Communities, ","), strings.Join(b.Communities, ",")))
	})
}

// maxCommunities on one prefix: rule communities-max.
const maxCommunities = 63

func (in Input) tooManyCommunities(set []Route) string {
	for _, r := range set {
		if n := len(r.Communities); n > maxCommunities {
			return fmt.Sprintf("max supported communities is %d, got %d", maxCommunities, n)
		}
	}
	return ""
}

// routes is what comes out behind a session.
func (in Input) routes(peer *model.BGPPeer, offers []offer, orders [][]int) []Route {
	var routes []Route
	for i, o := range offers {
		prefix := o.route.Prefix
		if !in.carries(peer, prefix) || slices.ContainsFunc(offers[:i], func(b offer) bool { return b.route.Prefix == prefix }) {
			continue
		}
		var same []offer
		for _, b := range offers[i:] {
			if b.route.Prefix == prefix {
				same = append(same, b)
			}
		}
		switch {
		case in.Mode != schema.ModeNative:
			routes = append(routes, mergedRoute(same))
		case in.Version.Until("v0.15.3"):
			routes = append(routes, lastRoute(same, orders))
		default:
			routes = append(routes, mergedNative(same))
		}
	}
	sortRoutes(routes)
	return routes
}

// carries tells whether a session takes prefixes of this family: rules bgp-family-of-advertisement, bgp-family-both,
// bgp-family-disablemp and bgp-family-match.
func (in Input) carries(peer *model.BGPPeer, prefix netip.Prefix) bool {
	if in.Mode == schema.ModeNative {
		return true // and sends IPv4 only
	}
	if in.Version.Until("v0.14.9") || peer.Interface != "" || peer.DualStackAddressFamily {
		return true
	}
	ip := net.ParseIP(peer.Address)
	return ip != nil && toAddr(ip).Is4() == prefix.Addr().Is4()
}

// mergedNative: rule bgp-duplicate-prefix-merge. A table has one local preference for a prefix; where Services that share it have
// different ones, any of them may stand there.
func mergedNative(same []offer) Route {
	r := mergedRoute(same)
	r.More = nil
	var prefs []uint32
	for _, o := range same {
		prefs = append(prefs, o.route.LocalPref)
	}
	slices.Sort(prefs)
	prefs = slices.Compact(prefs)
	r.LocalPref = prefs[0]
	for _, pref := range prefs[1:] {
		other := r
		other.LocalPref, other.Others = pref, nil
		r.Others = append(r.Others, other)
	}
	return r
}

// mergedRoute is the advertisements of one prefix in one: communities and local preferences add up.
func mergedRoute(same []offer) Route {
	r := Route{Prefix: same[0].route.Prefix}
	var prefs []uint32
	for _, o := range same {
		r.Services = addName(r.Services, o.service)
		r.Communities = append(r.Communities, o.route.Communities...)
		if o.route.LocalPref != 0 {
			prefs = append(prefs, o.route.LocalPref)
		}
	}
	slices.Sort(r.Communities)
	r.Communities = slices.Compact(r.Communities)
	slices.Sort(prefs)
	if prefs = slices.Compact(prefs); len(prefs) > 0 {
		r.LocalPref, r.More = prefs[0], prefs[1:]
	}
	return r
}

// lastRoute: rule bgp-duplicate-prefix-last. Services are walked in random order, so that of any of them may be the last.
func lastRoute(same []offer, orders [][]int) Route {
	var services []string
	for _, o := range same {
		services = addName(services, o.service)
	}
	var all []Route
	for _, service := range services {
		for _, order := range orders {
			last, rank := -1, -1
			for i, o := range same {
				if o.service != service {
					continue
				}
				// of equal rank (several addresses) the later one counts
				if r := rankOf(o, order); r >= rank {
					last, rank = i, r
				}
			}
			r := same[last].route
			if !slices.ContainsFunc(all, func(b Route) bool { return sameRoute(b, r) }) {
				all = append(all, r)
			}
		}
	}
	r := all[0]
	r.Services, r.Others = services, all[1:]
	return r
}

// rankOf is the place at which an advertisement is read in an order; -1 in a nil order, where the offers' own order counts.
func rankOf(o offer, order []int) int {
	return slices.Index(order, o.rank)
}

// advertOrders is the orders in which the BGPAdvertisements may have been read.
func (in Input) advertOrders(cfg *Config) [][]int {
	orders := in.Version.orders(len(cfg.Adverts))
	if in.Version.Until("v0.12.1") || len(orders) == 0 {
		return [][]int{nil}
	}
	return orders
}
