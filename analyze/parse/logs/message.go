package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// message is a row of the tables: how a line is known, and what becomes of it. Empty conditions hold for every line.
type message struct {
	event  string // the key event
	op     string // the key op
	msg    string // the key msg or message; a trailing * stands for any rest
	reason string
	level  string
	key    string // a message that is written as the key of a pair, as in "start reconcile"

	id     model.MessageID // "": known, and counted alone
	mine   bool            // belongs to the Service of the reconcile around it
	benign bool
	ends   bool                                                 // ends the handling of a Service: an election without an announcement so far was lost
	debug  bool                                                 // says that the log has debug lines, in releases that print no level too
	of     model.Component                                      // only this program writes it
	value  field                                                // the key whose value is LogEvent.Value
	do     func(l *reading, r *record, s *sighting) (keep bool) // what the fields above can't say
}

// index finds rows by the one key that most tells them apart.
type index struct {
	event, op, msg, key map[string][]*message
	prefixes            []*message
}

var table = makeIndex(startMessages, configMessages, assignMessages, announceMessages, memberMessages, bgpMessages, frrk8sMessages)

func makeIndex(parts ...[]message) index {
	x := index{event: map[string][]*message{}, op: map[string][]*message{}, msg: map[string][]*message{}, key: map[string][]*message{}}
	for _, part := range parts {
		for i := range part {
			m := &part[i]
			switch {
			case m.event != "":
				x.event[m.event] = append(x.event[m.event], m)
			case m.op != "":
				x.op[m.op] = append(x.op[m.op], m)
			case m.key != "":
				x.key[m.key] = append(x.key[m.key], m)
			case m.msg[len(m.msg)-1] == '*':
				x.prefixes = append(x.prefixes, m)
			default:
				x.msg[m.msg] = append(x.msg[m.msg], m)
			}
		}
	}
	return x
}

// find is the first row that a line meets; nil when there is none.
func (x *index) find(r *record, level string) *message {
	if event := r.get(fieldEvent); event != nil {
		if m := first(x.event[string(event)], r, level); m != nil {
			return m
		}
	}
	if op := r.get(fieldOp); op != nil {
		if m := first(x.op[string(op)], r, level); m != nil {
			return m
		}
	}
	if r.key != nil {
		if m := first(x.key[string(r.key)], r, level); m != nil {
			return m
		}
	}
	msg := r.get(fieldMsg)
	if msg == nil {
		return nil
	}
	if m := first(x.msg[string(msg)], r, level); m != nil {
		return m
	}
	return first(x.prefixes, r, level)
}

func first(rows []*message, r *record, level string) *message {
	for _, m := range rows {
		if m.meets(r, level) {
			return m
		}
	}
	return nil
}

func (m *message) meets(r *record, level string) bool {
	if m.level != "" && m.level != level {
		return false
	}
	if m.reason != "" && string(r.get(fieldReason)) != m.reason {
		return false
	}
	if m.op != "" && m.event != "" && string(r.get(fieldOp)) != m.op {
		return false
	}
	if m.msg == "" {
		return true
	}
	msg := r.get(fieldMsg)
	if n := len(m.msg) - 1; m.msg[n] == '*' {
		return len(msg) >= n && string(msg[:n]) == m.msg[:n]
	}
	return string(msg) == m.msg
}

// words are the message's own words.
func (m *message) words() string {
	text := m.msg
	switch {
	case text != "":
	case m.event != "":
		text = m.event
	case m.key != "":
		text = m.key
	default:
		text = m.op
	}
	if text[len(text)-1] == '*' {
		text = text[:len(text)-1]
	}
	return text
}

// takeJSON reads a JSON log line of any of the components; it returns false for other JSON.
func (l *reading) takeJSON() bool {
	r := &l.p.line
	if !r.parse(l.p.text) {
		return false
	}
	if r.get(fieldCaller) == nil {
		return l.takeRuntime(r)
	}
	level := levelOf(r.get(fieldLevel))
	if level == "debug" {
		l.log.Debug = true
	}
	l.stamped(true)
	if r.stop != fieldNone {
		l.takeDump(r, level)
		return true
	}
	if c := r.get(fieldController); c != nil {
		if !l.sure {
			l.learn(c)
		}
		if l.takeReconcile(r, c) {
			return true
		}
	}
	if c := r.get(fieldComponent); c != nil && (string(c) == "Memberlist" || string(c) == "MemberList") {
		l.takeMemberlist(r, level)
		return true
	}
	m := table.find(r, level)
	if m == nil {
		l.takeUnknown(r, level)
		return true
	}
	l.takeMessage(m, r, level)
	return true
}

func levelOf(b []byte) string {
	switch string(b) {
	case "debug", "DEBUG":
		return "debug"
	case "info", "INFO":
		return "info"
	case "warn", "warning", "WARN", "WARNING":
		return "warn"
	case "error", "ERROR", "fatal", "panic", "dpanic":
		return "error"
	}
	return ""
}

// learn tells the program by the name of its reconciler.
func (l *reading) learn(controller []byte) {
	var c model.Component
	switch string(controller) {
	case "ConfigReconciler", "NodeReconciler", "Layer2StatusReconciler", "ServiceBGPStatus", "FRRK8sReconciler":
		c = model.Speaker
	case "PoolReconciler", "PoolStatusReconciler":
		c = model.Controller
	case "FRRConfigurationReconciler", "FRRStateReconciler":
		c = model.FRRK8s
	case "BGPSessionState":
		c = model.FRRStatus
	case "NodeStateCleaner":
		c = model.StatusCleaner
	default:
		return
	}
	l.sure = true
	l.log.Component = c
}

// takeReconcile reads the bounds of a reconcile; it returns false for other lines.
func (l *reading) takeReconcile(r *record, controller []byte) bool {
	start, end := r.get(fieldStart), r.get(fieldEnd)
	if start == nil && end == nil {
		return false
	}
	switch string(controller) {
	case "ServiceReconciler":
		l.leaveReconcile()
		if start == nil {
			l.skipFromNow(skipLeaves)
			break
		}
		l.service = l.intern(start)
		l.note(&sighting{id: model.MsgReconcile, level: "info", text: "start reconcile", service: l.service})
		l.rememberStart()
		return true
	case "ConfigReconciler", "PoolReconciler":
		if l.takeConfigReconcile(start != nil) {
			return true
		}
	case "ServiceReconciler - reprocessAll":
		l.leaveReconcile()
		l.reprocessing = start != nil
	default:
		l.skipFromNow(skipLine)
	}
	l.ignore()
	return true
}

// takeConfigReconcile notes, after a refusal, the end of a reading of the configuration that no error interrupts: what is in the
// cluster then is valid (facts: stale signals), also where it is what was in use all the time, which only the debug level says. It
// returns false for other bounds.
func (l *reading) takeConfigReconcile(starts bool) bool {
	good := !starts && l.spotless && l.refused
	l.spotless = starts
	if good {
		l.note(&sighting{id: model.MsgConfigSame, level: "info", text: "end reconcile"})
	}
	return good
}

// judge keeps what a message says of the configuration, for takeConfigReconcile.
func (l *reading) judge(id model.MessageID, level string) {
	switch id {
	case model.MsgConfigRefused, model.MsgConfigRejected:
		l.refused, l.spotless = true, false
	case model.MsgConfigLoaded, model.MsgConfigSame:
		l.refused = false
	default:
		l.spotless = l.spotless && level != "error"
	}
}

func (l *reading) leaveReconcile() {
	l.flushOrphan()
	l.service, l.reprocessing, l.election = "", false, nil
}

// takeMessage makes an event of a line that a row describes.
func (l *reading) takeMessage(m *message, r *record, level string) {
	if m.debug {
		l.log.Debug = true
	}
	if m.of != "" && l.log.Component == "" {
		l.log.Component = m.of
	}
	if m.id == "" && m.do == nil {
		if m.ends {
			l.election = nil
			l.skipFromNow(skipEnds)
		} else {
			l.skipFromNow(skipLine)
		}
		l.ignore()
		return
	}
	s := &l.sight
	*s = sighting{id: m.id, level: level, text: m.words(), benign: m.benign, ofService: m.mine}
	l.fill(s, r)
	if msg := r.get(fieldMsg); m.msg == "" && msg != nil {
		s.text = l.intern(detail(plain(msg)))
	}
	if m.value != fieldNone {
		s.value = plain(r.get(m.value))
	}
	if m.do != nil && !m.do(l, r, s) {
		l.ignore()
		return
	}
	l.emit(s)
}

// fill takes the keys that mean the same in every message.
func (l *reading) fill(s *sighting, r *record) {
	if v := r.get(fieldService); len(v) > 0 && v[0] != '{' {
		s.service = l.intern(v)
	}
	if s.ips = r.get(fieldIPs); s.ips == nil {
		s.ips = r.get(fieldIP)
	}
	s.pool, s.peer, s.iface = r.get(fieldPool), r.get(fieldPeer), r.get(fieldInterface)
	switch v := r.get(fieldProtocol); string(v) {
	case "":
	case "l2", "layer2":
		s.protocol = "layer2"
	case "bgp":
		s.protocol = "bgp"
	default:
		s.protocol = l.intern(v)
	}
	s.reason = plain(r.get(fieldReason))
	if v := r.get(fieldError); v != nil && string(v) != "null" {
		s.err = plain(v)
	}
}

// emit ties the event to its Service, and notes it and what its error says besides.
func (l *reading) emit(s *sighting) {
	if s.ofService {
		if s.service == "" {
			s.service = l.service
		}
		l.flushOrphan()
		if s.service == "" && l.reprocessing && s.level == "error" {
			l.hold(s)
			return
		}
	}
	l.note(s)
	if s.err != nil {
		l.alsoSays(s)
		return
	}
	switch s.id {
	case model.MsgARPRequest, model.MsgARPOther, model.MsgElection, model.MsgHandleFailed, model.MsgStart:
	default:
		l.remember()
	}
}

// orphan is a failure inside the handling of all Services: at info level the line behind it names the Service.
type orphan struct {
	s    sighting
	spot spot
}

func (l *reading) hold(s *sighting) {
	o := &orphan{s: *s}
	for _, b := range [...]*[]byte{&o.s.ips, &o.s.pool, &o.s.peer, &o.s.node, &o.s.iface, &o.s.reason, &o.s.err, &o.s.value, &o.s.nodes} {
		*b = bytes.Clone(*b)
	}
	o.spot.set(l.p.time(), l.p.scan.Number(), l.p.scan.Raw())
	l.orphan = o
}

func (l *reading) flushOrphan() {
	o := l.orphan
	if o == nil {
		return
	}
	l.orphan = nil
	l.noteAt(&o.s, o.spot.time, o.spot.line, o.spot.raw)
}

// takeUnknown keeps what no row describes and calls itself a warning or an error. Up to v0.10.3 lines have no level: there a key
// error that is not null makes it one.
func (l *reading) takeUnknown(r *record, level string) {
	if l.takeWebhook(r, level) || l.takeBareError(r, level) {
		return
	}
	err := r.get(fieldError)
	if level != "warn" && level != "error" && (level != "" || err == nil || string(err) == "null") {
		if level != "" && err == nil {
			l.skipFromNow(skipLine)
		}
		l.ignore()
		return
	}
	s := sighting{id: model.MsgOther, level: level}
	l.fill(&s, r)
	words := r.get(fieldMsg)
	for _, f := range [...]field{fieldEvent, fieldOp, fieldError} {
		if words == nil {
			words = r.get(f)
		}
	}
	if words == nil {
		words = r.key
	}
	s.text = l.intern(detail(numberless(nil, plain(words))))
	if s.err == nil && r.keyed != nil {
		s.value = plain(r.keyed)
	}
	l.emit(&s)
}

// takeBareError reads an error that has neither msg nor event nor op: JSON keeps only the last of two values under one key, so of
// "failed to parse the configuration" its reason alone is left (facts 1.1).
func (l *reading) takeBareError(r *record, level string) bool {
	if level != "error" || r.get(fieldMsg) != nil || r.get(fieldEvent) != nil || r.get(fieldOp) != nil || r.get(fieldError) == nil {
		return false
	}
	s := sighting{id: model.MsgConfigRefused, level: level, text: "failed to parse the configuration"}
	l.fill(&s, r)
	switch string(r.get(fieldController)) {
	case "ConfigReconciler", "PoolReconciler":
		// an API error under the same key is "failed to get ...": no configuration was looked at
		if id, value := readError(s.err); id != "" {
			s.id, s.value, s.text = id, value, "failed to get resources"
			l.note(&s)
			return true
		}
	case "ServiceReconciler":
		if r.get(fieldEndpointSlice) == nil {
			return false
		}
		s.id, s.text, s.benign = model.MsgOther, "failed to get service from epslices", true
	case "FRRConfigurationReconciler":
		s.id, s.text = model.MsgFRRK8sConvert, "failed to get secrets"
	default:
		return false
	}
	l.emit(&s)
	return true
}
