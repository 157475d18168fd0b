package collect

import (
	"bytes"
	"context"
	"fmt"
)

// frrFiles are the files that configure FRR.
var frrFiles = []string{"frr.conf", "daemons", "vtysh.conf"}

// vtyshOnce are the commands that show the whole of FRR; both says that there is a form in JSON.
var vtyshOnce = []struct {
	command string
	both    bool
}{
	{"show version", false},
	{"show running-config", false},
	{"show bfd peers", true},
	{"show bfd peers counters", true},
	{"show route-map", true},
	{"show ip prefix-list", true},
	{"show ipv6 prefix-list", true},
	{"show bgp community-list", false},
	{"show interface", true},
	{"show vrf", false},
	{"show daemons", false},
	{"show watchfrr", false},
	{"show ip nht", false},
	{"show ipv6 nht", false},
}

// neighborsMax is how many neighbors' routes are asked for, in one container.
const neighborsMax = 64

// frr are the steps for the pods in which FRR runs: its files, and all that vtysh shows.
func (p *planner) frr(pods []Pod) []Step {
	var steps []Step
	for i := range pods {
		pod := &pods[i]
		for _, c := range pod.Containers {
			if c.Name != "frr" || c.Init {
				continue
			}
			s := p.exec(pod, c, fmt.Sprintf("vtysh/%s/%s", pod.Namespace, pod.Name), "show FRR's files and state, and the node's network, with cat, vtysh, ip and the like")
			s.Runs = scriptCommands()
			s.Run = func(ctx context.Context, w *Work) error {
				script := frrScript(pod)
				script.addNode(pod.Node)
				return script.into(ctx, w, Container{pod.Namespace, pod.Name, c.Name})
			}
			steps = append(steps, s)
		}
	}
	return steps
}

// scriptCommands are the commands of the script for FRR and its node, as a person reads them.
func scriptCommands() []string {
	var all []string
	for _, f := range frrFiles {
		all = append(all, "cat /etc/frr/"+f)
	}
	for _, c := range vtyshOnce {
		command := "vtysh: " + c.command
		if c.both {
			command += " [json]"
		}
		all = append(all, command)
	}
	for _, c := range []string{"summary [json]", "neighbors [json]", "ipv4 unicast [json]", "ipv6 unicast [json]", "nexthop"} {
		all = append(all, "vtysh: show bgp [vrf VRF] "+c)
	}
	all = append(all, "vtysh: show ip route [vrf VRF] [json]", "vtysh: show ipv6 route [vrf VRF] [json]")
	for _, c := range []string{"advertised-routes", "received-routes", "routes"} {
		all = append(all, "vtysh: show bgp [vrf VRF] ipv4|ipv6 unicast neighbors NEIGHBOR "+c+" [json]")
	}
	for _, c := range nodeCommands {
		all = append(all, c.words)
	}
	return append(all, "read rp_filter, arp_ignore, arp_announce, forwarding and the like from /proc/sys/net")
}

// exec makes the step of a script in a container, as far as it is known before what the script is.
func (p *planner) exec(pod *Pod, c PodContainer, name, does string) Step {
	s := Step{Name: name, Does: fmt.Sprintf("run a script in %s/%s/%s: %s", pod.Namespace, pod.Name, c.Name, does), Class: ClassState,
		Node: pod.Node, Namespace: pod.Namespace, Pod: pod.Name, Container: c.Name,
		Needs: []Permission{{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: pod.Namespace}}}
	switch {
	case p.o.NoExec:
		s.Skip = "--no-exec"
	case !c.Running:
		s.Skip = "the container does not run"
		if c.Waiting != "" {
			s.Skip += ": " + c.Waiting
		}
	}
	return s
}

// frrScript shows FRR's files and state. vtysh runs twice, for it takes longer to start than to answer: once for what any FRR has,
// and once for the VRFs and neighbors that its configuration names. It reads commands from standard input, where it prints each
// behind its prompt; a comment is a command that does nothing, and makes a mark.
func frrScript(pod *Pod) *script {
	s := newScript()
	for _, f := range frrFiles {
		s.run(fmt.Sprintf("frr/%s/%s/%s", pod.Namespace, pod.Name, f), "cat", "/etc/frr/"+f)
	}
	folder := fmt.Sprintf("vtysh/%s/%s/", pod.Namespace, pod.Name)
	s.add("f=" + quote(folder) + " t='!" + s.token + "'\n" + vtyshShell)
	s.add("{ echo 'terminal length 0'\n")
	for _, c := range vtyshOnce {
		form := "e"
		if c.both {
			form = "b"
		}
		s.add(form + " " + c.command + "\n")
	}
	s.add("echo \"$t end 0\"\n} | m " + quote(folder+vtyshErrors) + " vtysh\n")
	s.add("{ echo 'terminal length 0'\n" + fmt.Sprintf(vtyshNeighbors, neighborsMax) + "echo \"$t end 0\"\n} | m " + quote(folder+"neighbors-"+vtyshErrors) + " vtysh\n")
	return s
}

// vtyshErrors is what vtysh prints before it answers the first command, without its greeting: nothing, unless it cannot.
const vtyshErrors = "vtysh-errors.txt"

// greeting tells whether a line is one that vtysh prints before it answers.
func greeting(line []byte) bool {
	for _, words := range []string{"Hello, this is FRRouting", "Copyright ", "% Can't open configuration file /etc/frr/vtysh.conf"} {
		if bytes.HasPrefix(line, []byte(words)) {
			return true
		}
	}
	return len(bytes.TrimSpace(line)) == 0 || bytes.HasSuffix(bytes.TrimSpace(line), []byte("terminal length 0"))
}

// vtyshShell has functions that write commands for vtysh: e a command behind the mark for its member, b also its form in JSON, v all
// that there is of a VRF ("" the default one, else its words), n the routes of a neighbor.
const vtyshShell = `e() { IFS=-; p="$*"; IFS=' '; printf '%s begin %s%s.txt\n%s\n' "$t" "$f" "$p" "$*"; }
b() { e "$@"; printf '%s begin %s%s.json\n%s json\n' "$t" "$f" "$p" "$*"; }
v() {
	b show bgp $1 summary; b show bgp $1 neighbors; b show bgp $1 ipv4 unicast; b show bgp $1 ipv6 unicast
	b show ip route $1; b show ipv6 route $1; e show bgp $1 nexthop
}
n() {
	for a in ipv4 ipv6; do for r in advertised-routes received-routes routes; do b show bgp $1 $a unicast neighbors $2 $r; done; done
}
`

// vtyshNeighbors reads the running configuration for VRFs and neighbors, and writes the commands for each.
const vtyshNeighbors = `v ''
vtysh -c 'show running-config' 2>/dev/null | {
	w='' seen=' ' i=0
	while read -r x y z r; do
		case "$x $y" in
		'router bgp') set -- $r; w=''; if [ "$1" = vrf ]; then w="vrf $2"; v "$w"; fi ;;
		'neighbor '*)
			case "$z $r" in 'peer-group ') seen="$seen$w:$y " ;; esac
			case "$z" in remote-as | interface | peer-group) ;; *) continue ;; esac
			case "$seen" in *" $w:$y "*) continue ;; esac
			seen="$seen$w:$y "
			i=$((i + 1))
			[ $i -gt %d ] || n "$w" "$y" ;;
		esac
	done
}
`
