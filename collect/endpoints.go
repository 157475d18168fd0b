package collect

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/metallb-assay/assay/schema"
)

// secondLists are the lists that the Services in question lead to.
func secondLists(inv *Inventory) []Step {
	services := inv.Services()
	var all []Step
	slicesOf, ok := inv.Resource("discovery.k8s.io", "endpointslices")
	if !ok {
		slicesOf, _ = inv.Resource("", "endpoints")
	}
	if len(services) > 0 {
		all = append(all, endpoints(inv, slicesOf), podsOfServices(inv))
	}
	if r, ok := inv.Resource("networking.k8s.io", "networkpolicies"); ok {
		all = append(all, policies(inv, r)...)
	}
	if r, ok := inv.Resource("events.k8s.io", "events"); ok && len(services) > 0 {
		all = append(all, objectsOf{resource: r, query: Query{Fields: "regarding.kind=Service"}, of: "services", does: "list events.events.k8s.io of services in all namespaces",
			keep: func(o Object) bool { return !slices.Contains(inv.Namespaces(), namespaceOf(o)) }}.step(inv.MetalLB))
	}
	return all
}

// manyNamespaces is from how many namespaces on one list of all of them costs the cluster less than a list of each.
const manyNamespaces = 20

// endpoints lists the EndpointSlices (or Endpoints) of the Services in question.
func endpoints(inv *Inventory, r Resource) Step {
	services := map[string]*Service{}
	for _, s := range inv.Services() {
		services[s.Namespace+"/"+s.Name] = s
	}
	return objectsOf{resource: r, does: "list " + r.String() + " in all namespaces and keep those of the services in question", keep: func(o Object) bool {
		name := label(o, "kubernetes.io/service-name")
		if name == "" {
			name = nameOf(o)
		}
		return services[namespaceOf(o)+"/"+name] != nil
	}}.step(inv.MetalLB)
}

// podsOfServices lists the pods that the selectors of the Services in question choose.
func podsOfServices(inv *Inventory) Step {
	r, _ := inv.Resource("", "pods")
	byNamespace := map[string][]map[string]string{}
	for _, s := range inv.Services() {
		if len(s.Selector) > 0 {
			byNamespace[s.Namespace] = append(byNamespace[s.Namespace], s.Selector)
		}
	}
	var namespaces []string
	for ns := range byNamespace {
		if !slices.Contains(inv.Namespaces(), ns) {
			namespaces = append(namespaces, ns)
		}
	}
	sort.Strings(namespaces)
	does := fmt.Sprintf("list pods in %d namespaces and keep those behind the services in question", len(namespaces))
	queries := namespaces
	if len(namespaces) >= manyNamespaces {
		does = "list pods in all namespaces and keep those behind the services in question"
		queries = []string{""}
	}
	s := Step{Name: "objects/core/pods (behind services)", Does: does, Class: ClassObjects}
	for _, ns := range queries {
		s.Needs = append(s.Needs, Permission{Verb: "list", Resource: "pods", Namespace: ns})
	}
	if len(queries) == 0 {
		s.Skip = "no service in question has a selector in a namespace that is not listed anyway"
	}
	s.Run = func(ctx context.Context, w *Work) error {
		out := &documents{w: w, folder: folder(r)}
		var failed []error
		for _, ns := range queries {
			err := w.Cluster.List(ctx, r, Query{Namespace: ns}, func(o Object) error {
				if !slices.ContainsFunc(byNamespace[namespaceOf(o)], func(sel map[string]string) bool { return selects(sel, o) }) {
					return nil
				}
				complete(o, r)
				shapeUserPod(o)
				return out.add(o)
			})
			if err != nil {
				failed = append(failed, fmt.Errorf("in %s: %w", ns, err))
			}
		}
		err := out.close()
		if len(failed) > 0 {
			w.Note("%d of %d namespaces could not be listed", len(failed), len(queries))
			err = failed[0]
		}
		return err
	}
	return s
}

func selects(selector map[string]string, o Object) bool {
	for k, v := range selector {
		if label(o, k) != v {
			return false
		}
	}
	return true
}

// policies lists the NetworkPolicies of the namespaces of the Services in question.
func policies(inv *Inventory, r Resource) []Step {
	inv.mu.Lock()
	var namespaces []string
	for ns := range inv.namespaces {
		namespaces = append(namespaces, ns)
	}
	inv.mu.Unlock()
	namespaces = slices.DeleteFunc(namespaces, func(ns string) bool { return slices.Contains(inv.Namespaces(), ns) })
	sort.Strings(namespaces)
	if len(namespaces) >= manyNamespaces {
		return []Step{objectsOf{resource: r, of: "services", does: "list networkpolicies in all namespaces and keep those of the services' namespaces",
			keep: func(o Object) bool { return slices.Contains(namespaces, namespaceOf(o)) }}.step(inv.MetalLB)}
	}
	var all []Step
	for _, ns := range namespaces {
		all = append(all, objectsOf{resource: r, query: Query{Namespace: ns}}.step(inv.MetalLB))
	}
	return all
}

// secretsOf lists the names, types and numbers of keys of the Secrets in a namespace, from the table that the API server prints; the
// Secrets themselves are never read. The generated roles do not ask for the permission: without it the step is skipped.
func secretsOf(inv *Inventory, ns string) Step {
	r, _ := inv.Resource("", "secrets")
	need := Permission{Verb: "list", Resource: "secrets", Namespace: ns}
	return Step{Name: folder(r) + "/" + ns, Does: "list names, types and numbers of keys of secrets in " + ns + ", where that is allowed anyway", Class: ClassObjects, Namespace: ns,
		Run: func(ctx context.Context, w *Work) error {
			if ok, err := w.Cluster.Allowed(ctx, need); err != nil || !ok {
				w.End(schema.StatusSkipped)
				w.Note("the caller may not list secrets, and need not")
				return nil
			}
			t, err := w.Cluster.Table(ctx, r, Query{Namespace: ns})
			if err != nil {
				return err
			}
			out := &documents{w: w, folder: folder(r)}
			name, kind, keys := slices.Index(t.Columns, "Name"), slices.Index(t.Columns, "Type"), slices.Index(t.Columns, "Data")
			for _, row := range t.Rows {
				if name < 0 || kind < 0 || keys < 0 || len(row) <= max(name, kind, keys) {
					return fmt.Errorf("the table of secrets has the columns %q", t.Columns)
				}
				o := Object{"apiVersion": "v1", "kind": "Secret", "type": row[kind], "metadata": map[string]any{"name": row[name], "namespace": ns,
					"annotations": map[string]any{"assay/keys": row[keys]}}}
				if err := out.add(o); err != nil {
					return err
				}
			}
			return out.close()
		}}
}

// sideBySide asks for several things at once, at most 8; the results are in the order of the keys, those that failed are zero.
func sideBySide[K, T any](ctx context.Context, keys []K, get func(context.Context, K) (T, error)) ([]T, error) {
	results := make([]T, len(keys))
	errs := make([]error, len(keys))
	var wg sync.WaitGroup
	gate := make(chan struct{}, 8)
	for i, key := range keys {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			results[i], errs[i] = get(ctx, key)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return results, err
		}
	}
	return results, nil
}
