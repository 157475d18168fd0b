package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// trace reads traceroute, tracert, tracepath and mtr -r.
type trace struct {
	p       *model.Probe
	last    schema.Evidence
	answers map[string]int
	loop    bool
}

// maxHops bounds the hops kept: the programs themselves stop at 30 or 64.
const maxHops = 128

func (t *trace) line(c *state, l line) took {
	s := l.trim()
	lower := strings.ToLower(s)
	switch {
	case s == "" || s == "^C" || strings.HasPrefix(lower, "trace complete") || strings.HasPrefix(lower, "resume:"), strings.HasPrefix(lower, "over a maximum of"):
		return ignored
	case strings.HasPrefix(lower, "traceroute to "), strings.HasPrefix(lower, "traceroute6 to "), strings.HasPrefix(lower, "tracing route to "):
		t.flush(c)
		rest := s[strings.Index(lower, " to ")+4:]
		t.start(c, l, strings.TrimRight(firstField(rest), ","))
		if a := firstAddr(strings.TrimPrefix(rest, t.p.Target)); a != "" && t.p.Addr == "" {
			t.p.Addr = a
		}
		return taken
	case strings.HasPrefix(s, "Start:"), strings.HasPrefix(s, "HOST:"):
		return ignored
	}
	f := strings.Fields(s)
	n := strings.TrimRight(strings.TrimSuffix(f[0], "|--"), ".:?")
	if !allDigits(n) || len(f) < 2 || len(n) > 3 {
		return unread
	}
	if t.p == nil {
		t.start(c, l, "")
	}
	t.hop(c, l, s, lower)
	return taken
}

func (t *trace) start(c *state, l line, target string) {
	t.p = &model.Probe{Origin: c.o, Tool: "traceroute", Target: target, Src: c.ev(l), CmdSrc: c.cmdSrc}
	t.answers, t.loop = map[string]int{}, false
	var by simple
	for _, s := range c.cmd.parts {
		if commandKinds[s.tool] == schema.KindTraceroute {
			by = s
			t.p.Tool = s.tool
			if t.p.Target == "" {
				t.p.Target = pingTarget(s.args)
			}
			break
		}
	}
	if isAddr(t.p.Target) {
		t.p.Addr = t.p.Target
	}
	c.place(t.p, by)
}

// hop reads one row: who answered, or "*".
func (t *trace) hop(c *state, l line, s, lower string) {
	addr := firstAddr(after(s, " "))
	if addr == "" {
		addr = "*"
	}
	if len(t.p.Hops) < maxHops {
		t.p.Hops = append(t.p.Hops, addr)
	}
	if addr == "*" {
		return
	}
	t.last = c.ev(l)
	t.answers[addr]++
	t.loop = t.loop || t.answers[addr] > 2
	if o := icmpError(lower); o != "" {
		t.p.Outcome, t.p.Src = o, c.ev(l)
	}
	for _, w := range []struct{ mark, outcome string }{{" !h", model.OutcomeNoRoute}, {" !n", model.OutcomeUnreachable}, {" !x", model.OutcomeFiltered}} {
		if strings.Contains(lower, w.mark) {
			t.p.Outcome, t.p.Src = w.outcome, c.ev(l)
		}
	}
	if addr == t.p.Addr && t.p.Outcome == "" {
		t.p.OK, t.p.Outcome, t.p.Src = true, model.OutcomeAnswered, c.ev(l)
	}
}

func (t *trace) flush(c *state) {
	if t.p == nil || len(t.p.Hops) == 0 {
		t.p = nil
		return
	}
	if t.p.Outcome == "" {
		t.p.Outcome = model.OutcomeNoAnswer
		if t.loop {
			t.p.Outcome = model.OutcomeTTL
		}
		if t.last.Quote != "" {
			t.p.Src = t.last
		}
	}
	if c.room() && t.p.Target != "" {
		c.out.Probes = append(c.out.Probes, *t.p)
	}
	t.p = nil
}

func (t *trace) end(c *state) { t.flush(c) }
