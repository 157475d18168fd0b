//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A fault made in objects is found with its cause; before and afterwards everything is called healthy.
func TestFaults(t *testing.T) {
	i := installs[len(installs)-1]
	variant(t, i.variant)
	healthy(t, analyze(t, collect(t, "--no-analyze").file), i.services...)
	for _, f := range []struct {
		fault, cause string
		services     []string // ill because of it; none: of the cluster
		shows        func(t *testing.T) bool
	}{
		{"pool-exhausted", "pools-exhausted", []string{"shop/late"}, func(t *testing.T) bool {
			return strings.Contains(kubectl(t, "get", "events", "-n", shop), "AllocationFailed")
		}},
		{"no-advertisement", "advertisement-selects-other-pools", []string{"shop/api", "shop/storefront"}, func(t *testing.T) bool { // a BGPAdvertisement is there, for the other pool
			return kubectl(t, "get", "servicel2statuses.metallb.io", "-A", "-o", "name") == ""
		}},
		{"wrong-password", "password-mismatch", nil, func(t *testing.T) bool {
			r := run(t, "bash", filepath.Join(lab.root, "scripts/lab/router.sh"), "vtysh", "-c", "show bgp ipv4 unicast summary json")
			return strings.Count(r.out, `"state":"Established"`) == 3
		}},
	} {
		t.Run(f.fault, func(t *testing.T) {
			t.Run("on", func(t *testing.T) {
				fault(t, f.fault)
				eventually(t, time.Minute, "the fault to show", func() bool { return f.shows(t) })
				c := collect(t, "--no-analyze")
				c.hides(t, secrets(t))
				ill(t, analyze(t, c.file), f.cause, f.services...)
			})
			steady(t, i.variant)
			time.Sleep(10 * time.Second) // one round of BGPSessionStates
			healthy(t, analyze(t, collect(t, "--no-analyze").file), i.services...)
		})
	}
}
