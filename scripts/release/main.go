// Command release prints the krew manifest for the archives of a folder, with their checksums.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	version := flag.String("version", "v0.0.0", "of the release")
	dir := flag.String("dir", "bin/release", "where the archives are")
	base := flag.String("base", "https://github.com/metallb-assay/assay/releases/download", "where they will be")
	flag.Parse()
	if err := run(os.Stdout, *version, *dir, *base); err != nil {
		fmt.Fprintln(os.Stderr, "release: "+err.Error())
		os.Exit(1)
	}
}

func run(out io.Writer, version, dir, base string) error {
	archives, err := filepath.Glob(filepath.Join(dir, "kubectl-assay_*.tar.gz"))
	if err != nil {
		return err
	}
	if len(archives) == 0 {
		return fmt.Errorf("%s has no archives: make release makes them", dir)
	}
	sort.Strings(archives)
	var platforms []any
	for _, path := range archives {
		p, err := platform(path, base+"/"+version)
		if err != nil {
			return err
		}
		platforms = append(platforms, p)
	}
	data, err := yaml.Marshal(manifest(version, platforms))
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return err
}

// platform is the manifest's entry for an archive kubectl-assay_OS_ARCH.tar.gz.
func platform(path, url string) (map[string]any, error) {
	name := filepath.Base(path)
	parts := strings.Split(strings.TrimSuffix(name, ".tar.gz"), "_")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%s is not named kubectl-assay_OS_ARCH.tar.gz", name)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return nil, err
	}
	program := "kubectl-assay"
	if parts[1] == "windows" {
		program += ".exe"
	}
	return map[string]any{
		"selector": map[string]any{"matchLabels": map[string]any{"os": parts[1], "arch": parts[2]}},
		"uri":      url + "/" + name, "sha256": hex.EncodeToString(sum.Sum(nil)), "bin": program,
		"files": []any{map[string]any{"from": program, "to": "."}, map[string]any{"from": "LICENSE", "to": "."}},
	}, nil
}

func manifest(version string, platforms []any) map[string]any {
	if !strings.HasPrefix(version, "v") {
		version = "v0.0.0-" + version // krew wants a semantic version
	}
	return map[string]any{
		"apiVersion": "krew.googlecontainertools.github.com/v1alpha2", "kind": "Plugin", "metadata": map[string]any{"name": "assay"},
		"spec": map[string]any{
			"version": version, "homepage": "https://github.com/metallb-assay/assay",
			"shortDescription": "Explain why a MetalLB Service is unreachable",
			"description":      "Collects what is needed to explain why a Service of type LoadBalancer that\nMetalLB serves is not reachable, without any secret, and says for each Service\nwhich phase fails, because of which object, on the evidence of which line.\n",
			"caveats":          "`kubectl assay plan` prints what a collection asks for, and the roles that\nallow it. Nothing in the cluster is changed unless a flag asks for it.\n",
			"platforms":        platforms,
		},
	}
}
