//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Namespaces of the lab.
const (
	metallb = "metallb-system"
	shop    = "shop"      // of the Services
	ours    = "assay-e2e" // of the ServiceAccounts that the scenarios use
)

// lab is the cluster that runs, as scripts/lab/env.sh finds it.
var lab struct {
	root    string // of the checkout
	dir     string // ASSAY_LAB_DIR
	config  string // its kubeconfig
	kubectl string
}

func TestMain(m *testing.M) {
	if err := findLab(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// findLab finds the lab, and makes the accounts that the scenarios use.
func findLab() error {
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	lab.root = root
	said, err := exec.Command("bash", "-c", `. "$0" && echo "$ASSAY_LAB_DIR|$KUBECONFIG_LAB|$BIN/kubectl"`, filepath.Join(root, "scripts/lab/env.sh")).Output()
	if err != nil {
		return fmt.Errorf("scripts/lab/env.sh: %w", err)
	}
	parts := strings.Split(strings.TrimSpace(string(said)), "|")
	lab.dir, lab.config, lab.kubectl = parts[0], parts[1], parts[2]
	if _, err := os.Stat(filepath.Join(lab.dir, "variant")); err != nil {
		return fmt.Errorf("no lab runs in %s: make lab-up raises one", lab.dir)
	}
	c := exec.Command(lab.kubectl, "--kubeconfig", lab.config, "apply", "-f", "-")
	c.Stdin = strings.NewReader(accounts)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("the lab in %s does not answer: %w\n%s", lab.dir, err, out)
	}
	return nil
}

// accounts are ServiceAccounts: "metrics" may read metrics and nothing else, "viewer" has the ClusterRole view, "narrow" nothing yet.
const accounts = `
apiVersion: v1
kind: Namespace
metadata: {name: assay-e2e}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: metrics, namespace: assay-e2e}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: viewer, namespace: assay-e2e}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: narrow, namespace: assay-e2e}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: assay-e2e-metrics}
rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: assay-e2e-metrics}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: assay-e2e-metrics}
subjects: [{kind: ServiceAccount, name: metrics, namespace: assay-e2e}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: assay-e2e-view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: viewer, namespace: assay-e2e}]
`

// ran is how a program ended.
type ran struct {
	code     int // -1 where a signal ended it
	out, err string
	took     time.Duration
}

// run runs a program to its end.
func run(t *testing.T, name string, args ...string) ran {
	t.Helper()
	return runWith(t, "", name, args...)
}

func runWith(t *testing.T, stdin, name string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	started := time.Now()
	err := c.Run()
	if c.ProcessState == nil {
		t.Fatalf("%s: %v", name, err)
	}
	return ran{c.ProcessState.ExitCode(), out.String(), errs.String(), time.Since(started)}
}

// must runs a program that has to end well, and returns what it printed.
func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	r := run(t, name, args...)
	if r.code != 0 {
		t.Fatalf("%s %s: exit %d\n%s%s", filepath.Base(name), strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// kubectl runs kubectl as the cluster's administrator.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	return must(t, lab.kubectl, append([]string{"--kubeconfig", lab.config}, args...)...)
}

// apply makes objects.
func apply(t *testing.T, objects string) {
	t.Helper()
	if r := runWith(t, objects, lab.kubectl, "--kubeconfig", lab.config, "apply", "-f", "-"); r.code != 0 {
		t.Fatalf("kubectl apply: %s\n%s", r.err, objects)
	}
}

// script runs a script of scripts/lab.
func script(t *testing.T, name string, args ...string) string {
	t.Helper()
	return must(t, "bash", append([]string{filepath.Join(lab.root, "scripts/lab", name)}, args...)...)
}

// fault breaks something, and mends it when the test ends.
func fault(t *testing.T, what string, args ...string) {
	t.Helper()
	t.Cleanup(func() { script(t, "fault.sh", append([]string{what, "off"}, args...)...) })
	script(t, "fault.sh", append([]string{what, "on"}, args...)...)
}

// variant installs MetalLB in the way that a scenario needs, if it is not, and waits until everything runs.
func variant(t *testing.T, name string) {
	t.Helper()
	now, err := os.ReadFile(filepath.Join(lab.dir, "variant"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(now)) != name {
		script(t, "metallb.sh", name)
	}
	steady(t, name)
}

// steady waits until all workloads have rolled out and every node has its two sessions with the router. What other scenarios did to
// announcers is not to be judged: its events are removed.
func steady(t *testing.T, variant string) {
	t.Helper()
	for _, ns := range []string{metallb, shop} {
		for _, w := range strings.Fields(kubectl(t, "get", "deployments,daemonsets", "-n", ns, "-o", "name")) {
			kubectl(t, "rollout", "status", w, "-n", ns, "--timeout=180s")
		}
	}
	defer kubectl(t, "delete", "events", "-n", shop, "--field-selector", "involvedObject.kind=Service")
	if variant == "native" {
		return
	}
	eventually(t, 2*time.Minute, "the BGP sessions with the router", func() bool {
		r := run(t, "bash", filepath.Join(lab.root, "scripts/lab/router.sh"), "vtysh", "-c", "show bgp ipv4 unicast summary json")
		return strings.Count(r.out, `"state":"Established"`) == 6
	})
}

// eventually waits until something holds.
func eventually(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("gave up waiting for %s", what)
		}
	}
}

// asAccount is a kubeconfig for one of our ServiceAccounts, with nothing but its token.
func asAccount(t *testing.T, account string) string {
	t.Helper()
	token := strings.TrimSpace(kubectl(t, "create", "token", account, "-n", ours, "--duration", "1h"))
	var admin struct {
		Clusters []struct{ Cluster map[string]any }
	}
	decode(t, kubectl(t, "config", "view", "--raw", "-o", "json"), &admin)
	config, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Config", "current-context": account,
		"clusters": []any{map[string]any{"name": "lab", "cluster": admin.Clusters[0].Cluster}},
		"users":    []any{map[string]any{"name": account, "user": map[string]any{"token": token}}},
		"contexts": []any{map[string]any{"name": account, "context": map[string]any{"cluster": "lab", "user": account}}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), account+".conf")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
}

// pod is what the scenarios want to know of a pod.
type pod struct {
	Metadata struct{ Name string }
	Spec     struct {
		NodeName                   string
		Containers, InitContainers []struct {
			Name  string
			Ports []struct {
				Name          string
				ContainerPort int
			}
		}
	}
}

// pods are those of MetalLB's namespace.
func pods(t *testing.T) []pod {
	t.Helper()
	var list struct{ Items []pod }
	decode(t, kubectl(t, "get", "pods", "-n", metallb, "-o", "json"), &list)
	return list.Items
}

// has tells whether the pod has the container.
func (p pod) has(container string) bool {
	for _, c := range p.Spec.Containers {
		if c.Name == container {
			return true
		}
	}
	return false
}

// nodes are the cluster's nodes with their addresses.
func nodes(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(kubectl(t, "get", "nodes", "-o", `jsonpath={range .items[*]}{.metadata.name}={.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}`)), "\n") {
		name, addresses, _ := strings.Cut(line, "=")
		all[name], _, _ = strings.Cut(addresses, " ") // of IPv4
	}
	return all
}

// secrets are the values that must not be in any bundle: those of all Secrets, and the passwords of the peers.
func secrets(t *testing.T) []string {
	t.Helper()
	var all []string
	var list struct {
		Items []struct{ Data map[string]string }
	}
	decode(t, kubectl(t, "get", "secrets", "-A", "-o", "json"), &list)
	for _, s := range list.Items {
		for _, v := range s.Data {
			data, err := base64.StdEncoding.DecodeString(v)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(data))
		}
	}
	return append(all, strings.Fields(kubectl(t, "get", "bgppeers.metallb.io", "-A", "-o", "jsonpath={.items[*].spec.password}"))...)
}
