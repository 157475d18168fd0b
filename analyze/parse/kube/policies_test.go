package kube_test

import (
	"testing"

	"github.com/metallb-assay/assay/schema"
)

func TestPoliciesOfCNIs(t *testing.T) {
	for _, c := range []struct {
		name, spec string
		rules      int // of ingress that are kept; -1: no policy at all
	}{
		{"cilium, endpoints alone", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  endpointSelector: {matchLabels: {'k8s:app': web}}\n  ingress:\n  - fromEndpoints: [{matchLabels: {app: x}}]\n", 1},
		{"cilium, an empty rule denies", "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  endpointSelector: {matchLabels: {'any:app': web}}\n  ingress:\n  - {}\n", 0},
		{"calico, a rule that denies", "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  selector: app == 'web'\n  types: [Ingress]\n  ingress:\n  - {action: Deny}\n", 0},
		{"calico, a selector with or", "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: a}\nspec:\n  selector: app == 'web' || app == 'y'\n  ingress:\n  - {action: Allow}\n", -1},
	} {
		out, _ := parse(t, schema.KindObjects, "", c.spec)
		if c.rules < 0 {
			if len(out.NetworkPolicies) != 0 || len(out.Others) != 1 {
				t.Errorf("%s: %d policies", c.name, len(out.NetworkPolicies))
			}
			continue
		}
		if len(out.NetworkPolicies) != 1 || len(out.NetworkPolicies[0].Ingress) != c.rules || out.NetworkPolicies[0].PodSelector.MatchLabels["app"] != "web" {
			t.Errorf("%s: %+v", c.name, out.NetworkPolicies)
		}
	}
}
