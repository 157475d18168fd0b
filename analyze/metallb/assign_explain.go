package metallb

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// beforePools is why no pool is asked at all, or nil.
func (s *Stock) beforePools(c *claim) *Reason {
	svc := c.svc
	switch {
	case !Handles(s.in, svc):
		return ClassReason(s.in, svc)
	case svc.Type != "LoadBalancer":
		return &Reason{Kind: NotLoadBalancer, Text: fmt.Sprintf("is of type %s", svc.Type)}
	case s.set == nil:
		return &Reason{Kind: NoPoolAtAll, Text: "finds no pools: the controller has no configuration"}
	case len(s.set.pools) == 0:
		return &Reason{Kind: NoPoolAtAll, Text: "finds no pools: none exists"}
	case len(svc.ClusterIPs) == 0:
		return &Reason{Kind: NoClusterIP, Text: "has no clusterIP, so that its address family is unknown"}
	case c.famErr != "":
		return &Reason{Kind: BadClusterIP, Text: "has clusterIPs that make no address family: " + strings.Join(svc.ClusterIPs, ", ")}
	case s.set.rules.needTwoIPs && c.policy == requireDual && len(svc.ClusterIPs) < 2:
		return &Reason{Kind: NeedsTwoClusterIPs, Text: "requires two address families and has one clusterIP, " + svc.ClusterIPs[0]}
	}
	return s.badRequest(c)
}

// ClassReason is why this MetalLB passes the Service over by its class, whatever the pools are; nil where it does not.
func ClassReason(in Input, svc *model.Service) *Reason {
	if Handles(in, svc) {
		return nil
	}
	return &Reason{Kind: OtherClass, Text: classText(in, svc.LoadBalancerClass)}
}

func classText(in Input, class *string) string {
	its := "no loadBalancerClass"
	if class != nil {
		its = fmt.Sprintf("loadBalancerClass %s", *class)
	}
	if in.LBClass == "" {
		return fmt.Sprintf("has %s, and this MetalLB serves Services without one", its)
	}
	return fmt.Sprintf("has %s, and this MetalLB serves %s", its, in.LBClass)
}

// badRequest is what is wrong with the request of the Service by itself.
func (s *Stock) badRequest(c *claim) *Reason {
	v := s.set.rules.version
	want, fam, bad := requestedAddresses(v, c.svc)
	text, key, _ := Annotation(v, c.svc, annIPs)
	switch {
	case bad != "" && text != "" && c.svc.LoadBalancerIP != "":
		return &Reason{Kind: ConflictingRequests, Text: fmt.Sprintf("asks for addresses in spec.loadBalancerIP and in annotation %s", key)}
	case bad != "" && text != "" && len(strings.Split(text, ",")) > 1 && allAddresses(text):
		return &Reason{Kind: ConflictingRequests, Text: fmt.Sprintf("asks for addresses that are not one of each family: %s", text)}
	case bad != "" && text != "":
		return &Reason{Kind: UnreadableRequest, Text: fmt.Sprintf("asks for %q in annotation %s, which is no address", text, key)}
	case bad != "":
		return &Reason{Kind: UnreadableRequest,
			Text: fmt.Sprintf("asks for %q in spec.loadBalancerIP, which is no address", c.svc.LoadBalancerIP)}
	case len(want) > 0 && fam != c.family:
		return &Reason{Kind: RequestFamily, Family: c.family,
			Text: fmt.Sprintf("asks for %s, but is of family %s (clusterIPs %s)", plainList(want), c.family, strings.Join(c.svc.ClusterIPs, ", "))}
	}
	return nil
}

func allAddresses(list string) bool {
	for _, part := range strings.Split(list, ",") {
		if !parseIP(strings.TrimSpace(part)).IsValid() {
			return false
		}
	}
	return true
}

func plainList(ips []netip.Addr) string { return strings.Join(addrTexts(ips), ", ") }

// lost is why the present addresses may not be kept, or nil.
func (s *Stock) lost(c *claim, has []netip.Addr, u users) *Reason {
	if len(has) == 0 {
		return nil
	}
	if r := s.addressReason(c, has, u); r != nil {
		return r
	}
	p := s.set.owner(has)
	if c.pool != "" && p.Name != c.pool {
		return &Reason{Kind: RequestPoolMismatch, Pool: p.Name,
			Text: fmt.Sprintf("has %s of pool %s and asks for pool %s", plainList(has), p.Name, c.pool)}
	}
	want, _, _ := requestedAddresses(s.set.rules.version, c.svc)
	if len(want) > 0 && !sameAddresses(slices.Clone(has), slices.Clone(want)) {
		return &Reason{Kind: NotAsked, Text: fmt.Sprintf("has %s and asks for %s", plainList(has), plainList(want))}
	}
	if fam, _ := familyOfAddrs(s.set.rules.version, has); fam != c.family {
		return &Reason{Kind: RequestFamily, Family: c.family, Text: fmt.Sprintf("has %s, but is of family %s", plainList(has), c.family)}
	}
	return nil
}

// addressReason is why the claim can't have just these addresses, or nil.
func (s *Stock) addressReason(c *claim, ips []netip.Addr, u users) *Reason {
	p := s.set.owner(ips)
	if p == nil {
		return s.outside(ips)
	}
	if r := excludes(c, p); r != nil {
		r.Text = fmt.Sprintf("can't have %s: pool %s %s", plainList(ips), p.Name, r.Text)
		return r
	}
	for _, ip := range ips {
		if k := sharing(c, ip, u(ip)); k != nil {
			return s.inUse(c, p, ip, k)
		}
	}
	return nil
}

// outside tells apart addresses in no pool, avoided ones, and those of several pools.
func (s *Stock) outside(ips []netip.Addr) *Reason {
	for _, ip := range ips {
		i := slices.IndexFunc(s.set.pools, func(p *servingPool) bool { return p.Contains(ip) })
		switch {
		case i < 0:
			return &Reason{Kind: OutsidePools, Address: ip, Text: fmt.Sprintf("asks for %s, which is in no pool", ip)}
		case !s.set.pools[i].allows(ip):
			return &Reason{Kind: Avoided, Address: ip, Pool: s.set.pools[i].Name,
				Text: fmt.Sprintf("asks for %s, which pool %s avoids (avoidBuggyIPs)", ip, s.set.pools[i].Name)}
		}
	}
	return &Reason{Kind: RequestSplit, Text: fmt.Sprintf("asks for %s, which are not of one pool", plainList(ips))}
}

// inUse says why an address that others hold can't be shared.
func (s *Stock) inUse(c *claim, p *servingPool, ip netip.Addr, k *conflict) *Reason {
	r := &Reason{Kind: k.kind, Pool: p.Name, Address: ip, Services: k.holds, Port: k.port}
	first := s.byAddr[ip][slices.IndexFunc(s.byAddr[ip], func(h *holding) bool { return h.key == k.holds[0] })]
	who := strings.Join(k.holds, ", ")
	why := ""
	switch k.kind {
	case HolderDoesNotShare:
		why = who + " holds it and has no sharing key"
	case ServiceDoesNotShare:
		why = fmt.Sprintf("%s holds it with sharing key %q and %s has none", who, first.sharing, c.key)
	case SharingKeysDiffer:
		why = fmt.Sprintf("%s holds it with sharing key %q and %s has %q", who, first.sharing, c.key, c.sharing)
	case SharingPolicyConflict:
		why = who + " holds it with the same sharing key, but with another externalTrafficPolicy or selector"
	case PortInUse:
		why = fmt.Sprintf("%s holds it with the same port %s", who, k.port)
	}
	r.Text = fmt.Sprintf("can't have %s: %s", ip, why)
	for _, name := range k.holds {
		r.Unsure = r.Unsure || s.unseen[name]
	}
	return r
}

// excludes is why serviceAllocation of the pool does not let the Service in, or nil.
func excludes(c *claim, p *servingPool) *Reason {
	switch {
	case !p.fitsNamespace(c.svc):
		return &Reason{Kind: ExcludesNamespace, Pool: p.Name, Text: fmt.Sprintf("is not for namespace %s (serviceAllocation)", c.svc.Namespace)}
	case !p.fitsLabels(c.svc):
		return &Reason{Kind: ExcludesLabels, Pool: p.Name, Text: "does not select the Service's labels (serviceAllocation)"}
	}
	return nil
}

// explain adds the answer of each pool, and why a request fails.
func (s *Stock) explain(a *Assignment, c *claim, u users) {
	pinned := s.set.pinnedFor(c.svc)
	for _, p := range slices.SortedFunc(slices.Values(s.set.pools), func(x, y *servingPool) int { return strings.Compare(x.Name, y.Name) }) {
		a.Pools = append(a.Pools, s.answer(a, c, p, u, pinned))
	}
	if len(a.Grants) > 0 || len(a.Reasons) > 0 {
		return
	}
	switch {
	case len(a.Wants) > 0:
		if r := s.addressReason(c, a.Wants, u); r != nil {
			a.Reasons = append(a.Reasons, *r)
		} else if c.pool != "" && s.set.rules.poolOfIP {
			a.Reasons = append(a.Reasons, Reason{Kind: RequestPoolMismatch, Pool: c.pool,
				Text: fmt.Sprintf("asks for %s of pool %s and for pool %s", plainList(a.Wants), s.set.owner(a.Wants).Name, c.pool)})
		}
	case c.pool != "" && s.set.byName[c.pool] == nil:
		a.Reasons = append(a.Reasons, Reason{Kind: UnknownPool, Pool: c.pool,
			Text: fmt.Sprintf("asks for pool %s, which does not exist", c.pool)})
	case c.pool != "":
		i := slices.IndexFunc(a.Pools, func(p PoolAnswer) bool { return p.Pool.Name == c.pool })
		if r := a.Pools[i].Reason; r != nil {
			one := *r
			one.Text = fmt.Sprintf("asks for pool %s, which %s", c.pool, r.Text)
			a.Reasons = append(a.Reasons, one)
		}
	case s.set.rules.perFamily && c.family == DualStack && c.policy == singleStack:
		a.Reasons = append(a.Reasons, Reason{Kind: DualWithSinglePlan, Text: "has clusterIPs of two families and ipFamilyPolicy SingleStack"})
	}
}

// answer is what one pool says.
func (s *Stock) answer(a *Assignment, c *claim, p *servingPool, u users, pinned []*servingPool) PoolAnswer {
	out := PoolAnswer{Pool: p.Pool}
	if out.Reason = s.closed(a, c, p, pinned); out.Reason != nil {
		return out
	}
	if len(a.Wants) > 0 {
		if out.Reason = s.addressReason(c, a.Wants, u); out.Reason == nil {
			out.Addresses = a.Wants
		}
		return out
	}
	ips, text := s.set.pick(p, c, u)
	if text != "" || slices.Contains(ips, netip.Addr{}) {
		out.Reason = s.short(c, p, u)
		return out
	}
	out.Addresses = ips
	granted := slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Pool == p.Name })
	if len(a.Grants) > 0 && !granted && len(a.Has) == 0 {
		out.Reason = &Reason{Kind: OtherFamilyToo, Pool: p.Name, Text: "has one address family only, and another pool both"}
		if g := s.set.byName[a.Grants[0].Pool]; g != nil && g.pinned {
			out.Reason = &Reason{Kind: PinnedFirst, Pool: p.Name, Text: fmt.Sprintf("comes after pool %s (serviceAllocation)", g.Name)}
		}
	}
	return out
}

// closed is why a pool is not open for the Service, whatever is free in it, or nil.
func (s *Stock) closed(a *Assignment, c *claim, p *servingPool, pinned []*servingPool) *Reason {
	if len(a.Wants) > 0 {
		if !slices.ContainsFunc(a.Wants, func(ip netip.Addr) bool { return p.Contains(ip) }) {
			return &Reason{Kind: NotAsked, Pool: p.Name, Text: "does not have " + plainList(a.Wants)}
		}
		return excludes(c, p)
	}
	if c.pool != "" {
		if p.Name != c.pool {
			return &Reason{Kind: NotAsked, Pool: p.Name, Text: "is not the pool asked for"}
		}
		return excludes(c, p)
	}
	switch r := excludes(c, p); {
	case !p.Auto:
		return &Reason{Kind: NotAuto, Pool: p.Name, Text: "is not auto-assigned"}
	case r != nil:
		return r
	case p.pinned && !slices.Contains(pinned, p):
		return &Reason{Kind: NeverAutomatic, Pool: p.Name,
			Text: "has a serviceAllocation without namespaces and selectors, which this release never uses by itself"}
	}
	return nil
}

// short is why an open pool has nothing to give.
func (s *Stock) short(c *claim, p *servingPool, u users) *Reason {
	need := []Family{c.family}
	if c.family == DualStack || s.set.rules.perFamily && !s.set.rules.alignFamily && c.policy == requireDual {
		need = []Family{IPv4, IPv6}
	}
	for _, fam := range need {
		if !p.has(fam) {
			return &Reason{Kind: LacksFamily, Pool: p.Name, Family: fam, Text: "has no " + familyName(fam) + " addresses"}
		}
	}
	for _, fam := range need {
		if s.set.firstFree(p, c, fam, u).IsValid() {
			continue
		}
		used := s.byPool[p.Name][fam]
		r := &Reason{Kind: Full, Pool: p.Name, Family: fam, Size: p.size(fam), Used: uint64(len(used))}
		r.Services = s.holdersIn(p, fam)
		r.Text = fullText(r, len(need) > 1)
		return r
	}
	return &Reason{Kind: LacksFamily, Pool: p.Name, Family: c.family, Text: "has no address that fits"}
}

// holdersIn are the Services that hold addresses of the family in the pool, sorted. The list is the same for everybody who asks.
func (s *Stock) holdersIn(p *servingPool, fam Family) []string {
	key := p.Name + " " + string(fam)
	list, ok := s.full[key]
	if !ok {
		for _, ip := range s.byPool[p.Name][fam] {
			list = append(list, s.Holders(ip)...)
		}
		slices.Sort(list)
		list = slices.Compact(list)
		s.full[key] = list
	}
	return list
}

// fullText names the first holders; there may be thousands.
func fullText(r *Reason, both bool) string {
	const names = 3
	what := "is full"
	if both {
		what = "is full for " + familyName(r.Family)
	}
	if r.Size == 0 {
		return "has no " + familyName(r.Family) + " address but those ending in .0 or .255, which it avoids"
	}
	who := strings.Join(r.Services[:min(names, len(r.Services))], ", ")
	if more := len(r.Services) - names; more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("%s (%d of %d: %s)", what, r.Used, r.Size, who)
}

func familyName(fam Family) string {
	switch fam {
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	}
	return string(fam)
}
