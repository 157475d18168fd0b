package foreign

import (
	"bufio"
	"errors"
	"io"
	"os"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// members is what the sources of package bundle have in common.
type members = bundle.Source

// isBundle looks whether an input is a bundle, and keeps what it has to know of it. A bundle of a newer version is an error.
func (s *source) isBundle(in *input) error {
	opt := bundle.Options{ReadAnyway: s.opt.ReadAnyway}
	switch {
	case in.folder:
		fsys := os.DirFS(in.path)
		if !bundle.IsFolder(fsys) {
			return nil
		}
		f, err := bundle.OpenFolder(in.path, fsys, opt)
		if errors.Is(err, bundle.ErrNotBundle) {
			return nil
		}
		if err != nil {
			return err
		}
		in.bundle = func() (members, func(), error) { return f, func() {}, nil }
	case in.stdin:
		br := bufio.NewReaderSize(s.stdin, peekSize)
		s.stdin = br
		head, _ := br.Peek(bundle.PeekSize)
		if !bundle.Is(head) {
			return nil
		}
		r, err := bundle.Open(in.path, br, opt)
		if err != nil {
			return err // what was read of standard input is gone
		}
		in.bundle = func() (members, func(), error) { return r, r.Close, nil }
	default:
		return s.isBundleFile(in, opt)
	}
	return nil
}

func (s *source) isBundleFile(in *input, opt bundle.Options) error {
	if in.size < 0 {
		return nil // a pipe has no second beginning
	}
	f, err := os.Open(in.path)
	if err != nil {
		return pathError(in.path, err)
	}
	defer f.Close()
	head := make([]byte, bundle.PeekSize)
	n, _ := io.ReadFull(f, head)
	if !bundle.Is(head[:n]) {
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil
	}
	r, err := bundle.Open(in.path, f, opt)
	if errors.Is(err, bundle.ErrNotBundle) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Close() // it is opened again when its members are asked for
	path := in.path
	in.bundle = func() (members, func(), error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, pathError(path, err)
		}
		r, err := bundle.Open(path, f, opt)
		if err != nil {
			return nil, nil, errors.Join(err, f.Close())
		}
		return r, func() { r.Close(); f.Close() }, nil
	}
	return nil
}

// openBundle yields the members of an input that is a bundle; done is false when it is none. What the bundle does not know
// itself (attached/...) is recognised as any file is.
func (s *source) openBundle(o *opener, in input) (done bool, err error) {
	if in.bundle == nil {
		return false, nil
	}
	b, closeIt, err := in.bundle()
	if err != nil {
		return true, err
	}
	defer closeIt()
	s.layout.bundle = true
	for m, err := range b.Members() {
		var loss *bundle.Loss
		switch {
		case errors.As(err, &loss):
			told := *loss
			told.Path = in.prefix + told.Path
			if !o.yield(bundle.Member{}, &told) {
				return true, errStop
			}
			continue
		case err != nil:
			return true, err
		}
		path := in.prefix + m.Path
		if m.Kind == schema.KindUnknown {
			if err := o.file(fileName{path: path, inside: path + "!/"}, m.Body, m.Size, nil, 1); err != nil {
				return true, err
			}
			continue
		}
		m.Path = path
		if err := o.emit(m); err != nil {
			return true, err
		}
	}
	if s.header == nil {
		s.header, s.trailer = b.Header(), b.Trailer()
	}
	return true, nil
}

// gzipped decompresses ahead of its reader, in a goroutine of its own. What it finds broken it keeps.
type gzipped struct {
	s   *bundle.Stream
	err *bundle.Gap // the first
}

// newGzipped reads r as gzip.
func newGzipped(r io.Reader, opt Options) *gzipped {
	return &gzipped{s: bundle.NewStream(r, bundle.Options{MaxTotal: opt.MaxTotal, MaxRatio: opt.MaxRatio})}
}

// Read implements io.Reader. A wrong checksum loses nothing: it is told at the end.
func (g *gzipped) Read(p []byte) (int, error) {
	for {
		n, err := g.s.Read(p)
		var gap *bundle.Gap
		if !errors.As(err, &gap) {
			return n, err
		}
		if g.err == nil {
			g.err = gap
		}
		if gap.Lost != 0 || gap.Cut {
			return n, gap
		}
		if n > 0 {
			return n, nil
		}
	}
}
