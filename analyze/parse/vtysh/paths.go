package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// paths is the detail of one prefix (`show bgp ipv4 unicast P`): paths of three to five lines each.
//
//	Paths: (2 available, best #2, table default)
//	  64500
//	    192.168.10.5 from 192.168.10.5 (10.0.0.1)
//	      Origin IGP, metric 0, valid, external, multipath, best (Older Path)
//	      Community: 64500:100
type paths struct {
	p      *parser
	l      Line
	prefix string
	as     string // the AS path above the path
	cur    *model.Route
	count  int
	to     bool // the line below "Advertised to" has peers
}

func newPaths(p *parser, l Line, t string) *paths {
	name, _, _ := strings.Cut(t[len("BGP routing table entry for "):], ",")
	return &paths{p: p, l: l, prefix: Prefix(first(name), false)}
}

func (b *paths) line(l Line) verdict {
	if l.Text == "" {
		return ignored
	}
	t := strings.TrimSpace(l.Text)
	f := strings.Fields(t)
	switch {
	case strings.HasPrefix(t, "Paths: ("), strings.HasPrefix(t, "Last update"), strings.HasPrefix(t, "Not advertised"), strings.HasPrefix(t, "Flag"), strings.HasPrefix(t, "rx pathid"):
		return ignored
	case strings.HasPrefix(t, "Advertised to "):
		b.to = true
		return ignored
	case strings.HasPrefix(t, "Origin ") || strings.HasPrefix(t, "Origin:"):
		b.attributes(t)
		return taken
	case strings.HasPrefix(t, "Community: "):
		if b.cur != nil {
			b.cur.Communities = append(b.cur.Communities, strings.Fields(t[len("Community: "):])...)
		}
		return taken
	case len(f) > 2 && isAddr(Addr(f[0])) && strings.Contains(t, " from "):
		b.path(l, f)
		return taken
	case isASPath(f):
		b.as, b.to = pathOf(t), false
		return taken
	case b.to && isAddr(Addr(f[0])):
		b.to = false
		return ignored
	case l.Text[0] != ' ' && l.Text[0] != '\t':
		return unread
	}
	return ignored
}

// isASPath tells whether a line is an AS path: "Local", or AS numbers, in front of notes ("64500, (received & used)").
func isASPath(f []string) bool {
	for i, w := range f {
		if i > 0 && (w[0] == '(' || strings.HasSuffix(f[i-1], ",")) {
			return true
		}
		w = strings.Trim(w, "(){},")
		if w == "Local" || w == "Local," {
			continue
		}
		if strings.Trim(w, "0123456789.,") != "" || strings.Count(w, ".") > 1 {
			return false
		}
	}
	return true
}

func pathOf(t string) string {
	t, _, _ = strings.Cut(t, ", (")
	t, _, _ = strings.Cut(t, ", ")
	if strings.HasPrefix(t, "Local") {
		return ""
	}
	return t
}

// path begins a path: "HOP [(metric 10)] from PEER (ROUTERID)".
func (b *paths) path(l Line, f []string) {
	b.flush()
	r := model.Route{Origin: b.p.sec.o, Table: "bgp", VRF: b.p.vrf(), Prefix: b.prefix, NextHop: Addr(strings.TrimSuffix(f[0], ",")), Protocol: "bgp", Path: b.as, LocalPref: -1,
		Metric: -1, Valid: true, Src: l.Evidence()}
	r.NextHops = []string{r.NextHop}
	r.Source = Addr(first(between(strings.Join(f, " "), "from ", "")))
	if strings.Contains(l.Text, "inaccessible") {
		r.Valid = false
	}
	b.cur = &r
	b.count++
}

// attributes takes "Origin IGP, metric 0, localpref 100, weight 32768, valid, external, multipath, best (Older Path)".
func (b *paths) attributes(t string) {
	r := b.cur
	if r == nil {
		return
	}
	r.Valid = false
	for w := range strings.SplitSeq(t, ",") {
		w = strings.TrimSpace(w)
		switch name := first(w); {
		case name == "metric" || name == "med":
			r.Metric = number(first(w[len(name):]), -1)
		case name == "localpref":
			r.LocalPref = number(first(w[len(name):]), -1)
		case name == "valid":
			r.Valid = true
		case name == "best", strings.HasPrefix(name, "best"):
			r.Best = true
		case name == "multipath":
			r.Multipath = true
		case name == "stale":
			r.Stale = true
		case name == "inaccessible":
			r.Valid = false
		}
	}
}

func (b *paths) flush() {
	if b.cur != nil {
		b.p.addRoute(*b.cur)
		b.cur = nil
	}
}

func (b *paths) end() {
	b.flush()
	if b.p.sec.cmd.prefix == "" {
		b.p.sec.cmd.prefix = b.prefix
		b.p.show(b.l, "bgp", b.count, "")
		b.p.sec.cmd.prefix = ""
		return
	}
	b.p.show(b.l, "bgp", b.count, "")
}
