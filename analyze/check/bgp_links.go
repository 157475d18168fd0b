package check

import (
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// bgpView is what a View holds of BGP.
type bgpView struct {
	places, hostPlaces map[machineKey]machine // whose output a member is; see placeOutputs
	links              []*Link                // sessions, merged
	downs              []Down                 // why sessions are down, and for which Services that matters
}

// Link is one BGP session of a node with a router, as all sources together show it.
type Link struct {
	Who    string // the node, else the pod, else the member that speaks of it
	Node   string // "" when unknown
	Peer   string // the router's address, or the interface of an unnumbered peer
	VRF    string
	Object *model.BGPPeer // nil when no BGPPeer with that address is attached
	Known  bool           // some source tells its state
	Up     bool
	Flaps  *Flap // it goes up and down now; nil when nothing shows that
	// Seen are the words on its state, the strongest first: vtysh, the native log, metrics, status resources, the router.
	Seen []*Session
	Near []*model.BGPNeighbor // the node's view in vtysh, the newest detail last
	Far  []*model.BGPNeighbor // the router's view
	Log  *model.Log           // native mode: the speaker's log with its last words on the peer
	Last *model.LogEvent      // the last of them; nil when there is none
}

// Flap is how a session that does not last shows it.
type Flap struct {
	Times int // how often it went down
	Text  string
	Src   []schema.Evidence
}

// sourceRank orders what is said of a session's state: FRR itself, native logs, metrics, status resources, the router.
func sourceRank(via string) int {
	return slices.Index([]string{"vtysh", "log", "metric", "status", "router", "frr"}, via)
}

// observeLinks merges what is said of each session.
func (v *View) observeLinks() {
	byKey := map[[3]string]*Link{}
	for i := range v.Sessions {
		s := &v.Sessions[i]
		if s.Via == "router" && s.Node == "" && s.Peer == "" {
			continue
		}
		who := s.Node
		if who == "" && s.Via == "router" && s.Neighbor != nil {
			who = strings.TrimPrefix(s.Neighbor.Addr, "*")
		}
		if who == "" {
			who = s.Pod
		}
		if who == "" {
			who = s.Src.Member
		}
		k := [3]string{who, s.Peer, s.VRF}
		l := byKey[k]
		if l == nil {
			l = &Link{Who: who, Node: s.Node, Peer: s.Peer, VRF: s.VRF, Object: v.peerAt(s.Peer)}
			byKey[k] = l
			v.links = append(v.links, l)
		}
		l.take(s)
	}
	v.joinFarEnds()
	for _, l := range v.links {
		slices.SortStableFunc(l.Seen, func(a, b *Session) int { return sourceRank(a.Via) - sourceRank(b.Via) })
		l.Known, l.Up = len(l.Seen) > 0, len(l.Seen) > 0 && l.Seen[0].Up
		if l.Flaps = l.flapping(); l.Flaps == nil {
			l.Flaps = v.flappingByFRR(l)
		}
		if l.Flaps == nil && !slices.ContainsFunc(l.Seen, func(s *Session) bool { return !s.Past }) {
			l.Known, l.Up = false, false
		}
		if l.Flaps != nil && l.Seen[0].Via == "log" && l.lastsMoments() {
			l.Up = false
		}
	}
	v.distrustStale()
}

// distrustStale: a BGPSessionState is up to two minutes old (facts: frr-k8s polls). Where it alone says that a session is down, the state is
// not known if sessions of other nodes with the same router are up, or if the peer itself is younger than a poll at the end of what is attached.
func (v *View) distrustStale() {
	for _, l := range v.links {
		if l.Up || len(l.Seen) == 0 || slices.ContainsFunc(l.Seen, func(s *Session) bool { return s.Via != "status" }) {
			continue
		}
		if v.newPeer(l.Object) || slices.ContainsFunc(v.links, func(o *Link) bool { return o.Peer == l.Peer && o.Up }) {
			l.Known = false
		}
	}
}

// newPeer tells whether a BGPPeer was created so shortly before the end of what is attached that the status resources of frr-k8s, which follow
// within two minutes, may be from before; false where its time is unknown.
func (v *View) newPeer(p *model.BGPPeer) bool {
	const poll = 2 * time.Minute
	if p == nil || p.Created.IsZero() {
		return false
	}
	end := v.To
	for _, o := range v.Obj.Services {
		end = later(end, o.Created)
	}
	for _, o := range v.Obj.BGPSessionStates {
		end = later(end, o.Created)
	}
	for _, o := range v.Obj.Peers {
		end = later(end, o.Created)
	}
	return end.Sub(p.Created) < poll
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (l *Link) take(s *Session) {
	l.Seen = append(l.Seen, s)
	switch {
	case s.Via == "router" && s.Neighbor != nil:
		l.Far = append(l.Far, s.Neighbor)
	case s.Neighbor != nil:
		l.Near = append(l.Near, s.Neighbor)
	}
	if s.Log != nil {
		l.Log, l.Last = s.Log, s.Event
	}
}

// joinFarEnds gives a router's view of a node whose name is unknown to the one session that it can be of: the only one with that
// router, where there is just one on both sides.
func (v *View) joinFarEnds() {
	var far, near []*Link
	for _, l := range v.links {
		if len(l.Far) > 0 && len(l.Far) == len(l.Seen) {
			far = append(far, l)
		} else {
			near = append(near, l)
		}
	}
	for _, f := range far {
		var fits []*Link
		for _, n := range near {
			if n.Node == "" && f.Node == "" && n.Peer == f.Peer && len(n.Far) == 0 {
				fits = append(fits, n)
			}
		}
		same := 0
		for _, g := range far {
			if g.Peer == f.Peer {
				same++
			}
		}
		if len(fits) == 1 && same == 1 {
			fits[0].Seen, fits[0].Far = append(fits[0].Seen, f.Seen...), f.Far
			v.links = slices.DeleteFunc(v.links, func(l *Link) bool { return l == f })
		}
	}
}

// near returns the node's own view with all that its outputs show together: of each field the one that says something. It is nil
// where no output of FRR shows the session.
func (l *Link) near() *model.BGPNeighbor { return mergeNeighbors(l.Near) }

// far is the same for the router's view.
func (l *Link) far() *model.BGPNeighbor { return mergeNeighbors(l.Far) }

func mergeNeighbors(list []*model.BGPNeighbor) *model.BGPNeighbor {
	if len(list) == 0 {
		return nil
	}
	m := *list[0]
	for _, n := range list[1:] {
		m.MsgSent, m.MsgRcvd = max(m.MsgSent, n.MsgSent), max(m.MsgRcvd, n.MsgRcvd)
		m.PfxSent, m.PfxRcd = max(m.PfxSent, n.PfxSent), max(m.PfxRcd, n.PfxRcd)
		m.PfxFiltered = max(m.PfxFiltered, n.PfxFiltered)
		m.Established, m.Dropped = max(m.Established, n.Established), max(m.Dropped, n.Dropped)
		m.MaxHops, m.OpenHold = max(m.MaxHops, n.MaxHops), max(m.OpenHold, n.OpenHold)
		m.OpenAS = max(m.OpenAS, n.OpenAS)
		m.LocalAS, m.RemoteAS = max(m.LocalAS, n.LocalAS), max(m.RemoteAS, n.RemoteAS)
		m.InboundPolicyMissing = m.InboundPolicyMissing || n.InboundPolicyMissing
		if m.LastReset == "" {
			m.LastReset, m.LastResetAgo, m.ErrSrc = n.LastReset, n.LastResetAgo, n.ErrSrc
		}
		if m.LastError == "" {
			m.LastError, m.LastErrorSent = n.LastError, n.LastErrorSent
			if n.LastError != "" {
				m.ErrSrc = n.ErrSrc
			}
		}
		for _, f := range []struct{ to, from *string }{{&m.OpenID, &n.OpenID}, {&m.RemoteID, &n.RemoteID}, {&m.LocalID, &n.LocalID},
			{&m.BFD, &n.BFD}, {&m.LocalHost, &n.LocalHost}, {&m.RouteMapIn, &n.RouteMapIn}} {
			if *f.to == "" || *f.to == "0.0.0.0" {
				*f.to = *f.from
			}
		}
		m.NotNegotiated = append(slices.Clone(m.NotNegotiated), n.NotNegotiated...)
		m.Families = append(slices.Clone(m.Families), n.Families...)
	}
	return &m
}

// src is the strongest evidence of the state.
func (l *Link) src() []schema.Evidence {
	var src []schema.Evidence
	for _, s := range l.Seen {
		if s.Up == l.Up && s.Src.Line > 0 {
			src = append(src, s.Src)
		}
		if len(src) == 3 {
			break
		}
	}
	return src
}

// name is how a sentence calls the session.
func (l *Link) name() string {
	peer := l.Peer
	if l.Object != nil && l.Object.Name != "" {
		peer += " (BGPPeer " + l.Object.Name + ")"
	}
	return peer
}

// events are the native speaker's on this peer of one kind, newest last.
func (l *Link) events(id model.MessageID) []*model.LogEvent {
	if l.Log == nil {
		return nil
	}
	var found []*model.LogEvent
	for _, e := range l.Log.Find(id) {
		if bareAddr(e.Peer) == l.Peer {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b *model.LogEvent) int {
		if a.Last.After(b.Last) {
			return 1
		}
		return -1
	})
	return found
}

// external tells whether the session is between two AS numbers; unknown counts as external, as it is with nearly all routers.
func (l *Link) external() bool {
	if l.Object != nil {
		if l.Object.DynamicASN != "" {
			return l.Object.DynamicASN != "internal"
		}
		return l.Object.MyASN != l.Object.PeerASN
	}
	if n := l.near(); n != nil && n.LocalAS != 0 {
		return n.LocalAS != n.RemoteAS
	}
	return true
}
