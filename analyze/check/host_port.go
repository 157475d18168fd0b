package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var hostPortInUse = &Check{
	Cause: "host-port-in-use", Title: "a port of the speaker is taken on the node",
	Doc: `Speakers run on the host's network: memberlist needs 7946 (TCP and UDP), metrics 7472 or 9120, FRR's daemons and its metrics their own ports. A second
MetalLB, another program or a left-over process that has one of them makes the speaker end at start, or keeps its pod unscheduled.`,
	Explains: []string{"speaker-not-running", "no-speaker-on-eligible-node", "memberlist-partition", "speaker-not-reconciling", "frr-container-failing", "speaker-not-scheduled"},
	Run: func(v *View, report func(Finding)) {
		said := map[string]bool{}
		for _, l := range v.Logs {
			if l.Component != model.Speaker || l.Origin.Previous && !v.deadSpeaker(l.Node) {
				continue
			}
			for _, e := range l.Find(model.MsgPortInUse) {
				if workedAfter(l, e) || said[l.Node+l.Origin.Pod] {
					continue
				}
				said[l.Node+l.Origin.Pod] = true
				v.portTaken(l, e, report)
			}
		}
		v.portsUnschedulable(report)
	},
}

func (v *View) portTaken(l *model.Log, e *model.LogEvent, report func(Finding)) {
	what := e.Value
	if what == "" {
		what = "an address"
	}
	f := Finding{Confidence: schema.Reported, Evidence: []schema.Evidence{e.Last.Src}, Should: "the speaker's ports are free on the node",
		Is:     fmt.Sprintf("%s is in use on %s, so the speaker cannot listen there", what, orPod(l.Node, l.Origin.Pod)),
		Remedy: "ss -lntup on the node shows who has it; stop that program, or change the speaker's port (METALLB_ML_BIND_PORT, --port)"}
	if _, text, ok := cutLast(e.Value, ":"); ok {
		port, _ := strconv.Atoi(text)
		for _, s := range v.Sockets {
			if s.LocalPort == port && s.Process != "" && v.NodeOf(s.Origin) == l.Node && !strings.Contains(s.Process, "speaker") {
				f.Is += "; " + s.Process + " has it"
				f.Evidence = append(f.Evidence, s.Src)
				break
			}
		}
	}
	for _, p := range v.Install.SpeakerPods {
		if p.Node == l.Node && l.Node != "" {
			f.Objects = append(f.Objects, p.Object())
			for _, t := range troubles(p) {
				f.Evidence = append(f.Evidence, t.src)
			}
		}
	}
	v.stoppedBy(&f, model.Speaker, l.Node)
	f.Clause = "no speaker announces it, because " + f.Is
	report(f)
}

// portsUnschedulable is for pods that the scheduler keeps because their host ports are taken.
func (v *View) portsUnschedulable(report func(Finding)) {
	const words = "free ports for the requested pod ports"
	for _, p := range append(append([]*model.Pod(nil), v.Install.SpeakerPods...), v.Install.FRRK8sPods...) {
		if p.Phase != "Pending" {
			continue
		}
		f := Finding{Confidence: schema.Reported, Should: "the host ports of the pod are free on its node", Objects: []schema.Object{p.Object()},
			Remedy: "find the pod or program that has the host port (another MetalLB, a node exporter on 7472): ss -lntup on the node"}
		for _, c := range p.Conditions {
			if strings.Contains(c.Message, words) {
				f.Is, f.Evidence = oneLine(c.Message), append(f.Evidence, c.Src)
			}
		}
		for _, e := range v.Obj.Events {
			if e.About.Name == p.Name && strings.Contains(e.Message, words) {
				f.Is, f.Evidence = oneLine(e.Message), append(f.Evidence, e.Src)
			}
		}
		if len(f.Evidence) == 0 {
			continue
		}
		f.Is = "pod " + p.Name + " is not scheduled: " + f.Is
		v.stoppedBy(&f, model.Speaker, p.Node)
		f.Clause = "no speaker announces it, because " + f.Is
		report(f)
	}
}

// cutLast cuts a text at the last separator.
func cutLast(text, sep string) (before, after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}
