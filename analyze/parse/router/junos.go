package router

import (
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
)

// junosSummary is the table of `show bgp summary`:
//
//	Peer        AS  InPkt OutPkt OutQ Flaps Last Up/Dwn State|#Active/Received/Accepted/Damped...
//	10.0.0.5 64500     10     12    0     1     1d 3:05 Establ
//	  inet.0: 1/2/2/0
//	10.0.0.6 64500      0      0    0     0        5:11 Active
//	10.0.0.7 64500     10     12    0     0        2:03 1/1/1/0            0/0/0/0
type junosSummary struct {
	r     *reader
	l     vtysh.Line
	n     *model.BGPNeighbor
	count int
}

func (b *junosSummary) line(l vtysh.Line) bool {
	f := strings.Fields(l.Text)
	if l.Text[0] == ' ' || l.Text[0] == '\t' {
		if b.n == nil || len(f) < 2 || !strings.HasSuffix(f[0], ":") {
			return false
		}
		b.counts(f[1])
		return true
	}
	if len(f) < 8 || !isAddr(hostOf(f[0])) {
		return false
	}
	b.flush()
	n := b.r.newNeighbor("junos", l.Evidence())
	n.Addr, n.RemoteAS = hostOf(f[0]), frrconf.ParseAS(f[1])
	n.MsgRcvd, n.MsgSent, n.Dropped = number(f[2], -1), number(f[3], -1), number(f[5], -1)
	up, rest := f[6], f[7:]
	if len(rest) > 1 && strings.Contains(rest[0], ":") && !strings.Contains(rest[0], "/") { // 1d 3:05:06
		up, rest = up+" "+rest[0], rest[1:]
	}
	if d, ok := vtysh.Uptime(up); ok {
		n.Uptime = d
	} else if sec := number(up, -1); sec >= 0 { // below a minute
		n.Uptime = time.Duration(sec) * time.Second
	}
	b.n = &n
	b.count++
	if strings.Contains(rest[0], "/") {
		n.State = "Established"
		b.counts(rest[0])
		return true
	}
	n.State = vtysh.State(rest[0])
	return true
}

// counts takes ACTIVE/RECEIVED/ACCEPTED/DAMPED.
func (b *junosSummary) counts(s string) {
	c := strings.Split(s, "/")
	if len(c) < 3 {
		return
	}
	b.n.PfxReceivedBeforePolicy = max(b.n.PfxReceivedBeforePolicy, 0) + number(c[1], 0)
	b.n.PfxRcd = max(b.n.PfxRcd, 0) + number(c[2], 0)
}

func (b *junosSummary) flush() {
	if b.n != nil {
		b.r.addNeighbor(*b.n)
		b.n = nil
	}
}

func (b *junosSummary) end() {
	b.flush()
	b.r.show(b.l, model.TableShown{Table: "summary", Count: b.count})
}

// junosPeer is one peer of `show bgp neighbor`, from "Peer: A+179 AS N  Local: B+54321 AS M" on.
type junosPeer struct {
	r *reader
	l vtysh.Line
	n model.BGPNeighbor
}

func newJunosPeer(r *reader, l vtysh.Line, f []string) *junosPeer {
	b := &junosPeer{r: r, l: l, n: r.newNeighbor("junos", l.Evidence())}
	b.n.Addr, b.n.RemoteAS = hostOf(f[1]), frrconf.ParseAS(f[3])
	s := strings.Join(f, " ")
	if local := after(s, "Local: "); local != "unspecified" {
		b.n.LocalHost = hostOf(local)
	}
	_, tail, _ := strings.Cut(s, "Local: ")
	b.n.LocalAS = frrconf.ParseAS(after(tail, " AS "))
	return b
}

func (b *junosPeer) line(l vtysh.Line) bool {
	if l.Text[0] != ' ' && l.Text[0] != '\t' {
		return false
	}
	t := strings.TrimSpace(l.Text)
	n := &b.n
	switch {
	case strings.HasPrefix(t, "Type: "):
		n.State, n.Src = vtysh.State(after(t, " State: ")), l.Evidence()
	case strings.HasPrefix(t, "Last Error: "):
		if v := strings.TrimPrefix(t, "Last Error: "); v != "None" {
			n.LastReset, n.LastError, n.ErrSrc = v, v, l.Evidence()
		}
	case strings.HasPrefix(t, "Error: '"):
		n.LastErrorSent = number(after(t, "Sent: "), 0) > 0
	case strings.HasPrefix(t, "Holdtime: "):
		n.ConfiguredHold = number(after(t, "Holdtime: "), -1)
	case strings.HasPrefix(t, "Number of flaps: "):
		n.Dropped = number(after(t, "flaps: "), -1)
	case strings.HasPrefix(t, "Peer ID: "):
		n.RemoteID, n.LocalID = after(t, "Peer ID: "), after(t, "Local ID: ")
		n.HoldTime = number(after(t, "Active Holdtime: "), -1)
	case strings.HasPrefix(t, "Received prefixes: "):
		n.PfxReceivedBeforePolicy = max(n.PfxReceivedBeforePolicy, 0) + number(after(t, "prefixes: "), 0)
	case strings.HasPrefix(t, "Accepted prefixes: "):
		n.PfxRcd = max(n.PfxRcd, 0) + number(after(t, "prefixes: "), 0)
	case strings.HasPrefix(t, "Advertised prefixes: "):
		n.PfxSent = max(n.PfxSent, 0) + number(after(t, "prefixes: "), 0)
	}
	return true
}

func (b *junosPeer) end() {
	b.r.addNeighbor(b.n)
	b.r.show(b.l, model.TableShown{Table: "neighbors", Neighbor: b.n.Addr, Count: 1})
}

// junosRoutes is `show route`:
//
//	198.51.100.10/32   *[BGP/170] 00:10:00, localpref 100
//	                      AS path: 64500 I, validation-state: unverified
//	                    >  to 192.168.10.5 via ge-0/0/0.0
//	                    [BGP/170] 00:10:00, localpref 100
type junosRoutes struct {
	r      *reader
	l      vtysh.Line
	prefix string
	cur    *model.Route
	count  int
}

func (b *junosRoutes) line(l vtysh.Line) bool {
	f := strings.Fields(l.Text)
	indented := l.Text[0] == ' ' || l.Text[0] == '\t'
	switch {
	case !indented && isPrefix(f[0]):
		b.flush()
		b.prefix = f[0]
		if len(f) > 1 {
			b.path(l, strings.Join(f[1:], " "))
		}
		return true
	case indented && b.prefix != "" && strings.Contains(f[0], "["):
		b.flush()
		b.path(l, strings.Join(f, " "))
		return true
	case indented && b.cur != nil:
		b.more(f)
		return true
	}
	return strings.Contains(l.Text, " destinations, ") || f[0] == "+"
}

func (b *junosRoutes) path(l vtysh.Line, s string) {
	table := "rib"
	rt := b.r.newRoute(table, b.prefix, l)
	open := strings.IndexByte(s, '[')
	if open < 0 {
		return
	}
	rt.Best = strings.ContainsAny(s[:open], "*+")
	rt.Installed = rt.Best
	name, _, _ := strings.Cut(s[open+1:], "/")
	rt.Protocol = strings.ToLower(name)
	if v := after(s, "localpref "); v != "" {
		rt.LocalPref = number(v, -1)
	}
	if v := after(s, "from "); v != "" {
		rt.Source = v
	}
	b.cur = &rt
	b.count++
}

// more takes the lines below a path.
func (b *junosRoutes) more(f []string) {
	s := strings.Join(f, " ")
	switch {
	case strings.HasPrefix(s, "AS path: "):
		path, _, _ := strings.Cut(strings.TrimPrefix(s, "AS path: "), ",")
		b.cur.Path = strings.TrimSpace(strings.TrimRight(path, " IE?"))
	case strings.HasPrefix(s, "> to ") || strings.HasPrefix(s, "to "):
		hop := after(s, "to ")
		if b.cur.NextHop == "" || s[0] == '>' {
			b.cur.NextHop, b.cur.Device = hop, after(s, "via ")
		}
		b.cur.NextHops = append(b.cur.NextHops, hop)
		b.cur.Multipath = len(b.cur.NextHops) > 1
	}
}

func (b *junosRoutes) flush() {
	if b.cur != nil {
		b.r.addRoute(*b.cur)
		b.cur = nil
	}
}

func (b *junosRoutes) end() {
	b.flush()
	b.r.show(b.l, model.TableShown{Table: "rib", Count: b.count})
}
