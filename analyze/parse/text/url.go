package text

import (
	"strings"
)

// target is what a command tries to reach.
type target struct {
	s        simple
	url      string
	host     string
	port     int
	codes    bool // -w with an HTTP code
	times    bool // -w with a time
	bytes    bool // -w with a size
	quiet    bool // the body goes elsewhere (-o) and errors are not shown (-s)
	noBody   bool // -o FILE: lines are not a body
	scan     bool // -z, -v: only a connection
	repeated bool
	addr     string // curl --resolve: where the name is sent to
}

// targets returns what the commands of a line try to reach by HTTP, TCP or UDP, in order.
func targets(c command) []target {
	var found []target
	for _, s := range c.parts {
		for _, t := range targetsOf(s) {
			t.s, t.repeated = s, c.loops && (c.loop == nil || len(c.parts) == 1)
			if len(found) < maxParts {
				found = append(found, t)
			}
		}
	}
	return found
}

func targetsOf(s simple) []target {
	switch s.tool {
	case "curl":
		return curlTargets(s.args)
	case "wget", "http", "Invoke-WebRequest", "iwr":
		return urlArgs(s.args)
	case "nc", "ncat", "netcat", "telnet", "nmap", "Test-NetConnection", "tnc":
		return connectArgs(s)
	case "openssl":
		if v := value(s.args, "-connect"); v != "" {
			host, port := hostPort(v, ':')
			return []target{{host: host, port: port, scan: true}}
		}
	case "grpcurl":
		for _, a := range s.args {
			if h, p := hostPort(a, ':'); p > 0 {
				return []target{{host: h, port: p}}
			}
		}
	}
	return nil
}

// curlValueFlags are the short options of curl that take a value.
const curlValueFlags = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"

// curlTargets reads the URLs and the options of curl that change what it prints.
func curlTargets(args []string) []target {
	var opts target
	var urls, sentTo []string
	silent, showErr := false, false
	for i := 0; i < len(args); i++ {
		a := args[i]
		next := func() string {
			if i+1 < len(args) {
				i++
				return args[i]
			}
			return ""
		}
		switch {
		case a == "--write-out":
			opts.writeOut(next())
		case a == "--output":
			opts.noBody = next() != "-"
		case a == "--silent":
			silent = true
		case a == "--url":
			urls = append(urls, next())
		case a == "--resolve":
			sentTo = append(sentTo, next())
		case strings.HasPrefix(a, "--"):
			if longWithValue[a] {
				next()
			}
		case strings.HasPrefix(a, "-") && len(a) > 1:
			i += shortOptions(a[1:], args, i, &opts, &silent, &showErr)
		default:
			urls = append(urls, a)
		}
	}
	opts.quiet = silent && !showErr
	var found []target
	for _, u := range urls {
		t := opts
		t.setURL(u)
		for _, r := range sentTo { // NAME:PORT:ADDRESS
			if name, rest, ok := strings.Cut(r, ":"); ok && strings.TrimPrefix(name, "+") == t.host {
				_, addr, _ := strings.Cut(rest, ":")
				t.addr = firstAddr(addr)
			}
		}
		found = append(found, t)
	}
	return found
}

// shortOptions reads a group of curl's short options and returns how many further words it took.
func shortOptions(group string, args []string, i int, opts *target, silent, showErr *bool) int {
	for j := 0; j < len(group); j++ {
		b := group[j]
		*silent = *silent || b == 's'
		*showErr = *showErr || b == 'S'
		if strings.IndexByte(curlValueFlags, b) < 0 {
			continue
		}
		v, took := group[j+1:], 0
		if v == "" && i+1 < len(args) {
			v, took = args[i+1], 1
		}
		switch b {
		case 'w':
			opts.writeOut(v)
		case 'o':
			opts.noBody = v != "-"
		}
		return took
	}
	return 0
}

var longWithValue = map[string]bool{"--connect-timeout": true, "--max-time": true, "--header": true, "--resolve": true, "--interface": true,
	"--request": true, "--data": true, "--user": true, "--retry": true, "--retry-delay": true, "--proxy": true, "--cacert": true, "--cert": true,
	"--key": true, "--user-agent": true, "--local-port": true, "--data-binary": true, "--connect-to": true, "--limit-rate": true}

func (t *target) writeOut(format string) {
	t.codes = t.codes || strings.Contains(format, "http_code") || strings.Contains(format, "response_code")
	t.times = t.times || strings.Contains(format, "time_")
	t.bytes = t.bytes || strings.Contains(format, "size_")
}

// setURL takes host and port out of a URL or host[:port][/path].
func (t *target) setURL(u string) {
	t.url = u
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok {
		scheme, rest = "http", u
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest, _, _ = strings.Cut(rest, "?")
	rest = afterAt(rest)
	if isAddr(rest) && !strings.HasPrefix(rest, "[") {
		t.host = rest
	} else {
		t.host, t.port = hostPort(rest, ':')
	}
	if t.port == 0 {
		t.port = 80
		if strings.EqualFold(scheme, "https") {
			t.port = 443
		}
	}
}

func urlArgs(args []string) []target {
	var found []target
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "-O" || a == "-T" || a == "-t" || a == "-U" || a == "--timeout" || a == "--tries":
			i++
		case strings.HasPrefix(a, "-"):
		case strings.ContainsAny(a, ".:") || a == "localhost":
			var t target
			t.setURL(a)
			found = append(found, t)
		}
	}
	return found
}

// connectArgs reads HOST PORT of nc, telnet, nmap and Test-NetConnection.
func connectArgs(s simple) []target {
	t := target{scan: true}
	var words []string
	for i := 0; i < len(s.args); i++ {
		a := s.args[i]
		switch {
		case s.tool == "nmap" && strings.HasPrefix(a, "-p"):
			v := a[2:]
			if v == "" && i+1 < len(s.args) {
				i++
				v = s.args[i]
			}
			t.port, _ = number(v)
		case strings.EqualFold(a, "-port") && i+1 < len(s.args):
			i++
			t.port, _ = number(s.args[i])
		case (a == "-w" || a == "-s" || a == "-p" || a == "-i") && i+1 < len(s.args):
			i++
		case strings.HasPrefix(a, "-"):
		default:
			words = append(words, a)
		}
	}
	if len(words) == 0 {
		return nil
	}
	t.host = words[0]
	if len(words) > 1 {
		t.port, _ = number(words[1])
		if t.port == 0 {
			t.port = portNames[words[1]]
		}
	} else if h, p := hostPort(words[0], ':'); p > 0 && !isAddr(words[0]) {
		t.host, t.port = h, p
	}
	if s.tool == "telnet" && t.port == 0 {
		t.port = 23
	}
	return []target{t}
}
