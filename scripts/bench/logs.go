package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// The sizes of the generated cluster.
const (
	services = 400
	nodes    = 500
)

// logWriter writes debug logs of one speaker, as MetalLB v0.14 and later prints them, with values that differ from line to line.
type logWriter struct {
	rng  *rand.Rand
	node int
	now  time.Time
	buf  []byte
}

func newLogWriter(node int) *logWriter {
	return &logWriter{rng: rand.New(rand.NewPCG(uint64(node), 7)), node: node, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func service(i int) string { return fmt.Sprintf("team-%02d/service-%03d", i%20, i) }

func address(i int) string { return fmt.Sprintf("198.51.%d.%d", 100+i/250, i%250) }

func nodeName(i int) string { return fmt.Sprintf("worker-%03d", i) }

// fill writes at least size bytes of lines to w.
func (l *logWriter) fill(w io.Writer, size int) error {
	for written := 0; written < size; {
		l.buf = l.buf[:0]
		for len(l.buf) < 64<<10 {
			l.pass()
		}
		n, err := w.Write(l.buf)
		if err != nil {
			return err
		}
		written += n
	}
	return nil
}

func (l *logWriter) line(format string, args ...any) {
	l.buf = append(l.buf, l.now.Add(time.Duration(l.rng.IntN(1e9))).Format("2006-01-02T15:04:05.000000000Z ")...)
	l.buf = fmt.Appendf(l.buf, format, args...)
	l.buf = append(l.buf, '\n')
}

// pass is what a speaker at debug level prints for one Service, with what comes in between.
func (l *logWriter) pass() {
	l.now = l.now.Add(time.Duration(l.rng.IntN(900)) * time.Millisecond)
	ts := l.now.Format(time.RFC3339)
	i := l.rng.IntN(services)
	svc, ip := service(i), address(i)
	owner := (i*7 + 3) % nodes
	l.line(`{"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"%s","ts":"%s"}`, svc, ts)
	l.line(`{"caller":"service_controller.go:%d","controller":"ServiceReconciler","enqueueing":"%s-%05x","epslice":"{\"metadata\":{\"name\":\"%s-%05x\",\"resourceVersion\":\"%d\"},\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[\"10.%d.%d.%d\"],\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":false},\"nodeName\":\"%s\"}]}","level":"debug","ts":"%s"}`,
		180+l.rng.IntN(3), svc, l.rng.IntN(1<<20), svc, l.rng.IntN(1<<20), l.rng.IntN(1e7), l.rng.IntN(250), l.rng.IntN(250), l.rng.IntN(250), nodeName(l.rng.IntN(nodes)), ts)
	l.line(`{"caller":"layer2_controller.go:%d","ips":["%s"],"level":"debug","msg":"candidates for the service","node":"%s","service":"%s","ts":"%s"}`, 90+l.rng.IntN(4), ip, nodeName(l.rng.IntN(nodes)), svc, ts)
	if owner == l.node {
		l.line(`{"caller":"main.go:420","event":"serviceAnnounced","ips":["%s"],"level":"info","msg":"service has IP, announcing","pool":"pool-%d","protocol":"layer2","ts":"%s"}`, ip, i%8, ts)
	} else {
		l.line(`{"caller":"main.go:410","event":"skipping","ips":["%s"],"level":"debug","msg":"not announcing: notOwner","pool":"pool-%d","protocol":"layer2","reason":"notOwner","ts":"%s"}`, ip, i%8, ts)
	}
	l.line(`{"caller":"main.go:382","event":"endUpdate","level":"debug","msg":"end of service update","service":"%s","ts":"%s"}`, svc, ts)
	l.line(`{"caller":"service_controller.go:115","controller":"ServiceReconciler","end reconcile":"%s","level":"info","ts":"%s"}`, svc, ts)
	switch l.rng.IntN(6) {
	case 0:
		l.line(`{"caller":"arp.go:110","interface":"ens%d","ip":"%s","level":"debug","msg":"got ARP request for service IP, sending response","responseMAC":"52:54:00:%02x:%02x:%02x","senderIP":"192.0.2.%d","senderMAC":"52:54:00:%02x:%02x:%02x","ts":"%s"}`,
			l.rng.IntN(4), ip, l.rng.IntN(256), l.rng.IntN(256), l.rng.IntN(256), l.rng.IntN(250), l.rng.IntN(256), l.rng.IntN(256), l.rng.IntN(256), ts)
	case 1:
		l.line(`{"caller":"net.go:%d","component":"Memberlist","level":"debug","msg":"memberlist: Stream connection from=192.0.2.%d:%d","ts":"%s"}`, 260+l.rng.IntN(9), l.rng.IntN(250), 30000+l.rng.IntN(30000), ts)
	case 2:
		l.line(`{"caller":"state.go:%d","component":"Memberlist","level":"debug","msg":"memberlist: Initiating push/pull sync with: %s 192.0.2.%d:7946","ts":"%s"}`, 700+l.rng.IntN(30), nodeName(l.rng.IntN(nodes)), l.rng.IntN(250), ts)
	case 3:
		l.line(`{"level":"debug","ts":"%s","logger":"events","msg":"announcing from node \"%s\" with protocol \"layer2\"","type":"Normal","object":{"kind":"Service","namespace":"%s","name":"service-%03d","uid":"%08x-%04x-4%03x-9%03x-%012x","apiVersion":"v1","resourceVersion":"%d"},"reason":"nodeAssigned","stacktrace":"sigs.k8s.io/controller-runtime/pkg/internal/recorder.(*Provider).getBroadcaster.func1.1\n\tsigs.k8s.io/controller-runtime@v0.19.3/pkg/internal/recorder/recorder.go:104"}`,
			ts, nodeName(owner), fmt.Sprintf("team-%02d", i%20), i, l.rng.Uint32(), l.rng.IntN(1<<16), l.rng.IntN(1<<12), l.rng.IntN(1<<12), l.rng.Int64N(1<<48), l.rng.IntN(1e7))
	}
}
