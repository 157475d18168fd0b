package kube

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// maxDocument bounds the text of one object, or of a document that can't be cut into objects.
const maxDocument = 32 << 20

// splitter cuts a text into objects: documents at "---" or where apiVersion or kind comes again, Lists at the dashes of
// their items, JSON at its braces.
type splitter struct {
	c *converter
	r *bufio.Reader
	n int // lines read

	base    int // indentation of the document
	doc     buffer
	item    buffer
	inItems bool
	indent  int  // of the items' dashes
	pending bool // "items:" was the last line
	loose   bool // items without a List around them
	seen    struct{ api, kind bool }

	json jsonSplitter

	unread int
	why    string
	bad    schema.Evidence
	err    error
}

// buffer is a text that grows line by line. Its memory is used again.
type buffer struct {
	text  []byte
	first int // line of its first line
	over  bool
}

func (b *buffer) add(line []byte, n int) {
	if len(b.text) == 0 {
		b.first = n
	}
	if len(b.text)+len(line) > maxDocument {
		b.over = true
		return
	}
	b.text = append(b.text, line...)
}

func (b *buffer) reset() {
	b.text, b.over = b.text[:0], false
	if cap(b.text) > 1<<20 {
		b.text = nil
	}
}

func newSplitter(c *converter, r io.Reader) *splitter {
	s := &splitter{c: c, r: bufio.NewReaderSize(r, 64<<10), base: -1}
	s.json.s = s
	return s
}

// run reads all of the text.
func (s *splitter) run() {
	var long []byte
	for {
		line, err := s.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if s.json.open(line, s.idle() && len(long) == 0) {
				s.jsonPart(line)
				continue
			}
			if len(long)+len(line) <= maxDocument {
				long = append(long, line...)
			}
			continue
		}
		if len(long) > 0 {
			line, long = append(long, line...), nil
		}
		if len(line) > 0 {
			s.n++
			s.line(line)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				s.err = err
			}
			break
		}
	}
	s.finish()
}

// idle tells whether no document is open.
func (s *splitter) idle() bool { return len(s.doc.text) == 0 && !s.inItems }

// jsonPart feeds a piece of a line that does not end in it.
func (s *splitter) jsonPart(piece []byte) {
	s.json.number = s.n + 1
	if rest := s.json.feed(piece); len(bytes.TrimSpace(rest)) > 0 {
		s.json.feed(rest)
	}
}

func (s *splitter) line(line []byte) {
	if s.json.active || s.json.open(line, s.idle()) {
		s.json.number = s.n
		for len(line) > 0 {
			line = s.json.feed(line)
			if !s.json.open(line, true) {
				break
			}
		}
		s.json.newline()
		return
	}
	s.json.newline()
	line = clean(line)
	body := bytes.TrimRight(line, " \t\r\n")
	ind := 0
	for ind < len(body) && body[ind] == ' ' {
		ind++
	}
	body = body[ind:]
	switch {
	case len(body) == 0, body[0] == '#':
		s.passive(line, body)
	case s.idle():
		s.begin(line, body, ind)
	default:
		s.inside(line, body, ind)
	}
}

// passive takes blank lines and comments: they belong to what is open and close nothing.
func (s *splitter) passive(line, body []byte) {
	switch {
	case len(s.item.text) > 0:
		s.item.add(line, s.n)
	case len(s.doc.text) > 0:
		s.doc.add(line, s.n)
	case len(body) > 0:
		s.c.heading(string(body))
	}
}

// begin starts a document with a line.
func (s *splitter) begin(line, body []byte, ind int) {
	if separator(body) || elided(string(body)) || s.c.note(string(body), s.n) {
		return
	}
	s.base, s.pending, s.loose = ind, false, false
	s.seen.api, s.seen.kind = false, false
	if body[0] == '-' && dash(string(body)) {
		s.inItems, s.loose, s.indent = true, true, ind
		s.item.add(line, s.n)
		return
	}
	s.toDoc(line, body, ind)
}

func separator(body []byte) bool {
	return bytes.HasPrefix(body, []byte("---")) && (len(body) == 3 || body[3] == ' ' || len(bytes.Trim(body, "-")) == 0)
}

func (s *splitter) inside(line, body []byte, ind int) {
	switch {
	case ind <= s.base && separator(body):
		s.flush(false)
		return
	case ind < s.base, ind == s.base && s.c.note(string(body), s.n):
		s.flush(false)
		if ind < s.base {
			s.begin(line, body, ind)
		}
		return
	}
	if s.pending {
		s.pending = false
		if dash(string(body)) && ind >= s.base {
			s.inItems, s.indent = true, ind
			s.c.startListAt(s.doc.first, string(s.doc.text))
		}
	}
	if s.inItems {
		switch {
		case ind == s.indent && dash(string(body)):
			s.flushItem(false)
			s.item.add(line, s.n)
			return
		case ind > s.indent || string(body) == "...":
			s.item.add(line, s.n)
			return
		}
		s.flushItem(false)
		s.inItems = false
		if s.loose {
			s.begin(line, body, ind)
			return
		}
	}
	s.toDoc(line, body, ind)
}

// toDoc adds a line of a document that is no item of a list.
func (s *splitter) toDoc(line, body []byte, ind int) {
	if ind == s.base {
		api, kind := bytes.HasPrefix(body, []byte("apiVersion:")), bytes.HasPrefix(body, []byte("kind:"))
		if api && s.seen.api || kind && s.seen.kind {
			s.flush(false)
			s.base = ind
		}
		s.seen.api, s.seen.kind = s.seen.api || api, s.seen.kind || kind
		s.pending = string(body) == "items:"
	}
	s.doc.add(line, s.n)
}

// flush converts what is open. Cut says that the text ends in it.
func (s *splitter) flush(cut bool) {
	open := s.listOpen()
	if s.inItems {
		s.flushItem(cut)
		s.inItems = false
	}
	s.pending = false
	s.seen.api, s.seen.kind = false, false
	list := len(s.c.lists) > 0
	switch {
	case s.doc.over:
		s.lose(s.doc.first, "an object is larger than 32 MiB")
	case cut && list && open:
		s.c.dropList()
		if s.why == "" {
			s.lose(s.n, "the text ends inside a list of objects")
		}
	case len(s.doc.text) > 0 && list:
		s.convert(&s.doc, false, s.c.endList)
	case len(s.doc.text) > 0:
		s.convert(&s.doc, cut, s.c.object)
	}
	if list {
		s.c.lists = s.c.lists[:0]
	}
	s.doc.reset()
}

func (s *splitter) flushItem(cut bool) {
	if s.item.over {
		s.lose(s.item.first, "an object is larger than 32 MiB")
	} else if len(s.item.text) > 0 {
		s.convert(&s.item, cut, func(n *node) {
			if n.shape == sequence && len(n.items) == 1 {
				n = n.items[0].val
			}
			s.c.item(n)
		})
	}
	s.item.reset()
}

// convert reads the text of a document or item and hands its tree on.
func (s *splitter) convert(b *buffer, cut bool, use func(*node)) {
	text := string(b.text)
	src := &s.c.text
	src.set(text, b.first, "")
	p, n, err := parseBlock(&s.c.arena, src, false)
	if err != nil {
		n, err = s.general(p, text, err, cut)
	}
	if n != nil {
		s.c.cut = ""
		if cut && (n.shape == sequence || n.shape == mapping) {
			s.c.cut = s.cutSection(n, err)
		}
		use(n)
		if s.c.cut != "" {
			s.lose(src.first+len(src.starts)-1, "the text ends inside "+s.c.cutName)
		}
		s.c.cut = ""
	}
	s.c.arena.reset()
}

// general reads a text that the block reader refuses, if need be leaving out lines that fit nowhere.
func (s *splitter) general(p *block, text string, err error, cut bool) (*node, error) {
	if n, e := parseYAML(&s.c.arena, text, p.src.first); e == nil {
		return n, nil
	}
	q, n, _ := parseBlock(&s.c.arena, p.src, true)
	lastLine := p.src.first + len(p.src.starts) - 2
	if cut && q.skipped <= 1 && (q.bad == 0 || q.bad >= lastLine) {
		return n, err // what is missing is told by the cut
	}
	bad := q.bad
	if bad == 0 {
		bad = p.bad
	}
	s.unread += max(q.skipped-1, 0)
	s.lose(bad, fmt.Sprintf("YAML: %s (line %d)", err, s.c.origin.Line(bad)))
	return n, nil
}

// lose notes something that could not be read; the first reason is the one that is told.
func (s *splitter) lose(line int, why string) {
	s.unread++
	if s.why != "" {
		return
	}
	s.why = why
	for line > s.c.text.first && strings.TrimSpace(s.c.text.raw(line)) == "" {
		line--
	}
	s.bad = s.c.origin.Evidence(max(line, 1), quote(s.c.text.raw(line)))
}

// finish converts what is open at the end, and finds out whether the text was cut.
func (s *splitter) finish() {
	if s.json.active {
		s.json.finish()
	}
	if !s.idle() {
		s.flush(true)
	}
	if s.err != nil {
		s.c.whole = false
		s.lose(s.n, "reading stopped: "+s.err.Error())
	}
}

// listOpen tells whether a List's own kind, which kubectl writes behind the items, is still to come.
func (s *splitter) listOpen() bool {
	return s.inItems && !s.loose && !s.seen.kind
}

// clean takes colours and no-break blanks off a line.
func clean(line []byte) []byte {
	if bytes.IndexByte(line, 0x1b) >= 0 {
		line = stripANSI(line)
	}
	if bytes.Contains(line, []byte("\u00a0")) {
		line = bytes.ReplaceAll(line, []byte("\u00a0"), []byte(" "))
	}
	if bytes.HasPrefix(line, []byte("\ufeff")) {
		line = line[3:]
	}
	return line
}

func stripANSI(line []byte) []byte {
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != 0x1b {
			out = append(out, line[i])
			continue
		}
		if i+1 < len(line) && line[i+1] == '[' {
			for i += 2; i < len(line) && (line[i] < '@' || line[i] > '~'); i++ {
			}
		}
	}
	return out
}
