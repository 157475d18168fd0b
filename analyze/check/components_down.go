package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var consequencesOfController = []string{"no-pool", "pools-exhausted", "controller-not-reconciling", "status-write-failed", "stale-config", "webhook-unreachable",
	"pool-auto-assign-off", "pool-selector-excludes", "requested-address-not-in-pool", "requested-pool-unknown", "pool-lacks-family", "webhook-certificate-bad"}

var controllerNotRunning = &Check{
	Cause: "controller-not-running", Title: "the controller does not run",
	Doc: `The controller gives addresses and serves the webhook. While it does not run, Services keep what they have (the speakers go on), new ones get
nothing, and changes of MetalLB's resources are refused. Found by the state of its pod, or by a previous log that ends with the reason.`,
	Explains: consequencesOfController,
	Run: func(v *View, report func(Finding)) {
		for _, p := range v.Install.ControllerPods {
			for _, t := range troubles(p) {
				if isImageTrouble(t.word) || podReplaced(v.Install.ControllerPods, p) {
					continue
				}
				f := Finding{
					Should: "a running controller", Is: t.say(p), Objects: []schema.Object{p.Object()},
					Remedy:   "kubectl -n " + v.Expect.Base.Namespace + " logs deploy/controller --previous; kubectl describe pod " + p.Name,
					Evidence: append([]schema.Evidence{t.src}, v.lastWords(model.Controller)...),
				}
				if why := v.lastReason(model.Controller); why != "" {
					f.Is += "; its last words: " + why
				}
				f.Services = Keys(v.unservedByController())
				if len(f.Services) == 0 {
					f.Severity = schema.Warning
				}
				f.Clause = "no address, because the controller does not run: " + f.Is
				report(f)
				return
			}
		}
		v.controllerUnavailable(report)
	},
}

// controllerUnavailable is for a Deployment that has no ready pod, where its pods are not attached.
func (v *View) controllerUnavailable(report func(Finding)) {
	if len(v.Install.ControllerPods) > 0 || len(v.LogsOf(model.Controller)) > 0 {
		return
	}
	for _, w := range v.Obj.Workloads {
		if w.Kind != "Deployment" || roleOfName(w.Name+"-", w.Labels) != model.Controller || !strings.Contains(w.Namespace+w.Labels["app"]+w.Name, "metallb") ||
			!w.Knows(model.PartCounts) || !w.Partial && len(w.Conditions) == 0 || w.Ready > 0 || w.Available > 0 {
			continue
		}
		f := Finding{Confidence: schema.Reported, Should: "a running controller", Is: fmt.Sprintf("Deployment %s has 0 of %d pods ready", w.Key(), w.Desired),
			Objects: []schema.Object{w.Object()}, Evidence: []schema.Evidence{w.Src},
			Remedy: fmt.Sprintf("kubectl -n %s describe deployment %s; kubectl -n %s get pods", w.Namespace, w.Name, w.Namespace)}
		if f.Services = Keys(v.unservedByController()); len(f.Services) == 0 {
			f.Severity = schema.Warning
		}
		f.Clause = "no address, because the controller does not run: " + f.Is
		report(f)
		return
	}
}

// podReplaced tells whether another pod of the list runs, so that this one is a left-over of an update.
func podReplaced(pods []*model.Pod, p *model.Pod) bool {
	return slices.ContainsFunc(pods, func(o *model.Pod) bool { return o != p && o.Phase == "Running" && len(troubles(o)) == 0 })
}

// lastWords points at what a component's newest log says before it ends.
func (v *View) lastWords(c model.Component) []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.LogsOf(c) {
		for _, id := range []model.MessageID{model.MsgFatal, model.MsgPanic, model.MsgPortInUse} {
			for _, e := range l.Find(id) {
				src = append(src, e.Last.Src)
			}
		}
	}
	return src
}

// lastReason is the text of the last fatal message, "" when there is none.
func (v *View) lastReason(c model.Component) string {
	text := ""
	for _, l := range v.LogsOf(c) {
		for _, id := range []model.MessageID{model.MsgPanic, model.MsgFatal} {
			for _, e := range l.Find(id) {
				text = e.Error
				if text == "" {
					text = e.Text
				}
			}
		}
	}
	return oneLine(text)
}

var speakerNotRunning = &Check{
	Cause: "speaker-not-running", Title: "a speaker does not run",
	Doc: `Only a running speaker announces. Others take over where they may; a Service stays unannounced where its advertisements, its traffic policy or the
number of nodes leave nobody else.`,
	Explains: []string{"no-speaker-on-eligible-node", "speaker-not-reconciling", "announced-from-subset"},
	Run: func(v *View, report func(Finding)) {
		for _, p := range v.Install.SpeakerPods {
			for _, t := range troubles(p) {
				if isImageTrouble(t.word) || t.container != "" && t.container != "speaker" && !strings.HasPrefix(t.container, "cp-") {
					continue
				}
				v.speakerDown(p, t.say(p), []schema.Evidence{t.src}, report)
				break
			}
		}
	},
}

// speakerDown reports a speaker that does not run: an error for the Services that only it could announce.
func (v *View) speakerDown(p *model.Pod, is string, src []schema.Evidence, report func(Finding)) {
	f := Finding{
		Should: "a running speaker on each node that may announce", Is: is, Objects: []schema.Object{p.Object()}, Evidence: src,
	}
	ns := p.Namespace
	if ns == "" {
		ns = v.Expect.Base.Namespace
	}
	f.Remedy = fmt.Sprintf("kubectl -n %s logs %s --previous --all-containers; kubectl -n %s describe pod %s", ns, p.Name, ns, p.Name)
	f.Services = Keys(v.neededFrom(p.Node))
	if len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
	f.Clause = "no speaker announces it, because the one that should does not run: " + is
	report(f)
}

// neededFrom lists the Services that nobody announces and that the speaker of this node, when it ran, could, by the filters. Where
// those are not known, it lists them only if no speaker runs at all.
func (v *View) neededFrom(node string) []*Service {
	var out []*Service
	for _, s := range v.silent() {
		needed := len(v.Install.SpeakerPods) > 0 && len(v.Install.SpeakerNodes) == 0
		for _, protocol := range v.protocolsOf(s) {
			if e := v.eligible(s, protocol); e != nil && len(e.All) > 0 {
				if needed = slices.Contains(e.Local, node); needed {
					break
				}
			}
		}
		if needed {
			out = append(out, s)
		}
	}
	return out
}

var imageNotPulled = &Check{
	Cause: "image-not-pulled", Title: "an image of MetalLB cannot be pulled",
	Doc: `A pod of MetalLB, FRR or frr-k8s waits for its image: the registry cannot be reached, the tag does not exist, or a pull secret is missing.`,
	Explains: append([]string{"controller-not-running", "speaker-not-running", "frr-k8s-missing", "no-speaker-on-eligible-node", "frr-container-failing"},
		consequencesOfController...),
	Run: func(v *View, report func(Finding)) {
		for _, pods := range [][]*model.Pod{v.Install.ControllerPods, v.Install.SpeakerPods, v.Install.FRRK8sPods} {
			for _, p := range pods {
				for _, t := range troubles(p) {
					if !isImageTrouble(t.word) {
						continue
					}
					f := Finding{Should: "the image is pulled", Is: t.say(p), Objects: []schema.Object{p.Object()}, Evidence: []schema.Evidence{t.src},
						Remedy: "make the image reachable from the node; kubectl describe pod " + p.Name + " has the registry's answer"}
					if podRole(p) == model.Controller {
						f.Services = Keys(v.unservedByController())
					} else {
						f.Services = Keys(v.neededFrom(p.Node))
					}
					if len(f.Services) == 0 {
						f.Severity = schema.Warning
					}
					f.Clause = "not served, because an image cannot be pulled: " + f.Is
					report(f)
					break
				}
			}
		}
	},
}
