package clean

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// forms are the ways in which a value can stand in a text.
func forms(s string) []*pattern {
	var all []*pattern
	seen := map[string]bool{}
	add := func(p pattern, text string) {
		if len(text) < window || seen[text] {
			return
		}
		seen[text] = true
		p.text = []byte(text)
		all = append(all, &p)
	}
	add(pattern{bounded: len(s) < 6 || only(s, letter) || only(s, digit)}, s)
	for _, html := range []bool{true, false} {
		for t, depth := s, 0; depth < 4; depth++ {
			next := escaped(t, html)
			if next == t || len(next) > 4*valueMax {
				break
			}
			t = next
			add(pattern{}, t)
		}
	}
	add(pattern{}, strings.ReplaceAll(s, "'", "''"))   // YAML
	add(pattern{}, strings.ReplaceAll(s, "'", `'\''`)) // a shell
	for _, u := range []string{url.QueryEscape(s), url.PathEscape(s), escapedURL(s)} {
		add(pattern{}, u)
		add(pattern{}, lowerEscapes(u))
	}
	h := hex.EncodeToString([]byte(s))
	add(pattern{}, h)
	add(pattern{}, strings.ToUpper(h))
	for shift := range 3 {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString(append(make([]byte, shift), s...))
			from, to := (8*shift+5)/6, 8*(shift+len(s))/6
			if core := text[from:to]; len(core) >= 6 || mixed(core) {
				add(pattern{base64: true, lead: shift > 0, tail: to < len(text)}, core)
			}
		}
	}
	return all
}

// escaped is a string as JSON has it between its quotes.
func escaped(s string, html bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	_ = e.Encode(s) // a string always can be
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

// escapedURL has all but letters and digits escaped.
func escapedURL(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if alnum(s[i]) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

// lowerEscapes makes the digits of %2F small.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			b[i+1], b[i+2] = fold[b[i+1]], fold[b[i+2]]
		}
	}
	return string(b)
}

// distinct says whether a value may be removed wherever it occurs: the rule is in the package's documentation.
func distinct(s string) bool {
	if len(s) < window || len(s) > valueMax || ordinary[strings.ToLower(s)] || only(s, digit) && len(s) < 8 || only(s, func(c byte) bool { return !alnum(c) }) && len(s) < 8 {
		return false
	}
	for _, k := range []Kind{BGPPassword, URLPassword, BasicAuth, BearerToken, PrivateKey, Secret} {
		if strings.Contains(mark+string(k)+", #", s) {
			return false
		}
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return false
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil || only(s, digit)
}

// strong says whether a value looks like a secret and not like a word.
func strong(s string) bool {
	kinds := 0
	for _, is := range []func(byte) bool{digit, func(c byte) bool { return c >= 'a' && c <= 'z' }, func(c byte) bool { return c >= 'A' && c <= 'Z' }, func(c byte) bool { return !alnum(c) }} {
		if strings.IndexFunc(s, func(r rune) bool { return r < 0x80 && is(byte(r)) }) >= 0 {
			kinds++
		}
	}
	return len(s) >= 8 && kinds >= 2 && strings.ContainsAny(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// mixed says whether a text has large and small letters or digits.
func mixed(s string) bool {
	return len(s) >= window && strings.ToLower(s) != s && (strings.ToUpper(s) != s || strings.ContainsAny(s, "0123456789"))
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { c = fold[c]; return c >= 'a' && c <= 'z' }
func alnum(c byte) bool  { return digit(c) || letter(c) }

func only(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return s != ""
}
