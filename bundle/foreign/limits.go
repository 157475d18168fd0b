package foreign

import (
	"errors"
	"fmt"
	"io"
)

// Options are the limits within which inputs are opened; the zero value takes the defaults.
type Options struct {
	ReadAnyway bool // read a bundle of a newer format version as far as it is understood

	MaxDepth   int   // archives inside archives; the outermost counts
	MaxMembers int   // files and blocks of one call
	MaxMember  int64 // bytes of one file, unpacked
	MaxTotal   int64 // bytes of all files of one call, unpacked
	MaxRatio   int64 // unpacked bytes for each packed byte, once ratioFrom bytes are out
	MaxHeld    int64 // bytes of a zip that is not a file of its own (inside an archive, on standard input), held in memory
	MaxSplit   int64 // bytes of a text that is held to be taken apart; a larger one is one member
}

// The defaults. A collection of a day's debug logs of a large cluster is some GiB and compresses 20 times; the ratio lets the most
// monotonous logs pass and stops a bomb, which gains 1000.
const (
	defaultDepth   = 4
	defaultMembers = 200_000
	defaultMember  = 8 << 30
	defaultTotal   = 64 << 30
	defaultRatio   = 250
	defaultHeld    = 64 << 20
	defaultSplit   = 8 << 20

	// ratioFrom is how much may come out before the ratio counts.
	ratioFrom = 32 << 20
	// peekSize is how much of a file is looked at to recognise it.
	peekSize = 64 << 10
)

func (o Options) withDefaults() Options {
	set := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultDepth
	}
	if o.MaxMembers == 0 {
		o.MaxMembers = defaultMembers
	}
	set(&o.MaxMember, defaultMember)
	set(&o.MaxTotal, defaultTotal)
	set(&o.MaxRatio, defaultRatio)
	set(&o.MaxHeld, defaultHeld)
	set(&o.MaxSplit, defaultSplit)
	return o
}

// errBomb says that something unpacks to more than its limits allow.
var errBomb = errors.New("unpacks to far more than it should")

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacked is what comes out of a decompressor; it ends with errBomb where that is too much for what went in.
type unpacked struct {
	r     io.Reader
	in    *counter
	n     int64
	ratio int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	if u.n > ratioFrom && u.n > u.ratio*max(u.in.n, 1) {
		return n, fmt.Errorf("%w: %d bytes came out of %d", errBomb, u.n, u.in.n)
	}
	return n, err
}

// body is a member's text or bytes. What ends it early becomes a plain end, and is kept for a Loss behind the member.
type body struct {
	r     io.Reader
	left  int64  // bytes that this member may still have
	total *int64 // bytes that all members may still have
	err   error
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, io.EOF
	}
	if b.left <= 0 || *b.total <= 0 {
		var one [1]byte // is there more?
		if n, _ := io.ReadFull(b.r, one[:]); n == 0 {
			return 0, io.EOF
		}
		b.err = errTooLarge
		return 0, io.EOF
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left, *b.total)])
	b.left -= int64(n)
	*b.total -= int64(n)
	if err != nil && err != io.EOF {
		b.err, err = err, io.EOF
		if n > 0 {
			err = nil
		}
	}
	return n, err
}

var errTooLarge = errors.New("is larger than the limit: the rest is left out")
