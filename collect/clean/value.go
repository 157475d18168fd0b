package clean

import (
	"bytes"
	"encoding/json"
	"strings"
)

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

func isBase64(c byte) bool { return alnum(c) || c == '+' || c == '/' || c == '-' || c == '_' }

func (l *line) blanks(i int) int {
	for i < l.end && (l.b[i] == ' ' || l.b[i] == '\t') {
		i++
	}
	return i
}

// quote is the length of the quote at i, with the backslashes of its depth in front; 0 when there is none.
func (l *line) quote(i int) int {
	n := 0
	for i+n < l.end && l.b[i+n] == '\\' {
		n++
	}
	if i+n < l.end && isQuote(l.b[i+n]) {
		return n + 1
	}
	return 0
}

// levels is how often a text between quotes of that length is escaped: n is 1, 2, 4, 8 for the depths 1, 2, 3, 4.
func levels(n int) int {
	depth := 1
	for ; n > 1; n /= 2 {
		depth++
	}
	return depth
}

// quotedEnd is where the text ends that begins with the quote of n bytes at i: at a quote of the same depth, which has as many
// backslashes in front, or more by pairs of those that the text ends with. Without one it ends with the line.
func (l *line) quotedEnd(i, n int) (to int, ok bool) {
	q := l.b[i+n-1]
	for k := i + n; k < l.end; k++ {
		if l.b[k] != q {
			continue
		}
		if q != '"' && n == 1 {
			if q == '\'' && k+1 < l.end && l.b[k+1] == '\'' { // YAML's way to write one
				k++
				continue
			}
			return k, true
		}
		run := 0
		for k-1-run >= i+n && l.b[k-1-run] == '\\' {
			run++
		}
		switch {
		case run%(2*n) == n-1:
			return k - (n - 1), true
		case run < n-1: // the text around it ends
			return k - run, true
		}
	}
	return l.end, false
}

// newline is the length of an escaped end of line at i: \n, \r, \t at any depth; 0 when there is none.
func newline(b []byte, i int) int {
	n := 0
	for i+n < len(b) && b[i+n] == '\\' {
		n++
	}
	if n > 0 && i+n < len(b) && (b[i+n] == 'n' || b[i+n] == 'r' || b[i+n] == 't') {
		return n + 1
	}
	return 0
}

// before is what stands before a place in its line, as far as that is looked at.
func (l *line) before(i int) []byte { return l.b[max(l.start, i-context):i] }

// inString says whether a place stands between quotes.
func (l *line) inString(i int) bool {
	before := l.before(i)
	return bytes.ContainsAny(before, "\"`") || bytes.Count(before, []byte("'"))%2 == 1
}

// closes says whether the quote at i ends a text: what a language has behind one stands there.
func (l *line) closes(i int) bool {
	n := l.quote(i)
	return n > 0 && (i+n >= l.end || bytes.IndexByte([]byte(" \t,}]):;\\>"), l.b[i+n]) >= 0)
}

// logicalEnd is where the line of the text ends that stands at i, be it escaped.
func (l *line) logicalEnd(i int) int {
	within := l.inString(i)
	for k := i; k < l.end; k++ {
		if m := marker(l.b[k:]); m > 0 {
			k += m - 1
			continue
		}
		if newline(l.b[:l.end], k) > 0 && within || within && l.closes(k) {
			return trimmed(l.b, i, k)
		}
		for within && k+1 < l.end && l.b[k] == '\\' && l.b[k+1] == '\\' {
			k++
		}
	}
	return trimmed(l.b, i, l.end)
}

func trimmed(b []byte, from, to int) int {
	for to > from && (b[to-1] == ' ' || b[to-1] == '\t') {
		to--
	}
	return to
}

// wordEnd is where the word at i ends.
func (l *line) wordEnd(i int) int {
	if m := marker(l.b[i:]); m > 0 {
		return i + m
	}
	within := l.inString(i)
	k := i
	for ; k < l.end; k++ {
		c := l.b[k]
		if c == ' ' || c == '\t' || newline(l.b[:l.end], k) > 0 && within || (isQuote(c) || c == '\\') && l.quote(k) > 0 && (within || l.closes(k)) {
			break
		}
		if (c == ',' || c == ';' || c == '&') && l.endsList(k+1) {
			break
		}
	}
	for k > i && strings.IndexByte(",;)]}", l.b[k-1]) >= 0 {
		k--
	}
	return k
}

// endsList says whether what stands at i, behind a comma, is the next of a list of keys.
func (l *line) endsList(i int) bool {
	if i >= l.end || l.b[i] == ' ' || isQuote(l.b[i]) {
		return true
	}
	k := i
	for k < l.end && inName(l.b[k]) {
		k++
	}
	return k > i && k < l.end && (l.b[k] == '=' || l.b[k] == ':')
}

// startsLogical says whether a place is the first word of its line, be that escaped, or stands behind the marks of a list or a diff.
func (l *line) startsLogical(i int) bool {
	for k := i; k > l.start; k-- {
		switch l.b[k-1] {
		case ' ', '\t', '-', '+', '|', '!':
			continue
		case '"', '\'', '`':
			for k--; k > l.start && l.b[k-1] == '\\'; k-- {
			}
			return k == l.start || bytes.IndexByte([]byte(" \t:,=[({"), l.b[k-1]) >= 0
		case 'n', 'r', 't':
			return k-2 >= l.start && l.b[k-2] == '\\'
		}
		return false
	}
	return true
}

// startsWord says whether no letter or digit stands before i: those of an escape are none.
func startsWord(b []byte, i int) bool {
	switch {
	case i == 0 || !alnum(b[i-1]):
		return true
	case i >= 2 && b[i-2] == '\\' && (b[i-1] == 'n' || b[i-1] == 'r' || b[i-1] == 't'):
		return true
	case i >= 3 && b[i-3] == '%':
		return true
	}
	return i >= 6 && b[i-6] == '\\' && b[i-5] == 'u'
}

// depth is how often the text at i is escaped: that of the quote before it.
func (l *line) depth(i int) int {
	before := l.before(i)
	at := bytes.LastIndexByte(before, '"')
	if at < 0 {
		return 0
	}
	n := 1
	for at-n >= 0 && before[at-n] == '\\' {
		n++
	}
	return levels(n)
}

// plain takes the escapes of a number of levels off a text.
func plain(raw []byte, depth int) string {
	s := string(raw)
	for ; depth > 0 && strings.IndexByte(s, '\\') >= 0; depth-- {
		var next string
		if json.Unmarshal([]byte(`"`+s+`"`), &next) != nil {
			break
		}
		s = next
	}
	return s
}

// remove puts the replacement in the place of a value, unless there is none.
func (p *place) remove(from, to int, sure bool, depth int) int {
	return p.put(from, to, sure, depth, "")
}

// removeQuoting does so where the value stands behind a colon without quotes: the replacement has a colon of its own.
func (p *place) removeQuoting(from, to int) int {
	return p.put(from, to, true, p.depth(from), "'")
}

func (p *place) put(from, to int, sure bool, depth int, quote string) int {
	if from >= to || from < p.done() {
		return to
	}
	value := plain(p.b[from:to], depth)
	if placeholder(value) || reference(p.name, value) {
		return to
	}
	if quote == "'" && p.s.yaml && p.plainScalar() >= 0 {
		quote = "" // the whole scalar gets them
	}
	p.cut(from, to, quote+p.s.c.text(p.bgp(), value, sure)+quote)
	return to
}

// bgp is the kind of a secret, with regard to what the line tells of it.
func (p *place) bgp() Kind {
	if p.kind != Password {
		return p.kind
	}
	for _, word := range []string{"bgppeer", "frrconfiguration", "/frr/", "vtysh/", "bgppeers/"} {
		if strings.Contains(p.s.path, word) {
			return BGPPassword
		}
	}
	around := p.b[max(p.start, p.from-400):min(p.end, p.to+400)]
	if p.s.whole {
		around = p.s.buf[:min(len(p.s.buf), 4*context)]
	}
	around = bytes.ToLower(around)
	for _, word := range []string{"asn", "neighbor", "bgp", "bfdprofile"} {
		if bytes.Contains(around, []byte(word)) {
			return BGPPassword
		}
	}
	return Password
}

// placeholder says whether a text stands where a secret would without being one.
func placeholder(s string) bool {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	if marker([]byte(s)) == len(s) {
		return true
	}
	switch strings.ToLower(s) {
	case "", "null", "nil", "<nil>", "none", "<none>", "true", "false", "~", "0", "{}", "[]", "<retracted>", `\u003cretracted\u003e`, "<redacted>", "redacted", "[redacted]", "<hidden>", "<unset>", "<set>",
		"(left out)", "<removed>", "<secret>", "<password>", "<token>", "...", "|", ">":
		return true
	}
	if strings.Contains(s, "cretracted") {
		return true
	}
	if rest, ok := strings.CutPrefix(s, "<retracted>"); ok && strings.Trim(rest, `,;'")]`) == "" { // the end of a list's item: frr-reload.py
		return true
	}
	switch {
	case len(strings.Trim(s, "*")) == 0, len(strings.Trim(s, "xX")) == 0, len(strings.Trim(s, "-.")) == 0:
		return true
	case strings.HasPrefix(s, "$(") && strings.HasSuffix(s, ")"), strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}"), strings.HasPrefix(s, "$") && only(strings.ReplaceAll(s[1:], "_", ""), alnum) && strings.ToUpper(s) == s:
		return true
	case strings.HasPrefix(s, "<set to the key "), strings.HasPrefix(s, "<your"), s[0] == '%' && len(s) <= 3:
		return true
	}
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 || alnum(byte(r)) }) < 0 && len(s) < window
}

// reference says whether the value of a key is the name of a Secret, and not one.
func reference(key, value string) bool {
	plain := strings.ReplaceAll(strings.ToLower(key), "-", "")
	if !strings.HasSuffix(plain, "secret") || strings.HasPrefix(key, "-") || strings.ToUpper(key) == key {
		return false
	}
	if ns, name, ok := strings.Cut(value, "/"); ok {
		return objectName(ns) && objectName(name)
	}
	for _, end := range []string{"clientsecret", "sharedsecret", "appsecret", "apisecret", "authsecret"} {
		if strings.HasSuffix(plain, end) {
			return false
		}
	}
	return plain != "secret" && objectName(value)
}

// objectName says whether s can be the name of an object.
func objectName(s string) bool {
	return only(s, func(c byte) bool { return c >= 'a' && c <= 'z' || digit(c) || c == '-' || c == '.' })
}

// block says whether a text begins a block of YAML.
func block(b []byte) bool {
	return len(b) > 0 && len(b) <= 3 && (b[0] == '|' || b[0] == '>') && len(bytes.Trim(b, "|>-+0123456789")) == 0
}

func (l *line) indent() int {
	n := 0
	for l.start+n < l.end && l.b[l.start+n] == ' ' {
		n++
	}
	return n
}

// plainScalar is where the line's value begins if it is YAML's plain text, which can't have the replacement; -1 if it is not.
func (l *line) plainScalar() int {
	i := l.blanks(l.start)
	listed := false
	for i+1 < l.end && l.b[i] == '-' && l.b[i+1] == ' ' {
		i, listed = l.blanks(i+1), true
	}
	k := i
	for k < l.end && (inName(l.b[k]) || l.b[k] == '/') {
		k++
	}
	switch {
	case k > i && k+1 < l.end && l.b[k] == ':' && l.b[k+1] == ' ':
		i = l.blanks(k + 1)
	case !listed:
		return -1
	}
	if i >= l.end || strings.IndexByte("'\"|>{[&*!#%@`", l.b[i]) >= 0 || bytes.IndexByte(l.b[i:l.end], '\'') >= 0 {
		return -1
	}
	return i
}
