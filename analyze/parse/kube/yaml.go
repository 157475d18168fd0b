package kube

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds the tree of one text, aliases followed.
const maxNodes = 1 << 20

// yamlTree turns the tree of the general reader into nodes of ours.
type yamlTree struct {
	arena *arena
	first int // line of the text's first line
	left  int
}

// parseYAML reads a text by the general reader. The text's first line is number first.
func parseYAML(a *arena, text string, first int) (*node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	t := &yamlTree{arena: a, first: first, left: maxNodes}
	return t.node(&doc, 0), nil
}

func (t *yamlTree) node(y *yaml.Node, depth int) *node {
	if t.left--; t.left < 0 || depth > maxDepth || y == nil {
		return nil
	}
	line := t.first + max(y.Line, 1) - 1
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) > 0 {
			return t.node(y.Content[0], depth)
		}
	case yaml.AliasNode:
		return t.node(y.Alias, depth+1)
	case yaml.ScalarNode:
		return t.scalar(y, line)
	case yaml.SequenceNode:
		n := t.arena.node(sequence, line)
		for _, c := range y.Content {
			v := t.node(c, depth+1)
			n.items = append(n.items, entry{line: t.first + c.Line - 1, val: v})
			if v != nil && c.Kind != yaml.AliasNode {
				n.last = max(n.last, v.last)
			}
		}
		return n
	case yaml.MappingNode:
		n := t.arena.node(mapping, line)
		for i := 0; i+1 < len(y.Content); i += 2 {
			t.entry(n, y.Content[i], y.Content[i+1], depth)
		}
		return n
	}
	return nil
}

func (t *yamlTree) entry(n *node, key, val *yaml.Node, depth int) {
	v := t.node(val, depth+1)
	if key.Value == "<<" && key.Tag == "!!merge" {
		if v != nil && v.shape == mapping {
			n.items = append(n.items, v.items...)
		}
		return
	}
	n.items = append(n.items, entry{key: key.Value, line: t.first + key.Line - 1, val: v})
	if v != nil && val.Kind != yaml.AliasNode {
		n.last = max(n.last, v.last)
	}
}

func (t *yamlTree) scalar(y *yaml.Node, line int) *node {
	n := t.arena.node(scalar, line)
	n.str = y.Value
	switch {
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n.quoted = true
		n.line++
		n.last = n.line + strings.Count(strings.TrimSuffix(y.Value, "\n"), "\n")
	case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		n.quoted = true
	case y.Tag == "!!null":
		n.shape, n.str = null, ""
	}
	return n
}
