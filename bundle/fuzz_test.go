package bundle

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// FuzzReader reads anything as a bundle. Whatever comes: it ends, names are good and come once, no body is longer than it was
// announced, nothing follows a cut, and every error is a *Loss.
func FuzzReader(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("testdata", "vectors", "*.tgz"))
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 4<<10 { // the others take too long for each try
			f.Add(data)
		}
	}
	f.Add(smallBlocks(f, pack(f, file{"attached/a", noise(3000)}, file{"attached/b", "b"}), 700))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Open("x", bytes.NewReader(data), Options{MaxTotal: 8 << 20, MaxMembers: 100, ReadAnyway: true})
		if err != nil {
			if !errors.Is(err, ErrNotBundle) {
				t.Fatalf("error %v", err)
			}
			return
		}
		names := map[string]bool{}
		cut := false
		for m, err := range b.Members() {
			if cut {
				t.Fatal("something follows a cut")
			}
			var loss *Loss
			if err != nil {
				if !errors.As(err, &loss) {
					t.Fatalf("error %v", err)
				}
				cut = loss.Cut
				continue
			}
			if why := badName(m.Path); why != "" || names[m.Path] {
				t.Fatalf("member %q %s, or is there twice", m.Path, why)
			}
			names[m.Path] = true
			n, err := io.Copy(io.Discard, m.Body)
			if n > m.Size || err == nil && n != m.Size || err != nil && !errors.As(err, &loss) {
				t.Fatalf("member %s: %d bytes of %d, %v", m.Path, n, m.Size, err)
			}
		}
	})
}

// smallBlocks packs a bundle again in blocks of size bytes, fewer than a Writer would put into one.
func smallBlocks(f *testing.F, data []byte, size int) []byte {
	plain, err := io.ReadAll(NewStream(bytes.NewReader(data), Options{}))
	if err != nil {
		f.Fatal(err)
	}
	var out bytes.Buffer
	for len(plain) > 0 {
		b := newBlockWriter(&out)
		n := min(size, len(plain))
		b.Write(plain[:n])
		b.close()
		plain = plain[n:]
	}
	return out.Bytes()
}

// FuzzText splits anything.
func FuzzText(f *testing.F) {
	f.Add([]byte("c\n-- a/b --\nx\n-- header.json --\n" + headerJSON + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for m, err := range FromText("x", data).Members() {
			if err == nil && badName(m.Path) != "" {
				t.Fatalf("member %q", m.Path)
			}
		}
	})
}
