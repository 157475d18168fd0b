package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// arping reads both arpings (iputils' and Thomas Habets') and ndisc6.
type arping struct {
	p *model.Probe
	n int // replies
}

// maxMACs bounds the answerers of one probe.
const maxMACs = 64

func (t *arping) line(c *state, l line) took {
	s := l.trim()
	lower := strings.ToLower(s)
	switch {
	case s == "" || s == "^C" || strings.HasPrefix(s, "rtt ") || strings.HasPrefix(s, "round-trip"):
		return ignored
	case strings.HasPrefix(s, "ARPING "):
		t.flush(c)
		t.start(c, l, firstField(s[7:]))
		f := strings.Fields(s)
		if v := value(f, "from"); v != "" && len(f) > 4 {
			t.p.Iface = f[len(f)-1]
		}
		return taken
	case has(lower, "bytes from ", "reply from ") && (has(lower, "index=", "msec", "usec", "[") && t.mac(s) != ""):
		return t.reply(c, l, s)
	case strings.HasPrefix(lower, "target link-layer address:"):
		return t.reply(c, l, s)
	case strings.HasPrefix(lower, "timeout"), strings.HasPrefix(lower, "no response"), strings.HasPrefix(lower, "timed out"):
		t.begin(c, l)
		t.miss(c, l)
		return taken
	case strings.HasPrefix(lower, "soliciting "):
		t.flush(c)
		t.start(c, l, strings.Trim(firstField(after(s, " ")), "()"))
		return taken
	case has(lower, "packets transmitted"), strings.HasPrefix(lower, "sent "), strings.HasPrefix(lower, "received "):
		return t.sum(c, l, lower)
	case strings.HasPrefix(s, "--- "), strings.HasPrefix(lower, "from ") && has(lower, "advertise", "router"):
		return ignored
	case strings.HasPrefix(lower, "arping:"):
		t.begin(c, l)
		t.p.Outcome, t.p.Src = model.OutcomeFailed, c.ev(l)
		return taken
	}
	return unread
}

// start begins the probe of a target.
func (t *arping) start(c *state, l line, addr string) {
	t.p = &model.Probe{Origin: c.o, Tool: "arping", Target: addr, Src: c.ev(l), CmdSrc: c.cmdSrc}
	for _, s := range c.cmd.parts {
		if s.tool != "arping" && s.tool != "ndisc6" {
			continue
		}
		for i, a := range s.args {
			if (a == "-I" || a == "-i") && i+1 < len(s.args) {
				t.p.Iface = s.args[i+1]
			}
			if t.p.Target == "" && isAddr(a) {
				t.p.Target = a
			}
		}
		c.place(t.p, s)
	}
	if t.p.From == "" && t.p.FromKind == "" {
		c.place(t.p, simple{})
	}
	if isAddr(t.p.Target) {
		t.p.Addr = t.p.Target
	}
	t.n = 0
}

func (t *arping) begin(c *state, l line) {
	if t.p == nil {
		t.start(c, l, "")
	}
}

// mac finds the MAC address that answered.
func (t *arping) mac(s string) string {
	for _, w := range strings.Fields(s) {
		if m := macOf(strings.Trim(w, "[]()")); m != "" {
			return m
		}
	}
	return ""
}

// reply reads "60 bytes from MAC (ADDR): index=0", "Unicast reply from ADDR [MAC] 0.7ms", "Target link-layer address: MAC".
func (t *arping) reply(c *state, l line, s string) took {
	ad := firstAddr(strings.ReplaceAll(s, t.mac(s), " "))
	if t.p != nil && t.p.Target != "" && ad != "" && ad != t.p.Target && isAddr(t.p.Target) {
		t.flush(c)
	}
	t.begin(c, l)
	if t.p.Target == "" || !isAddr(t.p.Target) && t.p.Addr == "" {
		t.p.Addr = ad
		if t.p.Target == "" {
			t.p.Target = ad
		}
	}
	t.n++
	t.p.Received = max(t.p.Received, t.n)
	if m := t.mac(s); m != "" && !contains(t.p.MACs, m) && len(t.p.MACs) < maxMACs {
		t.p.MACs = append(t.p.MACs, m)
		if len(t.p.MACs) <= 2 { // the second answerer is the line that tells
			t.p.Src = c.ev(l)
		}
	}
	t.p.OK, t.p.Outcome = true, model.OutcomeAnswered
	return taken
}

// miss notes a line that says that nothing came.
func (t *arping) miss(c *state, l line) {
	if t.p.OK {
		t.p.Partial = true
		return
	}
	if t.p.Outcome == "" {
		t.p.Outcome, t.p.Src = model.OutcomeNoAnswer, c.ev(l)
	}
}

// sum reads the counts at the end.
func (t *arping) sum(c *state, l line, lower string) took {
	if t.p == nil && !has(lower, "probes", "response", "unanswered") {
		return unread
	}
	t.begin(c, l)
	n, _ := number(strings.TrimLeft(after(" "+lower, " "), "sentrcivd "))
	switch {
	case strings.HasPrefix(lower, "sent "):
		t.p.Sent = n
		return taken
	case strings.HasPrefix(lower, "received "):
		t.p.Received = n
	default:
		t.p.Sent = n
		if _, rest, ok := strings.Cut(lower, "transmitted, "); ok {
			t.p.Received, _ = number(rest)
		}
	}
	if t.p.Received == 0 && !t.p.OK {
		t.p.Outcome, t.p.Src = model.OutcomeNoAnswer, c.ev(l)
	}
	if t.p.Received > 0 && t.p.Outcome == "" {
		t.p.OK, t.p.Outcome, t.p.Src = true, model.OutcomeAnswered, c.ev(l)
	}
	t.p.Partial = t.p.OK && t.p.Received < t.p.Sent
	return taken
}

func (t *arping) flush(c *state) {
	if t.p != nil && t.p.Target != "" && c.room() {
		if t.p.Outcome == "" {
			t.p.Outcome = model.OutcomeSilent
		}
		c.out.Probes = append(c.out.Probes, *t.p)
	}
	t.p = nil
}

func (t *arping) end(c *state) { t.flush(c) }
