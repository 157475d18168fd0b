package kube

import (
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func (c *converter) networkPolicy(n *node, m model.Meta) {
	spec := n.get("spec")
	c.out.NetworkPolicies = append(c.out.NetworkPolicies, &model.NetworkPolicy{
		Meta:        m,
		PodSelector: c.selector(spec.get("podSelector")),
		Types:       spec.get("policyTypes").texts(c.words),
		Ingress:     c.policyRules(spec.get("ingress"), "from"),
		Egress:      c.policyRules(spec.get("egress"), "to"),
	})
}

func (c *converter) policyRules(n *node, peers string) []model.PolicyRule {
	if n == nil || n.shape != sequence {
		return nil
	}
	var list []model.PolicyRule
	for _, e := range n.items { // an empty rule allows everything: it must stay
		var r model.PolicyRule
		for _, p := range e.val.get(peers).list() {
			r.From = append(r.From, model.PolicyPeer{
				CIDR:              p.at("ipBlock", "cidr").text(),
				Except:            p.at("ipBlock", "except").texts(c.words),
				PodSelector:       c.selectorp(p.get("podSelector")),
				NamespaceSelector: c.selectorp(p.get("namespaceSelector")),
			})
		}
		for _, p := range e.val.get("ports").list() {
			r.Ports = append(r.Ports, model.PolicyPort{
				Protocol: p.get("protocol").short(c.words),
				Port:     p.get("port").short(c.words),
				EndPort:  p.get("endPort").int(),
			})
		}
		list = append(list, r)
	}
	return list
}

func (c *converter) crd(n *node, m model.Meta) {
	spec := n.get("spec")
	o := &model.CRD{
		Meta:     m,
		Group:    spec.get("group").short(c.words),
		Resource: spec.at("names", "plural").short(c.words),
	}
	if o.Group == "" {
		o.Resource, o.Group, _ = strings.Cut(m.Name, ".")
	}
	for _, v := range spec.get("versions").list() {
		name := v.get("name").short(c.words)
		if v.get("served").bool() {
			o.Served = append(o.Served, name)
		}
		if v.get("storage").bool() {
			o.Stored = append(o.Stored, name)
		}
	}
	if s := n.at("status", "storedVersions").texts(c.words); len(s) > 0 {
		o.Stored = s
	}
	c.out.CRDs = append(c.out.CRDs, o)
}

func (c *converter) webhooks(n *node, m model.Meta) {
	for _, w := range n.get("webhooks").list() {
		cfg := w.get("clientConfig")
		o := &model.Webhook{
			Meta:          m,
			Webhook:       w.get("name").short(c.words),
			FailurePolicy: w.get("failurePolicy").short(c.words),
			Service:       c.ref(cfg.get("service")),
			Path:          cfg.at("service", "path").short(c.words),
			URL:           cfg.get("url").text(),
			HasCABundle:   filled(cfg.get("caBundle")),
		}
		if cfg.get("service") != nil {
			o.Service.Kind = "Service"
		}
		o.Meta.Src = c.srcOf(w, "name")
		c.out.Webhooks = append(c.out.Webhooks, o)
	}
}

func (c *converter) rbac(n *node, m model.Meta) {
	o := &model.RBAC{Meta: m, Role: c.ref(n.get("roleRef"))}
	for _, r := range n.get("rules").list() {
		o.Rules = append(o.Rules, model.RBACRule{
			Groups:    r.get("apiGroups").texts(c.words),
			Resources: r.get("resources").texts(c.words),
			Names:     r.get("resourceNames").texts(c.words),
			Verbs:     r.get("verbs").texts(c.words),
		})
	}
	for _, s := range n.get("subjects").list() {
		o.Subjects = append(o.Subjects, c.ref(s))
	}
	c.out.RBAC = append(c.out.RBAC, o)
}

// maxFields and maxField bound what is kept of an object of a kind without a type.
const maxFields, maxField = 400, 2048

// other keeps an object of any other kind as paths and values. Paths holds the lines of spec's fields.
func (c *converter) other(n *node, m model.Meta) {
	o := &model.Other{Meta: m, Fields: map[string]string{}}
	for i := range n.items {
		switch e := &n.items[i]; e.key {
		case "apiVersion", "kind", "metadata":
		default:
			c.flatten(o, e.key, e)
		}
	}
	c.out.Others = append(c.out.Others, o)
}

func (c *converter) flatten(o *model.Other, at string, e *entry) {
	n := e.val
	if n == nil || len(o.Fields) >= maxFields {
		return
	}
	switch n.shape {
	case scalar:
		v := n.str
		if len(v) > maxField {
			v = strings.ToValidUTF8(v[:maxField], "")
		}
		if secretName(e.key) && v != "" {
			o.Fields[at] = Masked
			return
		}
		o.Fields[at] = maskPasswords(c.words.of(v))
		if c.text.fixed == nil {
			if o.Paths == nil {
				o.Paths = map[string]schema.Evidence{}
			}
			o.Paths[at] = c.evidence(e.line)
		}
	case mapping:
		for i := range n.items {
			c.flatten(o, at+"."+n.items[i].key, &n.items[i])
		}
	case sequence:
		for i := range n.items {
			c.flatten(o, at+"["+strconv.Itoa(i)+"]", &n.items[i])
		}
	}
}
