package foreign

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// entry is a file of an archive that a test makes.
type entry struct{ name, content string }

var small = []entry{
	{"report/crds/ipaddresspools.yaml", "apiVersion: v1\nitems: []\nkind: List\n"},
	{"report/pods/speaker-6gx2m/speaker.log", "{\"caller\":\"x.go:1\",\"level\":\"info\",\"msg\":\"m\",\"ts\":\"2024-01-01T00:00:00Z\"}\n"},
	{"report/pods/speaker-6gx2m/frr/logs/frr.conf", ""},
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if err := errors.Join(w.WriteHeader(h), write(w, e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(w io.Writer, s string) error { _, err := io.WriteString(w, s); return err }

func gz(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if err := errors.Join(write(w, string(data)), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zst(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		if err = errors.Join(err, write(f, e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file puts content into a file of the test's folder.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// list opens inputs and shows their members and losses, one a line, and the layout.
func list(t testing.TB, opt Options, stdin io.Reader, paths ...string) string {
	t.Helper()
	src, err := OpenAll(paths, stdin, opt)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var out strings.Builder
	for m, err := range src.Members() {
		var loss *bundle.Loss
		switch {
		case errors.As(err, &loss):
			fmt.Fprintf(&out, "loss %s: %s", loss.Path, loss.Why)
			if loss.Cut {
				out.WriteString(" (cut)")
			}
			out.WriteByte('\n')
			continue
		case err != nil:
			fmt.Fprintf(&out, "error: %v\n", err)
			continue
		}
		data, err := io.ReadAll(m.Body)
		if err != nil {
			t.Errorf("%s: %v", m.Path, err)
		}
		fmt.Fprintf(&out, "%s %s:%d %d\n", m.Kind, m.Path, m.FirstLine, len(data))
	}
	out.WriteString(src.Layout() + "\n")
	return out.String()
}

func wantList(t *testing.T, got string, want ...string) {
	t.Helper()
	if w := strings.Join(want, "\n") + "\n"; got != w {
		t.Errorf("got:\n%swant:\n%s", got, w)
	}
}

// smallMembers is how list shows small.
var smallMembers = []string{
	"objects report/crds/ipaddresspools.yaml:1 36",
	"log report/pods/speaker-6gx2m/speaker.log:1 73",
	"empty report/pods/speaker-6gx2m/frr/logs/frr.conf:1 0",
	"collect.sh",
}

func TestArchivesOfAllKindsAreTheSameMembers(t *testing.T) {
	packed := tarOf(t, small...)
	for name, data := range map[string][]byte{"tar": packed, "tgz": gz(t, packed), "tar.zst": zst(t, packed), "zip": zipOf(t, small...), "gz of a zip": gz(t, zipOf(t, small...))} {
		t.Run(name, func(t *testing.T) {
			wantList(t, list(t, Options{}, nil, file(t, "a.txt", data)), smallMembers...)
			wantList(t, list(t, Options{}, bytes.NewReader(data), "-"), smallMembers...)
		})
	}
}

func TestAFolderIsWalkedInTheOrderOfNames(t *testing.T) {
	dir := t.TempDir()
	for _, e := range append(small, entry{"logs.zip", string(zipOf(t, entry{"b.log", "192.0.2.1 dev eth0 FAILED\n"}, entry{"c.tgz", string(gz(t, tarOf(t, entry{"d.txt", "bgpd is not running\n"})))}))}) {
		path := filepath.Join(dir, filepath.FromSlash(e.name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(e.content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("logs.zip", filepath.Join(dir, "z")); err != nil {
		t.Fatal(err)
	}
	wantList(t, list(t, Options{}, nil, dir), "ip-neigh logs.zip!/b.log:1 26", "vtysh logs.zip!/c.tgz!/d.txt:1 20",
		"objects report/crds/ipaddresspools.yaml:1 36", "empty report/pods/speaker-6gx2m/frr/logs/frr.conf:1 0", "log report/pods/speaker-6gx2m/speaker.log:1 73",
		"loss z: is a symbolic link: it is not followed", "collect.sh")
}

func TestSeveralInputsPutTheirArgumentInFront(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := errors.Join(os.WriteFile("a.tgz", gz(t, tarOf(t, small[0])), 0o600), os.Mkdir("f", 0o700), os.WriteFile("f/x.txt", []byte("bgpd is not running\n"), 0o600),
		os.WriteFile("f/y.zip", zipOf(t, entry{"z", "bgpd is not running\n"}), 0o600)); err != nil {
		t.Fatal(err)
	}
	wantList(t, list(t, Options{}, strings.NewReader("bgpd is not running\n"), "a.tgz", "f/", "f/x.txt", "-"),
		"objects a.tgz!/report/crds/ipaddresspools.yaml:1 36", "vtysh f/x.txt:1 20", "vtysh f/y.zip!/z:1 20", "vtysh f/x.txt:1 20", "vtysh -:1 20", "loose")
}

func TestInputsThatAreNoneAreErrors(t *testing.T) {
	empty := t.TempDir()
	for want, paths := range map[string][]string{"holds no file": {empty}, "no such file": {filepath.Join(empty, "x")}, "no input": nil, "twice": {"-", "-"}} {
		if _, err := OpenAll(paths, strings.NewReader(""), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", paths, err, want)
		}
	}
}

func TestSingleFiles(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"nothing":           {nil, []string{"empty a.txt:1 0"}},
		"blank":             {[]byte("\n \n"), []string{"empty a.txt:1 3"}},
		"gzip of a log":     {gz(t, []byte(small[1].content)), []string{"log a.txt:1 73"}},
		"binary":            {bytes.Repeat([]byte{0, 1, 2, 3}, 100), []string{"binary a.txt:1 400"}},
		"pcap":              {append([]byte("\xd4\xc3\xb2\xa1"), make([]byte, 20)...), []string{"pcap a.txt:1 24"}},
		"xz":                {[]byte("\xfd7zXZ\x00\x00\x04"), []string{"loss a.txt: is packed with xz, which is not read: unpack it, or pack it as tar.gz, tar.zst or zip"}},
		"prose":             {[]byte("It does not work.\n"), []string{"prose a.txt:1 18"}},
		"UTF-16":            {[]byte("\xff\xfeb\x00g\x00p\x00d\x00 \x00i\x00s\x00 \x00n\x00o\x00t\x00 \x00r\x00u\x00n\x00n\x00i\x00n\x00g\x00\n\x00"), []string{"vtysh a.txt:1 20"}},
		"UTF-16 big endian": {[]byte("\xfe\xff\x00b\x00g\x00p\x00d\x00 \x00i\x00s\x00 \x00n\x00o\x00t\x00 \x00r\x00u\x00n\x00n\x00i\x00n\x00g\x00\n"), []string{"vtysh a.txt:1 20"}},
		"byte order mark":   {[]byte("\xef\xbb\xbfbgpd is not running\n"), []string{"vtysh a.txt:1 20"}},
		"colours":           {[]byte("\x1b[32mbgpd\x1b[0m is not running\x1b]0;title\x07\n"), []string{"vtysh a.txt:1 20"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantList(t, list(t, Options{}, nil, file(t, "a.txt", c.content)), append(c.want, "loose")...)
		})
	}
}

func TestHostileNamesAndEntriesAreLosses(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "/etc/passwd", Typeflag: tar.TypeReg}, {Name: "../x", Typeflag: tar.TypeReg}, {Name: "a/../../x", Typeflag: tar.TypeReg}, {Name: `..\x`, Typeflag: tar.TypeReg},
		{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, {Name: "hard", Typeflag: tar.TypeLink, Linkname: "x"}, {Name: "dev", Typeflag: tar.TypeChar},
		{Name: "./same", Typeflag: tar.TypeReg}, {Name: "same", Typeflag: tar.TypeReg}, {Name: "dir/", Typeflag: tar.TypeDir},
	} {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantList(t, list(t, Options{}, &b, "-"), "loss /etc/passwd: has an absolute path: it is left out", "loss ../x: has .. in its path: it is left out",
		"loss a/../../x: has .. in its path: it is left out", `loss ..\x: has .. in its path: it is left out`, "loss link: is a symbolic link: it is not followed",
		"loss hard: is a hard link: it is not followed", "loss dev: is a device: it is left out", "empty same:1 0", "loss same: is there twice: the first is read", "loose")
	got := list(t, Options{}, bytes.NewReader(zipOf(t, entry{"../x", "1"}, entry{"ok", "bgpd is not running\n"})), "-")
	wantList(t, got, "loss ../x: has .. in its path: it is left out", "vtysh ok:1 20", "loose")
}

func TestWhatIsCutOrDamagedIsReadAsFarAsItGoes(t *testing.T) {
	long := entry{"report/big.log", strings.Repeat(small[1].content, 4000)}
	packed := tarOf(t, small[0], long, small[1])
	squeezed := gz(t, packed)
	wrong := bytes.Clone(squeezed)
	wrong[len(wrong)-6] ^= 1
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"cut tar":        {packed[:100_000], []string{"objects report/crds", "log report/big.log", "loss report/big.log", "(cut)"}},
		"cut gzip":       {squeezed[:len(squeezed)/2], []string{"objects report/crds", "log report/big.log", "loss report/big.log", "(cut)"}},
		"wrong checksum": {wrong, []string{"objects report/crds", "log report/pods", "loss", "checksum"}},
		"gzip head only": {squeezed[:12], []string{"loss", "(cut)"}},
		"cut zip":        {zipOf(t, small...)[:100], []string{"loss", "zip"}},
		"cut zstd":       {zst(t, packed)[:60], []string{"loss", "(cut)"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := list(t, Options{}, bytes.NewReader(c.data), "-")
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is missing in:\n%s", w, got)
				}
			}
		})
	}
}

func TestBombsAndNestsEnd(t *testing.T) {
	zeros := gz(t, bytes.Repeat([]byte("hello\n"), 30<<20))
	if got := list(t, Options{}, bytes.NewReader(zeros), "-"); !strings.Contains(got, "loss -") {
		t.Errorf("a gzip bomb was read to its end:\n%s", got)
	}
	bomb := zipOf(t, entry{"a", string(make([]byte, 100<<20))})
	if got := list(t, Options{}, bytes.NewReader(bomb), "-"); !strings.Contains(got, "loss a: unpacks to far more than it should") {
		t.Errorf("a zip bomb was read to its end:\n%s", got)
	}
	nest := []byte("bgpd is not running\n")
	for range 8 {
		nest = zipOf(t, entry{"n.zip", string(nest)})
	}
	if got := list(t, Options{}, bytes.NewReader(nest), "-"); !strings.Contains(got, "is an archive within 4 others") {
		t.Errorf("a nest was opened to its end:\n%s", got)
	}
	if got := list(t, Options{MaxMember: 100}, bytes.NewReader(tarOf(t, entry{"a", strings.Repeat(small[1].content, 9)}, small[1])), "-"); !strings.Contains(got, "log a:1 100") || !strings.Contains(got, "larger than the limit") || !strings.Contains(got, "speaker.log:1 73") {
		t.Errorf("the limit of a member:\n%s", got)
	}
	if got := list(t, Options{MaxMembers: 1}, bytes.NewReader(tarOf(t, small...)), "-"); !strings.Contains(got, "more than 1 members") {
		t.Errorf("the limit of members:\n%s", got)
	}
}

func TestALargeTextStreamsAsOneMember(t *testing.T) {
	table := "NAME   AGE\n" + strings.Repeat("x      1d\n", 5000)
	if got := list(t, Options{MaxSplit: 1000}, nil, file(t, "a", []byte(table))); !strings.Contains(got, fmt.Sprintf("table a:1 %d", len(table))) {
		t.Error(got)
	}
}

func TestALargeLogBehindItsCommandIsALog(t *testing.T) {
	text := "$ kubectl logs -n metallb-system speaker-6gx2m\n" + strings.Repeat(small[1].content, 100)
	src, err := Open("-", strings.NewReader(text), Options{MaxSplit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for m, err := range src.Members() {
		if err != nil || m.Kind != schema.KindLog || m.Pod != "speaker-6gx2m" || m.FirstLine != 1 {
			t.Errorf("%v %+v", err, m.Origin)
		}
	}
}

func TestStoppingEarlyIsAllowed(t *testing.T) {
	src, err := Open(file(t, "a.tgz", gz(t, tarOf(t, small...))), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range src.Members() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d members", n)
	}
}

func TestLayoutsAreKnownByTheirPaths(t *testing.T) {
	yaml := small[0].content
	for want, entries := range map[string][]entry{
		"must-gather": {{"mg/x/namespaces/a/core/services.yaml", yaml}, {"mg/x/namespaces/m/pods/speaker-7n8sc/speaker/speaker/logs/current.log", small[1].content}},
		"collect.sh":  small,
		"loose":       {{"a.yaml", yaml}, {"namespaces.yaml", yaml}, {"pods/x.log", small[1].content}},
	} {
		if got := list(t, Options{}, bytes.NewReader(tarOf(t, entries...)), "-"); !strings.HasSuffix(got, want+"\n") {
			t.Errorf("want %s:\n%s", want, got)
		}
	}
}

func TestABundleIsHandedOn(t *testing.T) {
	var b bytes.Buffer
	w, err := bundle.NewWriter(&b, schema.Header{Format: schema.BundleFormat, Version: schema.BundleVersion})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []entry{{"logs/m/speaker-6gx2m/speaker.log", "x\n"}, {"attached/notes.md", "Hello, it does not work.\n\n```\n192.0.2.1 dev eth0 FAILED\n```\n"}} {
		if err := w.Add(schema.MemberEntry{Path: e.name}, int64(len(e.content)), strings.NewReader(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(schema.Time{}, nil); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{list(t, Options{}, bytes.NewReader(b.Bytes()), "-"), list(t, Options{}, nil, file(t, "x", b.Bytes()))} {
		for _, want := range []string{"header header.json:1", "log logs/m/speaker-6gx2m/speaker.log:1 2", "prose attached/notes.md:1", "ip-neigh attached/notes.md:4 26", "trailer trailer.json:1", "\nbundle\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is missing in:\n%s", want, got)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	seedFiles(f, "testdata/texts/*")
	packed := tarOf(f, small...)
	for _, data := range [][]byte{packed, gz(f, packed), zst(f, packed), zipOf(f, small...), gz(f, packed)[:60], zipOf(f, entry{"a.zip", string(zipOf(f, small...))})} {
		f.Add(data)
	}
	opt := Options{MaxMember: 1 << 20, MaxTotal: 4 << 20, MaxHeld: 1 << 20, MaxMembers: 1000}
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := Open("-", bytes.NewReader(data), opt)
		if err != nil {
			return
		}
		for m, err := range src.Members() {
			if err != nil {
				continue
			}
			if m.Path == "" || m.FirstLine < 1 || m.Kind == "" {
				t.Errorf("a member without path, line or kind: %+v", m.Origin)
			}
			if _, err := io.Copy(io.Discard, m.Body); err != nil && !errors.As(err, new(*bundle.Loss)) {
				t.Errorf("%s: %v", m.Path, err)
			}
		}
	})
}
