package metallb

import (
	"fmt"
	"maps"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// readCommunities walks a map, so any bad one may be the first.
func (p *fileParser) readCommunities() []fault {
	var faults []fault
	for _, name := range slices.Sorted(maps.Keys(p.file.Communities)) {
		c, bad := parseCommunity(p.file.Communities[name], p.in.Version)
		if bad != nil {
			faults = append(faults, broken("community-format", "parsing community %q: %s", name, bad.text)...)
			continue
		}
		p.cfg.Communities[name] = c.String()
	}
	return faults
}

func (p *fileParser) readPools() []fault {
	names := map[string]bool{}
	for i, x := range p.file.Pools {
		pool := &Pool{Name: x.Name, Place: i, Auto: x.AutoAssign == nil || *x.AutoAssign, AvoidBuggyIPs: x.AvoidBuggyIPs, Protocol: x.Protocol,
			Object: p.meta}
		if faults := p.readPool(x, pool); len(faults) > 0 {
			for j := range faults {
				faults[j].text = fmt.Sprintf("parsing address pool #%d: %s", i+1, faults[j].text)
			}
			return faults
		}
		if names[x.Name] {
			return broken("pool-duplicate-name", "duplicate definition of pool %q", x.Name)
		}
		names[x.Name] = true
		if a, b, other := overlap(pool, p.cfg.Pools); other != nil {
			return broken("pool-overlap", "CIDR %q in pool %q overlaps with already defined CIDR %q", a, x.Name, b)
		}
		p.cfg.Pools = append(p.cfg.Pools, pool)
	}
	return nil
}

func (p *fileParser) readPool(x filePool, pool *Pool) []fault {
	if x.Name == "" {
		return broken("pool-no-prefixes", "missing pool name")
	}
	if len(x.Addresses) == 0 {
		return broken("pool-no-prefixes", "pool has no prefixes defined")
	}
	for _, entry := range x.Addresses {
		cidrs, err := parseEntry(entry, p.in.Version)
		if err != nil {
			return broken("pool-bad-cidr", "invalid CIDR %q in pool %q: %s", entry, x.Name, err)
		}
		pool.CIDRs = append(pool.CIDRs, cidrs...)
		pool.Entries = append(pool.Entries, cidrs)
		pool.Addresses = append(pool.Addresses, entry)
	}
	switch x.Protocol {
	case "layer2":
		if len(x.BGPAdvertisements) > 0 {
			return broken("pool-protocol-required", "cannot have bgp-advertisements configuration element in a layer2 address pool")
		}
		pool.L2 = []*model.L2Advertisement{{Meta: *p.meta}}
	case "bgp":
		faults := p.readAdvertisements(x, pool)
		for i := range faults {
			faults[i].text = "parsing BGP communities: " + faults[i].text
		}
		return faults
	case "":
		return broken("pool-protocol-required", "address pool is missing the protocol field")
	default:
		return broken("pool-protocol-required", "unknown protocol %q", x.Protocol)
	}
	return nil
}

func (p *fileParser) readAdvertisements(x filePool, pool *Pool) []fault {
	if len(x.BGPAdvertisements) == 0 {
		pool.BGP = []*model.BGPAdvertisement{{Meta: *p.meta}}
		return nil
	}
	for i, a := range x.BGPAdvertisements {
		for j, b := range x.BGPAdvertisements[i+1:] {
			if sameAd(a, b) {
				return broken("adv-equal-bgp", "duplicate definition of bgpadvertisements. advertisement %d and %d are equal", i+1, i+j+2)
			}
		}
	}
	for _, a := range x.BGPAdvertisements {
		adv, faults := p.readAdvertisement(a, pool)
		if len(faults) > 0 {
			return faults
		}
		pool.BGP = append(pool.BGP, adv)
	}
	return nil
}

// sameAd is reflect.DeepEqual for advertisements as they are written.
func sameAd(a, b fileBGPAd) bool {
	return equalValue(a.AggregationLength, b.AggregationLength) && equalValue(a.AggregationLengthV6, b.AggregationLengthV6) &&
		equalValue(a.LocalPref, b.LocalPref) && slices.Equal(a.Communities, b.Communities) && (a.Communities == nil) == (b.Communities == nil)
}

func equalValue[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

func (p *fileParser) readAdvertisement(a fileBGPAd, pool *Pool) (*model.BGPAdvertisement, []fault) {
	adv := &model.BGPAdvertisement{Meta: *p.meta, Communities: a.Communities}
	if a.AggregationLength != nil {
		n := int32(*a.AggregationLength)
		adv.AggregationLength = &n
	}
	if a.AggregationLengthV6 != nil {
		n := int32(*a.AggregationLengthV6)
		adv.AggregationLengthV6 = &n
	}
	if a.LocalPref != nil {
		adv.LocalPref = *a.LocalPref
	}
	if text := duplicateString(a.Communities, "community"); text != "" {
		return nil, broken("community-duplicate", "%s", text)
	}
	v4, v6 := aggregation(adv)
	if v4 > 32 {
		return nil, broken("aggregation-length-max", "invalid aggregation length %s for IPv4", asRune(v4))
	}
	if v6 > 128 {
		return nil, broken("aggregation-length-max", "invalid aggregation length %s for IPv6", asRune(v6))
	}
	if faults := p.tooSpecific(adv, pool); len(faults) > 0 {
		return nil, faults
	}
	for _, c := range a.Communities {
		if _, bad := communityOf(c, p.cfg.Communities, p.in.Version); bad != nil {
			return nil, broken("community-unknown", "invalid community %q in BGP advertisement: %s", c, bad.text)
		}
	}
	return adv, nil
}

// tooSpecific: rule aggregation-vs-pool until v0.11.0, aggregation-vs-pool-range since; the entries are walked as a map.
func (p *fileParser) tooSpecific(adv *model.BGPAdvertisement, pool *Pool) []fault {
	v4, _ := aggregation(adv)
	var faults []fault
	if p.in.Version.Until("v0.11.0") {
		for _, c := range pool.CIDRs {
			if v4 < c.Bits() {
				return broken("aggregation-vs-pool", "invalid aggregation length %d: prefix %q in this pool is more specific than the aggregation length", v4, c)
			}
		}
		return nil
	}
	for _, e := range tooSpecific(adv, pool) {
		faults = append(faults, broken("aggregation-vs-pool-range",
			"invalid aggregation length %d: prefix %s in this pool is more specific than the aggregation length for addresses %s",
			v4, asRune(lowestMask(pool.Entries[e])), pool.Addresses[e])...)
	}
	return faults
}
