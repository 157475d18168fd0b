package metallb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/scripts/corpus/decisions"
)

// Slices of what real MetalLB decided on generated inputs: five releases, configurations, layer 2 and BGP.
func TestDecisionsOfRealMetalLB(t *testing.T) {
	for _, kind := range []string{"config", "l2", "bgp"} {
		files, err := filepath.Glob("testdata/decisions/" + kind + "-*.jsonl.gz")
		if err != nil || len(files) < 5 {
			t.Fatalf("%s: %d files, %v", kind, len(files), err)
		}
		for _, path := range files {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".jsonl.gz"), func(t *testing.T) {
				f, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				n := 0
				err = decisions.Each(f, func(l *decisions.Line) {
					n++
					if r := decisions.Kinds[kind](l); r.Diff != "" {
						t.Errorf("%s: %s", l.ID, r.Diff)
					}
				})
				if err != nil || n < 30 {
					t.Errorf("%d scenarios, %v", n, err)
				}
			})
		}
	}
}
