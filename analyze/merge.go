package analyze

import (
	"fmt"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// Limits of what the logs of one input keep together, so that the logs of hundreds of nodes fit into memory: some 1 KiB an event. The
// first logs are kept whole; what is beyond is counted in Log.Dropped, and in the member's Why where a check could have used it.
const (
	maxEvents       = 16000 // events of all logs
	maxOfMessage    = 8000  // of them, events of one message
	maxLesser       = 5000  // of them, harmless ones and those at debug level
	maxLesserOfKind = 2000  // of them, events of one message
	maxRecent       = 8000  // occurrences besides first and last
)

// merger puts what members say together in their order, as soon as those before them are parsed.
type merger struct {
	all    *model.Observations
	queue  []*parsed // being parsed, or behind one that is
	count  int       // members and losses so far
	events int
	lesser int
	recent int
	of     map[model.MessageID]*[2]int // events of a message: others, and lesser ones
}

// parsed is what one member says, once done is closed.
type parsed struct {
	out  *model.Observations
	done chan struct{}
}

func newMerger() *merger {
	return &merger{all: &model.Observations{}, of: map[model.MessageID]*[2]int{}}
}

// begin takes the place of a member in the order, and tells its index.
func (m *merger) begin() (p *parsed, index int) {
	p = &parsed{out: &model.Observations{}, done: make(chan struct{})}
	m.queue = append(m.queue, p)
	m.count++
	return p, m.count - 1
}

// add takes what is known at once.
func (m *merger) add(out *model.Observations) {
	p, _ := m.begin()
	p.out = out
	close(p.done)
}

// merge takes what is parsed, up to the first member that is not; all of it with wait.
func (m *merger) merge(wait bool) {
	for len(m.queue) > 0 {
		p := m.queue[0]
		if !wait {
			select {
			case <-p.done:
			default:
				return
			}
		}
		<-p.done
		m.queue[0] = nil
		m.queue = m.queue[1:]
		for _, l := range p.out.Logs {
			if lost := m.bound(l); lost > 0 {
				tellLost(p.out, lost)
			}
		}
		m.all.Append(p.out)
	}
}

// bound drops the events of a log that are beyond the limits; it returns how many of them a check could have used.
func (m *merger) bound(l *model.Log) (lost int) {
	kept := l.Events[:0]
	for _, e := range l.Events {
		lesser := e.Benign || e.Level == "debug" || e.ID == model.MsgReconcile
		if !m.admit(e.ID, lesser) {
			l.Dropped += e.Count
			if !lesser {
				lost++
			}
			continue
		}
		if m.recent+len(e.Recent) > maxRecent {
			e.Recent = nil
		}
		m.recent += len(e.Recent)
		kept = append(kept, e)
	}
	if len(kept) < len(l.Events) {
		clear(l.Events[len(kept):])
		l.Events = slices.Clone(kept)
	}
	return lost
}

func (m *merger) admit(id model.MessageID, lesser bool) bool {
	n := m.of[id]
	if n == nil {
		n = &[2]int{}
		m.of[id] = n
	}
	switch {
	case m.events >= maxEvents:
		return false
	case lesser:
		if m.lesser >= maxLesser || n[1] >= maxLesserOfKind {
			return false
		}
		m.lesser++
		n[1]++
	case n[0] >= maxOfMessage:
		return false
	default:
		n[0]++
	}
	m.events++
	return true
}

// tellLost says in the member that events of its logs are left out.
func tellLost(out *model.Observations, events int) {
	if len(out.Members) == 0 {
		return
	}
	seen := &out.Members[0]
	why := fmt.Sprintf("%d of its kinds of events are left out: all logs together have more than are kept", events)
	if seen.Why != "" {
		why = seen.Why + "; " + why
	}
	seen.Read, seen.Why = "part", why
}
