package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/metallb-assay/assay/collect"
	"github.com/metallb-assay/assay/schema"
)

// Patch sends a JSON merge patch.
func (c *Client) Patch(ctx context.Context, r collect.Resource, namespace, name string, merge []byte) (collect.Object, error) {
	req := c.request("PATCH", r, namespace, name).SetHeader("Content-Type", string(types.MergePatchType)).Body(merge)
	return c.object(ctx, req, r, collect.Permission{Verb: "patch", Group: r.Group, Resource: r.Name, Namespace: namespace, Name: name})
}

// Replace sends a whole object.
func (c *Client) Replace(ctx context.Context, r collect.Resource, o collect.Object) (collect.Object, error) {
	namespace, name := place(o)
	return c.send(ctx, "PUT", r, o, namespace, name, collect.Permission{Verb: "update", Group: r.Group, Resource: r.Name, Namespace: namespace, Name: name})
}

// Create sends an object that is not there yet.
func (c *Client) Create(ctx context.Context, r collect.Resource, o collect.Object) (collect.Object, error) {
	namespace, _ := place(o)
	return c.send(ctx, "POST", r, o, namespace, "", collect.Permission{Verb: "create", Group: r.Group, Resource: r.Name, Namespace: namespace})
}

func (c *Client) send(ctx context.Context, verb string, r collect.Resource, o collect.Object, namespace, name string, needs collect.Permission) (collect.Object, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return c.object(ctx, c.request(verb, r, namespace, name).SetHeader("Content-Type", "application/json").Body(data), r, needs)
}

func place(o collect.Object) (namespace, name string) {
	meta, _ := o["metadata"].(map[string]any)
	namespace, _ = meta["namespace"].(string)
	name, _ = meta["name"].(string)
	return namespace, name
}

// Delete deletes an object and, in the background, what it owns.
func (c *Client) Delete(ctx context.Context, r collect.Resource, namespace, name string) error {
	if name == "" {
		return errors.New("an object without a name cannot be deleted") // the path would be that of all of them
	}
	_, err := c.do(ctx, c.request("DELETE", r, namespace, name).Param("propagationPolicy", "Background"),
		collect.Permission{Verb: "delete", Group: r.Group, Resource: r.Name, Namespace: namespace, Name: name})
	if collect.StatusOf(err) == schema.StatusNotFound {
		return nil
	}
	return err
}

// AddEphemeral adds a container to a running pod.
func (c *Client) AddEphemeral(ctx context.Context, namespace, pod string, container collect.Object) error {
	patch, err := json.Marshal(collect.Object{"spec": collect.Object{"ephemeralContainers": []any{container}}})
	if err != nil {
		return err
	}
	_, err = c.do(ctx, c.request("PATCH", pods, namespace, pod, "ephemeralcontainers").SetHeader("Content-Type", string(types.StrategicMergePatchType)).Body(patch),
		collect.Permission{Verb: "patch", Resource: "pods", Subresource: "ephemeralcontainers", Namespace: namespace, Name: pod})
	return err
}

// shortestToken is the shortest lifetime that the API server grants.
const shortestToken = 10 * time.Minute

// Token asks for a token of a ServiceAccount, for ten minutes at least.
func (c *Client) Token(ctx context.Context, namespace, serviceAccount string, lifetime time.Duration) (string, error) {
	needs := collect.Permission{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: namespace, Name: serviceAccount}
	data, err := json.Marshal(collect.Object{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
		"spec": collect.Object{"expirationSeconds": int64(max(lifetime, shortestToken) / time.Second)}})
	if err != nil {
		return "", err
	}
	req := c.request("POST", collect.Resource{Version: "v1", Name: "serviceaccounts"}, namespace, serviceAccount, "token")
	body, err := c.do(ctx, req.SetHeader("Content-Type", "application/json").Body(data), needs)
	if err != nil {
		return "", err
	}
	var answer struct{ Status struct{ Token string } }
	if err := json.Unmarshal(body, &answer); err != nil || answer.Status.Token == "" {
		return "", c.fail(ctx, fmt.Errorf("the API server gave no token of ServiceAccount %s/%s", namespace, serviceAccount), needs)
	}
	c.secrets.add(answer.Status.Token)
	return answer.Status.Token, nil
}
