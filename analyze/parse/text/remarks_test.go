package text

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func TestFacts(t *testing.T) {
	for _, c := range []struct {
		kind              schema.Kind
		cmd, line, id     string
		value, addr, node string
	}{
		{schema.KindShell, "kubectl apply -f p.yaml", `Error from server: error when creating "p.yaml": admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: CIDR "192.0.2.0/24" in pool "b" overlaps with already defined CIDR "192.0.2.0/24"`, model.RemarkWebhookDenied, `CIDR "192.0.2.0/24" in pool "b" overlaps with already defined CIDR "192.0.2.0/24"`, "", ""},
		{schema.KindShell, "", `failed calling webhook "x.metallb.io": failed to call webhook: Post "https://w.svc:443/v?timeout=10s": x509: certificate is valid for localhost`, model.RemarkWebhookCallFailed, "x509", "-", ""},
		{schema.KindShell, "", `failed calling webhook "x.metallb.io": failed to call webhook: Post "https://w.svc:443/v?timeout=10s": context deadline exceeded`, model.RemarkWebhookCallFailed, "timeout", "-", ""},
		{schema.KindShell, "", `failed calling webhook "x.metallb.io": Post "https://w.svc:443/v?timeout=10s": no endpoints available for service "w"`, model.RemarkWebhookCallFailed, "no-endpoints", "-", ""},
		{schema.KindShell, "", `Error from server (Forbidden): pods "s" is forbidden: User "v" cannot create resource "pods/exec" in API group "" in the namespace "m"`, model.RemarkForbidden, "create pods/exec", "", ""},
		{schema.KindShell, "kubectl get bgppeers -A", "No resources found", model.RemarkNoResources, "", "", ""},
		{schema.KindOtherLog, "dmesg", "[612044.1] UDP: bad checksum. From 192.0.2.11:47803 to 192.0.2.12:8472 ulen 90", model.RemarkBadChecksum, "8472", "192.0.2.11", ""},
		{schema.KindOtherLog, "dmesg", "[1.0] IPv4: martian source 192.0.2.60 from 10.0.0.9, on dev eth1", model.RemarkMartian, "10.0.0.9 eth1", "192.0.2.60", ""},
		{schema.KindOtherLog, "dmesg", "[1.0] TCP: MD5 Hash NOT found for (10.0.0.7, 43210)->(10.0.0.2, 179)", model.RemarkMD5NotFound, "43210", "10.0.0.7", ""},
		{schema.KindOtherLog, "dmesg", "[1.0] nf_conntrack: nf_conntrack: table full, dropping packet", model.RemarkConntrackFull, "", "", ""},
		{schema.KindShell, "nstat -az TcpExtIPReversePathFilter", "TcpExtIPReversePathFilter       3518               0.0", model.RemarkReversePathCount, "3518", "", ""},
		{schema.KindShell, "netstat -s", "    12 packets rejected in reverse path filter or so", model.RemarkReversePathCount, "12", "", ""},
		{schema.KindShell, "ethtool -k eth0", "tx-checksum-ip-generic: on", model.RemarkOffload, "tx-checksum-ip-generic on", "", "eth0"},
		{schema.KindShell, "uname -r", "4.15.0-91-generic", model.RemarkKernelVersion, "4.15.0-91-generic", "", ""},
		{schema.KindShell, "cilium status", "KubeProxyReplacement:   Probe   []", model.RemarkKubeProxyReplacement, "Probe []", "", ""},
		{schema.KindShell, "hubble observe", "Apr  9 14:21:07.118: 10.42.5.133:38920 (remote-node) <> a-ns/ctl-0:9443 (ID:41822) Policy denied DROPPED (TCP Flags: SYN)", model.RemarkPolicyDrop, "a-ns/ctl-0 9443", "10.42.5.133", ""},
		{schema.KindProse, "", "kube-proxy: ipvs, strictARP true", model.RemarkKubeProxyMode, "ipvs", "", ""},
		{schema.KindProse, "", "kube-proxy ipvs (strictARP on)", model.RemarkStrictARP, "true", "", ""},
		{schema.KindProse, "", "strictARP is not set", model.RemarkStrictARP, "false", "", ""},
		{schema.KindProse, "", "No kube-proxy in this cluster", model.RemarkKubeProxyMode, "none", "", ""},
		{schema.KindProse, "", "VMs of our OpenStack", model.RemarkCloud, "openstack", "", ""},
		{schema.KindProse, "", "the nodes are on wlp3s0", model.RemarkWiFi, "wlp3s0", "", ""},
		{schema.KindProse, "", "forged transmits is set to Reject on the port group", model.RemarkMACPolicy, "forged transmits reject", "", ""},
		{schema.KindProse, "", "connections die after 15 minutes", model.RemarkTimeout, "900", "", ""},
		{schema.KindProse, "", "externalTrafficPolicy: Local", model.RemarkTrafficPolicy, "Local", "", ""},
	} {
		out := read(t, c.kind, c.cmd, c.line)
		r := remark(out, c.id)
		if r == nil {
			t.Errorf("%q gives no %s: %+v", c.line, c.id, out.Remarks)
			continue
		}
		if r.Value != c.value || c.addr != "-" && r.Addr != c.addr && c.addr != "" || r.Node != c.node {
			t.Errorf("%q gives %+v", c.line, *r)
		}
	}
}

func TestNearMisses(t *testing.T) {
	for _, c := range []struct{ line, id string }{
		{"firewalld disabled on all of them", model.RemarkHostFirewall},
		{"We run without Calico", model.RemarkCNI},
		{"I have two machines and one address", model.SaysWrongMAC},
		{"the wlan is not used", model.RemarkWiFi},
		{"From the client 10.0.0.9:", model.SaysFailsOutside},
		{"it does not work from inside the cluster", model.SaysWorksInside},
		{"curl: (28) Connection timed out after 8001 milliseconds", model.SaysUnreachable},
	} {
		if r := remark(read(t, schema.KindProse, "", c.line), c.id); r != nil {
			t.Errorf("%q gives %+v", c.line, *r)
		}
	}
}

func TestSentencesGoOverLines(t *testing.T) {
	out := read(t, schema.KindProse, "", "From every node it works. From another VM in the same subnet, and through the\nrouter, it does not:\n")
	in, fails := remark(out, model.SaysWorksInside), remark(out, model.SaysFailsOutside)
	if in == nil || fails == nil || fails.Src.Line != 1 || !strings.HasSuffix(fails.Text, "it does not:") {
		t.Errorf("%+v", out.Remarks)
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"MetalLB v0.13.10, Kubernetes v1.24.6, Calico 3.23.3", "metallb v0.13.10;kubernetes v1.24.6;cni calico v3.23.3"},
		{"on ubuntu 24.04, flannel, MetalLB 0.13.9 from the manifest", "metallb v0.13.9"},
		{"Upgraded MetalLB from 0.12.1 to 0.13.7", "metallb v0.13.7"},
		{"After the upgrade from v0.12.1 to v0.13.7 (helm) it is dead", "metallb v0.13.7"},
		{"### MetalLB Version\n\nv0.14.3", "metallb v0.14.3"},
		{"### Kubernetes Version\n\nv1.27.11+rke2r1", "kubernetes v1.27.11"},
		{"K8s: 1.24 (rke2)", "kubernetes v1.24"},
		{"metallb layer2, pool 10.12.0.240-10.12.0.250", ""},
		{"MetalLB gives 10.0.0.5 to it", ""},
		{"kubernetes 3 nodes", ""},
	} {
		var got []string
		for _, v := range read(t, schema.KindProse, "", c.text).Versions {
			got = append(got, v.Of+" "+v.Version)
		}
		if s := strings.Join(got, ";"); s != c.want {
			t.Errorf("%q gives %q, want %q", c.text, s, c.want)
		}
	}
}

func TestTablesOfClouds(t *testing.T) {
	out := read(t, schema.KindShell, "openstack port show x", testdata(t, "openstack-port.txt"))
	p, a := remark(out, model.RemarkPortSecurity), remark(out, model.RemarkAddressPairs)
	if p == nil || a == nil || p.Value != "true" || p.Addr != "192.0.2.31" || p.Node != "w0-port" || a.Value != "" || p.Text != "fa:16:3e:18:9c:03" {
		t.Errorf("%+v", out.Remarks)
	}
	out = read(t, schema.KindShell, "cilium service list", "ID   Frontend            Service Type   Backend\n1    10.96.0.1:443       ClusterIP      1 => 10.128.30.11:6443\n2    192.0.2.60:80/TCP   LoadBalancer   1 => 10.0.0.91:53\n                                        2 => 10.0.0.203:53\n")
	if n := remark(out, model.RemarkCiliumServiceList); n == nil || n.Value != "2" {
		t.Errorf("%+v", out.Remarks)
	}
	out = read(t, schema.KindShell, "sudo calicoctl node status   # on w2", "IPv4 BGP status\n+---+\n| PEER ADDRESS |     PEER TYPE     | STATE |   SINCE    |    INFO     |\n+---+\n| 192.0.2.1    | global            | up    | 2020-11-24 | Established |\n+---+\n")
	if r := remark(out, model.RemarkCalicoPeer); r == nil || r.Addr != "192.0.2.1" || r.Value != "global, up, Established" || r.Node != "w2" {
		t.Errorf("%+v", out.Remarks)
	}
}

// TestMixed reads lines of tools that stand in prose without a fence.
func TestMixed(t *testing.T) {
	out := read(t, schema.KindProse, "", "tcpdump on the node shows the reply leaving:\n\n14:02:17.400193 ARP, Request who-has 10.0.0.5 tell 10.0.0.77, length 28\n14:02:17.400571 ARP, Reply 10.0.0.5 is-at fa:16:3e:7a:40:22, length 46\n\nand the client says\ncurl: (7) Failed to connect to 10.0.0.5 port 80: No route to host\n")
	if len(out.Captures) != 1 || len(out.Captures[0].List) != 2 || len(out.Probes) != 1 || out.Probes[0].Outcome != model.OutcomeNoRoute {
		t.Errorf("%+v %+v", out.Captures, out.Probes)
	}
}

func FuzzParse(f *testing.F) {
	kinds := []schema.Kind{schema.KindTcpdump, schema.KindArping, schema.KindPing, schema.KindCurl, schema.KindTraceroute, schema.KindIPAddr, schema.KindIPRoute, schema.KindIPRule, schema.KindIPNeigh, schema.KindIPLink,
		schema.KindSysctl, schema.KindIptables, schema.KindNft, schema.KindIPVS, schema.KindSockets, schema.KindConntrack, schema.KindShell, schema.KindProse}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i := range kinds {
			f.Add(i, "", b)
		}
	}
	for i, cmd := range []string{"for p in 10.0.0.1 10.0.0.2; do nc -zv $p 80; done", "kubectl exec a -- curl -w '%{http_code}' 10.0.0.1", "iptables-save | grep -c KUBE", "ssh x \"ip a; hostname\"", "cat /proc/sys/net/ipv4/ip_forward", "curl -s 10.0.0.1 -o /dev/null || echo $?"} {
		f.Add(i, cmd, []byte("root@n1:~# "+cmd+"\n200 000\n10.0.0.1 dev eth0 lladdr 00:11:22:33:44:55 STALE\nC:\\Users\\x>ping 10.0.0.1\nReply from 10.0.0.1: bytes=32 time<1ms TTL=64\n"))
	}
	f.Add(15, "conntrack -L", []byte("tcp      6 86399 ESTABLISHED src=10.0.0.9 dst=10.0.0.5 sport=1 dport=80 src=10.0.0.5 dst=10.0.0.9 sport=80 dport=1 [ASSURED] mark=0 use=1\n"))
	f.Fuzz(func(t *testing.T, kind int, cmd string, body []byte) {
		if kind < 0 {
			kind = -(kind + 1)
		}
		o := schema.Origin{Path: "m", FirstLine: 7, Kind: kinds[kind%len(kinds)], Command: cmd}
		out := &model.Observations{}
		seen := Parse(o, 1, bytes.NewReader(body), out)
		if seen.Taken+seen.Ignored+seen.Unread != seen.Lines && seen.Lines < maxLines {
			t.Errorf("%d lines, of which %d taken, %d ignored and %d unread", seen.Lines, seen.Taken, seen.Ignored, seen.Unread)
		}
		for _, p := range out.Probes {
			if p.OK && p.Received == 0 && p.Sent > 0 && p.Tool != "traceroute" && p.Tool != "ping" && p.Tool != "arping" {
				t.Errorf("an answer that was not received: %+v", p)
			}
		}
	})
}
