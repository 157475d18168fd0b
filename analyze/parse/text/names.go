package text

import "strings"

// serviceIn finds NAMESPACE/NAME in a text, "" when there is none: two DNS labels around one slash, not a path, an image or a network.
func serviceIn(s string) string {
	for _, w := range strings.Fields(s) {
		w = strings.Trim(w, `"'(),.;:[]`+"`")
		ns, name, ok := strings.Cut(w, "/")
		if ok && label(ns) && label(name) && !kindWord(ns) && !strings.Contains(w, "..") {
			return w
		}
	}
	return ""
}

// kindWord says whether a word in front of a slash is a resource, a registry or a pair of words that people write with a slash.
func kindWord(w string) bool {
	switch w {
	case "pod", "pods", "svc", "service", "services", "deploy", "deployment", "deployments", "ds", "daemonset", "sts", "node", "nodes", "configmap", "cm", "endpoints", "ep", "and", "or", "tcp", "udp", "metallb", "calico", "cilium",
		"http", "https", "arp", "ipv4", "l2", "layer2", "bgp", "ingress", "namespace", "on", "yes", "true", "input", "client", "k8s", "docker", "quay", "dev", "proc", "etc", "usr", "var", "sys", "tmp", "bin", "event", "secret", "job", "gateway":
		return true
	}
	return allDigits(w)
}

// label says whether s is a DNS label with a letter in it.
func label(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	letter := false
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case b >= 'a' && b <= 'z':
			letter = true
		case b >= '0' && b <= '9':
		case b == '-' && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return letter
}

// nodeIn finds the name behind "node ", "on node" or node=; "" when none follows.
func nodeIn(s, lower string) string {
	for _, mark := range []string{`node "`, "node=", "node '", "on node ", "from node ", "nodename="} {
		i := strings.Index(lower, mark)
		if i < 0 || i+len(mark) > len(s) {
			continue
		}
		w := strings.Trim(firstField(s[i+len(mark):]), `"'.,;:()`)
		w, _, _ = strings.Cut(w, `"`)
		if hostName(w) {
			return w
		}
	}
	return ""
}

// hostName says whether a word can be the name of a machine.
func hostName(w string) bool {
	if w == "" || len(w) > 253 {
		return false
	}
	for _, p := range strings.Split(strings.ToLower(w), ".") {
		if p == "" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
