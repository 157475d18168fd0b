package foreign

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how the bytes of a text are to be read.
type encoding int

const (
	utf8Text encoding = iota
	utf16LE
	utf16BE
	binaryData
)

// encodingOf tells by the first bytes of a file.
func encodingOf(head []byte) encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return utf16LE
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return utf16BE
	}
	var zeros, odd, control, invalid int
	for i, c := range head {
		switch {
		case c == 0:
			zeros++
			odd += i & 1
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != 0x1b && c != '\f' && c != '\b' && c != 0x07:
			control++
		}
	}
	n := len(head)
	if zeros > n/4 && n > 8 { // UTF-16 without its mark: every other byte of plain text is zero
		if odd > zeros*9/10 {
			return utf16LE
		}
		if odd < zeros/10 {
			return utf16BE
		}
	}
	for rest := head; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 && len(rest) >= utf8.UTFMax {
			invalid++
		}
		rest = rest[size:]
	}
	if zeros*200 > n || control*20 > n || invalid*8 > n {
		return binaryData
	}
	return utf8Text
}

// newText makes UTF-8 without a byte order mark and without colours of r; lines stay as they are.
func newText(enc encoding, r io.Reader) io.Reader {
	if enc == utf16LE || enc == utf16BE {
		r = &wide{r: r, big: enc == utf16BE}
	}
	return &plain{r: r, start: true}
}

// wide reads UTF-16 as UTF-8.
type wide struct {
	r    io.Reader
	big  bool
	out  []byte
	odd  []byte
	high uint16
	err  error
}

func (w *wide) Read(p []byte) (int, error) {
	for len(w.out) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		var buf [8 << 10]byte
		k := copy(buf[:], w.odd)
		n, err := w.r.Read(buf[k:])
		w.err = err
		n += k
		w.odd = append(w.odd[:0], buf[n&^1:n]...)
		for i := 0; i+1 < n; i += 2 {
			u := uint16(buf[i]) | uint16(buf[i+1])<<8
			if w.big {
				u = uint16(buf[i])<<8 | uint16(buf[i+1])
			}
			w.unit(u)
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	return n, nil
}

func (w *wide) unit(u uint16) {
	r := rune(u)
	switch {
	case w.high != 0:
		r = utf16.DecodeRune(rune(w.high), rune(u))
		w.high = 0
	case u >= 0xd800 && u < 0xdc00:
		w.high = u
		return
	}
	w.out = utf8.AppendRune(w.out, r)
}

// plain takes the byte order mark and the sequences of terminals off.
type plain struct {
	r     io.Reader
	start bool
	state int // inside of a sequence that the last read cut
}

// The states of plain.
const (
	outside = iota
	escape  // behind ESC
	csi     // ESC [ ... letter
	osc     // ESC ] ... BEL
	charset // ESC ( X
)

func (t *plain) Read(p []byte) (int, error) {
	for {
		n, err := t.r.Read(p)
		if n > 0 && t.start {
			t.start = false
			if n >= 3 && bytes.HasPrefix(p[:n], []byte{0xef, 0xbb, 0xbf}) {
				n = copy(p, p[3:n])
			}
		}
		if n > 0 && (t.state != outside || bytes.IndexByte(p[:n], 0x1b) >= 0) {
			n = t.strip(p[:n])
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// strip takes sequences out of b in place; a line end ends every sequence, so that lines stay what they are.
func (t *plain) strip(b []byte) int {
	out := 0
	for _, c := range b {
		switch {
		case t.state == outside:
			if c == 0x1b {
				t.state = escape
				continue
			}
			b[out] = c
			out++
		case c == '\n':
			t.state = outside
			b[out] = c
			out++
		case t.state == escape:
			switch c {
			case '[':
				t.state = csi
			case ']':
				t.state = osc
			case '(', ')':
				t.state = charset
			default:
				t.state = outside
			}
		case t.state == csi:
			if c >= 0x40 && c <= 0x7e {
				t.state = outside
			}
		case t.state == osc:
			if c == 0x07 || c == 0x1b {
				t.state = outside
				if c == 0x1b {
					t.state = escape
				}
			}
		default:
			t.state = outside
		}
	}
	return out
}
