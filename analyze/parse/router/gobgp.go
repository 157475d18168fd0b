package router

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/jsonlines"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
	"github.com/metallb-assay/assay/schema"
)

// gobgpPeers is `gobgp neighbor`: "192.168.10.5 64500 00:00:10 Establ      |        1         1"; newer ones have a group in front of AS's
// place or at the end.
type gobgpPeers struct {
	r     *reader
	l     vtysh.Line
	count int
}

func (b *gobgpPeers) line(l vtysh.Line) bool {
	left, right, found := strings.Cut(l.Text, "|")
	f := strings.Fields(left)
	if !found || len(f) < 4 || !isAddr(hostOf(f[0])) {
		return false
	}
	n := b.r.newNeighbor("gobgp", l.Evidence())
	n.Addr, n.RemoteAS = hostOf(f[0]), frrconf.ParseAS(f[1])
	up := strings.Join(f[2:len(f)-1], " ")
	if d, ok := vtysh.Uptime(up); ok && up != "never" {
		n.Uptime = d
	}
	n.Never = up == "never"
	n.State = vtysh.State(f[len(f)-1])
	if c := strings.Fields(right); len(c) > 1 {
		n.PfxReceivedBeforePolicy, n.PfxRcd = number(c[0], -1), number(c[1], -1)
	}
	b.count++
	b.r.addNeighbor(n)
	return true
}

func (b *gobgpPeers) end() { b.r.show(b.l, model.TableShown{Table: "summary", Count: b.count}) }

// gobgpRoutes is `gobgp global rib` and `gobgp neighbor X adj-in|adj-out`.
type gobgpRoutes struct {
	r      *reader
	l      vtysh.Line
	prefix string
	count  int
}

func (b *gobgpRoutes) table() (table, neighbor string) {
	c := b.r.command()
	neighbor = after(c, "neighbor ")
	switch {
	case strings.Contains(c, "adj-in") || strings.Contains(c, "adj in"):
		return "received", neighbor
	case strings.Contains(c, "adj-out") || strings.Contains(c, "adj out"):
		return "advertised", neighbor
	case strings.Contains(b.l.Text, "ID "):
		return "received", neighbor
	}
	return "bgp", ""
}

// line takes "*> 198.51.100.10/32     192.168.10.5         64500    00:00:10   [{Origin: i} {Med: 0}]".
func (b *gobgpRoutes) line(l vtysh.Line) bool {
	head, attrs, _ := strings.Cut(l.Text, "[{")
	f := strings.Fields(head)
	at := 0
	for at < len(f) && at < 3 && !isPrefix(f[at]) {
		at++
	}
	status := strings.Join(f[:min(at, len(f))], "")
	if at < len(f) && at < 3 && isPrefix(f[at]) {
		b.prefix, f = f[at], f[at+1:]
	} else if b.prefix != "" && len(f) > 2 && strings.HasPrefix(f[0], "*") && isAddr(f[1]) {
		status, f = f[0], f[1:]
	} else {
		return false
	}
	if len(f) < 1 || !isAddr(f[0]) {
		return false
	}
	table, neighbor := b.table()
	rt := b.r.newRoute(table, b.prefix, l)
	rt.Neighbor, rt.NextHop, rt.NextHops = neighbor, f[0], []string{f[0]}
	var path []string
	for _, w := range f[1:] {
		if strings.Contains(w, ":") {
			break // the age
		}
		path = append(path, w)
	}
	rt.Path = strings.Join(path, " ")
	rt.Best = strings.Contains(status, ">")
	rt.Metric, rt.LocalPref = number(after(attrs, "Med:"), -1), number(strings.TrimRight(after(attrs, "LocalPref:"), "}]"), -1)
	if m := strings.TrimRight(after("{"+attrs, "Med: "), "}]"); m != "" {
		rt.Metric = number(m, -1)
	}
	b.count++
	b.r.addRoute(rt)
	return true
}

func (b *gobgpRoutes) end() {
	table, neighbor := b.table()
	b.r.show(b.l, model.TableShown{Table: table, Neighbor: neighbor, Count: b.count})
}

// gobgpStates are the numbers of session_state in JSON (api.PeerState_SessionState).
var gobgpStates = []string{"", "Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"}

// gobgpJSON takes `gobgp neighbor -j`.
func (r *reader) gobgpJSON(doc *jsonlines.Node, evidence func(int) schema.Evidence) {
	for _, v := range doc.Vals {
		conf, state := v.Get("conf"), v.Get("state")
		n := r.newNeighbor("gobgp", evidence(state.LineOf(v.Line)))
		n.Addr = conf.Get("neighbor_address").Str()
		if n.Addr == "" {
			n.Addr = state.Get("neighbor_address").Str()
		}
		n.RemoteAS, n.LocalAS = frrconf.ParseAS(conf.First("peer_asn", "peer_as").Str()), frrconf.ParseAS(conf.First("local_asn", "local_as").Str())
		n.RemoteID = state.Get("router_id").Str()
		if s := state.Get("session_state").Int(0); s > 0 && s < len(gobgpStates) {
			n.State = gobgpStates[s]
		} else {
			n.State = vtysh.State(strings.ToLower(state.Get("session_state").Str()))
		}
		if admin := state.Get("admin_state").Str(); admin == "1" || strings.EqualFold(admin, "down") {
			n.State = "Idle (Admin)"
		}
		n.MsgRcvd, n.MsgSent = state.Get("messages").Get("received").Get("total").Int(0), state.Get("messages").Get("sent").Get("total").Int(0)
		n.HoldTime = v.Get("timers").Get("state").Get("negotiated_hold_time").Int(-1)
		n.ConfiguredHold = v.Get("timers").Get("config").Get("hold_time").Int(-1)
		n.LocalHost = v.Get("transport").Get("local_address").Str()
		if list := v.Get("afi_safis"); list.IsArray() {
			for _, f := range list.Vals {
				n.PfxReceivedBeforePolicy = max(n.PfxReceivedBeforePolicy, 0) + f.Get("state").Get("received").Int(0)
				n.PfxRcd = max(n.PfxRcd, 0) + f.Get("state").Get("accepted").Int(0)
			}
		}
		r.addNeighbor(n)
	}
	r.out.Tables = append(r.out.Tables, model.TableShown{Origin: r.sec, Table: "neighbors", Count: len(doc.Vals), Src: evidence(doc.Line)})
}

// gobgpLog takes a line of gobgpd's JSON log.
func (r *reader) gobgpLog(doc *jsonlines.Node, evidence func(int) schema.Evidence) {
	data := doc.Get("Data").Str()
	msg := doc.Get("msg").Str()
	id := logID(msg + " " + data)
	switch {
	case id != "":
	case msg == "Peer Up":
		id = LogAdjacency
	case msg == "Peer Down":
		id = LogAdjacency
	default:
		return
	}
	r.addRemark(model.Remark{ID: id, Addr: doc.Get("Key").Str(), Value: strings.TrimSpace(data), Text: msg, Src: evidence(doc.Line)})
}
