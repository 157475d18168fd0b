package text

import (
	"strconv"

	"github.com/metallb-assay/assay/analyze/model"
)

// end turns the attempts into probes: those of a loop on the same target into one.
func (t *connect) end(c *state) {
	for t.next < len(t.want) && len(t.want) > 0 && !(t.want[t.next].repeated && len(t.done) > 0) {
		if t.cur != nil && !t.cur.closed {
			t.cur.closed = true
		}
		a := t.begin() // asked for, and nothing shown
		t.next = max(t.next, 1)
		a.closed = true
		if a.t.repeated {
			break
		}
	}
	groups := map[string]*model.Probe{}
	var order []*model.Probe
	for _, a := range t.done {
		p := a.probe(c)
		if p.Target == "" && p.Addr == "" || p.Src.Quote == "" { // silence of a command that no line shows proves nothing
			continue
		}
		key := p.Tool + " " + p.URL + " " + p.Target + " " + p.Addr + " " + strconv.Itoa(p.Port) + " " + p.From
		if g := groups[key]; g != nil {
			mergeProbe(g, &p)
			continue
		}
		groups[key] = nil
		q := p
		if len(t.done) > 1 {
			groups[key] = &q
		}
		order = append(order, &q)
	}
	for _, p := range order {
		if c.room() {
			c.noteLarge(p)
			c.out.Probes = append(c.out.Probes, *p)
		}
	}
}

// noteLarge marks a probe that stalls where another of the same member got its answer.
func (c *state) noteLarge(p *model.Probe) {
	for i := len(c.out.Probes) - 1; i >= 0 && i >= len(c.out.Probes)-64; i-- {
		q := c.out.Probes[i]
		if q.OK && q.Addr == p.Addr && q.Port == p.Port && p.Outcome == model.OutcomeStalled && q.URL != p.URL {
			p.LargeFails = true
		}
	}
}

// probe is an attempt as an observation.
func (a *attempt) probe(c *state) model.Probe {
	p := model.Probe{Origin: c.o, Tool: a.t.s.tool, Target: a.t.host, URL: a.t.url, Addr: a.addr, Port: a.port, Status: a.status,
		Outcome: a.outcome, Body: a.body, LargeFails: a.large, Sent: 1, Src: a.src, CmdSrc: c.cmdSrc, Repeated: a.t.repeated}
	if p.Tool == "" {
		p.Tool = "curl"
	}
	if p.Addr == "" && isAddr(p.Target) {
		p.Addr = p.Target
	}
	if p.Target == "" {
		p.Target = p.Addr
	}
	if a.status > 0 {
		p.Outcome = "http " + strconv.Itoa(a.status)
	}
	if p.Outcome == "" {
		p.Outcome = model.OutcomeSilent
	}
	switch p.Outcome {
	case model.OutcomeConnected, model.OutcomeAnswered:
		p.OK = true
	default:
		p.OK = a.status > 0 || a.spoke
	}
	if p.OK {
		p.Received = 1
		if a.body != "" {
			p.Answers = []string{a.body}
		}
	}
	if a.took > 0 {
		p.Took = []float64{a.took}
	}
	if p.Src.Quote == "" {
		p.Src = c.cmdSrc
	}
	c.place(&p, a.t.s)
	return p
}

// mergeProbe adds another attempt on the same target to a probe. The outcome is that of the first attempt that failed, its
// line the evidence, because that is what somebody complains of.
func mergeProbe(g, p *model.Probe) {
	failedBefore := g.Received < g.Sent
	g.Sent += p.Sent
	g.Received += p.Received
	g.Repeated = true
	if p.OK && !g.OK {
		g.Status, g.Body = p.Status, p.Body
	}
	if !p.OK && !failedBefore {
		g.Outcome, g.Src = p.Outcome, p.Src
	}
	if p.OK && g.OK && !failedBefore && slowest(p.Took) > slowest(g.Took)+2 { // the slow one is what somebody complains of
		g.Src = p.Src
	}
	g.OK = g.OK || p.OK
	g.Partial = g.Received > 0 && g.Received < g.Sent
	g.LargeFails = g.LargeFails || p.LargeFails
	for _, b := range p.Answers {
		if len(g.Answers) < model.AnswersKept && !contains(g.Answers, b) {
			g.Answers = append(g.Answers, b)
		}
	}
	if len(g.Took) < model.AnswersKept {
		g.Took = append(g.Took, p.Took...)
	}
}

// slowest is the longest of the times that attempts took, 0 when none is known.
func slowest(took []float64) float64 {
	longest := 0.0
	for _, t := range took {
		longest = max(longest, t)
	}
	return longest
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
