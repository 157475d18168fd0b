package clean

import (
	"bytes"
	"io"
	"strings"
)

// Bounds of what a stream holds back.
const (
	chunk     = 64 << 10  // what is looked at in one go, where lines allow that
	lineMax   = 512 << 10 // a longer line is cut into parts
	lookahead = 64 << 10  // what is seen behind the end of such a part
	context   = 4 << 10   // what is seen before it
	holdMax   = 1 << 20   // how far the kind of an object is sought behind its data
)

// stream cleans one text: whole lines, as they come.
type stream struct {
	c     *Cleaner
	w     io.Writer
	path  string
	yaml  bool // scalars have to stay such
	whole bool // the text is one string

	buf    []byte
	at     int // where the part begins that is not written yet
	need   int // how much has to be there before it is worth to look on
	begun  bool
	edited bool
	follow state
	pem    body
	secret secretObject
}

func (s *stream) write(p []byte) error {
	s.buf = append(s.buf, p...)
	for len(s.buf)-s.at >= max(s.need, chunk) {
		before := s.at
		if err := s.some(false); err != nil {
			return err
		}
		if s.at == before {
			break
		}
	}
	return nil
}

func (s *stream) close() error {
	err := s.some(true)
	if err == nil && s.pem.open {
		_, err = s.w.Write(s.pem.end(s.c))
	}
	s.buf = nil
	return err
}

// some cleans what is there, as far as its lines are whole.
func (s *stream) some(final bool) error {
	s.need = 0
	end := len(s.buf)
	if !final {
		if nl := bytes.LastIndexByte(s.buf[s.at:], '\n'); nl >= 0 {
			end = s.at + nl + 1
		} else if len(s.buf)-s.at > lineMax {
			end = len(s.buf) - lookahead
		} else {
			s.need = len(s.buf) - s.at + chunk
			return nil
		}
	}
	if !s.begun && end > s.at {
		s.begun = true
		s.yaml = s.yaml || looksYAML(s.path, s.buf[s.at:end])
	}
	if err := s.lines(end, final); err != nil {
		return err
	}
	keep := s.at
	if s.at > 0 && s.buf[s.at-1] != '\n' {
		keep = max(0, s.at-context)
	}
	n := copy(s.buf, s.buf[keep:])
	s.buf, s.at = s.buf[:n], s.at-keep
	return nil
}

func looksYAML(path string, head []byte) bool {
	if strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".yml") {
		return true
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	for _, begin := range []string{"apiVersion: ", "---\n", "---\r\n", "kind: ", "- apiVersion: ", "items:"} {
		if bytes.HasPrefix(head, []byte(begin)) {
			return true
		}
	}
	return false
}

// lines cleans and writes the text up to end, or less, where a line needs more of what comes behind it.
func (s *stream) lines(end int, final bool) error {
	from, i := s.at, s.at
	for i < end {
		limit := end
		if s.active() && (i == 0 || s.buf[i-1] == '\n') {
			stop, eol := s.endOfLine(i, end)
			text, done := s.followed(s.buf[i:eol], s.buf[eol:stop])
			if len(text) > 0 || done {
				if err := s.put(s.buf[from:i], text); err != nil {
					return err
				}
				from = i
			}
			if done {
				from, i = stop, stop
				continue
			}
		}
		if s.active() {
			limit, _ = s.endOfLine(i, end)
		}
		at, found := s.c.dict.next(s.buf, i, limit)
		if found == nil {
			i = limit
			continue
		}
		l := s.lineAt(at, from, end)
		if found.word != nil && l.waits(found, at, final) {
			s.need = len(s.buf) - max(l.start, from) + chunk
			end = max(l.start, from)
			break
		}
		l.clean(at, found)
		if i = max(l.limit, l.done(), at+1); len(l.edits) > 0 {
			if err := s.put(s.buf[from:max(l.start, from)], l.text(from)); err != nil {
				return err
			}
			from = i
		}
	}
	end = max(end, from)
	err := s.put(s.buf[from:end], nil)
	s.at = end
	return err
}

// put writes what stays as it is, and what was made of the line behind it.
func (s *stream) put(same, changed []byte) error {
	if len(same) > 0 {
		if _, err := s.w.Write(same); err != nil {
			return err
		}
	}
	if len(changed) > 0 {
		if _, err := s.w.Write(changed); err != nil {
			return err
		}
	}
	return nil
}

// endOfLine is where the line at i stops, with and without its end of line.
func (s *stream) endOfLine(i, end int) (stop, eol int) {
	stop, eol = end, end
	if nl := bytes.IndexByte(s.buf[i:end], '\n'); nl >= 0 {
		stop, eol = i+nl+1, i+nl
	}
	if eol > i && s.buf[eol-1] == '\r' {
		eol--
	}
	return stop, eol
}

// lineAt is the line, or the part of it that is seen, around a place.
func (s *stream) lineAt(at, from, end int) *line {
	l := &line{s: s, start: bytes.LastIndexByte(s.buf[:at], '\n') + 1, end: len(s.buf)}
	if nl := bytes.IndexByte(s.buf[at:], '\n'); nl >= 0 {
		l.end = at + nl
	}
	if l.end > at && s.buf[l.end-1] == '\r' {
		l.end--
	}
	l.limit = min(l.end, end)
	l.from = max(l.start, from)
	l.b = s.buf[:l.end]
	return l
}

// line is a line with its edits.
type line struct {
	s          *stream
	b          []byte // the stream's text up to the line's end
	start, end int
	from       int // what stands before it is written already
	limit      int // where the part ends that is to be cleaned now
	edits      []edit
}

type edit struct {
	from, to int
	text     string
}

// clean goes on from the first find to the limit.
func (l *line) clean(at int, found *pattern) {
	for {
		i := at
		if found.value != nil {
			i = l.known(at, found)
		} else {
			i = max(found.word(l, at, len(found.text)), at+1)
		}
		if i >= l.limit {
			return
		}
		if at, found = l.s.c.dict.next(l.b, i, l.limit); found == nil {
			return
		}
	}
}

// known removes a form of a known value.
func (l *line) known(at int, p *pattern) int {
	end := at + len(p.text)
	if p.base64 {
		if p.lead && at > l.done() && isBase64(l.b[at-1]) {
			at--
		}
		if p.tail && end < l.end && isBase64(l.b[end]) {
			end++
		}
		for range 2 {
			if end < l.end && l.b[end] == '=' {
				end++
			}
		}
	}
	l.cut(at, end, replacement(p.value.kind, p.value.number))
	return end
}

// done is where the line's last edit ended.
func (l *line) done() int {
	if len(l.edits) == 0 {
		return l.from
	}
	return l.edits[len(l.edits)-1].to
}

func (l *line) cut(from, to int, text string) {
	l.edits = append(l.edits, edit{from, to, text})
	l.s.edited = true
}

// text is what becomes of the line, from from on, or of the part that was cleaned.
func (l *line) text(from int) []byte {
	if l.s.yaml {
		return l.rebuilt(from, l.plainScalar())
	}
	return l.rebuilt(from, -1)
}

// rebuilt is the line with its edits, and with single quotes around what stands from quote on; -1 for none.
func (l *line) rebuilt(from, quote int) []byte {
	at := max(l.start, from)
	var out []byte
	for _, e := range l.edits {
		if quote >= at && quote <= e.from {
			out = append(append(out, l.b[at:quote]...), '\'')
			at, quote = quote, -2
		}
		out = append(append(out, l.b[at:e.from]...), e.text...)
		at = e.to
	}
	rest := l.b[at:max(l.limit, at)]
	if quote == -2 {
		text := bytes.TrimRight(rest, " \t")
		out = append(append(out, text...), '\'')
		rest = rest[len(text):]
	}
	return append(out, rest...)
}
