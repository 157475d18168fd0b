package collect

import (
	"context"
	"io"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// shell is a cluster whose containers are this machine's shell.
type shell struct{ Cluster }

func (shell) Exec(ctx context.Context, _ Container, command []string, stdin io.Reader, stdout, stderr io.Writer) error {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = stdin, stdout, stderr
	err := c.Run()
	if exit, ok := err.(*exec.ExitError); ok {
		return &ExitError{Code: exit.ExitCode()}
	}
	return err
}

// printed is a cluster whose containers print a text.
type printed struct {
	Cluster
	text string
}

func (p printed) Exec(_ context.Context, _ Container, command []string, _ io.Reader, stdout, _ io.Writer) error {
	token := command[2][strings.Index(command[2], "@@"):]
	_, err := io.WriteString(stdout, strings.ReplaceAll(p.text, "@@", token[:26]))
	return err
}

// runScript runs a script as a step and returns its members and how it ended.
func runScript(t *testing.T, c Cluster, s *script) (map[string]string, schema.Step) {
	t.Helper()
	e := newEngine(c, testSpool(t, 64<<20), withDefaults(Options{}).Limits, nil)
	r := e.run(context.Background(), []Step{{Name: "s", Run: func(ctx context.Context, w *Work) error { return s.into(ctx, w, Container{}) }}})
	members := map[string]string{}
	for _, m := range e.spool.list() {
		data, err := os.ReadFile(e.spool.file(m.entry.Path))
		if err != nil {
			t.Fatal(err)
		}
		members[m.entry.Path] = string(data)
	}
	return members, r[0]
}

func TestScriptCutsOutput(t *testing.T) {
	s := newScript()
	s.run("nodes/a/lines.txt", "printf", `one\ntwo\n`)
	s.run("nodes/a/no-end.txt", "printf", "no line feed")
	s.run("nodes/a/blanks.txt", "printf", `\n\nx\n\n`)
	s.run("nodes/a/nothing.txt", "true")
	s.run("nodes/a/quoted.txt", "printf", "%s", `it's "$HOME" \n`)
	s.run("nodes/a/both.txt", "sh", "-c", "echo out; echo err >&2")
	s.run("nodes/a/no-such.txt", "no-such-program")
	s.run("nodes/a/fails.txt", "sh", "-c", "echo part; exit 3")
	got, r := runScript(t, shell{}, s)
	want := map[string]string{"nodes/a/lines.txt": "one\ntwo\n", "nodes/a/no-end.txt": "no line feed\n", "nodes/a/blanks.txt": "\n\nx\n\n", "nodes/a/quoted.txt": `it's "$HOME" \n` + "\n",
		"nodes/a/both.txt": "out\nerr\n", "nodes/a/fails.txt": "part\n"}
	if !maps.Equal(got, want) {
		t.Errorf("members %q", got)
	}
	if r.Status != schema.StatusOK || r.Error != "the container does not know no-such; failed: fails (status 3)" {
		t.Errorf("ended %s: %s", r.Status, r.Error)
	}
}

// vtysh prints the marks behind its prompt, and each command once more; what FRR does not know has no member.
func TestScriptCutsVtysh(t *testing.T) {
	text := `
@@ begin vtysh/ns/p/vtysh-errors.txt

Hello, this is FRRouting (version 8.4.4).

node-a# terminal length 0
node-a# !@@ begin vtysh/ns/p/show-version.txt
node-a# show version
FRRouting 8.4.4 (node-a).
node-a# !@@ begin vtysh/ns/p/show-bgp-summary.json
node-a# show bgp summary json
{
"ipv4Unicast":{}
}
node-a# !@@ begin vtysh/ns/p/show-nonsense.txt
node-a# show nonsense
% Unknown command: show nonsense
node-a# !@@ begin vtysh/ns/p/show-route-map.txt
node-a# show route-map
node-a# !@@ end 0
node-a# 

@@ end 0
`
	got, r := runScript(t, printed{text: text}, newScript())
	want := map[string]string{"vtysh/ns/p/show-version.txt": "FRRouting 8.4.4 (node-a).\n",
		"vtysh/ns/p/show-bgp-summary.json": "{\n\"ipv4Unicast\":{}\n}\n"}
	if !maps.Equal(got, want) {
		t.Errorf("members %q", got)
	}
	if r.Status != schema.StatusOK || r.Error != "the container does not know show-nonsense" {
		t.Errorf("ended %s: %s", r.Status, r.Error)
	}
}

// What vtysh says where it cannot answer is kept.
func TestScriptVtyshCannot(t *testing.T) {
	got, _ := runScript(t, printed{text: "\n@@ begin vtysh/ns/p/vtysh-errors.txt\nExiting: failed to connect to any daemons.\n\n@@ end 1\n"}, newScript())
	if got["vtysh/ns/p/vtysh-errors.txt"] != "Exiting: failed to connect to any daemons.\n" {
		t.Errorf("members %q", got)
	}
}

// What a container prints cannot choose where it is written.
func TestScriptMarksOfOthers(t *testing.T) {
	got, r := runScript(t, printed{text: "\n@@ begin objects/core/services/default.yaml\nkind: Service\n@@ end 0\n"}, newScript())
	if len(got) != 0 || r.Status != schema.StatusFailed {
		t.Errorf("members %q, ended %s: %s", got, r.Status, r.Error)
	}
}

// The commands for VRFs and neighbors come from the running configuration.
func TestVtyshForEachNeighbor(t *testing.T) {
	dir := t.TempDir()
	fake := "#!/bin/sh\nif [ $# -gt 0 ]; then cat <<'E'\nrouter bgp 64512\n neighbor 192.0.2.1 remote-as 64513\n neighbor 192.0.2.1 password x\n neighbor fabric peer-group\n neighbor fabric remote-as 64514\n" +
		" neighbor 2001:db8::1 peer-group fabric\nexit\n!\nrouter bgp 64512 vrf red\n neighbor eth1 interface remote-as external\n neighbor 192.0.2.1 remote-as 64515\nE\nelse while read -r line; do echo \"n# $line\"; done; fi\n"
	if err := os.WriteFile(dir+"/vtysh", []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	s := frrScript(&Pod{Namespace: "ns", Name: "p"})
	out, err := exec.Command("sh", "-c", s.text.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "n# show "); ok && (strings.HasSuffix(command, "advertised-routes json") || strings.HasSuffix(command, "summary")) {
			got = append(got, command)
		}
	}
	want := "bgp summary|bgp ipv4 unicast neighbors 192.0.2.1 advertised-routes json|bgp ipv6 unicast neighbors 192.0.2.1 advertised-routes json|" +
		"bgp ipv4 unicast neighbors 2001:db8::1 advertised-routes json|bgp ipv6 unicast neighbors 2001:db8::1 advertised-routes json|" +
		"bgp vrf red summary|bgp vrf red ipv4 unicast neighbors eth1 advertised-routes json|bgp vrf red ipv6 unicast neighbors eth1 advertised-routes json|" +
		"bgp vrf red ipv4 unicast neighbors 192.0.2.1 advertised-routes json|bgp vrf red ipv6 unicast neighbors 192.0.2.1 advertised-routes json"
	if strings.Join(got, "|") != want {
		t.Errorf("commands\n%s\nwant\n%s", strings.Join(got, "\n"), strings.ReplaceAll(want, "|", "\n"))
	}
}

// The settings of the kernel are read with nothing but the shell.
func TestNodeSysctls(t *testing.T) {
	s := newScript()
	s.addNode("a")
	got, _ := runScript(t, shell{}, s)
	if text := got["nodes/a/sysctl.txt"]; !strings.Contains(text, "net.ipv4.ip_forward = ") || !strings.Contains(text, "net.ipv4.conf.all.rp_filter = ") {
		t.Errorf("sysctl.txt is %q", text)
	}
}

// The kernel gives a setting by its first read alone, and a shell reads a byte at a time.
func TestScriptReadsSysctls(t *testing.T) {
	file := "/proc/sys/net/ipv4/conf/lo/rp_filter"
	if _, err := os.Stat(file); err != nil {
		t.Skip("no settings of a Linux kernel: " + err.Error())
	}
	s := newScript()
	s.addNode("a")
	got, _ := runScript(t, shell{}, s)
	for _, f := range []string{file, "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/netfilter/nf_conntrack_max"} {
		value, err := os.ReadFile(f)
		want := strings.ReplaceAll(strings.TrimPrefix(f, "/proc/sys/"), "/", ".") + " = " + string(value)
		if err == nil && !strings.Contains("\n"+got["nodes/a/sysctl.txt"], "\n"+want) {
			t.Errorf("%q is missing in\n%s", want, got["nodes/a/sysctl.txt"])
		}
	}
}
