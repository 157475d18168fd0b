package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// frrMessage is a row of FRR's messages: known by words that are in its format text, so by any release (codes change between
// them). The first row that fits is taken.
type frrMessage struct {
	has    string
	id     model.MessageID // "": known, and counted alone
	level  string          // where it is not what the error category says
	reason string
	benign bool
	varies bool // other messages of the same code fit other rows
	do     func(l *reading, line *frrLine, s *sighting) (keep bool)
}

var frrMessages = []frrMessage{
	{has: "%ADJCHANGE: neighbor ", id: model.MsgFRRAdjChange, level: "info", do: adjacency},
	{has: "%NOTIFICATION", id: model.MsgFRRNotifySent, level: "info", do: notification},
	{has: "%MAXPFXEXCEED", id: model.MsgFRROther, level: "error", reason: "maximum prefixes exceeded", do: peerAfter(" received from ")},
	{has: "%MAXPFX: ", id: model.MsgFRROther, level: "warn", reason: "maximum prefixes near", do: peerAfter(" received from ")},
	{has: "rcvd End-of-RIB for ", id: model.MsgFRRAdjChange, level: "info", reason: "End-of-RIB", do: endOfRIB},
	{has: " went from ", id: model.MsgFRRAdjChange, level: "debug", varies: true, do: wentFrom},
	{has: "BGP OPEN receipt failed for peer: ", id: model.MsgFRROpenFailed, do: peerAfter("for peer: ")},
	{has: " bad OPEN, ", id: model.MsgFRROpenFailed, level: "debug", do: badOpen},
	{has: "AFI/SAFIs do not overlap", id: model.MsgFRROpenFailed, reason: "address families differ", do: peerFirst},
	{has: "Peer's router-id ", id: model.MsgFRROpenFailed, reason: "router id is the same", do: restIsError},
	{has: "bgp_read_packet error: ", id: model.MsgFRRRead, do: readFailed},
	{has: "can't bind socket for ", id: model.MsgFRRBind, do: bindFailed},
	{has: "[Event] Connect failed ", id: model.MsgFRRConnect, level: "debug", do: connectFailed},
	{has: "[FSM] Waiting for NHT", id: model.MsgFRRConnect, level: "debug", reason: "no path to neighbor", do: peerFirst},
	{has: "[FSM] Hold timer expire", id: model.MsgFRROther, level: "debug", reason: "hold timer expired", do: peerFirst},
	{has: "connection rejected(", id: model.MsgFRROther, level: "debug", reason: "not configured", do: rejected},
	{has: "Incoming BGP connection rejected from ", id: model.MsgFRROther, level: "debug", do: rejectedFrom},
	{has: " due to admin shutdown", id: model.MsgFRROther, level: "debug", reason: "admin shutdown", do: peerAfter("connection from ")},
	{has: "Failure handling event BGP_Start", id: model.MsgFRROther, benign: true, do: peerFirst},
	{has: "[FSM] Ignoring event ", id: model.MsgFRROther, benign: true, do: peerFirst},
	{has: "Trying to start suppressed peer", id: model.MsgFRROther, benign: true, do: peerFirst},
	{has: "has not made any SendQ progress", id: model.MsgFRROther, reason: "peer takes nothing", do: peerFirst},
	{has: "policy not properly setup", id: model.MsgFRROther, level: "warn", reason: "ebgp requires policy", do: restIsError},
	{has: "TCP MD5 option on socket", id: model.MsgFRROther, level: "warn", reason: "md5", do: peerAfter("for peer ")},
	{has: "sockopt_tcp_signature", id: model.MsgFRROther, reason: "md5", do: restIsError},
	{has: "does not have a v6 LL address", id: model.MsgFRROther, level: "warn", reason: "no link-local address", do: restIsError},
	{has: "check other programs usage of specified port", id: model.MsgPortInUse, do: restIsError},
	{has: "was not uninstalled"},
	{has: "was not installed"},
	{has: "state-change: [", id: model.MsgFRRBFD, level: "info", do: bfdChange},
	{has: "session-enable: specified", id: model.MsgFRRBFD, do: restIsError},
	{has: "Thread Starvation: ", id: model.MsgFRROther, level: "warn", reason: "starved"},
	{has: "CPU HOG: ", id: model.MsgFRROther, level: "warn", reason: "starved"},
	{has: "encountered an error and is shutting down", id: model.MsgFRRDaemon, level: "warn", do: clientGone},
	{has: " state -> ", id: model.MsgFRRDaemon, varies: true, do: daemonState},
	{has: "all daemons up, doing startup-complete notify", id: model.MsgFRRDaemon, level: "info", do: allUp},
	{has: "Forked background command ", id: model.MsgFRRDaemon, level: "info", varies: true, do: restarted},
	{has: "Terminating on signal", id: model.MsgFRRDaemon, level: "info", do: terminated},
	{has: "watchfrr ", id: model.MsgStart, level: "info", varies: true, do: watchfrrStart},
	{has: "Unknown command", id: model.MsgFRRConfig, level: "error", do: restIsError},
	{has: "Command incomplete", id: model.MsgFRRConfig, level: "error", do: restIsError},
	{has: "ERROR: No such command", id: model.MsgFRRConfig, level: "error", do: restIsError},
	{has: "configuration write completed"},
	{has: "Disabling MPLS support"},
	{has: "Cannot find IF "},
	{has: "Configuration Read in Took"},
}

// findFRR is the row of a line; nil when there is none.
func findFRR(line *frrLine) *frrMessage {
	for i := range frrMessages {
		if bytes.Contains(line.text, []byte(frrMessages[i].has)) {
			return &frrMessages[i]
		}
	}
	return nil
}

// word is the first word of b without the host name that FRR puts behind an address, "192.0.2.1(tor1)".
func word(b []byte) []byte {
	end := bytes.IndexAny(b, " (")
	if end < 0 {
		end = len(b)
	}
	return bytes.TrimRight(b[:end], ":,")
}

// after is what stands behind words; nil when they are not there.
func after(b []byte, words string) []byte {
	i := bytes.Index(b, []byte(words))
	if i < 0 {
		return nil
	}
	return b[i+len(words):]
}

func peerFirst(_ *reading, line *frrLine, s *sighting) bool {
	s.peer = word(line.text)
	return true
}

func peerAfter(words string) func(*reading, *frrLine, *sighting) bool {
	return func(_ *reading, line *frrLine, s *sighting) bool {
		s.peer = word(after(line.text, words))
		return true
	}
}

func restIsError(_ *reading, line *frrLine, s *sighting) bool {
	s.err = line.text
	return true
}

// adjacency reads `%ADJCHANGE: neighbor X(host) in vrf V Up`, or `... Down REASON`.
func adjacency(_ *reading, line *frrLine, s *sighting) bool {
	s.peer = word(after(line.text, "neighbor "))
	if why := after(line.text, " Down"); why != nil {
		s.value, s.reason = []byte("Down"), bytes.TrimSpace(why)
		return true
	}
	s.value = []byte("Up")
	return true
}

// endOfRIB: the only line at level info that tells of a session that came up.
func endOfRIB(_ *reading, line *frrLine, s *sighting) bool {
	s.peer, s.value = word(after(line.text, " from ")), []byte("Up")
	return true
}

// wentFrom keeps the changes into and out of Established of `X went from A to B`.
func wentFrom(l *reading, line *frrLine, s *sighting) bool {
	l.log.Debug = true
	states := after(line.text, " went from ")
	from, to, _ := bytes.Cut(states, []byte(" to "))
	to = word(to)
	s.peer, s.reason = word(line.text), nil
	switch {
	case string(to) == "Established":
		s.value = []byte("Up")
	case string(from) == "Established":
		s.value = []byte("Down")
	default:
		return false
	}
	return true
}

// notification reads `%NOTIFICATION(Hard Reset): sent to neighbor X 2/2 (OPEN Message Error/Bad Peer AS) 2 bytes fb f5`.
func notification(_ *reading, line *frrLine, s *sighting) bool {
	rest := after(line.text, "neighbor ")
	if bytes.Contains(line.text, []byte("received from neighbor")) {
		s.id = model.MsgFRRNotifyRcvd
	}
	s.text = "%NOTIFICATION"
	s.peer = word(rest)
	i := bytes.IndexByte(rest, ' ')
	if i < 0 {
		return true
	}
	s.value = rest[i+1:]
	if end := bytes.Index(s.value, []byte(") ")); end > 0 {
		if message := s.value[end+2:]; bytes.IndexByte(message, '"') == 0 {
			s.reason = message
		}
		s.value = s.value[:end+1]
	}
	return true
}

// badOpen reads `X bad OPEN, remote AS is 64501, expected 64999`.
func badOpen(_ *reading, line *frrLine, s *sighting) bool {
	s.peer, s.value = word(line.text), after(line.text, " bad OPEN, ")
	return true
}

func readFailed(_ *reading, line *frrLine, s *sighting) bool {
	s.peer, s.err = word(line.text), after(line.text, "bgp_read_packet error: ")
	return true
}

func bindFailed(_ *reading, line *frrLine, s *sighting) bool {
	rest := after(line.text, "can't bind socket for ")
	s.value = word(rest)
	s.err = after(rest, ": ")
	return true
}

// connectFailed reads `X [Event] Connect failed 111(Connection refused)`.
func connectFailed(_ *reading, line *frrLine, s *sighting) bool {
	s.peer = word(line.text)
	s.err = after(line.text, "Connect failed ")
	if i := bytes.IndexByte(s.err, ')'); i >= 0 {
		s.err = s.err[:i+1]
	}
	return true
}

func rejected(_ *reading, line *frrLine, s *sighting) bool {
	if bytes.Contains(line.text, []byte("admin shutdown")) {
		s.reason = []byte("admin shutdown")
		s.peer = word(after(line.text, "connection from "))
		return true
	}
	s.peer = word(bytes.TrimPrefix(line.text, []byte("[Event] ")))
	return true
}

func rejectedFrom(_ *reading, line *frrLine, s *sighting) bool {
	rest := after(line.text, "rejected from ")
	s.peer, s.reason = word(rest), after(rest, "due ")
	s.reason = bytes.TrimPrefix(s.reason, []byte("to "))
	return true
}

// bfdChange reads `state-change: [mhop:no peer:X local:Y vrf:V ifname:I] up -> down reason:control-expired`.
func bfdChange(_ *reading, line *frrLine, s *sighting) bool {
	s.peer = word(after(line.text, " peer:"))
	s.iface = bytes.TrimRight(word(after(line.text, " ifname:")), "]")
	rest := after(line.text, "] ")
	s.value = rest
	if i := bytes.Index(rest, []byte(" reason:")); i >= 0 {
		s.value, s.reason = rest[:i], rest[i+len(" reason:"):]
	}
	s.text = "state-change"
	return true
}

func clientGone(_ *reading, line *frrLine, s *sighting) bool {
	rest := after(line.text, "'")
	name, _, _ := bytes.Cut(rest, []byte("'"))
	if string(name) == "vnc" {
		return false
	}
	s.value = append(bytes.Clone(name), " gone"...)
	return true
}

// daemonState reads watchfrr's `bgpd state -> down : read returned EOF`. That a daemon is not there when watchfrr starts is usual.
func daemonState(_ *reading, line *frrLine, s *sighting) bool {
	rest := after(line.text, " state -> ")
	state, why, _ := bytes.Cut(rest, []byte(" : "))
	s.value = append(append(bytes.Clone(word(line.text)), ' '), word(state)...)
	s.reason = numberless(nil, why)
	s.benign = bytes.HasPrefix(why, []byte("initial connection attempt failed"))
	if s.level == "" || string(word(state)) == "up" {
		s.level = "info"
	}
	return true
}

// allUp reads watchfrr's word that every daemon has answered it.
func allUp(_ *reading, _ *frrLine, s *sighting) bool {
	s.value = append(s.value[:0], model.AllDaemons+" up"...)
	return true
}

// restarted reads `Forked background command [pid N]: /usr/lib/frr/watchfrr.sh restart bgpd`; "restart all" is the start itself.
func restarted(_ *reading, line *frrLine, s *sighting) bool {
	rest := after(line.text, "watchfrr.sh ")
	if rest == nil {
		return false
	}
	s.value = rest
	s.benign = string(rest) == "restart all" || bytes.HasPrefix(rest, []byte("start "))
	return true
}

func terminated(_ *reading, line *frrLine, s *sighting) bool {
	s.value = append(bytes.ToLower(line.daemon), " terminated"...)
	s.benign = true
	return true
}

// watchfrrStart reads `watchfrr 8.4.4 starting: vty@0`.
func watchfrrStart(l *reading, line *frrLine, s *sighting) bool {
	rest, ok := bytes.CutPrefix(line.text, []byte("watchfrr "))
	if !ok || !bytes.Contains(rest, []byte(" starting")) {
		return false
	}
	s.text = "watchfrr starting"
	version, _, _ := bytes.Cut(word(rest), []byte("_"))
	l.begin(model.FRR, string(version), s)
	return true
}
