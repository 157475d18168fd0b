package kube

import (
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// tableReader reads the tables of a member, one after another.
type tableReader struct {
	c       *converter
	cols    *columns // nil before the first titles
	src     schema.Evidence
	ask     asked // the command of this table
	counts  []*tableCount
	byTitle *resource // as the titles say
	seen    map[string]bool
	shown   map[*resource]bool // of a command that asks for several resources: those with rows
}

// tableCount counts the rows of one resource of a table.
type tableCount struct {
	res       *resource
	namespace string
	several   bool
	n         int
}

// row is one row: cells by title.
type row struct {
	t         *tableReader
	cells     []string
	name      string
	namespace string
	src       schema.Evidence
}

// table reads tables of `kubectl get`: of any resource, with any columns, several in one text.
func (c *converter) table(r io.Reader, seen *model.MemberSeen) {
	t := &tableReader{c: c}
	sc := lines.New(c.origin, r)
	for sc.Scan() {
		text := string(clean(sc.Text()))
		body := strings.TrimSpace(text)
		if body == "" || elided(body) {
			continue
		}
		if c.note(body, sc.Number()) {
			t.end()
			t.cols = nil
			continue
		}
		if cols, ok := titles(text); ok {
			t.begin(cols, sc.Evidence())
			continue
		}
		if body[0] == '#' || c.commandLine(body) {
			t.end()
			t.absent()
			c.heading(body)
			t.cols = nil
			continue
		}
		if t.line(text, sc.Evidence()) {
			c.taken++
		} else {
			seen.Unread++
			if seen.Why == "" {
				seen.Why, seen.Src = "a line is no row of a table", sc.Evidence()
			}
		}
	}
	t.end()
	t.absent()
	if err := sc.Err(); err != nil {
		seen.Unread++
		seen.Why = "reading stopped: " + err.Error()
	}
}

func (t *tableReader) begin(cols columns, src schema.Evidence) {
	if t.cols == nil || !sameTitles(t.cols.list, cols.list) {
		t.end()
	}
	t.cols, t.src, t.ask = &cols, src, t.c.ask
	for i, c := range cols.list {
		if usual := t.ask.columns[c.title]; usual != "" {
			cols.list[i].title = usual
		}
	}
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	t.byTitle = t.resourceByTitles()
}

func sameTitles(a, b []column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].title != b[i].title {
			return false
		}
	}
	return true
}

// end makes the listings of the table that ends.
func (t *tableReader) end() {
	if t.cols == nil && len(t.counts) == 0 {
		return
	}
	ask := t.ask
	for _, k := range t.counts {
		if t.cols == nil || !ask.whole && len(ask.names) == 0 {
			continue // rows that somebody picked prove nothing of others
		}
		l := model.Listing{Group: k.res.group, Resource: k.res.plural, Namespace: k.namespace, Count: k.n, Names: ask.names, Src: t.src}
		if l.AllNamespaces = k.several || ask.all || t.has("NAMESPACE"); l.AllNamespaces {
			l.Namespace = ""
		} else if l.Namespace == "" {
			l.Namespace = ask.namespace
		}
		t.c.out.Listings = append(t.c.out.Listings, l)
		if t.shown == nil {
			t.shown = map[*resource]bool{}
		}
		t.shown[k.res] = true
	}
	t.counts, t.seen = nil, nil
}

// absent makes the listings of those resources of "get a,b,c" that have no rows: kubectl prints a table of each that has some, and says
// nothing of the others. The model leaves out those that an error is told of.
func (t *tableReader) absent() {
	if len(t.shown) > 0 && t.ask.whole {
		for _, r := range t.ask.several() {
			if !t.shown[r] {
				t.c.out.Listings = append(t.c.out.Listings, model.Listing{Group: r.group, Resource: r.plural, Namespace: t.ask.namespace, AllNamespaces: t.ask.all, Implied: true, Src: t.src})
			}
		}
	}
	t.shown = nil
}

func (t *tableReader) has(title string) bool {
	if t.cols == nil {
		return false
	}
	for _, c := range t.cols.list {
		if c.title == title {
			return true
		}
	}
	return false
}

// line takes a row; false where it is none.
func (t *tableReader) line(text string, src schema.Evidence) bool {
	if t.cols == nil && !t.guessColumns(text) {
		return false
	}
	r := &row{t: t, cells: t.cols.cells(text), src: src}
	if len(r.cells) == 0 {
		return false
	}
	r.name, r.namespace = r.get("NAME"), r.get("NAMESPACE")
	if !t.has("NAME") && !t.has("OBJECT") {
		r.name = r.cells[0]
	}
	if r.namespace == "" && !t.has("NAMESPACE") {
		r.namespace = t.c.ask.namespace
	}
	res := t.byTitle
	if word, name, ok := strings.Cut(r.name, "/"); ok && !t.has("OBJECT") {
		if q := resourceByWord(word); q != nil {
			res, r.name = q, name
		}
	}
	if res == nil {
		res = t.c.ask.resource
	}
	if r.get("CHART") != "" {
		t.c.release(r)
		return true
	}
	if res == nil || !r.plausible(res) {
		return false
	}
	t.count(res, r)
	t.c.row(res, r)
	return true
}

// plausible tells whether a row has what every row of its resource has: prose behind a table is no row.
func (r *row) plausible(res *resource) bool {
	if res.plural == "events" {
		return !r.has("TYPE") || r.get("TYPE") == "Normal" || r.get("TYPE") == "Warning"
	}
	if !objectName(r.name) || r.has("NAMESPACE") && !objectName(r.namespace) && !res.cluster {
		return false
	}
	if r.has("AGE") && len(r.cells) == len(r.t.cols.list) && r.raw("AGE") != "<unknown>" && r.raw("AGE") != "<invalid>" && age(r.raw("AGE")) < 0 {
		return r.raw("AGE") == "" && len(r.cells) > 2
	}
	return len(r.cells) > 1 || len(r.t.cols.list) == 1
}

// objectName tells whether a word may be the name of an object: lower case, digits, dashes, dots; colons in names of roles.
func objectName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9', i > 0 && (b == '-' || b == '.' || b == ':'):
		default:
			return false
		}
	}
	return s != "" && s[len(s)-1] != '.' && s[len(s)-1] != ':'
}

func (t *tableReader) count(res *resource, r *row) {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	key := res.plural + "|" + r.namespace + "|" + r.name
	if r.name != "" && t.seen[key] {
		return
	}
	t.seen[key] = true
	for _, k := range t.counts {
		if k.res == res {
			k.n++
			k.several = k.several || k.namespace != r.namespace
			return
		}
	}
	t.counts = append(t.counts, &tableCount{res: res, namespace: r.namespace, n: 1})
}

// get is the cell under a title; "" where there is no such column, and for <none>, <unset>, <unknown>.
func (r *row) get(title string) string {
	s := r.raw(title)
	switch s {
	case "<none>", "<unset>", "<unknown>", "<nil>":
		return ""
	}
	return s
}

func (r *row) raw(title string) string {
	for i, c := range r.t.cols.list {
		if c.title == title && i < len(r.cells) {
			return r.cells[i]
		}
	}
	return ""
}

func (r *row) has(title string) bool { return r.t.has(title) }

// signatures are titles by which a table's resource is known, the surest first.
var signatures = []struct{ titles, resource string }{
	{"CLUSTER-IP", "services"},
	{"LAST SEEN,REASON", "events"},
	{"REASON,OBJECT", "events"},
	{"ADDRESSTYPE", "endpointslices"},
	{"AUTO ASSIGN", "ipaddresspools"},
	{"IPADDRESSPOOLS,INTERFACES", "l2advertisements"},
	{"IPADDRESSPOOLS", "bgpadvertisements"},
	{"ADDRESS,ASN", "bgppeers"},
	{"PASSIVE MODE", "bfdprofiles"},
	{"ALLOCATED NODE", "servicel2statuses"},
	{"NODE,SERVICE NAME", "servicebgpstatuses"},
	{"PEER,BGP,BFD", "bgpsessionstates"},
	{"NAME,RESULT", "configurationstates"},
	{"DESIRED,CURRENT,AVAILABLE", "daemonsets"},
	{"DESIRED,CURRENT,READY", "replicasets"},
	{"READY,UP-TO-DATE,AVAILABLE", "deployments"},
	{"READY,STATUS,RESTARTS", "pods"},
	{"STATUS,ROLES", "nodes"},
	{"NAME,ENDPOINTS", "endpoints"},
	{"POD-SELECTOR", "networkpolicies"},
	{"CLASS,HOSTS", "ingresses"},
	{"TYPE,DATA", "secrets"},
	{"NAME,DATA", "configmaps"},
	{"NAME,CREATED AT", "customresourcedefinitions"},
}

func (t *tableReader) resourceByTitles() *resource {
	if q := t.c.ask.resource; q != nil {
		return q
	}
	for _, s := range signatures {
		all := true
		for _, title := range strings.Split(s.titles, ",") {
			all = all && t.has(title)
		}
		if all {
			return byWord[s.resource]
		}
	}
	if n := len(t.cols.list); n <= 4 && t.has("NAME") && t.has("STATUS") && t.has("AGE") && !t.has("READY") {
		return byWord["namespaces"]
	}
	return nil
}

// guessColumns finds titles for rows without any (they went through grep): Services by their type, pods by "1/1 Running".
func (t *tableReader) guessColumns(text string) bool {
	f := byBlanks(text)
	for at := 1; at <= 2 && at+2 < len(f); at++ {
		heads := "NAME"
		if at == 2 {
			heads = "NAMESPACE NAME"
		}
		switch {
		case f[at] == "LoadBalancer" || f[at] == "ClusterIP" || f[at] == "NodePort":
			t.cols = &columns{list: squeezed(heads + " TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE SELECTOR"), squeezed: true}
		case fraction(f[at]) && f[at+1] != "" && (f[at+1][0] < '0' || f[at+1][0] > '9'):
			t.cols = &columns{list: squeezed(heads + " READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES"), squeezed: true}
		case (f[at] == "Normal" || f[at] == "Warning") && age(f[at-1]) >= 0 && at+3 < len(f) && strings.Contains(f[at+2], "/"):
			heads = strings.TrimSuffix(heads, "NAME") // the name is that of the object
			t.cols = &columns{list: squeezed(heads + "LAST SEEN TYPE REASON OBJECT MESSAGE"), squeezed: true}
		case at == 1 && (strings.HasPrefix(f[1], "Ready") || strings.HasPrefix(f[1], "NotReady")) && age(f[3]) >= 0:
			t.cols = &columns{list: squeezed("NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE"), squeezed: true}
		default:
			continue
		}
		t.byTitle = t.resourceByTitles()
		t.ask = t.c.ask
		t.ask.whole, t.ask.names = false, nil
		return true
	}
	return false
}

// fraction recognizes "1/2".
func fraction(s string) bool {
	a, b, ok := strings.Cut(s, "/")
	return ok && number(a) && number(b)
}

func number(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
