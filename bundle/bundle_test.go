package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/metallb-assay/assay/schema"
)

// file is a member of a bundle that a test makes.
type file struct{ path, body string }

var testHeader = schema.Header{
	Tool:    schema.Tool{Name: "kubectl-assay", Version: "v0.0.0"},
	Created: schema.Time{Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)},
	Cluster: schema.HeaderCluster{Context: "lab", Kubernetes: "v1.34.4", Namespace: "metallb-system"},
}

// pack writes a bundle.
func pack(t testing.TB, files ...file) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, testHeader)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := w.Add(schema.MemberEntry{Path: f.path, Step: f.path}, int64(len(f.body)), strings.NewReader(f.body)); err != nil {
			t.Fatal(err)
		}
	}
	ended := schema.Time{Time: testHeader.Created.Add(time.Minute)}
	if err := w.Close(ended, []schema.Step{{Name: "objects", Status: schema.StatusEmpty}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// seen is what came of iterating over a source.
type seen struct {
	files  []file // of the header, the path alone
	losses []*Loss
	cut    bool
	err    error
}

func (s seen) body(path string) string {
	for _, f := range s.files {
		if f.path == path {
			return f.body
		}
	}
	return ""
}

func (s seen) paths() []string {
	var out []string
	for _, f := range s.files {
		out = append(out, f.path)
	}
	return out
}

func (s seen) why() string {
	var out []string
	for _, l := range s.losses {
		out = append(out, l.Error())
	}
	return strings.Join(out, "\n")
}

// read iterates over a source and reads each member.
func read(t testing.TB, src Source) seen {
	t.Helper()
	var s seen
	for m, err := range src.Members() {
		var loss *Loss
		if errors.As(err, &loss) {
			if s.cut {
				t.Errorf("a loss after the cut: %v", loss)
			}
			s.losses = append(s.losses, loss)
			s.cut = loss.Cut
			continue
		}
		if err != nil {
			s.err = err
			continue
		}
		if s.cut || s.err != nil {
			t.Errorf("member %s after the end", m.Path)
		}
		body, err := io.ReadAll(m.Body)
		if errors.As(err, &loss) {
			s.losses = append(s.losses, loss)
		} else if err != nil {
			t.Errorf("member %s: an error that is no loss: %v", m.Path, err)
		}
		s.files = append(s.files, file{m.Path, string(body)})
	}
	return s
}

func open(t testing.TB, data []byte, o Options) seen {
	t.Helper()
	b, err := Open("x.tgz", bytes.NewReader(data), o)
	if err != nil {
		return seen{err: err}
	}
	s := read(t, b)
	return s
}

// noise is text that compresses to about a third.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "2026-03-04T05:06:07.%09dZ {\"level\":\"debug\",\"event\":\"line\",\"n\":%d}\n", r.IntN(1e9), r.Uint64())
	}
	return b.String()[:n]
}

func TestRoundTrip(t *testing.T) {
	files := []file{
		{"objects/core/services/default.yaml", "kind: Service\n"},
		{"logs/metallb-system/speaker-x/speaker.log", noise(9<<20 + 13)}, // crosses two borders of blocks
		{"nodes/w1/ip-addr.txt", ""},
		{"attached/" + strings.Repeat("long/", 40) + "ü.txt", "PAX\n"},
	}
	data := pack(t, files...)
	b, err := Open("x.tgz", bytes.NewReader(data), Options{Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	if b.Header() == nil || b.Header().Cluster != testHeader.Cluster || b.Trailer() != nil {
		t.Errorf("before the members: header %v, trailer %v", b.Header(), b.Trailer())
	}
	s := read(t, b)
	if len(s.losses) > 0 || s.err != nil {
		t.Fatalf("%v %v", s.why(), s.err)
	}
	if got, want := len(s.files), len(files)+2; got != want {
		t.Fatalf("%d members, want %d", got, want)
	}
	for i, f := range files {
		if s.files[i+1] != f {
			t.Errorf("member %d: %s of %d bytes, want %s of %d", i, s.files[i+1].path, len(s.files[i+1].body), f.path, len(f.body))
		}
	}
	if tr := b.Trailer(); tr == nil || len(tr.Members) != len(files) || tr.Steps[0].Status != schema.StatusEmpty || tr.Digest != tr.Sum() {
		t.Errorf("trailer %+v", tr)
	}
}

func TestTheSameCallsGiveTheSameBytes(t *testing.T) {
	body := noise(6 << 20)
	if !bytes.Equal(pack(t, file{"attached/a.txt", body}), pack(t, file{"attached/a.txt", body})) {
		t.Error("two writers, two bundles")
	}
}

// TestAnyGzipReaderReadsABundle also packs it again as one stream without blocks, which is read all the same.
func TestAnyGzipReaderReadsABundle(t *testing.T) {
	data := pack(t, file{"attached/a.txt", noise(5 << 20)}, file{"attached/b.txt", "b"})
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	w := gzip.NewWriter(&again)
	w.Write(plain)
	w.Close()
	for name, data := range map[string][]byte{"blocks": data, "one stream": again.Bytes(), "tar alone": plain} {
		if !Is(data[:min(len(data), PeekSize)]) {
			t.Errorf("%s: not recognised", name)
		}
		s := open(t, data, Options{Verify: true})
		if len(s.files) != 4 || len(s.losses) > 0 || s.body("attached/b.txt") != "b" {
			t.Errorf("%s: %v %v %v", name, s.paths(), s.why(), s.err)
		}
	}
}

func TestMembersThatNobodyReadsArePassedOver(t *testing.T) {
	data := pack(t, file{"attached/a.txt", noise(9 << 20)}, file{"attached/b.txt", "b"})
	b, err := Open("x.tgz", bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for m, err := range b.Members() {
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, m.Path)
	}
	if len(paths) != 4 || b.Trailer() == nil {
		t.Errorf("%v, trailer %v", paths, b.Trailer())
	}
}

func TestChunkHandsOutTheWholeMember(t *testing.T) {
	want := noise(5<<20 + 1)
	b, err := Open("x.tgz", bytes.NewReader(pack(t, file{"attached/a.txt", want})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for m, err := range b.Members() {
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := m.Body.(interface{ Chunk() ([]byte, error) }); ok {
			for {
				data, err := c.Chunk()
				if err != nil {
					break
				}
				got.Write(data)
			}
		}
	}
	if got.String() != want {
		t.Errorf("%d bytes, want %d", got.Len(), len(want))
	}
}

func TestWriterRefuses(t *testing.T) {
	w, err := NewWriter(io.Discard, testHeader)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, name := range []string{"", "/etc/passwd", "../a", "a/../b", "a//b", "a\\b", "a\nb", "header.json", "trailer.json", "C:/x", "a/", "\xff"} {
		if w.Add(schema.MemberEntry{Path: name}, 0, strings.NewReader("")) == nil {
			t.Errorf("%q is taken", name)
		}
	}
	if err := w.Add(schema.MemberEntry{Path: "attached/a"}, 1, strings.NewReader("a")); err != nil {
		t.Errorf("after refusals: %v", err)
	}
	if w.Add(schema.MemberEntry{Path: "attached/b"}, 5, strings.NewReader("a")) == nil {
		t.Error("a body that is too short is taken")
	}
	if w.Close(schema.Time{}, nil) == nil {
		t.Error("closes as if nothing had happened")
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestWriterTellsThatTheDiskIsFull(t *testing.T) {
	w, err := NewWriter(&failing{after: 1000}, testHeader)
	if err != nil {
		t.Fatal(err)
	}
	body := noise(30 << 20)
	err = w.Add(schema.MemberEntry{Path: "attached/a"}, int64(len(body)), strings.NewReader(body))
	if end := w.Close(schema.Time{}, nil); err == nil {
		err = end
	}
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error %v", err)
	}
}
