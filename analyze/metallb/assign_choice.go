package metallb

import (
	"fmt"
	"net/netip"
	"slices"
)

// automatic is the choice of a Service that asks for no pool and no address: the pinned pools in their order, else any of the
// others. It returns each grant that the random order may lead to; failed says that it may also end without one
// (`no available IPs`). Rules: pinned-pools-first, pool-order-random.
func (s *poolSet) automatic(c *claim, u users) (grants []grant, failed bool) {
	if !s.rules.perFamily {
		return s.firstWithAll(c, u)
	}
	if best := s.best(s.pinnedFor(c.svc), c, u, true); len(best) > 0 {
		if ips, text := s.choose(best[0].pool, c.family, c.policy, best[0].v4, best[0].v6); text == "" {
			return []grant{{best[0].pool, ips, 1}}, false
		}
	}
	best := s.best(s.autoPools(), c, u, false)
	if len(best) == 0 {
		return nil, true
	}
	fitting := make([]*servingPool, len(best))
	for i, b := range best {
		fitting[i] = b.pool
	}
	chances := s.firstOf(fitting)
	for i, b := range best {
		if ips, text := s.choose(b.pool, c.family, c.policy, b.v4, b.v6); text == "" {
			grants = append(grants, grant{b.pool, ips, chances[i]})
		} else {
			failed = true
		}
	}
	return grants, failed
}

// firstWithAll is the automatic choice until v0.14.8: the first pool that has an address of each family of the Service. Rule: dual-stack.
func (s *poolSet) firstWithAll(c *claim, u users) (grants []grant, failed bool) {
	for _, p := range s.pinnedFor(c.svc) {
		if ips, text := s.pickAll(p, c, u); text == "" {
			return []grant{{p, ips, 1}}, false
		}
	}
	var fitting []*servingPool
	for _, p := range s.autoPools() {
		if ips, text := s.pickAll(p, c, u); text == "" {
			grants, fitting = append(grants, grant{pool: p, ips: ips}), append(fitting, p)
		}
	}
	if len(grants) == 0 {
		return nil, true
	}
	for i, chance := range s.firstOf(fitting) {
		grants[i].chance = chance
	}
	return grants, false
}

// firstOf is how likely each of the fitting pools, of which there is at least one, is the first that a walk over all pools meets.
func (s *poolSet) firstOf(fitting []*servingPool) []float64 {
	walk := s.walk
	if walk == nil {
		walk = s.pools
	}
	var places []int
	var pools []*servingPool
	for at, p := range walk {
		if slices.Contains(fitting, p) {
			places, pools = append(places, at), append(pools, p)
		}
	}
	out := make([]float64, len(fitting))
	for i, chance := range firstPlaces(places) {
		out[slices.Index(fitting, pools[i])] = chance
	}
	return out
}

// candidate is a pool with its first free address of each family; the zero Addr is none.
type candidate struct {
	pool   *servingPool
	v4, v6 netip.Addr
}

// best picks the most suitable pool (v0.14.9): the first that has the family of a single-stack Service, or both; else, for
// PreferDualStack with two cluster addresses, the first that has the preferred family; else the first that has the other. Where the
// order is random all that may be first are returned. Rules: prefer-dual-stack, prefer-dual-stack-single-cluster-ip-both.
func (s *poolSet) best(pools []*servingPool, c *claim, u users, ordered bool) []candidate {
	var fits, primary, secondary []candidate
	for _, p := range pools {
		b := candidate{p, s.firstFree(p, c, IPv4, u), s.firstFree(p, c, IPv6, u)}
		first, second := b.v4, b.v6
		if c.v6first {
			first, second = second, first
		}
		switch {
		case c.family == IPv4 && b.v4.IsValid(), c.family == IPv6 && b.v6.IsValid(), first.IsValid() && second.IsValid():
			fits = append(fits, b)
		case c.policy != preferDual || c.family != DualStack:
		default:
			if first.IsValid() {
				primary = append(primary, b)
			}
			if second.IsValid() {
				secondary = append(secondary, b)
			}
		}
	}
	for _, list := range [][]candidate{fits, primary, secondary} {
		if len(list) > 0 {
			if ordered {
				return list[:1]
			}
			return list
		}
	}
	return nil
}

// additional looks for an address of the missing family in the pool of the one address that a PreferDualStack Service has (v0.14.9).
// With one clusterIP the next pass clears both again, endlessly. Rule: prefer-dual-stack-single-cluster-ip.
func (s *poolSet) additional(c *claim, has netip.Addr, pool string, u users) (netip.Addr, string) {
	fam := IPv4
	if has.Is4() {
		fam = IPv6
	}
	p := s.byName[pool]
	if p == nil {
		return netip.Addr{}, fmt.Sprintf("unknown pool %q", pool)
	}
	v4, v6 := s.firstFree(p, c, IPv4, u), s.firstFree(p, c, IPv6, u)
	if s.rules.emptyPool && !v4.IsValid() && !v6.IsValid() {
		return netip.Addr{}, "no available IPs in pool " + p.Name
	}
	ips, text := s.choose(p, fam, singleStack, v4, v6)
	if text != "" {
		return netip.Addr{}, text
	}
	if _, text = s.claimable(c, []netip.Addr{has, ips[0]}, u); text != "" {
		return netip.Addr{}, text
	}
	return ips[0], ""
}
