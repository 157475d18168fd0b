package text

import (
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func TestCurlOutcomes(t *testing.T) {
	for _, c := range []struct {
		name, cmd, body, outcome string
		ok                       bool
	}{
		{"answer of -v", "curl -v http://10.0.0.5/", "*   Trying 10.0.0.5:80...\n* Connected to 10.0.0.5 (10.0.0.5) port 80 (#0)\n> GET / HTTP/1.1\n\n< HTTP/1.1 200 OK\n< Date: x\n\npod=a", "http 200", true},
		{"page not found is an answer", "curl -i 10.0.0.5", "HTTP/1.1 404 Not Found\nServer: nginx\n\nnot here", "http 404", true},
		{"a body alone", "curl -s 10.0.0.5", "hello", model.OutcomeAnswered, true},
		{"refused", "curl 10.0.0.5", "curl: (7) Failed to connect to 10.0.0.5 port 80: Connection refused", model.OutcomeRefused, false},
		{"no route", "curl 10.0.0.5:8080", "curl: (7) Failed connect to 10.0.0.5:8080; No route to host", model.OutcomeNoRoute, false},
		{"reason of -v stays", "curl -v 10.0.0.5", "*   Trying 10.0.0.5:80...\n* connect to 10.0.0.5 port 80 failed: Network is unreachable\n* Failed to connect to 10.0.0.5 port 80 after 0 ms: Couldn't connect to server\n* Closing connection 0\ncurl: (7) Failed to connect to 10.0.0.5 port 80 after 0 ms: Couldn't connect to server", model.OutcomeUnreachable, false},
		{"reason unknown", "curl 10.0.0.5", "curl: (7) Failed to connect to 10.0.0.5 port 80 after 0 ms: Couldn't connect to server", model.OutcomeFailed, false},
		{"timeout", "curl -m 8 10.0.0.5", "curl: (28) Connection timed out after 8001 milliseconds", model.OutcomeTimeout, false},
		{"stalled behind a connection", "curl -v 10.0.0.5", "* Connected to 10.0.0.5 (10.0.0.5) port 80\n> GET / HTTP/1.1\ncurl: (28) Operation timed out after 8001 milliseconds with 0 bytes received", model.OutcomeStalled, false},
		{"certificate", "curl https://10.0.0.5/", "curl: (60) SSL certificate problem: self-signed certificate", model.OutcomeTLS, true},
		{"empty reply", "curl 10.0.0.5", "curl: (52) Empty reply from server", model.OutcomeEmpty, false},
		{"code of -w", "curl -s -o /dev/null -w '%{http_code}\\n' 10.0.0.5", "302", "http 302", true},
		{"000 is no answer", "curl -s -o /dev/null -w '%{http_code}\\n' 10.0.0.5", "000", model.OutcomeNoAnswer, false},
		{"code without -w where the body goes elsewhere", "curl -m 4 -o /dev/null http://10.0.0.5/big", "curl: (28) Operation timed out after 4000 milliseconds with 0 bytes received\n000 0 bytes", model.OutcomeStalled, false},
		{"a number that is a body", "curl -s 10.0.0.5", "17", model.OutcomeAnswered, true},
		{"exit status", "curl -s 10.0.0.5 -o /dev/null || echo $?", "28", model.OutcomeTimeout, false},
		{"nc", "nc -vz 10.0.0.5 80", "Connection to 10.0.0.5 80 port [tcp/http] succeeded!", model.OutcomeConnected, true},
		{"nc timed out", "nc -vz -w8 10.0.0.5 80", "nc: connect to 10.0.0.5 port 80 (tcp) timed out: Operation now in progress", model.OutcomeTimeout, false},
		{"telnet", "telnet 10.0.0.5 179", "Trying 10.0.0.5...\ntelnet: Unable to connect to remote host: Connection refused", model.OutcomeRefused, false},
		{"wget of busybox", "wget -qO- http://10.0.0.5/", "wget: can't connect to remote host (10.0.0.5): No route to host", model.OutcomeNoRoute, false},
		{"wget", "wget http://10.0.0.5/", "Connecting to 10.0.0.5:80... connected.\nHTTP request sent, awaiting response... 200 OK", "http 200", true},
		{"powershell", "Test-NetConnection 10.0.0.5 -Port 80", "ComputerName     : 10.0.0.5\nRemoteAddress    : 10.0.0.5\nRemotePort       : 80\nTcpTestSucceeded : True", model.OutcomeConnected, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := only(t, read(t, schema.KindCurl, c.cmd, c.body))
			if p.Outcome != c.outcome || p.OK != c.ok || p.Addr != "10.0.0.5" {
				t.Errorf("outcome %q ok %v addr %s, want %q %v", p.Outcome, p.OK, p.Addr, c.outcome, c.ok)
			}
		})
	}
}

func TestNothingShownIsNoAnswer(t *testing.T) {
	for _, cmd := range []string{"curl -s 10.0.0.5", "curl -s -o /dev/null 10.0.0.5"} {
		out := read(t, schema.KindCurl, cmd, "bash: curl: command not found\n")
		for _, p := range out.Probes {
			if p.OK {
				t.Errorf("%s: %+v is no answer", cmd, p)
			}
		}
	}
	// A session shows the command, so its silence is seen.
	p := only(t, read(t, schema.KindShell, "", "$ curl -s -o /dev/null 10.0.0.5\n"))
	if p.Outcome != model.OutcomeSilent || p.OK {
		t.Errorf("silence became %q, ok %v", p.Outcome, p.OK)
	}
}

func TestLoops(t *testing.T) {
	p := only(t, read(t, schema.KindCurl, "for i in $(seq 5); do curl -s -m 3 -o /dev/null -w '%{http_code} ' http://10.0.0.5/; done; echo", "200 000 200 000 200"))
	if p.Sent != 5 || p.Received != 3 || !p.Partial || p.Status != 200 || p.Outcome != model.OutcomeNoAnswer {
		t.Errorf("%+v", p)
	}
	p = only(t, read(t, schema.KindCurl, "for i in 1 2 3; do curl -s -w '  %{time_total}s\\n' http://10.0.0.5/; done", "pod a  0.004s\npod b  63.214s\npod a  0.003s"))
	if p.Sent != 3 || p.Partial || len(p.Answers) != 2 || len(p.Took) != 3 || p.Took[1] != 63.214 || p.Src.Line != 2 {
		t.Errorf("%+v", p)
	}
	out := read(t, schema.KindCurl, "for p in 10.1.0.1 10.1.0.2; do nc -zv -w2 $p 8080; done", "Ncat: Connection refused.\nNcat: Connected to 10.1.0.2:8080.")
	if len(out.Probes) != 2 || out.Probes[0].Addr != "10.1.0.1" || out.Probes[0].OK || !out.Probes[1].OK {
		t.Errorf("%+v", out.Probes)
	}
	out = read(t, schema.KindCurl, "curl -s -o /dev/null -w '%{http_code}\\n' http://10.0.0.5/ ; curl -s -o /dev/null -w '%{http_code}\\n' http://10.0.0.6/", "000\n200")
	if len(out.Probes) != 2 || out.Probes[0].OK || out.Probes[1].Addr != "10.0.0.6" || !out.Probes[1].OK {
		t.Errorf("%+v", out.Probes)
	}
}

func TestWhoProbed(t *testing.T) {
	for _, c := range []struct {
		name       string
		o          schema.Origin
		from, kind string
	}{
		{"a pod", schema.Origin{Command: "kubectl -n x exec -it web-0 -c app -- curl -s 10.0.0.5"}, "web-0", "pod"},
		{"a pod made for it", schema.Origin{Command: "kubectl run tmp --rm -it --image=busybox -- wget -qO- 10.0.0.5"}, "tmp", "pod"},
		{"a node's debug pod", schema.Origin{Command: "oc debug node/w1 -- chroot /host curl -s 10.0.0.5"}, "w1", "node"},
		{"ssh", schema.Origin{Command: "ssh root@w2 curl -s 10.0.0.5"}, "w2", ""},
		{"the opener knows", schema.Origin{Command: "curl -s 10.0.0.5", Node: "w3"}, "w3", "node"},
		{"a client", schema.Origin{Command: "curl -s 10.0.0.5", Client: true, Host: "x1"}, "x1", "client"},
		{"a name of a client", schema.Origin{Command: "curl -s 10.0.0.5", Host: "my-laptop"}, "my-laptop", "client"},
		{"words before", schema.Origin{Command: "curl -s 10.0.0.5", Before: "And from my laptop:"}, "client", "client"},
		{"the nearest words", schema.Origin{Command: "curl -s 10.0.0.5", Before: "It fails from my laptop, but on the node:"}, "", "node"},
		{"nothing said", schema.Origin{Command: "curl -s 10.0.0.5", Host: "srv7"}, "srv7", ""},
		{"a router", schema.Origin{Command: "curl -s 10.0.0.5", Router: true, RouterName: "edge"}, "edge", "router"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Path, c.o.Kind = "m.txt", schema.KindCurl
			p := only(t, readOrigin(t, c.o, "hello"))
			if p.From != c.from || p.FromKind != c.kind {
				t.Errorf("from %q (%q), want %q (%q)", p.From, p.FromKind, c.from, c.kind)
			}
		})
	}
}

func TestArping(t *testing.T) {
	p := only(t, read(t, schema.KindArping, "sudo arping -c 4 -i eth0 10.0.0.5", testdata(t, "arping-two.txt")))
	if !p.OK || len(p.MACs) != 2 || p.Sent != 2 || p.Received != 4 || p.Iface != "eth0" || p.Src.Line != 3 {
		t.Errorf("%+v", p)
	}
	p = only(t, read(t, schema.KindArping, "arping -c 3 -I eth0 10.0.0.5", "ARPING 10.0.0.5 from 10.0.0.77 eth0\nSent 3 probes (3 broadcast(s))\nReceived 0 response(s)"))
	if p.OK || p.Outcome != model.OutcomeNoAnswer || p.Sent != 3 || p.Addr != "10.0.0.5" {
		t.Errorf("%+v", p)
	}
	p = only(t, read(t, schema.KindArping, "", "ARPING 10.0.0.5 from 10.0.0.77 eth0\nUnicast reply from 10.0.0.5 [00:50:56:91:1C:0A]  0.7ms\nSent 1 probes (1 broadcast(s))\nReceived 1 response(s)"))
	if !p.OK || p.Partial || p.MACs[0] != "00:50:56:91:1c:0a" {
		t.Errorf("%+v", p)
	}
	p = only(t, read(t, schema.KindArping, "arping -c 2 10.0.0.5", "ARPING 10.0.0.5\nTimeout\nTimeout\n\n--- 10.0.0.5 statistics ---\n2 packets transmitted, 0 packets received, 100% unanswered (0 extra)"))
	if p.OK || p.Outcome != model.OutcomeNoAnswer {
		t.Errorf("%+v", p)
	}
}

func TestPing(t *testing.T) {
	for _, c := range []struct {
		name, body, outcome string
		ok                  bool
	}{
		{"linux", "PING 10.0.0.5 (10.0.0.5) 56(84) bytes of data.\n64 bytes from 10.0.0.5: icmp_seq=1 ttl=63 time=0.4 ms\n\n--- 10.0.0.5 ping statistics ---\n1 packets transmitted, 1 received, 0% packet loss, time 0ms", model.OutcomeAnswered, true},
		{"unreachable", "PING 10.0.0.5 (10.0.0.5) 56(84) bytes of data.\nFrom 10.0.0.11 icmp_seq=1 Destination Host Unreachable", model.OutcomeNoRoute, false},
		{"a redirect is no answer", "PING 10.0.0.5 (10.0.0.5) 56(84) bytes of data.\nFrom 10.0.0.12: icmp_seq=3 Redirect Host(New nexthop: 10.0.0.5)\n\n3 packets transmitted, 0 received, 100% packet loss", model.OutcomeNoAnswer, false},
		{"windows, another machine replies", "Pinging 10.0.0.5 with 32 bytes of data:\nRequest timed out.\nReply from 10.0.0.23: Destination host unreachable.\n\nPing statistics for 10.0.0.5:\n    Packets: Sent = 2, Received = 1, Lost = 1 (50% loss),", model.OutcomeNoRoute, false},
		{"windows", "Pinging 10.0.0.5 with 32 bytes of data:\nReply from 10.0.0.5: bytes=32 time<1ms TTL=64\n", model.OutcomeAnswered, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := only(t, read(t, schema.KindPing, "ping 10.0.0.5", c.body))
			if p.Outcome != c.outcome || p.OK != c.ok || p.Addr != "10.0.0.5" {
				t.Errorf("%+v", p)
			}
		})
	}
	out := read(t, schema.KindShell, "", "$ ping -c1 10.0.0.5\n64 bytes from 10.0.0.5: icmp_seq=1 ttl=63 time=0.4 ms\n$ ping -c1 -M do -s 1472 10.0.0.5\nPING 10.0.0.5 (10.0.0.5) 1472(1500) bytes of data.\n\n1 packets transmitted, 0 received, 100% packet loss")
	if len(out.Probes) != 2 || out.Probes[0].LargeFails || !out.Probes[1].LargeFails {
		t.Errorf("%+v", out.Probes)
	}
}

func TestTraceroute(t *testing.T) {
	p := only(t, read(t, schema.KindTraceroute, "", "traceroute to 10.0.0.5 (10.0.0.5), 30 hops max, 60 byte packets\n 1  192.0.2.1 (192.0.2.1)  0.5 ms  0.4 ms  0.4 ms\n 2  10.0.0.5 (10.0.0.5)  1.0 ms  1.1 ms  1.0 ms"))
	if !p.OK || len(p.Hops) != 2 || p.Hops[0] != "192.0.2.1" {
		t.Errorf("%+v", p)
	}
	p = only(t, read(t, schema.KindTraceroute, "", "Tracing route to 10.0.0.5 over a maximum of 30 hops\n\n  1     *        *        *     Request timed out.\n  2     *        *        *     Request timed out.\n^C"))
	if p.OK || p.Outcome != model.OutcomeNoAnswer || len(p.Hops) != 2 {
		t.Errorf("%+v", p)
	}
}
