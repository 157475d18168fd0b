package model

import (
	"testing"

	"github.com/metallb-assay/assay/schema"
)

func TestCaptionPlacesSpeakersLog(t *testing.T) {
	pods := []*Pod{{Meta: Meta{Kind: "Pod", Namespace: "metallb-system", Name: "speaker-7jt2s"}, Node: "kube-1"},
		{Meta: Meta{Kind: "Pod", Namespace: "metallb-system", Name: "speaker-pp4kk"}, Node: "kube-12"}}
	nodes := []*Node{{Meta: Meta{Kind: "Node", Name: "kube-1"}}, {Meta: Meta{Kind: "Node", Name: "kube-12"}}, {Meta: Meta{Kind: "Node", Name: "master"}}}
	for _, c := range []struct{ before, node, pod string }{
		{"speaker on kube-12:", "kube-12", ""},
		{"kubectl logs -n metallb-system speaker-7jt2s", "kube-1", "speaker-7jt2s"},
		{"the other one, metallb-speaker-x7p4q:", "", "metallb-speaker-x7p4q"},
		{"kube-1 and kube-12 say the same:", "", ""},
		{"speaker log of the master:", "", ""},
		{"this is kube-1\nand the log of the other node:", "", ""},
		{"see kube-1.example.com/logs:", "", ""},
	} {
		l := &Log{Component: Speaker, Origin: schema.Origin{Path: "issue.md", FirstLine: 10, Before: c.before}}
		New(&Observations{Objects: Objects{Pods: pods, Nodes: nodes}, Logs: []*Log{l}})
		if l.Node != c.node || l.Origin.Pod != c.pod {
			t.Errorf("%q: node %q, pod %q; want %q, %q", c.before, l.Node, l.Origin.Pod, c.node, c.pod)
		}
	}
}

func TestCaptionPlacesOutput(t *testing.T) {
	event := &Event{Reason: "nodeAssigned", Message: `announcing from node "kn-b" with protocol "layer2"`, About: Ref{Kind: "Service", Namespace: "default", Name: "web"}}
	capture := func(before, host string) schema.Origin {
		return schema.Origin{Path: "issue.md", FirstLine: 20, Kind: schema.KindTcpdump, Before: before, Host: host}
	}
	for _, c := range []struct{ before, host, want string }{
		{"on kn-b, which announces:", "", "kn-b"},
		{"from my laptop while kn-b announces:", "", ""},
		{"on another node:", "", ""},
		{"", "kn-b", "kn-b"},
		{"", "kn-c", ""},
	} {
		o := capture(c.before, c.host)
		m := New(&Observations{Objects: Objects{Events: []*Event{event}}, Captures: []Packets{{Origin: o}}})
		if got := m.NodeOf(o); got != c.want {
			t.Errorf("%q %q: %q; want %q", c.before, c.host, got, c.want)
		}
	}
}

func TestPromptOfKubectlLogsIsNoNodeOfTheLog(t *testing.T) {
	nodes := []*Node{{Meta: Meta{Kind: "Node", Name: "kube-1"}}, {Meta: Meta{Kind: "Node", Name: "kube-2"}}}
	for command, want := range map[string]string{"kubectl -n metallb-system logs speaker-zzzzz": "", "crictl logs 1a2b3c": "kube-1"} {
		l := &Log{Component: Speaker, Origin: schema.Origin{Path: "a", FirstLine: 1, Command: command, Host: "kube-1"}}
		New(&Observations{Objects: Objects{Nodes: nodes}, Logs: []*Log{l}})
		if l.Node != want {
			t.Errorf("%s: node %q; want %q", command, l.Node, want)
		}
	}
}

func TestElsewherePromptIsNotTheOnlyKnownNode(t *testing.T) {
	pod := &Pod{Meta: Meta{Kind: "Pod", Name: "speaker-7jt2s"}, Node: "node-0"}
	for host, want := range map[string]string{"": "node-0", "node-1": ""} {
		o := schema.Origin{Path: "a", FirstLine: 1, Kind: schema.KindIptables, Host: host}
		m := New(&Observations{Objects: Objects{Pods: []*Pod{pod}}, Firewalls: []FirewallTables{{Origin: o}}})
		if got := m.NodeOf(o); got != want {
			t.Errorf("host %q: %q; want %q", host, got, want)
		}
	}
}
