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

// bufferSize holds most lines of a debug log whole, so that they need not be copied.
const bufferSize = 128 << 10

// Scanner yields the lines of a member.
type Scanner struct {
	Cut int // lines longer than MaxLine

	origin schema.Origin
	r      *bufio.Reader
	buf    []byte // a line longer than the reader's buffer
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

// New returns a Scanner of r, whose lines are wrapped as o.Wrap says.
func New(o schema.Origin, r io.Reader) *Scanner {
	return &Scanner{origin: o, r: bufio.NewReaderSize(r, bufferSize)}
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
	line, err := s.r.ReadSlice('\n')
	if err != nil {
		line, err = s.readRest(line, err)
		if err != nil {
			s.err = err
		}
	}
	if len(line) == 0 {
		return false
	}
	s.n++
	end := len(line)
	for end > 0 && (line[end-1] == '\n' || line[end-1] == '\r') {
		end--
	}
	s.raw = line[:end]
	return true
}

// readRest goes on with a line that did not fit into the reader's buffer, or that an error ended.
func (s *Scanner) readRest(line []byte, err error) ([]byte, error) {
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
	if err == nil || errors.Is(err, io.EOF) {
		return line, nil
	}
	return line, err
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
		return string(bytes.ToValidUTF8(raw, []byte("\uFFFD")))
	}
	cut := QuoteMax
	for cut > 0 && raw[cut]&0xC0 == 0x80 {
		cut--
	}
	return string(bytes.ToValidUTF8(raw[:cut], []byte("\uFFFD"))) + "…"
}
