//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// collected is a bundle that a call of the collector left, and how the call ended.
type collected struct {
	ran
	file    string
	members map[string]string
	trailer schema.Trailer
}

// collect runs the collector as the cluster's administrator.
func collect(t *testing.T, args ...string) collected {
	t.Helper()
	return collectAs(t, lab.config, args...)
}

func collectAs(t *testing.T, config string, args ...string) collected {
	t.Helper()
	c := collected{file: filepath.Join(t.TempDir(), "bundle.tgz")}
	c.ran = run(t, plugin(), append([]string{"collect", "-q", "--kubeconfig", config, "--to", c.file}, args...)...)
	c.open(t)
	return c
}

func plugin() string  { return filepath.Join(lab.root, "bin/kubectl-assay") }
func program() string { return filepath.Join(lab.root, "bin/assay") }

// open reads the bundle with nothing of our own.
func (c *collected) open(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatalf("%v\nexit %d\n%s%s", err, c.code, c.out, c.err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c.members = map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		c.members[h.Name] = string(text)
	}
	decode(t, c.members[schema.TrailerName], &c.trailer)
}

// holds checks that a member is there and has the words.
func (c *collected) holds(t *testing.T, member string, words ...string) {
	t.Helper()
	text, ok := c.members[member]
	if !ok {
		t.Errorf("%s is missing", member)
		return
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s has no %q:\n%.1000s", member, w, text)
		}
	}
}

// holdsJSON checks that a member is there and that it is JSON, of one value or, where several daemons of FRR answer, of more.
func (c *collected) holdsJSON(t *testing.T, member string) {
	t.Helper()
	text, ok := c.members[member]
	if !ok {
		t.Errorf("%s is missing", member)
		return
	}
	values := json.NewDecoder(strings.NewReader(text))
	for n := 0; ; n++ {
		var v any
		err := values.Decode(&v)
		if err == io.EOF && n > 0 {
			return
		}
		if err != nil {
			t.Errorf("%s is no JSON: %v\n%.1000s", member, err, text)
			return
		}
	}
}

// lacks checks that no member has a name of that form.
func (c *collected) lacks(t *testing.T, form string) {
	t.Helper()
	for name := range c.members {
		if regexp.MustCompile(form).MatchString(name) {
			t.Errorf("%s is there", name)
		}
	}
}

// incomplete are the steps that did not get everything, by status; those that were left out are with status skipped.
func (c *collected) incomplete() map[schema.Status][]schema.Step {
	all := map[schema.Status][]schema.Step{}
	for _, s := range c.trailer.Steps {
		if !s.Status.Complete() {
			all[s.Status] = append(all[s.Status], s)
		}
	}
	return all
}

// complete checks that every step got everything but for those that were left out, whose names are skipped.
func (c *collected) complete(t *testing.T, skipped ...string) {
	t.Helper()
	if c.code != 0 {
		t.Errorf("exit %d, want 0\n%s%s", c.code, c.out, c.err)
	}
	var left []string
	for status, steps := range c.incomplete() {
		for _, s := range steps {
			if status == schema.StatusSkipped {
				left = append(left, s.Name)
				continue
			}
			t.Errorf("step %s: %s: %s", s.Name, s.Status, s.Error)
		}
	}
	slices.Sort(left)
	slices.Sort(skipped)
	if !slices.Equal(left, skipped) {
		t.Errorf("left out were %q, want %q", left, skipped)
	}
}

// hides checks that none of the values is in the bundle, in any of the forms that a value has in texts.
func (c *collected) hides(t *testing.T, values []string) {
	t.Helper()
	for _, v := range values {
		if len(v) < 6 { // a word that stands everywhere says nothing
			continue
		}
		for _, form := range []string{v, base64.StdEncoding.EncodeToString([]byte(v)), hex.EncodeToString([]byte(v))} {
			for name, text := range c.members {
				if strings.Contains(text, form) {
					t.Errorf("%s has the secret value %.4s…", name, v)
				}
			}
		}
	}
}

// analyze is what the analyzer says of a bundle.
func analyze(t *testing.T, path string) schema.Report {
	t.Helper()
	var r schema.Report
	decode(t, must(t, program(), "analyze", "-q", "-o", "json", path), &r)
	return r
}

// healthy checks that the analyzer calls each of the Services ok and finds no error.
func healthy(t *testing.T, r schema.Report, services ...string) {
	t.Helper()
	var names []string
	for _, s := range r.Services {
		names = append(names, s.Key())
		if s.Verdict != schema.VerdictOK {
			t.Errorf("%s is %s: %s", s.Key(), s.Verdict, s.Sentence)
		}
	}
	slices.Sort(services)
	if !slices.Equal(names, services) {
		t.Errorf("the report is of %q, want %q", names, services)
	}
	for _, f := range r.Findings {
		if f.Severity == schema.Error {
			t.Errorf("found: %s: %s", f.Cause, f.Is)
		}
	}
}

// ill checks that the analyzer finds the cause, and calls the Services ill because of it (none: it is the cluster's).
func ill(t *testing.T, r schema.Report, cause string, services ...string) {
	t.Helper()
	var found []string
	causes := map[string]string{} // by id
	for _, f := range r.Findings {
		found = append(found, f.Cause+": "+f.Is)
		causes[f.ID] = f.Cause
	}
	if !slices.ContainsFunc(r.Findings, func(f schema.Finding) bool { return f.Cause == cause }) {
		t.Errorf("%s was not found, but %q", cause, found)
	}
	for _, key := range services {
		if !slices.ContainsFunc(r.Services, func(s schema.Service) bool { return s.Key() == key }) {
			t.Errorf("nothing is said of %s", key)
		}
	}
	for _, s := range r.Services {
		want := slices.Contains(services, s.Key())
		if is := s.Verdict == schema.VerdictIll; is != want || is && (len(s.Findings) == 0 || causes[s.Findings[0]] != cause) {
			t.Errorf("%s is %s: %s; ill because of %s are %q", s.Key(), s.Verdict, s.Sentence, cause, services)
		}
	}
}
