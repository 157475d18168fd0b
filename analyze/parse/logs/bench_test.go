package logs_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/logs"
	"github.com/metallb-assay/assay/schema"
)

// generator writes logs of a cluster with 400 Services and 500 nodes, at debug level.
type generator struct {
	*rand.Rand
	bytes.Buffer
	second  int
	stamped bool
}

func (g *generator) line(format string, args ...any) {
	if g.IntN(5) == 0 {
		g.second++
	}
	ts := fmt.Sprintf("2026-11-24T%02d:%02d:%02d", g.second/3600%24, g.second/60%60, g.second%60)
	if g.stamped {
		fmt.Fprintf(g, "%s.%09dZ ", ts, g.IntN(1e9))
	}
	g.WriteString(strings.ReplaceAll(fmt.Sprintf(format, args...), "$TS", ts+"Z"))
	g.WriteByte('\n')
}

// serviceJSON is a Service as the debug dumps print it.
func (g *generator) serviceJSON(namespace, name, kind string) string {
	return strings.ReplaceAll(fmt.Sprintf(`{"kind":"Service","apiVersion":"v1","metadata":{"name":%q,"namespace":%q,"uid":"%08x-5495-45a5-b759-0819e255b2bc","resourceVersion":"%d","creationTimestamp":"2026-11-24T15:20:35Z","managedFields":[{"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"v1","time":"2026-11-24T15:20:35Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:externalTrafficPolicy":{},"f:ports":{".":{},"f:name":{}},"f:selector":{},"f:type":{}}}}]},"spec":{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080,"nodePort":%d}],"selector":{"app":%q},"clusterIP":"10.43.%d.%d","type":%q,"sessionAffinity":"None","externalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{"ingress":[{"ip":"198.51.%d.%d"}]}}}`,
		name, namespace, g.Uint32(), g.IntN(1e6), 30000+g.IntN(2767), name, g.IntN(256), g.IntN(256), kind, g.IntN(256), g.IntN(256)), `"`, `\"`)
}

// speaker writes what a speaker says about one Service.
func (g *generator) speaker() {
	n := g.IntN(400)
	namespace, name, ip, pool := fmt.Sprintf("team-%d", n%20), fmt.Sprintf("svc-%d", n), fmt.Sprintf("198.51.%d.%d", 100+n/250, n%250), fmt.Sprintf("pool-%d", n%7)
	g.line(`{"caller":"service_controller.go:134","controller":"ServiceReconciler","enqueueing":"%s/%s","epslice":"{\"metadata\":{\"name\":\"%s-hd8f2\",\"namespace\":\"%s\",\"resourceVersion\":\"%d\",\"labels\":{\"kubernetes.io/service-name\":\"%s\"}},\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[\"10.42.%d.%d\"],\"conditions\":{\"ready\":true},\"nodeName\":\"node-%d\"}],\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080}]}","level":"debug","ts":"$TS"}`,
		namespace, name, name, namespace, g.IntN(1e6), name, g.IntN(256), g.IntN(256), g.IntN(500))
	g.line(`{"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"%s/%s","ts":"$TS"}`, namespace, name)
	g.line(`{"caller":"service_controller.go:95","controller":"ServiceReconciler","level":"debug","processing service":"%s","ts":"$TS"}`, g.serviceJSON(namespace, name, "LoadBalancer"))
	g.line(`{"caller":"main.go:394","event":"startUpdate","level":"debug","msg":"start of service update","ts":"$TS"}`)
	switch g.IntN(4) {
	case 0:
		g.line(`{"caller":"layer2_controller.go:108","event":"shouldannounce","ips":[%q],"level":"debug","nodes":["node-%d","node-%d","node-%d"],"pool":%q,"protocol":"l2","service":"%s/%s","ts":"$TS"}`, ip, g.IntN(500), g.IntN(500), g.IntN(500), pool, namespace, name)
		g.line(`{"caller":"main.go:481","event":"serviceAnnounced","ips":[%q],"level":"info","msg":"service has IP, announcing","pool":%q,"protocol":"layer2","ts":"$TS"}`, ip, pool)
		g.line(`{"caller":"arp.go:110","interface":"eth0","ip":%q,"level":"debug","msg":"got ARP request for service IP, sending response","responseMAC":"52:54:00:%02x:%02x:00","senderIP":"192.0.2.%d","senderMAC":"52:54:00:00:%02x:01","ts":"$TS"}`, ip, g.IntN(256), g.IntN(256), g.IntN(256), g.IntN(256))
	case 1:
		g.line(`{"caller":"bgp_controller.go:157","event":"skipping should announce bgp","ips":[%q],"level":"debug","pool":%q,"protocol":"bgp","reason":"pool not matching my node","service":"%s/%s","ts":"$TS"}`, ip, pool, namespace, name)
	case 2:
		g.line(`{"caller":"bgp_controller.go:301","event":"updatedAdvertisements","ips":[%q],"level":"info","msg":"making advertisements using BGP","numAds":1,"pool":%q,"protocol":"bgp","ts":"$TS"}`, ip, pool)
		g.line(`{"caller":"main.go:481","event":"serviceAnnounced","ips":[%q],"level":"info","msg":"service has IP, announcing","pool":%q,"protocol":"bgp","ts":"$TS"}`, ip, pool)
	default:
		g.line(`{"caller":"layer2_controller.go:85","event":"shouldannounce","ips":[%q],"level":"debug","message":"failed no active endpoints","pool":%q,"protocol":"l2","service":"%s/%s","ts":"$TS"}`, ip, pool, namespace, name)
	}
	g.line(`{"caller":"main.go:443","event":"endUpdate","level":"debug","msg":"end of service update","ts":"$TS"}`)
	g.line(`{"caller":"service_controller.go:115","controller":"ServiceReconciler","end reconcile":"%s/%s","level":"info","ts":"$TS"}`, namespace, name)
	g.line(`{"caller":"announcer.go:158","event":"announced interface to exclude","interface":"veth%08x","level":"debug","ts":"$TS"}`, g.Uint32())
	g.line(`{"caller":"net.go:210","component":"Memberlist","level":"debug","msg":"memberlist: Stream connection from=192.0.2.%d:%d","ts":"$TS"}`, g.IntN(256), 30000+g.IntN(30000))
}

func generate(size int, stamped bool) []byte {
	g := &generator{Rand: rand.New(rand.NewPCG(1, 2)), stamped: stamped}
	g.line(`{"branch":"dev","caller":"main.go:108","commit":"dev","goversion":"gc / go1.24.3 / amd64","level":"info","msg":"MetalLB speaker starting version 0.16.1 (commit dev, branch dev)","ts":"$TS","version":"0.16.1"}`)
	for g.Len() < size {
		g.speaker()
	}
	return g.Bytes()
}

func benchmark(b *testing.B, o schema.Origin, text []byte) {
	b.Helper()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var out model.Observations
		logs.Parse(o, 0, bytes.NewReader(text), &out)
	}
}

func BenchmarkDebug(b *testing.B) {
	benchmark(b, schema.Origin{Path: "speaker.log", Kind: schema.KindLog, Container: "speaker"}, generate(128<<20, false))
}

func BenchmarkDebugTimestamps(b *testing.B) {
	benchmark(b, schema.Origin{Path: "speaker.log", Kind: schema.KindLog, Container: "speaker", Wrap: schema.WrapTimestamps}, generate(128<<20, true))
}
