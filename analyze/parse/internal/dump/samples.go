package dump

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Sample is one input in a package's testdata.
type Sample struct {
	Name string // of the file, without its folder
	Text []byte
	want string // path of what is expected of it
}

// Samples are the files in testdata of the package under test, in order of name, without expected outcomes and notes. A test that has
// none fails.
func Samples(t testing.TB) []Sample {
	t.Helper()
	paths, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	var all []Sample
	for _, p := range paths {
		name := filepath.Base(p)
		if strings.HasSuffix(name, ".want") || name == "README.md" || name == "fuzz" {
			continue
		}
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Sample{Name: name, Text: text, want: p + ".want"})
	}
	if len(all) == 0 {
		t.Fatal("no samples in testdata")
	}
	return all
}

// Hold holds what was read of a sample against its .want; UPDATE=1 writes that file.
func (s Sample) Hold(t *testing.T, got string) {
	t.Helper()
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(s.want, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(s.want)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", s.Name, got, want)
	}
}
