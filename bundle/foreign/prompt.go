package foreign

import "strings"

// Shell is what kind of interpreter a prompt belongs to.
type Shell string

// The interpreters that a prompt tells apart.
const (
	ShellPosix   Shell = "shell"
	ShellWindows Shell = "windows"
	ShellRouter  Shell = "router" // a router's command line, or vtysh: "host# show ..." and "host> show ..."
)

// Prompt is a line of a pasted session on which somebody typed a command.
type Prompt struct {
	Shell   Shell
	Host    string // the machine that the prompt names; "" when it names none
	Command string // as typed
	Indent  int    // blanks before the prompt; its output is indented as much
	Glued   bool   // the end of the output before it, without a line end, stands in front of the prompt
}

// maxPrompt bounds the part of a line that is looked at as a prompt.
const maxPrompt = 120

// ParsePrompt says whether line is a prompt with a command behind it. A bare "# " counts only where a command follows: the
// same two characters begin a comment and a heading.
func ParsePrompt(line string) (Prompt, bool) {
	line = strings.TrimRight(line, " \t\r")
	rest := strings.TrimLeft(line, " \t")
	indent := len(line) - len(rest)
	if rest == "" || indent > 16 {
		return Prompt{}, false
	}
	for _, parse := range []func(string) (Prompt, bool){
		bareDollar, bareHash, arrowPrompt, windowsPrompt, userAtHost, bracketHost, hostPrompt, tracePrompt, inlineCommand, bareCommand,
	} {
		if p, ok := parse(rest); ok {
			p.Indent = indent
			return p, true
		}
	}
	return Prompt{}, false
}

// bareDollar takes "$ command" and "~ $ command".
func bareDollar(s string) (Prompt, bool) {
	for _, lead := range []string{"$ ", "~ $ ", "/ $ ", "~$ "} {
		if cmd, ok := strings.CutPrefix(s, lead); ok {
			cmd = strings.TrimSpace(cmd)
			return Prompt{Shell: ShellPosix, Command: cmd}, cmd != "" && !strings.HasPrefix(cmd, "$")
		}
	}
	return Prompt{}, false
}

// bareHash takes "# command" and "/ # command", the prompts of root and of a container.
func bareHash(s string) (Prompt, bool) {
	for _, lead := range []string{"/ # ", "~ # ", "/# ", "~# "} {
		if cmd, ok := strings.CutPrefix(s, lead); ok && strings.TrimSpace(cmd) != "" {
			return Prompt{Shell: ShellPosix, Command: strings.TrimSpace(cmd)}, true
		}
	}
	cmd, ok := strings.CutPrefix(s, "# ")
	if !ok || !looksTyped(cmd) {
		return Prompt{}, false
	}
	shell := ShellPosix
	if isRouterVerb(firstWord(cmd)) {
		shell = ShellRouter
	}
	return Prompt{Shell: shell, Command: strings.TrimSpace(cmd)}, true
}

// arrowPrompt takes the prompts of decorated shells: "❯ kubectl get svc", "➜  ~ kubectl get svc".
func arrowPrompt(s string) (Prompt, bool) {
	for _, arrow := range []string{"❯", "➜", "λ", "▶"} {
		at := strings.Index(s[:min(len(s), maxPrompt)], arrow)
		if at < 0 {
			continue
		}
		rest := s[at+len(arrow):]
		words := strings.Fields(rest)
		for i := range words {
			if i > 3 {
				break
			}
			if cmd := strings.Join(words[i:], " "); isCommandWord(words[i]) && looksTyped(cmd) {
				return Prompt{Shell: ShellPosix, Command: cmd}, true
			}
		}
	}
	return Prompt{}, false
}

// windowsPrompt takes `PS C:\> command` and `C:\Users\me>command`.
func windowsPrompt(s string) (Prompt, bool) {
	path := strings.TrimPrefix(s, "PS ")
	if len(path) < 3 || path[1] != ':' || path[2] != '\\' || !isLetter(path[0]) {
		return Prompt{}, false
	}
	end := strings.IndexByte(path, '>')
	if end < 0 || end > maxPrompt {
		return Prompt{}, false
	}
	cmd := strings.TrimSpace(path[end+1:])
	return Prompt{Shell: ShellWindows, Command: cmd}, cmd != ""
}

// userAtHost takes "user@host:~$ cmd", "[user@host dir]# cmd", "user@host ~ % cmd", "user@host> show ..." and
// "[admin@host] > /command".
func userAtHost(s string) (Prompt, bool) {
	at := strings.IndexByte(s, '@')
	if at <= 0 || at > 60 {
		return Prompt{}, false
	}
	user := strings.TrimLeft(s[:at], "[(")
	if open := strings.LastIndexByte(user, ' '); open >= 0 && strings.HasSuffix(user[:open], ")") {
		user = user[open+1:] // (venv) user@host
	}
	if i := strings.LastIndexAny(user, ")]"); i >= 0 {
		user = strings.TrimSpace(user[i+1:])
	}
	if user == "" || strings.ContainsAny(user, " \t\"'`{}=<>/:") {
		return Prompt{}, false
	}
	rest := s[at+1:]
	n := 0
	for n < len(rest) && isHostByte(rest[n]) {
		n++
	}
	if n == 0 || n == len(rest) {
		return Prompt{}, false
	}
	host, tail := rest[:n], rest[n:]
	sign := promptSign(tail)
	if sign < 0 {
		return Prompt{}, false
	}
	cmd := strings.TrimSpace(tail[sign+1:])
	p := Prompt{Shell: ShellPosix, Host: host, Command: cmd}
	if tail[sign] == '>' {
		if !isRouterVerb(firstWord(cmd)) {
			return Prompt{}, false
		}
		p.Shell = ShellRouter
	}
	return p, cmd != ""
}

// promptSign finds the $, #, % or > that ends a prompt; what stands before it is a directory or a bracket. It is -1 when
// the text is no prompt.
func promptSign(tail string) int {
	i := 0
	if strings.HasPrefix(tail, " (") { // the cluster and namespace that kubectl talks to
		i = max(strings.IndexByte(tail, ')'), 0)
	}
	for ; i < len(tail) && i < maxPrompt; i++ {
		switch tail[i] {
		case '$', '#':
			return i
		case '%', '>':
			if i+1 == len(tail) || tail[i+1] == ' ' || tail[i] == '>' {
				return i
			}
		case '"', '{', '=', ',', ';', '|':
			return -1
		}
	}
	return -1
}

// hostPrompt takes "host# show ...", "host#sh ip bgp sum", "host> show ...", "host$ curl ...", "sh-5.1# ip r".
func hostPrompt(s string) (Prompt, bool) {
	limit := min(len(s), maxPrompt)
	for i := range limit {
		c := s[i]
		if c != '#' && c != '>' && c != '$' && c != '%' {
			continue
		}
		name, cmd := s[:i], s[i+1:]
		if name == "" || (c != '#' && !strings.HasPrefix(cmd, " ") && c != '>') || (c == '%' && name == "") {
			return Prompt{}, false
		}
		cmd = strings.TrimSpace(cmd)
		if cmd == "" {
			return Prompt{}, false
		}
		host, ok := promptHost(name)
		if !ok || !looksTyped(cmd) {
			return Prompt{}, false
		}
		p := Prompt{Shell: ShellPosix, Host: host, Command: cmd}
		if strings.HasSuffix(name, "/ ") && c != '>' { // a container's prompt is "/ # "
			p.Host, p.Glued = "", true
		}
		if (c == '#' || c == '>') && isRouterVerb(firstWord(cmd)) {
			p.Shell = ShellRouter
		}
		return p, true
	}
	return Prompt{}, false
}

// bracketHost takes the prompts of Huawei and H3C: "<core>display bgp peer", "[core]dis bgp peer".
func bracketHost(s string) (Prompt, bool) {
	closing := strings.IndexAny(s, ">]")
	if closing < 2 || closing > 60 || s[0] != '<' && s[0] != '[' {
		return Prompt{}, false
	}
	host, cmd := strings.TrimLeft(s[1:closing], "*~"), strings.TrimSpace(s[closing+1:])
	for i := range len(host) {
		if !isHostByte(host[i]) {
			return Prompt{}, false
		}
	}
	word := firstWord(cmd)
	if host == "" || word != "display" && word != "dis" || len(cmd) == len(word) {
		return Prompt{}, false
	}
	return Prompt{Shell: ShellRouter, Host: host, Command: cmd}, true
}

// promptHost says which machine the text before a prompt's sign names: "core-sw", "C7600-1(config)", "RP/0/RSP0/CPU0:r1",
// "toolbox pod in namespace shop". A shell's own name is no machine.
func promptHost(name string) (string, bool) {
	name = strings.TrimSpace(name)
	if i := strings.IndexByte(name, '('); i > 0 && strings.HasSuffix(name, ")") {
		name = name[:i]
	}
	if i := strings.LastIndexByte(name, ':'); i > 0 && strings.HasPrefix(name, "RP/") {
		name = name[i+1:]
	}
	if shell, _, ok := strings.Cut(name, "-"); ok && (shell == "sh" || shell == "bash" || shell == "ash") {
		return "", true
	}
	if i := strings.IndexByte(name, ':'); i > 0 && strings.HasPrefix(name[i:], ":/") || strings.HasSuffix(name, ":~") {
		name = name[:strings.IndexByte(name, ':')]
	}
	words := strings.Fields(name)
	if len(words) == 2 { // bash of a Mac: "host:dir user$"
		if host, dir, ok := strings.Cut(words[0], ":"); ok && host != "" && dir != "" && !isDigit(dir[0]) {
			name, words = host, words[1:]
		}
	}
	if len(words) == 0 || len(words) > 6 || len(words) > 1 && isIP(words[0]) {
		return "", false
	}
	for _, w := range words {
		for i := range len(w) {
			if !isHostByte(w[i]) && w[i] != '/' && w[i] != '~' {
				return "", false
			}
		}
	}
	if !isLetter(name[0]) && !isDigit(name[0]) {
		return "", false
	}
	if len(words) == 2 && (strings.HasPrefix(words[1], "~") || strings.HasPrefix(words[1], "/")) {
		return words[0], true
	}
	return name, true
}

// tracePrompt takes "+ kubectl get svc", a line of a shell that traces its commands.
func tracePrompt(s string) (Prompt, bool) {
	cmd, ok := strings.CutPrefix(s, "+ ")
	if !ok || !looksTyped(cmd) || !isCommandWord(firstWord(cmd)) {
		return Prompt{}, false
	}
	return Prompt{Shell: ShellPosix, Command: cmd}, true
}

// inlineCommand takes a command that stands as inline code on a line of its own, as people head an output: "`kubectl get svc -n shop`:".
func inlineCommand(s string) (Prompt, bool) {
	cmd, ok := strings.CutPrefix(strings.TrimRight(s, ": "), "`")
	cmd, ok2 := strings.CutSuffix(cmd, "`")
	if !ok || !ok2 || strings.Contains(cmd, "`") || captionCommand(s) == "" {
		return Prompt{}, false
	}
	return Prompt{Shell: ShellPosix, Command: captionCommand(s)}, true
}

// bareCommand takes a command that somebody pasted without its prompt; only what nobody writes in a sentence counts.
func bareCommand(s string) (Prompt, bool) {
	if strings.ContainsAny(s[len(s)-1:], ".,:;!?") || strings.Contains(s, "` ") || len(s) > 400 {
		return Prompt{}, false
	}
	word := firstWord(s)
	if !bareCommands[word] || !looksTyped(s) || !typedTail(word, s) {
		return Prompt{}, false
	}
	shell := ShellPosix
	if word == "show" {
		shell = ShellRouter
	}
	return Prompt{Shell: shell, Command: s}, true
}

// typedTail says whether what follows word is an argument that this command takes.
func typedTail(word, s string) bool {
	args := strings.Fields(s)[1:]
	if len(args) == 0 {
		return false
	}
	switch word {
	case "kubectl", "oc", "k", "sudo":
		return true
	case "show":
		return args[0] == "bgp" || args[0] == "ip" || args[0] == "ipv6" || args[0] == "bfd" || args[0] == "running-config"
	case "ip":
		return (ipObjects[args[0]] || strings.HasPrefix(args[0], "-")) && (len(args) < 2 || args[1] != "prefix-list" && args[1] != "next-hop")
	}
	a := args[0]
	return a[0] == '-' || isDigit(a[0]) || strings.Contains(a, "/") || strings.Contains(a, ".")
}

// looksTyped says whether s is a command as somebody types it and not a sentence that begins with the name of one.
func looksTyped(s string) bool {
	s = strings.TrimSpace(s)
	words := strings.Fields(s)
	if len(words) == 0 || len(s) > 2000 {
		return false
	}
	first := strings.TrimPrefix(words[0], "/")
	if i := strings.LastIndexByte(first, '/'); i >= 0 {
		first = first[i+1:]
	}
	if words[0][0] == '/' && isLetter(firstByte(first)) && !isCommandWord(first) {
		return routerOSPath(words[0])
	}
	if !isCommandWord(first) {
		return isAssignment(words[0]) && len(words) > 1 && looksTyped(strings.Join(words[1:], " "))
	}
	if first == "for" || first == "while" || first == "if" {
		return strings.Contains(s, ";") || strings.HasSuffix(s, " do")
	}
	plain := 0
	for _, w := range words[1:] {
		if stopWords[w] && first != "ip" {
			return false
		}
		if isPlainWord(w) {
			plain++
		}
	}
	if isRouterVerb(first) || len(words) == 1 || verbCommands[first] {
		return plain <= 8 && !strings.HasSuffix(s, ".")
	}
	return plain < len(words)-1 || plain <= 2 && !strings.HasSuffix(s, ".")
}

// isAssignment says whether w sets a variable for the command behind it.
func isAssignment(w string) bool {
	i := strings.IndexByte(w, '=')
	if i <= 0 {
		return false
	}
	for _, c := range []byte(w[:i]) {
		if !isLetter(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	return true
}

// routerOSPath says whether w is a command path of RouterOS.
func routerOSPath(w string) bool {
	for _, p := range []string{"/routing", "/ip", "/ipv6", "/interface", "/system", "/log", "/ping", "/tool"} {
		if w == p || strings.HasPrefix(w, p+"/") {
			return true
		}
	}
	return false
}

// isRouterVerb says whether w begins a command of a router's command line.
func isRouterVerb(w string) bool {
	switch w {
	case "show", "sh", "sho", "do", "display", "dis", "birdc", "gobgp", "bgpctl", "configure", "conf", "clear", "ping", "traceroute":
		return true
	}
	return routerOSPath(w)
}

// isCommandWord says whether w names a program or a router's verb that this package knows.
func isCommandWord(w string) bool {
	return commandWords[w] || isRouterVerb(w) || strings.HasPrefix(w, "./") || strings.HasSuffix(w, ".sh") || strings.HasSuffix(w, ".exe")
}

func firstWord(s string) string {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func isHostByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '-' || c == '.' || c == '_'
}

// isPlainWord says whether w has letters only, as words of a sentence do.
func isPlainWord(w string) bool {
	for i := range len(w) {
		if !isLetter(w[i]) {
			return false
		}
	}
	return w != ""
}

// stopWords stand in sentences and never between the arguments of a command.
var stopWords = wordSet(`the a is are was were does did do not works work fails failed and or but with from into that this it its
	my our your to of on than then when where while because can cannot should would could will has have`)

// ipObjects are the objects of the program ip, as people shorten them.
var ipObjects = wordSet(`a ad addr address r ro route rule ru n ne neigh neighbor neighbour l li link -br -4 -6 -s -d netns maddr tunnel monitor`)

// bareCommands may stand on a line without a prompt.
var bareCommands = wordSet(`kubectl oc k sudo show ip vtysh curl wget ping arping tcpdump traceroute ipvsadm iptables iptables-save
	ip6tables nft sysctl crictl arp ss netstat nc dig`)

// verbCommands take subcommands that are plain words.
var verbCommands = wordSet(`kubectl oc k helm ip gobgp birdc bird cilium calicoctl talosctl systemctl docker crictl ctr minikube kind k3s microk8s
	openstack virsh nmcli bridge hubble virtctl juju`)

// commandWords are the programs that people paste.
var commandWords = wordSet(`kubectl oc k omc kubecolor kubectl.exe dis nmap grpcurl iperf iperf3 hping3 arp-scan helm stern k9s kubectx kubens kubeadm k3s k3d kind minikube microk8s talosctl crictl ctr docker podman
	nerdctl journalctl systemctl dmesg cat tail head grep egrep zgrep zcat less sed awk cut sort uniq wc ls ll cd echo printf for while
	if watch time timeout sudo ssh scp nsenter chroot bash sh env export date hostname uname uptime id whoami openssl
	ip ifconfig arp arping ndisc6 ndptool ping ping6 fping traceroute traceroute6 tracepath tracert tracert.exe mtr curl curl.exe wget nc ncat telnet
	netcat nslookup dig host nmap tcpdump tshark ethtool bridge brctl sysctl iptables iptables-save iptables-legacy iptables-nft
	iptables-legacy-save iptables-nft-save ip6tables ip6tables-save nft ipvsadm ipset conntrack ss netstat nstat route lsmod modprobe
	vtysh birdc birdc6 birdcl bird gobgp bgpctl calicoctl cilium hubble openstack virsh ovs-vsctl ovs-ofctl ovn-nbctl firewall-cmd ufw
	netsh ipconfig yq jq python python3 bpftool tc nmcli networkctl resolvectl exit test apt yum dnf apk git make diff`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
