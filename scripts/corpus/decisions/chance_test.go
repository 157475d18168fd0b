package decisions

import (
	"math"
	"testing"

	"github.com/metallb-assay/assay/analyze/metallb"
)

func TestShowsAll(t *testing.T) {
	even := func(chances ...float64) []metallb.Odds {
		var out []metallb.Odds
		for _, c := range chances {
			out = append(out, metallb.Odds{InOrder: c, InAny: c})
		}
		return out
	}
	for name, c := range map[string]struct {
		courses []metallb.Odds
		want    float64
	}{
		"one course is always met":                {even(1), 1},
		"a course of one in eight":                {even(0.875, 0.125), 1 - math.Pow(0.875, 24)},
		"three alike":                             {even(1./3, 1./3, 1./3), 1 - 3*math.Pow(2./3, 24) + 3*math.Pow(1./3, 24)},
		"one that only runs out of order meet":    {[]metallb.Odds{{InOrder: 1, InAny: 0.5}, {InAny: 0.5}}, 1 - math.Pow(0.5, 12)},
		"many, of which few are nearly never met": {even(0.9999, 0.00002, 0.00002, 0.00002, 0.00002, 0.00002), 0},
		"many that are met":                       {even(0.2, 0.2, 0.2, 0.2, 0.2), 1},
	} {
		if got := showsAll(c.courses, 24, 3); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("%s: %.4f, want %.4f", name, got, c.want)
		}
	}
}
