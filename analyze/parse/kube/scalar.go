package kube

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// value reads a scalar or flow collection that begins with v on the line at hand; lines that go on with it are indented
// deeper than ind. It leaves the next line with content at hand.
func (p *block) value(v string, ind int) (*node, error) {
	switch v[0] {
	case '|', '>':
		return p.literal(v, ind)
	case '"', '\'':
		return p.quotedValue(v)
	case '{', '[':
		return p.flow(v)
	case '&', '*', '!', '?', '%', '@', '`':
		if !p.lenient {
			return nil, p.fail(errUnsupported)
		}
	}
	return p.plain(v, ind)
}

func (p *block) plain(v string, ind int) (*node, error) {
	n := p.arena.node(scalar, p.line())
	v, comment := cutComment(v)
	p.advance()
	for p.ok && p.ind > ind && !comment {
		if _, _, ok := keyOf(p.s); ok || dash(p.s) {
			break // below a value: the caller finds the indentation wrong
		}
		more, c := cutComment(p.s)
		blank := p.line() - n.last - 1
		if blank > 0 {
			v += strings.Repeat("\n", min(blank, 8)) + more
		} else {
			v += " " + more
		}
		n.last, comment = p.line(), c
		p.advance()
		if len(v) > maxPlain {
			return n, p.fail(errUnsupported)
		}
	}
	switch v {
	case "", "~", "null", "Null", "NULL":
		n.shape = null
	default:
		n.str = v
	}
	return n, nil
}

// maxPlain bounds a plain scalar of several lines.
const maxPlain = 64 << 10

func cutComment(s string) (string, bool) {
	for i := strings.IndexByte(s, '#'); i > 0; {
		if s[i-1] == ' ' || s[i-1] == '\t' {
			return strings.TrimRight(s[:i], " \t"), true
		}
		j := strings.IndexByte(s[i+1:], '#')
		if j < 0 {
			break
		}
		i += j + 1
	}
	return s, false
}

// flow reads {} and [], and what is JSON on one line.
func (p *block) flow(v string) (*node, error) {
	line := p.line()
	switch v {
	case "{}":
		p.advance()
		return p.arena.node(mapping, line), nil
	case "[]":
		p.advance()
		return p.arena.node(sequence, line), nil
	}
	r := jsonReader{arena: p.arena, s: v, line: line}
	n, err := r.value(0)
	if rest, _ := cutComment(" " + v[r.pos:]); err == nil && strings.TrimSpace(rest) == "" && plainJSON(n) {
		p.advance()
		return n, nil
	}
	if !p.lenient {
		return nil, p.fail(errUnsupported)
	}
	p.advance()
	n = p.arena.node(scalar, line)
	n.str = v
	return n, nil
}

// plainJSON tells whether all bare words of a value are JSON's own: [a b] and [10.0.0.1] are YAML and read by yaml.go.
func plainJSON(n *node) bool {
	switch n.shape {
	case scalar:
		if n.quoted || n.str == "true" || n.str == "false" {
			return true
		}
		_, err := strconv.ParseFloat(n.str, 64)
		return err == nil
	case mapping, sequence:
		for _, e := range n.items {
			if !plainJSON(e.val) {
				return false
			}
		}
	}
	return true
}

// quotedValue reads a quoted scalar of one line or more.
func (p *block) quotedValue(v string) (*node, error) {
	n := p.arena.node(scalar, p.line())
	n.quoted = true
	q := v[0]
	body := v[1:]
	end := closing(body, 0, q)
	if end < 0 {
		var b strings.Builder
		b.WriteString(body)
		for end < 0 {
			p.i++
			if p.i >= len(p.src.starts) || b.Len() > maxDocument {
				p.ok = false
				if p.i > 0 {
					p.i--
				}
				return n, p.fail(errCut)
			}
			row := p.row(p.i)
			b.WriteByte('\n')
			if at := closing(row, 0, q); at >= 0 {
				body = b.String() + row
				end = len(body) - len(row) + at
				break
			}
			b.WriteString(row)
		}
		n.last = p.line()
	}
	if rest, _ := cutComment(" " + body[end+1:]); strings.TrimSpace(rest) != "" && !p.lenient {
		return n, p.fail(errUnsupported)
	}
	p.advance()
	body = body[:end]
	if n.last > n.line {
		body = fold(body, q == '"')
	}
	if q == '"' {
		n.str = unquoteDouble(body)
	} else if strings.Contains(body, "''") {
		n.str = strings.ReplaceAll(body, "''", "'")
	} else {
		n.str = body
	}
	return n, nil
}

// fold joins the lines of a quoted scalar: a line break is a blank, an empty line a line break. Behind a backslash (double
// quotes only) it is nothing.
func fold(s string, double bool) string {
	rows := strings.Split(s, "\n")
	var b strings.Builder
	b.WriteString(strings.TrimRight(rows[0], " \t\r"))
	empty := 0
	glued := false
	for i, row := range rows[1:] {
		row = strings.TrimLeft(row, " \t")
		if i < len(rows)-2 {
			row = strings.TrimRight(row, " \t\r")
		}
		if row == "" && i < len(rows)-2 {
			empty++
			continue
		}
		text := b.String()
		glued = double && strings.HasSuffix(text, `\`) && !strings.HasSuffix(text, `\\`)
		switch {
		case glued:
			b.Reset()
			b.WriteString(text[:len(text)-1])
		case empty > 0:
			b.WriteString(strings.Repeat("\n", empty))
		default:
			b.WriteByte(' ')
		}
		empty = 0
		b.WriteString(row)
	}
	return b.String()
}

// unquoteDouble resolves the escapes of a double-quoted scalar.
func unquoteDouble(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		digits := 0
		switch s[i] {
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		case '0':
			b = append(b, 0)
			continue
		case 'e':
			b = append(b, 0x1b)
			continue
		default:
			b = append(b, unescape(s[i]))
			continue
		}
		if i+digits >= len(s) {
			return string(b)
		}
		v, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 32)
		if err != nil {
			v = utf8.RuneError
		}
		b = utf8.AppendRune(b, rune(v))
		i += digits
	}
	return string(b)
}

// literal reads a block scalar, | or >.
func (p *block) literal(v string, ind int) (*node, error) {
	head, _ := cutComment(v)
	chomp, given := byte(0), 0
	for _, c := range []byte(head[1:]) {
		switch {
		case c == '-' || c == '+':
			chomp = c
		case c >= '1' && c <= '9':
			given = int(c - '0')
		default:
			if p.lenient {
				return p.plain(v, ind)
			}
			return nil, p.fail(errUnsupported)
		}
	}
	n := p.arena.node(scalar, p.line())
	n.quoted = true
	first := p.i + 1
	depth, end := p.literalEnd(first, ind, given)
	n.str = p.literalText(first, end, depth, head[0] == '>', chomp)
	if end > first {
		n.line, n.last = p.src.first+first, p.src.first+end-1
	}
	p.i = end - 1
	p.advance()
	return n, nil
}

// literalEnd finds the indentation of a block scalar's text, and the line behind it.
func (p *block) literalEnd(i, ind, given int) (depth, end int) {
	if given > 0 {
		depth = max(ind, 0) + given
	}
	for end = i; end < len(p.src.starts); end++ {
		s := p.row(end)
		k := 0
		for k < len(s) && s[k] == ' ' {
			k++
		}
		if k == len(s) {
			continue
		}
		if depth == 0 {
			if k <= ind {
				break
			}
			depth = k
		}
		if k < depth {
			break
		}
	}
	return depth, end
}

func (p *block) literalText(i, end, depth int, folded bool, chomp byte) string {
	var b strings.Builder
	if i < end {
		b.Grow(p.src.starts[end-1] - p.src.starts[i] + 64)
	}
	for ; i < end; i++ {
		s := p.row(i)
		if len(s) > depth {
			s = s[depth:]
		} else {
			s = ""
		}
		b.WriteString(s)
		if folded && s != "" && s[0] != ' ' && i+1 < end {
			if next := p.row(i + 1); len(next) > depth && next[depth] != ' ' {
				b.WriteByte(' ')
				continue
			}
		}
		b.WriteByte('\n')
	}
	text := b.String()
	switch chomp {
	case '+':
	case '-':
		text = strings.TrimRight(text, "\n")
	default:
		if t := strings.TrimRight(text, "\n"); t != text {
			text = t + "\n"
		}
		if text == "\n" {
			text = ""
		}
	}
	return text
}
