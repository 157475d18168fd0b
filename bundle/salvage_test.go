package bundle

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/gzip"
)

// blockStarts lists where the blocks of a bundle begin, and its length.
func blockStarts(t testing.TB, data []byte) []int {
	t.Helper()
	var starts []int
	at := 0
	for at < len(data) {
		starts = append(starts, at)
		size, _, ok := blockSize(data[at:])
		if !ok {
			t.Fatalf("no block at %d", at)
		}
		at += size
	}
	return append(starts, at)
}

// threeBlocks is a bundle of three full blocks and a rest: a and c lie in the first and the last, b crosses all borders.
func threeBlocks(t testing.TB) (data []byte, body string) {
	body = noise(13 << 20)
	return pack(t, file{"attached/a.txt", "a"}, file{"attached/b.txt", body}, file{"attached/c.txt", "c"}), body
}

func TestACutBundleIsReadAsFarAsItGoes(t *testing.T) {
	data, body := threeBlocks(t)
	starts := blockStarts(t, data)
	for i, start := range starts[:len(starts)-1] {
		for _, at := range []int{start, start + 1, start + blockHeader + 1, (start + starts[i+1]) / 2, starts[i+1] - 1} {
			t.Run(fmt.Sprint(at), func(t *testing.T) {
				s := open(t, data[:at], Options{})
				if at < 1000 { // not even a header
					if s.err == nil && !s.cut {
						t.Fatal("as if nothing were missing")
					}
					return
				}
				last := s.losses[len(s.losses)-1]
				missing := s.body("trailer.json") == "" // the tar's padding is all that a later cut takes
				if !s.cut || last.Path != "trailer.json" || strings.Contains(last.Why, "missing") != missing {
					t.Errorf("losses:\n%s", s.why())
				}
				if s.body("attached/a.txt") != "a" {
					t.Errorf("members %v\n%s", s.paths(), s.why())
				}
				got := s.body("attached/b.txt")
				if !strings.HasPrefix(body, got) {
					t.Errorf("the member that was cut holds something else")
				}
				if whole := i*blockMax - 4096; len(got) < whole && i < 3 {
					t.Errorf("%d bytes of the cut member, %d were there", len(got), whole)
				}
			})
		}
	}
}

func TestACutPlainStreamIsReadAsFarAsItGoes(t *testing.T) {
	data, body := threeBlocks(t)
	z, _ := gzip.NewReader(bytes.NewReader(data))
	plain, _ := io.ReadAll(z)
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(plain)
	w.Close()
	for name, data := range map[string][]byte{"gzip": out.Bytes()[:out.Len()/2], "tar": plain[:len(plain)/2]} {
		s := open(t, data, Options{})
		got := s.body("attached/b.txt")
		if !s.cut || !strings.HasPrefix(body, got) || len(got) < 4<<20 || !strings.Contains(s.why(), "attached/b.txt: ends after") {
			t.Errorf("%s: %d bytes, losses:\n%s", name, len(got), s.why())
		}
	}
}

// TestAFlippedBitLosesItsBlockAlone flips bits all over the second block; what comes after it must be there.
func TestAFlippedBitLosesItsBlockAlone(t *testing.T) {
	data, body := threeBlocks(t)
	starts := blockStarts(t, data)
	from, to := starts[1], starts[2]
	// Not there: a flip in AY itself, which loses nothing, and one in its upper bytes, which can lose the next blocks too.
	places := []int{from, from + 3, from + 16, from + 21, from + 24, from + 25, from + 100, (from + to) / 2, to - 9, to - 7, to - 3, to - 1}
	for _, at := range places {
		t.Run(fmt.Sprint(at-from), func(t *testing.T) {
			bad := slices.Clone(data)
			bad[at] ^= 0x10
			s := open(t, bad, Options{})
			if len(s.losses) == 0 {
				t.Fatal("nothing is told")
			}
			if s.body("attached/a.txt") != "a" || s.body("attached/c.txt") != "c" {
				t.Errorf("members %v", s.paths())
			}
			if !strings.Contains(s.why(), "attached/b.txt") && !strings.Contains(s.why(), "no block begins") || !strings.Contains(s.why(), "byte ") {
				t.Errorf("does not say where:\n%s", s.why())
			}
			if s.cut {
				t.Errorf("counts as cut:\n%s", s.why())
			}
			if got := s.body("attached/b.txt"); len(got) < blockMax-4096 || got[:blockMax-4096] != body[:blockMax-4096] {
				t.Errorf("the first block's part is gone: %d bytes", len(got))
			}
		})
	}
}

func TestAFlippedBitOfAPlainStreamIsTold(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	z, _ := gzip.NewReader(bytes.NewReader(pack(t, file{"attached/a.txt", noise(1 << 20)})))
	io.Copy(w, z)
	w.Close()
	for _, at := range []int{out.Len() / 2, out.Len() - 6} {
		bad := slices.Clone(out.Bytes())
		bad[at] ^= 1
		s := open(t, bad, Options{})
		if len(s.losses) == 0 || len(s.files) < 2 || !strings.Contains(s.why(), "byte ") {
			t.Errorf("at %d: %v\n%s", at, s.paths(), s.why())
		}
	}
}

// entries writes a tar of any entries, and packs it as blocks: what a Writer refuses to write.
func entries(t testing.TB, hdrs ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	b := newBlockWriter(&out)
	w := tar.NewWriter(b)
	for _, h := range hdrs {
		body := ""
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
			body = h.Uname
			h.Uname, h.Size = "", int64(len(body))
		}
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, body)
	}
	w.Close()
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// entry is a regular file; the body travels in a field of the header that entries empties.
func entry(name, body string) tar.Header { return tar.Header{Name: name, Uname: body} }

const (
	headerJSON  = `{"format": "assay-bundle", "version": 1, "tool": {"name": "t", "version": "v0"}, "created": "2026-03-04T05:06:07Z"}`
	headerNewer = `{"format": "assay-bundle", "version": 7, "tool": {"name": "kubectl-assay", "version": "v8.1.0"}}`
	noMembers   = `{"format": "assay-bundle", "version": 1, "steps": [], "members": [], "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`
)

func TestEntriesThatAreNoMembers(t *testing.T) {
	data := entries(t, entry("header.json", headerJSON),
		tar.Header{Name: "objects/", Typeflag: tar.TypeDir},
		entry("../../etc/passwd", "root"), entry("/etc/shadow", "root"), entry("a//b", ""),
		tar.Header{Name: "attached/link", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink},
		tar.Header{Name: "attached/hard", Linkname: "header.json", Typeflag: tar.TypeLink},
		tar.Header{Name: "attached/tty", Devmajor: 5, Typeflag: tar.TypeChar},
		tar.Header{Name: "attached/disk", Devmajor: 8, Typeflag: tar.TypeBlock},
		tar.Header{Name: "attached/pipe", Typeflag: tar.TypeFifo},
		entry("./attached/good.txt", "good"), entry("attached/good.txt", "evil"),
		entry("header.json", headerNewer),
		entry("trailer.json", noMembers))
	s := open(t, data, Options{})
	if got := s.paths(); !slices.Equal(got, []string{"header.json", "attached/good.txt", "trailer.json"}) {
		t.Errorf("members %v", got)
	}
	if s.body("attached/good.txt") != "good" {
		t.Error("the second of a name wins")
	}
	for _, want := range []string{"../../etc/passwd: has a path with", "/etc/shadow: has an absolute path", "a//b: has a path",
		"attached/link: is a symbolic link to /etc/passwd", "attached/hard: is a link", "attached/tty: is a device", "attached/disk: is a device",
		"attached/pipe: is a pipe", "attached/good.txt: is there twice", "header.json: is there twice"} {
		if !strings.Contains(s.why(), want) {
			t.Errorf("no loss says %q:\n%s", want, s.why())
		}
	}
}

func TestNewerVersionIsRefusedUnlessAskedFor(t *testing.T) {
	data := entries(t, entry("header.json", headerNewer), entry("attached/a", "a"))
	_, err := Open("x.tgz", bytes.NewReader(data), Options{})
	var version *VersionError
	if !errors.As(err, &version) || version.Found != 7 {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"x.tgz", "version 7", "version 1", "v8.1.0", "--read-anyway"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %q", err, want)
		}
	}
	if s := open(t, data, Options{ReadAnyway: true}); s.body("attached/a") != "a" {
		t.Errorf("asked for: %v %v", s.paths(), s.err)
	}
}

func TestWhatIsNoBundle(t *testing.T) {
	for name, data := range map[string][]byte{
		"empty": nil, "text": []byte("hello\n"), "gzip of text": gzipped("hello\n"), "junk": {0x1f, 0x8b, 8, 4, 0, 1, 2},
		"other tar":    entries(t, entry("a.txt", "a")),
		"other format": entries(t, entry("header.json", `{"format": "assay-report", "version": 1}`)),
		"no version":   entries(t, entry("header.json", `{"format": "assay-bundle"}`)),
		"no json":      entries(t, entry("header.json", `hello`)),
	} {
		if _, err := Open("x", bytes.NewReader(data), Options{}); !errors.Is(err, ErrNotBundle) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func gzipped(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	io.WriteString(w, text)
	w.Close()
	return out.Bytes()
}

// zeros is a reader of n zero bytes.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	clear(p[:n])
	z.n -= n
	return int(n), nil
}

func TestAGzipBombMeetsTheLimits(t *testing.T) {
	var bomb bytes.Buffer
	b := newBlockWriter(&bomb)
	w := tar.NewWriter(b)
	w.WriteHeader(&tar.Header{Name: "header.json", Typeflag: tar.TypeReg, Size: int64(len(headerJSON)), Mode: 0o644})
	io.WriteString(w, headerJSON)
	const size = 256 << 20
	w.WriteHeader(&tar.Header{Name: "attached/bomb", Typeflag: tar.TypeReg, Size: size, Mode: 0o644})
	io.Copy(w, &zeros{size})
	w.Close()
	b.close()
	count := func(o Options) (int64, string) {
		r, err := Open("x", bytes.NewReader(bomb.Bytes()), o)
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		var why []string
		for m, err := range r.Members() {
			if err == nil {
				var k int64
				k, err = io.Copy(io.Discard, m.Body)
				n += k
			}
			if err != nil {
				why = append(why, err.Error())
			}
		}
		return n, strings.Join(why, "\n")
	}
	if n, why := count(Options{}); n > 100<<20 || !strings.Contains(why, "more than the limit of 250 times") {
		t.Errorf("ratio: %d bytes, %s", n, why)
	}
	if n, why := count(Options{MaxTotal: 32 << 20}); n > 37<<20 || !strings.Contains(why, "the limit") {
		t.Errorf("total: %d bytes, %s", n, why)
	}
	if n, why := count(Options{MaxMember: 1 << 20, MaxRatio: 5000}); n > 1<<20 || !strings.Contains(why, "attached/bomb: has 268435456 bytes") {
		t.Errorf("member: %d bytes, %s", n, why)
	}
}

func TestMoreMembersThanTheLimit(t *testing.T) {
	s := open(t, pack(t, file{"attached/a", "a"}, file{"attached/b", "b"}, file{"attached/c", "c"}), Options{MaxMembers: 2})
	if len(s.files) != 3 || !s.cut || !strings.Contains(s.why(), "more than 2 members") {
		t.Errorf("%v\n%s", s.paths(), s.why())
	}
}

func TestTrailerOfAnotherBundleIsNotBelieved(t *testing.T) {
	mine := pack(t, file{"attached/a", "mine"})
	for name, other := range map[string][]byte{
		"size": pack(t, file{"attached/a", "another"}), "content": pack(t, file{"attached/a", "mein"}), "members": pack(t, file{"attached/z", "mine"}),
	} {
		theirs := open(t, other, Options{}).body("trailer.json")
		ours := open(t, mine, Options{})
		b, err := Open("x", bytes.NewReader(entries(t, entry("header.json", headerJSON), entry("attached/a", ours.body("attached/a")), entry("trailer.json", theirs))), Options{Verify: true})
		if err != nil {
			t.Fatal(err)
		}
		if s := read(t, b); b.Trailer() != nil || !strings.Contains(s.why(), "not believed") {
			t.Errorf("%s: trailer %v, losses %s", name, b.Trailer(), s.why())
		}
	}
}

func TestMembersThatTheTrailerMisses(t *testing.T) {
	trailer := open(t, pack(t, file{"attached/a", "a"}, file{"attached/b", "b"}), Options{}).body("trailer.json")
	s := open(t, entries(t, entry("header.json", headerJSON), entry("attached/a", "a"), entry("trailer.json", trailer)), Options{})
	if s.cut || !strings.Contains(s.why(), "attached/b: is in trailer.json's list, but not in the bundle") {
		t.Errorf("losses %s", s.why())
	}
}

func TestFolder(t *testing.T) {
	files := open(t, pack(t, file{"logs/n/p/speaker.log", "x\n"}, file{"attached/a", "a"}), Options{}).files
	fsys := fstest.MapFS{}
	for _, f := range files {
		fsys[f.path] = &fstest.MapFile{Data: []byte(f.body)}
	}
	if !IsFolder(fsys) {
		t.Error("not recognised")
	}
	f, err := OpenFolder("x", fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := read(t, f)
	if got := s.paths(); !slices.Equal(got, []string{"header.json", "attached/a", "logs/n/p/speaker.log", "trailer.json"}) || len(s.losses) > 0 || f.Trailer() == nil {
		t.Errorf("%v %s", got, s.why())
	}

	delete(fsys, "trailer.json")
	fsys["attached/link"] = &fstest.MapFile{Mode: 0o777 | 1<<27, Data: []byte("/etc/passwd")} // fs.ModeSymlink
	f, err = OpenFolder("x", fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s = read(t, f)
	if !s.cut || len(s.files) != 3 || !strings.Contains(s.why(), "attached/link: is a symbolic link") || f.Trailer() != nil {
		t.Errorf("partial: %v %s", s.paths(), s.why())
	}
	if _, err := OpenFolder("x", fstest.MapFS{}, Options{}); !errors.Is(err, ErrNotBundle) || IsFolder(fstest.MapFS{}) {
		t.Errorf("empty folder: %v", err)
	}
}

func TestText(t *testing.T) {
	src := FromText("t", []byte("a comment\n-- logs/n/p/speaker.log --\r\none\n\ntwo\n-- attached/empty --\n-- not a heading\n-- ../x --\nx"))
	s := read(t, src)
	if s.body("logs/n/p/speaker.log") != "one\n\ntwo\n" || s.body("attached/empty") != "-- not a heading\n" || len(s.files) != 2 {
		t.Errorf("%q", s.files)
	}
	if !strings.Contains(s.why(), "../x: has a path") || s.cut || src.Header() != nil {
		t.Errorf("losses %s", s.why())
	}
	newer := FromText("t", []byte("-- header.json --\n"+headerNewer+"\n"))
	var version *VersionError
	if s := read(t, newer); !errors.As(s.err, &version) {
		t.Errorf("newer version: %v", s.err)
	}
}

// TestBlockHeader keeps the bytes that schema/bundle.md promises.
func TestBlockHeader(t *testing.T) {
	data := pack(t)
	want := []byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 12, 0, 'A', 'Y', 8, 0}
	if !bytes.HasPrefix(data, want) || binary.LittleEndian.Uint64(data[16:]) != uint64(len(data)) {
		t.Errorf("% x", data[:24])
	}
	other := append([]byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 17, 0, 'X', 'X', 1, 0, 7, 'A', 'Y', 8, 0}, binary.LittleEndian.AppendUint64(nil, 99)...)
	if size, at, ok := blockSize(other); size != 99 || at != 29 || !ok {
		t.Errorf("behind another subfield: %d %d %v", size, at, ok)
	}
}
