package metallb

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// allocRules are the rules of allocation that differ between releases, by the names that facts and messages give them.
type allocRules struct {
	version      Version
	allocation   bool // serviceAllocation exists (v0.13.8)
	emptyFitsAll bool // allocation-empty-all (v0.15.0)
	poolOfIP     bool // requested-ip-and-pool (v0.13.10)
	perFamily    bool // prefer-dual-stack (v0.14.9): a pool with one family may do; before, all families or nothing
	alignFamily  bool // family-from-cluster-ips for one clusterIP whatever the policy, nil-ip-error (v0.15.0)
	emptyPool    bool // nil-ip-error only where the other family is free (v0.16.0)
	needTwoIPs   bool // require-dual-stack-cluster-ips (v0.15.0)
	quotePool    bool // the pool is quoted in "no available IPs in pool" (until v0.14.8)
	famText      bool // ... and the family named (v0.12.0)
	writesPool   bool // pool-annotation-written (v0.13.8)
	tellsClear   bool // event ClearAssignment (v0.13.10)
	tellsOldKeys bool // event deprecatedAnnotation (v0.14.9)
	emptyClears  bool // without any pool the Service is cleared (v0.14.0)
	alwaysNew    bool // reading unchanged pools again counts as a change, so all Services are processed again (until v0.14.9)
	keepsBadIPs  bool // addresses in status that make no family stop the pass (until v0.12.1)
}

// newestRelease stands in for a release that is not known.
var newestRelease = V("v0.16.1")

func rulesOf(v Version) allocRules {
	if !v.Known() {
		v = newestRelease
	}
	return allocRules{
		version:      v,
		allocation:   v.Since("v0.13.8"),
		emptyFitsAll: v.Since("v0.15.0"),
		poolOfIP:     v.Since("v0.13.10"),
		perFamily:    v.Since("v0.14.9"),
		alignFamily:  v.Since("v0.15.0"),
		emptyPool:    v.Since("v0.16.0"),
		needTwoIPs:   v.Since("v0.15.0"),
		quotePool:    v.Until("v0.14.8"),
		famText:      v.Since("v0.12.0"),
		writesPool:   v.Since("v0.13.8"),
		tellsClear:   v.Since("v0.13.10"),
		tellsOldKeys: v.Since("v0.14.9"),
		emptyClears:  v.Since("v0.14.0"),
		alwaysNew:    v.Until("v0.14.9"),
		keepsBadIPs:  v.Until("v0.12.1"),
	}
}

// holding is what the controller has given to a Service.
type holding struct {
	key     string // the Service
	pool    string
	ips     []netip.Addr
	ports   []Port
	sharing string
	backend string
}

// users returns what others than the Service that is looked at hold on an address.
type users func(ip netip.Addr) []*holding

// conflict is why an address in use can't be shared.
type conflict struct {
	kind  ReasonKind
	text  string   // MetalLB's words
	holds []string // the Services in the way
	port  Port
}

// sharing checks whether the claim may have an address that others hold; nil says that it may.
// Rules: sharing-key, sharing-ports, sharing-backend, sharing-sole-user.
func sharing(c *claim, ip netip.Addr, others []*holding) *conflict {
	if len(others) == 0 {
		return nil
	}
	kind := ReasonKind("")
	switch there := others[0]; {
	case there.sharing == "":
		kind = HolderDoesNotShare
	case c.sharing == "":
		kind = ServiceDoesNotShare
	case there.sharing != c.sharing:
		kind = SharingKeysDiffer
	case there.backend != c.backend:
		kind = SharingPolicyConflict
	}
	if kind != "" {
		names := holders(others)
		return &conflict{kind: kind, holds: names,
			text: fmt.Sprintf("can't change sharing key for %q, address also in use by %s", c.key, strings.Join(names, ","))}
	}
	for _, p := range c.ports {
		for _, h := range others {
			if slices.Contains(h.ports, p) {
				return &conflict{kind: PortInUse, port: p, holds: []string{h.key},
					text: fmt.Sprintf("port %s is already in use on %q", p, addrText(ip))}
			}
		}
	}
	return nil
}

func holders(hs []*holding) []string {
	names := make([]string, len(hs))
	for i, h := range hs {
		names[i] = h.key
	}
	slices.Sort(names)
	return names
}

// claimable checks whether the claim may have exactly these addresses, and returns the pool that they are of. The text is empty
// when it may, else MetalLB's words.
func (s *poolSet) claimable(c *claim, ips []netip.Addr, u users) (*servingPool, string) {
	p := s.owner(ips)
	if p == nil {
		return nil, quoted(ips) + " is not allowed in config"
	}
	if !p.compatible(c.svc) { // rule requested-pool-obeys-allocation
		return nil, fmt.Sprintf("pool %s not compatible for ip assignment", p.Name)
	}
	if len(ips) > 2 {
		word := "more"
		if s.rules.version.Until("v0.12.1") {
			word = "More"
		}
		return nil, fmt.Sprintf("%s than two addresses %s", word, quoted(ips))
	}
	if len(ips) == 2 && familyOf(ips[0]) == familyOf(ips[1]) {
		return nil, fmt.Sprintf("%q %q has the same family", addrText(ips[0]), addrText(ips[1]))
	}
	for _, ip := range ips {
		if k := sharing(c, ip, u(ip)); k != nil {
			return nil, k.text
		}
	}
	return p, ""
}

// firstFree is the address of the family that the pool would give: the first, from the network address on and in the order of the
// spec, that nobody holds or that may be shared. The zero Addr says that there is none.
func (s *poolSet) firstFree(p *servingPool, c *claim, fam Family, u users) netip.Addr {
	if s.memo == nil || !c.plain {
		return p.firstFree(c, fam, u)
	}
	key := fmt.Sprint(p.Name, " ", fam)
	if c.sharing != "" {
		key += fmt.Sprint(" ", c.ports, c.sharing, "\x00", c.backend)
	}
	ip, ok := s.memo[key]
	if !ok {
		ip = p.firstFree(c, fam, u)
		s.memo[key] = ip
	}
	return ip
}

func (p *servingPool) firstFree(c *claim, fam Family, u users) netip.Addr {
	for _, cidr := range p.CIDRs {
		if familyOf(cidr.Addr()) != fam {
			continue
		}
		if ip := firstFreeIn(cidr, p.AvoidBuggyIPs, c, u); ip.IsValid() {
			return ip
		}
	}
	return netip.Addr{}
}

func firstFreeIn(cidr netip.Prefix, avoid bool, c *claim, u users) netip.Addr {
	for ip := cidr.Masked().Addr(); ip.IsValid() && cidr.Contains(ip); ip = ip.Next() {
		if avoid && avoidable(ip) { // rule avoid-buggy-ips
			continue
		}
		if sharing(c, ip, u(ip)) == nil {
			return ip
		}
	}
	return netip.Addr{}
}

// grant is what an allocation may give.
type grant struct {
	pool   *servingPool
	ips    []netip.Addr
	chance float64
}

// fromPool is the allocation from a pool that the Service asks for by name; autoAssign plays no role, serviceAllocation does, but
// after the search for addresses. The text is empty on success.
func (s *poolSet) fromPool(c *claim, name string, u users) (grant, string) {
	p := s.byName[name]
	if p == nil {
		return grant{}, fmt.Sprintf("unknown pool %q", name)
	}
	ips, text := s.pick(p, c, u)
	if text == "" {
		_, text = s.claimable(c, ips, u)
	}
	return grant{p, ips, 1}, text
}

// pick chooses addresses of one pool for the claim.
func (s *poolSet) pick(p *servingPool, c *claim, u users) ([]netip.Addr, string) {
	if !s.rules.perFamily {
		return s.pickAll(p, c, u)
	}
	v4, v6 := s.firstFree(p, c, IPv4, u), s.firstFree(p, c, IPv6, u)
	if s.rules.emptyPool && !v4.IsValid() && !v6.IsValid() {
		return nil, "no available IPs in pool " + p.Name
	}
	return s.choose(p, c.family, c.policy, v4, v6)
}

// pickAll is the choice until v0.14.8: an address of each family of the Service, in the order in which the pool lists them.
func (s *poolSet) pickAll(p *servingPool, c *claim, u users) ([]netip.Addr, string) {
	need := []Family{c.family}
	if c.family == DualStack {
		need = []Family{IPv4, IPv6}
	}
	var ips []netip.Addr
	for _, fam := range need {
		ip := s.firstFree(p, c, fam, u)
		if !ip.IsValid() {
			return nil, s.noneIn(p, c.family)
		}
		ips = append(ips, ip)
	}
	slices.SortFunc(ips, func(a, b netip.Addr) int { return p.place(a) - p.place(b) })
	return ips, ""
}

func (s *poolSet) noneIn(p *servingPool, fam Family) string {
	name := p.Name
	if s.rules.quotePool {
		name = fmt.Sprintf("%q", name)
	}
	if !s.rules.famText {
		return "no available IPs in pool " + name
	}
	return fmt.Sprintf("no available IPs in pool %s for %s IPFamily", name, fam)
}

// choose picks by family and policy from the free addresses of a pool (v0.14.9); the zero Addr is none of that family. Since
// v0.15.0 it may return the zero Addr, which then is "not allowed in config" (rule nil-ip-error).
func (s *poolSet) choose(p *servingPool, fam Family, policy string, v4, v6 netip.Addr) ([]netip.Addr, string) {
	of := map[Family]netip.Addr{IPv4: v4, IPv6: v6}
	if s.rules.alignFamily && (fam == IPv4 || fam == IPv6) {
		return []netip.Addr{of[fam]}, ""
	}
	both := v4.IsValid() && v6.IsValid()
	switch policy {
	case singleStack:
		if ip := of[fam]; ip.IsValid() {
			return []netip.Addr{ip}, ""
		}
	case requireDual:
		if both {
			return []netip.Addr{v4, v6}, ""
		}
	case preferDual:
		switch {
		case both:
			return []netip.Addr{v4, v6}, ""
		case v4.IsValid():
			return []netip.Addr{v4}, ""
		case v6.IsValid():
			return []netip.Addr{v6}, ""
		}
	}
	return nil, s.noneIn(p, fam)
}

// automatic is the choice of a Service that asks for no pool and no address: the pinned pools in their order, else any of the
// others. It returns each grant that the random order may lead to; failed says that it may also end without one
// (`no available IPs`).
func (s *poolSet) automatic(c *claim, u users) (grants []grant, failed bool) {
	if !s.rules.perFamily {
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

// mapSlots is the number of places of a small Go map; a walk over one begins at any of them.
const mapSlots = 8

// firstOf is about the chance, rather too small than too large, of each of the fitting pools to be met first in a walk over all pools.
// One or two pools are in the map in their order; more are read in an order that is only like it.
func (s *poolSet) firstOf(fitting []*servingPool) []float64 {
	out := make([]float64, len(fitting))
	n := len(s.pools)
	for start := range mapSlots {
		at := start
		if at >= n {
			at = 0
		}
		for !slices.Contains(fitting, s.pools[at]) {
			at = (at + 1) % n
		}
		out[slices.Index(fitting, s.pools[at])] += 1. / mapSlots
	}
	if n > 2 {
		for i := range out {
			out[i] = min(out[i], math.Pow(0.5, float64(i+1)))
		}
	}
	return out
}

// candidate is a pool with its first free addresses.
type candidate struct {
	pool   *servingPool
	v4, v6 netip.Addr
}

// best picks the most suitable pool (v0.14.9): the first that has the family of a single-stack Service, or both; else, for
// PreferDualStack with two cluster addresses, the first that has the preferred family; else the first that has the other. Where the
// order is random all that may be first are returned.
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
