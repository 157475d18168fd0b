package kube

import (
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// maxDescribe bounds the lines kept of one described object.
const maxDescribe = 20000

// said is a line of `kubectl describe`: key and value of "Key:  value", or all of it as value where it has no key.
type said struct {
	indent int
	key    string
	value  string
	src    schema.Evidence
	kids   []*said
}

// described is one object that `kubectl describe` shows, or what grep left of it.
type described struct {
	c     *converter
	lines []*said // those at the left edge
	all   int
}

// describe reads one described object after another; each begins with "Name:".
func (c *converter) describe(r io.Reader, seen *model.MemberSeen) {
	sc := lines.New(c.origin, r)
	d := &described{c: c}
	base := -1
	var stack []*said
	for sc.Scan() {
		text := strings.TrimRight(strings.ReplaceAll(string(clean(sc.Text())), "\t", "  "), " ")
		body := strings.TrimLeft(text, " ")
		if body == "" || elided(body) {
			continue
		}
		if len(text) == len(body) && (c.note(body, sc.Number()) || c.commandLine(strings.TrimLeft(body, "# "))) {
			d.finish()
			d, stack, base = &described{c: c}, nil, -1
			continue
		}
		l := &said{indent: len(text) - len(body), src: sc.Evidence()}
		l.key, l.value = keyValue(body)
		if base < 0 || l.indent < base {
			base = l.indent
		}
		if l.key == "Name" && l.indent <= base && d.find("Name") != nil {
			d.finish()
			d, stack = &described{c: c}, nil
		}
		if d.all++; d.all > maxDescribe {
			seen.Unread++
			seen.Why = "an object's description is longer than 20,000 lines"
			continue
		}
		for len(stack) > 0 && stack[len(stack)-1].indent >= l.indent {
			stack = stack[:len(stack)-1]
		}
		if len(stack) == 0 {
			d.lines = append(d.lines, l)
		} else {
			up := stack[len(stack)-1]
			up.kids = append(up.kids, l)
		}
		stack = append(stack, l)
	}
	d.finish()
	if err := sc.Err(); err != nil {
		seen.Unread++
		seen.Why = "reading stopped: " + err.Error()
	}
	if c.taken == 0 && seen.Unread == 0 {
		seen.Unread, seen.Why = 1, "no object that is described could be recognized"
	}
}

// keyValue splits "Key:  value". Keys may have blanks inside; a colon without a blank behind is part of a word.
func keyValue(s string) (key, value string) {
	i := strings.Index(s, ": ")
	if strings.HasSuffix(s, ":") && i < 0 {
		i = len(s) - 1
	}
	if i <= 0 || strings.Contains(s[:i], "  ") || strings.ContainsAny(s[:i], `"=`) {
		return "", s
	}
	return s[:i], strings.TrimSpace(s[i+1:])
}

func (d *described) find(key string) *said { return find(d.lines, key) }

func find(list []*said, key string) *said {
	for _, l := range list {
		if strings.EqualFold(l.key, key) {
			return l
		}
	}
	return nil
}

// field is the value behind a key; "" where it is absent or <none>, <unset>.
func (d *described) field(key string) string { return field(d.lines, key) }

func field(list []*said, key string) string {
	l := find(list, key)
	if l == nil || strings.HasPrefix(l.value, "<none>") || strings.HasPrefix(l.value, "<unset>") {
		return ""
	}
	return l.value
}

func (d *described) has(keys ...string) bool {
	for _, k := range keys {
		if d.find(k) != nil {
			return true
		}
	}
	return false
}

// values are the value of a key and the lines below it, as of "Labels:" and "Taints:".
func (d *described) values(key string) []string {
	l := d.find(key)
	if l == nil {
		return nil
	}
	var list []string
	if l.value != "" && !strings.HasPrefix(l.value, "<none>") && !strings.HasPrefix(l.value, "<unset>") {
		list = append(list, l.value)
	}
	return append(list, below(l.kids)...)
}

// below are lines as they stand, those below them too.
func below(kids []*said) []string {
	var list []string
	for _, k := range kids {
		v := k.value
		if k.key != "" {
			v = strings.TrimSpace(k.key + ": " + k.value)
		}
		list = append(list, v)
		list = append(list, below(k.kids)...)
	}
	return list
}

// kind says what is described, by keys that no other kind has; else what the command asked for.
func (d *described) kind() string {
	switch {
	case d.field("API Version") != "" && d.field("Kind") != "":
		return d.field("Kind")
	case d.has("LoadBalancer Ingress", "External Traffic Policy", "IP Family Policy", "Session Affinity"),
		d.has("TargetPort") && d.has("Endpoints"):
		return "Service"
	case d.has("System Info", "Allocatable", "PodCIDR", "Unschedulable", "ProviderID"), d.has("Roles") && d.has("Addresses", "Conditions", "Taints"):
		return "Node"
	case d.has("AddressType"):
		return "EndpointSlice"
	case d.has("Subsets"):
		return "Endpoints"
	case d.has("Desired Number of Nodes Scheduled", "Number of Nodes Scheduled with Up-to-date Pods"):
		return "DaemonSet"
	case d.has("StrategyType", "RollingUpdateStrategy"):
		return "Deployment"
	case d.has("QoS Class", "Containers") && d.has("Node", "IPs", "Conditions", "Controlled By"):
		return "Pod"
	}
	if d.c.ask.resource != nil && (d.has("Name") || len(d.c.ask.names) == 1) {
		return d.c.ask.resource.kind
	}
	return ""
}

// finish makes an object of what was described, and events of the table at its end.
func (d *described) finish() {
	if len(d.lines) == 0 {
		return
	}
	kind := d.kind()
	m := d.meta(kind)
	switch {
	case kind == "":
	case d.field("API Version") != "":
		d.custom()
	case m.Name == "":
	default:
		d.object(kind, m)
	}
	if e := d.find("Events"); e != nil {
		d.events(e, model.Ref{Kind: kind, Namespace: m.Namespace, Name: m.Name})
	} else {
		d.events(&said{kids: flat(d.lines)}, model.Ref{Kind: kind, Namespace: m.Namespace, Name: m.Name})
	}
}

func (d *described) object(kind string, m model.Meta) {
	switch kind {
	case "Service":
		d.service(m)
	case "Node":
		d.node(m)
	case "Pod":
		d.pod(m)
	case "EndpointSlice":
		d.slice(m)
	case "DaemonSet", "Deployment":
		d.workload(m)
	default:
		d.other(m)
	}
	d.c.taken++
}

func (d *described) meta(kind string) model.Meta {
	m := model.Meta{Kind: kind, Name: d.field("Name"), Namespace: d.field("Namespace"), Index: d.c.index}
	if r := resourceOf(kind, "", ""); r != nil {
		m.APIVersion = "v1"
		if r.group != "" {
			m.APIVersion = r.group
		}
		if r.cluster {
			m.Namespace = ""
		} else if m.Namespace == "" {
			m.Namespace = d.c.ask.namespace
		}
	}
	if l := d.find("Name"); l != nil {
		m.Src = l.src
	} else {
		m.Src = d.lines[0].src
	}
	if m.Name == "" && len(d.c.ask.names) == 1 {
		m.Name = d.c.ask.names[0]
	}
	m.Know()
	if d.has("Labels") {
		m.Labels = d.pairs("Labels", "=")
		m.Know(model.PartLabels)
	}
	if l := d.find("Annotations"); l != nil {
		m.Annotations = d.pairs("Annotations", ": ")
		m.Know(model.PartAnnotations)
		d.annotationPaths(&m, l)
	}
	return m
}

// pairs reads key and value from the lines of a field.
func (d *described) pairs(key, sep string) map[string]string {
	m := map[string]string{}
	for _, v := range d.values(key) {
		k, v, ok := strings.Cut(v, sep)
		if !ok {
			k, ok = strings.CutSuffix(k, ":")
		}
		if ok && !strings.HasPrefix(k, "kubectl.kubernetes.io/last-applied") && !strings.ContainsAny(k, " {") {
			m[d.c.words.of(k)] = d.c.words.of(strings.TrimSpace(v))
		}
	}
	return m
}

func (d *described) annotationPaths(m *model.Meta, l *said) {
	for _, k := range append([]*said{{value: l.value, src: l.src}}, l.kids...) {
		name := k.key
		if name == "" {
			name, _, _ = strings.Cut(k.value, ": ")
		}
		if worthQuoting(name) {
			at(m, "metadata.annotations."+name, k)
		}
	}
}

// at keeps the line of a field.
func at(m *model.Meta, path string, l *said) {
	if l == nil {
		return
	}
	if m.Paths == nil {
		m.Paths = map[string]schema.Evidence{}
	}
	m.Paths[path] = l.src
}

// flat is all lines, those below others too: where grep took the heading "Events" away, its rows seem to belong to the line above.
func flat(list []*said) []*said {
	var all []*said
	for _, l := range list {
		all = append(append(all, l), flat(l.kids)...)
	}
	return all
}

// events reads the table of events: Type, Reason, Age, From, Message.
func (d *described) events(l *said, about model.Ref) {
	for _, k := range l.kids {
		row := k.value
		if k.key != "" {
			row = k.key + ": " + k.value // a message may look like a key
		}
		for _, t := range []string{"Warning ", "Normal "} {
			if rest, ok := strings.CutPrefix(row, t); ok {
				row = t + " " + rest
			}
		}
		if i := strings.Index(row, " (x"); i > 0 {
			if j := strings.Index(row[i:], ") "); j > 0 { // the width of a column may leave one blank behind a long age
				row = row[:i+j+1] + "  " + row[i+j+1:]
			}
		}
		f := byGaps(row, 5)
		if len(f) < 5 || f[0] != "Warning" && f[0] != "Normal" || age(f[2]) < 0 && f[2] != "<unknown>" {
			continue
		}
		e := &model.Event{
			Meta:   model.Meta{APIVersion: "v1", Kind: "Event", Namespace: about.Namespace, Src: k.src, Index: d.c.index},
			Type:   d.c.words.of(f[0]),
			Reason: d.c.words.of(f[1]),
			Age:    age(f[2]), Count: max(times(f[2]), 1), FirstAge: firstAge(f[2]),
			Component: d.c.words.of(f[3]),
			Message:   f[4],
			About:     about,
		}
		e.Component, e.Host, _ = strings.Cut(e.Component, ", ")
		if e.About.Name == "" {
			e.About = aboutOfMessage(e.Component, e.Message)
			e.Namespace = e.About.Namespace
		}
		d.c.out.Events = append(d.c.out.Events, e)
		d.c.taken++
	}
}

// aboutOfMessage finds the Service that an event of MetalLB is about in its own words (`Failed to allocate IP for "ns/name": ...`,
// `current IP for "ns/name" not allowed by config`), for rows that stand alone.
func aboutOfMessage(component, message string) model.Ref {
	if !strings.HasPrefix(component, "metallb") {
		return model.Ref{}
	}
	for _, words := range []string{"Failed to allocate IP for \"", "current IP for \""} {
		_, rest, ok := strings.Cut(message, words)
		if !ok {
			continue
		}
		key, _, _ := strings.Cut(rest, "\"")
		if ns, name, ok := strings.Cut(key, "/"); ok && ns != "" && name != "" {
			return model.Ref{Kind: "Service", Namespace: ns, Name: name}
		}
	}
	return model.Ref{}
}

// other keeps what is described of a kind that has no type for it.
func (d *described) other(m model.Meta) {
	o := &model.Other{Meta: m, Fields: map[string]string{}}
	for _, l := range d.lines {
		if len(o.Fields) < maxFields && l.key != "" && l.key != "Events" && l.key != "Annotations" && l.key != "Data" && !secretName(l.key) {
			o.Fields["describe."+strings.ToLower(strings.ReplaceAll(l.key, " ", "-"))] = l.value
		}
	}
	d.c.out.Others = append(d.c.out.Others, o)
}
