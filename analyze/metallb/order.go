package metallb

import (
	"slices"
	"sort"
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
