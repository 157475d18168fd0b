package collect

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/metallb-assay/assay/schema"
)

// stored is a cluster of objects that can be changed.
type stored struct {
	Cluster
	Changer
	objects map[string]Object
	log     []string
}

func (s *stored) key(r Resource, ns, name string) string { return r.String() + " " + ns + "/" + name }

func (s *stored) List(_ context.Context, r Resource, q Query, each func(Object) error) error {
	for k, o := range s.objects {
		if strings.HasPrefix(k, r.String()+" "+q.Namespace+"/") {
			if err := each(copied(o)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stored) Get(_ context.Context, r Resource, ns, name string) (Object, error) {
	o, ok := s.objects[s.key(r, ns, name)]
	if !ok {
		return nil, &Error{Status: schema.StatusNotFound, Err: fmt.Errorf("%s %q not found", r, name)}
	}
	return copied(o), nil
}

func (s *stored) Replace(_ context.Context, r Resource, o Object) (Object, error) {
	s.log = append(s.log, "replace "+nameOf(o))
	s.objects[s.key(r, namespaceOf(o), nameOf(o))] = copied(o)
	return o, nil
}

func (s *stored) Create(_ context.Context, r Resource, o Object) (Object, error) {
	s.log = append(s.log, "create "+nameOf(o))
	s.objects[s.key(r, namespaceOf(o), nameOf(o))] = copied(o)
	return o, nil
}

func (s *stored) Delete(_ context.Context, r Resource, ns, name string) error {
	s.log = append(s.log, "delete "+name)
	delete(s.objects, s.key(r, ns, name))
	return nil
}

func copied(o Object) Object {
	data, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	var c Object
	if err := json.Unmarshal(data, &c); err != nil {
		panic(err)
	}
	return c
}

func parsed(t *testing.T, text string) Object {
	t.Helper()
	var o Object
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

const speakerSet = `
metadata: {name: speaker, namespace: m, generation: 1}
spec:
  template:
    spec:
      containers:
      - name: speaker
        args: [--port=7472, --log-level=info, --lb-class=x]
      - name: kube-rbac-proxy
        args: [--log-level=warn]
`

var (
	daemonSets = Resource{Group: "apps", Version: "v1", Name: "daemonsets", Kind: "DaemonSet", Namespaced: true}
	operators  = Resource{Group: "metallb.io", Version: "v1beta1", Name: "metallbs", Kind: "MetalLB", Namespaced: true, Verbs: []string{"list"}}
	frrLevels  = Resource{Group: "frrk8s.metallb.io", Version: "v1beta1", Name: "frrk8sconfigurations", Kind: "FRRK8sConfiguration", Namespaced: true}
)

// What was there is there again after Restore, byte for byte, however the installation sets its level.
func TestLevelIsPutBack(t *testing.T) {
	for name, c := range map[string]struct {
		resource Resource
		text     string
		raised   string // part of the object in between
	}{
		"args":         {daemonSets, speakerSet, `["--port=7472","--log-level=debug","--lb-class=x"]`},
		"no args":      {daemonSets, strings.Replace(speakerSet, "args: [--port=7472, --log-level=info, --lb-class=x]", "image: x", 1), `["--log-level=debug"]`},
		"two words":    {daemonSets, strings.Replace(speakerSet, "--log-level=info", "--log-level, info", 1), `"--log-level","debug","--lb-class=x"]`},
		"operator":     {operators, "metadata: {name: speaker, namespace: m}\nspec: {logLevel: warn}\n", `"logLevel":"debug"`},
		"operator new": {operators, "metadata: {name: speaker, namespace: m}\n", `"logLevel":"debug"`},
		"annotated":    {operators, "metadata: {name: speaker, namespace: m, annotations: {a: b}}\nspec: {logLevel: info, nodeSelector: {x: y}}\n", `"logLevel":"debug"`},
	} {
		t.Run(name, func(t *testing.T) {
			before := parsed(t, c.text)
			change := LevelChange{Resource: c.resource, Namespace: "m", Name: "speaker"}
			s := &stored{objects: map[string]Object{}}
			s.objects[s.key(c.resource, "m", "speaker")] = copied(before)
			if err := change.Raise(context.Background(), s, s); err != nil {
				t.Fatal(err)
			}
			between, _ := json.Marshal(s.objects[s.key(c.resource, "m", "speaker")])
			if !strings.Contains(string(between), c.raised) || !strings.Contains(string(between), formerKey) || strings.Contains(name, "args") && !strings.Contains(string(between), `"--log-level=warn"`) {
				t.Errorf("raised: %s", between)
			}
			if err := change.Raise(context.Background(), s, s); err == nil {
				t.Error("raised twice: the former level would be lost")
			}
			if err := change.Restore(context.Background(), s, s); err != nil {
				t.Fatal(err)
			}
			after := s.objects[s.key(c.resource, "m", "speaker")]
			if spec, ok := after["spec"].(map[string]any); ok && len(spec) == 0 && before["spec"] == nil {
				delete(after, "spec")
			}
			if !reflect.DeepEqual(after, copied(before)) {
				t.Errorf("after: %v\nbefore: %v", after, before)
			}
			calls := len(s.log)
			if err := change.Restore(context.Background(), s, s); err != nil || len(s.log) != calls {
				t.Errorf("a second restore changes something: %v, %v", s.log, err)
			}
		})
	}
}

// What somebody else changed in between is not overwritten.
func TestLevelChangedInBetween(t *testing.T) {
	change := LevelChange{Resource: daemonSets, Namespace: "m", Name: "speaker"}
	s := &stored{objects: map[string]Object{}}
	key := s.key(daemonSets, "m", "speaker")
	s.objects[key] = parsed(t, speakerSet)
	if err := change.Raise(context.Background(), s, s); err != nil {
		t.Fatal(err)
	}
	list(s.objects[key], "spec", "template", "spec", "containers")[0].(map[string]any)["args"] = []any{"--log-level=all"}
	if err := change.Restore(context.Background(), s, s); err == nil || !strings.Contains(err.Error(), "changed in between") {
		t.Errorf("restored: %v", err)
	}
}

func TestLevelOfFRRK8s(t *testing.T) {
	change := LevelChange{Resource: frrLevels, Namespace: "m", Name: "config", Missing: true}
	s := &stored{objects: map[string]Object{}}
	if err := change.Raise(context.Background(), s, s); err != nil {
		t.Fatal(err)
	}
	if err := change.Restore(context.Background(), s, s); err != nil || len(s.objects) != 0 {
		t.Errorf("what was created is still there: %v, %v", s.objects, err)
	}
}

func TestLevelChanges(t *testing.T) {
	inv := &Inventory{MetalLB: "m", Resources: []Resource{operators, frrLevels}, pods: []Pod{{Namespace: "m", Name: "frr-k8s-1", Containers: []PodContainer{{Name: "frr"}, {Name: "frr-k8s"}}}}}
	s := &stored{objects: map[string]Object{}}
	s.objects[s.key(daemonSets, "m", "speaker")] = parsed(t, speakerSet)
	s.objects[s.key(daemonSets, "m", "other")] = parsed(t, strings.ReplaceAll(strings.Replace(speakerSet, "name: speaker, ", "name: other, ", 1), "- name: speaker", "- name: exporter"))
	s.objects[s.key(daemonSets, "m", "frr-k8s-daemon")] = parsed(t, strings.Replace(strings.Replace(speakerSet, "name: speaker, ", "name: frr-k8s-daemon, ", 1), "- name: speaker", "- name: frr\n      - name: controller", 1))
	texts := func() string {
		changes, err := LevelChanges(context.Background(), s, inv)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, c := range changes {
			all = append(all, c.String())
		}
		return strings.Join(all, "; ")
	}
	if got, want := texts(), "set --log-level=debug in DaemonSet m/speaker, which restarts its pods; create FRRK8sConfiguration m/config with log level debug"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.objects[s.key(operators, "m", "metallb")] = parsed(t, "metadata: {name: metallb, namespace: m}")
	s.objects[s.key(frrLevels, "m", "config")] = parsed(t, "metadata: {name: config, namespace: m}")
	if got, want := texts(), "set --log-level=debug in MetalLB m/metallb, which restarts its pods; set the log level debug in FRRK8sConfiguration m/config"; got != want {
		t.Errorf("with an operator\ngot  %s\nwant %s", got, want)
	}
}
