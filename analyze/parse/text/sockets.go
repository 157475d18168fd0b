package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// sockets reads ss, netstat and lsof -i.
type sockets struct {
	noState, noNetid bool // columns that the heading lacks
}

// socketStates are the states of ss and netstat.
var socketStates = map[string]string{"LISTEN": "LISTEN", "UNCONN": "UNCONN", "ESTAB": "ESTABLISHED", "ESTABLISHED": "ESTABLISHED", "SYN-SENT": "SYN-SENT", "SYN_SENT": "SYN-SENT",
	"SYN-RECV": "SYN-RECV", "SYN_RECV": "SYN-RECV", "TIME-WAIT": "TIME-WAIT", "TIME_WAIT": "TIME-WAIT", "CLOSE-WAIT": "CLOSE-WAIT", "CLOSE_WAIT": "CLOSE-WAIT",
	"FIN-WAIT-1": "FIN-WAIT", "FIN-WAIT-2": "FIN-WAIT", "FIN_WAIT1": "FIN-WAIT", "FIN_WAIT2": "FIN-WAIT", "LAST-ACK": "LAST-ACK", "LAST_ACK": "LAST-ACK", "CLOSING": "CLOSING", "CLOSED": "CLOSED", "CLOSE": "CLOSED"}

func (t *sockets) line(c *state, l line) took {
	s := l.trim()
	f := strings.Fields(s)
	switch {
	case len(f) == 0 || strings.HasPrefix(s, "Active ") || f[0] == "Proto" || strings.HasPrefix(s, "(Not all") || strings.HasPrefix(s, "will not be shown") || f[0] == "COMMAND":
		return ignored
	case strings.Contains(s, "Local Address"):
		t.noNetid, t.noState = !strings.Contains(s, "Netid"), !strings.Contains(s, "State")
		return ignored
	}
	so := model.Socket{Origin: c.o, Src: c.ev(l)}
	i := 0
	switch p := strings.ToLower(f[0]); {
	case strings.HasPrefix(p, "tcp"), strings.HasPrefix(p, "udp"), strings.HasPrefix(p, "raw"), p == "icmp6":
		so.Proto, i = strings.TrimSuffix(p, "6"), 1
	case p == "nl", strings.HasPrefix(p, "u_"), p == "p_raw", p == "p_dgr", p == "v_str", p == "unix", strings.HasPrefix(p, "mptcp"), p == "xdp":
		return ignored
	}
	var ends []string
	for _, w := range f[i:] {
		if st, ok := socketStates[w]; ok {
			so.State = st
		} else if endpoint(w) && len(ends) < 2 {
			ends = append(ends, w)
		} else if strings.HasPrefix(w, "users:") || strings.Contains(w, "/") && len(ends) == 2 {
			so.Process = process(w)
		}
	}
	if len(ends) < 2 || so.Proto == "" && so.State == "" && !t.noNetid {
		return unread
	}
	if so.Proto == "" {
		so.Proto = "tcp"
		if so.State == "UNCONN" {
			so.Proto = "udp"
		}
	}
	so.LocalAddr, so.LocalPort = hostPort(ends[0], ':')
	so.RemoteAddr, so.RemotePort = hostPort(ends[1], ':')
	if c.room() {
		c.out.Sockets = append(c.out.Sockets, so)
	}
	return taken
}

// endpoint says whether a word is ADDRESS:PORT, *:PORT or ADDRESS:*.
func endpoint(w string) bool {
	i := strings.LastIndexByte(w, ':')
	if i <= 0 || strings.HasPrefix(w, "users:") {
		return false
	}
	host, port := w[:i], w[i+1:]
	if port != "*" && !allDigits(port) && portNames[port] == 0 {
		return false
	}
	return host == "*" || host == "::" || host == "localhost" || isAddr(zoneless(strings.Trim(host, "[]"))) || strings.Contains(host, "%")
}

// process reads users:(("speaker",pid=12,fd=9)) and 1234/speaker.
func process(w string) string {
	if p, ok := between(w, `(("`, `"`); ok {
		return p
	}
	pid, name, _ := strings.Cut(w, "/")
	if allDigits(pid) {
		return name
	}
	return ""
}

func (t *sockets) end(*state) {}

// conntrack reads `conntrack -L` and /proc/net/nf_conntrack: entries of interest become remarks, not observations of their own.
type conntrack struct{}

func (t *conntrack) line(c *state, l line) took {
	s := l.trim()
	if s == "" || strings.HasPrefix(s, "conntrack v") {
		return ignored
	}
	if !strings.Contains(s, "src=") || !strings.Contains(s, "dst=") {
		return unread
	}
	var tuple [2]struct{ src, dst, sport, dport string }
	i := -1
	for _, w := range strings.Fields(s) {
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			continue
		}
		if k == "src" && i < 1 {
			i++
		}
		if i < 0 {
			continue
		}
		switch k {
		case "src":
			tuple[i].src = v
		case "dst":
			tuple[i].dst = v
		case "sport":
			tuple[i].sport = v
		case "dport":
			tuple[i].dport = v
		}
	}
	state := ""
	for _, w := range []string{"[UNREPLIED]", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "CLOSE", "[ASSURED]"} {
		if strings.Contains(s, w) {
			state += " " + strings.Trim(w, "[]")
		}
	}
	// The reply comes from tuple[1].src: where it is the address that was asked for, nothing translated the flow.
	r := model.Remark{ID: model.RemarkConntrack, Addr: tuple[0].dst, Value: strings.TrimSpace(tuple[0].dport + " " + tuple[1].src + ":" + tuple[1].sport + state), Node: tuple[0].src}
	c.remarks.add(c, l, r)
	return taken
}

func (t *conntrack) end(*state) {}
