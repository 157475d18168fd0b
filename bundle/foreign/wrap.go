package foreign

import (
	"encoding/json"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// wrapSample is how many lines decide on the wrapper of a log.
const wrapSample = 60

// wrapOf finds the wrapper that most of the first lines share, of those whose text behind it is a log line or any text.
func wrapOf(lines []string) schema.Wrap {
	var n int
	count := map[schema.Wrap]int{}
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if n++; n > wrapSample {
			break
		}
		count[lineWrap(line)]++
	}
	best, most := schema.WrapNone, 0
	for _, w := range []schema.Wrap{schema.WrapDocker, schema.WrapCRI, schema.WrapPrefix, schema.WrapTimestamps, schema.WrapStern} {
		if count[w] > most {
			best, most = w, count[w]
		}
	}
	if most == 0 || 2*most < count[schema.WrapNone] {
		return schema.WrapNone
	}
	return best
}

// lineWrap says which wrapper one line has.
func lineWrap(s string) schema.Wrap {
	if s == "" {
		return schema.WrapNone
	}
	switch c := s[0]; {
	case c == '{':
		if strings.HasPrefix(s, `{"log":"`) {
			return schema.WrapDocker
		}
	case c == '[':
		if strings.HasPrefix(s, "[pod/") && strings.Contains(s[:min(len(s), 200)], "] ") {
			return schema.WrapPrefix
		}
	case isDigit(c):
		stamp, rest, ok := cutStamp(s)
		if !ok {
			return schema.WrapNone
		}
		if strings.HasPrefix(rest, "stdout F ") || strings.HasPrefix(rest, "stderr F ") || strings.HasPrefix(rest, "stdout P ") || strings.HasPrefix(rest, "stderr P ") ||
			rest == "stdout F" || rest == "stderr F" {
			return schema.WrapCRI
		}
		if len(stamp) > 20 || logLine(rest) != "" {
			return schema.WrapTimestamps
		}
	default:
		if _, ok := cutStern(s); ok {
			return schema.WrapStern
		}
	}
	return schema.WrapNone
}

// unwrapLine takes the wrapper w off, for recognition only.
func unwrapLine(w schema.Wrap, s string) string {
	switch w {
	case schema.WrapDocker:
		var d struct{ Log string }
		if json.Unmarshal([]byte(s), &d) == nil {
			return strings.TrimRight(d.Log, "\r\n")
		}
	case schema.WrapCRI:
		if _, rest, ok := cutStamp(s); ok && len(rest) > 9 {
			return rest[9:]
		}
	case schema.WrapPrefix:
		if strings.HasPrefix(s, "[pod/") {
			if _, rest, ok := strings.Cut(s, "] "); ok {
				return afterStamp(rest)
			}
		}
	case schema.WrapTimestamps:
		return afterStamp(s)
	case schema.WrapStern:
		if rest, ok := cutStern(s); ok {
			return afterStamp(rest)
		}
	}
	return s
}

func afterStamp(s string) string {
	if _, rest, ok := cutStamp(s); ok {
		return rest
	}
	return s
}

// cutStamp cuts an RFC 3339 time and a blank off the front.
func cutStamp(s string) (stamp, rest string, ok bool) {
	if len(s) < 21 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return "", s, false
	}
	stamp, rest, ok = strings.Cut(s[:min(len(s), 40)], " ")
	if !ok || len(stamp) < 20 || len(stamp) > 36 {
		return "", s, false
	}
	last := stamp[len(stamp)-1]
	if last != 'Z' && stamp[len(stamp)-6] != '+' && stamp[len(stamp)-6] != '-' {
		return "", s, false
	}
	return stamp, s[len(stamp)+1:], len(rest) >= 0
}

// cutStern takes "POD CONTAINER " or "NAMESPACE POD CONTAINER " off, where names look like Kubernetes' and what is behind them is
// a log line; stern's own "+ POD › CONTAINER" counts too.
func cutStern(s string) (string, bool) {
	if strings.HasPrefix(s, "+ ") || strings.HasPrefix(s, "- ") {
		return "", strings.Contains(s[:min(len(s), 300)], " › ")
	}
	rest := s
	for n := 1; n <= 3; n++ {
		word, tail, ok := strings.Cut(rest, " ")
		if !ok || !isKubeName(word) {
			return "", false
		}
		rest = strings.TrimPrefix(tail, "› ")
		if n >= 2 && (logLine(rest) != "" || logLine(afterStamp(rest)) != "") && strings.Contains(s[:len(s)-len(rest)], "-") {
			return rest, true
		}
	}
	return "", false
}

// isKubeName says whether s may be the name of a pod, container or namespace.
func isKubeName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && !isDigit(c) && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
