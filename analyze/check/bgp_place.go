package check

import (
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// machine is whose output a member is: a router's, or a node's (Node is its name, "" where that is unknown).
type machine struct {
	router bool
	node   string
	known  bool
}

// machineKey is what one member's output is told apart by: a pasted session holds outputs of several machines in one file.
type machineKey struct {
	path string
	line int
	host string
}

func keyOf(o schema.Origin) machineKey { return machineKey{o.Path, o.FirstLine, o.Host} }

// traits are the marks of one output that tell a node's FRR from a router: the AS numbers of both ends, addresses and names.
type traits struct {
	node, router int
	of           string // node by content
	strange      bool   // it shows a session of which neither end is known
}

// placeOutputs decides for each output of a BGP speaker whose it is. The path or prompt decides where they say it; else the AS
// numbers and addresses of the peers do: a node's local AS is a peer's myASN and its neighbors are the peers, a router's are the
// other way round. Outputs of one prompt in one file are of one machine.
func (v *View) placeOutputs() {
	marks := map[machineKey]*traits{}
	get := func(o schema.Origin) *traits {
		k := keyOf(o)
		if marks[k] == nil {
			marks[k] = &traits{}
		}
		return marks[k]
	}
	for i := range v.Neighbors {
		n := &v.Neighbors[i]
		t := get(n.Origin)
		if n.LocalID == "" || v.NodeOfAddr(parseAddr(n.LocalID)) != "" || v.peerAt(n.Addr) != nil || !v.stranger(n) {
			v.markAS(t, n.LocalAS, n.RemoteAS)
		} else {
			t.strange = t.strange || !v.wantsNeighbor(n.Addr)
		}
		v.markAddr(t, n.LocalID)
		v.markAddr(t, n.LocalHost)
		v.markNeighbor(t, n.Addr)
	}
	for i := range v.FRRConfs {
		c := &v.FRRConfs[i]
		t := get(c.Origin)
		if node := v.nodeNamed(c.Hostname); node != "" {
			t.node, t.of = t.node+4, node
		}
		for _, r := range c.Routers {
			v.markAS(t, r.ASN, 0)
			v.markAddr(t, r.ID)
			for _, n := range r.Neighbors {
				v.markNeighbor(t, n.Addr)
			}
		}
	}
	for i := range v.Routes {
		r := &v.Routes[i]
		if (r.Table == "bgp" || r.Table == "accepted" || r.Table == "received") && v.NodeOfAddr(parseAddr(r.NextHop)) != "" {
			get(r.Origin).router += 2
		}
	}
	for _, l := range v.LogsOf(model.FRR) {
		seen := map[string]bool{}
		for _, e := range l.Events {
			if peer := bareAddr(e.Peer); peer != "" && !seen[peer] && l.Origin.Pod == "" {
				seen[peer] = true
				v.markNeighbor(get(l.Origin), peer)
			}
		}
	}
	for i := range v.Tables {
		if t := &v.Tables[i]; t.LocalID != "" {
			v.markAddr(get(t.Origin), t.LocalID)
		}
	}
	v.markDead(get)
	v.settlePlaces(marks)
}

// markDead: where FRR of all nodes answers, the output that says that bgpd does not run is a router's.
func (v *View) markDead(get func(schema.Origin) *traits) {
	answers := map[string]bool{}
	for i := range v.Neighbors {
		if n := &v.Neighbors[i]; !n.Origin.Router {
			answers[v.Model.NodeOf(n.Origin)] = true
		}
	}
	for _, node := range v.NodeNames() {
		if !answers[node] {
			return
		}
	}
	for i := range v.Tables {
		t := &v.Tables[i]
		if strings.HasSuffix(t.Missing, " is not running") && v.Model.NodeOf(t.Origin) == "" && t.Origin.Pod == "" && len(answers) > 0 {
			get(t.Origin).router++
		}
	}
}

// wantsNeighbor tells whether an FRRConfiguration has the neighbor: then a session that no BGPPeer wants may be a node's.
func (v *View) wantsNeighbor(addr string) bool {
	for _, c := range v.Obj.FRRConfigurations {
		if c.Raw != "" {
			return true
		}
		for _, r := range c.Routers {
			for _, n := range r.Neighbors {
				if model.SameAddr(n.Address, strings.TrimPrefix(addr, "*")) {
					return true
				}
			}
		}
	}
	return false
}

// stranger tells whether neither end of a neighbor's session is known, though nodes and peers are: another router, that may have the
// AS of the nodes behind that of the peers.
func (v *View) stranger(n *model.BGPNeighbor) bool {
	if len(v.Obj.Nodes) == 0 || len(v.bgpPeers()) == 0 || n.Origin.Pod != "" {
		return false
	}
	return parseAddr(n.LocalID).IsValid() && !parseAddr(n.LocalID).IsUnspecified() && v.NodeOfAddr(parseAddr(strings.TrimPrefix(n.Addr, "*"))) == ""
}

func (v *View) settlePlaces(marks map[machineKey]*traits) {
	v.places = map[machineKey]machine{}
	hosts := map[machineKey]machine{}
	for k, t := range marks {
		if t.node == 0 && t.router == 0 && t.strange {
			t.router = 1 // another router, behind those of the peers
		}
		if t.node == t.router {
			continue
		}
		m := machine{router: t.router > t.node, known: true}
		if !m.router {
			m.node = t.of
		}
		v.places[k] = m
		if k.host != "" {
			hosts[machineKey{path: k.path, host: k.host}] = m
		}
	}
	v.hostPlaces = hosts
}

func (v *View) markAS(t *traits, local, remote uint32) {
	for _, p := range v.bgpPeers() {
		mine := p.MyASN
		if p.LocalASN != 0 {
			mine = p.LocalASN
		}
		if mine == p.PeerASN || mine == 0 || p.PeerASN == 0 {
			continue
		}
		switch {
		case local == mine && (remote == 0 || remote == p.PeerASN):
			t.node += 2
		case local == p.PeerASN && (remote == 0 || remote == mine):
			t.router += 2
		}
	}
}

// markAddr takes an address that the machine calls its own.
func (v *View) markAddr(t *traits, text string) {
	a := parseAddr(text)
	if !a.IsValid() || a.IsUnspecified() {
		return
	}
	if node := v.NodeOfAddr(a); node != "" {
		t.node, t.of = t.node+3, node
	}
	if v.peerAt(text) != nil {
		t.router += 3
	}
}

// markNeighbor takes the address of the other end.
func (v *View) markNeighbor(t *traits, text string) {
	text = strings.TrimPrefix(text, "*")
	if v.NodeOfAddr(parseAddr(text)) != "" {
		t.router += 3
	}
	if v.peerAt(text) != nil {
		t.node += 3
	}
}

func (v *View) nodeNamed(name string) string {
	if name == "" {
		return ""
	}
	for _, n := range v.NodeNames() {
		short, _, _ := strings.Cut(n, ".")
		if n == name || short == name {
			return n
		}
	}
	return ""
}

// peerAt is the BGPPeer with that address, or nil.
func (v *View) peerAt(addr string) *model.BGPPeer {
	for _, p := range v.bgpPeers() {
		if p.Address != "" && model.SameAddr(p.Address, addr) || p.Interface != "" && p.Interface == addr {
			return p
		}
	}
	return nil
}

// bgpPeers are the peers that the cluster has: BGPPeers, else those of the ConfigMap.
func (v *View) bgpPeers() []*model.BGPPeer {
	if len(v.Obj.Peers) > 0 || v.Expect.Any == nil {
		return v.Obj.Peers
	}
	return v.Expect.Any.Peers
}

func parseAddr(text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// OfRouter tells whether an output is a router's and not a node's FRR.
func (v *View) OfRouter(o schema.Origin) bool {
	if v.Model.NodeOf(o) != "" {
		return o.Router
	}
	if m := v.placeOf(o); m.known {
		return m.router
	}
	return o.Router || o.Kind == schema.KindRouter
}

func (v *View) placeOf(o schema.Origin) machine {
	if m := v.places[keyOf(o)]; m.known {
		return m
	}
	return v.hostPlaces[machineKey{path: o.Path, host: o.Host}]
}

// NodeOf says which node an observation is of, by its origin and, for outputs of FRR, by what they say of themselves.
func (v *View) NodeOf(o schema.Origin) string {
	if n := v.Model.NodeOf(o); n != "" || o.Router {
		return n
	}
	if m := v.placeOf(o); m.known && !m.router {
		return m.node
	}
	return ""
}

// who names the cluster's side of an output or log: the node, else the pod, else the member.
func (v *View) who(o schema.Origin) string {
	if n := v.NodeOf(o); n != "" {
		return n
	}
	if o.Pod != "" {
		return o.Pod
	}
	return o.Path
}
