package collect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// A plan names what a collection would do and the permissions that it needs, and does nothing.
func TestPlan(t *testing.T) {
	c := newFakeCluster()
	p, err := MakePlan(context.Background(), c, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var does []string
	for _, s := range p.Steps {
		does = append(does, s.Does)
		if s.Does == "" {
			t.Errorf("step %s does not say what it does", s.Name)
		}
	}
	for _, want := range []string{"list services in all namespaces and keep those of type LoadBalancer", "read the log of ", "show FRR's files and state", "read metrics of ", "describe service "} {
		if !slices.ContainsFunc(does, func(d string) bool { return strings.Contains(d, want) }) {
			t.Errorf("no step does %q:\n%s", want, strings.Join(does, "\n"))
		}
	}
	roles, err := p.Roles()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(roles), "secrets") || strings.Contains(string(roles), "'*'") {
		t.Errorf("the roles allow more than a collection needs:\n%s", roles)
	}
	for _, want := range []string{"kind: ClusterRole\n", "kind: Role\n", "- pods/log\n", "- pods/exec\n"} {
		if !strings.Contains(string(roles), want) {
			t.Errorf("the roles lack %q:\n%s", want, roles)
		}
	}
}

func TestPermissionsOfAPlan(t *testing.T) {
	p := &Plan{Steps: []Step{
		{Needs: []Permission{{Verb: "list", Resource: "pods"}, {Verb: "get", Resource: "pods", Subresource: "log", Namespace: "m"}}},
		{Needs: []Permission{{Verb: "list", Resource: "pods", Namespace: "m"}}},
		{Skip: "--no-exec", Needs: []Permission{{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "m"}}},
	}}
	want := "[list pods list daemonsets.apps list deployments.apps get pods/log in m]"
	if got := fmt.Sprint(p.Needs()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// bare is a cluster that serves nothing of MetalLB's.
type bare struct{ *fakeCluster }

func (bare) Resources(context.Context) ([]Resource, error) {
	r, _ := builtin("", "services")
	return []Resource{r}, nil
}

func (bare) List(context.Context, Resource, Query, func(Object) error) error { return nil }

// Where there is no MetalLB a collection is not complete.
func TestNoMetalLB(t *testing.T) {
	r, err := Collect(context.Background(), bare{newFakeCluster()}, nil, passing{}, Options{Partial: t.TempDir() + "/x.partial"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Complete() || !slices.ContainsFunc(r.Steps, func(s schema.Step) bool {
		return s.Name == "logs" && s.Status == schema.StatusNotFound && strings.Contains(s.Error, "--namespace")
	}) {
		t.Errorf("complete %v, steps %+v", r.Complete(), r.Steps)
	}
}
