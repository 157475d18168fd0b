package router

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
)

// bird takes "protocol bgp NAME [from T] ..." and "template bgp T ...". A protocol is one neighbor, with its own local AS.
func (c *configs) bird(r *reader, l vtysh.Line, f []string) {
	conf := c.open(r, "bird", l.Evidence())
	if f[1] == "kernel" {
		if s := strings.Join(f, " "); strings.Contains(s, "merge paths") && !strings.Contains(s, "merge paths no") && !strings.Contains(s, "merge paths off") {
			c.paths = max(number(f[len(f)-1], 16), 2)
		}
		return
	}
	if f[1] != "bgp" || len(f) < 3 {
		return
	}
	name := f[2]
	n := c.group[name]
	n.Description = name
	f = f[3:]
	if len(f) > 1 && f[0] == "from" {
		if t, known := c.group[f[1]]; known && n.PeerGroup == "" {
			desc := n.Description
			n = t
			n.Description, n.PeerGroup = desc, f[1]
		}
		f = f[2:]
	}
	birdWords(&n, f)
	c.group[name] = n
	if n.Addr == "" || n.LocalAS == 0 && n.RemoteAS == "" {
		return
	}
	rt := c.birdRouter(conf, n, l)
	at := c.find(rt, n.Addr, l)
	src := at.Src
	*at = n
	at.Src = src
}

// birdRouter is the block of the neighbor's local AS.
func (c *configs) birdRouter(conf *model.FRRConf, n model.FRRConfNeighbor, l vtysh.Line) *model.FRRConfRouter {
	for i := range conf.Routers {
		if conf.Routers[i].ASN == n.LocalAS {
			return &conf.Routers[i]
		}
	}
	conf.Routers = append(conf.Routers, model.FRRConfRouter{ASN: n.LocalAS, Src: l.Evidence()})
	return &conf.Routers[len(conf.Routers)-1]
}

// birdWords takes a statement of a BGP protocol.
func birdWords(n *model.FRRConfNeighbor, f []string) {
	if len(f) == 0 {
		return
	}
	s := strings.Join(f, " ")
	switch f[0] {
	case "local":
		if as := after(s, "as "); as != "" {
			n.LocalAS = frrconf.ParseAS(as)
		}
		if len(f) > 1 && isAddr(f[1]) {
			n.UpdateSource = f[1]
		}
	case "source":
		n.UpdateSource = f[len(f)-1]
	case "neighbor":
		if as := after(s, " as "); as != "" {
			n.RemoteAS = as
		}
		for _, w := range f[1:] {
			if w = hostOf(w); isAddr(w) || isPrefix(w) {
				n.Addr = w
			}
		}
		if strings.HasSuffix(s, " external") || strings.HasSuffix(s, " internal") {
			n.RemoteAS = f[len(f)-1]
		}
	case "multihop":
		if n.MultiHop = number(f[len(f)-1], 0); n.MultiHop == 0 {
			n.MultiHop = 255
		}
	case "password":
		n.Password, n.PasswordMark = true, model.PasswordMark(s)
	case "passive":
		n.Passive = len(f) < 2 || f[1] != "off"
	case "disabled":
		n.Shutdown = len(f) < 2 || f[1] != "off"
	case "bfd":
		n.BFD = len(f) < 2 || f[1] != "off"
	case "hold":
		n.Hold = number(f[len(f)-1], 0)
	case "import", "export", "ipv4", "ipv6":
		birdFilter(n, f)
	}
}

// birdFilter takes "[ipv4] import all|none|where ...|filter NAME|limit N ...".
func birdFilter(n *model.FRRConfNeighbor, f []string) {
	if f[0] == "ipv4" || f[0] == "ipv6" {
		if a := f[0] + " unicast"; !contains(n.Activated, a) {
			n.Activated = append(n.Activated, a)
		}
		f = f[1:]
	}
	if len(f) < 2 {
		return
	}
	switch {
	case f[0] == "import" && f[1] == "limit" && len(f) > 2:
		n.MaximumPrefix = number(f[2], 0)
	case f[0] == "import":
		n.RouteMapIn = strings.Join(f[1:], " ")
	case f[0] == "export":
		n.RouteMapOut = strings.Join(f[1:], " ")
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// junos takes what stands behind "group NAME": what is said of the group holds for each neighbor that does not say otherwise.
func (c *configs) junos(r *reader, l vtysh.Line, f []string) {
	c.open(r, "junos", l.Evidence())
	if len(f) < 2 {
		return
	}
	name, words := f[0], f[1:]
	rt := c.router(0, l)
	switch {
	case words[0] == "neighbor" && len(words) > 1:
		before := len(rt.Neighbors)
		n := c.find(rt, strings.Trim(words[1], "\"';"), l)
		if len(rt.Neighbors) > before {
			addr, src := n.Addr, n.Src
			*n = c.group[name]
			n.Addr, n.Src, n.PeerGroup = addr, src, name
		}
		set(n, words[2:])
	case words[0] == "multipath":
		rt.MaximumPaths = max(rt.MaximumPaths, 16)
	case words[0] == "allow" && len(words) > 1:
		rt.ListenRanges = append(rt.ListenRanges, words[1]+" "+name)
	default:
		g := c.group[name]
		set(&g, words)
		c.group[name] = g
		for i := range rt.Neighbors { // said behind the neighbors
			if n := &rt.Neighbors[i]; n.PeerGroup == name && n.RemoteAS == "" {
				n.RemoteAS = g.RemoteAS
			}
		}
	}
}

// vyos takes what stands behind "bgp": the AS in front (EdgeOS, VyOS 1.3), or system-as (1.4).
func (c *configs) vyos(r *reader, l vtysh.Line, f []string) {
	c.open(r, "vyos", l.Evidence())
	if as := frrconf.ParseAS(strings.Trim(f[0], "'")); as != 0 {
		c.setAS(f[0], l)
		f = f[1:]
	}
	if len(f) < 2 {
		return
	}
	rt := c.router(0, l)
	switch f[0] {
	case "system-as", "local-as":
		c.setAS(f[1], l)
	case "neighbor", "peer-group":
		c.neighbor(f[1], l, f[2:])
	case "maximum-paths":
		rt.MaximumPaths = max(rt.MaximumPaths, number(f[len(f)-1], 0))
	case "address-family":
		if s := strings.Join(f, " "); strings.Contains(s, "maximum-paths ebgp") {
			rt.MaximumPaths = max(rt.MaximumPaths, number(f[len(f)-1], 0))
		}
	case "parameters":
		if f[1] == "router-id" && len(f) > 2 {
			rt.ID = strings.Trim(f[2], "'")
		}
	}
}

// routerOS takes "add name=... remote.address=... .as=..." of v7 and "add remote-address=... remote-as=..." of v6.
func (c *configs) routerOS(r *reader, l vtysh.Line, t string) bool {
	c.open(r, "routeros", l.Evidence())
	rt := c.router(0, l)
	n := model.FRRConfNeighbor{Src: l.Evidence()}
	group := ""
	for _, w := range strings.Fields(t) {
		name, value, found := strings.Cut(w, "=")
		if !found {
			continue
		}
		value = strings.Trim(value, `"`)
		if g, leaf, dotted := strings.Cut(name, "."); dotted {
			if g != "" {
				group = g
			}
			name = group + "-" + leaf
		}
		switch name {
		case "as", "local-as":
			if as := frrconf.ParseAS(value); as != 0 {
				c.as, rt.ASN = as, as
			}
		case "router-id":
			rt.ID = value
		case "name":
			n.Description = value
		case "remote-address":
			n.Addr = strings.TrimSuffix(value, "/32")
		case "remote-as":
			n.RemoteAS = value
		case "local-address", "update-source":
			n.UpdateSource = value
		case "tcp-md5-key":
			n.Password = value != ""
		case "multihop":
			if value == "yes" {
				n.MultiHop = 255
			}
		case "hold-time":
			if d := wordsTime(value); d > 0 {
				n.Hold = int(d.Seconds())
			}
		case "disabled":
			n.Shutdown = value == "yes"
		case "connect":
			n.Passive = value == "no"
		case "input-filter", "in-filter":
			n.RouteMapIn = value
		case "use-bfd":
			n.BFD = value == "yes"
		}
	}
	if n.Addr != "" {
		rt.Neighbors = append(rt.Neighbors, n)
	}
	return true
}

// goBGP takes lines of gobgpd's TOML: neighbors one after the other, each from [[neighbors]] on.
func (c *configs) goBGP(r *reader, l vtysh.Line, t string) bool {
	c.open(r, "gobgp", l.Evidence())
	rt := c.router(0, l)
	if strings.HasPrefix(t, "[") {
		c.toml = strings.Trim(t, "[] ")
		if t == "[[neighbors]]" {
			rt.Neighbors = append(rt.Neighbors, model.FRRConfNeighbor{Src: l.Evidence()})
		}
		return true
	}
	key, value, _ := strings.Cut(t, "=")
	key, value = strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)
	if strings.HasPrefix(c.toml, "global") {
		switch key {
		case "as":
			c.as = frrconf.ParseAS(value)
			rt.ASN = c.as
		case "router-id":
			rt.ID = value
		}
		return true
	}
	if len(rt.Neighbors) == 0 {
		return strings.HasPrefix(c.toml, "neighbors")
	}
	n := &rt.Neighbors[len(rt.Neighbors)-1]
	switch key {
	case "neighbor-address":
		n.Addr, n.Src = value, l.Evidence()
	case "peer-as":
		n.RemoteAS = value
	case "local-as":
		n.LocalAS = frrconf.ParseAS(value)
	case "auth-password":
		n.Password, n.PasswordMark = value != "", model.PasswordMark(value)
	case "multihop-ttl":
		n.MultiHop = number(value, 255)
	case "passive-mode":
		n.Passive = value == "true"
	case "hold-time":
		n.Hold = number(value, 0)
	case "max-prefixes":
		n.MaximumPrefix = number(value, 0)
	}
	return true
}
