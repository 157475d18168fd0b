package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var noBGPPeer = &Check{
	Cause: "no-bgppeer", Title: "there is no BGPPeer",
	Doc: `A BGPAdvertisement selects the pool and the speakers announce, but no BGPPeer exists: there is no session over which the route could go.
Needs that somebody listed the BGPPeers (or the old ConfigMap).`,
	Run: func(v *View, report func(Finding)) {
		quiet := v.withoutPeers()
		if len(v.bgpPeers()) > 0 || v.frrk8sPeers() || !v.Expect.PeersKnown && (len(quiet) == 0 || !v.mixedList() && !v.wholeDump()) {
			return
		}
		for _, s := range v.Services {
			if !v.usesBGP(s) || s.served() != nil || v.anyUp(s) {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Should: "a BGPPeer for the router", Is: "no BGPPeer exists",
				Clause: fmt.Sprintf("no router gets %s, because no BGPPeer exists", s.List()),
				Remedy: "create a BGPPeer with myASN, peerASN and peerAddress of the router"}
			for _, l := range v.Listed("bgppeers") {
				f.Evidence = append(f.Evidence, l.Src)
			}
			if !v.Expect.PeersKnown {
				f.Confidence = schema.Likely
				f.Is = "no BGPPeer is among the attached resources, and the speakers started no session"
				f.Evidence = append(f.Evidence, s.announceLine())
				f.Evidence = append(f.Evidence, quiet...)
			}
			if c := v.Expect.Legacy; c != nil {
				f.Evidence = append(f.Evidence, c.Src)
			}
			adverts, _ := v.bgpAdverts(s)
			for _, a := range adverts {
				f.Objects = append(f.Objects, a.Object())
				f.Evidence = append(f.Evidence, a.Src)
			}
			report(f)
		}
	},
}

// withoutPeers points into logs of speakers that cover their start, took their configuration, announce by BGP, and say of no peer that it
// was configured, as each speaker does of each peer that selects its node. It is empty where one log names a peer.
func (v *View) withoutPeers() []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.LogsOf(model.Speaker) {
		if len(l.Find(model.MsgPeerAdded)) > 0 {
			return nil
		}
		if shown := v.noPeersInDump(l); shown.Member != "" && v.mixedList() {
			src = append(src, shown)
			continue
		}
		loaded := l.Find(model.MsgConfigLoaded)
		if l.Origin.Previous || l.Starts == 0 || l.Dropped > 0 || len(loaded) == 0 {
			continue
		}
		if slices.ContainsFunc(l.Find(model.MsgAnnounced), func(e *model.LogEvent) bool { return e.Protocol == "bgp" }) {
			src = append(src, loaded[len(loaded)-1].Last.Src)
		}
	}
	return src
}

// wholeDump tells whether the speakers' lists of resources are those of the cluster: since v0.16.0 a speaker's holds only the peers that select
// its node.
func (v *View) wholeDump() bool {
	return v.Install.Version.Known() && !v.Expect.Base.Version.Since("v0.16.0") && len(v.NodeViews("bgppeers")) > 0
}

// mixedList tells whether one file has BGPAdvertisements and other kinds of MetalLB's configuration: somebody who asks for several
// kinds at once asks for peers too.
func (v *View) mixedList() bool {
	for _, a := range v.Obj.BGPAdvertisements {
		for _, p := range v.Obj.Pools {
			logged := slices.ContainsFunc(v.Logs, func(l *model.Log) bool { return l.Origin.Path == a.Src.Member })
			if a.Src.Member == p.Src.Member && !logged {
				return true
			}
		}
	}
	return false
}

// noPeersInDump points at the speaker's own list of resources, where it shows that no BGPPeer selects its node; the zero Evidence where
// it shows another thing, or nothing.
func (v *View) noPeersInDump(l *model.Log) schema.Evidence {
	for _, shown := range v.NodeViews("bgppeers") {
		if shown.Src.Member == l.Origin.Path && shown.Count == 0 {
			return shown.Src
		}
	}
	return schema.Evidence{}
}

// frrk8sPeers tells whether an FRRConfiguration that is not the speaker's brings neighbors of its own, over which MetalLB's prefixes may
// go (rule frrk8s-merge-union).
func (v *View) frrk8sPeers() bool {
	for _, c := range v.Obj.FRRConfigurations {
		for _, r := range c.Routers {
			if len(r.Neighbors) > 0 && !strings.HasPrefix(c.Name, "metallb-") {
				return true
			}
		}
	}
	return false
}

func (v *View) anyUp(s *Service) bool { return len(v.stand(s).alive) > 0 }

var advertisementPeersUnknown = &Check{
	Cause: "advertisement-peers-unknown", Title: "the advertisement's peers do not exist",
	Doc: `spec.peers of the BGPAdvertisements that select the pool name only BGPPeers that do not exist. MetalLB accepts that and gives the prefix to no
session (rule adv-unknown-peer-ignored).`,
	Run: func(v *View, report func(Finding)) {
		if !v.Expect.PeersKnown || len(v.Obj.Peers) == 0 {
			return
		}
		for _, s := range v.Services {
			adverts, known := v.bgpAdverts(s)
			if !v.usesBGP(s) || !known || len(adverts) == 0 || s.served() != nil {
				continue
			}
			var names []string
			reaches := false
			f := Finding{Services: []string{s.Key()}}
			for _, a := range adverts {
				reaches = reaches || len(a.Peers) == 0 || slices.ContainsFunc(v.Obj.Peers, func(p *model.BGPPeer) bool { return slices.Contains(a.Peers, p.Name) })
				names = append(names, a.Peers...)
				f.Objects = append(f.Objects, a.Object())
				f.Evidence = append(f.Evidence, a.At("spec.peers"))
			}
			if reaches {
				continue
			}
			var have []string
			for _, p := range v.Obj.Peers {
				have = append(have, p.Name)
				f.Evidence = append(f.Evidence, p.Src)
			}
			f.Should = "spec.peers with names of BGPPeers that exist: " + strings.Join(have, ", ")
			f.Is = fmt.Sprintf("BGPAdvertisement %s goes to %s only, and the BGPPeers are %s", adverts[0].Name, strings.Join(names, ", "), strings.Join(have, ", "))
			f.Clause = fmt.Sprintf("no session gets %s, because %s", s.List(), f.Is)
			f.Remedy = "correct spec.peers of BGPAdvertisement " + adverts[0].Name + ", or take it out"
			report(f)
		}
	},
}

var peerSelectorExcludes = &Check{
	Cause: "peer-node-selector-excludes", Title: "no peer selects the nodes that announce",
	Doc: `nodeSelectors of the BGPPeers (that the advertisement may use) match none of the nodes that should announce, so that those nodes run no session
(rule bgp-peer-node-selectors). Labels are compared exactly, capital letters too.`,
	Run: func(v *View, report func(Finding)) {
		peers := v.bgpPeers()
		if len(peers) == 0 {
			return
		}
		for _, s := range v.Services {
			if v.usesBGP(s) && s.served() == nil {
				v.excludedByPeers(s, peers, report)
			}
		}
	},
}

func (v *View) excludedByPeers(s *Service, peers []*model.BGPPeer, report func(Finding)) {
	adverts, advertsKnown := v.bgpAdverts(s)
	var without []string
	f := Finding{Services: []string{s.Key()}}
	with := 0
	speakers := v.bgpSpeakers(s)
	if slices.ContainsFunc(speakers, func(who string) bool { return v.Node(who) == nil }) {
		speakers = nil // whose log it is, is unknown: only what holds for every node of the cluster proves something
		for _, n := range v.Obj.Nodes {
			speakers = append(speakers, n.Name)
		}
	}
	for _, who := range speakers {
		on := v.advertsOn(adverts, who, s)
		selected := false
		for _, p := range peers {
			if advertsKnown && !v.LegacyRelease() && !namesPeer(on, p.Name) {
				continue
			}
			takes, known := v.peerSelects(p, who)
			selected = selected || takes || !known
			if !takes && !slices.Contains(f.Objects, p.Object()) {
				f.Objects = append(f.Objects, p.Object())
				f.Evidence = append(f.Evidence, p.At("spec.nodeSelectors"))
			}
		}
		if selected {
			with++
		} else {
			without = append(without, who)
		}
	}
	if len(without) == 0 || with > 0 || len(f.Objects) == 0 {
		return
	}
	for _, n := range without[:min(2, len(without))] {
		f.Evidence = append(f.Evidence, v.Node(n).At("metadata.labels"))
	}
	var names []string
	for _, o := range f.Objects {
		names = append(names, o.Name)
	}
	f.Should = "a BGPPeer whose nodeSelectors match a node that announces"
	f.Is = fmt.Sprintf("nodeSelectors of BGPPeer %s match none of %s", strings.Join(names, ", "), someOf(without))
	f.Clause = fmt.Sprintf("no node has a session for %s, because %s", s.List(), f.Is)
	f.Remedy = "correct spec.nodeSelectors of the BGPPeer, or label the nodes"
	report(f)
}

// capabilityMismatch finds sessions that end over capabilities, and ones that are up without the address family of a Service.
var capabilityMismatch = func() *Check {
	c := sessionCheck("capability-mismatch", "address families or capabilities do not fit", `The two ends share no address family (NOTIFICATION 2/7, "AFI/SAFIs do not overlap"), or the session
is up without the family of the Service's address (NoNeg in the summary): then its route cannot be sent.`)
	sessions := c.Run
	c.Run = func(v *View, report func(Finding)) {
		sessions(v, report)
		for _, s := range v.Services {
			if v.usesBGP(s) && s.served() == nil {
				v.lacksFamily(s, report)
			}
		}
	}
	return c
}()

func (v *View) lacksFamily(s *Service, report func(Finding)) {
	st := v.stand(s)
	for _, family := range familiesOf(s) {
		up, lacking := 0, 0
		f := Finding{Services: []string{s.Key()}}
		for _, l := range st.links() {
			if !l.Up {
				continue
			}
			up++
			for _, n := range append(slices.Clone(l.Near), l.Far...) {
				if hasFamily(n.NotNegotiated, family) || strings.EqualFold(n.State, "NoNeg") && hasFamily(n.Families, family) {
					f.Evidence = append(f.Evidence, n.Src)
					lacking++
					break
				}
			}
		}
		if lacking == 0 || lacking < up {
			continue
		}
		if len(familiesOf(s)) > 1 {
			f.State = schema.StateDegraded
		}
		f.Is = fmt.Sprintf("the session is up and %s is not negotiated", family)
		f.Should = family + " activated on both sides"
		f.Clause = fmt.Sprintf("no router gets %s: %s", s.List(), f.Is)
		f.Remedy = "activate " + family + " for the neighbor on the router"
		report(f)
	}
}

func hasFamily(list []string, family string) bool {
	return slices.ContainsFunc(list, func(f string) bool { return strings.HasPrefix(strings.ToLower(f), strings.ToLower(family)) })
}

// familiesOf are the address families of the Service's addresses.
func familiesOf(s *Service) []string {
	var list []string
	for _, a := range s.Addresses {
		family := "IPv6"
		if parseAddr(a).Is4() {
			family = "IPv4"
		}
		if !slices.Contains(list, family) {
			list = append(list, family)
		}
	}
	return list
}

// links are the sessions that count for the Service.
func (st *standing) links() []*Link {
	var list []*Link
	for _, w := range st.wants {
		if w.Link != nil && w.Link.Known {
			list = append(list, w.Link)
		}
	}
	if len(list) == 0 {
		list = st.lastResort
	}
	return list
}
