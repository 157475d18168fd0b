package decisions

import (
	"math"
	"slices"

	"github.com/metallb-assay/assay/analyze/metallb"
)

// maxApart is how many courses showsAll tells apart; the less likely ones count as one.
const maxApart = 24

// showsAll is how likely it is that so many runs meet more than few courses, or else every possible one: that a comparison with a right
// prediction of all possible courses comes out equal. Half of the runs take waiting changes in the order in which they came.
func showsAll(courses []metallb.Odds, runs, few int) float64 {
	odds := slices.SortedFunc(slices.Values(courses), func(a, b metallb.Odds) int {
		x, y := a.InOrder+a.InAny, b.InOrder+b.InAny
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for len(odds) > maxApart {
		last := odds[len(odds)-1]
		odds = odds[:len(odds)-1]
		odds[len(odds)-1].InOrder += last.InOrder
		odds[len(odds)-1].InAny += last.InAny
	}
	n := len(odds)
	most := min(few, n-1)
	// The chance to stay within a set of courses is a power; by inclusion and exclusion it gives the chance to meet just the courses of a
	// set, summed over all sets of up to most courses.
	missed := 0.
	subsets(n, most, func(set []int) {
		var c metallb.Odds
		for _, i := range set {
			c.InOrder += odds[i].InOrder
			c.InAny += odds[i].InAny
		}
		half := float64(runs) / 2
		within := math.Pow(min(c.InOrder, 1), half) * math.Pow(min(c.InAny, 1), half)
		factor, sign := 0., 1.
		for k := len(set); k <= most; k++ {
			factor += sign * binomial(n-len(set), k-len(set))
			sign = -sign
		}
		missed += factor * within
	})
	return min(max(1-missed, 0), 1)
}

// subsets calls f for each set of one to most of the numbers below n.
func subsets(n, most int, f func([]int)) {
	var add func(set []int, from int)
	add = func(set []int, from int) {
		if len(set) > 0 {
			f(set)
		}
		if len(set) == most {
			return
		}
		for i := from; i < n; i++ {
			add(append(set, i), i+1)
		}
	}
	add(make([]int, 0, most), 0)
}

func binomial(n, k int) float64 {
	out := 1.
	for i := range k {
		out = out * float64(n-i) / float64(i+1)
	}
	return out
}
