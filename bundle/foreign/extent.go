package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// extent says where the block of kind k that begins at line i ends: the index behind its last line, at most to. In a greedy
// region (a fence, a file that begins with a known kind, a command's output) lines that fit nothing belong to the block too.
func extent(k schema.Kind, lines []string, i, to int, greedy bool) int {
	switch k {
	case schema.KindObjects, schema.KindLegacy, schema.KindHelm:
		if c := firstByte(strings.TrimSpace(lines[i])); c == '{' || c == '[' {
			return jsonEnd(lines, i, to)
		}
		return yamlEnd(k, lines, i, to)
	case schema.KindLog, schema.KindFRRLog, schema.KindReload, schema.KindOtherLog:
		return logEnd(k, lines, i, to, greedy)
	case schema.KindTable:
		return tableEnd(lines, i, to)
	case schema.KindFRRConf, schema.KindDaemons:
		return confEnd(k, lines, i, to, greedy)
	case schema.KindVtysh, schema.KindRouter:
		if c := firstByte(strings.TrimSpace(lines[i])); k == schema.KindVtysh && (c == '{' || c == '[') {
			return jsonEnd(lines, i, to)
		}
		return looseEnd(k, lines, i, to, greedy)
	case schema.KindDescribe:
		return describeEnd(lines, i, to)
	case schema.KindCurl, schema.KindNft, schema.KindIptables, schema.KindSockets:
		return looseEnd(k, lines, i, to, greedy)
	}
	return strictEnd(k, lines, i, to)
}

// jsonEnd finds the line on which the JSON value that begins at line i closes.
func jsonEnd(lines []string, i, to int) int {
	depth, quoted, escaped := 0, false, false
	for j := i; j < to; j++ {
		for _, c := range []byte(lines[j]) {
			switch {
			case escaped:
				escaped = false
			case quoted:
				if c == '\\' {
					escaped = true
				} else if c == '"' {
					quoted = false
				}
			case c == '"':
				quoted = true
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				depth--
			}
		}
		quoted, escaped = false, false // a string never crosses a line; a cut one must not swallow the rest
		if depth <= 0 {
			// several documents behind each other are one member
			if next := nextText(lines, j+1, to); next != "" && (next[0] == '{' || next[0] == '[') && logLine(next) == "" && lineWrap(next) == schema.WrapNone && !strings.HasPrefix(next, "[pod/") {
				if _, isPrompt := ParsePrompt(next); !isPrompt && (next == "{" || next == "[" || jsonKind(lines, firstText(lines, j+1, to), to, next) != "") {
					continue
				}
			}
			return j + 1
		}
	}
	return to
}

func firstText(lines []string, i, to int) int {
	for i < to-1 && strings.TrimSpace(lines[i]) == "" {
		i++
	}
	return i
}

// yamlEnd goes on while lines can be YAML of the same block: deeper ones, list items, keys; behind a blank line only what
// an object has at its top.
func yamlEnd(k schema.Kind, lines []string, i, to int) int {
	base := indentOf(lines[i])
	end, blank, document := i+1, false, true
	for j := i; j < to; j++ {
		line := lines[j]
		t := strings.TrimSpace(line)
		if t == "" {
			blank = true
			continue
		}
		in := indentOf(line)
		switch {
		case in > base:
		case in < base:
			return end
		case t == "---" || strings.HasPrefix(t, "--- ") || t == "...":
			document = true
		case t[0] == '#':
			if _, ok := ParsePrompt(line); ok || blank && strings.HasPrefix(t, "##") {
				return end
			}
		case t[0] == '-' && (len(t) == 1 || t[1] == ' '):
			if blank && !document && j > i && k == schema.KindObjects && !strings.Contains(t, ":") {
				return end
			}
			document = false
		case t[0] == '}' || t[0] == ']', j == i+1 && (t == "null" || t == "{}"):
		default:
			key, isKey := topKey(t)
			if !isKey || blank && !document && k == schema.KindObjects && !objectKeys[key] {
				return end
			}
			document = false
		}
		end, blank = j+1, false
	}
	return end
}

// topKey takes "key:" and "key: value" of YAML.
func topKey(t string) (string, bool) {
	i := strings.Index(t, ":")
	if i <= 0 || i > 120 || i+1 < len(t) && t[i+1] != ' ' && t[i+1] != '\t' {
		return "", false
	}
	key := strings.Trim(t[:i], `"'`)
	if strings.ContainsAny(key, " \t({") && !strings.HasSuffix(key, "VALUES") {
		return "", false
	}
	return key, true
}

// objectKeys are the keys at the top of Kubernetes objects.
var objectKeys = wordSet(`apiVersion kind metadata spec status items data stringData type subsets endpoints addressType ports immutable roleRef subjects rules webhooks
	provisioner secrets involvedObject message reason source count firstTimestamp lastTimestamp eventTime reportingComponent reportingInstance action series
	related regarding note deprecatedSource deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedCount binaryData parameters value preemptionPolicy
	globalDefault description handler overhead aggregationRule address-pools peers bgp-communities bfd-profiles controller imagePullSecrets
	automountServiceAccountToken reportingController code details`)

// logEnd goes on over lines of logs. Outside of greedy regions blank lines and prose end it.
func logEnd(k schema.Kind, lines []string, i, to int, greedy bool) int {
	wrap := lineWrap(strings.TrimSpace(lines[i]))
	end := i + 1
	for j := i + 1; j < to; j++ {
		t := strings.TrimSpace(lines[j])
		if t == "" {
			continue
		}
		own := lineWrap(t) == wrap && wrap != schema.WrapNone || logFits(k, logLine(t), greedy) || wrap == schema.WrapNone && lineWrap(t) != schema.WrapNone
		if !own {
			stack := end == j && (lines[j][0] == '\t' || strings.HasPrefix(t, "goroutine ") || strings.HasSuffix(t, ")") && strings.Contains(t, "("))
			switch {
			case greedy && !endsGreedyLog(lines, j, to):
			case k == schema.KindLog && stack, k == schema.KindReload && end == j:
			default:
				return end
			}
		}
		end = j + 1
	}
	return end
}

// logFits says whether a line of log kind got belongs to a block of kind k: a log mixes MetalLB's lines with its libraries'.
func logFits(k, got schema.Kind, greedy bool) bool {
	if got == "" {
		return false
	}
	return got == k || greedy && k != schema.KindRouter && got != schema.KindRouter
}

// endsGreedyLog says whether something else begins at line j of a log: a heading, a prompt, objects or a table.
func endsGreedyLog(lines []string, j, to int) bool {
	if _, ok := ParsePrompt(lines[j]); ok {
		return true
	}
	if _, ok := heading(lines[j]); ok {
		return true
	}
	switch startKind(lines, j, min(to, j+lookahead)) {
	case schema.KindObjects, schema.KindTable, schema.KindDescribe, schema.KindArping, schema.KindTcpdump, schema.KindVtysh, schema.KindMetrics, schema.KindIPAddr:
		return true
	}
	return false
}

// tableEnd goes on to the blank line behind the rows; a screen's frame ends with its last line.
func tableEnd(lines []string, i, to int) int {
	end := i + 1
	framed := strings.HasPrefix(strings.TrimSpace(lines[i]), "│")
	none := isNoResources(strings.TrimSpace(lines[i]))
	for j := i + 1; j < to; j++ {
		t := strings.TrimSpace(lines[j])
		switch {
		case t == "", framed && !strings.HasPrefix(t, "│"):
			return end
		case none && !isNoResources(t) && !isHeader(t):
			return end
		case isShellText(t), isProse(t) && !strings.Contains(t, "  "):
			return end
		}
		if _, ok := ParsePrompt(lines[j]); ok {
			return end
		}
		end = j + 1
	}
	return end
}

// confEnd goes on over lines of a configuration.
func confEnd(k schema.Kind, lines []string, i, to int, greedy bool) int {
	base := min(indentOf(lines[i]), 16)
	end := i + 1
	for j := i + 1; j < to; j++ {
		line := strings.TrimRight(lines[j], " \t\r")
		if line == "" {
			continue
		}
		if len(line) > base && strings.TrimSpace(line[:base]) == "" {
			line = line[base:]
		}
		fits := isConfLine(line)
		if k == schema.KindDaemons {
			fits = line[0] == '#' || strings.Contains(line, "=")
		}
		if !fits || isDumpHeading(line) {
			if !greedy || isDumpHeading(line) || isProse(line) && end < j || startKind(lines, j, to) != "" {
				return end
			}
		}
		end = j + 1
	}
	return end
}

// describeEnd goes on over keys, indented lines and the events' table.
func describeEnd(lines []string, i, to int) int {
	base := indentOf(lines[i])
	end := i + 1
	for j := i + 1; j < to; j++ {
		t := strings.TrimSpace(lines[j])
		if t == "" {
			continue
		}
		in := indentOf(lines[j])
		if end == j && (describedEvent(t) || strings.HasPrefix(t, "----")) {
			end = j + 1
			continue
		}
		if in <= base && describeKey(t) == "" {
			if _, isKey := topKey(t); !isKey || !strings.Contains(t, ":  ") {
				return end
			}
		}
		if in <= base && end < j && describeKey(t) == "" {
			return end
		}
		end = j + 1
	}
	return end
}

// looseEnd goes on until, behind a blank line, prose or another kind begins; a line that is surely of another kind ends it
// anywhere.
func looseEnd(k schema.Kind, lines []string, i, to int, greedy bool) int {
	end := i + 1
	for j := i + 1; j < to; j++ {
		t := strings.TrimSpace(lines[j])
		if t == "" {
			continue
		}
		if _, ok := heading(lines[j]); ok && !isDumpHeading(t) && k != schema.KindIptables && k != schema.KindNft {
			return end
		}
		gap := end < j
		other := endsLoose(k, lines, j, to, gap)
		if other || gap && !greedy && isProse(t) {
			return end
		}
		if gap && !greedy && startKind(lines, j, to) != k && indentOf(lines[j]) == 0 && isSentence(t) {
			return end
		}
		end = j + 1
	}
	return end
}

// endsLoose says whether another kind surely begins at line j of a block of kind k.
func endsLoose(k schema.Kind, lines []string, j, to int, gap bool) bool {
	t := strings.TrimSpace(lines[j])
	switch k {
	case schema.KindVtysh, schema.KindRouter:
		if isRouterBody(t) {
			return false
		}
		if !gap && k == schema.KindVtysh && firstByte(t) == '{' {
			return false
		}
	}
	other := startKind(lines, j, to)
	if other == "" || other == k {
		return false
	}
	switch k {
	case schema.KindVtysh:
		return gap && other != schema.KindFRRConf && other != schema.KindShell && other != schema.KindCurl && other != schema.KindRouter && other != schema.KindFRRLog
	case schema.KindRouter:
		return gap && other != schema.KindFRRConf && other != schema.KindVtysh && other != schema.KindShell && other != schema.KindOtherLog
	case schema.KindCurl:
		return other != schema.KindShell && other != schema.KindIptables && other != schema.KindVtysh && other != schema.KindFRRConf && other != schema.KindHelm && other != schema.KindOtherLog && other != schema.KindDescribe
	case schema.KindIptables, schema.KindNft:
		return gap && other != schema.KindNft && other != schema.KindIptables && other != schema.KindShell || other == schema.KindObjects || other == schema.KindLog
	case schema.KindSockets:
		return other != schema.KindConntrack
	}
	return true
}

// isRouterBody takes lines inside a router's output that look like something else.
func isRouterBody(t string) bool {
	return strings.HasPrefix(t, "Neighbor ") || strings.HasPrefix(t, "Total number of") || strings.HasPrefix(t, "Peers ") || strings.HasPrefix(t, "Displayed ") || strings.HasPrefix(t, "RIB entries")
}

// strictEnd goes on while each line is of the kind k by itself or continues one.
func strictEnd(k schema.Kind, lines []string, i, to int) int {
	base := indentOf(lines[i])
	end := i + 1
	for j := i + 1; j < to; j++ {
		t := strings.TrimSpace(lines[j])
		if t == "" {
			continue
		}
		if !continues(k, t, indentOf(lines[j]) > base) {
			return end
		}
		if end < j && netLine(t) != k && !isMetric(t) && !tailOf(k, t) { // behind a gap only what is sure
			return end
		}
		end = j + 1
	}
	return end
}

// continues says whether t may follow in a block of kind k; deeper is whether it is indented more than the first line.
func continues(k schema.Kind, t string, deeper bool) bool {
	own := netLine(t)
	switch k {
	case schema.KindIPAddr, schema.KindIPLink:
		return deeper || own == schema.KindIPAddr || own == schema.KindIPLink
	case schema.KindMetrics:
		return isMetric(t) || t[0] == '#'
	case schema.KindShell:
		return isShellText(t) || startsAnything(t) == "" && !isProse(t)
	case schema.KindTcpdump, schema.KindTraceroute:
		return own == k || deeper || tailOf(k, t) || own == schema.KindPing
	case schema.KindIPRoute, schema.KindIPVS, schema.KindSysctl, schema.KindIPNeigh:
		return own == k || deeper && own == "" || t == "^C"
	}
	return own == k || tailOf(k, t)
}

// tailOf takes closing lines that stand behind packets or answers.
func tailOf(k schema.Kind, t string) bool {
	switch k {
	case schema.KindTcpdump:
		return strings.HasPrefix(t, "^C") || strings.Contains(t, " packets captured") || strings.Contains(t, " packet captured") || strings.Contains(t, "received by filter") || strings.Contains(t, "dropped by") || strings.HasPrefix(t, "IP (tos") || strings.HasPrefix(t, "0x0")
	case schema.KindArping, schema.KindPing:
		return strings.HasPrefix(t, "^C") || strings.HasPrefix(t, "--- ") || strings.Contains(t, "packets transmitted") || strings.HasPrefix(t, "rtt ") || strings.HasPrefix(t, "round-trip") ||
			strings.HasPrefix(t, "Sent ") || strings.HasPrefix(t, "Received ") || t == "Timeout" || strings.HasPrefix(t, "Packets: ") || strings.HasPrefix(t, "Approximate round trip") || strings.HasPrefix(t, "Minimum = ")
	case schema.KindTraceroute:
		return strings.HasPrefix(t, "^C") || isDigit(t[0]) || strings.HasPrefix(t, "over a maximum") || strings.HasPrefix(t, "Resume:") || strings.HasPrefix(t, "Trace complete")
	case schema.KindSysctl, schema.KindIPVS:
		return t == "^C"
	}
	return false
}

// startsAnything is startKind for one line without what surrounds it.
func startsAnything(t string) schema.Kind { return startKind([]string{t}, 0, 1) }

// isProse takes a line that is a sentence or a part of one.
func isProse(t string) bool {
	if t == "" || !isLetter(t[0]) && t[0] != '(' && t[0] != '"' && t[0] != '*' && t[0] != '`' {
		return false
	}
	words := strings.Fields(t)
	if len(words) < 3 {
		return false
	}
	stops := 0
	for _, w := range words {
		w = strings.ToLower(strings.Trim(w, ".,;:!?()\"'*_"))
		if proseWords[w] {
			stops++
		}
	}
	last := t[len(t)-1]
	return stops >= 2 || stops == 1 && len(words) >= 3 && strings.ContainsRune(".?!:,", rune(last)) || len(words) >= 5 && strings.ContainsRune(".?!", rune(last))
}

// isSentence takes a line of words without columns, for what follows a blank line.
func isSentence(t string) bool {
	words := strings.Fields(t)
	if len(words) < 2 || strings.Contains(t, "  ") {
		return false
	}
	plain := 0
	for _, w := range words {
		if isPlainWord(strings.Trim(w, ".,;:!?()'")) {
			plain++
		}
	}
	return plain*3 >= len(words)*2 && len(words) >= 4
}

var proseWords = wordSet(`the a is are was were does do not but with that this it its my our we i you your can cannot should would could will has have had there then
	when where which what why how if so from always still also because nobody everything something nothing please thanks hello hi both only same than`)
