//go:build e2e

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// The log level is raised and put back, and the logs of then are there.
func TestDebugLogs(t *testing.T) {
	variant(t, "frr-k8s")
	before := levels(t)
	t.Cleanup(func() { steady(t, "frr-k8s") })
	asked := collect(t, "--debug-logs", "5s", "--no-exec", "--no-analyze")
	if !strings.Contains(asked.err, "nobody can be asked here") || levels(t) != before {
		t.Errorf("unasked: exit %d\n%s%s\nworkloads: %s", asked.code, asked.out, asked.err, levels(t))
	}
	old := map[string]bool{}
	for _, p := range pods(t) {
		old[p.Metadata.Name] = true
	}
	c := collect(t, "--debug-logs", "10s", "--yes", "--metrics-service-account", ours+"/metrics")
	c.complete(t)
	if now := levels(t); now != before {
		t.Errorf("workloads are\n%s\nand were\n%s", now, before)
	}
	for name := range old { // of before
		if strings.HasPrefix(name, "controller-") {
			c.holds(t, "logs/"+metallb+"/"+name+"/controller.log", `"level":"info"`)
		}
	}
	debugs := map[string]int{} // of the pods that were there in between
	for member, text := range c.members {
		pod, container, _ := strings.Cut(strings.TrimPrefix(member, "logs/"+metallb+"/"), "/")
		if strings.HasPrefix(member, "logs/"+metallb+"/") && strings.Contains(text, `"level":"debug"`) {
			debugs[container]++
			if old[pod] && !strings.HasPrefix(pod, "frr-k8s-") {
				t.Errorf("%s has debug lines before the level was raised", member)
			}
		}
	}
	if debugs["controller.log"] < 1 || debugs["speaker.log"] != len(nodes(t)) {
		t.Errorf("logs with debug lines: %v", debugs)
	}
	c.hides(t, secrets(t))
}

// What a collector that was killed had raised, cleanup puts back.
func TestCleanup(t *testing.T) {
	variant(t, "frr-k8s")
	before := levels(t)
	t.Cleanup(func() {
		run(t, plugin(), "cleanup", "--kubeconfig", lab.config)
		steady(t, "frr-k8s")
	})
	s := start(t, "--debug-logs", "60s", "--yes", "--no-analyze")
	eventually(t, time.Minute, "a raised log level", func() bool { return strings.Count(levels(t), "former-log-level") >= 2 })
	s.Process.Kill()
	s.Wait()
	if now := levels(t); !strings.Contains(now, "--log-level=debug") {
		t.Fatalf("it did not raise the level: %s", now)
	}
	again := run(t, plugin(), "collect", "-q", "--no-analyze", "--no-exec", "--yes", "--debug-logs", "5s", "--kubeconfig", lab.config, "--to", t.TempDir()+"/again.tgz")
	if again.code != 4 || !strings.Contains(again.out, "cleanup") {
		t.Errorf("a second one does not send to cleanup: exit %d\n%s%s", again.code, again.out, again.err)
	}
	dry := must(t, plugin(), "cleanup", "--dry-run", "--kubeconfig", lab.config)
	if !strings.Contains(dry, "would be put back") || !strings.Contains(levels(t), "--log-level=debug") {
		t.Errorf("--dry-run said %q, workloads: %s", dry, levels(t))
	}
	must(t, plugin(), "cleanup", "--kubeconfig", lab.config)
	if now := levels(t); now != before {
		t.Errorf("workloads are\n%s\nand were\n%s", now, before)
	}
	if text := must(t, plugin(), "cleanup", "--kubeconfig", lab.config); !strings.Contains(text, "nothing is left") {
		t.Errorf("cleaned, it says %q", text)
	}
}

// levels is what --debug-logs may change: the workloads as they are wanted, with their annotations, and frr-k8s' configurations.
// Numbers that the cluster counts itself are left out.
func levels(t *testing.T) string {
	t.Helper()
	var list struct {
		Items []struct {
			Kind     string
			Metadata struct {
				Name        string
				Annotations map[string]string
			}
			Spec any
		}
	}
	decode(t, kubectl(t, "get", "deployments,daemonsets,frrk8sconfigurations", "-n", metallb, "-o", "json"), &list)
	for i := range list.Items {
		delete(list.Items[i].Metadata.Annotations, "deployment.kubernetes.io/revision")
		delete(list.Items[i].Metadata.Annotations, "deprecated.daemonset.template.generation")
	}
	text, err := json.MarshalIndent(list.Items, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
