package kube

import (
	"strconv"
	"strings"
	"time"
)

// shape is what a node of an object's tree is.
type shape uint8

const (
	null shape = iota
	scalar
	mapping
	sequence
)

// node is a value of a YAML or JSON text. A nil *node is an absent value; all methods accept it.
type node struct {
	shape  shape
	quoted bool   // a quoted string: never a number, boolean or null
	str    string // of a scalar; may share memory with the text it was read from
	line   int    // line of the text, from 1, where the value begins (block scalars: their first line of content)
	last   int    // line where it ends
	items  []entry
}

// entry is an item of a sequence (key is "") or an entry of a mapping. Line is that of the key, or of the item's dash.
type entry struct {
	key  string
	line int
	val  *node
}

// get returns the value of a key: by its exact name, else by its name whatever its case.
func (n *node) get(key string) *node {
	if e := n.entry(key); e != nil {
		return e.val
	}
	return nil
}

func (n *node) entry(key string) *entry {
	if n == nil || n.shape != mapping {
		return nil
	}
	for i := range n.items {
		if n.items[i].key == key {
			return &n.items[i]
		}
	}
	for i := range n.items {
		if len(n.items[i].key) == len(key) && strings.EqualFold(n.items[i].key, key) {
			return &n.items[i]
		}
	}
	return nil
}

// at follows keys downwards.
func (n *node) at(keys ...string) *node {
	for _, k := range keys {
		n = n.get(k)
	}
	return n
}

// has tells whether the key is there, with whatever value.
func (n *node) has(key string) bool { return n.entry(key) != nil }

// text is the scalar as written; "" for null, absent values and collections. The result owns its memory.
func (n *node) text() string {
	if n == nil || n.shape != scalar {
		return ""
	}
	return strings.Clone(n.str)
}

// short is text for values that repeat in many objects.
func (n *node) short(w words) string {
	if n == nil || n.shape != scalar {
		return ""
	}
	return w.of(n.str)
}

func (n *node) integer() int64 {
	if n == nil || n.shape != scalar {
		return 0
	}
	s := strings.TrimSpace(n.str)
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		return v
	}
	if v, err := strconv.ParseUint(s, 10, 64); err == nil {
		return int64(min(v, 1<<63-1))
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f > -1<<62 && f < 1<<62 {
		return int64(f)
	}
	return 0
}

func (n *node) int() int { return int(n.integer()) }

// uint32 is for AS numbers and the like; what does not fit is 0.
func (n *node) uint32() uint32 {
	v := n.integer()
	if v < 0 || v > 1<<32-1 {
		return 0
	}
	return uint32(v)
}

func (n *node) uint32p() *uint32 {
	if n == nil || n.shape != scalar {
		return nil
	}
	v := n.uint32()
	return &v
}

func (n *node) int32p() *int32 {
	if n == nil || n.shape != scalar {
		return nil
	}
	v := int32(max(min(n.integer(), 1<<31-1), -1<<31))
	return &v
}

func (n *node) bool() bool {
	b := n.boolp()
	return b != nil && *b
}

// boolp is nil for absent values and for what is no boolean.
func (n *node) boolp() *bool {
	if n == nil || n.shape != scalar {
		return nil
	}
	var v bool
	switch strings.ToLower(n.str) {
	case "true", "yes", "on":
		v = true
	case "false", "no", "off":
	default:
		return nil
	}
	return &v
}

// texts are the scalars of a sequence; a lone scalar counts as a sequence of one.
func (n *node) texts(w words) []string {
	if n == nil {
		return nil
	}
	switch n.shape {
	case scalar:
		if n.str == "" {
			return nil
		}
		return []string{w.of(n.str)}
	case sequence:
		list := make([]string, 0, len(n.items))
		for _, e := range n.items {
			if e.val != nil && e.val.shape == scalar {
				list = append(list, w.of(e.val.str))
			}
		}
		return list
	}
	return nil
}

// pairs are the scalars of a mapping; nil when there are none.
func (n *node) pairs(w words) map[string]string {
	if n == nil || n.shape != mapping || len(n.items) == 0 {
		return nil
	}
	m := make(map[string]string, len(n.items))
	for _, e := range n.items {
		m[w.of(e.key)] = e.val.short(w)
	}
	return m
}

// list are the items of a sequence; a mapping where a sequence belongs counts as a sequence of one.
func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	switch n.shape {
	case sequence:
		l := make([]*node, 0, len(n.items))
		for _, e := range n.items {
			if e.val != nil && e.val.shape != null {
				l = append(l, e.val)
			}
		}
		return l
	case mapping:
		if len(n.items) > 0 {
			return []*node{n}
		}
	}
	return nil
}

func (n *node) time() time.Time {
	if n == nil || n.shape != scalar || n.str == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, n.str)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// duration reads "90s"; a bare number counts seconds. Nil is absent or no duration.
func (n *node) duration() *time.Duration {
	if n == nil || n.shape != scalar || n.str == "" {
		return nil
	}
	if d, err := time.ParseDuration(n.str); err == nil {
		return &d
	}
	if s, err := strconv.ParseInt(n.str, 10, 32); err == nil {
		d := time.Duration(s) * time.Second
		return &d
	}
	return nil
}

// words hands out one copy of strings that repeat, so that ten thousand objects share "TCP" and their namespace.
type words map[string]string

// maxWords bounds the number of strings, maxWord their length.
const maxWords, maxWord = 4096, 80

// of returns a copy of s that owns its memory.
func (w words) of(s string) string {
	if s == "" || len(s) > maxWord || w == nil {
		return strings.Clone(s)
	}
	if t, ok := w[s]; ok {
		return t
	}
	t := strings.Clone(s)
	if len(w) < maxWords {
		w[t] = t
	}
	return t
}
