package collect

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// fakeCluster is a cluster of a few nodes with MetalLB and frr-k8s, held in memory. What it answers can be changed before it is used.
type fakeCluster struct {
	objects   map[string][]string // JSON texts, by Resource.String()
	logs      map[string]string   // by NAMESPACE/POD/CONTAINER, with /previous behind it for the run before
	outputs   map[string]string   // what commands print in each container, by their member's name without the pod: "frr.conf", "show-version.txt"
	metrics   string              // of each port
	describes string
	table     Table // of Secrets
	token     string
	forbidden func(Permission) bool // nil allows all
	execError error                 // of each command
}

// newFakeCluster makes a healthy one, with a BGPPeer and a Service.
func newFakeCluster() *fakeCluster {
	f := &fakeCluster{objects: map[string][]string{}, logs: map[string]string{}, outputs: map[string]string{}}
	f.add("nodes", `{"metadata":{"name":"node-a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}`, `{"metadata":{"name":"node-b"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}`)
	f.add("namespaces", `{"metadata":{"name":"metallb-system"}}`, `{"metadata":{"name":"shop"}}`)
	f.add("services", `{"metadata":{"name":"web","namespace":"shop"},"spec":{"type":"LoadBalancer","selector":{"app":"web"}},"status":{"loadBalancer":{"ingress":[{"ip":"198.51.100.7"}]}}}`)
	f.add("endpointslices.discovery.k8s.io", `{"metadata":{"name":"web-1","namespace":"shop","labels":{"kubernetes.io/service-name":"web"}},"endpoints":[{"addresses":["10.0.0.5"],"nodeName":"node-a"}]}`)
	for _, n := range []string{"node-a", "node-b"} {
		f.addPod("metallb-system", "speaker-"+n, n, "speaker", "speaker")
		f.addPod("metallb-system", "frr-k8s-"+n, n, "frr-k8s", "frr", "controller", "reloader")
	}
	f.addPod("metallb-system", "controller-1", "node-a", "controller", "controller")
	f.add("pods", `{"metadata":{"name":"web-1","namespace":"shop","labels":{"app":"web"}},"spec":{"nodeName":"node-a","containers":[{"name":"web","image":"web:1"}]},"status":{"phase":"Running"}}`)
	f.add("daemonsets.apps", `{"metadata":{"name":"speaker","namespace":"metallb-system","labels":{"app":"metallb"}},"spec":{"template":{"spec":{"containers":[{"name":"speaker"}]}}}}`,
		`{"metadata":{"name":"frr-k8s","namespace":"metallb-system","labels":{"app":"frr-k8s"}},"spec":{"template":{"spec":{"containers":[{"name":"frr"}]}}}}`)
	f.add("deployments.apps", `{"metadata":{"name":"controller","namespace":"metallb-system","labels":{"app":"metallb"}},"spec":{"template":{"spec":{"containers":[{"name":"controller"}]}}}}`)
	f.add("bgppeers.metallb.io", `{"metadata":{"name":"tor","namespace":"metallb-system"},"spec":{"myASN":64512,"peerASN":64513,"peerAddress":"192.0.2.1"}}`)
	f.add("ipaddresspools.metallb.io", `{"metadata":{"name":"lan","namespace":"metallb-system"},"spec":{"addresses":["198.51.100.0/24"]}}`)
	for _, empty := range []string{"events", "events.events.k8s.io", "configmaps", "secrets", "frrconfigurations.frrk8s.metallb.io", "frrnodestates.frrk8s.metallb.io",
		"networkpolicies.networking.k8s.io", "validatingwebhookconfigurations.admissionregistration.k8s.io", "customresourcedefinitions.apiextensions.k8s.io", "leases.coordination.k8s.io"} {
		f.add(empty)
	}
	f.outputs["frr.conf"] = "router bgp 64512\n neighbor 192.0.2.1 remote-as 64513\n"
	f.outputs["show-running-config.txt"] = "Building configuration...\n\nCurrent configuration:\n!\nrouter bgp 64512\n neighbor 192.0.2.1 remote-as 64513\nexit\n!\nend\n"
	f.outputs["ip-addr.txt"] = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536\n"
	f.metrics = "# TYPE metallb_bgp_session_up gauge\nmetallb_bgp_session_up{peer=\"192.0.2.1:179\"} 1\n"
	f.describes = "Name:  web\nNamespace:  shop\n"
	f.table = Table{Columns: []string{"Name", "Type", "Data", "Age"}, Rows: [][]string{{"memberlist", "Opaque", "1", "3d"}}}
	return f
}

// add adds objects as JSON. An object of the resource that has the same name is replaced.
func (f *fakeCluster) add(resource string, objects ...string) {
	all := f.objects[resource]
	if all == nil {
		all = []string{}
	}
	for _, o := range objects {
		for i, old := range all {
			if a, b := decode(old), decode(o); nameOf(a) == nameOf(b) && namespaceOf(a) == namespaceOf(b) {
				all = append(all[:i], all[i+1:]...)
				break
			}
		}
		all = append(all, o)
	}
	f.objects[resource] = all
}

// addPod adds a pod of MetalLB's, each container with a log and a port for metrics.
func (f *fakeCluster) addPod(ns, name, node, app string, containers ...string) {
	label := "metallb"
	if app == "frr-k8s" {
		label = app
	}
	var specs, states []string
	for i, c := range containers {
		specs = append(specs, fmt.Sprintf(`{"name":%q,"image":"quay.io/metallb/%s:v0.16.1","ports":[{"name":"metrics-%d","containerPort":%d}]}`, c, c, i, 9120+i))
		states = append(states, fmt.Sprintf(`{"name":%q,"restartCount":1,"state":{"running":{}}}`, c))
		f.logs[ns+"/"+name+"/"+c] = "2026-11-24T14:44:14Z started\n"
		f.logs[ns+"/"+name+"/"+c+"/previous"] = "2026-11-24T14:40:14Z ended\n"
	}
	f.add("pods", fmt.Sprintf(`{"metadata":{"name":%q,"namespace":%q,"labels":{"app":%q,"component":%q}},"spec":{"nodeName":%q,"containers":[%s]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[%s]}}`,
		name, ns, label, app, node, strings.Join(specs, ","), strings.Join(states, ",")))
}

func decode(text string) Object {
	var o Object
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(fmt.Sprintf("%v: %s", err, text))
	}
	return o
}

func (f *fakeCluster) Identify(context.Context) (Identity, error) {
	return Identity{Context: "lab", Version: "v1.34.4", User: "tester"}, nil
}

func (f *fakeCluster) Resources(context.Context) ([]Resource, error) {
	var all []Resource
	for name := range f.objects {
		plural, group, _ := strings.Cut(name, ".")
		r := Resource{Group: group, Version: "v1", Name: plural, Kind: kinds[plural], Namespaced: plural != "nodes" && plural != "namespaces" && !strings.Contains(plural, "configurations") && plural != "customresourcedefinitions" || plural == "frrconfigurations", Verbs: []string{"get", "list"}}
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].String() < all[j].String() })
	return all, nil
}

var kinds = map[string]string{"nodes": "Node", "namespaces": "Namespace", "services": "Service", "pods": "Pod", "bgppeers": "BGPPeer", "configmaps": "ConfigMap", "events": "Event", "daemonsets": "DaemonSet",
	"deployments": "Deployment", "endpointslices": "EndpointSlice", "ipaddresspools": "IPAddressPool", "frrconfigurations": "FRRConfiguration", "frrnodestates": "FRRNodeState", "secrets": "Secret"}

func (f *fakeCluster) refuse(p Permission) error {
	if f.forbidden != nil && f.forbidden(p) {
		return &Error{Status: schema.StatusForbidden, Err: fmt.Errorf("forbidden: %s", p)}
	}
	return nil
}

func (f *fakeCluster) List(_ context.Context, r Resource, q Query, each func(Object) error) error {
	if err := f.refuse(Permission{Verb: "list", Group: r.Group, Resource: r.Name, Namespace: q.Namespace}); err != nil {
		return err
	}
	if r.Name == "secrets" {
		return errors.New("secrets were read as objects")
	}
	var all []Object
	for _, text := range f.objects[r.String()] {
		if o := decode(text); q.Namespace == "" || namespaceOf(o) == q.Namespace {
			all = append(all, o)
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		return namespaceOf(all[i])+"/"+nameOf(all[i]) < namespaceOf(all[j])+"/"+nameOf(all[j])
	})
	for _, o := range all {
		if q.Labels != "" && !strings.Contains(q.Labels, strings.Split(q.Labels, " ")[0]) {
			continue
		}
		if key, values, ok := strings.Cut(q.Labels, " in ("); ok && (label(o, key) == "" || !strings.Contains(values, label(o, key))) {
			continue
		}
		if err := each(o); err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeCluster) Get(_ context.Context, r Resource, namespace, name string) (Object, error) {
	for _, text := range f.objects[r.String()] {
		if o := decode(text); namespaceOf(o) == namespace && nameOf(o) == name {
			return o, nil
		}
	}
	return nil, &Error{Status: schema.StatusNotFound, Err: fmt.Errorf("%s %q not found", r, name)}
}

func (f *fakeCluster) Table(_ context.Context, r Resource, _ Query) (Table, error) {
	return f.table, nil
}

func (f *fakeCluster) Log(_ context.Context, q LogQuery) (io.ReadCloser, error) {
	name := q.Namespace + "/" + q.Pod + "/" + q.Name
	if q.Previous {
		name += "/previous"
	}
	text, ok := f.logs[name]
	if !ok {
		return nil, &Error{Status: schema.StatusNotFound, Err: fmt.Errorf("no log of %s", name)}
	}
	if q.TailLines > 0 {
		lines := strings.SplitAfter(text, "\n")
		text = strings.Join(lines[max(len(lines)-int(q.TailLines), 0):], "")
	}
	if q.MaxBytes > 0 {
		text = text[:min(len(text), int(q.MaxBytes))]
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// Exec prints the outputs between the marks that the script has, each in the member that the script names.
func (f *fakeCluster) Exec(_ context.Context, c Container, command []string, _ io.Reader, stdout, stderr io.Writer) error {
	if f.execError != nil {
		return f.execError
	}
	script := command[len(command)-1]
	at := strings.Index(script, "@@")
	if at < 0 {
		return &ExitError{Code: 127}
	}
	token := script[at : at+26]
	var names []string
	for name := range f.outputs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		folder := "vtysh/" + c.Namespace + "/" + c.Pod + "/"
		switch {
		case name == "frr.conf" || name == "daemons" || name == "vtysh.conf":
			folder = "frr/" + c.Namespace + "/" + c.Pod + "/"
		case !strings.HasPrefix(name, "show-"):
			folder = "nodes/" + strings.TrimPrefix(c.Pod, "frr-k8s-") + "/"
		}
		if _, err := fmt.Fprintf(stdout, "\n%s begin %s%s\n%s\n%s end 0\n", token, folder, name, f.outputs[name], token); err != nil {
			return err
		}
	}
	return nil
}

// Dial serves metrics by plain HTTP.
func (f *fakeCluster) Dial(context.Context, string, string, int) (net.Conn, error) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		far.SetDeadline(time.Now().Add(5 * time.Second))
		r := bufio.NewReader(far)
		if first, err := r.Peek(1); err != nil || first[0] == 0x16 { // TLS
			fmt.Fprint(far, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
			return
		}
		if _, err := http.ReadRequest(r); err != nil {
			return
		}
		fmt.Fprintf(far, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(f.metrics), f.metrics)
	}()
	return near, nil
}

func (f *fakeCluster) Allowed(_ context.Context, p Permission) (bool, error) {
	return f.refuse(p) == nil, nil
}

func (f *fakeCluster) Describe(context.Context, Resource, string, string) (string, error) {
	return f.describes, nil
}

func (f *fakeCluster) BearerToken() string { return f.token }
