package clean

import (
	"bytes"
	"strings"
)

// secretObject is where in an object of kind Secret a text is: its values, whatever they are called, are secrets. Objects are
// often sorted, with their kind behind their data, so that the kind is sought ahead.
type secretObject struct {
	open   bool
	indent int // of data:
	seen   bool
	seenAt int // how deep kind: Secret stands that was seen last
}

// data looks at the values of an object: a Secret's are removed.
func data(l *line, i, n int) int {
	if l.opensData() {
		kind, known := l.kindBehind()
		indent := l.indent()
		switch {
		case known:
			l.s.secret.open = kind == "Secret"
		case l.s.secret.seen && l.s.secret.seenAt == indent:
			l.s.secret.open = true
		default:
			l.s.secret.open = l.valuesInBase64()
		}
		l.s.secret.indent = indent
		return l.end
	}
	return l.compactData(i, n)
}

// objectKind notes the kind of an object that stands before its data.
func objectKind(l *line, i, n int) int {
	text := strings.Trim(string(bytes.TrimSpace(l.b[l.start:min(l.end, l.start+200)])), `", `)
	if rest, ok := strings.CutPrefix(text, "kind"); ok && strings.HasPrefix(strings.TrimLeft(rest, `"`), ":") {
		l.s.secret.seen, l.s.secret.seenAt = strings.TrimLeft(rest, `": `) == "Secret", l.indent()
	}
	return i + n
}

// opensData says whether the line begins the values of an object: data: or "data": {.
func (l *line) opensData() bool {
	switch strings.Trim(string(bytes.TrimSpace(l.b[l.start:min(l.end, l.start+200)])), `"`) {
	case "data:", "stringData:", `data": {`, `stringData": {`:
		return true
	}
	return false
}

// waits says whether a line needs more of the text behind it: the kind of the object whose data it begins.
func (l *line) waits(p *pattern, at int, final bool) bool {
	if final || p.text[0] != 'd' || !bytes.HasPrefix(p.text, []byte("data")) || len(l.s.buf)-l.start > holdMax || !l.opensData() {
		return false
	}
	_, known := l.kindBehind()
	return !known
}

// kindBehind is the kind of the object whose data the line begins; known is false when the text ends before it tells. An object that
// ends without a kind behind its data has the kind "".
func (l *line) kindBehind() (kind string, known bool) {
	indent := l.indent()
	own := string(bytes.TrimSpace(l.b[l.start:l.end]))
	l.linesBehind(func(at int, text []byte) bool {
		if at > indent {
			return true
		}
		switch trimmed := strings.Trim(string(text), `", `); {
		case trimmed == "":
			return true
		case at < indent || string(text) == own || strings.HasPrefix(trimmed, "---") || strings.HasPrefix(trimmed, "- "):
			if l.s.secret.seen && l.s.secret.seenAt == indent {
				kind = "Secret"
			}
			known = true
			return false
		case strings.HasPrefix(trimmed, "kind:"), strings.HasPrefix(trimmed, `kind":`):
			kind = strings.Trim(trimmed[strings.IndexByte(trimmed, ':')+1:], `", `)
			known = true
			return false
		}
		return true
	})
	return kind, known
}

// linesBehind gives the whole lines behind this one, each with its indent and without it, until each wants no more.
func (l *line) linesBehind(each func(indent int, text []byte) bool) {
	b := l.s.buf[l.end:]
	if nl := bytes.IndexByte(b, '\n'); nl >= 0 {
		b = b[nl+1:]
	} else {
		return
	}
	for len(b) > 0 {
		nl := bytes.IndexByte(b, '\n')
		if nl < 0 {
			return
		}
		text := bytes.TrimLeft(b[:nl], " ")
		if !each(nl-len(text), bytes.TrimRight(text, " \r")) {
			return
		}
		b = b[nl+1:]
	}
}

// valuesInBase64 says whether all values of the data that the line begins could be a Secret's: what else is there to go by where the
// text is cut.
func (l *line) valuesInBase64() bool {
	indent, some := l.indent(), false
	all := true
	l.linesBehind(func(at int, text []byte) bool {
		if at <= indent {
			return false
		}
		_, value, ok := strings.Cut(string(text), ": ")
		value = strings.Trim(value, `", `)
		some = true
		all = ok && len(value) >= 8 && len(value)%4 == 0 && only(strings.TrimRight(value, "="), isBase64)
		return all
	})
	return some && all
}

// take is a line among the values of a Secret.
func (o *secretObject) take(l *line, eol []byte) ([]byte, bool) {
	text := bytes.TrimSpace(l.b)
	if len(text) > 0 && l.indent() <= o.indent || bytes.HasPrefix(text, []byte("}")) {
		*o = secretObject{seen: o.seen, seenAt: o.seenAt}
		return nil, false
	}
	i := l.blanks(0)
	n := l.quote(i)
	to := i + n
	if n > 0 {
		to, _ = l.quotedEnd(i, n)
	}
	colon := bytes.IndexByte(l.b[to:], ':')
	if colon < 0 || l.blanks(to+colon+1) >= l.end {
		return nil, false
	}
	name := string(l.b[i+n : max(to, i+n)])
	if n == 0 {
		name = string(l.b[i : to+colon])
	}
	at := l.blanks(to + colon + 1)
	kind := secretKind(name)
	if block(l.b[at:]) {
		l.s.follow = state{kind: wantBlock, indent: l.indent(), secret: kind}
		return nil, false
	}
	from, end, quote := at, trimmed(l.b, at, l.end), "'"
	if q := l.quote(at); q > 0 {
		from, quote = at+q, ""
		end, _ = l.quotedEnd(at, q)
	}
	raw := plain(l.b[from:end], len("'")-len(quote))
	if placeholder(raw) {
		return nil, false
	}
	l.cut(from, end, quote+l.s.c.secretValue(name, raw)+quote)
	return append(l.rebuilt(0, -1), eol...), true
}

// secretKind is the kind of a Secret's value by its key.
func secretKind(key string) Kind {
	if kind, ok := secretKey(strings.TrimSuffix(key, ".data")); ok {
		return kind
	}
	if strings.HasSuffix(key, ".key") {
		return PrivateKey
	}
	return Secret
}

// secretValue is the replacement of a Secret's value, in base64 or not. Of values that are no secrets by themselves, a user's name or
// a certificate, no other text is cleaned.
func (c *Cleaner) secretValue(key, raw string) string {
	value := raw
	if text := decoded([]byte(raw)); text != "" && len(raw)%4 == 0 {
		value = text
	}
	kind := secretKind(key)
	sure := kind != Secret || strong(value) && !strings.Contains(value, "BEGIN CERTIFICATE") && !strings.HasSuffix(key, ".crt") && !strings.HasSuffix(key, "name")
	if strings.HasSuffix(key, ".crt") || strings.HasSuffix(key, "name") {
		return replacement(kind, c.dict.number(kind, value))
	}
	return c.text(kind, value, sure)
}

// compactData is a Secret's data in JSON on one line, at any depth of escapes: {"data":{"k":"v"},"kind":"Secret"}.
func (l *line) compactData(i, n int) int {
	stop := i + n
	to := i + 4
	if to < l.end && l.b[to] == ':' {
		return stop
	}
	q := l.quote(to)
	if q == 0 {
		return stop
	}
	k := l.blanks(to + q)
	if k >= l.end || l.b[k] != ':' {
		return stop
	}
	if k = l.blanks(k + 1); k >= l.end || l.b[k] != '{' {
		return stop
	}
	around := l.b[max(l.start, i-16<<10):min(l.end, i+16<<10)]
	if !bytes.Contains(around, []byte("Secret")) {
		return stop
	}
	type entry struct{ key, from, to int }
	var all []entry
	for k = l.blanks(k + 1); k < l.end && l.b[k] != '}'; k = l.blanks(k) {
		if l.b[k] == ',' {
			k++
			continue
		}
		n := l.quote(k)
		if n == 0 {
			return stop
		}
		end, _ := l.quotedEnd(k, n)
		e := entry{key: k + n}
		k = l.blanks(min(end+n, l.end))
		if k >= l.end || l.b[k] != ':' {
			return stop
		}
		if k = l.blanks(k + 1); l.quote(k) == 0 {
			return stop
		}
		n = l.quote(k)
		e.from = k + n
		e.to, _ = l.quotedEnd(k, n)
		if value := l.b[e.from:e.to]; len(value)%4 != 0 || !only(strings.TrimRight(string(value), "="), isBase64) {
			if marker(value) == 0 {
				return stop // a ConfigMap's
			}
			e.from = e.to
		}
		k = min(e.to+n, l.end)
		all = append(all, e)
	}
	for _, e := range all {
		if e.from < e.to && e.from >= l.done() {
			key := string(l.b[e.key : e.key+bytes.IndexAny(l.b[e.key:], `\"`)])
			l.cut(e.from, e.to, l.s.c.secretValue(key, string(l.b[e.from:e.to])))
		}
	}
	return max(k, stop)
}
