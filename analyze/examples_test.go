package analyze_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

// examples are small inputs, one a file, with what has to be found in them and what must not; check/testdata/README.md says how
// they are written.
const examples = "check/testdata"

// vague are sources of which nobody can look up anything.
var vague = []string{"public thread", "facts", "metallb.md", "frr-vtysh.md"}

// holdSource asks that a source is there, is one that can be looked up, and that the rules that it names exist.
func holdSource(t *testing.T, path, source string) {
	t.Helper()
	if source == "" {
		t.Errorf("%s names no source", path)
	}
	for _, word := range vague {
		if strings.Contains(source, word) {
			t.Errorf("%s: nothing can be looked up in %q", path, source)
		}
	}
	for _, part := range strings.Split(source, "; ") {
		names, ok := strings.CutPrefix(strings.Replace(part, "MetalLB rules ", "MetalLB rule ", 1), "MetalLB rule ")
		if !ok {
			continue
		}
		for _, name := range strings.Split(names, ", ") {
			if !slices.ContainsFunc(metallb.Rules, func(r metallb.Rule) bool { return r.Name == name }) {
				t.Errorf("%s: there is no rule %s", path, name)
			}
		}
	}
}

// example is one such input. Wants are lines "NS/NAME verdict [phase cause]", clusters and nots are causes.
type example struct {
	wants, clusters, nots []string
	source                string
	files                 map[string]string
}

func TestExamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(examples, "ML*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples in %s: %v", examples, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			ex := readExample(t, path)
			holdExample(t, ex, analyzeFiles(t, ex.files))
		})
	}
}

// TestEveryCheckHasExamples asks for an example in which each check of the catalogue finds its cause, and for one in which it does
// not, and that each example names its source.
func TestEveryCheckHasExamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(examples, "ML*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	found, missed := map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		ex := readExample(t, path)
		holdSource(t, path, ex.source)
		code, _, _ := strings.Cut(filepath.Base(path), "-")
		for _, w := range append(slices.Clone(ex.wants), ex.clusters...) {
			f := strings.Fields(w)
			found[f[len(f)-1]] = true
		}
		cause, ok := check.CauseOf(code)
		if !ok {
			t.Errorf("%s: no cause has the code %s", path, code)
		}
		if slices.Contains(ex.nots, cause.Name) {
			missed[cause.Name] = true
		}
	}
	for _, c := range check.Catalogue {
		if !found[c.Cause] {
			t.Errorf("no example in which %s is found", c.Cause)
		}
		if !missed[c.Cause] {
			t.Errorf("no near miss (not: %s) in an example of its code", c.Cause)
		}
	}
}

func readExample(t *testing.T, path string) example {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ex := example{files: map[string]string{}}
	name := ""
	for _, line := range strings.SplitAfter(string(data), "\n") {
		bare := strings.TrimRight(line, "\n")
		if strings.HasPrefix(bare, "-- ") && strings.HasSuffix(bare, " --") {
			name = strings.TrimSpace(bare[3 : len(bare)-3])
			ex.files[name] = ""
			continue
		}
		if name != "" {
			ex.files[name] += line
			continue
		}
		key, value, ok := strings.Cut(bare, ": ")
		if !ok {
			continue
		}
		switch key {
		case "want":
			ex.wants = append(ex.wants, value)
		case "want-cluster":
			ex.clusters = append(ex.clusters, value)
		case "not":
			ex.nots = append(ex.nots, value)
		case "source":
			ex.source = value
		}
	}
	if len(ex.files) == 0 {
		t.Fatalf("%s holds no files", path)
	}
	return ex
}

// analyzeFiles writes the files to a folder and analyzes it as a user's.
func analyzeFiles(t *testing.T, files map[string]string) *schema.Report {
	t.Helper()
	return analyzePath(t, writeFiles(t, files))
}

func analyzePath(t *testing.T, path string) *schema.Report {
	t.Helper()
	src, err := foreign.OpenAll([]string{path}, nil, foreign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(context.Background(), src, analyze.Options{Tool: schema.Tool{Name: "assay", Version: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func holdExample(t *testing.T, ex example, r *schema.Report) {
	t.Helper()
	byID := map[string]schema.Finding{}
	for _, f := range r.Findings {
		byID[f.ID] = f
		if slices.Contains(ex.nots, f.Cause) {
			t.Errorf("%s (%s) is told and must not be: %s", f.Cause, f.Severity, f.Is)
		}
		for _, e := range f.Evidence {
			if !opens(ex.files, e) {
				t.Errorf("evidence of %s does not open: %s:%d %q", f.Cause, e.Member, e.Line, e.Quote)
			}
		}
	}
	for _, cause := range ex.clusters {
		if !slices.ContainsFunc(r.Findings, func(f schema.Finding) bool { return f.Cause == cause }) {
			t.Errorf("%s is not told; findings: %s", cause, causes(r))
		}
	}
	for _, want := range ex.wants {
		key, rest, _ := strings.Cut(want, " ")
		if got := row(r, byID, key); got != rest {
			t.Errorf("%s: %s, wanted %s; findings: %s", key, got, rest, causes(r))
		}
	}
}

// row is a Service's verdict, and where it is ill its phase and first cause.
func row(r *schema.Report, byID map[string]schema.Finding, key string) string {
	for _, s := range r.Services {
		if s.Key() != key {
			continue
		}
		if s.Verdict != schema.VerdictIll {
			if len(s.Findings) > 0 && byID[s.Findings[0]].Severity != schema.Error {
				return fmt.Sprintf("%s %s", s.Verdict, byID[s.Findings[0]].Cause)
			}
			return string(s.Verdict)
		}
		return fmt.Sprintf("%s %s %s", s.Verdict, s.Phase, byID[s.Findings[0]].Cause)
	}
	return "no row"
}

func causes(r *schema.Report) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, fmt.Sprintf("%s(%s %v because %v)", f.Cause, f.Severity, f.Services, f.Because))
	}
	return strings.Join(all, " ")
}

// opens tells whether the quote begins at its line of its file.
func opens(files map[string]string, e schema.Evidence) bool {
	text, ok := files[e.Member]
	if !ok {
		return false
	}
	lines := strings.Split(text, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return false
	}
	head := strings.TrimSpace(strings.SplitN(e.Quote, "\n", 2)[0])
	head = strings.TrimRight(head, "… ")
	return head != "" && strings.Contains(lines[e.Line-1], head[:min(len(head), 60)])
}
