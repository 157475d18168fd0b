package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var mixedVersions = &Check{
	Cause: "mixed-versions", Title: "controller and speakers are of different releases",
	Doc: `Controller and speakers of one MetalLB have to be of one release: v0.12 and older read a ConfigMap and later ones resources, annotations and
CRDs change. A mix is a warning; it is the cause where one side is of v0.12 or older and the other is not, so that they read different configurations.`,
	Explains: []string{"no-pool", "no-configuration", "legacy-configmap-ignored", "speaker-not-reconciling", "controller-not-reconciling", "no-advertisement",
		"crds-missing-or-old", "config-parse-failed", "rbac-forbidden"},
	Run: func(v *View, report func(Finding)) {
		c, csrc := v.releaseOf(model.Controller)
		s, ssrc := v.releaseOf(model.Speaker)
		if len(c) != 1 || len(s) == 0 {
			return
		}
		var other metallb.Version
		for _, x := range s {
			if x != c[0] {
				other = x
			}
		}
		if !other.Known() {
			return
		}
		f := Finding{Should: "one release for controller and speakers", Is: fmt.Sprintf("the controller is %s and a speaker is %s", c[0], other),
			Evidence: append(csrc, ssrc...), Remedy: "roll the older of the two out again with the manifests or chart of the newer", Severity: schema.Warning}
		if c[0].Until("v0.12.1") != other.Until("v0.12.1") {
			f.Services = append(Keys(v.unservedByController()), Keys(v.silent())...)
			if len(f.Services) > 0 {
				f.Severity = schema.Error
			}
		}
		f.Clause = "not served, because MetalLB's components are of different releases and read different configurations: " + f.Is
		report(f)
	},
}

// releaseOf lists the releases that a role runs: of images of its pods that are not going away, else of start lines of current logs.
func (v *View) releaseOf(c model.Component) (found []metallb.Version, src []schema.Evidence) {
	seen := map[metallb.Version]bool{}
	add := func(text string, at schema.Evidence) {
		if x, ok := metallb.ParseVersion(text); ok && !seen[x] {
			seen[x] = true
			found, src = append(found, x), append(src, at)
		}
	}
	for _, p := range v.rolePods(c) {
		if !p.Deleted.IsZero() || p.Phase == "Terminating" {
			continue
		}
		for _, x := range p.Containers {
			if name, tag, ok := cutLast(x.Image, ":"); ok && strings.HasSuffix(name, "/"+string(c)) {
				add(tag, x.Src)
			}
		}
	}
	if len(found) == 0 {
		for _, l := range v.LogsOf(c) {
			if !l.Origin.Previous && l.Version != "" {
				for _, e := range l.Find(model.MsgStart) {
					add(l.Version, e.Last.Src)
				}
			}
		}
	}
	return found, src
}
