package check

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Session is what one source says of one BGP session at its last word.
type Session struct {
	Node string // of the cluster's side; "" when unknown
	Pod  string
	Peer string // the router's address (or interface), without port
	VRF  string
	Up   bool
	Past bool   // it was up at Time, and nothing would tell if it went down since
	Via  string // log, metric, vtysh, status (BGPSessionState), router, frr (FRR's log)
	Time time.Time
	// Neighbor has the details of vtysh and routers; nil otherwise. For Via router it is the router's view: Neighbor.Addr is the
	// node's address.
	Neighbor *model.BGPNeighbor
	Log      *model.Log // via log: the log, and its last event on the peer
	Event    *model.LogEvent
	Src      schema.Evidence
}

// observeSessions reads native logs, metrics, vtysh, BGPSessionStates and routers.
func (v *View) observeSessions() {
	for _, l := range v.LogsOf(model.Speaker) {
		if !l.Origin.Previous {
			v.sessionsOfLog(l)
		}
	}
	for _, l := range v.LogsOf(model.FRR) {
		if !l.Origin.Previous && !v.OfRouter(l.Origin) {
			v.sessionsOfFRR(l)
		}
	}
	for _, st := range v.Obj.BGPSessionStates {
		v.Sessions = append(v.Sessions, Session{Node: st.Node, Peer: unexpand(st.Peer), VRF: st.VRF, Up: strings.EqualFold(st.BGPStatus, "Established"), Via: "status", Src: st.At("status.bgpStatus")})
	}
	for _, x := range v.Metrics {
		if x.Name != "metallb_bgp_session_up" && x.Name != "frrk8s_bgp_session_up" {
			continue
		}
		if v.neverCounts(x) {
			continue
		}
		v.Sessions = append(v.Sessions, Session{Node: v.NodeOf(x.Origin), Pod: x.Origin.Pod, Peer: bareAddr(x.Labels["peer"]), VRF: x.Labels["vrf"], Up: x.Value == 1, Via: "metric", Src: x.Src})
	}
	for i := range v.Neighbors {
		n := &v.Neighbors[i]
		s := Session{VRF: n.VRF, Up: strings.EqualFold(n.State, "Established"), Neighbor: n, Src: n.Src}
		if v.OfRouter(n.Origin) {
			s.Via, s.Peer, s.Node = "router", v.routerAddr(n), v.NodeOfAddr(parseAddr(strings.TrimPrefix(n.Addr, "*")))
			if s.Node == "" {
				s.Node = v.nodeNamed(n.Addr) // BIRD's short list has the names of its protocols alone
			}
			if peers := v.bgpPeers(); s.Peer == n.Origin.RouterName && n.LocalAS == 0 && n.RemoteAS == 0 && s.Node != "" && len(peers) == 1 {
				s.Peer = bareAddr(peers[0].Address)
			}
		} else {
			s.Via, s.Peer, s.Node, s.Pod = "vtysh", n.Addr, v.NodeOf(n.Origin), n.Origin.Pod
		}
		v.Sessions = append(v.Sessions, s)
	}
	v.sessionsOfTables()
}

// sessionsOfTables takes a Service's prefix in a router's table, by way of a node, as a session with that node that is up.
func (v *View) sessionsOfTables() {
	peers := v.bgpPeers()
	if len(peers) != 1 {
		return // which of the routers it is, is unknown
	}
	seen := map[string]bool{}
	for _, r := range v.Routes {
		learned := r.Table == "bgp" && r.Valid || r.Table == "rib" && r.Protocol == "bgp"
		node := v.NodeOfAddr(parseAddr(r.NextHop))
		if !learned || node == "" || seen[node] || r.Stale || !v.OfRouter(r.Origin) || !v.ofSomeService(r.Prefix) {
			continue
		}
		seen[node] = true
		v.Sessions = append(v.Sessions, Session{Node: node, Peer: bareAddr(peers[0].Address), VRF: peers[0].VRF, Up: true, Via: "router", Src: r.Src})
	}
}

func (v *View) ofSomeService(prefix string) bool {
	return slices.ContainsFunc(v.Services, func(s *Service) bool { return holdsAny(prefix, s.Addresses) })
}

// routerAddr is the address by which the cluster knows the router that an output is of: its router id or own end where a BGPPeer
// has that address, else the one BGPPeer that has its AS number; its name where none fits.
func (v *View) routerAddr(n *model.BGPNeighbor) string {
	for _, a := range []string{n.LocalHost, n.LocalID} {
		if v.peerAt(a) != nil {
			return bareAddr(a)
		}
	}
	fits := map[string]bool{}
	for _, p := range v.bgpPeers() {
		silent := n.LocalAS == 0 && p.MyASN != 0 && p.MyASN == n.RemoteAS // Junos' summary does not show the router's own AS
		if (p.PeerASN == n.LocalAS && n.LocalAS != 0 || silent) && p.Address != "" {
			fits[bareAddr(p.Address)] = true
		}
	}
	if len(fits) == 1 {
		return model.Sorted(fits)[0]
	}
	if len(v.bgpPeers()) == 0 && n.LocalID != "" {
		return bareAddr(n.LocalID)
	}
	return n.Origin.RouterName
}

// neverCounts: v0.15 in native mode starts a series for the bare address that stays 0 beside the one with the port (facts: metrics).
func (v *View) neverCounts(x model.Metric) bool {
	if x.Name != "metallb_bgp_session_up" || strings.Contains(x.Labels["peer"], ":") && bareAddr(x.Labels["peer"]) != x.Labels["peer"] {
		return false
	}
	for _, y := range v.Metrics {
		if y.Name == x.Name && y.Origin.Path == x.Origin.Path && y.Labels["peer"] != x.Labels["peer"] && bareAddr(y.Labels["peer"]) == x.Labels["peer"] {
			return true
		}
	}
	return false
}

// sessionsOfLog takes the last of up and down, refused dials included, for each peer of a native speaker's log.
func (v *View) sessionsOfLog(l *model.Log) {
	last := map[string]*model.LogEvent{}
	var order []string
	for _, e := range l.Events {
		switch e.ID {
		case model.MsgSessionUp, model.MsgSessionDown, model.MsgDialFailed, model.MsgNotification, model.MsgPeerRemoved:
		default:
			continue
		}
		peer := bareAddr(e.Peer)
		if last[peer] == nil {
			order = append(order, peer)
		}
		if last[peer] == nil || e.Last.After(last[peer].Last) {
			last[peer] = e
		}
	}
	for _, peer := range order {
		e := last[peer]
		if e.ID == model.MsgPeerRemoved {
			continue
		}
		v.Sessions = append(v.Sessions, Session{Node: l.Node, Pod: l.Origin.Pod, Peer: peer, Up: e.ID == model.MsgSessionUp, Via: "log", Time: e.Last.Time, Log: l, Event: e, Src: e.Last.Src})
	}
}

// sessionsOfFRR takes the last change of a neighbor's state, where a log of FRR tells of changes (at debug, or with log-neighbor-changes), and
// attempts that fail again and again until the end of a log: at its usual level FRR tells of no session that comes up but by End-of-RIB, and of
// none that goes down, so that one failure alone, or an End-of-RIB, says nothing of the end.
func (v *View) sessionsOfFRR(l *model.Log) {
	const lately = 3 * time.Minute
	last, times, up, change := map[string]*model.LogEvent{}, map[string]int{}, map[string]model.Seen{}, map[string]*model.LogEvent{}
	var order []string
	for _, e := range l.Events {
		peer := bareAddr(e.Peer)
		if e.ID == model.MsgFRRBind {
			peer = v.peerFrom(e.Value)
		}
		if !parseAddr(peer).IsValid() {
			continue
		}
		if last[peer] == nil && change[peer] == nil {
			order = append(order, peer)
		}
		switch e.ID {
		case model.MsgFRRAdjChange:
			if strings.HasPrefix(e.Value, "Up") && (up[peer].Src.Line == 0 || e.Last.After(up[peer])) {
				up[peer] = e.Last
			}
			if e.Reason != "End-of-RIB" && (change[peer] == nil || e.Last.After(change[peer].Last)) {
				change[peer] = e
			}
		case model.MsgFRROpenFailed, model.MsgFRRConnect, model.MsgFRRBind, model.MsgFRRNotifySent, model.MsgFRRNotifyRcvd:
			if last[peer] == nil || e.Last.After(last[peer].Last) {
				last[peer] = e
			}
			times[peer] = max(times[peer], e.Count)
		}
	}
	add := func(peer string, e *model.LogEvent, isUp bool) {
		v.Sessions = append(v.Sessions, Session{Node: v.NodeOf(l.Origin), Pod: l.Origin.Pod, Peer: peer, Up: isUp, Via: "frr", Time: e.Last.Time, Src: e.Last.Src})
	}
	for _, peer := range slices.Compact(order) {
		e, c := last[peer], change[peer]
		fails := e != nil && times[peer] >= 2 && (up[peer].Src.Line == 0 || !up[peer].After(e.Last)) && (l.Last.IsZero() || l.Last.Sub(e.Last.Time) <= lately)
		switch {
		case fails:
			add(peer, e, false)
		case c != nil && (up[peer].Src.Line == 0 || !up[peer].After(c.Last) || strings.HasPrefix(c.Value, "Up")):
			add(peer, c, strings.HasPrefix(c.Value, "Up"))
		case up[peer].Src.Line != 0:
			v.Sessions = append(v.Sessions, Session{Node: v.NodeOf(l.Origin), Pod: l.Origin.Pod, Peer: peer, Up: true, Past: true, Via: "frr", Time: up[peer].Time, Src: up[peer].Src})
		}
	}
}

// peerFrom is the one peer whose sessions start at an address: FRR names that alone where it cannot bind it.
func (v *View) peerFrom(source string) string {
	peers := v.bgpPeers()
	for _, p := range peers {
		if p.SourceAddress != "" && model.SameAddr(p.SourceAddress, source) || len(peers) == 1 {
			return p.Address
		}
	}
	return ""
}

// bareAddr takes the port off ADDR:PORT and [ADDR]:PORT.
func bareAddr(peer string) string {
	if ap, err := netip.ParseAddrPort(peer); err == nil {
		return ap.Addr().Unmap().String()
	}
	if a, err := netip.ParseAddr(peer); err == nil {
		return a.Unmap().String()
	}
	return peer
}

// unexpand turns the peer label of a BGPSessionState into an address: IPv6 is written expanded with "-" for ":".
func unexpand(peer string) string {
	if a, err := netip.ParseAddr(strings.ReplaceAll(peer, "-", ":")); err == nil {
		return a.Unmap().String()
	}
	return peer
}
