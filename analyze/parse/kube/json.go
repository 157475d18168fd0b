package kube

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep values may nest; deeper ones are an error.
const maxDepth = 64

var (
	errCut   = errors.New("the text ends early")
	errDepth = errors.New("nested too deep")
	errJSON  = errors.New("not JSON")
)

// arena hands out nodes in slabs, so that the nodes of one object cost few allocations and go together.
type arena struct {
	slab []node
	used int
}

func (a *arena) node(s shape, line int) *node {
	if a.used == len(a.slab) {
		a.slab, a.used = make([]node, 256), 0
	}
	n := &a.slab[a.used]
	a.used++
	items := n.items
	*n = node{shape: s, line: line, last: line}
	n.items = items[:0]
	return n
}

// reset makes the slab's nodes free again; no node handed out before may be used afterwards.
func (a *arena) reset() { a.used = 0 }

// jsonReader reads one JSON value and keeps the lines of its parts.
type jsonReader struct {
	arena *arena
	s     string
	pos   int
	line  int
}

// parseJSON reads the value that s begins with. The text's first line is number line. With errCut the node holds all that
// was complete before the end; with another error, what was read before the fault.
func parseJSON(a *arena, s string, line int) (n *node, err error) {
	r := &jsonReader{arena: a, s: s, line: line}
	return r.value(0)
}

func (r *jsonReader) blanks() {
	for r.pos < len(r.s) {
		switch r.s[r.pos] {
		case '\n':
			r.line++
		case ' ', '\t', '\r':
		default:
			return
		}
		r.pos++
	}
}

func (r *jsonReader) value(depth int) (*node, error) {
	r.blanks()
	if depth > maxDepth {
		return nil, errDepth
	}
	if r.pos >= len(r.s) {
		return nil, errCut
	}
	switch c := r.s[r.pos]; c {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		n := r.arena.node(scalar, r.line)
		s, err := r.quoted()
		if err != nil {
			return nil, err
		}
		n.str, n.quoted = s, true
		return n, nil
	default:
		return r.bare()
	}
}

// bare reads a number, true, false or null.
func (r *jsonReader) bare() (*node, error) {
	start := r.pos
	for r.pos < len(r.s) {
		switch r.s[r.pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n', ':', '{', '[', '"':
			goto end
		}
		r.pos++
	}
	if r.pos == len(r.s) && start > 0 {
		return nil, errCut // nobody knows whether 12 was to become 123
	}
end:
	if r.pos == start {
		return nil, errJSON
	}
	word := r.s[start:r.pos]
	n := r.arena.node(scalar, r.line)
	if word == "null" {
		n.shape = null
		return n, nil
	}
	n.str = word
	return n, nil
}

func (r *jsonReader) object(depth int) (*node, error) {
	n := r.arena.node(mapping, r.line)
	r.pos++
	for {
		r.blanks()
		n.last = r.line
		if r.pos >= len(r.s) {
			return n, errCut
		}
		switch r.s[r.pos] {
		case '}':
			r.pos++
			return n, nil
		case ',':
			r.pos++
			continue
		case '"':
		default:
			return n, errJSON
		}
		line := r.line
		key, err := r.quoted()
		if err != nil {
			return n, err
		}
		r.blanks()
		if r.pos >= len(r.s) {
			return n, errCut
		}
		if r.s[r.pos] != ':' {
			return n, errJSON
		}
		r.pos++
		if err := r.item(n, key, line, depth); err != nil {
			return n, err
		}
	}
}

func (r *jsonReader) array(depth int) (*node, error) {
	n := r.arena.node(sequence, r.line)
	r.pos++
	for {
		r.blanks()
		n.last = r.line
		if r.pos >= len(r.s) {
			return n, errCut
		}
		switch r.s[r.pos] {
		case ']':
			r.pos++
			return n, nil
		case ',':
			r.pos++
			continue
		}
		if err := r.item(n, "", r.line, depth); err != nil {
			return n, err
		}
	}
}

// item reads a value and puts it into n, as far as it goes, below a key that stands in a line; "" in a list.
func (r *jsonReader) item(n *node, key string, line, depth int) error {
	v, err := r.value(depth + 1)
	if v != nil {
		n.items = append(n.items, entry{key: key, line: line, val: v})
		n.last = v.last
	}
	return err
}

// quoted reads a string. Without escapes it shares memory with the text.
func (r *jsonReader) quoted() (string, error) {
	r.pos++
	start := r.pos
	for r.pos < len(r.s) {
		switch r.s[r.pos] {
		case '"':
			s := r.s[start:r.pos]
			r.pos++
			return s, nil
		case '\\':
			return r.escaped(start)
		case '\n':
			r.line++
		}
		r.pos++
	}
	return "", errCut
}

func (r *jsonReader) escaped(start int) (string, error) {
	b := append(make([]byte, 0, r.pos-start+32), r.s[start:r.pos]...)
	for r.pos < len(r.s) {
		c := r.s[r.pos]
		r.pos++
		switch c {
		case '"':
			return string(b), nil
		case '\n':
			r.line++
			b = append(b, c)
		case '\\':
			if r.pos >= len(r.s) {
				return "", errCut
			}
			e := r.s[r.pos]
			r.pos++
			if e == 'u' {
				b = utf8.AppendRune(b, r.unicode())
				continue
			}
			b = append(b, unescape(e))
		default:
			b = append(b, c)
		}
	}
	return "", errCut
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return c
}

// unicode reads the digits behind \u, and a second half of a pair.
func (r *jsonReader) unicode() rune {
	c := r.hex4()
	if utf16.IsSurrogate(c) && r.pos+1 < len(r.s) && r.s[r.pos] == '\\' && r.s[r.pos+1] == 'u' {
		r.pos += 2
		return utf16.DecodeRune(c, r.hex4())
	}
	return c
}

func (r *jsonReader) hex4() rune {
	if r.pos+4 > len(r.s) {
		r.pos = len(r.s)
		return utf8.RuneError
	}
	v, err := strconv.ParseUint(r.s[r.pos:r.pos+4], 16, 32)
	r.pos += 4
	if err != nil {
		return utf8.RuneError
	}
	return rune(v)
}
