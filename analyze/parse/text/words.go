package text

import (
	"net/netip"
	"strconv"
	"strings"
)

// addrOf reads a string as an IP address without its zone; brackets are allowed.
func addrOf(s string) (netip.Addr, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if len(s) < 2 || len(s) > 60 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, false
	}
	return a.WithZone(""), true
}

// isAddr says whether s is an IP address.
func isAddr(s string) bool { _, ok := addrOf(s); return ok }

// prefixOf reads 10.0.0.1/24 or a bare address.
func prefixOf(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, true
	}
	a, ok := addrOf(s)
	if !ok {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// macOf reads a MAC address in any usual notation and returns it as lower-case pairs with colons, or "".
func macOf(s string) string {
	if len(s) == 14 && s[4] == '.' && s[9] == '.' { // Cisco: 0050.5691.1c0a
		h := strings.ReplaceAll(s, ".", "")
		if len(h) != 12 {
			return ""
		}
		s = h[0:2] + ":" + h[2:4] + ":" + h[4:6] + ":" + h[6:8] + ":" + h[8:10] + ":" + h[10:12]
	}
	if len(s) < 11 || len(s) > 17 {
		return ""
	}
	parts := strings.Split(strings.ReplaceAll(s, "-", ":"), ":")
	if len(parts) != 6 {
		return ""
	}
	for i, p := range parts {
		if len(p) == 1 { // macOS drops leading zeros
			p = "0" + p
		}
		if len(p) != 2 || !isHex(p) {
			return ""
		}
		parts[i] = strings.ToLower(p)
	}
	return strings.Join(parts, ":")
}

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		b := s[i] | 0x20
		if (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return s != ""
}

// number reads a decimal number that s begins with; ok is false when it begins with none.
func number(s string) (n int, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' && i < 15 {
		i++
	}
	n, err := strconv.Atoi(s[:i])
	return n, err == nil
}

// allDigits says whether s is a number and nothing else.
func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// decimal reads 12.345 or 12,345 in front of s.
func decimal(s string) (float64, bool) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' || s[i] == ',') {
		i++
	}
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimRight(s[:i], ".,"), ",", ".", 1), 64)
	return f, err == nil
}

// hostPort splits 10.0.0.1:80, [::1]:80, *:80 and 10.0.0.1.80 (dot is tcpdump's and BSD's); port 0 where there is none.
func hostPort(s string, sep byte) (host string, port int) {
	if strings.HasPrefix(s, "[") {
		if i := strings.IndexByte(s, ']'); i > 0 {
			n, _ := number(strings.TrimLeft(s[i+1:], ":."))
			return zoneless(s[1:i]), n
		}
	}
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return zoneless(s), 0
	}
	if sep == '.' && strings.Count(s, ".") == 3 && isAddr(s) {
		return s, 0
	}
	n, ok := number(s[i+1:])
	if !ok {
		n = portNames[s[i+1:]]
		if n == 0 && s[i+1:] != "*" {
			return zoneless(s), 0
		}
	}
	return zoneless(s[:i]), n
}

// zoneless drops %eth0 behind an address.
func zoneless(s string) string {
	if i := strings.IndexByte(s, '%'); i > 0 {
		return s[:i]
	}
	return s
}

// portNames are the service names of ports that reports about load balancers show when -n is missing.
var portNames = map[string]int{
	"http": 80, "https": 443, "bgp": 179, "domain": 53, "ssh": 22, "smtp": 25, "http-alt": 8080, "https-alt": 8443,
	"bfd-control": 3784, "bfd-echo": 3785, "bfd-multi-ctl": 4784, "ldap": 389, "ldaps": 636, "mysql": 3306,
	"postgresql": 5432, "ntp": 123, "telnet": 23, "ftp": 21, "imaps": 993, "syslog": 514, "vxlan": 4789, "otv": 8472,
}

// between returns what stands between two marks; ok is false when either is missing.
func between(s, a, b string) (string, bool) {
	_, s, ok := strings.Cut(s, a)
	if !ok {
		return "", false
	}
	return cutOK(s, b)
}

func cutOK(s, b string) (string, bool) {
	s, _, ok := strings.Cut(s, b)
	return s, ok
}

// after returns what stands behind the first mark, "" when it is missing.
func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

// cutOff returns what stands in front of the first mark, the whole when it is missing.
func cutOff(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return s
}

// value returns the field behind the field key, "" when there is none.
func value(fields []string, key string) string {
	for i, f := range fields {
		if f == key && i+1 < len(fields) {
			return fields[i+1]
		}
	}
	return ""
}

// first returns the first of words that s holds, "" when none.
func first(s string, words ...string) string {
	for _, w := range words {
		if strings.Contains(s, w) {
			return w
		}
	}
	return ""
}

// has says whether s holds one of the words.
func has(s string, words ...string) bool { return first(s, words...) != "" }

// hasWord says whether s holds w with no letter or digit on either side.
func hasWord(s, w string) bool { return wordAt(s, w) >= 0 }

// wordAt is where w stands in s as a whole word, -1 when nowhere.
func wordAt(s, w string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(w)
		if (i == 0 || !alnum(s[i-1])) && (end == len(s) || !alnum(s[end])) {
			return i
		}
		from = i + 1
	}
}

func alnum(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_'
}

// addrsIn returns the IP addresses that stand in a text as words, at most eight.
func addrsIn(s string) []string {
	var found []string
	for _, f := range strings.FieldsFunc(s, notAddr) {
		f = strings.Trim(f, ".:")
		if strings.Count(f, ".") != 3 && strings.Count(f, ":") < 2 {
			continue
		}
		if i := strings.LastIndexByte(f, ':'); i > 0 && strings.Count(f, ".") == 3 {
			f = f[:i]
		}
		if a, ok := addrOf(f); ok && len(found) < 8 {
			found = append(found, a.String())
		}
	}
	return found
}

// notAddr splits a text at what cannot stand in an address.
func notAddr(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' || r == '.' || r == ':')
}

// firstAddr is the first IP address in a text, "" when there is none.
func firstAddr(s string) string {
	if found := addrsIn(s); len(found) > 0 {
		return found[0]
	}
	return ""
}
