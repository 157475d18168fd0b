package bundle

import (
	"testing"

	"github.com/metallb-assay/assay/schema"
)

func TestOriginOf(t *testing.T) {
	ts := schema.WrapTimestamps
	for _, want := range []schema.Origin{
		{Path: "header.json", Kind: schema.KindHeader},
		{Path: "trailer.json", Kind: schema.KindTrailer},
		{Path: "objects/core/services/default.yaml", Kind: schema.KindObjects, Namespace: "default", Command: "kubectl get services -n default -o yaml"},
		{Path: "objects/metallb.io/l2advertisements/metallb-system.yaml", Kind: schema.KindObjects, Namespace: "metallb-system", Command: "kubectl get l2advertisements.metallb.io -n metallb-system -o yaml"},
		{Path: "objects/core/nodes/_cluster.yaml", Kind: schema.KindObjects, Command: "kubectl get nodes -o yaml"},
		{Path: "describe/_cluster/node/w1.txt", Kind: schema.KindDescribe, Command: "kubectl describe node w1"},
		{Path: "describe/default/service/web.txt", Kind: schema.KindDescribe, Namespace: "default", Command: "kubectl describe service web -n default"},
		{Path: "logs/metallb-system/speaker-x/speaker.log", Kind: schema.KindLog, Wrap: ts, Namespace: "metallb-system", Pod: "speaker-x", Container: "speaker"},
		{Path: "logs/metallb-system/speaker-x/frr.previous.log", Kind: schema.KindFRRLog, Wrap: ts, Namespace: "metallb-system", Pod: "speaker-x", Container: "frr", Previous: true},
		{Path: "logs/metallb-system/speaker-x/reloader.log", Kind: schema.KindReload, Wrap: ts, Namespace: "metallb-system", Pod: "speaker-x", Container: "reloader"},
		{Path: "logs/frr-k8s-system/frr-k8s-daemon-x/controller.log", Kind: schema.KindLog, Wrap: ts, Namespace: "frr-k8s-system", Pod: "frr-k8s-daemon-x", Container: "controller"},
		{Path: "logs/frr-k8s-system/frr-k8s-daemon-x/kube-rbac-proxy.log", Kind: schema.KindOtherLog, Wrap: ts, Namespace: "frr-k8s-system", Pod: "frr-k8s-daemon-x", Container: "kube-rbac-proxy"},
		{Path: "logs/kube-system/kube-proxy-x/kube-proxy.log", Kind: schema.KindOtherLog, Wrap: ts, Namespace: "kube-system", Pod: "kube-proxy-x", Container: "kube-proxy"},
		{Path: "metrics/metallb-system/speaker-x/7472.prom", Kind: schema.KindMetrics, Namespace: "metallb-system", Pod: "speaker-x"},
		{Path: "vtysh/metallb-system/speaker-x/show-bgp-neighbors.json", Kind: schema.KindVtysh, Namespace: "metallb-system", Pod: "speaker-x", Container: "frr", Command: "show bgp neighbors json"},
		{Path: "vtysh/metallb-system/speaker-x/show-running-config.txt", Kind: schema.KindVtysh, Namespace: "metallb-system", Pod: "speaker-x", Container: "frr", Command: "show running-config"},
		{Path: "frr/metallb-system/speaker-x/frr.conf", Kind: schema.KindFRRConf, Namespace: "metallb-system", Pod: "speaker-x", Container: "frr"},
		{Path: "frr/metallb-system/speaker-x/daemons", Kind: schema.KindDaemons, Namespace: "metallb-system", Pod: "speaker-x", Container: "frr"},
		{Path: "nodes/w1/ip-addr.txt", Kind: schema.KindIPAddr, Node: "w1", Command: "ip addr"},
		{Path: "nodes/w1/ip-6-route.txt", Kind: schema.KindIPRoute, Node: "w1", Command: "ip 6 route"},
		{Path: "nodes/w1/iptables-save.txt", Kind: schema.KindIptables, Node: "w1", Command: "iptables-save"},
		{Path: "nodes/w1/nft.txt", Kind: schema.KindNft, Node: "w1", Command: "nft"},
		{Path: "nodes/w1/ipvs.txt", Kind: schema.KindIPVS, Node: "w1", Command: "ipvsadm"},
		{Path: "nodes/w1/lsmod.txt", Kind: schema.KindShell, Node: "w1", Command: "lsmod"},
		{Path: "captures/w1.pcap", Kind: schema.KindPcap, Node: "w1"},
		{Path: "captures/w1.example.net.json", Kind: schema.KindCaptureInfo, Node: "w1.example.net"},
		{Path: "probes/w1.json", Kind: schema.KindProbe, Node: "w1"},
		{Path: "attached/logs/n/p/speaker.log", Kind: schema.KindUnknown},
		{Path: "objects/too/short.yaml", Kind: schema.KindUnknown},
		{Path: "nodes/w1/deeper/ip-addr.txt", Kind: schema.KindUnknown},
		{Path: "", Kind: schema.KindUnknown},
	} {
		want.FirstLine = 1
		if got := OriginOf(want.Path); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", want.Path, got, want)
		}
	}
}

func TestCommandNamesComeBack(t *testing.T) {
	for _, command := range []string{
		"show version", "show running-config", "show bgp neighbors", "show bgp ipv4 unicast 192.0.2.0/24",
		"show bgp neighbors 10.0.0.1 advertised-routes", "show bfd peers brief", "show ip route", "show route-map", "show bgp ipv6 unicast summary",
	} {
		name := CommandName(command)
		if got := commandOf(name); got != command || badName(name) != "" {
			t.Errorf("%q: %q, %q", command, name, got)
		}
	}
}
