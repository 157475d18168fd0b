package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// asnDiffers: the AS numbers that the two sides expect differ (facts: Bad Peer AS, "unexpected peer ASN").
func asnDiffers(v *View, l *Link) *reason {
	if text, src := v.dialError(l); contains(text, "unexpected peer ASN") {
		return &reason{clause: text, remedy: "set peerASN of the BGPPeer to the router's AS", src: []schema.Evidence{src}}
	}
	if n := v.notice(l, 2, 2); n != nil {
		r := &reason{src: []schema.Evidence{n.src}}
		r.flaps = l.Flaps != nil
		if n.sent {
			r.clause = "the node refuses the AS number in the router's OPEN (" + n.words + ")" + v.routersAS(l)
			r.remedy = "set peerASN of the BGPPeer to the router's AS"
		} else {
			r.clause = "the router refuses the node's AS number" + v.mineAS(l) + " (" + n.words + ")"
			r.remedy = "set myASN of the BGPPeer to the AS that the router expects, or correct the router's neighbor"
		}
		r.src = append(r.src, v.asnObjects(l)...)
		return r
	}
	for _, e := range v.frrEvents(l, model.MsgFRROpenFailed) {
		if contains(e.Value, "remote AS is") {
			return &reason{clause: "the router's OPEN does not fit: " + e.Value, remedy: "set peerASN of the BGPPeer to the router's AS",
				src: append([]schema.Evidence{e.Last.Src}, v.asnObjects(l)...)}
		}
	}
	return v.asnByConfig(l)
}

// asnByConfig holds the BGPPeer against what the router shows of itself.
func (v *View) asnByConfig(l *Link) *reason {
	if l.Object == nil || l.Object.MyASN == 0 {
		return nil
	}
	mine := l.Object.MyASN
	if l.Object.LocalASN != 0 {
		mine = l.Object.LocalASN
	}
	if f := l.far(); f != nil {
		if f.RemoteAS != 0 && f.RemoteAS != mine {
			return &reason{clause: fmt.Sprintf("the router expects AS %d from the node, which is AS %d", f.RemoteAS, mine),
				remedy: "make myASN and the router's remote-as equal", src: []schema.Evidence{f.Src, l.Object.At("spec.myASN")}}
		}
		if f.LocalAS != 0 && l.Object.PeerASN != 0 && f.LocalAS != l.Object.PeerASN {
			return &reason{clause: fmt.Sprintf("the router is AS %d and the BGPPeer says %d", f.LocalAS, l.Object.PeerASN),
				remedy: "set peerASN of the BGPPeer to the router's AS", src: []schema.Evidence{f.Src, l.Object.At("spec.peerASN")}}
		}
	}
	found, _ := v.routerNeighbors(l)
	for _, n := range found {
		as, err := strconv.ParseUint(n.RemoteAS, 10, 32)
		if err == nil && uint32(as) != mine {
			return &reason{clause: fmt.Sprintf("the router's configuration expects AS %d from the node, which is AS %d", as, mine),
				remedy: "make myASN and the router's remote-as equal", src: []schema.Evidence{n.Src, l.Object.At("spec.myASN")}}
		}
	}
	return nil
}

func (v *View) asnObjects(l *Link) []schema.Evidence {
	if l.Object == nil {
		return nil
	}
	return []schema.Evidence{l.Object.At("spec.myASN"), l.Object.At("spec.peerASN")}
}

// routersAS tells the AS of the router where its OPEN shows it.
func (v *View) routersAS(l *Link) string {
	n := l.near()
	if n == nil || n.OpenAS == 0 {
		return ""
	}
	return fmt.Sprintf(": it is AS %d, peerASN says %d", n.OpenAS, n.RemoteAS)
}

func (v *View) mineAS(l *Link) string {
	switch {
	case l.Object != nil && l.Object.MyASN != 0:
		return fmt.Sprintf(" %d", l.Object.MyASN)
	case l.Last != nil && strings.HasPrefix(l.Last.Value, "local "):
		return " " + strings.Fields(l.Last.Value)[1]
	}
	return ""
}

// holdTimeRejected: Unacceptable Hold Time, or a hold timer that ran out.
func holdTimeRejected(v *View, l *Link) *reason {
	if n := v.notice(l, 2, 6); n != nil {
		by := "the router refuses the node's hold time"
		if n.sent {
			by = "the node refuses the router's hold time"
		}
		if l.Object != nil && l.Object.HoldTime != nil {
			by += " (holdTime " + l.Object.HoldTime.String() + ")"
		}
		r := &reason{clause: by + ": " + n.words, remedy: "raise holdTime of the BGPPeer to the router's minimum, or lower that", src: []schema.Evidence{n.src}}
		if l.Object != nil {
			r.src = append(r.src, l.Object.At("spec.holdTime"))
		}
		return r
	}
	if text, src := v.dialError(l); contains(text, "invalid hold time") {
		return &reason{clause: "the node refuses the router's hold time: " + text, remedy: "set a hold time of the router of 0, or of at least 3 seconds", src: []schema.Evidence{src}}
	}
	if n := v.notice(l, 4); n != nil && (l.Flaps != nil || !l.Up) {
		return &reason{clause: "keepalives do not arrive until the hold time runs out (" + n.words + ")", flaps: l.Flaps != nil, confidence: schema.Reported,
			remedy: "look for loss, MTU or a busy node between both ends", src: []schema.Evidence{n.src}}
	}
	for _, e := range v.frrEvents(l, model.MsgFRROther) {
		if e.Reason == "hold timer expired" && e.Peer != "" && !l.Up {
			return &reason{clause: "the hold time runs out without a keepalive of the router", confidence: schema.Reported,
				remedy: "look for loss, MTU or a busy node between both ends", src: []schema.Evidence{e.Last.Src}}
		}
	}
	return nil
}

// routerIDClash: Bad BGP Identifier.
func routerIDClash(v *View, l *Link) *reason {
	n := v.notice(l, 2, 3)
	if n == nil {
		return nil
	}
	if x := l.near(); x != nil && x.LocalID == "0.0.0.0" {
		return nil // zebra has given FRR no router id: it does not run, which is the cause
	}
	clause := "the router id is refused (" + n.words + ")"
	if x := l.near(); x != nil && x.LocalID != "" {
		clause += "; the node's is " + x.LocalID
	}
	r := &reason{clause: clause, should: "a router id that no other BGP speaker has", src: []schema.Evidence{n.src},
		remedy: "set routerID of the BGPPeer, one for each node, to a free address, or take the one that is set out"}
	if l.Object != nil && l.Object.RouterID != "" {
		r.clause += ", set by routerID of the BGPPeer"
		r.src = append(r.src, l.Object.At("spec.routerID"))
	}
	return r
}

// familiesDiffer: Unsupported Capability, or "Configured AFI/SAFIs do not overlap".
func familiesDiffer(v *View, l *Link) *reason {
	if n := v.notice(l, 2, 7, 4, 11); n != nil {
		return &reason{clause: "address families or capabilities do not fit (" + n.words + ")", src: []schema.Evidence{n.src},
			remedy: "activate the address family of the Services' addresses for this neighbor on the router"}
	}
	text, src := v.dialError(l)
	for _, w := range []string{"does not support 4-byte ASNs", "wrong BGP version", "unknown BGP option type"} {
		if contains(text, w) {
			return &reason{clause: "the router's OPEN does not fit: " + text, src: []schema.Evidence{src}, remedy: "turn on what the router's OPEN lacks there, or choose an AS number below 65536"}
		}
	}
	for _, e := range v.frrEvents(l, model.MsgFRROpenFailed) {
		if e.Reason == "address families differ" {
			return &reason{clause: "address families do not overlap", src: []schema.Evidence{e.Last.Src},
				remedy: "activate the address family of the Services' addresses for this neighbor on the router"}
		}
	}
	return nil
}

// maxPrefixReached: the router cut the session for too many prefixes.
func maxPrefixReached(v *View, l *Link) *reason {
	if n := v.notice(l, 6, 1); n != nil {
		return &reason{clause: "the router's limit of prefixes is exceeded (" + n.words + ")", src: []schema.Evidence{n.src},
			remedy: "raise maximum-prefix on the router, or aggregate; then clear the session there"}
	}
	if f := l.far(); f != nil && contains(f.State, "PfxCt") {
		return &reason{clause: "the router cut the session for too many prefixes: " + f.State, src: []schema.Evidence{f.Src},
			remedy: "raise maximum-prefix on the router, or aggregate; then clear the session there"}
	}
	return nil
}

// md5Unsupported: the kernel has no TCP MD5.
func md5Unsupported(v *View, l *Link) *reason {
	text, src := v.dialError(l)
	if contains(text, "MD5") || contains(text, "protocol not available") || contains(text, "md5") {
		return &reason{clause: text, remedy: "use a kernel with CONFIG_TCP_MD5SIG, or a peer without a password", src: []schema.Evidence{src}}
	}
	for _, e := range v.frrEvents(l, model.MsgFRROther) {
		if e.Reason == "md5" {
			return &reason{clause: "FRR cannot set TCP MD5 on its socket", remedy: "use a kernel with CONFIG_TCP_MD5SIG, or a peer without a password",
				src: []schema.Evidence{e.Last.Src}}
		}
	}
	return nil
}
