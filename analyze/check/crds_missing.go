package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// crdsNeeded are the resources without which a MetalLB since v0.13.0 does not work, by resource and by kind.
var crdsNeeded = []struct{ resource, kind string }{
	{"ipaddresspools", "IPAddressPool"}, {"l2advertisements", "L2Advertisement"}, {"bgpadvertisements", "BGPAdvertisement"}, {"bgppeers", "BGPPeer"},
	{"communities", "Community"}, {"bfdprofiles", "BFDProfile"},
}

var crdsMissingOrOld = &Check{
	Cause: "crds-missing-or-old", Title: "resource definitions of MetalLB are missing",
	Doc: `MetalLB watches its resources from v0.13.0 on; where a CRD, or the version of it that the release needs, is not served, the component says "no matches
for kind" and ends or waits. Helm does not upgrade CRDs of a chart's crds folder: apply those of the release by hand.`,
	Explains: append([]string{"controller-not-running", "speaker-not-running", "no-pool", "no-configuration", "no-advertisement", "speaker-not-reconciling"}, consequencesOfController...),
	Run: func(v *View, report func(Finding)) {
		if v.Install.Version.Known() && v.Install.Version.Until("v0.12.1") {
			return
		}
		for _, l := range v.Logs {
			if l.Component == model.Controller || l.Component == model.Speaker {
				v.notServedOfLog(l, report)
			}
		}
		v.notServedElsewhere(report)
	},
}

// notServedOfLog reports what a component itself misses; of a previous log only where the component does not run now.
func (v *View) notServedOfLog(l *model.Log, report func(Finding)) {
	if l.Origin.Previous && !v.roleInTrouble(l.Component) {
		return
	}
	kinds := map[string]bool{}
	f := Finding{Confidence: schema.Reported, Should: "every resource of the release is served by the API server",
		Remedy: "kubectl apply --server-side -f the CRDs of the release that runs (config/crd of the manifests, crds of the chart)"}
	for _, e := range l.Find(model.MsgNotServed) {
		if workedAfter(l, e) || e.Benign {
			continue
		}
		f.Evidence = append(f.Evidence, e.Last.Src)
		if e.Value != "" {
			kinds[e.Value] = true
		} else if f.Is == "" {
			f.Is = oneLine(e.Error)
		}
	}
	if len(f.Evidence) == 0 {
		return
	}
	if len(kinds) > 0 {
		f.Is = "the API server does not serve " + strings.Join(model.Sorted(kinds), ", ")
	}
	f.Is = fmt.Sprintf("%s, which the %s needs", f.Is, l.Component)
	v.stoppedBy(&f, l.Component, l.Node)
	f.Clause = "not served, because " + f.Is
	report(f)
}

// notServedElsewhere reports what kubectl's answers and the list of definitions lack.
func (v *View) notServedElsewhere(report func(Finding)) {
	if !v.seesMetalLB() || v.LegacyRelease() {
		return
	}
	missing := map[string]bool{}
	var src []schema.Evidence
	for _, r := range v.Remarks {
		if r.ID != model.RemarkNotServed {
			continue
		}
		for _, c := range crdsNeeded[:4] {
			if strings.Contains(r.Text, `"`+c.kind+`"`) || strings.Contains(r.Text, `"`+c.resource+`"`) || strings.Contains(r.Text, `"`+strings.ToLower(c.kind)+`"`) {
				missing[c.resource] = true
				src = append(src, r.Src)
			}
		}
	}
	if have := v.crds(); len(have) > 0 && v.Install.Version.Known() {
		for _, l := range v.Listed("customresourcedefinitions") {
			for _, c := range crdsNeeded {
				if have[c.resource] == nil && l.Count > 0 && !v.filtered(l.Src) {
					missing[c.resource] = true
					src = append(src, l.Src)
				}
			}
		}
	}
	if len(v.Obj.Pools) > 0 && v.Obj.Pools[0].UID != "" {
		delete(missing, "ipaddresspools")
	}
	if len(missing) == 0 || len(src) == 0 {
		return
	}
	f := Finding{Evidence: src, Should: "every resource of the release is served by the API server", Is: "the cluster has no " + strings.Join(model.Sorted(missing), ", ") + " of metallb.io",
		Remedy: "kubectl apply --server-side -f the CRDs of the release that runs"}
	if missing["ipaddresspools"] {
		f.Services = Keys(v.unservedByController())
	}
	if len(f.Services) == 0 {
		f.Services = Keys(v.silent())
	}
	if len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
	f.Clause = "not served, because " + f.Is
	report(f)
}
