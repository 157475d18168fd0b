package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// LevelChange is one object that has to be changed to raise the log level, or that an earlier collection changed and did not put
// back.
type LevelChange struct {
	Resource  Resource
	Namespace string
	Name      string
	Missing   bool // the object is not there and will be created
	Restarts  bool // its pods restart, and announcers may move
}

// String says what is changed.
func (c LevelChange) String() string {
	what := fmt.Sprintf("%s %s/%s", c.Resource.Kind, c.Namespace, c.Name)
	switch {
	case c.Missing:
		return "create " + what + " with log level debug"
	case c.Restarts:
		return "set --log-level=debug in " + what + ", which restarts its pods"
	}
	return "set the log level debug in " + what
}

// formerKey is the annotation that has what was there before, so that it can be put back after a crash.
const formerKey = "assay/former-log-level"

// former is the value of the annotation.
type former struct {
	Created bool                `json:"created,omitempty"` // the object was not there
	Level   *string             `json:"level,omitempty"`   // spec.logLevel; nil when it was not set
	Args    map[string][]string `json:"args,omitempty"`    // of a workload's containers
}

// LevelChanges finds how this installation's log level is raised: through the operator's resource where there is one, else in the
// arguments of controller and speaker; and through frr-k8s' configuration where the cluster has that (frr-k8s v0.0.23).
func LevelChanges(ctx context.Context, c Cluster, inv *Inventory) ([]LevelChange, error) {
	var all []LevelChange
	operator, err := objectsIn(ctx, c, inv, "metallb.io", "metallbs", inv.MetalLB)
	if err != nil {
		return nil, err
	}
	for _, o := range operator.objects {
		all = append(all, LevelChange{Resource: operator.r, Namespace: namespaceOf(o), Name: nameOf(o), Restarts: true})
	}
	_, atRunTime := inv.Resource("frrk8s.metallb.io", "frrk8sconfigurations")
	if len(all) == 0 {
		for _, kind := range []string{"deployments", "daemonsets"} {
			found, err := objectsIn(ctx, c, inv, "apps", kind, inv.MetalLB)
			if err != nil {
				return nil, err
			}
			for _, o := range found.objects {
				if len(levelContainers(o)) > 0 && !(runsFRRK8s(o) && atRunTime) {
					all = append(all, LevelChange{Resource: found.r, Namespace: inv.MetalLB, Name: nameOf(o), Restarts: true})
				}
			}
		}
	}
	if r, ok := inv.Resource("frrk8s.metallb.io", "frrk8sconfigurations"); ok {
		for _, ns := range inv.frrNamespaces() {
			_, err := c.Get(ctx, r, ns, "config")
			if err != nil && StatusOf(err) != schema.StatusNotFound {
				return nil, err
			}
			all = append(all, LevelChange{Resource: r, Namespace: ns, Name: "config", Missing: err != nil})
		}
	}
	return all, nil
}

// frrNamespaces are those in which frr-k8s has pods.
func (inv *Inventory) frrNamespaces() []string {
	var all []string
	for _, p := range inv.Pods() {
		if p.has("frr") && !p.Speaker() && !slices.Contains(all, p.Namespace) {
			all = append(all, p.Namespace)
		}
	}
	return all
}

type listed struct {
	r       Resource
	objects []Object
}

func objectsIn(ctx context.Context, c Cluster, inv *Inventory, group, name, ns string) (listed, error) {
	r, ok := inv.Resource(group, name)
	l := listed{r: r}
	if !ok {
		return l, nil
	}
	err := c.List(ctx, r, Query{Namespace: ns}, func(o Object) error {
		complete(o, r)
		l.objects = append(l.objects, o)
		return nil
	})
	return l, err
}

// levelContainers are the containers of a workload that are MetalLB's own programs, by name.
func levelContainers(o Object) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, x := range list(o, "spec", "template", "spec", "containers") {
		c, ok := x.(map[string]any)
		if name := text(c, "name"); ok && slices.Contains([]string{"controller", "speaker", "metallb-controller", "metallb-speaker", "frr-k8s"}, name) {
			all[name] = c
		}
	}
	return all
}

// runsFRRK8s says whether a workload is frr-k8s' DaemonSet: FRR without a speaker.
func runsFRRK8s(o Object) bool {
	frr, speaker := false, false
	for _, c := range list(o, "spec", "template", "spec", "containers") {
		frr = frr || text(c, "name") == "frr"
		speaker = speaker || strings.HasSuffix(text(c, "name"), "speaker")
	}
	return frr && !speaker
}

// Raise raises the level of one object. What was there is written into the object's annotation in the same request.
func (c LevelChange) Raise(ctx context.Context, cl Cluster, ch Changer) error {
	if c.Missing {
		o := Object{"apiVersion": c.Resource.Group + "/" + c.Resource.Version, "kind": c.Resource.Kind,
			"metadata": map[string]any{"name": c.Name, "namespace": c.Namespace}, "spec": map[string]any{"logLevel": "debug"}}
		annotate(o, former{Created: true})
		_, err := ch.Create(ctx, c.Resource, o)
		return err
	}
	o, err := cl.Get(ctx, c.Resource, c.Namespace, c.Name)
	if err != nil {
		return err
	}
	if text(o, "metadata", "annotations", formerKey) != "" {
		return fmt.Errorf("%s %s/%s still has the annotation %s of an earlier collection: run cleanup first", c.Resource.Kind, c.Namespace, c.Name, formerKey)
	}
	f := former{}
	if containers := levelContainers(o); len(containers) > 0 {
		f.Args = map[string][]string{}
		for name, container := range containers {
			f.Args[name] = words(container["args"])
			container["args"] = raised(f.Args[name])
		}
	} else {
		spec, _ := o["spec"].(map[string]any)
		if spec == nil {
			spec = map[string]any{}
			o["spec"] = spec
		}
		if level, ok := spec["logLevel"].(string); ok {
			f.Level = &level
		}
		spec["logLevel"] = "debug"
	}
	annotate(o, f)
	_, err = ch.Replace(ctx, c.Resource, o)
	return err
}

// raised are arguments with the level debug, in the place where a level stood.
func raised(args []string) []any {
	var out []any
	found := false
	for i, a := range args {
		switch {
		case strings.HasPrefix(a, "--log-level="):
			a, found = "--log-level=debug", true
		case i > 0 && args[i-1] == "--log-level":
			a, found = "debug", true
		}
		out = append(out, a)
	}
	if !found {
		out = append(out, "--log-level=debug")
	}
	return out
}

func words(x any) []string {
	l, _ := x.([]any)
	out := []string{}
	for _, w := range l {
		s, _ := w.(string)
		out = append(out, s)
	}
	return out
}

func annotate(o Object, f former) {
	data, _ := json.Marshal(f) // of strings and booleans: never fails
	meta, _ := o["metadata"].(map[string]any)
	notes, _ := meta["annotations"].(map[string]any)
	if notes == nil {
		notes = map[string]any{}
		meta["annotations"] = notes
	}
	notes[formerKey] = string(data)
}

// Restore puts back exactly what was there before Raise, as its annotation says. An object without the annotation is left alone.
func (c LevelChange) Restore(ctx context.Context, cl Cluster, ch Changer) error {
	o, err := cl.Get(ctx, c.Resource, c.Namespace, c.Name)
	if StatusOf(err) == schema.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	note := text(o, "metadata", "annotations", formerKey)
	if note == "" {
		return nil
	}
	var f former
	if err := json.Unmarshal([]byte(note), &f); err != nil {
		return fmt.Errorf("the annotation %s of %s %s/%s is not readable: %w", formerKey, c.Resource.Kind, c.Namespace, c.Name, err)
	}
	if f.Created {
		return ch.Delete(ctx, c.Resource, c.Namespace, c.Name)
	}
	if f.Args != nil {
		for name, container := range levelContainers(o) {
			before, ok := f.Args[name]
			if now := words(container["args"]); !ok || !slices.Equal(now, words(raised(before))) {
				return fmt.Errorf("the arguments of container %s were changed in between; they are %q and were %q", name, now, before)
			}
			if len(before) == 0 {
				delete(container, "args")
				continue
			}
			args := make([]any, len(before))
			for i, a := range before {
				args[i] = a
			}
			container["args"] = args
		}
	} else if spec, ok := o["spec"].(map[string]any); ok {
		delete(spec, "logLevel")
		if f.Level != nil {
			spec["logLevel"] = *f.Level
		}
	}
	drop(o, "metadata", "annotations", formerKey)
	if notes, ok := at(o, "metadata", "annotations").(map[string]any); ok && len(notes) == 0 {
		drop(o, "metadata", "annotations")
	}
	_, err = ch.Replace(ctx, c.Resource, o)
	return err
}

// ByHand says how to put back what Restore could not.
func (c LevelChange) ByHand() string {
	return fmt.Sprintf("the log level of %s %s/%s is still debug: run kubectl assay cleanup, or put back what its annotation %s says", c.Resource.Kind, c.Namespace, c.Name, formerKey)
}

// Leftovers are the objects that an earlier collection changed and did not put back.
func Leftovers(ctx context.Context, c Cluster, inv *Inventory) ([]LevelChange, error) {
	var all []LevelChange
	var failed []error
	for _, k := range []struct{ group, name string }{{"metallb.io", "metallbs"}, {"apps", "deployments"}, {"apps", "daemonsets"}, {"frrk8s.metallb.io", "frrk8sconfigurations"}} {
		for _, ns := range inv.Namespaces() {
			found, err := objectsIn(ctx, c, inv, k.group, k.name, ns)
			if err != nil {
				failed = append(failed, err)
			}
			for _, o := range found.objects {
				if text(o, "metadata", "annotations", formerKey) != "" {
					all = append(all, LevelChange{Resource: found.r, Namespace: ns, Name: nameOf(o), Restarts: k.group == "apps" || k.name == "metallbs"})
				}
			}
		}
	}
	return all, errors.Join(failed...)
}

// rolledOut waits until the pods of all changed workloads run as changed.
func rolledOut(ctx context.Context, c Cluster, inv *Inventory, changes []LevelChange) error {
	for _, ch := range changes {
		if ch.Resource.Group != "apps" {
			continue
		}
		for {
			o, err := c.Get(ctx, ch.Resource, ch.Namespace, ch.Name)
			if err != nil {
				return err
			}
			if isRolledOut(o) {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s %s/%s has not restarted all its pods: %w", ch.Resource.Kind, ch.Namespace, ch.Name, ctx.Err())
			case <-time.After(time.Second):
			}
		}
	}
	return nil
}

func isRolledOut(o Object) bool {
	if number(o, "status", "observedGeneration") < number(o, "metadata", "generation") {
		return false
	}
	if text(o, "kind") == "DaemonSet" || at(o, "status", "desiredNumberScheduled") != nil {
		want := number(o, "status", "desiredNumberScheduled")
		return number(o, "status", "updatedNumberScheduled") == want && number(o, "status", "numberAvailable") == want
	}
	want := number(o, "spec", "replicas")
	return number(o, "status", "updatedReplicas") == want && number(o, "status", "availableReplicas") == want && number(o, "status", "replicas") == want
}
