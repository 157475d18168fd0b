package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// A session flaps now when it went down at least flapTimes times and last did so within flapRecent of the end of what its source
// covers: one loss that healed is history (design, verdict), two may be the start of a new router.
const (
	flapTimes  = 3
	flapRecent = 10 * time.Minute
)

// flapping tells whether the session goes up and down now: by FRR's counters, by the native log, or by a log of FRR that tells of
// neighbors' changes.
func (l *Link) flapping() *Flap {
	for _, side := range []struct {
		n    *model.BGPNeighbor
		what string
	}{{l.near(), "node"}, {l.far(), "router"}} {
		n := side.n
		if n == nil || n.Dropped < flapTimes {
			continue
		}
		recent := n.LastReset != "" && n.LastResetAgo > 0 && n.LastResetAgo < flapRecent || n.Uptime > 0 && n.Uptime < flapRecent
		if recent {
			text := fmt.Sprintf("established %d times and dropped %d times", max(n.Established, n.Dropped), n.Dropped)
			if n.LastReset != "" {
				text += ", last by " + n.LastReset
			}
			return &Flap{Times: n.Dropped, Text: text, Src: []schema.Evidence{n.ErrSrc, n.Src}}
		}
	}
	return l.flappingByLog()
}

func (l *Link) flappingByLog() *Flap {
	ups, downs := l.events(model.MsgSessionUp), l.events(model.MsgSessionDown)
	if len(ups) == 0 || len(downs) == 0 {
		return nil
	}
	n := 0
	var last model.Seen
	for _, e := range downs {
		n += e.Count
		if last.Src.Line == 0 || e.Last.After(last) {
			last = e.Last
		}
	}
	if n < flapTimes || !l.Log.Last.IsZero() && l.Log.Last.Sub(last.Time) > flapRecent {
		return nil
	}
	return &Flap{Times: n, Text: fmt.Sprintf("established and lost %d times", n), Src: []schema.Evidence{last.Src, ups[len(ups)-1].Last.Src}}
}

// flappingByFRR sees in FRR's log, the node's or the router's, that the session comes up over and over: each time it gets the whole table and
// its End-of-RIB. It went down between, and it goes on so where the log ends: a session that then lasts is none that flaps.
// Slower than that it may as well be somebody who restarts or tries things.
func (v *View) flappingByFRR(l *Link) *Flap {
	const rhythm = 30 * time.Second
	for _, log := range v.LogsOf(model.FRR) {
		ups := v.upsOf(l, log)
		if len(ups) <= flapTimes {
			continue
		}
		ups = ups[len(ups)-flapTimes-1:]
		var gap time.Duration
		for i := range ups[1:] {
			gap = max(gap, ups[i+1].Time.Sub(ups[i].Time))
		}
		end := later(v.To, log.Last)
		lasts := end.Sub(ups[flapTimes].Time)
		for _, n := range []*model.BGPNeighbor{l.near(), l.far()} {
			if n != nil {
				lasts = max(lasts, n.Uptime)
			}
		}
		if gap <= rhythm && lasts <= 2*gap {
			return &Flap{Times: flapTimes, Text: fmt.Sprintf("it came up %d times within %s", len(ups), ups[flapTimes].Time.Sub(ups[0].Time).Round(time.Second)),
				Src: []schema.Evidence{ups[flapTimes].Src, ups[0].Src}}
		}
	}
	return nil
}

// upsOf are the moments at which the session came up by a log of FRR, in order.
func (v *View) upsOf(l *Link, log *model.Log) []model.Seen {
	const apart = 3 * time.Second // End-of-RIBs of several address families come together
	router := v.OfRouter(log.Origin)
	if log.Origin.Previous || !router && (log.Node == "" || log.Node != l.Node) && v.who(log.Origin) != l.Who {
		return nil
	}
	var ups []model.Seen
	for _, e := range log.Find(model.MsgFRRAdjChange) {
		peer := bareAddr(e.Peer)
		mine := !router && peer == l.Peer || router && (peer == l.Who || l.Node != "" && v.NodeOfAddr(parseAddr(peer)) == l.Node)
		if mine && strings.HasPrefix(e.Value, "Up") {
			ups = append(append(ups, e.First), e.Recent...)
		}
	}
	ups = slices.DeleteFunc(ups, func(s model.Seen) bool { return s.Time.IsZero() })
	slices.SortFunc(ups, func(a, b model.Seen) int { return a.Time.Compare(b.Time) })
	return slices.CompactFunc(ups, func(a, b model.Seen) bool { return a.Time.Sub(b.Time).Abs() < apart })
}

// lastsMoments tells whether a session of the native log never lasts: the last of its losses came within seconds of its start.
func (l *Link) lastsMoments() bool {
	const moment = 5 * time.Second
	ups, downs := l.events(model.MsgSessionUp), l.events(model.MsgSessionDown)
	var up, down model.Seen
	for _, e := range downs {
		if down.Src.Line == 0 || e.Last.After(down) {
			down = e.Last
		}
	}
	for _, e := range ups {
		for _, s := range append([]model.Seen{e.First}, e.Recent...) {
			if !s.After(down) && (up.Src.Line == 0 || s.After(up)) {
				up = s
			}
		}
	}
	return up.Src.Line > 0 && down.Time.Sub(up.Time) < moment
}
