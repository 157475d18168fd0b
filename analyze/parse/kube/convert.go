package kube

import (
	"bytes"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// converter turns trees into typed objects and puts them into out.
type converter struct {
	origin schema.Origin
	index  int
	out    *model.Observations
	words  words
	arena  arena
	text   source

	taken, ignored int
	versions       map[model.VersionSeen]bool
	lists          []tally
	kept           int // bytes of ConfigMap values kept
	ask            asked
	whole          bool // the member was read to its end
	// kind and namespace of objects that do not say it themselves: what a list around them is of
	kind, namespace string
	// lineQuotes holds the lines of a described object, whose text is not at hand as a whole
	lineQuotes map[int]string
	// cut is the section in which the text ends, cutName the object: "" while it goes on
	cut, cutName string
}

func newConverter(o schema.Origin, index int, out *model.Observations) *converter {
	return &converter{origin: o, index: index, out: out, words: words{}, versions: map[model.VersionSeen]bool{},
		ask: command(o), whole: true}
}

// source is the text of the object at hand, for quotes.
type source struct {
	fixed  *schema.Evidence // where the object is all of one line of a log: evidence for everything
	text   string
	first  int // number of the text's first line in the member
	prefix string
	starts []int // offsets of the text's lines
}

// set makes text, whose first line is line first of the member, the object at hand. Prefix is what stands in front of it in
// its first line.
func (s *source) set(text string, first int, prefix string) {
	s.fixed, s.text, s.first, s.prefix = nil, text, first, prefix
	s.starts = append(s.starts[:0], 0)
	for i := 0; ; {
		j := strings.IndexByte(text[i:], '\n')
		if j < 0 {
			return
		}
		i += j + 1
		s.starts = append(s.starts, i)
	}
}

// raw is a line of the text without its end; "" for lines outside.
func (s *source) raw(line int) string {
	i := line - s.first
	if i < 0 || i >= len(s.starts) {
		return ""
	}
	end := len(s.text)
	if i+1 < len(s.starts) {
		end = s.starts[i+1] - 1
	}
	l := strings.TrimSuffix(s.text[s.starts[i]:end], "\r")
	if i == 0 {
		if len(s.prefix) >= prefixMax {
			return s.prefix
		}
		return s.prefix + l
	}
	return l
}

// evidence points at a line of the object at hand.
func (c *converter) evidence(line int) schema.Evidence {
	if c.text.fixed != nil {
		return *c.text.fixed
	}
	if c.lineQuotes != nil {
		return c.origin.Evidence(line, quote(c.lineQuotes[line]))
	}
	return c.origin.Evidence(line, quote(c.text.raw(line)))
}

// secretMarks are words behind which a line may go on with a secret: the quote ends there.
var secretMarks = []string{"password", `"data"`, `"stringdata"`}

// quote is the raw line, cut where a password or a Secret's values would follow. The value of `passwordSecret: name` is none.
func quote(raw string) string {
	if len(raw) > 4*lines.QuoteMax {
		raw = raw[:4*lines.QuoteMax]
	}
	if !mayHide(raw) {
		return lines.Quote([]byte(raw))
	}
	low := bytes.ToLower([]byte(raw))
	for i, mark := range secretMarks {
		for from := 0; ; {
			at := bytes.Index(low[from:], []byte(mark))
			if at < 0 {
				break
			}
			from += at + len(mark)
			if i == 0 && (bytes.HasPrefix(low[from:], []byte("secret")) || removed(raw, from)) {
				continue
			}
			if i > 0 && !bytes.Contains(low, []byte("secret")) {
				break
			}
			low, raw = low[:from], raw[:from]
			break
		}
	}
	return lines.Quote([]byte(raw))
}

// removed says whether what stands at a place, behind quotes and a colon, is what the collector puts there instead of a secret, or
// whether the place is within that.
func removed(raw string, at int) bool {
	begun := strings.LastIndex(raw[:at], model.RemovedMark)
	return strings.HasPrefix(strings.TrimLeft(raw[at:], "\"'\\: "), model.RemovedMark) || begun >= 0 && !strings.Contains(raw[begun:at], ")")
}

func mayHide(raw string) bool {
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case 'p', 'P':
			if len(raw)-i >= 8 && strings.EqualFold(raw[i:i+8], "password") {
				return true
			}
		case '"':
			rest := raw[i:]
			if len(rest) >= 6 && (strings.EqualFold(rest[:6], `"data"`) || strings.HasPrefix(rest, `"string`)) {
				return true
			}
		}
	}
	return false
}

// object converts one object, a List of them, or a watch event around one.
func (c *converter) object(n *node) {
	if n == nil || n.shape != mapping {
		return
	}
	if o := n.get("object"); o != nil && n.has("type") && o.has("kind") {
		c.object(o) // {"type": "ADDED", "object": {...}} of a watch
		return
	}
	kind := n.get("kind").text()
	if items := n.get("items"); items != nil && (strings.HasSuffix(kind, "List") || kind == "") {
		c.startList(n)
		for _, item := range items.list() {
			c.item(item)
		}
		c.endList(n)
		return
	}
	c.single(n)
}

// item converts one item of a List, which may lack kind and apiVersion.
func (c *converter) item(n *node) {
	if n == nil || n.shape != mapping {
		return
	}
	if strings.HasSuffix(n.get("kind").text(), "List") {
		c.object(n)
		return
	}
	c.single(n)
}

// single converts an object that is no List.
func (c *converter) single(n *node) {
	kind, api := n.get("kind").short(c.words), n.get("apiVersion").short(c.words)
	if kind == "" {
		if kind = c.fragmentKind(n); kind == "" {
			c.ignored++
			return
		}
	}
	group, _, slash := strings.Cut(api, "/")
	if !slash {
		group = ""
	}
	r := resourceOf(kind, group, api)
	if r != nil {
		kind = r.kind // as the API spells it
	}
	m := c.meta(n, kind, api)
	c.known(n, &m)
	if !n.has("metadata") {
		m.Know()
		for _, e := range n.items {
			m.Know(sections[e.key]...)
		}
	}
	c.count(r, &m)
	if r == nil || r.convert == nil {
		c.other(n, m)
	} else {
		c.quotePaths(n, &m, r.paths)
		r.convert(c, n, m)
	}
	c.labelVersions(&m)
	c.taken++
}
