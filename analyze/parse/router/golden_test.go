package router

import (
	"bytes"
	"encoding/json"
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

func parse(name string, text []byte) string {
	var out model.Observations
	seen := Parse(schema.Origin{Path: name, Kind: schema.KindRouter}, 0, bytes.NewReader(text), &out)
	return dump.Text(&out, seen)
}

// TestSamples holds what is read of each sample against its .want; UPDATE=1 writes them.
func TestSamples(t *testing.T) {
	for _, f := range samples(t) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got := parse(filepath.Base(f), text)
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
		if len(text) > 1<<16 {
			return
		}
		parse("router.txt", text)
	})
}

// TestSecretsAreNeverKept looks for the secrets of the samples in all that was read of them.
func TestSecretsAreNeverKept(t *testing.T) {
	for _, f := range samples(t) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var out model.Observations
		seen := Parse(schema.Origin{Path: f, Kind: schema.KindRouter}, 0, bytes.NewReader(text), &out)
		all, err := json.Marshal([]any{out.FRRConfs, out.Remarks, out.Neighbors, out.Tables, seen})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "0822455D0A16", "9125d59c18a9b015", "$9$abc"} {
			if bytes.Contains(all, []byte(secret)) {
				t.Errorf("%s: %q is kept", f, secret)
			}
		}
	}
}

// TestOthersTextsAreNoRouters are near misses: text that has the words of a log or a configuration and is neither.
func TestOthersTextsAreNoRouters(t *testing.T) {
	for _, s := range []string{
		"my peer is configured with the wrong AS I think",
		"{ \"apiVersion\": \"v1\", \"kind\": \"List\" }",
		"interface eth0 {",
		"the session says bad peer AS",
	} {
		var out model.Observations
		Parse(schema.Origin{Path: "x", Kind: schema.KindRouter}, 0, strings.NewReader(s), &out)
		if len(out.Remarks)+len(out.Neighbors)+len(out.Routes)+len(out.FRRConfs) > 0 {
			t.Errorf("%q: %s", s, dump.Text(&out, model.MemberSeen{}))
		}
	}
}
