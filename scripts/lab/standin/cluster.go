package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/kube"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// Resources that the programs read or write.
var (
	pools          = metallbResource("ipaddresspools", "v1beta1")
	l2Adverts      = metallbResource("l2advertisements", "v1beta1")
	bgpAdverts     = metallbResource("bgpadvertisements", "v1beta1")
	bgpPeers       = metallbResource("bgppeers", "v1beta2")
	bfdProfiles    = metallbResource("bfdprofiles", "v1beta1")
	communities    = metallbResource("communities", "v1beta1")
	l2Statuses     = metallbResource("servicel2statuses", "v1beta1")
	bgpStatuses    = metallbResource("servicebgpstatuses", "v1beta1")
	configStates   = metallbResource("configurationstates", "v1beta1")
	frrConfigs     = frrk8sResource("frrconfigurations")
	frrNodeStates  = frrk8sResource("frrnodestates")
	frrSessions    = frrk8sResource("bgpsessionstates")
	frrSettings    = frrk8sResource("frrk8sconfigurations")
	services       = schema.GroupVersionResource{Version: "v1", Resource: "services"}
	nodes          = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	namespaces     = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	secrets        = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	pods           = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	endpointSlices = schema.GroupVersionResource{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"}
)

func metallbResource(name, version string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "metallb.io", Version: version, Resource: name}
}

func frrk8sResource(name string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "frrk8s.metallb.io", Version: "v1beta1", Resource: name}
}

// clusterWide are the resources that are watched in all namespaces; the others in the program's own.
var clusterWide = map[string]bool{"services": true, "nodes": true, "namespaces": true, "endpointslices": true, "frrnodestates": true}

// cluster is the API server, and a copy of the objects that the program watches.
type cluster struct {
	log       *logger
	client    kubernetes.Interface
	dyn       dynamic.Interface
	config    *rest.Config
	namespace string // the program's own
	node      string
	pod       *corev1.Pod // the program's own; nil where it may not read it
	component string      // in events: metallb-controller
	stores    map[schema.GroupVersionResource]cache.Store
	wake      chan struct{}
}

// connect reaches the API server as the pod's ServiceAccount.
func connect(log *logger) (*cluster, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, fmt.Errorf("creating k8s client: %w", err)
	}
	config.QPS, config.Burst = 50, 100
	c := &cluster{log: log, config: config, node: os.Getenv("METALLB_NODE_NAME"), namespace: os.Getenv("METALLB_NAMESPACE"),
		stores: map[schema.GroupVersionResource]cache.Store{}, wake: make(chan struct{}, 1)}
	if c.namespace == "" {
		text, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
		if err != nil {
			return nil, err
		}
		c.namespace = strings.TrimSpace(string(text))
	}
	if c.client, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	c.dyn, err = dynamic.NewForConfig(config)
	return c, err
}

// ownPod reads the pod that the program runs in, the owner of its status objects.
func (c *cluster) ownPod(ctx context.Context, name string) {
	for i := 0; i < 20 && c.pod == nil && name != ""; i++ {
		pod, err := c.client.CoreV1().Pods(c.namespace).Get(ctx, name, metav1.GetOptions{})
		if err == nil {
			c.pod = pod
			return
		}
		c.log.error("k8s.go:360", "op", "startup", "error", err, "msg", "unable to get own pod for owner references")
		sleep(ctx, time.Second)
	}
}

// watch keeps copies of the resources until ctx ends, and returns once each was listed. Failures are told as the library does.
func (c *cluster) watch(ctx context.Context, resources ...schema.GroupVersionResource) error {
	all := dynamicinformer.NewDynamicSharedInformerFactory(c.dyn, 10*time.Hour)
	own := dynamicinformer.NewFilteredDynamicSharedInformerFactory(c.dyn, 10*time.Hour, c.namespace, nil)
	var synced []cache.InformerSynced
	for _, r := range resources {
		factory := own
		if clusterWide[r.Resource] {
			factory = all
		}
		informer := factory.ForResource(r).Informer()
		kind := r.Resource
		_ = informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) {
			c.log.zap(levelError, "error", "controller-runtime.cache.UnhandledError", "Failed to watch", "type", kind, "error", err)
		})
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { c.poke() }, UpdateFunc: func(_, _ any) { c.poke() }, DeleteFunc: func(any) { c.poke() }}); err != nil {
			return err
		}
		c.stores[r] = informer.GetStore()
		synced = append(synced, informer.HasSynced)
	}
	all.Start(ctx.Done())
	own.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		return ctx.Err()
	}
	return nil
}

// poke asks for a pass.
func (c *cluster) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// passes calls pass after each change, at most five times a second, and every period in any case.
func (c *cluster) passes(ctx context.Context, period time.Duration, pass func()) {
	for ctx.Err() == nil {
		pass()
		select {
		case <-ctx.Done():
		case <-c.wake:
			sleep(ctx, 200*time.Millisecond)
		case <-time.After(period):
		}
	}
}

// list is the objects of a resource, by namespace and name.
func (c *cluster) list(r schema.GroupVersionResource) []*unstructured.Unstructured {
	store := c.stores[r]
	if store == nil {
		return nil
	}
	var out []*unstructured.Unstructured
	for _, x := range store.List() {
		out = append(out, x.(*unstructured.Unstructured))
	}
	sort.Slice(out, func(i, j int) bool { return key(out[i]) < key(out[j]) })
	return out
}

// get is one object of a resource, nil when there is none.
func (c *cluster) get(r schema.GroupVersionResource, key string) *unstructured.Unstructured {
	x, ok, _ := c.stores[r].GetByKey(key)
	if !ok {
		return nil
	}
	return x.(*unstructured.Unstructured)
}

func key(u *unstructured.Unstructured) string {
	if u.GetNamespace() == "" {
		return u.GetName()
	}
	return u.GetNamespace() + "/" + u.GetName()
}

// objects is what the program sees, as the rules want it.
func (c *cluster) objects() *model.Objects {
	var raw []json.RawMessage
	for r := range c.stores {
		for _, u := range c.list(r) {
			text, err := u.MarshalJSON()
			if err == nil {
				raw = append(raw, text)
			}
		}
	}
	objects := kube.DecodeObjects(raw)
	sort.Slice(objects.Services, func(i, j int) bool { return objects.Services[i].Key() < objects.Services[j].Key() })
	return &objects
}

// fingerprint is a text that changes with the spec, the labels or the annotations of any object of the resources.
func (c *cluster) fingerprint(resources ...schema.GroupVersionResource) string {
	var b strings.Builder
	for _, r := range resources {
		for _, u := range c.list(r) {
			fmt.Fprintf(&b, "%s %s %s %s\n", r.Resource, key(u), marshal(u.Object["spec"]), marshal(u.GetLabels()))
		}
	}
	return b.String()
}

// event sends an event about a Service.
func (c *cluster) event(ctx context.Context, u *unstructured.Unstructured, kind, reason, message string) {
	now := metav1.Now()
	ev := &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: u.GetNamespace(), Name: fmt.Sprintf("%s.%x", u.GetName(), now.UnixNano())},
		InvolvedObject: corev1.ObjectReference{Kind: "Service", Namespace: u.GetNamespace(), Name: u.GetName(), UID: u.GetUID(),
			APIVersion: "v1", ResourceVersion: u.GetResourceVersion()},
		Type: kind, Reason: reason, Message: message, Count: 1, FirstTimestamp: now, LastTimestamp: now,
		Source: corev1.EventSource{Component: c.component, Host: c.node}, ReportingController: c.component, ReportingInstance: c.node,
	}
	if _, err := c.client.CoreV1().Events(u.GetNamespace()).Create(ctx, ev, metav1.CreateOptions{}); err != nil && ctx.Err() == nil {
		c.log.zap(levelError, "error", "", "Server rejected event (will not retry!)", "error", err)
	}
}

// owners makes the own pod the owner of an object.
func (c *cluster) owners(u *unstructured.Unstructured) {
	if c.pod != nil {
		u.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: c.pod.Name, UID: c.pod.UID}})
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
