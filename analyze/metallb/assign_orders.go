package metallb

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// maxOrders bounds the orders of pools that are followed for one configuration.
const maxOrders = 720

func keysOf[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// variant is a pool set as one reading of the pools may give it.
type variant struct {
	set    *poolSet
	chance float64
}

// orders returns the pool set once for each order of its pools that makes a difference: they are put into a map as they are read, and
// what lists them by namespace is made by a walk over that map.
func (s *Simulation) orders(set *poolSet) []variant {
	var out []variant
	var seen []string
	for _, r := range s.readings(set) {
		walk := permuted(set.pools, r.order)
		starts := firstPlaces(indices(max(len(walk), 1)))
		for start, chance := range starts {
			c := *set
			c.walk, c.byNamespace = walk, map[string][]*servingPool{}
			for i := range walk {
				p := walk[(start+i)%len(walk)]
				for ns := range p.namespaces {
					c.byNamespace[ns] = append(c.byNamespace[ns], p)
				}
			}
			id := c.sequence(s.rules.alwaysNew)
			n := slices.Index(seen, id)
			if n < 0 {
				n = len(out)
				seen, out = append(seen, id), append(out, variant{set: &c})
			}
			out[n].chance += r.chance * chance
		}
	}
	return out
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// readings is the orders in which the pools may be read. A ConfigMap has one; of very many pools, each order of those that name a
// namespace and have the same priority, up to maxOrders.
func (s *Simulation) readings(set *poolSet) []reading {
	n := len(set.pools)
	if s.old {
		return []reading{{indices(n), 1}}
	}
	if n <= allOrders {
		return s.rules.version.readings(n)
	}
	groups := map[int][]int{}
	var others []int
	for i, p := range set.pools {
		if len(p.namespaces) > 0 {
			groups[p.priority] = append(groups[p.priority], i)
		} else {
			others = append(others, i)
		}
	}
	all := [][]int{others}
	for _, priority := range slices.Sorted(keysOf(groups)) {
		var next [][]int
		for _, tail := range permutations(groups[priority]) {
			for _, head := range all {
				if len(next) < maxOrders {
					next = append(next, slices.Concat(head, tail))
				}
			}
		}
		all = next
	}
	out := make([]reading, len(all))
	for i, order := range all {
		out[i] = reading{order, 1 / float64(len(all))}
	}
	return out
}

// sequence is a text that is equal for orders of the pools that make no difference: to a walk over those of the automatic choice, and
// to the lists by namespace, where with ranked only the order among equal priorities counts.
func (s *poolSet) sequence(ranked bool) string {
	var b strings.Builder
	if len(s.autoPools()) > 1 {
		for _, p := range s.walk {
			if p.Auto && !p.pinned {
				b.WriteString(p.Name)
			}
			b.WriteByte(' ')
		}
	}
	for _, ns := range slices.Sorted(keysOf(s.byNamespace)) {
		list := s.byNamespace[ns]
		if ranked {
			list = slices.SortedStableFunc(slices.Values(list), func(a, b *servingPool) int { return a.priority - b.priority })
		}
		b.WriteString("|" + ns)
		for _, p := range list {
			b.WriteString(" " + p.Name)
		}
	}
	return b.String()
}

// same tells whether MetalLB takes two sets for the same configuration; the lists by namespace count with their order.
func (s *poolSet) same(o *poolSet) bool {
	if s == o {
		return true
	}
	byName := func(a, b []*servingPool) bool {
		return slices.EqualFunc(a, b, func(x, y *servingPool) bool { return x.Name == y.Name })
	}
	return s.identity() == o.identity() && maps.EqualFunc(s.byNamespace, o.byNamespace, byName)
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
