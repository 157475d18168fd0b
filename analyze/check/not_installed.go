package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var metallbNotInstalled = &Check{
	Cause: "metallb-not-installed", Title: "MetalLB is not installed",
	Doc: `No controller and no speaker: the pods of the whole cluster, or of MetalLB's namespace, were listed and there is none, or the namespace does not exist.
Kubernetes itself gives no addresses: a Service of type LoadBalancer stays pending for ever.`,
	Explains: []string{"no-pool", "no-configuration", "no-advertisement", "controller-not-running", "speaker-not-running", "crds-missing-or-old",
		"controller-not-reconciling", "legacy-configmap-ignored", "speaker-not-scheduled"},
	Run: func(v *View, report func(Finding)) {
		if v.seesMetalLB() {
			return
		}
		waiting := v.unservedByController()
		src := v.evidenceOfNoInstall()
		if len(waiting) == 0 || len(src) == 0 {
			return
		}
		report(Finding{Services: Keys(waiting), Should: "MetalLB's controller and speakers run in the cluster", Is: "nothing of MetalLB is there",
			Remedy: "install MetalLB, then create an IPAddressPool and an advertisement", Evidence: src, Clause: "no address, because MetalLB is not installed"})
	},
}

// seesMetalLB tells whether anything attached comes from a MetalLB that runs or ran.
func (v *View) seesMetalLB() bool {
	if len(v.Install.SpeakerPods)+len(v.Install.ControllerPods) > 0 || len(v.LogsOf(model.Controller))+len(v.LogsOf(model.Speaker)) > 0 || v.Install.Version.Known() {
		return true
	}
	for _, w := range v.Obj.Workloads {
		if r := roleOfName(w.Name+"-", w.Labels); r == model.Speaker || r == model.Controller && strings.Contains(w.Namespace+w.Labels["app"], "metallb") {
			return true
		}
	}
	for _, e := range v.Obj.Events {
		if strings.HasPrefix(e.Component, "metallb") || strings.Contains(e.About.Namespace, "metallb") {
			return true
		}
	}
	return len(v.Obj.L2Statuses)+len(v.Obj.ConfigurationStates) > 0
}

// evidenceOfNoInstall points at what shows that MetalLB is not there: an answer that its namespace has no pods or does not exist, a
// list of the pods of all namespaces, or of all resource definitions.
func (v *View) evidenceOfNoInstall() []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.Listed("pods") {
		if l.Count == 0 && strings.Contains(l.Namespace, "metallb") {
			src = append(src, l.Src)
		}
		if l.AllNamespaces && l.Count > 5 && v.wholeListOfPods() && !v.filtered(l.Src) {
			src = append(src, l.Src)
		}
	}
	for _, r := range v.Remarks {
		missing := r.ID == model.RemarkNotFound && contains(r.Text, "namespaces", "metallb") || r.ID == model.RemarkNoResources && contains(r.Text, "metallb")
		if missing && !strings.Contains(r.Text, "metallb.io") {
			src = append(src, r.Src)
		}
	}
	if len(src) == 0 {
		for _, l := range v.Listed("customresourcedefinitions") {
			if l.Count > 0 && len(v.crds()) == 0 && !v.filtered(l.Src) {
				src = append(src, l.Src)
			}
		}
	}
	return src
}

// wholeListOfPods tells whether the pods attached include those of the system, as an unfiltered list does.
func (v *View) wholeListOfPods() bool {
	for _, p := range v.Obj.Pods {
		if p.Namespace == "kube-system" {
			return true
		}
	}
	return false
}

// filtered tells whether a command of the member pipes a list through a filter, so that an absence proves nothing.
func (v *View) filtered(src schema.Evidence) bool {
	for _, c := range v.Commands {
		if c.Origin.Path == src.Member && strings.Contains(c.Text, "|") {
			return true
		}
	}
	return false
}

// crds are the names of MetalLB's resource definitions that are attached.
func (v *View) crds() map[string]*model.CRD {
	found := map[string]*model.CRD{}
	for _, c := range v.Obj.CRDs {
		if c.Group == "metallb.io" || strings.HasSuffix(c.Name, ".metallb.io") {
			resource, _, _ := strings.Cut(c.Name, ".")
			found[resource] = c
		}
	}
	return found
}
