package frrconf

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// bgpWord tells whether a line that is not indented belongs to an open "router bgp" block all the same: people paste without
// indentation, and some routers close the block by nothing.
func bgpWord(f []string) bool {
	w := f[0]
	if w == "no" && len(f) > 1 {
		w = f[1]
	}
	return slices.Contains(bgpWords, w)
}

var bgpWords = []string{"neighbor", "network", "bgp", "address-family", "exit-address-family", "maximum-paths", "redistribute", "timers", "distance",
	"aggregate-address", "remote-as", "router-id"}

// openRouter opens "router bgp N [vrf NAME|view NAME]".
func (c *Reader) openRouter(f []string, src schema.Evidence) {
	c.leave()
	r := model.FRRConfRouter{ASN: ParseAS(f[2]), EBGPRequiresPolicy: true, Src: src}
	if len(f) > 4 && (f[3] == "vrf" || f[3] == "instance") {
		r.VRF = f[4]
	}
	c.router = len(c.conf.Routers)
	c.conf.Routers = append(c.conf.Routers, r)
}

// inRouter takes a line of a "router bgp" block.
func (c *Reader) inRouter(f []string, indent int, src func() schema.Evidence) Verdict {
	r := &c.conf.Routers[c.router]
	no := f[0] == "no"
	if no {
		f = f[1:]
	}
	if len(f) == 0 {
		return Ignored
	}
	if c.nbr != "" && indent > c.nbrDeep && f[0] != "neighbor" {
		return c.inNeighborBlock(f, no)
	}
	switch f[0] {
	case "neighbor":
		return c.neighborLine(r, f, no, indent, src)
	case "bgp":
		return bgpLine(r, f, no)
	case "router-id":
		r.ID = at(f, 1)
		return Taken
	case "network":
		if len(f) > 1 && len(r.Networks) < maxEntries && !no {
			r.Networks = append(r.Networks, networkOf(f))
		}
		return Taken
	case "maximum-paths":
		if n := firstNumber(f[1:]); n > r.MaximumPaths {
			r.MaximumPaths = n
		}
		return Taken
	case "address-family":
		c.nbr, c.family = "", strings.Join(f[1:], " ")
		if i := slices.Index(f, "vrf"); i > 0 && i+1 < len(f) {
			c.family = strings.Join(f[1:i], " ")
		}
		return Taken
	case "exit-address-family":
		c.family = ""
		return Ignored
	case "vrf":
		c.nxos, c.nbr = true, ""
		nr := model.FRRConfRouter{ASN: r.ASN, ID: r.ID, VRF: at(f, 1), Src: src()}
		c.router = len(c.conf.Routers)
		c.conf.Routers = append(c.conf.Routers, nr)
		return Taken
	}
	return Ignored
}

// bgpLine takes "[no] bgp ...".
func bgpLine(r *model.FRRConfRouter, f []string, no bool) Verdict {
	switch at(f, 1) {
	case "ebgp-requires-policy":
		r.EBGPRequiresPolicy = !no
	case "router-id":
		r.ID = at(f, 2)
	case "bestpath":
		r.Relax = r.Relax || slices.Contains(f, "multipath-relax")
	case "listen":
		if i := slices.Index(f, "range"); i > 0 {
			r.ListenRanges = append(r.ListenRanges, strings.TrimSpace(at(f, i+1)+" "+at(f, len(f)-1)))
		}
	default:
		return Ignored
	}
	return Taken
}

// networkOf is the prefix of "network P [mask M] ...", masked as written.
func networkOf(f []string) string {
	if len(f) > 3 && f[2] == "mask" {
		if m, err := netip.ParseAddr(f[3]); err == nil && m.Is4() {
			b := m.As4()
			bits := 0
			for _, x := range b {
				for ; x&0x80 != 0; x <<= 1 {
					bits++
				}
			}
			return f[1] + "/" + strconv.Itoa(bits)
		}
	}
	return f[1]
}

// neighborLine takes "neighbor X WORD ..." and opens the block of "neighbor X" alone.
func (c *Reader) neighborLine(r *model.FRRConfRouter, f []string, no bool, indent int, src func() schema.Evidence) Verdict {
	if len(f) < 2 {
		return Ignored
	}
	if len(f) == 2 || (len(f) == 4 && f[2] == "remote-as" && indent > 0 && c.nxos) {
		c.nxos = true
		c.nbr, c.nbrDeep, c.family = f[1], indent, ""
	}
	n := c.find(f[1])
	if n == nil {
		if no || len(r.Neighbors) >= maxNeighbors {
			return Ignored
		}
		c.known[neighborKey{c.router, f[1]}] = len(r.Neighbors)
		r.Neighbors = append(r.Neighbors, model.FRRConfNeighbor{Addr: f[1], Src: src()})
		n = &r.Neighbors[len(r.Neighbors)-1]
	}
	if len(f) > 2 {
		neighborWords(n, f[2:], no, c.family, len(f) > 2 && f[2] == "remote-as", src)
	}
	return Taken
}

// neighborKey names a neighbor of a "router bgp" block.
type neighborKey struct {
	router int
	addr   string
}

// find returns the neighbor of the block that is open; nil when it has none of that name.
func (c *Reader) find(addr string) *model.FRRConfNeighbor {
	i, known := c.known[neighborKey{c.router, addr}]
	if !known {
		return nil
	}
	return &c.conf.Routers[c.router].Neighbors[i]
}

// inNeighborBlock takes a line inside "neighbor X" of NX-OS and IOS-XR.
func (c *Reader) inNeighborBlock(f []string, no bool) Verdict {
	n := c.find(c.nbr)
	if n == nil {
		return Ignored
	}
	if f[0] == "address-family" {
		c.family = strings.Join(f[1:], " ")
		n.Activated = appendNew(n.Activated, c.family)
		return Taken
	}
	neighborWords(n, f, no, c.family, false, nil)
	return Taken
}

// neighborWords sets what the words behind "neighbor X" say.
func neighborWords(n *model.FRRConfNeighbor, f []string, no bool, family string, as bool, src func() schema.Evidence) {
	if as && n.RemoteAS == "" && src != nil {
		n.Src = src()
	}
	switch f[0] {
	case "remote-as":
		n.RemoteAS = at(f, 1)
	case "interface":
		if i := slices.Index(f, "remote-as"); i > 0 {
			n.RemoteAS = at(f, i+1)
		}
	case "local-as":
		n.LocalAS = ParseAS(at(f, 1))
	case "update-source":
		n.UpdateSource = at(f, len(f)-1)
	case "port":
		n.Port = firstNumber(f)
	case "password":
		n.Password = !no
		n.PasswordMark = model.PasswordMark(strings.Join(f, " "))
	case "ebgp-multihop":
		if n.MultiHop = firstNumber(f); n.MultiHop == 0 {
			n.MultiHop = 255
		}
		if no {
			n.MultiHop = 0
		}
	case "ttl-security":
		n.TTLSecurity = max(firstNumber(f), 1)
	case "bfd":
		n.BFD = !no
		if at(f, 1) == "profile" {
			n.BFDProfile = at(f, 2)
		}
	case "fall-over":
		n.BFD = n.BFD || at(f, 1) == "bfd"
	case "passive", "transport":
		n.Passive = f[0] == "passive" || slices.Contains(f, "passive")
	case "shutdown":
		n.Shutdown = !no
	case "timers":
		timers(n, f)
	case "route-map", "route-policy":
		setDirection(&n.RouteMapIn, &n.RouteMapOut, f)
	case "prefix-list", "distribute-list":
		setDirection(&n.PrefixListIn, &n.PrefixListOut, f)
	case "maximum-prefix", "maximum-routes":
		n.MaximumPrefix = firstNumber(f)
	case "allowas-in":
		n.AllowASIn = !no
	case "soft-reconfiguration":
		n.SoftReconfig = !no
	case "disable-connected-check":
		n.DisableConnectedCheck = !no
	case "description":
		n.Description = strings.Join(f[1:], " ")
	case "peer-group", "inherit", "peer":
		if g := at(f, len(f)-1); len(f) > 1 {
			n.PeerGroup = g
		}
	case "activate":
		if !no {
			n.Activated = appendNew(n.Activated, family)
		}
	}
}

// timers takes "timers KEEPALIVE HOLD"; "timers connect N" and others are no sessions' timers.
func timers(n *model.FRRConfNeighbor, f []string) {
	k, errK := strconv.Atoi(at(f, 1))
	h, errH := strconv.Atoi(at(f, 2))
	if errK == nil && errH == nil {
		n.Keepalive, n.Hold = k, h
	}
}

// setDirection puts the name of "WORD NAME in|out" where it belongs.
func setDirection(in, out *string, f []string) {
	if len(f) < 3 {
		return
	}
	switch f[2] {
	case "in":
		*in = f[1]
	case "out":
		*out = f[1]
	}
}

// ParseAS reads an AS number, also as dotted (1.10); 0 when s is none.
func ParseAS(s string) uint32 {
	if hi, lo, dotted := strings.Cut(s, "."); dotted {
		h, err1 := strconv.ParseUint(hi, 10, 16)
		l, err2 := strconv.ParseUint(lo, 10, 16)
		if err1 != nil || err2 != nil {
			return 0
		}
		return uint32(h)<<16 | uint32(l)
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func at(f []string, i int) string {
	if i < 0 || i >= len(f) {
		return ""
	}
	return f[i]
}

func firstNumber(f []string) int {
	for _, w := range f {
		if n, err := strconv.Atoi(w); err == nil && n >= 0 {
			return n
		}
	}
	return 0
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
