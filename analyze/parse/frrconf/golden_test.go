package frrconf

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/internal/dump"
	"github.com/metallb-assay/assay/schema"
)

func samples(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	var kept []string
	for _, f := range files {
		if !strings.HasSuffix(f, ".want") && filepath.Base(f) != "README.md" && filepath.Base(f) != "fuzz" {
			kept = append(kept, f)
		}
	}
	return kept
}

func read(name string, text []byte) string {
	var out model.Observations
	o := schema.Origin{Path: name, Kind: schema.KindFRRConf}
	if strings.Contains(name, "daemons") {
		o.Kind = schema.KindDaemons
	}
	seen := Parse(o, 0, bytes.NewReader(text), &out)
	return dump.Text(&out, seen)
}

// TestSamples holds what is read of each sample against its .want; UPDATE=1 writes them.
func TestSamples(t *testing.T) {
	for _, f := range samples(t) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got := read(filepath.Base(f), text)
		if strings.Contains(got, "hunter2") || strings.Contains(got, "s3cret") {
			t.Errorf("%s: a password is kept:\n%s", f, got)
		}
		if os.Getenv("UPDATE") == "1" {
			if err := os.WriteFile(f+".want", []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(f + ".want")
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", f, got, want)
		}
		if crlf := read(filepath.Base(f), bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))); crlf != got {
			t.Errorf("%s with CRLF: got\n%s", f, crlf)
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
		" neighbor 192.0.2.1 password 7 abc": "neighbor 192.0.2.1 password",
		" neighbor 192.0.2.1 remote-as 1":    "neighbor 192.0.2.1 remote-as 1",
	} {
		if got := Quote(raw); got != want {
			t.Errorf("%q: %q", raw, got)
		}
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
	for _, name := range samples(f) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		read("frr.conf", text)
		read("daemons", text)
	})
}
