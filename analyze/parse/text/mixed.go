package text

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// mixed reads text of no one tool: prose with pasted lines in it, and outputs of other programs. A line whose form only one tool
// prints goes to that tool, and the lines behind it as long as that tool takes them.
type mixed struct {
	sub     tool
	subKind schema.Kind
}

func (t *mixed) line(c *state, l line) took {
	s := l.trim()
	if s == "" {
		return ignored
	}
	if k := formOf(s); k != "" && (t.sub == nil || k != t.subKind) {
		t.close(c)
		t.sub, t.subKind = newTool(k, c), k
	}
	if t.sub != nil {
		if r := t.sub.line(c, l); r != unread {
			return r
		}
		t.close(c)
	}
	if c.remarks.look(c, l) {
		return taken
	}
	return unread
}

func (t *mixed) close(c *state) {
	if t.sub != nil {
		t.sub.end(c)
		t.sub, t.subKind = nil, ""
	}
}

func (t *mixed) end(c *state) { t.close(c) }

// formOf is the kind of a line that only one tool prints; "" for any other line.
func formOf(s string) schema.Kind {
	switch {
	case strings.HasPrefix(s, "ARPING "), has(s, "bytes from ") && has(s, "index="), strings.HasPrefix(s, "Unicast reply from "):
		return schema.KindArping
	case strings.HasPrefix(s, "PING ") && has(s, "bytes"), strings.HasPrefix(s, "Pinging ") && has(s, "bytes of data"), has(s, "bytes from ") && has(s, "icmp_seq=", "seq="), has(s, "icmp_seq=") && strings.HasPrefix(s, "From "):
		return schema.KindPing
	case strings.HasPrefix(s, "curl: ("), strings.HasPrefix(s, "*   Trying "), strings.HasPrefix(s, "* Trying "), strings.HasPrefix(s, "nc: connect to "), strings.HasPrefix(s, "telnet: "), strings.HasPrefix(s, "wget: "), strings.HasPrefix(s, "Ncat: ") && !has(s, "Version"),
		strings.HasPrefix(s, "Connection to ") && strings.HasSuffix(s, "succeeded!"):
		return schema.KindCurl
	case strings.HasPrefix(s, "traceroute to "), strings.HasPrefix(s, "Tracing route to "):
		return schema.KindTraceroute
	case strings.HasPrefix(s, "tcpdump: "), strings.HasPrefix(s, "listening on ") && has(s, "link-type"):
		return schema.KindTcpdump
	case stamped(s):
		if _, ok := parsePacket(s); ok {
			return schema.KindTcpdump
		}
	case strings.HasPrefix(s, "ARP, Request who-has "), strings.HasPrefix(s, "ARP, Reply "):
		return schema.KindTcpdump
	}
	f := strings.Fields(s)
	if len(f) < 2 {
		return ""
	}
	switch {
	case isAddr(f[0]) && f[1] == "dev" && (has(s, "lladdr") || neighStates[f[len(f)-1]]):
		return schema.KindIPNeigh
	case has(f[0], "net.ipv4.", "net.ipv6.", "net.bridge.", "net.core.", "net.netfilter.") && (f[1] == "=" || strings.HasSuffix(f[0], ":") || strings.Contains(f[0], "=")):
		return schema.KindSysctl
	case (f[0] == "default" || strings.Contains(f[0], "/")) && (f[1] == "via" && len(f) > 2 && isAddr(f[2]) || f[1] == "dev") && len(f) > 2 && (f[0] == "default" || isPrefix(f[0])):
		return schema.KindIPRoute
	}
	return ""
}

func isPrefix(s string) bool { _, ok := prefixOf(s); return ok }
