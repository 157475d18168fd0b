package collect

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Limits bound the load on the cluster and the time that anything may take.
type Limits struct {
	Deadline time.Duration // for the whole collection
	Step     time.Duration // for a step that names none
	Node     time.Duration // for all steps of one node, from the first one's start
	Workers  int           // steps at once
	PerNode  int           // steps at once on one node
}

// DefaultLimits are those of a call that names none.
func DefaultLimits() Limits {
	return Limits{Deadline: 2 * time.Minute, Step: 20 * time.Second, Node: 45 * time.Second, Workers: 32, PerNode: 3}
}

// Event is something to show while a collection runs.
type Event struct {
	Step  *Step
	Ended *schema.Step // nil when the step begins
	Done  int          // steps that have ended
	Total int          // steps that are planned so far
}

// engine runs steps side by side: by class, at most so many at once, and on one node at most so many and for so long.
type engine struct {
	cluster  Cluster
	spool    *spool
	limits   Limits
	progress func(Event)

	mu      sync.Mutex
	free    *sync.Cond
	nodes   map[string]*nodeLoad
	running int
	done    int
	total   int
}

// nodeLoad is what steps do on one node.
type nodeLoad struct {
	running int
	until   time.Time // when its time is used up; zero before its first step
}

func newEngine(c Cluster, s *spool, l Limits, progress func(Event)) *engine {
	if progress == nil {
		progress = func(Event) {}
	}
	e := &engine{cluster: c, spool: s, limits: l, progress: progress, nodes: map[string]*nodeLoad{}}
	e.free = sync.NewCond(&e.mu)
	return e
}

// run runs the steps and returns how each ended, in the order in which they were given.
func (e *engine) run(ctx context.Context, steps []Step) []schema.Step {
	results := make([]schema.Step, len(steps))
	pending := make([]int, len(steps))
	for i := range steps {
		pending[i] = i
	}
	sort.SliceStable(pending, func(a, b int) bool { return steps[pending[a]].Class < steps[pending[b]].Class })
	stop := context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.free.Broadcast()
	})
	defer stop()
	var all sync.WaitGroup
	e.mu.Lock()
	e.total += len(steps)
	for len(pending) > 0 {
		at := e.pick(ctx, steps, pending)
		if at < 0 {
			e.free.Wait()
			continue
		}
		i := pending[at]
		pending = append(pending[:at], pending[at+1:]...)
		s := &steps[i]
		until, why := e.admit(ctx, s)
		if why != nil {
			results[i] = *why
			e.done++
			e.progress(Event{Step: s, Ended: why, Done: e.done, Total: e.total})
			continue
		}
		all.Add(1)
		go func() {
			defer all.Done()
			results[i] = e.step(ctx, s, until)
			e.leave(s, &results[i])
		}()
	}
	e.mu.Unlock()
	all.Wait()
	return results
}

// anew gives every node its time once more, for steps that follow after a wait. No step may be running.
func (e *engine) anew() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.nodes)
}

// pick finds the next step that may begin; -1 when none may before another ends. The lock is held.
func (e *engine) pick(ctx context.Context, steps []Step, pending []int) int {
	if ctx.Err() != nil {
		return 0
	}
	if e.running >= e.limits.Workers {
		return -1
	}
	for at, i := range pending {
		s := &steps[i]
		if s.Skip != "" || s.Node == "" {
			return at
		}
		n := e.nodes[s.Node]
		if n == nil || n.running < e.limits.PerNode {
			return at
		}
	}
	return -1
}

// admit lets a step begin, and says until when it may run; or how it ends without having begun. The lock is held.
func (e *engine) admit(ctx context.Context, s *Step) (until time.Time, why *schema.Step) {
	now := time.Now()
	switch {
	case s.Skip != "":
		return until, ended(s, schema.StatusSkipped, s.Skip, 0)
	case errors.Is(context.Cause(ctx), ErrInterrupted):
		return until, ended(s, schema.StatusTimeout, "the collection was interrupted before it", 0)
	case ctx.Err() != nil:
		return until, ended(s, schema.StatusTimeout, fmt.Sprintf("the deadline of %s came before it", e.limits.Deadline), 0)
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = e.limits.Step
	}
	until = now.Add(timeout)
	if s.Node != "" {
		n := e.nodes[s.Node]
		if n == nil {
			n = &nodeLoad{until: now.Add(e.limits.Node)}
			e.nodes[s.Node] = n
		}
		if !now.Before(n.until) {
			return until, ended(s, schema.StatusTimeout, fmt.Sprintf("node %s has used up its %s", s.Node, e.limits.Node), 0)
		}
		if n.until.Before(until) {
			until = n.until
		}
		n.running++
	}
	e.running++
	e.progress(Event{Step: s, Done: e.done, Total: e.total})
	return until, nil
}

func (e *engine) leave(s *Step, r *schema.Step) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	if s.Node != "" {
		e.nodes[s.Node].running--
	}
	e.done++
	e.progress(Event{Step: s, Ended: r, Done: e.done, Total: e.total})
	e.free.Broadcast()
}

// step runs one step. A step that does not heed its context is left behind when its time is over: what it holds stays with it.
func (e *engine) step(ctx context.Context, s *Step, until time.Time) schema.Step {
	start := time.Now()
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	w := &Work{Cluster: e.cluster, step: s, spool: e.spool}
	end := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				end <- fmt.Errorf("fault in the collector: %v", r)
			}
		}()
		end <- s.Run(ctx, w)
	}()
	var err error
	select {
	case err = <-end:
	case <-ctx.Done():
		select {
		case err = <-end:
		case <-time.After(graceAfterDeadline):
			return *ended(s, schema.StatusTimeout, e.late(ctx, start, until), time.Since(start))
		}
	}
	took := time.Since(start)
	status, text := StatusOf(err), ""
	switch {
	case err == nil && w.status != "":
		status = w.status
	case err == nil && w.members == 0:
		status = schema.StatusEmpty
	case status == schema.StatusTimeout || err != nil && ctx.Err() != nil:
		status, text = schema.StatusTimeout, e.late(ctx, start, until)
	case err != nil:
		text = err.Error()
	}
	if text != "" {
		w.notes = append([]string{text}, w.notes...)
	}
	return *ended(s, status, strings.Join(w.notes, "; "), took)
}

// graceAfterDeadline is how long a step may take to notice that its time is over.
const graceAfterDeadline = 500 * time.Millisecond

// late says why a step had no more time.
func (e *engine) late(ctx context.Context, start, until time.Time) string {
	switch {
	case errors.Is(context.Cause(ctx), ErrInterrupted):
		return "interrupted"
	case time.Now().Before(until):
		return fmt.Sprintf("the deadline of %s came", e.limits.Deadline)
	}
	return fmt.Sprintf("not done within %s", until.Sub(start).Round(100*time.Millisecond))
}

// ErrInterrupted is the cause that ends a collection's context when the user wants no more (Ctrl-C).
var ErrInterrupted = errors.New("interrupted")

// ended is the trailer's line of a step.
func ended(s *Step, status schema.Status, why string, took time.Duration) *schema.Step {
	return &schema.Step{Name: s.Name, Status: status, DurationMS: took.Milliseconds(), Error: why,
		Node: s.Node, Namespace: s.Namespace, Pod: s.Pod, Container: s.Container}
}
