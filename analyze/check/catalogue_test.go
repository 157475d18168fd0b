package check

import (
	"slices"
	"testing"
)

// TestExplanationsHaveNoCircle: where two causes explained each other, both would be folded away and none be told.
func TestExplanationsHaveNoCircle(t *testing.T) {
	explains := map[string][]string{}
	for _, c := range Catalogue {
		if _, ok := explains[c.Cause]; ok {
			t.Errorf("%s has two checks", c.Cause)
		}
		explains[c.Cause] = c.Explains
		for _, name := range c.Explains {
			if _, ok := CauseOf(name); !ok {
				t.Errorf("%s explains %s, which is no cause", c.Cause, name)
			}
		}
	}
	var walk func(cause string, path []string)
	walk = func(cause string, path []string) {
		if i := slices.Index(path, cause); i >= 0 {
			t.Fatalf("a circle of explanations: %v", append(path[i:], cause))
		}
		for _, next := range explains[cause] {
			walk(next, append(slices.Clone(path), cause))
		}
	}
	for _, c := range Catalogue {
		walk(c.Cause, nil)
	}
}

func TestEveryCauseHasACodeOfItsPhase(t *testing.T) {
	hundred := map[string]string{"install": "ML0", "configuration": "ML1", "assignment": "ML2", "advertisement": "ML3", "l2": "ML4", "bgp": "ML5", "datapath": "ML6"}
	seen := map[string]bool{}
	for _, c := range Causes {
		if seen[c.Code] || seen[c.Name] || c.Code[:3] != hundred[string(c.Phase)] {
			t.Errorf("%s %s: doubled, or not a code of phase %s", c.Code, c.Name, c.Phase)
		}
		seen[c.Code], seen[c.Name] = true, true
	}
}
