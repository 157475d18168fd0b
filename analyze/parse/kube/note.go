package kube

import (
	"path"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// heading takes a comment between objects: a command in it says what follows.
func (c *converter) heading(text string) { c.commandLine(strings.TrimLeft(text, "# \t")) }

// commandLine takes "kubectl get ..." as the command of what follows.
func (c *converter) commandLine(text string) bool {
	for _, mark := range []string{"$ ", "# ", "+ ", "> "} {
		if i := strings.Index(text, mark); i >= 0 && i < 80 && !strings.Contains(text[:i], "  ") { // user@host:~$ kubectl ...
			text = strings.TrimSpace(text[i+len(mark):])
			break
		}
	}
	for _, p := range []string{"kubectl ", "oc ", "k ", "k3s kubectl ", "microk8s kubectl ", "sudo kubectl ", "microk8s.kubectl "} {
		if strings.HasPrefix(text, p) && (strings.Contains(text, " get ") || strings.Contains(text, " describe ")) {
			c.ask = command(schema.Origin{Command: text, Namespace: c.origin.Namespace})
			return true
		}
	}
	return false
}

// note takes a line that kubectl prints beside objects: it found none, or an error. It is false for any other line.
func (c *converter) note(text string, line int) bool {
	switch {
	case strings.HasPrefix(text, "No resources found"):
		c.noResources(text, c.origin.Evidence(line, text))
	case strings.HasPrefix(text, "Error from server"), strings.HasPrefix(text, "error: "), strings.HasPrefix(text, "Error: "):
		c.failed(text, c.origin.Evidence(line, text))
	case strings.HasPrefix(text, "$ "), strings.HasPrefix(text, "+ "):
		return c.commandLine(text)
	case strings.HasPrefix(text, "Unable to connect to the server"), strings.HasPrefix(text, "The connection to the server"):
	default:
		return false
	}
	return true
}

// noResources makes the listing of "No resources found in NAMESPACE namespace.".
func (c *converter) noResources(text string, src schema.Evidence) {
	c.taken++
	l := model.Listing{Namespace: c.ask.namespace, AllNamespaces: c.ask.all, Src: src}
	if _, rest, ok := strings.Cut(text, "found in "); ok {
		l.Namespace, _, _ = strings.Cut(rest, " ")
	}
	if !c.ask.whole && len(c.ask.names) == 0 && c.ask.word != "" {
		return // of those that a selector picks
	}
	c.listed(l)
}

// listed adds a listing of what the command asked for.
func (c *converter) listed(l model.Listing) {
	switch {
	case c.ask.resource != nil:
		l.Group, l.Resource = c.ask.resource.group, c.ask.resource.plural
	case c.ask.word != "" && !strings.Contains(c.ask.word, ","):
		l.Resource, l.Group, _ = strings.Cut(strings.ToLower(c.ask.word), ".")
	default:
		for _, r := range c.ask.several() {
			l.Group, l.Resource = r.group, r.plural
			c.out.Listings = append(c.out.Listings, l)
		}
		return
	}
	c.out.Listings = append(c.out.Listings, l)
}

// failed makes the listing of an error: of what, as the error says, else as the command says.
func (c *converter) failed(text string, src schema.Evidence) {
	c.taken++
	l := model.Listing{Error: text, Namespace: c.ask.namespace, AllNamespaces: c.ask.all, Src: src}
	if _, rest, ok := strings.Cut(text, "(NotFound): "); ok {
		word, name, _ := strings.Cut(rest, " ")
		l.Names = []string{between(name, `"`, `"`)}
		c.errorOf(l, word)
		return
	}
	if w := between(text, `resource type "`, `"`); w != "" {
		c.errorOf(l, w)
		return
	}
	if w := between(text, `resource "`, `"`); w != "" {
		if g := between(text, `API group "`, `"`); g != "" {
			w += "." + g
		}
		if ns := between(text, `in the namespace "`, `"`); ns != "" {
			l.Namespace = ns
		}
		c.errorOf(l, w)
		return
	}
	if c.ask.word != "" {
		c.listed(l)
	}
}

func (c *converter) errorOf(l model.Listing, word string) {
	if r := resourceByWord(word); r != nil {
		l.Group, l.Resource = r.group, r.plural
	} else {
		l.Resource, l.Group, _ = strings.Cut(strings.ToLower(word), ".")
	}
	c.out.Listings = append(c.out.Listings, l)
}

func between(s, before, after string) string {
	_, s, ok := strings.Cut(s, before)
	if !ok {
		return ""
	}
	s, _, ok = strings.Cut(s, after)
	if !ok {
		return ""
	}
	return s
}

// place is what the path of a member says of the listing in it.
type place struct {
	group, resource, namespace string
	all                        bool
	bundle                     bool // one list a file, as YAML documents
	dump                       bool // of collect.sh
}

// placeOf reads objects/GROUP/RESOURCE/NAMESPACE.yaml of a bundle, crds/RESOURCE.yaml of MetalLB's collect.sh, and the plural
// of a resource in any other file's name ("kubectl-get-bfdprofiles.yaml"), which tells what an empty List is a list of.
func placeOf(p string) (place, bool) {
	parts := strings.Split(p, "/")
	stem := strings.TrimSuffix(parts[len(parts)-1], path.Ext(p))
	if n := len(parts); n >= 4 && parts[n-4] == "objects" {
		at := place{group: parts[n-3], resource: parts[n-2], namespace: stem, bundle: true}
		if at.group == "core" {
			at.group = ""
		}
		if stem == "_cluster" {
			at.namespace, at.all = "", true
		}
		return at, true
	}
	inDump := len(parts) >= 2 && parts[len(parts)-2] == "crds"
	words := strings.FieldsFunc(strings.ToLower(stem), func(r rune) bool { return r == '-' || r == '_' || r == ' ' || r == '.' })
	for i := len(words) - 1; i >= 0; i-- {
		if r := byWord[words[i]]; r != nil && words[i] == r.plural {
			return place{group: r.group, resource: r.plural, dump: inDump}, true
		}
	}
	return place{}, false
}

// placeListing adds the listing that the member's place stands for: a file of a bundle is the list of what it is called after,
// however many objects are in it. An empty file of collect.sh says that the list failed.
func (c *converter) placeListing() {
	if c.origin.Command != "" {
		return
	}
	at, ok := placeOf(c.origin.Path)
	if !ok {
		return
	}
	l := model.Listing{Group: at.group, Resource: at.resource, Namespace: at.namespace, AllNamespaces: at.all, Src: c.origin.Evidence(1, "")}
	switch {
	case at.bundle && c.whole:
		l.Count = c.taken
	case at.dump && c.origin.Kind == schema.KindEmpty:
		l.Error = "the file is empty: the list could not be had"
	default:
		return
	}
	c.out.Listings = append(c.out.Listings, l)
}
