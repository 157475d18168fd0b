package text

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// promptLine is a line of a session that holds a command.
type promptLine struct {
	host    string // of user@host, or the word before the sign; "" when the prompt names none
	command string
	client  bool // a prompt of Windows or one that calls its machine a laptop
}

// promptOf takes the prompt off a line. In dumps whose comments begin with "#" that sign alone is no prompt.
func promptOf(text string, kind schema.Kind) (promptLine, bool) {
	t := strings.TrimSpace(text)
	if len(t) < 3 || len(t) > 4000 {
		return promptLine{}, false
	}
	if p, ok := windowsPrompt(t); ok {
		return p, true
	}
	i := sign(t)
	if i < 0 {
		return promptLine{}, false
	}
	head, cmd := strings.TrimSpace(t[:i]), strings.TrimSpace(t[i+1:])
	if cmd == "" || cmd[0] == '#' || strings.HasPrefix(head, "#") { // headings of Markdown
		return promptLine{}, false
	}
	known := knownCommand(cmd)
	if strings.ContainsAny(head, "|<>\"=`") || kind == schema.KindProse && !known && head == "" && t[i] == '#' {
		return promptLine{}, false
	}
	user, host, shaped := promptHead(head)
	switch {
	case head == "" && t[i] == '$': // "$ command"
	case shaped && strings.IndexByte("$#", t[i]) >= 0 && strings.HasPrefix(t[i+1:], " "):
	case !known, t[i] == '#' && head == "" && !comments(kind) && !known:
		return promptLine{}, false
	}
	if host == "" && head != "" && !shaped && !strings.ContainsAny(head, "/~") {
		host = strings.Trim(head, "[]() ")
	}
	return promptLine{host: host, command: cmd, client: clientName(host) || clientName(user)}, true
}

// comments says whether the kind's own lines begin with "#".
func comments(k schema.Kind) bool {
	return k == schema.KindIptables || k == schema.KindNft || k == schema.KindSysctl || k == schema.KindProse
}

// sign is the place of the "$", "#" or "%" that ends a prompt: followed by a blank, within the first 70 bytes, -1 when there is none.
func sign(t string) int {
	for i := 0; i < len(t)-1 && i < 70; i++ {
		switch t[i] {
		case '$', '#', '%':
			if t[i+1] == ' ' && (i == 0 || t[i-1] != '{') {
				return i
			}
		case '\t':
			return -1
		}
	}
	return -1
}

// promptHead reads user@host:path, [user@host dir], sh-5.1, bash-4.2, / and the like in front of a sign.
func promptHead(head string) (user, host string, shaped bool) {
	head = strings.TrimPrefix(head, "(") // virtual environments: (venv) user@host
	if i := strings.LastIndex(head, ") "); i >= 0 {
		head = head[i+2:]
	}
	head = strings.Trim(head, "[]")
	if head == "/" || head == "~" || strings.HasPrefix(head, "sh-") || strings.HasPrefix(head, "bash-") {
		return "", "", true
	}
	user, rest, ok := strings.Cut(head, "@")
	if !ok || user == "" || strings.ContainsAny(user, " \t/") || rest == "" {
		return "", "", false
	}
	end := strings.IndexAny(rest, ": ~\t")
	if end >= 0 {
		if len(strings.Fields(rest)) > 3 { // a sentence with an address of mail in it
			return "", "", false
		}
		rest = rest[:end]
	}
	return user, rest, rest != ""
}

// windowsPrompt reads C:\Users\ops>ping and PS C:\>.
func windowsPrompt(t string) (promptLine, bool) {
	t = strings.TrimPrefix(t, "PS ")
	if len(t) < 5 || t[1] != ':' || t[2] != '\\' || t[0]|0x20 < 'a' || t[0]|0x20 > 'z' {
		return promptLine{}, false
	}
	path, cmd, ok := strings.Cut(t, ">")
	if !ok || len(path) > 120 || strings.TrimSpace(cmd) == "" {
		return promptLine{}, false
	}
	return promptLine{command: strings.TrimSpace(cmd), client: true}, true
}

// clientName says whether a machine or user is called what clients are called.
func clientName(s string) bool {
	s = strings.ToLower(s)
	return has(s, "laptop", "notebook", "macbook", "desktop", "workstation", "bastion", "jump", "client", "office", "imac") ||
		s == "pc" || strings.HasSuffix(s, "-pc") || s == "desk" || strings.HasSuffix(s, "-mbp") || s == "mac"
}

// knownCommand says whether a text begins with a command that people run when a Service is not reachable.
func knownCommand(cmd string) bool {
	w, _, _ := strings.Cut(strings.TrimSpace(cmd), " ")
	w = strings.TrimSuffix(baseName(w), ".exe")
	_, ok := commandKinds[w]
	return ok || otherCommands[w]
}

func baseName(w string) string {
	if i := strings.LastIndexAny(w, `/\`); i >= 0 {
		return w[i+1:]
	}
	return w
}
