package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
)

// confBlock is a running configuration, or a snippet of one.
type confBlock struct {
	p     *parser
	r     *frrconf.Reader
	first Line
}

func newConf(p *parser) *confBlock {
	r := frrconf.NewReader(p.sec.o, true)
	if s := p.system; s != "" && s != "frr" {
		r.SetSystem(s)
	}
	return &confBlock{p: p, r: r}
}

// over tells whether a line can't be the configuration's: it ended, or something else begins.
func (b *confBlock) over(l Line) bool {
	t := l.Text
	return b.r.Ended() || strings.HasPrefix(t, "BGP neighbor is ") || strings.HasPrefix(t, "BGP router identifier ") || strings.HasPrefix(t, "BGP table version is ") ||
		strings.HasPrefix(t, "BFD Peers:") || strings.HasPrefix(t, "IPv4 Unicast Summary") || strings.HasPrefix(t, "Neighbor ") || strings.HasPrefix(t, "% ") ||
		(len(t) > 0 && t[0] == '{')
}

func (b *confBlock) line(l Line) verdict {
	if b.first.N == 0 {
		b.first = l
	}
	switch b.r.Line(l.N, l.Raw, l.Text) {
	case frrconf.Taken:
		return taken
	case frrconf.Ignored:
		return ignored
	}
	return ignored // counted by the configuration's own list
}

func (b *confBlock) end() {
	b.r.Close(b.p.out)
	b.p.show(b.first, "running-config", 1, "")
}

// maps is `show route-map` and `show ip prefix-list` of bgpd: entries go where those of a configuration go, with "invoked N" behind.
type maps struct {
	p     *parser
	conf  model.FRRConf
	name  string
	list  bool
	entry int
	what  string // "match" or "set"
}

func newMaps(p *parser, l Line, t string) *maps {
	m := &maps{p: p, conf: model.FRRConf{Origin: p.sec.o, Running: true, RouteMaps: map[string][]string{}, PrefixLists: map[string][]string{}, Src: l.Evidence()}}
	m.take(strings.TrimSpace(strings.TrimPrefix(t, "BGP:")))
	return m
}

func (m *maps) line(l Line) verdict {
	t := strings.TrimSpace(l.Text)
	if t == "" {
		return ignored
	}
	m.conf.Lines++
	if strings.HasPrefix(t, "ZEBRA") || !m.take(strings.TrimSpace(strings.TrimPrefix(t, "BGP:"))) {
		return unread
	}
	return taken
}

// take takes one line; false when it is none of such output.
func (m *maps) take(t string) bool {
	f := strings.Fields(t)
	switch {
	case len(f) == 0:
	case f[0] == "route-map:" && len(f) > 1: // route-map: NAME Invoked: 2 Optimization: ...
		m.name, m.list = f[1], false
	case f[0] == "route-map" && len(f) > 3: // IOS: route-map NAME, permit, sequence 10
		m.name, m.list = strings.TrimSuffix(f[1], ","), false
		m.open(strings.TrimSuffix(f[2], ",") + " " + f[len(f)-1])
	case len(f) > 3 && (f[0] == "ip" || f[0] == "ipv6") && f[1] == "prefix-list":
		m.name, m.list = frrconf.ListName(f[0], strings.TrimSuffix(f[2], ":")), true
		m.conf.PrefixLists[m.name] = nil
	case m.name == "":
		return false
	case m.list && (f[0] == "seq" || f[0] == "permit" || f[0] == "deny"):
		if f[0] == "seq" && len(f) > 2 {
			f = f[2:]
		}
		m.conf.PrefixLists[m.name] = append(m.conf.PrefixLists[m.name], strings.Join(f, " "))
	case (f[0] == "permit," || f[0] == "deny,") && len(f) > 2: // permit, sequence 1 Invoked 8
		m.open(strings.TrimSuffix(f[0], ",") + " " + f[2])
		if i := strings.Index(t, "Invoked"); i > 0 {
			m.add("invoked" + t[i+len("Invoked"):])
		}
	case strings.HasPrefix(t, "Match clauses"), strings.HasPrefix(t, "Set clauses"), strings.HasPrefix(t, "Call clause"), strings.HasPrefix(t, "Action"):
		m.what = strings.ToLower(f[0])
	case m.what == "match" || m.what == "set":
		m.add(m.what + " " + strings.Replace(strings.Replace(t, "prefix-lists:", "prefix-list", 1), "(access-lists):", "", 1))
	case strings.HasPrefix(t, "Continue to next entry"):
		m.add("on-match next")
	case strings.HasPrefix(t, "Exit routemap"), strings.HasPrefix(t, "Policy routing matches"), strings.HasPrefix(t, "Goto"):
	default:
		return false
	}
	return true
}

// open begins an entry; add puts a clause behind it ("permit 1; invoked 8; match ...").
func (m *maps) open(entry string) {
	if m.entry++; m.entry < 100_000 {
		m.conf.RouteMaps[m.name] = append(m.conf.RouteMaps[m.name], entry)
	}
}

func (m *maps) add(clause string) {
	if list := m.conf.RouteMaps[m.name]; len(list) > 0 && len(list[len(list)-1]) < 4096 {
		list[len(list)-1] += "; " + clause
	}
}

func (m *maps) end() {
	if len(m.conf.RouteMaps)+len(m.conf.PrefixLists) > 0 {
		m.p.out.FRRConfs = append(m.p.out.FRRConfs, m.conf)
	}
}
