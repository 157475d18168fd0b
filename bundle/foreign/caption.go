package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// commandAbove is the command whose output the fence at line open holds: one that stands on a line of its own right above it, or as
// inline code in the last words before it ("output of `kubectl get nodes`:"). A command above that seems to have printed nothing printed
// what the fence holds, so its block goes. The zero block has no command.
func (s *splitter) commandAbove(open int) block {
	if n := len(s.out); n > 0 {
		last := s.out[n-1]
		if (last.Kind == schema.KindEmpty || last.silent) && last.prompted && last.first < open && onlyBlank(s.lines[last.first+1:open]) {
			s.out = s.out[:n-1]
			return last
		}
	}
	above := open - 1
	for above >= 0 && strings.TrimSpace(s.lines[above]) == "" {
		above--
	}
	if above < 0 || above < open-2 {
		return block{}
	}
	typed := captionCommand(s.lines[above])
	if typed == "" {
		return block{}
	}
	c := ParseCommand(typed)
	b := block{prompted: true}
	b.Command, b.Host = typed, c.Host
	b.Namespace, b.Pod, b.Container, b.Previous = c.Namespace, c.Pod, c.Container, c.Previous
	return b
}

// captionCommand is the command that a line of prose shows as inline code; "" where there is none, or more than one.
func captionCommand(line string) string {
	parts := strings.Split(line, "`")
	if len(parts)%2 == 0 {
		return ""
	}
	found := ""
	for i := 1; i < len(parts); i += 2 {
		typed := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(parts[i]), "$ "))
		if len(strings.Fields(typed)) < 2 || changes(typed) || !isCommandWord(firstWord(typed)) || !looksTyped(typed) || ParseCommand(typed).Kind() == schema.KindShell {
			continue
		}
		if found != "" {
			return ""
		}
		found = typed
	}
	return found
}

// changes tells whether a command changes something, so that what stands behind it is what somebody saw then and not its output.
func changes(typed string) bool {
	for _, w := range strings.Fields(typed) {
		switch w {
		case "set", "add", "del", "delete", "flush", "replace", "change", "apply", "edit", "patch", "label", "annotate", "scale", "rollout", "create":
			return true
		}
	}
	return false
}

// printedBy gives the blocks from n on, which came out of a fence, the command that printed them: to those that have none of their own. What
// nothing recognised is what the command prints.
func (s *splitter) printedBy(asked block, n int) {
	if asked.Command == "" || n >= len(s.out) || s.out[n].prompted {
		return
	}
	hint := ParseCommand(asked.Command).Kind()
	for i := n; i < len(s.out); i++ {
		b := &s.out[i]
		if b.prompted || b.Command != "" {
			return
		}
		if i == n && len(s.out) == n+1 && (b.Kind == schema.KindProse || b.Kind == schema.KindUnknown) && hint != schema.KindShell {
			b.Kind = hint
		}
		if hint == schema.KindObjects && b.Kind == schema.KindObjects && strings.Contains(asked.Command, "grep") {
			b.Kind = schema.KindShell // filtered: lines of objects, no object
		}
		if b.Kind == schema.KindProse {
			continue
		}
		b.Command, b.Host, b.prompted, b.shell = asked.Command, asked.Host, true, asked.shell
		b.Client = b.Client || asked.Client
		if b.Namespace == "" {
			b.Namespace = asked.Namespace
		}
		if b.Pod == "" {
			b.Pod, b.Container, b.Previous = asked.Pod, asked.Container, asked.Previous
		}
	}
}

func onlyBlank(lines []string) bool {
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			return false
		}
	}
	return true
}
