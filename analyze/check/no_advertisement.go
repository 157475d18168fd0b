package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var noAdvertisement = &Check{
	Cause: "no-advertisement", Title: "no advertisement exists",
	Doc: `Since v0.13.0 a pool is announced only where an L2Advertisement or a BGPAdvertisement selects it (rules l2-advertisement-needed,
bgp-advertisement-needed). MetalLB logs nothing about it at info level. Found where somebody listed both kinds, there is none, and a Service
has an address.`,
	Explains: []string{"speaker-not-reconciling", "announced-from-subset"},
	Run: func(v *View, report func(Finding)) {
		if v.LegacyRelease() || !v.Expect.L2Known || !v.bgpAbsent() || len(v.Obj.L2Advertisements)+len(v.Obj.BGPAdvertisements)+len(v.Obj.AddressPools) > 0 {
			return
		}
		for _, s := range v.silent() {
			pool := v.PoolName(s)
			if pool == "" {
				continue // nothing ties the address to a pool
			}
			report(Finding{
				Services: []string{s.Key()},
				Clause:   fmt.Sprintf("no speaker announces %s, because no L2Advertisement or BGPAdvertisement selects pool %s: none exists", s.List(), pool),
				Should:   "an L2Advertisement or a BGPAdvertisement selects pool " + pool,
				Is:       "no advertisement exists in namespace " + v.Expect.Base.Namespace,
				Remedy:   advertise(v.Expect.Base.Namespace, pool),
				Objects:  []schema.Object{{Kind: "IPAddressPool", Namespace: v.Expect.Base.Namespace, Name: pool}, s.Ref()},
				Evidence: append(v.evidenceOfNone("l2advertisements"), v.evidenceOfNone("bgpadvertisements")...),
			})
		}
	},
}

// bgpAbsent tells whether BGPAdvertisements were listed, or nothing at all points to BGP.
func (v *View) bgpAbsent() bool {
	if v.Expect.BGPKnown {
		return true
	}
	if v.speakersSeeNoBGP() {
		return true
	}
	for _, l := range v.Logs {
		if len(l.Find(model.MsgPeerAdded))+len(l.Find(model.MsgAdvertise))+len(l.Find(model.MsgReloadOK))+len(l.Find(model.MsgDialFailed)) > 0 {
			return false
		}
	}
	return len(v.Obj.Peers) == 0 && len(v.Sessions) == 0 && len(v.FRRConfs) == 0
}

// speakersSeeNoBGP tells whether every speaker's dump that is attached shows no BGPAdvertisement, and nobody announces by BGP: since
// v0.16.0 a dump may lack those that select other nodes, but then one of those nodes would announce.
func (v *View) speakersSeeNoBGP() bool {
	views := v.NodeViews("bgpadvertisements")
	for _, l := range views {
		if l.Count > 0 {
			return false
		}
	}
	for _, s := range v.Services {
		if len(s.Announces("bgp")) > 0 {
			return false
		}
	}
	return len(views) > 0 && (len(views) >= len(v.Install.SpeakerPods) || v.Expect.Guessed && !v.Expect.AtLeast.Since("v0.15.3"))
}

// advertise is the patch that announces a pool by layer 2.
func advertise(namespace, pool string) string {
	return fmt.Sprintf("kubectl apply -f - <<< '{\"apiVersion\":\"metallb.io/v1beta1\",\"kind\":\"L2Advertisement\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\"},\"spec\":{\"ipAddressPools\":[\"%s\"]}}' (or a BGPAdvertisement)", pool, namespace, pool)
}

var advertisementSelectsOtherPools = &Check{
	Cause: "advertisement-selects-other-pools", Title: "no advertisement selects the pool",
	Doc: `Advertisements exist, but neither their ipAddressPools nor their ipAddressPoolSelectors take the pool that the Service's address is of. An
advertisement that names neither takes every pool (rule adv-no-pool-selector-all); names that do not exist are ignored silently (rule
adv-unknown-pool-ignored).`,
	Explains: []string{"speaker-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		if v.LegacyRelease() || !v.Expect.L2Known || !v.bgpAbsent() || len(v.Obj.L2Advertisements)+len(v.Obj.BGPAdvertisements) == 0 {
			return
		}
		for _, s := range v.silent() {
			pool := v.PoolOf(s)
			if pool == nil || pool.Protocol != "" || len(pool.L2)+len(pool.BGP) > 0 {
				continue
			}
			var names []string
			var src []schema.Evidence
			var objects []schema.Object
			add := func(m *model.Meta, pools []string) {
				if !m.Knows(model.PartPools) {
					return
				}
				names = append(names, fmt.Sprintf("%s %s selects %s", m.Kind, m.Name, orNone(pools)))
				src = append(src, m.At("spec.ipAddressPools"))
				objects = append(objects, m.Object())
			}
			for _, a := range v.Obj.L2Advertisements {
				add(&a.Meta, a.Pools)
			}
			for _, a := range v.Obj.BGPAdvertisements {
				add(&a.Meta, a.Pools)
			}
			report(Finding{
				Services: []string{s.Key()},
				Clause:   fmt.Sprintf("no speaker announces %s, because no L2Advertisement or BGPAdvertisement selects pool %s", s.List(), pool.Name),
				Should:   "an L2Advertisement or a BGPAdvertisement selects pool " + pool.Name,
				Is:       strings.Join(names, "; "),
				Remedy:   "add " + pool.Name + " to spec.ipAddressPools of an advertisement",
				Objects:  append([]schema.Object{pool.Object.Object()}, objects...),
				Evidence: append(src, pool.Object.Src),
			})
		}
	},
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "pools by label, none of them this one"
	}
	return strings.Join(names, ", ")
}
