package check

import (
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var frrK8sConfigConflict = &Check{
	Cause: "frr-k8s-config-conflict", Title: "FRRConfigurations contradict each other", Explains: []string{"frr-out-of-sync", "prefix-not-sent", "session-not-established", "stale-config"},
	Doc: `frr-k8s merges the FRRConfigurations of a node; where two give one router or neighbor different values it applies nothing new (rules frrk8s-merge-...).
FRRNodeState.status.lastConversionResult and the log of frr-k8s say which. The webhook of frr-k8s refuses such a FRRConfiguration already when it is
written, the speaker's own too: then the speaker's log has the refusal, and what it announces since does not get to FRR.`,
	Run: func(v *View, report func(Finding)) {
		f := Finding{Should: "FRRConfigurations that agree", Confidence: schema.Reported, Remedy: "make the named fields equal in all FRRConfigurations (the speaker's are named metallb-NODE)"}
		for _, st := range v.Obj.FRRNodeStates {
			if text := st.LastConvert; text != "" && !strings.HasPrefix(strings.ToLower(text), "success") {
				f.Is = "frr-k8s on " + st.Node + " cannot merge them: " + firstLine(text)
				f.Evidence = append(f.Evidence, st.At("status.lastConversionResult"))
			}
		}
		for _, l := range v.LogsOf(model.FRRK8s) {
			for _, e := range l.Find(model.MsgFRRK8sConvert) {
				if e.Error == "" || !l.Last.IsZero() && l.Last.Sub(e.Last.Time).Minutes() > 10 && len(v.Obj.FRRNodeStates) > 0 || len(v.Obj.FRRNodeStates) > 0 && f.Is == "" {
					continue
				}
				if f.Is == "" {
					f.Is = "frr-k8s on " + v.who(l.Origin) + " cannot merge them: " + firstLine(e.Error)
				}
				f.Evidence = append(f.Evidence, e.Last.Src)
			}
		}
		writes := v.refusedWrites()
		for _, w := range writes {
			if f.Is == "" {
				f.Is = "the webhook of frr-k8s refuses what the speaker of " + v.who(w.log.Origin) + " writes: " + w.why
			}
			f.Evidence = append(f.Evidence, w.event.Last.Src)
		}
		if f.Is == "" {
			return
		}
		for _, c := range v.Obj.FRRConfigurations {
			f.Objects = append(f.Objects, c.Object())
		}
		for _, s := range v.Services {
			if v.usesBGP(s) && s.served() == nil && (v.lostByReload(s, []badReload{{}}) || v.lostByWrites(s, writes)) {
				f.Services = append(f.Services, s.Key())
			}
		}
		if len(f.Services) == 0 {
			f.Severity = schema.Warning
		}
		f.Clause = "no session carries its route: " + f.Is
		report(f)
	},
}

// refusedWrite is the FRRConfiguration of a speaker that frr-k8s' webhook refuses, at the speaker's last word.
type refusedWrite struct {
	log   *model.Log
	event *model.LogEvent
	why   string
}

// refusedWrites are by the speakers' logs. Nothing is logged when a later write goes well, so that the Services tell whether it counts.
func (v *View) refusedWrites() []refusedWrite {
	var list []refusedWrite
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Origin.Previous {
			continue
		}
		var last *model.LogEvent
		for _, e := range l.Find(model.MsgFRRK8sWrite) {
			if strings.Contains(e.Error, "denied the request") && (last == nil || e.Last.After(last.Last)) {
				last = e
			}
		}
		if last != nil {
			_, why, _ := strings.Cut(last.Error, "denied the request: ")
			list = append(list, refusedWrite{l, last, oneLine(why)})
		}
	}
	return list
}

// lostByWrites tells whether a Service's prefix is in what was refused alone: its speakers began to announce it between two refusals, or
// the FRRConfigurations that the cluster has of those speakers lack it.
func (v *View) lostByWrites(s *Service, writes []refusedWrite) bool {
	announced, lost := 0, 0
	for _, w := range writes {
		for _, e := range w.log.Find(model.MsgAnnounced) {
			if e.Protocol != "bgp" || !slices.Contains(v.servicesOf(e), s.Key()) {
				continue
			}
			announced++
			between := e.First.After(w.event.First) && w.event.Last.After(e.First)
			if between || w.event.Last.After(e.First) && v.notWritten(s, w.log.Node) {
				lost++
			}
			break
		}
	}
	return announced > 0 && lost == announced
}

// notWritten tells whether the node's FRRConfiguration of the speaker is attached and has no prefix of the Service.
func (v *View) notWritten(s *Service, node string) bool {
	for _, c := range v.Obj.FRRConfigurations {
		if node == "" || c.Name != "metallb-"+node {
			continue
		}
		return !slices.ContainsFunc(c.Routers, func(r model.FRRRouter) bool {
			return slices.ContainsFunc(r.Prefixes, func(p string) bool { return holdsAny(p, s.Addresses) })
		})
	}
	return false
}
