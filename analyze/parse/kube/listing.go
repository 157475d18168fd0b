package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// tally counts the objects of a List by resource.
type tally struct {
	src  schema.Evidence
	rows []model.Listing
}

// startList begins a List; n is the part of it that is known, at least its first line.
func (c *converter) startList(n *node) {
	t := tally{}
	if n != nil {
		t.src = c.evidence(n.line)
	}
	if e := n.entry("items"); e != nil && len(e.val.list()) == 0 {
		t.src = c.evidence(e.line) // "items: []" is what proves the absence
	}
	c.lists = append(c.lists, t)
}

// count adds an object to the list that it stands in.
func (c *converter) count(r *resource, m *model.Meta) {
	if len(c.lists) == 0 {
		return
	}
	t := &c.lists[len(c.lists)-1]
	group, _, ok := strings.Cut(m.APIVersion, "/")
	if !ok {
		group = ""
	}
	plural := pluralOf(m.Kind)
	if r != nil {
		group, plural = r.group, r.plural
	}
	for i := range t.rows {
		l := &t.rows[i]
		if l.Group == group && l.Resource == plural {
			l.Count++
			if l.Namespace != m.Namespace {
				l.Namespace, l.AllNamespaces = "", true
			}
			return
		}
	}
	t.rows = append(t.rows, model.Listing{Group: group, Resource: plural, Namespace: m.Namespace, Count: 1, Src: t.src})
}

// startListAt begins a List whose text so far is known: its first line is what an empty list would be quoted by.
func (c *converter) startListAt(line int, text string) {
	head, _, _ := strings.Cut(text, "\n")
	c.lists = append(c.lists, tally{src: c.origin.Evidence(line, quote(strings.TrimRight(head, "\r")))})
}

// dropList ends a List that is cut: it proves nothing.
func (c *converter) dropList() {
	if len(c.lists) > 0 {
		c.lists = c.lists[:len(c.lists)-1]
	}
}

// endList makes the List's listings. N is the List without its items.
func (c *converter) endList(n *node) {
	if len(c.lists) == 0 {
		return
	}
	t := c.lists[len(c.lists)-1]
	c.lists = c.lists[:len(c.lists)-1]
	cmd := c.ask
	if !cmd.whole {
		return
	}
	if cmd.resource != nil && (len(t.rows) == 0 || len(t.rows) == 1 && t.rows[0].Resource == cmd.resource.plural) {
		l := model.Listing{Group: cmd.resource.group, Resource: cmd.resource.plural, Namespace: cmd.namespace, AllNamespaces: cmd.all, Src: t.src}
		if len(t.rows) == 1 {
			l.Count = t.rows[0].Count
			l.Group = t.rows[0].Group
		}
		c.out.Listings = append(c.out.Listings, l)
		return
	}
	if len(t.rows) == 0 && len(cmd.several()) == 0 {
		if at, ok := placeOf(c.origin.Path); ok && !at.bundle {
			c.out.Listings = append(c.out.Listings, model.Listing{Group: at.group, Resource: at.resource, Namespace: at.namespace, Src: t.src})
		} else if l, ok := emptyOf(n, t.src); ok {
			c.out.Listings = append(c.out.Listings, l)
		}
		return
	}
	for _, l := range t.rows {
		if cmd.all {
			l.AllNamespaces, l.Namespace = true, ""
		}
		c.out.Listings = append(c.out.Listings, l)
	}
	for _, r := range cmd.several() {
		if !t.has(r) {
			c.out.Listings = append(c.out.Listings, model.Listing{Group: r.group, Resource: r.plural, Namespace: cmd.namespace, AllNamespaces: cmd.all, Src: t.src})
		}
	}
}

func (t *tally) has(r *resource) bool {
	for _, l := range t.rows {
		if l.Group == r.group && l.Resource == r.plural {
			return true
		}
	}
	return false
}

// several are the resources of "get a,b,c": those that a List lacks were not there.
func (a *asked) several() []*resource {
	if !strings.Contains(a.word, ",") {
		return nil
	}
	var list []*resource
	for _, w := range strings.Split(a.word, ",") {
		if r := resourceByWord(w); r != nil {
			list = append(list, r)
		}
	}
	return list
}

// emptyOf is the listing of a typed list without items: kind ServiceList says what was asked for.
func emptyOf(n *node, src schema.Evidence) (model.Listing, bool) {
	kind, ok := strings.CutSuffix(n.get("kind").text(), "List")
	if !ok || kind == "" {
		return model.Listing{}, false
	}
	api := n.get("apiVersion").text()
	group, _, slash := strings.Cut(api, "/")
	if !slash {
		group = ""
	}
	if r := resourceOf(kind, group, api); r != nil {
		return model.Listing{Group: r.group, Resource: r.plural, Src: src}, true
	}
	return model.Listing{Group: group, Resource: pluralOf(kind), Src: src}, true
}

// pluralOf guesses the resource of a kind that no table has.
func pluralOf(kind string) string {
	k := strings.ToLower(kind)
	switch {
	case k == "":
		return ""
	case strings.HasSuffix(k, "s"), strings.HasSuffix(k, "x"), strings.HasSuffix(k, "ch"):
		return k + "es"
	case strings.HasSuffix(k, "ay"), strings.HasSuffix(k, "ey"):
		return k + "s"
	case strings.HasSuffix(k, "y"):
		return k[:len(k)-1] + "ies"
	}
	return k + "s"
}

// asked is what a kubectl (or oc) command asked for.
type asked struct {
	resource  *resource // nil when unknown or several
	word      string    // the resource as typed
	names     []string
	namespace string // of -n; "" when not given
	all       bool   // -A
	whole     bool   // no filter by selector, name or grep: the answer is the whole list
	describe  bool
	columns   map[string]string // -o custom-columns: the usual title by the title that was typed
	labels    map[string]string // what -l asks for by equality or by existence ("" then): each row has it
}

// command reads Origin.Command. Without a command the answer is taken for a whole one.
func command(o schema.Origin) asked {
	a := parseCommand(o.Command)
	if a.namespace == "" && !a.all {
		a.namespace = o.Namespace
	}
	return a
}

func parseCommand(text string) asked {
	a := asked{whole: true}
	if text == "" {
		return a
	}
	head, pipe, piped := strings.Cut(text, "|")
	a.columns = customColumns(head)
	if piped && !harmlessPipe(pipe) {
		a.whole = false
	}
	words := strings.Fields(head)
	verb := -1
	for i := 0; i < len(words); i++ {
		w := strings.Trim(words[i], `"'`)
		value := func() string {
			if _, v, ok := strings.Cut(w, "="); ok {
				return strings.Trim(v, `"'`)
			}
			if i+1 < len(words) {
				i++
				return strings.Trim(words[i], `"'`)
			}
			return ""
		}
		flag, _, _ := strings.Cut(w, "=")
		switch {
		case flag == "-n" || flag == "--namespace":
			a.namespace = value()
		case strings.HasPrefix(w, "-n") && len(w) > 2 && w[1] != '-':
			a.namespace = strings.TrimPrefix(w[2:], "=")
		case w == "-A" || flag == "--all-namespaces":
			a.all = true
		case flag == "-l" || flag == "--selector":
			a.labels = askedLabels(value())
			a.whole = false
		case flag == "--field-selector":
			value()
			a.whole = false
		case flag == "-o" || flag == "--output" || flag == "--context" || flag == "--kubeconfig" || flag == "--sort-by" || flag == "-L" || flag == "-f":
			value()
		case strings.HasPrefix(w, "-"):
		case verb < 0:
			if w == "get" || w == "describe" {
				verb, a.describe = i, w == "describe"
			}
		case a.word == "":
			a.word = w
		default:
			a.names = append(a.names, w)
		}
	}
	a.what()
	return a
}

// askedLabels reads a selector: "key", "key=value", "key==value", joined by commas. What excludes ("!key", "key!=value") or lists values
// tells no label.
func askedLabels(selector string) map[string]string {
	labels := map[string]string{}
	if strings.ContainsAny(selector, "!()") {
		return labels
	}
	for _, term := range strings.Split(selector, ",") {
		key, value, _ := strings.Cut(term, "=")
		if key = strings.TrimSpace(key); key != "" && !strings.Contains(key, " ") {
			labels[key] = strings.TrimPrefix(value, "=")
		}
	}
	return labels
}

// what finds the resource in the word behind get.
func (a *asked) what() {
	w := strings.ToLower(a.word)
	if w == "" {
		return
	}
	if strings.Contains(w, ",") || w == "all" {
		return
	}
	if r, name, ok := strings.Cut(w, "/"); ok {
		w = r
		a.names = append([]string{name}, a.names...)
	}
	if len(a.names) > 0 {
		a.whole = false
	}
	a.resource = resourceByWord(w)
}

// resourceByWord finds a resource by plural, singular or short name, with or without group.
func resourceByWord(w string) *resource {
	w = strings.ToLower(w)
	if r, ok := byWord[w]; ok {
		return r
	}
	name, rest, ok := strings.Cut(w, ".")
	if !ok {
		return nil
	}
	r := byWord[name]
	if r == nil {
		return nil
	}
	for _, q := range byKind[strings.ToLower(r.kind)] {
		if q.group == rest || strings.HasSuffix(rest, "."+q.group) && q.group != "" {
			return q
		}
	}
	return nil
}

// harmlessPipe tells whether a command behind a pipe shows all that it reads.
func harmlessPipe(pipe string) bool {
	w := strings.Fields(pipe)
	if len(w) == 0 {
		return true
	}
	switch w[0] {
	case "cat", "less", "more", "tee", "sort", "column", "pbcopy", "xclip":
		return true
	}
	return false
}
