package frrconf

import (
	"slices"
	"strings"
	"unicode"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Limits on what one configuration may make.
const (
	maxNeighbors = 20_000
	maxUnknown   = 50
	maxEntries   = 500_000
)

// Reader takes a configuration line by line.
type Reader struct {
	conf    model.FRRConf
	router  int    // index of the "router bgp" block that is open; -1 none
	nbr     string // neighbor block of NX-OS and IOS-XR that is open
	nbrDeep int    // its indentation
	family  string
	vrf     string // vrf block of NX-OS inside "router bgp"
	maps    string // route map that is open
	mapDeep int
	block   string // other block that is open ("interface", "bfd", ...): its lines mean nothing here
	closed  bool   // "end"
	entries int
	nxos    bool

	versionSrc schema.Evidence
	known      map[neighborKey]int // index of each neighbor in its block
}

// NewReader returns a Reader; running tells a running configuration from a file.
func NewReader(o schema.Origin, running bool) *Reader {
	return &Reader{router: -1, known: map[neighborKey]int{}, conf: model.FRRConf{Origin: o, Running: running}}
}

// Looks tells whether a line can only be the beginning of a configuration.
func Looks(text string) bool {
	t := strings.TrimSpace(text)
	for _, p := range starts {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	return false
}

var starts = []string{"Building configuration...", "Current configuration", "frr version ", "frr defaults ", "router bgp ", "!Command: show running-config"}

// Ended tells that "end" was read: what follows belongs to something else.
func (c *Reader) Ended() bool { return c.closed }

// Line takes one line; n is its number in the member, raw the line as it is, text the line without a wrapper.
func (c *Reader) Line(n int, raw, text string) Verdict {
	c.conf.Lines++
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	t := strings.TrimLeft(text, " \t")
	indent := len(text) - len(t)
	if c.conf.Src.Line == 0 && t != "" {
		c.conf.Src = c.conf.Origin.Evidence(n, Quote(raw))
	}
	if t == "" {
		return Ignored
	}
	if t[0] == '!' || t[0] == '#' {
		if indent == 0 {
			c.leave()
		}
		return Ignored
	}
	f := strings.Fields(t)
	src := func() schema.Evidence { return c.conf.Origin.Evidence(n, Quote(raw)) }
	if v := c.top(f, t, indent, src); v != Unread {
		return v
	}
	if c.router >= 0 {
		if v := c.inRouter(f, indent, src); v != Unread {
			return v
		}
	}
	if c.maps != "" {
		c.addClause(c.maps, t)
		return Taken
	}
	if c.block != "" {
		return Ignored
	}
	if len(c.conf.Unknown) < maxUnknown {
		c.conf.Unknown = append(c.conf.Unknown, Quote(raw))
	}
	return Unread
}

// leave closes the block that is open.
func (c *Reader) leave() {
	c.router, c.nbr, c.family, c.vrf, c.maps, c.block = -1, "", "", "", "", ""
}

// top takes what stands outside of blocks, or opens one.
func (c *Reader) top(f []string, t string, indent int, src func() schema.Evidence) Verdict {
	no := f[0] == "no"
	switch {
	case t == "end":
		c.leave()
		c.closed = true
		return Ignored
	case t == "exit":
		c.exit(indent)
		return Ignored
	case f[0] == "router" && len(f) > 2 && f[1] == "bgp":
		c.openRouter(f, src())
		return Taken
	case f[0] == "route-map" && len(f) > 2 && (f[2] == "permit" || f[2] == "deny"):
		c.leave()
		c.maps, c.mapDeep = f[1], indent
		c.addMap(c.maps, strings.Join(f[2:], " "))
		return Taken
	case prefixList(f) > 0:
		at := prefixList(f)
		c.addList(ListName(f[0], f[at]), f[at+1:])
		return Taken
	case f[0] == "frr" && len(f) > 2 && f[1] == "version":
		c.conf.Version, c.versionSrc = f[2], src()
		return Taken
	case f[0] == "frr" && len(f) > 2 && f[1] == "defaults":
		c.conf.Defaults = f[2]
		return Taken
	case f[0] == "hostname" && len(f) > 1:
		c.conf.Hostname = f[1]
		return Taken
	case c.router >= 0 && (indent > 0 || bgpWord(f)):
		return Unread // of the block
	case c.maps != "" && (indent > c.mapDeep || slices.Contains(mapWords, f[0])):
		return Unread
	case slices.Contains(blockWords, f[0]) && !no:
		c.leave()
		c.block = f[0]
		return Ignored
	case indent == 0 && plain(f):
		c.leave()
		return Ignored
	}
	return Unread
}

var mapWords = []string{"match", "set", "on-match", "call", "continue", "description"}

// blockWords open blocks that say nothing of BGP sessions.
var blockWords = []string{"interface", "vrf", "bfd", "line", "router", "control-plane", "class-map", "policy-map", "vlan", "key", "segment-routing",
	"policy-definition", "rpki", "pbr-map", "nexthop-group"}

// plain tells whether a line outside of blocks is one that FRR or a switch has and that says nothing of BGP.
func plain(f []string) bool {
	w := f[0]
	if w == "no" && len(f) > 1 {
		w = f[1]
	}
	return slices.Contains(plainWords, w) || strings.HasPrefix(w, "exit")
}

var plainWords = []string{"Building", "Current", "log", "service", "ip", "ipv6", "debug", "domainname", "password", "enable", "access-list", "bgp", "zebra",
	"agentx", "allow-external-route-update", "fpm", "mpls", "aaa", "username", "banner", "version", "feature", "logging", "snmp-server", "ntp", "clock", "boot",
	"spanning-tree", "vtp", "crypto", "lldp", "cdp", "hardware", "hostname", "username", "platform", "transceiver", "system", "redundancy", "memory", "mgmtd",
	"Using", "evpn", "l2vpn", "prompt", "switchto", "nv", "ssh", "telnet", "vpc", "errdisable", "monitor", "multicast", "diagnostic", "license", "archive",
	"last", "configure", "write", "commit", "community-list", "large-community-list", "route-policy", "prefix-set", "community-set", "pass", "if", "else", "endif",
	"drop", "done", "end-policy", "end-set"}

// exit closes the innermost block.
func (c *Reader) exit(indent int) {
	if indent > 0 && c.router >= 0 {
		c.nbr, c.family = "", ""
		return
	}
	c.leave()
}

// prefixList returns the index of the name in "[ip|ipv6] prefix-list NAME [seq N] permit|deny ...", 0 when f is none.
func prefixList(f []string) int {
	for i := 0; i < 2 && i+2 < len(f); i++ {
		if f[i] == "prefix-list" && (i == 1) == (f[0] == "ip" || f[0] == "ipv6") {
			return i + 1
		}
	}
	return 0
}

func (c *Reader) addMap(name, entry string) {
	if c.conf.RouteMaps == nil {
		c.conf.RouteMaps = map[string][]string{}
	}
	if c.entries++; c.entries > maxEntries {
		return
	}
	c.conf.RouteMaps[name] = append(c.conf.RouteMaps[name], entry)
}

// addClause puts a match or set line behind the entry that is open: "permit 1; match ...; set ...".
func (c *Reader) addClause(name, clause string) {
	if list := c.conf.RouteMaps[name]; len(list) > 0 && len(list[len(list)-1]) < 4096 {
		list[len(list)-1] += "; " + clause
	}
}

// ListName is the name under which FRRConf keeps a prefix list of "ip" or "ipv6".
func ListName(family, name string) string {
	if family == "ipv6" {
		return "ipv6 " + name
	}
	return name
}

// addList keeps an entry as "permit|deny PREFIX [ge N] [le N]".
func (c *Reader) addList(name string, f []string) {
	if c.conf.PrefixLists == nil {
		c.conf.PrefixLists = map[string][]string{}
	}
	if len(f) > 2 && f[0] == "seq" {
		f = f[2:]
	}
	if c.entries++; c.entries > maxEntries || len(f) == 0 || f[0] == "description" {
		return
	}
	c.conf.PrefixLists[name] = append(c.conf.PrefixLists[name], strings.Join(f, " "))
}

// Close puts the configuration out, if it has anything to say.
func (c *Reader) Close(out *model.Observations) {
	conf := c.conf
	if conf.Src.Line == 0 {
		return
	}
	if conf.System == "" {
		conf.System = c.system()
	}
	for i := range conf.Routers {
		r := &conf.Routers[i]
		if conf.System != "" || conf.Defaults == "datacenter" {
			r.EBGPRequiresPolicy = false
		}
	}
	if conf.Version != "" {
		// MetalLB's start-up configuration has a fixed "frr version 8.0" in the file; a running one has the real version.
		strength := 0
		if conf.Running {
			strength = 2
		}
		out.Versions = append(out.Versions, model.VersionSeen{Of: "frr", Version: conf.Version, Strength: strength, Src: c.versionSrc})
	}
	out.FRRConfs = append(out.FRRConfs, conf)
}

// SetSystem says whose configuration it is, where the caller knows.
func (c *Reader) SetSystem(system string) { c.conf.System = system }

// system names a router that is no FRR, by what only its language has; "" is FRR or unknown.
func (c *Reader) system() string {
	if c.nxos {
		return "nxos"
	}
	return ""
}
