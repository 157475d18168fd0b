// Package prom reads pages of Prometheus metrics in the text format: whole ones, pages cut in the middle, and single samples that
// somebody pasted. It reads line by line, because evidence needs lines and a cut page must give what stands before the cut;
// a test holds the samples against those that the library of Prometheus reads.
package prom

import (
	"io"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// Limits of one page: MetalLB's largest series has one sample a Service and node.
const (
	maxSamples = 500_000
	maxLines   = 10_000_000
	maxLabels  = 64
)

// wanted are the names, or beginnings of names, of the metrics that are kept.
var wanted = []string{"metallb_", "frrk8s_", "controller_runtime_reconcile_errors_total", "controller_runtime_webhook_requests_total",
	"process_start_time_seconds", "workqueue_depth", "workqueue_retries_total", "workqueue_unfinished_work_seconds", "rest_client_requests_total"}

// Parse reads a member of kind metrics.
func Parse(o schema.Origin, _ int, r io.Reader, out *model.Observations) model.MemberSeen {
	seen := model.MemberSeen{Origin: o, Read: "whole"}
	sc := lines.New(o, r)
	for sc.Scan() {
		if sc.Number() > maxLines || seen.Taken >= maxSamples {
			seen.Read, seen.Why = "part", "is larger than 10,000,000 lines or 500,000 samples"
			break
		}
		t := strings.TrimSpace(string(sc.Text()))
		if t == "" || t[0] == '#' {
			seen.Ignored++
			continue
		}
		m, ok := sample(t)
		switch {
		case !ok:
			if seen.Unread++; seen.Unread == 1 {
				seen.Src = sc.Evidence()
			}
		case !isWanted(m.Name):
			seen.Ignored++
		default:
			seen.Taken++
			m.Origin, m.Src = o, sc.Evidence()
			out.Metrics = append(out.Metrics, m)
		}
	}
	seen.Lines = sc.Number()
	switch {
	case sc.Err() != nil:
		seen.Read, seen.Why = "part", "reading ended early: "+sc.Err().Error()
	case sc.Cut > 0:
		seen.Read, seen.Why = "part", "has lines longer than 1 MiB, which were cut"
	case seen.Unread > 0:
		seen.Read, seen.Why = "part", "has lines that are no samples"
	}
	return seen
}

func isWanted(name string) bool {
	for _, w := range wanted {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// sample reads `name{label="value",...} number [timestamp]`.
func sample(s string) (m model.Metric, ok bool) {
	end := 0
	for end < len(s) && nameByte(s[end], end == 0) {
		end++
	}
	if end == 0 {
		return m, false
	}
	m.Name, s = s[:end], s[end:]
	if trimmed := strings.TrimLeft(s, " \t"); strings.HasPrefix(trimmed, "{") {
		if m.Labels, s, ok = labels(trimmed[1:]); !ok {
			return m, false
		}
	} else if s == trimmed {
		return m, false // nothing stands between name and number
	}
	s, _, _ = strings.Cut(s, " #") // an exemplar
	f := strings.Fields(s)
	if len(f) == 0 || len(f) > 2 {
		return m, false
	}
	v, err := strconv.ParseFloat(f[0], 64)
	if err != nil {
		return m, false
	}
	if len(f) == 2 {
		if _, err := strconv.ParseFloat(f[1], 64); err != nil {
			return m, false
		}
	}
	m.Value = v
	return m, true
}

// labels reads up to the brace that closes them, and returns what follows.
func labels(s string) (map[string]string, string, bool) {
	found := map[string]string{}
	for len(found) <= maxLabels {
		s = strings.TrimLeft(s, " \t,")
		if strings.HasPrefix(s, "}") {
			return found, s[1:], true
		}
		name, rest, ok := strings.Cut(s, "=")
		name = strings.TrimSpace(name)
		rest = strings.TrimLeft(rest, " \t")
		if !ok || name == "" || !strings.HasPrefix(rest, `"`) || strings.ContainsAny(name, "\"{}") {
			return nil, "", false
		}
		value, tail, ok := quoted(rest[1:])
		if !ok {
			return nil, "", false
		}
		found[name], s = value, tail
	}
	return nil, "", false
}

// quoted reads up to the quote that closes a value; \\, \" and \n are its escapes.
func quoted(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], true
		case c == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b.WriteByte('\n')
			case '\\', '"':
				b.WriteByte(s[i])
			default:
				b.WriteByte('\\')
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

// nameByte tells whether a byte may stand in a metric's name.
func nameByte(c byte, first bool) bool {
	return c == '_' || c == ':' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || !first && c >= '0' && c <= '9'
}
