package bundle

import (
	"bytes"
	standard "compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
)

// deflated are contents with the deflate data that the library makes of them at a level.
func deflated(tb testing.TB) map[string][2][]byte {
	tb.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 200_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, `{"caller":"main.go:%d","event":"serviceAnnounced","ips":["192.0.2.%d"],"node":"worker-%d"}`+"\n", rng.IntN(500), rng.IntN(250), i)
	}
	skewed := make([]byte, 100_000) // codes of up to 15 bits, in second tables
	for i := range skewed {
		skewed[i] = byte(min(rng.ExpFloat64()*9, 255))
	}
	contents := map[string]string{
		"nothing": "", "a byte": "x", "a run": strings.Repeat("a", 70_000), "pairs": strings.Repeat("ab", 9_000), "period 15": strings.Repeat("abcdefghijklmno", 3_000),
		"text": text.String(), "noise": string(noise), "skewed": string(skewed), "both": text.String() + string(noise) + text.String(),
	}
	out := map[string][2][]byte{}
	for name, content := range contents {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9} {
			var b bytes.Buffer
			w, err := flate.NewWriter(&b, level)
			if err != nil {
				tb.Fatal(err)
			}
			_, _ = w.Write([]byte(content))
			_ = w.Close()
			out[fmt.Sprintf("%s at level %d", name, level)] = [2][]byte{[]byte(content), b.Bytes()}
		}
	}
	return out
}

func TestInflate(t *testing.T) {
	z := new(inflater)
	for name, c := range deflated(t) {
		content, data := c[0], append(bytes.Clone(c[1]), "trailer!"...)
		for _, room := range []int{len(content), len(content) + 1, len(content) + 1000} {
			dst := make([]byte, room)
			n, used, err := z.inflate(dst, data)
			if err != nil || !bytes.Equal(dst[:n], content) || used != len(c[1]) {
				t.Errorf("%s, room for %d of %d: %d bytes of %d bytes of data, %v", name, room, len(content), n, used, err)
			}
		}
		if len(content) > 0 {
			dst := make([]byte, len(content)-1)
			if n, _, err := z.inflate(dst, data); err != errRoom || !bytes.Equal(dst[:n], content[:len(content)-1]) {
				t.Errorf("%s, room for a byte less: %d bytes, %v", name, n, err)
			}
		}
	}
}

// What is cut gives what was there before the cut, and says that it ends.
func TestInflateCut(t *testing.T) {
	z := new(inflater)
	for name, c := range deflated(t) {
		dst := make([]byte, len(c[0]))
		for cut := 0; cut < len(c[1]); cut += 1 + len(c[1])/97 {
			if n, _, err := z.inflate(dst, c[1][:cut]); err != errEnds || !bytes.HasPrefix(c[0], dst[:n]) {
				t.Errorf("%s, cut at %d of %d: %d bytes, %v", name, cut, len(c[1]), n, err)
			}
		}
	}
}

func FuzzInflate(f *testing.F) {
	for _, c := range deflated(f) {
		if len(c[1]) < 10_000 {
			f.Add(c[1])
		}
	}
	f.Add([]byte("\x05\xc0\x81\x08\x00\x00\x00\x00\x20\x7f\xeb\x0b\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		const room = 1 << 20
		want, wantErr := io.ReadAll(io.LimitReader(standard.NewReader(bytes.NewReader(data)), room+1))
		dst := make([]byte, room)
		n, used, err := new(inflater).inflate(dst, data)
		if used > len(data) || used < 0 {
			t.Fatalf("%d of %d bytes used", used, len(data))
		}
		switch {
		case len(want) > room:
			if err != errRoom || !bytes.Equal(dst, want[:room]) {
				t.Fatalf("the library gives more than %d bytes, we %d and %v", room, n, err)
			}
		case wantErr == nil:
			if err != nil || !bytes.Equal(dst[:n], want) {
				t.Fatalf("the library gives %d bytes, we %d and %v", len(want), n, err)
			}
		case err == nil:
			t.Fatalf("the library says %v, we give %d bytes", wantErr, n)
		case n < len(want) || !bytes.Equal(dst[:len(want)], want):
			t.Fatalf("the library gives %d bytes before %v, we %d before %v", len(want), wantErr, n, err)
		}
	})
}
