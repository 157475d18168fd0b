package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/jsonlines"
)

func (j *jsonReader) newRoute(table, prefix, vrf string, n *jsonlines.Node) model.Route {
	return model.Route{Origin: j.p.sec.o, Table: table, Neighbor: j.p.sec.cmd.neighbor, VRF: vrfName(vrf, j.p), Prefix: Prefix(prefix, false), Protocol: "bgp",
		LocalPref: -1, Metric: -1, Src: j.ev(n)}
}

// routes takes {"routes": {PREFIX: [PATH, ...]}}; older releases have other objects there, which are passed over.
func (j *jsonReader) routes(head, routes *jsonlines.Node, table, vrf string) {
	j.found++
	count := 0
	for i, list := range routes.Vals {
		prefix := routes.Keys[i]
		if addrOf(prefix) == "" || !list.IsArray() {
			continue
		}
		for _, v := range list.Vals {
			if !v.IsObject() {
				continue
			}
			r := j.newRoute(table, prefix, vrf, list)
			pathValues(&r, v)
			r.Multipath = v.Get("multipath").Bool()
			r.Best = v.Get("bestpath").Bool()
			hops(&r, v.Get("nexthops"))
			r.Path = strings.TrimSpace(v.Get("path").Str())
			count++
			j.p.addRoute(r)
		}
	}
	shownBy(j.show(head, table, vrf, count), head)
}

// shownBy takes who shows a table.
func shownBy(t *model.TableShown, head *jsonlines.Node) {
	t.LocalID = head.First("routerId", "bgpLocalRouterId").Str()
	t.LocalAS = frrconf.ParseAS(head.First("localAS", "bgpLocalAs").Str())
}

// pathValues takes the keys that paths have in all forms.
func pathValues(r *model.Route, v *jsonlines.Node) {
	r.Metric, r.LocalPref = v.First("metric", "med").Int(-1), v.First("locPrf", "localPref").Int(-1)
	r.Valid, r.Stale = v.Get("valid").Bool(), v.Get("stale").Bool()
	r.RIBFailure = v.Get("ribFailure").Bool()
}

// hops takes a list of next hops: the used one first.
func hops(r *model.Route, list *jsonlines.Node) {
	if !list.IsArray() {
		return
	}
	for _, h := range list.Vals {
		ip := h.Get("ip").Str()
		if dev := h.Get("interfaceName").Str(); dev != "" && r.Device == "" {
			r.Device = dev
		}
		if ip == "" {
			continue
		}
		if r.NextHop == "" || h.Get("used").Bool() {
			r.NextHop = ip
		}
		r.NextHops = append(r.NextHops, ip)
	}
}

// adj takes advertisedRoutes and receivedRoutes.
func (j *jsonReader) adj(n *jsonlines.Node, vrf string) {
	j.found++
	table, routes := "advertised", n.Get("advertisedRoutes")
	if r := n.Get("receivedRoutes"); r != nil {
		table, routes = "received", r
	} else if r := n.Get("filteredRoutes"); r != nil {
		table, routes = "received-filtered", r
	}
	table = j.tableOf(table)
	for i, v := range routes.Vals {
		prefix := routes.Keys[i]
		if addrOf(prefix) == "" {
			continue
		}
		r := j.newRoute(table, prefix, vrf, v)
		pathValues(&r, v)
		r.NextHop = v.First("nextHop", "nextHopGlobal").Str()
		r.NextHops = []string{r.NextHop}
		r.Path = strings.TrimSpace(v.Get("path").Str())
		status := v.Get("appliedStatusSymbols")
		r.Valid, r.Best, r.Multipath = r.Valid || status.Get("*").Bool(), status.Get(">").Bool(), status.Get("=").Bool()
		j.p.addRoute(r)
	}
	t := j.show(n, table, vrf, len(routes.Vals))
	t.Filtered = n.Get("filteredPrefixCounter").Int(0)
	shownBy(t, n)
}

// paths takes {"prefix": P, "paths": [...]}.
func (j *jsonReader) paths(n *jsonlines.Node, vrf string) {
	j.found++
	prefix := n.Get("prefix").Str()
	list := n.Get("paths")
	for _, v := range list.Vals {
		if !v.IsObject() {
			continue
		}
		r := j.newRoute("bgp", prefix, vrf, v)
		pathValues(&r, v)
		r.Path = v.Get("aspath").Get("string").Str()
		if r.Path == "Local" {
			r.Path = ""
		}
		r.Best = v.Get("bestpath").Get("overall").Bool()
		r.Multipath = v.Get("multipath").Bool() || v.Get("bestpath").Get("multipath").Bool()
		hops(&r, v.Get("nexthops"))
		r.Source = v.Get("peer").Get("peerId").Str()
		if c := v.Get("community").Get("string").Str(); c != "" {
			r.Communities = strings.Fields(c)
		}
		j.p.addRoute(r)
	}
	t := j.show(n, "bgp", vrf, len(list.Vals))
	if t.Prefix == "" {
		t.Prefix = prefix
	}
}

// rib takes the routes of one prefix of `show ip route json`.
func (j *jsonReader) rib(prefix string, list *jsonlines.Node, vrf string) {
	for _, v := range list.Vals {
		r := j.newRoute("rib", prefix, vrf, list)
		r.Protocol = v.Get("protocol").Str()
		r.Metric = v.Get("metric").Int(-1)
		r.Best, r.Installed = v.Get("selected").Bool(), v.Get("installed").Bool()
		r.Valid = r.Best || r.Installed
		hops(&r, v.Get("nexthops"))
		r.Multipath = len(r.NextHops) > 1
		j.p.addRoute(r)
	}
}
