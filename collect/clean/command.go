package clean

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// commanded is a key and its value as words of a command: of FRR and other routers, or of a program.
//
//	neighbor 192.0.2.1 password x        password 8 x        enable password x        username x password 7 y
//	--token x        authentication-key "$9$x"        message-digest-key 1 md5 x
func (p *place) commanded(i int) int {
	if strings.HasPrefix(p.name, "-") {
		return p.argument(i)
	}
	name := strings.ToLower(p.name)
	if name == "token" {
		return i // no command has one like that
	}
	before := p.wordsBefore(p.from)
	last := before[len(before)-1]
	switch {
	case name == "password" && len(before) >= 2 && (before[len(before)-2] == "neighbor" || before[len(before)-2] == "peer" && strings.ContainsAny(last, ".:")): // "peer tor2 password secret" is MetalLB's prose
		p.kind = BGPPassword
		return p.encoded(i, p.logicalEnd(i))
	case last == "enable", last == "md5sig", last == "md5", hasAny(before, "username", "user", "login", "authentication", "isis"):
		if (name == "password" || name == "secret" || name == "key") && (last != "the" && last != "a") {
			return p.encoded(i, p.logicalEnd(i))
		}
	case name == "authorization":
		return i
	case strings.Contains(name, "-") && name != "password-file" && !strings.HasSuffix(name, "-token") && !strings.HasSuffix(name, "-secret") || name == "md5sig":
		return p.encoded(i, p.logicalEnd(i)) // authentication-key, key-string, auth-password, ...
	case p.quote(i) > 0 && p.b[i] != '`':
		n := p.quote(i)
		to, ok := p.quotedEnd(i, n)
		if p.b[i] == '\'' && !ok || name == "secret" || name == "token" {
			return i // an apostrophe, or the name of a Secret
		}
		return p.remove(i+n, to, true, levels(n))
	}
	if last == "" && (name == "password" || name == "secret") {
		end := p.logicalEnd(i)
		if rest := strings.Fields(string(p.b[i:end])); len(rest) == 1 && !strings.HasSuffix(rest[0], ":") || len(rest) == 2 && len(rest[0]) == 1 && digit(rest[0][0]) {
			return p.encoded(i, end)
		}
	}
	return i
}

// argument is the value of --key behind it.
func (p *place) argument(i int) int {
	n := p.quote(i)
	if n > 0 {
		if to, ok := p.quotedEnd(i, n); ok {
			return p.remove(i+n, to, true, levels(n))
		}
	}
	if p.b[i] == '-' || n > 0 {
		return i
	}
	to := p.wordEnd(i)
	return p.remove(i, to, strong(string(p.b[i:to])), p.depth(i))
}

// encoded is a value that words may precede which say how it is written: 7, md5, clear, ...
func (p *place) encoded(i, end int) int {
	for {
		to := i
		for to < end && p.b[to] != ' ' && p.b[to] != '\t' {
			to++
		}
		next := p.blanks(to)
		if next >= end || !writtenAs(string(p.b[i:to])) {
			break
		}
		i = next
	}
	if n := p.quote(i); n > 0 && i+n < end {
		if to, ok := p.quotedEnd(i, n); ok && to <= end {
			return p.remove(i+n, to, true, levels(n))
		}
	}
	for end > i && p.b[end-1] == ';' {
		end--
	}
	return p.remove(i, end, true, p.depth(i))
}

func writtenAs(word string) bool {
	switch strings.ToLower(word) {
	case "md5", "clear", "clear-text", "cleartext", "plain", "plaintext", "plain-text", "encrypted", "encryption-type", "hash", "hash2", "ascii-text", "hexadecimal", "sha512", "sha256", "sha-256", "cipher", "simple", "irreversible-cipher", "string", "key", "password":
		return true
	}
	return len(word) == 1 && digit(word[0]) || len(word) <= 3 && only(word, digit)
}

// wordsBefore are the last words before a place in its line, be that escaped, in small letters; "" stands before the first.
func (l *line) wordsBefore(i int) []string {
	floor := max(l.start, i-160)
	from := i
	for from > floor && !(from-2 >= floor && l.b[from-2] == '\\' && (l.b[from-1] == 'n' || l.b[from-1] == 'r' || l.b[from-1] == 't')) {
		from--
	}
	all := []string{""}
	for _, w := range strings.Fields(string(l.b[from:i])) {
		if w = strings.ToLower(strings.Trim(w, "\"'`[](){},+|!#>-")); w != "" {
			all = append(all, w)
		}
	}
	return all
}

func hasAny(words []string, any ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(any, w) })
}

// bearer is a token behind the word for it, wherever it stands.
func bearer(l *line, i, n int) int {
	if i > l.start && inName(l.b[i-1]) {
		return i + n
	}
	from := l.blanks(i + n)
	to := from
	for to < l.end && (isBase64(l.b[to]) || strings.IndexByte(".~=", l.b[to]) >= 0) {
		to++
	}
	if s := string(l.b[from:to]); len(s) < 8 || !strong(s) && !mixed(s) {
		return from
	}
	p := place{line: l, kind: BearerToken, from: i, to: i + n}
	return p.remove(from, to, true, 0)
}

// basic is what names and proves a user, behind the word Basic.
func basic(l *line, i, n int) int {
	from := l.blanks(i + n)
	to := l.base64End(from)
	p := place{line: l, kind: BasicAuth, from: i, to: i + n}
	if !p.learnBasic(from, to) {
		return from
	}
	return p.remove(from, to, true, 0)
}

// learnBasic makes the password known that is in a user:password in base64; false if the text is none.
func (p *place) learnBasic(from, to int) bool {
	_, password, ok := strings.Cut(decoded(p.b[from:p.base64End(from)]), ":")
	if !ok || password == "" {
		return false
	}
	p.s.c.dict.learn(Password, password, true)
	return true
}

// community is the word that opens SNMP.
func community(l *line, i, n int) int {
	p := place{line: l, kind: Secret, from: i, to: i + n}
	from := l.blanks(i + n)
	to := l.wordEnd(from)
	return p.remove(from, to, true, l.depth(from))
}

// base64End is where the text in base64 ends that begins at i.
func (l *line) base64End(i int) int {
	for i < l.end && isBase64(l.b[i]) {
		i++
	}
	for n := 0; n < 2 && i < l.end && l.b[i] == '='; n++ {
		i++
	}
	return i
}

// decoded is what a text in base64 says, if that is text; else "".
func decoded(b []byte) string {
	b = bytes.TrimRight(b, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if out, err := enc.DecodeString(string(b)); err == nil && utf8.Valid(out) && printable(out) {
			return string(out)
		}
	}
	return ""
}

func printable(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r == utf8.RuneError
	}) < 0
}

// tokenByForm is a secret that shows by its beginning: a JSON web token, one of a forge, or a private key in base64.
func tokenByForm(l *line, i, n int) int {
	if i > max(l.start, l.done()) && isBase64(l.b[i-1]) && !startsWord(l.b, i) {
		return i + n
	}
	p := place{line: l, kind: BearerToken, from: i, to: i + n}
	to := l.base64End(i)
	s := string(l.b[i:to])
	switch {
	case strings.HasPrefix(s, "eyJ"):
		dots := 0
		for to < l.end && l.b[to] == '.' && to+1 < l.end && isBase64(l.b[to+1]) && dots < 4 {
			dots++
			to = l.base64End(to + 1)
		}
		if dots == 0 || to-i < 20 {
			return to
		}
	case strings.HasPrefix(s, "ZXlK"): // a JSON web token in base64
		if text := decoded([]byte(s)); len(text) < 20 || strings.Count(text, ".") < 1 {
			return to
		}
	case strings.HasPrefix(s, "LS0tLS1CRUd"):
		head, err := base64.StdEncoding.DecodeString(s[:min(len(s), 96)/4*4])
		if err != nil || !bytes.Contains(head, []byte("PRIVATE KEY")) {
			return to
		}
		p.kind = PrivateKey
	case strings.HasPrefix(s, "ghp_"), strings.HasPrefix(s, "gho_"), strings.HasPrefix(s, "ghs_"), strings.HasPrefix(s, "github_pat_"), strings.HasPrefix(s, "glpat-"),
		strings.HasPrefix(s, "xoxb-"), strings.HasPrefix(s, "xoxp-"), strings.HasPrefix(s, "AKIA"):
		if len(s) < 20 {
			return to
		}
	default:
		return i + n
	}
	return p.remove(i, to, true, 0)
}

// urlPassword is a password between the scheme and the host of a URL.
func urlPassword(l *line, i, n int) int {
	from := i + n
	to := from
	for to < l.end && strings.IndexByte(" \t\"'`<>/?#\\", l.b[to]) < 0 {
		to++
	}
	at := bytes.LastIndexByte(l.b[from:to], '@')
	if at < 0 {
		return from
	}
	at += from
	p := place{line: l, kind: URLPassword, from: i, to: from}
	if colon := bytes.IndexByte(l.b[from:at], ':'); colon >= 0 {
		from += colon + 1
		value := string(l.b[from:at])
		if raw := unescapedURL(value); raw != value {
			l.s.c.dict.learn(Password, raw, true)
		}
		return p.remove(from, at, true, 0)
	}
	if s := string(l.b[from:at]); len(s) >= 20 && strong(s) {
		p.kind = BearerToken
		return p.remove(from, at, true, 0)
	}
	return at
}

// unescapedURL takes off the escapes of a URL, where they are right.
func unescapedURL(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := nibble(s[i+1]), nibble(s[i+2]); hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func nibble(c byte) int { return strings.IndexByte("0123456789abcdef", fold[c]) }
