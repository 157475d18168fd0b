package text

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// read parses a text as a member of a kind, as the output of a command ("" for none).
func read(t *testing.T, kind schema.Kind, cmd, body string) *model.Observations {
	t.Helper()
	return readOrigin(t, schema.Origin{Path: "m.txt", FirstLine: 1, Kind: kind, Command: cmd}, body)
}

func readOrigin(t *testing.T, o schema.Origin, body string) *model.Observations {
	t.Helper()
	out := &model.Observations{}
	seen := Parse(o, 1, strings.NewReader(body), out)
	if seen.Read != "whole" {
		t.Errorf("read %q, because %s", seen.Read, seen.Why)
	}
	checkEvidence(t, o, body, out)
	return out
}

// checkEvidence holds each quote against the line that it names.
func checkEvidence(t *testing.T, o schema.Origin, body string, out *model.Observations) {
	t.Helper()
	rows := strings.Split(body, "\n")
	check := func(what string, ev schema.Evidence) {
		n := ev.Line - max(o.FirstLine, 1) + 1
		if n < 1 || n > len(rows) {
			t.Errorf("%s: line %d is not in the member", what, ev.Line)
			return
		}
		if q := strings.TrimSuffix(ev.Quote, "…"); !strings.HasPrefix(strings.TrimSpace(rows[n-1]), q) || q == "" {
			t.Errorf("%s: quote %q is not what line %d says: %q", what, ev.Quote, ev.Line, rows[n-1])
		}
	}
	for _, p := range out.Probes {
		check("probe", p.Src)
	}
	for _, p := range out.Captures {
		check("capture", p.Src)
		for _, q := range p.List {
			check("packet", q.Src)
		}
	}
	for _, r := range out.Remarks {
		check("remark "+r.ID, r.Src)
	}
	for _, r := range out.Routes {
		check("route", r.Src)
	}
	for _, r := range out.Ifaces {
		check("interface", r.Src)
	}
	for _, r := range out.ARP {
		check("neighbour", r.Src)
	}
	for _, r := range out.Sysctls {
		check("sysctl", r.Src)
	}
	for _, r := range out.Firewall {
		check("rule", r.Src)
	}
	for _, r := range out.Sockets {
		check("socket", r.Src)
	}
	for _, v := range out.Versions {
		check("version", v.Src)
	}
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// only returns the single probe of a text.
func only(t *testing.T, out *model.Observations) model.Probe {
	t.Helper()
	if len(out.Probes) != 1 {
		t.Fatalf("%d probes, want 1: %+v", len(out.Probes), out.Probes)
	}
	return out.Probes[0]
}

// remark returns the first remark of an ID, nil when there is none.
func remark(out *model.Observations, id string) *model.Remark {
	for i := range out.Remarks {
		if out.Remarks[i].ID == id {
			return &out.Remarks[i]
		}
	}
	return nil
}
