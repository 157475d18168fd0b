package bundle

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"
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
}

// inflate fills j.out and j.gap from j.comp.
func (j *job) inflate(z *inflater) {
	body := j.comp[j.data:]
	size := 0 // of the content, as the block's end says; 0 when it does not
	if !j.cut {
		size = int(min(binary.LittleEndian.Uint32(j.comp[len(j.comp)-4:]), blockMax+1))
	}
	room := size
	if size == 0 || size > blockMax {
		room = blockMax
	}
	n, used, err := z.inflate(j.room(room), body)
	if err == errRoom && room < blockMax {
		// the block's end names a size that is too small: it was changed, and the content may be right
		n, used, err = z.inflate(j.room(blockMax), body)
	}
	j.out = j.out[:n]
	switch {
	case j.cut:
		j.gap = &Gap{At: j.at, Lost: -1, Why: "the file ends within a block", Cut: true}
	case err != nil:
		j.gap = &Gap{At: j.at, Lost: -1, Why: "a block's compressed data is damaged"}
		if n <= size && size <= blockMax {
			j.gap.Lost = int64(size - n)
		}
		if j.gap.Lost == 0 {
			j.first = true
		}
	case used != len(body)-blockTrailer || n != size || crc32.ChecksumIEEE(j.out) != binary.LittleEndian.Uint32(j.comp[len(j.comp)-8:]):
		j.gap = &Gap{At: j.at, Why: "gzip checksum of a block is wrong"}
		j.first = true
	}
}

// room makes j.out n bytes long; what is in it is not kept.
func (j *job) room(n int) []byte {
	if cap(j.out) < n {
		j.out = make([]byte, n)
	}
	j.out = j.out[:n]
	return j.out
}
