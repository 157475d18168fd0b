package logs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// TestLimits: a log with more distinct events than are kept gives up the harmless ones first, and says how many it dropped.
func TestLimits(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `{"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"a/s%d","ts":"2024-04-09T08:00:02Z"}`+"\n", i)
	}
	for i := range 3500 {
		fmt.Fprintf(&b, `{"caller":"main.go:63","error":"no available IPs","level":"error","msg":"IP allocation failed","op":"allocateIPs","service":"a/s%d","ts":"2024-04-09T08:00:03Z"}`+"\n", i)
	}
	l := one(t, schema.Origin{}, b.String())
	failed, reconciles := l.Find(model.MsgAllocFailed), l.Find(model.MsgReconcile)
	if len(failed) != 3500 || len(reconciles) != 500 || l.Dropped != 4500 {
		t.Errorf("%d failures, %d reconciles, %d dropped", len(failed), len(reconciles), l.Dropped)
	}
}

// TestManyLists: elections among ever other candidates stay bounded.
func TestManyLists(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, `{"caller":"layer2_controller.go:108","event":"shouldannounce","ips":["192.0.2.1"],"level":"debug","nodes":["n%d","n%d"],"pool":"p","protocol":"l2","service":"a/b","ts":"2024-04-09T08:00:02Z"}`+"\n", i, i+1)
	}
	l := one(t, schema.Origin{}, b.String())
	total := 0
	for _, e := range l.Find(model.MsgElection) {
		total += e.Count
	}
	if n := len(l.Events); n > 10 || total != 2000 {
		t.Errorf("%d events count %d", n, total)
	}
}

// TestElectionOrder: the same candidates in another order are the same election; other candidates are another.
func TestElectionOrder(t *testing.T) {
	const line = `{"caller":"layer2_controller.go:108","event":"shouldannounce","ips":["192.0.2.1"],"level":"debug","nodes":[%s],"pool":"p","protocol":"l2","service":"a/b","ts":"2024-04-09T08:00:02Z"}` + "\n"
	l := one(t, schema.Origin{}, fmt.Sprintf(line, `"a","b"`)+fmt.Sprintf(line, `"b","a"`)+fmt.Sprintf(line, `"b","c"`))
	found := l.Find(model.MsgElection)
	if len(found) != 2 || found[0].Count != 2 || found[1].Count != 1 {
		t.Errorf("%+v", found)
	}
}

func TestRecent(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, `{"caller":"native.go:99","event":"sessionDown","level":"warn","localASN":64500,"msg":"BGP session down","peer":"192.0.2.1:179","peerASN":64501,"ts":"2024-04-09T08:00:%02dZ"}`+"\n", i)
	}
	l := one(t, schema.Origin{}, b.String())
	if len(l.Events) != 1 {
		t.Fatalf("%d events", len(l.Events))
	}
	e := l.Events[0]
	if e.Count != 40 || len(e.Recent) != model.RecentKept || e.Recent[0].Src.Line != 40-model.RecentKept+1 || e.Recent[model.RecentKept-1] != e.Last {
		t.Errorf("count %d, recent %+v, last %+v", e.Count, e.Recent, e.Last)
	}
	if e.Value != "local 64500 peer 64501" || e.Last.Time.Second() != 39 {
		t.Errorf("value %q, last %s", e.Value, e.Last.Time)
	}
}

// TestNearMisses: lines that look like others and are not.
func TestNearMisses(t *testing.T) {
	tests := []struct {
		name, text string
		id         model.MessageID
		want       int
	}{
		{"an error in another reconciler is no refused configuration", `{"caller":"x.go:1","controller":"NodeReconciler","error":"x","level":"error","ts":"2024-04-09T08:00:02Z"}`, model.MsgConfigRefused, 0},
		{"a refused configuration has no msg", `{"caller":"x.go:1","controller":"ConfigReconciler","error":"x","level":"error","msg":"failed to get nodes","ts":"2024-04-09T08:00:02Z"}`, model.MsgConfigRefused, 0},
		{"a refused configuration", `{"caller":"x.go:1","controller":"ConfigReconciler","error":"x","level":"error","ts":"2024-04-09T08:00:02Z"}`, model.MsgConfigRefused, 1},
		{"an announcement has an event", `{"caller":"x.go:1","level":"info","msg":"service has IP, announcing","ts":"2024-04-09T08:00:02Z"}`, model.MsgAnnounced, 0},
		{"a Service's dump is no line about it", `{"caller":"x.go:1","controller":"ServiceReconciler","level":"debug","processing service":"{\"event\":\"serviceAnnounced\"}","ts":"2024-04-09T08:00:02Z"}`, model.MsgAnnounced, 0},
		{"ConfigurationState created at info is no error", `{"caller":"x.go:1","controller":"ConfigurationStateReconciler","error":"ConfigurationState created","level":"info","name":"controller","ts":"2024-04-09T08:00:02Z"}`, model.MsgOther, 0},
		{"a refused dial of a peer is no API error", `{"caller":"native.go:1","error":"dial \"192.0.2.1:179\": connect: connection refused","level":"error","msg":"failed to connect to peer","op":"connect","peer":"192.0.2.1:179","ts":"2024-04-09T08:00:02Z"}`, model.MsgAPIError, 0},
		{"a connection refused by the API server is one", `E0308 06:02:14.102800       1 reflector.go:147] x.go:1: Failed to watch *v1.Node: failed to list *v1.Node: Get "https://10.96.0.1:443/api": dial tcp 10.96.0.1:443: connect: connection refused`, model.MsgAPIError, 1},
		{"panic in a word", `{"caller":"x.go:1","level":"info","msg":"panic: not really","ts":"2024-04-09T08:00:02Z"}`, model.MsgPanic, 0},
		{"JSON that is no log line", `{"kind":"Service","metadata":{"name":"x"}}`, model.MsgOther, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := one(t, schema.Origin{}, test.text+"\n")
			if got := len(l.Find(test.id)); got != test.want {
				t.Errorf("%d of %s, want %d: %s", got, test.id, test.want, describe(l))
			}
		})
	}
}

// TestContainers: the container's name says which program writes, but for what the lines know better.
func TestContainers(t *testing.T) {
	frrk8s := `{"caller":"level.go:71","controller":"FRRStateReconciler","level":"info","start reconcile":"/node-b","ts":"2026-11-24T14:24:59Z"}` + "\n"
	tests := []struct {
		pod, container, text string
		want                 model.Component
	}{
		{"", "speaker", "x\n", model.Speaker},
		{"controller-5b8c77d58b-lbnwv", "controller", "x\n", model.Controller},
		{"frr-k8s-daemon-97hkj", "controller", "x\n", model.FRRK8s},
		{"", "controller", frrk8s, model.FRRK8s},
		{"", "", "x\n", ""},
	}
	for _, test := range tests {
		l := one(t, schema.Origin{Pod: test.pod, Container: test.container}, test.text)
		if l.Component != test.want {
			t.Errorf("%s/%s: %s, want %s", test.pod, test.container, l.Component, test.want)
		}
	}
}

// TestOtherText: an error that no row describes always has words to be told apart by.
func TestOtherText(t *testing.T) {
	for text, want := range map[string]string{
		`{"caller":"x.go:1","controller":"fieldindexer","error":"received nil epslice 7","level":"error","ts":"2024-04-09T08:00:02Z"}`:    "received nil epslice N",
		`{"caller":"x.go:1","controller":"ServiceBGPStatus","level":"error","object has no labels":"x","ts":"2024-04-09T08:00:02Z"}`:      "object has no labels",
		`{"caller":"x.go:1","level":"error","msg":"a new message","op":"newOp","error":"e","ts":"2024-04-09T08:00:02Z"}`:                  "a new message",
		`{"caller":"x.go:1","error":"no level, as in v0.9","msg":"a thing failed","ts":"2020-04-09T08:00:02.123456789Z"}`:                 "a thing failed",
		`{"level":"error","ts":"2023-03-08T06:02:12Z","logger":"x","msg":"something of controller-runtime","error":"e","stacktrace":"s"}`: "something of controller-runtime",
	} {
		l := one(t, schema.Origin{}, text+"\n")
		if len(l.Events) != 1 || l.Events[0].ID != model.MsgOther || l.Events[0].Text != want {
			t.Errorf("%s: %s", text, describe(l))
		}
	}
}
