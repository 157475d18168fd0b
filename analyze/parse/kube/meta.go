package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// maxAnnotation is how much of an annotation's value is kept.
const maxAnnotation = 1024

// meta reads metadata. The managers keep only what says who changed the status.
func (c *converter) meta(n *node, kind, api string) model.Meta {
	md := n.get("metadata")
	m := model.Meta{
		APIVersion: api,
		Kind:       kind,
		Namespace:  md.get("namespace").short(c.words),
		Name:       md.get("name").text(),
		Labels:     md.get("labels").pairs(c.words),
		Created:    md.get("creationTimestamp").time(),
		Deleted:    md.get("deletionTimestamp").time(),
		UID:        md.get("uid").text(),
		Generation: md.get("generation").integer(),
		Resource:   md.get("resourceVersion").text(),
		Index:      c.index,
	}
	if m.Namespace == "" && !clusterScoped(kind) {
		m.Namespace = c.namespace
	}
	if m.Name == "" {
		m.Name = md.get("generateName").text()
	}
	if m.Name == "" && len(c.ask.names) == 1 && len(c.lists) == 0 {
		m.Name, m.Namespace = c.ask.names[0], c.ask.namespace
	}
	if a := md.get("annotations"); a != nil && a.shape == mapping {
		m.Annotations = c.annotations(a)
	}
	for _, o := range md.get("ownerReferences").list() {
		m.Owners = append(m.Owners, model.Ref{Kind: o.get("kind").short(c.words), Name: o.get("name").short(c.words)})
	}
	m.Managers = c.managers(md.get("managedFields"))
	line := n.line
	if e := n.entry("metadata"); e != nil {
		if name := md.entry("name"); name != nil {
			line = name.line
		}
	} else if e := n.entry("kind"); e != nil {
		line = e.line
	}
	m.Src = c.evidence(line)
	return m
}

func (c *converter) annotations(n *node) map[string]string {
	if len(n.items) == 0 {
		return nil
	}
	m := make(map[string]string, len(n.items))
	for _, e := range n.items {
		if e.key == "kubectl.kubernetes.io/last-applied-configuration" || e.val == nil {
			continue
		}
		v := e.val.str
		if len(v) > maxAnnotation {
			v = strings.ToValidUTF8(v[:maxAnnotation], "")
		}
		m[c.words.of(e.key)] = c.words.of(v)
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

func (c *converter) managers(n *node) []model.Manager {
	var list []model.Manager
	for _, f := range n.list() {
		m := model.Manager{
			Name:        f.get("manager").short(c.words),
			Operation:   f.get("operation").short(c.words),
			Subresource: f.get("subresource").short(c.words),
			Time:        f.get("time").time(),
			Status:      f.at("fieldsV1", "f:status") != nil,
		}
		line := f.line
		if e := f.entry("manager"); e != nil {
			line = e.line
		}
		m.Src = c.evidence(line)
		list = append(list, m)
	}
	return list
}

// fieldPath is a field whose line is worth quoting: its dotted name, and the same cut at the dots.
type fieldPath struct {
	name string
	keys []string
}

func paths(names ...string) []fieldPath {
	list := make([]fieldPath, len(names))
	for i, n := range names {
		list[i] = fieldPath{n, strings.Split(n, ".")}
	}
	return list
}

// quotePaths keeps the lines of the fields that are there, and of MetalLB's annotations.
func (c *converter) quotePaths(n *node, m *model.Meta, list []fieldPath) {
	if c.text.fixed != nil {
		return
	}
	for i := range list {
		at, e := n, (*entry)(nil)
		for _, k := range list[i].keys {
			if e = at.entry(k); e == nil {
				break
			}
			at = e.val
		}
		if e != nil {
			c.keep(m, list[i].name, e)
		}
	}
	a := n.at("metadata", "annotations")
	if a == nil || a.shape != mapping {
		return
	}
	for i := range a.items {
		if e := &a.items[i]; worthQuoting(e.key) {
			c.keep(m, "metadata.annotations."+c.words.of(e.key), e)
		}
	}
}

func worthQuoting(annotation string) bool {
	return strings.HasPrefix(annotation, "metallb.") || strings.Contains(annotation, "kube-vip") ||
		strings.HasPrefix(annotation, "lbipam.cilium.io/") || strings.HasPrefix(annotation, "io.cilium/")
}

func (c *converter) keep(m *model.Meta, name string, e *entry) {
	if m.Paths == nil {
		m.Paths = make(map[string]schema.Evidence, 8)
	}
	m.Paths[name] = c.entryEvidence(e)
}

// maxLastLine is how many lines further down evidence for a field may reach.
const maxLastLine = 40

// entryEvidence points at the line that says the value: the key's own, or, where a collection stands below its key, the
// first line of that, since "addresses:" by itself tells nothing.
func (c *converter) entryEvidence(e *entry) schema.Evidence {
	line, last := e.line, e.line
	if v := e.val; v != nil && (v.shape == mapping || v.shape == sequence) && len(v.items) > 0 {
		if leaf := firstLeaf(v); leaf > line {
			line = leaf
		}
		last = min(v.last, line+maxLastLine)
	}
	ev := c.evidence(line)
	if last > line {
		ev.LastLine = c.origin.Line(last)
	}
	return ev
}

func firstLeaf(n *node) int {
	line := n.line
	for n != nil && (n.shape == mapping || n.shape == sequence) && len(n.items) > 0 {
		line, n = n.items[0].line, n.items[0].val
	}
	return line
}

// srcOf is the evidence for a part of an object: the line of one of its keys, else its first line.
func (c *converter) srcOf(n *node, keys ...string) schema.Evidence {
	for _, k := range keys {
		if e := n.entry(k); e != nil {
			return c.evidence(e.line)
		}
	}
	if n == nil {
		return schema.Evidence{}
	}
	return c.evidence(n.line)
}

func (c *converter) selector(n *node) model.Selector {
	s := model.Selector{MatchLabels: n.get("matchLabels").pairs(c.words)}
	for _, e := range n.get("matchExpressions").list() {
		s.Expressions = append(s.Expressions, model.Requirement{
			Key:      e.get("key").short(c.words),
			Operator: e.get("operator").short(c.words),
			Values:   e.get("values").texts(c.words),
		})
	}
	return s
}

// selectors reads a list of selectors; an empty one among them stays, since it selects everything.
func (c *converter) selectors(n *node) []model.Selector {
	if n == nil || n.shape == null || n.shape == scalar {
		return nil
	}
	if n.shape == mapping {
		if len(n.items) == 0 {
			return nil
		}
		return []model.Selector{c.selector(n)}
	}
	var list []model.Selector
	for _, e := range n.items {
		list = append(list, c.selector(e.val))
	}
	return list
}

func (c *converter) selectorp(n *node) *model.Selector {
	if n == nil || n.shape != mapping {
		return nil
	}
	s := c.selector(n)
	return &s
}

func (c *converter) conditions(n *node) []model.Condition {
	var list []model.Condition
	for _, e := range n.list() {
		list = append(list, model.Condition{
			Type:    e.get("type").short(c.words),
			Status:  e.get("status").short(c.words),
			Reason:  e.get("reason").short(c.words),
			Message: e.get("message").short(c.words),
			Changed: e.get("lastTransitionTime").time(),
			Src:     c.srcOf(e, "type"),
		})
	}
	return list
}

func (c *converter) ref(n *node) model.Ref {
	return model.Ref{
		Kind:      n.get("kind").short(c.words),
		Namespace: n.get("namespace").short(c.words),
		Name:      n.get("name").short(c.words),
	}
}
