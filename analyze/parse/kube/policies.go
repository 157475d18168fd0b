package kube

import (
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// ciliumPolicy reads a CiliumNetworkPolicy as far as a NetworkPolicy can say the same: who is selected, and whom its ingress rules admit. Rules that
// deny admit nobody. Cilium's documentation: an empty rule admits nobody, a rule without any from* field admits everybody on its ports.
func (c *converter) ciliumPolicy(n *node, m model.Meta) {
	specs := n.get("specs").list()
	if s := n.get("spec"); s != nil {
		specs = append(specs, s)
	}
	for _, spec := range specs {
		p := &model.NetworkPolicy{Meta: m, PodSelector: ciliumLabels(c.selector(spec.get("endpointSelector"))), Types: []string{"Egress"}}
		if spec.get("endpointSelector") == nil || spec.at("enableDefaultDeny", "ingress").text() == "false" {
			continue // of nodes, or it isolates nobody
		}
		if in := spec.get("ingress"); in != nil {
			p.Types = []string{"Ingress"}
			for _, r := range in.list() {
				if rule, ok := c.ciliumRule(r); ok {
					p.Ingress = append(p.Ingress, rule)
				}
			}
		}
		c.out.NetworkPolicies = append(c.out.NetworkPolicies, p)
	}
}

// ciliumRule reads one ingress rule; false where it admits nobody.
func (c *converter) ciliumRule(n *node) (model.PolicyRule, bool) {
	var r model.PolicyRule
	named := false
	for _, e := range n.get("fromEndpoints").list() {
		s := ciliumLabels(c.selector(e))
		r.From = append(r.From, model.PolicyPeer{PodSelector: &s})
	}
	for _, t := range n.get("fromCIDR").texts(c.words) {
		r.From = append(r.From, model.PolicyPeer{CIDR: t})
	}
	for _, e := range n.get("fromCIDRSet").list() {
		r.From = append(r.From, model.PolicyPeer{CIDR: e.get("cidr").text(), Except: e.get("except").texts(c.words)})
	}
	for _, t := range n.get("fromEntities").texts(c.words) {
		switch strings.ToLower(t) {
		case "all", "world", "world-ipv4", "world-ipv6":
			r.From = append(r.From, model.PolicyPeer{CIDR: "0.0.0.0/0"}, model.PolicyPeer{CIDR: "::/0"})
		default:
			r.From = append(r.From, model.PolicyPeer{Nodes: true})
		}
	}
	for _, key := range []string{"fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromRequires", "fromGroups", "fromNodes"} {
		named = named || n.get(key) != nil
	}
	for _, e := range n.get("toPorts").list() {
		for _, p := range e.get("ports").list() {
			r.Ports = append(r.Ports, model.PolicyPort{Protocol: p.get("protocol").short(c.words), Port: p.get("port").short(c.words), EndPort: p.get("endPort").int()})
		}
	}
	if named && len(r.From) == 0 || !named && n.get("toPorts") == nil && n.get("icmps") == nil {
		return r, false
	}
	return r, true
}

// ciliumLabels takes the sources (k8s:, any:) off the keys of a selector, and what Cilium adds of the namespace.
func ciliumLabels(s model.Selector) model.Selector {
	plain := func(key string) string {
		for _, source := range []string{"k8s:", "any:", "k8s.", "any."} {
			if rest, ok := strings.CutPrefix(key, source); ok {
				return rest
			}
		}
		return key
	}
	labels := map[string]string{}
	for k, v := range s.MatchLabels {
		if k = plain(k); k != "io.kubernetes.pod.namespace" {
			labels[k] = v
		}
	}
	s.MatchLabels = labels
	for i := range s.Expressions {
		s.Expressions[i].Key = plain(s.Expressions[i].Key)
	}
	return s
}

// calicoPolicy reads Calico's own NetworkPolicy and GlobalNetworkPolicy where its selectors are plain (all(), key == 'value', has(key), joined by &&); others stay as fields.
// Its rules are an ordered list: one that denies admits nobody, and an address that a rule leaves out or a selector of clients that can't be read counts
// as one that may be admitted.
func (c *converter) calicoPolicy(n *node, m model.Meta) {
	spec := n.get("spec")
	selector, ok := calicoSelector(spec.get("selector").text())
	if ns := spec.get("namespaceSelector").text(); !ok || ns != "" && ns != "all()" || spec.get("preDNAT").text() == "true" {
		c.other(n, m)
		return
	}
	p := &model.NetworkPolicy{Meta: m, PodSelector: selector, Types: spec.get("types").texts(c.words)}
	for _, e := range spec.get("ingress").list() {
		if strings.EqualFold(e.get("action").text(), "Allow") {
			p.Ingress = append(p.Ingress, c.calicoRule(e))
		}
	}
	c.out.NetworkPolicies = append(c.out.NetworkPolicies, p)
}

func (c *converter) calicoRule(n *node) model.PolicyRule {
	var r model.PolicyRule
	from, to := n.get("source"), n.get("destination")
	for _, t := range from.get("nets").texts(c.words) {
		if _, err := netip.ParsePrefix(t); err != nil {
			t += "/32"
		}
		r.From = append(r.From, model.PolicyPeer{CIDR: t})
	}
	if len(r.From) == 0 && (from.get("selector") != nil || from.get("namespaceSelector") != nil || from.get("serviceAccounts") != nil) {
		r.From = append(r.From, model.PolicyPeer{PodSelector: &model.Selector{}})
		if from.get("namespaceSelector") == nil && strings.HasPrefix(from.get("selector").text(), "!") || from.get("notSelector") != nil {
			r.From = nil // a network set, or everybody but some
		}
	}
	for _, t := range to.get("ports").texts(c.words) {
		first, last, _ := strings.Cut(t, ":")
		port := model.PolicyPort{Protocol: n.get("protocol").short(c.words), Port: first}
		if last != "" {
			port.EndPort = number32(last)
		}
		r.Ports = append(r.Ports, port)
	}
	return r
}

// number32 is a decimal number; 0 where it is none.
func number32(s string) int {
	if !number(s) || len(s) > 9 {
		return 0
	}
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// calicoSelector reads a plain selector of Calico; "" is all().
func calicoSelector(text string) (model.Selector, bool) {
	s := model.Selector{MatchLabels: map[string]string{}}
	for _, term := range strings.Split(text, "&&") {
		term = strings.TrimSpace(term)
		if term == "" || term == "all()" {
			continue
		}
		if key, ok := strings.CutPrefix(term, "has("); ok && strings.HasSuffix(key, ")") {
			s.Expressions = append(s.Expressions, model.Requirement{Key: strings.TrimSpace(strings.TrimSuffix(key, ")")), Operator: "Exists"})
			continue
		}
		key, value, ok := strings.Cut(term, "==")
		value = strings.TrimSpace(value)
		if !ok || len(value) < 2 || value[0] != '\'' && value[0] != '"' || value[len(value)-1] != value[0] || strings.ContainsAny(value[1:len(value)-1], `'"`) || strings.ContainsAny(key, "|!()") {
			return s, false
		}
		s.MatchLabels[strings.TrimSpace(key)] = value[1 : len(value)-1]
	}
	return s, true
}
