package model

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// memberID names a member: a pasted text is one file with many.
type memberID struct {
	path string
	line int
}

func idOf(o schema.Origin) memberID { return memberID{o.Path, o.FirstLine} }

// traits are what a member shows of the machine that it was taken on.
type traits struct {
	origin schema.Origin
	node   string          // "" until something tells
	own    []netip.Addr    // addresses that the machine has itself
	links  []netip.Prefix  // prefixes that are on its own links
	macs   []string        // of its interfaces
	names  map[string]bool // of its interfaces, as far as shown
	labels map[string]bool // nodes that metrics name in their label
}

// machines finds out which node members are of that say so neither in their path nor in a prompt: by the addresses, the hardware
// addresses and the random interface names that they show.
type machines struct {
	m      *Model
	list   []*traits // in the members' order
	byID   map[memberID]*traits
	tokens map[string]string // what only one machine has -> its node; "" is one that two have
}

// placeMembers fills memberNode.
func (m *Model) placeMembers() {
	m.memberNode = map[memberID]string{}
	p := &machines{m: m, byID: map[memberID]*traits{}, tokens: map[string]string{}}
	p.gather()
	for _, n := range m.Obj.Nodes {
		for _, c := range n.PodCIDRs {
			if prefix, err := netip.ParsePrefix(c); err == nil {
				p.learn("link "+prefix.Masked().String(), n.Name)
			}
		}
	}
	for _, t := range p.list {
		if t.node = m.NodeOf(t.origin); t.node != "" {
			p.learnAll(t)
		}
	}
	for again := true; again; {
		again = false
		for _, t := range p.list {
			if !p.unplaced(t) {
				continue
			}
			if t.node = p.decide(t); t.node != "" {
				m.memberNode[idOf(t.origin)] = t.node
				p.learnAll(t)
				again = true
			}
		}
	}
	p.placeBySaying()
	p.placeByCaption()
	p.placeByFile()
	for _, t := range p.list {
		if p.unplaced(t) && t.ofMachine() && t.origin.Host == "" && !slices.Contains(m.homeless, t.origin.Path) {
			m.homeless = append(m.homeless, t.origin.Path)
		}
	}
}

// placeByCaption: outputs of a machine that nothing else places, behind words that name one machine that is known.
func (p *machines) placeByCaption() {
	hosts := p.m.hosts()
	for _, t := range p.list {
		if !p.unplaced(t) || t.origin.Host != "" || t.origin.Before == "" {
			continue
		}
		caption := lastSentence(t.origin.Before)
		if name := only(namesIn(caption, hosts)); name != "" && !elsewhere(caption) {
			t.node = name
			p.m.memberNode[idOf(t.origin)] = name
		}
	}
}

// elsewhere tells whether a caption speaks of a machine that is no node beside the name: "from my laptop, kube-1 announces".
func elsewhere(caption string) bool {
	caption = strings.ToLower(caption)
	for _, w := range []string{"laptop", "client", "desktop", "workstation", "outside", "router", "gateway", "switch", "firewall", "another", "bastion", "my pc", "my mac", "pod"} {
		if strings.Contains(caption, w) {
			return true
		}
	}
	return false
}

// paste is what was pasted together under one heading: a file, or a fence in it, and what is said before it.
type paste struct {
	path   string
	fence  int
	before string
}

func pasteOf(o schema.Origin) paste { return paste{o.Path, o.Fence, o.Before} }

// placeByFile: what a file, or a fenced block, with the output of one node alone also shows of a machine is that node's.
func (p *machines) placeByFile() {
	nodes := map[paste]map[string]bool{}
	for _, t := range p.list {
		at := pasteOf(t.origin)
		if nodes[at] == nil {
			nodes[at] = map[string]bool{}
		}
		if t.node != "" {
			nodes[at][t.node] = true
		}
	}
	for _, t := range p.list {
		if p.unplaced(t) && len(t.own) == 0 && t.ofMachine() && t.origin.Host == "" {
			if t.node = only(nodes[pasteOf(t.origin)]); t.node != "" {
				p.m.memberNode[idOf(t.origin)] = t.node
			}
		}
	}
}

// placeBySaying: somebody wrote above an output on which node, or on which machine of a prompt elsewhere, it was taken.
func (p *machines) placeBySaying() {
	machines := setOf(p.m.NodeNames())
	for _, t := range p.list {
		if t.origin.Host != "" && t.origin.Pod == "" && !t.origin.Router && !t.origin.Client {
			machines[t.origin.Host] = true
		}
	}
	for _, t := range p.list {
		if !p.unplaced(t) || t.origin.Before == "" || t.origin.Pod != "" || t.origin.Host != "" {
			continue
		}
		if t.node = saidNode(t.origin.Before, machines); t.node != "" {
			p.m.memberNode[idOf(t.origin)] = t.node
		}
	}
}

// saidNode is the one node that a text names as a place: "on n1", "from n1", "node n1", "n1:"; "" where there is none, or more than one.
func saidNode(text string, nodes map[string]bool) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;()\"'`", r) })
	found := map[string]bool{}
	for i, w := range words {
		name := strings.TrimRight(w, ".:")
		if !nodes[name] {
			continue
		}
		last := ""
		if i > 0 {
			last = strings.ToLower(words[i-1])
		}
		if last == "on" || last == "from" || last == "node" || last == "at" || strings.HasSuffix(w, ":") {
			found[name] = true
		}
	}
	return only(found)
}

func (p *machines) unplaced(t *traits) bool {
	return t.node == "" && !t.origin.Router && !t.origin.Client
}

// Homeless lists files with settings, rules or interfaces of a machine that nothing ties to a node, in order.
func (m *Model) Homeless() []string { return m.homeless }

func (p *machines) of(o schema.Origin) *traits {
	t := p.byID[idOf(o)]
	if t == nil {
		t = &traits{origin: o, names: map[string]bool{}, labels: map[string]bool{}}
		p.byID[idOf(o)] = t
		p.list = append(p.list, t)
	}
	return t
}

// gather collects the traits of all members that show some.
func (p *machines) gather() {
	for _, i := range p.m.Ifaces {
		t := p.of(i.Origin)
		t.names[i.Name] = true
		t.macs = append(t.macs, i.MAC)
		for _, a := range i.Addrs {
			t.addOwn(a.Addr())
		}
	}
	for _, r := range p.m.Routes {
		p.route(r)
	}
	for _, n := range p.m.ARP {
		p.of(n.Origin).names[n.Device] = true
	}
	for _, s := range p.m.Sysctls {
		t := p.of(s.Origin)
		if name := sysctlInterface(s.Name); name != "" {
			t.names[name] = true
		}
	}
	for _, s := range p.m.Sockets {
		p.of(s.Origin).addText(s.LocalAddr)
	}
	for _, n := range p.m.Neighbors {
		t := p.of(n.Origin)
		t.addText(n.LocalHost)
		t.addText(n.LocalID)
	}
	for _, t := range p.m.Tables {
		if t.LocalID != "" {
			p.of(t.Origin).addText(t.LocalID)
		}
	}
	for _, b := range p.m.BFD {
		p.of(b.Origin).addText(b.Local)
	}
	for _, c := range p.m.FRRConfs {
		for _, r := range c.Routers {
			p.of(c.Origin).addText(r.ID)
		}
	}
	for _, s := range p.m.Metrics {
		if node := s.Labels["node"]; node != "" && strings.HasPrefix(s.Name, "metallb_") {
			p.of(s.Origin).labels[node] = true
		}
	}
	for _, c := range p.m.Captures {
		p.of(c.Origin)
	}
	p.gatherSilent()
}

// gatherSilent takes in members that show nothing of their machine: with one node they are that one's.
func (p *machines) gatherSilent() {
	for _, r := range p.m.Rules {
		p.of(r.Origin)
	}
	for _, f := range p.m.Firewalls {
		p.of(f.Origin)
	}
	for _, f := range p.m.Firewall {
		p.of(f.Origin)
	}
	for _, v := range p.m.IPVS {
		p.of(v.Origin)
	}
	for _, c := range p.m.Captures {
		p.of(c.Origin)
	}
}

func (p *machines) route(r Route) {
	t := p.of(r.Origin)
	switch r.Table {
	case "kernel", "get":
		t.addText(r.Source)
	case "rib":
	default:
		return // paths of BGP show others' addresses
	}
	if r.Device != "" {
		t.names[r.Device] = true
	}
	if prefix, err := netip.ParsePrefix(r.Prefix); err == nil && r.Kind == "" && r.NextHop == "" && len(r.NextHops) == 0 && r.Device != "" && prefix.Bits() > 0 {
		t.links = append(t.links, prefix.Masked())
	}
}

func (t *traits) addText(text string) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		t.addOwn(a)
	}
}

func (t *traits) addOwn(a netip.Addr) {
	if a = a.Unmap().WithZone(""); !a.IsLoopback() && !a.IsUnspecified() {
		t.own = append(t.own, a)
	}
}

// learn notes that only this node has the token; one that two have tells nothing.
func (p *machines) learn(token, node string) {
	if was, ok := p.tokens[token]; ok && was != node {
		node = ""
	}
	p.tokens[token] = node
}

// learnAll notes what a member of a known node shows.
func (p *machines) learnAll(t *traits) {
	for _, a := range t.own {
		p.learn("addr "+a.String(), t.node)
	}
	for _, mac := range t.macs {
		if mac != "" && mac != "00:00:00:00:00:00" {
			p.learn("mac "+mac, t.node)
		}
	}
	for name := range t.names {
		if randomName(name) {
			p.learn("name "+name, t.node)
		}
	}
}

// decide returns the one node to which everything points that the member shows; "" where nothing does, or to more than one. A node's own
// address outranks the rest.
func (p *machines) decide(t *traits) string {
	if len(t.labels) == 1 {
		return Sorted(t.labels)[0]
	}
	strong, weak := map[string]bool{}, map[string]bool{}
	for _, a := range t.own {
		if node := p.m.addrNode[a]; node != "" {
			strong[node] = true
		}
		weak[p.tokens["addr "+a.String()]] = true
	}
	for _, mac := range t.macs {
		weak[p.tokens["mac "+mac]] = true
	}
	for name := range t.names {
		weak[p.tokens["name "+name]] = true
	}
	for _, prefix := range t.links {
		weak[p.tokens["link "+prefix.String()]] = true
	}
	delete(weak, "")
	switch {
	case len(strong) > 0:
		return only(strong)
	case len(weak) > 0:
		return only(weak)
	case len(t.own) == 0 && t.ofMachine() && (t.origin.Host == "" || len(p.m.Obj.Nodes) == 1):
		return only(setOf(p.m.NodeNames()))
	}
	return ""
}

// ofMachine tells whether such a member is mostly taken on a node.
func (t *traits) ofMachine() bool {
	switch t.origin.Kind {
	case schema.KindSysctl, schema.KindIptables, schema.KindNft, schema.KindIPVS, schema.KindIPRule, schema.KindIPLink:
		return true
	}
	return false
}

func setOf(names []string) map[string]bool {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// only is the single element of a set, else "".
func only(set map[string]bool) string {
	if len(set) != 1 {
		return ""
	}
	return Sorted(set)[0]
}

// sysctlInterface is IFACE of net.ipv4.conf.IFACE.SETTING, without those that are no interface.
func sysctlInterface(name string) string {
	rest, ok := strings.CutPrefix(name, "net.ipv4.conf.")
	if !ok {
		rest, ok = strings.CutPrefix(name, "net.ipv6.conf.")
	}
	i := strings.LastIndexByte(rest, '.')
	if !ok || i <= 0 {
		return ""
	}
	if rest = rest[:i]; rest == "all" || rest == "default" || rest == "lo" {
		return ""
	}
	return rest
}

// randomName tells whether an interface's name is one that a network plugin made up for a pod: no other machine has it.
func randomName(name string) bool {
	for _, prefix := range []string{"veth", "cali", "lxc", "tap", "azv", "eni", "vnet"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && len(rest) >= 6 {
			return strings.Trim(rest, "0123456789abcdef") == ""
		}
	}
	return false
}
