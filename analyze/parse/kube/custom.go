package kube

import "strings"

// custom reads a described custom resource, whose fields `kubectl describe` prints under titles ("Ip Address Pools:"): the
// titles become field names again, and the converters of whole objects read the rest.
func (d *described) custom() {
	c := d.c
	n := c.arena.node(mapping, 1)
	md := c.arena.node(mapping, 1)
	for _, l := range d.lines {
		switch l.key {
		case "Name", "Namespace":
			md.items = append(md.items, entry{key: strings.ToLower(l.key), line: lineOf(c, l), val: c.textNode(l, l.value)})
		case "Labels", "Annotations":
			pairs := c.arena.node(mapping, 1)
			sep := map[string]string{"Labels": "=", "Annotations": ": "}[l.key]
			for k, v := range d.pairs(l.key, sep) {
				pairs.items = append(pairs.items, entry{key: k, line: lineOf(c, l), val: c.textNode(l, v)})
			}
			md.items = append(md.items, entry{key: strings.ToLower(l.key), line: lineOf(c, l), val: pairs})
		case "Metadata":
			for _, k := range l.kids {
				if len(k.kids) == 0 {
					md.items = append(md.items, entry{key: fieldName(k.key), line: lineOf(c, k), val: c.textNode(k, k.value)})
				}
			}
		case "API Version", "Kind":
			n.items = append(n.items, entry{key: fieldName(l.key), line: lineOf(c, l), val: c.textNode(l, l.value)})
		case "Events", "":
		default:
			n.items = append(n.items, entry{key: fieldName(l.key), line: lineOf(c, l), val: c.titled(l, 0)})
		}
	}
	n.items = append(n.items, entry{key: "metadata", line: 1, val: md})
	c.text.set("", 1, "")
	c.lineQuotes = map[int]string{}
	d.quotes(d.lines)
	c.single(n)
	c.lineQuotes = nil
	c.arena.reset()
}

// quotes keeps the text of each line for evidence.
func (d *described) quotes(list []*said) {
	for _, l := range list {
		d.c.lineQuotes[lineOf(d.c, l)] = l.src.Quote
		d.quotes(l.kids)
	}
}

// lineOf is the line in the member: evidence adds the member's own first line again.
func lineOf(c *converter, l *said) int { return l.src.Line - (c.origin.Line(1) - 1) }

func (c *converter) textNode(l *said, value string) *node {
	n := c.arena.node(scalar, lineOf(c, l))
	n.str = value
	if value == "<nil>" || value == "<none>" {
		n.shape, n.str = null, ""
	}
	return n
}

// titled turns what stands below a title into a value: lines with keys are a mapping (a key that comes again begins the next
// item of a list), lines without are a list.
func (c *converter) titled(l *said, depth int) *node {
	if len(l.kids) == 0 {
		if l.value == "" {
			return c.arena.node(null, lineOf(c, l))
		}
		return c.textNode(l, l.value)
	}
	list := c.arena.node(sequence, lineOf(c, l.kids[0]))
	var m *node
	labels := strings.EqualFold(fieldName(l.key), "matchLabels")
	for _, k := range l.kids {
		if k.key == "" {
			list.items = append(list.items, entry{line: lineOf(c, k), val: c.textNode(k, k.value)})
			continue
		}
		name := fieldName(k.key)
		if labels && strings.ContainsAny(k.key, "/.") {
			name = k.key
		}
		if m == nil || m.has(name) {
			m = c.arena.node(mapping, lineOf(c, k))
			list.items = append(list.items, entry{line: lineOf(c, k), val: m})
		}
		if depth < maxDepth {
			v := c.titled(k, depth+1)
			m.items = append(m.items, entry{key: name, line: lineOf(c, k), val: v})
			m.last = max(m.last, v.last)
		}
	}
	if len(list.items) == 1 && m != nil {
		return m
	}
	list.last = lineOf(c, l.kids[len(l.kids)-1])
	return list
}

// fieldName turns a title into a field's name: "Ip Address Pools" into ipAddressPools. Readers match names in any case.
func fieldName(title string) string {
	s := strings.ReplaceAll(title, " ", "")
	if s == "" || strings.ContainsAny(s, "/.") {
		return title
	}
	if s == "APIVersion" {
		return "apiVersion"
	}
	return strings.ToLower(s[:1]) + s[1:]
}
