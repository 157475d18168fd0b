package bundle

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/metallb-assay/assay/schema"
)

// Reader reads a bundle from a stream. It implements Source; Members can be called once.
type Reader struct {
	frame
	s    *Stream
	tar  *tar.Reader // holds what it skips itself; nil when the next header is to be read afresh
	body *Body
	head []byte // header.json, not yet handed out
	cut  string // why the stream ended early
	over bool   // no member follows
	lost bool   // the next header has to be looked for
	seen int    // members, those passed over included
}

// Open reads the beginning of a bundle. It returns an error that wraps ErrNotBundle where the input is something else, and a
// *VersionError where it is of a newer version. The name is what messages call it. A bundle that is damaged or cut is no
// error: its Members tell. Who does not iterate over the Members must call Close.
func Open(name string, r io.Reader, o Options) (*Reader, error) {
	b := &Reader{frame: newFrame(name, o), s: NewStream(r, o)}
	if err := b.open(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close ends the goroutines of the reader. Iterating over all Members does so too.
func (b *Reader) Close() { b.s.Close() }

func (b *Reader) open() error {
	hdr, err := b.nextHeader()
	damaged := b.lost || b.cut != "" || len(b.losses) > 0
	switch {
	case err != nil && b.s.Blocked() && damaged:
		b.over = true
		return nil
	case err != nil:
		return fmt.Errorf("%s %w", b.name, ErrNotBundle)
	case hdr.Name != schema.HeaderName && b.s.Blocked() && damaged:
		b.lose(schema.HeaderName, "is missing or damaged")
		if b.wanted(hdr) {
			b.begin(hdr)
		} else {
			b.skip(hdr)
		}
		return nil
	case hdr.Name != schema.HeaderName:
		return fmt.Errorf("%s %w: it begins with %s, not with header.json", b.name, ErrNotBundle, shown(hdr.Name))
	}
	b.begin(hdr)
	body := b.body
	data, err := b.readMeta(hdr.Name, body)
	if err != nil && body.loss != nil && b.s.Blocked() {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s %w: header.json: %v", b.name, ErrNotBundle, err)
	}
	if err := b.takeHeader(data); err != nil {
		if len(b.losses) > 0 && b.s.Blocked() && errors.Is(err, ErrNotBundle) {
			b.lose(schema.HeaderName, "is damaged: "+err.Error())
			return nil
		}
		return err
	}
	b.head = data
	return nil
}

// Members implements Source.
func (b *Reader) Members() iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		defer b.Close()
		if b.head != nil {
			if !yield(metaMember(schema.HeaderName, b.head), nil) {
				return
			}
			b.head = nil
		} else if b.body != nil && b.body.left == b.body.size && b.body.loss == nil { // found in place of the header
			if !b.hand(yield) {
				return
			}
		}
		for b.advance() {
			if !b.tell(yield) || !b.hand(yield) {
				return
			}
		}
		b.settle(false)
		if !b.tell(yield) {
			return
		}
		if why := b.unfinished(); why != "" {
			yield(Member{}, &Loss{Path: schema.TrailerName, Kind: schema.KindTrailer, Why: why, Cut: true})
		}
	}
}

// unfinished says why the bundle counts as cut; "" when it does not.
func (b *Reader) unfinished() string {
	switch {
	case b.cut != "" && b.listed == nil:
		return "is missing: " + b.cut
	case b.cut != "":
		return b.cut
	case b.listed == nil && b.sizes[schema.TrailerName] == 0:
		return "is missing: the collection did not end, or the file was cut"
	}
	return ""
}

// tell yields the losses that have come up.
func (b *Reader) tell(yield func(Member, error) bool) bool {
	for _, l := range b.losses {
		if !yield(Member{}, l) {
			return false
		}
	}
	b.losses = b.losses[:0]
	return true
}

// hand yields the member that was begun.
func (b *Reader) hand(yield func(Member, error) bool) bool {
	if b.body.path != schema.TrailerName {
		return yield(Member{Origin: OriginOf(b.body.path), Size: b.body.size, Body: b.body}, nil)
	}
	data, err := b.readMeta(schema.TrailerName, b.body)
	if err == nil {
		b.takeTrailer(data)
	} else if b.body.loss == nil {
		b.lose(schema.TrailerName, err.Error())
	}
	return yield(metaMember(schema.TrailerName, data), nil)
}

// advance ends the current member and begins the next; false at the end of the bundle.
func (b *Reader) advance() bool {
	b.finish()
	for !b.over {
		hdr, err := b.nextHeader()
		if err != nil {
			break
		}
		if b.wanted(hdr) {
			b.begin(hdr)
			return true
		}
		b.skip(hdr)
	}
	b.drain()
	return false
}

// wanted decides whether a tar entry is a member; what is none for a reason that matters becomes a loss.
func (b *Reader) wanted(hdr *tar.Header) bool {
	if b.seen++; b.seen > b.opt.MaxMembers {
		b.cut = fmt.Sprintf("more than %d members, the limit", b.opt.MaxMembers)
		b.over = true
		return false
	}
	why := ""
	switch hdr.Typeflag {
	case tar.TypeReg:
		if sparse(hdr) {
			why = "is a sparse file"
		}
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return false
	case tar.TypeSymlink:
		why = "is a symbolic link to " + shown(hdr.Linkname)
	case tar.TypeLink:
		why = "is a link to " + shown(hdr.Linkname)
	case tar.TypeChar, tar.TypeBlock:
		why = "is a device"
	case tar.TypeFifo:
		why = "is a pipe"
	default:
		why = fmt.Sprintf("is of the type %q in tar, no file", hdr.Typeflag)
	}
	if why != "" {
		b.losses = append(b.losses, &Loss{Path: shown(hdr.Name), Kind: OriginOf(hdr.Name).Kind, Why: why})
		return false
	}
	return b.admit(hdr.Name, hdr.Size)
}

func sparse(hdr *tar.Header) bool {
	if hdr.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range hdr.PAXRecords {
		if len(key) > 11 && key[:11] == "GNU.sparse." {
			return true
		}
	}
	return false
}

// skip passes over the content of an entry that is no member. archive/tar knows how long that of a sparse file or of a
// global header is: it goes on itself.
func (b *Reader) skip(hdr *tar.Header) {
	switch hdr.Typeflag {
	case tar.TypeReg:
		if !sparse(hdr) {
			b.begin(hdr)
			b.body.quiet = true
			b.finish()
		}
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
		b.tar = nil // these have none, whatever their header says
	}
}

// begin makes the content of an entry the body.
func (b *Reader) begin(hdr *tar.Header) {
	b.tar = nil
	b.body = &Body{b: b, path: hdr.Name, size: hdr.Size, left: hdr.Size, end: b.s.pos + (hdr.Size+511)&^511}
	if _, known := b.sizes[hdr.Name]; !known && badName(hdr.Name) == "" {
		b.sizes[hdr.Name] = hdr.Size
		b.last = hdr.Name
	}
	if b.opt.Verify {
		b.body.hash()
	}
}

// finish reads the current member to the end of its last tar block, and tells what was lost of it.
func (b *Reader) finish() {
	body := b.body
	if body == nil {
		return
	}
	b.body = nil
	for body.left > 0 && body.loss == nil {
		body.Chunk()
	}
	for b.cut == "" && !b.lost && b.s.pos < body.end {
		_, err := b.s.take(body.end - b.s.pos)
		b.heed(err, body.path)
	}
	if b.s.pos > body.end {
		b.lost = true // a gap reaches into what follows
	}
	switch {
	case body.quiet:
	case body.loss != nil:
		b.sizes[body.path] = -1
		if !body.told {
			b.losses = append(b.losses, body.loss)
		}
	case body.sum != nil:
		b.sums[body.path] = fmt.Sprintf("%x", body.sum.Sum(nil))
	}
}

// heed notes what an error of the stream means while name was read. It returns the gap where bytes are missing.
func (b *Reader) heed(err error, name string) *Gap {
	if err == nil {
		return nil
	}
	var gap *Gap
	if !errors.As(err, &gap) { // io.EOF
		b.over = true
		gap = &Gap{At: b.s.in.Load(), Lost: -1, Why: "the file ends early", Cut: true}
	}
	switch {
	case gap.Cut:
		b.over = true
		b.cut = gap.Error()
		return gap
	case gap.Lost == 0:
		if name == "" {
			name = b.last
		}
		b.sizes[name] = -1
		b.lose(name, gap.Error()+": this member, and up to 4 MiB after it, may not be what was packed")
		return nil
	case gap.Lost < 0:
		b.s.pos = (b.s.pos + 511) &^ 511
		b.lost = true
	}
	return gap
}

// drain reads what follows the last member, for the checksums.
func (b *Reader) drain() {
	for b.cut == "" {
		_, err := b.s.Chunk()
		if err == io.EOF {
			return
		}
		b.heed(err, b.last)
	}
}

// headers is the stream as archive/tar reads headers from it: a gap that lost nothing is noted and passed over.
type headers struct{ b *Reader }

func (h headers) Read(p []byte) (int, error) {
	for {
		n, err := h.b.s.Read(p)
		if err == nil || err == io.EOF {
			return n, err
		}
		if gap := h.b.heed(err, ""); gap != nil {
			return n, gap
		}
	}
}

// nextHeader reads the header of the next tar entry. Behind a gap it looks for the next place that is one.
func (b *Reader) nextHeader() (*tar.Header, error) {
	for {
		var src io.Reader = headers{b}
		if b.lost {
			block, err := b.findHeader()
			if err != nil {
				b.over = true
				return nil, err
			}
			b.lost = false
			b.tar = tar.NewReader(io.MultiReader(bytes.NewReader(block), src))
		}
		if b.tar == nil {
			b.tar = tar.NewReader(src)
		}
		hdr, err := b.tar.Next()
		switch {
		case err == nil:
			for len(hdr.Name) > 2 && hdr.Name[:2] == "./" {
				hdr.Name = hdr.Name[2:]
			}
			return hdr, nil
		case err == io.EOF || b.cut != "":
			b.over = true
			return nil, err
		}
		b.tar = nil
		if _, gap := err.(*Gap); !gap {
			if b.header == nil && len(b.sizes) == 0 {
				return nil, err // nothing was a tar so far
			}
			b.lose(b.last, fmt.Sprintf("what follows it is no tar header (%v); read on at the next", err))
		}
		b.lost = true
	}
}

// findHeader looks for a tar header at the multiples of 512 bytes that follow.
func (b *Reader) findHeader() ([]byte, error) {
	block := make([]byte, 512)
	for {
		if off := b.s.pos & 511; off != 0 {
			if _, err := b.s.take(512 - off); err != nil && b.heed(err, "") != nil && b.cut != "" {
				return nil, err
			}
			continue
		}
		if _, err := io.ReadFull(headers{b}, block); err != nil {
			if b.cut != "" || err == io.EOF || err == io.ErrUnexpectedEOF {
				return nil, io.EOF
			}
			continue
		}
		if isHeader(block) {
			return block, nil
		}
	}
}

// isHeader says whether a block of 512 bytes has the magic and the checksum of a tar header.
func isHeader(block []byte) bool {
	if !bytes.Equal(block[257:262], []byte("ustar")) {
		return false
	}
	want, sum := int64(0), int64(0)
	for _, c := range bytes.Trim(block[148:156], " \x00") {
		if c < '0' || c > '7' {
			return false
		}
		want = want<<3 | int64(c-'0')
	}
	for i, c := range block {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum == want
}
