package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// netLine says of which network tool's output a line is by itself; t has no leading blanks. It is "" when no tool is sure.
func netLine(t string) schema.Kind {
	if t == "" {
		return ""
	}
	for _, is := range []struct {
		kind  schema.Kind
		match func(string) bool
	}{
		{schema.KindTcpdump, isTcpdump}, {schema.KindArping, isArping}, {schema.KindPing, isPing}, {schema.KindIPNeigh, isNeigh},
		{schema.KindIPRoute, isRoute}, {schema.KindIPRule, isRule}, {schema.KindIPLink, isLink}, {schema.KindIPAddr, isAddr},
		{schema.KindSysctl, isSysctl}, {schema.KindIptables, isIptables}, {schema.KindNft, isNft}, {schema.KindIPVS, isIPVS},
		{schema.KindConntrack, isConntrack}, {schema.KindSockets, isSockets}, {schema.KindTraceroute, isTraceroute}, {schema.KindCurl, isCurl},
	} {
		if is.match(t) {
			return is.kind
		}
	}
	return ""
}

// isClock takes "18:02:42.315984" in front.
func isClock(s string) bool {
	return len(s) > 9 && isDigit(s[0]) && isDigit(s[1]) && s[2] == ':' && isDigit(s[3]) && isDigit(s[4]) && s[5] == ':' && isDigit(s[6]) && isDigit(s[7]) && s[8] == '.'
}

func isTcpdump(t string) bool {
	if strings.HasPrefix(t, "tcpdump: ") || strings.HasPrefix(t, "listening on ") && strings.Contains(t, "link-type") || strings.HasPrefix(t, "reading from file ") || strings.HasPrefix(t, "dropped privs to tcpdump") {
		return true
	}
	if isDigit(t[0]) && strings.Contains(t, " → ") && containsAny(t, " ARP ", " TCP ", " UDP ", " HTTP ", " ICMP ", " ICMPv6 ", " BGP ") {
		return true // tshark
	}
	s := t
	if len(s) > 20 && s[4] == '-' && s[7] == '-' && s[10] == ' ' {
		s = s[11:]
	}
	if !isClock(s) {
		return false
	}
	head := s[:min(len(s), 140)]
	for _, p := range []string{" IP ", " IP6 ", " ARP, ", " IP,", " ethertype ", " In ", " Out ", " ICMP6, ", " STP ", " LLDP", " > "} {
		if strings.Contains(head, p) {
			return true
		}
	}
	return false
}

func isArping(t string) bool {
	if strings.HasPrefix(t, "ARPING ") || strings.HasPrefix(t, "Unicast reply from ") || strings.HasPrefix(t, "Broadcast reply from ") || strings.HasPrefix(t, "ARPING to ") || strings.HasPrefix(t, "Soliciting ") {
		return true
	}
	if !isDigit(t[0]) {
		return false
	}
	_, rest, ok := strings.Cut(t, " bytes from ")
	return ok && len(rest) > 17 && rest[2] == ':' && rest[5] == ':' && rest[8] == ':' && rest[14] == ':'
}

func isPing(t string) bool {
	for _, p := range []string{"PING ", "Pinging ", "Request timed out.", "ping: ", "Ping statistics for "} {
		if strings.HasPrefix(t, p) {
			return p != "PING " || strings.Contains(t, "(") || strings.Contains(t, "data bytes")
		}
	}
	if strings.HasPrefix(t, "Reply from ") || strings.HasPrefix(t, "From ") {
		return strings.Contains(t, "bytes=") || strings.Contains(t, "icmp_seq") || strings.Contains(t, "nreachable")
	}
	return isDigit(t[0]) && strings.Contains(t, " bytes from ") && (strings.Contains(t, "icmp_seq=") || strings.Contains(t, " ttl=") || strings.Contains(t, " seq="))
}

// isMAC takes aa:bb:cc:dd:ee:ff or aa-bb-cc-dd-ee-ff.
func isMAC(s string) bool {
	if len(s) != 17 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i%3 == 2 {
			if c != ':' && c != '-' {
				return false
			}
		} else if !isHex(c) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isIP takes an address or prefix of either family, loosely.
func isIP(s string) bool {
	s, _, _ = strings.Cut(s, "/")
	dots, colons := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c == '%' && colons >= 2:
			return true
		case !isHex(c):
			return false
		}
	}
	return dots == 3 && colons == 0 && isDigit(s[0]) || colons >= 2
}

func isNeigh(t string) bool {
	f := strings.Fields(t)
	if len(f) == 0 {
		return false
	}
	switch {
	case strings.HasPrefix(t, "Address ") && strings.Contains(t, "HWtype"), strings.HasPrefix(t, "Internet Address"),
		strings.HasPrefix(t, "Interface: ") && strings.Contains(t, " --- 0x"):
		return true
	case f[0] == "?" && len(f) > 3 && f[2] == "at":
		return true
	}
	if isIP(f[0]) && len(f) == 2 && (f[1] == "FAILED" || f[1] == "INCOMPLETE") { // of `ip neigh show dev eth0`
		return true
	}
	if !isIP(f[0]) || len(f) < 3 {
		return len(f) > 3 && strings.HasPrefix(f[1], "(") && f[2] == "at" && (isMAC(f[3]) || f[3] == "<incomplete>" || f[3] == "(incomplete)")
	}
	switch f[len(f)-1] {
	case "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED", "INCOMPLETE", "PERMANENT", "NOARP", "NONE":
		return true
	case "dynamic", "static":
		return isMAC(f[1])
	}
	if isMAC(f[1]) || f[1] == "ether" && isMAC(f[2]) || f[1] == "(incomplete)" {
		return true
	}
	return len(f) > 3 && f[1] == "dev" && f[3] == "lladdr"
}

func isRoute(t string) bool {
	f := strings.Fields(t)
	if len(f) < 3 {
		return strings.HasPrefix(t, "blackhole ") && len(f) == 2 && isIP(f[1])
	}
	switch f[0] {
	case "default":
		return f[1] == "via" || f[1] == "dev" || f[1] == "nhid" || f[1] == "proto"
	case "blackhole", "unreachable", "prohibit", "throw":
		return isIP(f[1]) || f[1] == "default"
	case "local", "broadcast", "multicast", "anycast":
		return isIP(f[1]) && (f[2] == "dev" || f[2] == "via")
	case "nexthop":
		return f[1] == "via" || f[1] == "dev"
	case "Kernel":
		return strings.Contains(t, "routing table")
	case "Destination":
		return f[1] == "Gateway" && (f[2] == "Genmask" || f[2] == "Flags") || f[2] == "Next"
	}
	if !isIP(f[0]) {
		return false
	}
	if f[1] == "via" || f[1] == "dev" || f[1] == "nhid" || f[1] == "proto" || f[1] == "from" {
		return strings.Contains(t, " dev ") || strings.Contains(t, " via ") || strings.Contains(t, " nhid ") || strings.HasSuffix(t, "proto bird")
	}
	return len(f) == 8 && isIP(f[1]) && isIP(f[2]) && strings.HasPrefix(f[3], "U") // route -n
}

func isRule(t string) bool {
	i := strings.IndexByte(t, ':')
	if i < 1 || i > 10 || !isNumber(t[:i]) {
		return false
	}
	rest := strings.TrimLeft(t[i+1:], " \t")
	return strings.HasPrefix(rest, "from ") || strings.HasPrefix(rest, "not ")
}

// ipHead takes "2: eth0@if12: <BROADCAST,MULTICAST,UP> mtu 1500 ...".
func ipHead(t string) bool {
	i := strings.IndexByte(t, ':')
	return i > 0 && i < 8 && isNumber(t[:i]) && strings.Contains(t, ": <") && strings.Contains(t, " mtu ")
}

// briefLine takes a line of ip -br: the interface, its state, and what follows; "HOST: " may stand in front.
func briefLine(t string) (tail []string, ok bool) {
	f := strings.Fields(t)
	if len(f) > 2 && strings.HasSuffix(f[0], ":") && !isBriefState(f[1]) {
		f = f[1:]
	}
	if len(f) < 2 || !isBriefState(f[1]) || len(f[0]) > 40 || !isLetter(f[0][0]) {
		return nil, false
	}
	tail = f[2:]
	return tail, len(tail) == 0 || isMAC(tail[0]) || isIP(tail[0])
}

func isBriefState(s string) bool {
	switch s {
	case "UP", "DOWN", "UNKNOWN", "LOWERLAYERDOWN", "DORMANT", "NOTPRESENT", "TESTING":
		return true
	}
	return false
}

// isLink takes lines of `ip link` and `bridge`; the head line of an interface is taken here too, and kindOfInterfaces looks whether
// addresses follow.
func isLink(t string) bool {
	if ipHead(t) || strings.HasPrefix(t, "link/ether ") || strings.HasPrefix(t, "link/loopback ") {
		return true
	}
	if tail, ok := briefLine(t); ok {
		return len(tail) > 0 && isMAC(tail[0])
	}
	f := strings.Fields(t)
	return len(f) > 2 && isMAC(f[0]) && f[1] == "dev"
}

func isAddr(t string) bool {
	if _, ok := briefLine(t); ok {
		return true
	}
	if strings.HasPrefix(t, "inet ") || strings.HasPrefix(t, "inet6 ") {
		f := strings.Fields(t)
		return len(f) > 1 && (isIP(f[1]) || strings.HasPrefix(f[1], "addr:"))
	}
	return strings.Contains(t, ": flags=") && strings.Contains(t, " mtu ") || strings.Contains(t, "Link encap:") || strings.HasPrefix(t, "Windows IP Configuration")
}

func isSysctl(t string) bool {
	for _, p := range []string{"net.", "kernel.", "vm.", "fs."} {
		if strings.HasPrefix(t, p) {
			key, value, ok := strings.Cut(t, "=")
			return ok && value != "" && !strings.ContainsAny(strings.TrimSpace(key), " \t(")
		}
	}
	return strings.HasPrefix(t, "/proc/sys/") && strings.Contains(t, ":") && !strings.Contains(t, ": ")
}

func isIptables(t string) bool {
	switch t[0] {
	case '#':
		return strings.HasPrefix(t, "# Generated by ip") && strings.Contains(t, "tables-save") || strings.HasPrefix(t, "# Completed on ") ||
			strings.HasPrefix(t, "# Warning: ip") && strings.Contains(t, "tables-legacy")
	case '*':
		switch t[1:] {
		case "nat", "filter", "mangle", "raw", "security":
			return true
		}
	case ':':
		f := strings.Fields(t)
		return len(f) == 3 && strings.HasPrefix(f[2], "[") && strings.Contains(f[2], ":")
	case '-':
		f := strings.Fields(t)
		return len(f) > 2 && (f[0] == "-A" || f[0] == "-I") || len(f) == 3 && f[0] == "-P" || len(f) == 2 && f[0] == "-N"
	case '[':
		i := strings.Index(t, "] -A ")
		return i > 0 && i < 40
	case 'C':
		return strings.HasPrefix(t, "Chain ") && strings.Contains(t, "(") && strings.HasSuffix(t, ")")
	case 'p', 't', 'n':
		f := strings.Fields(t)
		return len(f) > 4 && (f[0] == "pkts" && f[1] == "bytes" && f[2] == "target" || f[0] == "target" && f[1] == "prot" && f[2] == "opt" || f[0] == "num" && (f[1] == "target" || f[1] == "pkts"))
	}
	return false
}

func isNft(t string) bool {
	if strings.HasPrefix(t, "# Warning: table ") && strings.Contains(t, "managed by") {
		return true
	}
	f := strings.Fields(t)
	if len(f) == 4 && f[0] == "table" && f[3] == "{" {
		switch f[1] {
		case "ip", "ip6", "inet", "arp", "bridge", "netdev":
			return true
		}
	}
	if len(f) == 3 && f[0] == "table" {
		switch f[1] {
		case "ip", "ip6", "inet", "arp", "bridge", "netdev":
			return true
		}
	}
	return len(f) == 3 && f[0] == "chain" && f[2] == "{" || strings.HasPrefix(t, "type filter hook ") || strings.HasPrefix(t, "type nat hook ")
}

func isIPVS(t string) bool {
	if strings.HasPrefix(t, "IP Virtual Server version") || strings.HasPrefix(t, "Prot LocalAddress:Port") || strings.HasPrefix(t, "-> RemoteAddress:Port") {
		return true
	}
	f := strings.Fields(t)
	if len(f) < 3 {
		return false
	}
	switch f[0] {
	case "TCP", "UDP", "SCTP":
		switch f[2] {
		case "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "sed", "nq", "mh", "ovf", "fo":
			return strings.Contains(f[1], ":")
		}
	case "->":
		return len(f) == 6 && (f[2] == "Masq" || f[2] == "Route" || f[2] == "Tunnel" || f[2] == "Local")
	}
	return false
}

func isConntrack(t string) bool {
	if strings.HasPrefix(t, "conntrack v") {
		return true
	}
	return strings.Contains(t, " src=") && strings.Contains(t, " dst=") && strings.Contains(t, " dport=") && !strings.Contains(t, "IN=")
}

func isSockets(t string) bool {
	for _, p := range []string{"Netid ", "State ", "Active Internet connections", "Active Connections", "Proto Recv-Q", "Proto  Local Address", "Recv-Q"} {
		if strings.HasPrefix(t, p) {
			return p == "Active Internet connections" || p == "Active Connections" || strings.Contains(t, "Local Address") || strings.Contains(t, "Recv-Q")
		}
	}
	f := strings.Fields(t)
	if len(f) < 4 {
		return false
	}
	switch f[0] {
	case "LISTEN", "ESTAB", "SYN-SENT", "TIME-WAIT", "CLOSE-WAIT", "UNCONN", "FIN-WAIT-1", "FIN-WAIT-2":
		return isNumber(f[1]) && isNumber(f[2])
	case "tcp", "udp", "tcp6", "udp6", "u_str", "raw", "icmp6":
		return (isNumber(f[1]) && isNumber(f[2]) || isNumber(f[2]) && len(f) > 4 && isNumber(f[3])) && strings.Contains(t, ":")
	case "TCP", "UDP":
		return strings.HasSuffix(t, "LISTENING") || strings.HasSuffix(t, "ESTABLISHED") || strings.HasSuffix(t, "SYN_SENT")
	}
	return false
}

func isTraceroute(t string) bool {
	for _, p := range []string{"traceroute to ", "traceroute6 to ", "Tracing route to ", "1?: [LOCALHOST]", "Trace complete"} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	return strings.HasPrefix(t, "HOST: ") && strings.Contains(t, "Loss%")
}

func isCurl(t string) bool {
	for _, p := range []string{"*   Trying ", "* Trying ", "* Connected to ", "* connect to ", "* Failed to connect ", "* Connection ", "* Host ", "* Uses proxy", "* Rebuilt URL", "* Could not resolve", "* About to connect",
		"* IPv6: ", "* IPv4: ", "* ipv4 connect", "* SSL connection", "* TLS", "* ALPN", "* Closing connection", "curl: (", "HTTP/1.0 ", "HTTP/1.1 ", "HTTP/2 ", "< HTTP/", "> GET / ", "nc: ", "Ncat: ", "wget: ", "telnet: ", "Starting Nmap ", "Nmap scan report for ", "ComputerName     ", "Trying ", "Connected to ", "Connecting to ", "Saving to: "} {
		if !strings.HasPrefix(t, p) {
			continue
		}
		switch p {
		case "Trying ":
			return strings.HasSuffix(t, "...") && len(t) < 60
		case "Connected to ", "Connecting to ":
			return len(t) > len(p) && isIP(strings.TrimRight(strings.Fields(t[len(p):])[0], ".:")) || strings.Contains(t, "|") || strings.Contains(t, " (") && strings.Contains(t, ":")
		case "* Connection ":
			return strings.Contains(t, "#") || strings.Contains(t, "timed out") || strings.Contains(t, "refused")
		}
		return true
	}
	if strings.HasPrefix(t, "Connection to ") {
		return strings.Contains(t, " port [") || strings.Contains(t, "succeeded!")
	}
	return strings.HasPrefix(t, "--20") && strings.Contains(t, "--  http")
}
