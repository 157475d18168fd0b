package collect

import (
	"sort"
	"strings"
)

// nodeCommands show a node's network, from a container on the host's network. Names are those of the bundle's layout.
var nodeCommands = []struct {
	member string // nodes/NODE/MEMBER.txt
	words  string
}{
	{"ip-addr", "ip addr"},
	{"ip-link", "ip -d -s link"},
	{"ip-route", "ip route show table all"},
	{"ip-6-route", "ip -6 route show table all"},
	{"ip-rule", "ip rule"},
	{"ip-6-rule", "ip -6 rule"},
	{"ip-neigh", "ip neigh"},
	{"bridge-fdb", "bridge fdb"},
	{"iptables-save", "iptables-save"},
	{"ip6tables-save", "ip6tables-save"},
	{"nft-list-ruleset", "nft list ruleset"},
	{"ipvsadm", "ipvsadm -Ln"},
	{"sockets", "ss -tuln"},
}

// nodeSysctls prints what decides whether the kernel answers and forwards, as sysctl does. grep reads them: a shell's read takes a byte
// at a time, and such a file gives its first byte alone then.
const nodeSysctls = `sysctls() (
	cd /proc/sys || return
	for n in ipv4/ip_forward ipv6/bindv6only 'bridge/bridge-nf-call-ip*tables' ipv4/fib_multipath_hash_policy 'netfilter/nf_conntrack_[mc]*' ipv4/vs/conntrack \
		'ipv4/conf/*/rp_filter' 'ipv4/conf/*/arp_ignore' 'ipv4/conf/*/arp_announce' 'ipv4/conf/*/arp_filter' 'ipv4/conf/*/proxy_arp' 'ipv4/conf/*/forwarding' \
		'ipv4/conf/*/accept_local' 'ipv4/conf/*/src_valid_mark' \
		'ipv6/conf/*/forwarding' 'ipv6/conf/*/disable_ipv6' 'ipv6/conf/*/proxy_ndp' 'ipv6/conf/*/accept_ra'; do
		grep -H '' net/$n 2>/dev/null
	done | while IFS=: read -r name value; do
		IFS=/; set -f; set -- $name; IFS=.; name="$*"; IFS=' '
		echo "$name = $value"
	done
)
`

// addNode adds what shows the node to the script of a container on the host's network.
func (s *script) addNode(node string) {
	folder := "nodes/" + node + "/"
	for _, c := range nodeCommands {
		s.run(folder+c.member+".txt", strings.Fields(c.words)...)
	}
	s.add(nodeSysctls)
	s.run(folder+"sysctl.txt", "sysctls")
}

// nodesWithout are steps for the nodes that no script can show: none of their containers has a shell.
func (p *planner) nodesWithout(pods []Pod) []Step {
	shown, seen := map[string]bool{}, map[string]bool{}
	for i := range pods {
		seen[pods[i].Node] = true
		if pods[i].has("frr") {
			shown[pods[i].Node] = true
		}
	}
	var nodes []string
	for n := range seen {
		if n != "" && !shown[n] {
			nodes = append(nodes, n)
		}
	}
	sort.Strings(nodes)
	var steps []Step
	for _, n := range nodes {
		why := "no container of MetalLB on the node has a shell: the image of the speaker has only the speaker"
		if p.o.NoExec {
			why = "--no-exec"
		}
		steps = append(steps, Step{Name: "nodes/" + n, Does: "show the network of node " + n, Class: ClassState, Node: n, Skip: why})
	}
	return steps
}
