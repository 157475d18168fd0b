//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/metallb-assay/assay/schema"
)

// With the ClusterRole view alone there is a bundle, which says what to ask for.
func TestViewAlone(t *testing.T) {
	variant(t, "frr-k8s")
	c := collectAs(t, asAccount(t, "viewer"))
	if c.code != 4 {
		t.Errorf("exit %d, want 4\n%s%s", c.code, c.out, c.err)
	}
	for status, steps := range c.incomplete() {
		if status != schema.StatusForbidden && status != schema.StatusSkipped {
			t.Errorf("%s: %s: %s", steps[0].Name, status, steps[0].Error)
		}
	}
	c.holds(t, "objects/core/services/shop.yaml", "name: storefront")
	c.holds(t, "objects/core/pods/metallb-system.yaml", "name: controller-")
	for member := range logsNow(t) {
		c.holds(t, member)
	}
	c.lacks(t, "^(vtysh|frr|nodes|metrics|objects/metallb.io|objects/core/nodes)/")
	for _, want := range []string{"forbidden, ", "the caller may not", "list bgppeers.metallb.io", "kubectl assay plan -o yaml"} {
		if !strings.Contains(c.out, want) {
			t.Errorf("%q is not said:\n%s", want, c.out)
		}
	}
	if lines := strings.Count(c.out, "\n"); lines > 50 {
		t.Errorf("it ends with %d lines, more than a screen:\n%s", lines, c.out)
	}
	if r := analyze(t, c.file); r.Source.Cut || len(r.Unknowns) == 0 || len(r.Services) != 4 {
		t.Errorf("%d Services, %d unknowns, cut: %v", len(r.Services), len(r.Unknowns), r.Source.Cut)
	}
}

// With exactly the roles that the plan prints, and nothing more, a collection is complete.
func TestRolesOfThePlan(t *testing.T) {
	variant(t, "frr-k8s")
	account := []string{"--metrics-service-account", ours + "/metrics"}
	roles := must(t, plugin(), append([]string{"plan", "-o", "yaml", "--kubeconfig", lab.config}, account...)...)
	for _, word := range []string{`'*'`, `"*"`, "- secrets"} {
		if strings.Contains(roles, word) {
			t.Errorf("the roles have %s:\n%s", word, roles)
		}
	}
	bindings := bindingsOf(t, roles)
	t.Cleanup(func() {
		runWith(t, bindings+roles, lab.kubectl, "--kubeconfig", lab.config, "delete", "--ignore-not-found", "-f", "-")
	})
	narrow := asAccount(t, "narrow")
	if c := run(t, plugin(), "collect", "-q", "--no-analyze", "--kubeconfig", narrow, "--to", t.TempDir()+"/none.tgz"); c.code != 4 {
		t.Errorf("with no role at all: exit %d\n%s%s", c.code, c.out, c.err)
	}
	apply(t, roles)
	apply(t, bindings)
	c := collectAs(t, narrow, account...)
	var left []string // Secrets are left to those who may list them
	for _, s := range c.incomplete()[schema.StatusSkipped] {
		left = append(left, s.Name)
	}
	if slices.ContainsFunc(left, func(name string) bool { return !strings.HasPrefix(name, "objects/core/secrets/") }) {
		t.Errorf("left out were %q", left)
	}
	c.complete(t, left...)
	c.objectsButSecrets(t)
	c.routers(t, installs[len(installs)-1])
	c.metrics(t)
	healthy(t, analyze(t, c.file), installs[len(installs)-1].services...)
}

// objectsButSecrets checks a few of the lists that a role of its own allows.
func (c *collected) objectsButSecrets(t *testing.T) {
	t.Helper()
	c.holds(t, "objects/core/nodes/_cluster.yaml", "name: node-a")
	c.holds(t, "objects/metallb.io/ipaddresspools/metallb-system.yaml", "name: lan")
	c.holds(t, "objects/frrk8s.metallb.io/frrnodestates/_cluster.yaml", "name: node-a")
	c.holds(t, "objects/rbac.authorization.k8s.io/clusterroles/_cluster.yaml", "metallb-system:speaker")
	c.holds(t, "objects/core/events/metallb-system.yaml", "involvedObject:")
}

// bindingsOf binds each of the roles to the account narrow.
func bindingsOf(t *testing.T, roles string) string {
	t.Helper()
	var out strings.Builder
	for d := yaml.NewDecoder(strings.NewReader(roles)); ; {
		var role struct {
			Kind     string
			Metadata struct{ Name, Namespace string }
		}
		if d.Decode(&role) != nil {
			return out.String()
		}
		meta := map[string]string{"name": role.Metadata.Name + "-e2e"}
		if role.Kind == "Role" {
			meta["namespace"] = role.Metadata.Namespace
		}
		text, err := yaml.Marshal(map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": role.Kind + "Binding", "metadata": meta,
			"roleRef":  map[string]string{"apiGroup": "rbac.authorization.k8s.io", "kind": role.Kind, "name": role.Metadata.Name},
			"subjects": []any{map[string]string{"kind": "ServiceAccount", "name": "narrow", "namespace": ours}}})
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(text))
	}
}
