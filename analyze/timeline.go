package analyze

import (
	"fmt"
	"sort"
	"strings"

	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// momentsKept bounds the timeline: the latest changes are kept.
const momentsKept = 60

// told says which log messages are changes of state, and how they read.
var told = map[model.MessageID]string{
	model.MsgStart: "started", model.MsgConfigRefused: "configuration refused", model.MsgConfigRejected: "configuration rejected",
	model.MsgConfigLoaded: "configuration loaded", model.MsgAllocated: "address assigned", model.MsgAllocFailed: "no address",
	model.MsgCleared: "address cleared", model.MsgAnnounced: "announced", model.MsgWithdrawn: "withdrawn", model.MsgSessionUp: "session up",
	model.MsgSessionDown: "session down", model.MsgDialFailed: "session not established", model.MsgMemberJoin: "member joined",
	model.MsgMemberLeave: "member left", model.MsgReloadFailed: "FRR reload failed", model.MsgPanic: "crashed", model.MsgFRRAdjChange: "FRR neighbor change",
	model.MsgFRRBFD: "BFD change",
}

// timeline lists changes of state that logs show, the latest of each kind, in order of time.
func timeline(v *check.View) []schema.Moment {
	var out []schema.Moment
	for _, l := range v.Logs {
		who := string(l.Component)
		if l.Node != "" {
			who += " on " + l.Node
		}
		for _, e := range l.Events {
			text := told[e.ID]
			if text == "" || e.Last.Time.IsZero() || e.Benign && e.ID != model.MsgAnnounced {
				continue
			}
			var about []string
			for _, w := range []string{e.Service, strings.Join(e.IPs, " "), e.Peer, e.Value, e.Reason, e.Error} {
				if w != "" && len(w) < 200 {
					about = append(about, w)
				}
			}
			m := schema.Moment{Time: schema.Time{Time: e.Last.Time}, Text: strings.TrimSpace(who + ": " + text + " " + strings.Join(about, ", ")), Evidence: e.Last.Src}
			if e.Count > 1 {
				m.Text += fmt.Sprintf(" (%d times)", e.Count)
			}
			if e.Service != "" {
				m.Services = []string{e.Service}
			}
			out = append(out, m)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Time.Before(out[j].Time.Time) })
	if len(out) > momentsKept {
		out = out[len(out)-momentsKept:]
	}
	return out
}
