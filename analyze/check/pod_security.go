package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// refusedPods are the words with which the API server refuses to make a pod by policy.
var refusedPods = []string{"violates PodSecurity", "unable to validate against any security context constraint", "unable to validate against any pod security policy",
	"denied the request", "violates PodSecurityPolicy", "blocked by policy", "PodSecurityPolicy: unable to admit pod"}

var podSecurityRefuses = &Check{
	Cause: "pod-security-refuses", Title: "a policy refuses MetalLB's pods",
	Doc: `Speakers (and FRR) need the host's network and NET_RAW: Pod Security at baseline or restricted, an SCC of OpenShift or a policy engine refuses such pods.
The DaemonSet then has no pods, and only its events say why. Label the namespace pod-security.kubernetes.io/enforce=privileged.`,
	Explains: []string{"speaker-not-running", "speaker-not-scheduled", "controller-not-running", "no-speaker-on-eligible-node", "frr-k8s-missing", "speaker-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		f := Finding{Confidence: schema.Reported, Should: "namespace " + v.Expect.Base.Namespace + " admits privileged pods",
			Remedy: "kubectl label namespace " + v.Expect.Base.Namespace + " pod-security.kubernetes.io/enforce=privileged pod-security.kubernetes.io/audit=privileged pod-security.kubernetes.io/warn=privileged --overwrite"}
		role := model.Speaker
		for _, e := range v.Obj.Events {
			r := roleOfName(e.About.Name+"-", nil)
			if e.Reason == "FailedCreate" && refusesPods(e.Message) && (r == model.Speaker || r == model.Controller || r == model.FRRK8s) && len(v.runningOf(r)) == 0 {
				f.Is, f.Evidence, role = oneLine(e.Message), append(f.Evidence, e.Src), r
			}
		}
		for _, r := range v.Remarks {
			if (r.ID == model.RemarkFailedCreate || r.ID == model.RemarkQuota && r.Value == "pod-security") && refusesPods(r.Text) && speaksOfSpeaker(r.Text) && len(v.runningOf(model.Speaker)) == 0 {
				f.Evidence = append(f.Evidence, r.Src)
				if f.Is == "" {
					f.Is = oneLine(r.Text)
				}
			}
		}
		for _, w := range v.speakerSets() {
			for _, c := range w.Conditions {
				if refusesPods(c.Message) && w.Ready == 0 {
					f.Is, f.Evidence = oneLine(c.Message), append(f.Evidence, c.Src)
				}
			}
		}
		level, src := v.enforced()
		if len(f.Evidence) == 0 && level != "" {
			for _, w := range v.speakerSets() {
				if w.Desired > 0 && w.Ready == 0 && len(v.Install.SpeakerPods) == 0 && len(v.Listed("pods")) > 0 && w.Knows(model.PartCounts) {
					f.Is, f.Evidence, f.Confidence = "the DaemonSet "+w.Name+" has no pods, and namespace "+w.Namespace+" enforces "+level, []schema.Evidence{w.Src}, schema.Likely
				}
			}
		}
		if len(f.Evidence) == 0 {
			return
		}
		if level != "" {
			f.Evidence = append(f.Evidence, src)
		}
		v.stoppedBy(&f, role, "")
		f.Clause = "not served, because a policy refuses MetalLB's pods: " + f.Is
		report(f)
	},
}

func refusesPods(text string) bool {
	for _, w := range refusedPods {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// speaksOfSpeaker tells whether a text names the speaker, or what only it asks for.
func speaksOfSpeaker(text string) bool {
	return strings.Contains(text, "speaker") || contains(text, "host namespaces (hostNetwork=true)", "NET_RAW")
}

// runningOf are the pods of a role that run.
func (v *View) runningOf(c model.Component) []*model.Pod {
	var out []*model.Pod
	for _, p := range v.rolePods(c) {
		if podRuns(p) {
			out = append(out, p)
		}
	}
	return out
}

// speakerSets are the DaemonSets of speakers that are attached.
func (v *View) speakerSets() []*model.Workload {
	var out []*model.Workload
	for _, w := range v.Obj.Workloads {
		if (w.Kind == "DaemonSet" || w.Kind == "") && roleOfName(w.Name+"-", w.Labels) == model.Speaker {
			out = append(out, w)
		}
	}
	return out
}

// enforced is the level of Pod Security that MetalLB's namespace enforces, where it refuses speakers; "" otherwise.
func (v *View) enforced() (string, schema.Evidence) {
	const label = "pod-security.kubernetes.io/enforce"
	for _, n := range v.Obj.Namespaces {
		if level := n.Labels[label]; n.Name == v.Expect.Base.Namespace && (level == "baseline" || level == "restricted") {
			return level, n.At("metadata.labels." + label)
		}
	}
	return "", schema.Evidence{}
}
