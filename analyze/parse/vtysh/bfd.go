package vtysh

import (
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
)

// bfd is `show bfd peers`; `show bfd peers counters` has the same heads and no status, and gives no session.
type bfd struct {
	p   *parser
	l   Line
	cur *model.BFDPeer
	n   int
}

func newBFD(p *parser, l Line) *bfd { return &bfd{p: p, l: l} }

func (b *bfd) line(l Line) verdict {
	t := strings.TrimSpace(l.Text)
	switch {
	case t == "":
		return ignored
	case strings.HasPrefix(t, "peer "):
		b.flush()
		b.head(l, t)
		return taken
	case b.cur == nil:
		return unread
	}
	key, value, found := strings.Cut(t, ":")
	if !found {
		return ignored
	}
	value = strings.TrimSpace(value)
	switch key {
	case "Remote ID":
		b.cur.RemoteID = int64(number(value, 0))
	case "Status":
		b.cur.Status, b.cur.Src = value, l.Evidence()
	case "Diagnostics":
		b.cur.Diagnostic = value
	case "Remote diagnostics":
		b.cur.RemoteDiag = value
	case "Uptime", "Downtime":
		b.cur.Uptime = seconds(value)
	default:
		return ignored
	}
	return taken
}

// seconds reads "9 second(s)", and "1 day(s), 2 hour(s), 3 minute(s), 4 second(s)".
func seconds(s string) time.Duration {
	var d time.Duration
	f := strings.Fields(s)
	for i := 0; i+1 < len(f); i += 2 {
		n := time.Duration(number(f[i], 0))
		switch w := f[i+1]; {
		case strings.HasPrefix(w, "day"):
			d += n * 24 * time.Hour
		case strings.HasPrefix(w, "hour"):
			d += n * time.Hour
		case strings.HasPrefix(w, "minute"):
			d += n * time.Minute
		case strings.HasPrefix(w, "second"):
			d += n * time.Second
		}
	}
	return d
}

// head takes "peer A [multihop] local-address B vrf V interface I".
func (b *bfd) head(l Line, t string) {
	f := strings.Fields(t)
	peer := model.BFDPeer{Origin: b.p.sec.o, Uptime: -1, Src: l.Evidence()}
	if len(f) > 1 {
		peer.Peer = Addr(f[1])
	}
	for i := 2; i < len(f); i++ {
		next := ""
		if i+1 < len(f) {
			next = f[i+1]
		}
		switch f[i] {
		case "multihop":
			peer.Multihop = true
		case "local-address":
			peer.Local = next
		case "vrf":
			if next != "default" {
				peer.VRF = next
			}
		case "interface":
			peer.Interface = next
		}
	}
	b.cur = &peer
	b.n++
}

func (b *bfd) flush() {
	if b.cur != nil && b.cur.Status != "" {
		b.p.out.BFD = append(b.p.out.BFD, *b.cur)
	}
	b.cur = nil
}

func (b *bfd) end() {
	b.flush()
	b.p.show(b.l, "bfd", b.n, "")
}

// bfdBrief is `show bfd peers brief`: SessionId LocalAddress PeerAddress Status.
type bfdBrief struct {
	p *parser
	l Line
	n int
}

func newBFDBrief(p *parser, l Line) *bfdBrief { return &bfdBrief{p: p, l: l} }

func (b *bfdBrief) line(l Line) verdict {
	f := strings.Fields(l.Text)
	switch {
	case len(f) == 0 || strings.HasPrefix(f[0], "=="):
		return ignored
	case len(f) < 4 || number(f[0], -1) < 0 || !isAddr(Addr(f[2])):
		return unread
	}
	b.n++
	b.p.out.BFD = append(b.p.out.BFD, model.BFDPeer{Origin: b.p.sec.o, Local: Addr(f[1]), Peer: Addr(f[2]), Status: f[3], Uptime: -1, Src: l.Evidence()})
	return taken
}

func (b *bfdBrief) end() { b.p.show(b.l, "bfd", b.n, "") }
