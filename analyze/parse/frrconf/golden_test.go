package frrconf

import (
	"bytes"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/internal/dump"
	"github.com/metallb-assay/assay/schema"
)

func read(name string, text []byte) string {
	var out model.Observations
	o := schema.Origin{Path: name, Kind: schema.KindFRRConf}
	if strings.Contains(name, "daemons") {
		o.Kind = schema.KindDaemons
	}
	seen := Parse(o, 0, bytes.NewReader(text), &out)
	return dump.Text(&out, seen)
}

// TestSamples holds what is read of each sample against its .want, and wants the same with CRLF.
func TestSamples(t *testing.T) {
	for _, s := range dump.Samples(t) {
		got := read(s.Name, s.Text)
		if strings.Contains(got, "hunter2") || strings.Contains(got, "s3cret") {
			t.Errorf("%s: a password is kept:\n%s", s.Name, got)
		}
		s.Hold(t, got)
		if crlf := read(s.Name, bytes.ReplaceAll(s.Text, []byte("\n"), []byte("\r\n"))); crlf != got {
			t.Errorf("%s with CRLF: got\n%s", s.Name, crlf)
		}
	}
}

func TestParseTextCountsFromItsFirstLine(t *testing.T) {
	var out model.Observations
	o := schema.Origin{Path: "node.yaml", FirstLine: 10}
	ParseText(o, 5, "router bgp 64500\n neighbor 192.0.2.1 remote-as 64501\n", true, &out)
	if len(out.FRRConfs) != 1 || !out.FRRConfs[0].Running {
		t.Fatalf("configurations: %+v", out.FRRConfs)
	}
	if got := out.FRRConfs[0].Routers[0].Neighbors[0].Src; got.Line != 15 {
		t.Errorf("line %d, want 15: the block begins in line 10 of the file, the text in line 5 of the block", got.Line)
	}
}

func TestQuoteEndsBeforeThePassword(t *testing.T) {
	for raw, want := range map[string]string{
		" neighbor 192.0.2.1 password 7 abc":                       "neighbor 192.0.2.1 password",
		" neighbor 192.0.2.1 remote-as 1":                          "neighbor 192.0.2.1 remote-as 1",
		" neighbor 192.0.2.1 password (removed: BGP password, #3)": "neighbor 192.0.2.1 password (removed: BGP password, #3)",
	} {
		if got := Quote(raw); got != want {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

// What the collector puts in the place of a password is one that is set, and says which.
func TestRemovedPassword(t *testing.T) {
	var out model.Observations
	ParseText(schema.Origin{}, 1, "router bgp 64500\n neighbor 192.0.2.1 remote-as 64501\n neighbor 192.0.2.1 password (removed: BGP password, #3)\n neighbor 192.0.2.2 remote-as 64501\n neighbor 192.0.2.2 password x\n", true, &out)
	n := out.FRRConfs[0].Routers[0].Neighbors
	if !n[0].Password || n[0].PasswordMark != "#3" || !n[1].Password || n[1].PasswordMark != "" {
		t.Errorf("%+v", n)
	}
}

func TestNoConfigurationOfEmptyText(t *testing.T) {
	var out model.Observations
	ParseText(schema.Origin{}, 1, "\n\n", true, &out)
	if len(out.FRRConfs) != 0 {
		t.Errorf("%+v", out.FRRConfs)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range dump.Samples(f) {
		f.Add(s.Text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read("frr.conf", text)
		read("daemons", text)
	})
}
