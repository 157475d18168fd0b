package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// codes reads the HTTP codes that -w prints: one a line with other words around it, or several in a row from a loop.
func (t *connect) codes(c *state, l line, s string) took {
	h := t.hint()
	f := strings.Fields(s)
	if len(f) > 200 {
		return unread
	}
	var codes []int
	others := 0
	for _, w := range f {
		w = strings.Trim(w, ",;")
		if n, ok := number(w); ok && len(w) == 3 && allDigits(w) && (n == 0 || n >= 100 && n < 600) {
			codes = append(codes, n)
		} else {
			others++
		}
	}
	// Where the body goes to a file, a number in front is the code of a -w that the pasted command lacks (.curlrc, an alias).
	asked := h.codes || len(t.want) > 0 && t.want[0].codes || h.noBody && len(f[0]) == 3
	if len(codes) == 0 || !asked && (others > 0 || len(t.want) > 0) || asked && others > 8 {
		return unread
	}
	if others > 0 && len(codes) > 1 {
		codes = codes[:1]
	}
	for _, n := range codes {
		t.code(c, l, n)
	}
	if sec, ok := seconds(f[len(f)-1]); ok && len(codes) == 1 && others > 0 && h.times {
		t.cur.took = sec
	}
	return taken
}

// code notes one HTTP code of -w: it ends the open attempt; 000 stands for no answer.
func (t *connect) code(c *state, l line, n int) {
	if t.cur != nil && t.cur.closed && t.cur.outcome != "" && t.cur.status == 0 && n == 0 && !strings.HasPrefix(t.cur.src.Quote, "000") && t.cur.src.Line+1 == c.o.Line(l.n) {
		return // "curl: (28) ..." stands right before it
	}
	a := t.begin()
	if n > 0 {
		a.status, a.connected, a.outcome, a.src = n, true, "", c.ev(l)
	} else {
		a.finish(model.OutcomeNoAnswer, c.ev(l))
	}
	a.closed = true
}

// exitStatus reads what `|| echo $?` prints.
func (t *connect) exitStatus(c *state, l line, s string) took {
	if !strings.Contains(c.cmd.text, "$?") {
		return unread
	}
	s = strings.TrimSpace(s[strings.LastIndexAny(s, ":=")+1:])
	n, ok := number(s)
	if !ok || !allDigits(s) || n > 255 {
		return unread
	}
	if n == 0 {
		return ignored
	}
	a := t.begin()
	if h := t.hint(); h.s.tool == "curl" || a.t.s.tool == "curl" {
		if o := curlExit(n, "", false); o != "" {
			a.finish(o, c.ev(l))
			return taken
		}
	}
	a.finish(model.OutcomeFailed, c.ev(l))
	return taken
}

// clock reads what `time` prints, and a body with a time behind it.
func (t *connect) clock(_ *state, _ line, s string) took {
	if strings.HasPrefix(s, "real") {
		f := strings.Fields(s)
		if sec, ok := seconds(f[len(f)-1]); ok && len(f) == 2 && t.cur != nil {
			t.cur.took = sec
		}
		return ignored
	}
	if f := strings.Fields(s); len(f) == 2 && (f[0] == "user" || f[0] == "sys") {
		return ignored
	}
	return unread
}

// seconds reads 0.004s, 63.214, 1m3.2s or 120ms.
func seconds(s string) (float64, bool) {
	if m, rest, ok := strings.Cut(s, "m"); ok && allDigits(m) && rest != "s" && strings.HasSuffix(rest, "s") {
		min, _ := number(m)
		sec, ok := decimal(rest)
		return float64(min)*60 + sec, ok
	}
	f, ok := decimal(s)
	if !ok {
		return 0, false
	}
	switch strings.TrimLeft(s, "0123456789.,") {
	case "", "s", "sec":
		return f, strings.ContainsAny(s, ".,s")
	case "ms":
		return f / 1000, true
	}
	return 0, false
}

// clients reads the words of wget, nc, ncat, telnet, openssl, nmap and Test-NetConnection.
func (t *connect) clients(c *state, l line, s string) took {
	lower := strings.ToLower(s)
	switch {
	case has(lower, " succeeded!", "] open", "ncat: connected to", "connected(0000") || strings.HasPrefix(s, "Connected to ") || strings.HasSuffix(lower, "... connected."):
		a := t.begin()
		t.named(a, s, lower)
		a.connected = true
		a.finish(model.OutcomeConnected, c.ev(l))
		a.closed = has(lower, " succeeded!", "] open", "ncat: connected")
		return taken
	case strings.HasPrefix(lower, "trying ") || strings.HasPrefix(lower, "connecting to ") && !strings.Contains(lower, "failed") && outcomeOf(lower) == "" && !strings.Contains(lower, "could not open"):
		t.named(t.begin(), s, lower)
		return taken
	case strings.Contains(lower, "awaiting response... "):
		return t.statusLine(c, l, "HTTP/1.1 "+after(lower, "awaiting response... "))
	case strings.Contains(lower, "server returned error: http/"):
		return t.statusLine(c, l, "HTTP/"+after(lower, "error: http/"))
	case strings.HasPrefix(lower, "wget: download timed out"), strings.HasPrefix(lower, "wget: timed out"):
		t.begin().finish(model.OutcomeTimeout, c.ev(l))
		return taken
	case strings.HasPrefix(lower, "ncat: timeout"), strings.HasPrefix(lower, "ncat: version"), strings.HasPrefix(lower, "ncat: 0 bytes"), strings.HasPrefix(lower, "escape character"):
		return ignored
	case has(lower, "could not open connection to the host"):
		a := t.begin()
		t.named(a, s, lower)
		a.finish(model.OutcomeFailed, c.ev(l))
		return taken
	case strings.HasPrefix(lower, "connection closed by foreign host"):
		return ignored
	}
	if clientError(lower) {
		a := t.begin()
		t.named(a, s, lower)
		a.finish(outcomeOf(lower), c.ev(l))
		return taken
	}
	if r := t.nmap(c, l, s); r != unread {
		return r
	}
	return t.powershell(c, l, s)
}

// clientError says whether a line is the complaint of a client about its connection.
func clientError(lower string) bool {
	if outcomeOf(lower) == "" || len(lower) > 300 || strings.HasPrefix(lower, "{") {
		return false
	}
	return has(lower, "nc: ", "ncat: ", "telnet: ", "wget: ", "connect:", "(unknown) [", "connect to ", "failed: ", "dial tcp", "dial target", "unable to connect", "can't connect", "socket: ", "connecting to ", "read: ", "write: ", "recv", "http: ", "httpconnection", "requests.exceptions")
}

// named takes address and port out of a client's line.
func (t *connect) named(a *attempt, s, lower string) {
	if ad := firstAddr(s); ad != "" {
		if a.addr != "" && a.addr != ad && a.t.host != ad { // several targets in one run
			a.t.host = ad
		}
		a.addr = ad
	}
	if p, ok := number(after(lower, " port ")); ok && p > 0 {
		a.port = p
		return
	}
	for _, w := range strings.Fields(s) {
		w = strings.Trim(w, "().,;:|\"")
		if h, p := hostPort(w, ':'); p > 0 && isAddr(h) && !isAddr(w) {
			a.port = p
			return
		}
	}
	if rest, ok := between(s, "] ", " ("); ok {
		if p, ok := number(rest); ok {
			a.port = p
		}
	}
}

// nmap reads a row "80/tcp open http" and the heading before it.
func (t *connect) nmap(c *state, l line, s string) took {
	if h, ok := strings.CutPrefix(s, "Nmap scan report for "); ok {
		a := &attempt{}
		a.t.host = h
		a.addr = firstAddr(h)
		t.tested = *a
		return taken
	}
	f := strings.Fields(s)
	if len(f) < 2 {
		return unread
	}
	port, proto, ok := strings.Cut(f[0], "/")
	if !ok || !allDigits(port) || proto != "tcp" && proto != "udp" {
		return unread
	}
	a := t.begin()
	a.addr = t.tested.addr
	if t.tested.t.host != "" {
		a.t.host = t.tested.t.host
	}
	a.port, _ = number(port)
	switch {
	case f[1] == "open":
		a.connected = true
		a.finish(model.OutcomeConnected, c.ev(l))
	case f[1] == "closed":
		a.finish(model.OutcomeRefused, c.ev(l))
	default:
		a.finish(model.OutcomeFiltered, c.ev(l))
	}
	return taken
}

// powershell reads the properties that Test-NetConnection prints.
func (t *connect) powershell(c *state, l line, s string) took {
	if r := t.cmdletError(c, l, s); r != unread {
		return r
	}
	k, v, ok := strings.Cut(s, " : ")
	if !ok {
		return unread
	}
	v = strings.TrimSpace(v)
	switch strings.TrimSpace(k) {
	case "ComputerName":
		t.tested.t.host = v
	case "RemoteAddress":
		t.tested.addr = v
	case "RemotePort":
		t.tested.port, _ = number(v)
	case "TcpTestSucceeded":
		a := t.begin()
		host := a.t
		host.host = t.tested.t.host
		a.t, a.addr, a.port = host, t.tested.addr, t.tested.port
		a.connected = v == "True"
		if a.connected {
			a.finish(model.OutcomeConnected, c.ev(l))
		} else {
			a.finish(model.OutcomeNoAnswer, c.ev(l))
		}
	case "InterfaceAlias", "SourceAddress", "PingSucceeded", "PingReplyDetails (RTT)", "RemoteHostname":
		return ignored
	default:
		return unread
	}
	return taken
}

// cmdletError reads the complaint of Invoke-WebRequest, which Windows calls curl and wget too, and what PowerShell prints around it.
func (t *connect) cmdletError(c *state, l line, s string) took {
	lower := strings.ToLower(s)
	for _, p := range []string{"at line:", "+ categoryinfo", "+ fullyqualifiederrorid", "+ ~~", "+ curl ", "+ wget ", "+ iwr ", "+ invoke-"} {
		if strings.HasPrefix(lower, p) {
			return ignored
		}
	}
	name, said, ok := strings.Cut(lower, ":")
	name = strings.TrimSpace(name)
	if !ok || name != "curl" && name != "wget" && name != "iwr" && name != "irm" && name != "invoke-webrequest" && name != "invoke-restmethod" {
		return unread
	}
	o := outcomeOf(said)
	switch {
	case o != "":
	case has(said, "unable to connect to the remote server", "no connection could be made", "an error occurred while sending the request"):
		o = model.OutcomeFailed
	case has(said, "the underlying connection was closed"):
		o = model.OutcomeReset
	default:
		return unread
	}
	a := t.begin()
	t.named(a, s, lower)
	a.finish(o, c.ev(l))
	return taken
}

// bodyLine takes any other line as what the server said.
func (t *connect) bodyLine(c *state, l line, s string) took {
	h := t.hint()
	if t.cur == nil && len(t.want) == 0 {
		return unread
	}
	if shellTrouble(s) && c.remarks.look(c, l) {
		return taken
	}
	if h.noBody || shellTrouble(s) {
		return unread
	}
	if h.repeated && !strings.HasPrefix(s, "<") && t.cur != nil && t.cur.body != "" {
		t.cur.closed = true
	}
	if t.cur != nil && t.cur.closed && t.next >= len(t.want) && !h.repeated && t.cur.status > 0 {
		t.cur.closed = false // the body of the last answer
	}
	a := t.begin()
	if f := strings.Fields(s); h.times && len(f) > 0 {
		if sec, ok := seconds(f[len(f)-1]); ok {
			a.took = sec
			s = strings.TrimSpace(strings.TrimSuffix(s, f[len(f)-1]))
			a.closed = true
		}
	}
	if strings.HasPrefix(a.body, "<") && len(a.body) < 250 { // a page: its title is further down
		a.body = cut(a.body+" "+s, 300)
	}
	if a.body == "" && s != "" {
		a.body = cut(s, 200)
		if a.outcome == "" && a.status == 0 || a.outcome == model.OutcomeConnected {
			a.outcome, a.src = model.OutcomeAnswered, c.ev(l)
		}
	}
	return taken
}

// shellTrouble says whether a line is a shell's complaint and no server's answer.
func shellTrouble(s string) bool {
	lower := strings.ToLower(s)
	return has(lower, "command not found", "not found in $path", "permission denied", "unknown option", "error from server", "executable file not found", "no such file or directory", "command terminated with exit code", "usage:", "invalid option")
}

// cut shortens a text to n bytes at a rune's border.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
