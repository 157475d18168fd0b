package vtysh

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Uptime reads the times of "Up/Down" columns: 00:00:05, 1d02h03m, 3d18h59m, 11w4d03h, 01w2d, 1y5w, "2d 3:04:05", never.
// ok is false for what is none; never is 0 with ok.
func Uptime(s string) (d time.Duration, ok bool) {
	if s == "never" {
		return 0, true
	}
	if day, rest, found := strings.Cut(s, " "); found {
		a, ok1 := Uptime(day)
		b, ok2 := Uptime(rest)
		return a + b, ok1 && ok2
	}
	if strings.Contains(s, ":") {
		return clock(s)
	}
	n, digits := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' {
			if n, digits = n*10+int(c-'0'), true; n > 1_000_000 {
				return 0, false
			}
			continue
		}
		unit, known := units[c]
		if !digits || !known {
			return 0, false
		}
		d += time.Duration(n) * unit
		n, digits = 0, false
	}
	return d, !digits && s != ""
}

var units = map[byte]time.Duration{'y': 365 * 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second}

// clock reads mm:ss, hh:mm:ss and d:hh:mm:ss.
func clock(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) > 4 {
		return 0, false
	}
	sec := 0
	for i, p := range parts {
		p, _, _ = strings.Cut(p, ".")
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || n > 1_000_000 {
			return 0, false
		}
		if len(parts) == 4 && i == 1 {
			sec = sec*24 + n
			continue
		}
		sec = sec*60 + n
	}
	return time.Duration(sec) * time.Second, true
}

// State makes the words of all systems those of FRR.
func State(s string) string {
	s = strings.TrimPrefix(s, "BGP_FSM_")
	switch strings.ToLower(strings.TrimSuffix(s, ",")) {
	case "established", "establ", "estab":
		return "Established"
	case "active":
		return "Active"
	case "connect":
		return "Connect"
	case "idle":
		return "Idle"
	case "opensent":
		return "OpenSent"
	case "openconfirm":
		return "OpenConfirm"
	case "shut(admin)", "shut (admin)", "idle(admin)", "idle (admin)", "idle(admn)":
		return "Idle (Admin)"
	case "idle(pfxct)", "idle (pfxct)", "shut (pfxct)", "idle(maxpath)", "idle(prfxct)":
		return "Idle (PfxCt)"
	case "idle(noif)":
		return "Idle (NoIf)"
	case "noneg":
		return "NoNeg"
	}
	return s
}

// Addr takes what FRR and others put around an address: name(addr), addr%zone, addr@vrf, addr+port.
// A star in front marks a dynamic neighbor.
func Addr(s string) string {
	s = strings.TrimPrefix(s, "*")
	if open := strings.IndexByte(s, '('); open > 0 && strings.HasSuffix(s, ")") {
		if in := s[open+1 : len(s)-1]; isAddr(in) {
			return in
		}
	}
	for _, cut := range []string{"%", "@", "+", "<"} {
		if host, _, found := strings.Cut(s, cut); found && isAddr(host) {
			return host
		}
	}
	return s
}

func isAddr(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// Prefix gives a network its mask where the system leaves it out: natural ("10.0.0.0" is /8) in tables of routes, else whole.
func Prefix(s string, natural bool) string {
	if s == "default" {
		return "0.0.0.0/0"
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked().String()
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return s
	}
	bits := a.BitLen()
	if natural && a.Is4() {
		switch b := a.As4(); {
		case s == "0.0.0.0":
			bits = 0
		case b[0] < 128:
			bits = 8
		case b[0] < 192:
			bits = 16
		case b[0] < 224:
			bits = 24
		}
		if p := netip.PrefixFrom(a, bits); p.Masked().Addr() != a {
			bits = 32 // not a natural network: a host
		}
	}
	return netip.PrefixFrom(a, bits).String()
}

func number(s string, absent int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return absent
	}
	return n
}

// between returns what stands in s between two words, "" when the first is missing.
func between(s, from, to string) string {
	_, rest, found := strings.Cut(s, from)
	if !found {
		return ""
	}
	if to != "" {
		rest, _, _ = strings.Cut(rest, to)
	}
	return strings.TrimSpace(rest)
}
