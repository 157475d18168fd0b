package collect

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// Pack writes the bundle of what was collected and returns its size in bytes. The folder Options.Partial stays until Remove.
func (r *Result) Pack(w io.Writer) (int64, error) {
	s := r.spool
	out := &sizeWriter{w: w}
	b, err := bundle.NewWriter(out, s.header)
	if err != nil {
		return out.n, err
	}
	for _, m := range s.list() {
		if err := s.add(b, m); err != nil {
			b.Abort()
			return out.n, fmt.Errorf("packing %s: %w", m.entry.Path, err)
		}
	}
	err = b.Close(schema.Time{Time: time.Now().UTC().Truncate(time.Second)}, r.Steps)
	return out.n, err
}

// Remove removes the folder of what was collected.
func (r *Result) Remove() error { return os.RemoveAll(r.spool.dir) }

// add packs one member, as it is on disk: what a step that was left behind may still write is cut off.
func (s *spool) add(b *bundle.Writer, m *spooled) error {
	if err := s.again(m); err != nil {
		return err
	}
	f, err := os.Open(s.file(m.entry.Path))
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	return b.Add(m.entry, st.Size(), io.LimitReader(f, st.Size()))
}

// again removes secrets that became known only after a member was written.
func (s *spool) again(m *spooled) error {
	if m.known == s.cleaner.Known() {
		return nil
	}
	name := s.file(m.entry.Path)
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	fresh, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	changed, err := s.cleaner.Again(fresh, in)
	if end := fresh.Close(); err == nil {
		err = end
	}
	if err != nil || !changed {
		os.Remove(name + ".new")
		return err
	}
	return os.Rename(name+".new", name)
}

// sizeWriter counts what goes through it.
type sizeWriter struct {
	w io.Writer
	n int64
}

func (s *sizeWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	return n, err
}
