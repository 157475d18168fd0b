package disguise

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"go.yaml.in/yaml/v3"

	"github.com/metallb-assay/assay/bundle/foreign"
	"github.com/metallb-assay/assay/schema"
)

// each writes every text as change makes it, under a name that says nothing.
func each(change func([]byte) []byte) maker {
	return func(dir string, files []File) (string, error) {
		out := make([]File, len(files))
		for i, f := range files {
			out[i] = f
			if text(f.Data) && len(f.Data) > 0 {
				out[i].Data = change(f.Data)
			}
		}
		return dir, spread(dir, out, false)
	}
}

func utf16Text(data []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(data))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// trimmed makes blanks of tabs and cuts them at the ends of lines, as forms on web pages do.
func trimmed(data []byte) []byte {
	lines := strings.Split(string(data), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(strings.ReplaceAll(l, "\t", "    "), " \r")
	}
	return []byte(strings.Join(lines, "\n"))
}

func eachGzip(dir string, files []File) (string, error) {
	for i, f := range files {
		if err := os.WriteFile(filepath.Join(dir, letters(i)+".txt.gz"), gzipOf(f.Data), 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func gzipOf(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// nested packs a zip into a tgz.
func nested(dir string, files []File) (string, error) {
	flat := make([]File, len(files))
	for i, f := range files {
		flat[i] = File{letters(i), f.Data}
	}
	path, err := packZip(dir, flat)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	if err := t.WriteHeader(&tar.Header{Name: "Logs (1).ZIP", Mode: 0o600, Size: int64(len(data))}); err != nil {
		return "", err
	}
	if _, err := t.Write(data); err != nil {
		return "", err
	}
	if err := t.Close(); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, gzipOf(b.Bytes()), 0o600)
}

// oddNames writes the files as desktops name them, in folders whose names say nothing.
func oddNames(dir string, files []File) (string, error) {
	names := []string{"New folder/New Text Document (%d).txt", "NEW Folder (2)/%d.log.txt", "Desktop/Screenshot_%d.TXT", "%d.txt", "Neuer Ordner/Unbenannt %d"}
	for i, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(fmt.Sprintf(names[i%len(names)], i)))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// oneText pastes a session in which every file was printed.
func oneText(dir string, files []File) (string, error) {
	var b bytes.Buffer
	for i, f := range files {
		if text(f.Data) {
			fmt.Fprintf(&b, "$ cat %s\n%s\n", letters(i), bytes.TrimRight(f.Data, "\n"))
		}
	}
	path := filepath.Join(dir, "all")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

// issue is a Markdown text with every file in a folded block.
func issue(files []File) []byte {
	var b bytes.Buffer
	b.WriteString("## What happened\n\nIt does not work.\n\n")
	for i, f := range files {
		switch {
		case !text(f.Data) || len(f.Data) == 0:
		case bytes.Contains(f.Data, []byte("```")):
			fmt.Fprintf(&b, "<details><summary>%s</summary>\n\n%s\n\n</details>\n\n", letters(i), bytes.TrimRight(f.Data, "\n"))
		default:
			fmt.Fprintf(&b, "<details>\n<summary>%s</summary>\n\n```text\n%s\n```\n\n</details>\n\n", letters(i), bytes.TrimRight(f.Data, "\n"))
		}
	}
	return b.Bytes()
}

func details(dir string, files []File) (string, error) {
	path := filepath.Join(dir, "issue")
	return path, os.WriteFile(path, issue(files), 0o600)
}

// quoted is that text in the answer to a mail.
func quoted(dir string, files []File) (string, error) {
	var b bytes.Buffer
	b.WriteString("On Monday somebody wrote:\n")
	for line := range strings.Lines(string(issue(files))) {
		b.WriteString(strings.TrimRight("> "+line, " \n") + "\n")
	}
	path := filepath.Join(dir, "mail")
	return path, os.WriteFile(path, b.Bytes(), 0o600)
}

// wrapped puts each line of a log into what a container runtime writes; other texts stay.
func wrapped(data []byte, line func(text, at string) string) []byte {
	kind, wrap := foreign.Recognise(data[:min(len(data), 64<<10)])
	if wrap != schema.WrapNone || kind != schema.KindLog && kind != schema.KindFRRLog && kind != schema.KindReload {
		return data
	}
	var b bytes.Buffer
	at := ""
	for l := range strings.Lines(string(data)) {
		l = strings.TrimRight(l, "\r\n")
		if ts := timeOf(l); ts != "" {
			at = ts
		}
		if at == "" {
			return data // no time is made up
		}
		b.WriteString(line(l, at) + "\n")
	}
	return b.Bytes()
}

// newestFirst turns the lines of a log around, as a search in a log store shows them.
func newestFirst(data []byte) []byte {
	kind, _ := foreign.Recognise(data[:min(len(data), 64<<10)])
	if kind != schema.KindLog && kind != schema.KindFRRLog {
		return data
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	slices.Reverse(lines)
	return []byte(strings.Join(lines, "\n") + "\n")
}

// timeOf is a line's own time as RFC 3339: of MetalLB's JSON, or of FRR.
func timeOf(line string) string {
	if _, rest, ok := strings.Cut(line, `"ts":"`); ok {
		ts, _, _ := strings.Cut(rest, `"`)
		return ts
	}
	const layout = "2006/01/02 15:04:05"
	if len(line) < len(layout) {
		return ""
	}
	t, err := time.Parse(layout, line[:len(layout)])
	if err != nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

func dockerLine(text, at string) string {
	quoted, _ := json.Marshal(text + "\n")
	return fmt.Sprintf(`{"log":%s,"stream":"stderr","time":"%s"}`, quoted, at)
}

func criLine(text, at string) string { return at + " stderr F " + text }

// jsonObjects makes JSON of YAML objects; other texts stay.
func jsonObjects(data []byte) []byte {
	items, ok := objectsOf(data)
	switch {
	case !ok:
		return data
	case len(items) == 1:
		return indented(items[0])
	}
	return indented(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
}

func indented(v any) []byte {
	out, err := json.MarshalIndent(v, "", "    ")
	if err != nil {
		return nil
	}
	return append(out, '\n')
}

// oneList puts all objects into one List, before the other files.
func oneList(dir string, files []File) (string, error) {
	var all []any
	rest := []File{{}}
	for _, f := range files {
		items, ok := objectsOf(f.Data)
		if !ok {
			rest = append(rest, f)
			continue
		}
		for _, item := range items {
			if m := item.(map[string]any); strings.HasSuffix(fmt.Sprint(m["kind"]), "List") && m["items"] != nil {
				if inner, ok := m["items"].([]any); ok {
					all = append(all, inner...)
				}
				continue
			}
			all = append(all, item)
		}
	}
	var err error
	rest[0].Data, err = yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": all})
	if err != nil {
		return "", err
	}
	return dir, spread(dir, rest, false)
}

// objectsOf reads a text that is YAML documents of objects and nothing else.
func objectsOf(data []byte) ([]any, bool) {
	if !text(data) || !bytes.Contains(data, []byte("kind:")) {
		return nil, false
	}
	var items []any
	for _, doc := range strings.Split("\n"+strings.ReplaceAll(string(data), "\r\n", "\n"), "\n---") {
		var m map[string]any
		if err := yaml.Unmarshal([]byte(doc), &m); err != nil || m != nil && (m["kind"] == nil || m["apiVersion"] == nil) {
			return nil, false
		}
		if m != nil {
			items = append(items, m)
		}
	}
	return items, len(items) > 0
}
