package clean

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Text says whether a text begins with the mark of UTF-16, and whether that is big-endian.
func utf16Text(head []byte) (big, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}) && !bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}):
		return false, true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return true, true
	}
	return false, false
}

// wide makes bytes of a text in UTF-16 that are cleaned as any other's, and UTF-16 of them again. Halves of pairs that stand alone
// keep to three bytes of their own, so that nothing is lost.
type wide struct {
	w    io.Writer
	big  bool
	in   []byte // bytes of a unit, or of a pair, that is not whole
	out  []byte // bytes of a character that is not whole
	last []byte // the odd byte at the end
}

func (d *wide) order() interface {
	binary.ByteOrder
	binary.AppendByteOrder
} {
	if d.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// decode hands on the units that are whole.
func (d *wide) decode(p []byte, to *stream) error {
	d.in = append(d.in, p...)
	return d.units(to, false)
}

func (d *wide) units(to *stream, final bool) error {
	var text []byte
	b := d.in
	for len(b) >= 2 {
		u := rune(d.order().Uint16(b))
		if u >= 0xd800 && u < 0xdc00 {
			if len(b) < 4 && !final {
				break
			}
			if len(b) >= 4 {
				if pair := utf16.DecodeRune(u, rune(d.order().Uint16(b[2:]))); pair != utf8.RuneError {
					text = utf8.AppendRune(text, pair)
					b = b[4:]
					continue
				}
			}
		}
		if u >= 0xd800 && u < 0xe000 {
			text = append(text, 0xe0|byte(u>>12), 0x80|byte(u>>6)&0x3f, 0x80|byte(u)&0x3f)
		} else {
			text = utf8.AppendRune(text, u)
		}
		b = b[2:]
	}
	d.in = append(d.in[:0], b...)
	return to.write(text)
}

// end hands on what is left; an odd byte stays for close.
func (d *wide) end(to *stream) error {
	err := d.units(to, true)
	d.last, d.in = d.in, nil
	return err
}

// Write encodes what the stream gives.
func (d *wide) Write(p []byte) (int, error) {
	d.out = append(d.out, p...)
	var units []byte
	b := d.out
	for len(b) > 0 {
		n := 1
		switch {
		case b[0] >= 0xf0:
			n = 4
		case b[0] >= 0xe0:
			n = 3
		case b[0] >= 0xc0:
			n = 2
		}
		if len(b) < n {
			break
		}
		r, _ := utf8.DecodeRune(b[:n])
		if n == 3 { // a half of a pair is none to utf8
			r = rune(b[0]&0x0f)<<12 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f)
		}
		if n == 4 {
			hi, lo := utf16.EncodeRune(r)
			units = d.order().AppendUint16(d.order().AppendUint16(units, uint16(hi)), uint16(lo))
		} else {
			units = d.order().AppendUint16(units, uint16(r))
		}
		b = b[n:]
	}
	d.out = append(d.out[:0], b...)
	if _, err := d.w.Write(units); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (d *wide) close() error {
	if len(d.last) == 0 {
		return nil
	}
	_, err := d.w.Write(d.last)
	return err
}
