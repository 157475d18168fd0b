package lines

import (
	"bytes"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// partial is a line that a runtime wrote in several pieces, as far as it was read.
type partial struct {
	text  []byte
	raw   []byte // of the first piece
	stamp []byte
	line  int // of the first piece; 0 when nothing is open
}

// The streams of a container.
const (
	stdout = iota
	stderr
)

// unwrap takes the wrapper that the origin names off the line; a line without it stays as it is. It returns false when the line
// is a piece of one that goes on.
func (s *Scanner) unwrap() bool {
	s.number, s.stamp = s.n, nil
	line := s.raw
	if bytes.IndexByte(line, 0x1b) >= 0 {
		s.plain = StripColour(s.plain[:0], line)
		line = s.plain
	}
	switch s.origin.Wrap {
	case schema.WrapTimestamps:
		s.text = s.takeStamp(line)
		return true
	case schema.WrapPrefix:
		s.text = s.takeStamp(s.prefix(s.takeStamp(line)))
		return true
	case schema.WrapStern:
		s.text = s.takeStamp(s.stern(s.takeStamp(line)))
		return true
	case schema.WrapDocker:
		return s.docker(line)
	case schema.WrapCRI:
		return s.cri(line)
	}
	s.text = line
	return true
}

// takeStamp takes an RFC 3339 time and a blank off the front.
func (s *Scanner) takeStamp(line []byte) []byte {
	stamp, rest, ok := CutStamp(line)
	if ok {
		s.stamp = stamp
	}
	return rest
}

// CutStamp cuts a line behind an RFC 3339 time in front ("2026-11-24T14:01:21.123504324Z text"); without one rest is the line.
func CutStamp(line []byte) (stamp, rest []byte, ok bool) {
	const shortest, longest = len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05.000000000+00:00")
	if len(line) < shortest || line[10] != 'T' || line[4] != '-' || line[13] != ':' || line[0] < '0' || line[0] > '9' {
		return nil, line, false
	}
	end := bytes.IndexByte(line[:min(len(line), longest+1)], ' ')
	if end < 0 {
		if len(line) > longest {
			return nil, line, false
		}
		end = len(line)
	}
	if end < shortest {
		return nil, line, false
	}
	if last := line[end-1]; last != 'Z' && line[end-6] != '+' && line[end-6] != '-' {
		return nil, line, false
	}
	return line[:end], line[min(end+1, len(line)):], true
}

// prefix takes `[pod/NAME/CONTAINER] ` off.
func (s *Scanner) prefix(line []byte) []byte {
	if len(line) == 0 || line[0] != '[' {
		return line
	}
	end := bytes.IndexByte(line, ']')
	if end < 0 || !bytes.HasPrefix(line, []byte("[pod/")) {
		return line
	}
	pod, container, ok := bytes.Cut(line[len("[pod/"):end], []byte("/"))
	if !ok || len(pod) == 0 || len(container) == 0 || bytes.IndexByte(line[:end], ' ') >= 0 {
		return line
	}
	s.setPod("", pod, container)
	return bytes.TrimPrefix(line[end+1:], []byte(" "))
}

// stern takes `POD CONTAINER `, `NAMESPACE POD CONTAINER ` or `POD › CONTAINER ` off. Stern's own lines ("+ POD › CONTAINER",
// "- POD › CONTAINER") become empty.
func (s *Scanner) stern(line []byte) []byte {
	if len(line) > 2 && (line[0] == '+' || line[0] == '-') && line[1] == ' ' && bytes.Contains(line, []byte(" › ")) {
		return nil
	}
	a, rest, ok := cutWord(line)
	if !ok || !isName(a) {
		return line
	}
	rest = bytes.TrimPrefix(rest, []byte("› "))
	b, rest2, ok := cutWord(rest)
	if !ok || !isName(b) {
		return line
	}
	c, rest3, third := cutWord(rest2)
	switch {
	case isContainer(b):
	case third && isName(c) && (isContainer(c) || !startsMessage(rest2) && startsMessage(rest3)):
		s.setPod(string(a), b, c)
		return rest3
	case !startsMessage(rest2):
		return line
	}
	s.setPod("", a, b)
	return rest2
}

// cutWord cuts a line behind its first word; runs of blanks (a tab, stern's alignment) count as one.
func cutWord(line []byte) (word, rest []byte, ok bool) {
	i := bytes.IndexAny(line[:min(len(line), 300)], " \t")
	if i <= 0 {
		return nil, line, false
	}
	word = line[:i]
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	return word, line[i:], true
}

// isName tells whether b can be the name of a Kubernetes object.
func isName(b []byte) bool {
	if len(b) == 0 || len(b) > 253 {
		return false
	}
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return b[0] != '-' && b[0] != '.'
}

// isContainer tells whether b is the name of one of MetalLB's or frr-k8s' containers (facts 1.3).
func isContainer(b []byte) bool {
	switch string(b) {
	case "controller", "speaker", "frr", "reloader", "frr-metrics", "frr-k8s", "frr-status", "frr-k8s-statuscleaner", "statuscleaner",
		"kube-rbac-proxy", "kube-rbac-proxy-frr", "frr-k8s-webhook-server", "cp-frr-files", "cp-reloader", "cp-metrics", "metallb-controller", "metallb-speaker":
		return true
	}
	return false
}

// startsMessage tells whether b begins as a log line does: JSON, a time, a klog header.
func startsMessage(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch c := b[0]; {
	case c == '{', c >= '0' && c <= '9':
		return true
	case c == 'I' || c == 'W' || c == 'E' || c == 'F':
		return len(b) > 5 && digits(b[1:5]) >= 0
	}
	return false
}

// setPod keeps whose line it is, without an allocation for names seen before.
func (s *Scanner) setPod(ns string, pod, container []byte) {
	if s.pod != string(pod) {
		s.pod = s.intern(pod)
	}
	if s.container != string(container) {
		s.container = s.intern(container)
	}
	s.ns = ns
}

func (s *Scanner) intern(b []byte) string {
	if v, ok := s.names[string(b)]; ok {
		return v
	}
	if s.names == nil || len(s.names) > 4096 {
		s.names = map[string]string{}
	}
	v := strings.Clone(string(b))
	s.names[v] = v
	return v
}

// cri takes `TIME STREAM TAGS ` off; tag P says that the line goes on.
func (s *Scanner) cri(line []byte) bool {
	stamp, rest, ok := CutStamp(line)
	stream := stdout
	switch {
	case !ok:
	case bytes.HasPrefix(rest, []byte("stdout ")):
		rest = rest[len("stdout "):]
	case bytes.HasPrefix(rest, []byte("stderr ")):
		rest, stream = rest[len("stderr "):], stderr
	default:
		ok = false
	}
	if !ok || len(rest) == 0 || rest[0] != 'F' && rest[0] != 'P' || len(rest) > 1 && rest[1] != ' ' && rest[1] != ':' {
		s.text = line
		return true
	}
	goesOn := rest[0] == 'P'
	if i := bytes.IndexByte(rest, ' '); i >= 0 {
		rest = rest[i+1:]
	} else {
		rest = nil
	}
	return s.piece(stream, stamp, rest, goesOn)
}

// piece takes one piece of a line of a stream; it returns false when the line goes on.
func (s *Scanner) piece(stream int, stamp, text []byte, goesOn bool) bool {
	p := &s.open[stream]
	if !goesOn && p.line == 0 {
		s.text, s.stamp = text, stamp
		return true
	}
	if p.line == 0 {
		p.line = s.n
		p.raw = append(p.raw[:0], s.raw[:min(len(s.raw), 4*QuoteMax)]...)
		p.stamp = append(p.stamp[:0], stamp...)
		p.text = p.text[:0]
	}
	room := MaxLine - len(p.text)
	if room < len(text) {
		if room > 0 {
			s.Cut++
		}
		text = text[:max(room, 0)]
	}
	p.text = append(p.text, text...)
	if goesOn {
		return false
	}
	s.give(p)
	return true
}

// give makes the joined line the present one.
func (s *Scanner) give(p *partial) {
	s.text, s.raw, s.stamp, s.number = p.text, p.raw, p.stamp, p.line
	p.line = 0
}

// flush gives out lines whose last piece never came.
func (s *Scanner) flush() bool {
	for i := range s.open {
		if s.open[i].line > 0 {
			s.give(&s.open[i])
			return true
		}
	}
	return false
}
