package analyze_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"runtime"
	"testing"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// debugLog writes a speaker's log at debug level while it is read: ever other requests for ever other addresses, refusals of ever other
// Services, and what says nothing.
type debugLog struct {
	left   int // bytes
	n      int
	buf    []byte
	rest   []byte
	sample func() // called each 4 MiB
	unseen int
}

func (d *debugLog) Read(p []byte) (int, error) {
	if len(d.rest) == 0 {
		if d.left <= 0 {
			return 0, io.EOF
		}
		d.buf = d.buf[:0]
		for len(d.buf) < 64<<10 {
			d.n++
			ts := fmt.Sprintf("2026-01-02T%02d:%02d:%02dZ", d.n/36000%24, d.n/600%60, d.n/10%60)
			d.buf = fmt.Appendf(d.buf, `{"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"web/service-%d","ts":"%s"}`+"\n", d.n%9000, ts)
			d.buf = fmt.Appendf(d.buf, `{"caller":"arp.go:110","interface":"eth0","ip":"198.51.%d.%d","level":"debug","msg":"got ARP request for service IP, sending response","senderIP":"192.0.2.%d","ts":"%s"}`+"\n", d.n/250%250, d.n%250, d.n%250, ts)
			d.buf = fmt.Appendf(d.buf, `{"caller":"main.go:481","event":"serviceAnnounced","ips":["198.51.%d.%d"],"level":"info","msg":"service has IP, announcing","pool":"p","protocol":"layer2","ts":"%s"}`+"\n", d.n/250%250, d.n%250, ts)
			d.buf = fmt.Appendf(d.buf, `{"caller":"x.go:%d","level":"debug","msg":"an unknown message","value":"%d","ts":"%s"}`+"\n", d.n%5000, d.n, ts)
		}
		d.rest = d.buf
		d.left -= len(d.buf)
		if d.unseen += len(d.buf); d.unseen > 4<<20 && d.sample != nil {
			d.unseen = 0
			d.sample()
		}
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// logs is a source of debug logs of one size each.
type logs struct {
	count, size int
	sample      func()
}

func (logs) Name() string             { return "logs" }
func (logs) Layout() string           { return "loose" }
func (logs) Header() *schema.Header   { return nil }
func (logs) Trailer() *schema.Trailer { return nil }

func (s logs) Members() iter.Seq2[bundle.Member, error] {
	return func(yield func(bundle.Member, error) bool) {
		for i := range s.count {
			o := schema.Origin{Path: fmt.Sprintf("speaker-%d.log", i), Kind: schema.KindLog, Pod: fmt.Sprintf("speaker-%d", i), Container: "speaker", FirstLine: 1}
			if !yield(bundle.Member{Origin: o, Size: -1, Body: &debugLog{left: s.size, sample: s.sample}}, nil) {
				return
			}
		}
	}
}

// peak is the most memory that is in use while logs are observed, above what is in use before.
func peak(t *testing.T, count, size int) (most int64, obs *model.Observations) {
	t.Helper()
	inUse := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := inUse()
	s := logs{count: count, size: size, sample: func() { most = max(most, inUse()-before) }}
	obs, _, err := analyze.Observe(context.Background(), s, analyze.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return max(most, inUse()-before), obs
}

// TestMemoryOfLongLogs: a log of 64 MiB takes hardly more memory than one of 4 MiB, which fills what is kept of a log.
func TestMemoryOfLongLogs(t *testing.T) {
	small, _ := peak(t, 1, 4<<20)
	large, obs := peak(t, 1, 64<<20)
	t.Logf("4 MiB: %d KiB in use, 64 MiB: %d KiB", small>>10, large>>10)
	if large > small+4<<20 || large > 16<<20 {
		t.Errorf("%d bytes in use for 4 MiB, %d for 64 MiB", small, large)
	}
	if l := obs.Logs[0]; l.Lines < 300_000 || l.Dropped == 0 {
		t.Errorf("%d lines, %d dropped", l.Lines, l.Dropped)
	}
}

// TestMemoryOfManyLogs: what is kept of many logs together is bounded, the first are whole, and where events that checks use are left
// out the member says so.
func TestMemoryOfManyLogs(t *testing.T) {
	few, _ := peak(t, 10, 1<<20)
	many, obs := peak(t, 60, 1<<20)
	t.Logf("10 logs: %d KiB in use, 60 logs: %d KiB", few>>10, many>>10)
	if many > 40<<20 {
		t.Errorf("%d bytes in use for 10 logs, %d for 60", few, many)
	}
	events := 0
	for _, l := range obs.Logs {
		events += len(l.Events)
	}
	if len(obs.Logs) != 60 || events > 16000 || len(obs.Logs[0].Find(model.MsgAnnounced)) < 1000 {
		t.Errorf("%d logs, %d events, %d announcements in the first", len(obs.Logs), events, len(obs.Logs[0].Find(model.MsgAnnounced)))
	}
	if first, last := obs.Members[0], obs.Members[59]; first.Read != "whole" || last.Read != "part" || last.Why == "" || obs.Logs[59].Dropped == 0 {
		t.Errorf("first %s %s, last %s %s", first.Read, first.Why, last.Read, last.Why)
	}
}
