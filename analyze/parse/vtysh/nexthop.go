package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// nexthops is `show bgp nexthop`:
//
//	192.168.20.10 invalid, #paths 0, peer 192.168.20.10
//	  Must be Connected
type nexthops struct {
	p   *parser
	l   Line
	cur *model.NextHopState
	n   int
}

func newNexthops(p *parser, l Line) *nexthops { return &nexthops{p: p, l: l} }

func (b *nexthops) line(l Line) verdict {
	f := strings.Fields(l.Text)
	if len(f) == 0 {
		return ignored
	}
	t := strings.TrimSpace(l.Text)
	if len(f) > 1 && isAddr(Addr(f[0])) && (strings.HasPrefix(f[1], "valid") || strings.HasPrefix(f[1], "invalid")) {
		b.flush()
		b.n++
		b.cur = &model.NextHopState{Origin: b.p.sec.o, Addr: Addr(f[0]), Valid: f[1][0] == 'v', Src: l.Evidence()}
		return taken
	}
	if b.cur == nil {
		return unread
	}
	switch {
	case strings.HasPrefix(t, "Must be Connected"):
		b.cur.Reason = "Must be Connected"
		b.cur.Src.LastLine = b.p.o.Line(l.N)
		return taken
	case l.Text[0] == ' ' || l.Text[0] == '\t':
		return ignored
	}
	return unread
}

func (b *nexthops) flush() {
	if b.cur != nil {
		b.p.out.NextHops = append(b.p.out.NextHops, *b.cur)
		b.cur = nil
	}
}

func (b *nexthops) end() {
	b.flush()
	b.p.show(b.l, "nexthop", b.n, "")
}

// nht is `show ip nht`: an address alone, below it what zebra resolved it by.
type nht struct {
	p   *parser
	cur model.NextHopState
	ok  bool
}

func newNHT(p *parser, l Line, addr string) *nht {
	return &nht{p: p, cur: model.NextHopState{Origin: p.sec.o, Addr: addr, Src: l.Evidence()}}
}

func (b *nht) line(l Line) verdict {
	t := strings.TrimSpace(l.Text)
	switch {
	case strings.HasPrefix(t, "resolved via "):
		b.cur.Valid, b.cur.Reason, b.ok = true, t, true
		return taken
	case strings.HasPrefix(t, "unresolved"):
		b.cur.Reason, b.ok = "unresolved", true
		return taken
	case l.Text != "" && l.Text[0] == ' ':
		return ignored
	}
	return unread
}

func (b *nht) end() {
	if b.ok {
		b.p.out.NextHops = append(b.p.out.NextHops, b.cur)
	}
}
