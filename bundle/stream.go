package bundle

import (
	"bufio"
	"fmt"
	"io"
	"sync/atomic"
)

// Gap is something that the compressed stream has lost, or that it can't vouch for.
type Gap struct {
	At   int64  // byte of the compressed file, from 0, at which the trouble begins (or where reading stood)
	Lost int64  // bytes missing from the stream at this place: 0 none, but up to 4 MiB around it may be wrong; -1 nobody knows
	Why  string // "gzip checksum of a block is wrong", ...
	Cut  bool   // nothing comes after it
}

func (g *Gap) Error() string { return fmt.Sprintf("%s, at byte %d", g.Why, g.At) }

// Stream decompresses a file in goroutines of its own, ahead of whoever reads it: block by block and several at once where
// the file has the blocks of a bundle, else as one gzip stream; what is no gzip goes through as it is. Memory is bounded:
// at most five blocks of 4 MiB, or 1 MiB where there are no blocks.
//
// An error is a *Gap or io.EOF. After a Gap that is not Cut reading goes on behind what was lost.
type Stream struct {
	from    producer
	in      *atomic.Int64 // compressed bytes read
	opt     Options
	cur     []byte
	pos     int64 // of the next byte, lost ones counted
	out     int64 // bytes that came out
	end     error
	blocked bool
}

// producer yields pieces of the decompressed stream. A piece is valid until the next call.
type producer interface {
	next() ([]byte, error)
	close()
}

// NewStream starts decompressing r. Who does not read to io.EOF must call Close.
func NewStream(r io.Reader, o Options) *Stream {
	counted := &counter{r: r}
	s := &Stream{in: &counted.n, opt: o.withDefaults()}
	br := bufio.NewReaderSize(counted, 64<<10)
	if _, _, ok := peekBlock(br); ok {
		s.blocked = true
		s.from = newBlocks(br, counted)
	} else {
		s.from = newAhead(br, counted)
	}
	return s
}

// Blocked says that the file begins with a block of a bundle.
func (s *Stream) Blocked() bool { return s.blocked }

// Close ends the goroutines. Reading after it gives io.EOF.
func (s *Stream) Close() {
	if s.end == nil {
		s.end = io.EOF
	}
	s.cur = nil
	s.from.close()
}

// fill makes s.cur hold at least a byte.
func (s *Stream) fill() error {
	for len(s.cur) == 0 {
		if s.end != nil {
			return s.end
		}
		data, err := s.from.next()
		s.cur = data
		s.out += int64(len(data))
		if err == nil {
			err = s.limit()
		}
		if err == nil {
			continue
		}
		gap, ok := err.(*Gap)
		if !ok || gap.Cut {
			s.end = io.EOF
			s.from.close()
		}
		if ok && gap.Lost > 0 {
			s.pos += gap.Lost
		}
		return err
	}
	return nil
}

// limit holds what came out against the limits of the options.
func (s *Stream) limit() error {
	in := s.in.Load()
	switch {
	case s.out > s.opt.MaxTotal:
		s.cur = nil
		return &Gap{At: in, Lost: -1, Cut: true, Why: fmt.Sprintf("more than %d bytes come out of the file, the limit", s.opt.MaxTotal)}
	case s.out > ratioFrom && s.out/max(in, 1) > s.opt.MaxRatio:
		s.cur = nil
		return &Gap{At: in, Lost: -1, Cut: true, Why: fmt.Sprintf("%d compressed bytes became %d, more than the limit of %d times", in, s.out, s.opt.MaxRatio)}
	}
	return nil
}

// take hands out up to n bytes without copying them; they are valid until the next call of any method.
func (s *Stream) take(n int64) ([]byte, error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	data := s.cur[:min(int64(len(s.cur)), n)]
	s.cur = s.cur[len(data):]
	s.pos += int64(len(data))
	return data, nil
}

// Chunk hands out what is decompressed next, at least a byte, without copying it; it is valid until the next call of any
// method.
func (s *Stream) Chunk() ([]byte, error) { return s.take(1 << 62) }

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	data, err := s.take(int64(len(p)))
	return copy(p, data), err
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
