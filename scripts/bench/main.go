// Command bench generates large inputs and measures the program on them against gzip and against the YAML library, pair by pair.
// It prints ratios, since machines differ; it is no test and judges nothing.
package main

import (
	"archive/tar"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"go.yaml.in/yaml/v3"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

func main() {
	assay := flag.String("assay", "bin/assay", "the program to measure")
	dir := flag.String("dir", filepath.Join(os.TempDir(), "assay-bench"), "where the generated inputs go; they are kept for the next run")
	mib := flag.Int("mib", 2048, "size of the logs in MiB")
	pairs := flag.Int("pairs", 5, "pairs of runs")
	decode := flag.String("decode", "", "decode a YAML file into nodes and exit (the measure for objects)")
	flag.Parse()
	if *decode != "" {
		if err := decodeNodes(*decode); err != nil {
			fail(err)
		}
		return
	}
	if err := run(*assay, *dir, *mib, *pairs); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench: "+err.Error())
	os.Exit(1)
}

func run(assay, dir string, mib, pairs int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	small, large := mib/10, mib
	files := map[string]string{}
	for _, m := range []int{small, large} {
		for kind, write := range map[string]func(string, int) error{"bundle": writeBundle, "collect": writeCollect} {
			path := filepath.Join(dir, fmt.Sprintf("%s-%d.tgz", kind, m))
			if err := once(path, func(p string) error { return write(p, m) }); err != nil {
				return err
			}
			files[fmt.Sprintf("%s-%d", kind, m)] = path
		}
	}
	objects := filepath.Join(dir, "services.yaml")
	if err := once(objects, writeServices); err != nil {
		return err
	}
	for _, kind := range []string{"bundle", "collect"} {
		path := files[fmt.Sprintf("%s-%d", kind, large)]
		if err := sizes(kind, path, int64(large)<<20); err != nil {
			return err
		}
		r := compare(pairs, []string{assay, "analyze", "-q", "-o", "json", path}, []string{"gzip", "-dc", path}, nil)
		fmt.Printf("%s of %d MiB: %s against gzip -dc\n", kind, large, r)
	}
	for _, kind := range []string{"bundle", "collect"} {
		r := compare(pairs, []string{assay, "analyze", "-q", "-o", "json", files[fmt.Sprintf("%s-%d", kind, large)]},
			[]string{assay, "analyze", "-q", "-o", "json", files[fmt.Sprintf("%s-%d", kind, small)]}, nil)
		fmt.Printf("%s from %d to %d MiB: %s against the tenth\n", kind, small, large, r)
	}
	r := compare(pairs, []string{assay, "analyze", "-q", "-o", "json", objects}, []string{self, "-decode", objects}, []string{"GOMAXPROCS=1"})
	fmt.Printf("10,000 Services with EndpointSlices: %s against yaml.v3 into nodes, both on one core\n", r)
	return nil
}

// once makes a file unless it is there from an earlier run.
func once(path string, write func(string) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	part := path + ".part"
	if err := write(part); err != nil {
		return err
	}
	return os.Rename(part, path)
}

func sizes(kind, path string, raw int64) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, 1/%.1f of its contents\n", kind, st.Size(), float64(raw)/float64(st.Size()))
	return nil
}

func writeBundle(path string, mib int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := bundle.NewWriter(f, schema.Header{Tool: schema.Tool{Name: "bench"}})
	if err != nil {
		return err
	}
	err = eachLog(mib, func(node int, body []byte) error {
		return w.Add(schema.MemberEntry{Path: fmt.Sprintf("logs/metallb-system/speaker-%05d/speaker.log", node)}, int64(len(body)), bytes.NewReader(body))
	})
	if err != nil {
		return err
	}
	return w.Close(schema.Time{}, nil)
}

func writeCollect(path string, mib int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	t := tar.NewWriter(z)
	err = eachLog(mib, func(node int, body []byte) error {
		h := &tar.Header{Name: fmt.Sprintf("report/pods/speaker-%05d/speaker.log", node), Mode: 0o644, Size: int64(len(body)), Typeflag: tar.TypeReg}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err := t.Write(body)
		return err
	})
	if err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// eachLog makes the log of each node's speaker, which together have the size.
func eachLog(mib int, add func(node int, body []byte) error) error {
	each := mib << 20 / nodes
	for n := range nodes {
		var b bytes.Buffer
		b.Grow(each + 128<<10)
		if err := newLogWriter(n).fill(&b, each); err != nil {
			return err
		}
		if err := add(n, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func decodeNodes(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	for {
		var n yaml.Node
		if err := d.Decode(&n); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
