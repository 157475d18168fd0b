package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// logLine says of which log a line without wrapper is; "" when it is no log line.
func logLine(s string) schema.Kind {
	if s == "" {
		return ""
	}
	switch c := s[0]; {
	case c == '{':
		return jsonLogLine(s)
	case c == 'I' || c == 'W' || c == 'E' || c == 'F':
		if isKlog(s) {
			if isKubectlNoise(s) {
				return ""
			}
			return klogKind(s)
		}
	case isDigit(c):
		return datedLogLine(s)
	case c == '[':
		return bracketLogLine(s)
	}
	if strings.HasPrefix(s, "level=") || strings.HasPrefix(s, "time=\"") || strings.HasPrefix(s, "ts=") && strings.Contains(s, "level=") {
		if strings.Contains(s, "caller=") && (strings.Contains(s, "op=") || strings.Contains(s, "controller=")) {
			return schema.KindLog
		}
		return schema.KindOtherLog
	}
	if isReloader(s) {
		return schema.KindReload
	}
	if isFRRNoise(s) {
		return schema.KindFRRLog
	}
	if isPanic(s) {
		return schema.KindLog
	}
	return syslogLine(s)
}

// jsonLogLine takes one JSON object a line: MetalLB's (caller, ts), zap's (level, ts), others (kube-proxy, Cilium, GoBGP).
func jsonLogLine(s string) schema.Kind {
	if len(s) < 12 || s[1] != '"' || !strings.Contains(s, "\":") {
		return ""
	}
	if strings.Contains(s[:min(len(s), 400)], `"apiVersion"`) && !strings.Contains(s, `"ts":`) {
		return ""
	}
	if strings.Contains(s, `"Topic":`) && strings.Contains(s, `"level":`) || strings.Contains(s, `"gobgpd `) {
		return schema.KindRouter
	}
	stamp := strings.Contains(s, `"ts":`)
	if !stamp && !strings.Contains(s, `"time":`) && !strings.Contains(s, `"timestamp":`) && !strings.Contains(s, `"@timestamp":`) {
		if strings.Contains(s, `"caller":"`) { // a line that the terminal or a cut took the end of
			return schema.KindLog
		}
		if strings.Contains(s, `"level":"`) && strings.Contains(s, `"msg":"`) {
			return schema.KindLog
		}
		return ""
	}
	switch {
	case strings.Contains(s, `"caller":"`), stamp && (strings.Contains(s, `"level":`) || strings.Contains(s, `"msg":`) || strings.Contains(s, `"logger":`)):
		return schema.KindLog
	case strings.Contains(s, `"level":`), strings.Contains(s, `"msg":`), strings.Contains(s, `"message":`), strings.Contains(s, `"severity":`):
		return schema.KindOtherLog
	}
	return ""
}

// isKlog takes "I0102 15:04:05.000000       1 file.go:12] text".
func isKlog(s string) bool {
	if len(s) < 30 || s[5] != ' ' || s[8] != ':' || s[11] != ':' {
		return false
	}
	for _, i := range []int{1, 2, 3, 4, 6, 7, 9, 10, 12, 13} {
		if !isDigit(s[i]) {
			return false
		}
	}
	i := strings.Index(s, "] ")
	return i > 0 && i < 120 || strings.HasSuffix(s, "]")
}

// isKubectlNoise takes what kubectl itself says on the terminal while it prints something else.
func isKubectlNoise(s string) bool {
	if !isKlog(s) {
		return false
	}
	head := s[:min(len(s), 70)]
	return containsAny(head, " websocket.go:", " memcache.go:", " portforward.go:", " v2.go:", " v3.go:", " remotecommand", " round_trippers.go:", " helpers.go:")
}

// klogKind tells klog lines of MetalLB's libraries from those of Kubernetes' own programs by the source file that they name.
func klogKind(s string) schema.Kind {
	head := s[:min(len(s), 90)]
	for _, f := range []string{"proxier", "server_linux", "ipset", "conntrack", "iptables", "kubelet", "kuberuntime", "pod_workers", "flannel", "vxlan",
		"ipvs", "node.go", "service.go", "controller_utils", "scheduler", "graph_builder", "cloud", "nftables", "leader_election_kcm", "ovn", "ovnkube"} {
		if strings.Contains(head, f) {
			return schema.KindOtherLog
		}
	}
	return schema.KindLog
}

// datedLogLine takes lines that begin with a date.
func datedLogLine(s string) schema.Kind {
	if len(s) < 20 {
		return ""
	}
	switch {
	case s[4] == '/' && s[7] == '/' && s[10] == ' ' && s[13] == ':': // 2026/11/24 13:55:23 BGP: ...
		return slashedLogLine(s)
	case s[4] == '-' && s[7] == '-' && s[10] == ' ' && s[13] == ':': // 2026-11-24 13:55:30,706  INFO: ...
		rest := s[19:]
		if strings.Contains(rest[:min(len(rest), 20)], "<") && strings.Contains(rest[:min(len(rest), 24)], ">") {
			return schema.KindRouter // BIRD: 2026-11-24 13:52:40.527 <TRACE> device1: ...
		}
		if rest != "" && rest[0] == ',' {
			return schema.KindReload
		}
		if strings.Contains(rest, "[INFO]") || strings.Contains(rest, "[WARN") || strings.Contains(rest, "[ERROR]") || strings.Contains(rest, " level=") ||
			strings.Contains(rest, " INFO") || strings.Contains(rest, " ERROR") || strings.Contains(rest, " WARN") {
			return schema.KindOtherLog
		}
	case s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':': // 2023-07-17T03:51:52Z	INFO	logger	text
		i := strings.IndexAny(s, "\t ")
		if i < 19 || i > 40 {
			return ""
		}
		rest := s[i+1:]
		for _, level := range []string{"INFO", "ERROR", "DEBUG", "WARN", "DPANIC", "PANIC", "FATAL"} {
			if strings.HasPrefix(rest, level) && s[i] == '\t' {
				return schema.KindLog
			}
		}
		if hasUnit(rest) {
			return schema.KindOtherLog
		}
	}
	return ""
}

// slashedLogLine takes FRR's lines, memberlist's and Go's standard logger.
func slashedLogLine(s string) schema.Kind {
	rest := strings.TrimLeft(s[19:], ".0123456789")
	rest = strings.TrimPrefix(rest, " ")
	if strings.HasPrefix(rest, "[") && (strings.Contains(rest, "memberlist:") || strings.HasPrefix(rest, "[DEBUG] ") || strings.HasPrefix(rest, "[WARN] ") || strings.HasPrefix(rest, "[ERR] ")) {
		return schema.KindLog
	}
	for range 2 { // a priority may stand before the daemon
		word, tail, ok := strings.Cut(rest, ": ")
		if !ok {
			word, tail, ok = strings.Cut(rest, ":")
			if !ok || tail != "" {
				break
			}
		}
		switch word {
		case "ZEBRA", "BGP", "BFD", "STATIC", "WATCHFRR", "MGMTD", "VTYSH", "OSPF", "NHRP", "PIM", "RIP", "ISIS", "PBR", "VRRP", "zebra", "bgpd", "bfdd", "staticd", "watchfrr", "mgmtd":
			return schema.KindFRRLog
		case "informational", "errors", "warnings", "notifications", "debugging", "critical", "alerts", "emergencies":
			rest = tail
			continue
		}
		break
	}
	if strings.HasPrefix(rest, "[") && len(rest) > 13 && rest[6] == '-' && rest[12] == ']' {
		return schema.KindFRRLog // 2024/05/01 00:00:00 [XXXXX-XXXXX] text
	}
	if strings.HasPrefix(rest, "http: ") || strings.Contains(rest, "http: TLS handshake error") || strings.Contains(rest, ".go:") {
		return schema.KindLog
	}
	return schema.KindOtherLog
}

// bracketLogLine takes "[612044.118702] UDP: ..." of dmesg, "[DEBG] bgpd: ..." of appliances with FRR, "[WARN] ...".
func bracketLogLine(s string) schema.Kind {
	end := strings.IndexByte(s, ']')
	if end < 2 || end+2 >= len(s) || s[end+1] != ' ' {
		return ""
	}
	inner, rest := strings.TrimSpace(s[1:end]), s[end+2:]
	switch inner {
	case "DEBG", "INFO", "NTFY", "WARN", "EROR", "EMRG":
		for _, d := range []string{"bgpd", "zebra", "bfdd", "staticd", "watchfrr"} {
			if strings.HasPrefix(rest, d) {
				return schema.KindFRRLog
			}
		}
		return schema.KindOtherLog
	}
	if dot := strings.IndexByte(inner, '.'); dot > 0 && len(inner)-dot == 7 && isNumber(inner[:dot]) && isNumber(inner[dot+1:]) {
		return schema.KindOtherLog
	}
	if len(inner) > 19 && inner[3] == ' ' && strings.Count(inner, ":") == 2 { // dmesg -T: [Tue Nov 24 14:25:30 2026]
		return schema.KindOtherLog
	}
	return ""
}

// syslogLine takes "Nov 24 14:00:00 host unit[1]: text", a router's "Dec  2 13:07:46.131: %BGP-3-NOTIFICATION: ..." and lines
// of Hubble.
func syslogLine(s string) schema.Kind {
	s = strings.TrimPrefix(s, "*")
	if strings.HasPrefix(s, "%") && isCiscoMessage(s) {
		return schema.KindRouter
	}
	if len(s) < 20 || s[3] != ' ' || !isMonth(s[:3]) {
		return ""
	}
	words := strings.Fields(s[:min(len(s), 200)])
	if len(words) < 4 {
		return ""
	}
	clock := 2
	if len(words) > 4 && len(words[2]) == 4 && isNumber(words[2]) { // with the year
		clock = 3
	}
	if len(words[clock]) < 8 || words[clock][2] != ':' || words[clock][5] != ':' {
		return ""
	}
	if i := strings.IndexByte(s, '%'); i > 0 && isCiscoMessage(s[i:]) {
		return schema.KindRouter
	}
	for _, d := range []string{" bgpd[", " zebra[", " bfdd[", " watchfrr[", " staticd["} {
		if strings.Contains(s[:min(len(s), 120)], d) {
			return schema.KindFRRLog
		}
	}
	if strings.Contains(s[:min(len(s), 120)], " bird: ") || strings.Contains(s[:min(len(s), 120)], " rpd[") {
		return schema.KindRouter
	}
	return schema.KindOtherLog
}

// isCiscoMessage takes "%BGP-5-ADJCHANGE: ...": facility, severity, mnemonic.
func isCiscoMessage(s string) bool {
	word, _, ok := strings.Cut(s[1:], ":")
	if !ok || len(word) > 40 {
		return false
	}
	parts := strings.Split(word, "-")
	if len(parts) < 3 || len(parts[len(parts)-2]) != 1 || !isDigit(parts[len(parts)-2][0]) {
		return false
	}
	return word == strings.ToUpper(word)
}

// hasUnit says whether "host program[pid]: text" follows.
func hasUnit(s string) bool {
	words := strings.Fields(s[:min(len(s), 120)])
	return len(words) > 1 && strings.HasSuffix(words[1], ":") && strings.Contains(words[1], "[")
}

func isMonth(s string) bool {
	switch s {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec":
		return true
	}
	return false
}

// isReloader takes the words of MetalLB's frr-reloader script and of frr-reload.py.
func isReloader(s string) bool {
	for _, p := range []string{"PID is: ", "Caught SIGHUP", "Checking the configuration file syntax", "Applying the configuration file",
		"FRR reloaded successfully", "Syntax error spotted", "Failed to fully apply configuration", "Lines To Delete", "Lines To Add",
		"INFO:watchfrr", "Reloading FRR", "ERROR: vtysh failed to process new configuration", "vtysh failed to process new configuration"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// isFRRNoise takes lines without a date that stand in the log of the container frr.
func isFRRNoise(s string) bool {
	for _, p := range []string{"/usr/lib/frr/", "Started watchfrr", "Starting watchfrr", "ZEBRA: Received signal", "BGP: Received signal", "BFD: Received signal",
		"[WATCHFRR", "/etc/frr/frr.log has been", "/sbin/tini", "zebra: ", "watchfrr: "} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	// the start script of the image waits for a file in a loop that sh does not know: "/bin/sh: 3: [[: not found", "/bin/sh: 3: 112: not found"
	if rest, ok := strings.CutPrefix(s, "/bin/sh: "); ok {
		line, rest, _ := strings.Cut(rest, ": ")
		word, ok := strings.CutSuffix(rest, ": not found")
		return ok && isNumber(line) && (word == "[[" || isNumber(word))
	}
	return false
}

func isPanic(s string) bool {
	return strings.HasPrefix(s, "panic: ") || strings.HasPrefix(s, "fatal error: ") || strings.HasPrefix(s, "goroutine ") && strings.HasSuffix(s, "]:") ||
		strings.HasPrefix(s, "runtime: ") || strings.HasPrefix(s, "failed to initialize logging: ") || strings.HasPrefix(s, "flag provided but not defined: ") ||
		strings.HasPrefix(s, "exec /controller") || strings.HasPrefix(s, "exec /speaker") || strings.HasPrefix(s, "standard_init_linux.go")
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
