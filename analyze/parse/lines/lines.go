// Package lines reads a member line by line, takes off what container runtimes and log tools put in front, and keeps the number
// and the raw text of each line for evidence.
package lines

import (
	"bytes"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/metallb-assay/assay/schema"
)

// MaxLine is how many bytes of one line are kept; the rest of a longer line is skipped and counted in Scanner.Cut.
const MaxLine = 1 << 20

// QuoteMax is how many bytes of a line a quote holds.
const QuoteMax = 400

// bufferSize holds most lines of a debug log whole, so that they need not be copied.
const bufferSize = 128 << 10

// Chunker hands out the bytes of a member piece by piece without copying them: at least a byte, valid until the next call.
type Chunker interface {
	Chunk() ([]byte, error)
}

// buffered makes a Chunker of any reader.
type buffered struct {
	r   io.Reader
	buf []byte
}

func (b *buffered) Chunk() ([]byte, error) {
	if b.buf == nil {
		b.buf = make([]byte, bufferSize)
	}
	for range 100 {
		if n, err := b.r.Read(b.buf); n > 0 || err != nil {
			return b.buf[:n], err
		}
	}
	return nil, io.ErrNoProgress
}

// Scanner yields the lines of a member.
type Scanner struct {
	Cut int // lines longer than MaxLine

	origin schema.Origin
	r      Chunker
	rest   []byte // of the chunk
	buf    []byte // a line that goes on in the next chunk
	ended  error  // comes behind rest
	raw    []byte
	text   []byte
	n      int // lines read
	number int // number of the line that Text is; with wrappers' partial lines, of their first
	err    error

	stamp              []byte // the time in the wrapper, as written; parsed when it is asked for
	ns, pod, container string
	names              map[string]string // interned names of pods and containers
	plain              []byte            // scratch: the line without colour codes
	unescaped          []byte            // scratch: the text of a docker-json line
	open               [2]partial        // unfinished lines of stdout and stderr
}

// New returns a Scanner of r, whose lines are wrapped as o.Wrap says. A reader that is a Chunker is not copied.
func New(o schema.Origin, r io.Reader) *Scanner {
	c, ok := r.(Chunker)
	if !ok {
		c = &buffered{r: r}
	}
	return &Scanner{origin: o, r: c}
}

// Scan moves to the next line; it returns false at the end, or when reading fails (Err).
func (s *Scanner) Scan() bool {
	if s.origin.Wrap == schema.WrapNone {
		if !s.read() {
			return false
		}
		s.number, s.text = s.n, s.raw
		return true
	}
	for s.read() {
		if s.unwrap() {
			return true
		}
	}
	return s.flush()
}

// read reads one physical line into raw.
func (s *Scanner) read() bool {
	var line, rest []byte
	if end := bytes.IndexByte(s.rest, '\n'); end >= 0 {
		line, rest = s.rest[:end], s.rest[end+1:]
	} else if line, rest = s.readOn(); line == nil {
		return false
	}
	s.rest = rest
	if len(line) > MaxLine {
		line = line[:MaxLine]
		s.Cut++
	}
	s.n++
	end := len(line)
	for end > 0 && line[end-1] == '\r' {
		end--
	}
	s.raw = line[:end]
	return true
}

// readOn reads chunks until a line ends, where the present one holds no end. The line is nil behind the last one.
func (s *Scanner) readOn() (line, rest []byte) {
	rest, s.buf = s.rest, s.buf[:0]
	for {
		end := bytes.IndexByte(rest, '\n')
		if end >= 0 && len(s.buf) == 0 {
			return rest[:end], rest[end+1:]
		}
		piece := rest
		if end >= 0 {
			piece = rest[:end]
		}
		// a byte more than a line may have says that it was cut
		s.buf = append(s.buf, piece[:min(len(piece), max(MaxLine+1-len(s.buf), 0))]...)
		switch {
		case end >= 0:
			return s.buf, rest[end+1:]
		case s.ended == nil:
			rest, s.ended = s.r.Chunk()
			continue
		case !errors.Is(s.ended, io.EOF):
			s.err = s.ended
		}
		if len(s.buf) == 0 {
			return nil, nil
		}
		return s.buf, nil
	}
}

// Text is the line without wrapper and line end; valid until the next Scan.
func (s *Scanner) Text() []byte { return s.text }

// Raw is the line as it stands in the file, without its end; valid until the next Scan. Where a wrapper cut one line into
// several, it is the first of them.
func (s *Scanner) Raw() []byte { return s.raw }

// Number is the line's number in the member, from 1; where a wrapper cut one line into several, that of the first.
func (s *Scanner) Number() int { return s.number }

// Lines is how many lines of the file were read so far.
func (s *Scanner) Lines() int { return s.n }

// Time is the time in the wrapper; zero when there is none.
func (s *Scanner) Time() time.Time {
	if len(s.stamp) == 0 {
		return time.Time{}
	}
	t, _ := ParseStamp(s.stamp)
	return t
}

// Stamp is the time in the wrapper as written, empty when there is none; valid until the next Scan.
func (s *Scanner) Stamp() []byte { return s.stamp }

// Pod is the pod that the wrapper names; "" what it does not name.
func (s *Scanner) Pod() (namespace, pod, container string) { return s.ns, s.pod, s.container }

// Err is what ended the reading early; nil at a normal end.
func (s *Scanner) Err() error { return s.err }

// Evidence points at the line, with its raw text as the quote.
func (s *Scanner) Evidence() schema.Evidence {
	return s.origin.Evidence(s.number, Quote(s.raw))
}

// Quote cuts a raw line to QuoteMax bytes, at a rune's border, and trims blanks.
func Quote(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) <= QuoteMax {
		return valid(raw)
	}
	cut := QuoteMax
	for cut > 0 && raw[cut]&0xC0 == 0x80 {
		cut--
	}
	return valid(raw[:cut]) + "…"
}

// valid is b as a string, with what is no UTF-8 replaced.
func valid(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}
