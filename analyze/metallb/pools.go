package metallb

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// readPools reads the IPAddressPools.
func (p *parser) readPools() []fault {
	for _, x := range p.pools {
		pool := &Pool{
			Name:          x.Name,
			Auto:          x.AutoAssign == nil || *x.AutoAssign,
			AvoidBuggyIPs: x.AvoidBuggyIPs,
			Object:        &x.Meta,
		}
		// rule avoid-buggy-ips: v0.13.0-v0.13.3 had no such field
		if p.in.Version.Known() && p.in.Version.Until("v0.13.3") {
			pool.AvoidBuggyIPs = false
		}
		rule, text := p.readAddresses(pool, x.Addresses, &x.Meta)
		if text == "" {
			rule, text = p.checkAllocation(x)
		}
		if text != "" {
			return poolFault(poolKind, rule, "parsing address pool "+x.Name+": "+text, &x.Meta)
		}
		if p.in.Version.Since("v0.13.8") {
			pool.Allocation = x.Allocation
		}
		if f := p.addPool(pool, poolKind); f != nil {
			return f
		}
	}
	return nil
}

func poolFault(order kind, rule, text string, objects ...*model.Meta) []fault {
	return []fault{{rule: rule, text: text, objects: objects, order: order}}
}

// readAddresses fills a pool's CIDRs; it returns the rule that is broken and MetalLB's words, "" when none is.
func (p *parser) readAddresses(pool *Pool, addresses []string, m *model.Meta) (rule, text string) {
	if len(addresses) == 0 && !m.Partial {
		return "pool-no-prefixes", "pool has no prefixes defined"
	}
	for _, entry := range addresses {
		cidrs, err := parseEntry(entry, p.in.Version)
		if err != nil {
			return "pool-bad-cidr", fmt.Sprintf("invalid CIDR %q in pool %q: %s", entry, pool.Name, err)
		}
		pool.CIDRs = append(pool.CIDRs, cidrs...)
		pool.Entries = append(pool.Entries, cidrs)
		pool.Addresses = append(pool.Addresses, entry)
	}
	return "", ""
}

// addPool takes a pool that is good by itself, if it goes with the pools before it.
func (p *parser) addPool(pool *Pool, order kind) []fault {
	if other := p.byName[pool.Name]; other != nil {
		return poolFault(order, "pool-duplicate-name", fmt.Sprintf("duplicate definition of pool %q", pool.Name), pool.Object, other.Object)
	}
	if a, b, other := overlap(pool, p.cfg.Pools); other != nil {
		return poolFault(order, "pool-overlap", fmt.Sprintf("CIDR %q in pool %q overlaps with already defined CIDR %q", a, pool.Name, b),
			pool.Object, other.Object)
	}
	if f := p.containsNodeIP(pool, order); f != nil {
		return f
	}
	p.byName[pool.Name] = pool
	p.cfg.Pools = append(p.cfg.Pools, pool)
	return nil
}

// overlap finds the first CIDR of a pool that overlaps with one of the pools before it, or with one of its own before it.
func overlap(pool *Pool, before []*Pool) (a, b netip.Prefix, other *Pool) {
	for i, c := range pool.CIDRs {
		for _, o := range before {
			for _, d := range o.CIDRs {
				if c.Overlaps(d) {
					return c, d, o
				}
			}
		}
		for _, d := range pool.CIDRs[:i] {
			if c.Overlaps(d) {
				return c, d, pool
			}
		}
	}
	return a, b, nil
}

// containsNodeIP: rule pool-contains-node-ip, of the speakers (and the webhook) of v0.15.0 alone.
func (p *parser) containsNodeIP(pool *Pool, order kind) []fault {
	if p.c == Controller || p.in.Version != V("v0.15.0") || p.in.Objects == nil {
		return nil
	}
	for _, c := range pool.CIDRs {
		for _, n := range p.in.Objects.Nodes {
			for _, ip := range n.InternalIPs {
				if c.Contains(ip) {
					return poolFault(order, "pool-contains-node-ip", fmt.Sprintf("pool cidr %q contains nodeIp %q", c, ip), pool.Object, &n.Meta)
				}
			}
		}
	}
	return nil
}

// checkAllocation looks at a pool's serviceAllocation.
func (p *parser) checkAllocation(x *model.IPAddressPool) (rule, text string) {
	a := x.Allocation
	if a == nil || p.in.Version.Until("v0.13.7") {
		return "", ""
	}
	if p.in.Version.Since("v0.13.10") {
		for i, ns := range a.Namespaces {
			if slices.Contains(a.Namespaces[:i], ns) {
				return "pool-alloc-namespaces-duplicate", "duplicate definition in namespaces field"
			}
		}
	}
	namespaces, services := sortedValues(a.NamespaceSelectors), sortedValues(a.ServiceSelectors)
	if text := duplicateSelector(namespaces, "namespaceSelectors"); text != "" {
		return "pool-alloc-selector-invalid", text
	}
	if text := duplicateSelector(services, "serviceSelectors"); text != "" {
		return "pool-alloc-selector-invalid", text
	}
	for _, s := range namespaces {
		if why := SelectorError(s); why != "" {
			return "pool-alloc-selector-invalid", p.wrap(why, fmt.Sprintf("invalid namespace label selector %s in ip pool %s", stringOf(s), x.Name))
		}
	}
	for _, s := range services {
		if why := SelectorError(s); why != "" {
			return "pool-alloc-selector-invalid", p.wrap(why, fmt.Sprintf("invalid service label selector %v in ip pool %s", plain(s), x.Name))
		}
	}
	return "", ""
}
