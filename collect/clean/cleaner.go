package clean

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Kind is what a secret is, in the words of the replacement text.
type Kind string

// The kinds of secrets.
const (
	BGPPassword Kind = "BGP password"
	Password    Kind = "password"
	URLPassword Kind = "password in a URL"
	BasicAuth   Kind = "basic authentication"
	BearerToken Kind = "bearer token"
	PrivateKey  Kind = "private key"
	Secret      Kind = "secret" // any other: a key of a Secret, a community, an API key
)

// mark begins every replacement.
const mark = "(removed: "

// Cleaner removes secrets and remembers them for one bundle. It is for several goroutines at once.
type Cleaner struct {
	dict dict

	mu     sync.Mutex
	passed map[string]string // why a member was not cleaned, by its path
}

// New makes a cleaner that knows no secrets yet.
func New() *Cleaner {
	c := &Cleaner{passed: map[string]string{}}
	c.dict.init()
	return c
}

// Known counts the values that are removed wherever they occur. Text that was written when fewer were known has to go through Again.
func (c *Cleaner) Known() int { return int(c.dict.known.Load()) }

// Token makes the caller's own token known.
func (c *Cleaner) Token(token string) { c.Learn(BearerToken, token) }

// Learn makes a value known that no member may show, such as the caller's own token.
func (c *Cleaner) Learn(kind Kind, value string) { c.dict.learn(kind, value, true) }

// Text returns a writer that removes secrets from what goes through it to w; path is that of the member, and tells YAML and captures.
// It keeps back what it has not seen to its end, at most about a mebibyte, until Close.
func (c *Cleaner) Text(path string, w io.Writer) io.WriteCloser {
	return &writer{c: c, path: path, w: w}
}

// Again writes r to w without the values that are known by now, and says whether anything was removed.
func (c *Cleaner) Again(w io.Writer, r io.Reader) (bool, error) {
	t := &writer{c: c, w: w}
	_, err := io.CopyBuffer(struct{ io.Writer }{t}, struct{ io.Reader }{r}, make([]byte, 128<<10))
	if end := t.Close(); err == nil {
		err = end
	}
	return t.edited(), err
}

// String cleans one string, such as an error for the trailer.
func (c *Cleaner) String(s string) string {
	if s == "" || c.dict.clear(s) {
		return s
	}
	var out bytes.Buffer
	t := stream{c: c, w: &out, whole: true}
	_ = t.write([]byte(s)) // a Buffer takes all
	_ = t.close()
	return out.String()
}

// Passed says why a member went through as it was; "" for one that was cleaned.
func (c *Cleaner) Passed(path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.passed[path]
}

func (c *Cleaner) pass(path, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed[path] = why
}

// text is the replacement of a value, which it makes known. An uncertain one is known to all text only if it does not look like a word.
func (c *Cleaner) text(kind Kind, value string, sure bool) string {
	if kind == PrivateKey {
		return c.keyText(value)
	}
	return replacement(kind, c.dict.learn(kind, value, sure))
}

// keyText is the replacement of a private key: as a file, as the lines within one, or either in base64. Its lines become known too.
func (c *Cleaner) keyText(value string) string {
	if text := decoded([]byte(value)); strings.Contains(text, "PRIVATE KEY-----") {
		c.dict.learn(PrivateKey, value, true)
		value = text
	}
	var parts []string
	for _, l := range strings.Split(value, "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.Contains(l, "-----") && !strings.Contains(l, ": ") {
			parts = append(parts, l)
		}
	}
	whole := strings.Join(parts, "")
	if whole == "" {
		whole = value
	}
	number := c.dict.learn(PrivateKey, whole, true)
	for _, part := range parts {
		c.dict.piece(PrivateKey, whole, part)
	}
	return replacement(PrivateKey, number)
}

func replacement(kind Kind, number int) string { return fmt.Sprintf("%s%s, #%d)", mark, kind, number) }

// marker gives the length of the replacement text that b begins with; 0 when it begins with none.
func marker(b []byte) int {
	if !bytes.HasPrefix(b, []byte(mark)) {
		return 0
	}
	i := len(mark)
	for i < len(b) && i < len(mark)+40 && b[i] != ',' && b[i] != ')' && b[i] != '\n' {
		i++
	}
	if !bytes.HasPrefix(b[min(i, len(b)):], []byte(", #")) {
		return 0
	}
	digits := i + 3
	for i = digits; i < len(b) && i < digits+12 && b[i] >= '0' && b[i] <= '9'; i++ {
	}
	if i == digits || i == len(b) || b[i] != ')' {
		return 0
	}
	return i + 1
}
