package check

import (
	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
)

// atLeast is the oldest release that can have made what is attached, where nothing names the release: resources and annotations
// that came with one. It is the zero Version where nothing says.
func atLeast(m *model.Model) metallb.Version {
	least := metallb.Version{}
	signs := []struct {
		seen  bool
		since string
	}{
		{len(m.Obj.Pools) > 0 || len(m.Obj.L2Advertisements) > 0, "v0.13.0"},
		{hasAnnotation(m, "metallb.universe.tf/ip-allocated-from-pool"), "v0.13.8"},
		{len(m.Obj.FRRConfigurations) > 0, "v0.14.0"},
		{len(m.Obj.L2Statuses) > 0 || len(m.Listed("servicel2statuses")) > 0, "v0.14.4"},
		{hasAnnotation(m, "metallb.io/ip-allocated-from-pool"), "v0.14.9"},
		{len(m.Obj.BGPStatuses) > 0 || len(m.Listed("servicebgpstatuses")) > 0, "v0.15.0"},
		{len(m.Obj.ConfigurationStates) > 0 || len(m.Listed("configurationstates")) > 0, "v0.15.3"},
	}
	for _, s := range signs {
		if s.seen && !least.Since(s.since) {
			least = metallb.V(s.since)
		}
	}
	for _, p := range m.Obj.Pools {
		if p.Status != nil && !least.Since("v0.15.0") {
			least = metallb.V("v0.15.0")
		}
	}
	return least
}

func hasAnnotation(m *model.Model, key string) bool {
	for _, s := range m.Obj.Services {
		if _, ok := s.Annotations[key]; ok {
			return true
		}
	}
	return false
}

// Since tells whether a rule that came with a release holds for sure: by the release that runs, or the oldest that it can be.
func (v *View) Since(release string) bool {
	if v.Install.Version.Known() {
		return v.Install.Version.Since(release)
	}
	return v.Expect.AtLeast.Known() && v.Expect.AtLeast.Since(release)
}
