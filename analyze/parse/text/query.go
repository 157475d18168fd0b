package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// query reads dig, nslookup and host where the command names the server that it asks by its address: whether an answer of any kind came.
type query struct {
	s      simple
	server string
	port   int
	short  bool // dig +short: each line is an answer
	p      *model.Probe
}

// newQuery is nil where the command asks no server of that kind.
func newQuery(c *state) tool {
	for _, s := range c.cmd.parts {
		q := &query{s: s, port: 53}
		var words []string
		for i := 0; i < len(s.args); i++ {
			switch a := s.args[i]; {
			case strings.HasPrefix(a, "@"):
				q.server = a[1:]
			case a == "-p" && i+1 < len(s.args):
				i++
				q.port, _ = number(s.args[i])
			case a == "+short":
				q.short = true
			case strings.HasPrefix(a, "-") || strings.HasPrefix(a, "+"):
			default:
				words = append(words, a)
			}
		}
		switch {
		case s.tool == "dig":
		case (s.tool == "nslookup" || s.tool == "host") && len(words) == 2:
			q.server = words[1]
		default:
			continue
		}
		if isAddr(q.server) {
			return q
		}
	}
	return nil
}

func (q *query) line(c *state, l line) took {
	s := l.trim()
	lower := strings.ToLower(s)
	outcome := ""
	switch {
	case s == "":
		return ignored
	case has(lower, "timed out", "no servers could be reached"):
		outcome = model.OutcomeTimeout
	case has(lower, "connection refused"):
		outcome = model.OutcomeRefused
	case has(lower, "host unreachable", "network unreachable", "no route to host"):
		outcome = model.OutcomeNoRoute
	case has(lower, "->>header<<-", "server can't find", " has address ", " has ipv6 address "), strings.HasPrefix(lower, "name:"), q.short && s[0] != ';':
		outcome = model.OutcomeAnswered
	default:
		return ignored
	}
	if q.p != nil && (q.p.OK || outcome != model.OutcomeAnswered) { // an answer after lost tries is an answer
		return taken
	}
	q.p = &model.Probe{Origin: c.o, Tool: q.s.tool, Target: q.server, Addr: q.server, Port: q.port, OK: outcome == model.OutcomeAnswered, Outcome: outcome, Sent: 1, Src: c.ev(l), CmdSrc: c.cmdSrc}
	c.place(q.p, q.s)
	return taken
}

func (q *query) end(c *state) {
	if q.p != nil && c.room() {
		c.out.Probes = append(c.out.Probes, *q.p)
	}
	q.p = nil
}
