package vtysh

import (
	"net/netip"
	"strings"
)

// command is what is known of the command behind a section.
type command struct {
	table    string // as model.TableShown.Table; "" when it is none of those
	json     bool
	vrf      string
	neighbor string
	prefix   string
	family   string // ipv4, ipv6
	filter   string // words behind "| include"
}

// headings are the titles that MetalLB's test dumps use instead of commands; those that are not here are commands or mean nothing.
var headings = map[string]string{
	"show version":        "show version",
	"show running config": "show running-config",
	"bgp neighbors":       "show bgp vrf all neighbors",
	"routes":              "", // printed three times, for three commands: the content tells
	"bfd peers":           "show bfd peers",
}

// headingOf reads "###### COMMAND"; four # at least, for Markdown has up to three in what people paste.
func headingOf(text string) (string, bool) {
	if !strings.HasPrefix(text, "####") {
		return "", false
	}
	t := strings.TrimLeft(text, "#")
	if t == "" || t[0] != ' ' {
		return "", false
	}
	t = strings.TrimSpace(t)
	if cmd, ok := headings[strings.ToLower(t)]; ok {
		return cmd, true
	}
	return t, true
}

type prompt struct{ host, command string }

// promptOf reads a line with a prompt and a command behind it: "edge1# show ip bgp", "RP/0/0/CPU0:r1#sh bgp", "admin@gw:~$ show ...",
// "/ # vtysh -c '...'", "[admin@gw] > /routing/bgp/session/print".
func promptOf(text string) (prompt, bool) {
	if text == "" || text[0] == ' ' || text[0] == '\t' {
		return prompt{}, false
	}
	end := strings.IndexAny(text, "#>$%")
	if end < 0 || end > 64 {
		return prompt{}, false
	}
	host := strings.TrimSpace(text[:end])
	if !hostLike(host) || text[end] == '%' && !strings.Contains(host, "@") {
		return prompt{}, false
	}
	cmd := strings.TrimSpace(text[end+1:])
	if cmd == "" {
		return prompt{host: shortHost(host)}, host != "" && host != "*" && text[end] != '>' && text[end] != '%'
	}
	first := strings.Fields(cmd)[0]
	if !commandWord(first) || (host == "" && end+1 < len(text) && text[end+1] != ' ') {
		return prompt{}, false
	}
	return prompt{host: shortHost(host), command: cmd}, true
}

// hostLike tells whether s may stand in front of a prompt's sign.
func hostLike(s string) bool {
	if len(s) > 0 && s[0] == '[' {
		return strings.HasSuffix(s, "]") && strings.Contains(s, "@")
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == ' ' || !(c == '-' || c == '_' || c == '.' || c == '@' || c == ':' || c == '/' || c == '~' || c == '(' || c == ')' ||
			c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z') {
			return false
		}
	}
	return true
}

// shortHost takes user, directory and line card off a prompt.
func shortHost(s string) string {
	s = strings.Trim(s, "[]")
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
		s, _, _ = strings.Cut(s, ":")
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		s = s[i+1:]
	}
	s, _, _ = strings.Cut(s, "(")
	switch s {
	case "/", "~", "bird", "birdc", "birdcl", "bgpctl", "vtysh", "sh", "bash":
		return ""
	}
	return s
}

func commandWord(w string) bool {
	w = strings.TrimLeft(w, "/")
	w, _, _ = strings.Cut(w, "/")
	switch w {
	case "show", "sh", "sho", "do", "run", "vtysh", "birdc", "birdcl", "birdc6", "gobgp", "bgpctl", "sudo", "ping", "ip", "cat", "kubectl", "oc", "docker", "exit",
		"conf", "configure", "routing", "clear", "tail", "grep", "less", "traceroute", "netstat", "ss", "term", "terminal", "en", "enable", "cli", "curl", "arping",
		"tcpdump", "telnet", "nc", "hostname", "vrf", "end", "write", "journalctl", "dmesg", "uptime", "date", "ls", "log", "interface", "export", "get", "crictl":
		return true
	}
	return false
}

// parseCommand reads a command line. Abbreviations are understood as far as people use them ("sh ip bgp sum").
func parseCommand(s string) command {
	var c command
	s = inner(s)
	if bar := strings.IndexByte(s, '|'); bar >= 0 {
		c.filter = filterOf(s[bar+1:])
		if strings.TrimSpace(s[bar+1:]) == "json" || strings.HasPrefix(strings.TrimSpace(s[bar+1:]), "jq") {
			c.json = true
		}
		s = s[:bar]
	}
	f := strings.Fields(s)
	for i := range f {
		if i == 0 || f[i-1] != "vrf" && f[i-1] != "neighbors" { // a name keeps its letters
			f[i] = strings.ToLower(f[i])
		}
	}
	for len(f) > 0 && (f[0] == "do" || f[0] == "run" || f[0] == "sudo") {
		f = f[1:]
	}
	if len(f) < 2 || !strings.HasPrefix("show", f[0]) {
		return c
	}
	f = f[1:]
	if f[len(f)-1] == "json" {
		c.json = true
		f = f[:len(f)-1]
	}
	c.words(f)
	return c
}

// words goes through the words behind "show".
func (c *command) words(f []string) {
	table := ""
	for i := 0; i < len(f); i++ {
		w := f[i]
		switch {
		case w == "ip" || w == "ipv4":
			if w == "ipv4" || i > 0 {
				c.family = "ipv4"
			}
		case w == "ipv6":
			c.family = "ipv6"
		case w == "vrf" || w == "view" || w == "instance":
			if i++; i < len(f) {
				c.vrf = f[i]
			}
		case w == "bgp" && table == "":
			table = "bgp"
		case w == "bfd":
			table = "bfd"
		case table == "bfd" && strings.HasPrefix("peers", w) && i+1 < len(f):
			c.neighbor = addrOf(f[i+1])
		case strings.HasPrefix("running-config", w) && len(w) > 2 && table == "" || strings.HasPrefix(w, "running"):
			c.table = "running-config"
			return
		case strings.HasPrefix("version", w) && len(w) > 2:
			table = "version"
		case strings.HasPrefix("daemons", w) && len(w) > 3:
			table = "daemons"
		case strings.HasPrefix("nht", w) && len(w) > 1 || strings.HasPrefix("nexthop", w) && len(w) > 2:
			table = "nexthop"
		case strings.HasPrefix("route", w) && len(w) > 1 && table == "":
			table = "rib"
		case strings.HasPrefix("summary", w) && len(w) > 1:
			table = "summary"
		case strings.HasPrefix("neighbors", w) && len(w) > 2:
			table = "neighbors"
			if i+1 < len(f) {
				i++
				c.neighbor = f[i]
			}
		case table == "neighbors" || table == "accepted":
			table = routesOf(table, w)
		case addrOf(w) != "" && c.prefix == "":
			c.prefix = w
		}
	}
	if c.prefix != "" && (table == "summary" || table == "bfd") {
		c.prefix = ""
	}
	c.table = table
}

// routesOf reads the last word of "neighbors X WORD".
func routesOf(table, w string) string {
	switch {
	case strings.HasPrefix(w, "adv"):
		return "advertised"
	case strings.HasPrefix(w, "rec"):
		return "received"
	case strings.HasPrefix(w, "filt"):
		return "received-filtered"
	case strings.HasPrefix("routes", w) && table == "neighbors":
		return "accepted"
	}
	return table
}

// addrOf is s when it is an address or prefix, else "".
func addrOf(s string) string {
	host, _, _ := strings.Cut(s, "/")
	if _, err := netip.ParseAddr(host); err != nil {
		return ""
	}
	return s
}

// filterOf is what "include X" and its like let through; other pipes ("begin", "section", "no-more", "json") let all of interest through.
func filterOf(s string) string {
	f := strings.Fields(s)
	if len(f) < 2 {
		return ""
	}
	switch w := f[0]; {
	case strings.HasPrefix("include", w), strings.HasPrefix("grep", w), w == "egrep", w == "match", w == "awk", w == "head", w == "tail", strings.HasPrefix("exclude", w):
		return strings.Trim(strings.Join(f[1:], " "), `"'`)
	}
	return ""
}

// inner takes the show command out of "kubectl exec ... -- vtysh -c 'show ...'"; of several -c the last is meant only when it is the
// only one, for the text does not say where one's output ends.
func inner(s string) string {
	if !strings.Contains(s, "vtysh") {
		return s
	}
	s = s[strings.Index(s, "vtysh"):]
	at := strings.Index(s, " -c")
	if at < 0 || strings.Count(s, " -c ") > 1 && strings.Count(s, "show") > 1 {
		return ""
	}
	rest := strings.TrimLeft(s[at+3:], " =")
	if rest == "" {
		return ""
	}
	if q := rest[0]; q == '\'' || q == '"' {
		body := rest[1:]
		if end := strings.IndexByte(body, q); end >= 0 {
			return body[:end] + body[end+1:]
		}
		return body
	}
	return rest
}
