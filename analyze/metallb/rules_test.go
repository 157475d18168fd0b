package metallb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table is a copy of the facts, row by row.
func TestRulesAreThoseOfTheFacts(t *testing.T) {
	raw, err := os.ReadFile("testdata/rules.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")[1:]
	if len(lines) != len(Rules) {
		t.Errorf("%d rows in the facts, %d in the table", len(lines), len(Rules))
	}
	for i, line := range lines[:min(len(lines), len(Rules))] {
		f := append(strings.Split(line, "\t"), "", "", "", "")
		if want := (Rule{f[0], f[1], f[2], f[3], f[4]}); Rules[i] != want {
			t.Errorf("row %d is %+v, in the facts %+v", i+1, Rules[i], want)
		}
	}
}

// Each rule is named where it is implemented, or has a reason why not.
func TestEachRuleIsSomewhere(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, f := range files {
		if f == "rules.go" || strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range strings.FieldsFunc(string(raw), func(r rune) bool {
			return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
		}) {
			words[w] = true
		}
	}
	names := map[string]bool{}
	for _, r := range Rules {
		names[r.Name] = true
		if _, listed := NotInReports[r.Name]; listed == words[r.Name] {
			t.Errorf("%s: named in the code: %t, listed as what no report shows: %t", r.Name, words[r.Name], listed)
		}
	}
	for name := range NotInReports {
		if !names[name] {
			t.Errorf("%s is no rule", name)
		}
	}
}

func TestRuleOfReleases(t *testing.T) {
	for _, c := range []struct {
		name, version, since string
		holds                bool
	}{
		{"avoid-buggy-ips", "v0.12.1", "v0.9.0", true},
		{"avoid-buggy-ips", "v0.13.2", "", false},
		{"avoid-buggy-ips", "v0.14.9", "v0.13.4", true},
		{"node-cordoned", "v0.14.8", "", false},
		{"node-cordoned", "v0.14.9", "v0.14.9", true},
		{"node-cordoned", "v0.15.0", "", false},
	} {
		r, holds := RuleOf(c.name, V(c.version))
		if holds != c.holds || r.Since != c.since {
			t.Errorf("%s in %s: %t since %q, want %t since %q", c.name, c.version, holds, r.Since, c.holds, c.since)
		}
	}
}
