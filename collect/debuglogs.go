package collect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Times that raising and restoring a log level may take beside the time for which logs are wanted.
const (
	rolloutLimit = 90 * time.Second
	restoreLimit = 30 * time.Second
)

// debugStep is the trailer's name for raising the log level.
const debugStep = "debug-logs"

// collection is one call of Collect.
type collection struct {
	planner
	cluster Cluster
	engine  *engine
	result  *Result
}

// run runs steps and notes how they end.
func (x *collection) run(ctx context.Context, steps []Step) {
	x.result.Steps = append(x.result.Steps, x.engine.run(ctx, permitted(ctx, x.cluster, steps))...)
}

// debug runs the second steps with the log level raised, and puts back what was there, whatever happens in between. Where pods have
// to restart, everything is collected before, since their logs are lost, and the logs of the new pods afterwards.
func (x *collection) debug(ctx context.Context) {
	started := time.Now()
	status, why := schema.StatusOK, ""
	defer func() {
		x.result.Steps = append(x.result.Steps, *ended(&Step{Name: debugStep}, status, why, time.Since(started)))
	}()
	changes, err := LevelChanges(ctx, x.cluster, x.inv)
	restarts := slices.ContainsFunc(changes, func(c LevelChange) bool { return c.Restarts })
	switch {
	case err != nil:
		status, why = StatusOf(err), short(err)
	case len(changes) == 0:
		status, why = schema.StatusNotFound, "nothing here has a log level that can be raised"
	case restarts && x.o.Confirm != nil && !x.o.Confirm(changes):
		status, why = schema.StatusSkipped, "it restarts pods, and was not confirmed"
	}
	if status != schema.StatusOK {
		x.run(ctx, x.second())
		return
	}
	if restarts {
		x.run(ctx, x.second())
	}
	raised, err := x.raise(ctx, changes)
	defer x.restore(ctx, raised, &status, &why)
	if err == nil {
		err = x.wait(ctx, raised)
	}
	if err != nil {
		status, why = StatusOf(err), short(err)
	}
	x.engine.anew()
	if restarts {
		x.run(ctx, x.newPods(ctx))
	} else {
		x.run(ctx, x.second())
	}
}

func (x *collection) raise(ctx context.Context, changes []LevelChange) (raised []LevelChange, err error) {
	for _, c := range changes {
		if err := c.Raise(ctx, x.cluster, x.changer); err != nil {
			return raised, fmt.Errorf("raising the log level of %s %s/%s: %w", c.Resource.Kind, c.Namespace, c.Name, err)
		}
		raised = append(raised, c)
	}
	return raised, nil
}

// wait waits for pods that restart, then as long as debug logs are wanted.
func (x *collection) wait(ctx context.Context, raised []LevelChange) error {
	limited, cancel := context.WithTimeout(ctx, rolloutLimit)
	defer cancel()
	err := rolledOut(limited, x.cluster, x.inv, raised)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(x.o.DebugLogs):
	}
	return err
}

// newPods are the steps for the logs of pods that were not there before.
func (x *collection) newPods(ctx context.Context) []Step {
	before := map[string]bool{}
	for _, p := range x.inv.Pods() {
		before[p.Namespace+"/"+p.Name] = true
	}
	fresh := &Inventory{Resources: x.inv.Resources, MetalLB: x.inv.MetalLB, FRR: x.inv.FRR, services: x.inv.services, nodes: x.inv.nodes, announcers: x.inv.announcers}
	r, _ := x.inv.Resource("", "pods")
	for _, ns := range x.inv.Namespaces() {
		_ = x.cluster.List(ctx, r, Query{Namespace: ns}, func(o Object) error { fresh.learnPod(o); return nil })
	}
	pods := slices.DeleteFunc(fresh.Pods(), func(p Pod) bool { return before[p.Namespace+"/"+p.Name] })
	p := planner{inv: fresh, o: x.o, changer: x.changer}
	return append(p.frr(pods), p.logs(pods)...)
}

// restore puts back what was raised, also after the collection was interrupted.
func (x *collection) restore(ctx context.Context, raised []LevelChange, status *schema.Status, why *string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreLimit)
	defer cancel()
	var left []string
	for _, c := range raised {
		if err := c.Restore(ctx, x.cluster, x.changer); err != nil {
			left = append(left, c.ByHand()+": "+short(err))
		}
	}
	if len(left) > 0 {
		*status = schema.StatusFailed
		*why = strings.TrimPrefix(*why+"; "+strings.Join(left, "; "), "; ")
		x.result.Unrestored = left
	}
}
