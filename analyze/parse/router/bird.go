package router

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
)

// birdReady takes "BIRD 2.0.12 ready.", the first line of each command of birdc.
func (r *reader) birdReady(l vtysh.Line, f []string) {
	r.close()
	if len(f) > 2 {
		r.ready = &l
	}
}

// birdEmpty says of a `show route` that printed nothing but the first line that it printed nothing.
func (r *reader) birdEmpty() {
	l := r.ready
	r.ready = nil
	if l == nil || !strings.Contains(r.command(), "show route") {
		return
	}
	r.show(*l, model.TableShown{Table: "bgp"})
}

// birdProtocols is `show protocols [all]`: a row a protocol, and in the long form what belongs to it below, indented.
type birdProtocols struct {
	r     *reader
	l     vtysh.Line
	n     *model.BGPNeighbor
	count int
}

func (b *birdProtocols) line(l vtysh.Line) bool {
	if l.Text[0] == ' ' || l.Text[0] == '\t' {
		if b.n != nil {
			b.detail(l, strings.TrimSpace(l.Text))
		}
		return true
	}
	f := strings.Fields(l.Text)
	if len(f) < 4 || !birdState(f[3]) {
		return false
	}
	b.flush()
	if f[1] == "BGP" {
		b.row(l, f)
	}
	return true
}

func birdState(s string) bool {
	return s == "up" || s == "down" || s == "start" || s == "stop" || s == "flush" || s == "feed"
}

// row takes "k8s_node1  BGP  ---  start  13:52:47.985  Idle  BGP Error: Bad peer AS"; the time has one word or two.
func (b *birdProtocols) row(l vtysh.Line, f []string) {
	n := b.r.newNeighbor("bird", l.Evidence())
	n.Addr, n.Description = f[0], f[0]
	info := f[4:]
	for len(info) > 0 && info[0] != "" && (info[0][0] >= '0' && info[0][0] <= '9') {
		info = info[1:]
	}
	if len(info) > 0 {
		n.State = vtysh.State(info[0])
	}
	if n.State == "" {
		n.State = map[string]string{"down": "Idle (Admin)", "up": "Established"}[f[3]]
	}
	if len(info) > 1 {
		birdError(&n, strings.Join(info[1:], " "), l)
	}
	b.n = &n
	b.count++
}

// birdError takes "BGP Error: Bad peer AS" (this side's), "Received: Bad peer AS" (the other's), "Socket: Connection refused".
func birdError(n *model.BGPNeighbor, s string, l vtysh.Line) {
	n.LastReset, n.ErrSrc = s, l.Evidence()
	switch {
	case strings.HasPrefix(s, "BGP Error: "):
		n.LastError, n.LastErrorSent = strings.TrimPrefix(s, "BGP Error: "), true
	case strings.HasPrefix(s, "Received: "):
		n.LastError = strings.TrimPrefix(s, "Received: ")
	default:
		n.LastError = s
	}
}

// detail takes a line below a protocol.
func (b *birdProtocols) detail(l vtysh.Line, t string) {
	n := b.n
	key, value, found := strings.Cut(t, ":")
	if !found {
		if strings.HasPrefix(t, "AF announced") {
			n.Families = append(n.Families, "")
		}
		return
	}
	value = strings.TrimSpace(value)
	switch key {
	case "BGP state":
		n.State, n.Src = vtysh.State(value), l.Evidence()
	case "Neighbor address":
		n.Addr = hostOf(value)
	case "Neighbor AS":
		n.RemoteAS = frrconf.ParseAS(value)
	case "Local AS":
		n.LocalAS = frrconf.ParseAS(value)
	case "Neighbor ID":
		n.RemoteID = value
	case "Source address":
		n.LocalHost = value
	case "Hold timer":
		_, all, _ := strings.Cut(value, "/")
		n.HoldTime = number(all, -1)
	case "Keepalive timer":
		_, all, _ := strings.Cut(value, "/")
		n.KeepaliveTime = number(all, -1)
	case "Session":
		if n.MaxHops = 1; strings.Contains(value, "multihop") || strings.Contains(value, "internal") {
			n.MaxHops = 255
		}
	case "Last error":
		birdError(n, value, l)
	case "Input filter":
		n.RouteMapIn = value
	case "Routes":
		b.routes(value)
	case "Import updates":
		if f := strings.Fields(value); len(f) > 3 {
			n.PfxReceivedBeforePolicy = max(n.PfxReceivedBeforePolicy, 0) + number(f[0], 0)
			n.PfxFiltered = max(n.PfxFiltered, 0) + number(f[2], 0)
		}
	}
}

// routes takes "1 imported, 0 filtered, 0 exported, 1 preferred".
func (b *birdProtocols) routes(s string) {
	for part := range strings.SplitSeq(s, ",") {
		f := strings.Fields(part)
		if len(f) < 2 {
			continue
		}
		switch c := number(f[0], 0); f[1] {
		case "imported":
			b.n.PfxRcd = max(b.n.PfxRcd, 0) + c
		case "exported":
			b.n.PfxSent = max(b.n.PfxSent, 0) + c
		}
	}
}

func (b *birdProtocols) flush() {
	if b.n != nil {
		b.n.Families = nil
		b.r.addNeighbor(*b.n)
		b.n = nil
	}
}

func (b *birdProtocols) end() {
	b.flush()
	b.r.show(b.l, model.TableShown{Table: "neighbors", Count: b.count})
}

// birdRoutes is `show route [all]`:
//
//	198.51.100.10/32     unicast [k8s_node1 13:52:48.942] * (100) [AS64500i]
//		via 192.168.10.5 on swp1
//	10.0.0.0/24        via 192.168.1.1 on eth0 [bgp1 12:00:00] * (100) [AS65000i]     (1.x)
type birdRoutes struct {
	r      *reader
	l      vtysh.Line
	prefix string
	cur    *model.Route
	count  int
}

// birdRoute tells whether a line is a row of such a table.
func birdRoute(f []string) bool {
	return len(f) > 3 && isPrefix(f[0]) && (strings.HasPrefix(f[2], "[") && f[1] != "via" && f[1] != "dev" || (f[1] == "via" || f[1] == "dev") && strings.Contains(strings.Join(f, " "), " ["))
}

func (b *birdRoutes) line(l vtysh.Line) bool {
	f := strings.Fields(l.Text)
	indented := l.Text[0] == ' ' || l.Text[0] == '\t'
	switch {
	case f[0] == "Table" && len(f) == 2:
		return true
	case birdRoute(f) && !indented:
		b.prefix = f[0]
		b.path(l, f[1:])
		return true
	case indented && b.prefix != "" && strings.Contains(l.Text, " ["):
		b.path(l, f)
		return true
	case indented && b.cur != nil && f[0] == "via":
		b.hop(f)
		return true
	case indented && b.cur != nil:
		b.attribute(f)
		return true
	}
	return false
}

// path begins a path.
func (b *birdRoutes) path(l vtysh.Line, f []string) {
	b.flush()
	rt := b.r.newRoute("bgp", b.prefix, l)
	s := strings.Join(f, " ")
	rt.Source = strings.TrimPrefix(after(s, "["), "[")
	_, behind, _ := strings.Cut(s, "]")
	rt.Best = strings.Contains(behind, "*")
	rt.Protocol = ""
	if i := strings.LastIndex(behind, "[AS"); i >= 0 {
		rt.Protocol = "bgp"
		rt.Path = strings.TrimRight(behind[i+3:], "]ie?")
	} else if strings.HasSuffix(behind, "[i]") || strings.HasSuffix(behind, "[?]") {
		rt.Protocol = "bgp"
	}
	switch f[0] {
	case "blackhole", "unreachable", "prohibit":
		rt.Kind = f[0]
	}
	b.cur = &rt
	b.count++
	if f[0] == "via" {
		b.hop(f)
	}
}

// hop takes "via 192.168.10.5 on swp1 [weight 1]".
func (b *birdRoutes) hop(f []string) {
	if len(f) < 2 {
		return
	}
	if b.cur.NextHop == "" {
		b.cur.NextHop = f[1]
	}
	b.cur.NextHops = append(b.cur.NextHops, f[1])
	if len(f) > 3 && f[2] == "on" && b.cur.Device == "" {
		b.cur.Device = f[3]
	}
	b.cur.Multipath = len(b.cur.NextHops) > 1
}

// attribute takes "BGP.as_path: 64500", in 3.x "bgp_path: 64500".
func (b *birdRoutes) attribute(f []string) {
	value := strings.Join(f[1:], " ")
	switch strings.ToLower(f[0]) {
	case "bgp.as_path:", "bgp_path:":
		b.cur.Path, b.cur.Protocol = value, "bgp"
	case "bgp.local_pref:", "bgp_local_pref:":
		b.cur.LocalPref = number(value, -1)
	case "bgp.med:", "bgp_med:":
		b.cur.Metric = number(value, -1)
	case "bgp.community:", "bgp_community:":
		for _, c := range f[1:] {
			b.cur.Communities = append(b.cur.Communities, strings.ReplaceAll(strings.Trim(c, "()"), ",", ":"))
		}
	}
}

func (b *birdRoutes) flush() {
	if b.cur != nil {
		b.r.addRoute(*b.cur)
		b.cur = nil
	}
}

func (b *birdRoutes) end() {
	b.flush()
	b.r.show(b.l, model.TableShown{Table: "bgp", Count: b.count})
}
