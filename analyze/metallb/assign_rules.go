package metallb

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// allocRules are what differs between releases. Names of rules are those of the table Rules; what has none is what decisions of real
// controllers show.
type allocRules struct {
	version Version

	// Which pools and addresses a Service may have.
	allocation   bool // pools have serviceAllocation: pinned-pools-first, pinned-pools-exclusive (v0.13.8)
	emptyFitsAll bool // allocation-empty-all (v0.15.0); before, allocation-empty-never-used
	poolOfIP     bool // requested-ip-and-pool (v0.13.10)
	perFamily    bool // prefer-dual-stack: a pool with one of the families may do (v0.14.9); before, all families or nothing
	alignFamily  bool // family-from-cluster-ips for one clusterIP whatever the policy, and nil-ip-error (v0.15.0)
	emptyPool    bool // nil-ip-error only where the other family is free (v0.16.0)
	needTwoIPs   bool // require-dual-stack-cluster-ips (v0.15.0)

	// When a Service is written, and when others are processed again.
	writesPool  bool // pool-annotation-written (v0.13.8)
	emptyClears bool // without any pool a Service loses what it has (v0.14.0)
	keepsShared bool // sharing-change-kept (v0.13.0 to v0.13.7)
	keepsBadIPs bool // addresses in status that make no family end the pass and stay (until v0.12.1)
	keyIsChange bool // sharing-change-reprocess (v0.15.0)
	alwaysNew   bool // reading unchanged pools again counts as a change, so all Services are processed again (until v0.14.9)

	// What is said.
	quotePool    bool // the pool is quoted in "no available IPs in pool" (until v0.14.8)
	famText      bool // and the family named (v0.12.0)
	tellsClear   bool // event ClearAssignment (v0.13.10)
	tellsOldKeys bool // event deprecatedAnnotation: annotation-old-prefix (v0.14.9)
}

// newestRelease stands in for a release that is not known.
var newestRelease = V("v0.16.1")

// rulesOf returns the rules of a release, of an unknown one those of newestRelease.
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
		keyIsChange:  v.Since("v0.15.0"),
		alwaysNew:    v.Until("v0.14.9"),
		keepsShared:  v.Since("v0.13.0") && v.Until("v0.13.7"),
		keepsBadIPs:  v.Until("v0.12.1"),
	}
}

// holding is what the controller has given to a Service, with what the Service brought then: others are held against that, not against
// the Service as it is now.
type holding struct {
	key     string // NAMESPACE/NAME of the Service
	pool    string
	ips     []netip.Addr // one, or one of each family
	ports   []Port
	sharing string // sharing key; "" shares with nobody
	backend string // as of claim
}

// identity is a text that is equal for equal holdings.
func (h *holding) identity() string {
	b := make([]byte, 0, 128)
	for _, part := range []string{h.key, h.pool, h.sharing, h.backend} {
		b = append(append(b, part...), 0)
	}
	for _, ip := range h.ips {
		b = append(ip.AppendTo(b), ' ')
	}
	for _, p := range h.ports {
		b = append(strconv.AppendInt(append(b, p.Protocol...), int64(p.Number), 10), ' ')
	}
	return string(b)
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
	kind, holder, port := obstacle(c, others)
	switch kind {
	case "":
		return nil
	case PortInUse:
		return &conflict{kind: kind, port: port, holds: []string{holder.key},
			text: fmt.Sprintf("port %s is already in use on %q", port, addrText(ip))}
	}
	names := holders(others)
	return &conflict{kind: kind, holds: names,
		text: fmt.Sprintf("can't change sharing key for %q, address also in use by %s", c.key, strings.Join(names, ","))}
}

// obstacle is why the claim can't share with the others, with who is in the way and, for PortInUse, by which port; "" when it can. All that
// share an address have the same keys, so the first speaks for them; ports are of each.
func obstacle(c *claim, others []*holding) (ReasonKind, *holding, Port) {
	if len(others) == 0 {
		return "", nil, Port{}
	}
	switch there := others[0]; {
	case there.sharing == "":
		return HolderDoesNotShare, there, Port{}
	case c.sharing == "":
		return ServiceDoesNotShare, there, Port{}
	case there.sharing != c.sharing:
		return SharingKeysDiffer, there, Port{}
	case there.backend != c.backend:
		return SharingPolicyConflict, there, Port{}
	}
	for _, p := range c.ports {
		for _, h := range others {
			if slices.Contains(h.ports, p) {
				return PortInUse, h, p
			}
		}
	}
	return "", nil, Port{}
}

// holders names the Services, sorted; MetalLB lists them in any order.
func holders(hs []*holding) []string {
	names := make([]string, len(hs))
	for i, h := range hs {
		names[i] = h.key
	}
	slices.Sort(names)
	return names
}

// claimable checks whether the claim may have exactly these addresses, and returns the pool that they are of. The text is empty
// when it may, else MetalLB's words. Rules: requested-ips-one-pool, requested-pool-obeys-allocation and those of sharing.
func (s *poolSet) claimable(c *claim, ips []netip.Addr, u users) (*servingPool, string) {
	p := s.owner(ips)
	if p == nil {
		return nil, quoted(ips) + " is not allowed in config"
	}
	if !p.compatible(c.svc) {
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

// firstFreeIn is firstFree within one range.
func firstFreeIn(cidr netip.Prefix, avoid bool, c *claim, u users) netip.Addr {
	for ip := cidr.Masked().Addr(); ip.IsValid() && cidr.Contains(ip); ip = ip.Next() {
		if avoid && avoidable(ip) { // rule avoid-buggy-ips
			continue
		}
		if kind, _, _ := obstacle(c, u(ip)); kind == "" {
			return ip
		}
	}
	return netip.Addr{}
}

// grant is what an allocation may give.
type grant struct {
	pool   *servingPool
	ips    []netip.Addr
	chance float64 // of this one among all that the allocation may give, or fail with
}

// fromPool is the allocation from a pool that the Service asks for by name; autoAssign plays no role (rule
// requested-pool-ignores-autoassign), serviceAllocation does, but after the search for addresses. The text is empty on success.
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

// pickAll is the choice until v0.14.8: an address of each family of the Service, in the order in which the pool lists them. Rule:
// dual-stack.
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

// noneIn is the complaint that a pool has no addresses for a family.
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

// choose picks by family and policy from the free addresses of a pool (v0.14.9); the zero Addr is none of that family. v0.14.9 looks at
// the policy even with one clusterIP (rule prefer-dual-stack-single-cluster-ip-both). Since v0.15.0 such a Service gets what its family has,
// be it the zero Addr, which then is "not allowed in config" (rule nil-ip-error).
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
