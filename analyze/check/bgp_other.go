package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// passwordDiffers: TCP MD5 on one side only, or on both with keys that differ; the kernel says so, configurations show the first, and
// silence on both sides with a password fits the second (facts: password missing or wrong).
func passwordDiffers(v *View, l *Link) *reason {
	remedy := "set the same password in the BGPPeer (password or passwordSecret) and on the router, or none on both"
	for _, r := range v.Remarks {
		md5 := r.ID == model.RemarkMD5Failed || r.ID == model.RemarkMD5NotFound || r.ID == model.RemarkMD5Unexpected
		if md5 && (strings.Contains(r.Text, l.Peer) || model.SameAddr(r.Addr, l.Peer) || l.Node != "" && v.NodeOfAddr(parseAddr(r.Addr)) == l.Node) {
			return &reason{clause: "the kernel drops its segments: " + strings.TrimSpace(r.Text), remedy: remedy, src: []schema.Evidence{r.Src}}
		}
	}
	if r := v.routerSays(l, model.RouterMD5); r != nil {
		return &reason{clause: "the router drops its segments: " + strings.TrimSpace(r.Text), remedy: remedy, src: []schema.Evidence{r.Src}}
	}
	if n := v.notice(l, 2, 5); n != nil {
		return &reason{clause: "authentication fails (" + n.words + ")", remedy: remedy, src: []schema.Evidence{n.src}}
	}
	if !v.neverConnects(l) && !endedByChange(l) {
		return nil
	}
	near, src := v.passwordOfNode(l)
	found, _ := v.routerNeighbors(l)
	mark, msrc := v.markOfNode(l)
	for _, n := range found {
		switch {
		case marksDiffer(mark, n.PasswordMark, msrc, n.Src):
			return &reason{clause: fmt.Sprintf("the node and the router have passwords that differ (%s and %s in the bundle)", mark, n.PasswordMark), remedy: remedy,
				src: []schema.Evidence{msrc, n.Src}}
		case n.Password && !near && l.Object != nil:
			return &reason{clause: "the router has a password for the node and the BGPPeer has none", remedy: remedy,
				src: []schema.Evidence{n.Src, l.Object.At("spec.password")}}
		case !n.Password && near:
			return &reason{clause: "the BGPPeer has a password and the router has none for the node", remedy: remedy, src: []schema.Evidence{src, n.Src}}
		}
	}
	if v.samePassword(l) {
		return nil
	}
	text, dial := v.dialError(l)
	quiet := contains(text, "i/o timeout") || l.near() != nil && len(v.unresolved(l)) == 0
	if !near || !quiet || v.firewalled(l) || contains(text, "refused") || len(found) == 0 && !v.reachable(l) && len(l.Far) == 0 {
		return nil
	}
	r := &reason{clause: "no connection comes up, as where the passwords of both sides differ", remedy: remedy, confidence: schema.Likely, src: []schema.Evidence{src}}
	if endedByChange(l) {
		r.clause = "its configuration changed, which ended it, and no connection comes up since, as where the passwords of both sides differ"
		r.src = append(r.src, l.near().Src, l.near().ErrSrc)
	}
	for _, n := range found {
		r.src = append(r.src, n.Src)
	}
	r.src = append(r.src, dial)
	return r
}

// endedByChange tells whether FRR ended the session itself because the neighbor's configuration changed, as it does for a new password,
// and no answer has come to its attempts since.
func endedByChange(l *Link) bool {
	n := l.near()
	return n != nil && strings.EqualFold(n.State, "Connect") && contains(n.LastReset, "Other Configuration Change") && contains(n.LastReset, "sent")
}

func (v *View) passwordOfNode(l *Link) (bool, schema.Evidence) {
	if l.Object != nil && (l.Object.HasPassword || l.Object.PasswordSecret != "") {
		path := "spec.password"
		if l.Object.PasswordSecret != "" {
			path = "spec.passwordSecret"
		}
		return true, l.Object.At(path)
	}
	for i := range v.FRRConfs {
		c := &v.FRRConfs[i]
		if v.OfRouter(c.Origin) || !v.ofSame(c.Origin, l) {
			continue
		}
		for _, r := range c.Routers {
			for _, n := range r.Neighbors {
				if model.SameAddr(n.Addr, l.Peer) && n.Password {
					return true, n.Src
				}
			}
		}
	}
	return false, schema.Evidence{}
}

// markOfNode is the number that the collector has put in the place of the node's password, as FRR has it or, without that, the BGPPeer.
func (v *View) markOfNode(l *Link) (string, schema.Evidence) {
	for i := range v.FRRConfs {
		c := &v.FRRConfs[i]
		if v.OfRouter(c.Origin) || !v.ofSame(c.Origin, l) {
			continue
		}
		for _, r := range c.Routers {
			for _, n := range r.Neighbors {
				if model.SameAddr(n.Addr, l.Peer) && n.PasswordMark != "" {
					return n.PasswordMark, n.Src
				}
			}
		}
	}
	if l.Object != nil && l.Object.PasswordMark != "" {
		return l.Object.PasswordMark, l.Object.At("spec.password")
	}
	return "", schema.Evidence{}
}

// marksDiffer says whether two numbers in the place of secrets stand for different ones.
func marksDiffer(a, b string, at, bt schema.Evidence) bool {
	return a != "" && b != "" && a != b && inputOf(at) == inputOf(bt)
}

// samePassword says that the node and the router have the same password, as the collector knows that removed it from both.
func (v *View) samePassword(l *Link) bool {
	mark, src := v.markOfNode(l)
	if mark == "" {
		return false
	}
	found, _ := v.routerNeighbors(l)
	for _, n := range found {
		if n.PasswordMark != mark || inputOf(src) != inputOf(n.Src) {
			return false
		}
	}
	return len(found) > 0
}

// inputOf is the archive in which a member is: numbers in the place of secrets are those of one bundle.
func inputOf(e schema.Evidence) string {
	archive, _, ok := strings.Cut(e.Member, "!/")
	if !ok {
		return ""
	}
	return archive
}

// firewalled tells whether a firewall rule of a node drops BGP.
func (v *View) firewalled(l *Link) bool {
	for _, r := range v.Firewall {
		if (r.Verdict == "DROP" || r.Verdict == "REJECT") && strings.Contains(r.Text, "179") && v.ofSame(r.Origin, l) {
			return true
		}
	}
	return false
}

// sessionTaken: another BGP speaker on the node has the one session that the router allows it.
func sessionTaken(v *View, l *Link) *reason {
	remedy := "let one of both speak to the router: peer the CNI with MetalLB's routes in it, or use another address or AS for one"
	other, osrc := v.otherSpeaker(l)
	n := v.notice(l, 6, 7)
	if n != nil {
		r := &reason{clause: "the router ends MetalLB's connection as a second one of the node (" + n.words + ")", src: []schema.Evidence{n.src}, remedy: remedy}
		if other != "" {
			r.clause += "; " + other + " has the session"
			r.src = append(r.src, osrc)
		}
		for _, f := range l.Far {
			if strings.EqualFold(f.State, "Established") {
				r.src = append(r.src, f.Src)
			}
		}
		return r
	}
	if other == "" || l.Up {
		return nil
	}
	never := l.near() == nil || l.near().Established <= 0
	if f := l.far(); f != nil && strings.EqualFold(f.State, "Established") && never && len(l.events(model.MsgSessionUp)) == 0 {
		return &reason{clause: "the router's session with the node is that of " + other, src: []schema.Evidence{osrc, f.Src}, remedy: remedy}
	}
	text, src := v.dialError(l)
	if contains(text, "reset by peer") || contains(text, "EOF") || contains(text, "refused") {
		return &reason{clause: other + " peers with the same router from the node: " + text, src: []schema.Evidence{osrc, src}, remedy: remedy, confidence: schema.Likely}
	}
	return nil
}

// otherSpeaker names what else in the cluster peers with the router.
func (v *View) otherSpeaker(l *Link) (string, schema.Evidence) {
	for _, r := range v.Remarks {
		if r.ID == model.RemarkCalicoPeer && model.SameAddr(r.Addr, l.Peer) && contains(r.Value, "Established") {
			return "Calico", r.Src
		}
	}
	for _, o := range v.Obj.Others {
		for path, value := range o.Fields {
			at := strings.HasSuffix(path, "peerIP") || strings.HasSuffix(path, "peerAddress") || strings.HasSuffix(path, "peerIPs")
			addr, _, _ := strings.Cut(value, "/")
			if at && model.SameAddr(bareAddr(addr), l.Peer) {
				name := "Calico"
				if strings.HasPrefix(o.Kind, "Cilium") || strings.Contains(o.APIVersion, "cilium") {
					name = "Cilium"
				}
				return fmt.Sprintf("%s (%s %s)", name, o.Kind, o.Name), o.At(path)
			}
		}
	}
	return "", schema.Evidence{}
}

// bfdDown: BFD took, or keeps, the session down.
func bfdDown(v *View, l *Link) *reason {
	remedy := "let UDP 3784 (4784 for multihop) and 3785 pass both ways, give the router's neighbor BFD too, or loosen or drop the bfdProfile"
	n := l.near()
	if n != nil && strings.Contains(n.LastReset+n.LastError, "BFD") && (l.Flaps != nil || !l.Up) {
		r := &reason{clause: "BFD takes it down (" + n.LastReset + ")", remedy: remedy, src: []schema.Evidence{n.ErrSrc}, flaps: l.Flaps != nil}
		if l.Flaps != nil {
			r.clause += ": " + l.Flaps.Text
		}
		r.src = append(r.src, v.bfdLines(l)...)
		return r
	}
	if x := v.notice(l, 6, 10); x != nil && (l.Flaps != nil || !l.Up) {
		return &reason{clause: "BFD takes it down (" + x.words + ")", remedy: remedy, src: append([]schema.Evidence{x.src}, v.bfdLines(l)...), flaps: l.Flaps != nil}
	}
	if lines := v.bfdLines(l); (!l.Up || l.Flaps != nil) && len(lines) > 0 && (n == nil || n.LastError == "") && !v.neverConnects(l) {
		r := &reason{clause: "its BFD session is down", remedy: remedy, src: lines, confidence: schema.Likely, flaps: l.Flaps != nil}
		if l.Flaps != nil {
			r.clause, r.src = r.clause+", and "+l.Flaps.Text, append(r.src, l.Flaps.Src...)
		}
		return r
	}
	for _, s := range v.Obj.BGPSessionStates {
		if s.Node == l.Node && unexpand(s.Peer) == l.Peer && strings.EqualFold(s.BFDStatus, "down") && !l.Up && n == nil {
			return &reason{clause: "its BFD session is down", remedy: remedy, src: []schema.Evidence{s.At("status.bfdStatus")}, confidence: schema.Likely}
		}
	}
	return nil
}

func (v *View) bfdLines(l *Link) []schema.Evidence {
	var src []schema.Evidence
	for _, b := range v.BFD {
		near := model.SameAddr(b.Peer, l.Peer) && v.ofSame(b.Origin, l)
		far := v.OfRouter(b.Origin) && (model.SameAddr(b.Peer, l.Who) || l.Node != "" && v.NodeOfAddr(parseAddr(b.Peer)) == l.Node)
		if (near || far) && !strings.EqualFold(b.Status, "up") {
			src = append(src, b.Src)
		}
	}
	return src[:min(len(src), 2)]
}

// resetWords are last resets that a change of FRR's configuration causes.
var resetWords = []string{"Remote AS changed", "Update source change", "Router ID changed", "Multihop config change", "Capability changed",
	"Password config change", "Neighbor deleted", "Peer closed the session due to config", "Address family activated", "Address family deactivated",
	"Route reflector", "Confederation", "Admin. shutdown", "BFD config"}

// resetByReload: a session that is set up anew by changes of FRR's configuration, again and again.
func resetByReload(v *View, l *Link) *reason {
	n := l.near()
	if l.Flaps == nil || n == nil {
		return nil
	}
	for _, w := range resetWords {
		if strings.HasPrefix(n.LastReset, w) {
			return &reason{clause: "each change of FRR's configuration sets it up anew (" + n.LastReset + "): " + l.Flaps.Text, flaps: true,
				src: []schema.Evidence{n.ErrSrc}, remedy: "look in the reloader's log for what is deleted and added again", confidence: schema.Likely}
		}
	}
	return nil
}

func onlyFlaps(_ *View, l *Link) *reason {
	if l.Flaps == nil {
		return nil
	}
	return &reason{clause: l.Flaps.Text, flaps: true, src: l.Flaps.Src, confidence: schema.Reported,
		remedy: "look at both sides' logs for the reason of the resets"}
}

// noReason is the end of the list.
func noReason(v *View, l *Link) *reason {
	r := &reason{confidence: schema.Reported, remedy: "attach the output of show bgp neighbors of the node and of the router"}
	if n := l.near(); n != nil {
		r.clause = fmt.Sprintf("it is %s", n.State)
		r.src = append(r.src, n.Src)
		if n.LastError != "" {
			r.clause += " after " + n.LastReset
			r.src = append(r.src, n.ErrSrc)
		} else {
			r.clause += ", and nothing attached says why"
		}
		return r
	}
	if text, src := v.dialError(l); text != "" {
		r.clause, r.src = text, []schema.Evidence{src}
		return r
	}
	if l.Last != nil {
		r.clause, r.src = "its last word is "+l.Last.Text, []schema.Evidence{l.Last.Last.Src}
		return r
	}
	r.clause = "nothing attached says why"
	return r
}
