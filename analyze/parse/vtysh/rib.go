package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// rib is a routing table (`show ip route [bgp]`), or the entry of one prefix ("Routing entry for P").
//
//	B>* 198.51.100.10/32 [20/0] via 192.168.10.5, swp1, weight 1, 00:00:13
//	  *                         via 192.168.10.6, swp1, weight 1, 00:00:13
//	C>* 192.168.10.0/24 is directly connected, eth0, 00:00:16
//	B        10.66.9.40 [20/0] via 10.66.1.32, 03:01:46          (IOS)
type rib struct {
	p      *parser
	l      Line
	legend bool
	cur    *model.Route
	count  int
	single bool // "Routing entry for"
}

func newRIB(p *parser, l Line) *rib {
	return &rib{p: p, l: l, legend: strings.HasPrefix(strings.TrimSpace(l.Text), "Codes:")}
}

var ribProtocols = map[byte]string{'K': "kernel", 'C': "connected", 'S': "static", 'R': "rip", 'O': "ospf", 'I': "isis", 'B': "bgp", 'E': "eigrp",
	'N': "nhrp", 'T': "table", 'A': "babel", 'F': "pbr", 'f': "openfabric", 'L': "local", 'D': "eigrp", 'i': "isis", 't': "table-direct"}

// ribRow tells whether a line is a row of a routing table.
func ribRow(text string) bool {
	_, prefix := rowHead(text)
	return prefix != "" && (strings.Contains(text, " via ") || strings.Contains(text, "directly connected") || strings.Contains(text, "unreachable"))
}

// rowHead splits the beginning of a row into the letters of protocol and state ("B>*", "O E2") and the prefix; prefix is "" when it
// is no row.
func rowHead(text string) (letters, prefix string) {
	if len(text) < 8 || ribProtocols[text[0]] == "" {
		return "", ""
	}
	f := strings.Fields(text[:min(len(text), 120)])
	for i, w := range f[:min(len(f), 4)] {
		if i > 0 && addrOf(w) != "" {
			return strings.Join(f[:i], " "), w
		}
		if len(w) > 4 {
			break
		}
	}
	return "", ""
}

func (b *rib) line(l Line) verdict {
	t := strings.TrimSpace(l.Text)
	switch {
	case t == "":
		b.legend = false
		return ignored
	case b.single:
		return b.inEntry(l, t)
	case ribRow(l.Text):
		b.flush()
		b.legend = false
		b.row(l, t)
		return taken
	case b.legend:
		return ignored
	case b.cur != nil && (l.Text[0] == ' ' || t[0] == '*') && (strings.Contains(t, "via ") || strings.Contains(t, "directly connected")):
		b.hop(t)
		return taken
	case strings.HasPrefix(t, "VRF ") && strings.HasSuffix(t, ":"):
		b.flush()
		b.p.sec.vrf = strings.TrimSuffix(t[len("VRF "):], ":")
		return taken
	case strings.HasPrefix(t, "Gateway of last resort"), strings.Contains(t, "is subnetted"), strings.Contains(t, "is variably subnetted"), strings.HasPrefix(t, "Routing Table:"):
		return ignored
	}
	return unread
}

func (b *rib) newRoute(l Line, prefix string) {
	b.cur = &model.Route{Origin: b.p.sec.o, Table: "rib", VRF: b.p.vrf(), Prefix: Prefix(prefix, false), LocalPref: -1, Metric: -1, Src: l.Evidence()}
	b.count++
}

// row takes a row of the table.
func (b *rib) row(l Line, t string) {
	flags, prefix := rowHead(l.Text)
	flags = flags[1:]
	b.newRoute(l, prefix)
	r := b.cur
	r.Protocol = ribProtocols[t[0]]
	r.Best = strings.Contains(flags, ">")
	r.Installed = strings.Contains(flags, "*")
	if b.p.system != "" && b.p.system != "frr" && !strings.Contains(flags, ">") && b.p.system != "quagga" {
		r.Best, r.Installed = true, true // IOS shows what it uses and nothing else
	}
	r.RIBFailure = strings.Contains(flags, "r")
	r.Valid = !r.RIBFailure
	if _, m, ok := strings.Cut(between(t, "[", "]"), "/"); ok {
		r.Metric = number(m, -1)
	}
	if strings.Contains(t, "blackhole") || strings.Contains(t, "unreachable (blackhole)") {
		r.Kind = "blackhole"
	}
	b.hop(t)
}

// hop takes "via A, DEV" or "is directly connected, DEV".
func (b *rib) hop(t string) {
	r := b.cur
	if via := between(t, "via ", ""); via != "" {
		hop, rest, _ := strings.Cut(via, ",")
		hop = Addr(first(hop))
		if isAddr(hop) {
			if r.NextHop == "" {
				r.NextHop = hop
			}
			r.NextHops = append(r.NextHops, hop)
			if dev := strings.TrimSpace(strings.SplitN(rest, ",", 2)[0]); r.Device == "" && dev != "" && !strings.Contains(dev, ":") {
				r.Device = first(dev)
			}
		}
	} else if dev := between(t, "directly connected,", ","); dev != "" {
		r.Device = dev
	}
	r.Multipath = len(r.NextHops) > 1
}

// entry begins "Routing entry for 10.66.9.40/32".
func (b *rib) entry(l Line, f []string) {
	b.flush()
	b.single, b.legend = true, false
	if len(f) > 3 {
		b.newRoute(l, f[3])
	}
}

// inEntry takes the lines of one entry.
func (b *rib) inEntry(l Line, t string) verdict {
	r := b.cur
	if r == nil {
		return unread
	}
	switch {
	case strings.HasPrefix(t, "Known via "):
		r.Protocol = between(t, `"`, `"`)
		r.Best = strings.Contains(t, ", best")
		r.Metric = number(strings.Trim(first(between(t, "metric ", "")), ","), -1)
		return taken
	case strings.HasPrefix(t, "* directly connected") || strings.HasPrefix(t, "directly connected"):
		r.Installed = t[0] == '*'
		_, dev, _ := strings.Cut(t, ", ")
		r.Device = first(strings.ReplaceAll(dev, ",", " "))
		return taken
	case isAddr(Addr(strings.Trim(first(strings.TrimPrefix(t, "* ")), ","))):
		r.Installed = r.Installed || t[0] == '*'
		b.hop("via " + strings.TrimPrefix(t, "* "))
		return taken
	case l.Text[0] != ' ':
		return unread
	}
	return ignored
}

func (b *rib) flush() {
	if b.cur != nil {
		b.p.addRoute(*b.cur)
		b.cur = nil
	}
}

func (b *rib) end() {
	b.flush()
	b.p.show(b.l, "rib", b.count, "")
}
