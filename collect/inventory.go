package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Inventory is what the first steps learn of a cluster, for those that follow from it.
type Inventory struct {
	Identity  Identity
	Resources []Resource
	MetalLB   string   // MetalLB's namespace; "" when it was not found
	FRR       []string // other namespaces in which frr-k8s runs
	Why       string   // how MetalLB was found, or what was tried

	mu         sync.Mutex
	pods       []Pod
	services   map[string]*Service
	nodes      map[string]Node
	namespaces map[string]bool // that have a Service in question
	announcers map[string]bool // nodes that announced a Service in question, as status resources and events say
}

// Pod is a pod of MetalLB or frr-k8s.
type Pod struct {
	Namespace, Name, Node string
	Phase                 string
	Ready                 bool
	HostNetwork           bool
	HostIP                string // of its node; "" while it has none
	ServiceAccount        string
	Containers            []PodContainer
}

// PodContainer is a container of such a pod.
type PodContainer struct {
	Name, Image string
	Init        bool
	Restarts    int64
	Running     bool
	Started     bool   // it runs or ran: there may be a log
	Waiting     string // reason; "" when it does not wait
	Args        []string
	Ports       map[string]int // by name
	Probes      []int          // ports that probes ask, by number
}

// Service is a Service in question.
type Service struct {
	Namespace, Name string
	Addresses       []string
	Selector        map[string]string
	Pods            map[string]bool // NAMESPACE/NAME of its endpoints' pods
	Nodes           map[string]bool // of its endpoints
}

// Node is a node, and why it is sick; Sick is "" when it is not.
type Node struct{ Name, Sick string }

// Speaker tells whether the pod has a speaker.
func (p *Pod) Speaker() bool { return p.has("speaker", "metallb-speaker") }

// has tells whether the pod has a container of one of these names.
func (p *Pod) has(names ...string) bool {
	return slices.ContainsFunc(p.Containers, func(c PodContainer) bool { return slices.Contains(names, c.Name) })
}

// Find finds MetalLB: by the namespace that the user names, else by the labels that its manifests, chart and operator give its
// workloads, else by its resources. What it can't find out is left empty; the errors of questions that the cluster refused are told
// in Why.
func Find(ctx context.Context, c Cluster, namespace string) (*Inventory, error) {
	inv := &Inventory{services: map[string]*Service{}, nodes: map[string]Node{}, namespaces: map[string]bool{}, announcers: map[string]bool{}}
	var wg sync.WaitGroup
	var identify, discover error
	workloads := newFound()
	for _, f := range []func(){
		func() { inv.Identity, identify = c.Identify(ctx) },
		func() { inv.Resources, discover = c.Resources(ctx) },
		func() { workloads.look(ctx, c, "daemonsets", "app in (metallb,frr-k8s)") },
		func() { workloads.look(ctx, c, "daemonsets", "app.kubernetes.io/name in (metallb,frr-k8s)") },
		func() { workloads.look(ctx, c, "deployments", "app in (metallb,frr-k8s)") },
		func() { workloads.look(ctx, c, "deployments", "app.kubernetes.io/name in (metallb,frr-k8s)") },
	} {
		wg.Go(f)
	}
	wg.Wait()
	if identify != nil && len(inv.Resources) == 0 {
		return nil, identify
	}
	inv.MetalLB, inv.FRR = workloads.namespaces(namespace)
	switch {
	case namespace != "":
		inv.Why = "as the call says"
	case inv.MetalLB != "":
		inv.Why = "where its speaker or controller is"
	default:
		inv.byResources(ctx, c)
	}
	if inv.MetalLB == "" && workloads.err != nil {
		inv.MetalLB, inv.Why = "metallb-system", fmt.Sprintf("by its usual name, since the cluster refused to list workloads: %v", workloads.err)
	}
	if discover != nil && len(inv.Resources) == 0 {
		return inv, fmt.Errorf("the API server's resources cannot be listed: %w", discover)
	}
	return inv, nil
}

// byResources looks where the operator's resource or the address pools are.
func (inv *Inventory) byResources(ctx context.Context, c Cluster) {
	for _, name := range []string{"metallbs", "ipaddresspools", "addresspools"} {
		r, ok := inv.Resource("metallb.io", name)
		if !ok {
			continue
		}
		stop := errors.New("found")
		_ = c.List(ctx, r, Query{}, func(o Object) error {
			inv.MetalLB, inv.Why = namespaceOf(o), "where "+r.String()+" are; no speaker or controller was found"
			return stop
		})
		if inv.MetalLB != "" {
			return
		}
	}
	inv.Why = "no workload has MetalLB's labels, and there are no address pools"
}

// Resource is a kind of objects by its group and name; false when the cluster does not serve it.
func (inv *Inventory) Resource(group, name string) (Resource, bool) {
	for _, r := range inv.Resources {
		if r.Group == group && r.Name == name {
			return r, true
		}
	}
	return builtin(group, name)
}

// builtin are resources that every cluster serves, for one whose discovery failed.
func builtin(group, name string) (Resource, bool) {
	for _, r := range []Resource{
		{Group: "apps", Version: "v1", Name: "daemonsets", Kind: "DaemonSet", Namespaced: true},
		{Group: "apps", Version: "v1", Name: "deployments", Kind: "Deployment", Namespaced: true},
		{Version: "v1", Name: "pods", Kind: "Pod", Namespaced: true},
		{Version: "v1", Name: "services", Kind: "Service", Namespaced: true},
		{Version: "v1", Name: "secrets", Kind: "Secret", Namespaced: true},
		{Version: "v1", Name: "configmaps", Kind: "ConfigMap", Namespaced: true},
		{Version: "v1", Name: "events", Kind: "Event", Namespaced: true},
		{Version: "v1", Name: "nodes", Kind: "Node"},
		{Version: "v1", Name: "namespaces", Kind: "Namespace"},
		{Group: "discovery.k8s.io", Version: "v1", Name: "endpointslices", Kind: "EndpointSlice", Namespaced: true},
	} {
		if r.Group == group && r.Name == name {
			return r, true
		}
	}
	return Resource{}, false
}

// Namespaces are those in which MetalLB and frr-k8s run.
func (inv *Inventory) Namespaces() []string {
	var all []string
	if inv.MetalLB != "" {
		all = append(all, inv.MetalLB)
	}
	for _, ns := range inv.FRR {
		if !slices.Contains(all, ns) {
			all = append(all, ns)
		}
	}
	return all
}

// Pods are those of MetalLB and frr-k8s, by namespace and name.
func (inv *Inventory) Pods() []Pod {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	sort.Slice(inv.pods, func(a, b int) bool {
		return inv.pods[a].Namespace+"/"+inv.pods[a].Name < inv.pods[b].Namespace+"/"+inv.pods[b].Name
	})
	return slices.Clone(inv.pods)
}

// Services are those in question, by namespace and name.
func (inv *Inventory) Services() []*Service {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	all := make([]*Service, 0, len(inv.services))
	for _, s := range inv.services {
		all = append(all, s)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].Namespace+"/"+all[a].Name < all[b].Namespace+"/"+all[b].Name })
	return all
}

// Announces tells whether a node is known to have announced a Service in question.
func (inv *Inventory) Announces(node string) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.announcers[node]
}

// Sick is why a node is not well; "" when it is, or is not known.
func (inv *Inventory) Sick(node string) string {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.nodes[node].Sick
}

// found are the workloads that have MetalLB's or frr-k8s' labels.
type found struct {
	mu       sync.Mutex
	speakers map[string]int // namespaces, by what speaks for them: 2 a speaker, 1 a controller
	frr      map[string]bool
	err      error
}

func newFound() *found { return &found{speakers: map[string]int{}, frr: map[string]bool{}} }

func (f *found) look(ctx context.Context, c Cluster, resource, labels string) {
	r, _ := builtin("apps", resource)
	err := c.List(ctx, r, Query{Labels: labels}, func(o Object) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		ns := namespaceOf(o)
		for _, container := range list(o, "spec", "template", "spec", "containers") {
			switch name := text(container, "name"); {
			case name == "speaker" || name == "metallb-speaker":
				f.speakers[ns] = 2
			case name == "frr" || name == "frr-k8s":
				f.frr[ns] = true
			case strings.HasSuffix(name, "controller") && strings.Contains(label(o, "app")+label(o, "app.kubernetes.io/name"), "metallb"):
				f.speakers[ns] = max(f.speakers[ns], 1)
			}
		}
		return nil
	})
	if err != nil {
		f.mu.Lock()
		f.err = err
		f.mu.Unlock()
	}
}

// namespaces gives MetalLB's namespace, the one named if any, and those of frr-k8s.
func (f *found) namespaces(named string) (metallb string, frr []string) {
	metallb = named
	if named == "" {
		best := 0
		for ns, weight := range f.speakers {
			if weight > best || weight == best && ns < metallb {
				metallb, best = ns, weight
			}
		}
	}
	for ns := range f.frr {
		if ns != metallb {
			frr = append(frr, ns)
		}
	}
	sort.Strings(frr)
	return metallb, frr
}

// learnPod notes a pod of MetalLB or frr-k8s; other pods of the namespace are passed over (false).
func (inv *Inventory) learnPod(o Object) bool {
	p := podOf(o)
	ours := strings.Contains(label(o, "app")+" "+label(o, "app.kubernetes.io/name")+" "+label(o, "app.kubernetes.io/component"), "metallb") ||
		strings.Contains(label(o, "app")+" "+label(o, "app.kubernetes.io/name")+" "+label(o, "app.kubernetes.io/component"), "frr-k8s") ||
		p.has("speaker", "metallb-speaker", "metallb-controller", "frr-k8s")
	if !ours {
		return false
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.pods = append(inv.pods, p)
	return true
}

func podOf(o Object) Pod {
	p := Pod{Namespace: namespaceOf(o), Name: nameOf(o), Node: text(o, "spec", "nodeName"), Phase: text(o, "status", "phase"),
		ServiceAccount: text(o, "spec", "serviceAccountName"), HostIP: text(o, "status", "hostIP")}
	p.HostNetwork, _ = at(o, "spec", "hostNetwork").(bool)
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == "Ready" {
			p.Ready = text(c, "status") == "True"
		}
	}
	for _, part := range []struct {
		spec, status string
		init         bool
	}{{"initContainers", "initContainerStatuses", true}, {"containers", "containerStatuses", false}} {
		states := map[string]any{}
		for _, s := range list(o, "status", part.status) {
			states[text(s, "name")] = s
		}
		for _, c := range list(o, "spec", part.spec) {
			p.Containers = append(p.Containers, containerOf(c, states[text(c, "name")], part.init))
		}
	}
	return p
}

func containerOf(spec, state any, init bool) PodContainer {
	c := PodContainer{Name: text(spec, "name"), Image: text(spec, "image"), Init: init, Restarts: number(state, "restartCount"),
		Running: at(state, "state", "running") != nil, Waiting: text(state, "state", "waiting", "reason"), Ports: map[string]int{}}
	c.Started = c.Running || at(state, "state", "terminated") != nil || at(state, "lastState", "terminated") != nil || c.Restarts > 0
	for _, a := range append(list(spec, "command"), list(spec, "args")...) {
		if s, ok := a.(string); ok {
			c.Args = append(c.Args, s)
		}
	}
	for _, p := range list(spec, "ports") {
		c.Ports[text(p, "name")] = int(number(p, "containerPort"))
	}
	return c
}

// learnService notes a Service in question; others are passed over (false).
func (inv *Inventory) learnService(o Object, named []string) bool {
	key := namespaceOf(o) + "/" + nameOf(o)
	wanted := slices.Contains(named, key)
	if text(o, "spec", "type") != "LoadBalancer" && !wanted {
		return false
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if len(named) > 0 && !wanted {
		return true // it goes into the bundle, since Services share addresses and pools; nothing more is asked about it
	}
	s := &Service{Namespace: namespaceOf(o), Name: nameOf(o), Selector: map[string]string{}, Pods: map[string]bool{}, Nodes: map[string]bool{}}
	for _, in := range list(o, "status", "loadBalancer", "ingress") {
		s.Addresses = append(s.Addresses, text(in, "ip"))
	}
	if m, ok := at(o, "spec", "selector").(map[string]any); ok {
		for k, v := range m {
			s.Selector[k], _ = v.(string)
		}
	}
	inv.services[key] = s
	inv.namespaces[s.Namespace] = true
	return true
}

// learnNode notes a node and what ails it.
func (inv *Inventory) learnNode(o Object) {
	n := Node{Name: nameOf(o)}
	for _, c := range list(o, "status", "conditions") {
		kind, status := text(c, "type"), text(c, "status")
		if kind == "Ready" && status != "True" {
			n.Sick = "Ready is " + status
		} else if kind == "NetworkUnavailable" && status == "True" && n.Sick == "" {
			n.Sick = "NetworkUnavailable is True"
		}
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.nodes[n.Name] = n
}

// learnAnnouncer notes that a node announces, or announced, a Service.
func (inv *Inventory) learnAnnouncer(service, node string) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if node != "" && (len(inv.services) == 0 || inv.services[service] != nil) {
		inv.announcers[node] = true
	}
}

// short is an error as the trailer has it.
func short(err error) string {
	s := err.Error()
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + "…"
	}
	return s
}

// quick is the timeout of a step that is one small request.
const quick = 10 * time.Second
