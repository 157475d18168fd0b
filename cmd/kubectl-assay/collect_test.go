package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// unpacked checks that a bundle was made and has none of the caller's credentials.
func unpacked(t *testing.T, data []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(token)) {
		t.Error("the bundle has the caller's token")
	}
	for _, member := range []string{"header.json", "trailer.json"} {
		if !bytes.Contains(text, []byte(member)) {
			t.Errorf("the bundle lacks %s", member)
		}
	}
	return string(text)
}

func TestCollect(t *testing.T) {
	config := cluster(t, "", "")
	t.Chdir(t.TempDir())
	got := run("--kubeconfig", config, "collect", "--note", "it hangs", "--since", "1h", "--token", token)
	files, _ := filepath.Glob("assay-arn-aws-eks-eu-west-1-123-cluster-prod-*")
	if len(files) != 1 || !strings.HasSuffix(files[0], "Z.tgz") {
		t.Fatalf("files %q\n%s%s", files, got.out, got.err)
	}
	got.hold(t, got.code, files[0]+": ", "next\n", "kubectl assay analyze "+files[0], "kubectl assay: 1/")
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	text := unpacked(t, data)
	for _, words := range []string{"it hangs", `"since": "1h0m0s"`, `"name": "kubectl-assay"`, "speaker-x"} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is missing in the bundle", words)
		}
	}
}

func TestCollectToStandardOutput(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	got := run("collect", "--to", "-", "-q", "--kubeconfig", cluster(t, "", ""))
	unpacked(t, []byte(got.out))
	got.out = ""
	got.hold(t, got.code, "standard output: ", "steps complete")
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

func TestWhatIsForbiddenIsToldInGroups(t *testing.T) {
	t.Chdir(t.TempDir())
	got := run("collect", "-q", "--no-analyze", "--to", "b.tgz", "--kubeconfig", cluster(t, "nodes", ""))
	got.hold(t, 4, "forbidden, 1 step: the caller may not", "    list nodes", "kubectl assay plan -o yaml")
	run("collect", "-q", "--to", "b.tgz", "--kubeconfig", cluster(t, "", "")).hold(t, 2, "b.tgz is there already")
	if err := os.Mkdir("c.tgz.partial", 0o700); err != nil {
		t.Fatal(err)
	}
	run("collect", "-q", "--to", "c.tgz", "--kubeconfig", cluster(t, "", "")).hold(t, 2, "c.tgz.partial is left by a collection that was ended")
}

func TestPlan(t *testing.T) {
	config := cluster(t, "nodes", "")
	run("plan", "--kubeconfig", config).hold(t, 0, "objects/core/nodes", "list nodes", "MISSING", "you have it")
	run("plan", "-o", "yaml", "--kubeconfig", config).hold(t, 0, "kind: ClusterRole", "- nodes")
	run("cleanup", "--kubeconfig", config).hold(t, 0, "nothing is left of a collection")
}

func TestWrongCalls(t *testing.T) {
	config := cluster(t, "", "")
	for args, words := range map[string]string{
		"collect shop/web":                        "it takes no arguments",
		"collect --service web":                   "NAMESPACE/NAME is wanted",
		"collect --for gitlab":                    "github is wanted",
		"collect --since 0s":                      "--since 0s",
		"collect --attach nothing.txt":            "no such file",
		"collect --request-timeout x":             "a time such as 30s",
		"collect --metrics-service-account x":     "NAMESPACE/NAME is wanted",
		"plan -o json":                            "text or yaml is wanted",
		"collect --colour":                        "colour",
		"gather":                                  `no command "gather"`,
		"cleanup all":                             "it takes no arguments",
		"collect --debug-logs -1s":                "--debug-logs -1s",
		"analyze":                                 "name a file or a folder",
		"collect --namespace a --service a/b/c/d": "NAMESPACE/NAME is wanted",
	} {
		list := append(strings.Fields(args), "--kubeconfig", config)
		if !strings.Contains(args, "collect") && !strings.Contains(args, "plan") && !strings.Contains(args, "cleanup") {
			list = strings.Fields(args)
		}
		run(list...).hold(t, 2, words)
	}
	run("collect", "--kubeconfig", "nowhere").hold(t, 3, "--kubeconfig nowhere: no such file")
}

func TestFileNames(t *testing.T) {
	for context, want := range map[string]string{"": "cluster", "../x": "x", "gke_p_europe-west1_c": "gke_p_europe-west1_c", "user@host:6443/a b": "user-host-6443-a-b", "ü": "cluster",
		strings.Repeat("x", 300): strings.Repeat("x", 80)} {
		if got := fileName(context); got != want {
			t.Errorf("%q became %q, want %q", context, got, want)
		}
	}
}

func TestReasonsAreGrouped(t *testing.T) {
	step := func(name, pod, node string, status schema.Status, why string) schema.Step {
		return schema.Step{Name: name, Pod: pod, Node: node, Status: status, Error: why}
	}
	groups := missing([]schema.Step{
		step("a", "", "", schema.StatusOK, ""),
		step("s1", "p-1", "", schema.StatusSkipped, "no shell in p-1"),
		step("s2", "p-2", "", schema.StatusSkipped, "no shell in p-2"),
		step("l3", "p-1", "n-3", schema.StatusTimeout, "node n-3 has used up its 45s"),
		step("l1", "p-1", "n-1", schema.StatusTimeout, "node n-1 has used up its 45s"),
		step("f1", "", "", schema.StatusForbidden, "the caller may not list nodes"),
		step("f2", "", "", schema.StatusForbidden, "the caller may not list pods in a"),
		step("l2", "p-2", "n-2", schema.StatusTimeout, "node n-2 has used up its 45s"),
	})
	var got []string
	for _, g := range groups {
		got = append(got, string(g.status)+" "+g.why+" "+strings.Join(g.things, "+")+" "+strings.Join(g.steps, ","))
	}
	want := []string{"timeout node NODE has used up its 45s  l3,l1,l2", "forbidden the caller may not list nodes+list pods in a f1,f2", "skipped no shell in POD  s1,s2"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestKubectlCompletes(t *testing.T) {
	args := os.Args
	defer func() { os.Args = args }()
	for asked, want := range map[string]string{
		"col":                "collect\n:0\n",
		"collect --no-":      "--no-exec\n--no-analyze\n:0\n",
		"collect --context ": ":0\n",
	} {
		var out bytes.Buffer
		complete(append([]string{completer}, strings.Split(asked, " ")...), &out)
		if out.String() != want {
			t.Errorf("%q gives %q, want %q", asked, out.String(), want)
		}
	}
	run("completion", "bash").hold(t, 0, "complete -o filenames -F _kubectl-assay kubectl-assay")
}
