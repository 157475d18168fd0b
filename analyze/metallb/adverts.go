package metallb

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/metallb-assay/assay/analyze/model"
)

// attachL2 reads the L2Advertisements and gives each pool those that select it.
func (p *parser) attachL2() []fault {
	for _, x := range p.l2 {
		rule, text := p.checkL2(x)
		if text == "" {
			rule, text = p.checkPoolSelectors(x.PoolSelectors)
		}
		if text != "" {
			return []fault{{rule: rule, text: text, objects: []*model.Meta{&x.Meta}, order: l2Kind}}
		}
		for _, pool := range p.cfg.Pools {
			if p.selects(x.Pools, x.PoolSelectors, pool) {
				pool.L2 = append(pool.L2, x)
			}
		}
	}
	return nil
}

// selects tells whether names or selectors of an advertisement take a pool: neither takes all, both add up (rule
// adv-no-pool-selector-all). Names that do not exist take nothing (rule adv-unknown-pool-ignored).
func (p *parser) selects(names []string, selectors []model.Selector, pool *Pool) bool {
	if len(names) == 0 && len(selectors) == 0 {
		return true
	}
	return slices.Contains(names, pool.Name) || anyMatches(selectors, pool.Object.Labels, false)
}

func (p *parser) checkL2(x *model.L2Advertisement) (rule, text string) {
	if rule, text := p.checkDuplicates(x.Pools, nil, nil, x.PoolSelectors, x.NodeSelectors, x.ServiceSelectors); text != "" {
		return rule, text
	}
	if rule, text := p.checkNodeSelectors(x.NodeSelectors, x.Name, ""); text != "" {
		return rule, text
	}
	return p.checkServiceSelectors(x.ServiceSelectors, x.Name)
}

// checkDuplicates: rule adv-duplicate-entries.
func (p *parser) checkDuplicates(pools, communities, peers []string, selectors ...[]model.Selector) (rule, text string) {
	const duplicates = "adv-duplicate-entries"
	for i, list := range [][]string{pools, communities, peers} {
		if text := duplicateString(list, [3]string{"ipAddressPools", "community", "peers"}[i]); text != "" {
			return duplicates, text
		}
	}
	for i, list := range selectors {
		if i == 2 && p.in.Version.Until("v0.15.3") {
			break // serviceSelectors do not exist
		}
		field := [3]string{"ipAddressPoolSelectors", "nodeSelectors", "serviceSelectors"}[i]
		if text := duplicateSelector(sortedValues(list), field); text != "" {
			return duplicates, text
		}
	}
	return "", ""
}

func (p *parser) checkNodeSelectors(selectors []model.Selector, name, typo string) (rule, text string) {
	for _, s := range sortedValues(selectors) {
		if why := SelectorError(s); why != "" {
			why = p.invalidSelector(why, s)
			return "adv-node-selectors", p.wrap(why, p.word("Failed to parse node selector for "+typo, "failed to parse node selector for ")+name)
		}
	}
	return "", ""
}

func (p *parser) checkServiceSelectors(selectors []model.Selector, name string) (rule, text string) {
	if p.in.Version.Until("v0.15.3") {
		return "", ""
	}
	for _, s := range sortedValues(selectors) {
		if why := SelectorError(s); why != "" {
			why = fmt.Sprintf("invalid service selector %v: %s", plain(s), why)
			return "adv-service-selectors", p.wrap(why, "failed to parse service selector for "+name)
		}
	}
	return "", ""
}

func (p *parser) checkPoolSelectors(selectors []model.Selector) (rule, text string) {
	for _, s := range sortedValues(selectors) {
		if why := SelectorError(s); why != "" {
			return "adv-no-pool-selector-all", p.invalidSelector(why, s)
		}
	}
	return "", ""
}

func (p *parser) invalidSelector(why string, s model.Selector) string {
	return p.wrap(why, fmt.Sprintf(p.word("Invalid", "invalid")+" label selector %v", plain(s)))
}

// attachBGP reads the BGPAdvertisements and gives each pool those that select it. Rule adv-equal-bgp compares whole objects with
// their names, so it never fires.
func (p *parser) attachBGP() []fault {
	p.cfg.Adverts = p.bgp
	for _, x := range p.bgp {
		rule, text := p.checkBGP(x)
		if text == "" {
			rule, text = p.checkPoolSelectors(x.PoolSelectors)
		}
		if text != "" {
			return []fault{{rule: rule, text: text, objects: []*model.Meta{&x.Meta}, order: bgpKind}}
		}
		var faults []fault
		for _, pool := range p.poolsOf(x) {
			found := p.checkOnPool(x, pool)
			if len(found) > 0 && p.named(x, pool) {
				return append(faults, found...) // the names come first, in their order
			}
			faults = append(faults, found...)
			pool.BGP = append(pool.BGP, x)
		}
		if len(faults) > 0 {
			return faults
		}
	}
	return nil
}

// named tells whether an advertisement names a pool.
func (p *parser) named(x *model.BGPAdvertisement, pool *Pool) bool {
	return slices.Contains(x.Pools, pool.Name)
}

// poolsOf is the pools that an advertisement takes: those that it names, in its order, then the others, whose order is arbitrary.
func (p *parser) poolsOf(x *model.BGPAdvertisement) []*Pool {
	var taken []*Pool
	for _, name := range x.Pools {
		if pool := p.byName[name]; pool != nil {
			taken = append(taken, pool)
		}
	}
	for _, pool := range p.cfg.Pools {
		if !p.named(x, pool) && p.selects(x.Pools, x.PoolSelectors, pool) {
			taken = append(taken, pool)
		}
	}
	return taken
}

func (p *parser) checkBGP(x *model.BGPAdvertisement) (rule, text string) {
	if rule, text := p.checkDuplicates(x.Pools, x.Communities, x.Peers, x.PoolSelectors, x.NodeSelectors, x.ServiceSelectors); text != "" {
		return rule, text
	}
	if rule, text := p.checkAggregation(x); text != "" {
		return rule, text
	}
	for _, c := range x.Communities {
		if _, bad := communityOf(c, p.cfg.Communities, p.in.Version); bad != nil {
			return "community-unknown", p.wrap(bad.text, fmt.Sprintf("invalid community %q in BGP advertisement", c))
		}
	}
	if rule, text := p.checkNodeSelectors(x.NodeSelectors, x.Name, "ls "); text != "" {
		return rule, text
	}
	return p.checkServiceSelectors(x.ServiceSelectors, x.Name)
}

// aggregation is the lengths to which an advertisement masks addresses.
func aggregation(x *model.BGPAdvertisement) (v4, v6 int) {
	v4, v6 = 32, 128
	if x.AggregationLength != nil {
		v4 = int(*x.AggregationLength)
	}
	if x.AggregationLengthV6 != nil {
		v6 = int(*x.AggregationLengthV6)
	}
	return v4, v6
}

// checkAggregation: rules aggregation-length-max and adv-service-selectors-aggregation.
func (p *parser) checkAggregation(x *model.BGPAdvertisement) (rule, text string) {
	v4, v6 := aggregation(x)
	if len(x.ServiceSelectors) > 0 && p.in.Version.Since("v0.16.0") {
		field := ""
		if v4 != 32 {
			field = "aggregationLength"
		} else if v6 != 128 {
			field = "aggregationLengthV6"
		}
		if field != "" {
			return "adv-service-selectors-aggregation", fmt.Sprintf("serviceSelectors and %s are mutually exclusive, both cannot be set in %s", field, x.Name)
		}
	}
	if v4 > 32 {
		return "aggregation-length-max", "invalid aggregation length " + asRune(v4) + " for IPv4"
	}
	if v6 > 128 {
		return "aggregation-length-max", "invalid aggregation length " + asRune(v6) + " for IPv6"
	}
	return "", ""
}

// asRune is how MetalLB prints some numbers: as the character of that code.
func asRune(n int) string { return strconv.QuoteRune(rune(n)) }

// checkOnPool holds an advertisement against a pool. Which address entry of a pool is named is random, so all are returned.
func (p *parser) checkOnPool(x *model.BGPAdvertisement, pool *Pool) []fault {
	faults := p.tooSpecificFaults(x, pool)
	if len(faults) > 0 || p.in.Version.Until("v0.13.9") {
		return faults
	}
	if p.in.Version.Since("v0.16.0") && len(x.ServiceSelectors) > 0 {
		return nil
	}
	for _, other := range pool.BGP {
		if p.in.Version.Since("v0.16.0") && len(other.ServiceSelectors) > 0 {
			continue
		}
		if conflict := p.in.localPrefConflict(x, other, pool); conflict != "" {
			return []fault{{rule: "localpref-conflict", order: bgpKind, objects: []*model.Meta{&x.Meta, &other.Meta, pool.Object},
				text: fmt.Sprintf("invalid local preference %d: local preferernce %d was already set for the same type of BGP update. "+
					"Check existing BGP advertisements with common pools and aggregation lengths", x.LocalPref, other.LocalPref)}}
		}
	}
	return nil
}

// tooSpecificFaults: rule aggregation-vs-pool-range.
func (p *parser) tooSpecificFaults(x *model.BGPAdvertisement, pool *Pool) []fault {
	var faults []fault
	v4, _ := aggregation(x)
	for _, e := range tooSpecific(x, pool) {
		faults = append(faults, fault{rule: "aggregation-vs-pool-range", order: bgpKind, objects: []*model.Meta{&x.Meta, pool.Object},
			text: fmt.Sprintf("invalid aggregation length %d: prefix %d in this pool is more specific than the aggregation length for addresses %s",
				v4, lowestMask(pool.Entries[e]), pool.Addresses[e])})
	}
	return faults
}

// tooSpecific is the address entries of a pool of which even the widest CIDR is smaller than what the advertisement masks to.
func tooSpecific(x *model.BGPAdvertisement, pool *Pool) []int {
	v4, v6 := aggregation(x)
	var entries []int
	for i, cidrs := range pool.Entries {
		if len(cidrs) == 0 {
			continue
		}
		length := v4
		if !cidrs[0].Addr().Is4() {
			length = v6
		}
		if length < lowestMask(cidrs) {
			entries = append(entries, i)
		}
	}
	return entries
}

// localPrefConflict is the name of the rule by which two advertisements of a pool contradict each other, "" where they do not:
// rules localpref-conflict, localpref-conflict-aggregation-both and localpref-conflict-aggregation-family.
func (in Input) localPrefConflict(a, b *model.BGPAdvertisement, pool *Pool) string {
	if a.LocalPref == b.LocalPref {
		return ""
	}
	rule := "localpref-conflict-aggregation-both"
	a4, a6 := aggregation(a)
	b4, b6 := aggregation(b)
	if a4 != b4 && a6 != b6 {
		return ""
	}
	if in.Version.Since("v0.15.0") {
		rule = "localpref-conflict-aggregation-family"
		v4, v6 := families(pool.CIDRs)
		if !v4 && !v6 || a4 != b4 && !v6 || a6 != b6 && !v4 {
			return ""
		}
	}
	if len(a.Peers) > 0 && len(b.Peers) > 0 && !slices.ContainsFunc(a.Peers, func(name string) bool { return slices.Contains(b.Peers, name) }) {
		return ""
	}
	if in.Objects == nil || len(in.Objects.Nodes) == 0 { // no Node is known; there are some
		if len(a.NodeSelectors) == 0 && len(b.NodeSelectors) == 0 {
			return rule
		}
		return ""
	}
	for _, n := range in.Objects.Nodes {
		if anyMatches(a.NodeSelectors, n.Labels, true) && anyMatches(b.NodeSelectors, n.Labels, true) {
			return rule
		}
	}
	return ""
}

// checkBFDEcho: rule bfd-echo-ipv6. Which pool and, where all peers are meant, which peer is named is random.
func (p *parser) checkBFDEcho() []fault {
	if p.in.Version.Until("v0.13.9") {
		return nil
	}
	var faults []fault
	for _, pool := range p.cfg.Pools {
		if _, v6 := families(pool.CIDRs); !v6 {
			continue
		}
		for _, x := range pool.BGP {
			found := p.echoPeers(x)
			for _, peer := range found {
				faults = append(faults, fault{rule: "bfd-echo-ipv6", order: bgpKind,
					objects: []*model.Meta{&peer.Meta, &x.Meta, pool.Object, &p.cfg.Profiles[peer.BFDProfile].Meta},
					text: fmt.Sprintf("pool %s has bgpadvertisement %s which references peer %s which has bfd echo enabled, which is not possible",
						pool.Name, x.Name, peer.Name)})
			}
			if len(found) > 0 {
				break
			}
		}
	}
	return faults
}

// echoPeers is the peers with BFD echo to which an advertisement goes: the first of those that it lists, any where it lists none.
func (p *parser) echoPeers(x *model.BGPAdvertisement) []*model.BGPPeer {
	var found []*model.BGPPeer
	for _, peer := range p.cfg.Peers {
		profile := p.cfg.Profiles[peer.BFDProfile]
		if profile != nil && profile.EchoMode != nil && *profile.EchoMode && (len(x.Peers) == 0 || slices.Contains(x.Peers, peer.Name)) {
			found = append(found, peer)
		}
	}
	if len(x.Peers) == 0 || len(found) < 2 {
		return found
	}
	for _, name := range x.Peers {
		for _, peer := range found {
			if peer.Name == name {
				return []*model.BGPPeer{peer}
			}
		}
	}
	return found
}
