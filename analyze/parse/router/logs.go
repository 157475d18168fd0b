package router

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
)

// IDs of the remarks that lines of a router's log give. Addr is the neighbor (what the line names first), Value what it says.
const (
	LogBadPeerAS   = model.RouterBadPeerAS
	LogBadID       = model.RouterBadID
	LogHoldTime    = model.RouterHoldTime
	LogCapability  = model.RouterCapability
	LogMD5         = model.RouterMD5
	LogNoNeighbor  = model.RouterNoNeighbor
	LogMaxPrefix   = model.RouterMaxPrefix
	LogHoldExpired = model.RouterHoldExpired
	LogCollision   = model.RouterCollision
	LogAdmin       = model.RouterAdmin
	LogNoPolicy    = model.RouterNoPolicy
	LogNotify      = model.RouterNotify
	LogAdjacency   = model.RouterAdjacency
)

// sayings are words of logs and their meaning, of any system, in lower case; the first that a line holds counts.
var sayings = []struct{ words, id string }{
	{"md5 hash", LogMD5},            // Linux: TCP: MD5 Hash not found for (A, P)->(B, Q)
	{"md5 digest", LogMD5},          // IOS, Junos
	{"tcp-6-badauth", LogMD5},       // IOS
	{"badauth", LogMD5},             // NX-OS
	{"tcp_auth", LogMD5},            // Junos
	{"md5 authentication", LogMD5},  // NX-OS, EOS
	{"bad peer as", LogBadPeerAS},   // BIRD, FRR, NX-OS
	{"bad remote as", LogBadPeerAS}, // NX-OS
	{"wrong as", LogBadPeerAS},      // IOS: 2/2 (peer in wrong AS)
	{"remote as is ", LogBadPeerAS}, // Quagga: bad OPEN, remote AS is N, expected M
	{"as number mismatch", LogBadPeerAS},
	{"peer as is invalid", LogBadPeerAS},
	{"invalid remote as", LogBadPeerAS}, // RouterOS
	{"unexpected as", LogBadPeerAS},
	{"bad bgp identifier", LogBadID},
	{"bgp identifier wrong", LogBadID},
	{"unacceptable hold time", LogHoldTime},
	{"hold time is too small", LogHoldTime},
	{"unsupported capability", LogCapability},
	{"no supported afi/safi", LogCapability},
	{"hold time expired", LogHoldExpired},
	{"hold timer expired", LogHoldExpired},
	{"holdtimer expired", LogHoldExpired},
	{"connection collision", LogCollision},
	{"collision resolution", LogCollision},
	{"maximum number of prefixes", LogMaxPrefix},
	{"maxpfx", LogMaxPrefix},
	{"maximum-prefix", LogMaxPrefix},
	{"prefix-limit", LogMaxPrefix},
	{"route limit exceeded", LogMaxPrefix},
	{"limit exceeded, shutting down", LogMaxPrefix},
	{"unexpected connect from unknown address", LogNoNeighbor},  // BIRD
	{"not configured and not valid for dynamic", LogNoNeighbor}, // FRR
	{"not configured", LogNoNeighbor},                           // Quagga: [Event] connection ... - not configured
	{"no group for", LogNoNeighbor},                             // Junos
	{"unconfigured peer", LogNoNeighbor},
	{"unknown neighbor", LogNoNeighbor},
	{"policy not properly setup", LogNoPolicy},
	{"administrative shutdown", LogAdmin},
	{"administratively shut", LogAdmin},
	{"administrative reset", LogAdmin},
	{"peer de-configured", LogAdmin},
	{"connection rejected", LogNoNeighbor}, // a NOTIFICATION 6/5
}

// marks tell lines of a BGP log from a configuration or prose that has the same words.
var marks = []string{"%BGP", "%TCP-6", "BGP-", "%NOTIFICATION", "%ADJCHANGE", "<RMT>", "<TRACE>", "<WARN>", "<ERR>", "<INFO>", "<AUTH>", "TCP: MD5", "TCP: Unexpected MD5",
	"bgpd[", "bgpd:", "rpd[", "BGP: ", "bird:", "bird[", "bgp,error", "route,bgp", "%ROUTING-BGP", "NOTIFICATION ", "bgp_", "kernel:", "tcp_auth", "Rib: ", "sent notification"}

// logID is the ID of a text; "" when it says nothing that matters.
func logID(s string) string {
	low := strings.ToLower(s)
	for _, x := range sayings {
		if strings.Contains(low, x.words) {
			return x.id
		}
	}
	return ""
}

// logLine takes a line of a router's log.
func (r *reader) logLine(l vtysh.Line) bool {
	t := strings.TrimSpace(l.Text)
	if !isLog(t) {
		return false
	}
	id := logID(t)
	switch {
	case id != "":
	case strings.Contains(t, "ADJCHANGE"):
		id = LogAdjacency
	case strings.Contains(t, "NOTIFICATION") || strings.Contains(t, "sent notification"):
		id = LogNotify
	case strings.Contains(t, "<TRACE>") || strings.Contains(t, "<INFO>"):
		return true
	default:
		return false
	}
	addr := firstAddr(t)
	if addr == "" { // BIRD: "<RMT> k8s_node1: Error: Bad peer AS: 64500" names its protocol
		if _, rest, found := strings.Cut(t, "> "); found {
			addr, _, _ = strings.Cut(rest, ":")
		}
	}
	r.addRemark(model.Remark{ID: id, Addr: addr, Value: notificationCode(t), Text: frrconf.Quote(t), Src: l.Evidence()})
	return true
}

func isLog(t string) bool {
	for _, m := range marks {
		if strings.Contains(t, m) {
			return true
		}
	}
	return false
}

// notificationCode is the "sent|received C/S" of a line on a NOTIFICATION; "Up", "Down" of one on a session; else "".
func notificationCode(t string) string {
	verb := ""
	switch {
	case strings.Contains(t, "sent to"), strings.Contains(t, "sent notification"), strings.Contains(t, "<RMT>") && strings.Contains(t, ": Error: "):
		verb = "sent"
	case strings.Contains(t, "received from"), strings.Contains(t, ": Received: "):
		verb = "received"
	}
	for _, w := range strings.Fields(t) {
		if a, b, found := strings.Cut(w, "/"); found && len(w) <= 5 && number(a, -1) >= 1 && number(a, -1) <= 8 && number(b, -1) >= 0 {
			return strings.TrimSpace(verb + " " + w)
		}
		if strings.Contains(t, "ADJCHANGE") && (w == "Up" || w == "Down") {
			return w
		}
	}
	return verb
}

// notificationName names a NOTIFICATION as FRR does.
func notificationName(code, sub int) string {
	heads := []string{"", "Message Header Error", "OPEN Message Error", "UPDATE Message Error", "Hold Timer Expired", "Neighbor Events Error", "Cease"}
	if code < 1 || code >= len(heads) {
		return ""
	}
	subs := map[int][]string{2: {"Unspecific", "Unsupported Version Number", "Bad Peer AS", "Bad BGP Identifier", "Unsupported Optional Parameter", "Authentication Failure", "Unacceptable Hold Time",
		"Unsupported Capability"}, 6: {"Unspecific", "Maximum Number of Prefixes Reached", "Administrative Shutdown", "Peer De-configured", "Administrative Reset", "Connection Rejected",
		"Other Configuration Change", "Connection Collision Resolution", "Out of Resources", "Hard Reset", "BFD Down"}}[code]
	if sub < 0 || sub >= len(subs) {
		return heads[code]
	}
	return heads[code] + "/" + subs[sub]
}

func (r *reader) addRemark(m model.Remark) {
	if r.kept++; r.kept > maxKept {
		return
	}
	m.Origin = r.sec
	r.out.Remarks = append(r.out.Remarks, m)
}
