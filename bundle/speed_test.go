package bundle

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/metallb-assay/assay/schema"
)

// logs is a reader of n bytes of a speaker's debug log with random values: gzip makes about a tenth of it.
type logs struct {
	n    int64
	rand *rand.Rand
	rest []byte
	at   int64
}

func newLogs(n int64) *logs { return &logs{n: n, rand: rand.New(rand.NewPCG(3, 4))} }

func (l *logs) Read(p []byte) (int, error) {
	if l.n == 0 {
		return 0, io.EOF
	}
	if len(l.rest) == 0 {
		l.rest = l.rest[:0:0]
		for range 200 {
			l.at += 1 + l.rand.Int64N(1e8)
			svc, node := l.rand.IntN(400), l.rand.IntN(500)
			l.rest = fmt.Appendf(l.rest, `2026-03-04T%02d:%02d:%02d.%09dZ {"caller":"main.go:420","event":"serviceAnnounced","ips":["192.0.2.%d"],"level":"info","msg":"service has IP, announcing","node":"worker-%03d","pool":"l2pool","protocol":"layer2","service":"default/web-%03d"}`+"\n",
				l.at/3600e9%24, l.at/60e9%60, l.at/1e9%60, l.at%1e9, svc%256, node, svc)
		}
	}
	n := copy(p[:min(int64(len(p)), l.n)], l.rest)
	l.rest = l.rest[n:]
	l.n -= int64(n)
	return n, nil
}

// writeLogs writes a bundle of logs of size bytes into a file, and the same tar as one gzip stream where plain is set.
func writeLogs(t testing.TB, size int64, plain bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "logs.tgz")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var w io.Writer = out
	if plain {
		z, _ := gzip.NewWriterLevel(out, 6)
		defer z.Close()
		read, write := io.Pipe()
		done := make(chan error)
		go func() {
			_, err := io.Copy(z, NewStream(read, Options{}))
			done <- err
		}()
		defer func() {
			write.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		w = write
	}
	b, err := NewWriter(w, testHeader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		entry := schema.MemberEntry{Path: fmt.Sprintf("logs/metallb-system/speaker-%d/speaker.log", i)}
		if err := b.Add(entry, size/2, newLogs(size/2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(schema.Time{}, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

func readAll(t testing.TB, path string, each func()) int64 {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	b, err := Open(path, in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	buf := make([]byte, 64<<10)
	for m, err := range b.Members() {
		if err != nil {
			t.Fatal(err)
		}
		for {
			n, err := m.Body.Read(buf)
			total += int64(n)
			if each != nil && total>>22 != (total-int64(n))>>22 {
				each()
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return total
}

// TestMemoryIsBounded reads 96 MiB of logs and looks at the heap every 4 MiB.
func TestMemoryIsBounded(t *testing.T) {
	for name, limit := range map[string]uint64{"blocks": 24 << 20, "one stream": 4 << 20} {
		path := writeLogs(t, 96<<20, name == "one stream")
		debug.FreeOSMemory()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := uint64(0)
		readAll(t, path, func() {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		})
		if peak > limit {
			t.Errorf("%s: %d bytes on the heap, at most %d are allowed", name, peak, limit)
		}
		if allocated := now.TotalAlloc - before.TotalAlloc; allocated > limit {
			t.Errorf("%s: %d bytes allocated in all: buffers are not used again", name, allocated)
		}
	}
}

// TestReadingDoesNotLeaveGoroutines stops in the middle.
func TestReadingDoesNotLeaveGoroutines(t *testing.T) {
	data := pack(t, file{"attached/a", strings.Repeat(noise(1<<20), 30)})
	before := runtime.NumGoroutine()
	for range 20 {
		b, err := Open("x", bytes.NewReader(data), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range b.Members() {
			break
		}
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
		debug.FreeOSMemory()
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func benchmarkRead(b *testing.B, plain bool) {
	const size = 256 << 20
	path := writeLogs(b, size, plain)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		readAll(b, path, nil)
	}
	b.ReportMetric(float64(size)/float64(info.Size()), "x-compressed")
}

func BenchmarkReadBlocks(b *testing.B) { benchmarkRead(b, false) }

func BenchmarkReadOneStream(b *testing.B) { benchmarkRead(b, true) }

func BenchmarkWrite(b *testing.B) {
	var text bytes.Buffer
	io.Copy(&text, newLogs(64<<20))
	b.SetBytes(int64(text.Len()))
	for range b.N {
		w, err := NewWriter(io.Discard, testHeader)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Add(schema.MemberEntry{Path: "attached/a"}, int64(text.Len()), bytes.NewReader(text.Bytes())); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(schema.Time{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
