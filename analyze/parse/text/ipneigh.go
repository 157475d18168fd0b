package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// ipNeigh reads `ip neigh`, `arp -n`, `arp -a` of Linux, BSD and Windows, and the ARP tables of common routers.
type ipNeigh struct {
}

// neighStates are the states of a neighbour entry.
var neighStates = map[string]bool{"REACHABLE": true, "STALE": true, "DELAY": true, "PROBE": true, "FAILED": true, "INCOMPLETE": true, "PERMANENT": true, "NOARP": true, "NONE": true}

func (t *ipNeigh) line(c *state, l line) took {
	s := l.trim()
	if s == "" {
		return ignored
	}
	f := strings.Fields(s)
	switch f[0] {
	case "Address", "Internet", "Protocol", "Interface:", "Entries:", "Neighbor":
		if f[0] == "Internet" && len(f) > 3 && isAddr(f[1]) { // Cisco: Internet 10.0.0.1 5 0050.5691.1c0a ARPA Vlan10
			return t.add(c, l, f[1], macOf(f[3]), f[len(f)-1], "")
		}
		return ignored
	}
	if contains(f, "no") && contains(f, "entry") { // "10.0.0.1 (10.0.0.1) -- no entry"
		return t.add(c, l, f[0], "", "", "NONE")
	}
	if len(f) > 1 && strings.HasPrefix(f[1], "(") && isAddr(strings.Trim(f[1], "()")) { // arp -a: host (10.0.0.1) at MAC [ether] on eth0
		addr, ok := between(s, "(", ")")
		if !ok || !isAddr(addr) {
			return unread
		}
		mac := macOf(value(f, "at"))
		state := ""
		if mac == "" {
			state = "INCOMPLETE"
		}
		return t.add(c, l, addr, mac, value(f, "on"), state)
	}
	if !isAddr(f[0]) {
		return unread
	}
	if value(f, "dev") != "" || value(f, "lladdr") != "" {
		state := ""
		for _, w := range f[1:] {
			if neighStates[w] {
				state = w
			}
		}
		return t.add(c, l, f[0], macOf(value(f, "lladdr")), value(f, "dev"), state)
	}
	mac, state := "", ""
	for _, w := range f[1:] {
		if m := macOf(w); m != "" {
			mac = m
		}
		if strings.Trim(w, "()<>") == "incomplete" {
			state = "INCOMPLETE"
		}
	}
	if len(f) == 2 && neighStates[f[1]] { // `ip neigh show dev eth0`: the interface was asked for
		return t.add(c, l, f[0], "", "", f[1])
	}
	if mac == "" && state == "" {
		return unread
	}
	if len(f) > 1 && macOf(f[1]) != "" && strings.Count(s, "\t") >= 1 && (len(f) == 2 || macOf(f[1]) == mac && strings.Contains(s, f[1]+"\t")) { // arp-scan: address, MAC, vendor
		return t.add(c, l, f[0], mac, "", "")
	}
	dev := f[len(f)-1]
	if dev == "dynamic" || dev == "static" || macOf(dev) != "" || state != "" && len(f) < 3 {
		dev = ""
	}
	return t.add(c, l, f[0], mac, dev, state)
}

func (t *ipNeigh) add(c *state, l line, addr, mac, dev, state string) took {
	if !c.room() {
		return ignored
	}
	c.out.ARP = append(c.out.ARP, model.Neighbor{Origin: c.o, Addr: zoneless(addr), MAC: mac, Device: dev, State: state, Src: c.ev(l)})
	return taken
}

func (t *ipNeigh) end(*state) {}

// ipRule reads `ip rule`.
type ipRule struct{}

func (t *ipRule) line(c *state, l line) took {
	s := l.trim()
	if s == "" {
		return ignored
	}
	n, rest, ok := strings.Cut(s, ":")
	p, isNum := number(n)
	if !ok || !isNum || !allDigits(n) || !has(rest, "from ", "lookup", "to ", "iif", "not ") {
		return unread
	}
	if c.room() {
		c.out.Rules = append(c.out.Rules, model.IPRule{Origin: c.o, Priority: p, Text: strings.Join(strings.Fields(rest), " "), Src: c.ev(l)})
	}
	return taken
}

func (t *ipRule) end(*state) {}
