package disguise

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// File is one file of a report, archives inside opened.
type File struct {
	Name string
	Data []byte
}

// maker writes the files into an empty folder and returns what somebody attaches.
type maker func(dir string, files []File) (path string, err error)

// few is how many of the disguises Tally.Few takes.
const few = 6

// disguises are ways to attach the same files that must not change what is found.
var disguises = []struct {
	name string
	make maker
}{
	{"renamed", func(dir string, files []File) (string, error) { return dir, spread(dir, files, false) }},
	{"reversed", func(dir string, files []File) (string, error) { return dir, spread(dir, files, true) }},
	{"zip", packZip},
	{"tar.zst", packZstd},
	{"crlf", spreadCRLF},
	{"markdown", oneMarkdown},
	{"gzip", eachGzip},
	{"archives in archives", nested},
	{"utf-16", each(utf16Text)},
	{"byte order mark", each(func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) })},
	{"trimmed", each(trimmed)},
	{"odd names", oddNames},
	{"one text", oneText},
	{"details", details},
	{"quoted", quoted},
	{"docker", each(func(b []byte) []byte { return wrapped(b, dockerLine) })},
	{"cri", each(func(b []byte) []byte { return wrapped(b, criLine) })},
	{"newest first", each(newestFirst)},
	{"json", each(jsonObjects)},
	{"one list", oneList},
}

// Load reads a report's files into memory, in sorted order, archives inside opened one after another.
func Load(path string) ([]File, error) {
	var files []File
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
func open(name string, data []byte) []File {
	if r, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
		var out []File
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
	var out []File
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
	return []File{{name, plainText(raw)}}
}

// plainText makes UTF-8 of UTF-16, as an editor does from which somebody pastes.
func plainText(data []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// spread writes the files flat as a.txt, b.txt, ..., in reversed order where that is asked for.
func spread(dir string, files []File, reversed bool) error {
	if reversed {
		files = slices.Clone(files)
		slices.Reverse(files)
	}
	for i, f := range files {
		if err := os.WriteFile(filepath.Join(dir, letters(i)+".txt"), f.Data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// letters is aa, ab, ... so that the order of names is that of numbers.
func letters(i int) string {
	return string([]byte{byte('a' + i/676%26), byte('a' + i/26%26), byte('a' + i%26)})
}

func packZip(dir string, files []File) (string, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.Name)
		if err != nil {
			return "", err
		}
		if _, err := w.Write(f.Data); err != nil {
			return "", err
		}
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "x")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

func packZstd(dir string, files []File) (string, error) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		return "", err
	}
	t := tar.NewWriter(z)
	for _, f := range files {
		if err := t.WriteHeader(&tar.Header{Name: f.Name, Mode: 0o600, Size: int64(len(f.Data))}); err != nil {
			return "", err
		}
		if _, err := t.Write(f.Data); err != nil {
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

func spreadCRLF(dir string, files []File) (string, error) {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		data := f.Data
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
func oneMarkdown(dir string, files []File) (string, error) {
	var b bytes.Buffer
	b.WriteString("Here is everything that I have.\n\n")
	for _, f := range files {
		switch {
		case !text(f.Data) || len(f.Data) == 0:
		case bytes.Contains(f.Data, []byte("```")):
			fmt.Fprintf(&b, "%s\n\n", f.Data) // a Markdown text goes in as it is
		default:
			fmt.Fprintf(&b, "```\n%s\n```\n\n", bytes.TrimRight(f.Data, "\n"))
		}
	}
	path := filepath.Join(dir, "issue.md")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

// text tells whether data is no capture or other binary file.
func text(data []byte) bool {
	return !bytes.ContainsRune(data[:min(len(data), 4096)], 0)
}
