package text

import (
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// nft reads `nft list ruleset`: kube-proxy's maps, drops, policies, rules that name addresses and ports.
type nft struct {
	sum      model.FirewallTables
	started  bool
	family   string
	table    string
	object   string // chain, map or set
	name     string
	hook     string
	elements bool // inside elements = { ... }
	forward  int  // as of iptables, of the chain that is read
	lines    int
}

func (t *nft) line(c *state, l line) took {
	s := l.trim()
	if s == "" {
		return ignored
	}
	if !t.started {
		t.started = true
		t.sum = model.FirewallTables{Origin: c.o, Tool: "nft", Addresses: map[string]schema.Evidence{}, Src: c.ev(l), Filter: c.cmd.filter}
	}
	t.lines++
	f := strings.Fields(s)
	switch {
	case f[0] == "table" && len(f) > 2:
		t.family, t.table, t.object, t.hook = f[1], f[2], "", ""
		return taken
	case (f[0] == "chain" || f[0] == "map" || f[0] == "set" || f[0] == "flowtable") && len(f) > 1:
		t.object, t.name, t.hook, t.elements, t.forward = f[0], f[1], "", false, 0
		t.owner()
		return taken
	case f[0] == "type" && value(f, "hook") != "":
		t.hook = value(f, "hook")
		if strings.Contains(s, "policy drop") {
			t.keep(c, l, model.FirewallRule{Verdict: "DROP", Policy: true, Packets: -1, Text: s})
			if n := len(c.out.Firewall); t.hook == "forward" && n > 0 && c.out.Firewall[n-1].Policy {
				t.forward = n
			}
		}
		return taken
	case s == "}" || f[0] == "comment" || f[0] == "type" || f[0] == "flags" || strings.HasPrefix(s, "#") || f[0] == "typeof" || f[0] == "size" || f[0] == "counter" && len(f) == 1:
		return ignored
	case strings.HasPrefix(s, "elements"):
		t.elements = true
		return t.element(c, l, after(s, "{"))
	case t.elements:
		return t.element(c, l, s)
	case t.object == "chain":
		return t.rule(c, l, s, f)
	case t.object != "":
		return ignored
	}
	return unread
}

// owner counts the chains of CNIs.
func (t *nft) owner() {
	switch {
	case t.object != "chain":
	case strings.HasPrefix(t.name, "cali-") || strings.HasPrefix(t.name, "cali"):
		t.sum.Calico++
	case strings.HasPrefix(t.name, "CILIUM_"):
		t.sum.Cilium++
	}
}

// element reads a line of a map: "10.0.12.240 . tcp . 80 : goto external-...".
func (t *nft) element(c *state, l line, s string) took {
	if strings.Contains(s, "}") {
		t.elements = false
	}
	if t.table != "kube-proxy" {
		return ignored
	}
	for _, e := range strings.Split(strings.Trim(s, "{} "), ",") {
		key, verdict, ok := strings.Cut(e, " : ")
		if !ok || strings.TrimSpace(key) == "" {
			continue
		}
		t.sum.KubeRules++
		if t.name != "service-ips" && t.name != "no-endpoint-services" && t.name != "firewall-ips" {
			continue
		}
		addr := firstField(key)
		serves := strings.Contains(verdict, "goto external-") || t.name == "firewall-ips"
		if t.name == "no-endpoint-services" {
			t.keep(c, l, model.FirewallRule{Chain: t.name, Verdict: strings.ToUpper(strings.TrimPrefix(firstField(verdict+" x"), "goto")), Packets: -1, Text: strings.TrimSpace(e)})
		}
		if _, seen := t.sum.Addresses[addr]; serves && isAddr(addr) && !seen && len(t.sum.Addresses) < maxKept {
			t.sum.Addresses[addr] = c.ev(l)
		}
	}
	return taken
}

// rule reads a rule of a chain.
func (t *nft) rule(c *state, l line, s string, f []string) took {
	kube := t.table == "kube-proxy" || kubeChain(t.name)
	if kube {
		t.sum.KubeRules++
		t.kubeRule(c, l, s, f)
	}
	verdict := ""
	switch {
	case hasWord(s, "drop"):
		verdict = "DROP"
	case hasWord(s, "reject"):
		verdict = "REJECT"
	case hasWord(s, "dnat"):
		verdict = "DNAT"
	case hasWord(s, "accept"):
		verdict = "ACCEPT"
	}
	if t.forward > 0 {
		pass := verdict
		if to := value(f, "jump"); pass == "" && to != "" {
			pass = to
		}
		passes(c, t.forward, pass, s)
	}
	if kube && (verdict != "DROP" && verdict != "REJECT" || !has(s, "no endpoints", "no local endpoints") && t.name != "firewall-check") {
		return taken
	}
	ports := false
	for _, p := range portsOfInterest {
		ports = ports || has(s, "dport") && hasWord(s, p)
	}
	if verdict == "DROP" || verdict == "REJECT" || ports || has(s, "limit rate") || verdict == "DNAT" {
		packets := int64(-1)
		if v, err := strconv.ParseInt(value(f, "packets"), 10, 64); err == nil {
			packets = v
		}
		t.keep(c, l, model.FirewallRule{Verdict: verdict, Packets: packets, Text: s})
	}
	return taken
}

// kubeRule notes the address of an iptables-nft rule of kube-proxy.
func (t *nft) kubeRule(c *state, l line, s string, f []string) {
	a := value(f, "daddr")
	if !isAddr(a) || !has(s, "KUBE-EXT-", "KUBE-FW-", "KUBE-XLB-") {
		return
	}
	if _, ok := t.sum.Addresses[a]; !ok && len(t.sum.Addresses) < maxKept {
		t.sum.Addresses[a] = c.ev(l)
	}
}

func (t *nft) keep(c *state, l line, r model.FirewallRule) {
	if !c.room() {
		return
	}
	r.Origin, r.Family, r.Table, r.Hook, r.Src = c.o, "nft "+t.family, t.table, t.hook, c.ev(l)
	if r.Chain == "" {
		r.Chain = t.name
	}
	r.Text = cut(r.Text, 400)
	c.out.Firewall = append(c.out.Firewall, r)
}

func (t *nft) end(c *state) {
	if !t.started && c.cmd.filter != "" && c.cmdSrc.Line > 0 { // searched, and nothing was found
		t.started, t.sum = true, model.FirewallTables{Origin: c.o, Tool: "nft", Addresses: map[string]schema.Evidence{}, Src: c.cmdSrc, Filter: c.cmd.filter}
	}
	if t.started && c.room() {
		t.sum.Lines = t.lines
		c.out.Firewalls = append(c.out.Firewalls, t.sum)
	}
}
