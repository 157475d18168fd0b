package text

import "strings"

// splitCommands splits a line at ; && || and at a lone &, outside of quotes and brackets.
func splitCommands(s string) []string {
	return split(s, func(rest string) int {
		switch {
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "||"), strings.HasPrefix(rest, ";;"):
			return 2
		case rest[0] == ';', rest[0] == '\n':
			return 1
		case strings.HasPrefix(rest, "& "):
			return 1
		}
		return 0
	})
}

// splitPipe splits a command into the stages of its pipe; never empty.
func splitPipe(s string) []string {
	parts := split(s, func(rest string) int {
		if rest[0] == '|' {
			return 1
		}
		return 0
	})
	if len(parts) == 0 {
		return []string{""}
	}
	return parts
}

// split cuts s where cut says how many bytes a separator takes, outside of quotes, $(...) and backquotes.
func split(s string, cut func(rest string) int) []string {
	var parts []string
	start, depth := 0, 0
	var quote byte
	for i := 0; i < len(s); {
		b := s[i]
		switch {
		case b == '\\':
			i += 2
			continue
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '\'' || b == '"' || b == '`':
			quote = b
		case b == '(' && i > 0 && s[i-1] == '$':
			depth++
		case b == ')' && depth > 0:
			depth--
		case depth == 0:
			if n := cut(s[i:]); n > 0 {
				if p := strings.TrimSpace(s[start:i]); p != "" {
					parts = append(parts, p)
				}
				i += n
				start = i
				continue
			}
		}
		i++
	}
	if start < len(s) {
		if p := strings.TrimSpace(s[start:]); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// splitWords splits a simple command into words and takes quotes off. A comment at the end and redirections are dropped.
func splitWords(s string) []string {
	var words []string
	var cur []byte
	var quote byte
	in, depth := false, 0
	flush := func() {
		if in {
			words = append(words, string(cur))
		}
		cur, in = cur[:0], false
	}
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case quote != 0:
			if b == quote {
				quote = 0
			} else {
				cur = append(cur, b)
			}
		case b == '\'' || b == '"':
			quote, in = b, true
		case b == '\\' && i+1 < len(s):
			i++
			cur, in = append(cur, s[i]), true
		case b == '(' && len(cur) > 0 && cur[len(cur)-1] == '$':
			depth++
			cur = append(cur, b)
		case b == ')' && depth > 0:
			depth--
			cur = append(cur, b)
		case (b == ' ' || b == '\t') && depth == 0:
			flush()
		case b == '#' && !in && depth == 0:
			return dropRedirects(words)
		default:
			cur, in = append(cur, b), true
		}
	}
	flush()
	return dropRedirects(words)
}

// dropRedirects takes 2>/dev/null, > file, 2>&1 and the like out of words.
func dropRedirects(words []string) []string {
	kept := words[:0]
	for i := 0; i < len(words); i++ {
		w := strings.TrimLeft(words[i], "0123456789&")
		if strings.HasPrefix(w, ">") || strings.HasPrefix(w, "<") && !strings.HasPrefix(w, "<(") {
			if strings.Trim(w, "><|&") == "" {
				i++
			}
			continue
		}
		kept = append(kept, words[i])
	}
	return kept
}

// unwrap takes sudo, timeout, ssh, kubectl exec and other wrappers off a command and says where it runs.
func unwrap(words []string, from, fromKind string, depth int) []simple {
	for len(words) > 0 && depth < 8 {
		w := strings.TrimSuffix(baseName(words[0]), ".exe")
		switch w {
		case "sudo", "doas", "time", "command", "exec", "nohup", "stdbuf", "unbuffer", "strace", "env", "setsid", "nice":
			words = skipFlags(words[1:], "u", "g", "n", "e", "o")
		case "timeout", "watch", "chroot", "xargs":
			rest := skipFlags(words[1:], "n", "k", "s", "I", "d")
			if w == "timeout" || w == "chroot" {
				rest = rest[min(1, len(rest)):]
			}
			words = rest
		case "ssh":
			rest := skipFlags(words[1:], "i", "p", "o", "l", "J", "F", "L", "R", "D", "b")
			if len(rest) < 2 {
				return nil
			}
			return inner(strings.Join(rest[1:], " "), afterAt(rest[0]), "", depth)
		case "kubectl", "oc", "k", "k3s", "microk8s", "microk8s.kubectl", "docker", "podman", "crictl", "nerdctl", "ip", "nsenter":
			if s, ok := container(w, words, from, fromKind, depth); ok {
				return s
			}
			return []simple{{tool: w, args: words[1:], from: from, fromKind: fromKind}}
		case "sh", "bash", "ash", "zsh":
			for i, a := range words[1:] {
				if strings.HasSuffix(a, "c") && strings.HasPrefix(a, "-") && i+2 < len(words) {
					return inner(words[i+2], from, fromKind, depth)
				}
			}
			return nil
		default:
			if i := strings.IndexByte(words[0], '='); i > 0 && !strings.ContainsAny(words[0][:i], "-/:.") { // VAR=value command
				words = words[1:]
				continue
			}
			return []simple{{tool: w, args: words[1:], from: from, fromKind: fromKind}}
		}
		depth++
	}
	return nil
}

// inner parses a command line that runs elsewhere.
func inner(text, from, fromKind string, depth int) []simple {
	var found []simple
	for _, pipe := range splitCommands(text) {
		words := splitWords(splitPipe(pipe)[0])
		words, _, _, _ = loopHead(words)
		for _, s := range unwrap(words, from, fromKind, depth+1) {
			if len(found) < maxParts {
				found = append(found, s)
			}
		}
	}
	return found
}

// container reads kubectl exec, run and debug, docker exec, ip netns exec and nsenter: commands that run another inside.
func container(w string, words []string, from, fromKind string, depth int) ([]simple, bool) {
	words = words[1:]
	if (w == "k3s" || w == "microk8s") && len(words) > 0 && words[0] == "kubectl" {
		words = words[1:]
	}
	dash := -1
	for i, a := range words {
		if a == "--" {
			dash = i
			break
		}
	}
	plainWords := positional(words)
	verb := ""
	if len(plainWords) > 0 {
		verb = plainWords[0]
	}
	switch {
	case w == "nsenter" && dash >= 0:
		return unwrap(words[dash+1:], from, fromKind, depth+1), true
	case w == "nsenter":
		return unwrap(skipFlags(words, "t", "S", "G"), from, fromKind, depth+1), true
	case w == "ip" && len(words) > 3 && strings.HasPrefix("netns", words[0]) && len(words[0]) > 2 && words[1] == "exec":
		return unwrap(words[3:], words[2], "", depth+1), true
	case w == "ip":
		return nil, false
	case verb == "exec" && w != "docker" && w != "podman" && w != "nerdctl" && w != "crictl":
		return execPod(words, plainWords, dash, depth)
	case verb == "exec" && len(plainWords) > 2:
		i := index(words, plainWords[1])
		return unwrap(words[i+1:], plainWords[1], "", depth+1), true
	case verb == "run" && dash >= 0 && len(plainWords) > 1:
		return unwrap(words[dash+1:], plainWords[1], "pod", depth+1), true
	case verb == "run" && (w == "docker" || w == "podman") && len(plainWords) > 2:
		i := index(words, plainWords[1])
		return unwrap(words[i+1:], from, fromKind, depth+1), true
	case verb == "debug" && len(plainWords) > 1:
		kind, name := "pod", plainWords[1]
		if n, ok := strings.CutPrefix(name, "node/"); ok {
			kind, name = "node", n
		} else if n, ok := strings.CutPrefix(name, "no/"); ok {
			kind, name = "node", n
		}
		if dash < 0 {
			return nil, false
		}
		return unwrap(words[dash+1:], name, kind, depth+1), true
	}
	return nil, false
}

// execPod reads kubectl exec POD -- COMMAND, with or without the dashes.
func execPod(words, plainWords []string, dash, depth int) ([]simple, bool) {
	if len(plainWords) < 2 {
		return nil, false
	}
	pod := afterSlash(plainWords[1])
	rest := words[index(words, plainWords[1])+1:]
	if dash >= 0 {
		rest = words[dash+1:]
	}
	return unwrap(skipFlags(rest, "c", "n"), pod, "pod", depth+1), true
}

// positional returns the words before "--" that are no flags and no values of the flags that kubectl and docker take.
func positional(words []string) []string {
	var found []string
	for i := 0; i < len(words) && words[i] != "--"; i++ {
		a := words[i]
		if !strings.HasPrefix(a, "-") {
			found = append(found, a)
			continue
		}
		switch a {
		case "-n", "--namespace", "-c", "--container", "--context", "--kubeconfig", "--image", "-l", "-u", "--user", "--network", "--net", "--name", "-o", "-v", "--restart", "--profile":
			i++
		}
	}
	return found
}

// skipFlags drops flags in front; those whose letter is in withValue take the next word along.
func skipFlags(words []string, withValue ...string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && words[0] != "-" {
		flag := strings.TrimLeft(words[0], "-")
		words = words[1:]
		if flag == "" {
			break
		}
		for _, v := range withValue {
			if flag == v && len(words) > 0 {
				words = words[1:]
				break
			}
		}
	}
	return words
}

func index(words []string, w string) int {
	for i := range words {
		if words[i] == w {
			return i
		}
	}
	return len(words) - 1
}

func afterAt(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return s[i+1:]
	}
	return s
}

func afterSlash(s string) string {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return s[i+1:]
	}
	return s
}
