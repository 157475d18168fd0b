package collect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Options say what to collect.
type Options struct {
	Namespace string        // MetalLB's; "" to find it
	Services  []string      // NAMESPACE/NAME; none: all of type LoadBalancer
	Nodes     []string      // only what is on these; none: all
	Since     time.Duration // of logs; 0: all that there is
	NoExec    bool          // no command is run in any container
	ForGitHub bool          // the bundle has at most GitHubBytes
	// MetricsAccount is the ServiceAccount, NAMESPACE/NAME, that a token is asked for where the caller has none; "" for none.
	MetricsAccount string

	// DebugLogs is for how long the log level is raised before logs are read; 0: it is not. It needs a Changer.
	DebugLogs time.Duration
	// Confirm is asked before pods are restarted; nil: they may be.
	Confirm func([]LevelChange) bool

	Attach []Attachment
	Limits Limits // the zero value is DefaultLimits

	Tool   schema.Tool
	Params schema.Parameters
	Note   string

	Partial  string      // the folder for what is on its way; it must not be there yet
	Progress func(Event) // called one at a time; may be nil
}

// Attachment is a file that the user adds.
type Attachment struct{ Name, Path string }

// GitHubBytes is what GitHub takes as an attachment.
const GitHubBytes = 25_000_000

// Bytes that all members together may have on disk before they are packed.
const (
	spoolBytes       = 4 << 30
	spoolGitHubBytes = 320 << 20
)

// Result is what a collection brought.
type Result struct {
	Created time.Time
	Context string // of the kubeconfig
	Steps   []schema.Step
	// Unrestored says what could not be put back as it was, and how to do it; empty when everything was.
	Unrestored []string

	spool *spool
}

// Complete says that every step got everything that there was to get. A skipped step does not speak against it: the call leaves it
// out, or there is nothing to ask (a container that never started, a node without a shell).
func (r *Result) Complete() bool {
	for _, s := range r.Steps {
		if !s.Status.Complete() && s.Status != schema.StatusSkipped {
			return false
		}
	}
	return true
}

// ErrNothing is that not even the kinds of objects could be listed.
var ErrNothing = errors.New("nothing could be collected")

// Collect asks the cluster for everything that the options name. The members lie in Options.Partial until Pack; a context that ends
// early, whatever its cause, ends the steps, and what came by then is there. ch is nil for a collection that changes nothing.
func Collect(ctx context.Context, c Cluster, ch Changer, cl Cleaner, o Options) (*Result, error) {
	o = withDefaults(o)
	created := time.Now()
	limit := o.Limits.Deadline
	if o.DebugLogs > 0 {
		limit += o.DebugLogs + rolloutLimit
	}
	ctx, cancel := context.WithDeadline(ctx, created.Add(limit))
	defer cancel()
	inv, err := Find(ctx, c, o.Namespace)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNothing, err)
	}
	h := schema.Header{Format: schema.BundleFormat, Version: schema.BundleVersion, Tool: o.Tool, Created: schema.Time{Time: created.UTC().Truncate(time.Second)},
		Cluster: schema.HeaderCluster{Context: inv.Identity.Context, Kubernetes: inv.Identity.Version, Namespace: inv.MetalLB}, Params: o.Params, Note: o.Note}
	size := int64(spoolBytes)
	if o.ForGitHub {
		size = spoolGitHubBytes
	}
	if token := c.BearerToken(); token != "" {
		cl.Token(token)
	}
	sp, err := newSpool(o.Partial, cl, size, h)
	if err != nil {
		return nil, err
	}
	r := &Result{Created: created, Context: inv.Identity.Context, spool: sp}
	x := &collection{planner: planner{inv: inv, o: o, changer: ch}, cluster: c, engine: newEngine(c, sp, o.Limits, o.Progress), result: r}
	x.run(ctx, x.attachments())
	x.run(ctx, x.first())
	if o.DebugLogs > 0 && ch != nil {
		x.debug(ctx)
	} else {
		x.run(ctx, x.second())
	}
	sp.seal()
	return r, nil
}

func withDefaults(o Options) Options {
	d := DefaultLimits()
	l := &o.Limits
	if l.Deadline == 0 {
		l.Deadline = d.Deadline
	}
	if l.Step == 0 {
		l.Step = d.Step
	}
	if l.Node == 0 {
		l.Node = d.Node
	}
	l.Step, l.Node = min(l.Step, l.Deadline/3), min(l.Node, l.Deadline/2)
	if l.Workers == 0 {
		l.Workers = d.Workers
	}
	if l.PerNode == 0 {
		l.PerNode = d.PerNode
	}
	return o
}

// planner makes the steps. The second ones depend on what the first ones learned.
type planner struct {
	inv     *Inventory
	o       Options
	changer Changer
}

func (p *planner) first() []Step {
	steps := firstLists(p.inv, p.o)
	for _, ns := range p.inv.Namespaces() {
		steps = append(steps, secretsOf(p.inv, ns))
	}
	if p.inv.MetalLB == "" {
		missing := &Error{Status: schema.StatusNotFound, Err: fmt.Errorf("MetalLB was not found: %s; name its namespace with --namespace", p.inv.Why)}
		steps = append(steps, Step{Name: "logs", Does: "read the logs of MetalLB", Run: func(context.Context, *Work) error { return missing }})
	}
	return steps
}

func (p *planner) second() []Step {
	steps := secondLists(p.inv)
	pods := p.inv.Pods()
	if len(p.o.Nodes) > 0 {
		pods = slices.DeleteFunc(pods, func(pod Pod) bool {
			return pod.has("speaker", "metallb-speaker", "frr") && !slices.Contains(p.o.Nodes, pod.Node)
		})
	}
	steps = append(steps, p.frr(pods)...)
	steps = append(steps, p.nodesWithout(pods)...)
	steps = append(steps, p.describe()...)
	steps = append(steps, p.metrics(pods)...)
	steps = append(steps, p.logs(pods)...)
	return steps
}

// attachments copies the files that the user adds.
func (p *planner) attachments() []Step {
	var steps []Step
	taken := map[string]int{}
	for _, a := range p.o.Attach {
		name := "attached/" + safeName(filepath.Base(a.Name))
		if taken[name]++; taken[name] > 1 {
			name = fmt.Sprintf("%s.%d", name, taken[name])
		}
		steps = append(steps, Step{Name: name, Does: "attach " + a.Name, Class: ClassAttached, Run: func(_ context.Context, w *Work) error {
			f, err := os.Open(a.Path)
			if err != nil {
				return err
			}
			defer f.Close()
			err = w.copy(name, f)
			if is := w.spool.cleaner.Passed(name); is != "" {
				w.Note("it is %s, in which secrets cannot be found: look into it before you publish it", is)
			}
			return err
		}})
	}
	return steps
}

// safeName is a name as one part of a member's path can have it.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`\/:*?"<>|`, r) || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name == "" || name == "." || name == ".." {
		return "_"
	}
	return name
}

// permitted asks whether the caller may do what the steps need, each permission once, and marks the steps that it rules out. Where
// the cluster does not answer, the step is tried.
func permitted(ctx context.Context, c Cluster, steps []Step) []Step {
	var all []Permission
	asked := map[Permission]bool{}
	for _, s := range steps {
		for _, p := range s.Needs {
			if s.Skip == "" && !asked[p] {
				asked[p] = true
				all = append(all, p)
			}
		}
	}
	answers, _ := sideBySide(ctx, all, func(ctx context.Context, p Permission) (denied bool, _ error) {
		ok, err := c.Allowed(ctx, p)
		return err == nil && !ok, nil
	})
	denied := map[Permission]bool{}
	for i, p := range all {
		denied[p] = answers[i]
	}
	for i := range steps {
		for _, p := range steps[i].Needs {
			if steps[i].Skip == "" && denied[p] {
				err := &Error{Status: schema.StatusForbidden, Err: fmt.Errorf("the caller may not %s", p)}
				steps[i].Run = func(context.Context, *Work) error { return err }
				break
			}
		}
	}
	return steps
}
