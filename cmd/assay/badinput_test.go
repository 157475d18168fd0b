package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/metallb-assay/assay/cmd/internal/program"
)

// service is an object that every readable part of a bad input holds, so that a test sees that the rest was read.
const service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  type: LoadBalancer\n"

// logLine is a line of a speaker.
const logLine = `{"caller":"main.go:451","event":"serviceAnnounced","ips":["192.0.2.7"],"level":"info","msg":"service has IP, announcing","pool":"p","protocol":"layer2","service":"shop/web","ts":"2025-03-11T08:41:09Z"}` + "\n"

// call is what came of a run.
type call struct {
	code     int
	out, err string
}

func assay(stdin io.Reader, args ...string) call {
	var out, errs bytes.Buffer
	code, err := assayProgram.Run(append([]string{"assay"}, args...), stdin, &out, &errs)
	if err != nil {
		errs.WriteString(assayProgram.Message(err) + "\n")
	}
	return call{code, out.String(), errs.String()}
}

// hold checks the exit code and that stdout or stderr has each of the words.
func (c call) hold(t *testing.T, code int, words ...string) {
	t.Helper()
	good := c.code == code
	if !good {
		t.Errorf("exit code %d, wanted %d", c.code, code)
	}
	for _, w := range words {
		if !strings.Contains(c.out+c.err, w) {
			good = false
			t.Errorf("%q is missing", w)
		}
	}
	if !good {
		t.Logf("stdout:\n%.3000s\nstderr:\n%.1000s", c.out, c.err)
	}
}

func put(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

func tarball(t *testing.T, headers []tar.Header, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(files); i += 2 {
		err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg})
		if _, err2 := io.WriteString(w, files[i+1]); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBadInputIsToldOf gives the program one file each that is damaged or hostile: it says what was lost and reads the rest.
func TestBadInputIsToldOf(t *testing.T) {
	log := strings.Repeat(logLine, 2000)
	packed := tarball(t, nil, "svc.yaml", service, "speaker.log", log, "end.log", logLine)
	squeezed := gzipped(t, packed)
	flipped := bytes.Clone(squeezed)
	flipped[len(flipped)/2] ^= 4
	nest := []byte(service)
	for range 9 {
		nest = zipped(t, "n.zip", string(nest))
	}
	links := []tar.Header{{Name: "../../etc/cron.d/x", Typeflag: tar.TypeReg}, {Name: "/etc/passwd", Typeflag: tar.TypeReg}, {Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc/shadow"},
		{Name: "hard", Typeflag: tar.TypeLink, Linkname: "svc.yaml"}, {Name: "dev/null", Typeflag: tar.TypeChar}, {Name: "pipe", Typeflag: tar.TypeFifo}}
	for _, c := range []struct {
		name  string
		data  []byte
		code  int
		words []string
	}{
		{"nothing", nil, 3, []string{"is empty"}},
		{"blanks alone", []byte(" \n\n\t\n"), 3, []string{"is empty"}},
		{"tar cut in the middle", packed[:len(packed)/2], 0, []string{"shop/web", "the input is cut", "speaker.log"}},
		{"tar cut in a header", packed[:1024+100], 0, []string{"shop/web", "the input is cut"}},
		{"gzip cut in the middle", squeezed[:len(squeezed)/2], 0, []string{"the input is cut"}},
		{"gzip with a flipped bit", flipped, 0, []string{"read", "gzip"}},
		{"gzip head alone", squeezed[:10], 3, []string{"input: nothing could be read", "gzip"}},
		{"half a YAML document", []byte(service + "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: \"half"), 0, []string{"shop/web", "read in part"}},
		{"half a JSON document", []byte(`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"type":"LoadBalancer"}},{"apiVersion":"v1","ki`), 0, []string{"shop/web", "read in part"}},
		{"a line of 3 MiB", []byte(logLine + `{"level":"info","msg":"` + strings.Repeat("x", 3<<20) + "\"}\n" + logLine), 0, []string{"shop/web"}},
		{"binary junk", []byte("\x7fELF\x00\x01" + strings.Repeat("\x00\xfe\x07q", 5000)), 3, []string{"neither text nor a capture"}},
		{"a zip bomb", zipped(t, "svc.yaml", service, "bomb", string(make([]byte, 200<<20))), 0, []string{"shop/web", "far more than it should"}},
		{"a gzip bomb", gzipped(t, []byte(service+"---\nkind: \""+strings.Repeat("hello ", 20<<20))), 0, []string{"the input is cut", "more than the limit of 250 times"}},
		{"a nest of archives", nest, 3, []string{"is an archive within"}},
		{"a cut zip", zipped(t, "svc.yaml", service)[:90], 3, []string{"zip"}},
		{"names, links and devices", tarball(t, links, "svc.yaml", service), 0, []string{"shop/web", "has .. in its path", "absolute path", "symbolic link", "hard link", "is a device"}},
		{"7z", []byte("7z\xbc\xaf\x27\x1c" + strings.Repeat("\x00\x01", 99)), 3, []string{"7z"}},
		{"Latin-1", []byte("apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  annotations: {who: M\xfcller}\nspec:\n  type: LoadBalancer\n"), 0, []string{"shop/web"}},
		{"a cut UTF-16", []byte("\xff\xfea\x00b\x00c"), 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := put(t, t.TempDir(), "input", c.data)
			assay(nil, "analyze", file).hold(t, c.code, c.words...)
			assay(nil, "inspect", file).hold(t, 0)
			assay(bytes.NewReader(c.data), "analyze", "-o", "json", "-").hold(t, c.code)
			assay(bytes.NewReader(c.data), "analyze", "-o", "markdown", "-").hold(t, c.code)
		})
	}
}

// TestWhatCannotBeReadAtAll ends with 3 and a word on why.
func TestWhatCannotBeReadAtAll(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "deep")
	if err := os.MkdirAll(filepath.Join(deep, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range []string{"analyze", "inspect"} {
		assay(nil, cmd, filepath.Join(dir, "missing.tgz")).hold(t, program.ExitNothing, "missing.tgz: no such file or directory")
		assay(nil, cmd, deep).hold(t, program.ExitNothing, "the folder holds no file")
		socket := filepath.Join(dir, cmd+".sock")
		l, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		assay(nil, cmd, socket).hold(t, program.ExitNothing, "neither a file nor a folder")
		l.Close()
	}
	locked := put(t, dir, "locked.yaml", []byte(service))
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(locked); err == nil {
		f.Close()
		t.Skip("root reads every file: permissions cannot be tested")
	}
	assay(nil, "analyze", locked).hold(t, program.ExitNothing, "locked.yaml: permission denied")
}

// TestAFolderOfOddThings holds files of every kind that a folder can have besides files: each is told, the rest is read, nothing
// hangs.
func TestAFolderOfOddThings(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "svc.yaml", []byte(service))
	put(t, dir, "evil\x1b[2J\nname.yaml", []byte(strings.Replace(service, "web", "odd", 1)))
	put(t, dir, "latin-\xfc.yaml", []byte(strings.Replace(service, "web", "umlaut", 1)))
	if err := errors.Join(
		syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600),
		os.Symlink(dir, filepath.Join(dir, "loop")),
		os.Symlink("nowhere", filepath.Join(dir, "dangling")),
		os.Mkdir(filepath.Join(dir, "closed"), 0),
	); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	words := []string{"fifo", "loop", "symbolic link", "dangling", "socket"}
	got := assay(nil, "analyze", dir)
	got.hold(t, 0, append(words, "shop/web", "shop/odd", "shop/umlaut")...)
	assay(nil, "inspect", dir).hold(t, 0, words...)
	js := assay(nil, "analyze", "-o", "json", dir)
	js.hold(t, 0, words...)
	for _, out := range []string{got.out, js.out} {
		if strings.Contains(out, "\x1b") {
			t.Errorf("an escape of a file's name is passed on:\n%q", out)
		}
	}
}

// TestTextThatSteersTerminals shows what is attached without what a terminal would take for orders.
func TestTextThatSteersTerminals(t *testing.T) {
	evil := strings.Replace(service, "type: LoadBalancer", "type: LoadBalancer\n  loadBalancerIP: \"\\x1b]0;owned\\x07\\u009b31m\"", 1)
	dir := t.TempDir()
	put(t, dir, "svc.yaml", []byte(evil))
	put(t, dir, "speaker.log", []byte("{\"level\":\"error\",\"error\":\"\\u001b[2J\x1b[31mboom\",\"op\":\"x\",\"msg\":\"IP allocation failed\",\"service\":\"shop/web\",\"ts\":\"2025-03-11T08:41:09Z\"}\n"))
	put(t, dir, "events.txt", []byte("LAST SEEN   TYPE      REASON             OBJECT        MESSAGE\n2m          Warning   AllocationFailed   service/web   Failed to allocate IP for \"shop/web\": \x1b]52;c;x\x07\u009b no available IPs\n"))
	for _, args := range [][]string{{"analyze"}, {"analyze", "-o", "json"}, {"analyze", "-o", "markdown"}, {"inspect"}} {
		got := assay(nil, append(args, dir)...)
		got.hold(t, 0, "shop")
		for _, c := range got.out + got.err {
			if c < 0x20 && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 {
				t.Errorf("%v passes %U on:\n%q", args, c, got.out)
				break
			}
		}
	}
}
