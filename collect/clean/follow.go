package clean

import (
	"bytes"
)

// state is what the lines behind a key may have of its value.
type state struct {
	kind   int
	indent int
	secret Kind
}

const (
	_         = iota
	wantItem  // - VALUE, the argument behind the one that names it
	wantValue // value: VALUE, of a variable
	wantBlock // a block of YAML, indented deeper
)

func (s *stream) active() bool { return s.follow.kind != 0 || s.pem.open || s.secret.open }

// followed looks at a whole line while a value may go on in it, and says what becomes of it; done is false for a line that is to be
// looked at as any other.
func (s *stream) followed(text, eol []byte) (changed []byte, done bool) {
	if s.pem.open {
		return s.pem.take(s, text, eol)
	}
	l := &line{s: s, b: text, end: len(text), limit: len(text)}
	f := s.follow
	switch f.kind {
	case wantItem:
		s.follow = state{}
		i := l.blanks(0)
		if i+1 < len(text) && text[i] == '-' && text[i+1] == ' ' {
			i = l.blanks(i + 1)
		} else if l.quote(i) == 0 {
			return nil, false
		}
		if i < len(text) && text[i] == '-' {
			return nil, false // another argument
		}
		return l.scalar(i, f.secret, eol)
	case wantValue:
		s.follow = state{}
		i := l.blanks(0)
		n := l.quote(i)
		if !bytes.HasPrefix(text[i+n:], []byte("value")) {
			return nil, false
		}
		i = l.blanks(i + n + 5 + n)
		if i >= len(text) || text[i] != ':' {
			return nil, false
		}
		if i = l.blanks(i + 1); block(text[i:]) {
			s.follow = state{kind: wantBlock, indent: l.indent(), secret: f.secret}
			return nil, false
		}
		return l.scalar(i, f.secret, eol)
	case wantBlock:
		if len(bytes.TrimSpace(text)) > 0 && l.indent() <= f.indent {
			s.follow = state{}
			return nil, false
		}
		value := bytes.TrimSpace(text)
		if placeholder(string(value)) {
			return nil, false
		}
		s.edited = true
		return append(append(bytes.Clone(text[:l.indent()]), s.c.text(f.secret, string(value), true)...), eol...), true
	}
	return s.secret.take(l, eol)
}

// scalar removes the value at i, which is all that the line still has.
func (l *line) scalar(i int, kind Kind, eol []byte) ([]byte, bool) {
	p := place{line: l, kind: kind}
	if n := l.quote(i); n > 0 {
		if to, ok := l.quotedEnd(i, n); ok {
			p.remove(i+n, to, true, levels(n))
		}
	} else {
		p.removeQuoting(i, trimmed(l.b, i, l.end))
	}
	if len(l.edits) == 0 {
		return nil, false
	}
	return append(l.text(0), eol...), true
}

// body is what a private key has between its first and its last line.
type body struct {
	open, begun  bool
	indent, text []byte // of its first line; its lines
	eol          []byte
}

// bodyMax is how much of a key tells it from others.
const bodyMax = 64 << 10

// begin is the first line of a private key, or the whole key with escaped ends of lines.
func begin(l *line, i, n int) int {
	head := i + n
	if i-5 < l.start || string(l.b[i-5:i]) != "-----" {
		return head
	}
	close := bytes.Index(l.b[head:min(l.end, head+60)], []byte("-----"))
	if close < 0 || !bytes.Contains(l.b[head:head+close], []byte("PRIVATE KEY")) {
		return head
	}
	from := head + close + 5
	to := bytes.Index(l.b[from:l.end], []byte("-----END"))
	if to < 0 && len(bytes.TrimSpace(l.b[from:l.end])) == 0 {
		l.s.pem = body{open: true}
		return l.end
	}
	if to < 0 {
		to = l.end - from // it is cut
	}
	to += from
	for n := newline(l.b, from); n > 0; n = newline(l.b, from) {
		from += n
	}
	for to > from && (l.b[to-1] == ' ' || l.b[to-1] == '\\') {
		to--
	}
	for to-2 >= from && l.b[to-2] == '\\' && (l.b[to-1] == 'n' || l.b[to-1] == 'r') {
		for to--; to > from && l.b[to-1] == '\\'; to-- {
		}
	}
	text := plain(l.b[from:to], 4)
	if from >= to || placeholder(text) || from < l.done() {
		return max(from, to)
	}
	l.cut(from, to, l.s.c.text(PrivateKey, text, true))
	return to
}

// take is a line within a private key. One that can't be of it ends it, and is looked at as any other.
func (k *body) take(s *stream, text, eol []byte) ([]byte, bool) {
	trimmed := bytes.TrimSpace(text)
	header := bytes.HasPrefix(trimmed, []byte("Proc-Type: ")) || bytes.HasPrefix(trimmed, []byte("DEK-Info: "))
	if words := bytes.Fields(trimmed); len(words) == 2 && bytes.IndexByte([]byte("0123456789+->|"), words[0][0]) >= 0 {
		trimmed = words[1] // behind a time stamp or the mark of a diff
	}
	inKey := only(string(trimmed)+"=", func(c byte) bool { return isBase64(c) || c == '=' }) && !bytes.Contains(trimmed, []byte("-----"))
	if !header && !inKey || len(trimmed) > 1<<10 {
		out := k.end(s.c)
		s.edited = s.edited || len(out) > 0
		*k = body{}
		return out, false
	}
	if !k.begun {
		k.begun = true
		k.indent = bytes.Clone(text[:max(bytes.Index(text, trimmed), 0)])
		k.eol = bytes.Clone(eol)
	}
	if !header && len(k.text) < bodyMax {
		k.text = append(append(k.text, trimmed...), '\n')
	}
	return nil, true
}

// end is the line that stands for the whole; nothing for one without any.
func (k *body) end(c *Cleaner) []byte {
	if len(k.text) == 0 {
		return nil
	}
	return append(append(bytes.Clone(k.indent), c.text(PrivateKey, string(k.text), true)...), k.eol...)
}
