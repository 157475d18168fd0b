package check

import (
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// workedAfter tells whether the log shows, behind an event, work that the component could not have done while it lasted.
func workedAfter(l *model.Log, e *model.LogEvent) bool {
	for _, g := range l.Events {
		switch g.ID {
		case model.MsgConfigLoaded, model.MsgConfigSame, model.MsgReconcile, model.MsgAllocated, model.MsgStatusWritten, model.MsgAnnounced,
			model.MsgWithdrawn, model.MsgMemberJoin, model.MsgSessionUp:
			if g.Last.After(e.Last) {
				return true
			}
		}
	}
	return false
}

// rolePods are the pods of a role.
func (v *View) rolePods(c model.Component) []*model.Pod {
	switch c {
	case model.Controller:
		return v.Install.ControllerPods
	case model.FRRK8s:
		return v.Install.FRRK8sPods
	}
	return v.Install.SpeakerPods
}

// roleInTrouble tells whether a pod of the role does not run now.
func (v *View) roleInTrouble(c model.Component) bool {
	for _, p := range v.rolePods(c) {
		if len(troubles(p)) > 0 && !podReplaced(v.rolePods(c), p) {
			return true
		}
	}
	return false
}

// allRun tells whether the pods of a role are known and all run.
func (v *View) allRun(c model.Component) bool {
	pods := v.rolePods(c)
	for _, p := range pods {
		if len(troubles(p)) > 0 || !podRuns(p) || len(notReady(p)) > 0 {
			return false
		}
	}
	return len(pods) > 0
}

// stoppedBy names the Services that a component which does not work leaves unserved: those without an address for the controller,
// those that the speaker of the node should announce for a speaker. Without any the finding is a warning.
func (v *View) stoppedBy(f *Finding, c model.Component, node string) {
	switch {
	case c == model.Controller:
		f.Services = Keys(v.unservedByController())
	case node == "":
		f.Services = Keys(v.silent())
	default:
		f.Services = Keys(v.neededFrom(node))
	}
	if len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
}

// deadSpeaker tells whether the node's speaker is known and does not run: what it announced before is announced no more.
func (v *View) deadSpeaker(node string) bool {
	known := false
	for _, p := range v.Install.SpeakerPods {
		if p.Node != node || node == "" {
			continue
		}
		known = true
		if !speakerFails(p) {
			return false
		}
	}
	return known
}

// speakerFails tells whether the pod's speaker container (or the pod as a whole) is down.
func speakerFails(p *model.Pod) bool {
	for _, t := range troubles(p) {
		if t.container == "" || t.container == "speaker" {
			return t.word != "Pending" && t.word != "NotReady"
		}
	}
	return false
}
