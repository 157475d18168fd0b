package metallb

import (
	"fmt"
	"math/bits"
	"slices"
)

// move is one thing that the controller may do next.
type move struct {
	to     world
	chance float64  // of this move among those that are possible
	events []string // NAMESPACE/NAME TYPE REASON: MESSAGE
}

// syncState is what the handler of a change asks for next.
type syncState uint8

const (
	syncDone syncState = iota
	syncReprocess
	syncRetry
)

// moves lists what may happen next in a world.
func (s *Simulation) moves(w world) []move {
	var out []move
	next := w.next()
	share := 1 / float64(bits.OnesCount32(next))
	for p := next; p != 0; p &= p - 1 {
		bit := p & -p
		n := w
		n.done(bit)
		for _, m := range s.take(n, bit) {
			m.chance *= share
			out = append(out, m)
		}
	}
	return out
}

// take processes one waiting change.
func (s *Simulation) take(w world, bit uint32) []move {
	switch bit {
	case pendingPools:
		return s.takePools(w)
	case pendingReload:
		return s.reprocessAll(w)
	case pendingSync:
		w.flags |= flagSynced
		return []move{{to: w, chance: 1}}
	}
	return s.takeService(w, bits.TrailingZeros32(bit))
}

// reprocess marks all Services to be processed: as one change, or until v0.12.1 as one a Service.
func (s *Simulation) reprocess(w world) Worlds {
	if s.old {
		return w.waitInAnyOrder(s.all())
	}
	w.wait(pendingReload)
	return Worlds{w: 1}
}

// takePools reads the pools. Rules: assigned-ip-outside-config, assigned-ip-reassigned.
func (s *Simulation) takePools(w world) []move {
	if len(s.refusals) > 0 {
		return s.refused(w, s.refusals, s.chances)
	}
	if s.early {
		if texts, chances := s.incompatible(&w); len(texts) > 0 {
			w.wait(pendingPools) // tried again and again
			w.flags |= flagTried
			return s.refused(w, texts, chances)
		}
	}
	w.trouble = 0
	var out []move
	for _, f := range s.fresh {
		if w.set != 0 && !s.rules.alwaysNew && s.sets[f.id].same(s.sets[w.set]) {
			out = append(out, move{to: w, chance: f.chance})
			continue
		}
		for n, share := range s.reprocess(s.rearranged(w, f.id)) {
			out = append(out, move{to: n, chance: f.chance * share})
		}
	}
	return out
}

// refused is a reading of the pools that fails; the former ones stay in use.
func (s *Simulation) refused(w world, texts []string, chances []float64) []move {
	out := make([]move, len(texts))
	for i, text := range texts {
		out[i] = move{to: w, chance: chances[i]}
		out[i].to.trouble = s.word(text)
	}
	return out
}

// rearranged puts other pools into use: what is held stays with the pool that has the addresses now, else it is lost.
func (s *Simulation) rearranged(w world, id int16) world {
	w.set = id
	for i, h := range w.held {
		if h == 0 {
			continue
		}
		p := s.sets[id].owner(s.holdings[h].ips)
		switch {
		case p == nil:
			w.held[i] = 0
			s.keep(&w, i)
		case p.Name != s.holdings[h].pool:
			moved := *s.holdings[h]
			moved.pool = p.Name
			w.held[i] = s.hold(&moved)
		}
	}
	return w
}

// incompatible is the words with which pools are refused that leave held addresses outside, one for each such Service, and how likely
// the controller meets that Service first.
func (s *Simulation) incompatible(w *world) (texts []string, chances []float64) {
	set := s.sets[s.fresh[0].id]
	var places []int
	for at, n := range w.places {
		if n == 0 {
			continue
		}
		if h := s.holdings[w.held[n-1]]; set.owner(h.ips) == nil {
			places = append(places, at)
			texts = append(texts, fmt.Sprintf(
				"new config not compatible with assigned IPs: service %q cannot own %s under new config", h.key, quoted(h.ips)))
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	return texts, firstPlaces(places)
}

// takeService processes the change of one Service.
func (s *Simulation) takeService(w world, i int) []move {
	if !s.early && w.flags&flagLoaded == 0 {
		return []move{{to: w, chance: 1}} // still waiting for the first processing of all
	}
	if s.services[i] != nil && !Handles(s.in, s.services[i]) {
		return []move{{to: w, chance: 1}}
	}
	var out []move
	for _, h := range s.handle(w, i) {
		switch h.state {
		case syncReprocess:
			for n, share := range s.reprocess(h.to) {
				out = append(out, move{n, h.chance * share, h.events})
			}
			continue
		case syncRetry:
			h.to.wait(1 << i)
		}
		out = append(out, h.move)
	}
	return out
}

// handled is a possible result of handling a Service.
type handled struct {
	move
	state syncState
}

// handle is the handler of a Service, present or deleted.
func (s *Simulation) handle(w world, i int) []handled {
	if s.services[i] == nil {
		return []handled{s.deleted(w, i)}
	}
	if w.set == 0 {
		return []handled{{move: move{to: w, chance: 1}}}
	}
	set, c := s.sets[w.set], s.claims[i]
	rec := s.records[w.rec[i]]
	results := set.converge(c, rec, s.holdings[w.held[i]], s.usersBut(&w, i), !s.old || w.flags&flagSynced != 0)
	out := make([]handled, 0, len(results))
	for _, p := range results {
		out = append(out, s.written(w, i, p))
	}
	return out
}

// deleted lets the Services that wait for an address try again.
func (s *Simulation) deleted(w world, i int) handled {
	h := handled{move: move{to: w, chance: 1}}
	if w.held[i] != 0 || s.old {
		h.to.held[i] = 0
		s.keep(&h.to, i)
		h.state = syncReprocess
	}
	return h
}

// written is what follows from a pass: the Service is written where it changed, and others may be processed again, where the Service lost
// what it had or changed how it shares (rule sharing-change-reprocess).
func (s *Simulation) written(w world, i int, p pass) handled {
	rules := s.rules
	h := handled{move: move{to: w, chance: p.chance}}
	before := s.holdings[w.held[i]]
	h.to.held[i] = s.hold(p.held)
	s.keep(&h.to, i)
	for _, e := range p.events {
		h.events = append(h.events, s.keys[i]+" "+e)
	}
	if p.again {
		h.state = syncRetry
		return h
	}
	lost := before != nil && p.held == nil
	if s.early && lost && !s.old {
		h.state = syncReprocess
	}
	if rules.keyIsChange && allocationKey(before) != allocationKey(p.held) {
		h.state = syncReprocess
	}
	rec := s.records[w.rec[i]]
	if p.record.equal(rec) {
		return h
	}
	if rules.tellsOldKeys {
		for _, e := range oldAnnotations(s.services[i]) {
			h.events = append(h.events, s.keys[i]+" "+e)
		}
	}
	if !s.early && lost && s.sets[w.set].owner(before.ips) != nil {
		h.state = syncReprocess
	}
	h.to.rec[i] = s.record(p.record)
	h.to.flags &^= flagTried
	h.to.wait(1 << i) // the controller sees its own write
	return h
}

// allocationKey is what a Service has in common with those that it may share with.
func allocationKey(h *holding) string {
	if h == nil {
		return ""
	}
	return h.backend + h.sharing
}

// reprocessAll processes all Services, those with addresses first since v0.14.0 (rule assigned-first-at-start), else in any
// order.
func (s *Simulation) reprocessAll(w world) []move {
	var groups []uint32
	if s.early {
		groups = []uint32{s.all()}
	} else {
		byCount := map[int]uint32{}
		for i, svc := range s.services {
			if svc != nil {
				byCount[len(s.records[w.rec[i]].ingress)] |= 1 << i
			}
		}
		for _, n := range slices.Backward(slices.Sorted(keysOf(byCount))) {
			groups = append(groups, byCount[n])
		}
	}
	frontier := map[roundState]way{{w: w}: {chance: 1}}
	for _, g := range groups {
		frontier = s.group(frontier, g)
	}
	var out []move
	for st, way := range frontier {
		n := st.w
		switch {
		case st.again:
			n.wait(pendingReload)
		default:
			n.flags |= flagLoaded
		}
		out = append(out, move{n, way.chance, way.events})
	}
	return out
}

// roundState is a point in the processing of all Services.
type roundState struct {
	w     world
	left  uint32 // Services of the group that are still to be processed
	again bool   // all will be processed again
}

// way is how a point was reached: the sum of all ways to it.
type way struct {
	chance float64
	events []string
}

// group processes the Services of the group in every order. It returns where that may end.
func (s *Simulation) group(from map[roundState]way, g uint32) map[roundState]way {
	layer := map[roundState]way{}
	for st, way := range from {
		st.left = g
		layer[st] = way
	}
	for left := bits.OnesCount32(g); left > 0; left-- {
		next := map[roundState]way{}
		for st, done := range layer {
			for p := st.left; p != 0; p &= p - 1 {
				i := bits.TrailingZeros32(p)
				for _, h := range s.inRound(st.w, i) {
					n := roundState{w: h.to, left: st.left &^ (1 << i), again: st.again || h.state != syncDone}
					all := next[n]
					all.chance += done.chance * h.chance / float64(left)
					all.events = union(all.events, done.events, h.events)
					next[n] = all
				}
			}
		}
		layer = next
	}
	return layer
}

func (s *Simulation) inRound(w world, i int) []handled {
	if !Handles(s.in, s.services[i]) {
		return []handled{{move: move{to: w, chance: 1}}}
	}
	return s.handle(w, i)
}

// union merges sorted lists of events without duplicates.
func union(lists ...[]string) []string {
	var out []string
	for _, l := range lists {
		out = append(out, l...)
	}
	if len(out) == 0 {
		return nil
	}
	slices.Sort(out)
	return slices.Compact(out)
}
