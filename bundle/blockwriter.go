package bundle

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
)

// level is what compresses logs to a tenth at some 150 MB/s a core.
const level = 6

// blockWriter cuts a stream into blocks and compresses several at once.
type blockWriter struct {
	cur   *packed
	free  chan *packed
	work  chan *packed
	order chan *packed
	ended chan struct{} // all of order is written
	once  sync.Once
	err   atomic.Pointer[error] // the first error of the io.Writer
}

// packed is one block on its way through the compressor.
type packed struct {
	in   []byte
	out  appender
	done chan struct{}
}

type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func newBlockWriter(w io.Writer) *blockWriter {
	workers := min(runtime.GOMAXPROCS(0), 4)
	n := workers + 1
	b := &blockWriter{free: make(chan *packed, n), work: make(chan *packed, n), order: make(chan *packed, n), ended: make(chan struct{})}
	for range n {
		b.free <- &packed{done: make(chan struct{}, 1)}
	}
	for range workers {
		go b.deflate()
	}
	go b.store(w)
	return b
}

func (b *blockWriter) deflate() {
	z, err := flate.NewWriter(nil, level)
	if err != nil {
		panic(err) // the level is a constant
	}
	for p := range b.work {
		p.out = appendBlockHeader(p.out[:0], 0)
		z.Reset(&p.out)
		z.Write(p.in) // an appender has no errors
		z.Close()
		p.out = binary.LittleEndian.AppendUint32(p.out, crc32.ChecksumIEEE(p.in))
		p.out = binary.LittleEndian.AppendUint32(p.out, uint32(len(p.in)))
		setBlockSize(p.out)
		p.done <- struct{}{}
	}
}

func (b *blockWriter) store(w io.Writer) {
	defer close(b.ended)
	for p := range b.order {
		<-p.done
		if b.err.Load() == nil {
			if _, err := w.Write(p.out); err != nil {
				b.err.Store(&err)
			}
		}
		p.in = p.in[:0]
		b.free <- p
	}
}

func (b *blockWriter) Write(data []byte) (int, error) {
	n := 0
	for n < len(data) {
		if err := b.err.Load(); err != nil {
			return n, *err
		}
		if b.cur == nil {
			b.cur = <-b.free
			if b.cur.in == nil {
				b.cur.in = make([]byte, 0, blockMax)
			}
		}
		k := min(blockMax-len(b.cur.in), len(data)-n)
		b.cur.in = append(b.cur.in, data[n:n+k]...)
		n += k
		if len(b.cur.in) == blockMax {
			b.send()
		}
	}
	return n, nil
}

func (b *blockWriter) send() {
	b.order <- b.cur
	b.work <- b.cur
	b.cur = nil
}

// close writes what is left and returns the first error. It can be called again.
func (b *blockWriter) close() error {
	b.once.Do(func() {
		if b.cur != nil && len(b.cur.in) > 0 {
			b.send()
		}
		close(b.work)
		close(b.order)
	})
	<-b.ended
	if err := b.err.Load(); err != nil {
		return *err
	}
	return nil
}
