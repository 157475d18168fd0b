package bundle

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
)

// Body is the content of a member of a Reader. Where it ends early the error is the *Loss that says why, and the iteration
// over the members does not tell it again.
type Body struct {
	b     *Reader
	path  string
	size  int64
	left  int64
	end   int64 // offset in the tar stream behind the content and its padding
	loss  *Loss
	told  bool // loss was given to whoever reads
	quiet bool // nobody reads it
	sum   hash.Hash
}

// Chunk hands out what comes next, at least a byte, without copying it; it is valid until the next call of any method of the
// Body or of the iteration. Parsers that want bytes need not know this type: an interface with this method does.
func (b *Body) Chunk() ([]byte, error) { return b.take(b.left) }

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	data, err := b.take(min(b.left, int64(len(p))))
	return copy(p, data), err
}

// WriteTo implements io.WriterTo.
func (b *Body) WriteTo(w io.Writer) (int64, error) {
	var n int64
	for {
		data, err := b.Chunk()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		k, err := w.Write(data)
		n += int64(k)
		if err != nil {
			return n, err
		}
	}
}

func (b *Body) take(n int64) ([]byte, error) {
	for {
		switch {
		case b.loss != nil:
			b.told = b.b.body == b
			return nil, b.loss
		case b.left == 0, b.b.body != nil && b.b.body != b:
			return nil, io.EOF
		}
		data, err := b.b.s.take(n)
		if err == nil {
			b.left -= int64(len(data))
			if b.sum != nil {
				b.sum.Write(data)
			}
			return data, nil
		}
		if gap := b.b.heed(err, b.path); gap != nil {
			b.loss = &Loss{Path: b.path, Kind: OriginOf(b.path).Kind,
				Why: fmt.Sprintf("ends after %d of %d bytes: %s", b.size-b.left, b.size, gap.Error())}
		}
	}
}

func (b *Body) hash() { b.sum = sha256.New() }
