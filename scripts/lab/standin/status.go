package main

import (
	"context"
	"reflect"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// setConfigState writes the program's ConfigurationState: whether it took the last configuration. refused is MetalLB's words why not.
func (c *cluster) setConfigState(ctx context.Context, name, condition string, labels map[string]string, refused string) {
	const caller, reconciler = "configuration_state_controller.go:77", "ConfigurationStateReconciler"
	c.log.info("configuration_state_controller.go:40", "controller", reconciler, "start reconcile", c.namespace+"/"+name)
	status := map[string]any{"result": "Valid", "conditions": []any{map[string]any{"type": condition, "status": "True", "reason": "Reconciled", "message": ""}}}
	if refused != "" {
		status["result"], status["errorSummary"] = "Invalid", refused
		status["conditions"] = []any{map[string]any{"type": condition, "status": "False", "reason": "ConfigError", "message": refused}}
	}
	old := c.find(ctx, configStates, name)
	created := old == nil
	if created {
		old = c.newObject("metallb.io/v1beta1", "ConfigurationState", labels)
		old.SetName(name)
		if old = c.create(ctx, configStates, old); old == nil {
			return
		}
		c.log.info(caller, "controller", reconciler, "event", "ConfigurationState created", "name", name)
	}
	if c.pod != nil && !created && (len(old.GetOwnerReferences()) == 0 || old.GetOwnerReferences()[0].UID != c.pod.UID) {
		c.owners(old)
		if u, err := c.dyn.Resource(configStates).Namespace(c.namespace).Update(ctx, old, metav1.UpdateOptions{}); err == nil {
			old = u
			c.log.info(caller, "controller", reconciler, "event", "ConfigurationState updated", "name", name)
		}
	}
	if sameCondition(old.Object["status"], status) {
		c.log.info(caller, "controller", reconciler, "event", "ConfigurationState unchanged", "name", name)
	} else {
		status["conditions"].([]any)[0].(map[string]any)["lastTransitionTime"] = time.Now().UTC().Format(time.RFC3339)
		if c.setStatus(ctx, configStates, old, status) != nil {
			c.log.info(caller, "controller", reconciler, "event", "ConfigurationState updatedStatusOnly", "name", name)
		}
	}
	c.log.info("configuration_state_controller.go:79", "controller", reconciler, "end reconcile", c.namespace+"/"+name)
}

// sameCondition compares two statuses of a ConfigurationState but for the time of the condition.
func sameCondition(old any, status map[string]any) bool {
	was, ok := old.(map[string]any)
	if !ok || was["result"] != status["result"] || was["errorSummary"] != status["errorSummary"] {
		return false
	}
	conditions, _ := was["conditions"].([]any)
	return len(conditions) == 1
}

// find reads one object from the API server; nil when there is none.
func (c *cluster) find(ctx context.Context, r schema.GroupVersionResource, name string) *unstructured.Unstructured {
	u, err := c.dyn.Resource(r).Namespace(c.namespaceOf(r)).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		if !apierrors.IsNotFound(err) && ctx.Err() == nil {
			c.log.zap(levelError, "error", "", "Reconciler error", "controller", r.Resource, "name", name, "error", err)
		}
		return nil
	}
	return u
}

// namespaceOf is where the program's objects of a resource are: FRRNodeStates are the cluster's.
func (c *cluster) namespaceOf(r schema.GroupVersionResource) string {
	if r == frrNodeStates {
		return ""
	}
	return c.namespace
}

func (c *cluster) newObject(version, kind string, labels map[string]string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": version, "kind": kind, "spec": map[string]any{}}}
	u.SetNamespace(c.namespace)
	u.SetLabels(labels)
	c.owners(u)
	if kind == "ConfigurationState" {
		delete(u.Object, "spec")
	}
	return u
}

// create and setStatus return nil, and tell, where the API server refuses.
func (c *cluster) create(ctx context.Context, r schema.GroupVersionResource, u *unstructured.Unstructured) *unstructured.Unstructured {
	made, err := c.dyn.Resource(r).Namespace(c.namespaceOf(r)).Create(ctx, u, metav1.CreateOptions{})
	if err != nil {
		if ctx.Err() == nil {
			c.log.zap(levelError, "error", "", "Reconciler error", "controller", r.Resource, "name", u.GetName(), "error", err)
		}
		return nil
	}
	return made
}

func (c *cluster) setStatus(ctx context.Context, r schema.GroupVersionResource, u *unstructured.Unstructured, status map[string]any) *unstructured.Unstructured {
	u = u.DeepCopy()
	u.Object["status"] = status
	made, err := c.dyn.Resource(r).Namespace(c.namespaceOf(r)).UpdateStatus(ctx, u, metav1.UpdateOptions{})
	if err != nil {
		if ctx.Err() == nil && !apierrors.IsConflict(err) {
			c.log.zap(levelError, "error", "", "Reconciler error", "controller", r.Resource, "name", u.GetName(), "error", err)
		}
		return nil
	}
	return made
}

// statusKind is a kind of status object that a speaker keeps for each Service that it announces.
type statusKind struct {
	resource                  schema.GroupVersionResource
	kind, prefix, controller  string
	started, made, kept, gone string // callers in the log
}

var (
	l2Kind  = statusKind{l2Statuses, "ServiceL2Status", "l2-", "Layer2StatusReconciler", "layer2_status_controller.go:68", "layer2_status_controller.go:149", "layer2_status_controller.go:153", "layer2_status_controller.go:124"}
	bgpKind = statusKind{bgpStatuses, "ServiceBGPStatus", "bgp-", "ServiceBGPStatus", "bgp_status_controller.go:62", "bgp_status_controller.go:150", "bgp_status_controller.go:154", "bgp_status_controller.go:126"}
)

// setServiceStatuses makes the node's status objects of a kind what want says, by NAMESPACE/NAME of the Service. As in MetalLB the
// statuses of layer 2 belong to the Service: the announcer removes those of other nodes.
func (c *cluster) setServiceStatuses(ctx context.Context, k statusKind, want map[string]map[string]any) {
	done := map[string]bool{}
	for _, u := range c.list(k.resource) {
		labels := u.GetLabels()
		service := labels["metallb.io/service-namespace"] + "/" + labels["metallb.io/service-name"]
		mine := labels["metallb.io/node"] == c.node
		status := want[service]
		switch {
		case mine && status != nil && !done[service]:
			done[service] = true
			if !reflect.DeepEqual(u.Object["status"], any(status)) {
				c.log.info(k.started, "controller", k.controller, "start reconcile", service)
				if u := c.setStatus(ctx, k.resource, u, status); u != nil {
					c.log.debug(k.kept, "controller", k.controller, "updated state", marshal(u.Object))
				}
				c.log.info(k.gone, "controller", k.controller, "end reconcile", service)
			}
		case mine, status != nil && k.kind == "ServiceL2Status":
			c.log.info(k.started, "controller", k.controller, "start reconcile", service)
			if err := c.dyn.Resource(k.resource).Namespace(c.namespace).Delete(ctx, u.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
				c.log.zap(levelError, "error", "", "Reconciler error", "controller", k.controller, "error", err)
			}
			c.log.info(k.gone, "controller", k.controller, "end reconcile", service)
		}
	}
	for service, status := range want {
		if done[service] {
			continue
		}
		c.log.info(k.started, "controller", k.controller, "start reconcile", service)
		u := c.newObject("metallb.io/v1beta1", k.kind, map[string]string{"metallb.io/node": c.node,
			"metallb.io/service-namespace": status["serviceNamespace"].(string), "metallb.io/service-name": status["serviceName"].(string)})
		u.SetGenerateName(k.prefix)
		if u = c.create(ctx, k.resource, u); u != nil {
			c.log.debug(k.made, "controller", k.controller, "created state", marshal(u.Object))
			if u = c.setStatus(ctx, k.resource, u, status); u != nil {
				_ = c.stores[k.resource].Update(u)
			}
		}
		c.log.info(k.gone, "controller", k.controller, "end reconcile", service)
	}
}
