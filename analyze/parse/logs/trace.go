package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// takePanic reads the first line of a Go panic or fatal error, and what it prints of the stacks.
func (l *reading) takePanic(text []byte) bool {
	for _, start := range [...]string{"panic: ", "fatal error: ", "unexpected fault address", "runtime: out of memory", "SIGSEGV: ", "SIGABRT: "} {
		if bytes.HasPrefix(text, []byte(start)) {
			s := sighting{id: model.MsgPanic, level: "error", text: l.intern(bytes.TrimRight([]byte(start), ": ")), err: text}
			l.note(&s)
			return true
		}
	}
	if bytes.HasPrefix(text, []byte("goroutine ")) && bytes.HasSuffix(text, []byte("]:")) || bytes.HasPrefix(text, []byte("[signal SIG")) {
		l.ignore()
		return true
	}
	return false
}

// continues tells whether a line belongs to the one before it: a stack, the rest of an error of several lines.
func (l *reading) continues(text []byte) bool {
	raw := l.p.text
	switch l.format {
	case formatTrace:
		return true
	case formatKlog, formatJSON, formatOther, formatFRR:
		if raw[0] == '\t' || raw[0] == ' ' || text[0] == '}' || text[0] == ']' || text[0] == '*' {
			return true
		}
	case formatReload:
		return l.log.Component == model.Reloader
	}
	// the stack that controller-runtime prints in its development format, and the list of a multierror
	return bytes.HasPrefix(text, []byte("sigs.k8s.io/")) || bytes.HasPrefix(text, []byte("k8s.io/")) || bytes.HasPrefix(text, []byte("created by "))
}
