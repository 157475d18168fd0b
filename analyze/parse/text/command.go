package text

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// command is what somebody typed, taken apart as far as needed to know what its output means.
type command struct {
	text   string
	parts  []simple // the simple commands that print, in order; those of a loop over values once a value
	loop   []string // the values of a for loop; nil when there is none or they are not listed
	loops  bool     // a for or while loop, watch, or a repeat
	filter string   // pattern of the last grep behind the first command; "" when the output is whole
	count  bool     // that grep counts (-c)
}

// simple is one command without pipes, wrappers (sudo, ssh, kubectl exec) taken off.
type simple struct {
	tool     string   // base name of the program: curl, ip, tcpdump
	args     []string // what follows it
	from     string   // where a wrapper runs it: the pod of kubectl exec, the host of ssh, the node of a debug pod
	fromKind string   // pod, node, ""
}

// maxCommand bounds the length of a command line that is taken apart, in bytes.
const maxCommand = 8000

// maxParts bounds the simple commands of one line.
const maxParts = 64

// commandKinds are the programs whose output a tool of this package reads.
var commandKinds = map[string]schema.Kind{
	"tcpdump": schema.KindTcpdump, "tshark": schema.KindTcpdump, "arping": schema.KindArping, "ping": schema.KindPing, "ping6": schema.KindPing,
	"fping": schema.KindPing, "curl": schema.KindCurl, "wget": schema.KindCurl, "nc": schema.KindCurl, "ncat": schema.KindCurl, "netcat": schema.KindCurl,
	"telnet": schema.KindCurl, "openssl": schema.KindCurl, "http": schema.KindCurl, "nmap": schema.KindCurl, "grpcurl": schema.KindCurl,
	"Test-NetConnection": schema.KindCurl, "tnc": schema.KindCurl, "traceroute": schema.KindTraceroute, "tracert": schema.KindTraceroute,
	"tracepath": schema.KindTraceroute, "mtr": schema.KindTraceroute, "traceroute6": schema.KindTraceroute, "ifconfig": schema.KindIPAddr,
	"route": schema.KindIPRoute, "arp": schema.KindIPNeigh, "arp-scan": schema.KindIPNeigh, "bridge": schema.KindIPLink, "sysctl": schema.KindSysctl,
	"iptables": schema.KindIptables, "iptables-save": schema.KindIptables, "ip6tables": schema.KindIptables, "ip6tables-save": schema.KindIptables,
	"iptables-nft-save": schema.KindIptables, "iptables-legacy-save": schema.KindIptables, "nft": schema.KindNft, "ipvsadm": schema.KindIPVS,
	"ss": schema.KindSockets, "netstat": schema.KindSockets, "conntrack": schema.KindConntrack, "ndisc6": schema.KindArping,
	"Invoke-WebRequest": schema.KindCurl, "iwr": schema.KindCurl, "ip": schema.KindIPAddr,
}

// otherCommands are known programs whose output is read line by line for what is in it.
var otherCommands = map[string]bool{
	"kubectl": true, "sudo": true, "oc": true, "k": true, "helm": true, "cat": true, "for": true, "while": true, "ssh": true, "dmesg": true,
	"ethtool": true, "nstat": true, "journalctl": true, "systemctl": true, "ufw": true, "firewall-cmd": true, "calicoctl": true, "cilium": true,
	"hubble": true, "docker": true, "crictl": true, "nerdctl": true, "vtysh": true, "birdc": true, "openstack": true, "aws": true, "gcloud": true,
	"az": true, "hcloud": true, "uname": true, "hostname": true, "nslookup": true, "dig": true, "lsmod": true, "modprobe": true, "grep": true,
	"echo": true, "printf": true, "watch": true, "timeout": true, "time": true, "nsenter": true, "iperf": true, "iperf3": true, "lsof": true,
	"microk8s": true, "k3s": true, "minikube": true, "talosctl": true, "stern": true, "iw": true, "iwconfig": true, "nmcli": true, "networkctl": true,
	"ab": true, "hey": true, "wrk": true, "k6": true, "virsh": true, "qm": true, "ipset": true, "tc": true, "bpftool": true, "lscpu": true, "ls": true,
	"resolvectl": true, "host": true, "getent": true, "crontab": true, "date": true, "rke2": true, "kubeadm": true, "exec": true, "head": true,
}

// parseCommand takes a command line apart.
func parseCommand(text string) command {
	c := command{text: cut(strings.TrimSpace(text), maxCommand)}
	if c.text == "" {
		return c
	}
	variable := ""
	for _, pipe := range splitCommands(c.text) {
		stages := splitPipe(pipe)
		words := splitWords(stages[0])
		words, name, values, isLoop := loopHead(words)
		if isLoop {
			c.loops = true
			if name != "" {
				variable, c.loop = name, values
			}
		}
		if len(words) == 0 {
			continue
		}
		for i, st := range stages {
			if i > 0 && feeds(words) {
				words = splitWords(st)
				continue
			}
			if i > 0 {
				c.grep(splitWords(st))
			}
		}
		c.add(words, variable)
	}
	return c
}

// feeds says whether a first stage only gives input to the next: echo, printf, yes.
func feeds(words []string) bool {
	return len(words) > 0 && (words[0] == "echo" || words[0] == "printf" || words[0] == "yes" || words[0] == "cat" && len(words) == 1)
}

// grep notes what a later stage keeps of the output.
func (c *command) grep(words []string) {
	if len(words) == 0 {
		return
	}
	switch words[0] {
	case "grep", "egrep", "fgrep", "zgrep", "rg", "findstr", "ag":
	case "wc":
		c.count = true
		return
	case "head", "tail", "awk", "sed", "cut":
		if c.filter == "" {
			c.filter = strings.Join(words, " ")
		}
		return
	default:
		return
	}
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "-") {
			c.count = c.count || strings.Contains(w, "c") && !strings.HasPrefix(w, "--")
			continue
		}
		c.filter = w
		return
	}
}

// add appends the simple command that words are, once for each value of the loop when they use its variable.
func (c *command) add(words []string, variable string) {
	uses := variable != "" && strings.Contains(strings.Join(words, " "), "$"+variable) || variable != "" && strings.Contains(strings.Join(words, " "), "${"+variable+"}")
	values := []string{""}
	if uses && len(c.loop) > 0 {
		values = c.loop
	}
	for _, v := range values {
		if len(c.parts) >= maxParts {
			return
		}
		w := make([]string, len(words))
		for i := range words {
			w[i] = words[i]
			if uses && len(c.loop) > 0 {
				w[i] = strings.ReplaceAll(strings.ReplaceAll(w[i], "${"+variable+"}", v), "$"+variable, v)
			}
		}
		for _, s := range unwrap(w, "", "", 0) {
			if len(c.parts) < maxParts {
				c.parts = append(c.parts, s)
			}
		}
	}
}

// loopHead takes "for x in A B", "do", "while ...", "then" off the front of a command.
func loopHead(words []string) (rest []string, name string, values []string, loop bool) {
	for len(words) > 0 {
		switch words[0] {
		case "do", "then", "else", "{", "(", "!":
			words = words[1:]
		case "done", "fi", "}", ")", "if", "sleep", "true", "elif":
			return nil, name, values, loop
		case "while", "until":
			return nil, name, values, true
		case "for":
			if len(words) > 3 && words[2] == "in" {
				for _, v := range words[3:] {
					if strings.ContainsAny(v, "$({`") {
						values = nil
						break
					}
					values = append(values, v)
				}
				return nil, words[1], values, true
			}
			return nil, name, values, true
		default:
			return words, name, values, loop
		}
	}
	return nil, name, values, loop
}

// kind is the kind of the output of the first program that a tool reads; "" when none is known.
func (c command) kind() schema.Kind {
	for _, s := range c.parts {
		if k := s.kind(); k != "" {
			return k
		}
	}
	return ""
}

// kind is the kind of a simple command's output, "" when no tool reads it.
func (s simple) kind() schema.Kind {
	switch s.tool {
	case "ip":
		return ipKind(s.args)
	case "bridge":
		return schema.KindIPLink
	case "netstat":
		if strings.Contains(strings.Join(s.args, " "), "-r") || has(strings.Join(s.args, ""), "rn", "nr") {
			return schema.KindIPRoute
		}
		if strings.Contains(strings.Join(s.args, " "), "-s") {
			return ""
		}
	case "cat", "head", "tail", "grep":
		for _, a := range s.args {
			if strings.HasPrefix(a, "/proc/sys/") {
				return schema.KindSysctl
			}
		}
		return ""
	case "openssl":
		if len(s.args) == 0 || s.args[0] != "s_client" {
			return ""
		}
	case "cilium", "hubble", "calicoctl":
		return ""
	}
	return commandKinds[s.tool]
}

// ipKind tells the objects of iproute2 apart by their abbreviations.
func ipKind(args []string) schema.Kind {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if strings.HasPrefix(a, "-") {
			if a == "-n" || a == "-netns" || a == "-family" || a == "-f" {
				i++
			}
			continue
		}
		switch {
		case strings.HasPrefix("address", a) && a[0] == 'a':
			return schema.KindIPAddr
		case strings.HasPrefix("link", a), a == "-d":
			return schema.KindIPLink
		case strings.HasPrefix("route", a) && a != "ru":
			return schema.KindIPRoute
		case strings.HasPrefix("rule", a):
			return schema.KindIPRule
		case strings.HasPrefix("neighbour", a), strings.HasPrefix("neighbor", a):
			return schema.KindIPNeigh
		}
		return ""
	}
	return ""
}
