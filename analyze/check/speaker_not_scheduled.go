package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var speakerNotScheduled = &Check{
	Cause: "speaker-not-scheduled", Title: "nodes that should announce have no speaker pod",
	Doc: `The DaemonSet of speakers leaves nodes out: by its nodeSelector, by taints that it does not tolerate, or because none of its pods could be made. That is
no fault of itself; it is the cause where only such nodes may announce a Service (by the advertisements, or because its endpoints are there alone).`,
	Explains: []string{"no-speaker-on-eligible-node", "speaker-not-reconciling", "announced-from-subset", "local-policy-no-endpoint"},
	Run: func(v *View, report func(Finding)) {
		v.reportNoPods(report)
		if v.Install.SpeakerNodes == nil {
			return
		}
		for _, s := range v.silent() {
			nodes := v.onlyAnnouncers(s)
			if len(nodes) == 0 || slices.ContainsFunc(nodes, v.hasSpeakerPod) {
				continue
			}
			why, src := v.whyNoSpeaker(nodes)
			if why == "" {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "a speaker on a node that may announce " + s.List(),
				Is:       fmt.Sprintf("only %s may announce, and no speaker is there: %s", strings.Join(nodes, ", "), why),
				Remedy:   "let the DaemonSet run there (nodeSelector, tolerations), or move the endpoints or the advertisement to nodes with a speaker",
				Evidence: append(src, v.endpointEvidence(s)...)}
			f.Clause = fmt.Sprintf("no speaker announces %s, because %s", s.List(), f.Is)
			report(f)
		}
	},
}

// onlyAnnouncers are the nodes that may announce the Service, speakers aside; nil when that is not known. Where the pool is unknown,
// the nodes of its endpoints are, for the traffic policies and releases for which only these count.
func (v *View) onlyAnnouncers(s *Service) []string {
	set := map[string]bool{}
	for _, p := range v.protocolsOf(s) {
		e := v.eligible(s, p)
		if e == nil {
			return nil
		}
		for _, n := range e.Local {
			set[n] = true
		}
	}
	if len(set) > 0 {
		return model.Sorted(set)
	}
	if !s.Local() && !(v.Install.Version.Known() && v.Install.Version.Until("v0.10.3") && v.onlyL2()) {
		return nil
	}
	for _, sl := range s.Slices {
		for _, ep := range sl.Endpoints {
			node := ep.Node
			for _, a := range ep.Addresses {
				if node == "" {
					node = v.nodeOfPodIP(a)
				}
			}
			if node == "" {
				return nil
			}
			if metallb.CanServe(v.Expect.Base.Version, ep) {
				set[node] = true
			}
		}
	}
	return model.Sorted(set)
}

// onlyL2 tells whether everything that is seen to be announced is so by layer 2.
func (v *View) onlyL2() bool {
	seen := false
	for _, s := range v.Services {
		for _, a := range s.Announced {
			if a.Protocol != "layer2" {
				return false
			}
			seen = true
		}
	}
	return seen && len(v.Sessions) == 0
}

func (v *View) nodeOfPodIP(addr string) string {
	for _, p := range v.Obj.Pods {
		if slices.Contains(p.IPs, addr) && !p.HostNetwork {
			return p.Node
		}
	}
	return ""
}

func (v *View) hasSpeakerPod(node string) bool {
	return slices.ContainsFunc(v.Install.SpeakerPods, func(p *model.Pod) bool { return p.Node == node })
}

// whyNoSpeaker says why the DaemonSet leaves all of the nodes out; "" where nothing says.
func (v *View) whyNoSpeaker(nodes []string) (string, []schema.Evidence) {
	sets := v.speakerSets()
	if len(sets) == 0 {
		return "", nil
	}
	w := sets[0]
	var why []string
	src := []schema.Evidence{w.At("spec.template.spec.nodeSelector")}
	for _, name := range nodes {
		n := v.Node(name)
		if n == nil {
			return "", nil
		}
		reason := ""
		for _, key := range model.Sorted(annotationKeys(w.NodeSelector)) {
			if n.Knows(model.PartLabels) && n.Labels[key] != w.NodeSelector[key] {
				reason = fmt.Sprintf("its nodeSelector wants %s=%s, which %s has not", key, w.NodeSelector[key], name)
			}
		}
		for _, t := range n.Taints {
			if reason == "" && !w.Partial && (t.Effect == "NoSchedule" || t.Effect == "NoExecute") && !tolerated(t, w.Tolerations) {
				reason = fmt.Sprintf("it does not tolerate the taint %s:%s of %s", t.Key, t.Effect, name)
			}
		}
		if reason == "" {
			return "", nil
		}
		why, src = append(why, reason), append(src, n.Src)
	}
	return "DaemonSet " + w.Name + ": " + strings.Join(why, "; "), src
}

// tolerated follows Kubernetes: a toleration without a key and with Exists takes all; the controller of DaemonSets adds those for
// the conditions of nodes.
func tolerated(t model.Taint, list []model.Toleration) bool {
	if strings.HasPrefix(t.Key, "node.kubernetes.io/") {
		return true
	}
	for _, x := range list {
		if x.Effect != "" && x.Effect != t.Effect {
			continue
		}
		if x.Key == "" && x.Operator == "Exists" || x.Key == t.Key && (x.Operator == "Exists" || x.Value == t.Value) {
			return true
		}
	}
	return false
}

// reportNoPods is for a DaemonSet of speakers without a single pod.
func (v *View) reportNoPods(report func(Finding)) {
	for _, w := range v.speakerSets() {
		if w.Ready > 0 || w.Available > 0 || len(v.Install.SpeakerPods) > 0 || !w.Knows(model.PartCounts) {
			continue
		}
		f := Finding{Objects: []schema.Object{w.Object()}, Evidence: []schema.Evidence{w.Src}, Should: "a speaker pod on each node that may announce",
			Remedy: fmt.Sprintf("kubectl -n %s describe ds %s: its node selector, and its events say why pods are not made", w.Namespace, w.Name)}
		switch {
		case w.Desired == 0 && (len(w.NodeSelector) > 0 || w.Partial):
			f.Is = fmt.Sprintf("DaemonSet %s is to run on no node", w.Name)
			if len(w.NodeSelector) > 0 {
				f.Evidence = append([]schema.Evidence{w.At("spec.template.spec.nodeSelector")}, f.Evidence...)
				f.Is += ": no node fits its nodeSelector"
			}
		case w.Desired > 0 && len(v.Listed("pods")) > 0:
			f.Confidence = schema.Likely
			f.Is = fmt.Sprintf("DaemonSet %s is to run on %d nodes and has no pod", w.Name, w.Desired)
		default:
			continue
		}
		f.Services = Keys(v.silent())
		if len(f.Services) == 0 {
			f.Severity = schema.Warning
		}
		f.Clause = "no speaker announces it, because none runs: " + f.Is
		report(f)
	}
}
