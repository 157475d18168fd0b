package kube

import (
	"errors"
	"strings"
)

var (
	errUnsupported = errors.New("YAML beyond the block style that kubectl writes")
	errIndent      = errors.New("a line fits nowhere by its indentation")
)

// block reads YAML in block style, as kubectl and people write it, several times faster than a general reader. It refuses
// what it does not know (anchors, tags, flow collections beyond JSON), and then yaml.go reads the text. In lenient mode it
// refuses nothing: lines that fit nowhere are skipped and counted.
type block struct {
	arena   *arena
	src     *source
	lenient bool
	skipped int // lines skipped in lenient mode
	bad     int // line of the error, or the first one skipped; 0 when there is none

	i   int    // the line at hand, from 0
	ok  bool   // there is a line at hand
	ind int    // its indentation; that of the content behind "- " where that is at hand
	s   string // its content
}

// parseBlock reads the text at hand as one YAML document.
func parseBlock(a *arena, src *source, lenient bool) (*block, *node, error) {
	p := &block{arena: a, src: src, lenient: lenient, i: -1}
	p.advance()
	if !p.ok {
		return p, nil, nil
	}
	n, err := p.node(0)
	for err == nil && p.ok {
		if !lenient {
			return p, n, p.fail(errIndent)
		}
		p.skip()
		if p.ok && n != nil && n.shape == mapping {
			err = p.mappingInto(n, p.ind, 0)
		}
	}
	return p, n, err
}

func (p *block) line() int { return p.src.first + p.i }

func (p *block) fail(err error) error {
	if p.bad == 0 {
		p.bad = p.line()
	}
	return err
}

// skip passes over the line at hand in lenient mode.
func (p *block) skip() {
	if p.bad == 0 {
		p.bad = p.line()
	}
	p.skipped++
	p.advance()
}

// row is a line as it stands, without its end.
func (p *block) row(i int) string {
	end := len(p.src.text)
	if i+1 < len(p.src.starts) {
		end = p.src.starts[i+1] - 1
	}
	s := p.src.text[p.src.starts[i]:end]
	if len(s) > 0 && s[len(s)-1] == '\r' {
		s = s[:len(s)-1]
	}
	return s
}

// advance moves to the next line that has content.
func (p *block) advance() {
	for p.i++; p.i < len(p.src.starts); p.i++ {
		s := p.row(p.i)
		ind := 0
		for ind < len(s) && s[ind] == ' ' {
			ind++
		}
		if ind == len(s) || s[ind] == '#' {
			continue
		}
		s = strings.TrimRight(s[ind:], " \t")
		if s == "" || elided(s) {
			continue
		}
		p.ok, p.ind, p.s = true, ind, s
		return
	}
	p.ok = false
}

// elided tells whether a line stands for what somebody left out.
func elided(s string) bool {
	switch s {
	case "...", "…", "[...]", "[…]", "<snip>", "[snip]", "(...)", "---", "-- snip --", "<...>":
		return true
	}
	return false
}

func dash(s string) bool {
	return s[0] == '-' && (len(s) == 1 || s[1] == ' ' || s[1] == '\t')
}

// node reads the value that begins at hand.
func (p *block) node(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.fail(errDepth)
	}
	if dash(p.s) {
		return p.sequence(p.ind, depth)
	}
	if _, _, ok := keyOf(p.s); ok || p.s[0] == '?' {
		return p.mapping(p.ind, depth)
	}
	return p.value(p.s, p.ind-1)
}

func (p *block) mapping(ind, depth int) (*node, error) {
	n := p.arena.node(mapping, p.line())
	return n, p.mappingInto(n, ind, depth)
}

func (p *block) mappingInto(n *node, ind, depth int) error {
	for p.ok && p.ind >= ind && !(p.ind == ind && dash(p.s)) {
		key, rest, ok := keyOf(p.s)
		if p.ind > ind || !ok {
			if !p.lenient {
				return p.fail(errIndent)
			}
			p.skip()
			continue
		}
		if key == "<<" && !p.lenient {
			return p.fail(errUnsupported)
		}
		n.items = append(n.items, entry{key: key, line: p.line()})
		at := len(n.items) - 1
		v, err := p.entryValue(rest, ind, depth)
		n.items[at].val = v
		if v != nil {
			n.last = max(n.last, v.last, n.items[at].line)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entryValue reads what stands behind a key: on its line, or below it.
func (p *block) entryValue(rest string, ind, depth int) (*node, error) {
	if rest != "" && rest[0] != '#' {
		return p.value(rest, ind)
	}
	line := p.line()
	p.advance()
	if p.ok && (p.ind > ind || p.ind == ind && dash(p.s)) {
		return p.node(depth + 1)
	}
	return p.arena.node(null, line), nil
}

func (p *block) sequence(ind, depth int) (*node, error) {
	n := p.arena.node(sequence, p.line())
	if depth > maxDepth {
		return n, p.fail(errDepth)
	}
	for p.ok && p.ind >= ind {
		if p.ind > ind || !dash(p.s) {
			if p.ind == ind {
				return n, nil
			}
			if !p.lenient {
				return n, p.fail(errIndent)
			}
			p.skip()
			continue
		}
		line := p.line()
		v, err := p.item(ind, depth)
		n.items = append(n.items, entry{line: line, val: v})
		if v != nil {
			n.last = max(n.last, v.last)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// item reads what stands behind a dash.
func (p *block) item(ind, depth int) (*node, error) {
	rest := strings.TrimLeft(p.s[1:], " \t")
	if rest == "" || rest[0] == '#' {
		line := p.line()
		p.advance()
		if p.ok && p.ind > ind {
			return p.node(depth + 1)
		}
		return p.arena.node(null, line), nil
	}
	column := ind + len(p.s) - len(rest)
	if _, _, ok := keyOf(rest); ok || dash(rest) {
		p.ind, p.s = column, rest
		return p.node(depth + 1)
	}
	return p.value(rest, ind)
}

// keyOf splits "key: value". It is false where the line is no entry of a mapping.
func keyOf(s string) (key, rest string, ok bool) {
	if s[0] == '"' || s[0] == '\'' {
		return quotedKey(s)
	}
	switch s[0] {
	case '{', '[', '|', '>', '&', '*', '!', '?', '%':
		return "", "", false
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ':':
			if i+1 == len(s) {
				return s[:i], "", i > 0
			}
			if s[i+1] == ' ' || s[i+1] == '\t' {
				return strings.TrimRight(s[:i], " "), strings.TrimLeft(s[i+1:], " \t"), i > 0
			}
		case '#':
			if i > 0 && s[i-1] == ' ' {
				return "", "", false
			}
		}
	}
	return "", "", false
}

func quotedKey(s string) (key, rest string, ok bool) {
	end := closing(s, 1, s[0])
	if end < 0 || end+1 >= len(s) || s[end+1] != ':' || end+2 < len(s) && s[end+2] != ' ' {
		return "", "", false
	}
	if s[0] == '"' {
		key = unquoteDouble(s[1:end])
	} else {
		key = strings.ReplaceAll(s[1:end], "''", "'")
	}
	return key, strings.TrimLeft(s[end+2:], " \t"), true
}

// closing finds the quote that ends a quoted scalar, from offset i on; -1 when it is not in s.
func closing(s string, i int, q byte) int {
	for ; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q == '"':
			i++
		case s[i] == q:
			if q == '\'' && i+1 < len(s) && s[i+1] == q {
				i++
				continue
			}
			return i
		}
	}
	return -1
}
