package analyze_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/analyze/report"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

// root is the folder of the project's own inputs and of the reports of them.
var root, _ = filepath.Abs("../testdata")

// goldens are the inputs whose reports are kept, by the name of the report.
var goldens = map[string]string{
	"demo":    "demo",
	"collect": "inputs/collect",
	"pasted":  "inputs/pasted.md",
	"cut":     "inputs/cut.yaml",
}

// forms are the forms of a report by the ends of their files' names.
var forms = map[string]func(*bytes.Buffer, *schema.Report) error{
	".txt":  func(b *bytes.Buffer, r *schema.Report) error { return report.Text(b, r, report.Style{}) },
	".json": func(b *bytes.Buffer, r *schema.Report) error { return report.JSON(b, r) },
	".md":   func(b *bytes.Buffer, r *schema.Report) error { return report.Markdown(b, r) },
}

// analyzeRoot analyzes an input as if it were named from the folder root.
func analyzeRoot(t *testing.T, input string, workers int) *schema.Report {
	t.Helper()
	t.Chdir(root)
	src, err := foreign.OpenAll([]string{input}, nil, foreign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(t.Context(), src, analyze.Options{Tool: schema.Tool{Name: "assay", Version: "test"}, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t *testing.T, form string, r *schema.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := forms[form](&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGoldenReports holds whole reports against those kept in testdata/golden; UPDATE=1 writes them anew.
func TestGoldenReports(t *testing.T) {
	for name, input := range goldens {
		for form := range forms {
			t.Run(name+form, func(t *testing.T) {
				got := render(t, form, analyzeRoot(t, input, 0))
				path := filepath.Join("golden", name+form)
				if os.Getenv("UPDATE") != "" {
					if err := os.WriteFile(path, got, 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s is not what comes out; make update writes it anew. Got:\n%s", path, got)
				}
			})
		}
	}
}

// TestReportsFollowTheSchema holds the reports of the project's inputs against the published schema.
func TestReportsFollowTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.ReportSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	hold := func(t *testing.T, r *schema.Report) {
		got, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, ".json", r)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(got); err != nil {
			t.Error(err)
		}
	}
	for name, input := range goldens {
		t.Run(name, func(t *testing.T) { hold(t, analyzeRoot(t, input, 0)) })
	}
	for _, path := range examplePaths(t) {
		t.Run(filepath.Base(path), func(t *testing.T) { hold(t, analyzeFiles(t, readExample(t, path).files)) })
	}
}

// TestSameInputSameBytes analyzes each input again, on one processor and on many.
func TestSameInputSameBytes(t *testing.T) {
	for name, input := range goldens {
		t.Run(name, func(t *testing.T) {
			first := render(t, ".json", analyzeRoot(t, input, 0))
			for _, n := range []int{1, 16} {
				procs := runtime.GOMAXPROCS(n)
				t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
				for range 3 {
					if again := render(t, ".json", analyzeRoot(t, input, 0)); !bytes.Equal(first, again) {
						t.Fatalf("another report at GOMAXPROCS=%d:\n%s", n, again)
					}
				}
			}
		})
	}
	for _, path := range examplePaths(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			dir := writeFiles(t, readExample(t, path).files)
			first := render(t, ".json", analyzePath(t, dir))
			procs := runtime.GOMAXPROCS(1)
			defer runtime.GOMAXPROCS(procs)
			if again := render(t, ".json", analyzePath(t, dir)); !bytes.Equal(first, again) {
				t.Errorf("another report at GOMAXPROCS=1:\n%s", again)
			}
		})
	}
}

// TestEvidenceOpens opens each quote of the inputs' reports, of findings and of phases, at its place.
func TestEvidenceOpens(t *testing.T) {
	for name, input := range goldens {
		t.Run(name, func(t *testing.T) {
			r := analyzeRoot(t, input, 0)
			var all []schema.Evidence
			for _, f := range r.Findings {
				if len(f.Evidence) == 0 {
					t.Errorf("%s has no evidence", f.Cause)
				}
				all = append(all, f.Evidence...)
			}
			for _, s := range r.Services {
				for _, p := range s.Phases {
					all = append(all, p.Evidence...)
				}
			}
			for _, e := range all {
				path := input
				if info, err := os.Stat(input); err == nil && info.IsDir() {
					path = filepath.Join(input, e.Member)
				}
				data, err := os.ReadFile(path)
				if err != nil {
					t.Errorf("%s:%d: %v", e.Member, e.Line, err)
					continue
				}
				lines := strings.Split(string(data), "\n")
				quote := strings.TrimSpace(strings.Split(e.Quote, "\n")[0])
				if e.Line < 1 || e.Line > len(lines) || quote == "" || !strings.HasPrefix(strings.TrimSpace(lines[e.Line-1]), strings.TrimRight(quote, "… ")) {
					t.Errorf("%s:%d does not begin with %q", e.Member, e.Line, quote)
				}
			}
		})
	}
}

func examplePaths(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(examples, "ML*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples in %s: %v", examples, err)
	}
	slices.Sort(paths)
	return paths
}

// writeFiles writes files into a folder of the test's own.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
