package foreign

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// opener yields members.
type opener struct {
	opt    Options
	yield  func(bundle.Member, error) bool
	layout *layouts
	left   int64 // bytes that may still come out
	count  int   // members yielded
	losses int   // losses told
}

// fileName is how evidence names a file, and what it puts in front of the members of the archive that the file may be.
type fileName struct {
	path   string
	inside string
}

// emit yields a member.
func (o *opener) emit(m bundle.Member) error {
	if o.count++; o.count > o.opt.MaxMembers {
		o.yield(bundle.Member{}, &bundle.Loss{Path: m.Path, Why: fmt.Sprintf("there are more than %d members: the rest is left out", o.opt.MaxMembers), Cut: true})
		return errStop
	}
	o.layout.see(m.Path, m.Kind)
	if !o.yield(m, nil) {
		return errStop
	}
	return nil
}

// lose yields a Loss.
func (o *opener) lose(path, why string, cut bool) error {
	o.losses++
	if !o.yield(bundle.Member{}, &bundle.Loss{Path: path, Why: why, Cut: cut}) {
		return errStop
	}
	return nil
}

// readerAt is what a zip that is a file of its own is read from.
type readerAt interface {
	io.ReaderAt
}

// file yields what one file is: members of an archive, blocks of a text, or itself. at is the file itself where r reads all of
// it, for zip; depth counts the archives around it.
func (o *opener) file(name fileName, r io.Reader, size int64, at readerAt, depth int) error {
	br := bufio.NewReaderSize(r, peekSize)
	head, err := br.Peek(peekSize)
	if len(head) == 0 && err != nil && err != io.EOF {
		return o.lose(name.path, "can't be read: "+reason(err), true)
	}
	switch m := magic(head); m {
	case "gzip", "zstd", "bzip2":
		if depth >= o.opt.MaxDepth {
			return o.tooDeep(name)
		}
		return o.compressed(m, name, br, depth)
	case "xz", "lz4", "compress", "7z", "rar":
		return o.lose(name.path, fmt.Sprintf("is packed with %s, which is not read: unpack it, or pack it as tar.gz, tar.zst or zip", m), false)
	case "zip":
		if depth >= o.opt.MaxDepth {
			return o.tooDeep(name)
		}
		return o.zip(name, br, size, at, depth)
	case "tar":
		if depth >= o.opt.MaxDepth {
			return o.tooDeep(name)
		}
		return o.tar(name, br, depth)
	case "pcap":
		return o.whole(name, schema.Origin{Kind: schema.KindPcap}, br, size)
	}
	return o.text(name, br, size)
}

func (o *opener) tooDeep(name fileName) error {
	return o.lose(name.path, fmt.Sprintf("is an archive within %d others: it is not opened", o.opt.MaxDepth), false)
}

// magic names the format of an archive, a compression or a capture by its first bytes; "" for anything else.
func magic(head []byte) string {
	for _, m := range []struct{ name, bytes string }{
		{"gzip", "\x1f\x8b\x08"}, {"zstd", "\x28\xb5\x2f\xfd"}, {"bzip2", "BZh"}, {"xz", "\xfd7zXZ\x00"}, {"lz4", "\x04\x22\x4d\x18"}, {"compress", "\x1f\x9d"},
		{"zip", "PK\x03\x04"}, {"zip", "PK\x05\x06"}, {"7z", "7z\xbc\xaf\x27\x1c"}, {"rar", "Rar!\x1a\x07"},
		{"pcap", "\xd4\xc3\xb2\xa1"}, {"pcap", "\xa1\xb2\xc3\xd4"}, {"pcap", "\x4d\x3c\xb2\xa1"}, {"pcap", "\xa1\xb2\x3c\x4d"}, {"pcap", "\x0a\x0d\x0d\x0a"},
	} {
		if strings.HasPrefix(string(head[:min(len(head), 8)]), m.bytes) {
			if m.name == "bzip2" && (len(head) < 10 || head[3] < '1' || head[3] > '9' || string(head[4:10]) != "1AY&SY" && string(head[4:10]) != "\x17rE8P\x90") {
				continue
			}
			return m.name
		}
	}
	if isTar(head) {
		return "tar"
	}
	return ""
}

// isTar holds the checksum of a tar header against its bytes.
func isTar(head []byte) bool {
	if len(head) < 512 || head[0] == 0 {
		return false
	}
	var want int64
	for _, c := range bytes.Trim(head[148:156], " \x00") {
		if c < '0' || c > '7' {
			return false
		}
		want = want*8 + int64(c-'0')
	}
	var sum int64
	for i, c := range head[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum == want
}

// compressed opens one layer of compression: what is inside is a file of the same name, or the archive that it packs.
func (o *opener) compressed(how string, name fileName, r io.Reader, depth int) error {
	if how == "gzip" {
		return o.gzip(name, r, depth)
	}
	in := &counter{r: r}
	var out io.Reader = bzip2.NewReader(in)
	if how == "zstd" {
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return o.lose(name.path, "is no readable zstd: "+reason(err), true)
		}
		defer z.Close()
		out = z
	}
	u := &unpacked{r: out, in: in, ratio: o.opt.MaxRatio}
	told := o.losses
	if err := o.file(name, u, -1, nil, depth+1); err != nil {
		return err
	}
	// what is behind an archive's end holds the checksum
	if _, err := io.Copy(io.Discard, io.LimitReader(u, maxTail)); err != nil && told == o.losses {
		return o.lose(name.path, damaged(err), true)
	}
	return nil
}

// maxTail is how much behind the end of an archive is read for the sake of the checksum behind it.
const maxTail = 64 << 20

func (o *opener) gzip(name fileName, r io.Reader, depth int) error {
	g := newGzipped(r, o.opt)
	defer g.s.Close()
	told := o.losses
	if err := o.file(name, g, -1, nil, depth+1); err != nil {
		return err
	}
	if g.err == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(g, maxTail))
	}
	if g.err != nil && told == o.losses {
		return o.lose(name.path, damaged(g.err), g.err.Cut || g.err.Lost != 0)
	}
	return nil
}

// tar yields the members of a tar stream in its order.
func (o *opener) tar(name fileName, r io.Reader, depth int) error {
	t := tar.NewReader(r)
	seen := map[string]bool{}
	for n := 0; ; n++ {
		h, err := t.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return o.lose(name.path, damaged(err), true)
		case h.FileInfo().IsDir(), h.Typeflag == tar.TypeXGlobalHeader:
			continue
		}
		path := strings.ToValidUTF8(strings.TrimPrefix(h.Name, "./"), "\uFFFD")
		if why := refuse(path, seen); why != "" {
			if err := o.lose(name.inside+path, why, false); err != nil {
				return err
			}
			continue
		}
		if why := specialEntry(h); why != "" {
			if err := o.lose(name.inside+path, why, false); err != nil {
				return err
			}
			continue
		}
		seen[path] = true
		inner := fileName{path: name.inside + path, inside: name.inside + path + "!/"}
		if err := o.file(inner, t, h.Size, nil, depth+1); err != nil {
			return err
		}
		if n > o.opt.MaxMembers {
			return o.lose(name.path, "has too many entries", true)
		}
	}
}

// refuse says why a name in an archive is not taken; "" when it is.
func refuse(path string, seen map[string]bool) string {
	slashed := strings.ReplaceAll(path, "\\", "/")
	switch {
	case path == "":
		return "has no name"
	case strings.HasPrefix(slashed, "/") || len(slashed) > 2 && slashed[1] == ':' && slashed[2] == '/':
		return "has an absolute path: it is left out"
	case len(path) > 4096:
		return "has a name of more than 4096 bytes"
	case strings.ContainsRune(path, 0):
		return "has a zero byte in its name"
	case seen[path]:
		return "is there twice: the first is read"
	}
	for _, p := range strings.Split(slashed, "/") {
		if p == ".." {
			return "has .. in its path: it is left out"
		}
	}
	return ""
}

// specialEntry says what a tar entry is that is no file; "" for files.
func specialEntry(h *tar.Header) string {
	switch h.Typeflag {
	case tar.TypeReg, 0, tar.TypeGNUSparse, tar.TypeCont:
		return ""
	case tar.TypeSymlink:
		return "is a symbolic link: it is not followed"
	case tar.TypeLink:
		return "is a hard link: it is not followed"
	case tar.TypeChar, tar.TypeBlock:
		return "is a device: it is left out"
	case tar.TypeFifo:
		return "is a pipe: it is left out"
	}
	return fmt.Sprintf("is an entry of type %q: it is left out", h.Typeflag)
}

// zip yields the members of a zip. One that is no file of its own is held in memory.
func (o *opener) zip(name fileName, r io.Reader, size int64, at readerAt, depth int) error {
	ra := io.ReaderAt(at)
	if at == nil || size < 0 {
		data, err := io.ReadAll(io.LimitReader(r, o.opt.MaxHeld+1))
		if int64(len(data)) > o.opt.MaxHeld {
			return o.lose(name.path, fmt.Sprintf("is a zip of more than %d MiB inside of another input: unpack it first", o.opt.MaxHeld>>20), false)
		}
		if err != nil {
			if lost := o.lose(name.path, damaged(err), true); lost != nil {
				return lost
			}
		}
		ra, size = bytes.NewReader(data), int64(len(data))
	}
	z, err := zip.NewReader(ra, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) || z == nil {
		return o.lose(name.path, "is no readable zip: "+reason(err), true)
	}
	seen := map[string]bool{}
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.HasSuffix(f.Name, "/") {
			continue
		}
		path := strings.ToValidUTF8(strings.TrimPrefix(f.Name, "./"), "\uFFFD")
		why := refuse(path, seen)
		switch {
		case why != "":
		case f.Flags&1 != 0:
			why = "is encrypted"
		case !f.Mode().IsRegular():
			why = "is a link or a device: it is not followed"
		}
		if why != "" {
			if err := o.lose(name.inside+path, why, false); err != nil {
				return err
			}
			continue
		}
		seen[path] = true
		if err := o.zipped(fileName{path: name.inside + path, inside: name.inside + path + "!/"}, f, depth); err != nil {
			return err
		}
	}
	return nil
}

func (o *opener) zipped(name fileName, f *zip.File, depth int) error {
	rc, err := f.Open()
	if err != nil {
		return o.lose(name.path, "can't be unpacked: "+reason(err), false)
	}
	defer rc.Close()
	u := &unpacked{r: rc, in: &counter{n: int64(f.CompressedSize64)}, ratio: o.opt.MaxRatio}
	return o.file(name, u, int64(f.UncompressedSize64), nil, depth+1)
}

// whole yields a file as one member and tells what ended it early.
func (o *opener) whole(name fileName, origin schema.Origin, r io.Reader, size int64) error {
	b := &body{r: r, left: o.opt.MaxMember, total: &o.left}
	origin.Path, origin.FirstLine = name.path, 1
	if err := o.emit(bundle.Member{Origin: origin, Size: size, Body: b}); err != nil {
		return err
	}
	if b.err == nil {
		_, _ = io.Copy(io.Discard, b) // whoever asked may have stopped early; the checksum is behind the end
	}
	return o.lost(name, b.err)
}

// lost tells what ended a file early; nil tells nothing.
func (o *opener) lost(name fileName, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooLarge), errors.Is(err, errBomb):
		return o.lose(name.path, err.Error(), false)
	}
	return o.lose(name.path, damaged(err), true)
}

// damaged says in words what a reader of an archive found.
func damaged(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "is cut: it ends before its end"
	case errors.As(err, new(*bundle.Gap)):
		return "is damaged: " + err.Error()
	case errors.Is(err, tar.ErrHeader):
		return "is damaged: a tar header makes no sense"
	case errors.Is(err, errBomb):
		return err.Error()
	}
	return "is damaged: " + reason(err)
}

func reason(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return err.Error()
}
