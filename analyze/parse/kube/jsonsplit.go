package kube

import (
	"bytes"
	"errors"
)

// prefixMax is how much of a line in front of an item is kept for quotes; more than a quote holds.
const prefixMax = 512

// jsonSplitter cuts JSON into objects at its braces: each document, each item of a List, each element of an array.
type jsonSplitter struct {
	s      *splitter
	active bool
	number int // line at hand

	depth      int
	text, esc  bool // inside a string; behind a backslash
	atKey      bool // the string is a key of the document (or a value there, which does no harm)
	key        []byte
	listDepth  int // depth of a List's items; 0 when none is open
	inItem     bool
	streamed   bool // a List's items were converted already
	head, item buffer
	prefix     []byte // of the line at hand
	headPrefix string
	itemPrefix string
}

// open tells whether the line goes on with JSON, or begins some where no document is open.
func (j *jsonSplitter) open(line []byte, idle bool) bool {
	if j.active {
		return true
	}
	if !idle {
		return false
	}
	t := bytes.TrimLeft(line, " \t\r\n")
	if len(t) == 0 {
		return false
	}
	next := byte('\n')
	if u := bytes.TrimLeft(t[1:], " \t\r\n"); len(u) > 0 {
		next = u[0]
	}
	switch t[0] {
	case '{':
		j.active = next == '"' || next == '}' || next == '\n'
	case '[':
		j.active = next == '{' || next == ']' || next == '\n'
	}
	if j.active {
		j.depth, j.listDepth, j.text, j.esc, j.inItem, j.streamed = 0, 0, false, false, false, false
		j.key = j.key[:0]
		j.headPrefix = string(j.prefix)
	}
	return j.active
}

// newline says that the line at hand is over.
func (j *jsonSplitter) newline() { j.prefix = j.prefix[:0] }

// remember keeps the beginning of the line at hand.
func (j *jsonSplitter) remember(b []byte) {
	if room := prefixMax - len(j.prefix); room > 0 {
		j.prefix = append(j.prefix, b[:min(room, len(b))]...)
	}
}

// feed takes a line, or a piece of one, and returns what stands behind the end of the document.
func (j *jsonSplitter) feed(b []byte) []byte {
	seg := 0
	for i, c := range b {
		if j.text {
			j.inText(c)
			continue
		}
		switch c {
		case '"':
			j.text = true
			if j.atKey = j.depth == 1; j.atKey {
				j.key = j.key[:0]
			}
		case '{', '[':
			if j.begins(c) {
				j.store(b[seg:i])
				seg = i
				j.beginItem(b[:i])
			}
			j.depth++
		case '}', ']':
			j.depth--
			switch {
			case j.inItem && j.depth == j.listDepth:
				j.store(b[seg : i+1])
				seg = i + 1
				j.endItem(false)
			case j.listDepth > 0 && j.depth < j.listDepth:
				j.listDepth = 0
			}
			if j.depth <= 0 {
				j.store(b[seg : i+1])
				j.remember(b[:i+1])
				j.end(false)
				return b[i+1:]
			}
		}
	}
	j.store(b[seg:])
	j.remember(b)
	return nil
}

func (j *jsonSplitter) inText(c byte) {
	switch {
	case j.esc:
		j.esc = false
	case c == '\\':
		j.esc = true
	case c == '"':
		j.text = false
	case j.atKey && len(j.key) < 16:
		j.key = append(j.key, c)
	}
}

// begins tells whether an opening bracket begins an item; it notes where a list of items opens.
func (j *jsonSplitter) begins(c byte) bool {
	switch {
	case c == '{' && j.listDepth > 0 && j.depth == j.listDepth:
		return true
	case c == '[' && j.depth == 0:
		j.listDepth, j.streamed = 1, true
		j.s.c.startListAt(j.number, "")
	case c == '[' && j.depth == 1 && string(j.key) == "items" && !j.streamed:
		j.listDepth, j.streamed = 2, true
		line := j.number
		if len(j.head.text) > 0 {
			line = j.head.first
		}
		j.s.c.startListAt(line, j.headPrefix+string(j.head.text[:min(len(j.head.text), prefixMax)]))
	}
	return false
}

func (j *jsonSplitter) store(b []byte) {
	if len(b) == 0 {
		return
	}
	if j.inItem {
		j.item.add(b, j.number)
	} else if j.streamed {
		j.head.add(bytes.TrimSpace(b), j.number)
	} else {
		j.head.add(b, j.number)
	}
}

func (j *jsonSplitter) beginItem(before []byte) {
	j.inItem = true
	p := append([]byte(nil), j.prefix...)
	if room := prefixMax - len(p); room > 0 {
		p = append(p, before[:min(room, len(before))]...)
	}
	j.itemPrefix = string(p)
}

func (j *jsonSplitter) endItem(cut bool) {
	j.inItem = false
	j.convert(&j.item, j.itemPrefix, cut, j.s.c.item)
}

// end converts the document; of a List that means what stands around its items.
func (j *jsonSplitter) end(cut bool) {
	j.active = false
	streamed := j.streamed
	if !streamed {
		j.convert(&j.head, j.headPrefix, cut, j.s.c.object)
		return
	}
	n, _ := parseJSON(&j.s.c.arena, string(j.head.text), j.head.first)
	if cut {
		j.s.c.dropList()
	} else {
		j.s.c.endList(n)
	}
	j.head.reset()
	j.s.c.arena.reset()
}

// finish converts what is open when the text ends.
func (j *jsonSplitter) finish() {
	if j.inItem {
		j.endItem(true)
	}
	if j.active {
		streamed := j.streamed
		j.end(true)
		if streamed && j.s.why == "" {
			j.s.lose(j.s.n, "the text ends inside a list of objects")
		}
	}
}

func (j *jsonSplitter) convert(b *buffer, prefix string, cut bool, use func(*node)) {
	s := j.s
	defer b.reset()
	if b.over {
		s.lose(b.first, "an object is larger than 32 MiB")
		return
	}
	text := string(b.text)
	s.c.text.set(text, b.first, prefix)
	n, err := parseJSON(&s.c.arena, text, b.first)
	s.c.cut = ""
	if n != nil && cut && len(n.items) > 0 && n.shape == mapping {
		s.c.cut = n.items[len(n.items)-1].key
		s.c.cutName = cutName(n)
	}
	if n != nil {
		use(n)
	}
	switch {
	case cut:
		s.lose(b.first, "the text ends inside "+cutName(n))
	case err != nil && !errors.Is(err, errCut), n == nil:
		s.lose(b.first, "JSON: not readable to its end")
	}
	s.c.cut = ""
	s.c.arena.reset()
}
