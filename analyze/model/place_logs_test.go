package model

import (
	"net/netip"
	"testing"
)

// A speaker's log is of the node whose address it never exchanges states with, where it does with all others.
func TestNodeBySync(t *testing.T) {
	nodes := []*Node{node("n1", "192.0.2.11"), node("n2", "192.0.2.12"), node("n3", "192.0.2.13")}
	for _, tc := range []struct {
		name   string
		synced map[string]int
		want   string
	}{
		{"all others", map[string]int{"192.0.2.11": 4, "192.0.2.12": 3}, "n3"},
		{"too few exchanges to miss one by chance", map[string]int{"192.0.2.11": 1, "192.0.2.12": 2}, ""},
		{"two nodes left", map[string]int{"192.0.2.11": 40}, ""},
		{"all of them, so one of the exchanges was with itself", map[string]int{"192.0.2.11": 4, "192.0.2.12": 3, "192.0.2.13": 9}, ""},
		{"strangers", map[string]int{"198.51.100.1": 40, "198.51.100.2": 40}, ""},
		{"no debug line", nil, ""},
	} {
		log := &Log{Component: Speaker, Synced: tc.synced}
		m := New(&Observations{Objects: Objects{Nodes: nodes}, Logs: []*Log{log, {Component: Speaker}}})
		if got := m.Logs[0].Node; got != tc.want {
			t.Errorf("%s: node %q, want %q", tc.name, got, tc.want)
		}
	}
}

// What a log exchanges outranks the guess that the first member that it saw is itself.
func TestSyncOutranksGuess(t *testing.T) {
	log := &Log{Component: Speaker, Node: "n1", NodeGuess: true, Synced: map[string]int{"192.0.2.11": 9}}
	m := New(&Observations{Objects: Objects{Nodes: []*Node{node("n1", "192.0.2.11"), node("n2", "192.0.2.12")}}, Logs: []*Log{log}})
	if got := m.Logs[0].Node; got != "n2" {
		t.Errorf("node %q, want n2", got)
	}
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func node(name, addr string) *Node {
	n := &Node{InternalIPs: []netip.Addr{netip.MustParseAddr(addr)}}
	n.Name = name
	return n
}
