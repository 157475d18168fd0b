package metallb

import (
	"fmt"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// filterByNode leaves the BGPAdvertisements and BGPPeers whose nodeSelectors take the speaker's node (rule
// speaker-filters-by-node). An invalid selector ends it before anything is parsed, on each node, whatever its order.
func (p *parser) filterByNode() []fault {
	if p.c == Controller || p.node == nil || !p.in.Version.Since("v0.16.0") {
		return nil
	}
	var faults []fault
	for _, x := range p.bgp {
		faults = append(faults, p.badFilter(x.NodeSelectors, &x.Meta, bgpKind)...)
	}
	if len(faults) > 0 {
		return faults
	}
	for _, x := range p.peers {
		faults = append(faults, p.badFilter(x.NodeSelectors, &x.Meta, peerKind)...)
	}
	if len(faults) > 0 {
		return faults
	}
	takes := func(s []model.Selector) bool { return anyMatches(s, p.node.Labels, true) }
	p.bgp = slices.DeleteFunc(slices.Clone(p.bgp), func(x *model.BGPAdvertisement) bool { return !takes(x.NodeSelectors) })
	p.peers = slices.DeleteFunc(slices.Clone(p.peers), func(x *model.BGPPeer) bool { return !takes(x.NodeSelectors) })
	return nil
}

func (p *parser) badFilter(selectors []model.Selector, m *model.Meta, order kind) []fault {
	for _, s := range selectors {
		if why := SelectorError(s); why != "" {
			return []fault{{rule: "speaker-filters-by-node", text: p.invalidSelector(why, s), objects: []*model.Meta{m}, order: order, retry: true}}
		}
	}
	return nil
}

// checkMode applies the rules of the BGP implementation.
func (p *parser) checkMode() []fault {
	switch {
	case p.native():
		return p.checkNative()
	case p.frr() && p.in.Version.Since("v0.16.0"):
		return p.checkFRRPerNode()
	case p.frr():
		return p.checkFRR()
	}
	return nil
}

// nativeRefusals are the fields of a peer that native mode does not have, in MetalLB's order.
var nativeRefusals = []struct {
	rule, since, text string
	set               func(*model.BGPPeer) bool
}{
	{"native-no-bfd", "v0.12.0", "bfd-profile", func(x *model.BGPPeer) bool { return x.BFDProfile != "" }},
	{"native-no-keepalive", "v0.12.0", "keepalive-time", func(x *model.BGPPeer) bool { return x.KeepaliveTime != nil && *x.KeepaliveTime != 0 }},
	{"native-no-vrf", "v0.13.8", "vrf", func(x *model.BGPPeer) bool { return x.VRF != "" }},
	{"native-no-connect-time", "v0.14.4", "connect time", func(x *model.BGPPeer) bool { return x.ConnectTime != nil }},
	{"native-no-graceful-restart", "v0.14.6", "EnableGracefulRestart flag", func(x *model.BGPPeer) bool { return x.GracefulRestart }},
	{"native-no-disablemp", "v0.14.4", "disable MP flag", func(x *model.BGPPeer) bool { return x.DisableMP }},
	{"native-no-dualstack", "v0.15.0", "dualstackaddressfamily flag", func(x *model.BGPPeer) bool { return x.DualStackAddressFamily }},
	{"native-no-dynamic-asn", "v0.14.9", "dynamicASN", func(x *model.BGPPeer) bool { return x.DynamicASN != "" }},
	{"native-no-interface", "v0.15.0", "interface", func(x *model.BGPPeer) bool { return x.Interface != "" }},
	{"native-no-local-asn", "v0.16.0", "localASN", func(x *model.BGPPeer) bool { return x.LocalASN != 0 }},
}

func (p *parser) checkNative() []fault {
	for _, x := range p.peers {
		for _, f := range nativeRefusals {
			if p.in.Version.Since(f.since) && f.set(x) {
				return []fault{{rule: f.rule, text: fmt.Sprintf("peer %s has %s set on native bgp mode", x.Address, f.text),
					objects: []*model.Meta{&x.Meta}, order: peerKind}}
			}
		}
	}
	if len(p.profiles) > 0 {
		f := fault{rule: "native-no-bfd", text: "bfd profiles section set"}
		for _, x := range p.profiles {
			f.objects = append(f.objects, &x.Meta)
		}
		return []fault{f}
	}
	if f := p.checkNativeIPv6(); f != nil {
		return f
	}
	if p.in.Version.Until("v0.13.9") {
		return nil
	}
	return p.checkLegacyCommunities()
}

// checkNativeIPv6: rules native-no-ipv6-any-pool and native-no-ipv6-advertised-pool.
func (p *parser) checkNativeIPv6() []fault {
	if len(p.bgp) == 0 {
		return nil
	}
	rule := "native-no-ipv6-any-pool"
	advertised := func(*model.IPAddressPool) bool { return true }
	if p.in.Version.Since("v0.14.9") {
		rule = "native-no-ipv6-advertised-pool"
		if faults := p.badPoolSelectors(); len(faults) > 0 {
			return faults
		}
		advertised = p.advertisedByBGP
	}
	for _, x := range p.pools {
		if !advertised(x) {
			continue
		}
		for _, entry := range x.Addresses {
			cidrs, err := parseEntry(entry, p.in.Version)
			if err != nil {
				return poolFault(poolKind, "pool-bad-cidr", fmt.Sprintf("invalid CIDR %q in pool %q: %s", entry, x.Name, err), &x.Meta)
			}
			for _, c := range cidrs {
				if !c.Addr().Is4() {
					return poolFault(poolKind, rule, fmt.Sprintf("pool %q has ipv6 CIDR %s, native bgp mode does not support ipv6", x.Name, c), &x.Meta)
				}
			}
		}
	}
	return nil
}

// badPoolSelectors: an advertisement without any pool selector ends the search for invalid ones.
func (p *parser) badPoolSelectors() []fault {
	for _, x := range p.bgp {
		if len(x.Pools) == 0 && len(x.PoolSelectors) == 0 {
			return nil
		}
		for _, s := range x.PoolSelectors {
			if SelectorError(s) != "" {
				return []fault{{rule: "adv-no-pool-selector-all", text: fmt.Sprintf("invalid label selector %v", plain(s)),
					objects: []*model.Meta{&x.Meta}, order: bgpKind}}
			}
		}
	}
	return nil
}

func (p *parser) advertisedByBGP(pool *model.IPAddressPool) bool {
	for _, x := range p.bgp {
		if len(x.Pools) == 0 && len(x.PoolSelectors) == 0 || slices.Contains(x.Pools, pool.Name) || anyMatches(x.PoolSelectors, pool.Labels, false) {
			return true
		}
	}
	return false
}

// checkLegacyCommunities: rule native-legacy-communities.
func (p *parser) checkLegacyCommunities() []fault {
	large := func(s string) bool {
		c, bad := parseCommunity(s, p.in.Version)
		return bad == nil && c.large
	}
	const words = "native BGP mode only supports legacy communities, "
	for _, x := range p.legacy {
		for _, adv := range x.BGPAdvertisements {
			if i := slices.IndexFunc(adv.Communities, large); i >= 0 {
				return poolFault(legacyKind, "native-legacy-communities", fmt.Sprintf(words+"legacy address pool %q has non legacy community %q",
					x.Name, adv.Communities[i]), &x.Meta)
			}
		}
	}
	for _, x := range p.bgp {
		if i := slices.IndexFunc(x.Communities, large); i >= 0 {
			return poolFault(bgpKind, "native-legacy-communities", fmt.Sprintf(words+"BGP advertisement %q has non legacy community %q",
				x.Name, x.Communities[i]), &x.Meta)
		}
	}
	for _, x := range p.communities {
		for _, alias := range x.Aliases {
			if large(alias.Value) {
				return poolFault(communityKind, "native-legacy-communities", fmt.Sprintf(words+"BGP community CR %q has non legacy community %q",
					x.Name, alias), &x.Meta)
			}
		}
	}
	return nil
}

// checkFRR: rules frr-same-router-id, frr-duplicate-address, frr-same-asn and frr-same-asn-per-vrf.
func (p *parser) checkFRR() []fault {
	if len(p.peers) < 2 {
		return nil
	}
	perVRF := p.in.Version.Since("v0.13.8")
	first := p.peers[0]
	seen := map[string]*model.BGPPeer{p.peerID(first): first}
	pair := func(rule, text string, a, b *model.BGPPeer) []fault {
		return []fault{{rule: rule, text: text, objects: []*model.Meta{&a.Meta, &b.Meta}, order: peerKind}}
	}
	for _, x := range p.peers[1:] {
		if x.RouterID != first.RouterID {
			return pair("frr-same-router-id", fmt.Sprintf("peer %s has RouterID different from %s, in FRR mode all RouterID must be equal",
				x.RouterID, first.RouterID), x, first)
		}
		if !perVRF && x.MyASN != first.MyASN {
			return pair("frr-same-asn", fmt.Sprintf("peer %s has myAsn different from %s, in FRR mode all myAsn must be equal", x.Address, first.Address), x, first)
		}
		if other := seen[p.peerID(x)]; other != nil {
			return pair("frr-duplicate-address", fmt.Sprintf("peer %s already exists, FRR mode doesn't support duplicate BGPPeers", x.Address), x, other)
		}
		seen[p.peerID(x)] = x
	}
	if !perVRF {
		return nil
	}
	for _, a := range p.peers {
		for _, b := range p.peers[1:] {
			if a.MyASN != b.MyASN && a.VRF == b.VRF {
				return pair("frr-same-asn-per-vrf", fmt.Sprintf("peer %s has myAsn different from %s, in FRR mode all myAsn must be equal for the same VRF",
					a.Address, b.Address), a, b)
			}
		}
	}
	return nil
}

// peerID is what makes two peers the same for FRR.
func (p *parser) peerID(x *model.BGPPeer) string {
	id := x.Address
	if id == "" {
		id = x.Interface
	}
	if p.in.Version.Until("v0.13.7") || p.in.Version.Since("v0.16.0") && x.VRF == "" {
		return id
	}
	return id + "-" + x.VRF
}

// checkFRRPerNode: rule frr-peer-rules-per-node.
func (p *parser) checkFRRPerNode() []fault {
	for i, x := range p.peers {
		for _, other := range p.peers[:i] {
			if !p.shareNode(x, other) {
				continue
			}
			text := ""
			a, b := p.peerID(x), p.peerID(other)
			switch {
			case x.RouterID != other.RouterID:
				text = fmt.Sprintf("peer %s has RouterID different from %s, in FRR mode peers selecting the same node must all have the same RouterID",
					x.RouterID, other.RouterID)
			case a == b:
				text = fmt.Sprintf("peer %s already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node", a)
			case x.MyASN != other.MyASN && x.VRF == other.VRF:
				text = fmt.Sprintf("peer %s has myAsn different from %s, in FRR mode peers selecting the same node must have the same myAsn "+
					"within the same VRF", a, b)
			default:
				continue
			}
			return []fault{{rule: "frr-peer-rules-per-node", text: text, objects: []*model.Meta{&x.Meta, &other.Meta}, order: peerKind}}
		}
	}
	return nil
}

// shareNode tells whether a node runs both peers; without any node it is taken for granted.
func (p *parser) shareNode(a, b *model.BGPPeer) bool {
	if p.in.Objects == nil || len(p.in.Objects.Nodes) == 0 {
		return true
	}
	for _, n := range p.in.Objects.Nodes {
		if anyMatches(a.NodeSelectors, n.Labels, true) && anyMatches(b.NodeSelectors, n.Labels, true) {
			return true
		}
	}
	return false
}

// checkExtras: rules extras-native and extras-frr-k8s; the handler refuses what was parsed.
func (p *parser) checkExtras() []fault {
	if p.extras == nil || p.c == Controller {
		return nil
	}
	rule, text := "", ""
	switch {
	case p.native() && p.in.Version.Since("v0.13.10"):
		rule, text = "extras-native", "bgp extra info not supported in native mode"
	case p.in.Mode == schema.ModeFRRK8s && p.in.Version.Since("v0.14.0"):
		rule, text = "extras-frr-k8s", "extra info not supported in frr-k8s mode"
	default:
		return nil
	}
	return []fault{{rule: rule, text: p.wrap(text, "failed to sync extra info"), objects: []*model.Meta{&p.extras.Meta}, handler: true}}
}
