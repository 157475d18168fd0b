package check

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// notice is one NOTIFICATION that ended, or keeps from, a session.
type notice struct {
	code, sub int
	sent      bool // by the node; else the router sent it
	words     string
	src       schema.Evidence
}

// notices gathers the NOTIFICATIONs that either side shows, the newest of the native log first, then FRR's "Last reset", its log,
// and the router's.
func (v *View) notices(l *Link) []notice {
	var list []notice
	if l.Last != nil {
		events := append(l.events(model.MsgNotification), l.events(model.MsgDialFailed)...)
		for i := len(events) - 1; i >= 0; i-- {
			e := events[i]
			if code, sub, ok := nativeCode(e.Error); ok && v.current(l, e) {
				list = append(list, notice{code, sub, false, quotedName(e.Error), e.Last.Src})
			}
		}
	}
	if n := l.near(); n != nil && n.LastError != "" {
		if code, sub, ok := codeOf(n.LastError); ok {
			list = append(list, notice{code, sub, n.LastErrorSent, n.LastError, n.ErrSrc})
		}
	}
	for _, e := range v.frrEvents(l, model.MsgFRRNotifySent, model.MsgFRRNotifyRcvd) {
		if code, sub, ok := codeOf(e.Value); ok {
			list = append(list, notice{code, sub, e.ID == model.MsgFRRNotifySent, e.Value, e.Last.Src})
		}
	}
	if n := l.far(); n != nil && n.LastError != "" {
		if code, sub, ok := codeOf(n.LastError); ok {
			list = append(list, notice{code, sub, !n.LastErrorSent, n.LastError, n.ErrSrc})
		}
	}
	return append(list, v.routerNotices(l)...)
}

// routerCodes are the NOTIFICATIONs that words of a router's log mean where the line has no numbers.
var routerCodes = map[string][2]int{model.RouterBadPeerAS: {2, 2}, model.RouterBadID: {2, 3}, model.RouterHoldTime: {2, 6}, model.RouterCapability: {2, 7},
	model.RouterHoldExpired: {4, 0}, model.RouterMaxPrefix: {6, 1}, model.RouterCollision: {6, 7}}

// routerNotices reads those of a router's log, the last first.
func (v *View) routerNotices(l *Link) []notice {
	var list []notice
	for i := len(v.Remarks) - 1; i >= 0; i-- {
		r := &v.Remarks[i]
		if !strings.HasPrefix(r.ID, "router-") || !v.ofNodeEnd(l, r.Addr) {
			continue
		}
		verb, numbers, _ := strings.Cut(r.Value, " ")
		code, sub, ok := codeOf(numbers)
		if c, known := routerCodes[r.ID]; known && !ok {
			code, sub, ok = c[0], c[1], true
		}
		if ok {
			list = append(list, notice{code, sub, verb == "received", strings.TrimSpace(r.Text), r.Src})
		}
	}
	return list
}

// routerSays is the last line of a router's log on the node, of one kind; nil when there is none.
func (v *View) routerSays(l *Link, id string) *model.Remark {
	for i := len(v.Remarks) - 1; i >= 0; i-- {
		if r := &v.Remarks[i]; r.ID == id && v.ofNodeEnd(l, r.Addr) {
			return r
		}
	}
	return nil
}

// ofNodeEnd tells whether a router calls the link's node by that address, or by that name.
func (v *View) ofNodeEnd(l *Link, addr string) bool {
	switch a := parseAddr(addr); {
	case addr == "":
		return false
	case addr == l.Who || addr == l.Node:
		return true
	case v.NodeOfAddr(a) != "":
		return v.NodeOfAddr(a) == l.Node
	case a.IsValid():
		return slices.Contains(v.sourceAddrs(l), a.String()) || len(v.Obj.Nodes) == 0 && addr != l.Peer && l.Node == ""
	}
	return false
}

// current tells whether an event of the native log still counts: no session with the peer was up and lasting since, and the peer was
// not configured anew since.
func (v *View) current(l *Link, e *model.LogEvent) bool {
	for _, id := range []model.MessageID{model.MsgPeerAdded, model.MsgPeerRemoved} {
		for _, o := range l.events(id) {
			if o.Last.After(e.Last) {
				return false
			}
		}
	}
	for _, o := range l.events(model.MsgSessionUp) {
		if o.Last.After(e.Last) && l.Flaps == nil {
			return false
		}
	}
	return true
}

// notice finds one of a code and one of its subcodes (none: any).
func (v *View) notice(l *Link, code int, subs ...int) *notice {
	for _, n := range v.notices(l) {
		if n.code != code {
			continue
		}
		if len(subs) == 0 {
			return &n
		}
		for _, s := range subs {
			if n.sub == s {
				return &n
			}
		}
	}
	return nil
}

// nativeCode reads "got BGP notification code 0x0202 (Bad peer AS)".
func nativeCode(text string) (code, sub int, ok bool) {
	_, rest, found := strings.Cut(text, "notification code 0x")
	if !found || len(rest) < 4 {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(rest[:4], 16, 16)
	return int(n >> 8), int(n & 0xff), err == nil
}

func quotedName(text string) string {
	if i := strings.Index(text, "notification code"); i >= 0 {
		return text[i:]
	}
	return text
}

// errorNames are the words by which FRR and other routers name a NOTIFICATION, lower case, with code and subcode. The first that a
// text holds counts.
var errorNames = []struct {
	words     string
	code, sub int
}{
	{"bad peer as", 2, 2}, {"bad remote as", 2, 2}, {"as number mismatch", 2, 2}, {"peer in wrong as", 2, 2}, {"bad as number", 2, 2},
	{"bad bgp identifier", 2, 3}, {"bad bgp id", 2, 3}, {"bad router id", 2, 3},
	{"unacceptable hold time", 2, 6}, {"unacceptable holdtime", 2, 6}, {"unacceptable hold-time", 2, 6},
	{"unsupported capability", 2, 7}, {"capability mismatch", 2, 7}, {"unsupported optional parameter", 2, 4}, {"role mismatch", 2, 11},
	{"authentication failure", 2, 5}, {"unsupported version", 2, 1},
	{"send hold timer", 8, 0}, {"hold timer expired", 4, 0}, {"hold time expired", 4, 0}, {"holdtime expired", 4, 0}, {"holdtimer expired", 4, 0},
	{"maximum number of prefixes", 6, 1}, {"max prefix", 6, 1}, {"maximum prefix", 6, 1}, {"prefix limit", 6, 1},
	{"administrative shutdown", 6, 2}, {"administratively shutdown", 6, 2}, {"admin. shutdown", 6, 2}, {"admin shutdown", 6, 2},
	{"de-configured", 6, 3}, {"deconfigured", 6, 3}, {"unconfigured", 6, 3},
	{"administrative reset", 6, 4}, {"administratively reset", 6, 4},
	{"connection rejected", 6, 5}, {"other configuration change", 6, 6}, {"collision", 6, 7}, {"out of resource", 6, 8}, {"bfd down", 6, 10},
}

// codeOf reads the code of a NOTIFICATION from its words, or from "2/2" in front of them.
func codeOf(text string) (code, sub int, ok bool) {
	low := strings.ToLower(text)
	for _, e := range errorNames {
		if strings.Contains(low, e.words) {
			return e.code, e.sub, true
		}
	}
	if c, rest, found := strings.Cut(low, "/"); found {
		if n, err := strconv.Atoi(strings.TrimSpace(c)); err == nil && n > 0 && n < 9 {
			s, _, _ := strings.Cut(rest, " ")
			if m, err := strconv.Atoi(s); err == nil {
				return n, m, true
			}
		}
	}
	return 0, 0, false
}

// frrEvents are what the node's own log of FRR says of the peer, of the given kinds, newest last.
func (v *View) frrEvents(l *Link, ids ...model.MessageID) []*model.LogEvent {
	var found []*model.LogEvent
	for _, log := range v.LogsOf(model.FRR) {
		if log.Origin.Router || log.Origin.Previous || (log.Node == "" || log.Node != l.Node) && v.who(log.Origin) != l.Who {
			continue
		}
		for _, id := range ids {
			for _, e := range log.Find(id) {
				if e.Peer == "" || bareAddr(e.Peer) == l.Peer {
					found = append(found, e)
				}
			}
		}
	}
	return found
}

// dialError is the native speaker's last word on the peer, where that is an error that still counts.
func (v *View) dialError(l *Link) (string, schema.Evidence) {
	if l.Last == nil || l.Last.ID == model.MsgSessionUp || !v.current(l, l.Last) {
		return "", schema.Evidence{}
	}
	return l.Last.Error, l.Last.Last.Src
}

// silent tells whether no TCP connection comes up: FRR sent no message, or the dial ends without a word from the router.
func (v *View) neverConnects(l *Link) bool {
	if n := l.near(); n != nil {
		return n.MsgSent <= 0 && n.MsgRcvd <= 0 && !strings.EqualFold(n.State, "Established")
	}
	text, _ := v.dialError(l)
	return contains(text, "dial ")
}

// routerConfs are the configurations of routers that have the link's node as a neighbor, by its address or by a range, with that
// neighbor (or the range's group).
func (v *View) routerNeighbors(l *Link) (found []*model.FRRConfNeighbor, confs []*model.FRRConf) {
	addrs := v.sourceAddrs(l)
	for i := range v.FRRConfs {
		c := &v.FRRConfs[i]
		if !v.OfRouter(c.Origin) {
			continue
		}
		for j := range c.Routers {
			r := &c.Routers[j]
			if l.Object != nil && l.Object.PeerASN != 0 && r.ASN != 0 && r.ASN != l.Object.PeerASN && !v.routerHas(c, l.Peer) && len(v.routersOf(l)) > 1 {
				continue
			}
			confs = append(confs, c)
			if n := confNeighbor(r, addrs); n != nil {
				found = append(found, n)
			}
		}
	}
	return found, confs
}

func (v *View) routerHas(c *model.FRRConf, addr string) bool {
	for _, r := range c.Routers {
		if r.ID == addr {
			return true
		}
	}
	return false
}

// routersOf are the configurations of routers that are attached.
func (v *View) routersOf(*Link) []*model.FRRConf {
	var list []*model.FRRConf
	for i := range v.FRRConfs {
		if v.OfRouter(v.FRRConfs[i].Origin) {
			list = append(list, &v.FRRConfs[i])
		}
	}
	return list
}

// confNeighbor is a router's neighbor with one of the addresses, with what its group gives it, or the group of a range that holds one.
func confNeighbor(r *model.FRRConfRouter, addrs []string) *model.FRRConfNeighbor {
	group := func(name string) *model.FRRConfNeighbor {
		for i := range r.Neighbors {
			if r.Neighbors[i].Addr == name && name != "" {
				return &r.Neighbors[i]
			}
		}
		return nil
	}
	for i := range r.Neighbors {
		n := r.Neighbors[i]
		for _, a := range addrs {
			if !model.SameAddr(n.Addr, a) {
				continue
			}
			if g := group(n.PeerGroup); g != nil {
				if n.Password = n.Password || g.Password; n.PasswordMark == "" {
					n.PasswordMark = g.PasswordMark
				}
				n.MultiHop, n.TTLSecurity, n.Hold = max(n.MultiHop, g.MultiHop), max(n.TTLSecurity, g.TTLSecurity), max(n.Hold, g.Hold)
				if n.RemoteAS == "" {
					n.RemoteAS = g.RemoteAS
				}
			}
			return &n
		}
	}
	for _, listen := range r.ListenRanges {
		prefix, name, _ := strings.Cut(listen, " ")
		if p, ok := parsePrefix(prefix); ok {
			for _, a := range addrs {
				if addr := parseAddr(a); addr.IsValid() && p.Contains(addr) {
					return group(name)
				}
			}
		}
	}
	return nil
}

func parsePrefix(text string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

// sourceAddrs are the addresses from which the node may connect: what its socket or log says, the peer's sourceAddress, else its own
// addresses.
func (v *View) sourceAddrs(l *Link) []string {
	var addrs []string
	add := func(a string) {
		if parseAddr(a).IsValid() && !parseAddr(a).IsUnspecified() {
			addrs = append(addrs, a)
		}
	}
	if n := l.near(); n != nil {
		add(n.LocalHost)
	}
	for _, c := range v.Captures {
		for _, p := range c.List {
			if p.DstAddr == l.Peer && p.Flags == "S" && v.ofNode(p.SrcAddr, l.Node) {
				add(p.SrcAddr)
			}
		}
	}
	if text, _ := v.dialError(l); text != "" {
		if _, rest, ok := strings.Cut(text, "read tcp "); ok {
			own, _, _ := strings.Cut(rest, "->")
			add(bareAddr(own))
		}
	}
	if l.Object != nil {
		add(l.Object.SourceAddress)
	}
	if len(addrs) > 0 {
		return addrs
	}
	if n := l.near(); n != nil && v.NodeOfAddr(parseAddr(n.LocalID)) != "" {
		add(n.LocalID)
	}
	for a := range v.ownPrefixes(l.Node) {
		add(a.Addr().String())
	}
	if n := v.Node(l.Node); n != nil {
		for _, a := range n.InternalIPs {
			add(a.String())
		}
	}
	if parseAddr(l.Who).IsValid() {
		add(l.Who)
	}
	return addrs
}

// ofNode tells whether an address can be the node's: it is, or nothing says whose it is.
func (v *View) ofNode(addr, node string) bool {
	of := v.NodeOfAddr(parseAddr(addr))
	return of == "" || node == "" || of == node
}

// ownPrefixes are the node's addresses with their prefixes, where its interfaces were listed.
func (v *View) ownPrefixes(node string) map[netip.Prefix]bool {
	own := map[netip.Prefix]bool{}
	for _, i := range v.Ifaces {
		if node == "" || v.NodeOf(i.Origin) != node || i.Name == "lo" {
			continue
		}
		for _, a := range i.Addrs {
			own[a] = true
		}
	}
	return own
}
