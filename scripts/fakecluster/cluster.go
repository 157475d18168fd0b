package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

type object = map[string]any

// cluster is what is served. Everything in it follows from its sizes.
type cluster struct {
	nodes, services, hang, fail int
	logMiB                      float64
}

// resources are the kinds that are served, by their path.
var resources = map[string][]object{
	"/api/v1": {
		resource("nodes", "Node", false), resource("namespaces", "Namespace", false), resource("services", "Service", true), resource("pods", "Pod", true),
		resource("events", "Event", true), resource("configmaps", "ConfigMap", true), resource("secrets", "Secret", true),
	},
	"/apis/apps/v1":             {resource("daemonsets", "DaemonSet", true), resource("deployments", "Deployment", true)},
	"/apis/discovery.k8s.io/v1": {resource("endpointslices", "EndpointSlice", true)},
	"/apis/metallb.io/v1beta1":  {resource("ipaddresspools", "IPAddressPool", true), resource("l2advertisements", "L2Advertisement", true), resource("servicel2statuses", "ServiceL2Status", true)},
}

func resource(name, kind string, namespaced bool) object {
	return object{"name": name, "singularName": strings.ToLower(kind), "kind": kind, "namespaced": namespaced, "verbs": []string{"get", "list"}}
}

func (c *cluster) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, object{"major": "1", "minor": "34", "gitVersion": "v1.34.4"})
	})
	mux.HandleFunc("GET /api", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, object{"kind": "APIVersions", "versions": []string{"v1"}})
	})
	mux.HandleFunc("GET /apis", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, groups()) })
	for path, list := range resources {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			version := strings.TrimPrefix(strings.TrimPrefix(path, "/apis/"), "/api/")
			answer(w, 200, object{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": list})
		})
		for _, r := range list {
			name, kind := r["name"].(string), r["kind"].(string)
			all := func(w http.ResponseWriter, q *http.Request) { c.list(w, q, path, name, kind) }
			mux.HandleFunc("GET "+path+"/"+name, all)
			mux.HandleFunc("GET "+path+"/namespaces/{namespace}/"+name, all)
		}
	}
	mux.HandleFunc("GET /api/v1/namespaces/{namespace}/pods/{pod}/log", c.log)
	mux.HandleFunc("GET /api/v1/namespaces/{namespace}/services/{name}", func(w http.ResponseWriter, q *http.Request) {
		i := 0
		_, _ = fmt.Sscanf(q.PathValue("name"), "service-%d", &i)
		s := c.service(i)
		s["kind"], s["apiVersion"] = "Service", "v1"
		answer(w, 200, s)
	})
	mux.HandleFunc("POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 201, object{"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "status": object{"allowed": true}})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		refuse(w, 404, "NotFound", "the server could not find "+q.URL.Path)
	})
	return mux
}

func groups() object {
	var all []object
	for path := range resources {
		version, ok := strings.CutPrefix(path, "/apis/")
		if !ok {
			continue
		}
		name, v, _ := strings.Cut(version, "/")
		gv := object{"groupVersion": version, "version": v}
		all = append(all, object{"name": name, "versions": []object{gv}, "preferredVersion": gv})
	}
	return object{"kind": "APIGroupList", "apiVersion": "v1", "groups": all}
}

// list answers a page of a list: objects are made for the page alone.
func (c *cluster) list(w http.ResponseWriter, q *http.Request, path, resource, kind string) {
	if strings.Contains(q.Header.Get("Accept"), "as=Table") {
		answer(w, 200, object{"kind": "Table", "apiVersion": "meta.k8s.io/v1", "rows": []object{},
			"columnDefinitions": []object{{"name": "Name", "type": "string"}, {"name": "Type", "type": "string"}, {"name": "Data", "type": "integer"}}})
		return
	}
	n, item := c.items(resource, q.PathValue("namespace"), q.URL.Query().Get("labelSelector")+q.URL.Query().Get("fieldSelector"))
	from, _ := strconv.Atoi(q.URL.Query().Get("continue"))
	limit, _ := strconv.Atoi(q.URL.Query().Get("limit"))
	to := n
	meta := object{"resourceVersion": "1"}
	if limit > 0 && from+limit < n {
		to = from + limit
		meta["continue"] = strconv.Itoa(to)
		meta["remainingItemCount"] = n - to
	}
	items := make([]object, 0, max(to-from, 0))
	for i := from; i < to; i++ {
		items = append(items, item(i))
	}
	answer(w, 200, object{"kind": kind + "List", "apiVersion": strings.TrimPrefix(strings.TrimPrefix(path, "/apis/"), "/api/"), "metadata": meta, "items": items})
}

func none(int) object { return nil }

// items are how many objects there are of a resource, and how to make each.
func (c *cluster) items(resource, namespace, selector string) (int, func(int) object) {
	home := namespace == "" || namespace == metallb
	switch {
	case resource == "nodes":
		return c.nodes, c.node
	case resource == "services" && selector == "" && namespace == "":
		return c.services, c.service
	case resource == "endpointslices" && namespace == "":
		return c.services, c.slice
	case resource == "pods" && namespace == metallb:
		return c.nodes + 1, c.pod
	case resource == "daemonsets" && home && !strings.Contains(selector, "kubernetes.io/name"):
		return 1, func(int) object { return workload("speaker") }
	case resource == "deployments" && home && !strings.Contains(selector, "kubernetes.io/name"):
		return 1, func(int) object { return workload("controller") }
	case resource == "ipaddresspools" && home:
		return 1, func(int) object {
			return object{"metadata": meta(metallb, "pool", nil), "spec": object{"addresses": []string{"10.64.0.0/16"}}}
		}
	case resource == "l2advertisements" && home:
		return 1, func(int) object { return object{"metadata": meta(metallb, "all", nil)} }
	case resource == "servicel2statuses" && home:
		return min(c.services, 50), c.status
	}
	return 0, none
}

const metallb = "metallb-system"

func meta(namespace, name string, labels object) object {
	m := object{"name": name, "uid": fmt.Sprintf("%x-%s", len(name)*7919, name), "resourceVersion": "1", "creationTimestamp": "2026-01-02T03:04:05Z"}
	if namespace != "" {
		m["namespace"] = namespace
	}
	if labels != nil {
		m["labels"] = labels
	}
	return m
}

func nodeName(i int) string { return fmt.Sprintf("worker-%04d", i) }

func (c *cluster) node(i int) object {
	return object{"metadata": meta("", nodeName(i), object{"kubernetes.io/hostname": nodeName(i)}), "spec": object{},
		"status": object{"conditions": []object{{"type": "Ready", "status": "True"}}, "addresses": []object{{"type": "InternalIP", "address": fmt.Sprintf("10.1.%d.%d", i/250, i%250+1)}}}}
}

func (c *cluster) service(i int) object {
	ns, name := fmt.Sprintf("team-%03d", i/50), fmt.Sprintf("service-%05d", i)
	return object{"metadata": meta(ns, name, nil),
		"spec": object{"type": "LoadBalancer", "clusterIP": fmt.Sprintf("10.96.%d.%d", i/250, i%250), "externalTrafficPolicy": "Cluster", "selector": object{"app": name},
			"ports": []object{{"name": "http", "port": 80, "protocol": "TCP", "nodePort": 30000 + i%2000, "targetPort": 8080}}},
		"status": object{"loadBalancer": object{"ingress": []object{{"ip": address(i)}}}}}
}

func address(i int) string { return fmt.Sprintf("10.64.%d.%d", i/250, i%250) }

func (c *cluster) slice(i int) object {
	ns, name := fmt.Sprintf("team-%03d", i/50), fmt.Sprintf("service-%05d", i)
	var endpoints []object
	for k := range 3 {
		endpoints = append(endpoints, object{"addresses": []string{fmt.Sprintf("10.244.%d.%d", (i*3+k)%250, i%250)}, "conditions": object{"ready": true}, "nodeName": nodeName((i + k) % c.nodes)})
	}
	return object{"metadata": meta(ns, name+"-abcde", object{"kubernetes.io/service-name": name}), "addressType": "IPv4", "endpoints": endpoints, "ports": []object{{"name": "http", "port": 8080}}}
}

func (c *cluster) status(i int) object {
	return object{"metadata": meta(metallb, fmt.Sprintf("l2-%05d", i), nil),
		"status": object{"node": nodeName(i % c.nodes), "serviceName": fmt.Sprintf("service-%05d", i), "serviceNamespace": fmt.Sprintf("team-%03d", i/50)}}
}

// pod is a speaker, or behind the last one the controller.
func (c *cluster) pod(i int) object {
	name, container, node := fmt.Sprintf("speaker-%05d", i), "speaker", nodeName(i)
	if i == c.nodes {
		name, container, node = "controller-0", "controller", nodeName(0)
	}
	return object{"metadata": meta(metallb, name, object{"app": "metallb", "component": container}),
		"spec":   object{"nodeName": node, "hostNetwork": container == "speaker", "containers": []object{{"name": container, "image": "quay.io/metallb/" + container + ":v0.14.9", "args": []string{"--port=7472", "--log-level=debug"}}}},
		"status": object{"phase": "Running", "conditions": []object{{"type": "Ready", "status": "True"}}, "containerStatuses": []object{{"name": container, "ready": true, "restartCount": 0, "state": object{"running": object{"startedAt": "2026-01-02T03:04:05Z"}}}}}}
}

func workload(name string) object {
	return object{"metadata": meta(metallb, name, object{"app": "metallb"}),
		"spec": object{"template": object{"spec": object{"containers": []object{{"name": name, "image": "quay.io/metallb/" + name + ":v0.14.9", "args": []string{"--log-level=debug"}}}}}}}
}
