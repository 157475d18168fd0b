package metallb

import (
	"math"
	"slices"
	"testing"
)

// Of three objects the sort that compares the unsorted list gives the order of the names in two of three cases, and only one neighbouring
// pair may be the wrong way round.
func TestReadingsAreNotAlike(t *testing.T) {
	for _, c := range []struct {
		version string
		n       int
		orders  int
		byName  float64 // chance of the order of the names
	}{
		{"v0.16.1", 1, 1, 1}, {"v0.16.1", 2, 1, 1}, {"v0.16.1", 3, 3, 2. / 3}, {"v0.13.10", 2, 2, 0.5}, {"v0.13.10", 3, 6, 1. / 6},
	} {
		got := V(c.version).readings(c.n)
		if len(got) != c.orders {
			t.Errorf("%s, %d objects: %d orders, want %d", c.version, c.n, len(got), c.orders)
		}
		if math.Abs(got[0].chance-c.byName) > 1e-9 || !slices.IsSorted(got[0].order) {
			t.Errorf("%s, %d objects: order of the names first with %.3f, want %.3f", c.version, c.n, got[0].chance, c.byName)
		}
		sum := 0.
		for _, r := range got {
			sum += r.chance
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s, %d objects: chances add up to %.3f", c.version, c.n, sum)
		}
	}
}

func TestFirstPlaces(t *testing.T) {
	for _, c := range []struct {
		places []int
		want   []float64
	}{
		{[]int{0}, []float64{1}},
		{[]int{0, 1}, []float64{7. / 8, 1. / 8}},
		{[]int{1, 4}, []float64{5. / 8, 3. / 8}},
		{[]int{0, 1, 2}, []float64{6. / 8, 1. / 8, 1. / 8}},
		{[]int{3, 9}, []float64{0.5, 0.5}}, // the map has grown
	} {
		if got := firstPlaces(c.places); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.places, got, c.want)
		}
	}
}

// A queue gives changes back as they came, keeps what waits already in its place, and offers all where there is no order.
func TestQueue(t *testing.T) {
	w := world{flags: flagArrival}
	w.wait(1 << 3)
	w.wait(pendingReload)
	w.wait(1<<0 | 1<<3)
	var got []uint32
	for w.pending != 0 {
		got = append(got, w.next())
		w.done(w.next())
	}
	if want := []uint32{1 << 3, pendingReload, 1 << 0}; !slices.Equal(got, want) {
		t.Errorf("taken %x, want %x", got, want)
	}
	if (w != world{flags: flagArrival}) {
		t.Errorf("something is left: %+v", w)
	}
	any := world{}
	any.wait(1<<3 | pendingReload)
	if any.next() != 1<<3|pendingReload {
		t.Errorf("next %x", any.next())
	}
}
