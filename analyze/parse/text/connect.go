package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// connect reads the output of curl, wget, nc, telnet, openssl s_client, nmap and Test-NetConnection: one attempt or many.
type connect struct {
	want    []target // what the command asks for, in order
	next    int
	cur     *attempt
	done    []*attempt
	headers bool // between a status line and the blank line behind its headers
	tested  attempt
}

// maxAttempts bounds the attempts of one command that are kept.
const maxAttempts = 2000

// attempt is one try to connect.
type attempt struct {
	t         target
	addr      string
	port      int
	connected bool
	closed    bool // a line said how it ended
	status    int
	outcome   string
	body      string
	took      float64
	large     bool // some bytes came and the rest did not
	spoke     bool // the server said something, though the client did not like it
	src       schema.Evidence
}

func newConnect(c *state) *connect { return &connect{want: targets(c.cmd)} }

// hint is the target whose output comes next, or the last one.
func (t *connect) hint() target {
	if t.next < len(t.want) {
		return t.want[t.next]
	}
	if len(t.want) > 0 {
		return t.want[len(t.want)-1]
	}
	return target{}
}

// begin returns the open attempt, or a new one for the next target.
func (t *connect) begin() *attempt {
	if t.cur != nil && !t.cur.closed {
		return t.cur
	}
	a := &attempt{t: t.hint()}
	a.port, a.addr = a.t.port, a.t.addr
	if t.next < len(t.want) && !a.t.repeated {
		t.next++
	}
	t.cur, t.headers = a, false
	if len(t.done) < maxAttempts {
		t.done = append(t.done, a)
	}
	return a
}

// finish marks an attempt as over; the first word about how it ended stays.
func (a *attempt) finish(outcome string, src schema.Evidence) {
	if a.outcome == "" || a.outcome == model.OutcomeConnected {
		a.outcome, a.src = outcome, src
	}
	a.closed = true
}

func (t *connect) line(c *state, l line) took {
	s := l.trim()
	switch {
	case s == "":
		t.headers = false
		return ignored
	case s[0] == '*':
		return t.verbose(c, l, strings.TrimLeft(s, "* "))
	case strings.HasPrefix(s, "< HTTP/"), strings.HasPrefix(s, "HTTP/"):
		return t.statusLine(c, l, strings.TrimPrefix(s, "< "))
	case s[0] == '>' || s[0] == '<' && (len(s) == 1 || s[1] == ' '), strings.HasPrefix(s, "{ ["), strings.HasPrefix(s, "} ["):
		return ignored
	case strings.HasPrefix(s, "curl: ("):
		return t.curlError(c, l, s)
	case meter(s), s == "^C", strings.HasPrefix(s, "More details here"):
		return ignored
	case t.headers && header(s):
		return ignored
	}
	for _, f := range []func(*state, line, string) took{t.codes, t.exitStatus, t.clients, t.clock} {
		if r := f(c, l, s); r != unread {
			return r
		}
	}
	return t.bodyLine(c, l, s)
}

// verbose reads a line of curl -v.
func (t *connect) verbose(c *state, l line, s string) took {
	lower := strings.ToLower(s)
	switch {
	case strings.HasPrefix(s, "Trying "), strings.HasPrefix(s, "About to connect() to "):
		if t.cur != nil && (t.cur.connected || t.cur.status > 0) {
			t.cur.closed = true
		}
		a := t.begin()
		f := strings.Fields(strings.TrimPrefix(s, "Trying "))
		if len(f) > 0 {
			h, p := hostPort(strings.TrimRight(f[0], "."), ':')
			if isAddr(strings.TrimRight(f[0], ".")) {
				h, p = strings.TrimRight(f[0], "."), 0
			}
			if isAddr(h) {
				a.addr = h
			}
			if p > 0 {
				a.port = p
			}
		}
	case strings.HasPrefix(s, "Connected to "), strings.HasPrefix(s, "Established connection to "):
		a := t.begin()
		a.connected = true
		if ip, ok := between(s, "(", ")"); ok {
			if ad := firstAddr(ip); ad != "" {
				a.addr = ad
			}
		}
		if p, ok := number(after(s, " port ")); ok {
			a.port = p
		}
		a.outcome, a.src = model.OutcomeConnected, c.ev(l)
	case has(lower, "failed: ", "timed out", "timeout was reached", "failed to connect", "could not resolve", "couldn't resolve", "connect to ", "connection was reset", "recv failure", "empty reply"):
		t.verboseError(c, l, s, lower)
	case strings.HasPrefix(s, "Closing connection"), strings.HasPrefix(s, "Connection #"), strings.HasPrefix(s, "Connection to host"):
		return ignored // the last words about it may still follow
	case has(lower, "ssl certificate problem", "wrong version number", "ssl_connect error"):
		a := t.begin()
		a.spoke = a.spoke || !strings.Contains(lower, "ssl_error_syscall")
		a.outcome, a.src = model.OutcomeTLS, c.ev(l)
	default:
		return ignored
	}
	return taken
}

// verboseError reads the reasons that curl -v gives before its last line.
func (t *connect) verboseError(c *state, l line, s, lower string) {
	a := t.begin()
	if ad := firstAddr(s); ad != "" && a.addr == "" {
		a.addr = ad
	}
	o := outcomeOf(lower)
	if o == model.OutcomeTimeout && a.connected {
		o = model.OutcomeStalled
	}
	if o != "" && (a.outcome == "" || a.outcome == model.OutcomeConnected || a.outcome == model.OutcomeFailed) {
		a.outcome, a.src = o, c.ev(l)
	}
}

// statusLine reads HTTP/1.1 200 OK.
func (t *connect) statusLine(c *state, l line, s string) took {
	f := strings.Fields(s)
	if len(f) < 2 {
		return unread
	}
	code, ok := number(f[1])
	if !ok || code < 100 || code > 999 {
		return unread
	}
	if t.cur != nil && t.cur.status > 0 && !strings.HasPrefix(l.trim(), "<") && t.next < len(t.want) {
		t.cur.closed = true
	}
	a := t.begin()
	a.status, a.connected = code, true
	a.outcome, a.src = "", c.ev(l)
	t.headers = true
	return taken
}

// curlError reads curl's last line.
func (t *connect) curlError(c *state, l line, s string) took {
	code, _ := number(strings.TrimPrefix(s, "curl: ("))
	lower := strings.ToLower(s)
	if t.cur != nil && t.cur.closed && t.next >= len(t.want) && len(t.want) > 0 && !t.hint().repeated {
		t.cur.closed = false
	}
	a := t.begin()
	if ad := firstAddr(s); ad != "" && a.addr == "" {
		a.addr = ad
	}
	if p, ok := number(after(lower, " port ")); ok && p > 0 {
		a.port = p
	}
	a.large = a.large || someBytes(lower)
	o := curlExit(code, lower, a.connected)
	a.spoke = a.spoke || o == model.OutcomeTLS && (code == 60 || code == 51 || has(lower, "wrong version", "alert", "unknown protocol", "certificate"))
	if a.status > 0 && code == 22 {
		o = ""
	}
	if code == 22 {
		if n, ok := number(after(lower, "error: ")); ok {
			a.status = n
			o = ""
		}
	}
	if o != "" {
		a.finish(o, c.ev(l))
	}
	if a.src.Quote == "" {
		a.src = c.ev(l)
	}
	a.closed = true
	return taken
}

// someBytes says whether a transfer stopped half way: "with 1200 out of 262144 bytes received", "with 5 bytes remaining to read".
func someBytes(lower string) bool {
	if strings.Contains(lower, "bytes remaining to read") {
		return true
	}
	got, ok := number(after(lower, " milliseconds with "))
	return ok && got > 0
}

// curlExit is the outcome of an exit status of curl and the text beside it.
func curlExit(code int, lower string, connected bool) string {
	switch code {
	case 5, 6:
		return model.OutcomeDNS
	case 7:
		if o := outcomeOf(lower); o != "" {
			return o
		}
		return model.OutcomeFailed
	case 18:
		return model.OutcomeStalled
	case 28:
		if strings.Contains(lower, "resolving timed out") {
			return model.OutcomeDNS
		}
		if connected || strings.Contains(lower, "operation timed out") && strings.Contains(lower, "bytes received") {
			return model.OutcomeStalled
		}
		return model.OutcomeTimeout
	case 35, 51, 58, 59, 60, 77:
		if strings.Contains(lower, "connection reset") {
			return model.OutcomeReset
		}
		return model.OutcomeTLS
	case 52:
		return model.OutcomeEmpty
	case 55, 56:
		if o := outcomeOf(lower); o != "" {
			return o
		}
		return model.OutcomeReset
	}
	return outcomeOf(lower)
}

// outcomeOf reads the reason of a failed connection in the words of the C library, Go, busybox or Windows; "" when it has none.
func outcomeOf(lower string) string {
	for _, o := range outcomeWords {
		if has(lower, o.words...) {
			return o.outcome
		}
	}
	return ""
}

var outcomeWords = []struct {
	outcome string
	words   []string
}{
	{model.OutcomeDNS, []string{"could not resolve", "couldn't resolve", "name or service not known", "no such host", "nxdomain", "name resolution", "bad address", "unknown host", "could not find host", "nodename nor servname"}},
	{model.OutcomeRefused, []string{"connection refused", "actively refused", "errno=111", "errno 111"}},
	{model.OutcomeNoRoute, []string{"no route to host", "host is unreachable", "host unreachable", "errno=113", "host is down"}},
	{model.OutcomeUnreachable, []string{"network is unreachable", "network unreachable", "net unreachable"}},
	{model.OutcomeReset, []string{"connection reset", "connection was reset", "reset by peer", "errno=104"}},
	{model.OutcomeFiltered, []string{"administratively prohibited", "admin prohibited", "communication prohibited", "packet filtered"}},
	{model.OutcomeProhibited, []string{"operation not permitted"}},
	{model.OutcomeTimeout, []string{"timed out", "timeout", "deadline exceeded", "errno=110"}},
	{model.OutcomeEmpty, []string{"empty reply", "unexpected eof", ": eof"}},
}

// meter says whether a line belongs to curl's progress meter.
func meter(s string) bool {
	if strings.HasPrefix(s, "% Total") || strings.HasPrefix(s, "Dload ") {
		return true
	}
	f := strings.Fields(s)
	return len(f) >= 11 && strings.Contains(f[len(f)-2], ":") && allDigits(f[0])
}

// header says whether a line is an HTTP header.
func header(s string) bool {
	k, _, ok := strings.Cut(s, ":")
	return ok && k != "" && len(k) < 60 && !strings.ContainsAny(k, " \t<\"{")
}
