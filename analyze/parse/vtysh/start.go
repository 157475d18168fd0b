package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
)

// start opens the block that a line begins; unread when it begins none.
func (p *parser) start(l Line) verdict {
	t := strings.TrimLeft(l.Text, " \t")
	if t == "" {
		return unread
	}
	if (t[0] == '{' || t[0] == '[') && looksJSON(t) {
		p.endBlock()
		p.sec.shown = true
		p.doc = &document{first: l.N}
		return p.docLine(l)
	}
	switch t[0] {
	case 'B':
		return p.startB(l, t)
	case 'N':
		return p.startTable(l, t)
	case 'C':
		switch {
		case strings.HasPrefix(t, "Codes: ") && (strings.Contains(t, "kernel") || strings.Contains(t, "connected")):
			p.open(newRIB(p, l))
			return ignored
		case strings.HasPrefix(t, "Current BGP nexthop cache"):
			p.open(newNexthops(p, l))
			return taken
		}
	case 'I':
		if strings.HasPrefix(t, "Instance ") && strings.HasSuffix(t, ":") {
			p.endBlock()
			p.sec.vrf = strings.TrimSuffix(t[len("Instance "):], ":")
			return taken
		}
		if f := strings.Fields(t); len(f) > 2 && f[0] == "Interface" && f[1] == "Status" {
			p.open(passOver{})
			return ignored
		}
	case 'F':
		if strings.HasPrefix(t, "FRRouting ") {
			p.version(l, t)
			return taken
		}
	case 'S':
		if strings.HasPrefix(t, "Session count:") || strings.HasPrefix(t, "SessionId ") {
			if _, open := p.cur.(*bfdBrief); !open {
				p.open(newBFDBrief(p, l))
			}
			return ignored
		}
	case 'R':
		if strings.HasPrefix(t, "Router identifier ") || strings.HasPrefix(t, "Routing entry for ") {
			return p.startR(l, t)
		}
	}
	return p.startOther(l, t)
}

func (p *parser) startB(l Line, t string) verdict {
	switch {
	case strings.HasPrefix(t, "BGP neighbor is ") || strings.HasPrefix(t, "BGP neighbor on "):
		p.open(newDetail(p, l, t))
		return taken
	case strings.HasPrefix(t, "BGP router identifier "):
		p.identifier(t)
		if s, open := p.cur.(*summary); open {
			s.end()
			p.cur = nil
		}
		return taken
	case strings.HasPrefix(t, "BGP table version is ") && strings.Contains(t, "local router ID"):
		shown := newTable(p, l)
		shown.local.id = between(t, "local router ID is ", ",")
		p.open(shown)
		p.sec.local.id = shown.local.id
		return taken
	case strings.HasPrefix(t, "BGP routing table entry for "):
		p.open(newPaths(p, l, t))
		return taken
	case strings.HasPrefix(t, "BGP summary information for VRF "):
		p.endBlock()
		p.sec.vrf = between(t, "for VRF ", ",")
		if f := familyOf(between(t, "address family ", "")); f != "" {
			p.sec.family, p.system = f, "nxos"
		} else {
			p.system = "eos"
		}
		return taken
	case strings.HasPrefix(t, "BGP routing table information for VRF "):
		p.endBlock()
		p.sec.vrf = between(t, "for VRF ", ",")
		p.system = "nxos"
		if !strings.Contains(t, ",") {
			p.system = "eos"
		}
		return taken
	case strings.HasPrefix(t, "BFD Peers:"):
		p.open(newBFD(p, l))
		return taken
	case strings.HasPrefix(t, "BGP: ip") || strings.HasPrefix(t, "BGP: route-map") || t == "BGP:":
		if m, open := p.cur.(*maps); open {
			return m.line(l)
		}
		p.open(newMaps(p, l, t))
		return taken
	case strings.HasPrefix(t, "BGP table version is ") && strings.Contains(t, "main routing table"):
		p.system = "ios"
		return ignored
	}
	return p.startOther(l, t)
}

// startTable opens what a head of columns begins: a summary or a table of routes.
func (p *parser) startTable(l Line, t string) verdict {
	f := strings.Fields(t)
	switch {
	case f[0] == "Network" && strings.Contains(t, "Next Hop") && !strings.Contains(t, "AS_PATH"):
		tab, open := p.cur.(*table)
		if !open || len(tab.cols) > 0 {
			tab = newTable(p, l)
			p.open(tab)
		}
		tab.head(l)
		return taken
	case strings.HasPrefix(f[0], "Neighbor") && isSummaryHead(f):
		p.open(newSummary(p, l, f))
		return taken
	case f[0] == "Neighbor" && len(f) > 3 && f[1] == "EstdCnt":
		p.open(&failed{p: p})
		return taken
	case strings.HasPrefix(t, "No BGP prefixes displayed"):
		p.endBlock()
		p.show(l, "bgp", 0, "")
		return taken
	}
	return p.startOther(l, t)
}

func (p *parser) startR(l Line, t string) verdict {
	if strings.HasPrefix(t, "Router identifier ") {
		p.identifier("BGP router identifier" + t[len("Router identifier"):])
		return taken
	}
	rib := newRIB(p, l)
	p.open(rib)
	rib.entry(l, strings.Fields(t))
	return taken
}

func (p *parser) startOther(l Line, t string) verdict {
	switch {
	case strings.Contains(t, " Summary") && (strings.HasSuffix(t, "Summary:") || strings.Contains(t, "Summary (VRF ")):
		p.endBlock()
		p.sec.family = familyOf(t[:strings.Index(t, " Summary")])
		if v := between(t, "(VRF ", ")"); v != "" {
			p.sec.vrf = v
		} else {
			p.sec.vrf = ""
		}
		return taken
	case strings.HasPrefix(t, "Description ") && isSummaryHead(strings.Fields(t)):
		p.open(newSummary(p, l, strings.Fields(t)))
		return taken
	case frrconf.Looks(t):
		if c, open := p.cur.(*confBlock); open {
			return c.line(l)
		}
		c := newConf(p)
		p.open(c)
		return c.line(l)
	case strings.HasPrefix(t, "ZEBRA:") || strings.HasPrefix(t, "MGMTD:") || strings.HasPrefix(t, "STATIC:") || strings.HasPrefix(t, "BFDD:"):
		p.open(passOver{maps: true})
		return ignored
	case strings.HasPrefix(t, "route-map") && (strings.Contains(t, " Invoked") || strings.Contains(t, ", sequence ")):
		switch b := p.cur.(type) {
		case *maps:
			return b.line(l)
		case passOver:
			if b.maps {
				return ignored
			}
		}
		p.open(newMaps(p, l, t))
		return taken
	case p.sec.cmd.table == "daemons" && p.cur == nil:
		p.sec.shown = true
		for _, name := range strings.Fields(t) {
			p.out.Remarks = append(p.out.Remarks, model.Remark{Origin: p.sec.o, ID: DaemonRuns, Value: name, Text: t, Src: l.Evidence()})
		}
		return taken
	case strings.HasPrefix(t, "Interface ") && strings.Contains(t, ", line protocol is "), strings.HasPrefix(t, "netns-based vrfs"), strings.HasPrefix(t, "vrf ") && p.cur == nil:
		p.open(passOver{})
		return ignored
	case strings.HasPrefix(t, "Type  Id") || strings.HasPrefix(t, "Logging configuration for") || strings.HasPrefix(t, "Address Refcnt"):
		p.open(passOver{})
		return ignored
	case ribRow(l.Text) && p.cur == nil:
		rib := newRIB(p, l)
		p.open(rib)
		return rib.line(l)
	case strings.HasPrefix(t, "Process ") && strings.Contains(t, "RcvTblVer"):
		p.system = "iosxr"
		return ignored
	case p.cur == nil && p.sec.cmd.table == "nexthop" || strings.HasSuffix(t, "(Connected)"):
		if a, _, _ := strings.Cut(t, "("); isAddr(a) && l.Text == t {
			p.open(newNHT(p, l, a))
			return taken
		}
	}
	return unread
}

// identifier takes "BGP router identifier A, local AS number N [VRF V] [vrf-id I]".
func (p *parser) identifier(t string) {
	p.sec.local.id = between(t, "identifier ", ",")
	p.sec.local.as = frrconf.ParseAS(first(between(t, "local AS number ", "")))
	if v := between(t, " VRF ", " "); v != "" {
		p.sec.vrf = v
	}
}

// version takes "FRRouting 8.4.4 (node1) on Linux(...)."
func (p *parser) version(l Line, t string) {
	f := strings.Fields(t)
	p.open(passOver{})
	if len(f) < 2 {
		return
	}
	p.out.Versions = append(p.out.Versions, model.VersionSeen{Of: "frr", Version: strings.TrimSuffix(f[1], "."), Strength: 3, Src: l.Evidence()})
}

// show says that a table was looked at.
func (p *parser) show(l Line, table string, count int, missing string) {
	p.sec.shown = true
	t := p.tableShown(table)
	t.Count, t.Missing, t.Src = count, missing, l.Evidence()
	if t.Family == "" {
		t.Family = shortFamily(p.sec.family)
	}
	p.out.Tables = append(p.out.Tables, t)
}

// passOver is output that says nothing here: up to the next thing that something knows.
type passOver struct {
	maps bool // it is what a daemon other than bgpd knows of route maps and prefix lists
}

// DaemonRuns is the ID of a remark: `show daemons` lists the daemon Value.
const DaemonRuns = "frr-daemon-running"

func (passOver) line(Line) verdict { return ignored }
func (passOver) end()              {}

// familyOf makes "IPv4 Unicast", "ipv4Unicast", "IPv4 Unicast VRF red" the one word that observations use: "IPv4 Unicast".
func familyOf(s string) string {
	low := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "-", ""))
	switch {
	case strings.HasPrefix(low, "ipv4unicast"), low == "ipv4":
		return "IPv4 Unicast"
	case strings.HasPrefix(low, "ipv6unicast"), low == "ipv6":
		return "IPv6 Unicast"
	case strings.HasPrefix(low, "l2vpnevpn"):
		return "L2VPN EVPN"
	}
	return strings.TrimSpace(s)
}

// shortFamily is ipv4 or ipv6 for what familyOf returns; "" for other families.
func shortFamily(s string) string {
	switch s {
	case "IPv4 Unicast":
		return "ipv4"
	case "IPv6 Unicast":
		return "ipv6"
	}
	return ""
}

func first(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}
