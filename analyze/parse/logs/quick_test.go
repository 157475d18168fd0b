package logs

import (
	"bytes"
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
