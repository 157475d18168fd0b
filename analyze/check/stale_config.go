package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var staleConfig = &Check{
	Cause: "stale-config", Title: "a component runs on an older configuration",
	Doc: `The metric metallb_k8s_client_config_stale_bool is 1 and nothing attached says why. The metric stays at 1 after a bad change was taken back exactly
(rule stale-metric-not-reset-on-revert), so it is no proof by itself where a log, or a ConfigurationState, shows a valid configuration.`,
	Run: func(v *View, report func(Finding)) {
		for _, x := range v.Metrics {
			if !strings.HasSuffix(x.Name, "k8s_client_config_stale_bool") || x.Value != 1 || v.provenValid(x) {
				continue
			}
			c := metallb.Speaker
			if strings.Contains(x.Origin.Pod, "controller") || v.metricsOfController(x.Origin) {
				c = metallb.Controller
			}
			who, pod := x.Origin.Pod, x.Origin.Pod
			if pod == "" {
				who, pod = "a "+string(c), "POD"
			}
			if n := v.NodeOf(x.Origin); n != "" {
				who += " on " + n
			}
			f := Finding{Confidence: schema.Reported, Evidence: []schema.Evidence{x.Src},
				Should: "the configuration in use is the one in the cluster",
				Is:     fmt.Sprintf("%s says that it runs on an older one; its log, which names the reason, is not attached", who),
				Remedy: "kubectl -n " + v.Expect.Base.Namespace + " logs " + pod + " | grep ConfigReconciler", Severity: schema.Warning}
			for _, s := range v.Services {
				if v.unservedBy(c, s) && (len(v.LogsOf(model.Speaker)) > 0 || c == metallb.Controller) {
					f.Services = append(f.Services, s.Key())
					f.Severity = schema.Error
				}
			}
			f.Clause = "not served, and " + who + " runs on an older configuration for a reason that its log would name"
			report(f)
		}
	},
}

// metricsOfController tells whether a page of metrics whose pod is not known is the controller's: by its name, or by what only the
// controller counts.
func (v *View) metricsOfController(o schema.Origin) bool {
	if o.Pod != "" || o.Container != "" {
		return o.Container == "controller"
	}
	for _, x := range v.Metrics {
		if x.Origin.Path == o.Path && strings.HasPrefix(x.Name, "metallb_allocator_") {
			return true
		}
	}
	return strings.Contains(o.Path[strings.LastIndex(o.Path, "/")+1:], "controller")
}

// provenValid tells whether the component of a metric is shown to run on a valid configuration.
func (v *View) provenValid(x model.Metric) bool {
	for _, l := range v.Logs {
		if l.Origin.Pod == x.Origin.Pod && l.Origin.Pod != "" && (l.Component == model.Controller || l.Component == model.Speaker) &&
			lastRefusal(l) == nil && (len(l.Find(model.MsgConfigLoaded)) > 0 || len(l.Find(model.MsgConfigSame)) > 0) {
			return true
		}
	}
	for _, st := range v.Obj.ConfigurationStates {
		if st.Result == "Valid" && (st.Node == "" || st.Node == v.NodeOf(x.Origin)) {
			return true
		}
	}
	for _, r := range v.Refusals() {
		if len(r.Evidence) > 0 {
			return true // the reason is known: its own check tells it
		}
	}
	return false
}

var configNameDiffers = &Check{
	Cause: "config-name-differs", Title: "MetalLB is told to read another ConfigMap",
	Doc: `Until v0.12.1 the flag --config names the ConfigMap that controller and speakers read (default: config). Where it names one that does not exist, MetalLB
waits for it and says so; a Helm chart names it after the release. Create the ConfigMap under the name that the flag has.`,
	Explains: []string{"no-configuration", "no-pool", "stale-config"},
	Run: func(v *View, report func(Finding)) {
		if !v.LegacyRelease() || v.Expect.Legacy == nil {
			return
		}
		for _, c := range v.Install.containers(v.Model) {
			for _, arg := range c.Args {
				name, ok := strings.CutPrefix(strings.TrimLeft(arg, "-"), "config=")
				if !ok || name == v.Expect.Legacy.Name || v.configMap(name) {
					continue
				}
				f := Finding{Objects: []schema.Object{v.Expect.Legacy.Object()}, Evidence: []schema.Evidence{c.Src, v.Expect.Legacy.Src},
					Should: "the ConfigMap that --config names: " + name,
					Is:     "the configuration is in ConfigMap " + v.Expect.Legacy.Key(),
					Remedy: "rename the ConfigMap to " + name + ", or change --config"}
				for _, s := range v.Services {
					if v.unservedBy(metallb.Controller, s) {
						f.Services = append(f.Services, s.Key())
					}
				}
				f.Clause = "no address, because MetalLB reads ConfigMap " + name + " and the configuration is in " + v.Expect.Legacy.Key()
				report(f)
				return
			}
		}
	},
}

func (v *View) configMap(name string) bool {
	for _, c := range v.Obj.ConfigMaps {
		if c.Name == name {
			return true
		}
	}
	return false
}
