package metallb

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"
)

// Outcome is a way in which a step of a scenario may end.
type Outcome struct {
	Moment Moment
	Events []string // all that may have been sent on the way, sorted: NAMESPACE/NAME TYPE REASON: MESSAGE
	Worlds Worlds   // where the scenario then is, or works for ever
}

// Odds is how likely a whole course is, for a run that takes waiting changes in their order, and for one that takes any.
type Odds struct{ InOrder, InAny float64 }

// Odds is how likely the course up to here is.
func (o *Outcome) Odds() Odds {
	var c Odds
	for w, chance := range o.Worlds {
		if w.flags&flagArrival != 0 {
			c.InOrder += 2 * chance
		} else {
			c.InAny += 2 * chance
		}
	}
	return c
}

// Chance is how likely the course up to here is, for one run.
func (o *Outcome) Chance() float64 {
	c := o.Odds()
	return (c.InOrder + c.InAny) / 2
}

// Met is how likely some of so many runs take the course up to here, where half of them take waiting changes in their order.
func (o *Outcome) Met(runs int) float64 {
	c, half := o.Odds(), float64(runs)/2
	return 1 - math.Pow(1-min(c.InOrder, 1), half)*math.Pow(1-min(c.InAny, 1), half)
}

// Settle lets the controller work until it rests and returns each way in which that may look, by Moment.Key.
func (s *Simulation) Settle(from Worlds) (map[string]*Outcome, error) {
	g := &graph{number: map[world]int{}}
	for _, w := range sortedWorlds(from) {
		g.nodes[g.add(w)].mass = from[w]
	}
	for i := 0; i < len(g.nodes); i++ {
		w := g.nodes[i].w
		if w.pending == pendingPools && w.flags&flagTried != 0 {
			continue // all that is left is an attempt that failed just so before
		}
		for _, m := range s.moves(w) {
			if m.to == w {
				g.nodes[i].stay += m.chance
				continue
			}
			g.nodes[i].out = append(g.nodes[i].out, edge{g.add(m.to), m.chance, m.events})
		}
		if len(g.nodes) > maxWorlds {
			return nil, ErrTooLarge
		}
	}
	return s.outcomes(g), nil
}

// graph is what a step may pass through.
type graph struct {
	nodes  []node
	number map[world]int
}

type node struct {
	w    world
	out  []edge
	stay float64 // the chance of a move that changes nothing
	mass float64 // the chance to be here
}

type edge struct {
	to     int
	chance float64
	events []string
}

func (g *graph) add(w world) int {
	n, ok := g.number[w]
	if !ok {
		n = len(g.nodes)
		g.number[w] = n
		g.nodes = append(g.nodes, node{w: w})
	}
	return n
}

// outcomes finds the ends: sets of worlds that are never left. One world alone is rest; a larger set is endless work.
func (s *Simulation) outcomes(g *graph) map[string]*Outcome {
	comp, count := g.components()
	leaves := make([]bool, count)
	size := make([]int, count)
	for i, n := range g.nodes {
		size[comp[i]]++
		for _, e := range n.out {
			if comp[e.to] != comp[i] {
				leaves[comp[i]] = true
			}
		}
	}
	g.flow(comp, leaves)
	out := map[string]*Outcome{}
	ends := map[string][]int{}
	unsettled := map[int]*Moment{}
	for i, n := range g.nodes {
		switch c := comp[i]; {
		case leaves[c]:
		case size[c] == 1:
			add(out, ends, s.see(n.w), i, n)
		default:
			if unsettled[c] == nil {
				unsettled[c] = &Moment{Unsettled: true, Churning: s.churning(g, comp, c)}
			}
			add(out, ends, *unsettled[c], i, n)
		}
	}
	for key, o := range out {
		o.Events = g.eventsTo(ends[key])
	}
	return out
}

func add(out map[string]*Outcome, ends map[string][]int, m Moment, i int, n node) {
	key := m.Key()
	if out[key] == nil {
		out[key] = &Outcome{Moment: m, Worlds: Worlds{}}
	}
	out[key].Worlds[n.w] += n.mass
	ends[key] = append(ends[key], i)
}

// flow moves the chances along the graph until they have come to the ends (components that are never left).
func (g *graph) flow(comp []int, leaves []bool) {
	order := make([]int, len(g.nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return comp[b] - comp[a] }) // components are numbered from the ends
	const rounds, rest = 300, 1e-9
	for range rounds {
		moving := 0.
		for _, i := range order {
			n := &g.nodes[i]
			if n.mass == 0 || !leaves[comp[i]] {
				continue
			}
			mass := n.mass / (1 - n.stay)
			n.mass = 0
			for _, e := range n.out {
				g.nodes[e.to].mass += mass * e.chance
				if comp[e.to] == comp[i] {
					moving += mass * e.chance
				}
			}
		}
		if moving < rest {
			return
		}
	}
}

// churning names the Services that are rewritten within a component.
func (s *Simulation) churning(g *graph, comp []int, c int) []string {
	var bitset uint32
	for i, n := range g.nodes {
		if comp[i] != c {
			continue
		}
		for _, e := range n.out {
			for k := range s.keys {
				if n.w.rec[k] != g.nodes[e.to].w.rec[k] {
					bitset |= 1 << k
				}
			}
		}
	}
	var names []string
	for b := bitset; b != 0; b &= b - 1 {
		names = append(names, s.keys[bits.TrailingZeros32(b)])
	}
	slices.Sort(names)
	return names
}

// see is what can be seen of a world at rest.
func (s *Simulation) see(w world) Moment {
	m := Moment{Services: map[string][]string{}, PoolError: s.words[w.trouble]}
	for i, svc := range s.services {
		if svc == nil {
			continue
		}
		list := []string{}
		if rec := s.records[w.rec[i]]; len(rec.ingress) > 0 {
			pool := ""
			if h := s.holdings[w.held[i]]; h != nil {
				pool = h.pool
			}
			list = append([]string{pool}, rec.ingress...)
		}
		m.Services[svc.Key()] = list
	}
	return m
}

// eventsTo collects the events of all ways from the start to the ends.
func (g *graph) eventsTo(ends []int) []string {
	back := make([][]int, len(g.nodes))
	for i, n := range g.nodes {
		for _, e := range n.out {
			back[e.to] = append(back[e.to], i)
		}
	}
	reach := make([]bool, len(g.nodes))
	stack := slices.Clone(ends)
	for _, i := range ends {
		reach[i] = true
	}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, b := range back[i] {
			if !reach[b] {
				reach[b] = true
				stack = append(stack, b)
			}
		}
	}
	seen := map[string]bool{}
	for i, n := range g.nodes {
		for _, e := range n.out {
			if reach[i] && reach[e.to] {
				for _, text := range e.events {
					seen[text] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// components numbers the strongly connected components (Tarjan's algorithm, without recursion).
func (g *graph) components() (comp []int, count int) {
	n := len(g.nodes)
	comp, index, low := make([]int, n), make([]int, n), make([]int, n)
	on := make([]bool, n)
	for i := range comp {
		comp[i], index[i] = -1, -1
	}
	type frame struct{ node, next int }
	var stack []int
	clock := 0
	for root := range n {
		if index[root] >= 0 {
			continue
		}
		calls := []frame{{root, 0}}
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if f.next == 0 && index[f.node] < 0 {
				index[f.node], low[f.node] = clock, clock
				clock++
				stack = append(stack, f.node)
				on[f.node] = true
			}
			if f.next < len(g.nodes[f.node].out) {
				to := g.nodes[f.node].out[f.next].to
				f.next++
				switch {
				case index[to] < 0:
					calls = append(calls, frame{to, 0})
				case on[to]:
					low[f.node] = min(low[f.node], index[to])
				}
				continue
			}
			done := f.node
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				up := calls[len(calls)-1].node
				low[up] = min(low[up], low[done])
			}
			if low[done] == index[done] {
				for {
					top := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					on[top] = false
					comp[top] = count
					if top == done {
						break
					}
				}
				count++
			}
		}
	}
	return comp, count
}

func sortedWorlds(m Worlds) []world {
	return slices.SortedFunc(maps.Keys(m), func(a, b world) int {
		return cmp.Or(
			slices.Compare(a.held[:], b.held[:]), slices.Compare(a.rec[:], b.rec[:]), cmp.Compare(a.set, b.set),
			cmp.Compare(a.flags, b.flags), cmp.Compare(a.pending, b.pending), bytes.Compare(a.queue[:], b.queue[:]),
			bytes.Compare(a.places[:], b.places[:]), cmp.Compare(a.trouble, b.trouble))
	})
}
