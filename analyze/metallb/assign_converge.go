package metallb

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// record is what the controller writes into a Service: addresses of status.loadBalancer.ingress as text, and the annotation with
// the pool ("" when absent).
type record struct {
	ingress []string
	pool    string
}

func (r record) equal(o record) bool { return r.pool == o.pool && slices.Equal(r.ingress, o.ingress) }

// recordOf is what the Service has of it now.
func recordOf(v Version, svc *model.Service) record {
	r := record{pool: svc.Annotations[annotationName(v, annFromPool)]}
	for _, i := range svc.Ingress {
		r.ingress = append(r.ingress, i.IP)
	}
	return r
}

// pass is one possible result of the controller's look at a Service.
type pass struct {
	held   *holding // nil: nothing
	record record
	failed bool
	chance float64  // of this result among those of the same look
	again  bool     // until v0.12.1: too early to allocate; nothing is written
	events []string // TYPE REASON: MESSAGE
}

// runner is one look at one Service: what rules it out, what it has, what it asks for, and an allocation where nothing is left.
type runner struct {
	set   *poolSet
	c     *claim
	users users
	now   pass
	ips   []netip.Addr // the addresses that the Service has at this point
}

// converge returns every result that one pass may have; there are several only where the choice of a pool is random.
// before is what the controller thinks that the Service holds; ready is false until v0.12.1 as long as not all objects have been
// listed.
func (s *poolSet) converge(c *claim, rec record, before *holding, u users, ready bool) []pass {
	r := &runner{set: s, c: c, users: u, now: pass{held: before, record: rec, chance: 1}}
	if done := r.preconditions(); done {
		return []pass{r.now}
	}
	if done := r.present(); done {
		return []pass{r.now}
	}
	if len(r.ips) == 0 && !ready {
		r.now.record, r.now.again = rec, true
		return []pass{r.now}
	}
	if len(r.ips) == 0 {
		return r.allocate()
	}
	r.addFamily()
	return []pass{r.finish(r.now, r.ips)}
}

// event notes one for the Service.
func (r *runner) event(kind, reason, format string, args ...any) {
	r.now.events = append(slices.Clip(r.now.events), kind+" "+reason+": "+fmt.Sprintf(format, args...))
}

// clear takes everything from the Service.
func (r *runner) clear() {
	r.now.held, r.now.record, r.ips = nil, record{}, nil
}

// fail ends the pass; it always returns true.
func (r *runner) fail() bool {
	r.now.failed = true
	return true
}

// preconditions are the checks before any address is looked at; true ends the pass. Rule: require-dual-stack-cluster-ips.
func (r *runner) preconditions() bool {
	rules, svc := r.set.rules, r.c.svc
	switch {
	case svc.Type != "LoadBalancer":
		r.clear()
		return true
	case rules.emptyClears && len(r.set.pools) == 0, len(svc.ClusterIPs) == 0:
		r.clear()
		return r.fail()
	case rules.needTwoIPs && r.c.policy == requireDual && len(svc.ClusterIPs) < 2:
		r.event("Warning", "not enough clusterips", "Service requires dual stack but not enough clusterips %v", svc.ClusterIPs)
		r.clear()
		return r.fail()
	}
	return false
}

// present deals with the addresses that the status has; true ends the pass.
func (r *runner) present() bool {
	for _, text := range r.now.record.ingress {
		if text != "" {
			r.ips = append(r.ips, parseIP(text))
		}
	}
	if len(r.ips) == 0 {
		r.clear()
		return false
	}
	if done := r.families(); done || len(r.ips) == 0 {
		return done
	}
	return r.reclaim()
}

// families clears addresses that are not of the families of the Service; true ends the pass. Of PreferDualStack with two cluster addresses one
// is enough. Rules: family-from-cluster-ips, prefer-dual-stack.
func (r *runner) families() bool {
	rules := r.set.rules
	fam, why := familyOfAddrs(rules.version, r.ips)
	if why != "" {
		r.event("Warning", "nolbIPsIPFamily", "Failed to retrieve LBIPs IPFamily for %s: %s", quoted(r.ips), why)
		if rules.keepsBadIPs {
			return r.fail()
		}
	}
	if r.c.famErr != "" {
		whose := fmt.Sprintf("%q", r.c.svc.ClusterIPs)
		if !rules.keepsBadIPs {
			whose += " " + r.c.svc.ClusterIPs[0]
		}
		r.event("Warning", "noclusterIPsIPFamily", "Failed to retrieve ClusterIPs IPFamily for %s: %s", whose, r.c.famErr)
		return r.fail()
	}
	fits := fam == r.c.family || rules.perFamily && r.c.family == DualStack && r.c.policy == preferDual
	if fam == UnknownFamily || !fits {
		r.clear()
	}
	return false
}

// reclaim holds the present addresses against the configuration, other Services and the requests of this one; true ends the pass. A request
// that can't be read leaves the addresses as they are. Rules: assigned-ip-reassigned, sharing-change-kept.
func (r *runner) reclaim() bool {
	rules := r.set.rules
	switch p, text := r.set.claimable(r.c, r.ips, r.users); {
	case text != "" && rules.keepsShared && r.conflicts():
		return r.fail() // with an event whose words nobody has recorded
	case text != "":
		if rules.tellsClear {
			r.event("Normal", "ClearAssignment", "current IP for %q not allowed by config, will attempt for new IP assignment: %s", r.c.key, text)
		}
		r.clear()
	default:
		r.hold(&r.now, p, r.ips)
	}
	if len(r.ips) > 0 && r.c.pool != "" && r.now.held.pool != r.c.pool {
		r.clear()
	}
	want, _, bad := requestedAddresses(rules.version, r.c.svc)
	if bad != "" {
		r.event("Warning", "LoadBalancerFailed", "invalid requested loadbalancer IPs: %s", bad)
		return r.fail()
	}
	if len(want) > 0 && !sameAddresses(r.ips, want) {
		r.clear()
	}
	return false
}

// conflicts tells whether others hold one of the present addresses in a way that can't be shared.
func (r *runner) conflicts() bool {
	return slices.ContainsFunc(r.ips, func(ip netip.Addr) bool { return sharing(r.c, ip, r.users(ip)) != nil })
}

// hold notes the addresses as what the Service holds after the pass.
func (r *runner) hold(p *pass, pool *servingPool, ips []netip.Addr) {
	p.held = &holding{key: r.c.key, pool: pool.Name, ips: slices.Clone(ips), ports: r.c.ports, sharing: r.c.sharing, backend: r.c.backend}
}

// addFamily tries to give a PreferDualStack Service with one address the other family too. Rule: prefer-dual-stack.
func (r *runner) addFamily() {
	if !r.set.rules.perFamily || len(r.ips) != 1 || r.c.policy != preferDual {
		return
	}
	ip, text := r.set.additional(r.c, r.ips[0], r.now.held.pool, r.users)
	if text != "" {
		r.event("Normal", "AdditionalAssignFailed", "cannot assign additional IP in PreferDualStack: %s", text)
		return
	}
	r.ips = append(r.ips, ip)
	r.hold(&r.now, r.set.byName[r.now.held.pool], r.ips)
	r.event("Normal", "IPAllocated", "Assigned additional IP %q", ip)
}

// allocate gives addresses to a Service that has none. A failure leaves the record as the steps before made it.
func (r *runner) allocate() []pass {
	grants, text := r.set.allocations(r.c, r.users)
	var out []pass
	for _, g := range grants {
		p := r.now
		p.chance = g.chance
		r.hold(&p, g.pool, g.ips)
		p.events = append(slices.Clip(p.events), fmt.Sprintf("Normal IPAllocated: Assigned IP %s", quoted(g.ips)))
		out = append(out, r.finish(p, g.ips))
	}
	if text != "" {
		p := r.now
		p.failed = true
		for _, g := range grants {
			p.chance -= g.chance
		}
		p.events = append(slices.Clip(p.events), fmt.Sprintf("Warning AllocationFailed: Failed to allocate IP for %q: %s", r.c.key, text))
		out = append(out, p)
	}
	return out
}

// finish writes what the Service got into its record. Rule: pool-annotation-written.
func (r *runner) finish(p pass, ips []netip.Addr) pass {
	p.record.ingress = addrTexts(ips)
	p.record.pool = ""
	if r.set.rules.writesPool {
		p.record.pool = p.held.pool
	}
	return p
}

// allocations returns what an allocation for the claim may give, and the text with which it fails, "" when it can't. Addresses that are asked
// for come before a pool that is asked for, and that before the automatic choice.
func (s *poolSet) allocations(c *claim, u users) ([]grant, string) {
	if c.famErr != "" {
		return nil, c.famErr
	}
	want, fam, bad := requestedAddresses(s.rules.version, c.svc)
	if bad != "" {
		return nil, bad
	}
	if len(want) > 0 {
		return s.allocateRequested(c, want, fam, u)
	}
	if c.pool != "" {
		g, text := s.fromPool(c, c.pool, u)
		if text != "" {
			return nil, text
		}
		return []grant{g}, ""
	}
	grants, failed := s.automatic(c, u)
	if failed {
		return grants, "no available IPs"
	}
	return grants, ""
}

// allocateRequested is the allocation of addresses that the Service asks for. Rules: requested-family-equal, requested-ip-and-pool.
func (s *poolSet) allocateRequested(c *claim, want []netip.Addr, fam Family, u users) ([]grant, string) {
	if fam != c.family {
		return nil, fmt.Sprintf("requested loadBalancer IP(s) %s does not match the ipFamily of the service", quoted(want))
	}
	p, text := s.claimable(c, want, u)
	if text != "" {
		return nil, text
	}
	if s.rules.poolOfIP && c.pool != "" && p.Name != c.pool {
		return nil, fmt.Sprintf("requested loadBalancer IP(s) %s is not compatible with requested address pool %s", quoted(want), c.pool)
	}
	return []grant{{p, want, 1}}, ""
}

// oldAnnotations are the events about annotations with the old prefix, sent when a pass changed the Service. Rule: annotation-old-prefix.
func oldAnnotations(svc *model.Service) []string {
	var out []string
	for key := range svc.Annotations {
		if strings.HasPrefix(key, strings.TrimSuffix(oldPrefix, "/")) {
			out = append(out, "Warning deprecatedAnnotation: Service uses deprecated annotation "+key)
		}
	}
	slices.Sort(out)
	return out
}
