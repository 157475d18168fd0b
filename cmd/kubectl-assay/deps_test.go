package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDeps holds deps.txt, the packages that this program links, against the build: a new dependency shows up as a diff. GENERATE=1
// writes it anew (make generate).
func TestDeps(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0") // the same list on every machine
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	slices.Sort(deps)
	got := "# packages outside of the standard library that kubectl-assay links; made by `make generate`\n" + strings.Join(deps, "\n") + "\n"
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
		t.Error("deps.txt is not what the program links: run make generate and read the diff")
	}
}
