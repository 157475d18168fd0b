package router

import (
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
	"github.com/metallb-assay/assay/schema"
)

// configs gathers configurations of languages that package frrconf does not read:
//
//   - statements in blocks (BIRD, Junos, VyOS, OpenBGPD): the words of the blocks around a statement are put in front of it, so that
//     `protocols { bgp { group K { peer-as 64500; }}}` is the same as the next form;
//   - "set" commands (Junos, VyOS, EdgeOS);
//   - RouterOS's "add name=value ..." below a path, and GoBGP's TOML.
type configs struct {
	conf  *model.FRRConf
	stack []string // words of the open blocks, joined by blanks
	path  string   // of RouterOS: "/routing bgp connection"
	toml  string   // of GoBGP: the table that is open
	as    uint32   // the router's own AS, where it stands outside of the neighbors
	group map[string]model.FRRConfNeighbor
	paths int
}

// maxDepth bounds the blocks; no language nests deeper.
const maxDepth = 12

// maxWord bounds a statement.
const maxWord = 256

// maxNeighbors bounds the neighbors of one configuration.
const maxNeighbors = 2000

// leave closes blocks that are open; the configuration goes on.
func (c *configs) leave() { c.stack, c.path, c.toml = nil, "", "" }

// open returns the configuration, a new one when there is none yet.
func (c *configs) open(r *reader, system string, src schema.Evidence) *model.FRRConf {
	if c.conf == nil {
		c.conf = &model.FRRConf{Origin: r.sec, System: system, Src: src}
		c.group = map[string]model.FRRConfNeighbor{}
	}
	return c.conf
}

// line takes a line of any of these languages.
func (c *configs) line(r *reader, l vtysh.Line) bool {
	t := strings.TrimSpace(l.Text)
	switch {
	case strings.HasPrefix(t, "set protocols bgp ") || strings.HasPrefix(t, "set routing-options autonomous-system ") || strings.HasPrefix(t, "set policy "):
		return c.statement(r, l, strings.Fields(strings.ReplaceAll(t[4:], "'", "")))
	case strings.HasPrefix(t, "/routing") && strings.Contains(t, "bgp"):
		c.path = t
		return true
	case c.path != "" && strings.HasPrefix(t, "add ") || strings.HasPrefix(t, "set ") && c.path != "" || strings.HasPrefix(c.path, "/routing") && strings.Contains(t, "remote.address="):
		return c.routerOS(r, l, t)
	case strings.HasPrefix(t, "[global.config]") || strings.HasPrefix(t, "[[neighbors]]") || strings.HasPrefix(t, "[neighbors.") || c.toml != "" && strings.Contains(t, " = "):
		return c.goBGP(r, l, t)
	case len(c.stack) > 0 || opensBlock(t):
		return c.blocks(r, l, t)
	}
	return false
}

// opensBlock tells whether a line opens a block of BGP in one of the languages with braces.
func opensBlock(t string) bool {
	if !strings.Contains(t, "{") {
		return false
	}
	f := strings.Fields(t)
	switch f[0] {
	case "protocols", "routing-options", "bgp":
		return true
	case "protocol", "template":
		return len(f) > 1 && (f[1] == "bgp" || f[1] == "kernel")
	case "neighbor", "group": // OpenBGPD, Junos
		return len(f) > 2
	}
	return false
}

// blocks takes a line with braces: several statements may stand on it.
func (c *configs) blocks(r *reader, l vtysh.Line, t string) bool {
	if i := strings.Index(t, "#"); i == 0 {
		return true
	}
	for t != "" {
		end := strings.IndexAny(t, "{};")
		if end < 0 {
			if len(c.stack) > 0 {
				c.nested(r, l, t) // VyOS and OpenBGPD end statements by the line
			}
			break
		}
		word := strings.TrimSpace(t[:end])
		if len(word) > maxWord {
			word = word[:maxWord]
		}
		switch t[end] {
		case '{':
			if len(c.stack) < maxDepth {
				c.stack = append(c.stack, word)
				c.nested(r, l, "")
			}
		case '}':
			if word != "" {
				c.nested(r, l, word)
			}
			if len(c.stack) > 0 {
				c.stack = c.stack[:len(c.stack)-1]
			}
		default:
			c.nested(r, l, word)
		}
		t = strings.TrimSpace(t[end+1:])
	}
	return true
}

// nested gives a statement the words of the blocks around it.
func (c *configs) nested(r *reader, l vtysh.Line, word string) {
	c.statement(r, l, strings.Fields(strings.Join(c.stack, " ")+" "+word))
}

// statement takes one statement as a path of words.
func (c *configs) statement(r *reader, l vtysh.Line, f []string) bool {
	for len(f) > 0 && (f[0] == "protocols" || f[0] == "routing-instances") {
		f = f[1:]
	}
	switch {
	case len(f) < 2:
		return false
	case f[0] == "protocol" || f[0] == "template":
		c.bird(r, l, f)
	case f[0] == "routing-options" && f[1] == "autonomous-system" && len(f) > 2:
		c.open(r, "junos", l.Evidence())
		c.setAS(f[2], l)
	case f[0] == "bgp" && f[1] == "group" || f[0] == "group":
		c.junos(r, l, f[slices.Index(f, "group")+1:])
	case f[0] == "bgp":
		c.vyos(r, l, f[1:])
	case f[0] == "neighbor":
		c.open(r, "openbgpd", l.Evidence())
		c.neighbor(f[1], l, f[2:])
	default:
		return false
	}
	return true
}

// router returns the block of an AS; 0 is the AS that the configuration has outside.
func (c *configs) router(as uint32, l vtysh.Line) *model.FRRConfRouter {
	for i := range c.conf.Routers {
		if r := &c.conf.Routers[i]; r.ASN == as || as == 0 {
			return r
		}
	}
	c.conf.Routers = append(c.conf.Routers, model.FRRConfRouter{ASN: as, MaximumPaths: c.paths, Src: l.Evidence()})
	return &c.conf.Routers[len(c.conf.Routers)-1]
}

func (c *configs) setAS(s string, l vtysh.Line) {
	c.as = frrconf.ParseAS(strings.Trim(s, "'\";"))
	c.router(0, l).ASN = c.as
}

// find returns the neighbor of an address, a new one where there is none.
func (c *configs) find(rt *model.FRRConfRouter, addr string, l vtysh.Line) *model.FRRConfNeighbor {
	for i := range rt.Neighbors {
		if rt.Neighbors[i].Addr == addr {
			return &rt.Neighbors[i]
		}
	}
	if len(rt.Neighbors) >= maxNeighbors {
		return &model.FRRConfNeighbor{}
	}
	rt.Neighbors = append(rt.Neighbors, model.FRRConfNeighbor{Addr: addr, Src: l.Evidence()})
	return &rt.Neighbors[len(rt.Neighbors)-1]
}

// neighbor sets what the words behind "neighbor X" say, in VyOS, EdgeOS, OpenBGPD and Junos.
func (c *configs) neighbor(addr string, l vtysh.Line, f []string) {
	set(c.find(c.router(0, l), strings.Trim(addr, "'\""), l), f)
}

func set(n *model.FRRConfNeighbor, f []string) {
	if len(f) == 0 {
		return
	}
	value := ""
	if len(f) > 1 {
		value = strings.Trim(f[len(f)-1], "'\";")
	}
	switch f[0] {
	case "remote-as", "peer-as", "remote":
		n.RemoteAS = value
	case "local-as":
		n.LocalAS = frrconf.ParseAS(value)
	case "password", "authentication-key", "tcp":
		n.Password, n.PasswordMark = true, model.PasswordMark(strings.Join(f, " "))
	case "ebgp-multihop", "multihop":
		if n.MultiHop = number(value, 0); n.MultiHop == 0 {
			n.MultiHop = 255
		}
	case "update-source", "local-address":
		n.UpdateSource = value
	case "peer-group", "group":
		n.PeerGroup = value
	case "shutdown", "down", "disable":
		n.Shutdown = true
	case "passive":
		n.Passive = true
	case "bfd", "bfd-liveness-detection":
		n.BFD = true
	case "hold-time", "holdtime":
		n.Hold = number(value, 0)
	case "timers":
		if len(f) > 2 && f[1] == "holdtime" {
			n.Hold = number(value, 0)
		}
	case "import", "export":
		policy := strings.Join(f[1:], " ")
		if f[0] == "import" {
			n.RouteMapIn = policy
		} else {
			n.RouteMapOut = policy
		}
	case "max-prefix", "maximum-prefix":
		if len(f) > 1 {
			n.MaximumPrefix = number(f[1], 0)
		}
	case "soft-reconfiguration":
		n.SoftReconfig = true
	case "address-family":
		setFamily(n, f[1:])
	}
}

// setFamily takes what VyOS has below address-family: "ipv4-unicast prefix-list import NAME".
func setFamily(n *model.FRRConfNeighbor, f []string) {
	if len(f) == 0 {
		return
	}
	name := strings.Replace(strings.Trim(f[0], "'\""), "-", " ", 1)
	if !slices.Contains(n.Activated, name) {
		n.Activated = append(n.Activated, name)
	}
	if len(f) < 4 {
		return
	}
	value := strings.Trim(f[3], "'\"")
	switch f[1] + " " + f[2] {
	case "prefix-list import":
		n.PrefixListIn = value
	case "prefix-list export":
		n.PrefixListOut = value
	case "route-map import":
		n.RouteMapIn = value
	case "route-map export":
		n.RouteMapOut = value
	}
}

// close puts the configuration out.
func (c *configs) close(out *model.Observations) {
	if c.conf == nil {
		return
	}
	for i := range c.conf.Routers {
		r := &c.conf.Routers[i]
		r.MaximumPaths = max(r.MaximumPaths, c.paths)
		if r.ASN == 0 {
			r.ASN = c.as
		}
	}
	out.FRRConfs = append(out.FRRConfs, *c.conf)
}
