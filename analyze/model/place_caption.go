package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// placeByCaption ties speakers' logs that nothing else places to the pod or node that the words right before them name: "speaker on
// kube-2:", "kubectl logs -n metallb-system speaker-7jt2s (kube-1)". Only names that something else shows to be a machine's count as a
// node's: a node's, or the host of a prompt or of a capture.
func (m *Model) placeByCaption() {
	hosts := m.hosts()
	for _, l := range m.Logs {
		if l.Component != Speaker || l.Origin.Before == "" || l.Node != "" && !l.NodeGuess {
			continue
		}
		caption := lastSentence(l.Origin.Before)
		if l.Origin.Pod == "" {
			l.Origin.Pod = only(speakerPodsIn(caption))
		}
		if node := m.podNode[l.Origin.Pod]; node != "" && l.Origin.Pod != "" {
			l.Node, l.NodeGuess = node, false
			continue
		}
		if node := only(namesIn(caption, hosts)); node != "" {
			l.Node, l.NodeGuess = node, false
		}
	}
}

// hosts are the names of machines that something shows to be one: nodes, those that announce by events and status resources, and hosts
// of prompts behind which a machine's own state stands.
func (m *Model) hosts() map[string]bool {
	names := setOf(m.NodeNames())
	for name := range m.announcing() {
		names[name] = true
	}
	add := func(host string, router, client bool) {
		if host != "" && !router && !client {
			names[host] = true
		}
	}
	for _, i := range m.Ifaces {
		add(i.Origin.Host, i.Origin.Router, i.Origin.Client)
	}
	for _, c := range m.Captures {
		add(c.Origin.Host, c.Origin.Router, c.Origin.Client)
	}
	return names
}

// announcing are the nodes that events and status resources name as those that announce.
func (m *Model) announcing() map[string]bool {
	names := map[string]bool{}
	for _, e := range m.Obj.Events {
		if e.Reason == "nodeAssigned" {
			names[announcesFrom(e.Message)] = true
		}
	}
	for _, s := range m.Obj.L2Statuses {
		names[s.Node] = true
	}
	for _, s := range m.Obj.BGPStatuses {
		names[s.Node] = true
	}
	delete(names, "")
	return names
}

// announcesFrom is the node of "announcing from node "NAME"...", by either protocol.
func announcesFrom(message string) string {
	rest, ok := strings.CutPrefix(message, `announcing from node "`)
	node, _, ok2 := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		return ""
	}
	return node
}

// lastSentence is the last line of the words before a block: those before it belong to what stands above.
func lastSentence(before string) string {
	before = strings.TrimRight(before, "\n ")
	return before[strings.LastIndexByte(before, '\n')+1:]
}

// namesIn are the names that stand as whole words in the text. Words of language that are also somebody's host name ("server", "node")
// name nothing.
func namesIn(text string, names map[string]bool) map[string]bool {
	found := map[string]bool{}
	for name := range names {
		if hasName(text, name) && !commonNames[strings.ToLower(name)] {
			found[name] = true
		}
	}
	return found
}

// commonNames are words that people use for any machine.
var commonNames = map[string]bool{"node": true, "nodes": true, "master": true, "worker": true, "server": true, "host": true, "speaker": true, "controller": true,
	"k8s": true, "kubernetes": true, "cluster": true, "log": true, "logs": true, "debug": true, "metallb": true, "leader": true}

// hasName tells whether the name stands in the text with no letter, digit, dash or dot that goes on beside it.
func hasName(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 || name == "" {
			return false
		}
		i += at
		end := i + len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, size := utf8.DecodeRuneInString(text[end:])
		next, _ := utf8.DecodeRuneInString(text[end+size:])
		if !nameRune(before) && !(nameRune(after) || after == '.' && nameRune(next)) {
			return true
		}
		at = end
	}
}

func nameRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_')
}

// speakerPodsIn are the names of speakers' pods in the text: "speaker-7jt2s", "metallb-speaker-x7p4q".
func speakerPodsIn(text string) map[string]bool {
	pods := map[string]bool{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !nameRune(r) }) {
		_, tail, ok := strings.Cut(w, "speaker-")
		if ok && len(tail) == 5 && strings.ToLower(w) == w && strings.IndexFunc(tail, func(r rune) bool { return !strings.ContainsRune("bcdfghjklmnpqrstvwxz2456789", r) }) < 0 {
			pods[w] = true
		}
	}
	return pods
}
