package collect

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/metallb-assay/assay/bundle"
	"github.com/metallb-assay/assay/schema"
)

// Pack writes the bundle of what was collected and returns its size in bytes; with a limit other than 0 it is not larger than that,
// and the trailer says what was left out. The folder Options.Partial stays until Remove.
func (r *Result) Pack(w io.Writer, limit int64) (int64, error) {
	for _, m := range r.spool.list() {
		if err := r.spool.again(m); err != nil {
			return 0, fmt.Errorf("cleaning %s: %w", m.entry.Path, err)
		}
	}
	if limit == 0 {
		return r.write(w, r.spool.list())
	}
	for aim := limit; ; aim -= aim / 20 {
		members, err := r.fit(aim)
		if err != nil {
			return 0, err
		}
		f, err := os.CreateTemp(r.spool.dir, ".packed-*")
		if err != nil {
			return 0, err
		}
		n, err := r.write(f, members)
		if err == nil && (n <= limit || aim < limit/2) {
			if _, err = f.Seek(0, io.SeekStart); err == nil {
				_, err = io.Copy(w, f)
			}
		}
		f.Close()
		os.Remove(f.Name())
		switch {
		case err != nil:
			return n, err
		case n <= limit:
			r.Steps = r.told()
			return n, nil
		case aim < limit/2:
			return n, fmt.Errorf("the bundle has %d bytes, more than %s: the objects alone are larger", n, limitText(limit))
		}
	}
}

// write writes the bundle of these members.
func (r *Result) write(w io.Writer, members []*spooled) (int64, error) {
	out := &sizeWriter{w: w}
	b, err := bundle.NewWriter(out, r.spool.cleanHeader())
	if err != nil {
		return out.n, err
	}
	for _, m := range members {
		if err := r.spool.add(b, m); err != nil {
			b.Abort()
			return out.n, fmt.Errorf("packing %s: %w", m.entry.Path, err)
		}
	}
	err = b.Close(schema.Time{Time: time.Now().UTC().Truncate(time.Second)}, r.spool.cleanSteps(r.told()))
	return out.n, err
}

// cleanText is a text of the header or the trailer without secrets.
func (s *spool) cleanText(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	w := s.cleaner.Text(schema.TrailerName, &b)
	_, err := io.WriteString(w, text)
	if end := w.Close(); err == nil {
		err = end
	}
	if err != nil {
		return "(could not be cleaned)" // a Builder takes all
	}
	return b.String()
}

// cleanHeader is the header, in which the user's note and flags can have secrets.
func (s *spool) cleanHeader() schema.Header {
	h := s.header
	h.Note = s.cleanText(h.Note)
	h.Params = maps.Clone(h.Params)
	for name, value := range h.Params {
		// as a flag is written, so that its name tells what it is
		h.Params[name] = strings.TrimPrefix(s.cleanText("--"+name+"="+value), "--"+name+"=")
	}
	return h
}

// cleanSteps are steps of the trailer: an error can quote what a program or a server said.
func (s *spool) cleanSteps(steps []schema.Step) []schema.Step {
	for i := range steps {
		steps[i].Error = s.cleanText(steps[i].Error)
	}
	return steps
}

// Remove removes the folder of what was collected.
func (r *Result) Remove() error { return os.RemoveAll(r.spool.dir) }

// add packs one member, as it is on disk: what a step that was left behind may still write is cut off.
func (s *spool) add(b *bundle.Writer, m *spooled) error {
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
