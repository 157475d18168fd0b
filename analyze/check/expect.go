package check

import (
	"net/netip"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Expectations is what MetalLB should have decided, as far as the attached resources allow to say it.
type Expectations struct {
	Base metallb.Input // for every decision; Version is a guess where the release is unknown (Guessed)
	// Guessed: the release is not known. Rules that not all releases from v0.13 on share prove nothing then.
	Guessed bool
	AtLeast metallb.Version // where Guessed: the oldest release that it can be; zero when nothing says

	// What somebody attached or listed: a kind that is known and empty has no objects.
	PoolsKnown, L2Known, BGPKnown, PeersKnown bool
	Legacy                                    *model.ConfigMap // the ConfigMap config of MetalLB; nil when there is none

	Controller        *metallb.Config // nil where refused
	ControllerRefusal *metallb.Refusal
	Speaker           map[string]*metallb.Config // by node; "" where no node is known
	SpeakerRefusal    map[string]*metallb.Refusal
	// Any is a configuration to look pools and advertisements up in: a speaker's, else the controller's; nil where all refuse.
	Any *metallb.Config
}

// unknownRelease stands in where nothing names the release: the last one before rules of v0.15 and v0.16 came.
const (
	unknownRelease = "v0.14.8"
	legacyRelease  = "v0.12.1"
)

func (v *View) expect() {
	e := &v.Expect
	e.Base = metallb.Input{Version: v.Install.Version, Mode: v.Install.Mode, Namespace: v.Install.Namespace, LBClass: v.Install.LBClass,
		IgnoreExcludeLB: v.Install.IgnoreExcludeLB, Objects: &v.Obj, MemberlistOff: v.Install.MemberlistOff,
		Speakers: v.Install.SpeakerNodes, Interfaces: v.interfaces()}
	if e.Base.Namespace == "" {
		e.Base.Namespace = "metallb-system"
	}
	for _, c := range v.Obj.ConfigMaps {
		if c.Name == "config" && c.Data["config"] != "" || c.Data["config"] != "" && c.Namespace == e.Base.Namespace {
			e.Legacy = c
		}
	}
	if !e.Base.Version.Known() {
		e.Guessed = true
		e.Base.Version = metallb.V(unknownRelease)
		if e.AtLeast = atLeast(v.Model); e.AtLeast.Since(unknownRelease) {
			e.Base.Version = e.AtLeast
		}
		if e.Legacy != nil && len(v.Obj.Pools) == 0 {
			e.Base.Version = metallb.V(legacyRelease)
		}
	}
	e.Base.SecretsKnown = len(v.Listed("secrets")) > 0
	e.PoolsKnown = len(v.Obj.Pools) > 0 || len(v.Listed("ipaddresspools")) > 0
	e.L2Known = len(v.Obj.L2Advertisements) > 0 || len(v.Listed("l2advertisements")) > 0
	e.BGPKnown = len(v.Obj.BGPAdvertisements) > 0 || len(v.Listed("bgpadvertisements")) > 0
	e.PeersKnown = len(v.Obj.Peers) > 0 || len(v.Listed("bgppeers")) > 0
	if v.LegacyRelease() {
		known := e.Legacy != nil
		e.PoolsKnown, e.L2Known, e.BGPKnown, e.PeersKnown = known, known, known, known
	}
	if !e.PoolsKnown {
		return
	}
	e.Controller, e.ControllerRefusal = metallb.ParseConfig(e.Base, metallb.Controller, "")
	e.Any = e.Controller
	e.Base = e.Base.Indexed()
	e.Speaker, e.SpeakerRefusal = metallb.Configs(e.Base)
	if len(e.Speaker)+len(e.SpeakerRefusal) == 0 { // no node is known
		if cfg, refusal := metallb.ParseConfig(e.Base, metallb.Speaker, ""); refusal != nil {
			e.SpeakerRefusal[""] = refusal
		} else {
			e.Speaker[""] = cfg
		}
	}
	for _, n := range v.nodesOrNone() {
		if cfg := e.Speaker[n]; cfg != nil {
			e.Any = cfg
		}
	}
	if cfg := e.Speaker[""]; cfg != nil {
		e.Any = cfg
	}
}

// LegacyRelease tells whether MetalLB reads the ConfigMap (until v0.12.1).
func (v *View) LegacyRelease() bool { return v.Expect.Base.Version.Until("v0.12.1") }

// interfaces are the names of each node's interfaces where they were listed.
func (v *View) interfaces() map[string][]string {
	byNode := map[string][]string{}
	for _, i := range v.Ifaces {
		if n := v.NodeOf(i.Origin); n != "" && (i.Origin.Kind == schema.KindIPAddr || i.Origin.Kind == schema.KindIPLink) {
			byNode[n] = append(byNode[n], i.Name)
		}
	}
	return byNode
}

// PoolHolding is the accepted pool that holds the address, or nil.
func (v *View) PoolHolding(addr string) *metallb.Pool {
	a, err := netip.ParseAddr(addr)
	if err != nil || v.Expect.Any == nil {
		return nil
	}
	for _, p := range v.Expect.Any.Pools {
		for _, c := range p.CIDRs {
			if c.Contains(a.Unmap()) {
				return p
			}
		}
	}
	return nil
}

// PoolOf is the pool of the Service's first address, or nil.
func (v *View) PoolOf(s *Service) *metallb.Pool {
	if len(s.Addresses) == 0 {
		return nil
	}
	return v.PoolHolding(s.Addresses[0])
}
