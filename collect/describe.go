package collect

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// describeMax is how many Services are described when none is named: each costs the cluster several requests.
const describeMax = 20

// describe are the steps that describe the Services in question, as kubectl does.
func (p *planner) describe() []Step {
	r, _ := p.inv.Resource("", "services")
	services := p.inv.Services()
	var steps []Step
	if len(services) > describeMax && len(p.o.Services) == 0 {
		steps = append(steps, Step{Name: "describe (the others)", Does: "describe services", Class: ClassState,
			Skip: fmt.Sprintf("%d of %d services are described; name others with --service", describeMax, len(services))})
		services = services[:describeMax]
	}
	for _, s := range services {
		path := fmt.Sprintf("describe/%s/service/%s.txt", s.Namespace, s.Name)
		steps = append(steps, Step{Name: path, Does: fmt.Sprintf("describe service %s/%s", s.Namespace, s.Name), Class: ClassState, Namespace: s.Namespace,
			Needs: describeNeeds(s.Namespace), Timeout: quick,
			Run: func(ctx context.Context, w *Work) error {
				t, err := w.Cluster.Describe(ctx, r, s.Namespace, s.Name)
				if err != nil {
					return err
				}
				return w.copy(path, io.Reader(strings.NewReader(t)))
			}})
	}
	return steps
}

// describeNeeds are the permissions that describing a Service uses: the Service, its endpoints, its events.
func describeNeeds(ns string) []Permission {
	return []Permission{
		{Verb: "get", Resource: "services", Namespace: ns},
		{Verb: "list", Resource: "events", Namespace: ns},
		{Verb: "list", Group: "discovery.k8s.io", Resource: "endpointslices", Namespace: ns},
	}
}
