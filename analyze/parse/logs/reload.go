package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// reloadState is what the reloader is about: the refused line stands before the word that the reload failed.
type reloadState struct {
	inside  bool   // between "Caught SIGHUP" and its end
	refused []byte // the first line that tells why
}

// takeReload reads a line of the reloader: its own, or of FRR's reload script; it returns false for lines that neither prints.
func (l *reading) takeReload(text []byte) bool {
	has := func(start string) bool { return bytes.HasPrefix(text, []byte(start)) }
	switch {
	case has("Caught SIGHUP and acquired lock"):
		l.is(model.Reloader, false)
		l.reload.inside, l.reload.refused = true, nil
	case has("FRR reloaded successfully"):
		l.is(model.Reloader, false)
		l.endReload(model.MsgReloadOK, "FRR reloaded successfully", "")
		return true
	case has("Syntax error spotted"):
		l.is(model.Reloader, false)
		l.endReload(model.MsgReloadFailed, "Syntax error spotted", "syntax")
		return true
	case has("Failed to fully apply configuration file"):
		l.is(model.Reloader, false)
		l.endReload(model.MsgReloadFailed, "Failed to fully apply configuration file", "apply")
		return true
	case has("PID is: "), has("Checking the configuration file syntax"), has("Applying the configuration file"), has("Caught an exit signal"):
		l.is(model.Reloader, false)
	case l.log.Component == model.Reloader:
		return l.takeReloadOutput(text)
	case scriptLine(text):
		return l.takeReloadOutput(text)
	default:
		return false
	}
	l.ignore()
	return true
}

// endReload notes how a reload ended, with the line that was refused as its error.
func (l *reading) endReload(id model.MessageID, text, reason string) {
	s := sighting{id: id, level: "info", text: text}
	if id == model.MsgReloadFailed {
		s.level, s.reason, s.err = "error", []byte(reason), l.reload.refused
	} else {
		l.reloadedLine = l.p.scan.Number()
	}
	l.note(&s)
	l.reload.inside = false
}

// scriptLine knows frr-reload.py's log lines: `2022-03-09 20:15:04,118  INFO: text`.
func scriptLine(text []byte) bool {
	return len(text) > 26 && text[4] == '-' && text[7] == '-' && text[10] == ' ' && text[13] == ':' && text[19] == ',' && text[23] == ' '
}

// takeReloadOutput reads what the script prints: its errors, and vtysh's.
func (l *reading) takeReloadOutput(text []byte) bool {
	why := text
	level := ""
	if scriptLine(text) {
		why = bytes.TrimLeft(text[23:], " ")
		switch {
		case bytes.HasPrefix(why, []byte("ERROR")):
			level = "error"
		case bytes.HasPrefix(why, []byte("WARNING")):
			level = "warn"
		}
		if _, rest, ok := bytes.Cut(why, []byte(": ")); ok {
			why = rest
		}
	}
	switch {
	case configRefusal(why):
		l.reload.refused = append(l.reload.refused[:0], why[:min(len(why), maxDetail)]...)
		l.note(&sighting{id: model.MsgFRRConfig, level: "error", text: "configuration refused", err: why})
	case level == "error", isVtyshException(why):
		if len(l.reload.refused) == 0 {
			l.reload.refused = append(l.reload.refused[:0], why[:min(len(why), maxDetail)]...)
		}
		l.note(&sighting{id: model.MsgFRRConfig, level: "error", text: l.intern(detail(numberless(nil, firstWords(why)))), err: why})
	default:
		l.ignore()
	}
	return true
}

func isVtyshException(text []byte) bool {
	return bytes.HasPrefix(text, []byte("__main__.")) || bytes.HasPrefix(text, []byte("subprocess.CalledProcessError")) ||
		bytes.HasPrefix(text, []byte("FileNotFoundError")) || bytes.HasPrefix(text, []byte("PermissionError"))
}

// configRefusal knows vtysh's words for a line that it does not take: `line 27: % Unknown command: ...`.
func configRefusal(text []byte) bool {
	if !bytes.Contains(text, []byte("% ")) && !bytes.Contains(text, []byte("Unrecognized")) {
		return false
	}
	for _, words := range [...]string{"% Unknown command", "% Command incomplete", "% Ambiguous command", "% Invalid", "% Configuration failed", "% Can't", "% Malformed", "% BFD", "% Specify", "% Could not", "% Unable", "Unrecognized"} {
		if bytes.Contains(text, []byte(words)) {
			return true
		}
	}
	return false
}

// firstWords is a text up to its first colon.
func firstWords(text []byte) []byte {
	if i := bytes.IndexByte(text, ':'); i > 0 {
		return text[:i]
	}
	return text
}
