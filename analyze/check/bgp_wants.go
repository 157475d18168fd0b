package check

import (
	"slices"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
)

// Want is one session over which a Service's prefix should go.
type Want struct {
	Who  string         // as Link.Who
	Peer *model.BGPPeer // nil where no BGPPeer is known: then Link is a session that the node has
	Link *Link          // nil when nothing shows it
}

// bgpSpeakers are the nodes (pods, logs) that announce the Service by BGP, else those that should by the resources.
func (v *View) bgpSpeakers(s *Service) []string {
	var who []string
	for _, a := range s.Announces("bgp") {
		name := a.Node
		if name == "" {
			name = a.Pod
		}
		if name == "" {
			name = a.Src.Member
		}
		if a.Via != "event" && !slices.Contains(who, name) {
			who = append(who, name)
		}
	}
	if len(who) == 0 {
		for _, a := range s.Announces("bgp") {
			if a.Node != "" && !slices.Contains(who, a.Node) {
				who = append(who, a.Node)
			}
		}
	}
	if len(who) == 0 {
		if e := v.eligible(s, "bgp"); e != nil {
			who = e.Running
		}
	}
	slices.Sort(who)
	return who
}

// bgpAdverts are the BGPAdvertisements that select the Service's pool, and the pool of the old ConfigMap's: nil, false when that
// cannot be known.
func (v *View) bgpAdverts(s *Service) ([]*model.BGPAdvertisement, bool) {
	name := v.PoolName(s)
	if name == "" {
		return nil, false
	}
	if v.LegacyRelease() {
		return nil, v.Expect.Legacy != nil
	}
	var pool *model.IPAddressPool
	for _, p := range v.Obj.Pools {
		if p.Name == name {
			pool = p
		}
	}
	var adverts []*model.BGPAdvertisement
	for _, a := range v.Obj.BGPAdvertisements {
		ns := v.Install.Namespace
		if ns != "" && a.Namespace != "" && a.Namespace != ns {
			continue
		}
		all := len(a.Pools) == 0 && len(a.PoolSelectors) == 0
		byLabel := pool != nil && len(a.PoolSelectors) > 0 && v.matchesAny(a.PoolSelectors, pool.Labels)
		if all || slices.Contains(a.Pools, name) || byLabel {
			adverts = append(adverts, a)
		}
	}
	return adverts, v.Expect.BGPKnown
}

// advertsOn are those of the advertisements that take the node and the Service. A node whose labels are unknown counts as taken.
func (v *View) advertsOn(adverts []*model.BGPAdvertisement, node string, s *Service) []*model.BGPAdvertisement {
	n := v.Node(node)
	return slices.DeleteFunc(slices.Clone(adverts), func(a *model.BGPAdvertisement) bool {
		if n != nil && !v.matchesAny(a.NodeSelectors, n.Labels) {
			return true
		}
		return s.Object != nil && !s.Object.Partial && v.Expect.Base.Version.Since("v0.16.0") && !v.matchesAny(a.ServiceSelectors, s.Object.Labels)
	})
}

// peerSelects tells whether a peer's session runs on the node; known is false where the node's labels are not attached and matter.
func (v *View) peerSelects(p *model.BGPPeer, node string) (selects, known bool) {
	if len(p.NodeSelectors) == 0 {
		return true, p.Knows(model.PartNodeSelectors)
	}
	labels := map[string]string{}
	if n := v.Node(node); n != nil && n.Knows(model.PartLabels) {
		labels = n.Labels
		return slices.ContainsFunc(p.NodeSelectors, func(s model.Selector) bool { return metallb.Matches(s, labels) }), true
	}
	return true, false
}

// wants lists the sessions over which the Service's prefix should go. known is false where the peers are not attached: then they are
// the sessions that the announcing nodes are seen to have.
func (v *View) wants(s *Service) (wants []Want, known bool) {
	speakers := v.bgpSpeakers(s)
	peers := v.bgpPeers()
	adverts, advertsKnown := v.bgpAdverts(s)
	if len(peers) == 0 {
		for _, who := range speakers {
			for _, l := range v.links {
				if l.Who == who {
					wants = append(wants, Want{Who: who, Link: l})
				}
			}
		}
		return wants, false
	}
	for _, who := range speakers {
		on := v.advertsOn(adverts, who, s)
		for _, p := range peers {
			takes, _ := v.peerSelects(p, who)
			if !takes || advertsKnown && !v.LegacyRelease() && !namesPeer(on, p.Name) {
				continue
			}
			wants = append(wants, Want{Who: who, Peer: p, Link: v.linkOf(who, p)})
		}
	}
	return wants, true
}

// namesPeer tells whether one of the advertisements goes to the peer: it lists it, or lists none.
func namesPeer(adverts []*model.BGPAdvertisement, name string) bool {
	return slices.ContainsFunc(adverts, func(a *model.BGPAdvertisement) bool {
		return len(a.Peers) == 0 || slices.Contains(a.Peers, name)
	})
}

func (v *View) linkOf(who string, p *model.BGPPeer) *Link {
	for _, l := range v.links {
		if l.Who == who && (model.SameAddr(l.Peer, p.Address) && p.Address != "" || p.Interface != "" && l.Peer == p.Interface) && l.VRF == p.VRF {
			return l
		}
	}
	return nil
}

// usesBGP tells whether a Service's prefix should go out by BGP, and it has one.
func (v *View) usesBGP(s *Service) bool {
	_, bgp := v.Uses(s)
	return bgp && len(s.Addresses) > 0 && v.OursByClass(s)
}

// standing is how a Service stands with its sessions.
type standing struct {
	service    *Service
	wants      []Want
	known      bool // the peers are known
	alive      []string
	dead       []string // speakers all of whose sessions are down
	unseen     []string // speakers of whose sessions nothing tells
	down       []*Link  // sessions that are down
	flapping   []*Link
	orphans    bool    // sessions whose speaker is not known to be one that announces
	lastResort []*Link // with orphans: the sessions that are taken instead
}

// stand sorts the Service's sessions. Where none of them can be tied to a speaker that announces, all sessions with its peers count
// together.
func (v *View) stand(s *Service) *standing {
	st := &standing{service: s}
	st.wants, st.known = v.wants(s)
	byWho := map[string][]Want{}
	var order []string
	seen := false
	for _, w := range st.wants {
		if byWho[w.Who] == nil {
			order = append(order, w.Who)
		}
		byWho[w.Who] = append(byWho[w.Who], w)
		seen = seen || w.Link != nil && w.Link.Known
	}
	if !seen {
		st.orphans = true
		byWho, order = v.orphanWants(s, st), []string{""}
		for _, w := range byWho[""] {
			st.lastResort = append(st.lastResort, w.Link)
		}
	}
	for _, who := range order {
		st.sort(who, byWho[who])
	}
	return st
}

func (v *View) orphanWants(s *Service, st *standing) map[string][]Want {
	var all []Want
	for _, l := range v.links {
		wanted := !st.known && len(st.wants) == 0
		for _, w := range st.wants {
			wanted = wanted || w.Peer == nil || model.SameAddr(w.Peer.Address, l.Peer) || w.Peer.Interface != "" && w.Peer.Interface == l.Peer
		}
		if st.known && len(st.wants) == 0 && len(v.bgpSpeakers(s)) == 0 {
			wanted = l.Object != nil
		}
		if wanted {
			all = append(all, Want{Who: l.Who, Peer: l.Object, Link: l})
		}
	}
	return map[string][]Want{"": all}
}

func (st *standing) sort(who string, wants []Want) {
	up, down, unknown := 0, 0, 0
	for _, w := range wants {
		switch {
		case w.Link == nil || !w.Link.Known:
			unknown++
		case w.Link.Up:
			up++
		default:
			down++
			st.down = append(st.down, w.Link)
		}
		if w.Link != nil && w.Link.Flaps != nil {
			st.flapping = append(st.flapping, w.Link)
		}
	}
	switch {
	case up > 0:
		st.alive = append(st.alive, who)
	case down > 0 && unknown == 0:
		st.dead = append(st.dead, who)
	default:
		st.unseen = append(st.unseen, who)
	}
}
