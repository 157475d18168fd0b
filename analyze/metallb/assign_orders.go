package metallb

import (
	"iter"
	"maps"
	"slices"
)

// maxOrders bounds the orders of pools that are followed for one configuration.
const maxOrders = 720

func keysOf[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// orders returns the pool set once for each order that its random lists of pools by namespace may have: one order of all pools,
// which matters only among those of equal priority.
func (s *Simulation) orders(set *poolSet) []*poolSet {
	groups := map[int][]*servingPool{}
	for _, p := range set.pools {
		if len(p.namespaces) > 0 {
			groups[p.priority] = append(groups[p.priority], p)
		}
	}
	all := [][]*servingPool{nil}
	for _, priority := range slices.Sorted(keysOf(groups)) {
		var next [][]*servingPool
		for _, head := range all {
			for _, tail := range permutations(groups[priority]) {
				next = append(next, slices.Concat(head, tail))
			}
		}
		all = next[:min(len(next), maxOrders)]
	}
	out := make([]*poolSet, len(all))
	for i, order := range all {
		c := *set
		c.byNamespace = map[string][]*servingPool{}
		for _, p := range order {
			for ns := range p.namespaces {
				c.byNamespace[ns] = append(c.byNamespace[ns], p)
			}
		}
		out[i] = &c
	}
	return out
}

// shuffled tells whether reading the same pools again may look like a change, because a random list came out in another order.
func (s *poolSet) shuffled() bool {
	for _, list := range s.byNamespace {
		if len(list) > 1 {
			return true
		}
	}
	return false
}

func permutations[T any](list []T) [][]T {
	if len(list) < 2 {
		return [][]T{slices.Clone(list)}
	}
	var out [][]T
	for i := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		for _, p := range permutations(rest) {
			out = append(out, append([]T{list[i]}, p...))
		}
	}
	return out
}
