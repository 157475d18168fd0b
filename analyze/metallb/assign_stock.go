package metallb

import (
	"net/netip"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// Stock is the pools with what Services hold of them by their status: what the controller knows once it has taken all over.
type Stock struct {
	in     Input
	set    *poolSet // nil: no configuration
	byAddr map[netip.Addr][]*holding
	byPool map[string]map[Family][]netip.Addr // addresses in use, sorted
	byKey  map[string]*holding
	full   map[string][]string // holders by pool and family, once asked for
	unseen map[string]bool     // holders whose ports or annotations nobody has seen
}

// NewStock takes stock of the present addresses of Services. Those that another load balancer serves, and addresses that no pool has,
// hold nothing. A nil cfg is a configuration that was never accepted. A Stock is not for use by several goroutines.
func NewStock(in Input, cfg *Config, services []*model.Service) *Stock {
	s := &Stock{in: in, byAddr: map[netip.Addr][]*holding{}, byPool: map[string]map[Family][]netip.Addr{},
		byKey: map[string]*holding{}, unseen: map[string]bool{}, full: map[string][]string{}}
	if cfg == nil {
		return s
	}
	s.set = poolSetOf(in, cfg)
	s.set.memo = map[string]netip.Addr{}
	for _, svc := range services {
		if svc.Type == "LoadBalancer" && Handles(in, svc) {
			s.add(svc)
		}
	}
	for _, families := range s.byPool {
		for _, list := range families {
			slices.SortFunc(list, netip.Addr.Compare)
		}
	}
	return s
}

func (s *Stock) add(svc *model.Service) {
	ips := statusAddresses(svc)
	if len(ips) == 0 || s.byKey[svc.Key()] != nil {
		return
	}
	p := s.set.owner(ips)
	if p == nil {
		return
	}
	c := claimOf(s.set.rules.version, svc)
	h := &holding{key: c.key, pool: p.Name, ips: ips, ports: c.ports, sharing: c.sharing, backend: c.backend}
	s.byKey[c.key] = h
	s.unseen[c.key] = !svc.Knows(model.PartPorts) || !svc.Knows(model.PartAnnotations)
	for _, ip := range ips {
		if len(s.byAddr[ip]) == 0 {
			if s.byPool[p.Name] == nil {
				s.byPool[p.Name] = map[Family][]netip.Addr{}
			}
			s.byPool[p.Name][familyOf(ip)] = append(s.byPool[p.Name][familyOf(ip)], ip)
		}
		s.byAddr[ip] = append(s.byAddr[ip], h)
	}
}

// statusAddresses are the addresses of status.loadBalancer.ingress that are addresses.
func statusAddresses(svc *model.Service) []netip.Addr {
	var ips []netip.Addr
	for _, i := range svc.Ingress {
		if ip := parseIP(i.IP); ip.IsValid() {
			ips = append(ips, ip)
		}
	}
	return ips
}

// Holders are the Services that hold the address, sorted.
func (s *Stock) Holders(ip netip.Addr) []string { return holders(s.byAddr[ip.Unmap()]) }

// others returns what Services but one hold on an address.
func (s *Stock) others(key string) users {
	return func(ip netip.Addr) []*holding {
		list := s.byAddr[ip]
		if !slices.ContainsFunc(list, func(h *holding) bool { return h.key == key }) {
			return list
		}
		return slices.DeleteFunc(slices.Clone(list), func(h *holding) bool { return h.key == key })
	}
}

// needed are the parts of a Service that decide what it gets.
var needed = []string{
	model.PartAnnotations, model.PartRequest, model.PartClusterIP, model.PartFamilies, model.PartPorts, model.PartLabels,
}

// Assign says what the rules allow the Service.
func (s *Stock) Assign(svc *model.Service) Assignment {
	v := s.in.Version
	c := claimOf(v, svc)
	a := Assignment{Family: c.family, Policy: c.policy, WantsPool: c.pool, Has: statusAddresses(svc), Ignored: ignoredAnnotations(v, svc)}
	for _, part := range needed {
		if !svc.Knows(part) {
			a.Unseen = append(a.Unseen, part)
		}
	}
	if slices.Contains(a.Unseen, model.PartClusterIP) {
		return a // no family, no answer
	}
	a.ask(v, svc)
	if early := s.beforePools(&c); early != nil {
		a.Reasons = []Reason{*early}
		if early.Kind == OtherClass {
			return a // it is left as it is
		}
	}
	if s.set == nil {
		return a
	}
	u := s.others(c.key)
	before := s.byKey[c.key]
	c.plain = before == nil
	a.Lost = s.lost(&c, a.Has, u)
	if before != nil {
		a.Pool = before.pool
	}
	for _, p := range s.set.converge(&c, recordOf(s.set.rules.version, svc), before, u, true) {
		a.Events = union(a.Events, p.events)
		if p.held == nil {
			a.MayFail = true
			continue
		}
		a.Grants = append(a.Grants, Grant{p.held.pool, p.held.ips})
		a.Keeps = a.Keeps || len(a.Has) > 0 && containsAll(p.held.ips, a.Has)
	}
	a.MayFail = a.MayFail && len(a.Grants) > 0
	if a.Keeps {
		a.Lost = nil
	}
	if svc.Type != "LoadBalancer" || len(svc.ClusterIPs) == 0 {
		return a
	}
	if a.Keeps {
		return a
	}
	if len(a.Grants) == 0 {
		_, a.Error = s.set.allocations(&c, u)
	}
	s.explain(&a, &c, u)
	return a
}

func containsAll(list, all []netip.Addr) bool {
	return !slices.ContainsFunc(all, func(ip netip.Addr) bool { return !slices.Contains(list, ip) })
}

// ask fills in what the Service asks for.
func (a *Assignment) ask(v Version, svc *model.Service) {
	if v == (Version{}) {
		v = newestRelease
	}
	if a.WantsPool != "" {
		_, a.Asks, _ = Annotation(v, svc, annPool)
	}
	want, _, bad := requestedAddresses(v, svc)
	if bad != "" || len(want) == 0 {
		return
	}
	a.Wants, a.Asks = want, "spec.loadBalancerIP"
	if svc.LoadBalancerIP == "" {
		_, a.Asks, _ = Annotation(v, svc, annIPs)
	}
}

// ignoredAnnotations are annotations with the prefix that came with v0.14.9, on an older release.
func ignoredAnnotations(v Version, svc *model.Service) []string {
	var out []string
	if !v.Known() || v.Since("v0.14.9") {
		return nil
	}
	for _, name := range []string{annPool, annShare, annIPs} {
		if _, ok := svc.Annotations[newPrefix+name]; ok {
			out = append(out, newPrefix+name)
		}
	}
	return out
}
