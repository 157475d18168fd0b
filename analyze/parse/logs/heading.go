package logs

import "bytes"

// headingOf reads a line that says whose log follows, in a file that a loop over pods wrote: "=== speaker-8k9m4",
// "==> speaker-8k9m4/speaker <==", "--- pod/controller-5b8c77d58b-lbnwv ---", "###### speaker-8k9m4 frr". Only names of MetalLB's
// and frr-k8s' pods are taken: any program may rule its output off.
func headingOf(text []byte) (name podName, ok bool) {
	if len(text) < 8 || len(text) > 200 {
		return name, false
	}
	switch text[0] {
	case '=', '-', '#', '*':
	default:
		return name, false
	}
	words := bytes.Trim(text, "=-#*<>: \t")
	for _, prefix := range [...]string{"logs of ", "log of ", "logs for ", "pod/", "pod ", "Pod ", "pod: "} {
		words = bytes.TrimPrefix(words, []byte(prefix))
	}
	if i := bytes.LastIndex(words, []byte("metallb-system/")); i >= 0 {
		words, name.namespace = words[i+len("metallb-system/"):], "metallb-system"
	}
	pod, container, _ := bytes.Cut(words, []byte("/"))
	if i := bytes.IndexAny(words, " :"); i > 0 {
		pod, container = words[:i], bytes.TrimLeft(words[i:], " :/-")
	}
	if !isPodOfOurs(pod) || len(container) > 40 || bytes.IndexByte(container, ' ') >= 0 {
		return name, false
	}
	name.pod, name.container = string(pod), string(bytes.TrimSuffix(container, []byte(".log")))
	return name, true
}

// isPodOfOurs knows the names of pods of MetalLB's and frr-k8s' workloads: WORKLOAD-SUFFIX.
func isPodOfOurs(pod []byte) bool {
	i := bytes.LastIndexByte(pod, '-')
	if i < 4 || i == len(pod)-1 {
		return false
	}
	for _, c := range pod {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return bytes.Contains(pod[:i+1], []byte("speaker-")) || bytes.Contains(pod[:i+1], []byte("controller-")) || bytes.Contains(pod, []byte("frr-k8s-"))
}
