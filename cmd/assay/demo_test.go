package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/cmd/internal/program"
	"github.com/metallb-assay/assay/schema"
)

const (
	demoFolder = "../../testdata/demo"
	demoBundle = "../../testdata/demo.tgz"
)

// demoMembers are the names that the files of the demo have in a bundle, in the bundle's order.
var demoMembers = []struct{ file, member string }{
	{"metallb.yaml", "attached/metallb.yaml"},
	{"services.yaml", "objects/core/services/shop.yaml"},
	{"endpointslices.yaml", "objects/discovery.k8s.io/endpointslices/shop.yaml"},
	{"pods.txt", "attached/pods.txt"},
	{"events.txt", "attached/events.txt"},
	{"controller.log", "logs/metallb-system/controller-7dcbb5f6b9-lq4xk/controller.log"},
	{"speaker-2nfzt.log", "logs/metallb-system/speaker-2nfzt/speaker.log"},
	{"speaker-kx9bm.log", "logs/metallb-system/speaker-kx9bm/speaker.log"},
	{"what-i-see.md", "attached/what-i-see.md"},
}

// TestDemoBundleIsTheFolderPacked: `make demo` analyzes the bundle; UPDATE=1 packs the folder anew.
func TestDemoBundleIsTheFolderPacked(t *testing.T) {
	var b bytes.Buffer
	made := schema.Time{Time: time.Date(2025, 3, 11, 8, 45, 0, 0, time.UTC)}
	w, err := bundle.NewWriter(&b, schema.Header{Tool: schema.Tool{Name: "assay", Version: "demo"}, Created: made, Note: "the shop cannot be opened"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range demoMembers {
		data, err := os.ReadFile(filepath.Join(demoFolder, m.file))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add(schema.MemberEntry{Path: m.member}, int64(len(data)), bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(made, nil); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(demoBundle, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(demoBundle)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("testdata/demo.tgz is not testdata/demo packed; UPDATE=1 packs it anew")
	}
}

// TestDemoSaysTheSameOfFolderAndBundle holds the first line of both reports against each other.
func TestDemoSaysTheSameOfFolderAndBundle(t *testing.T) {
	var said []string
	for _, path := range []string{demoFolder, demoBundle} {
		var out, stderr bytes.Buffer
		code, err := assayProgram.Run([]string{"assay", "analyze", path}, strings.NewReader(""), &out, &stderr)
		if code != program.ExitOK || err != nil {
			t.Fatalf("%s: exit %d: %v", path, code, err)
		}
		line, _, _ := strings.Cut(out.String(), "\n")
		said = append(said, line)
	}
	if said[0] != said[1] || !strings.Contains(said[0], "public is full") {
		t.Errorf("the folder says %q, the bundle %q", said[0], said[1])
	}
}
