package router

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
)

// osPeers is RouterOS's list of sessions. v7 (`/routing/bgp/session/print`) has names in groups, of which the later ones begin with
// a dot; v6 (`/routing bgp peer print status`) has plain names:
//
//	0 E name="k8s-1" remote.address=192.168.10.5 .as=64500 .id=192.168.10.5 local.role=ebgp .address=192.168.10.1
//	    hold-time=3m keepalive-time=1m uptime=1h2m prefix-count=1
//	1   name="k8s" remote-address=192.168.10.6 remote-as=64500 state=idle
type osPeers struct {
	r     *reader
	l     vtysh.Line
	n     *model.BGPNeighbor
	group string
	flag  bool // of "E"
	count int
	v6    bool
}

func (b *osPeers) line(l vtysh.Line) bool {
	f := strings.Fields(l.Text)
	indented := l.Text[0] == ' ' || l.Text[0] == '\t'
	switch {
	case number(f[0], -1) >= 0 && len(f) > 1:
		b.flush()
		n := b.r.newNeighbor("routeros", l.Evidence())
		b.n, b.group, b.flag = &n, "", false
		f = f[1:]
		for len(f) > 0 && !strings.Contains(f[0], "=") && len(f[0]) <= 3 {
			b.flag = b.flag || strings.Contains(f[0], "E")
			if strings.Contains(f[0], "X") {
				n.State = "Idle (Admin)"
			}
			f = f[1:]
		}
		b.count++
	case b.n == nil || !indented:
		return b.n == nil && strings.Contains(l.Text, " - ")
	}
	for _, w := range f {
		b.word(l, w)
	}
	return true
}

// word takes NAME=VALUE.
func (b *osPeers) word(l vtysh.Line, w string) {
	name, value, found := strings.Cut(w, "=")
	if !found {
		return
	}
	value = strings.Trim(value, `"`)
	if group, leaf, dotted := strings.Cut(name, "."); dotted {
		if group != "" {
			b.group = group
		}
		name = b.group + "-" + leaf
	}
	n := b.n
	switch name {
	case "name":
		n.Description = value
	case "remote-address":
		n.Addr = hostOf(strings.TrimSuffix(value, "/32"))
	case "remote-as":
		n.RemoteAS = frrconf.ParseAS(value)
	case "remote-id":
		n.RemoteID = value
	case "local-address":
		n.LocalHost = value
	case "local-as":
		n.LocalAS = frrconf.ParseAS(value)
	case "local-id":
		n.LocalID = value
	case "hold-time", "used-hold-time":
		if d := wordsTime(value); d >= 0 {
			n.HoldTime = int(d.Seconds())
		}
	case "uptime":
		if d := wordsTime(value); d >= 0 {
			n.Uptime = d
		}
	case "prefix-count":
		n.PfxRcd = number(value, -1)
	case "state":
		b.v6 = true
		n.State, n.Src = vtysh.State(value), l.Evidence()
	case "input-last-notification", "output-last-notification":
		n.LastReset, n.ErrSrc = "notification "+value, l.Evidence()
		n.LastError, n.LastErrorSent = notificationHex(value), strings.HasPrefix(name, "output")
	case "last-stopped":
		n.LastReset = strings.TrimSpace(n.LastReset)
	}
}

// notificationHex reads a whole NOTIFICATION in hex: marker, length, type 3, code, subcode.
func notificationHex(s string) string {
	if len(s) < 42 || !strings.HasPrefix(strings.ToLower(s), "ffffffff") {
		return s
	}
	return notificationName(hexByte(s[38:40]), hexByte(s[40:42]))
}

func hexByte(s string) int {
	n := 0
	for _, c := range strings.ToLower(s) {
		switch {
		case c >= '0' && c <= '9':
			n = n*16 + int(c-'0')
		case c >= 'a' && c <= 'f':
			n = n*16 + int(c-'a') + 10
		default:
			return -1
		}
	}
	return n
}

func (b *osPeers) flush() {
	n := b.n
	b.n = nil
	if n == nil || n.Addr == "" && n.Description == "" {
		return
	}
	if n.Addr == "" {
		n.Addr = n.Description
	}
	if n.State == "" {
		n.State = "Idle" // v7 lists what it has tried; the flag alone says established
		if b.flag {
			n.State = "Established"
		}
	}
	b.r.addNeighbor(*n)
}

func (b *osPeers) end() {
	b.flush()
	b.r.show(b.l, model.TableShown{Table: "summary", Count: b.count})
}

// osRoutes is `/ip route print`: "DAb  198.51.100.10/32  192.168.10.5  20" with a number in front in v6 and for static ones; "+" is ECMP.
type osRoutes struct {
	r     *reader
	l     vtysh.Line
	count int
}

func (b *osRoutes) line(l vtysh.Line) bool {
	f := strings.Fields(l.Text)
	flags := ""
	at := 0
	for at < len(f) && at < 4 && !isPrefix(f[at]) {
		if number(f[at], -1) < 0 {
			flags += f[at]
		}
		at++
	}
	if at >= len(f) || at >= 4 {
		return strings.Contains(l.Text, " - ") || strings.HasPrefix(f[0], "Columns") || strings.Contains(l.Text, "DST-ADDRESS")
	}
	rt := b.r.newRoute("rib", f[at], l)
	for _, w := range f[at+1:] {
		if host := hostOf(w); isAddr(host) {
			rt.NextHop, rt.NextHops = host, []string{host}
		}
	}
	switch {
	case strings.Contains(flags, "b"):
		rt.Protocol = "bgp"
	case strings.ContainsAny(flags, "cC"):
		rt.Protocol = "connected"
	case strings.ContainsAny(flags, "sS"):
		rt.Protocol = "static"
	default:
		rt.Protocol = ""
	}
	rt.Best = strings.Contains(flags, "A")
	rt.Installed = rt.Best
	rt.Multipath = strings.Contains(flags, "+")
	b.count++
	b.r.addRoute(rt)
	return true
}

func (b *osRoutes) end() { b.r.show(b.l, model.TableShown{Table: "rib", Count: b.count}) }
