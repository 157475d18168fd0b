package check

// Catalogue lists every check, in ladder order. Each phase keeps its list in its own file.
var Catalogue = concat(installChecks, configurationChecks, assignmentChecks, advertisementChecks, l2Checks, bgpChecks, datapathChecks)

func concat(lists ...[]*Check) []*Check {
	var all []*Check
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// Unproven lists the causes that no check looks for.
func Unproven() []Cause {
	has := map[string]bool{}
	for _, c := range Catalogue {
		has[c.Cause] = true
	}
	var rest []Cause
	for _, c := range Causes {
		if !has[c.Name] {
			rest = append(rest, c)
		}
	}
	return rest
}

// Of returns the check for a cause, or nil.
func Of(cause string) *Check {
	for _, c := range Catalogue {
		if c.Cause == cause {
			return c
		}
	}
	return nil
}
