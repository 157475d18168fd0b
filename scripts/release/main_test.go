package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"sigs.k8s.io/yaml"
)

// The manifest has what krew's validation wants: API version, a name, a semantic version, a description, and for each platform a
// selector, an address, a checksum and the program's name.
func TestManifest(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"kubectl-assay_linux_amd64.tar.gz", "kubectl-assay_windows_arm64.tar.gz"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, version := range []string{"v1.2.3", "b2f3073"} {
		var out bytes.Buffer
		if err := run(&out, version, dir, "https://example.org"); err != nil {
			t.Fatal(err)
		}
		var m struct {
			APIVersion, Kind string
			Metadata         struct{ Name string }
			Spec             struct {
				Version, ShortDescription string
				Platforms                 []struct {
					URI, Sha256, Bin string
					Selector         struct{ MatchLabels map[string]string }
				}
			}
		}
		if err := yaml.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if m.APIVersion != "krew.googlecontainertools.github.com/v1alpha2" || m.Kind != "Plugin" || m.Metadata.Name != "assay" || len(m.Spec.ShortDescription) > 50 || len(m.Spec.Platforms) != 2 {
			t.Errorf("manifest %+v", m)
		}
		if !regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(m.Spec.Version) {
			t.Errorf("%q is no semantic version", m.Spec.Version)
		}
		for _, p := range m.Spec.Platforms {
			if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(p.Sha256) || p.URI == "" || p.Bin == "" || p.Selector.MatchLabels["os"] == "" || p.Selector.MatchLabels["arch"] == "" {
				t.Errorf("platform %+v", p)
			}
		}
		if p := m.Spec.Platforms[1]; p.Bin != "kubectl-assay.exe" || p.Selector.MatchLabels["os"] != "windows" || p.Selector.MatchLabels["arch"] != "arm64" {
			t.Errorf("windows: %+v", p)
		}
	}
	if err := run(&bytes.Buffer{}, "v1.0.0", t.TempDir(), ""); err == nil {
		t.Error("a folder without archives gives a manifest")
	}
}
