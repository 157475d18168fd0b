package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// place fills in who made a probe: a wrapper in the command first, then the origin, then the prompt, then what was said before.
func (c *state) place(p *model.Probe, s simple) {
	switch {
	case s.from != "":
		p.From, p.FromKind = s.from, s.fromKind
		return
	case c.o.Pod != "":
		p.From, p.FromKind = c.o.Pod, "pod"
		return
	case c.o.Node != "":
		p.From, p.FromKind = c.o.Node, "node"
		return
	case c.o.Router:
		p.From, p.FromKind = c.o.RouterName, "router"
		return
	}
	p.From = c.o.Host
	switch {
	case hasWord(strings.ToLower(c.o.Host), "pod"):
		p.FromKind = "pod"
	case c.o.Client || clientName(c.o.Host):
		p.FromKind = "client"
	default:
		p.FromKind = saidPlace(c.o.Before)
	}
	if p.From == "" && p.FromKind == "client" {
		p.From = "client"
	}
}

// saidPlace reads from the words before a block, or behind a command, where it was run: "node", "pod", "client", "router", "".
// The last place named wins, because it stands nearest.
func saidPlace(s string) string {
	s = strings.ToLower(s)
	kind, at := "", -1
	for _, p := range places {
		for _, w := range p.words {
			if i := strings.LastIndex(s, w); i > at {
				kind, at = p.kind, i
			}
		}
	}
	return kind
}

// places are the words by which people say where they ran something.
var places = []struct {
	kind  string
	words []string
}{
	{"client", []string{"laptop", "my pc", "my mac", "macbook", "notebook", "desktop", "workstation", "from outside", "from the outside", "external machine",
		"external host", "external client", "external server", "outside of the cluster", "outside the cluster", "another vm", "other vm", "from the client", "on the client",
		"client machine", "bastion", "jump host", "jumphost", "from the lan", "another machine", "another host", "another computer", "different machine",
		"from windows", "from my machine", "my machine", "from the office", "on my computer", "my computer", "from my host", "hypervisor", "kvm host",
		"from remote", "remote host", "a machine in the same"}},
	{"pod", []string{"from a pod", "from the pod", "inside the pod", "inside a pod", "in the pod", "within the pod", "within a pod", "from another pod", "from pods",
		"from inside a container", "kubectl exec", "netshoot", "busybox", "debug pod", "toolbox pod", "in a pod"}},
	{"node", []string{"from a node", "from the node", "on the node", "on a node", "from node", "on node", "from the master", "on the master", "from a master",
		"on one of the nodes", "from any node", "from one of the nodes", "on the worker", "from the worker", "from a worker", "on a worker", "from each node",
		"on each node", "from all nodes", "from the nodes", "on the nodes", "control plane", "control-plane", "inside the cluster", "within the cluster",
		"on the announcing", "on the leader", "cluster node", "on every node", "from every node", "kubernetes node", "k8s node", "on the host", "from the host"}},
	{"router", []string{"from the router", "on the router", "from the gateway", "on the gateway", "on the switch", "from the switch", "from the firewall",
		"on the firewall", "on the tor", "from the tor", "on the peer", "from the peer", "opnsense", "pfsense", "mikrotik", "routeros", "edgerouter", "unifi", "vyos"}},
}
