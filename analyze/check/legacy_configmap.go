package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var legacyConfigmapIgnored = &Check{
	Cause: "legacy-configmap-ignored", Title: "the old ConfigMap is not read",
	Doc: `MetalLB v0.13 and later read IPAddressPools, advertisements and BGPPeers and ignore the ConfigMap of v0.12 (rules read-configmap,
read-resources), also where a Helm chart still carries it as configInline. Found where such a ConfigMap is attached, the release is v0.13 or
later, and no pool exists. Turn it into resources; MetalLB's documentation has a converter.`,
	Explains: []string{"no-configuration", "no-pool", "no-advertisement", "address-lost-on-pool-change", "advertisement-selects-other-pools", "requested-pool-unknown", "requested-address-not-in-pool", "no-bgppeer"},
	Run: func(v *View, report func(Finding)) {
		if v.Expect.Legacy == nil || v.LegacyRelease() || v.Expect.Guessed || len(v.Obj.Pools)+len(v.Obj.AddressPools) > 0 {
			return
		}
		cm := v.Expect.Legacy
		f := Finding{
			Should:   "IPAddressPools and advertisements in namespace " + v.Expect.Base.Namespace,
			Is:       fmt.Sprintf("there is none; the ConfigMap %s has address-pools, which MetalLB %s does not read", cm.Key(), v.Install.Version),
			Remedy:   "write the ConfigMap's pools as IPAddressPool and L2Advertisement or BGPAdvertisement resources",
			Objects:  []schema.Object{cm.Object()},
			Evidence: append([]schema.Evidence{cm.Src}, v.evidenceOfNone("ipaddresspools")...),
		}
		if !v.Expect.PoolsKnown && !v.saysNoPools() {
			if v.showsPools() || !strings.Contains(cm.Data["config"], "address-pools") {
				return
			}
			f.Confidence, f.Is = schema.Likely, "no other configuration is attached; "+strings.TrimPrefix(f.Is, "there is none; ")
		}
		for _, s := range v.Services {
			if v.unservedBy(metallb.Controller, s) || v.unservedBy(metallb.Speaker, s) && v.lostAddress(s) {
				f.Services = append(f.Services, s.Key())
			}
		}
		if f.Confidence == schema.Likely && len(f.Services) == 0 {
			return
		}
		f.Clause = fmt.Sprintf("no address, because MetalLB %s does not read the ConfigMap %s and no IPAddressPool exists", v.Install.Version, cm.Key())
		report(f)
	},
}

// showsPools tells whether something attached shows that MetalLB has pools: it gives addresses, says why one of them
// does not do, or announces one.
func (v *View) showsPools() bool {
	for _, s := range v.Services {
		if text, _ := v.lastAllocationError(s); text != "" && !v.saysNothingOfPools(text) || len(s.Announced) > 0 || s.Pool != "" {
			return true
		}
	}
	for _, l := range v.LogsOf(model.Controller) {
		if len(l.Find(model.MsgAllocated)) > 0 {
			return true
		}
		for _, e := range l.Find(model.MsgAllocFailed) {
			if !v.saysNothingOfPools(e.Error) {
				return true
			}
		}
	}
	return false
}

// saysNothingOfPools tells whether a failure is the one that a controller without any pool has too: until v0.13.12 it says "no available
// IPs" then, since v0.14.0 "pools are empty" (metallb.md 4.3).
func (v *View) saysNothingOfPools(text string) bool {
	return findsNone(text) && v.Install.Version.Known() && v.Install.Version.Until("v0.13.12")
}

// findsNone tells whether an automatic choice found no address; it does not say why.
func findsNone(text string) bool { return strings.HasSuffix(text, "no available IPs") }
