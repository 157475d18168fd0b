package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// ping reads the pings of iputils, busybox, BSD and Windows, and fping.
type ping struct {
	p       *model.Probe
	replies int
	misses  int
	large   bool // payload of 1200 bytes and more
}

func (t *ping) line(c *state, l line) took {
	s := l.trim()
	lower := strings.ToLower(s)
	switch {
	case s == "" || s == "^C" || strings.HasPrefix(s, "---") || strings.HasPrefix(lower, "rtt ") || strings.HasPrefix(lower, "round-trip"),
		strings.HasPrefix(lower, "minimum ="), strings.HasPrefix(lower, "approximate round"):
		return ignored
	case strings.HasPrefix(s, "PING "), strings.HasPrefix(s, "Pinging "):
		t.flush(c)
		t.start(c, l, after(s, " "))
		return taken
	case strings.HasPrefix(lower, "ping statistics for "):
		return ignored
	case has(lower, "packets transmitted"), strings.HasPrefix(lower, "packets: sent ="):
		return t.sum(c, l, lower)
	case has(lower, "bytes from ", "reply from "):
		return t.reply(c, l, s, lower)
	case strings.HasSuffix(lower, " is alive"), strings.HasSuffix(lower, " is unreachable") && !strings.HasPrefix(lower, "from"):
		return t.fping(c, l, s, lower)
	case strings.HasPrefix(lower, "request timed out"), strings.HasPrefix(lower, "request timeout"), strings.HasPrefix(lower, "no answer yet"):
		t.begin(c, l)
		t.fail(c, l, model.OutcomeNoAnswer)
		return taken
	case strings.HasPrefix(lower, "from "):
		return t.from(c, l, lower)
	case strings.HasPrefix(lower, "ping:"), strings.HasPrefix(lower, "connect:"), strings.HasPrefix(lower, "ping6:"), has(lower, "could not find host", "general failure"):
		return t.complaint(c, l, lower)
	}
	return unread
}

// start begins the probe of a target: "10.0.0.1 (10.0.0.1) 56(84) bytes of data.", "host [10.0.0.1] with 32 bytes of data:".
func (t *ping) start(c *state, l line, rest string) {
	host := strings.Trim(firstField(rest), ":")
	t.p = &model.Probe{Origin: c.o, Tool: "ping", Target: host, Src: c.ev(l), CmdSrc: c.cmdSrc}
	t.replies, t.misses = 0, 0
	if isAddr(host) {
		t.p.Addr = host
	} else {
		t.p.Addr = firstAddr(strings.TrimPrefix(rest, host))
	}
	size := 0
	for _, w := range strings.Fields(rest) {
		if n, ok := number(w); ok && n > size && n < 70000 && !strings.Contains(w, ".") && !strings.Contains(w, ":") {
			size = n
		}
	}
	t.large = size >= 1200
	t.who(c)
}

// who finds the command that the output belongs to.
func (t *ping) who(c *state) {
	for _, s := range c.cmd.parts {
		if !strings.HasPrefix(s.tool, "ping") && s.tool != "fping" {
			continue
		}
		if t.p.Target == "" {
			t.p.Target = pingTarget(s.args)
			if isAddr(t.p.Target) {
				t.p.Addr = t.p.Target
			}
		}
		for i, a := range s.args {
			if (a == "-s" || a == "-l") && i+1 < len(s.args) {
				n, _ := number(s.args[i+1])
				t.large = t.large || n >= 1200
			}
			if (a == "-I" || a == "-S") && i+1 < len(s.args) {
				t.p.Iface = s.args[i+1]
			}
		}
		c.place(t.p, s)
		return
	}
	c.place(t.p, simple{})
}

// pingTarget is the last word that is no flag and no flag's value.
func pingTarget(args []string) string {
	target := ""
	for i := 0; i < len(args); i++ {
		if strings.HasPrefix(args[i], "-") {
			if len(args[i]) == 2 && strings.IndexByte("cWwisItlnSMQmT", args[i][1]) >= 0 && i+1 < len(args) && (allDigits(args[i+1]) || args[i][1] == 'I' || args[i][1] == 'M' || args[i][1] == 'S' || args[i][1] == 'i' || args[i][1] == 'W') {
				i++
			}
			continue
		}
		target = args[i]
	}
	return target
}

func (t *ping) begin(c *state, l line) {
	if t.p == nil {
		t.start(c, l, "")
	}
}

// fail notes an attempt without an answer; the first reason stays, unless a better one comes.
func (t *ping) fail(c *state, l line, outcome string) {
	t.misses++
	if t.p.OK {
		t.p.Partial = true
		return
	}
	if t.p.Outcome == "" || t.p.Outcome == model.OutcomeNoAnswer || t.p.Outcome == model.OutcomeRedirect {
		t.p.Outcome, t.p.Src = outcome, c.ev(l)
	}
}

// reply reads an answer; Windows also begins "Reply from" for another machine's "Destination host unreachable".
func (t *ping) reply(c *state, l line, s, lower string) took {
	t.begin(c, l)
	if o := icmpError(lower); o != "" {
		t.fail(c, l, o)
		return taken
	}
	if !has(lower, "ttl", "time", "seq") {
		return unread
	}
	ad := firstAddr(s)
	if t.p.Target == "" {
		t.p.Target, t.p.Addr = ad, ad
	} else if t.p.Addr != "" && ad != "" && ad != t.p.Addr && t.replies == 0 && t.misses == 0 && t.p.Outcome == "" && c.cmdSrc.Line == 0 && t.p.Src.Line == c.o.Line(l.n) {
		t.p.Target, t.p.Addr = ad, ad
	}
	if i := strings.Index(lower, "ttl="); i >= 0 && t.p.TTL == 0 {
		t.p.TTL, _ = number(lower[i+4:])
	}
	t.replies++
	if !t.p.OK {
		t.p.OK, t.p.Outcome, t.p.Src = true, model.OutcomeAnswered, c.ev(l)
		t.p.Partial = t.misses > 0
	}
	t.p.Received = max(t.p.Received, t.replies)
	return taken
}

// from reads an ICMP error that another machine sent.
func (t *ping) from(c *state, l line, lower string) took {
	o := icmpError(lower)
	if o == "" && strings.Contains(lower, "redirect") {
		o = model.OutcomeRedirect
	}
	if o == "" {
		return unread
	}
	t.begin(c, l)
	if strings.Contains(lower, "frag needed") {
		t.p.LargeFails = true
	}
	t.fail(c, l, o)
	return taken
}

// icmpError is the outcome that an ICMP error stands for, "" when the text is none.
func icmpError(lower string) string {
	switch {
	case has(lower, "host unreachable", "host prohibited"):
		if strings.Contains(lower, "prohibited") {
			return model.OutcomeFiltered
		}
		return model.OutcomeNoRoute
	case has(lower, "net unreachable", "network unreachable", "no route"):
		return model.OutcomeUnreachable
	case has(lower, "port unreachable"):
		return model.OutcomeRefused
	case has(lower, "packet filtered", "administratively", "prohibited"):
		return model.OutcomeFiltered
	case has(lower, "time to live exceeded", "ttl expired", "hop limit", "time exceeded"):
		return model.OutcomeTTL
	case has(lower, "frag needed", "packet needs to be fragmented", "packet too big"):
		return model.OutcomeStalled
	}
	return ""
}

// sum reads the counts at the end.
func (t *ping) sum(c *state, l line, lower string) took {
	t.begin(c, l)
	if strings.HasPrefix(lower, "packets: sent =") {
		t.p.Sent, _ = number(strings.TrimSpace(after(lower, "sent =")))
		t.p.Received, _ = number(strings.TrimSpace(after(lower, "received =")))
		if t.replies < t.p.Received && t.replies+t.misses >= t.p.Sent { // errors of other machines count as received
			t.p.Received = t.replies
		}
	} else {
		t.p.Sent, _ = number(lower)
		t.p.Received, _ = number(strings.TrimSpace(after(lower, "transmitted,")))
	}
	if t.p.Received == 0 && !t.p.OK && t.p.Outcome == "" || t.p.Outcome == model.OutcomeRedirect {
		t.p.Outcome, t.p.Src = model.OutcomeNoAnswer, c.ev(l)
	}
	if t.p.Received > 0 && t.p.Outcome == "" {
		t.p.OK, t.p.Outcome, t.p.Src = true, model.OutcomeAnswered, c.ev(l)
	}
	t.p.Partial = t.p.OK && t.p.Received < t.p.Sent
	return taken
}

// fping reads "10.0.0.1 is alive".
func (t *ping) fping(c *state, l line, s, lower string) took {
	t.flush(c)
	t.start(c, l, firstField(s))
	t.p.Sent, t.p.Outcome = 1, model.OutcomeNoAnswer
	if strings.HasSuffix(lower, "alive") {
		t.p.Received, t.p.OK, t.p.Outcome = 1, true, model.OutcomeAnswered
	}
	return taken
}

// complaint reads what ping says when it cannot send.
func (t *ping) complaint(c *state, l line, lower string) took {
	o := outcomeOf(lower)
	switch {
	case has(lower, "message too long"):
		o = model.OutcomeStalled
	case has(lower, "unknown host", "could not find host", "bad address"):
		o = model.OutcomeDNS
	case o == "" && !has(lower, "general failure", "sendmsg", "sendto"):
		return unread
	case o == "":
		o = model.OutcomeFailed
	}
	t.begin(c, l)
	t.p.LargeFails = t.p.LargeFails || has(lower, "message too long")
	t.fail(c, l, o)
	return taken
}

func (t *ping) flush(c *state) {
	if t.p == nil {
		return
	}
	t.p.LargeFails = t.p.LargeFails || t.large && !t.p.OK && smallWorked(c, t.p.Addr)
	if t.p.Target != "" && c.room() {
		if t.p.Outcome == "" {
			t.p.Outcome = model.OutcomeSilent
		}
		c.out.Probes = append(c.out.Probes, *t.p)
	}
	t.p, t.large = nil, false
}

// smallWorked says whether an earlier probe of the member got an answer from an address.
func smallWorked(c *state, addr string) bool {
	for i := max(0, len(c.out.Probes)-256); i < len(c.out.Probes); i++ {
		if p := &c.out.Probes[i]; p.OK && p.Addr == addr && p.Origin.Path == c.o.Path {
			return true
		}
	}
	return false
}

func (t *ping) end(c *state) { t.flush(c) }
