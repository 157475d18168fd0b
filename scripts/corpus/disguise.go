package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/metallb-assay/assay/analyze"
	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

// attached is one file of a report, archives inside opened.
type attached struct {
	name string
	data []byte
}

// disguises are ways to attach the same files that must not change what is found.
var disguises = []struct {
	name string
	make func(dir string, files []attached) (path string, err error)
}{
	{"renamed", func(dir string, files []attached) (string, error) { return dir, spread(dir, files, false) }},
	{"reversed", func(dir string, files []attached) (string, error) { return dir, spread(dir, files, true) }},
	{"zip", packZip},
	{"tar.zst", packZstd},
	{"crlf", spreadCRLF},
	{"markdown", oneMarkdown},
}

// kept counts what a disguise did to the rows of all reports.
type kept struct {
	same, unknown int
	changed       []string // rows that are other than before and not unknown
	lost          []string // rows that became unknown
}

// runDisguises analyzes each report below the roots as it is and in every disguise, and prints how many rows keep verdict, phase
// and cause. It returns false where one changed to another verdict than unknown, or more than 5 % became unknown.
func runDisguises(w io.Writer, roots []string, without map[string]bool) (bool, error) {
	results := map[string]*kept{}
	for _, root := range roots {
		cases, err := os.ReadDir(root)
		if err != nil {
			return false, err
		}
		for _, c := range cases {
			if !c.IsDir() || without[c.Name()] {
				continue
			}
			if err := disguiseCase(filepath.Join(root, c.Name()), c.Name(), results); err != nil {
				return false, fmt.Errorf("%s: %w", c.Name(), err)
			}
		}
	}
	good := true
	for _, d := range disguises {
		k := results[d.name]
		if k == nil {
			continue
		}
		total := k.same + k.unknown + len(k.changed)
		fmt.Fprintf(w, "disguise %s: %d rows, %d keep verdict, phase and cause, %d unknown, %d changed\n", d.name, total, k.same, k.unknown, len(k.changed))
		for _, line := range append(k.changed, k.lost...) {
			fmt.Fprintf(w, "  %s\n", line)
		}
		good = good && len(k.changed) == 0 && k.unknown*20 <= total
	}
	return good, nil
}

func disguiseCase(dir, name string, results map[string]*kept) error {
	entries, err := filepath.Glob(filepath.Join(dir, "report*"))
	if err != nil || len(entries) != 1 {
		return fmt.Errorf("one report* is wanted, found %d", len(entries))
	}
	plain, err := rowsOf(entries[0])
	if err != nil {
		return err
	}
	files, err := load(entries[0])
	if err != nil {
		return err
	}
	for _, d := range disguises {
		tmp, err := os.MkdirTemp("", "disguise")
		if err != nil {
			return err
		}
		path, err := d.make(tmp, files)
		var rows map[string]string
		if err == nil {
			rows, err = rowsOf(path)
		}
		os.RemoveAll(tmp)
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		if results[d.name] == nil {
			results[d.name] = &kept{}
		}
		results[d.name].compare(name, plain, rows)
	}
	return nil
}

func (k *kept) compare(name string, plain, rows map[string]string) {
	var keys []string
	for key := range plain {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		was, is := plain[key], rows[key]
		switch {
		case is == was:
			k.same++
		case strings.HasPrefix(is, "unknown"):
			k.unknown++
			k.lost = append(k.lost, fmt.Sprintf("%s %s: %s became unknown", name, key, was))
		default:
			k.changed = append(k.changed, fmt.Sprintf("%s %s: %s became %s", name, key, was, orNothing(is)))
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "no row"
	}
	return s
}

// rowsOf analyzes a path and returns verdict, phase and cause of each Service.
func rowsOf(path string) (map[string]string, error) {
	src, err := foreign.OpenAll([]string{path}, nil, foreign.Options{})
	if err != nil {
		return nil, err
	}
	r, err := analyze.Analyze(context.Background(), src, analyze.Options{})
	if err != nil {
		return nil, err
	}
	byID := map[string]schema.Finding{}
	for _, f := range r.Findings {
		byID[f.ID] = f
	}
	rows := map[string]string{}
	for _, s := range r.Services {
		text := string(s.Verdict)
		if s.Verdict == schema.VerdictIll && len(s.Findings) > 0 {
			text += " " + string(s.Phase) + " " + byID[s.Findings[0]].Cause
		}
		rows[s.Key()] = text
	}
	return rows, nil
}

// load reads a report's files into memory, in sorted order, archives inside opened one after another.
func load(path string) ([]attached, error) {
	var files []attached
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(path, p)
		if err != nil || name == "." {
			name = filepath.Base(p)
		}
		files = append(files, open(name, data)...)
		return err
	})
	return files, err
}

// open returns the files of an archive, or the file itself.
func open(name string, data []byte) []attached {
	if r, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
		var out []attached
		for _, f := range r.File {
			if rc, err := f.Open(); err == nil && !f.FileInfo().IsDir() {
				inner, _ := io.ReadAll(rc)
				out = append(out, open(f.Name, inner)...)
			}
		}
		return out
	}
	raw := data
	if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
		raw, _ = io.ReadAll(z)
	}
	var out []attached
	for t := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := t.Next()
		if err != nil {
			break
		}
		if h.Typeflag == tar.TypeReg {
			inner, _ := io.ReadAll(t)
			out = append(out, open(h.Name, inner)...)
		}
	}
	if out != nil {
		return out
	}
	return []attached{{name, raw}}
}

// spread writes the files flat as a.txt, b.txt, ..., in reversed order where that is asked for.
func spread(dir string, files []attached, reversed bool) error {
	if reversed {
		files = slices.Clone(files)
		slices.Reverse(files)
	}
	for i, f := range files {
		if err := os.WriteFile(filepath.Join(dir, letters(i)+".txt"), f.data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// letters is aa, ab, ... so that the order of names is that of numbers.
func letters(i int) string {
	return string([]byte{byte('a' + i/676%26), byte('a' + i/26%26), byte('a' + i%26)})
}

func packZip(dir string, files []attached) (string, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			return "", err
		}
		if _, err := w.Write(f.data); err != nil {
			return "", err
		}
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "x")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

func packZstd(dir string, files []attached) (string, error) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		return "", err
	}
	t := tar.NewWriter(z)
	for _, f := range files {
		if err := t.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.data))}); err != nil {
			return "", err
		}
		if _, err := t.Write(f.data); err != nil {
			return "", err
		}
	}
	if err := t.Close(); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "x")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

func spreadCRLF(dir string, files []attached) (string, error) {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		data := f.data
		if text(data) {
			data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// oneMarkdown pastes every text into one file; captures cannot be pasted.
func oneMarkdown(dir string, files []attached) (string, error) {
	var b bytes.Buffer
	b.WriteString("Here is everything that I have.\n\n")
	for _, f := range files {
		switch {
		case !text(f.data) || len(f.data) == 0:
		case bytes.Contains(f.data, []byte("```")):
			fmt.Fprintf(&b, "%s\n\n", f.data) // a Markdown text goes in as it is
		default:
			fmt.Fprintf(&b, "```\n%s\n```\n\n", bytes.TrimRight(f.data, "\n"))
		}
	}
	path := filepath.Join(dir, "issue.md")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

func text(data []byte) bool {
	return !bytes.ContainsRune(data[:min(len(data), 4096)], 0)
}
