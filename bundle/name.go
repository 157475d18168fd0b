package bundle

import (
	"path"
	"strings"
	"unicode/utf8"
)

// nameMax is how many bytes a member's name may have.
const nameMax = 1024

// badName says what is wrong with a member's name; "" when nothing is. A good one is a relative path with / between its
// parts, in UTF-8, that stays below the folder that somebody unpacks it in, on any system.
func badName(name string) string {
	switch {
	case name == "":
		return "has no name"
	case len(name) > nameMax:
		return "has a name of more than 1024 bytes"
	case !utf8.ValidString(name):
		return "has a name that is not UTF-8"
	case name[0] == '/', len(name) > 1 && name[1] == ':':
		return "has an absolute path"
	case strings.Contains(name, `\`):
		return `has a \ in its name`
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "has a control character in its name"
	case path.Clean(name) != name || name == "." || strings.HasPrefix(name, "../") || name == "..":
		return "has a path with an empty part, . or .."
	}
	return ""
}

// shown is a name that nobody vouches for, as a message can show it.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, name)
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "") + "…"
	}
	return name
}
