package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"

	"github.com/metallb-assay/assay/collect"
)

// Resources asks for the aggregated discovery, two requests in all, or group by group where the API server has none. A group whose
// own server does not answer is named in the error, and the others are listed.
func (c *Client) Resources(ctx context.Context) ([]collect.Resource, error) {
	needs := collect.Permission{Verb: "get", URL: "/apis"}
	d, err := discovery.NewDiscoveryClientForConfigAndClient(c.bound(ctx), &http.Client{Transport: boundTransport{ctx, c.http.Transport}})
	if err != nil {
		return nil, c.fail(ctx, err, needs)
	}
	lists, err := discovery.ServerPreferredResources(d)
	found := resources(lists)
	var partial *discovery.ErrGroupDiscoveryFailed
	if errors.As(err, &partial) && ctx.Err() == nil {
		var failed []string
		for gv := range partial.Groups {
			failed = append(failed, gv.String())
		}
		slices.Sort(failed)
		return found, c.fail(ctx, fmt.Errorf("what these groups serve could not be found out: %s", strings.Join(failed, ", ")), needs)
	}
	return found, c.fail(ctx, err, needs)
}

func resources(lists []*metav1.APIResourceList) []collect.Resource {
	var found []collect.Resource
	for _, list := range lists {
		group, version, ok := strings.Cut(list.GroupVersion, "/")
		if !ok {
			group, version = "", list.GroupVersion
		}
		for _, r := range list.APIResources {
			found = append(found, collect.Resource{Group: group, Version: version, Name: r.Name, Kind: r.Kind, Namespaced: r.Namespaced, Verbs: r.Verbs})
		}
	}
	slices.SortFunc(found, func(a, b collect.Resource) int {
		if n := strings.Compare(a.Group, b.Group); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
	return found
}

// Identify asks for the version, and for the user's name where the cluster can tell it (v1.27 and later).
func (c *Client) Identify(ctx context.Context) (collect.Identity, error) {
	id := collect.Identity{Context: c.context}
	var both sync.WaitGroup
	both.Go(func() { id.User = c.user(ctx) })
	needs := collect.Permission{Verb: "get", URL: "/version"}
	body, err := c.do(ctx, c.rest.Get().AbsPath("/version"), needs)
	both.Wait()
	if err != nil {
		return id, err
	}
	var version struct{ GitVersion string }
	if err := json.Unmarshal(body, &version); err != nil {
		return id, c.fail(ctx, fmt.Errorf("%s/version is not that of an API server: %w", c.config.Host, err), needs)
	}
	id.Version = version.GitVersion
	return id, nil
}

// user is the name by which the cluster knows the caller.
func (c *Client) user(ctx context.Context) string {
	for _, version := range []string{"v1", "v1beta1"} {
		review := collect.Object{"apiVersion": "authentication.k8s.io/" + version, "kind": "SelfSubjectReview"}
		var answer struct {
			Status struct{ UserInfo struct{ Username string } }
		}
		if c.review(ctx, collect.Resource{Group: "authentication.k8s.io", Version: version, Name: "selfsubjectreviews"}, review, &answer) == nil {
			return answer.Status.UserInfo.Username
		}
	}
	return ""
}

// Allowed asks with a SelfSubjectAccessReview, which every user may create.
func (c *Client) Allowed(ctx context.Context, p collect.Permission) (bool, error) {
	spec := collect.Object{"resourceAttributes": collect.Object{"namespace": p.Namespace, "verb": p.Verb, "group": p.Group,
		"resource": p.Resource, "subresource": p.Subresource, "name": p.Name}}
	if p.URL != "" {
		spec = collect.Object{"nonResourceAttributes": collect.Object{"path": p.URL, "verb": p.Verb}}
	}
	review := collect.Object{"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
	var answer struct {
		Status struct {
			Allowed         bool
			EvaluationError string
		}
	}
	err := c.review(ctx, collect.Resource{Group: "authorization.k8s.io", Version: "v1", Name: "selfsubjectaccessreviews"}, review, &answer)
	return answer.Status.Allowed, err
}

// review creates an object that the API server answers at once and keeps nowhere.
func (c *Client) review(ctx context.Context, r collect.Resource, review collect.Object, answer any) error {
	needs := collect.Permission{Verb: "create", Group: r.Group, Resource: r.Name}
	data, err := json.Marshal(review)
	if err != nil {
		return err
	}
	body, err := c.do(ctx, c.request("POST", r, "", "").SetHeader("Content-Type", "application/json").Body(data), needs)
	if err != nil {
		return err
	}
	return c.fail(ctx, json.Unmarshal(body, answer), needs)
}
