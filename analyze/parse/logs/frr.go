package logs

import (
	"bytes"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// frrLine is a line of one of FRR's daemons, taken apart.
type frrLine struct {
	daemon   []byte
	priority []byte // "errors", "warnings", ... where the log records it
	code     []byte // "HTQD2-0R1WR"; none in FRR 7.5
	errors   bool   // has an error category (EC): a warning or an error
	text     []byte
}

// maxCodes bounds what a log remembers of the codes that it has seen.
const maxCodes = 2000

// takeFRR reads a line of FRR's daemons: `2026/11/24 13:54:18.398 BGP: [CODE][EC n] text`, or by syslog `bgpd[63]: [CODE] text`.
// It returns false for other lines.
func (l *reading) takeFRR(text []byte) bool {
	line, ok := l.frrHead(text)
	if !ok {
		return l.takeFRRPlain(text)
	}
	l.is(model.FRR, false)
	l.stamped(false)
	if line.code == nil {
		l.takeFRRText(&line, findFRR(&line))
		return true
	}
	// the same code is the same format of text: what it means has to be found once
	m, known := l.frr[string(line.code)]
	if !known {
		m = findFRR(&line)
		if l.frr == nil {
			l.frr = map[string]*frrMessage{}
		}
		if len(l.frr) < maxCodes && (m == nil || !m.varies) {
			l.frr[string(line.code)] = m
		}
	}
	l.takeFRRText(&line, m)
	return true
}

// frrHead takes date, priority, daemon and codes off.
func (l *reading) frrHead(text []byte) (line frrLine, ok bool) {
	switch {
	case len(text) > 22 && text[4] == '/' && text[7] == '/' && text[10] == ' ' && text[13] == ':':
		end := 19
		for end < len(text) && (text[end] == '.' || text[end] >= '0' && text[end] <= '9') {
			end++
		}
		if end >= len(text) || text[end] != ' ' {
			return line, false
		}
		l.frrTime(text[:end])
		text = text[end+1:]
	default:
		if text, ok = syslogTail(text); !ok {
			return line, false
		}
	}
	for range 2 {
		i := bytes.IndexByte(text, ':')
		if i <= 0 || i+1 >= len(text) || i > 40 || bytes.IndexByte(text[:i], ' ') >= 0 {
			break
		}
		word := text[:i]
		if isPriority(word) {
			line.priority = word
		} else if line.daemon = daemonName(word); line.daemon == nil {
			return line, false
		}
		text = bytes.TrimLeft(text[i+1:], " ")
		if line.daemon != nil {
			break
		}
	}
	if line.daemon == nil {
		return line, false
	}
	if len(text) > 13 && text[0] == '[' && text[6] == '-' && text[12] == ']' {
		line.code, text = text[1:12], text[13:]
	}
	if bytes.HasPrefix(text, []byte("[EC ")) {
		if end := bytes.IndexByte(text, ']'); end > 0 {
			line.errors, text = true, text[end+1:]
		}
	}
	line.text = bytes.TrimLeft(text, " ")
	return line, true
}

// frrTime: FRR prints the container's local time without a zone, which is UTC as shipped. The wrapper's time is better.
func (l *reading) frrTime(date []byte) {
	p := l.p
	if len(p.stamp) > 0 {
		return
	}
	var b [32]byte
	stamp := append(b[:0], date[:min(len(date), len(b))]...)
	stamp[4], stamp[7], stamp[10] = '-', '-', 'T'
	p.at = stampTime(stamp)
	p.timed = true
	if !p.at.IsZero() {
		p.year = p.at.Year()
	}
}

// daemonName knows FRR's daemons as their logs call them: BGP, or bgpd[63] in syslog.
func daemonName(word []byte) []byte {
	if i := bytes.IndexByte(word, '['); i > 0 {
		word = word[:i]
	}
	switch string(word) {
	case "BGP", "ZEBRA", "BFD", "STATIC", "WATCHFRR", "MGMTD", "VTYSH", "OSPF", "ISIS", "PIM", "FABRIC", "NHRP", "VRRP", "PBR",
		"bgpd", "zebra", "bfdd", "staticd", "watchfrr", "mgmtd", "vtysh":
		return word
	}
	return nil
}

func isPriority(word []byte) bool {
	switch string(word) {
	case "informational", "errors", "error", "warnings", "warning", "notifications", "debugging", "critical", "alerts", "emergencies":
		return true
	}
	return false
}

// syslogTail finds `bgpd[63]: ` behind a syslog head, or `[DEBG] bgpd: `.
func syslogTail(text []byte) ([]byte, bool) {
	head := text[:min(len(text), 120)]
	for _, daemon := range [...]string{"bgpd", "zebra", "bfdd", "staticd", "watchfrr", "mgmtd"} {
		i := bytes.Index(head, []byte(daemon))
		if i < 0 || i > 0 && head[i-1] != ' ' || i+len(daemon) >= len(head) {
			continue
		}
		switch head[i+len(daemon)] {
		case '[':
			if end := bytes.IndexByte(head[i:], ']'); end > 0 && i+end+1 < len(head) && head[i+end+1] == ':' && isNumber(head[i+len(daemon)+1:i+end]) {
				return text[i:], true
			}
		case ':':
			if i >= 7 && head[i-2] == ']' && head[i-7] == '[' {
				return text[i:], true
			}
		}
	}
	return text, false
}

// takeFRRText notes what a message says; m is nil for one that the table does not have.
func (l *reading) takeFRRText(line *frrLine, m *frrMessage) {
	level := "info"
	if line.errors {
		level = "error"
	}
	if m == nil {
		if !line.errors && string(line.priority) != "errors" && string(line.priority) != "critical" {
			l.ignore()
			return
		}
		l.note(&sighting{id: model.MsgFRROther, level: "error", text: l.intern(detail(numberless(nil, line.text))), err: line.text})
		return
	}
	if m.id == "" {
		l.ignore()
		return
	}
	if m.level != "" {
		level = m.level
		if level == "debug" {
			l.log.Debug = true
		}
	}
	s := &l.sight
	*s = sighting{id: m.id, level: level, text: strings.TrimRight(strings.TrimSpace(m.has), ":([{"), reason: []byte(m.reason), benign: m.benign}
	if m.do != nil && !m.do(l, line, s) {
		l.ignore()
		return
	}
	l.note(s)
}

// takeFRRPlain reads what stands in the container frr's log without a date: crash blocks, and what its scripts print.
func (l *reading) takeFRRPlain(text []byte) bool {
	if i := bytes.IndexByte(text, ':'); i > 2 && i < 10 && daemonName(text[:i]) != nil && text[0] >= 'A' && text[0] <= 'Z' {
		rest := bytes.TrimLeft(text[i+1:], " ")
		l.is(model.FRR, false)
		if bytes.HasPrefix(rest, []byte("Received signal ")) {
			l.note(&sighting{id: model.MsgPanic, level: "error", text: "Received signal", value: text[:i], err: crashWords(rest)})
			return true
		}
		l.ignore()
		return true
	}
	if bytes.HasPrefix(text, []byte("core_handler: ")) {
		l.ignore()
		return true
	}
	if l.log.Component != model.FRR {
		return false
	}
	return l.takeFRRScript(text)
}

// crashWords is the crash without its addresses and time: "Received signal 11".
func crashWords(text []byte) []byte {
	if i := bytes.Index(text, []byte(" at ")); i > 0 {
		return text[:i]
	}
	return text
}

// takeFRRScript reads what start scripts and vtysh print into the container's log.
func (l *reading) takeFRRScript(text []byte) bool {
	switch {
	case configRefusal(text):
		l.note(&sighting{id: model.MsgFRRConfig, level: "error", text: "configuration refused", err: text})
	case bytes.Contains(text, []byte("kill: `': not a pid")), bytes.HasPrefix(text, []byte("/bin/sh: ")) && bytes.HasSuffix(text, []byte(": not found")), bytes.HasPrefix(text, []byte("Cannot stop ")), bytes.Contains(text, []byte("pid file not found")),
		bytes.HasPrefix(text, []byte("Starting watchfrr")), bytes.HasPrefix(text, []byte("Started watchfrr")), bytes.HasPrefix(text, []byte("watchfrr: ")) && !bytes.Contains(text, []byte("rror")):
		l.ignore()
	case bytes.Contains(text, []byte("frrcommon.sh: ")), bytes.Contains(text, []byte("watchfrr.sh: ")), bytes.Contains(text, []byte("docker-start: ")),
		bytes.HasPrefix(text, []byte("/etc/frr/daemons")), bytes.Contains(text, []byte("/etc/frr/daemons: ")):
		l.note(&sighting{id: model.MsgFRRDaemon, level: "error", text: "start script", err: text})
	case bytes.HasPrefix(text, []byte("Failed to start ")), bytes.HasPrefix(text, []byte("Can't ")), bytes.HasPrefix(text, []byte("Error")), bytes.HasPrefix(text, []byte("error")), bytes.HasPrefix(text, []byte("failed ")):
		l.note(&sighting{id: model.MsgFRROther, level: "error", text: l.intern(detail(numberless(nil, text))), err: text})
	default:
		return false
	}
	return true
}
