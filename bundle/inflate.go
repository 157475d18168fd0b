package bundle

import (
	"encoding/binary"
	"errors"
)

// The blocks of a bundle are inflated here and not by the library that reads all other streams: with a whole block and the room for
// its content in memory, nothing goes through a window, and it takes half of the library's time, which is what a large bundle
// costs most.

var (
	errDeflate = errors.New("the deflate data is damaged")
	errEnds    = errors.New("the deflate data ends early")
	errRoom    = errors.New("the content has no room")
)

// inflater decompresses deflate data (RFC 1951) from memory to memory. It can be used again; its zero value is ready.
type inflater struct {
	src, dst  []byte
	pos, n    int    // of the next byte in src and dst
	buf       uint64 // bits read from src, the next one lowest
	have      uint   // how many bits of buf count
	lengths   [288 + 32]uint8
	order     [1 << orderBits]uint32
	literals  [lengthSize]uint32
	distances [distSize]uint32
}

// inflate fills dst with what src holds. It returns how many bytes of dst are filled, how many of src were used, and errDeflate,
// errEnds or errRoom where that is not all.
func (z *inflater) inflate(dst, src []byte) (n, used int, err error) {
	z.src, z.dst, z.pos, z.n, z.buf, z.have = src, dst, 0, 0, 0, 0
	for last := false; !last && err == nil; {
		last, err = z.block()
	}
	n, used = z.n, z.pos-int(z.have/8)
	z.src, z.dst = nil, nil
	return n, used, err
}

// need makes at least k of at most 48 bits ready; false when src has no more.
func (z *inflater) need(k uint) bool {
	for z.have < k {
		if z.pos >= len(z.src) {
			return false
		}
		z.buf |= uint64(z.src[z.pos]) << z.have
		z.pos++
		z.have += 8
	}
	return true
}

// drop takes k bits, which are ready.
func (z *inflater) drop(k uint) (bits int) {
	bits = int(z.buf & (1<<k - 1))
	z.buf >>= k
	z.have -= k
	return bits
}

// block reads one deflate block.
func (z *inflater) block() (last bool, err error) {
	if !z.need(3) {
		return false, errEnds
	}
	last = z.drop(1) == 1
	switch z.drop(2) {
	case 0:
		return last, z.stored()
	case 1:
		z.fixedCodes()
	case 2:
		if err := z.codes(); err != nil {
			return last, err
		}
	default:
		return last, errDeflate
	}
	if err := z.quick(); err != errSlow {
		return last, err
	}
	return last, z.slow()
}

// stored copies a block that is not compressed.
func (z *inflater) stored() error {
	z.pos -= int(z.have / 8)
	z.buf, z.have = 0, 0
	if z.pos+4 > len(z.src) {
		z.pos = len(z.src)
		return errEnds
	}
	size := binary.LittleEndian.Uint16(z.src[z.pos:])
	if size != ^binary.LittleEndian.Uint16(z.src[z.pos+2:]) {
		return errDeflate
	}
	z.pos += 4
	k := copy(z.dst[z.n:], z.src[z.pos:min(z.pos+int(size), len(z.src))])
	z.n += k
	z.pos += k
	switch {
	case k == int(size):
		return nil
	case z.pos == len(z.src):
		return errEnds
	}
	return errRoom
}

// fixedCodes makes the tables that RFC 1951 fixes (section 3.2.6).
func (z *inflater) fixedCodes() {
	for i := range 288 {
		switch {
		case i < 144, i >= 280:
			z.lengths[i] = 8
		case i < 256:
			z.lengths[i] = 9
		default:
			z.lengths[i] = 7
		}
	}
	makeTable(z.literals[:], lengthBits, z.lengths[:288], literalEntry)
	for i := range 32 {
		z.lengths[i] = 5
	}
	makeTable(z.distances[:], distBits, z.lengths[:32], distEntry)
}

// symbolOrder is the order in which the lengths of the code for code lengths come.
var symbolOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// codes reads the tables of a block (section 3.2.7).
func (z *inflater) codes() error {
	if !z.need(14) {
		return errEnds
	}
	literals, distances, orders := z.drop(5)+257, z.drop(5)+1, z.drop(4)+4
	if literals > 286 {
		return errDeflate
	}
	var lengths [19]uint8
	for _, symbol := range symbolOrder[:orders] {
		if !z.need(3) {
			return errEnds
		}
		lengths[symbol] = uint8(z.drop(3))
	}
	if !makeTable(z.order[:], orderBits, lengths[:], orderEntry) {
		return errDeflate
	}
	if err := z.codeLengths(z.lengths[:literals+distances]); err != nil {
		return err
	}
	if !makeTable(z.literals[:], lengthBits, z.lengths[:literals], literalEntry) ||
		!makeTable(z.distances[:], distBits, z.lengths[literals:literals+distances], distEntry) {
		return errDeflate
	}
	return nil
}

// codeLengths reads the lengths of all codes.
func (z *inflater) codeLengths(lengths []uint8) error {
	for i := 0; i < len(lengths); {
		z.need(orderBits + 7) // fewer may do at the end
		e := z.order[z.buf&(1<<orderBits-1)]
		k := uint(e & 0xff)
		if e&flagEnd != 0 {
			return errDeflate
		}
		symbol := e >> 16
		extra := [...]uint{2, 3, 7}[max(symbol, 16)-16]
		if symbol < 16 {
			extra = 0
		}
		if k+extra > z.have {
			return errEnds
		}
		z.drop(k)
		repeat, value := 1, uint8(symbol)
		switch {
		case symbol == 16 && i == 0:
			return errDeflate
		case symbol == 16:
			repeat, value = 3+z.drop(extra), lengths[i-1]
		case symbol == 17:
			repeat, value = 3+z.drop(extra), 0
		case symbol == 18:
			repeat, value = 11+z.drop(extra), 0
		}
		if i+repeat > len(lengths) {
			return errDeflate
		}
		for range repeat {
			lengths[i] = value
			i++
		}
	}
	return nil
}

// slow decodes a symbol at a time and looks at every end.
func (z *inflater) slow() error {
	for {
		z.need(48) // more than a length and a distance have with all their bits; at the end fewer may do
		e, k := lookup(z.literals[:], lengthBits, z.buf)
		switch {
		case k > z.have:
			return errEnds
		case e&flagLiteral != 0:
			if z.n == len(z.dst) {
				return errRoom
			}
			z.drop(k)
			z.dst[z.n] = byte(e >> 16)
			z.n++
			continue
		case e&flagEnd != 0 && e>>16 != 0:
			return errDeflate
		case e&flagEnd != 0:
			z.drop(k)
			return nil
		}
		extra := uint(e >> 8 & 31)
		if k+extra > z.have {
			return errEnds
		}
		z.drop(k)
		length := int(e>>16) + z.drop(extra)
		e, k = lookup(z.distances[:], distBits, z.buf)
		extra = uint(e >> 8 & 31)
		if k+extra > z.have {
			return errEnds
		}
		if e&flagEnd != 0 {
			return errDeflate
		}
		z.drop(k)
		distance := int(e>>16) + z.drop(extra)
		if distance > z.n {
			return errDeflate
		}
		for range length {
			if z.n == len(z.dst) {
				return errRoom
			}
			z.dst[z.n] = z.dst[z.n-distance]
			z.n++
		}
	}
}

// lookup finds the entry for the next bits, and how many of them are its code.
func lookup(table []uint32, width int, bits uint64) (entry uint32, length uint) {
	e := table[bits&(1<<width-1)]
	if e&flagSecond == 0 {
		return e, uint(e & 0xff)
	}
	e = table[int(e>>16)+int(bits>>width)&(1<<(codeBits-width)-1)]
	return e, uint(e&0xff) + uint(width)
}

// errSlow says that quick has come so near to an end of src or dst that slow must go on.
var errSlow = errors.New("near an end")

const (
	longest = 258 // of a match
	stride  = 16  // bytes that are copied at once
)

// quick decodes as slow does, as long as no symbol can reach an end: what it reads and writes is not held against ends, and a match
// may be copied with some bytes more, which later symbols overwrite. Its variables live in registers.
func (z *inflater) quick() error {
	src, dst, pos, n, buf, have := z.src, z.dst, z.pos, z.n, z.buf, z.have
	literals, distances := &z.literals, &z.distances
	lastPos, lastN := len(src)-16, len(dst)-longest-stride-3
	err := errSlow
	for pos < lastPos && n < lastN {
		// all whole bytes that have room: at least 56 bits
		buf |= binary.LittleEndian.Uint64(src[pos:]) << (have & 63)
		pos += int(63-have) >> 3
		have |= 56
		e := literals[buf&(1<<lengthBits-1)]
		if e&flagLiteral != 0 {
			// up to three literals and a length with its extra bits, 11 + 11 + 11 + 15 + 5 bits
			buf, have, dst[n], n = buf>>(e&63), have-uint(e&63), byte(e>>16), n+1
			if e = literals[buf&(1<<lengthBits-1)]; e&flagLiteral != 0 {
				buf, have, dst[n], n = buf>>(e&63), have-uint(e&63), byte(e>>16), n+1
				if e = literals[buf&(1<<lengthBits-1)]; e&flagLiteral != 0 {
					buf, have, dst[n], n = buf>>(e&63), have-uint(e&63), byte(e>>16), n+1
					continue
				}
			}
		}
		if e&flagSecond != 0 {
			buf, have = buf>>lengthBits, have-lengthBits
			e = literals[(e>>16)+uint32(buf)&(1<<(codeBits-lengthBits)-1)]
			if e&flagLiteral != 0 {
				buf, have, dst[n], n = buf>>(e&63), have-uint(e&63), byte(e>>16), n+1
				continue
			}
		}
		buf, have = buf>>(e&63), have-uint(e&63)
		if e&flagEnd != 0 {
			err = nil
			if e>>16 != 0 {
				err = errDeflate
			}
			break
		}
		extra := e >> 8 & 31
		length := int(e>>16) + int(buf&(1<<extra-1))
		buf, have = buf>>extra, have-uint(extra)

		buf |= binary.LittleEndian.Uint64(src[pos:]) << (have & 63)
		pos += int(63-have) >> 3
		have |= 56
		e = distances[buf&(1<<distBits-1)]
		if e&flagSecond != 0 {
			buf, have = buf>>distBits, have-distBits
			e = distances[(e>>16)+uint32(buf)&(1<<(codeBits-distBits)-1)]
		}
		buf, have = buf>>(e&63), have-uint(e&63)
		extra = e >> 8 & 31
		distance := int(e>>16) + int(buf&(1<<extra-1))
		buf, have = buf>>extra, have-uint(extra)
		if e&flagEnd != 0 || distance > n {
			err = errDeflate
			break
		}
		copyMatch(dst[n-distance:n+longest+stride], distance, length)
		n += length
	}
	z.pos, z.n, z.buf, z.have = pos, n, buf, have
	return err
}

// copyMatch repeats what b begins with, distance bytes, behind it until length more are there. Up to stride bytes beyond may be
// written; longest + stride bytes of b behind the first distance are there.
func copyMatch(b []byte, distance, length int) {
	if distance < stride {
		for i := range length {
			b[distance+i] = b[i]
		}
		return
	}
	for i := 0; i < length; i += stride {
		from, to := b[i:i+stride], b[distance+i:distance+i+stride]
		x, y := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[8:])
		binary.LittleEndian.PutUint64(to, x)
		binary.LittleEndian.PutUint64(to[8:], y)
	}
}
