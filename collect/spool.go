package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"sync"

	"github.com/metallb-assay/assay/schema"
)

// errFull ends a member that has no room.
var errFull = errors.New("the limit in size is reached")

// spool is the folder OUT.partial/, in which the members lie until they are packed, laid out as in the bundle: a collection that
// was killed leaves a folder that can be analyzed.
type spool struct {
	dir     string
	header  schema.Header
	cleaner Cleaner
	max     int64 // bytes that all members together may have

	mu      sync.Mutex
	used    int64
	sealed  bool // packing has begun: nothing more is written
	members map[string]*spooled
}

// spooled is a member on disk.
type spooled struct {
	entry schema.MemberEntry
	class Class
	known int // secret values that were known when it was written
	open  bool
	said  string // what was left out of it to keep to a size; "" nothing
}

func newSpool(dir string, cleaner Cleaner, max int64, h schema.Header) (*spool, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	if free, err := freeBytes(dir); err == nil {
		// a quarter is left for the bundle, and for others
		max, err = roomOn(dir, free, max)
		if err != nil {
			return nil, errors.Join(err, os.Remove(dir))
		}
	}
	s := &spool{dir: dir, header: h, cleaner: cleaner, max: max, members: map[string]*spooled{}}
	data, err := json.MarshalIndent(s.cleanHeader(), "", " ")
	if err != nil {
		return nil, err
	}
	return s, os.WriteFile(filepath.Join(dir, schema.HeaderName), append(data, '\n'), 0o600)
}

// leastFree is the room below which a collection does not begin.
const leastFree = 64 << 20

// roomOn is how much of the free bytes of a disk a collection that wants max may use.
func roomOn(dir string, free, max int64) (int64, error) {
	if free < leastFree {
		return 0, fmt.Errorf("%s has %d MiB of room left on its disk, a collection wants %d at least: name another place with --to", filepath.Dir(dir), free>>20, leastFree>>20)
	}
	return min(max, free*3/4), nil
}

// file is where a member lies.
func (s *spool) file(path string) string { return filepath.Join(s.dir, filepath.FromSlash(path)) }

func (s *spool) create(step *Step, path string, previous bool) (io.WriteCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return nil, errors.New("the collection has ended")
	}
	if s.members[path] != nil {
		return nil, fmt.Errorf("member %s is there already", path)
	}
	if !filepath.IsLocal(filepath.FromSlash(path)) {
		return nil, fmt.Errorf("member %q has a name that leads out of the bundle", path)
	}
	name := s.file(path)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	m := &spooled{class: step.Class, known: s.cleaner.Known(), open: true,
		entry: schema.MemberEntry{Path: path, Step: step.Name, Node: step.Node, Namespace: step.Namespace, Pod: step.Pod, Container: step.Container, Previous: previous}}
	s.members[path] = m
	w := &memberWriter{spool: s, m: m, file: f}
	w.clean = s.cleaner.Text(path, &counted{w})
	return w, nil
}

// list gives the members by class and path.
func (s *spool) list() []*spooled {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*spooled, 0, len(s.members))
	for _, m := range s.members {
		all = append(all, m)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].class != all[j].class {
			return all[i].class < all[j].class
		}
		return all[i].entry.Path < all[j].entry.Path
	})
	return all
}

// remove takes back a closed member.
func (s *spool) remove(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.members[path]; m != nil && !m.open {
		s.used -= m.entry.Size
		delete(s.members, path)
		_ = os.Remove(s.file(path)) // at worst a file of a few words stays in the folder, which is removed whole
	}
}

// take asks for room for n bytes more.
func (s *spool) take(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed || s.used+n > s.max {
		return false
	}
	s.used += n
	return true
}

// memberWriter writes one member: through the cleaner, into its file, as far as there is room.
type memberWriter struct {
	spool *spool
	m     *spooled
	file  *os.File
	clean io.WriteCloser
	err   error
}

func (w *memberWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	return w.clean.Write(p)
}

func (w *memberWriter) Close() error {
	err := w.clean.Close()
	if end := w.file.Close(); err == nil {
		err = end
	}
	w.spool.mu.Lock()
	w.m.open = false
	w.spool.mu.Unlock()
	return err
}

// counted is the far side of the cleaner.
type counted struct{ w *memberWriter }

func (c *counted) Write(p []byte) (int, error) {
	w := c.w
	if !w.spool.take(int64(len(p))) {
		w.err = errFull
		return 0, errFull
	}
	n, err := w.file.Write(p)
	if err != nil {
		w.err = err
	}
	w.spool.mu.Lock()
	w.m.entry.Size += int64(n)
	w.spool.mu.Unlock()
	return n, err
}

// seal ends the writing: steps that were left behind can add nothing more.
func (s *spool) seal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = true
}

// dropAll stands for the cleaner of a plan, which keeps nothing.
type dropAll struct{}

func (dropAll) Object(Object) {}

func (dropAll) Text(string, io.Writer) io.WriteCloser { return nothing{} }

func (dropAll) Known() int { return 0 }

func (dropAll) Again(io.Writer, io.Reader) (bool, error) { return false, nil }

func (dropAll) Token(string) {}

func (dropAll) Passed(string) string { return "" }

type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }

func (nothing) Close() error { return nil }
