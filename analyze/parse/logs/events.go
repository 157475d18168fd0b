package logs

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// Limits of what is kept of one log.
const (
	maxEvents  = 4000  // distinct events
	maxLesser  = 3000  // of them, benign ones and those at debug level
	maxInterns = 20000 // distinct names
	maxNodes   = 20000 // node names in lists of elections
	maxLists   = 4     // different lists of one Service's elections
	maxLogs    = 2000  // logs in one member
	maxDetail  = 600   // bytes of an error
	maxRecent  = 1200  // occurrences besides first and last: of events of Services, and of all others
)

// sighting is one line as an event: fields point into the line and are copied only when the event is new.
type sighting struct {
	id        model.MessageID
	level     string
	text      string
	service   string
	ips       []byte // JSON: an array or one string
	pool      []byte
	protocol  string
	peer      []byte
	node      []byte
	iface     []byte
	reason    []byte
	err       []byte
	value     []byte
	nodes     []byte // JSON array
	benign    bool
	ofService bool // belongs to the Service of the surrounding reconcile when it names none
}

// lesser events are given up first when a log has too many distinct ones.
func (s *sighting) lesser() bool {
	return s.benign || s.level == "debug" || s.id == model.MsgReconcile
}

// tracked is an event that grows while its log is read.
type tracked struct {
	event  *model.LogEvent
	key    string
	won    bool // of an election: the last one of its kind was won by the log's own node
	gone   bool // given up
	last   spot
	recent []spot // the last occurrences of an event that marks a change of state; a ring
	next   int
	lesser bool
	flaps  bool // recent is kept
}

// spot is one occurrence, in buffers that are used again.
type spot struct {
	time  time.Time
	stamp []byte // the time as written, where nobody has worked it out yet
	line  int
	raw   []byte
}

func (p *spot) set(t time.Time, line int, raw []byte) {
	p.time, p.stamp, p.line = t, p.stamp[:0], line
	p.raw = append(p.raw[:0], raw[:min(len(raw), quoteBytes)]...)
}

func (p *spot) setStamp(stamp []byte, line int, raw []byte) {
	p.set(time.Time{}, line, raw)
	p.stamp = append(p.stamp, stamp[:min(len(stamp), 40)]...)
}

// quoteBytes is how much of a line has to be kept to make its quote, indentation and the runes at the cut included.
const quoteBytes = lines.QuoteMax + 64

func (p *spot) seen(o schema.Origin) model.Seen {
	if len(p.stamp) > 0 {
		p.time = stampTime(p.stamp)
	}
	return model.Seen{Time: p.time, Src: o.Evidence(p.line, lines.Quote(p.raw))}
}

// changes are the messages of which the last few occurrences are kept, since their rhythm says something (a flap, a retry).
var changes = map[model.MessageID]bool{
	model.MsgStart: true, model.MsgConfigLoaded: true, model.MsgConfigRefused: true, model.MsgConfigRejected: true,
	model.MsgAllocated: true, model.MsgAllocFailed: true, model.MsgCleared: true,
	model.MsgAnnounced: true, model.MsgWithdrawn: true,
	model.MsgMemberJoin: true, model.MsgMemberLeave: true, model.MsgMemberSuspect: true, model.MsgJoinFailed: true,
	model.MsgPeerAdded: true, model.MsgPeerRemoved: true, model.MsgSessionUp: true, model.MsgSessionDown: true,
	model.MsgDialFailed: true, model.MsgNotification: true, model.MsgReloadFailed: true, model.MsgReloadOK: true,
	model.MsgStatusWritten: true, model.MsgStatusFailed: true, model.MsgPanic: true, model.MsgFatal: true,
	model.MsgFRRAdjChange: true, model.MsgFRRNotifySent: true, model.MsgFRRNotifyRcvd: true, model.MsgFRRBFD: true,
	model.MsgFRRDaemon: true, model.MsgFRRRead: true, model.MsgFRROpenFailed: true,
}

// note counts a sighting at the present line.
func (l *reading) note(s *sighting) {
	l.noteAt(s, l.p.time(), l.p.scan.Number(), l.p.scan.Raw())
}

func (l *reading) noteAt(s *sighting, at time.Time, line int, raw []byte) {
	l.p.seen.Taken++
	l.judge(s.id, s.level)
	if s.id == model.MsgForbidden && l.log.Component == "" {
		l.whose(s.err)
	}
	l.keyed = s.key(l.keyed[:0], &l.scratch)
	if s.nodes != nil && l.moreLists(s.service) {
		l.keyed = setHash(l.keyed, s.nodes)
	}
	t, ok := l.events[string(l.keyed)]
	if !ok {
		l.noted = l.add(s, at, line, raw)
		return
	}
	l.noted = t
	t.event.Count++
	t.last.set(at, line, raw)
	if p := l.again(t); p != nil {
		p.set(at, line, raw)
	}
}

// whose tells the program by the service account that is forbidden something.
func (l *reading) whose(err []byte) {
	switch {
	case bytes.Contains(err, []byte(`speaker" cannot `)):
		l.log.Component = model.Speaker
	case bytes.Contains(err, []byte(`controller" cannot `)):
		l.log.Component = model.Controller
	}
}

// again is the place among the last few occurrences for the present one; nil when those of the event are not kept.
func (l *reading) again(t *tracked) *spot {
	if !t.flaps {
		return nil
	}
	kept := &l.recent
	if len(t.event.IPs) > 0 || t.event.Service != "" {
		kept = &l.recentOfServices
	}
	if len(t.recent) < model.RecentKept && *kept < maxRecent {
		*kept++
		t.recent = append(t.recent, spot{})
		return &t.recent[len(t.recent)-1]
	}
	if len(t.recent) == 0 {
		return nil
	}
	p := &t.recent[t.next]
	t.next = (t.next + 1) % len(t.recent)
	return p
}

// key tells events apart.
func (s *sighting) key(k []byte, scratch *[]byte) []byte {
	k = append(k, s.id...)
	k = append(k, 0)
	k = append(k, s.service...)
	k = append(k, 0)
	k = append(k, s.text...)
	k = append(k, 0)
	k = append(k, s.protocol...)
	for _, b := range [...][]byte{s.ips, s.peer, s.node, s.iface, s.reason, s.value} {
		k = append(k, 0)
		k = append(k, b...)
	}
	if s.err != nil {
		*scratch = steady((*scratch)[:0], s.err[:min(len(s.err), maxDetail)])
		k = append(k, 0)
		k = append(k, *scratch...)
	}
	return k
}

// moreLists tells whether elections of a Service among other candidates than before are still told apart: as long as there are
// few of them, and all lists of the log are not too long.
func (l *reading) moreLists(service string) bool {
	return l.nodes < maxNodes && l.lists[service] < maxLists
}

// setHash appends a hash of a list's names that does not depend on their order: elections list their candidates in any.
func setHash(k, list []byte) []byte {
	var sum uint64
	h := uint64(fnvStart)
	for _, c := range list {
		if c == '"' || c == ',' || c == '[' || c == ']' {
			if h != fnvStart {
				sum += h
			}
			h = fnvStart
			continue
		}
		h = (h ^ uint64(c)) * fnvPrime
	}
	return binary.LittleEndian.AppendUint64(append(k, 0), sum)
}

// The constants of FNV-1a.
const (
	fnvStart = 14695981039346656037
	fnvPrime = 1099511628211
)

// add begins a new event, unless the log has too many.
func (l *reading) add(s *sighting, at time.Time, line int, raw []byte) *tracked {
	lesser := s.lesser()
	if lesser && l.lesser >= maxLesser || len(l.events) >= maxEvents && (lesser || !l.giveUp()) {
		l.log.Dropped++
		return nil
	}
	e := &model.LogEvent{
		ID: s.id, Level: s.level, Text: s.text, Service: s.service, Protocol: s.protocol, Benign: s.benign, Count: 1,
		IPs: stringsOf(s.ips, l.intern), Pool: l.intern(s.pool), Peer: l.intern(s.peer), Node: l.intern(s.node), Interface: l.intern(s.iface),
		Reason: l.intern(detail(s.reason)), Error: l.intern(detail(s.err)), Value: l.intern(detail(s.value)),
	}
	if s.nodes != nil && l.moreLists(s.service) {
		e.Nodes = stringsOf(s.nodes, l.intern)
		l.nodes += len(e.Nodes)
		l.lists[s.service]++
	}
	e.First = model.Seen{Time: at, Src: l.p.origin.Evidence(line, lines.Quote(raw))}
	t := &tracked{event: e, key: string(l.keyed), lesser: lesser, flaps: changes[s.id]}
	l.events[t.key] = t
	if lesser {
		l.lesser++
	}
	l.order = append(l.order, t)
	return t
}

// giveUp drops the youngest lesser event to make room for one that is not; it returns false when there is none.
func (l *reading) giveUp() bool {
	if l.lesser == 0 {
		return false
	}
	for i := len(l.order) - 1; i >= 0; i-- {
		t := l.order[i]
		if !t.lesser || t.gone {
			continue
		}
		t.gone = true
		delete(l.events, t.key)
		l.log.Dropped++
		l.lesser--
		return true
	}
	return false
}

// detail cuts a text that nobody reads to its end.
func detail(b []byte) []byte {
	b = bytes.TrimSpace(b)
	if len(b) <= maxDetail {
		return b
	}
	cut := maxDetail
	for cut > 0 && b[cut]&0xC0 == 0x80 {
		cut--
	}
	return b[:cut]
}

// intern is b as a string; equal names of one log share their memory.
func (l *reading) intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if v, ok := l.names[string(b)]; ok {
		return v
	}
	v := string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
	if len(l.names) < maxInterns {
		l.names[v] = v
	}
	return v
}

// close puts what was counted into the log's events.
func (l *reading) close() {
	o := l.p.origin
	for _, t := range l.order {
		if t.gone {
			continue
		}
		e := t.event
		e.Last = e.First
		if e.Count > 1 {
			e.Last = t.last.seen(o)
		}
		for i := range t.recent {
			e.Recent = append(e.Recent, t.recent[(t.next+i)%len(t.recent)].seen(o))
		}
		if t.won {
			e.Value = l.log.Node
		}
		l.log.Events = append(l.log.Events, e)
	}
	l.events, l.order = nil, nil
	l.settle()
}
