package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var noConfiguration = &Check{
	Cause: "no-configuration", Title: "MetalLB has no configuration at all",
	Doc: `No pool, no advertisement and no peer exists. That is a valid configuration (rule empty-config-valid), with which MetalLB does nothing.
Found where somebody listed pools and advertisements and got none.`,
	Explains: []string{"no-pool", "no-advertisement", "no-bgppeer"},
	Run: func(v *View, report func(Finding)) {
		if v.LegacyRelease() {
			v.noLegacyConfiguration(report)
			return
		}
		if !v.Expect.PoolsKnown && !v.saysNoPools() ||
			len(v.Obj.Pools)+len(v.Obj.AddressPools)+len(v.Obj.L2Advertisements)+len(v.Obj.BGPAdvertisements)+len(v.Obj.Peers) > 0 {
			return
		}
		f := Finding{
			Should:   "at least an IPAddressPool and an advertisement in namespace " + v.Expect.Base.Namespace,
			Is:       "no IPAddressPool and no advertisement exists",
			Remedy:   "create an IPAddressPool and an L2Advertisement, or a BGPAdvertisement with a BGPPeer",
			Evidence: append(v.evidenceOfNone("ipaddresspools"), v.evidenceOfNone("l2advertisements")...),
		}
		for _, s := range v.Services {
			if v.unservedBy(metallb.Controller, s) {
				f.Services = append(f.Services, s.Key())
			}
		}
		f.Evidence = append(f.Evidence, v.noPoolsLines()...)
		if !v.Expect.L2Known {
			// whether advertisements exist was not looked up: the Services' cause is the missing pool
			f.Services, f.Confidence, f.Is = nil, schema.Likely, "no IPAddressPool exists, and no other resource of MetalLB is attached"
		}
		if len(f.Services) == 0 {
			f.Severity = schema.Warning
		}
		f.Clause = "no address, because no IPAddressPool exists"
		report(f)
	},
}

// noLegacyConfiguration is for releases that read a ConfigMap: their components say that it is missing.
func (v *View) noLegacyConfiguration(report func(Finding)) {
	if v.Expect.Legacy != nil {
		return
	}
	f := Finding{Confidence: schema.Reported, Should: "the ConfigMap config in namespace " + v.Expect.Base.Namespace, Is: "it does not exist",
		Remedy: "create the ConfigMap config with address-pools (MetalLB " + v.Install.Version.String() + " reads no other resource)"}
	for _, l := range v.LogsOf(model.Controller) {
		for _, e := range l.Find(model.MsgConfigMissing) {
			if !e.Benign && !l.Origin.Previous && strings.HasPrefix(e.Text, "configuration is missing") && lastRefusal(l) == nil {
				f.Evidence = append(f.Evidence, e.Last.Src)
			}
		}
	}
	if len(f.Evidence) == 0 {
		return
	}
	if f.Services = Keys(v.unservedByController()); len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
	f.Clause = "no address, because the ConfigMap with MetalLB's configuration does not exist"
	report(f)
}

var resourceInWrongNamespace = &Check{
	Cause: "resource-in-wrong-namespace", Title: "resources are in a namespace that MetalLB does not watch",
	Doc: `MetalLB reads its resources in its own namespace only; elsewhere they are ignored silently (rule resources-elsewhere-ignored). Since
v0.13.5 the webhook refuses to create them there, but not where it was down, or was installed later.`,
	Explains: []string{"no-pool", "no-configuration", "no-advertisement", "advertisement-selects-other-pools", "requested-pool-unknown", "requested-address-not-in-pool"},
	Run: func(v *View, report func(Finding)) {
		if v.LegacyRelease() || v.Install.Namespace == "" {
			return
		}
		for _, p := range v.Obj.Pools {
			if p.Namespace == "" || p.Namespace == v.Install.Namespace {
				continue
			}
			f := Finding{
				Should:   "IPAddressPool " + p.Name + " in namespace " + v.Install.Namespace,
				Is:       fmt.Sprintf("it is in namespace %s, which MetalLB in %s does not watch", p.Namespace, v.Install.Namespace),
				Remedy:   fmt.Sprintf("create it in namespace %s and delete it in %s", v.Install.Namespace, p.Namespace),
				Objects:  []schema.Object{p.Object()},
				Evidence: []schema.Evidence{p.Src},
			}
			for _, s := range v.Services {
				if v.unservedBy(metallb.Controller, s) {
					f.Services = append(f.Services, s.Key())
				}
			}
			if len(f.Services) == 0 {
				f.Severity = schema.Warning
			}
			f.Clause = fmt.Sprintf("no address, because IPAddressPool %s is in namespace %s and MetalLB reads only namespace %s", p.Name, p.Namespace, v.Install.Namespace)
			report(f)
		}
	},
}
