package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
)

// takeRuntime reads a line of controller-runtime (zap), or of another program that logs JSON; it returns false for JSON that is no
// log line.
func (l *reading) takeRuntime(r *record) bool {
	msg := r.get(fieldMsg)
	level := levelOf(r.get(fieldLevel))
	if msg == nil && r.get(fieldError) == nil || level == "" && r.get(fieldTime) == nil {
		return l.takeOldCut(r, level)
	}
	if level == "debug" {
		l.log.Debug = true
	}
	if l.log.First.IsZero() || len(l.p.stamp) == 0 {
		l.stamped(false)
	} else {
		l.stamped(true)
	}
	logger := r.get(fieldLogger)
	if string(logger) == "events" {
		l.takeEventLine(msg)
		return true
	}
	if level == "warn" || level == "error" {
		l.takeRuntimeError(r, msg, logger, level)
		return true
	}
	switch string(msg) {
	case "Starting EventSource", "Starting Controller", "Starting workers", "Registering webhook":
		l.ignore()
		return true
	case "Serving webhook server", "CA certs are injected to webhooks", "no cert refresh needed":
		l.webhookLine = l.p.scan.Number()
		l.ignore()
		return true
	}
	if m := table.find(r, level); m != nil && m.id != "" {
		l.takeMessage(m, r, level)
		return true
	}
	l.ignore()
	return true
}

// takeOldCut passes over a JSON log line that lacks its head, or has none of the usual keys but a time.
func (l *reading) takeOldCut(r *record, level string) bool {
	if level == "" && r.get(fieldTime) == nil || bytes.HasPrefix(r.get(fieldTime), []byte("{")) {
		return false
	}
	if m := table.find(r, level); m != nil {
		l.takeMessage(m, r, level)
		return true
	}
	if level == "warn" || level == "error" {
		l.takeUnknown(r, level)
		return true
	}
	l.ignore()
	return true
}

// takeEventLine reads the node in a speaker's own event: announcing from node "X" with protocol "bgp".
func (l *reading) takeEventLine(msg []byte) {
	l.ignore()
	if l.log.Node != "" && !l.log.NodeGuess {
		return
	}
	rest, ok := bytes.CutPrefix(msg, []byte(`announcing from node \"`))
	if !ok {
		return
	}
	if node, _, ok := bytes.Cut(rest, []byte(`\"`)); ok && len(node) > 0 && len(node) <= 253 {
		l.log.Node, l.log.NodeGuess = l.intern(node), false
		l.is(model.Speaker, false)
	}
}

// takeRuntimeError reads a warning or an error of controller-runtime and client-go.
func (l *reading) takeRuntimeError(r *record, msg, logger []byte, level string) {
	msg = plain(msg)
	s := sighting{id: model.MsgOther, level: level, text: l.intern(detail(numberless(nil, msg)))}
	l.fill(&s, r)
	s.service, s.reason = "", plain(r.get(fieldReason))
	err := s.err
	if err == nil {
		err = msg
	}
	switch {
	case string(msg) == "Reconciler error":
		l.takeReconcilerError(r, &s)
		return
	case bytes.HasPrefix(logger, []byte("cert-rotation")), bytes.HasPrefix(msg, []byte("certificate watcher")):
		s.id, s.reason = model.MsgWebhookErr, []byte(reasonCertificate)
		s.benign = isConflict(s.err)
	case bytes.Contains(msg, []byte("if kind is a CRD, it should be installed")):
		s.id, s.value = model.MsgNotServed, kindOf(s.err)
		if s.value == nil {
			s.value = kindIn(r)
		}
	case bytes.Contains(msg, []byte("Could not wait for Cache to sync")), string(msg) == "problem running manager", string(msg) == "unable to start manager":
		s.id = model.MsgFatal
	case isLeaderError(msg):
		s.id = model.MsgLeaderErr
	default:
		if m := table.find(r, level); m != nil && m.id != "" {
			l.takeMessage(m, r, level)
			return
		}
		if id, value := readError(err); id != "" {
			s.id, s.value, s.err = id, value, err
			if value == nil && id == model.MsgNotServed {
				s.value = typeName(plain(r.get(fieldType)))
			}
		}
	}
	l.note(&s)
	if s.err != nil && s.id == model.MsgFatal {
		l.alsoSays(&s)
	}
}

// kindIn is the kind that "if kind is a CRD" names in its key kind: BGPPeer.metallb.io.
func kindIn(r *record) []byte {
	if string(r.key) != "kind" && string(r.key) != "Kind" {
		return nil
	}
	kind, _, _ := bytes.Cut(plain(r.keyed), []byte("."))
	return kind
}

// takeReconcilerError: "event handling failed, retrying" is how a reconciler asks for another try, and says nothing by itself.
func (l *reading) takeReconcilerError(r *record, s *sighting) {
	s.err = bytes.TrimSpace(s.err)
	switch {
	case bytes.HasSuffix(s.err, []byte("event handling failed, retrying")), string(s.err) == "requeue":
		l.ignore()
		return
	case missingStatus(s.err), isConflict(s.err):
		s.benign = true
	}
	kind := plain(r.get(fieldController))
	s.value = kind
	if namespace, name := r.get(fieldNamespace), r.get(fieldName); string(kind) == "service" && len(namespace) > 0 && len(name) > 0 {
		s.service = l.intern(append(append(append([]byte(nil), namespace...), '/'), name...))
		if s.service == "metallbreload/reload" {
			s.service = ""
		}
	}
	id, value := readError(s.err)
	switch {
	case bytes.HasPrefix(kind, []byte("frrconfiguration")) && l.log.Component == model.Speaker:
		s.id = model.MsgFRRK8sWrite
		l.note(s)
		l.alsoSays(s)
		return
	case id != "":
		s.id, s.value = id, value
		if id == model.MsgWebhookErr {
			s.reason = []byte(reasonCall)
		}
	case bytes.HasPrefix(s.err, []byte("admission webhook ")):
		s.id, s.reason = model.MsgWebhookErr, []byte(reasonRefused)
	}
	l.note(s)
}

func isLeaderError(msg []byte) bool {
	for _, words := range [...]string{"error retrieving resource lock", "failed to renew lease", "Failed to update lock", "leader election lost", "error initially creating leader election", "Failed to update lease", "Failed to release lock"} {
		if bytes.Contains(msg, []byte(words)) {
			return true
		}
	}
	return false
}

// takeKlog reads a klog line, `W1124 10:11:12.123456       1 reflector.go:123] text`; it returns false for others.
func (l *reading) takeKlog(text []byte) bool {
	level := ""
	switch text[0] {
	case 'I':
		level = "info"
	case 'W':
		level = "warn"
	case 'E', 'F':
		level = "error"
	default:
		return false
	}
	if len(text) < 21 || text[5] != ' ' || text[8] != ':' || text[11] != ':' {
		return false
	}
	for _, c := range text[1:5] {
		if c < '0' || c > '9' {
			return false
		}
	}
	i := bytes.Index(text, []byte("] "))
	if i < 0 {
		return false
	}
	l.klogTime(text)
	l.stamped(false)
	where, message := text[:i], text[i+2:]
	if level == "info" {
		l.takeKlogInfo(message)
		return true
	}
	l.takeKlogError(where, message, level, text[0] == 'F')
	return true
}

// klogTime is the line's time: klog prints no year, so that of the log's last time is taken.
func (l *reading) klogTime(text []byte) {
	p := l.p
	if len(p.stamp) > 0 || p.year == 0 {
		return
	}
	var b [32]byte
	stamp := append(b[:0], byte('0'+p.year/1000%10), byte('0'+p.year/100%10), byte('0'+p.year/10%10), byte('0'+p.year%10), '-')
	stamp = append(stamp, text[1], text[2], '-', text[3], text[4], 'T')
	stamp = append(stamp, text[6:min(len(text), 21)]...)
	p.at, _ = lines.ParseStamp(stamp)
	p.timed = true
}

// takeKlogInfo keeps nothing of an info line but what kube-proxy says of its mode.
func (l *reading) takeKlogInfo(message []byte) {
	if l.log.Component == model.OtherProgram && l.takeFact(message, "info") {
		return
	}
	l.ignore()
}

// takeKlogError reads a warning or an error: of client-go's reflector in most cases.
func (l *reading) takeKlogError(where, message []byte, level string, fatal bool) {
	if bytes.Contains(where, []byte("warnings.go:")) {
		l.ignore() // a deprecated API
		return
	}
	s := sighting{id: model.MsgOther, level: level, err: klogError(message)}
	s.text = l.intern(detail(numberless(nil, klogWords(message))))
	id, value := readError(message)
	switch {
	case fatal:
		s.id = model.MsgFatal
	case isLeaderError(message):
		s.id = model.MsgLeaderErr
	case id != "":
		s.id, s.value = id, value
		if value == nil && id == model.MsgNotServed {
			s.value = typeName(quotedKey(message, `type="`))
		}
	case bytes.Contains(where, []byte("reflector.go:")) && bytes.Contains(message, []byte("watch of ")):
		s.benign = true // a watch that ended is begun again
	case l.log.Component == model.OtherProgram && l.takeFact(message, level):
		return
	}
	l.note(&s)
}

// klogWords is the beginning of the message that does not differ: up to a colon or the first key.
func klogWords(message []byte) []byte {
	if len(message) > 0 && message[0] == '"' {
		if end := lines.StringEnd(message, 1); end > 0 {
			return message[1:end]
		}
	}
	if i := bytes.Index(message, []byte(": ")); i > 0 {
		rest := message[i+2:]
		if k := bytes.Index(rest, []byte(": ")); k > 0 && i+2+k < 120 {
			return message[:i+2+k]
		}
		return message[:i]
	}
	return message
}

// klogError is the value of err= in a structured line, else the whole message.
func klogError(message []byte) []byte {
	if v := quotedKey(message, `err="`); v != nil {
		return plain(v)
	}
	return message
}

// quotedKey is the still escaped text behind key, which ends in a quote; nil when it is not there.
func quotedKey(message []byte, key string) []byte {
	i := bytes.Index(message, []byte(key))
	if i < 0 {
		return nil
	}
	from := i + len(key)
	end := lines.StringEnd(message, from)
	if end < 0 {
		return message[from:]
	}
	return message[from:end]
}
