// Package jsonlines reads a JSON text into a tree that keeps the line of each value, for evidence.
//
// A text that is cut is read as far as it goes.
package jsonlines

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// MaxDepth and MaxNodes bound what a hostile text can make of itself.
const (
	MaxDepth = 64
	MaxNodes = 1 << 20
)

// Node is one value. All methods work on a nil Node, which is the value that is not there.
type Node struct {
	Kind byte   // '{', '[', 's' string, 'n' number, 'b' true, false, '0' null
	Text string // of a string, number or boolean
	Keys []string
	Vals []*Node // members of an object (in step with Keys) or of an array
	Line int     // from 1: of the key, or of the value where it has none
	Off  int     // byte of the text at which the key or value begins (behind escapes it may be some bytes off)
}

// Parse reads the first value of text. ok is false when the text ends early or is no JSON from some place on; the tree then has
// what stands before it, and is nil when there is nothing.
func Parse(text []byte) (root *Node, ok bool) {
	p := parser{dec: json.NewDecoder(bytes.NewReader(text)), text: text, line: 1}
	p.dec.UseNumber()
	root, ok = p.value(0, 0, 0)
	return root, ok
}

type parser struct {
	dec   *json.Decoder
	text  []byte
	off   int
	line  int
	nodes int
}

// at moves to the end of the token just read and returns its line.
func (p *parser) at() int {
	end := min(int(p.dec.InputOffset()), len(p.text))
	if end > p.off {
		p.line += bytes.Count(p.text[p.off:end], []byte("\n"))
		p.off = end
	}
	return p.line
}

// value reads one value; line and off are those of its key, line 0 where it has none.
func (p *parser) value(line, off, depth int) (*Node, bool) {
	tok, err := p.dec.Token()
	if err != nil {
		return nil, false
	}
	if at := p.at(); line == 0 {
		line, off = at, p.off-1
	}
	p.nodes++
	if depth > MaxDepth || p.nodes > MaxNodes {
		return nil, false
	}
	n := &Node{Line: line, Off: max(off, 0)}
	switch v := tok.(type) {
	case json.Delim:
		if v != '{' && v != '[' {
			return nil, false
		}
		n.Kind = byte(v)
		return n, p.members(n, depth)
	case string:
		n.Kind, n.Text = 's', v
	case json.Number:
		n.Kind, n.Text = 'n', v.String()
	case bool:
		n.Kind, n.Text = 'b', strconv.FormatBool(v)
	default:
		n.Kind = '0'
	}
	return n, true
}

// members reads the members of an object or array up to its end.
func (p *parser) members(n *Node, depth int) bool {
	for p.dec.More() {
		line, off := 0, 0
		if n.Kind == '{' {
			tok, err := p.dec.Token()
			key, isKey := tok.(string)
			if err != nil || !isKey {
				return false
			}
			line = p.at()
			off = p.off - len(key) - 2
			n.Keys = append(n.Keys, key)
		}
		v, ok := p.value(line, off, depth+1)
		if v == nil {
			v = &Node{Kind: '0', Line: max(line, p.line), Off: max(off, 0)}
		}
		n.Vals = append(n.Vals, v)
		if !ok {
			return false
		}
	}
	_, err := p.dec.Token()
	p.at()
	return err == nil
}

// Get returns the member of a key; nil when n has none.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != '{' {
		return nil
	}
	for i, k := range n.Keys {
		if k == key && i < len(n.Vals) {
			return n.Vals[i]
		}
	}
	return nil
}

// First returns the member of the first of the keys that is there; names change between releases.
func (n *Node) First(keys ...string) *Node {
	for _, k := range keys {
		if v := n.Get(k); v != nil {
			return v
		}
	}
	return nil
}

// Has tells whether an object has a key.
func (n *Node) Has(key string) bool { return n.Get(key) != nil }

// IsObject and IsArray tell the kind.
func (n *Node) IsObject() bool { return n != nil && n.Kind == '{' }

// IsArray tells whether n is an array.
func (n *Node) IsArray() bool { return n != nil && n.Kind == '[' }

// Str is the text of a string, number or boolean; "" otherwise.
func (n *Node) Str() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// Int is the number, absent when n is none.
func (n *Node) Int(absent int) int {
	if n == nil {
		return absent
	}
	if v, err := strconv.Atoi(n.Text); err == nil {
		return v
	}
	if f, err := strconv.ParseFloat(n.Text, 64); err == nil && f > -1e15 && f < 1e15 {
		return int(f)
	}
	return absent
}

// Bool tells whether n is true, as a boolean or as a word.
func (n *Node) Bool() bool { return n != nil && strings.EqualFold(n.Text, "true") }

// LineOf is n's line, or absent's when n is nil.
func (n *Node) LineOf(absent int) int {
	if n == nil {
		return absent
	}
	return n.Line
}
