package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// release is the MetalLB that the stand-ins say they are, and whose rules they follow.
const release = "0.16.1"

// controller gives Services their addresses.
type controller struct {
	*cluster
	mode    schema.Mode
	class   string
	metrics *metrics
	config  *metallb.Config // the last one that was taken, nil before
	refused string
	print   string            // of the configuration that was looked at last
	handled map[string]string // Service -> what was seen of it and came out at the last pass
	members string            // name of the memberlist secret
	owner   string            // name of the Deployment, that secret's owner
}

// runController is MetalLB's controller.
func runController(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("controller", flag.ContinueOnError)
	port := flags.Int("port", 9120, "HTTPS listening port for metrics")
	level := flags.String("log-level", "info", "log level")
	class := flags.String("lb-class", "", "load balancer class")
	_ = flags.String("webhook-mode", "enabled", "webhook mode")
	if err := flags.Parse(args); err != nil {
		return err
	}
	log, err := newLogger(*level)
	if err != nil {
		return err
	}
	startLine(log, "controller", "main.go:189")
	c := &controller{mode: modeOf(os.Getenv("METALLB_BGP_TYPE")), class: *class, metrics: newMetrics(), handled: map[string]string{},
		members: os.Getenv("METALLB_ML_SECRET_NAME"), owner: os.Getenv("METALLB_DEPLOYMENT")}
	if c.mode == schema.ModeFRR {
		log.warn("main.go:221", "op", "startup", "msg", frrModeDeprecated)
	}
	if c.cluster, err = connect(log); err != nil {
		return err
	}
	c.component = "metallb-controller"
	c.ownPod(ctx, os.Getenv("METALLB_POD_NAME"))
	c.memberSecret(ctx)
	go serveMetrics(ctx, c.cluster, fmt.Sprintf(":%d", *port), http.NewServeMux(), c.metrics)
	go serveHealth(ctx, log, ":17472")
	log.info("k8s.go:470", "op", "Run", "msg", "Starting Manager")
	if err := c.watch(ctx, services, namespaces, pools, communities); err != nil {
		return fmt.Errorf("failed to run k8s client: %w", err)
	}
	c.passes(ctx, 5*time.Minute, func() { c.pass(ctx) })
	return nil
}

// frrModeDeprecated is what both programs warn of in FRR mode since v0.16.0.
const frrModeDeprecated = "The FRR mode is deprecated and will be removed in a future release. Please migrate to the frr-k8s mode, which is now the default BGP backend. See https://metallb.io/concepts/bgp/#frr-k8s-mode for details."

// startLine is the first line of MetalLB's programs.
func startLine(log *logger, program, caller string) {
	log.info(caller, "version", release, "commit", "standin", "branch", "lab", "goversion", fmt.Sprintf("gc / %s / %s", runtime.Version(), runtime.GOARCH),
		"msg", fmt.Sprintf("MetalLB %s starting version %s (commit standin, branch lab)", program, release))
}

// modeOf reads METALLB_BGP_TYPE.
func modeOf(bgpType string) schema.Mode {
	switch bgpType {
	case "frr":
		return schema.ModeFRR
	case "frr-k8s":
		return schema.ModeFRRK8s
	}
	return schema.ModeNative
}

// memberSecret makes the key of the speakers' member list where there is none.
func (c *controller) memberSecret(ctx context.Context) {
	if c.members == "" {
		return
	}
	if u := c.find(ctx, secrets, c.members); u != nil {
		c.log.debug("k8s.go:408", "op", "CreateMlSecret", "msg", "secret already exists, nothing to do")
		return
	}
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
		"stringData": map[string]any{"secretkey": randomText(128)}}}
	u.SetNamespace(c.namespace)
	u.SetName(c.members)
	if d, err := c.client.AppsV1().Deployments(c.namespace).Get(ctx, c.owner, metav1.GetOptions{}); err == nil {
		u.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: d.Name, UID: d.UID}})
	}
	if c.create(ctx, secrets, u) != nil {
		c.log.info("k8s.go:438", "op", "CreateMlSecret", "msg", "secret successfully created")
	}
}

func (c *controller) input(objects *model.Objects) metallb.Input {
	return metallb.Input{Version: metallb.V("v" + release), Mode: c.mode, Namespace: c.namespace, LBClass: c.class, Objects: objects, SecretsKnown: true}.Indexed()
}

// pass looks at everything once and does what is to be done.
func (c *controller) pass(ctx context.Context) {
	objects := c.objects()
	in := c.input(objects)
	reload := false
	if print := c.fingerprint(pools, communities, namespaces); print != c.print {
		c.print = print
		reload = c.configure(ctx, in)
	}
	if c.config == nil {
		return
	}
	if reload {
		c.log.info("service_controller_reload.go:63", "controller", "ServiceReconciler - reprocessAll", "start reconcile", "metallbreload/reload")
	}
	stock := metallb.NewStock(in, c.config, objects.Services)
	seen := map[string]bool{}
	for _, svc := range objects.Services {
		seen[svc.Key()] = true
		u := c.get(services, svc.Key())
		if u == nil || !metallb.Handles(in, svc) {
			continue
		}
		if c.service(ctx, u, svc, stock.Assign(svc), reload) {
			objects = c.objects() // what was given is in use
			stock = metallb.NewStock(c.input(objects), c.config, objects.Services)
		}
	}
	for name := range c.handled {
		if !seen[name] {
			delete(c.handled, name)
			c.log.info("main.go:75", "event", "serviceDeleted", "msg", "service deleted")
		}
	}
	if reload {
		c.log.info("service_controller_reload.go:118", "controller", "ServiceReconciler - reprocessAll", "end reconcile", "metallbreload/reload")
	}
	c.poolStatus(ctx, objects)
}

// configure takes the configuration that is in the cluster, or refuses it and stays with the last one.
func (c *controller) configure(ctx context.Context, in metallb.Input) (reload bool) {
	const who = "PoolReconciler"
	name := c.namespace + "/controller"
	c.log.info("pool_controller.go:53", "controller", who, "start reconcile", name)
	c.metrics.add("metallb_k8s_client_updates_total", 1)
	if c.log.debugs() {
		c.log.debug("pool_controller.go:90", "controller", who, "metallb CRs", c.dump("ipaddresspools", "communities"))
	}
	cfg, refusal := metallb.ParseConfig(in, metallb.Controller, "")
	c.refused = ""
	if refusal != nil {
		c.refused = refusal.Error
		c.log.error("pool_controller.go:95", "controller", who, "error", refusal.Error)
		c.metrics.add("metallb_k8s_client_update_errors_total", 1)
	} else {
		c.log.debug("main.go:145", "event", "startUpdate", "msg", "start of config update")
		c.log.debug("main.go:156", "event", "endUpdate", "msg", "end of config update")
		c.log.info("pool_controller.go:115", "controller", who, "event", "force service reload")
		c.log.info("pool_controller.go:129", "controller", who, "event", "config reloaded")
		c.config, reload = cfg, true
		c.metrics.set("metallb_k8s_client_config_loaded_bool", 1)
	}
	c.metrics.set("metallb_k8s_client_config_stale_bool", boolean(refusal != nil))
	c.log.info("pool_controller.go:131", "controller", who, "end reconcile", name)
	c.setConfigState(ctx, "controller", "poolReconcilerValid", map[string]string{"metallb.io/component-type": "controller"}, c.refused)
	return reload
}

// service does what the rules say about one Service; it tells whether the Service was written.
func (c *controller) service(ctx context.Context, u *unstructured.Unstructured, svc *model.Service, a metallb.Assignment, reload bool) bool {
	outcome := fmt.Sprint(u.GetResourceVersion(), a.Grants, a.Error)
	if c.handled[svc.Key()] == outcome && !reload {
		return false
	}
	c.handled[svc.Key()] = outcome
	c.metrics.add("metallb_k8s_client_updates_total", 1)
	if !reload {
		c.log.info("service_controller.go:64", "controller", "ServiceReconciler", "start reconcile", svc.Key())
		defer c.log.info("service_controller.go:115", "controller", "ServiceReconciler", "end reconcile", svc.Key())
	}
	if c.log.debugs() {
		if reload {
			c.log.debug("service_controller_reload.go:97", "controller", "ServiceReconciler - reprocessAll", "reprocessing service", marshal(u.Object))
		} else {
			c.log.debug("service_controller.go:95", "controller", "ServiceReconciler", "processing service", marshal(u.Object))
		}
	}
	c.log.debug("main.go:53", "event", "startUpdate", "msg", "start of service update")
	defer c.log.debug("main.go:97", "event", "endUpdate", "msg", "end of service update")
	if svc.Type != "LoadBalancer" {
		c.log.debug("service.go:55", "event", "clearAssignment", "reason", "notLoadBalancer", "msg", "not a LoadBalancer")
	} else if len(c.config.Pools) == 0 {
		c.log.debug("service.go:64", "event", "clearAssignment", "reason", "noConfig", "msg", "pools are empty")
	}
	var has []string
	for _, i := range svc.Ingress {
		has = append(has, i.IP)
	}
	if len(a.Grants) > 0 {
		want := texts(a.Grants[0].Addresses)
		if slices.Equal(has, want) && u.GetAnnotations()["metallb.io/ip-allocated-from-pool"] == a.Grants[0].Pool {
			c.log.debug("main.go:96", "event", "noChange", "msg", "service converged, no change")
			return false
		}
		if !slices.Equal(has, want) {
			c.log.info("service.go:186", "event", "ipAllocated", "ip", want, "msg", "IP address assigned by controller")
		}
		return c.write(ctx, u, a.Grants[0].Pool, want, !slices.Equal(has, want))
	}
	if svc.Type == "LoadBalancer" {
		c.failed(ctx, u, svc, a, reload)
	}
	if len(has) == 0 {
		return false
	}
	if a.Lost != nil {
		c.log.info("service.go:100", "event", "clearAssignment", "error", a.Lost.Text, "msg", "current IP not allowed by config, clearing")
	}
	return c.write(ctx, u, "", nil, false)
}

// failed tells that a Service gets no address.
func (c *controller) failed(ctx context.Context, u *unstructured.Unstructured, svc *model.Service, a metallb.Assignment, reload bool) {
	if len(c.config.Pools) > 0 {
		c.log.error("service.go:179", "op", "allocateIPs", "error", a.Error, "msg", "IP allocation failed")
		for _, text := range a.Events {
			head, message, _ := strings.Cut(text, ": ")
			kind, reason, _ := strings.Cut(head, " ")
			c.event(ctx, u, kind, reason, message)
		}
	}
	caller, who, event := "service_controller.go:112", "ServiceReconciler", "failed to handle service"
	if reload {
		caller, who, event = "service_controller_reload.go:107", "ServiceReconciler - reprocessAll", "failed to handle service, no retry"
	}
	c.log.error(caller, "controller", who, "event", event, "name", svc.Key(), "service", marshal(u.Object), "endpoints", "[]")
	c.metrics.add("metallb_k8s_client_update_errors_total", 1)
}

// write gives the Service its addresses, or takes them away.
func (c *controller) write(ctx context.Context, u *unstructured.Unstructured, pool string, addresses []string, tell bool) bool {
	u = u.DeepCopy()
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	if annotations["metallb.io/ip-allocated-from-pool"] != pool {
		annotations["metallb.io/ip-allocated-from-pool"] = pool
		if pool == "" {
			delete(annotations, "metallb.io/ip-allocated-from-pool")
		}
		u.SetAnnotations(annotations)
		made, err := c.dyn.Resource(services).Namespace(u.GetNamespace()).Update(ctx, u, metav1.UpdateOptions{})
		if err != nil {
			c.log.error("main.go:120", "op", "updateService", "error", err, "msg", "failed to update service")
			return false
		}
		u = made
	}
	status := map[string]any{}
	if len(addresses) > 0 {
		var ingress []any
		for _, a := range addresses {
			ingress = append(ingress, map[string]any{"ip": a, "ipMode": "VIP"})
		}
		status["ingress"] = ingress
	}
	if old, _, _ := unstructured.NestedMap(u.Object, "status", "loadBalancer"); !reflect.DeepEqual(old, status) {
		_ = unstructured.SetNestedMap(u.Object, status, "status", "loadBalancer")
		made, err := c.dyn.Resource(services).Namespace(u.GetNamespace()).UpdateStatus(ctx, u, metav1.UpdateOptions{})
		if err != nil {
			c.log.error("main.go:130", "op", "updateServiceStatus", "error", err, "msg", "failed to update service status")
			return false
		}
		u = made
	}
	_ = c.stores[services].Update(u)
	c.log.info("main.go:136", "event", "serviceUpdated", "msg", "updated service object")
	if tell {
		c.event(ctx, u, "Normal", "IPAllocated", fmt.Sprintf("Assigned IP %s", strings.ReplaceAll(marshal(addresses), ",", " ")))
	}
	return true
}

// poolStatus counts what the Services hold of each pool, for its status and the metrics.
func (c *controller) poolStatus(ctx context.Context, objects *model.Objects) {
	c.metrics.clear("metallb_allocator_addresses_total", "metallb_allocator_addresses_in_use_total", "metallb_allocator_ipv4_addresses_total",
		"metallb_allocator_ipv4_addresses_in_use_total", "metallb_allocator_ipv6_addresses_total", "metallb_allocator_ipv6_addresses_in_use_total")
	for _, pool := range c.config.Pools {
		total, used := sizes(pool), [2]int64{}
		held := map[netip.Addr]bool{}
		for _, svc := range objects.Services {
			for _, i := range svc.Ingress {
				if ip, err := netip.ParseAddr(i.IP); err == nil && pool.Contains(ip) && !held[ip] {
					held[ip] = true
					used[family(ip)]++
				}
			}
		}
		for name, v := range map[string]int64{"addresses_total": total[0] + total[1], "addresses_in_use_total": used[0] + used[1], "ipv4_addresses_total": total[0],
			"ipv4_addresses_in_use_total": used[0], "ipv6_addresses_total": total[1], "ipv6_addresses_in_use_total": used[1]} {
			c.metrics.set("metallb_allocator_"+name, float64(v), "pool", pool.Name)
		}
		u := c.get(pools, c.namespace+"/"+pool.Name)
		status := map[string]any{"assignedIPv4": used[0], "assignedIPv6": used[1], "availableIPv4": total[0] - used[0], "availableIPv6": total[1] - used[1]}
		if u == nil || reflect.DeepEqual(u.Object["status"], any(status)) {
			continue
		}
		c.log.info("pool_status_controller.go:53", "controller", "PoolStatusReconciler", "start reconcile", key(u))
		if made := c.setStatus(ctx, pools, u, status); made != nil {
			_ = c.stores[pools].Update(made)
		}
		c.log.info("pool_status_controller.go:84", "controller", "PoolStatusReconciler", "end reconcile", key(u))
	}
}

// sizes is the number of IPv4 and of IPv6 addresses of a pool; 62 bits and more count as MetalLB counts them.
func sizes(pool *metallb.Pool) (n [2]int64) {
	for _, p := range pool.CIDRs {
		bits := p.Addr().BitLen() - p.Bits()
		f := family(p.Addr())
		if bits >= 62 || n[f] == 1<<63-1 {
			n[f] = 1<<63 - 1
			continue
		}
		n[f] += 1 << bits
	}
	return n
}

// family is 0 for IPv4 and 1 for IPv6.
func family(ip netip.Addr) int {
	if ip.Is4() {
		return 0
	}
	return 1
}

func texts(ips []netip.Addr) []string {
	var out []string
	for _, ip := range ips {
		out = append(out, ip.String())
	}
	return out
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
