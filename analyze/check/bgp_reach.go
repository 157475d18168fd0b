package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// multihopMissing: an eBGP peer that is on no network of the node, and no multihop on one side.
func multihopMissing(v *View, l *Link) *reason {
	if !l.external() {
		return nil
	}
	n := l.near()
	set := l.Object != nil && l.Object.EBGPMultiHop || n != nil && n.MaxHops > 1
	found, _ := v.routerNeighbors(l)
	for _, r := range found {
		if r.TTLSecurity > 0 && v.offLink(l) != "" {
			return &reason{clause: fmt.Sprintf("the router accepts packets of at most %d hops (ttl-security)", r.TTLSecurity), src: []schema.Evidence{r.Src},
				remedy: "raise or take off ttl-security for this neighbor"}
		}
	}
	if !set && v.Install.Mode != schema.ModeNative {
		return v.multihopOfNode(l, n)
	}
	far := l.far()
	off := v.offLink(l)
	if off == "" && n != nil && n.MsgSent > 0 && v.foreignNet(l) {
		off = "the peer is on no network of the node"
	}
	if off == "" || n != nil && n.MsgRcvd > 0 {
		return nil
	}
	if n != nil && n.State == "OpenSent" && n.MsgSent > 0 && set {
		return &reason{clause: off + ", the connection comes up and the router's OPEN does not arrive, as without ebgp-multihop on the router", src: []schema.Evidence{n.Src},
			confidence: schema.Likely, remedy: "set ebgp-multihop for the node's address on the router"}
	}
	for _, r := range found {
		if r.MultiHop <= 1 && r.TTLSecurity == 0 {
			return &reason{clause: off + ", and the router's neighbor has no ebgp-multihop", src: []schema.Evidence{r.Src}, confidence: schema.Likely,
				remedy: "set ebgp-multihop for the node's address on the router"}
		}
	}
	if far != nil && far.MaxHops == 1 {
		return &reason{clause: off + ", and the router's neighbor may be up to 1 hops away", src: []schema.Evidence{far.Src}, confidence: schema.Likely,
			remedy: "set ebgp-multihop for the node's address on the router"}
	}
	return nil
}

func (v *View) multihopOfNode(l *Link, n *model.BGPNeighbor) *reason {
	for _, h := range v.NextHops {
		if model.SameAddr(h.Addr, l.Peer) && contains(h.Reason, "Must be Connected") && v.ofSame(h.Origin, l) {
			return multihopReason(l, "FRR says of the peer's address: "+h.Reason, h.Src)
		}
	}
	off := v.offLink(l)
	if n != nil {
		waits := n.LastReset == "Waiting for NHT" || n.LastReset == "No path to specified Neighbor"
		if n.MsgSent > 0 || !waits && off == "" {
			return nil
		}
		if off == "" && !v.foreignNet(l) {
			return nil
		}
		text := off
		if text == "" {
			text = "the peer is on no network of the node (" + n.LastReset + ")"
		}
		if n.MaxHops == 1 {
			text += ", and may be up to 1 hops away"
		}
		src := []schema.Evidence{n.Src}
		if waits {
			src = []schema.Evidence{n.ErrSrc, n.Src}
		}
		return multihopReason(l, text, src...)
	}
	if off != "" && l.Object != nil {
		return multihopReason(l, off, l.Object.At("spec.peerAddress"))
	}
	if e := v.noPathEvent(l); e != nil && v.foreignNet(l) {
		r := multihopReason(l, "FRR has no path to the peer, which is on no network of the node", e.Last.Src)
		r.confidence = schema.Likely
		return r
	}
	return nil
}

// noPathEvent is the word of FRR's log that it waits for a next hop to the peer; nil when there is none.
func (v *View) noPathEvent(l *Link) *model.LogEvent {
	for _, e := range v.frrEvents(l, model.MsgFRRConnect) {
		if e.Reason == "no path to neighbor" {
			return e
		}
	}
	return nil
}

func multihopReason(l *Link, text string, src ...schema.Evidence) *reason {
	if l.Object != nil {
		text += "; ebgpMultiHop is not set"
	}
	return &reason{clause: text, src: src, should: "ebgpMultiHop for a peer that is more than one hop away",
		remedy: `kubectl -n metallb-system patch bgppeer NAME --type=merge -p '{"spec":{"ebgpMultiHop":true}}'`}
}

// ofSame tells whether an output is of the link's node, or of nobody known.
func (v *View) ofSame(o schema.Origin, l *Link) bool {
	n := v.NodeOf(o)
	return !v.OfRouter(o) && (n == "" || l.Node == "" || n == l.Node)
}

// offLink says that the peer is on no network of the node, where its interfaces were listed; "" where it is on one, or that is unknown.
func (v *View) offLink(l *Link) string {
	peer := parseAddr(l.Peer)
	own := v.ownPrefixes(l.Node)
	if !peer.IsValid() || len(own) == 0 {
		return ""
	}
	for p := range own {
		if p.Contains(peer) && p.Bits() < p.Addr().BitLen() {
			return ""
		}
	}
	return "the peer's address is in no network of " + l.Node
}

// foreignNet guesses without a list of interfaces: the node's address and the peer's differ in their first 24 bits.
func (v *View) foreignNet(l *Link) bool {
	peer := parseAddr(l.Peer)
	addrs := v.sourceAddrs(l)
	if l.Node == "" && len(addrs) == 0 { // whichever node it is
		for _, n := range v.Obj.Nodes {
			for _, a := range n.InternalIPs {
				addrs = append(addrs, a.String())
			}
		}
	}
	if n := l.near(); n != nil && len(addrs) == 0 && parseAddr(n.LocalID).IsValid() {
		addrs = []string{n.LocalID} // FRR takes one of the node's addresses as its id unless told otherwise
	}
	if !peer.Is4() || len(addrs) == 0 {
		return false
	}
	for _, a := range addrs {
		addr := parseAddr(a)
		if p := netip.PrefixFrom(addr, 24).Masked(); !addr.Is4() || p.Contains(peer) {
			return false
		}
	}
	return true
}

// sourceUnexpected: TCP comes up and ends without an OPEN, the router has no neighbor with the node's address, or the node cannot use
// the address that it was told to.
func sourceUnexpected(v *View, l *Link) *reason {
	for _, e := range v.frrEvents(l, model.MsgFRRBind) {
		return &reason{clause: "FRR cannot bind the source address: " + e.Error, remedy: "set sourceAddress to an address of the node", src: []schema.Evidence{e.Last.Src}}
	}
	text, src := v.dialError(l)
	if contains(text, "assign requested address") || contains(text, "exist on this host") {
		return &reason{clause: text, remedy: "set sourceAddress to an address of the node", src: []schema.Evidence{src}}
	}
	n := l.near()
	if n != nil && n.LastReset == "Socket Error" {
		return &reason{clause: "FRR cannot use the source address (Socket Error)", remedy: "set sourceAddress to an address of the node", src: []schema.Evidence{n.ErrSrc}}
	}
	if x := v.notice(l, 6, 3, 5); x != nil && !x.sent {
		return &reason{clause: "the router does not know the node as a neighbor (" + x.words + ")", src: []schema.Evidence{x.src}, confidence: schema.Reported,
			remedy: "add the node's address as a neighbor on the router, or set sourceAddress to the one that it has"}
	}
	if r := v.routerSays(l, model.RouterNoNeighbor); r != nil {
		return &reason{clause: "the router does not know the node as a neighbor: " + strings.TrimSpace(r.Text), src: []schema.Evidence{r.Src}, confidence: schema.Reported,
			remedy: "add the node's address as a neighbor on the router, or set sourceAddress to the one that it has"}
	}
	if missing, conf := v.unknownToRouter(l); conf != nil {
		return &reason{clause: fmt.Sprintf("the router has no neighbor %s", someOf(missing)), src: append(conf, src),
			remedy: "add the node's address as a neighbor on the router, or set sourceAddress to the one that it has"}
	}
	closes := n != nil && n.MsgSent > 0 && n.MsgRcvd == 0 && n.Established <= 0 && !strings.HasPrefix(n.State, "Open") ||
		contains(text, "read OPEN", "reset by peer") || contains(text, "read OPEN", "EOF")
	if closes {
		r := &reason{clause: "the router accepts the connection and closes it without an OPEN", confidence: schema.Likely,
			remedy: "check which neighbor address the router has for this node, and that the neighbor is not shut down there"}
		if n != nil {
			r.src = append(r.src, n.Src)
		}
		r.src = append(r.src, src)
		return r
	}
	return nil
}

// unknownToRouter tells the node's addresses where a router's whole list of neighbors, or its configuration, has none of them.
func (v *View) unknownToRouter(l *Link) (missing []string, src []schema.Evidence) {
	addrs := v.sourceAddrs(l)
	if len(addrs) == 0 || len(l.Far) > 0 || !parseAddr(l.Peer).IsValid() { // an unnumbered peer is known by no address
		return nil, nil
	}
	found, confs := v.routerNeighbors(l)
	if len(found) > 0 {
		return nil, nil
	}
	for _, c := range confs {
		for _, r := range c.Routers {
			if len(r.ListenRanges) == 0 && len(r.Neighbors) > 0 && v.isRouterOf(l, r.ASN, r.ID) {
				src = append(src, r.Src)
			}
			for _, n := range r.Neighbors {
				src = append(src, n.Src)
			}
			if len(r.ListenRanges) > 0 || len(r.Neighbors) == 0 || !v.isRouterOf(l, r.ASN, r.ID) {
				return nil, nil
			}
		}
	}
	if len(src) > 0 {
		return addrs, src[:min(len(src), 3)]
	}
	return nil, nil
}

func (v *View) isRouterOf(l *Link, asn uint32, id string) bool {
	return id == l.Peer || l.Object == nil || l.Object.PeerASN == asn
}

// connectionRefused: a reset answers the SYN.
func connectionRefused(v *View, l *Link) *reason {
	text, src := v.dialError(l)
	if contains(text, "connection refused") {
		return v.refused2(l, text, src)
	}
	for _, e := range v.frrEvents(l, model.MsgFRRConnect) {
		if contains(e.Error+e.Value+e.Reason, "refused") || contains(e.Error+e.Value, "111") {
			return v.refused2(l, "Connection refused", e.Last.Src)
		}
	}
	for _, c := range v.Captures {
		for _, p := range c.List {
			if model.SameAddr(p.SrcAddr, l.Peer) && strings.HasPrefix(p.Flags, "R") && p.SrcPort != 0 && !l.Up && v.ofNode(p.DstAddr, l.Node) && v.neverConnects(l) {
				return v.refused2(l, fmt.Sprintf("the router answers port %d with a reset", p.SrcPort), p.Src)
			}
		}
	}
	for _, t := range v.Tables {
		if v.OfRouter(t.Origin) && contains(t.Missing, "bgpd is not running") && v.neverConnects(l) && len(v.bgpPeers()) < 2 {
			return v.refused2(l, "BGP does not run on the router (bgpd is not running)", t.Src)
		}
	}
	if f := l.far(); f != nil || l.Object == nil || l.Object.Port == 0 || l.Object.Port == 179 {
		return nil
	}
	if n := l.near(); n != nil && n.State == "Active" && v.neverConnects(l) {
		return &reason{clause: fmt.Sprintf("nothing answers on the router's port %d", l.Object.Port), confidence: schema.Likely,
			remedy: "set peerPort to the port on which the router listens (179)", src: []schema.Evidence{n.Src, l.Object.At("spec.peerPort")}}
	}
	return nil
}

func (v *View) refused2(l *Link, text string, src schema.Evidence) *reason {
	r := &reason{clause: text, src: []schema.Evidence{src}, should: "a router that listens where the BGPPeer points",
		remedy: "check that BGP runs on the router, knows the node as a neighbor and listens on the port of the BGPPeer"}
	if l.Object != nil && l.Object.Port != 0 && l.Object.Port != 179 {
		r.clause += " (peerPort is " + strconv.Itoa(l.Object.Port) + ")"
		r.src = append(r.src, l.Object.At("spec.peerPort"))
	}
	return r
}

// peerUnreachable: no answer to the SYN, no route, no neighbour.
func peerUnreachable(v *View, l *Link) *reason {
	text, src := v.dialError(l)
	keyed, _ := v.passwordOfNode(l)
	keyed = keyed && !v.samePassword(l)
	if keyed && (contains(text, "timeout") || contains(text, "timed out")) && len(v.unresolved(l)) == 0 {
		return nil // wrong passwords look the same
	}
	for _, w := range []string{"no route to host", "network is unreachable", "i/o timeout", "timed out", "host is down", "no such host"} {
		if contains(text, w) {
			return &reason{clause: text, src: append([]schema.Evidence{src}, v.unresolved(l)...), should: "an answer from " + l.Peer,
				remedy: "check peerAddress, routes and firewalls between the node and the router (TCP " + l.port() + ")"}
		}
	}
	for _, e := range v.frrEvents(l, model.MsgFRRConnect) {
		what := e.Error + " " + e.Value + " " + e.Reason
		if contains(what, "113") || contains(what, "110") || contains(what, "101") || contains(what, "No route") || contains(what, "timed out") {
			return &reason{clause: "FRR cannot connect: " + strings.TrimSpace(e.Error+" "+e.Value), src: []schema.Evidence{e.Last.Src},
				remedy: "check peerAddress, routes and firewalls between the node and the router"}
		}
	}
	hops := l.Object != nil && l.Object.EBGPMultiHop || !l.external() || len(v.ownPrefixes(l.Node)) > 0 // else multihop may be what lacks
	if e := v.noPathEvent(l); e != nil && hops {
		return &reason{clause: "FRR has no path to the peer", src: []schema.Evidence{e.Last.Src}, confidence: schema.Likely, remedy: "check peerAddress and the node's routes"}
	}
	if !v.neverConnects(l) {
		return nil
	}
	if src := v.unresolved(l); len(src) > 0 {
		return &reason{clause: "nothing answers at the peer's address", src: src, should: "an answer from " + l.Peer,
			remedy: "check peerAddress of the BGPPeer, the router's interface and the network between"}
	}
	n := l.near()
	if n != nil && n.State == "Connect" && !keyed { // with a password, wrong passwords look the same
		return &reason{clause: "nothing answers the connection attempts to TCP " + l.port() + " of the peer", src: []schema.Evidence{n.Src}, confidence: schema.Likely,
			remedy: "check peerAddress, routes and firewalls between the node and the router"}
	}
	if n != nil && (hops || n.MaxHops > 1) && (n.LastReset == "Waiting for NHT" || n.LastReset == "No path to specified Neighbor") {
		return &reason{clause: "the node has no route to the peer (" + n.LastReset + ")", src: []schema.Evidence{n.ErrSrc, n.Src}, confidence: schema.Likely,
			remedy: "check peerAddress and the node's routes"}
	}
	if other := v.routerElsewhere(l); other != nil {
		return other
	}
	return nil
}

// routerElsewhere: the router with the peer's AS shows another address than the BGPPeer names.
func (v *View) routerElsewhere(l *Link) *reason {
	if l.Object == nil || len(l.Far) > 0 || !parseAddr(l.Peer).IsValid() {
		return nil
	}
	for i := range v.Sessions {
		s := &v.Sessions[i]
		if s.Via == "router" && s.Neighbor.LocalAS == l.Object.PeerASN && s.Neighbor.LocalID != "" && !model.SameAddr(s.Neighbor.LocalID, l.Peer) && s.Peer != l.Peer {
			return &reason{clause: fmt.Sprintf("the router of AS %d is %s, and the BGPPeer names %s", s.Neighbor.LocalAS, s.Neighbor.LocalID, l.Peer),
				src: []schema.Evidence{l.Object.At("spec.peerAddress"), s.Src}, confidence: schema.Likely, remedy: "correct peerAddress of the BGPPeer"}
		}
	}
	return nil
}

func (l *Link) port() string {
	if l.Object != nil && l.Object.Port != 0 {
		return strconv.Itoa(l.Object.Port)
	}
	return "179"
}

// unresolved points at what shows that the peer's address does not answer below TCP: a failed neighbour, a ping or port test from a
// node, an unresolved next hop, unanswered SYNs.
func (v *View) unresolved(l *Link) []schema.Evidence {
	var src []schema.Evidence
	for _, a := range v.ARP {
		if model.SameAddr(a.Addr, l.Peer) && (a.State == "FAILED" || a.State == "INCOMPLETE") && v.ofSame(a.Origin, l) {
			src = append(src, a.Src)
		}
	}
	for _, p := range v.Probes {
		if (model.SameAddr(p.Addr, l.Peer) || model.SameAddr(p.Target, l.Peer)) && !p.OK && !p.Partial && (p.Tool == "ping" || p.Tool == "arping" || p.Tool == "traceroute") {
			src = append(src, p.Src)
		}
	}
	for _, h := range v.NextHops {
		if model.SameAddr(h.Addr, l.Peer) && !h.Valid && v.ofSame(h.Origin, l) {
			src = append(src, h.Src)
		}
	}
	return src[:min(len(src), 3)]
}

// reachable tells whether something shows that the peer's address answers: a neighbour entry, a ping.
func (v *View) reachable(l *Link) bool {
	for _, a := range v.ARP {
		if model.SameAddr(a.Addr, l.Peer) && a.MAC != "" && slices.Contains([]string{"REACHABLE", "STALE", "DELAY", "PERMANENT", "PROBE"}, a.State) && v.ofSame(a.Origin, l) {
			return true
		}
	}
	return slices.ContainsFunc(v.Probes, func(p model.Probe) bool {
		return p.OK && (model.SameAddr(p.Addr, l.Peer) || model.SameAddr(p.Target, l.Peer))
	}) || slices.ContainsFunc(v.Remarks, func(r model.Remark) bool { return r.ID == model.SaysPingWorks && model.SameAddr(r.Addr, l.Peer) })
}
