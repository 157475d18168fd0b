package logs

import (
	"bytes"
	"strconv"
	"time"

	"github.com/metallb-assay/assay/analyze/parse/lines"
)

// time is the time of the present line: of its wrapper, which is finer and has a zone, else its own. Zero when it has none.
func (p *parser) time() time.Time {
	if p.timed {
		return p.at
	}
	p.timed, p.at = true, time.Time{}
	if len(p.stamp) > 0 {
		p.at, _ = lines.ParseStamp(p.stamp)
	}
	if p.at.IsZero() {
		p.at = p.ownTime()
	}
	if !p.at.IsZero() {
		p.year = p.at.Year()
	}
	return p.at
}

// ownTime is what the key ts of a JSON line says: RFC 3339, or seconds (controller-runtime up to MetalLB v0.13.7).
func (p *parser) ownTime() time.Time {
	ts := p.line.get(fieldTime)
	if ts == nil && p.line.stop != fieldNone {
		ts = tailStamp(p.line.dump)
	}
	return stampTime(ts)
}

func stampTime(ts []byte) time.Time {
	if len(ts) == 0 {
		return time.Time{}
	}
	if t, ok := lines.ParseStamp(ts); ok {
		return t
	}
	if f, err := strconv.ParseFloat(string(ts), 64); err == nil && f > 1e9 && f < 1e10 {
		return time.Unix(int64(f), int64((f-float64(int64(f)))*1e9)).UTC().Truncate(time.Microsecond)
	}
	return time.Time{}
}

// tailStamp finds the key ts near the end of a JSON line.
func tailStamp(line []byte) []byte {
	tail := line[max(0, len(line)-tailBytes):]
	i := bytes.LastIndex(tail, []byte(`"ts":"`))
	if i < 0 {
		return nil
	}
	rest := tail[i+len(`"ts":"`):]
	if end := bytes.IndexByte(rest, '"'); end > 0 {
		return rest[:end]
	}
	return nil
}

const tailBytes = 128

// lastLine keeps as much of the last line with a time as its time needs: most lines' times are never asked for.
type lastLine struct {
	stamp  [40]byte
	stamps int
	tail   [tailBytes]byte
	tails  int
	time   time.Time // of a line that is no JSON
}

// stamped notes that the present line has a time: the first is worked out, of the last what holds it is kept.
func (l *reading) stamped(isJSON bool) {
	p := l.p
	if l.log.First.IsZero() {
		l.log.First = p.time()
	}
	l.last.stamps = copy(l.last.stamp[:], p.stamp)
	if l.last.stamps > 0 {
		return
	}
	if !isJSON {
		if at := p.time(); !at.IsZero() {
			l.last.tails, l.last.time = 0, at
		}
		return
	}
	l.last.tails = copy(l.last.tail[:], p.text[max(0, len(p.text)-tailBytes):])
}

// endTime works out the time of the last line.
func (l *reading) endTime() {
	last := &l.last
	switch {
	case last.stamps > 0:
		l.log.Last, _ = lines.ParseStamp(last.stamp[:last.stamps])
	case last.tails > 0:
		l.log.Last = stampTime(tailStamp(last.tail[:last.tails]))
	default:
		l.log.Last = last.time
	}
	if l.log.Last.Before(l.log.First) && l.log.Last.IsZero() {
		l.log.Last = l.log.First
	}
}
