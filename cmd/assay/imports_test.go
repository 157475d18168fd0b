package main

import (
	"os/exec"
	"slices"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/metallb-assay/assay/"

// allowed is the import table of the design: which packages of ours each may import. A name that ends in /... is a prefix.
var allowed = map[string][]string{
	"schema":            {},
	"bundle/sll2":       {},
	"bundle":            {"schema"},
	"bundle/foreign":    {"schema", "bundle"},
	"analyze/model":     {"schema"},
	"analyze/parse/...": {"schema", "bundle/sll2", "analyze/model", "analyze/parse/..."},
	"analyze/metallb":   {"schema", "analyze/model"},
	"analyze/check":     {"schema", "analyze/model", "analyze/metallb"},
	"analyze":           {"schema", "bundle", "analyze/model", "analyze/parse/...", "analyze/metallb", "analyze/check"},
	"analyze/report":    {"schema", "analyze/check"},
	"collect":           {"schema", "bundle"},
	"collect/clean":     {"schema"},
	"collect/kube":      {"schema", "bundle/sll2", "collect", "collect/clean"},
	"collect/capture":   {"schema", "bundle/sll2", "collect", "collect/clean"},
	"cmd/...":           {"cmd/internal/program", "schema", "bundle/...", "bundle", "analyze/...", "analyze", "collect/...", "collect"},
	"scripts/...":       {"schema", "bundle/...", "bundle", "analyze/...", "analyze", "scripts/..."},
}

// never is what the analyzer must not link, each with the reason.
var never = map[string]string{
	"k8s.io/client-go": "the analyzer reads files; only collect/kube talks to a cluster",
	"net/http":         "the analyzer has no network",
}

func TestImportsFollowTheTable(t *testing.T) {
	for _, line := range golist(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...") {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		may, known := rule(pkg)
		if !known {
			t.Errorf("%s is not in the import table", pkg)
			continue
		}
		for _, imp := range fields[1:] {
			if ours, ok := strings.CutPrefix(imp, module); ok && !matches(may, ours) {
				t.Errorf("%s imports %s, which the table does not allow", pkg, ours)
			}
		}
	}
}

func TestAnalyzerLinksNoNetwork(t *testing.T) {
	deps := golist(t, "-deps", "-f", "{{.ImportPath}}", module+"cmd/assay")
	for bad, why := range never {
		for _, d := range deps {
			if d == bad || strings.HasPrefix(d, bad+"/") && bad != "net/http" {
				t.Errorf("assay links %s: %s", d, why)
			}
		}
	}
}

func rule(pkg string) ([]string, bool) {
	if may, ok := allowed[pkg]; ok {
		return may, true
	}
	var names []string
	for name := range allowed {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if prefix, ok := strings.CutSuffix(name, "..."); ok && strings.HasPrefix(pkg, prefix) {
			return allowed[name], true
		}
	}
	return nil, false
}

func matches(may []string, pkg string) bool {
	return slices.ContainsFunc(may, func(m string) bool {
		prefix, ok := strings.CutSuffix(m, "...")
		return m == pkg || ok && strings.HasPrefix(pkg, prefix)
	})
}

func golist(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
