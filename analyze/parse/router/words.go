package router

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

func number(s string, absent int) int {
	n, err := strconv.Atoi(strings.Trim(s, ",;()"))
	if err != nil {
		return absent
	}
	return n
}

func isAddr(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isPrefix(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

// after returns the word behind a mark, without the punctuation at its end; "" when the mark is missing.
func after(s, mark string) string {
	_, rest, found := strings.Cut(s, mark)
	if !found {
		return ""
	}
	f := strings.Fields(rest)
	if len(f) == 0 {
		return ""
	}
	return strings.TrimRight(f[0], ",;")
}

// firstAddr is the first address in a line, without port and mask; "" when there is none.
func firstAddr(s string) string {
	for _, w := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(" \t,;()[]<>=\"'/+|", c) }) {
		w = strings.Trim(w, ".:")
		if isAddr(w) && strings.ContainsAny(w, ".:") {
			return w
		}
		if host, port, found := strings.Cut(w, ":"); found && isAddr(host) && number(port, -1) >= 0 {
			return host
		}
	}
	return ""
}

// hostOf takes port and zone off "10.0.0.1+179", "10.0.0.1:179", "fe80::1%eth0".
func hostOf(s string) string {
	for _, cut := range []string{"+", "%"} {
		s, _, _ = strings.Cut(s, cut)
	}
	if host, port, found := strings.Cut(s, ":"); found && isAddr(host) && number(port, -1) >= 0 {
		return host
	}
	return s
}

// wordsTime reads RouterOS's "1w2d3h4m5s", "1m30s", "3h2m1s980ms".
func wordsTime(s string) time.Duration {
	var d time.Duration
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if n = n*10 + int(c-'0'); n > 1_000_000 {
				return -1
			}
			continue
		case c == 'm' && i+1 < len(s) && s[i+1] == 's':
			return d
		case c == 'w':
			d += time.Duration(n) * 7 * 24 * time.Hour
		case c == 'd':
			d += time.Duration(n) * 24 * time.Hour
		case c == 'h':
			d += time.Duration(n) * time.Hour
		case c == 'm':
			d += time.Duration(n) * time.Minute
		case c == 's':
			d += time.Duration(n) * time.Second
		default:
			return -1
		}
		n = 0
	}
	return d
}
