package bundle

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// A block is a piece of the tar stream, compressed as a gzip member of its own:
//
//	0  1f 8b 08 04          gzip, deflate, an extra field and nothing else that is optional
//	4  00 00 00 00 00 ff    no time, no level, no system
//	10 0c 00                12 bytes of extra field follow
//	12 41 59 08 00          subfield AY of 8 bytes
//	16 uint64, little-endian: the size of this gzip member, from 1f to the end of its trailer
//	24 deflate data, CRC-32 and size of the content
const (
	blockMax     = 4 << 20 // bytes of the tar stream in a block
	blockHeader  = 24
	blockTrailer = 8
	// compressedMax is the largest size that a reader believes: deflate stores what it can't shrink at 5 bytes a 32 KiB.
	compressedMax = blockMax + blockMax/256 + 1024
)

var blockMagic = []byte{0x1f, 0x8b, 0x08, 0x04}

// appendBlockHeader appends the 24 bytes in front of the deflate data; size may be filled in later by setBlockSize.
func appendBlockHeader(b []byte, size int) []byte {
	b = append(b, blockMagic...)
	b = append(b, 0, 0, 0, 0, 0, 0xff, 12, 0, 'A', 'Y', 8, 0)
	return binary.LittleEndian.AppendUint64(b, uint64(size))
}

func setBlockSize(b []byte) { binary.LittleEndian.PutUint64(b[16:], uint64(len(b))) }

// blockSize reads the header of a gzip member. It returns the member's whole size as its subfield AY says, and where the
// deflate data begins; ok is false for a gzip member without AY, or with one that can't be true.
func blockSize(head []byte) (size, data int, ok bool) {
	if len(head) < 12 || !bytes.Equal(head[:4], blockMagic) {
		return 0, 0, false
	}
	extra := int(binary.LittleEndian.Uint16(head[10:]))
	data = 12 + extra
	if len(head) < data {
		return 0, 0, false
	}
	for rest := head[12:data]; len(rest) >= 4; {
		length := int(binary.LittleEndian.Uint16(rest[2:]))
		if len(rest) < 4+length {
			break
		}
		if rest[0] == 'A' && rest[1] == 'Y' && length == 8 {
			n := binary.LittleEndian.Uint64(rest[4:])
			ok = n <= compressedMax && n >= uint64(data+blockTrailer+1)
			return int(n), data, ok
		}
		rest = rest[4+length:]
	}
	return 0, 0, false
}

// peekBlock is blockSize of what r will give next.
func peekBlock(r *bufio.Reader) (size, data int, ok bool) {
	head, _ := r.Peek(blockHeader)
	if len(head) >= 12 {
		if extra := int(binary.LittleEndian.Uint16(head[10:])); extra > blockHeader-12 && extra <= 1<<10 {
			head, _ = r.Peek(12 + extra) // other subfields beside AY
		}
	}
	return blockSize(head)
}

// job is one block on its way through the decompressor. Its buffers are used again for later blocks.
type job struct {
	at    int64  // where the block begins in the file
	comp  []byte // the gzip member, or what is there of it
	data  int    // where in comp the deflate data begins
	out   []byte // the content
	cut   bool   // the file ends within comp
	gap   *Gap   // what is wrong with out
	first bool   // gap comes before out, not after it
	done  chan struct{}

	in bytes.Reader
}

// inflate fills j.out and j.gap from j.comp. z is a flate reader that the caller keeps.
func (j *job) inflate(z io.Reader) {
	body := j.comp[j.data:]
	size := 0 // of the content, as the block's end says; 0 when it does not
	if !j.cut {
		size = int(min(binary.LittleEndian.Uint32(j.comp[len(j.comp)-4:]), blockMax+1))
	}
	room := size
	if size == 0 || size > blockMax {
		room = blockMax
	}
	if cap(j.out) < room {
		j.out = make([]byte, room)
	}
	j.in.Reset(body)
	z.(flate.Resetter).Reset(&j.in, nil)
	n, err := readFull(z, j.out[:room])
	if err == nil { // full: nothing may follow
		var more [1]byte
		if extra, end := readFull(z, more[:]); extra == 0 {
			err = end
		} else if n, err = j.overflow(z, n, more[0]); err == nil {
			err = errTooMuch
		}
	}
	j.out = j.out[:n]
	switch {
	case j.cut:
		j.gap = &Gap{At: j.at, Lost: -1, Why: "the file ends within a block", Cut: true}
	case err != io.EOF:
		j.gap = &Gap{At: j.at, Lost: -1, Why: "a block's compressed data is damaged"}
		if n <= size && size <= blockMax {
			j.gap.Lost = int64(size - n)
		}
		if j.gap.Lost == 0 {
			j.first = true
		}
	case j.in.Len() != blockTrailer || n != size || crc32.ChecksumIEEE(j.out) != binary.LittleEndian.Uint32(j.comp[len(j.comp)-8:]):
		j.gap = &Gap{At: j.at, Why: "gzip checksum of a block is wrong"}
		j.first = true
	}
}

// overflow goes on where the block's end named a size that is too small: it was changed, and the content may be right.
func (j *job) overflow(z io.Reader, n int, next byte) (int, error) {
	if n >= blockMax {
		return n, nil
	}
	out := make([]byte, blockMax)
	copy(out, j.out[:n])
	out[n] = next
	j.out = out
	k, err := readFull(z, out[n+1:])
	return n + 1 + k, err
}

// readFull is io.ReadFull that tells io.EOF from other errors however much was read: nil means that p is full.
func readFull(r io.Reader, p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k, err := r.Read(p[n:])
		n += k
		if err != nil {
			if n == len(p) && err != io.EOF {
				return n, nil // the error comes again
			}
			return n, err
		}
	}
	return n, nil
}
