package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// frrK8sRelease is the frr-k8s that MetalLB's release comes with.
const frrK8sRelease = "0.0.25"

// frrK8s renders the FRRConfigurations that select its node.
type frrK8s struct {
	*cluster
	reloads  *reloads
	metrics  *metrics
	level    string // --log-level, or what FRRK8sConfiguration says
	flag     string
	print    string
	converts string // "success", or "failed: " and why
	state    string
}

// frrK8sStart reads the arguments that the programs of frr-k8s share, and connects.
func frrK8sStart(name string, args []string) (c *cluster, flags map[string]string, err error) {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	values := map[string]*string{}
	for _, f := range []struct{ name, value string }{{"metrics-bind-address", ":9140"}, {"node-name", ""}, {"namespace", ""}, {"pod-name", ""}, {"log-level", "info"}, {"health-probe-bind-address", "127.0.0.1:7572"}} {
		values[f.name] = set.String(f.name, f.value, "")
	}
	if err := set.Parse(args); err != nil {
		return nil, nil, err
	}
	log, err := newLogger(*values["log-level"])
	if err != nil {
		return nil, nil, err
	}
	if c, err = connect(log); err != nil {
		return nil, nil, err
	}
	c.component, c.node = name, *values["node-name"]
	if ns := *values["namespace"]; ns != "" {
		c.namespace = ns
	}
	flags = map[string]string{}
	for k, v := range values {
		flags[k] = *v
	}
	return c, flags, nil
}

// runFRRK8s is the container controller of frr-k8s.
func runFRRK8s(ctx context.Context, args []string) error {
	c, flags, err := frrK8sStart("frr-k8s", args)
	if err != nil {
		return err
	}
	c.log.zap(levelInfo, "info", "setup", "Starting controllers")
	c.log.zap(levelInfo, "info", "setup", "using BGP debounce timeout", "milliseconds", 3000)
	c.log.zap(levelInfo, "info", "setup", "starting frr-k8s", "version", "version v"+frrK8sRelease+" (commit standin, branch lab)", "params",
		fmt.Sprintf("{metricsAddr:%s healthProbeAddr:%s logLevel:%s nodeName:%s namespace:%s}", flags["metrics-bind-address"], flags["health-probe-bind-address"], flags["log-level"], c.node, c.namespace))
	f := &frrK8s{cluster: c, reloads: &reloads{log: c.log}, metrics: newMetrics(), flag: flags["log-level"]}
	go serveHealth(ctx, c.log, flags["health-probe-bind-address"])
	go serveMetrics(ctx, c, flags["metrics-bind-address"], http.NewServeMux(), f.metrics)
	if err := f.watch(ctx, frrConfigs, nodes, secrets, frrSettings); err != nil {
		return err
	}
	go every(ctx, time.Second, f.poke)
	f.passes(ctx, time.Second, func() { f.pass(ctx) })
	return nil
}

// pass renders what changed and reports what came of it.
func (f *frrK8s) pass(ctx context.Context) {
	f.level = f.flag
	for _, u := range f.list(frrSettings) {
		if l, _, _ := unstructured.NestedString(u.Object, "spec", "logLevel"); u.GetName() == "config" && l != "" {
			f.level = l
		}
	}
	_ = f.log.set(f.level)
	if print := f.fingerprint(frrConfigs, frrSettings) + nodeLabels(f.list(nodes)) + versions(f.list(secrets)); print != f.print {
		f.print = print
		f.convert()
	}
	f.reloads.due()
	f.nodeState(ctx)
}

// convert makes one configuration of all that select the node.
func (f *frrK8s) convert() {
	const who = "FRRConfigurationReconciler"
	f.log.info("level.go:71", "controller", who, "start reconcile", f.namespace+"/metallb-"+f.node)
	defer f.log.info("level.go:71", "controller", who, "end reconcile", f.namespace+"/metallb-"+f.node)
	f.metrics.add("frrk8s_k8s_client_updates_total", 1)
	objects := f.objects()
	v := metallb.V("v" + frrK8sRelease)
	var spec frrSpec
	f.converts = "success"
	for _, n := range objects.Nodes {
		if n.Name != f.node {
			continue
		}
		selected := metallb.FRRK8sSelects(v, f.namespace, n, objects.FRRConfigurations)
		if conflict := metallb.MergeFRRK8s(v, selected); conflict != nil {
			f.converts = "failed: " + conflict.Text
			f.log.error("level.go:71", "controller", who, "failed to convert the config, error", conflict.Text)
			f.metrics.add("frrk8s_k8s_client_update_errors_total", 1)
			f.metrics.set("frrk8s_k8s_client_config_stale_bool", 1)
			return
		}
		for _, s := range selected {
			merge(&spec, f.spec(s.Key()))
		}
	}
	f.metrics.set("frrk8s_k8s_client_config_loaded_bool", 1)
	f.metrics.set("frrk8s_k8s_client_config_stale_bool", 0)
	spec = f.secrets(spec)
	f.log.debug("level.go:71", "controller", who, "log level FRR", f.level)
	f.reloads.request(frrConf(f.node, f.level, spec, false))
}

// spec is the spec of one FRRConfiguration.
func (f *frrK8s) spec(key string) (spec frrSpec) {
	if u := f.get(frrConfigs, key); u != nil {
		text, _ := json.Marshal(u.Object["spec"])
		_ = json.Unmarshal(text, &spec)
	}
	return spec
}

// merge adds a configuration to another. That they agree has been checked.
func merge(to *frrSpec, from frrSpec) {
	for _, r := range from.BGP.Routers {
		i := 0
		for ; i < len(to.BGP.Routers) && to.BGP.Routers[i].VRF != r.VRF; i++ {
		}
		if i == len(to.BGP.Routers) {
			to.BGP.Routers = append(to.BGP.Routers, r)
			continue
		}
		mergeRouter(&to.BGP.Routers[i], r)
	}
	to.BGP.BFDProfiles = append(to.BGP.BFDProfiles, from.BGP.BFDProfiles...)
	if from.Raw.Config != "" {
		to.Raw.Config += from.Raw.Config + "\n"
	}
}

func mergeRouter(to *frrRouter, from frrRouter) {
	if to.ID == "" {
		to.ID = from.ID
	}
	to.Prefixes = union(to.Prefixes, from.Prefixes)
	for _, n := range from.Neighbors {
		i := 0
		for ; i < len(to.Neighbors) && to.Neighbors[i].id("") != n.id(""); i++ {
		}
		if i == len(to.Neighbors) {
			to.Neighbors = append(to.Neighbors, n)
			continue
		}
		m := &to.Neighbors[i]
		m.Advertise.Allowed.Prefixes = union(m.Advertise.Allowed.Prefixes, n.Advertise.Allowed.Prefixes)
		m.Advertise.Communities = append(m.Advertise.Communities, n.Advertise.Communities...)
		if n.Receive.Allowed.Mode == "all" {
			m.Receive.Allowed.Mode = "all"
		}
	}
}

func union(a, b []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, x := range append(append([]string(nil), a...), b...) {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	sort.Strings(out)
	return out
}

// nodeState writes what runs on the node.
func (f *frrK8s) nodeState(ctx context.Context) {
	running, _ := os.ReadFile(filepath.Join(reloadDir(), "running-config"))
	_, result := reloadResult()
	status := map[string]any{"runningConfig": string(running), "lastConversionResult": f.converts, "lastReloadResult": result}
	text := marshal(status)
	if text == f.state || result == "" {
		return
	}
	f.log.info("level.go:71", "controller", "FRRStateReconciler", "start reconcile", "metallbreload/stateUpdate")
	u := f.find(ctx, frrNodeStates, f.node)
	if u == nil {
		u = &unstructured.Unstructured{Object: map[string]any{"apiVersion": "frrk8s.metallb.io/v1beta1", "kind": "FRRNodeState", "spec": map[string]any{}}}
		u.SetName(f.node)
		u = f.create(ctx, frrNodeStates, u)
	}
	if u != nil && f.setStatus(ctx, frrNodeStates, u, status) != nil {
		f.state = text
	}
	f.log.info("level.go:71", "controller", "FRRStateReconciler", "end reconcile", "metallbreload/stateUpdate")
}

// runStatusCleaner is frr-k8s' webhook and cleaner of FRRNodeStates of nodes without its pod.
func runStatusCleaner(ctx context.Context, args []string) error {
	c, _, err := frrK8sStart("statuscleaner", args)
	if err != nil {
		return err
	}
	c.log.info("level.go:71", "op", "startup", "action", "setting up cert rotation")
	c.log.zap(levelInfo, "info", "setup", "starting frr-k8s webhook", "version", "version v"+frrK8sRelease+" (commit standin, branch lab)")
	go serveWebhook(ctx, c, ":19443")
	if err := c.watch(ctx, pods, frrNodeStates); err != nil {
		return err
	}
	c.passes(ctx, time.Minute, func() {
		here := map[string]bool{}
		for _, p := range c.list(pods) {
			if p.GetLabels()["app.kubernetes.io/component"] == "frr-k8s" {
				node, _, _ := unstructured.NestedString(p.Object, "spec", "nodeName")
				here[node] = true
			}
		}
		for _, s := range c.list(frrNodeStates) {
			if len(here) > 0 && !here[s.GetName()] {
				c.log.info("level.go:71", "controller", "NodeStateCleaner", "deleting FRRNodeState", "name")
				if err := c.dyn.Resource(frrNodeStates).Delete(ctx, s.GetName(), metav1.DeleteOptions{}); err != nil {
					c.log.error("level.go:71", "controller", "NodeStateCleaner", "failed to delete FRRNodeState", "name")
				}
			}
		}
	})
	return nil
}

// versions changes with any of the objects.
func versions(list []*unstructured.Unstructured) string {
	var b strings.Builder
	for _, u := range list {
		b.WriteString(key(u) + "=" + u.GetResourceVersion() + "\n")
	}
	return b.String()
}

// secretValue is a key of a Secret.
func secretValue(u *unstructured.Unstructured, name string) string {
	text, _, _ := unstructured.NestedString(u.Object, "data", name)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(b)
}
