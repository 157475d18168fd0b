package kube_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/schema"
)

const describedService = `Name:                     web
Namespace:                shop
Labels:                   app=web
                          tier=front
Annotations:              metallb.universe.tf/address-pool: gold
                          metallb.io/ip-allocated-from-pool: gold
Selector:                 app=web
Type:                     LoadBalancer
IP Family Policy:         PreferDualStack
IP Families:              IPv4,IPv6
IP:                       10.96.3.4
IPs:                      10.96.3.4,fd00::4
LoadBalancer Ingress:     192.0.2.10 (VIP), 2001:db8::10 (VIP)
Port:                     http  80/TCP
TargetPort:               8080/TCP
NodePort:                 http  30080/TCP
Endpoints:                10.244.1.2:8080,10.244.2.2:8080
Port:                     https  443/TCP
TargetPort:               tls/TCP
NodePort:                 https  30443/TCP
Endpoints:                10.244.1.2:8443,10.244.2.2:8443
Session Affinity:         None
External Traffic Policy:  Local
HealthCheck NodePort:     31234
Events:
  Type     Reason            Age              From                Message
  ----     ------            ----             ----                -------
  Normal   nodeAssigned      2m (x3 over 5m)  metallb-speaker     announcing from node "n1" with protocol "layer2"
  Warning  AllocationFailed  9m               metallb-controller  Failed to allocate IP for "shop/web": no available IPs
`

func TestDescribedService(t *testing.T) {
	out, seen := parse(t, schema.KindDescribe, "", describedService+"\n\n"+strings.ReplaceAll(describedService, "web", "api"))
	if len(out.Services) != 2 || seen.Read != "whole" {
		t.Fatalf("%d %+v", len(out.Services), seen)
	}
	s := out.Services[0]
	if s.Key() != "shop/web" || s.TrafficPolicy != "Local" || s.Labels["tier"] != "front" || s.Annotations["metallb.universe.tf/address-pool"] != "gold" {
		t.Errorf("%+v", s)
	}
	want := []model.ServicePort{{Name: "http", Protocol: "TCP", Port: 80, TargetPort: "8080", NodePort: 30080}, {Name: "https", Protocol: "TCP", Port: 443, TargetPort: "tls", NodePort: 30443}}
	if !reflect.DeepEqual(s.Ports, want) {
		t.Errorf("ports %+v", s.Ports)
	}
	if len(s.Ingress) != 2 || s.Ingress[1].IP != "2001:db8::10" || s.Ingress[0].IPMode != "VIP" || len(s.ClusterIPs) != 2 {
		t.Errorf("ingress %+v", s.Ingress)
	}
	if e := s.At("spec.externalTrafficPolicy"); e.Quote != "External Traffic Policy:  Local" || e.Line != 23 {
		t.Errorf("%+v", e)
	}
	if sl := out.Slices[0]; len(sl.Endpoints) != 2 || len(sl.Ports) != 2 || !*sl.Endpoints[0].Ready || sl.Service != "web" {
		t.Errorf("%+v", sl)
	}
	if e := out.Events[0]; e.Count != 3 || e.About.Name != "web" || e.Component != "metallb-speaker" || !strings.HasPrefix(e.Message, "announcing") {
		t.Errorf("%+v", e)
	}
	if len(out.Events) != 4 || out.Events[3].About.Name != "api" {
		t.Errorf("%d events", len(out.Events))
	}
}

func TestDescribeWithoutIngressLineHasNoAddress(t *testing.T) {
	text := strings.Replace(describedService, "LoadBalancer Ingress:     192.0.2.10 (VIP), 2001:db8::10 (VIP)\n", "", 1)
	out, _ := parse(t, schema.KindDescribe, "", text)
	if s := out.Services[0]; !s.Knows(model.PartIngress) || len(s.Ingress) != 0 {
		t.Errorf("%+v", s)
	}
	// What grep left says nothing of a line that is missing.
	out, _ = parse(t, schema.KindDescribe, "kubectl describe svc web -n shop | grep -E 'Type|Policy'", "Type:                     LoadBalancer\nExternal Traffic Policy:  Cluster\n")
	if s := out.Services[0]; s.Key() != "shop/web" || s.Knows(model.PartIngress) || !s.Knows(model.PartPolicy) || s.TrafficPolicy != "Cluster" {
		t.Errorf("%+v", s)
	}
}

func TestEventsAlone(t *testing.T) {
	out, _ := parse(t, schema.KindDescribe, "kubectl describe svc welcome | tail -3", "  Normal  IPAllocated   17m   metallb-controller  Assigned IP \"10.128.30.80\"\n  Normal  nodeAssigned  17m   metallb-speaker     announcing from node \"n2\"\n")
	if len(out.Events) != 2 || out.Events[1].Message != `announcing from node "n2"` || out.Events[1].About.Name != "welcome" {
		t.Errorf("%+v", out.Events)
	}
}

func TestDescribedCustomResource(t *testing.T) {
	out, _ := parse(t, schema.KindDescribe, "", `Name:         first-pool
Namespace:    metallb-system
Labels:       <none>
Annotations:  <none>
API Version:  metallb.io/v1beta1
Kind:         IPAddressPool
Metadata:
  Creation Timestamp:  2024-01-01T00:00:00Z
  Generation:          2
Spec:
  Addresses:
    192.168.1.240-192.168.1.250
    fc00:f:2::/120
  Auto Assign:       false
  Avoid Buggy I Ps:  true
  Service Allocation:
    Priority:  5
    Service Selectors:
      Match Labels:
        kubernetes.io/app:  x
      Match Labels:
        Team:  blue
Events:        <none>
`)
	p := out.Pools[0]
	if p.Key() != "metallb-system/first-pool" || len(p.Addresses) != 2 || *p.AutoAssign || !p.AvoidBuggyIPs || p.Partial || p.Generation != 2 {
		t.Errorf("%+v", p)
	}
	if s := p.Allocation.ServiceSelectors; len(s) != 2 || s[0].MatchLabels["kubernetes.io/app"] != "x" || s[1].MatchLabels["team"] != "blue" {
		t.Errorf("%+v", p.Allocation)
	}
	if e := p.At("spec.addresses"); e.Line != 12 || e.Quote != "192.168.1.240-192.168.1.250" {
		t.Errorf("%+v", e)
	}
}

func TestDescribedPodAndNode(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "describe-pod.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out, _ := parse(t, schema.KindDescribe, "", string(text))
	p := out.Pods[0]
	if p.Node != "node-a" || p.Labels["component"] != "controller" || len(p.IPs) != 2 || p.Restarts != 2 {
		t.Errorf("%+v", p)
	}
	ct := p.Containers[0]
	if ct.State.Reason != "CrashLoopBackOff" || ct.Last.ExitCode != 1 || ct.Args[1] != "--log-level=verbose" || ct.Env["METALLB_BGP_TYPE"] != "frr-k8s" {
		t.Errorf("%+v", ct)
	}
	if len(out.Events) == 0 || out.Versions[0].Version != "v0.16.1" {
		t.Errorf("%+v %+v", out.Events, out.Versions)
	}
	out, _ = parse(t, schema.KindDescribe, "", `Name:               node-a
Roles:              control-plane
Labels:             kubernetes.io/hostname=node-a
                    node.kubernetes.io/exclude-from-external-load-balancers=
Taints:             node-role.kubernetes.io/control-plane:NoSchedule
                    dedicated=gpu:NoExecute
Unschedulable:      true
Conditions:
  Type                 Status  LastHeartbeatTime                 LastTransitionTime                Reason        Message
  ----                 ------  -----------------                 ------------------                ------        -------
  NetworkUnavailable   True    Mon, 01 Jan 2024 00:00:00 +0000   Mon, 01 Jan 2024 00:00:00 +0000   CalicoIsDown  Calico is down
Addresses:
  InternalIP:  10.0.0.1
  Hostname:    node-a
System Info:
  Kubelet Version:            v1.29.1
`)
	n := out.Nodes[0]
	if _, ok := n.Labels["node.kubernetes.io/exclude-from-external-load-balancers"]; !ok || !n.Unschedulable || n.Condition("NetworkUnavailable").Status != "True" {
		t.Errorf("%+v", n)
	}
	if !reflect.DeepEqual(n.Taints, []model.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: "NoSchedule"}, {Key: "dedicated", Value: "gpu", Effect: "NoExecute"}}) {
		t.Errorf("%+v", n.Taints)
	}
}

func TestLegacyTextIsAConfigMap(t *testing.T) {
	out, _ := parse(t, schema.KindLegacy, "", "\n# old\naddress-pools:\n- name: default\n  protocol: layer2\n  addresses:\n  - 10.0.0.0/24\npeers:\n- password: secret1\n")
	cm := out.ConfigMaps[0]
	if cm.Name != "config" || !strings.Contains(cm.Data["config"], "protocol: layer2") || strings.Contains(cm.Data["config"], "secret1") || cm.Src.Line != 3 || cm.Lines["config"] != 1 {
		t.Errorf("%+v", cm)
	}
}

func TestHelmValuesAreFlattened(t *testing.T) {
	out, _ := parse(t, schema.KindHelm, "", "speaker:\n  frr:\n    enabled: false\n  tolerations:\n  - key: gpu\nauth: {password: x}\n")
	o := out.Others[0]
	if o.Kind != "HelmValues" || o.Fields["speaker.frr.enabled"] != "false" || o.Fields["speaker.tolerations[0].key"] != "gpu" || o.Fields["auth.password"] != kube.Masked {
		t.Errorf("%+v", o.Fields)
	}
	if e := o.At("speaker.frr.enabled"); e.Line != 3 {
		t.Errorf("%+v", e)
	}
}
