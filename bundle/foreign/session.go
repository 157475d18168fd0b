package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// command takes the prompt at line i and the output behind it; it returns the line behind the output.
func (s *splitter) command(p Prompt, i, to int, closed bool) int {
	s.flush(i)
	typed, from := continued(s.lines, p.Command, i, to)
	c := ParseCommand(typed)
	b := block{prompted: true, shell: p.Shell}
	b.Command = typed
	b.Host = p.Host
	if c.Host != "" {
		b.Host = c.Host
	}
	if b.Host == "" {
		b.Host = s.place.host
	}
	b.Namespace, b.Pod, b.Container, b.Previous = c.Namespace, c.Pod, c.Container, c.Previous
	b.Client = p.Shell == ShellWindows
	if p.Shell == ShellPosix && p.Host != "" && isShow(typed) { // VyOS, EdgeOS: the shell of a router
		b.Router, b.RouterName = true, p.Host
	}
	end := s.outputEnd(p, from, to)
	next := s.output(b, c, i, from, end, closed)
	if next < to && barePrompt(s.lines[next], p) {
		next++
	}
	return next
}

// isShow says whether a command typed at a shell's prompt is one of a router's.
func isShow(typed string) bool { return strings.HasPrefix(typed, "show ") }

// continued joins the lines of a command that ends with a backslash or opens a here document's marker; from is the first line of
// the output.
func continued(lines []string, typed string, i, to int) (string, int) {
	from := i + 1
	for strings.HasSuffix(typed, "\\") && from < to && from < i+40 {
		typed = strings.TrimSpace(strings.TrimSuffix(typed, "\\")) + " " + strings.TrimSpace(lines[from])
		from++
	}
	return typed, from
}

// outputEnd is the line of the next prompt of the same session, of the next fence or heading, or to.
func (s *splitter) outputEnd(p Prompt, from, to int) int {
	for j := from; j < to; j++ {
		line := s.lines[j]
		if _, _, ok := fence(s.lines, j, to); ok && p.Indent < 4 {
			return j
		}
		if next, ok := ParsePrompt(line); ok && next.Indent == p.Indent && startKind(s.lines, j, to) != schema.KindIptables && !inYAML(s.lines, from, j) {
			return j
		}
		if _, ok := heading(line); ok && indentOf(line) == p.Indent && strings.HasPrefix(strings.TrimSpace(line), "=") {
			return j
		}
		if barePrompt(line, p) {
			return j
		}
	}
	return to
}

// barePrompt takes a prompt of the same machine with no command behind it.
func barePrompt(line string, p Prompt) bool {
	t := strings.TrimSpace(line)
	if t == "" || p.Host == "" || len(t) > maxPrompt {
		return false
	}
	last := t[len(t)-1]
	return (last == '$' || last == '#' || last == '>') && strings.Contains(t, p.Host) && len(strings.Fields(t)) <= 3
}

// inYAML says whether line j, which looks like a prompt, stands inside of the YAML that begins at line from.
func inYAML(lines []string, from, j int) bool {
	i := firstText(lines, from, j)
	if i >= j || startKind(lines, i, len(lines)) != schema.KindObjects || firstByte(strings.TrimSpace(lines[i])) == '{' {
		return false
	}
	return indentOf(lines[j]) > indentOf(lines[i])
}

// output makes blocks of the lines from to end, which the command in b printed.
func (s *splitter) output(b block, c Command, prompt, from, end int, closed bool) int {
	to := end
	if to < len(s.lines) {
		if next, ok := ParsePrompt(s.lines[to]); ok && next.Glued {
			to++
		}
	}
	for to > from && strings.TrimSpace(s.lines[to-1]) == "" {
		to--
	}
	i := from
	for i < to && strings.TrimSpace(s.lines[i]) == "" {
		i++
	}
	if k := c.Kind(); i >= to && (k == schema.KindIptables || k == schema.KindNft) { // that nothing was found says something: the prompt alone is the block
		b.silent = true
		s.add(k, prompt, prompt+1, b)
		return end
	}
	if i >= to {
		b.Kind, b.first, b.last, b.Before = schema.KindEmpty, prompt, prompt, s.before
		s.place.fill(&b.Origin)
		s.out = append(s.out, b)
		return end
	}
	hint := c.Kind()
	if k, _, ok := wholeLog(headLines(s.lines[i:to])); ok && startKind(s.lines, i, to) == "" && (hint == "" || hint == schema.KindShell || isLog(hint)) {
		s.add(k, i, to, b) // a log that begins in the middle of a line, or with other words
		return end
	}
	for first := true; i < to; first = false {
		if strings.TrimSpace(s.lines[i]) == "" {
			i++
			continue
		}
		k := startKind(s.lines, i, to)
		if !first && !closed && blankBefore(s.lines, i) && (k == "" && s.spoken(hint, i, to) || k != "" && k != hint && k != schema.KindShell && hint != schema.KindShell) {
			s.region(i, end, closed) // what a person wrote, or pasted without its command, behind the output
			return end
		}
		if h, ok := heading(s.lines[i]); ok && !first {
			return s.headed(h, i, end)
		}
		if isKubectlNoise(strings.TrimSpace(s.lines[i])) {
			i = s.emit(schema.KindShell, i, to, true, b)
			continue
		}
		k = decide(hint, k, first, c)
		j := s.outputExtent(k, hint, i, to, closed)
		s.add(k, i, j, b)
		i = j
	}
	return end
}

// spoken says whether line i, behind a gap in the output of a command of kind hint, is a person's: after a page that curl got, any line
// of words is.
func (s *splitter) spoken(hint schema.Kind, i, to int) bool {
	t := strings.TrimSpace(s.lines[i])
	return isProse(t) || isSentence(t) || s.proseAhead(i, to) || hint == schema.KindCurl && isLetter(t[0]) && len(strings.Fields(t)) > 2 && indentOf(s.lines[i]) == 0
}

// proseAhead says whether the lines at i are a paragraph of prose: its first lines may be short.
func (s *splitter) proseAhead(i, to int) bool {
	for j := i; j < to && j < i+3; j++ {
		t := strings.TrimSpace(s.lines[j])
		if t == "" {
			return false
		}
		if isProse(t) {
			return true
		}
		if strings.HasSuffix(t, ":") && len(strings.Fields(t)) < 6 {
			return true
		}
	}
	return false
}

func blankBefore(lines []string, i int) bool {
	return i > 0 && strings.TrimSpace(lines[i-1]) == ""
}

// decide holds what the command should print against what its output looks like. The output wins, but where only the
// command knows (a page that curl got, rows without their header) it decides.
func decide(hint, looks schema.Kind, first bool, c Command) schema.Kind {
	switch {
	case looks == "":
		if hint == schema.KindObjects {
			return schema.KindShell // filtered: lines of objects, no object
		}
		if hint == schema.KindLog && !aboutMetalLB(c) {
			return schema.KindOtherLog
		}
		return hint
	case hint == schema.KindCurl:
		if looks == schema.KindIPNeigh || looks == schema.KindArping || looks == schema.KindTable || looks == schema.KindTcpdump || looks == schema.KindPing || looks == schema.KindIPAddr {
			return looks
		}
		return schema.KindCurl
	case looks == schema.KindShell:
		if hint == schema.KindPing || hint == schema.KindArping || hint == schema.KindTcpdump || hint == schema.KindIPVS || hint == schema.KindSockets {
			return hint
		}
		return schema.KindShell
	case hint == schema.KindDescribe && (looks == schema.KindTable || looks == schema.KindMetrics),
		hint == schema.KindIPRoute && looks == schema.KindIPNeigh, hint == schema.KindIPRule,
		(hint == schema.KindIptables || hint == schema.KindNft) && looks != schema.KindNft && looks != schema.KindIptables,
		hint == schema.KindIPVS, hint == schema.KindSockets && looks != schema.KindConntrack, hint == schema.KindIPLink && looks == schema.KindIPAddr && c.Program == "bridge":
		return hint
	case hint == schema.KindRouter:
		return schema.KindRouter
	case hint == schema.KindVtysh && (looks == schema.KindIPRoute || looks == schema.KindTable || looks == schema.KindDescribe || looks == schema.KindIPAddr || looks == schema.KindHelm || looks == schema.KindLegacy):
		return schema.KindVtysh
	case isLog(hint) && isLog(looks) && hint != schema.KindOtherLog:
		if looks == schema.KindOtherLog && c.Container != "" && hint != schema.KindLog {
			return hint
		}
	}
	return looks
}

// aboutMetalLB says whether a command names a part of MetalLB.
func aboutMetalLB(c Command) bool {
	for _, a := range append([]string{c.Namespace, c.Pod, c.Container}, c.Args...) {
		if containsAny(a, "metallb", "speaker", "controller", "frr") {
			return true
		}
	}
	return false
}

// outputExtent is where the block of kind k that begins at line i of an output ends.
func (s *splitter) outputExtent(k, hint schema.Kind, i, to int, closed bool) int {
	if k == hint && (k == schema.KindCurl || k == schema.KindTcpdump || isLog(k) || k == schema.KindTable && !isHeader(strings.TrimSpace(s.lines[i]))) || k == schema.KindShell || k == hint && startKind(s.lines, i, to) != k {
		return s.untilProse(k, i, to, closed)
	}
	return extent(k, s.lines, i, to, true)
}

// untilProse goes on to the first blank line behind which a person speaks or another kind begins.
func (s *splitter) untilProse(k schema.Kind, i, to int, closed bool) int {
	end := i + 1
	header := k == schema.KindCurl && strings.HasPrefix(strings.TrimSpace(s.lines[i]), "HTTP/")
	for j := i + 1; j < to; j++ {
		t := strings.TrimSpace(s.lines[j])
		if t == "" {
			continue
		}
		gap := end < j
		other := startKind(s.lines, j, to)
		switch {
		case gap && header && end-i < 40 && other == "":
			header = false // behind the blank line is the page
		case gap && !closed && other == "" && s.spoken(k, j, to):
			return end
		case isLog(k) && isLog(other), other == "", other == k, other == schema.KindShell:
		case k == schema.KindCurl || k == schema.KindTcpdump || k == schema.KindTable:
			if other != schema.KindObjects && (other == schema.KindIPNeigh || other == schema.KindArping || other == schema.KindTable && gap || other == schema.KindPing && gap || other == schema.KindIPAddr) {
				return end
			}
		case gap:
			return end
		}
		end = j + 1
	}
	return end
}
