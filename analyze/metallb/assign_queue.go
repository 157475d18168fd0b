package metallb

import (
	"math/bits"
	"slices"
)

// A controller takes waiting changes in the order in which they came, but those of Services, of pools and of all Services wait apart and
// mix in any way; changes that come together, and retries, have no order either. So any waiting change may be the next. For the chance of
// a course, half of the worlds take them in the order in which they came, and half at random.

// arrivalSlots is the longest that a queue gets: each Service, and the three other changes.
const arrivalSlots = maxServices + 3

// wait adds changes to those that wait, lower bits first. What waits already keeps its place.
func (w *world) wait(change uint32) {
	if w.flags&flagArrival != 0 {
		n := bits.OnesCount32(w.pending)
		for p := change &^ w.pending; p != 0; p &= p - 1 {
			w.queue[n] = uint8(bits.TrailingZeros32(p)) + 1
			n++
		}
	}
	w.pending |= change
}

// done takes one change from those that wait.
func (w *world) done(change uint32) {
	if w.flags&flagArrival != 0 {
		i := slices.Index(w.queue[:], uint8(bits.TrailingZeros32(change))+1)
		copy(w.queue[i:], w.queue[i+1:])
		w.queue[arrivalSlots-1] = 0
	}
	w.pending &^= change
}

// next is the changes of which one is taken next.
func (w *world) next() uint32 {
	if w.flags&flagArrival == 0 || w.pending == 0 {
		return w.pending
	}
	return 1 << (w.queue[0] - 1)
}

// waitInAnyOrder adds changes that come together in an order that nothing determines.
func (w world) waitInAnyOrder(change uint32) Worlds {
	if w.flags&flagArrival == 0 {
		w.wait(change)
		return Worlds{w: 1}
	}
	var list []uint32
	for p := change; p != 0; p &= p - 1 {
		list = append(list, p&-p)
	}
	orders := permutations(list)
	out := Worlds{}
	for _, order := range orders {
		n := w
		for _, bit := range order {
			n.wait(bit)
		}
		out[n] += 1 / float64(len(orders))
	}
	return out
}

// started is the worlds after a start of the controller: it holds nothing, and everything waits to be processed. Until v0.12.1 there is
// one queue, and the Services come into it from a map.
func (s *Simulation) started(w world) Worlds {
	n := world{rec: w.rec, flags: w.flags & flagArrival}
	if !s.old {
		n.wait(pendingPools)
		n.wait(s.all())
		return Worlds{n: 1}
	}
	out := Worlds{}
	for n, chance := range n.waitInAnyOrder(s.all()) {
		n.wait(pendingPools)
		n.wait(pendingSync)
		out[n] += chance
	}
	return out
}

// mapSlots is the number of places of a small Go map. What is put in takes the first free place; a walk begins at any place.
const mapSlots = 8

// keep notes in which place of the controller's map the holding of a Service is. It is taken out and put in again by every pass. Only
// the words with which pools are refused depend on it (rule assigned-ip-outside-config, until v0.13.12).
func (s *Simulation) keep(w *world, i int) {
	if !s.early {
		return
	}
	service := uint8(i) + 1
	if at := slices.Index(w.places[:], service); at >= 0 {
		w.places[at] = 0
	}
	if w.held[i] != 0 {
		w.places[slices.Index(w.places[:], 0)] = service
	}
}

// firstPlaces is how likely each of some places of a small map, ascending, is the first that a walk meets.
func firstPlaces(places []int) []float64 {
	out := make([]float64, len(places))
	for start := range mapSlots {
		i := slices.IndexFunc(places, func(at int) bool { return at >= start })
		out[max(i, 0)] += 1. / mapSlots
	}
	if places[len(places)-1] >= mapSlots { // the map has grown, and its order is any
		for i := range out {
			out[i] = 1 / float64(len(out))
		}
	}
	return out
}
