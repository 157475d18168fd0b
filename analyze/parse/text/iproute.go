package text

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// ipRoute reads `ip route`, `ip route get`, `route -n` and `netstat -rn`.
type ipRoute struct {
	list   []model.Route
	legacy bool // behind the heading "Destination Gateway"
	shown  *model.TableShown
}

// routeKinds are the types in front of a route.
var routeKinds = map[string]bool{"blackhole": true, "unreachable": true, "prohibit": true, "throw": true, "local": true, "broadcast": true, "multicast": true, "anycast": true, "unicast": true}

func (t *ipRoute) line(c *state, l line) took {
	s := l.trim()
	if s == "" || s == "cache" || strings.HasPrefix(s, "cache ") {
		return ignored
	}
	f := strings.Fields(s)
	switch {
	case f[0] == "Destination":
		t.legacy = true
		t.table(c, l)
		return ignored
	case has(s, "routing table", "Routing table", "Internet:", "Internet6:"):
		return ignored
	case f[0] == "nexthop" && len(t.list) > 0:
		r := &t.list[len(t.list)-1]
		if v := value(f, "via"); v != "" {
			r.NextHops = append(r.NextHops, v)
			if r.NextHop == "" {
				r.NextHop = v
			}
		}
		if r.Device == "" {
			r.Device = value(f, "dev")
		}
		return taken
	case strings.HasPrefix(s, "RTNETLINK answers:"), strings.HasPrefix(s, "Error:"):
		c.remarks.look(c, l)
		t.unreachable(c, l, s)
		return taken
	case t.legacy:
		return t.row(c, l, f)
	}
	return t.route(c, l, f)
}

// table notes that a table was shown, once a command.
func (t *ipRoute) table(c *state, l line) {
	if t.shown == nil && !t.isGet(c) {
		t.shown = &model.TableShown{Origin: c.o, Table: "kernel", Src: c.ev(l)}
		t.shown.Prefix = c.cmd.filter
		for _, s := range c.cmd.parts {
			if s.tool == "ip" {
				t.shown.Prefix = routeArgs(s.args, t.shown.Prefix)
				if contains(s.args, "-6") {
					t.shown.Family = "ipv6"
				}
			}
		}
	}
}

// routeArgs is what `ip route show` was asked for beyond the whole table.
func routeArgs(args []string, old string) string {
	for i, a := range args {
		if (a == "show" || a == "list" || a == "ls" || a == "s" || a == "match") && i+1 < len(args) {
			return strings.Join(args[i+1:], " ")
		}
	}
	return old
}

// isGet says whether the command is `ip route get`.
func (t *ipRoute) isGet(c *state) bool {
	for _, s := range c.cmd.parts {
		for _, a := range s.args {
			if s.tool == "ip" && (a == "get" || a == "g") {
				return true
			}
		}
	}
	return false
}

// route reads one line of iproute2.
func (t *ipRoute) route(c *state, l line, f []string) took {
	r := model.Route{Origin: c.o, Table: "kernel", LocalPref: -1, Src: c.ev(l), Installed: true}
	if routeKinds[f[0]] && len(f) > 1 {
		if f[0] != "unicast" {
			r.Kind = f[0]
		}
		f = f[1:]
	}
	dst := zoneless(f[0])
	bare := isAddr(dst)
	if dst != "default" && !bare {
		if _, err := netip.ParsePrefix(dst); err != nil {
			return unread
		}
	}
	if value(f, "dev") == "" && value(f, "via") == "" && r.Kind == "" && value(f, "proto") == "" && value(f, "nhid") == "" && value(f, "scope") == "" {
		if len(f) > 1 || !t.expected(c) {
			return unread
		}
	}
	r.NextHop, r.Device, r.Source, r.Protocol, r.TableID = value(f, "via"), value(f, "dev"), value(f, "src"), value(f, "proto"), value(f, "table")
	if r.NextHop == "inet" || r.NextHop == "inet6" {
		r.NextHop = value(f, r.NextHop)
	}
	if r.NextHop != "" {
		r.NextHops = []string{r.NextHop}
	}
	r.Metric, _ = strconv.Atoi(value(f, "metric"))
	if contains(f, "uid") || t.isGet(c) || value(f, "from") != "" && bare {
		r.Table = "get"
	}
	if r.Prefix = normalPrefix(dst, r.NextHop, c); r.Prefix == "" || !c.room() {
		return ignored
	}
	t.table(c, l)
	t.list = append(t.list, r)
	return taken
}

// expected says whether the command makes routes sure, so that a line with no keyword may be one.
func (t *ipRoute) expected(c *state) bool { return c.cmd.kind() == "ip-route" }

// normalPrefix masks a destination; "default" becomes 0.0.0.0/0 or ::/0 by its next hop.
func normalPrefix(dst, via string, c *state) string {
	if dst == "default" {
		if strings.Contains(via, ":") || via == "" && strings.Contains(c.cmd.text, "-6") {
			return "::/0"
		}
		return "0.0.0.0/0"
	}
	p, ok := prefixOf(dst)
	if !ok {
		return ""
	}
	return p.Masked().String()
}

// row reads "Destination Gateway Genmask Flags ... Iface" of Linux and "Destination Gateway Flags Netif" of BSD.
func (t *ipRoute) row(c *state, l line, f []string) took {
	if len(f) < 4 {
		return unread
	}
	r := model.Route{Origin: c.o, Table: "kernel", LocalPref: -1, Src: c.ev(l), Installed: true, Device: f[len(f)-1]}
	dst := f[0]
	if dst == "0.0.0.0" && len(f) > 2 && f[2] == "0.0.0.0" {
		dst = "default"
	}
	if dst != "default" {
		p, ok := prefixOf(dst)
		if !ok {
			return unread
		}
		if m, ok := addrOf(f[2]); ok && m.Is4() {
			p = masked(p, f[2])
		}
		dst = p.String()
	}
	if gw, ok := addrOf(f[1]); ok && !gw.IsUnspecified() {
		r.NextHop = gw.String()
		r.NextHops = []string{r.NextHop}
	}
	if strings.HasPrefix(f[3], "!") || strings.Contains(f[3], "!") {
		r.Kind = "unreachable"
	}
	if r.Prefix = normalPrefix(dst, r.NextHop, c); r.Prefix == "" || !c.room() {
		return ignored
	}
	t.list = append(t.list, r)
	return taken
}

// unreachable notes the answer of `ip route get` for an address without a route.
func (t *ipRoute) unreachable(c *state, l line, s string) {
	if !t.isGet(c) || !has(strings.ToLower(s), "unreachable", "no route") || !c.room() {
		return
	}
	for _, sc := range c.cmd.parts {
		for i, a := range sc.args {
			if (a == "get" || a == "g") && i+1 < len(sc.args) {
				if p, ok := prefixOf(sc.args[i+1]); ok {
					t.list = append(t.list, model.Route{Origin: c.o, Table: "get", LocalPref: -1, Kind: "unreachable", Prefix: p.Masked().String(), Src: c.ev(l)})
				}
			}
		}
	}
}

func (t *ipRoute) end(c *state) {
	c.out.Routes = append(c.out.Routes, t.list...)
	if t.shown != nil {
		t.shown.Count = len(t.list)
		c.out.Tables = append(c.out.Tables, *t.shown)
	}
	t.list, t.shown = nil, nil
}
