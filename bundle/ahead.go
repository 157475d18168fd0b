package bundle

import (
	"bufio"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Pieces that a plain stream is read ahead in: as large as a core's cache likes them.
const (
	pieceSize   = 256 << 10
	piecesAhead = 4
)

// ahead reads a gzip stream without blocks, or what is not compressed at all, in a goroutine of its own.
type ahead struct {
	free, full chan piece
	stop       chan struct{}
	once       sync.Once
	cur        piece
	after      error
}

type piece struct {
	buf []byte // of pieceSize
	n   int
	err error // comes after buf[:n]
}

// newAhead reads br; c counts what br has read, for the places of gaps.
func newAhead(br *bufio.Reader, c *counter) *ahead {
	a := &ahead{free: make(chan piece, piecesAhead), full: make(chan piece, piecesAhead), stop: make(chan struct{})}
	for range piecesAhead {
		a.free <- piece{}
	}
	go a.run(&gunzip{br: br, c: c})
	return a
}

func (a *ahead) run(src *gunzip) {
	defer close(a.full)
	for {
		var p piece
		select {
		case p = <-a.free:
		case <-a.stop:
			return
		}
		if p.buf == nil {
			p.buf = make([]byte, pieceSize)
		}
		p.n, p.err = 0, nil
		for p.n < len(p.buf) && p.err == nil {
			var n int
			n, p.err = src.Read(p.buf[p.n:])
			p.n += n
		}
		a.full <- p
		if gap, ok := p.err.(*Gap); p.err != nil && (!ok || gap.Cut) {
			return
		}
	}
}

func (a *ahead) next() ([]byte, error) {
	if err := a.after; err != nil {
		a.after = nil
		return nil, err
	}
	if a.cur.buf != nil {
		a.free <- a.cur
		a.cur.buf = nil
	}
	p, ok := <-a.full
	if !ok {
		return nil, io.EOF
	}
	a.cur = p
	if p.n == 0 {
		return nil, p.err
	}
	a.after = p.err
	return p.buf[:p.n], nil
}

func (a *ahead) close() { a.once.Do(func() { close(a.stop) }) }

// gunzip is a gzip reader whose errors are Gaps; a stream that does not begin as gzip goes through as it is.
type gunzip struct {
	br  *bufio.Reader
	c   *counter
	z   *gzip.Reader
	raw bool
	end bool
}

func (g *gunzip) Read(p []byte) (int, error) {
	switch {
	case g.end:
		return 0, io.EOF
	case g.raw:
		n, err := g.br.Read(p)
		return n, g.gap(err)
	case g.z == nil:
		if head, _ := g.br.Peek(2); len(head) < 2 || head[0] != 0x1f || head[1] != 0x8b {
			g.raw = true
			return 0, nil
		}
		z, err := gzip.NewReader(g.br)
		if err != nil {
			return 0, g.gap(err)
		}
		g.z = z
	}
	n, err := g.z.Read(p)
	return n, g.gap(err)
}

// gap turns an error of gzip or of the file into what it means for the stream.
func (g *gunzip) gap(err error) error {
	at := g.c.n.Load() - int64(g.br.Buffered())
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Gap{At: at, Lost: -1, Why: "the file ends within its gzip stream", Cut: true}
	case errors.Is(err, gzip.ErrChecksum):
		if g.z.Reset(g.br) != nil { // mostly the end of the file
			g.end = true
		}
		return &Gap{At: at, Why: "gzip checksum of what came before is wrong"}
	case errors.Is(err, gzip.ErrHeader):
		g.end = true
		if g.z == nil {
			return &Gap{At: at, Lost: -1, Why: "the gzip header is damaged", Cut: true}
		}
		return &Gap{At: at, Why: "what follows the gzip stream is passed over"}
	}
	return &Gap{At: at, Lost: -1, Why: err.Error(), Cut: true}
}
