package kube

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	kschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubectl/pkg/describe"

	"github.com/metallb-assay/assay/collect"
)

// Describe is kubectl's own description, with events. A kind that kubectl has no words of its own for is described by its fields.
func (c *Client) Describe(ctx context.Context, r collect.Resource, namespace, name string) (string, error) {
	needs := collect.Permission{Verb: "get", Group: r.Group, Resource: r.Name, Namespace: namespace, Name: name}
	kind := kschema.GroupKind{Group: r.Group, Kind: r.Kind}
	config := c.bound(ctx)
	d, ok := describe.DescriberFor(kind, config)
	if !ok {
		mapping := &meta.RESTMapping{Resource: kschema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Name},
			GroupVersionKind: kind.WithVersion(r.Version), Scope: meta.RESTScopeRoot}
		if r.Namespaced {
			mapping.Scope = meta.RESTScopeNamespace
		}
		if d, ok = describe.GenericDescriberFor(mapping, config); !ok {
			return "", c.fail(ctx, fmt.Errorf("no description of %s", r), needs)
		}
	}
	text, err := d.Describe(namespace, name, describe.DescriberSettings{ShowEvents: true, ChunkSize: pageSize})
	return text, c.fail(ctx, err, needs)
}
