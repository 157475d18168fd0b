package collect

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"github.com/klauspost/compress/flate"

	"github.com/metallb-assay/assay/schema"
)

// A bundle that must not be larger than so many bytes loses what says least, in this order, each only as far as it must:
// lines of debug level of logs that are neither a controller's nor an announcer's; the middle of those logs; lines of debug level
// and then the far ends of the others' logs, around the last change that they tell; those logs whole; and at last the largest of
// what FRR and nodes show. Objects, and how the steps ended, stay.

// estimateMargin is what a bundle may be larger than its members, compressed one by one, are together.
const estimateMargin = 1.03

// weighed is a member with what it costs.
type weighed struct {
	m          *spooled
	raw        int64
	compressed int64
}

// fit makes the members fit into limit bytes when packed, by rewriting files of the spool. It returns the members that stay.
func (r *Result) fit(limit int64) ([]*spooled, error) {
	all, err := r.weigh(r.spool.list())
	if err != nil {
		return nil, err
	}
	over := func() int64 {
		return int64(float64(total(all))*estimateMargin) + trailerRoom(len(all)+len(r.Steps)) - limit
	}
	for _, class := range []Class{ClassLogs, ClassAnnouncers} {
		if over() <= 0 {
			break
		}
		logs := ofClass(all, class)
		slices.SortFunc(logs, func(a, b *weighed) int { return int(b.compressed - a.compressed) })
		for _, w := range logs {
			if over() <= 0 {
				break
			}
			if err := r.thin(w); err != nil {
				return nil, err
			}
		}
		for range 6 { // a part of a log does not compress as the whole does
			sum := total(logs)
			if over() <= 0 || sum == 0 {
				break
			}
			share := max(1-float64(over())*1.05/float64(sum), 0)
			if err := r.shorten(logs, share); err != nil {
				return nil, err
			}
			if share == 0 {
				break
			}
		}
	}
	// what is left over is larger than the limit without any log
	slices.SortStableFunc(all, func(a, b *weighed) int { return int(a.m.class) - int(b.m.class) })
	for over() > 0 {
		i := largest(all)
		if i < 0 {
			break
		}
		say(all[i].m, "left out: it would not fit into "+limitText(limit))
		all = slices.Delete(all, i, i+1)
	}
	kept := make([]*spooled, 0, len(all))
	for _, w := range all {
		if w.raw > 0 || w.m.class != ClassLogs && w.m.class != ClassAnnouncers {
			kept = append(kept, w.m)
		}
	}
	return kept, nil
}

func limitText(limit int64) string { return fmt.Sprintf("the limit of %d bytes", limit) }

// trailerRoom is what header and trailer take at most.
func trailerRoom(lines int) int64 { return 16<<10 + int64(lines)*120 }

func total(all []*weighed) (n int64) {
	for _, w := range all {
		n += w.compressed + 64 // its header in the tar
	}
	return n
}

func ofClass(all []*weighed, class Class) []*weighed {
	var some []*weighed
	for _, w := range all {
		if w.m.class == class {
			some = append(some, w)
		}
	}
	return some
}

// largest finds the largest member of the last class that is not objects; -1 when there is none.
func largest(all []*weighed) int {
	at := -1
	for i, w := range all {
		if w.m.class != ClassObjects && (at < 0 || w.m.class > all[at].m.class || w.m.class == all[at].m.class && w.compressed > all[at].compressed) {
			at = i
		}
	}
	return at
}

// weigh compresses each member by itself, several at once.
func (r *Result) weigh(members []*spooled) ([]*weighed, error) {
	all := make([]*weighed, len(members))
	errs := make([]error, len(members))
	var wg sync.WaitGroup
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, m := range members {
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			all[i] = &weighed{m: m}
			errs[i] = r.reweigh(all[i])
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r *Result) reweigh(w *weighed) error {
	f, err := os.Open(r.spool.file(w.m.entry.Path))
	if err != nil {
		return err
	}
	defer f.Close()
	out := &sizeWriter{w: io.Discard}
	z, err := flate.NewWriter(out, flate.DefaultCompression)
	if err != nil {
		return err
	}
	if w.raw, err = io.Copy(z, f); err != nil {
		return err
	}
	err = z.Close()
	w.compressed = out.n
	return err
}

// thin drops a log's lines of debug level.
func (r *Result) thin(w *weighed) error {
	dropped, err := r.rewrite(w, func(out io.Writer, in *bufio.Reader) (int, error) { return copyLines(out, in, sayNothing) })
	if err == nil && dropped > 0 {
		say(w.m, fmt.Sprintf("%d lines of debug level were left out to keep to the limit in size; %s", dropped, howToGet(w.m)))
	}
	return err
}

// shorten keeps a share of each log: its beginning, and what is around the last change that it tells.
func (r *Result) shorten(logs []*weighed, share float64) error {
	for _, w := range logs {
		keep := int64(float64(w.raw) * share)
		if keep >= w.raw {
			continue
		}
		if keep < shortestLog {
			say(w.m, "left out to keep to the limit in size; "+howToGet(w.m))
			w.raw, w.compressed = 0, 0
			continue
		}
		from, to, err := r.window(w, keep)
		if err != nil {
			return err
		}
		_, err = r.rewrite(w, func(out io.Writer, in *bufio.Reader) (int, error) { return 0, copyWindow(out, in, keep/8, from, to) })
		if err != nil {
			return err
		}
		say(w.m, fmt.Sprintf("only its beginning and the lines around the last change are here, to keep to the limit in size; %s", howToGet(w.m)))
	}
	return nil
}

// shortestLog is below how many bytes a log is left out whole.
const shortestLog = 4 << 10

// window is which bytes of a log to keep beside its beginning: an eighth of keep is for the beginning.
func (r *Result) window(w *weighed, keep int64) (from, to int64, err error) {
	f, err := os.Open(r.spool.file(w.m.entry.Path))
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	change := int64(-1)
	at := int64(0)
	in := bufio.NewReaderSize(f, 128<<10)
	for {
		line, err := in.ReadSlice('\n')
		if tellsChange(line) {
			change = at
		}
		at += int64(len(line))
		if err != nil && err != bufio.ErrBufferFull {
			break
		}
	}
	size := keep - keep/8
	to = at
	if change >= 0 {
		to = min(at, change+size/2)
	}
	return max(to-size, 0), to, nil
}

// tellsChange says whether a line tells that something is announced, withdrawn, assigned or lost.
func tellsChange(line []byte) bool {
	for _, word := range []string{`"event":"service`, `"event":"ipA`, `"event":"ipAllocated`, `"event":"clearAssignment`, "nodeAssigned", "session", "ADJCHANGE", "%NOTIFICATION", `"level":"error"`} {
		if bytes.Contains(line, []byte(word)) {
			return true
		}
	}
	return false
}

// sayNothing are lines of debug level.
func sayNothing(line []byte) bool {
	return bytes.Contains(line, []byte(`"level":"debug"`)) && !tellsChange(line)
}

// copyLines copies the lines that drop does not want to be dropped, and counts the others.
func copyLines(out io.Writer, in *bufio.Reader, drop func([]byte) bool) (dropped int, err error) {
	begins, skip := true, false
	for {
		line, end := in.ReadSlice('\n')
		if begins && len(line) > 0 {
			if skip = drop(line); skip {
				dropped++
			}
		}
		if !skip {
			if _, err := out.Write(line); err != nil {
				return dropped, err
			}
		}
		begins = end == nil
		if end == io.EOF {
			return dropped, nil
		}
		if end != nil && end != bufio.ErrBufferFull {
			return dropped, end
		}
	}
}

// copyWindow copies whole lines of the first head bytes and of those from from to to, with schema.LogGap where lines are left out.
func copyWindow(out io.Writer, in *bufio.Reader, head, from, to int64) error {
	at, gap, wrote := int64(0), false, false
	for {
		line, err := in.ReadSlice('\n')
		end := at + int64(len(line))
		switch {
		case end <= head, at >= from && end <= to:
			if gap && wrote {
				if _, err := fmt.Fprintf(out, "%s %s\n", stampOf(line), schema.LogGap); err != nil {
					return err
				}
			}
			gap, wrote = false, true
			if _, err := out.Write(line); err != nil {
				return err
			}
		default:
			gap = gap || len(line) > 0
		}
		at = end
		if err == io.EOF {
			return nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return err
		}
	}
}

// rewrite puts what f makes of a member in its place, and weighs it anew.
func (r *Result) rewrite(w *weighed, f func(io.Writer, *bufio.Reader) (int, error)) (int, error) {
	name := r.spool.file(w.m.entry.Path)
	in, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	b := bufio.NewWriterSize(out, 128<<10)
	n, err := f(b, bufio.NewReaderSize(in, 128<<10))
	if end := b.Flush(); err == nil {
		err = end
	}
	if end := out.Close(); err == nil {
		err = end
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		os.Remove(name + ".new")
		return n, err
	}
	return n, r.reweigh(w)
}

// howToGet is the command that gives what was left out of a log.
func howToGet(m *spooled) string {
	text := fmt.Sprintf("kubectl logs --timestamps -n %s %s -c %s", m.entry.Namespace, m.entry.Pod, m.entry.Container)
	if m.entry.Previous {
		text += " --previous"
	}
	return text + " has all"
}

// say notes what was left out of a member, for the trailer's line of its step; what was said before of the same member is replaced.
func say(m *spooled, text string) { m.said = text }

// told are the steps as the trailer tells them: with what was left out of their members.
func (r *Result) told() []schema.Step {
	said := map[string]string{}
	for _, m := range r.spool.list() {
		if m.said != "" && said[m.entry.Step] == "" {
			said[m.entry.Step] = m.said
		}
	}
	steps := slices.Clone(r.Steps)
	for i := range steps {
		s := &steps[i]
		text := said[s.Name]
		if text == "" {
			continue
		}
		if s.Status.Complete() {
			s.Status = schema.StatusCut
		}
		if s.Error != "" {
			text = s.Error + "; " + text
		}
		s.Error = text
	}
	return steps
}
