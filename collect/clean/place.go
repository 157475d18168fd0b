package clean

import (
	"bytes"
	"strings"
)

// handler looks at a place where a word of n bytes begins at i, removes the secret that is there, if any, and returns where to go on.
type handler func(l *line, i, n int) int

// words are those behind which, or in which, a secret can stand. They are found without regard to case; none has fewer than 4 bytes.
var words []struct {
	text string
	look handler
}

func init() {
	add := func(look handler, all ...string) {
		for _, w := range all {
			words = append(words, struct {
				text string
				look handler
			}{w, look})
		}
	}
	add(func(l *line, i, n int) int { return i + max(marker(l.b[i:]), 1) }, mark)
	add(key, "passw", "passphrase", "token", "secret", "credential", "authoriz", "_pwd", "-pwd", "dbpwd", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key",
		"privatekey", "private_key", "private-key", "keydata", "key-data", "key_data", "authkey", "auth_key", "auth-key", "authentication-k", "authentication_k", "authenticationk",
		"key-string", "keystring", "tcp-md5", "tcp_md5", "tcpmd5", "md5sig", "md5-key", "message-digest-key", "shared-key", "shared_key", "sharedkey", "encryptionkey", "encryption_key",
		"encryption-key")
	add(bearer, "bearer ")
	add(basic, "basic ")
	add(community, "snmp-server community ", "authentication string ")
	add(objectKind, "kind:", `kind"`)
	add(begin, "begin ")
	add(data, "data:", `data"`, `data\`)
	add(tokenByForm, "zxlk", "ls0tls1crud", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "akia")
	for _, c := range "ghijklmnopqrstuvwxyz0123456789" { // {"a to {"z
		add(tokenByForm, "eyj"+string(c))
	}
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789" {
		add(urlPassword, string(c)+"://")
	}
}

// names of keys whose value is a secret, as they end, in small letters and without - _ and dots.
var secretEnds = []struct {
	end  string
	kind Kind
}{
	{"password", Password}, {"passwd", Password}, {"passphrase", Password}, {"pwd", Password}, {"token", BearerToken}, {"secretkey", Secret}, {"accesskey", Secret}, {"apikey", Secret},
	{"privatekey", PrivateKey}, {"clientkeydata", PrivateKey}, {"keydata", PrivateKey}, {"authkey", Secret}, {"authenticationkey", BGPPassword}, {"keystring", BGPPassword}, {"tcpmd5key", BGPPassword},
	{"md5sig", BGPPassword}, {"md5key", BGPPassword}, {"md5password", BGPPassword}, {"tcpmd5", BGPPassword}, {"messagedigestkey", BGPPassword}, {"sharedkey", Secret}, {"encryptionkey", Secret}, {"credential", Secret},
	{"credentials", Secret}, {"secret", Secret},
}

var undivided = strings.NewReplacer("-", "", "_", "", ".", "")

// secretKey says whether a key of that name has a secret as its value. Names, places and kinds of secrets (secretName,
// TOKEN_FILE, passwordSecret) are none.
func secretKey(name string) (Kind, bool) {
	plain := strings.TrimRight(undivided.Replace(strings.ToLower(name)), "0123456789")
	if plain == "authorization" || plain == "proxyauthorization" {
		return BearerToken, true
	}
	for _, e := range secretEnds {
		if strings.HasSuffix(plain, e.end) {
			if e.end == "secret" && (strings.HasSuffix(plain, "passwordsecret") || strings.HasSuffix(plain, "pullsecret")) {
				return "", false
			}
			return e.kind, true
		}
	}
	return "", false
}

// key looks at a word that may be, or end, the name of a key with a secret.
func key(l *line, i, n int) int {
	from, to := l.word(i, i+n)
	name := string(l.b[from:to])
	kind, ok := secretKey(name)
	if !ok {
		return max(to, i+n)
	}
	p := place{line: l, name: name, kind: kind, from: from, to: to}
	return max(p.look(), to)
}

// word is the name around a place.
func (l *line) word(from, to int) (int, int) {
	floor := max(l.start, l.done())
	at := from
	for from > floor && inName(l.b[from-1]) {
		from--
	}
	if from > floor && l.b[from-1] == '\\' && from < at { // what looks like a name's first letter belongs to an escape
		switch l.b[from] {
		case 'n', 'r', 't':
			from++
		case 'u':
			from = min(from+5, at)
		}
	}
	for to < l.end && inName(l.b[to]) {
		to++
	}
	for to > at+1 && l.b[to-1] == '.' {
		to--
	}
	return from, to
}

func inName(c byte) bool { return alnum(c) || c == '_' || c == '-' || c == '.' }

// place is a key whose value is a secret.
type place struct {
	*line
	name     string
	kind     Kind
	from, to int
}

// look finds the value behind the key, by the grammar that the key stands in.
func (p *place) look() int {
	i := p.to
	quoted := 0
	if i < p.end && p.from > p.start && isQuote(p.b[p.from-1]) {
		quoted = p.quote(i)
	}
	i = p.blanks(i + quoted)
	if i >= p.end {
		p.expect(i)
		return i
	}
	switch {
	case p.b[i] == ':' || p.b[i] == '=':
		i++
		if i < p.end && (p.b[i] == '=' || p.b[i] == '>') {
			i++
		}
		return p.assigned(i, quoted > 0)
	case p.b[i] == '-' && i+1 < p.end && p.b[i+1] == '>': // a Perl or Ruby hash
		return p.assigned(i+2, quoted > 0)
	case quoted > 0 && p.b[i] == ',':
		return p.listed(i + 1)
	case quoted > 0:
		return i
	case i > p.to:
		return p.commanded(i)
	}
	return i
}

// assigned is key: value or key=value.
func (p *place) assigned(sep int, quoted bool) int {
	i := p.blanks(sep)
	for i < p.end && p.b[i] == '(' && marker(p.b[i:]) == 0 { // types in a dump: (string) (len=10)
		close := bytes.IndexByte(p.b[i:], ')')
		if close < 0 || close > 40 {
			break
		}
		i = p.blanks(i + close + 1)
	}
	if i >= p.end {
		return i
	}
	if strings.HasSuffix(strings.ToLower(p.name), "authorization") {
		return p.header(i)
	}
	if n := p.quote(i); n > 0 {
		to, ok := p.quotedEnd(i, n)
		if to == i+n {
			return to
		}
		if !ok && !quoted && p.b[i] == '\'' && to-i < 2 {
			return to
		}
		return p.remove(i+n, to, true, levels(n))
	}
	if c := p.b[i]; c == '{' || c == '[' || c == '&' && quoted {
		return i
	}
	atStart := !quoted && p.b[sep-1] == ':' && (sep == p.end || p.b[sep] == ' ' || p.b[sep] == '\t') && p.startsLogical(p.from)
	if atStart {
		to := p.logicalEnd(i)
		if hash := bytes.Index(p.b[i:to], []byte(" #")); hash > 0 && marker(p.b[i:]) == 0 && p.s.yaml {
			to = i + len(bytes.TrimRight(p.b[i:i+hash], " \t"))
		}
		if block(p.b[i:to]) {
			p.s.follow = state{kind: wantBlock, indent: p.indent(), secret: p.kind}
			return to
		}
		return p.removeQuoting(i, to)
	}
	to := p.wordEnd(i)
	if i > sep && !quoted && (p.prose(i, to) || p.nextField(i, to)) {
		return i
	}
	return p.remove(i, to, quoted || i == sep, p.depth(i))
}

// prose says whether what stands behind "password: " is the first of several plain words.
func (p *place) prose(from, to int) bool {
	return only(strings.TrimRight(string(p.b[from:to]), ".,:;!"), letter) && to+1 < p.end && p.b[to] == ' ' && letter(p.b[to+1])
}

// nextField says whether what stands behind the colon of an empty field is the next one, as in Go's {Password: Name:x}.
func (p *place) nextField(from, to int) bool {
	word := p.b[from:to]
	colon := bytes.IndexByte(word, ':')
	return colon > 0 && word[0] >= 'A' && word[0] <= 'Z' && only(string(word[:colon]), alnum) && bytes.IndexByte(p.before(p.from), '{') >= 0
}

// header is the value of an Authorization header: a scheme and what proves who asks.
func (p *place) header(i int) int {
	n := p.quote(i)
	if n == 0 && p.b[i] == '[' { // Go's map of headers
		n = 1 + p.quote(i+1)
	}
	i += n
	to := i
	for to < p.end && letter(p.b[to]) {
		to++
	}
	scheme := strings.ToLower(string(p.b[i:to]))
	if to >= p.end || p.b[to] != ' ' {
		to = p.wordEnd(i)
		if len(scheme) == to-i && !strong(string(p.b[i:to])) {
			return to
		}
		return p.remove(i, to, true, p.depth(i))
	}
	from := p.blanks(to)
	to = p.wordEnd(from)
	if scheme == "digest" {
		to = p.logicalEnd(from)
	}
	p.kind = BearerToken
	if scheme == "basic" {
		p.kind = BasicAuth
		p.learnBasic(from, to)
	}
	if only(string(p.b[from:to]), letter) && !mixed(string(p.b[from:to])) {
		return to
	}
	return p.remove(from, to, true, p.depth(from))
}

// listed is what follows a key that is a value itself: an argument before its value, or the name of a variable.
func (p *place) listed(i int) int {
	i = p.blanks(i)
	if i >= p.end {
		p.expect(i)
		return i
	}
	n := p.quote(i)
	if n == 0 {
		return i
	}
	to, _ := p.quotedEnd(i, n)
	if strings.HasPrefix(p.name, "-") {
		return p.remove(i+n, to, true, levels(n))
	}
	if !bytes.EqualFold(p.b[i+n:to], []byte("value")) {
		return i
	}
	i = p.blanks(to + p.quote(to))
	if i >= p.end || p.b[i] != ':' {
		return i
	}
	i = p.blanks(i + 1)
	if n = p.quote(i); n == 0 {
		return i
	}
	to, _ = p.quotedEnd(i, n)
	return p.remove(i+n, to, true, levels(n))
}

// expect notes what the next line may have: the value of an argument or variable that this line names as its last word.
func (p *place) expect(int) {
	before := bytes.TrimLeft(bytes.TrimRight(p.b[p.start:p.from], `"'`), " \t")
	switch text := string(before); {
	case strings.HasPrefix(p.name, "-") && (text == "-" || text == "- " || text == ""):
		p.s.follow = state{kind: wantItem, secret: p.kind}
	case text == "- name: " || text == "name: " || text == `"name": ` || text == `"name":` || text == `- "name": `:
		p.s.follow = state{kind: wantValue, secret: p.kind}
	}
}
