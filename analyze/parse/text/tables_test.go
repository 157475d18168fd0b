package text

import (
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func TestTcpdump(t *testing.T) {
	out := read(t, schema.KindTcpdump, "sudo tcpdump -lnni any host 10.0.0.5", testdata(t, "tcpdump-any.txt"))
	p := out.Captures[0]
	if p.Iface != "any" || p.Filter != "host 10.0.0.5" || p.Total != 4 || p.Counts["captured"] != 4 {
		t.Fatalf("%+v", p)
	}
	q := p.List[0]
	if q.Iface != "ens19" || q.Dir != "In" || q.Proto != "tcp" || q.Flags != "S" || q.SrcAddr != "10.0.0.9" || q.SrcPort != 40644 || q.DstPort != 80 {
		t.Errorf("%+v", q)
	}
	if q := p.List[2]; q.ARP != "request" || q.Target != "10.0.0.5" || q.SrcAddr != "10.0.0.9" {
		t.Errorf("%+v", q)
	}
	if q := p.List[3]; q.ARP != "reply" || q.MAC != "fa:16:3e:7a:40:22" {
		t.Errorf("%+v", q)
	}
}

func TestTcpdumpVerbose(t *testing.T) {
	out := read(t, schema.KindTcpdump, "tcpdump -vvnni eth0 udp port 8472", testdata(t, "tcpdump-vxlan.txt"))
	l := out.Captures[0].List
	if len(l) != 2 || l[0].Checksum != "bad" || l[0].Proto != "vxlan" || l[0].DstPort != 8472 || l[1].DstAddr != "10.244.1.44" || l[1].Checksum != "" {
		t.Fatalf("%+v", l)
	}
}

func TestTcpdumpForms(t *testing.T) {
	for _, c := range []struct{ line, proto, arp, target, mac string }{
		{"12:00:00.000001 aa:bb:cc:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 60: Request who-has 10.0.0.5 tell 10.0.0.9, length 46", "arp", "request", "10.0.0.5", ""},
		{"12:00:00.000001 IP6 fe80::1 > ff02::1:ff00:5: ICMP6, neighbor solicitation, who has fd00::5, length 32", "ndp", "request", "fd00::5", ""},
		{"12:00:00.000001 IP6 fd00::5 > fe80::1: ICMP6, neighbor advertisement, tgt is fd00::5, length 32", "ndp", "reply", "fd00::5", ""},
		{"12:00:00.000001 IP 10.0.0.9.5001 > 10.0.0.5.179: Flags [S], seq 1, win 1, length 0", "bgp", "", "", ""},
		{"12:00:00.000001 IP 10.0.0.9 > 10.0.0.5: ICMP echo request, id 1, seq 1, length 64", "icmp", "", "", ""},
		{"2024-05-01 12:00:00.000001 IP 10.0.0.9.53 > 10.0.0.5.4000: UDP, length 12", "udp", "", "", ""},
		{"12:00:00.000001 ARP, Reply 10.0.0.5 is-at aa:bb:cc:00:00:01 (oui Unknown), length 46", "arp", "reply", "10.0.0.5", "aa:bb:cc:00:00:01"},
	} {
		out := read(t, schema.KindTcpdump, "", c.line)
		if len(out.Captures) != 1 || len(out.Captures[0].List) != 1 {
			t.Errorf("%s: not read", c.line)
			continue
		}
		if p := out.Captures[0].List[0]; p.Proto != c.proto || p.ARP != c.arp || p.Target != c.target || p.MAC != c.mac {
			t.Errorf("%s: %+v", c.line, p)
		}
	}
	if out := read(t, schema.KindTcpdump, "", "12:00:00 something else happened\n"); len(out.Captures) != 0 {
		t.Errorf("a line of a log became a packet: %+v", out.Captures)
	}
}

func TestAddresses(t *testing.T) {
	out := read(t, schema.KindIPAddr, "ip addr", testdata(t, "ip-addr.txt"))
	if len(out.Ifaces) != 3 {
		t.Fatalf("%d interfaces", len(out.Ifaces))
	}
	e := out.Ifaces[1]
	if e.Name != "eth0" || e.MAC != "52:94:81:f2:af:85" || e.MTU != 1500 || e.State != "UP" || len(e.Addrs) != 2 || e.Addrs[0].String() != "192.0.2.13/24" || e.AddrSrc["192.0.2.13"].Line != 7 {
		t.Errorf("%+v", e)
	}
	if v := out.Ifaces[2]; v.Name != "veth38e63514" || v.Master != "cni0" {
		t.Errorf("%+v", v)
	}
	out = read(t, schema.KindIPAddr, "ip -br a", "eth0@if14        UP             192.0.2.13/24 fe80::1/64\nkube-ipvs0       DOWN           10.96.0.1/32 192.0.2.60/32\n")
	if len(out.Ifaces) != 2 || out.Ifaces[0].Name != "eth0" || len(out.Ifaces[1].Addrs) != 2 || out.Ifaces[1].State != "DOWN" {
		t.Errorf("%+v", out.Ifaces)
	}
	out = read(t, schema.KindIPAddr, "ifconfig", "eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 192.0.2.13  netmask 255.255.255.0  broadcast 192.0.2.255\n        ether 00:50:56:91:1c:0a  txqueuelen 1000  (Ethernet)\n")
	if i := out.Ifaces[0]; i.Addrs[0].String() != "192.0.2.13/24" || i.MAC != "00:50:56:91:1c:0a" || i.MTU != 1500 {
		t.Errorf("%+v", i)
	}
	loop := `for n in a1 a2; do ssh $n "hostname; cat /sys/class/net/ens3/address; ip -4 -br a show kube-ipvs0 | tr ' ' '\n' | grep 192.0"; done`
	out = read(t, schema.KindShell, loop, "a1\n52:54:00:01:b5:a1\n192.0.2.60/32\na2\n52:54:00:02:b5:a2\n192.0.2.60/32\n")
	if len(out.Ifaces) != 4 || out.Ifaces[0].Origin.Host != "a1" || out.Ifaces[0].MAC == "" || out.Ifaces[3].Name != "kube-ipvs0" || out.Ifaces[3].Origin.Host != "a2" {
		t.Errorf("%+v", out.Ifaces)
	}
	out = read(t, schema.KindIPLink, "", "node-a: eth0@if10  UP  1e:bf:90:bd:84:85 <BROADCAST,UP>\nnode-b: eth0@if11  UP  8e:f5:e8:9b:18:45 <BROADCAST,UP>\n")
	if len(out.Ifaces) != 2 || out.Ifaces[0].Origin.Host != "node-a" || out.Ifaces[1].MAC != "8e:f5:e8:9b:18:45" || out.Ifaces[1].Origin.Host != "node-b" {
		t.Errorf("%+v", out.Ifaces)
	}
}

func TestRoutes(t *testing.T) {
	out := read(t, schema.KindIPRoute, "ip route", "default via 192.0.2.1 dev eth0 proto static\nblackhole 10.244.2.0/26 proto bird\n10.244.2.14 dev cali7f3a scope link\n10.9.0.0/16 proto bgp metric 20\n\tnexthop via 192.0.2.7 dev eth0 weight 1\n\tnexthop via 192.0.2.8 dev eth0 weight 1\n")
	if len(out.Routes) != 4 || out.Routes[0].Prefix != "0.0.0.0/0" || out.Routes[1].Kind != "blackhole" || out.Routes[2].Prefix != "10.244.2.14/32" || len(out.Routes[3].NextHops) != 2 {
		t.Fatalf("%+v", out.Routes)
	}
	if len(out.Tables) != 1 || out.Tables[0].Table != "kernel" || out.Tables[0].Count != 4 || out.Tables[0].Prefix != "" {
		t.Errorf("%+v", out.Tables)
	}
	out = read(t, schema.KindIPRoute, "ip route get 192.0.2.60", "192.0.2.60 via 10.0.0.1 dev eth1 src 10.0.0.7 uid 0\n    cache\n")
	if r := out.Routes[0]; r.Table != "get" || r.NextHop != "10.0.0.1" || r.Source != "10.0.0.7" || len(out.Tables) != 0 {
		t.Errorf("%+v", r)
	}
	out = read(t, schema.KindIPRoute, "ip route get 192.0.2.60", "RTNETLINK answers: Network is unreachable\n")
	if len(out.Routes) != 1 || out.Routes[0].Kind != "unreachable" || out.Routes[0].Prefix != "192.0.2.60/32" {
		t.Errorf("%+v", out.Routes)
	}
	out = read(t, schema.KindIPRoute, "route -n", "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n0.0.0.0         192.0.2.1       0.0.0.0         UG    0      0        0 eth0\n192.0.2.0       0.0.0.0         255.255.255.0   U     0      0        0 eth0\n")
	if len(out.Routes) != 2 || out.Routes[0].NextHop != "192.0.2.1" || out.Routes[1].Prefix != "192.0.2.0/24" || out.Routes[1].NextHop != "" {
		t.Errorf("%+v", out.Routes)
	}
	out = read(t, schema.KindIPRoute, "ip route | grep 10.9", "10.9.0.0/16 via 192.0.2.7 dev eth0\n")
	if out.Tables[0].Prefix != "10.9" {
		t.Errorf("a filtered table passes for whole: %+v", out.Tables)
	}
}

func TestNeighbours(t *testing.T) {
	for _, c := range []struct{ line, addr, mac, dev, state string }{
		{"192.0.2.60 dev eth0 lladdr 52:54:00:04:b5:a4 REACHABLE ", "192.0.2.60", "52:54:00:04:b5:a4", "eth0", "REACHABLE"},
		{"192.0.2.60 dev eth0 FAILED", "192.0.2.60", "", "eth0", "FAILED"},
		{"192.0.2.60                     (incomplete)                              ens192", "192.0.2.60", "", "ens192", "INCOMPLETE"},
		{"192.0.2.60               ether   52:54:00:04:b5:a4   C                     eth0", "192.0.2.60", "52:54:00:04:b5:a4", "eth0", ""},
		{"? (192.0.2.60) at 52:54:00:04:b5:a4 [ether] on eth0", "192.0.2.60", "52:54:00:04:b5:a4", "eth0", ""},
		{"gw.lan (192.0.2.60) at <incomplete> on eth0", "192.0.2.60", "", "eth0", "INCOMPLETE"},
		{"  192.0.2.60           00-50-56-9c-11-7e     dynamic", "192.0.2.60", "00:50:56:9c:11:7e", "", ""},
		{"Internet  192.0.2.60             5   0050.569c.117e  ARPA   Vlan10", "192.0.2.60", "00:50:56:9c:11:7e", "Vlan10", ""},
	} {
		out := read(t, schema.KindIPNeigh, "", c.line)
		if len(out.ARP) != 1 {
			t.Errorf("%s: not read", c.line)
			continue
		}
		if n := out.ARP[0]; n.Addr != c.addr || n.MAC != c.mac || n.Device != c.dev || n.State != c.state {
			t.Errorf("%s: %+v", c.line, n)
		}
	}
	if out := read(t, schema.KindIPNeigh, "", "Interface: 192.0.2.9 --- 0x4\n  Internet Address      Physical Address      Type\n"); len(out.ARP) != 0 {
		t.Errorf("a heading became an entry: %+v", out.ARP)
	}
}

func TestSysctls(t *testing.T) {
	out := read(t, schema.KindSysctl, "sysctl -a", "net.ipv4.ip_forward = 1\nnet.ipv4.conf.eth0.rp_filter=2\nnet.ipv4.conf.all.arp_ignore: 0\nkernel.hostname = x\n# comment\n")
	if len(out.Sysctls) != 3 || out.Sysctls[1].Value != "2" || out.Sysctls[2].Name != "net.ipv4.conf.all.arp_ignore" {
		t.Errorf("%+v", out.Sysctls)
	}
	out = read(t, schema.KindShell, "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/all/rp_filter", "1\n0\n")
	if len(out.Sysctls) != 2 || out.Sysctls[1].Name != "net.ipv4.conf.all.rp_filter" || out.Sysctls[1].Value != "0" {
		t.Errorf("%+v", out.Sysctls)
	}
	out = read(t, schema.KindSysctl, "grep . /proc/sys/net/ipv4/conf/*/rp_filter", "/proc/sys/net/ipv4/conf/all/rp_filter:1\n")
	if len(out.Sysctls) != 1 || out.Sysctls[0].Name != "net.ipv4.conf.all.rp_filter" {
		t.Errorf("%+v", out.Sysctls)
	}
}

func TestIptables(t *testing.T) {
	out := read(t, schema.KindIptables, "iptables-save", testdata(t, "iptables-save.txt"))
	f := out.Firewalls[0]
	if f.KubeRules != 3 || f.Filter != "" || f.Addresses["192.0.2.64"].Line == 0 || len(f.Addresses) != 1 {
		t.Errorf("%+v", f)
	}
	if len(out.Firewall) != 2 || out.Firewall[0].Verdict != "DROP" || !out.Firewall[0].Policy || out.Firewall[1].Chain != "INPUT" {
		t.Errorf("%+v", out.Firewall)
	}
	out = read(t, schema.KindIptables, "iptables-save -t nat | grep -c KUBE-", "0\n")
	if f := out.Firewalls[0]; f.KubeRules != 0 || f.Filter != "KUBE-" {
		t.Errorf("%+v", f)
	}
	out = read(t, schema.KindIptables, "iptables -nvL FORWARD", "Chain FORWARD (policy DROP 12 packets, 720 bytes)\n pkts bytes target     prot opt in     out     source               destination\n   7K  420K ACCEPT     0    --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate RELATED,ESTABLISHED\n  506 30360 DROP       0    --  *      *       0.0.0.0/0            0.0.0.0/0            /* Drop if no policies passed packet */\n")
	if len(out.Firewall) != 2 || out.Firewall[0].Packets != 12 || out.Firewall[1].Packets != 506 || remark(out, model.RemarkPolicyChainDrop) == nil {
		t.Errorf("%+v", out.Firewall)
	}
}

func TestNft(t *testing.T) {
	out := read(t, schema.KindNft, "nft list ruleset", testdata(t, "nft.txt"))
	f := out.Firewalls[0]
	if len(f.Addresses) != 1 || f.Addresses["192.0.2.240"].Line == 0 || f.KubeRules == 0 {
		t.Errorf("%+v", f)
	}
	if len(out.Firewall) != 2 || !out.Firewall[0].Policy || out.Firewall[1].Verdict != "DROP" || out.Firewall[1].Packets != 5 {
		t.Errorf("%+v", out.Firewall)
	}
}

func TestIPVSAndSockets(t *testing.T) {
	out := read(t, schema.KindIPVS, "ipvsadm -Ln", "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\nTCP  192.0.2.30:80 rr\n  -> 10.244.90.12:8080            Masq    1      3          11\n  -> 10.244.41.64:8080            Masq    0      0          9\nUDP  192.0.2.31:53 rr\n")
	if len(out.IPVS) != 2 || len(out.IPVS[0].Real) != 2 || out.IPVS[0].Weights[1] != 0 || out.IPVS[1].Proto != "udp" {
		t.Errorf("%+v", out.IPVS)
	}
	out = read(t, schema.KindSockets, "ss -tulpn", "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\nudp   UNCONN 0      0      192.0.2.13:7946       0.0.0.0:*    users:((\"speaker\",pid=12,fd=9))\ntcp   LISTEN 0      4096               *:7472             *:*\ntcp   LISTEN 0      3               [::]:179           [::]:*\n")
	if len(out.Sockets) != 3 || out.Sockets[0].Process != "speaker" || out.Sockets[0].LocalPort != 7946 || out.Sockets[2].LocalPort != 179 || out.Sockets[1].LocalAddr != "*" {
		t.Errorf("%+v", out.Sockets)
	}
	out = read(t, schema.KindSockets, "netstat -tnp", "Active Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name\ntcp        0      1 192.0.2.13:51544        192.0.2.66:179          SYN_SENT    4711/bgpd\n")
	if s := out.Sockets[0]; s.State != "SYN-SENT" || s.RemotePort != 179 || s.Process != "bgpd" {
		t.Errorf("%+v", s)
	}
}
