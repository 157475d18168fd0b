// Package lines reads a member line by line, takes off what container runtimes and log tools put in front, and keeps the number
// and the raw text of each line for evidence.
package lines

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// MaxLine is how many bytes of one line are kept; the rest of a longer line is skipped and counted in Scanner.Cut.
const MaxLine = 1 << 20

// QuoteMax is how many bytes of a line a quote holds.
const QuoteMax = 400

// Scanner yields the lines of a member.
type Scanner struct {
	Cut int // lines longer than MaxLine

	origin             schema.Origin
	r                  *bufio.Reader
	buf                []byte
	raw                []byte
	text               []byte
	n                  int
	time               time.Time
	ns, pod, container string
	err                error
}

// New returns a Scanner of r, whose lines are wrapped as o.Wrap says.
func New(o schema.Origin, r io.Reader) *Scanner {
	return &Scanner{origin: o, r: bufio.NewReaderSize(r, 64<<10)}
}

// Scan moves to the next line; it returns false at the end, or when reading fails (Err).
func (s *Scanner) Scan() bool {
	line, err := s.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		s.buf = append(s.buf[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = s.r.ReadSlice('\n')
			if room := MaxLine - len(s.buf); room > 0 {
				s.buf = append(s.buf, line[:min(room, len(line))]...)
			}
		}
		if len(s.buf) >= MaxLine {
			s.Cut++
		}
		line = s.buf
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
		if len(line) == 0 {
			return false
		}
	}
	if len(line) == 0 {
		return false
	}
	s.n++
	s.raw = bytes.TrimRight(line, "\r\n")
	s.text, s.time = s.raw, time.Time{}
	if s.origin.Wrap != schema.WrapNone {
		s.unwrap()
	}
	return true
}

// Text is the line without wrapper and line end; valid until the next Scan.
func (s *Scanner) Text() []byte { return s.text }

// Raw is the line as it stands in the file, without its end; valid until the next Scan.
func (s *Scanner) Raw() []byte { return s.raw }

// Number is the line's number in the member, from 1.
func (s *Scanner) Number() int { return s.n }

// Time is the time in the wrapper; zero when there is none.
func (s *Scanner) Time() time.Time { return s.time }

// Pod is the pod that the wrapper names; "" what it does not name.
func (s *Scanner) Pod() (namespace, pod, container string) { return s.ns, s.pod, s.container }

// Err is what ended the reading early; nil at a normal end.
func (s *Scanner) Err() error { return s.err }

// Evidence points at the line, with its raw text as the quote.
func (s *Scanner) Evidence() schema.Evidence {
	return s.origin.Evidence(s.n, Quote(s.raw))
}

// Quote cuts a raw line to QuoteMax bytes, at a rune's border, and trims blanks.
func Quote(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) <= QuoteMax {
		return string(bytes.ToValidUTF8(raw, []byte("\uFFFD")))
	}
	cut := QuoteMax
	for cut > 0 && raw[cut]&0xC0 == 0x80 {
		cut--
	}
	return string(bytes.ToValidUTF8(raw[:cut], []byte("\uFFFD"))) + "…"
}
