package collect

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Class orders steps: what is needed first is asked for first, and left out last where a size is limited.
type Class int

// The classes of steps, from what is needed most.
const (
	ClassObjects    Class = iota // objects of the cluster
	ClassState                   // what FRR, nodes and metrics show now
	ClassAnnouncers              // logs of the nodes that announce the Services in question or are sick, and of the controller
	ClassLogs                    // all other logs
	ClassAttached                // what the user attaches
)

// Step is one thing to get: what it asks for, where it goes, its limits in time and size.
type Step struct {
	Name  string // unique; where it writes members, the path or the folder that they have
	Does  string // what `plan` says: "list services in all namespaces", "run vtysh in frr-k8s-x7k2p/frr"
	Class Class
	Needs []Permission
	Runs  []string // the commands of a script in a container, as `plan` shows them

	Node, Namespace, Pod, Container string // whose it is; "" where that says nothing

	Learns  bool          // later steps follow from what it sees: a plan has to run it
	Timeout time.Duration // 0: that of Limits
	Run     func(ctx context.Context, w *Work) error
	Skip    string // why it is not tried; "" when it is
}

// Work is what a running step writes to. It is for one goroutine.
type Work struct {
	Cluster Cluster

	step    *Step
	spool   *spool
	members int
	notes   []string
	status  schema.Status // set by the step; "" when the error says it
}

// Create begins a member of the bundle. Secrets are removed on the way. Where its step or the disk has no room for more, a write
// is an error, and the step ends as cut. It must be closed; a step that ends in between leaves what came so far.
func (w *Work) Create(path string) (io.WriteCloser, error) {
	w.members++
	return w.spool.create(w.step, path, false)
}

// CreatePrevious is Create for the log of a container's previous run.
func (w *Work) CreatePrevious(path string) (io.WriteCloser, error) {
	w.members++
	return w.spool.create(w.step, path, true)
}

// Note adds to what the trailer says of the step, whatever its status is.
func (w *Work) Note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// End sets the status that the step ends with unless it returns an error: cut, skipped, not-found, ...
func (w *Work) End(s schema.Status) { w.status = s }

// Clean removes secrets from an object before a step writes it.
func (w *Work) Clean(o Object) { w.spool.cleaner.Object(o) }
