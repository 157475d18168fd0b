package router

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/internal/dump"
	"github.com/metallb-assay/assay/schema"
)

func parse(name string, text []byte) string {
	var out model.Observations
	seen := Parse(schema.Origin{Path: name, Kind: schema.KindRouter}, 0, bytes.NewReader(text), &out)
	return dump.Text(&out, seen)
}

// TestSamples holds what is read of each sample against its .want.
func TestSamples(t *testing.T) {
	for _, s := range dump.Samples(t) {
		s.Hold(t, parse(s.Name, s.Text))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range dump.Samples(f) {
		f.Add(s.Text)
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
	for _, s := range dump.Samples(t) {
		var out model.Observations
		seen := Parse(schema.Origin{Path: s.Name, Kind: schema.KindRouter}, 0, bytes.NewReader(s.Text), &out)
		all, err := json.Marshal([]any{out.FRRConfs, out.Remarks, out.Neighbors, out.Tables, seen})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "0822455D0A16", "9125d59c18a9b015", "$9$abc"} {
			if bytes.Contains(all, []byte(secret)) {
				t.Errorf("%s: %q is kept", s.Name, secret)
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
