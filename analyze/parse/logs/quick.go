package logs

import (
	"bytes"
)

// quick remembers what became of lines, so that most lines of a debug log need not be taken apart: they are the same as others but
// for their time, or come from a place in the program that says nothing for a check. It holds for one run of a program.
type quick struct {
	// skips has the beginnings of lines, up to the end of their second value, that are to be ignored: {"caller":"net.go:210",
	// "component":"Memberlist". A place in a program (file and line) prints one message only.
	skips map[string]skip
	// same has whole lines but for their time.
	same map[string]remembered
	// starts has the events of reconciles by their Service.
	starts map[string]*tracked
	// head and body are the keys of the present line; empty when it can't be remembered.
	head, body, stamp []byte
}

// remembered is what a line does that is the same as an earlier one but for its time.
type remembered struct {
	event   *tracked
	service string // of the reconcile around it: with another one the line means another event
}

// skip is what a line without meaning ends all the same.
type skip uint8

const (
	skipLine   skip = iota
	skipEnds        // the handling of a Service: an election without an announcement so far was lost
	skipLeaves      // the reconcile of a Service
	skipNot         // the line begins the reconcile of a Service, and is known, not skipped
)

// Limits of what is remembered.
const (
	maxSkips = 1000
	maxSame  = 4096
	maxBody  = 600 // bytes of a line
)

const callerKey = `{"caller":"`

// takeQuick reads a line that is like earlier ones; it returns false for all others.
func (l *reading) takeQuick() bool {
	p, q := l.p, &l.quick
	text := p.text
	q.head, q.body, q.stamp = nil, nil, nil
	if len(text) < 48 || string(text[:len(callerKey)]) != callerKey {
		return l.takeEventQuick()
	}
	q.head = headOf(text)
	if s, ok := q.skips[string(q.head)]; ok && q.head != nil {
		switch s {
		case skipEnds:
			l.election = nil
		case skipLeaves:
			l.leaveReconcile()
		case skipNot:
			q.body, q.stamp = bodyOf(text)
			return l.takeStartQuick()
		}
		l.stamped(true)
		p.seen.Ignored++
		return true
	}
	if len(text) > maxBody {
		return false
	}
	q.body, q.stamp = bodyOf(text)
	r, ok := q.same[string(q.body)]
	if !ok || q.body == nil || r.event.gone {
		return false
	}
	if r.service != l.service || l.reprocessing || l.orphan != nil || l.election != nil {
		return false
	}
	l.count(r.event)
	return true
}

// count counts the present line, whose time was not looked at, for an event.
func (l *reading) count(t *tracked) {
	p, stamp := l.p, l.quick.stamp
	l.stamped(true)
	if len(p.stamp) > 0 {
		stamp = p.stamp
	}
	line, raw := p.scan.Number(), p.scan.Raw()
	t.event.Count++
	l.judge(t.event.ID, t.event.Level)
	t.last.setStamp(stamp, line, raw)
	if at := l.again(t); at != nil {
		at.setStamp(stamp, line, raw)
	}
	p.seen.Taken++
}

// takeStartQuick reads the beginning of a reconcile of a Service that was reconciled before.
func (l *reading) takeStartQuick() bool {
	q := &l.quick
	if q.body == nil || len(q.body) < len(q.head) {
		return false
	}
	name, ok := bytes.CutPrefix(q.body[len(q.head):], []byte(`","level":"info","start reconcile":"`))
	if !ok || len(name) == 0 || bytes.IndexByte(name, '"') != len(name)-1 {
		return false
	}
	t := q.starts[string(name[:len(name)-1])]
	if t == nil || t.gone {
		return false
	}
	l.leaveReconcile()
	l.service = t.event.Service
	l.count(t)
	return true
}

// takeEventQuick passes over the events that controller-runtime logs at debug level, once they can't tell the node any more.
func (l *reading) takeEventQuick() bool {
	p := l.p
	rest, ok := bytes.CutPrefix(p.text, []byte(`{"level":"debug","ts":`))
	if !ok || l.log.Node == "" || !l.log.Debug {
		return false
	}
	end := bytes.IndexByte(rest[:min(len(rest), 48)], ',')
	if end < 0 || !bytes.HasPrefix(rest[end:], []byte(`,"logger":"events","msg":"`)) || rest[len(rest)-1] != '}' {
		return false
	}
	p.line.set(fieldTime, bytes.Trim(rest[:end], `"`))
	l.stamped(!l.log.First.IsZero() && len(p.stamp) > 0)
	p.seen.Ignored++
	return true
}

// headOf is a line up to the end of its second value, if that is the same in every line of its place in the program, else up to the
// end of the place; nil when the place is not the line's own: level.go, log.go and main.go print for others in some releases.
func headOf(text []byte) []byte {
	p := len(callerKey)
	end := bytes.IndexByte(text[p:min(len(text), p+64)], '"')
	if end < 0 {
		return nil
	}
	caller := text[p : p+end]
	if bytes.HasPrefix(caller, []byte("level.go")) || bytes.HasPrefix(caller, []byte("log.go")) {
		return nil
	}
	place := text[:p+end]
	if bytes.HasPrefix(caller, []byte("main.go")) {
		place = nil
	}
	p += end + 1
	if p+2 >= len(text) || text[p] != ',' || text[p+1] != '"' {
		return nil
	}
	p += 2
	end = bytes.IndexByte(text[p:min(len(text), p+32)], '"')
	if end < 0 || p+end+2 >= len(text) || text[p+end+1] != ':' {
		return nil
	}
	key := text[p : p+end]
	if !tellsMessage(key) {
		return place
	}
	if text[p+end+2] != '"' {
		return nil
	}
	p += end + 3
	end = bytes.IndexByte(text[p:min(len(text), p+96)], '"')
	if end < 0 {
		return nil
	}
	return text[:p+end]
}

// tellsMessage tells whether a key's value is the same in every line of its place in the program.
func tellsMessage(key []byte) bool {
	switch string(key) {
	case "event", "controller", "op", "component":
		return true
	}
	return false
}

// bodyOf is a line up to its time, which stands at its end; nil for other lines.
func bodyOf(text []byte) (body, stamp []byte) {
	const key, seconds = `,"ts":"`, len("2006-01-02T15:04:05Z")
	i := len(text) - len(key) - seconds - len(`"}`)
	if i <= 0 || text[len(text)-1] != '}' || text[len(text)-2] != '"' {
		return nil, nil
	}
	if string(text[i:i+len(key)]) != key {
		// with nanoseconds, until v0.12.1
		i = bytes.LastIndex(text[max(0, i-12):], []byte(key))
		if i < 0 {
			return nil, nil
		}
		i += max(0, len(text)-len(key)-seconds-len(`"}`)-12)
	}
	if i+len(key) > len(text)-2 {
		return nil, nil // the time is cut
	}
	return text[:i], text[i+len(key) : len(text)-2]
}

// skipFromNow makes lines from the present one's place in the program be ignored at sight.
func (l *reading) skipFromNow(s skip) {
	q := &l.quick
	if q.head == nil || len(q.skips) >= maxSkips || isMainMemberlist(q.head) {
		return
	}
	if q.skips == nil {
		q.skips = map[string]skip{}
	}
	q.skips[string(q.head)] = s
}

// isMainMemberlist: v0.9.0-v0.9.3 print all lines of the library from one place.
func isMainMemberlist(head []byte) bool {
	return bytes.HasPrefix(head, []byte(callerKey+"main.go:")) && bytes.Contains(head, []byte(`"component"`))
}

// remember makes lines that are the same as the present one but for their time count for the event that was just noted. It waits for
// the second such line: most lines that differ from each other occur once.
func (l *reading) remember() {
	q := &l.quick
	if q.body == nil || l.noted == nil || l.noted.event.Count < 2 || len(q.same) >= maxSame || l.reprocessing {
		return
	}
	if q.same == nil {
		q.same = map[string]remembered{}
	}
	q.same[string(q.body)] = remembered{event: l.noted, service: l.service}
}

// rememberStart makes later reconciles of the event that was just noted be known at sight.
func (l *reading) rememberStart() {
	q := &l.quick
	if q.head == nil || l.noted == nil || len(q.starts) >= maxSame {
		return
	}
	if q.starts == nil {
		q.starts = map[string]*tracked{}
	}
	q.starts[l.service] = l.noted
	l.skipFromNow(skipNot)
}
