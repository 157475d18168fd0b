package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// Command is what a typed command runs, with the wrappers around it taken off.
type Command struct {
	Program   string   // "kubectl", "ip", "show" for a router's or vtysh's show command, ...
	Args      []string // behind the program
	Host      string   // the machine that ssh or a trailing comment names
	Namespace string   // of the pod that it runs in, or that it asks about
	Pod       string   // of kubectl exec or kubectl logs
	Container string
	Previous  bool // kubectl logs --previous
	Pipe      bool // its output went through another program
}

// ParseCommand takes wrappers off a typed command: sudo, time, ssh HOST, kubectl exec POD --, nsenter, loops, and what stands
// behind a pipe.
func ParseCommand(typed string) Command {
	var c Command
	if i := strings.Index(typed, " # "); i > 0 {
		if words := strings.Fields(typed[i+3:]); len(words) == 2 && (words[0] == "on" || words[0] == "from") {
			c.Host = words[1]
		}
		typed = typed[:i]
	}
	words := shellWords(typed)
	for range 12 { // each round takes one wrapper off
		words = untilSeparator(&c, skipLoop(words))
		if len(words) == 0 {
			return c
		}
		rest, again := unwrapCommand(&c, words)
		words = rest
		if !again {
			break
		}
	}
	if len(words) == 0 {
		return c
	}
	c.Program, c.Args = baseName(words[0]), words[1:]
	if c.Program == "kubectl" || c.Program == "stern" {
		c.kubectl()
	}
	return c
}

// skipLoop leaves the body of a for or while loop; other commands stay as they are.
func skipLoop(words []string) []string {
	if len(words) == 0 || (words[0] != "for" && words[0] != "while") {
		return words
	}
	for i, w := range words {
		if w == "do" && i+1 < len(words) {
			return words[i+1:]
		}
	}
	return words
}

// untilSeparator cuts words at the first ;, && or |; leading commands without output of their own (cd, export) are skipped.
func untilSeparator(c *Command, words []string) []string {
	for {
		end := len(words)
		for i, w := range words {
			if w == ";" || w == "&&" || w == "||" || w == "|" || w == "&" {
				end = i
				break
			}
		}
		if end == len(words) {
			return words
		}
		switch {
		case words[end] == "|" && (words[0] == "echo" || words[0] == "printf"):
			words = words[end+1:] // printf 'QUIT' | nc host port: the last program answers
			continue
		case words[end] == "|":
			c.Pipe = true
		case end > 0 && (words[0] == "cd" || words[0] == "export" || words[0] == "echo" || words[0] == "hostname" || words[0] == "date" || words[0] == "set"):
			words = words[end+1:]
			continue
		}
		return words[:end]
	}
}

// unwrapCommand takes one wrapper off; again is false when there was none.
func unwrapCommand(c *Command, words []string) (rest []string, again bool) {
	program := baseName(words[0])
	if isAssignment(words[0]) {
		return words[1:], true
	}
	switch program {
	case "sudo", "time", "watch", "timeout", "nohup", "stdbuf", "env", "do", "command", "exec", "chroot", "nice", "{", "(":
		return skipFlags(words[1:], program), true
	case "ssh":
		return c.ssh(words[1:]), true
	case "bash", "sh":
		for i, w := range words {
			if strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") && i+1 < len(words) {
				return shellWords(words[i+1]), true
			}
		}
	case "nsenter":
		for i, w := range words {
			if w == "--" {
				return words[i+1:], true
			}
		}
		return skipFlags(words[1:], program), true
	case "ip":
		for i, w := range words { // ip netns exec NAME command
			if w == "exec" && i > 0 && words[i-1] == "netns" && i+2 < len(words) {
				return words[i+2:], true
			}
		}
	case "oc", "k", "omc", "kubecolor", "kubectl.exe", "kubectl", "k3s", "microk8s", "minikube", "docker", "podman", "crictl", "nerdctl", "talosctl":
		return c.container(program, words)
	case "vtysh":
		return vtysh(words)
	}
	return words, false
}

// skipFlags skips flags and their values before the wrapped program.
func skipFlags(words []string, program string) []string {
	for len(words) > 0 {
		w := words[0]
		switch {
		case strings.HasPrefix(w, "-"):
			takesValue := program == "sudo" && (w == "-u" || w == "-g") || program == "watch" && (w == "-n" || w == "--interval") ||
				program == "nsenter" && w == "-t"
			words = words[1:]
			if takesValue && len(words) > 0 {
				words = words[1:]
			}
		case (program == "timeout" || program == "nsenter") && isDigit(w[0]), program == "chroot" && w[0] == '/':
			words = words[1:]
		default:
			return words
		}
	}
	return words
}

// ssh takes the host and leaves the remote command.
func (c *Command) ssh(words []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		flag := words[0]
		words = words[1:]
		if len(flag) == 2 && strings.ContainsAny(flag[1:], "ilpoFJLRDbcemw") && len(words) > 0 {
			words = words[1:]
		}
	}
	if len(words) == 0 {
		return nil
	}
	host := words[0]
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if !strings.ContainsAny(host, "${") {
		c.Host = host
	}
	rest := words[1:]
	if len(rest) == 1 {
		return shellWords(rest[0])
	}
	return rest
}

// container takes "kubectl exec POD -- command" and "docker exec NAME command" apart; other subcommands stay.
func (c *Command) container(program string, words []string) (rest []string, again bool) {
	if (program == "k3s" || program == "microk8s" || program == "minikube") && len(words) > 1 {
		if words[1] == "kubectl" || words[1] == "kubectl--" {
			return words[1:], true
		}
		return words, false
	}
	if program == "oc" || program == "k" || program == "omc" || program == "kubecolor" || program == "kubectl.exe" {
		words = append([]string{"kubectl"}, words[1:]...)
		program = "kubectl"
	}
	at := -1
	for i, w := range words {
		if w == "exec" {
			at = i
		}
		if w == "--" && at > 0 {
			c.kubectlFlags(words[1:i])
			return words[i+1:], true
		}
	}
	if at < 0 || program == "talosctl" {
		return words, false
	}
	if program == "kubectl" { // the old form without "--"
		c.kubectlFlags(words[1:])
		return words, false
	}
	after := skipFlags(words[at+1:], "")
	if len(after) > 1 {
		return after[1:], true
	}
	return words, false
}

// vtysh leaves the first command that it was given.
func vtysh(words []string) ([]string, bool) {
	for i, w := range words {
		if (w == "-c" || w == "--command") && i+1 < len(words) {
			return strings.Fields(words[i+1]), true
		}
	}
	return words, false
}

// kubectl takes namespace, pod and container from the arguments of kubectl logs, exec and stern.
func (c *Command) kubectl() { c.kubectlFlags(c.Args) }

func (c *Command) kubectlFlags(args []string) {
	var plain []string
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		next := func() string {
			if has {
				return value
			}
			if i+1 < len(args) {
				i++
				return args[i]
			}
			return ""
		}
		switch name {
		case "-n", "--namespace":
			c.Namespace = next()
		case "-c", "--container":
			c.Container = next()
		case "-p", "--previous":
			c.Previous = true
		case "-l", "--selector", "-o", "--output", "--tail", "--since", "--context", "--kubeconfig", "-f", "--filename":
			if name == "-f" && (len(plain) > 0 && plain[0] == "logs") {
				continue // follow
			}
			next()
		default:
			if !strings.HasPrefix(name, "-") {
				plain = append(plain, args[i])
			}
		}
	}
	if len(plain) < 2 || (plain[0] != "logs" && plain[0] != "exec") {
		return
	}
	pod := plain[1]
	if kind, name, ok := strings.Cut(pod, "/"); ok {
		if kind != "pod" && kind != "pods" && kind != "po" {
			return // ds/speaker names no pod
		}
		pod = name
	}
	if strings.ContainsAny(pod, "$(`{") {
		return
	}
	c.Pod = pod
	if plain[0] == "logs" && len(plain) > 2 && c.Container == "" {
		c.Container = plain[2]
	}
}

// verb is the first argument that is no flag; "" when there is none.
func (c Command) verb() string {
	for i := 0; i < len(c.Args); i++ {
		switch a := c.Args[i]; {
		case a == "-n" || a == "--namespace" || a == "--context" || a == "--kubeconfig":
			i++
		case !strings.HasPrefix(a, "-"):
			return a
		}
	}
	return ""
}

func (c Command) has(arg string) bool {
	for _, a := range c.Args {
		if a == arg {
			return true
		}
	}
	return false
}

// output is the value of -o; "" when there is none.
func (c Command) output() string {
	for i, a := range c.Args {
		for _, flag := range []string{"-o", "--output"} {
			if a == flag && i+1 < len(c.Args) {
				return c.Args[i+1]
			}
			if v, ok := strings.CutPrefix(a, flag+"="); ok {
				return v
			}
		}
		if len(a) > 2 && strings.HasPrefix(a, "-o") && a[2] != '=' {
			return a[2:]
		}
	}
	return ""
}

// Kind says what the command prints when it does what it should; KindShell where nothing more is known.
func (c Command) Kind() schema.Kind {
	switch c.Program {
	case "kubectl":
		return c.kubectlKind()
	case "stern":
		return schema.KindLog
	case "show", "sh", "sho", "do", "display":
		if c.has("arp") || c.has("neighbors") && c.has("ipv6") && !c.has("bgp") {
			return schema.KindIPNeigh
		}
		return schema.KindVtysh
	case "ip":
		return c.ipKind()
	case "helm":
		if c.has("values") {
			return schema.KindHelm
		}
		return schema.KindShell
	}
	if routerOSPath(c.Program) || strings.HasPrefix(c.Program, "/routing") {
		return schema.KindRouter
	}
	if k, ok := programKinds[c.Program]; ok {
		return k
	}
	return schema.KindShell
}

func (c Command) kubectlKind() schema.Kind {
	switch c.verb() {
	case "get", "events", "api-resources", "top":
		switch out := c.output(); {
		case out == "" || out == "wide" || strings.HasPrefix(out, "custom-columns"):
			return schema.KindTable
		case strings.HasPrefix(out, "yaml"), strings.HasPrefix(out, "json") && !strings.HasPrefix(out, "jsonpath"):
			return schema.KindObjects
		}
		return schema.KindShell
	case "describe":
		return schema.KindDescribe
	case "logs", "log":
		switch {
		case c.Container == "frr":
			return schema.KindFRRLog
		case c.Container == "reloader":
			return schema.KindReload
		}
		return schema.KindLog
	}
	return schema.KindShell
}

func (c Command) ipKind() schema.Kind {
	for _, a := range c.Args {
		if strings.HasPrefix(a, "-") {
			continue
		}
		switch {
		case strings.HasPrefix("address", a):
			return schema.KindIPAddr
		case strings.HasPrefix("route", a):
			return schema.KindIPRoute
		case strings.HasPrefix("rule", a):
			return schema.KindIPRule
		case strings.HasPrefix("neighbour", a), a == "neighbor":
			return schema.KindIPNeigh
		case strings.HasPrefix("link", a):
			return schema.KindIPLink
		}
		break
	}
	return schema.KindShell
}

// programKinds are the programs whose output has one kind.
var programKinds = map[string]schema.Kind{
	"birdc": schema.KindRouter, "birdc6": schema.KindRouter, "birdcl": schema.KindRouter, "gobgp": schema.KindRouter, "bgpctl": schema.KindRouter,
	"arping": schema.KindArping, "ping": schema.KindPing, "ping6": schema.KindPing, "fping": schema.KindPing,
	"curl": schema.KindCurl, "curl.exe": schema.KindCurl, "wget": schema.KindCurl, "nc": schema.KindCurl, "ncat": schema.KindCurl, "netcat": schema.KindCurl, "telnet": schema.KindCurl,
	"traceroute": schema.KindTraceroute, "traceroute6": schema.KindTraceroute, "tracepath": schema.KindTraceroute, "tracert": schema.KindTraceroute, "mtr": schema.KindTraceroute,
	"tcpdump": schema.KindTcpdump, "tshark": schema.KindTcpdump, "ndisc6": schema.KindArping,
	"nmap": schema.KindCurl, "grpcurl": schema.KindCurl, "Test-NetConnection": schema.KindCurl, "tnc": schema.KindCurl, "Invoke-WebRequest": schema.KindCurl, "iwr": schema.KindCurl,
	"ifconfig": schema.KindIPAddr, "arp": schema.KindIPNeigh, "arp-scan": schema.KindIPNeigh, "route": schema.KindIPRoute, "bridge": schema.KindIPLink,
	"sysctl": schema.KindSysctl, "ipvsadm": schema.KindIPVS, "nft": schema.KindNft, "conntrack": schema.KindConntrack,
	"ss": schema.KindSockets, "netstat": schema.KindSockets,
	"iptables": schema.KindIptables, "ip6tables": schema.KindIptables, "iptables-save": schema.KindIptables, "ip6tables-save": schema.KindIptables,
	"iptables-legacy": schema.KindIptables, "iptables-nft": schema.KindIptables, "iptables-legacy-save": schema.KindIptables, "iptables-nft-save": schema.KindIptables,
	"dmesg": schema.KindOtherLog, "journalctl": schema.KindOtherLog,
}

// shellWords splits a command at blanks, respecting quotes; separators are words of their own.
func shellWords(s string) []string {
	var words []string
	var word strings.Builder
	in := false
	flush := func() {
		if in {
			words = append(words, word.String())
			word.Reset()
			in = false
		}
	}
	for i := 0; i < len(s) && len(words) < 256; i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r':
			flush()
		case '\'', '"':
			in = true
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				word.WriteString(s[i+1:])
				i = len(s)
				break
			}
			word.WriteString(s[i+1 : i+1+end])
			i += end + 1
		case ';', '|', '&':
			flush()
			if i+1 < len(s) && s[i+1] == c {
				i++
				words = append(words, string([]byte{c, c}))
			} else {
				words = append(words, string(c))
			}
		case '\\':
			if i+1 < len(s) {
				i++
				word.WriteByte(s[i])
				in = true
			}
		default:
			word.WriteByte(c)
			in = true
		}
	}
	flush()
	return words
}

// baseName is the program's name without its folder; RouterOS paths stay.
func baseName(w string) string {
	if routerOSPath(w) {
		return w
	}
	return w[strings.LastIndexByte(w, '/')+1:]
}
