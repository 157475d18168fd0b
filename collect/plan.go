package collect

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/metallb-assay/assay/schema"
)

// Plan is what a collection would do.
type Plan struct {
	Inventory *Inventory
	Steps     []Step // in the order in which they are asked for
}

// findNeeds are the permissions that Find uses to look for MetalLB.
var findNeeds = []Permission{
	{Verb: "list", Group: "apps", Resource: "daemonsets"},
	{Verb: "list", Group: "apps", Resource: "deployments"},
}

// MakePlan lists the steps that Collect would run, and runs none of them but the lists that the others depend on: which pods there
// are, and which Services. What those bring is dropped.
func MakePlan(ctx context.Context, c Cluster, ch Changer, o Options) (*Plan, error) {
	o = withDefaults(o)
	ctx, cancel := context.WithTimeout(ctx, o.Limits.Deadline)
	defer cancel()
	inv, err := Find(ctx, c, o.Namespace)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNothing, err)
	}
	dir, err := os.MkdirTemp("", "assay-plan-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	sp, err := newSpool(filepath.Join(dir, "plan"), dropAll{}, spoolBytes, schema.Header{})
	if err != nil {
		return nil, err
	}
	p := planner{inv: inv, o: o, changer: ch}
	steps := append(p.attachments(), p.first()...)
	newEngine(c, sp, o.Limits, nil).run(ctx, permitted(ctx, c, learning(steps)))
	changes, err := p.changes(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Plan{Inventory: inv, Steps: append(append(steps, p.second()...), changes...)}, nil
}

// changes are what the call would change or create in the cluster.
func (p *planner) changes(ctx context.Context, c Cluster) ([]Step, error) {
	var steps []Step
	if ns, name, ok := strings.Cut(p.o.MetricsAccount, "/"); ok {
		steps = append(steps, Step{Name: "token", Does: fmt.Sprintf("ask for a token of service account %s for %s, which metrics ports may want", p.o.MetricsAccount, tokenLifetime),
			Needs: []Permission{{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: ns, Name: name}}})
	}
	if p.o.DebugLogs == 0 {
		return steps, nil
	}
	levels, err := LevelChanges(ctx, c, p.inv)
	if err != nil {
		return steps, fmt.Errorf("how the log level is raised here: %w", err)
	}
	for _, l := range levels {
		s := Step{Name: debugStep, Does: fmt.Sprintf("%s, for %s, and put back what was there", l, p.o.DebugLogs), Namespace: l.Namespace}
		for _, verb := range []string{"get", "update"} {
			s.Needs = append(s.Needs, Permission{Verb: verb, Group: l.Resource.Group, Resource: l.Resource.Name, Namespace: l.Namespace, Name: l.Name})
		}
		if l.Missing {
			s.Needs = append(s.Needs, Permission{Verb: "create", Group: l.Resource.Group, Resource: l.Resource.Name, Namespace: l.Namespace},
				Permission{Verb: "delete", Group: l.Resource.Group, Resource: l.Resource.Name, Namespace: l.Namespace, Name: l.Name})
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// learning are the steps from which later ones follow.
func learning(steps []Step) []Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s Step) bool { return !s.Learns })
}

// Needs are the permissions of all steps that would be tried, each once.
func (p *Plan) Needs() []Permission {
	all := slices.Clone(findNeeds)
	for _, s := range p.Steps {
		if s.Skip == "" {
			all = append(all, s.Needs...)
		}
	}
	slices.SortFunc(all, func(a, b Permission) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Subresource, b.Subresource), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.URL, b.URL), cmp.Compare(a.Name, b.Name))
	})
	all = slices.Compact(all)
	// what is allowed in all namespaces is allowed in each
	return slices.DeleteFunc(all, func(x Permission) bool {
		everywhere := x
		everywhere.Namespace = ""
		return x.Namespace != "" && slices.Contains(all, everywhere)
	})
}

// roleName is that of the generated roles.
const roleName = "assay-collect"

// Roles are the ClusterRole, and a Role for each namespace, that allow exactly what the plan needs, as YAML documents.
func (p *Plan) Roles() ([]byte, error) {
	var out []byte
	byNamespace := map[string][]Permission{}
	for _, n := range p.Needs() {
		byNamespace[n.Namespace] = append(byNamespace[n.Namespace], n)
	}
	var namespaces []string
	for ns := range byNamespace {
		namespaces = append(namespaces, ns)
	}
	slices.Sort(namespaces)
	for _, ns := range namespaces {
		role := Object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": map[string]any{"name": roleName}, "rules": rules(byNamespace[ns])}
		if ns != "" {
			role["kind"] = "Role"
			role["metadata"] = map[string]any{"name": roleName, "namespace": ns}
		}
		data, err := yaml.Marshal(role)
		if err != nil {
			return nil, err
		}
		out = append(append(out, "---\n"...), data...)
	}
	return out, nil
}

// rules are permissions as a role has them: those of one group and verb together.
func rules(all []Permission) []any {
	type key struct{ group, verb, name string }
	resources := map[key][]any{}
	var order []key
	var urls []any
	for _, p := range all {
		if p.URL != "" {
			urls = append(urls, p.URL)
			continue
		}
		k := key{p.Group, p.Verb, p.Name}
		if resources[k] == nil {
			order = append(order, k)
		}
		name := p.Resource
		if p.Subresource != "" {
			name += "/" + p.Subresource
		}
		resources[k] = append(resources[k], name)
		if p.Verb == "create" && (p.Subresource == "exec" || p.Subresource == "portforward") {
			// clients that speak WebSocket get what older ones create: without this each first connection is refused once
			k.verb = "get"
			if resources[k] == nil {
				order = append(order, k)
			}
			resources[k] = append(resources[k], name)
		}
	}
	var out []any
	for _, k := range order {
		rule := map[string]any{"apiGroups": []any{k.group}, "resources": resources[k], "verbs": []any{k.verb}}
		if k.name != "" {
			rule["resourceNames"] = []any{k.name}
		}
		out = append(out, rule)
	}
	if len(urls) > 0 {
		out = append(out, map[string]any{"nonResourceURLs": urls, "verbs": []any{"get"}})
	}
	return out
}
