package metallb

import (
	"slices"
	"sort"

	"github.com/metallb-assay/assay/analyze/model"
)

// refusal is the Refusal of the faults that reading the objects in order of name gave, with what other orders give.
func (p *parser) refusal(faults []fault) *Refusal {
	first := faults[0]
	texts := faultTexts(nil, faults)
	for _, order := range p.in.Version.orders(p.count(first.order)) {
		q := p.reordered(first.order, order)
		texts = faultTexts(texts, q.run())
	}
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == first.text })
	slices.Sort(texts)
	stage := "parse"
	if first.handler {
		stage = "handler"
	}
	return &Refusal{Stage: stage, Error: first.text, Also: texts, Rule: first.rule, Objects: first.objects, Retry: first.retry}
}

func faultTexts(texts []string, faults []fault) []string {
	for _, f := range faults {
		if !slices.Contains(texts, f.text) {
			texts = append(texts, f.text)
		}
	}
	return texts
}

func (p *parser) count(k kind) int {
	switch k {
	case poolKind:
		return len(p.pools)
	case legacyKind:
		return len(p.legacy)
	case l2Kind:
		return len(p.l2)
	case bgpKind:
		return len(p.bgp)
	case peerKind:
		return len(p.peers)
	case profileKind:
		return len(p.profiles)
	case communityKind:
		return len(p.communities)
	}
	return 0
}

// reordered is the parser before it has read anything, with the objects of a kind in another order.
func (p *parser) reordered(k kind, order []int) *parser {
	q := *p
	switch k {
	case poolKind:
		q.pools = permuted(p.pools, order)
	case legacyKind:
		q.legacy = permuted(p.legacy, order)
	case l2Kind:
		q.l2 = permuted(p.l2, order)
	case bgpKind:
		q.bgp = permuted(p.bgp, order)
	case peerKind:
		q.peers = permuted(p.peers, order)
	case profileKind:
		q.profiles = permuted(p.profiles, order)
	case communityKind:
		q.communities = permuted(p.communities, order)
	}
	return &q
}

func permuted[T any](list []T, order []int) []T {
	out := make([]T, len(order))
	for i, o := range order {
		out[i] = list[o]
	}
	return out
}

const (
	allOrders  = 6  // up to so many objects all orders are tried
	pairOrders = 24 // up to so many, each pair in front; above, each object in front
)

// orders is the orders in which n objects of a kind, numbered by name, may be read. Since v0.13.11 they are sorted, but by
// comparing names at the places that they had before the sort (rule parse-in-name-order): from three objects on what comes out
// depends on what came in. Before, any order is possible.
func (v Version) orders(n int) [][]int {
	sorted := v.Since("v0.13.11")
	switch {
	case n < 2 || n == 2 && sorted:
		return nil
	case n > allOrders:
		return frontOrders(n)
	}
	var orders [][]int
	permute(make([]int, 0, n), n, func(in []int) {
		out := slices.Clone(in)
		if sorted {
			sort.Slice(out, func(i, j int) bool { return in[i] < in[j] })
		}
		if !slices.ContainsFunc(orders, func(o []int) bool { return slices.Equal(o, out) }) {
			orders = append(orders, out)
		}
	})
	return orders
}

// permute calls f for each order of 0..n-1 that begins with head.
func permute(head []int, n int, f func([]int)) {
	if len(head) == n {
		f(head)
		return
	}
	for i := range n {
		if !slices.Contains(head, i) {
			permute(append(head, i), n, f)
		}
	}
}

// frontOrders brings each pair, or of very many each object, to the front: a fault is of one object, or of one with one before it.
func frontOrders(n int) [][]int {
	var orders [][]int
	for i := range n {
		for j := range n {
			if i == j || n > pairOrders && j != (i+1)%n {
				continue
			}
			order := []int{i, j}
			for k := range n {
				if k != i && k != j {
					order = append(order, k)
				}
			}
			orders = append(orders, order)
		}
	}
	return orders
}

// readLegacyPools reads the AddressPools (rule read-addresspool). Advertisements do not select them; they bring their own.
func (p *parser) readLegacyPools() []fault {
	for _, x := range p.legacy {
		pool := &Pool{Name: x.Name, Auto: x.AutoAssign == nil || *x.AutoAssign, Protocol: x.Protocol, Object: &x.Meta}
		rule, text := p.readAddresses(pool, x.Addresses, &x.Meta)
		var faults []fault
		if text == "" {
			faults = p.readProtocol(x, pool)
		} else {
			faults = poolFault(legacyKind, rule, text, &x.Meta)
		}
		for i := range faults {
			faults[i].text = "parsing address pool " + x.Name + ": " + faults[i].text
		}
		if len(faults) > 0 {
			return faults
		}
		if f := p.addPool(pool, legacyKind); f != nil {
			return f
		}
	}
	return nil
}

// readProtocol gives an AddressPool its advertisements.
func (p *parser) readProtocol(x *model.AddressPool, pool *Pool) []fault {
	const rule = "pool-protocol-required"
	switch {
	case x.Protocol == "layer2" && len(x.BGPAdvertisements) > 0:
		return poolFault(legacyKind, rule, "cannot have bgp-advertisements configuration element in a layer2 address pool", &x.Meta)
	case x.Protocol == "layer2":
		pool.L2 = []*model.L2Advertisement{{Meta: x.Meta}}
	case x.Protocol == "bgp":
		return p.readLegacyBGP(x, pool)
	case x.Protocol == "" && !x.Partial:
		return poolFault(legacyKind, rule, "address pool is missing the protocol field", &x.Meta)
	case x.Protocol != "":
		return poolFault(legacyKind, rule, "unknown protocol \""+x.Protocol+"\"", &x.Meta)
	}
	return nil
}

// readLegacyBGP reads the bgpAdvertisements of an AddressPool; without any there is one of defaults.
func (p *parser) readLegacyBGP(x *model.AddressPool, pool *Pool) []fault {
	if len(x.BGPAdvertisements) == 0 {
		pool.BGP = []*model.BGPAdvertisement{{Meta: x.Meta}}
		return nil
	}
	wrapped := func(faults []fault) []fault {
		for i := range faults {
			faults[i].text, faults[i].order = "parsing BGP advertisements: "+faults[i].text, legacyKind
		}
		return faults
	}
	for i := range x.BGPAdvertisements {
		adv := &x.BGPAdvertisements[i]
		if text := duplicateString(adv.Communities, "community"); text != "" {
			return wrapped(poolFault(legacyKind, "adv-duplicate-entries", text, &x.Meta))
		}
		if rule, text := p.checkAggregation(adv); text != "" {
			return wrapped(poolFault(legacyKind, rule, text, &x.Meta))
		}
		if faults := p.tooSpecificFaults(adv, pool); len(faults) > 0 {
			return wrapped(faults)
		}
		for _, c := range adv.Communities {
			if _, bad := communityOf(c, p.cfg.Communities, p.in.Version); bad != nil {
				return wrapped(poolFault(legacyKind, "community-unknown", p.wrap(bad.text, "invalid community \""+c+"\" in BGP advertisement"), &x.Meta))
			}
		}
		mine := *adv
		mine.Meta = x.Meta
		pool.BGP = append(pool.BGP, &mine)
	}
	return nil
}
