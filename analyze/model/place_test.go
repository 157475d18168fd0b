package model

import (
	"testing"

	"github.com/metallb-assay/assay/schema"
)

// Settings stand with the addresses of the machine in one fence, or below words that name a node.
func TestPlaceByPaste(t *testing.T) {
	at := func(line, fence int, before string, kind schema.Kind) schema.Origin {
		return schema.Origin{Path: "issue.md", FirstLine: line, Fence: fence, Before: before, Kind: kind}
	}
	for _, tc := range []struct {
		name   string
		sysctl schema.Origin
		want   string
	}{
		{"same fence", at(20, 10, "", schema.KindSysctl), "n1"},
		{"another fence", at(40, 30, "", schema.KindSysctl), ""},
		{"said above", at(40, 30, "then on n2:", schema.KindSysctl), "n2"},
		{"two nodes said", at(40, 30, "on n1 and on n2", schema.KindSysctl), ""},
		{"beside a client", at(40, 30, "from my laptop, n2 announces", schema.KindSysctl), ""},
	} {
		link := Interface{Origin: at(11, 10, "", schema.KindIPAddr), Name: "eth0"}
		link.Addrs = append(link.Addrs, prefix("192.0.2.11/24"))
		m := New(&Observations{Objects: Objects{Nodes: []*Node{node("n1", "192.0.2.11"), node("n2", "192.0.2.12")}},
			Ifaces: []Interface{link}, Sysctls: []Sysctl{{Origin: tc.sysctl, Name: "net.ipv4.ip_forward", Value: "0"}}})
		if got := m.NodeOf(tc.sysctl); got != tc.want {
			t.Errorf("%s: node %q, want %q", tc.name, got, tc.want)
		}
	}
}
