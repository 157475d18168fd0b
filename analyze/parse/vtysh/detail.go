package vtysh

import (
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
)

// detail is one neighbor of `show bgp neighbors`.
type detail struct {
	p     *parser
	n     model.BGPNeighbor
	hex   string // words of the message that was refused
	inHex bool
	bfd   bool // inside the tail on BFD
	l     Line
	n0    int // lines so far
}

// maxHex bounds the words of a dump: a message has at most 4096 bytes.
const maxHex = 4096 * 3

func newDetail(p *parser, l Line, t string) *detail {
	d := &detail{p: p, n: newNeighbor(p.sec.o), l: l}
	d.n.Src, d.n.VRF = l.Evidence(), p.vrf()
	rest := strings.TrimSpace(t[len("BGP neighbor is "):])
	name, tail, _ := strings.Cut(rest, ",")
	if strings.HasPrefix(t, "BGP neighbor on ") { // eth0: fe80::1
		name, _, _ = strings.Cut(name, ": ")
	}
	d.n.Addr = Addr(first(name))
	d.remote(tail)
	if v := between(tail, "vrf ", ","); v != "" && v != "default" {
		d.n.VRF = v
	}
	return d
}

// remote takes "remote AS N, local AS M".
func (d *detail) remote(s string) {
	low := strings.ToLower(s)
	if v := between(low, "remote as ", ","); v != "" {
		d.n.RemoteAS = frrconf.ParseAS(first(v))
	}
	if v := between(low, "local as ", ","); v != "" {
		d.n.LocalAS = frrconf.ParseAS(first(v))
	}
}

func (d *detail) line(l Line) verdict {
	if d.n0++; l.Text == "" {
		return ignored
	}
	t := strings.TrimSpace(l.Text)
	if d.inHex {
		if isHexWords(t) {
			if len(d.hex) < maxHex {
				d.hex += " " + t
			}
			return taken
		}
		d.inHex = false
	}
	if d.session(l, t) || d.family(t) || d.counters(l, t) || d.ends(t) {
		return taken
	}
	if strings.HasPrefix(t, "%") {
		return unread
	}
	return ignored
}

// session takes lines on the session itself.
func (d *detail) session(l Line, t string) bool {
	n := &d.n
	switch {
	case strings.HasPrefix(t, "Remote AS ") || strings.HasPrefix(t, "remote AS "):
		d.remote(t)
	case strings.HasPrefix(t, "BGP version "):
		n.RemoteID, n.LocalID = between(t, "remote router ID ", ","), between(t, "local router ID ", ",")
		if v := between(t, "VRF ", ","); v != "" && v != "default" {
			n.VRF = v
		}
	case strings.HasPrefix(t, "BGP state = ") || strings.HasPrefix(t, "BGP state is "):
		d.state(l, t)
	case strings.HasPrefix(t, "Description:"):
		n.Description = strings.TrimSpace(t[len("Description:"):])
	case strings.HasPrefix(t, "Hold time is ") || strings.HasPrefix(t, "Hold time: ") || strings.Contains(t, ", hold time is "):
		low := strings.ToLower(t)
		n.HoldTime = number(strings.Trim(first(between(low, "hold time is ", "")), ","), n.HoldTime)
		n.KeepaliveTime = number(strings.Trim(first(between(low, "keepalive interval is ", "")), ","), n.KeepaliveTime)
	case strings.HasPrefix(t, "Configured hold time is "):
		n.ConfiguredHold = number(strings.Trim(first(t[len("Configured hold time is "):]), ","), -1)
	case strings.Contains(t, "may be up to ") && strings.HasSuffix(strings.TrimSuffix(t, "."), " away"):
		n.MaxHops = number(between(t, "may be up to ", " "), 0)
	case strings.HasPrefix(t, "Connections established "):
		n.Established = number(between(t, "established ", ";"), -1)
		n.Dropped = number(first(between(t, "dropped ", "")), -1)
	case strings.HasPrefix(t, "Last reset "):
		d.lastReset(l, t)
	case strings.HasPrefix(t, "Message received that caused BGP to send a NOTIFICATION"):
		d.inHex = true
	case strings.HasPrefix(t, "BFD: Type: "):
		d.bfd, n.BFDType = true, strings.TrimSpace(t[len("BFD: Type: "):])
	case d.bfd && strings.HasPrefix(t, "Status: "):
		n.BFD = between(t, "Status: ", ",")
	case strings.HasPrefix(t, "Last sent notification:") || strings.HasPrefix(t, "Last rcvd notification:"): // EOS
		n.LastErrorSent = strings.HasPrefix(t, "Last sent")
		n.LastError, n.ErrSrc = strings.TrimSpace(t[len("Last sent notification:"):]), l.Evidence()
	default:
		return false
	}
	return true
}

// state takes "BGP state = Established, up for 00:00:05"; GoBGP says ESTABLISHED.
func (d *detail) state(l Line, t string) {
	rest := strings.TrimSpace(t[len("BGP state = "):])
	word, tail, _ := strings.Cut(rest, ",")
	word = strings.TrimSpace(word)
	if bare, _, found := strings.Cut(word, " ("); found && !strings.HasPrefix(word, "Idle") { // Active (NSF passive)
		word = bare
	}
	if word == strings.ToUpper(word) || strings.HasPrefix(word, "BGP_FSM_") {
		d.n.System = "gobgp"
	}
	d.n.State, d.n.Src = State(word), l.Evidence()
	for _, word := range []string{"up for ", "down for "} {
		if v, ok := Uptime(strings.Trim(first(between(tail, word, "")), ",")); ok {
			d.n.Uptime = v
		}
	}
}

// lastReset takes "Last reset T,  REASON", "Last reset never", NX-OS "Last reset by us T, due to ...".
func (d *detail) lastReset(l Line, t string) {
	rest := strings.TrimSpace(t[len("Last reset "):])
	who := ""
	for _, w := range []string{"by us ", "by peer "} {
		if strings.HasPrefix(rest, w) {
			who, rest = w, rest[len(w):]
		}
	}
	when, reason, found := strings.Cut(rest, ",")
	if !found {
		if strings.TrimSpace(when) != "never" {
			setReason(&d.n, when, l.Evidence())
		}
		return
	}
	if ago, ok := Uptime(strings.TrimSpace(when)); ok && when != "never" {
		d.n.LastResetAgo = ago
	}
	setReason(&d.n, reason, l.Evidence())
	if who != "" {
		d.n.LastError, d.n.LastErrorSent = d.n.LastReset, who == "by us "
	}
}

// family takes lines on address families.
func (d *detail) family(t string) bool {
	n := &d.n
	low := strings.ToLower(t)
	switch {
	case strings.HasPrefix(low, "for address family: "):
		n.Families = appendNew(n.Families, familyOf(t[len("for address family: "):]))
	case strings.HasPrefix(low, "address family ") && strings.Contains(t, ": "):
		name, how, _ := strings.Cut(t[len("address family "):], ": ")
		if strings.HasPrefix(how, "advertised") && !strings.Contains(how, "received") {
			n.NotNegotiated = appendNew(n.NotNegotiated, familyOf(name))
		}
	case strings.HasPrefix(t, "Inbound updates discarded due to missing policy"):
		n.InboundPolicyMissing = true
	case strings.HasPrefix(t, "Route map for incoming advertisements is "):
		n.RouteMapIn = strings.TrimSpace(t[len("Route map for incoming advertisements is "):])
	case strings.HasPrefix(t, "Route map for outgoing advertisements is "):
		n.RouteMapOut = strings.TrimSpace(t[len("Route map for outgoing advertisements is "):])
	case strings.HasSuffix(low, " accepted prefixes") || strings.Contains(low, " accepted prefixes, "):
		if c := number(first(t), -1); c >= 0 {
			n.PfxRcd = max(n.PfxRcd, 0) + c
		}
	default:
		return false
	}
	return true
}

// counters takes counts of messages and prefixes.
func (d *detail) counters(l Line, t string) bool {
	n := &d.n
	f := strings.Fields(t)
	if len(f) < 2 {
		return false
	}
	switch f[0] {
	case "Total:":
		if len(f) > 2 {
			n.MsgSent, n.MsgRcvd = number(f[1], -1), number(f[2], -1)
		}
	case "Advertised:": // GoBGP
		n.PfxSent = number(f[1], -1)
	case "Received:":
		n.PfxReceivedBeforePolicy = number(f[1], -1)
	case "Accepted:":
		n.PfxRcd = number(f[1], -1)
	case "Local":
		if !strings.HasPrefix(t, "Local host: ") {
			return false
		}
		n.LocalHost = between(t, "Local host: ", ",")
		n.LocalPort = number(between(t, "Local port: ", ","), 0)
	case "Foreign":
		if !strings.HasPrefix(t, "Foreign host: ") {
			return false
		}
		n.ForeignHost = between(t, "Foreign host: ", ",")
		n.ForeignPort = number(between(t, "Foreign port: ", ","), 0)
	default:
		return false
	}
	return true
}

// ends takes lines that tell whose output it is.
func (d *detail) ends(t string) bool {
	return strings.HasPrefix(t, "Read thread: ")
}

func (d *detail) end() {
	if d.hex != "" {
		decodeOpen(&d.n, d.hex)
	}
	if d.n.State == "" && d.n0 == 0 {
		d.n.Src = d.l.Evidence()
	}
	for _, f := range d.n.NotNegotiated {
		d.n.Families = slices.DeleteFunc(d.n.Families, func(s string) bool { return s == f })
	}
	d.p.addNeighbor(d.n)
	d.p.showOnce("neighbors", d.l)
}

// showOnce says once a section that a table was looked at, and counts what it had.
func (p *parser) showOnce(table string, l Line) {
	if n := len(p.out.Tables); n > 0 {
		if t := &p.out.Tables[n-1]; t.Table == table && t.Src.Line >= p.sec.src.Line && t.Src.Member == p.o.Path && t.VRF == p.vrf() && t.Missing == "" {
			t.Count++
			return
		}
	}
	p.show(l, table, 1, "")
}

func isHexWords(t string) bool {
	for i := 0; i < len(t); i++ {
		c := t[i]
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f' || c == ' ') {
			return false
		}
	}
	return t != ""
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
