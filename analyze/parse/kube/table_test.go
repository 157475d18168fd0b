package kube_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func TestServiceTableInAnyShape(t *testing.T) {
	wide := `NAMESPACE   NAME         TYPE           CLUSTER-IP     EXTERNAL-IP   PORT(S)                      AGE    SELECTOR
default     kubernetes   ClusterIP      10.96.0.1      <none>        443/TCP                      10d    <none>
shop        web          LoadBalancer   10.97.3.2      192.0.2.10    80:30080/TCP,53:30053/UDP    5d3h   app=web,tier=front
shop        api          LoadBalancer   10.97.3.3      <pending>     80:30081/TCP                 3m     app=api
`
	squeezed := strings.Join(strings.FieldsFunc(wide, func(r rune) bool { return r == '\n' }), "\n")
	for strings.Contains(squeezed, "  ") {
		squeezed = strings.ReplaceAll(squeezed, "  ", " ")
	}
	tests := map[string]string{
		"aligned":        wide,
		"carriage":       strings.ReplaceAll(wide, "\n", "\r\n"),
		"blanks lost":    squeezed,
		"tabs":           strings.ReplaceAll(squeezed, " ", "\t"),
		"indented":       "   " + strings.ReplaceAll(strings.TrimSpace(wide), "\n", "\n   "),
		"titles cut off": wide[strings.IndexByte(wide, '\n')+1:],
		"prose behind":   wide + "\nwhy does it stay pending on my cluster?\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			out, _ := parse(t, schema.KindTable, "", text)
			var got []string
			for _, s := range out.Services {
				got = append(got, fmt.Sprint(s.Key(), s.Type, s.ClusterIPs, s.Ingress, len(s.Ports), s.Selector, s.Knows(model.PartIngress), s.Knows(model.PartPolicy)))
			}
			want := []string{
				"default/kubernetesClusterIP[10.96.0.1] []1map[]falsefalse",
				"shop/webLoadBalancer[10.97.3.2] [{192.0.2.10  }]2map[app:web tier:front]truefalse",
				"shop/apiLoadBalancer[10.97.3.3] []1map[app:api]truefalse",
			}
			for i := range got {
				got[i], want[i] = strings.ReplaceAll(got[i], " ", ""), strings.ReplaceAll(want[i], " ", "")
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if rows := len(out.Listings); (rows == 1) != (name != "titles cut off") {
				t.Errorf("listings %+v", out.Listings)
			}
		})
	}
}

func TestPortsOfRow(t *testing.T) {
	out, _ := parse(t, schema.KindTable, "", "NAME   TYPE           CLUSTER-IP   EXTERNAL-IP   PORT(S)                     AGE\nweb    LoadBalancer   10.97.3.2    <none>        80:30080/TCP,53:30053/UDP   5d\n")
	want := []model.ServicePort{{Protocol: "TCP", Port: 80, NodePort: 30080}, {Protocol: "UDP", Port: 53, NodePort: 30053}}
	if !reflect.DeepEqual(out.Services[0].Ports, want) {
		t.Errorf("%+v", out.Services[0].Ports)
	}
}

func TestWatchShowsEachSighting(t *testing.T) {
	out, _ := parse(t, schema.KindTable, "kubectl get svc ingress -n edge -w", `NAME      TYPE           CLUSTER-IP    EXTERNAL-IP   PORT(S)        AGE
ingress   LoadBalancer   10.43.71.22   10.0.0.17     80:31355/TCP   6h
ingress   LoadBalancer   10.43.71.22   <pending>   80:31355/TCP   6h
ingress   LoadBalancer   10.43.71.22   10.0.0.17,10.0.0.18   80:31355/TCP   6h
`)
	var got []int
	for _, s := range out.Services {
		got = append(got, len(s.Ingress))
		if s.Key() != "edge/ingress" {
			t.Error(s.Key())
		}
	}
	if !reflect.DeepEqual(got, []int{1, 0, 2}) {
		t.Errorf("addresses seen %v", got)
	}
	if l := out.Listings; len(l) != 1 || !reflect.DeepEqual(l[0].Names, []string{"ingress"}) {
		t.Errorf("a list of one name proves nothing of others: %+v", l)
	}
}

func TestTablesOfMetalLBKinds(t *testing.T) {
	out, seen := parse(t, schema.KindTable, "", `$ kubectl get ipaddresspools -n metallb-system
NAME   AUTO ASSIGN   AVOID BUGGY IPS   ADDRESSES
gold   false         true              ["192.0.2.0/28","fc00:f:2::/120"]
$ kubectl get l2advertisements.metallb.io -n metallb-system
NAME    IPADDRESSPOOLS     IPADDRESSPOOL SELECTORS                    INTERFACES
l2      ["gold","silver"]                                             ["eth0"]
l2-all                     [{"matchLabels":{"env":"prod"}}]
$ kubectl get bgppeers,bgpadvertisements -n metallb-system
NAME                       ADDRESS    ASN     BFD PROFILE   MULTI HOPS
bgppeer.metallb.io/tor     10.0.0.1   64512   fast          true

NAME                              IPADDRESSPOOLS   IPADDRESSPOOL SELECTORS   PEERS
bgpadvertisement.metallb.io/adv   ["gold"]                                   ["tor"]
$ kubectl get servicel2statuses -n metallb-system
NAME       ALLOCATED NODE   SERVICE NAME   SERVICE NAMESPACE
l2-6x2rq   node-b           web            shop
$ kubectl get bgpsessionstates -A
NAMESPACE   NAME         NODE     PEER       VRF   BGP           BFD
frr         node-a-abc   node-a   10.0.0.1         Established   N/A
$ kubectl get communities -n metallb-system
No resources found in metallb-system namespace.
`)
	if seen.Unread != 0 {
		t.Errorf("unread %d: %s", seen.Unread, seen.Why)
	}
	p := out.Pools[0]
	if p.Key() != "metallb-system/gold" || *p.AutoAssign || !p.AvoidBuggyIPs || len(p.Addresses) != 2 || p.Knows(model.PartAllocation) {
		t.Errorf("pool %+v", p)
	}
	a := out.L2Advertisements
	if len(a) != 2 || len(a[0].Pools) != 2 || a[0].Interfaces[0] != "eth0" || a[1].Pools != nil || a[1].PoolSelectors[0].MatchLabels["env"] != "prod" ||
		!a[1].Knows(model.PartPools) || a[1].Knows(model.PartNodeSelectors) {
		t.Errorf("advertisements %+v %+v", a[0], a[1])
	}
	if q := out.Peers[0]; q.Name != "tor" || q.PeerASN != 64512 || q.Address != "10.0.0.1" || q.BFDProfile != "fast" || !q.EBGPMultiHop {
		t.Errorf("peer %+v", q)
	}
	if b := out.BGPAdvertisements[0]; b.Name != "adv" || b.Peers[0] != "tor" {
		t.Errorf("advertisement %+v", b)
	}
	if s := out.L2Statuses[0]; s.Node != "node-b" || s.ServiceName != "web" || s.ServiceNamespace != "shop" {
		t.Errorf("status %+v", s)
	}
	if s := out.BGPSessionStates[0]; s.Node != "node-a" || s.VRF != "" || s.BGPStatus != "Established" || s.Namespace != "frr" {
		t.Errorf("session %+v", s)
	}
	last := out.Listings[len(out.Listings)-1]
	if last.Resource != "communities" || last.Count != 0 || last.Namespace != "metallb-system" {
		t.Errorf("listing %+v", last)
	}
}

func TestPodsNodesAndWorkloads(t *testing.T) {
	out, _ := parse(t, schema.KindTable, "", `NAME                    READY   STATUS             RESTARTS       AGE    IP           NODE     NOMINATED NODE   READINESS GATES
pod/speaker-2vn8d       0/1     CrashLoopBackOff   12 (3m ago)    151m   10.7.20.13   node-c   <none>           <none>
pod/controller-77-x2p   0/1     Pending            0              151m   <none>       <none>   <none>           <none>

NAME                     DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR            AGE
daemonset.apps/speaker   3         3         2       3            2           kubernetes.io/os=linux   2d

NAME                         READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/controller   0/1     1            0           2d

NAME     STATUS                     ROLES           AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE             KERNEL-VERSION      CONTAINER-RUNTIME
node-c   Ready,SchedulingDisabled   control-plane   9d    v1.30.8   10.7.20.13    <none>        Ubuntu 22.04.3 LTS   5.15.0-91-generic   containerd://1.7.2
node-d   NotReady                   <none>          9d    v1.30.8   10.7.20.14    <none>        Ubuntu 22.04.3 LTS   5.15.0-91-generic   containerd://1.7.2
`)
	if p := out.Pods[0]; p.Name != "speaker-2vn8d" || p.Restarts != 12 || p.ReadyColumn != "0/1" || p.Node != "node-c" || p.IPs[0] != "10.7.20.13" {
		t.Errorf("%+v", p)
	}
	if p := out.Pods[1]; p.Phase != "Pending" || p.Node != "" || p.Knows(model.PartNode) {
		t.Errorf("%+v", p)
	}
	if w := out.Workloads[0]; w.Kind != "DaemonSet" || w.Desired != 3 || w.Ready != 2 || w.Unavailable != 1 || w.NodeSelector["kubernetes.io/os"] != "linux" {
		t.Errorf("%+v", w)
	}
	if w := out.Workloads[1]; w.Kind != "Deployment" || w.Desired != 1 || w.Ready != 0 {
		t.Errorf("%+v", w)
	}
	if n := out.Nodes[0]; !n.Unschedulable || n.Condition("Ready").Status != "True" || n.OS != "Ubuntu 22.04.3 LTS" || n.InternalIPs[0].String() != "10.7.20.13" {
		t.Errorf("%+v", n)
	}
	if n := out.Nodes[1]; n.Condition("Ready").Status != "False" || n.Knows(model.PartConditions) {
		t.Errorf("%+v", n)
	}
}

func TestEventTables(t *testing.T) {
	out, _ := parse(t, schema.KindTable, "kubectl get events -n shop", `LAST SEEN         TYPE      REASON             OBJECT        MESSAGE
5m (x3 over 9m)   Warning   AllocationFailed   service/api   Failed to allocate IP for "shop/api": no available IPs
2m10s             Normal    nodeAssigned       service/web   announcing from node "n1" with  protocol "layer2"
`)
	if len(out.Events) != 2 {
		t.Fatal(len(out.Events))
	}
	e := out.Events[0]
	if e.About != (model.Ref{Kind: "Service", Namespace: "shop", Name: "api"}) || e.Count != 3 || e.Age != 5*time.Minute || e.Component != "metallb-controller" {
		t.Errorf("%+v", e)
	}
	if e := out.Events[1]; e.Message != `announcing from node "n1" with  protocol "layer2"` || e.Age != 130*time.Second {
		t.Errorf("%+v", e)
	}
}

func TestErrorsProveNothing(t *testing.T) {
	out, _ := parse(t, schema.KindTable, "kubectl get svc -A", `Error from server (Forbidden): services is forbidden: User "dev" cannot list resource "services" in API group "" at the cluster scope
`)
	if l := out.Listings; len(l) != 1 || l[0].Resource != "services" || l[0].Error == "" {
		t.Errorf("%+v", l)
	}
	out, _ = parse(t, schema.KindTable, "", `error: the server doesn't have a resource type "bgpsessionstates"`)
	if l := out.Listings; len(l) != 1 || l[0].Resource != "bgpsessionstates" || l[0].Group != "frrk8s.metallb.io" || l[0].Error == "" {
		t.Errorf("%+v", l)
	}
}

func TestProseIsNoTable(t *testing.T) {
	out, seen := parse(t, schema.KindTable, "", "Hello everyone\nmy services stay pending since I upgraded\n")
	if len(out.Others)+len(out.Services) != 0 || seen.Read != "not" || seen.Why == "" {
		t.Errorf("%+v %+v", out.Objects, seen)
	}
}

func TestHelmListNamesChart(t *testing.T) {
	out, _ := parse(t, schema.KindTable, "helm list -A", "NAME   \tNAMESPACE     \tREVISION\tUPDATED                                \tSTATUS  \tCHART         \tAPP VERSION\nmetallb\tmetallb-system\t2       \t2024-02-01 10:00:00.000000000 +0000 UTC\tdeployed\tmetallb-0.14.9\tv0.14.9\n")
	if v := out.Versions; len(v) != 2 || v[0].Of != "chart" || v[1].Of != "metallb" || v[1].Version != "v0.14.9" {
		t.Errorf("%+v", v)
	}
}
