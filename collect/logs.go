package collect

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Bytes of one log that are kept: of its beginning, where a program says which release it is and how it is set up, and of its end.
const (
	logHead    = 256 << 10
	logTailMin = 128 << 10
	logTailMax = 64 << 20
	// announcerShare is how much more an announcer's log may have than another one.
	announcerShare = 4
)

// logs are the steps for the logs of all containers, sick nodes and announcers first.
func (p *planner) logs(pods []Pod) []Step {
	type source struct {
		pod       *Pod
		container PodContainer
	}
	var all []source
	weight := int64(0)
	for i := range pods {
		for _, c := range pods[i].Containers {
			all = append(all, source{&pods[i], c})
			weight += p.share(&pods[i])
		}
	}
	total := int64(spoolBytes)
	if p.o.ForGitHub {
		total = spoolGitHubBytes
	}
	sort.SliceStable(all, func(a, b int) bool { return p.urgency(all[a].pod) < p.urgency(all[b].pod) })
	var steps []Step
	for _, s := range all {
		tail := max(min((total*3/4/max(weight, 1)-logHead)*p.share(s.pod), logTailMax), logTailMin)
		steps = append(steps, p.log(s.pod, s.container, false, tail))
		if s.container.Restarts > 0 {
			steps = append(steps, p.log(s.pod, s.container, true, tail))
		}
	}
	return steps
}

// share is how many parts of the room for logs a pod's log gets.
func (p *planner) share(pod *Pod) int64 {
	if p.class(pod) == ClassAnnouncers {
		return announcerShare
	}
	return 1
}

func (p *planner) class(pod *Pod) Class {
	if !pod.has("speaker", "metallb-speaker", "frr-k8s", "frr") || p.inv.Announces(pod.Node) || p.inv.Sick(pod.Node) != "" {
		return ClassAnnouncers // the controllers, and what runs on nodes that announce or may be gone soon
	}
	return ClassLogs
}

// urgency orders logs: sick nodes first, since they may be gone soon, then announcers, then the rest.
func (p *planner) urgency(pod *Pod) int {
	switch {
	case p.inv.Sick(pod.Node) != "":
		return 0
	case p.class(pod) == ClassAnnouncers:
		return 1
	}
	return 2
}

// log is the step for one container's log.
func (p *planner) log(pod *Pod, c PodContainer, previous bool, tail int64) Step {
	path := fmt.Sprintf("logs/%s/%s/%s", pod.Namespace, pod.Name, c.Name)
	does := fmt.Sprintf("read the log of %s/%s/%s", pod.Namespace, pod.Name, c.Name)
	if previous {
		path += ".previous"
		does = fmt.Sprintf("read the log of the previous run of %s/%s/%s", pod.Namespace, pod.Name, c.Name)
	}
	path += ".log"
	s := Step{Name: path, Does: does, Class: p.class(pod), Node: pod.Node, Namespace: pod.Namespace, Pod: pod.Name, Container: c.Name,
		Needs: []Permission{{Verb: "get", Resource: "pods", Subresource: "log", Namespace: pod.Namespace}}}
	if !c.Started {
		why := c.Waiting
		if why == "" {
			why = "the pod is " + pod.Phase
		}
		s.Skip = "the container has not started: " + why
	}
	q := LogQuery{Container: Container{pod.Namespace, pod.Name, c.Name}, Previous: previous, Since: p.o.Since}
	s.Run = func(ctx context.Context, w *Work) error { return readLog(ctx, w, q, path, previous, tail) }
	return s
}

// readLog reads a log's head, and where that is not all its end, in two requests: what lies between is not asked for.
func readLog(ctx context.Context, w *Work, q LogQuery, path string, previous bool, tail int64) error {
	first := q
	first.MaxBytes, first.Since = logHead, 0 // the program's first lines are wanted however old they are
	in, err := w.Cluster.Log(ctx, first)
	if err != nil {
		return err
	}
	create := w.Create
	if previous {
		create = w.CreatePrevious
	}
	out, err := create(path)
	if err != nil {
		in.Close()
		return err
	}
	head := &lastLines{out: out}
	n, err := io.Copy(head, in)
	in.Close()
	if err == nil && n >= logHead {
		err = readTail(ctx, w, q, head, n, tail)
	} else if end := head.flush(); err == nil {
		err = end
	}
	if end := out.Close(); err == nil {
		err = end
	}
	if n == 0 && err == nil {
		w.End(schema.StatusEmpty)
	}
	return err
}

// readTail appends the end of a log to its head, and schema.LogGap between the two where they do not meet.
func readTail(ctx context.Context, w *Work, q LogQuery, head *lastLines, n, tail int64) error {
	q.TailLines = max(tail/(n/max(head.lines, 1)+1), 100)
	in, err := w.Cluster.Log(ctx, q)
	if err != nil {
		return err
	}
	defer in.Close()
	r := bufio.NewReaderSize(in, 128<<10)
	left := tail * 2 // lines at the end may be longer than those at the beginning
	begins, skip, first := true, false, true
	for {
		piece, err := r.ReadSlice('\n')
		if begins && len(piece) > 0 {
			skip = compareStamps(piece, head.stamp) <= 0 // it is in the head already
			if first && !skip && !bytes.Equal(stampOf(piece), stampOf(head.held)) {
				if err := head.pass(); err != nil {
					return err
				}
				if _, err := fmt.Fprintf(head.out, "%s %s\n", stampOf(piece), schema.LogGap); err != nil {
					return err
				}
				w.End(schema.StatusCut)
				w.Note("the first %d KiB and the last %d lines are here; kubectl logs -n %s %s -c %s has all", n>>10, q.TailLines, q.Namespace, q.Pod, q.Name)
			}
			first = false
		}
		if !skip {
			if left -= int64(len(piece)); left < 0 {
				w.End(schema.StatusCut)
				w.Note("the end of the log was cut at %d KiB: its lines are longer than those of its beginning", tail*2>>10)
				return nil
			}
			if _, err := head.out.Write(piece); err != nil {
				return err
			}
		}
		begins = err == nil
		switch {
		case err == io.EOF:
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// lastLines passes whole lines on but for the last one, which it holds back with what is behind it: a head that ends within a line
// ends within its time, too.
type lastLines struct {
	out   io.Writer
	held  []byte // the last whole line
	rest  []byte // behind it
	stamp []byte // of the last line that was passed on
	lines int64  // whole ones
}

func (l *lastLines) Write(p []byte) (int, error) {
	for rest := p; ; {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			l.rest = append(l.rest, rest...)
			return len(p), nil
		}
		if err := l.pass(); err != nil {
			return 0, err
		}
		l.held = append(append(l.held, l.rest...), rest[:end]...)
		l.rest = l.rest[:0]
		l.lines++
		rest = rest[end:]
	}
}

// pass passes the line on that was held back.
func (l *lastLines) pass() error {
	if len(l.held) == 0 {
		return nil
	}
	l.stamp = append(l.stamp[:0], stampOf(l.held)...)
	_, err := l.out.Write(l.held)
	l.held = l.held[:0]
	return err
}

// flush passes on all that is held back: the log ends here.
func (l *lastLines) flush() error {
	if err := l.pass(); err != nil {
		return err
	}
	_, err := l.out.Write(l.rest)
	l.rest = nil
	return err
}

func stampOf(line []byte) []byte {
	stamp, _, _ := bytes.Cut(line, []byte(" "))
	return stamp
}

// compareStamps compares the times in front of two lines; lines without one come later than anything.
func compareStamps(line, stamp []byte) int {
	at, _, ok := bytes.Cut(line, []byte(" "))
	if !ok || len(at) < len("2006-01-02T15:04:05Z") || len(stamp) == 0 {
		return 1
	}
	a, err := time.Parse(time.RFC3339Nano, string(at))
	if err != nil {
		return 1
	}
	b, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err != nil {
		return 1
	}
	return a.Compare(b)
}

// copy writes a member from r.
func (w *Work) copy(path string, r io.Reader) error {
	out, err := w.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	if end := out.Close(); err == nil {
		err = end
	}
	return err
}
