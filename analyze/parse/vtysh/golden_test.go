package vtysh

import (
	"bytes"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/internal/dump"
	"github.com/metallb-assay/assay/schema"
)

func read(name string, text []byte) (*model.Observations, model.MemberSeen) {
	var out model.Observations
	seen := Parse(schema.Origin{Path: name, Kind: schema.KindVtysh}, 0, bytes.NewReader(text), &out)
	return &out, seen
}

// TestSamples holds what is read of each sample against its .want.
func TestSamples(t *testing.T) {
	for _, s := range dump.Samples(t) {
		s.Hold(t, dump.Text(read(s.Name, s.Text)))
	}
}

// TestDisguise reads each sample with CRLF and with escape sequences, and wants the same.
func TestDisguise(t *testing.T) {
	for _, s := range dump.Samples(t) {
		want := dump.Text(read(s.Name, s.Text))
		crlf := bytes.ReplaceAll(s.Text, []byte("\n"), []byte("\r\n"))
		if got := dump.Text(read(s.Name, crlf)); got != want {
			t.Errorf("%s with CRLF: got\n%s\nwant\n%s", s.Name, got, want)
		}
		color := bytes.ReplaceAll(s.Text, []byte("\n"), []byte("\x1b[0m\n"))
		if got := dump.Text(read(s.Name, color)); got != want {
			t.Errorf("%s with escapes: got\n%s\nwant\n%s", s.Name, got, want)
		}
	}
}

// TestEvidenceOpens looks each quote up in the line that it names.
func TestEvidenceOpens(t *testing.T) {
	for _, s := range dump.Samples(t) {
		all := strings.Split(string(s.Text), "\n")
		out, _ := read(s.Name, s.Text)
		check := func(what string, e schema.Evidence) {
			if e.Line == 0 {
				return
			}
			quote := strings.TrimRight(e.Quote, "…")
			if e.Line > len(all) || quote == "" || !strings.Contains(all[e.Line-1], quote) {
				t.Errorf("%s: %s: line %d does not have %q", s.Name, what, e.Line, e.Quote)
			}
		}
		for _, n := range out.Neighbors {
			check("neighbor", n.Src)
			check("neighbor's error", n.ErrSrc)
		}
		for _, r := range out.Routes {
			check("route", r.Src)
		}
		for _, x := range out.Tables {
			check("table", x.Src)
		}
		for _, x := range out.BFD {
			check("bfd", x.Src)
		}
		for _, x := range out.NextHops {
			check("nexthop", x.Src)
		}
		for _, c := range out.FRRConfs {
			check("conf", c.Src)
			for _, r := range c.Routers {
				check("router", r.Src)
				for _, n := range r.Neighbors {
					check("neighbor", n.Src)
				}
			}
		}
	}
}

func TestPasswordIsNeverKept(t *testing.T) {
	text := "router bgp 64500\n neighbor 192.0.2.1 password hunter2\n neighbor 192.0.2.1 remote-as 64501\n"
	out, seen := read("x", []byte(text))
	if got := dump.Text(out, seen); strings.Contains(got, "hunter2") {
		t.Errorf("the password is kept:\n%s", got)
	}
	for _, n := range out.FRRConfs[0].Routers[0].Neighbors {
		if !n.Password || strings.Contains(n.Src.Quote, "hunter2") {
			t.Errorf("password %v, quote %q", n.Password, n.Src.Quote)
		}
	}
}

func TestProseIsNoPromptAndNoHeading(t *testing.T) {
	for _, s := range []string{"# a comment", "### What I run", "I did this > that", "see #1234 show", "100% show bgp", " node1# show bgp"} {
		if p, ok := promptOf(s); ok {
			t.Errorf("%q is a prompt: %+v", s, p)
		}
		if h, ok := headingOf(s); ok {
			t.Errorf("%q is a heading: %q", s, h)
		}
	}
}

func TestParseCommand(t *testing.T) {
	for s, want := range map[string]command{
		"show bgp summary":                                   {table: "summary"},
		"sh ip bgp sum":                                      {table: "summary"},
		"show bgp vrf red ipv4 unicast":                      {table: "bgp", vrf: "red", family: "ipv4"},
		"show bgp neighbors 192.0.2.1":                       {table: "neighbors", neighbor: "192.0.2.1"},
		"show bgp ipv4 nei 192.0.2.1 adv":                    {table: "advertised", neighbor: "192.0.2.1", family: "ipv4"},
		"show ip bgp neighbors 192.0.2.1 received-routes":    {table: "received", neighbor: "192.0.2.1"},
		"show ip bgp neighbors 192.0.2.1 routes":             {table: "accepted", neighbor: "192.0.2.1"},
		"show ip bgp 198.51.100.7":                           {table: "bgp", prefix: "198.51.100.7"},
		"show ip route bgp":                                  {table: "rib"},
		"show ip route 198.51.100.7":                         {table: "rib", prefix: "198.51.100.7"},
		"sh run":                                             {table: "running-config"},
		"show bfd peers brief":                               {table: "bfd"},
		"show bgp summary json":                              {table: "summary", json: true},
		"show ip bgp | i 10.1":                               {table: "bgp", filter: "10.1"},
		"vtysh -c 'show bgp summary'":                        {table: "summary"},
		"kubectl exec x -c frr -- vtysh -c \"show bgp sum\"": {table: "summary"},
		"vtysh -c 'show bgp sum' -c 'show bfd peers'":        {},
		"ping 192.0.2.1":                                     {},
	} {
		if got := parseCommand(s); got != want {
			t.Errorf("%s: %+v, want %+v", s, got, want)
		}
	}
}

func TestUptime(t *testing.T) {
	for s, want := range map[string]string{"00:00:05": "5s", "3d18h59m": "90h59m0s", "11w4d03h": "1947h0m0s", "1w1d": "192h0m0s", "never": "0s", "0:00:00:14": "14s", "1d 3:05:06": "27h5m6s"} {
		if d, ok := Uptime(s); !ok || d.String() != want {
			t.Errorf("%s: %v %v, want %s", s, d, ok, want)
		}
	}
	for _, s := range []string{"", "64500", "Active", "10.0.0.1", "1x"} {
		if d, ok := Uptime(s); ok {
			t.Errorf("%q is a time: %v", s, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range dump.Samples(f) {
		f.Add(s.Text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		read("vtysh.txt", text)
	})
}
