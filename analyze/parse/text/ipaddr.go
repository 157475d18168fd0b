package text

import (
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// ipAddr reads `ip addr`, `ip link`, both with -br and -o, ifconfig, `bridge link` and `bridge fdb`.
type ipAddr struct {
	link   bool
	cur    *model.Interface
	byName map[string]int // index in list of the interfaces of this command
	list   []model.Interface
}

func (t *ipAddr) line(c *state, l line) took {
	s := l.trim()
	if s == "" {
		return ignored
	}
	f := strings.Fields(s)
	indented := l.text[0] == ' ' || l.text[0] == '\t'
	switch {
	case t.head(c, l, s, f):
		return taken
	case f[0] == "inet" || f[0] == "inet6":
		return t.inet(c, l, f)
	case strings.HasPrefix(f[0], "link/"):
		if t.cur != nil && len(f) > 1 {
			t.cur.MAC = macOf(f[1])
			if f[0] == "link/none" || f[0] == "link/ipip" {
				t.cur.Kind = strings.TrimPrefix(f[0], "link/")
			}
		}
		return taken
	case !indented && t.brief(c, l, f):
		return taken
	case t.loopLines(c, l, s, f):
		return taken
	case fdb(f):
		return ignored
	case t.cur != nil && (indented || strings.HasPrefix(f[0], "valid_lft")):
		return t.more(f)
	}
	return unread
}

// add begins an interface; a name seen before in the same command goes on.
func (t *ipAddr) add(c *state, l line, name string) *model.Interface {
	t.keep()
	if t.byName == nil {
		t.byName = map[string]int{}
	}
	if i, ok := t.byName[name]; ok {
		t.cur = &t.list[i]
		return t.cur
	}
	if !c.room() {
		t.cur = &model.Interface{}
		return t.cur
	}
	t.byName[name] = len(t.list)
	t.list = append(t.list, model.Interface{Origin: c.o, Name: name, Src: c.ev(l), AddrSrc: map[string]schema.Evidence{}})
	t.cur = &t.list[len(t.list)-1]
	return t.cur
}

func (t *ipAddr) keep() { t.cur = nil }

// head reads "2: eth0@if14: <UP> mtu 1500 ..." and ifconfig's "eth0: flags=4163<UP>  mtu 1500" and "eth0  Link encap:Ethernet".
func (t *ipAddr) head(c *state, l line, s string, f []string) bool {
	if l.text[0] == ' ' && !(len(f) > 3 && allDigits(strings.TrimSuffix(f[0], ":"))) {
		return false
	}
	if n, ok := number(f[0]); ok && strings.HasSuffix(f[0], ":") && len(f) > 1 {
		name, _, _ := strings.Cut(strings.TrimSuffix(f[1], ":"), "@")
		if len(f) > 2 && (f[2] == "inet" || f[2] == "inet6") { // -o
			i := t.add(c, l, name)
			i.Index = n
			t.inet(c, l, f[2:])
			return true
		}
		flags, ok := between(s, "<", ">")
		if !ok {
			return false
		}
		i := t.add(c, l, name)
		i.Index, i.Flags = n, strings.Split(flags, ",")
		t.props(i, f)
		return true
	}
	if flags, ok := between(s, "flags=", ">"); ok && strings.HasSuffix(f[0], ":") {
		i := t.add(c, l, strings.TrimSuffix(f[0], ":"))
		_, flags, _ = strings.Cut(flags, "<")
		i.Flags = strings.Split(flags, ",")
		t.props(i, f)
		return true
	}
	if len(f) > 2 && f[1] == "Link" && strings.HasPrefix(f[2], "encap:") {
		i := t.add(c, l, f[0])
		i.MAC = macOf(value(f, "HWaddr"))
		return true
	}
	return false
}

// props reads the words behind the flags.
func (t *ipAddr) props(i *model.Interface, f []string) {
	if v, ok := number(value(f, "mtu")); ok {
		i.MTU = v
	}
	if v := value(f, "state"); v != "" {
		i.State = v
	} else if i.State == "" && contains(i.Flags, "RUNNING") {
		i.State = "UP"
	}
	if v := value(f, "master"); v != "" {
		i.Master = v
	}
	if len(f) > 2 {
		for j, w := range f {
			if strings.HasPrefix(w, "link/") && j+1 < len(f) { // ip -o link
				i.MAC = macOf(f[j+1])
			}
		}
	}
}

// inet reads an address: "inet 10.0.0.1/24 brd ...", "inet 10.0.0.1  netmask 255.255.255.0", "inet addr:10.0.0.1  Mask:...".
func (t *ipAddr) inet(c *state, l line, f []string) took {
	if t.cur == nil {
		t.add(c, l, unheaded(c.cmd, f))
	}
	if len(f) < 2 {
		return unread
	}
	a := strings.TrimPrefix(f[1], "addr:")
	if a == "" && len(f) > 2 {
		a = f[2] // "inet6 addr: fe80::1/64"
	}
	p, ok := prefixOf(zoneless(a))
	if v := value(f, "peer"); v != "" && ok { // "inet 10.0.0.1 peer 10.0.0.2/32"
		if q, ok := prefixOf(v); ok {
			p = netip.PrefixFrom(p.Addr(), q.Bits())
		}
	}
	if !ok {
		return unread
	}
	if m := value(f, "netmask"); m != "" {
		p = masked(p, m)
	} else if m := value(f, "prefixlen"); m != "" {
		if n, ok := number(m); ok && n <= p.Addr().BitLen() {
			p = netip.PrefixFrom(p.Addr(), n)
		}
	}
	for _, w := range f {
		if m, ok := strings.CutPrefix(w, "Mask:"); ok {
			p = masked(p, m)
		}
	}
	t.address(c, l, p)
	return taken
}

// unheaded names the interface of an address whose heading grep left out: the command's, else the label that `ip addr` puts last.
func unheaded(cmd command, f []string) string {
	if dev := shownDevice(cmd); dev != "" {
		return dev
	}
	for i, w := range f {
		if w != "scope" || i+2 >= len(f) {
			continue
		}
		label, _, _ := strings.Cut(f[len(f)-1], ":")
		switch label {
		case "secondary", "dynamic", "noprefixroute", "deprecated", "tentative", "temporary", "permanent", "mngtmpaddr", "nodad":
			return ""
		}
		return label
	}
	return ""
}

// masked puts a dotted or hexadecimal netmask on an address.
func masked(p netip.Prefix, mask string) netip.Prefix {
	var m uint64
	if a, ok := addrOf(mask); ok && a.Is4() {
		b := a.As4()
		m = uint64(b[0])<<24 | uint64(b[1])<<16 | uint64(b[2])<<8 | uint64(b[3])
	} else if h, ok := strings.CutPrefix(mask, "0x"); ok { // BSD
		v, err := strconv.ParseUint(h, 16, 32)
		if err != nil {
			return p
		}
		m = v
	} else {
		return p
	}
	n := bits.LeadingZeros32(^uint32(m))
	return netip.PrefixFrom(p.Addr(), min(n, p.Addr().BitLen()))
}

func (t *ipAddr) address(c *state, l line, p netip.Prefix) {
	if len(t.cur.Addrs) > 10_000 || t.cur.AddrSrc == nil {
		return
	}
	t.cur.Addrs = append(t.cur.Addrs, p)
	t.cur.AddrSrc[p.Addr().String()] = c.ev(l)
}

// states are the words in the second column of -br.
var states = map[string]bool{"UP": true, "DOWN": true, "UNKNOWN": true, "LOWERLAYERDOWN": true, "DORMANT": true, "NOTPRESENT": true, "TESTING": true}

// brief reads a row of -br: "eth0  UP  10.0.0.1/24 fe80::1/64" or "eth0  UP  MAC <FLAGS>".
func (t *ipAddr) brief(c *state, l line, f []string) bool {
	if len(f) > 2 && states[f[2]] && strings.HasSuffix(f[0], ":") && hostName(f[0][:len(f[0])-1]) { // a loop over machines prints their names in front
		if h := f[0][:len(f[0])-1]; h != c.o.Host {
			t.end(c)
			c.o.Host = h
		}
		f = f[1:]
	}
	if len(f) < 2 || !states[f[1]] {
		return false
	}
	name, _, _ := strings.Cut(f[0], "@")
	i := t.add(c, l, name)
	i.State = f[1]
	for _, w := range f[2:] {
		if strings.HasPrefix(w, "<") {
			i.Flags = strings.Split(strings.Trim(w, "<>"), ",")
			continue
		}
		if m := macOf(w); m != "" {
			i.MAC = m
			continue
		}
		if p, ok := prefixOf(zoneless(w)); ok {
			t.address(c, l, p)
		}
	}
	return true
}

// loopLines reads the bare lines of a loop over machines: the machine's name, a MAC address of /sys/class/net, an address a line.
func (t *ipAddr) loopLines(c *state, l line, s string, f []string) bool {
	if len(f) != 1 {
		return false
	}
	if contains(c.cmd.loop, s) {
		t.end(c)
		c.o.Host = s
		return true
	}
	if m := macOf(s); m != "" {
		dev, ok := between(c.cmd.text, "/sys/class/net/", "/address")
		if !ok {
			return false
		}
		t.add(c, l, dev).MAC = m
		return true
	}
	p, ok := prefixOf(s)
	if !ok || !strings.Contains(s, "/") {
		return false
	}
	t.add(c, l, shownDevice(c.cmd))
	t.address(c, l, p)
	return true
}

// shownDevice is the device that `ip addr show [dev] NAME` names, "" when it names none.
func shownDevice(cmd command) string {
	for _, s := range cmd.parts {
		if s.tool != "ip" {
			continue
		}
		for i, a := range s.args {
			if a == "show" || a == "sh" || a == "s" || a == "list" || a == "ls" {
				rest := s.args[i+1:]
				if len(rest) > 1 && rest[0] == "dev" {
					rest = rest[1:]
				}
				if len(rest) > 0 {
					return rest[0]
				}
			}
		}
	}
	return ""
}

// fdb says whether a line is one of `bridge fdb` or `bridge vlan`, which say nothing that a check uses.
func fdb(f []string) bool {
	return len(f) > 2 && macOf(f[0]) != "" && f[1] == "dev"
}

// more reads the further lines of an interface: its kind of -d, its MAC address of ifconfig, counters.
func (t *ipAddr) more(f []string) took {
	switch f[0] {
	case "ether", "HWaddr":
		if len(f) > 1 {
			t.cur.MAC = macOf(f[1])
		}
		return taken
	case "vxlan", "veth", "bridge", "bond", "vlan", "wireguard", "macvlan", "ipvlan", "dummy", "tun", "ipip", "gre", "geneve", "vrf", "team":
		t.cur.Kind = f[0]
		return taken
	case "UP", "BROADCAST":
		t.cur.Flags = f
		for _, w := range f {
			if m, ok := strings.CutPrefix(w, "MTU:"); ok {
				t.cur.MTU, _ = number(m)
			}
		}
		return taken
	case "status:":
		if len(f) > 1 && f[1] == "active" {
			t.cur.State = "UP"
		}
		return taken
	}
	return ignored
}

func (t *ipAddr) end(c *state) {
	c.out.Ifaces = append(c.out.Ifaces, t.list...)
	t.list, t.cur, t.byName = nil, nil, nil
}
