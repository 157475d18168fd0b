package foreign

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// blocksOf shows blocks, one a line: kind, first line, number of lines, and what is known of them.
func blocksOf(text string) string {
	lines := splitLines(text, true)
	var out strings.Builder
	for _, b := range split(lines) {
		fmt.Fprintf(&out, "%s %d+%d", b.Kind, b.first+1, b.last-b.first)
		for _, f := range []struct{ name, value string }{{"host", b.Host}, {"router", b.RouterName}, {"pod", b.Pod}, {"command", b.Command}, {"wrap", string(b.Wrap)}} {
			if f.value != "" {
				fmt.Fprintf(&out, " %s=%s", f.name, f.value)
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func wantBlocks(t *testing.T, text, want string) {
	t.Helper()
	if got := blocksOf(text); strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestFencesAreBlocksWithTheLinesOfTheOuterFile(t *testing.T) {
	wantBlocks(t, read(t, "testdata/texts/router-and-fences.md"), `
prose 1+3
log 6+2
prose 10+1
tcpdump 14+2 command=tcpdump -ni eth1 port 179
prose 18+1
router 22+2 host=core-1 router=core-1 command=sh run | sec bgp
router 25+5 host=core-1 router=core-1 command=sh ip bgp sum
empty 30+0 host=core-1 router=core-1 command=sh ip bgp | i 198.51.100
`)
}

func TestASessionIsABlockACommandAndProseStandsApart(t *testing.T) {
	wantBlocks(t, read(t, "testdata/texts/session.txt"), `
prose 1+1
objects 4+11 command=kubectl -n metallb-system get ipaddresspools -o yaml
table 17+2 command=kubectl -n demo get svc
ip-route 21+2 host=w2 command=ip r | grep 41
curl 24+3 host=w2 command=curl -i http://192.0.2.10/
shell 29+1 host=w2 command=kubectl apply -f pool.yaml
prose 31+1
`)
}

func TestAFenceIsUnderstoodAsTheFileThatItCouldBe(t *testing.T) {
	session := read(t, "testdata/texts/session.txt")
	bare := strings.Split(blocksOf(session), "\n")
	fenced := strings.Split(blocksOf("````\n"+session+"````\n"), "\n")
	if len(bare) != len(fenced) {
		t.Fatalf("%d blocks in a fence, %d outside", len(fenced), len(bare))
	}
	for i := range bare {
		if strings.Split(bare[i]+" ", " ")[0] != strings.Split(fenced[i]+" ", " ")[0] {
			t.Errorf("in a fence %q, outside %q", fenced[i], bare[i])
		}
	}
}

func TestLineEndsOfWindowsChangeNothing(t *testing.T) {
	for _, name := range []string{"testdata/texts/session.txt", "testdata/texts/router-and-fences.md"} {
		text := read(t, name)
		if a, b := blocksOf(text), blocksOf(strings.ReplaceAll(text, "\n", "\r\n")); a != b {
			t.Errorf("%s:\n%s\nwith CRLF:\n%s", name, a, b)
		}
	}
}

func TestBlocksWithoutPrompts(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"table in prose": {"My service:\n\nNAME   TYPE           CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb    LoadBalancer   10.0.0.1     192.0.2.1     80/TCP    1d\n\nIt does not work, why is that?\n",
			"prose 1+1\ntable 3+2\nprose 6+1"},
		"two tables of one command": {"$ kubectl get svc,ep\nNAME          TYPE        AGE\nservice/x     ClusterIP   1d\n\nNAME          ENDPOINTS   AGE\nendpoints/x   1.2.3.4:5   1d\n",
			"table 2+2 command=kubectl get svc,ep\ntable 5+2 command=kubectl get svc,ep"},
		"log lines in prose": {"The speaker says\n\n{\"caller\":\"x.go:1\",\"level\":\"error\",\"msg\":\"m\",\"ts\":\"2024-01-01T00:00:00Z\"}\n\nand nothing else, what is it?\nI have no idea at all.\n",
			"prose 1+1\nlog 3+1\nprose 5+2"},
		"objects, then a sentence":         {"apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n\nThis is what I have applied to the cluster.\n", "objects 1+4\nprose 6+1"},
		"heading with a pod":               {"=== speaker-8k9m4\n{\"caller\":\"x.go:1\",\"ts\":\"2024-01-01T00:00:00Z\"}\n=== speaker-fkrgt\n{\"caller\":\"x.go:1\",\"ts\":\"2024-01-01T00:00:00Z\"}\n", "prose 1+1\nlog 2+1 pod=speaker-8k9m4\nprose 3+1\nlog 4+1 pod=speaker-fkrgt"},
		"heading with a command":           {"== ip r on w2 ==\ndefault via 192.0.2.1 dev eth0\n", "ip-route 2+1 host=w2 command=ip r"},
		"head of many files":               {"==> pods/speaker-8k9m4/speaker.log <==\n{\"caller\":\"x.go:1\",\"ts\":\"2024-01-01T00:00:00Z\"}\n", "prose 1+1\nlog 2+1 pod=speaker-8k9m4"},
		"cluster-info dump":                {"==== START logs for container speaker of pod metallb-system/speaker-8k9m4 ====\n{\"caller\":\"x.go:1\",\"ts\":\"2024-01-01T00:00:00Z\"}\n==== END logs for container speaker of pod metallb-system/speaker-8k9m4 ====\n", "prose 1+1\nlog 2+1 pod=speaker-8k9m4\nprose 3+1"},
		"dump is one block":                {"###### show running-config\nBuilding configuration...\n\nCurrent configuration:\n!\nend\n###### show bgp ipv4\n\n###### show bfd peer\nBFD Peers:\n", "vtysh 1+10"},
		"kubectl's own noise":              {"E1124 14:41:57.081727   10774 websocket.go:296] Unknown stream id 1, discarding message\nBuilding configuration...\n\nCurrent configuration:\n!\nfrr version 8.4.4\n", "shell 1+1\nfrr.conf 2+5"},
		"yaml keeps a prompt-like comment": {"apiVersion: v1\nkind: ConfigMap\ndata:\n  run.sh: |\n    # kubectl get svc\n    $ curl http://x/\n", "objects 1+6"},
		"json in a row":                    {"{\n  \"ipv4Unicast\":{}\n}\n{\n  \"vrfId\":0\n}\n", "vtysh 1+6"},
		"a page that curl got":             {"$ curl http://192.0.2.1/\n<html>\n\n<b>The page is not found.</b>\n</html>\n$ ip neigh\n192.0.2.1 dev eth0 FAILED\n", "curl 2+4 command=curl http://192.0.2.1/\nip-neigh 7+1 command=ip neigh"},
		"an indented session":              {"text that is here and is prose.\n\n    $ kubectl get svc\n    NAME   AGE\n    x      1d\n", "prose 1+1\ntable 4+2 command=kubectl get svc"},
		"an unclosed fence":                {"```\n192.0.2.1 dev eth0 FAILED\n", "ip-neigh 2+1"},
		"a command that failed":            {"$ kubectl get bgppeers -A\nerror: the server doesn't have a resource type \"bgppeers\"\n", "shell 2+1 command=kubectl get bgppeers -A"},
		"nothing found":                    {"$ kubectl get bgppeers -A\nNo resources found\n", "table 2+1 command=kubectl get bgppeers -A"},
		"wrapped log of a command":         {"$ kubectl logs --prefix -l app=metallb\n[pod/speaker-8k9m4/speaker] {\"caller\":\"x.go:1\",\"ts\":\"2024-01-01T00:00:00Z\"}\n", "log 2+1 command=kubectl logs --prefix -l app=metallb wrap=prefix"},
		"vyos":                             {"vyos@edge:~$ show ip bgp summary\n\nIPv4 Unicast Summary:\nBGP router identifier 192.0.2.1, local AS number 64512 vrf-id 0\n", "vtysh 3+2 host=edge router=edge command=show ip bgp summary"},
	} {
		t.Run(name, func(t *testing.T) { wantBlocks(t, c.text, c.want) })
	}
}

func TestTheProseAboveABlockIsKept(t *testing.T) {
	blocks := split(splitLines("I have a problem.\n\nFrom my laptop:\n\n```\n$ curl http://192.0.2.1/\ncurl: (28) timed out\n```\n", true))
	last := blocks[len(blocks)-1]
	if last.Kind != schema.KindCurl || last.Before != "I have a problem.\nFrom my laptop:" {
		t.Errorf("got %s before %q", last.Kind, last.Before)
	}
}

func TestAScreensFrameAndIndentationAreTakenOff(t *testing.T) {
	lines := splitLines("│ NAME↑   TYPE           CLUSTER-IP │\n│ echo    LoadBalancer   10.0.0.1   │\n", true)
	b := split(lines)[0]
	if got := b.text(lines); b.Kind != schema.KindTable || got != "NAME↑   TYPE           CLUSTER-IP\necho    LoadBalancer   10.0.0.1\n" {
		t.Errorf("%s %q", b.Kind, got)
	}
	lines = splitLines("    $ kubectl get svc\n    NAME   AGE\n    x      1d\n", true)
	if got := split(lines)[0].text(lines); got != "NAME   AGE\nx      1d\n" {
		t.Errorf("%q", got)
	}
}

func FuzzSplit(f *testing.F) {
	seedFiles(f, "testdata/texts/*", "testdata/kinds/*")
	f.Add([]byte("```\n~~~\n$ a\n```\n# ls\n== x ==\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := splitLines(string(data), true)
		at := 0
		for _, b := range split(lines) {
			if b.first < at && b.last > b.first || b.last < b.first || b.last > len(lines) {
				t.Fatalf("block %d..%d of %d lines follows line %d", b.first, b.last, len(lines), at)
			}
			at = max(at, b.last)
			_ = b.text(lines)
		}
		covered(t, lines, split(lines))
	})
}

// covered holds that each line with text is in a block, or is a prompt, a fence or a heading.
func covered(t *testing.T, lines []string, blocks []block) {
	t.Helper()
	in := make([]bool, len(lines))
	for _, b := range blocks {
		for i := b.first; i < b.last; i++ {
			in[i] = true
		}
	}
	for i, l := range lines {
		if in[i] || strings.TrimSpace(l) == "" || fenceMark(strings.TrimSpace(l)) != "" || strings.Contains(l, "</") {
			continue
		}
		if _, ok := ParsePrompt(l); ok {
			continue
		}
		if h, ok := heading(l); ok && h.command != "" {
			continue
		}
		if i > 0 && strings.HasSuffix(strings.TrimRight(lines[i-1], " \t\r"), "\\") { // the rest of a command
			continue
		}
		if c := strings.TrimRight(l, " \t\r"); strings.HasSuffix(c, "$") || strings.HasSuffix(c, "#") || strings.HasSuffix(c, ">") {
			continue // a prompt without a command
		}
		if c := strings.TrimSpace(l); strings.Trim(c, "`") == "" || strings.Trim(c, "~") == "" {
			continue // the end of a fence
		}
		t.Fatalf("line %d of %q is lost: %q", i+1, strings.Join(lines, "\n"), l)
	}
}
