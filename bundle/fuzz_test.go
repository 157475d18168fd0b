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
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Open("x", bytes.NewReader(data), Options{MaxTotal: 64 << 20, MaxMembers: 100, ReadAnyway: true})
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
