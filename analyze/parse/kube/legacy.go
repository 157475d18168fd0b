package kube

import (
	"bytes"
	"io"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
)

// maxLegacy bounds the text of the old configuration and of Helm values.
const maxLegacy = 4 << 20

// readAll reads a short member, and tells whether it was longer.
func readAll(r io.Reader, seen *model.MemberSeen) []byte {
	b, err := io.ReadAll(io.LimitReader(r, maxLegacy+1))
	if err != nil {
		seen.Unread++
		seen.Why = "reading stopped: " + err.Error()
	}
	if len(b) > maxLegacy {
		b = b[:maxLegacy]
		seen.Unread++
		seen.Why = "longer than 4 MiB"
	}
	return b
}

// legacy takes the text as the key config of MetalLB's ConfigMap config.
func (c *converter) legacy(r io.Reader, seen *model.MemberSeen) {
	b := readAll(r, seen)
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	text := string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
	m := model.Meta{APIVersion: "v1", Kind: "ConfigMap", Namespace: c.origin.Namespace, Name: "config", Index: c.index}
	m.Know(model.PartKeys, model.PartData)
	first := 1
	for _, row := range bytes.Split(b, []byte("\n")) {
		if t := bytes.TrimSpace(row); len(t) > 0 && t[0] != '#' {
			m.Src = c.origin.Evidence(first, lines.Quote(row))
			break
		}
		first++
	}
	o := &model.ConfigMap{Meta: m, Data: map[string]string{"config": maskPasswords(text)}, Lines: map[string]int{"config": c.origin.Line(1)}}
	c.out.ConfigMaps = append(c.out.ConfigMaps, o)
	c.taken++
}

// helm keeps Helm values as paths and values.
func (c *converter) helm(r io.Reader, seen *model.MemberSeen) {
	text := string(readAll(r, seen))
	c.text.set(text, 1, "")
	_, n, err := parseBlock(&c.arena, &c.text, false)
	if err != nil {
		if n, err = parseYAML(&c.arena, text, 1); err != nil {
			_, n, _ = parseBlock(&c.arena, &c.text, true)
			seen.Unread++
			seen.Why = "YAML: " + err.Error()
		}
	}
	if n == nil || n.shape != mapping || len(n.items) == 0 {
		return
	}
	m := model.Meta{Kind: "HelmValues", Index: c.index, Src: c.evidence(n.items[0].line)}
	o := &model.Other{Meta: m, Fields: map[string]string{}}
	for i := range n.items {
		c.flatten(o, n.items[i].key, &n.items[i])
	}
	c.out.Others = append(c.out.Others, o)
	c.taken++
}
