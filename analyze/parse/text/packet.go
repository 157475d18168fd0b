package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// parsePacket reads one line of tcpdump.
func parsePacket(s string) (model.Packet, bool) {
	var pk model.Packet
	pk.Text = cut(s, 300)
	rest := s
	if stamped(s) {
		f, r, _ := strings.Cut(s, " ")
		if !clockTime(f) && len(f) == 10 && f[4] == '-' {
			var clock string
			clock, r, _ = strings.Cut(r, " ")
			f += " " + clock
		}
		pk.Time, rest = f, strings.TrimSpace(r)
	}
	rest = iface(&pk, rest)
	rest = ethernet(&pk, rest)
	rest = strings.TrimPrefix(rest, "ethertype ")
	switch {
	case strings.HasPrefix(rest, "ARP"):
		return arpPacket(pk, rest)
	case strings.HasPrefix(rest, "IP6 "), strings.HasPrefix(rest, "IP "), strings.HasPrefix(rest, "IPv4 "), strings.HasPrefix(rest, "IPv6 "):
		_, rest, _ = strings.Cut(rest, " ")
		pk.Proto = "ip"
		return pk, endpoints(&pk, rest) || strings.HasPrefix(rest, "(")
	case strings.HasPrefix(rest, "IPv4,"), strings.HasPrefix(rest, "IPv6,"), strings.HasPrefix(rest, "(0x0800)"):
		pk.Proto = "ip"
		return pk, endpoints(&pk, after(rest, ": "))
	case strings.HasPrefix(rest, "arp "): // very old tcpdump
		return arpPacket(pk, "ARP, "+rest[4:])
	case pk.Time != "" && strings.Contains(rest, " > ") && strings.Contains(rest, "Flags ["):
		pk.Proto = "ip"
		return pk, endpoints(&pk, rest)
	}
	return pk, false
}

// iface takes "eth0  In " of -i any off.
func iface(pk *model.Packet, rest string) string {
	f := strings.Fields(rest)
	if len(f) < 3 {
		return rest
	}
	i := 0
	if f[1] == "In" || f[1] == "Out" || f[1] == "P" || f[1] == "B" || f[1] == "M" {
		pk.Iface = f[0]
		i = 1
	}
	if f[i] != "In" && f[i] != "Out" && f[i] != "P" && f[i] != "B" && f[i] != "M" {
		return rest
	}
	pk.Dir = f[i]
	if pk.Dir != "Out" {
		pk.Dir = "In"
	}
	at := 0
	for _, w := range f[:i+1] {
		at += strings.Index(rest[at:], w) + len(w)
	}
	return strings.TrimSpace(rest[at:])
}

// ethernet takes the addresses of -e off: "aa:bb:... > cc:dd:..., ethertype ARP (0x0806), length 42: ".
func ethernet(pk *model.Packet, rest string) string {
	f := strings.Fields(rest)
	if len(f) > 3 && macOf(f[0]) != "" && f[1] == ">" {
		pk.SrcMAC, pk.DstMAC = macOf(f[0]), macOf(strings.TrimRight(f[2], ","))
		if f[2] == "Broadcast," || f[2] == "Broadcast" {
			pk.DstMAC = "ff:ff:ff:ff:ff:ff"
		}
		et := after(rest, "ethertype ")
		name, _, _ := strings.Cut(et, " ")
		_, body, ok := strings.Cut(et, ": ")
		if !ok {
			return rest
		}
		switch {
		case name == "ARP":
			return "ARP, " + strings.TrimPrefix(body, "ARP, ")
		case name == "IPv4", name == "IPv6":
			if strings.HasPrefix(body, "IP") {
				return body
			}
			return "IP " + body
		case name == "802.1Q":
			if i := strings.Index(body, "ARP"); i >= 0 {
				return "ARP, " + strings.TrimLeft(body[i+3:], ", ")
			}
			return "IP " + after(body, ": ")
		}
		return body
	}
	// -i any -e: "ethertype ARP (0x0806), length 60: Request who-has"
	if et, ok := between(rest, "ethertype ", " "); ok && (et == "ARP" || et == "IPv4" || et == "IPv6") {
		for _, w := range f {
			if m := macOf(strings.TrimRight(w, ",")); m != "" {
				pk.SrcMAC = m
				break
			}
		}
		_, body, _ := strings.Cut(after(rest, "ethertype "), ": ")
		if et == "ARP" {
			return "ARP, " + strings.TrimPrefix(body, "ARP, ")
		}
		return "IP " + body
	}
	return rest
}

// arpPacket reads "ARP, Request who-has A tell B" and "ARP, Reply A is-at MAC".
func arpPacket(pk model.Packet, rest string) (model.Packet, bool) {
	pk.Proto = "arp"
	rest = strings.ReplaceAll(rest, ",", "")
	f := strings.Fields(rest)
	switch {
	case value(f, "who-has") != "":
		pk.ARP, pk.Target, pk.SrcAddr = "request", value(f, "who-has"), value(f, "tell")
	case value(f, "is-at") != "":
		pk.ARP, pk.MAC = "reply", macOf(value(f, "is-at"))
		for i, w := range f {
			if w == "is-at" && i > 0 {
				pk.Target, pk.SrcAddr = f[i-1], f[i-1]
			}
		}
	default:
		return pk, false
	}
	pk.Target = strings.TrimRight(pk.Target, ".")
	return pk, true
}

// endpoints reads "A.port > B.port: ..." and what follows.
func endpoints(pk *model.Packet, s string) bool {
	if strings.HasPrefix(s, "(") { // (tos 0x0, ttl 64, ...) in front, when it is on one line
		i := strings.LastIndex(s[:min(len(s), strings.Index(s+" > ", " > "))], ") ")
		if i < 0 {
			return false
		}
		if p, ok := between(s, "proto ", " ("); ok {
			pk.Proto = strings.ToLower(strings.TrimRight(p, "v6")) // refined below
		}
		s = strings.TrimSpace(s[i+2:])
	}
	left, right, ok := strings.Cut(s, " > ")
	if !ok || strings.ContainsAny(left, " \t") {
		return false
	}
	dst, rest, ok := strings.Cut(right, ": ")
	if !ok {
		dst, rest = strings.TrimRight(right, ":"), ""
	}
	pk.SrcAddr, pk.SrcPort = hostPort(left, '.')
	pk.DstAddr, pk.DstPort = hostPort(strings.TrimSpace(dst), '.')
	if !isAddr(pk.SrcAddr) && !isAddr(pk.DstAddr) && !strings.Contains(pk.SrcAddr, ".") && pk.SrcPort == 0 {
		return false
	}
	protocol(pk, rest)
	return true
}

// protocol reads what follows the endpoints of an IP packet.
func protocol(pk *model.Packet, rest string) {
	if has(rest, "bad udp cksum", "cksum 0x") && has(rest, "bad udp cksum", "(incorrect", "bad cksum") {
		pk.Checksum = "bad"
	}
	switch {
	case strings.Contains(rest, "Flags ["):
		pk.Proto = "tcp"
		pk.Flags, _ = between(rest, "Flags [", "]")
		if pk.SrcPort == 179 || pk.DstPort == 179 || strings.Contains(rest, ": BGP") {
			pk.Proto = "bgp"
		}
	case strings.HasPrefix(rest, "S "), strings.HasPrefix(rest, "R "), strings.HasPrefix(rest, ". ack"): // tcpdump 3
		pk.Proto, pk.Flags = "tcp", rest[:1]
	case strings.HasPrefix(rest, "ICMP6, neighbor solicitation"), strings.HasPrefix(rest, "ICMP6, neighbor advertisement"):
		pk.Proto, pk.ARP = "ndp", "request"
		pk.Target = strings.Trim(firstField(after(rest, "who has ")), ",")
		if strings.Contains(rest, "advertisement") {
			pk.ARP = "reply"
			pk.Target = strings.Trim(firstField(after(rest, "tgt is ")), ",")
		}
		for _, w := range strings.Fields(rest) {
			if m := macOf(strings.Trim(w, ",()")); m != "" {
				pk.MAC = m
			}
		}
	case strings.HasPrefix(rest, "ICMP6"):
		pk.Proto, pk.Flags = "icmp6", icmpWhat(rest)
	case strings.HasPrefix(rest, "ICMP"), strings.HasPrefix(rest, "icmp"):
		pk.Proto, pk.Flags = "icmp", icmpWhat(rest)
	case has(rest, "VXLAN", "OTV", "Geneve"):
		pk.Proto = "vxlan"
	case has(rest, "BFD"), pk.DstPort == 3784, pk.DstPort == 4784:
		pk.Proto = "bfd"
	case has(rest, "GRE", "IPIP", "ipip"):
		pk.Proto = "ipip"
	case has(rest, "UDP", "udp"):
		pk.Proto = "udp"
	case pk.SrcPort > 0 && (pk.Proto == "ip" || pk.Proto == ""):
		pk.Proto = "udp"
	}
}

// icmpWhat is the kind of an ICMP message in tcpdump's words, without numbers: "echo request", "host 10.0.0.1 unreachable".
func icmpWhat(rest string) string {
	_, w, _ := strings.Cut(rest, " ")
	w, _, _ = strings.Cut(w, ", id")
	w, _, _ = strings.Cut(w, ", length")
	return cut(w, 80)
}

func firstField(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}
