package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// vtyshStarts begin an output of FRR's vtysh.
var vtyshStarts = []string{"FRRouting ", "IPv4 Unicast Summary", "IPv6 Unicast Summary", "L2VPN EVPN Summary", "BFD Peers:", "% BGP instance not found", "Default BGP instance not found",
	"% No BGP neighbors found", "% No failed BGP neighbors", "% No such neighbor", "% Network not in table", "% Inbound soft reconfiguration not enabled", "Codes: K - kernel route",
	"No BGP prefixes displayed", "% Unable to find 'peer", "View/Vrf ", "Current BGP nexthop cache", "ZEBRA: ip prefix-list", "BGP: ip prefix-list", "BGP: ipv6 prefix-list", "ZEBRA: ipv6 prefix-list",
	"bgpd is not running", "zebra is not running", "bfdd is not running", "Exiting: failed to connect to any daemons", "% Unknown command", "% Ambiguous command", "% Command incomplete",
	"Session count: ", "Interface       Status  VRF", "Type  Id     routerId", "Instance default:", "BGP Neighbor-Group", "FRR ", "Network is not in table", "% BFD", "failed to open", "###### ", "####### ",
	"No such neighbor in this view/vrf", "Address Refcnt Community", "netns-based vrfs", "Logging configuration for ", "Instance ", "ZEBRA:", "BGP:", "route-map: "}

// routerStarts begin an output of a router that is no FRR.
var routerStarts = []string{"BIRD ", "BGP summary information for VRF", "Threading mode: BGP I/O", "Flags: E - established", "Flags: X - disabled", "Codes: L - local", "Codes: C - connected", "Codes: C - Connected",
	"Process       RcvTblVer", "Process RcvTblVer", "BGP local router ID", "Neighbor Status Codes:", "Groups: ", "BGP is operating in", "[global.config]", "Router#", "Default route table", "BGP Peer Data",
	"Codes - C", "IP Route Table for VRF", "routing table version", "inet.0: ", "Gateway of last resort"}

// bgpText says whether FRR or another router printed the line t, the first of an output; next is the line behind it. It is ""
// when t begins no output about BGP.
func bgpText(t, next string) schema.Kind {
	switch {
	case strings.HasPrefix(t, "BGP router identifier "):
		if strings.Contains(t, "vrf-id") || strings.Contains(t, "VRF ") {
			return schema.KindVtysh
		}
		return schema.KindRouter // IOS and Quagga: the one has a main routing table, the other RIB entries
	case strings.HasPrefix(t, "BGP table version is "):
		switch {
		case strings.Contains(t, "vrf id "):
			return schema.KindVtysh
		case strings.Contains(t, "local router ID") || strings.Contains(t, "local router-ID"), strings.Contains(t, "main routing table"):
			return schema.KindRouter
		}
	case strings.HasPrefix(t, "BGP neighbor is "), strings.HasPrefix(t, "BGP neighbor on "):
		if strings.Contains(t, "local AS") && !strings.Contains(t, "link-type") {
			return schema.KindVtysh
		}
		return schema.KindRouter
	case strings.HasPrefix(t, "BGP routing table entry for "):
		if strings.Contains(next, "Default-IP-Routing-Table") {
			return schema.KindRouter
		}
		return schema.KindVtysh
	case strings.HasPrefix(t, "Neighbor ") || strings.HasPrefix(t, "Neighbor\t"):
		f := strings.Fields(t)
		if len(f) > 6 && (f[1] == "V" || f[1] == "AS" || f[1] == "Spk") {
			if strings.Contains(t, "PfxSnt") {
				return schema.KindVtysh
			}
			return schema.KindRouter
		}
	case strings.HasPrefix(t, "Peer ") && strings.Contains(t, "Up/Down") && strings.Contains(t, "State"):
		return schema.KindRouter
	case strings.HasPrefix(t, "Network ") && strings.Contains(t, "Next Hop"):
		if strings.Contains(t, "AS_PATH") {
			return schema.KindRouter
		}
		return schema.KindVtysh
	case strings.HasPrefix(t, "Name ") || strings.HasPrefix(t, "name "):
		f := strings.Fields(strings.ToLower(t))
		if len(f) > 4 && f[1] == "proto" && f[2] == "table" && f[3] == "state" {
			return schema.KindRouter
		}
	}
	return ""
}

// routerText says whether t begins an output of vtysh or of another router.
func routerText(t, next string) schema.Kind {
	if k := bgpText(t, next); k != "" {
		return k
	}
	for _, p := range routerStarts {
		if strings.HasPrefix(t, p) {
			switch p {
			case "BIRD ":
				return pick(strings.HasSuffix(t, "ready.") || len(t) > 5 && isDigit(t[5]), schema.KindRouter)
			case "Groups: ":
				return pick(strings.Contains(t, "Peers:"), schema.KindRouter)
			}
			return schema.KindRouter
		}
	}
	for _, p := range vtyshStarts {
		if !strings.HasPrefix(t, p) {
			continue
		}
		switch p {
		case "###### ", "####### ":
			return pick(isDumpHeading(t), schema.KindVtysh)
		case "FRR ", "failed to open":
			return ""
		case "Instance ":
			return pick(strings.HasSuffix(t, ":"), schema.KindVtysh)
		case "ZEBRA:", "BGP:":
			return pick(t == p && (strings.HasPrefix(next, "BGP:") || strings.HasPrefix(next, "route-map") || next == ""), schema.KindVtysh)
		}
		return schema.KindVtysh
	}
	switch {
	case strings.HasPrefix(t, "ID ") && strings.Contains(t, "AS_PATH"), strings.HasPrefix(t, "neighbor ") && strings.HasSuffix(t, "BGP session is not established"), t == "Network not in table":
		return schema.KindRouter // GoBGP
	case strings.HasPrefix(t, "Interface ") && strings.Contains(t, "line protocol is"), strings.HasPrefix(next, "resolved via ") || next == "unresolved(Connected)" || strings.HasPrefix(next, "unresolved"), isDaemonList(t):
		return schema.KindVtysh
	}
	if isFRRRoute(t) {
		return schema.KindVtysh
	}
	if strings.HasPrefix(t, "protocol bgp ") || strings.HasPrefix(t, "protocol kernel") || strings.HasPrefix(t, "router id ") && strings.HasSuffix(t, ";") {
		return schema.KindRouter
	}
	if strings.HasPrefix(t, "set protocols bgp ") || strings.HasPrefix(t, "/routing bgp ") || strings.HasPrefix(t, "/routing/bgp") || strings.HasPrefix(t, "log \"") && strings.HasSuffix(t, ";") || strings.Contains(t, "remote.address=") && strings.Contains(t, ".as=") {
		return schema.KindRouter
	}
	return ""
}

// isDaemonList takes the one line of `show daemons`.
func isDaemonList(t string) bool {
	words := strings.Fields(t)
	for _, w := range words {
		switch w {
		case "zebra", "bgpd", "bfdd", "staticd", "watchfrr", "mgmtd", "ospfd", "pimd", "ldpd":
		default:
			return false
		}
	}
	return len(words) > 1
}

func pick(ok bool, k schema.Kind) schema.Kind {
	if ok {
		return k
	}
	return ""
}

// isDumpHeading takes "###### show running-config" of collect.sh and "####### BGP Neighbors" of MetalLB's own test dumps.
func isDumpHeading(t string) bool {
	rest := strings.TrimLeft(t, "#")
	marks := len(t) - len(rest)
	rest = strings.TrimSpace(rest)
	if marks < 6 || rest == "" {
		return false
	}
	for _, p := range []string{"show ", "Show ", "BGP Neighbors", "Routes", "BFD Peers", "Dumping file", "Check for any crashinfo", "Network setup", "Interfaces", "Neighbors"} {
		if strings.HasPrefix(rest, p) {
			return true
		}
	}
	return false
}

// isFRRRoute takes a line of `show ip route`: "B>* 10.66.9.40/32 [20/0] via 10.66.1.32, eth1, 03:01:46".
func isFRRRoute(t string) bool {
	if len(t) < 10 || t[0] < 'A' || t[0] > 'Z' {
		return false
	}
	f := strings.Fields(t)
	if len(f) < 3 || len(f[0]) > 5 {
		return false
	}
	for i := 1; i < len(f[0]); i++ {
		if !strings.ContainsRune(">*qrb ", rune(f[0][i])) {
			return false
		}
	}
	return isIP(f[1]) && strings.Contains(f[1], "/") && (strings.Contains(t, " via ") || strings.Contains(t, "directly connected"))
}

// isConfStart takes a line that begins FRR's configuration.
func isConfStart(t, next string) bool {
	for _, p := range []string{"frr version ", "frr defaults ", "Building configuration...", "service integrated-vtysh-config", "router bgp ", "log file /etc/frr", "log timestamp precision",
		"ip nht resolve-via-default", "ipv6 nht resolve-via-default", "ip prefix-list ", "ipv6 prefix-list ", "debug bgp ", "debug zebra ", "bgp ebgp-requires-policy"} {
		if strings.HasPrefix(t, p) {
			return true
		}
	}
	if strings.HasPrefix(t, "route-map ") {
		return strings.Contains(t, " permit ") || strings.Contains(t, " deny ")
	}
	switch {
	case t == "!", strings.HasPrefix(t, "! "):
		return isConfLine(next) && next != ""
	case strings.HasPrefix(t, "hostname ") && strings.Count(t, " ") == 1, t == "log stdout", strings.HasPrefix(t, "log stdout "), strings.HasPrefix(t, "log syslog "), t == "bfd":
		return isConfLine(next) && next != ""
	}
	return false
}

// isConfLine takes what may stand in FRR's configuration.
func isConfLine(s string) bool {
	if s == "" || s[0] == ' ' || s[0] == '\t' || s[0] == '!' {
		return true
	}
	word := firstWord(s)
	return confWords[word]
}

var confWords = wordSet(`frr hostname domainname log service router neighbor address-family exit exit-address-family route-map match set on-match no end bfd
	profile peer line debug ip ipv6 bgp timers vrf exit-vrf interface agentx zebra password access-list Building Current bgp-community mpls allow-external-route-update network
	description redistribute exit-route-map detect-multiplier receive-interval transmit-interval call`)

// isDaemons takes lines of FRR's file daemons.
func isDaemons(t string) bool {
	return strings.HasPrefix(t, "# This file tells the frr package") || strings.HasPrefix(t, "bgpd=") || strings.HasPrefix(t, "zebra_options=") || strings.HasPrefix(t, "vtysh_enable=") ||
		strings.HasPrefix(t, "bgpd_options=") || strings.HasPrefix(t, "ospfd=")
}
