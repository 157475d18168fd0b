package metallb

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"sort"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// poolSet is a configuration as the allocator uses it: pools with the namespaces and Services that they are for.
type poolSet struct {
	rules  allocRules
	pools  []*servingPool // in order of name, until v0.12.1 of the ConfigMap's text
	byName map[string]*servingPool

	walk []*servingPool // the pools in the order in which they lie in the controller's map; nil: that of pools

	// byNamespace lists the pools that name a namespace. MetalLB builds it in random order once for each configuration, and pools
	// of equal priority are tried in an order that follows from it.
	byNamespace map[string][]*servingPool

	memo map[string]netip.Addr // what is free for plain claims, where nothing changes meanwhile; nil: nothing is kept
}

// servingPool is a pool with its serviceAllocation resolved against the namespaces of the moment.
type servingPool struct {
	*Pool
	pinned     bool // serviceAllocation is set: never used for Services that do not fit
	everything bool // serviceAllocation without conditions, since v0.15.0: fits every Service
	priority   int
	namespaces map[string]bool  // empty: no condition
	selectors  []model.Selector // nil: no condition
}

func poolSetOf(in Input, cfg *Config) *poolSet {
	s := &poolSet{rules: rulesOf(in.Version), byName: map[string]*servingPool{}, byNamespace: map[string][]*servingPool{}}
	inText := slices.SortedStableFunc(slices.Values(cfg.Pools), func(a, b *Pool) int { return cmp.Compare(a.Place, b.Place) })
	for _, p := range inText {
		sp := resolve(in, s.rules, p)
		s.pools = append(s.pools, sp)
		s.byName[p.Name] = sp
		for ns := range sp.namespaces {
			s.byNamespace[ns] = append(s.byNamespace[ns], sp)
		}
	}
	return s
}

func resolve(in Input, r allocRules, p *Pool) *servingPool {
	sp := &servingPool{Pool: p}
	a := p.Allocation
	if a == nil || !r.allocation {
		return sp
	}
	sp.pinned, sp.priority = true, a.Priority
	if len(a.Namespaces) == 0 && len(a.NamespaceSelectors) == 0 && len(a.ServiceSelectors) == 0 {
		sp.everything = r.emptyFitsAll // rules: allocation-empty-never-used, allocation-empty-all
		return sp
	}
	sp.namespaces = map[string]bool{}
	for _, ns := range a.Namespaces {
		sp.namespaces[ns] = true
	}
	if in.Objects != nil {
		for i := range a.NamespaceSelectors {
			for _, ns := range in.Objects.Namespaces {
				if Matches(a.NamespaceSelectors[i], ns.Labels) {
					sp.namespaces[ns.Name] = true
				}
			}
		}
	}
	sp.selectors = a.ServiceSelectors
	return sp
}

// fitsNamespace and fitsLabels are the two conditions of serviceAllocation; both must hold. Rules: allocation-namespace-union,
// allocation-and.
func (p *servingPool) fitsNamespace(svc *model.Service) bool {
	return len(p.namespaces) == 0 || p.namespaces[svc.Namespace]
}

func (p *servingPool) fitsLabels(svc *model.Service) bool {
	return anyMatches(p.selectors, svc.Labels, true)
}

func (p *servingPool) compatible(svc *model.Service) bool {
	return p.fitsNamespace(svc) && p.fitsLabels(svc)
}

// pinnedFor lists the pools that are tried first for the Service: by priority ascending, none (0) last. Of equal priority, those that
// name the namespace come first, in their random order, then those with service selectors by name; of those without a priority it
// is the other way round, so that the last by name comes first (as decisions of real controllers show). Rule: pinned-pools-first.
func (s *poolSet) pinnedFor(svc *model.Service) []*servingPool {
	var out []*servingPool
	add := func(p *servingPool) {
		if p.Auto && p.compatible(svc) && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, p := range s.byNamespace[svc.Namespace] {
		add(p)
	}
	for _, p := range s.pools {
		if p.everything || len(p.selectors) > 0 {
			add(p)
		}
	}
	slices.SortStableFunc(out, func(a, b *servingPool) int { return cmp.Compare(rank(a), rank(b)) })
	if i := slices.IndexFunc(out, func(p *servingPool) bool { return p.priority == 0 }); i >= 0 {
		slices.Reverse(out[i:])
	}
	return out
}

// rank orders pools; smaller is earlier.
func rank(p *servingPool) int {
	if p.priority == 0 {
		return math.MaxInt
	}
	return p.priority
}

// autoPools are those of the automatic choice, in no order. Rules: auto-assign, pinned-pools-exclusive, pool-order-random.
func (s *poolSet) autoPools() []*servingPool {
	var out []*servingPool
	for _, p := range s.pools {
		if p.Auto && !p.pinned {
			out = append(out, p)
		}
	}
	return out
}

// owner is the one pool that has all the addresses, or nil. Rules: requested-ips-one-pool, requested-buggy-ip.
func (s *poolSet) owner(ips []netip.Addr) *servingPool {
	for _, p := range s.pools {
		all := true
		for _, ip := range ips {
			if !p.allows(ip) {
				all = false
				break
			}
		}
		if all {
			return p
		}
	}
	return nil
}

// allows tells whether the pool has the address and may give it away.
func (p *servingPool) allows(ip netip.Addr) bool {
	return p.Contains(ip) && !(p.AvoidBuggyIPs && avoidable(ip))
}

// place is the number of the range that has the address, -1 when none has.
func (p *servingPool) place(ip netip.Addr) int {
	return slices.IndexFunc(p.CIDRs, func(c netip.Prefix) bool { return c.Contains(ip) })
}

// avoidable tells whether the address ends in .0 or .255, which some clients take for a broadcast address.
func avoidable(ip netip.Addr) bool {
	if !ip.Is4() {
		return false
	}
	last := ip.As4()[3]
	return last == 0 || last == 255
}

// size counts the addresses of a family that the pool may give away; it stops at 1<<62.
func (p *servingPool) size(fam Family) uint64 {
	const limit = uint64(1) << 62
	var n uint64
	for _, c := range p.CIDRs {
		if familyOf(c.Addr()) != fam {
			continue
		}
		bits := c.Addr().BitLen() - c.Bits()
		if bits >= 62 {
			return limit
		}
		n += uint64(1)<<bits - p.buggyIn(c)
		if n >= limit {
			return limit
		}
	}
	return n
}

func (p *servingPool) buggyIn(c netip.Prefix) uint64 {
	if !p.AvoidBuggyIPs || !c.Addr().Is4() {
		return 0
	}
	if c.Bits() <= 24 {
		return 2 << (24 - c.Bits())
	}
	first := c.Masked().Addr()
	last := first.As4()
	last[3] |= byte(0xff >> (c.Bits() - 24))
	n := uint64(0)
	if avoidable(first) {
		n++
	}
	if l := netip.AddrFrom4(last); l != first && avoidable(l) {
		n++
	}
	return n
}

// has tells whether the pool has addresses of the family.
func (p *servingPool) has(fam Family) bool {
	for _, c := range p.CIDRs {
		if familyOf(c.Addr()) == fam {
			return true
		}
	}
	return false
}

// identity is a text that is equal for two sets that MetalLB takes for the same configuration, the random order of byNamespace
// aside.
func (s *poolSet) identity() string {
	var b strings.Builder
	for _, p := range s.pools {
		fmt.Fprintf(&b, "%s %v %v %v %v %d %v", p.Name, p.CIDRs, p.Auto, p.AvoidBuggyIPs, p.pinned, p.priority, p.everything)
		names := make([]string, 0, len(p.namespaces))
		for ns := range p.namespaces {
			names = append(names, ns)
		}
		sort.Strings(names)
		fmt.Fprintf(&b, " %q %v\n", names, p.selectors)
	}
	return b.String()
}
