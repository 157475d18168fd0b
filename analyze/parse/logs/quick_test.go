package logs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// both reads a text with what is remembered of earlier lines, and with every line taken apart.
func both(o schema.Origin, text []byte) (quick, slow model.Observations, a, b model.MemberSeen) {
	a = Parse(o, 0, bytes.NewReader(text), &quick)
	p := &parser{origin: o, out: &slow, scan: lines.New(o, bytes.NewReader(text)), logs: map[podName]*reading{}, slow: true}
	p.seen = model.MemberSeen{Origin: o, Read: "whole"}
	p.run()
	return quick, slow, a, p.seen
}

// TestQuick shows that what is remembered of earlier lines changes nothing but the time it takes: each log is read three times over, so
// that every line has been seen before.
func TestQuick(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.log")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// without the start line, which makes a log forget
		if i := bytes.IndexByte(text, '\n'); bytes.Contains(text[:i], []byte("starting")) {
			text = text[i+1:]
		}
		text = bytes.Repeat(text, 3)
		for _, kind := range []schema.Kind{schema.KindLog, schema.KindFRRLog} {
			quick, slow, a, b := both(schema.Origin{Path: path, Kind: kind}, text)
			if a.Taken != b.Taken || a.Ignored != b.Ignored || a.Unread != b.Unread {
				t.Errorf("%s: taken %d, %d; ignored %d, %d; unread %d, %d", path, a.Taken, b.Taken, a.Ignored, b.Ignored, a.Unread, b.Unread)
			}
			if len(quick.Logs) != len(slow.Logs) {
				t.Fatalf("%s: %d and %d logs", path, len(quick.Logs), len(slow.Logs))
			}
			for i := range quick.Logs {
				if !reflect.DeepEqual(quick.Logs[i], slow.Logs[i]) {
					t.Errorf("%s: quick\n%+v\nslow\n%+v", path, quick.Logs[i], slow.Logs[i])
				}
			}
		}
	}
}

// TestSharedPlaces: a place in the program that prints for others is not taken for the place of one message.
func TestSharedPlaces(t *testing.T) {
	for _, place := range []string{"main.go:163", "level.go:63", "log.go:168"} {
		text := `{"caller":"` + place + `","ips":["192.0.2.1"],"level":"debug","msg":"nothing known","ts":"2024-04-09T08:00:02Z"}` + "\n"
		text += text + `{"caller":"` + place + `","error":"no available IPs","level":"error","msg":"IP allocation failed","op":"allocateIPs","service":"a/b","ts":"2024-04-09T08:00:03Z"}` + "\n"
		quick, _, _, _ := both(schema.Origin{Path: "x", Kind: schema.KindLog}, []byte(text))
		if l := quick.Logs[0]; len(l.Find(model.MsgAllocFailed)) != 1 {
			t.Errorf("%s: the failure is passed over", place)
		}
	}
}

// TestQuickStarts: a reconcile that is known at sight counts as one, and ties what follows to its Service.
func TestQuickStarts(t *testing.T) {
	const start = `{"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"%s","ts":"2024-04-09T08:00:0%dZ"}` + "\n"
	const announced = `{"caller":"main.go:481","event":"serviceAnnounced","ips":["192.0.2.%d"],"level":"info","msg":"service has IP, announcing","pool":"p","protocol":"layer2","ts":"2024-04-09T08:00:03Z"}` + "\n"
	var b bytes.Buffer
	for i := range 6 {
		fmt.Fprintf(&b, start, []string{"a/b", "a/c"}[i%2], i)
		fmt.Fprintf(&b, announced, i)
	}
	quick, slow, _, _ := both(schema.Origin{Path: "x", Kind: schema.KindLog}, b.Bytes())
	if !reflect.DeepEqual(quick.Logs, slow.Logs) {
		t.Errorf("quick\n%+v\nslow\n%+v", quick.Logs[0], slow.Logs[0])
	}
	l := quick.Logs[0]
	if starts := l.Find(model.MsgReconcile); len(starts) != 2 || starts[0].Count != 3 || starts[0].Last.Time.Second() != 4 {
		t.Errorf("reconciles %+v", starts)
	}
	if said := l.Find(model.MsgAnnounced); len(said) != 6 || said[5].Service != "a/c" {
		t.Errorf("announcements %+v", said)
	}
}
