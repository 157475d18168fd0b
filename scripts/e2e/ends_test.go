//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// The log of a container's run before it crashed is there.
func TestPreviousLogs(t *testing.T) {
	variant(t, "frr-k8s")
	var crashed []string
	for _, p := range pods(t) {
		for _, name := range []string{"controller", "speaker"} {
			if strings.HasPrefix(p.Metadata.Name, name+"-") && len(crashed) < 2 {
				script(t, "fault.sh", "crash", p.Metadata.Name, name)
				crashed = append(crashed, p.Metadata.Name+"/"+name)
			}
		}
	}
	steady(t, "frr-k8s")
	before := map[string]string{}
	for _, c := range crashed {
		pod, container, _ := strings.Cut(c, "/")
		before["logs/"+metallb+"/"+c+".previous.log"] = kubectl(t, "logs", "-n", metallb, pod, "-c", container, "--previous", "--timestamps")
	}
	c := collect(t, "--metrics-service-account", ours+"/metrics")
	c.complete(t)
	for member, text := range before {
		if c.members[member] != text || text == "" {
			t.Errorf("%s has %d bytes, kubectl logs --previous %d", member, len(c.members[member]), len(text))
		}
	}
	for _, m := range c.trailer.Members {
		if _, ok := before[m.Path]; ok != m.Previous {
			t.Errorf("the trailer says of %s previous: %v", m.Path, m.Previous)
		}
	}
	c.holds(t, "objects/core/pods/metallb-system.yaml", "restartCount: 1", "exitCode: 137")
	healthy(t, analyze(t, c.file), installs[len(installs)-1].services...)
}

// A node that is cut off costs its own steps; the rest is there in time, and the trailer says what is not.
func TestNodeCutOff(t *testing.T) {
	t.Run("cut", func(t *testing.T) { nodeGone(t, "cut") })
	t.Run("hangs", func(t *testing.T) { nodeGone(t, "hang") })
}

func nodeGone(t *testing.T, what string) {
	variant(t, "frr-k8s")
	const node, deadline = "node-b", time.Minute
	t.Cleanup(func() {
		kubectl(t, "wait", "--for=condition=Ready", "nodes", "--all", "--timeout=120s")
		steady(t, "frr-k8s")
	})
	fault(t, what, node)
	all := pods(t)
	c := collect(t, "--deadline", deadline.String())
	if c.code != 4 || c.took > deadline+5*time.Second {
		t.Errorf("exit %d after %s\n%s%s", c.code, c.took, c.out, c.err)
	}
	gone := 0
	for status, steps := range c.incomplete() {
		for _, s := range steps {
			switch {
			case status == schema.StatusForbidden && strings.HasPrefix(s.Name, "metrics/"): // the administrator has no token
			case s.Node != node || status != schema.StatusTimeout && status != schema.StatusFailed || s.Error == "":
				t.Errorf("step %s of node %q: %s: %s", s.Name, s.Node, s.Status, s.Error)
			default:
				gone++
			}
		}
	}
	if gone == 0 {
		t.Error("no step of the node is missing")
	}
	for _, p := range all {
		if p.Spec.NodeName == node {
			continue
		}
		for _, container := range p.Spec.Containers {
			c.holds(t, "logs/"+metallb+"/"+p.Metadata.Name+"/"+container.Name+".log")
		}
		if p.has("frr") {
			c.holds(t, "vtysh/"+metallb+"/"+p.Metadata.Name+"/show-bgp-summary.txt", "192.168.70.1")
		}
	}
	c.holds(t, "objects/core/nodes/_cluster.yaml", "name: "+node)
	c.holds(t, "objects/metallb.io/ipaddresspools/metallb-system.yaml", "name: lan")
	if !strings.Contains(c.out, "missing") || !strings.Contains(c.out, "timeout, ") && !strings.Contains(c.out, "failed, ") {
		t.Errorf("what is missing is not told:\n%s", c.out)
	}
}

// started is a collector that runs.
type started struct {
	*exec.Cmd
	file     string
	out, err bytes.Buffer
}

func start(t *testing.T, args ...string) *started {
	t.Helper()
	s := &started{file: filepath.Join(t.TempDir(), "bundle.tgz")}
	s.Cmd = exec.Command(plugin(), append([]string{"collect", "-q", "--kubeconfig", lab.config, "--to", s.file}, args...)...)
	s.Stdout, s.Stderr = &s.out, &s.err
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Process.Kill(); s.Wait() })
	return s
}

// midway waits until the Services are on disk and the rest is on its way.
func (s *started) midway(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if data, _ := os.ReadFile(s.file + ".partial/objects/core/services/shop.yaml"); len(data) > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("no Services came\n%s%s", &s.out, &s.err)
		}
	}
}

// A collector that is killed leaves what came, and the analyzer reads it as cut.
func TestKilled(t *testing.T) {
	variant(t, "frr-k8s")
	s := start(t)
	s.midway(t)
	s.Process.Kill()
	s.Wait()
	if _, err := os.Stat(s.file); err == nil {
		t.Fatal("it had ended before it was killed")
	}
	r := analyze(t, s.file+".partial")
	if !r.Source.Cut || r.Source.Kind != "bundle" || len(r.Services) != 4 {
		t.Errorf("it is told as %+v with %d Services", r.Source, len(r.Services))
	}
	text := must(t, program(), "analyze", "-q", s.file+".partial")
	if !strings.Contains(text, "\nthe input is cut: ") {
		t.Errorf("it does not say that the collection was cut:\n%.500s", text)
	}
	again := run(t, plugin(), "collect", "-q", "--kubeconfig", lab.config, "--to", s.file)
	if again.code != 2 || !strings.Contains(again.err, "is left by a collection that was ended") {
		t.Errorf("over what is left: exit %d\n%s%s", again.code, again.out, again.err)
	}
}

// Ctrl-C packs what there is.
func TestInterrupted(t *testing.T) {
	variant(t, "frr-k8s")
	s := start(t)
	s.midway(t)
	s.Process.Signal(syscall.SIGINT)
	s.Wait()
	c := collected{ran: ran{code: s.ProcessState.ExitCode(), out: s.out.String(), err: s.err.String()}, file: s.file}
	c.open(t)
	if c.code != 4 || !strings.Contains(c.err, "interrupted: packing what there is") {
		t.Errorf("exit %d\n%s%s", c.code, c.out, c.err)
	}
	if _, err := os.Stat(s.file + ".partial"); err == nil {
		t.Error("the folder is left")
	}
	c.holds(t, "objects/core/services/shop.yaml", "name: storefront")
	interrupted := 0
	for _, s := range c.trailer.Steps {
		if strings.Contains(s.Error, "interrupted") {
			interrupted++
		}
	}
	if interrupted == 0 {
		t.Error("no step was interrupted: it had ended before")
	}
	if r := analyze(t, s.file); r.Source.Cut || len(r.Services) != 4 {
		t.Errorf("it is told as %+v with %d Services", r.Source, len(r.Services))
	}
}
