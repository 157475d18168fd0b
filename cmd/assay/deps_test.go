package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDeps holds deps.txt, the modules and packages that this program links, against the build: a new dependency shows up as a
// diff. GENERATE=1 writes it anew (make generate).
func TestDeps(t *testing.T) {
	for name, value := range map[string]string{"GOOS": "linux", "GOARCH": "amd64", "CGO_ENABLED": "0"} {
		t.Setenv(name, value) // the same list on every machine
	}
	deps := golist(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+"cmd/assay")
	deps = slices.DeleteFunc(deps, func(d string) bool { return d == "" })
	slices.Sort(deps)
	got := "# packages outside of the standard library that assay links; made by `make generate`\n" + strings.Join(deps, "\n") + "\n"
	if os.Getenv("GENERATE") != "" {
		if err := os.WriteFile("deps.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("deps.txt is not what the program links: run make generate and read the diff\n%s", got)
	}
}
