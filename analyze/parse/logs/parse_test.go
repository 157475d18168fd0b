package logs_test

import (
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/logs"
	"github.com/metallb-assay/assay/schema"
)

// parse reads a text as one member.
func parse(t testing.TB, o schema.Origin, text string) (*model.Observations, model.MemberSeen) {
	t.Helper()
	if o.Path == "" {
		o.Path = "x.log"
	}
	if o.Kind == "" {
		o.Kind = schema.KindLog
	}
	var out model.Observations
	seen := logs.Parse(o, 3, strings.NewReader(text), &out)
	return &out, seen
}

// one reads a text and expects one log of it.
func one(t *testing.T, o schema.Origin, text string) *model.Log {
	t.Helper()
	out, _ := parse(t, o, text)
	if len(out.Logs) != 1 {
		t.Fatalf("%d logs, want 1", len(out.Logs))
	}
	return out.Logs[0]
}

func TestStart(t *testing.T) {
	const text = `{"branch":"dev","caller":"main.go:101","commit":"dev","goversion":"gc / go1.20.12 / amd64","level":"info","msg":"MetalLB speaker starting version 0.14.3 (commit dev, branch dev)","ts":"2024-04-09T08:00:00Z","version":"0.14.3"}` + "\n"
	out, seen := parse(t, schema.Origin{}, text)
	l := out.Logs[0]
	if l.Component != model.Speaker || l.Version != "v0.14.3" || l.Starts != 1 || l.Index != 3 {
		t.Errorf("component %s, version %s, starts %d, index %d", l.Component, l.Version, l.Starts, l.Index)
	}
	if seen.Taken != 1 || seen.Lines != 1 || seen.Read != "whole" {
		t.Errorf("seen %+v", seen)
	}
	if len(out.Versions) != 1 || out.Versions[0].Of != "metallb" || out.Versions[0].Strength != 3 {
		t.Errorf("versions %+v", out.Versions)
	}
	if got := l.First.Format("2006-01-02T15:04:05"); got != "2024-04-09T08:00:00" || l.Last != l.First {
		t.Errorf("first %s, last %s", got, l.Last)
	}
}

// Behind lines that a collection left out, a line is not about the Service whose reconcile began before them.
func TestGap(t *testing.T) {
	const begin = `2024-04-09T08:00:00Z {"caller":"service_controller.go:64","controller":"ServiceReconciler","level":"info","start reconcile":"web/shop","ts":"2024-04-09T08:00:00Z"}` + "\n"
	const announced = `2024-04-09T08:00:09Z {"caller":"main.go:420","event":"serviceAnnounced","ips":["192.0.2.10"],"level":"info","msg":"service has IP, announcing","pool":"p","protocol":"layer2","ts":"2024-04-09T08:00:09Z"}` + "\n"
	of := func(text string) string {
		for _, e := range one(t, schema.Origin{Wrap: schema.WrapTimestamps, Container: "speaker"}, text).Events {
			if e.ID == model.MsgAnnounced {
				return e.Service
			}
		}
		return "not seen"
	}
	if got := of(begin + announced); got != "web/shop" {
		t.Errorf("without a gap the line is about %q", got)
	}
	if got := of(begin + "2024-04-09T08:00:09Z " + schema.LogGap + "\n" + announced); got != "" {
		t.Errorf("behind the gap the line is about %q", got)
	}
}
