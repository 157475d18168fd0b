package foreign

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// kindFiles says of which kind, and in which wrapper, each file of testdata/kinds is.
var kindFiles = map[string]struct {
	kind schema.Kind
	wrap schema.Wrap
}{
	"objects-list.yaml": {schema.KindObjects, ""}, "objects-list.json": {schema.KindObjects, ""},
	"table-pods.txt": {schema.KindTable, ""}, "table-events.txt": {schema.KindTable, ""}, "describe-service.txt": {schema.KindDescribe, ""},
	"log-json.txt": {schema.KindLog, ""}, "log-timestamps.txt": {schema.KindLog, schema.WrapTimestamps}, "log-cri.txt": {schema.KindLog, schema.WrapCRI},
	"log-docker.txt": {schema.KindLog, schema.WrapDocker}, "log-prefix.txt": {schema.KindLog, schema.WrapPrefix}, "log-stern.txt": {schema.KindLog, schema.WrapStern},
	"frr-log.txt": {schema.KindFRRLog, ""}, "reloader-log.txt": {schema.KindReload, ""},
	"vtysh-dump.txt": {schema.KindVtysh, ""}, "vtysh-summary.txt": {schema.KindVtysh, ""}, "vtysh-neighbors.json": {schema.KindVtysh, ""},
	"frr-conf.txt": {schema.KindFRRConf, ""}, "frr-conf-running.txt": {schema.KindFRRConf, ""}, "frr-daemons.txt": {schema.KindDaemons, ""},
	"router-bird.txt": {schema.KindRouter, ""}, "router-gobgp.txt": {schema.KindRouter, ""}, "router-ios-session.txt": {schema.KindUnknown, ""}, // to be taken apart
	"metrics.txt": {schema.KindMetrics, ""}, "ip-addr.txt": {schema.KindIPAddr, ""}, "ip-link.txt": {schema.KindIPLink, ""}, "ip-route.txt": {schema.KindIPRoute, ""},
	"ip-rule.txt": {schema.KindIPRule, ""}, "ip-neigh.txt": {schema.KindIPNeigh, ""}, "iptables.txt": {schema.KindIptables, ""}, "sysctl.txt": {schema.KindSysctl, ""},
	"sockets.txt": {schema.KindSockets, ""}, "nft.txt": {schema.KindNft, ""}, "shell-error.txt": {schema.KindUnknown, ""}, "prose-notes.txt": {schema.KindUnknown, ""},
}

func TestRealFilesAreKnownByTheirFirstLines(t *testing.T) {
	files, err := filepath.Glob("testdata/kinds/*")
	if err != nil || len(files) != len(kindFiles) {
		t.Fatalf("%d files, %d in the table, %v", len(files), len(kindFiles), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want := kindFiles[filepath.Base(f)]
		for what, text := range map[string]string{"as it is": string(data), "with CRLF": strings.ReplaceAll(string(data), "\n", "\r\n"), "behind a blank line": "\n\n" + string(data)} {
			if kind, wrap := Recognise([]byte(text)); kind != want.kind || wrap != want.wrap {
				t.Errorf("%s %s: got %s %q, want %s %q", filepath.Base(f), what, kind, wrap, want.kind, want.wrap)
			}
		}
	}
}

func TestSmallTextsAreKnown(t *testing.T) {
	for text, want := range map[string]schema.Kind{
		"":       schema.KindEmpty,
		" \n\n":  schema.KindEmpty,
		"{\n}\n": schema.KindVtysh, "[\n]\n": schema.KindVtysh, "{\n  \"warning\":\"Default BGP instance not found\"\n}\n": schema.KindVtysh,
		"No resources found in metallb-system namespace.\n":                                                                   schema.KindTable,
		"NAME   AGE\nx      1d\n":                                                                                             schema.KindTable,
		"default   web   LoadBalancer   10.96.0.1   192.0.2.1   80:30000/TCP   1d\n":                                          schema.KindTable,
		"---\n# Source: metallb/templates/x.yaml\napiVersion: v1\nkind: ServiceAccount\n":                                     schema.KindObjects,
		"kind: Service\napiVersion: v1\n":                                                                                     schema.KindObjects,
		"{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[]}":                                                              schema.KindObjects,
		"metadata:\n  name: x\nspec: {}\nkind: IPAddressPool\napiVersion: metallb.io/v1beta1\n":                               schema.KindObjects,
		"address-pools:\n- name: x\n  protocol: layer2\n":                                                                     schema.KindLegacy,
		"USER-SUPPLIED VALUES:\nnull\n":                                                                                       schema.KindHelm,
		"controller:\n  logLevel: info\nspeaker:\n  frr:\n    enabled: false\n":                                               schema.KindHelm,
		"% BGP instance not found\n":                                                                                          schema.KindVtysh,
		"bgpd is not running\n":                                                                                               schema.KindVtysh,
		"! This file gets overriden\nfrr version 8.0\nfrr defaults traditional\n":                                             schema.KindFRRConf,
		"service integrated-vtysh-config\n":                                                                                   schema.KindFRRConf,
		"Building configuration...\n\nCurrent configuration : 1834 bytes\n!\nversion 15.2\n":                                  schema.KindRouter,
		"BGP router identifier 192.0.2.1, local AS number 64512\nBGP table version is 1, main routing table version 1\n":      schema.KindRouter,
		"BGP router identifier 192.0.2.1, local AS number 64512 vrf-id 0\n":                                                   schema.KindVtysh,
		"BGP summary information for VRF default, address family IPv4 Unicast\n":                                              schema.KindRouter,
		"Groups: 1 Peers: 2 Down peers: 1\n":                                                                                  schema.KindRouter,
		"PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n":                                                                  schema.KindPing,
		"ARPING 192.0.2.1\n60 bytes from 1c:69:7a:0b:c2:91 (192.0.2.1): index=0 time=310.020 usec\n":                          schema.KindArping,
		"14:02:17.400193 ARP, Request who-has 192.0.2.1 tell 192.0.2.7, length 28\n":                                          schema.KindTcpdump,
		"curl: (7) Failed to connect to 192.0.2.1 port 80: Connection refused\n":                                              schema.KindCurl,
		"*   Trying 192.0.2.1:80...\n":                                                                                        schema.KindCurl,
		"traceroute to 192.0.2.1 (192.0.2.1), 30 hops max\n 1  10.0.0.1\n":                                                    schema.KindTraceroute,
		"ens18            UP             192.0.2.21/24 fe80::1/64\n":                                                          schema.KindIPAddr,
		"node-a: eth0@if10        UP             1e:bf:90:bd:84:85 <BROADCAST,MULTICAST,UP,LOWER_UP>\n":                       schema.KindIPLink,
		"192.0.2.1                     (incomplete)                              ens192\n":                                    schema.KindIPNeigh,
		"  192.0.2.1           00-50-56-9c-11-7e     dynamic\n":                                                               schema.KindIPNeigh,
		"192.0.2.1 dev eth0 FAILED\n":                                                                                         schema.KindIPNeigh,
		"blackhole 10.244.41.64/26 proto 80\n":                                                                                schema.KindIPRoute,
		"TCP  192.0.2.1:80 rr\n  -> 10.244.90.12:8080            Masq    1      3          11\n":                              schema.KindIPVS,
		"Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination\n":                                 schema.KindIptables,
		"[7:420] -A OVN-KUBE-EXTERNALIP -d 192.0.2.1/32 -p tcp -j DNAT\n":                                                     schema.KindIptables,
		"I0102 15:04:05.000000       1 leaderelection.go:250] attempting to acquire leader lease\n":                           schema.KindLog,
		"I0102 15:04:05.000000       1 proxier.go:796] \"SyncProxyRules complete\" elapsed=\"20ms\"\n":                        schema.KindOtherLog,
		"2023-07-17T03:51:52Z\tINFO\tcontroller-runtime.metrics\tMetrics server is starting to listen\t{\"addr\": \":8080\"}": schema.KindLog,
		"panic: runtime error: invalid memory address\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:12 +0x1\n":         schema.KindLog,
		"[612044.118702] UDP: bad checksum. From 192.0.2.1:47803 to 192.0.2.2:8472 ulen 90\n":                                 schema.KindOtherLog,
		"E1124 14:41:57.081727   10774 websocket.go:296] Unknown stream id 1, discarding message\n{}\n":                       schema.KindVtysh,
		"Hello, my Service has no address.\n":                                                                                 schema.KindUnknown,
		"some,comma,separated\n1,2,3\n":                                                                                       schema.KindUnknown,
	} {
		if kind, _ := Recognise([]byte(text)); kind != want {
			t.Errorf("%q: got %s, want %s", text, kind, want)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	seedFiles(f, "testdata/kinds/*", "testdata/texts/*")
	f.Fuzz(func(t *testing.T, data []byte) {
		if kind, _ := Recognise(data); kind == "" {
			t.Error("no kind at all")
		}
	})
}

// seedFiles adds the content of files to a fuzz target's corpus.
func seedFiles(f *testing.F, patterns ...string) {
	f.Helper()
	for _, p := range patterns {
		files, err := filepath.Glob(p)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: no seeds: %v", p, err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data[:min(len(data), 4<<10)])
		}
	}
}
