package disguise

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The rows of small reports are the same however their files are attached: the bundle of the demo, and examples of checks whose evidence
// lies in logs, tables, vtysh and what a node shows.
func TestRowsStayTheSame(t *testing.T) {
	var tally Tally
	if err := tally.Attached("demo", filepath.FromSlash("../../../testdata/demo")); err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.FromSlash("../../../analyze/check/testdata/ML*.txt"))
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for i, path := range examples {
		tally.Few = i%10 != 0 // all of them take a minute
		dir := t.TempDir()
		if unpack(t, path, dir) < 2 {
			continue // a single file is found alike by any name
		}
		if err := tally.Attached(filepath.Base(path), dir); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if !tally.Report(&out) {
		t.Errorf("rows change:\n%s", out.String())
	}
	t.Log(out.String())
}

// unpack writes the files of an example, text under headings "-- NAME --", and returns how many there are.
func unpack(t *testing.T, path, dir string) int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var name string
	var body strings.Builder
	write := func() {
		if name == "" {
			return
		}
		n++
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(body.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range strings.SplitAfter(string(data), "\n") {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "-- ") && strings.HasSuffix(text, " --") && len(text) > 6 {
			write()
			name = text[3 : len(text)-3]
			body.Reset()
			continue
		}
		body.WriteString(line)
	}
	write()
	return n
}
