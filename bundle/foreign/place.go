package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// place is whose a file is, by its path.
type place struct {
	namespace, pod, container string
	node, host                string
	previous                  bool
	router, client            bool
	routerName                string
}

// fill sets what o does not know yet.
func (p place) fill(o *schema.Origin) {
	set := func(to *string, v string) {
		if *to == "" {
			*to = v
		}
	}
	set(&o.Namespace, p.namespace)
	set(&o.Pod, p.pod)
	set(&o.Container, p.container)
	set(&o.Node, p.node)
	set(&o.Host, p.host)
	o.Previous = o.Previous || p.previous
	if o.Kind != schema.KindObjects { // an object's name says nothing of where it is from
		set(&o.RouterName, p.routerName)
		o.Router = o.Router || p.router
		o.Client = o.Client || p.client
	}
}

// placeOf reads a path from its last element up: the layouts of collect.sh, must-gather, /var/log/pods, /var/log/containers and those
// that people make by hand (POD.CONTAINER.log, nodes/NODE/ip-addr.txt, vtysh_NODE_show-bgp-summary.txt, router/show-bgp-summary.txt).
func placeOf(path string) place {
	var p place
	path = strings.ReplaceAll(path, "\\", "/")
	parts := strings.Split(strings.ReplaceAll(path, "!/", "/"), "/")
	inner := path
	if i := strings.LastIndex(path, "!/"); i >= 0 {
		inner = path[i+2:]
	}
	base := parts[len(parts)-1]
	folders := parts[:len(parts)-1]
	p.previous = strings.Contains(base, "previous")
	p.namespaced(parts)
	if p.namespace == "" {
		p.side(strings.Split(inner, "/"))
	}
	if p.router || p.client {
		return p
	}
	for i, f := range parts {
		if p.podLogs(f, parts[i+1:]) {
			return p
		}
	}
	if p.containerLog(base) {
		return p
	}
	p.podIn(folders, base)
	if p.pod == "" {
		p.nodeIn(folders, base)
	}
	return p
}

// side takes folders and names that say that a file is from a router or from a client.
func (p *place) side(parts []string) {
	for i, part := range parts {
		words := words(stem(part))
		for j, w := range words {
			switch w {
			case "router", "tor", "switch", "gateway", "gw", "spine", "leaf", "upstream":
				if j > 0 && w != "router" && w != "switch" {
					continue
				}
				if part == stem(part) && i < len(parts)-1 && len(words) > 1 && j > 0 {
					continue
				}
				p.router, p.routerName = true, w
				if j == 0 && len(words) == 2 && i == len(parts)-1 && !isNodeCommand(words[1]) {
					p.routerName = words[1]
				}
				return
			case "client", "laptop", "workstation", "outside":
				if w == "client" && len(words) > 2 && words[0] != "client" && words[len(words)-1] != "client" {
					continue
				}
				p.client = true
				return
			}
		}
	}
}

// namespaced takes must-gather's namespaces/NS/.
func (p *place) namespaced(parts []string) {
	for i, f := range parts {
		if f == "namespaces" && i+1 < len(parts)-1 {
			p.namespace = parts[i+1]
			rest := parts[i+2:]
			if len(rest) > 2 && rest[0] == "pods" {
				p.pod = rest[1]
				if len(rest) > 3 {
					p.container = rest[2]
				}
			}
			return
		}
	}
}

// podLogs takes /var/log/pods: NAMESPACE_POD_UID/CONTAINER/N.log.
func (p *place) podLogs(folder string, rest []string) bool {
	f := strings.Split(folder, "_")
	if len(f) != 3 || len(f[2]) < 32 || len(rest) < 2 {
		return false
	}
	for i := range len(f[2]) {
		if !isHex(f[2][i]) && f[2][i] != '-' {
			return false
		}
	}
	p.namespace, p.pod, p.container = f[0], f[1], rest[0]
	return true
}

// containerLog takes /var/log/containers: POD_NAMESPACE_CONTAINER-ID.log, where ID has 64 digits.
func (p *place) containerLog(base string) bool {
	f := strings.Split(strings.TrimSuffix(base, ".log"), "_")
	if len(f) != 3 {
		return false
	}
	i := strings.LastIndexByte(f[2], '-')
	if i <= 0 || len(f[2])-i-1 != 64 {
		return false
	}
	p.pod, p.namespace, p.container = f[0], f[1], f[2][:i]
	return true
}

// podIn finds a pod's name in the file's name or a folder above, and the container beside it.
func (p *place) podIn(folders []string, base string) {
	name := stem(base)
	if p.pod == "" {
		if pod, rest := podName(name); pod != "" {
			p.pod = pod
			p.setContainer(rest)
		}
	}
	for i := len(folders) - 1; i >= 0 && p.pod == ""; i-- {
		pod, _ := podName(folders[i])
		if pod == "" && i > 0 && folders[i-1] == "pods" && isKubeName(folders[i]) {
			pod = folders[i] // collect.sh: pods/POD/speaker.log
		}
		if pod == "" {
			continue
		}
		p.pod = pod
		if i > 0 && p.namespace == "" && isKubeName(folders[i-1]) && (strings.Contains(folders[i-1], "metallb") || i > 1 && folders[i-2] == "logs") {
			p.namespace = folders[i-1]
		}
		if len(folders) > i+1 && p.container == "" {
			p.setContainer(folders[i+1])
		}
		if p.container == "" {
			p.setContainer(strings.TrimSuffix(name, ".previous"))
		}
	}
}

// setContainer takes the name of a container from what stands beside a pod's name.
func (p *place) setContainer(s string) {
	s = strings.Trim(s, "-_.")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "previous"), ".")
	if p.container == "" && containerNames[s] {
		p.container = s
	}
}

var containerNames = wordSet(`controller speaker frr reloader frr-metrics frr-status frr-k8s kube-rbac-proxy frr-k8s-statuscleaner frr-k8s-webhook-server
	manager statuscleaner webhook-server cp-frr-files cp-reloader cp-metrics kube-rbac-proxy-frr`)

// podWords end the part of a pod's name that its workload gives.
var podWords = []string{"frr-k8s-statuscleaner", "frr-k8s-webhook-server", "frr-k8s-daemon", "frr-k8s", "speaker", "controller", "metallb-operator-webhook-server", "metallb-operator-controller-manager"}

// podName finds the name of a pod of MetalLB in s: a workload's name and the random letters that Kubernetes puts behind it. rest is
// what stands behind the name.
func podName(s string) (pod, rest string) {
	for _, w := range podWords {
		from := 0
		for {
			at := strings.Index(s[from:], w+"-")
			if at < 0 {
				break
			}
			at += from
			from = at + len(w)
			end := randomTail(s, from)
			if end < 0 {
				continue
			}
			start := at
			for start > 0 && (s[start-1] == '-' || isDigit(s[start-1]) || s[start-1] >= 'a' && s[start-1] <= 'z') {
				start--
			}
			return strings.TrimLeft(s[start:end], "-"), s[end:]
		}
	}
	return "", ""
}

// randomTail takes "-HASH-ABCDE" or "-ABCDE" at s[i:], of the letters that Kubernetes draws; it returns where it ends, or -1.
func randomTail(s string, i int) int {
	rest := s[i:]
	end := len(rest)
	for j := range len(rest) {
		if c := rest[j]; c != '-' && !isDigit(c) && (c < 'a' || c > 'z') {
			end = j
			break
		}
	}
	parts := strings.Split(strings.TrimPrefix(rest[:end], "-"), "-")
	switch {
	case len(parts) >= 2 && len(parts[0]) >= 5 && len(parts[0]) <= 10 && hasDigit(parts[0]) && isRandom(parts[1]):
		return i + 1 + len(parts[0]) + 1 + 5
	case isRandom(parts[0]) && !containerNames[parts[0]]:
		return i + 1 + 5
	}
	return -1
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// isRandom takes five of the letters that Kubernetes draws names from: no vowels, no 0, 1, 3.
func isRandom(s string) bool {
	if len(s) != 5 {
		return false
	}
	for i := range len(s) {
		if !strings.Contains("bcdfghjklmnpqrstvwxz2456789", s[i:i+1]) {
			return false
		}
	}
	return true
}

// nodeIn takes a node from nodes/NODE/..., hosts/NODE.ip-addr, vtysh/NODE/show-..., NODE_ip-addr.txt, vtysh_NODE_show-...,
// frr.conf.NODE, speaker-NODE.log, "on-NODE".
func (p *place) nodeIn(folders []string, base string) {
	for i := len(folders) - 1; i > 0; i-- {
		switch folders[i-1] {
		case "nodes", "hosts", "vtysh", "frr":
			if isKubeName(folders[i]) && folders[i] != "logs" && !(i > 1 && folders[i-2] == "core") {
				p.node, p.host = folders[i], folders[i]
				return
			}
		}
	}
	name := base
	for {
		cut := name
		for _, tail := range []string{".txt", ".json", ".out", ".log", ".previous", "-previous", "_previous", ".prev"} {
			cut = strings.TrimSuffix(cut, tail)
		}
		if cut == name {
			break
		}
		name = cut
	}
	if n := besideCommand(name); n != "" {
		p.node, p.host = n, n
		return
	}
	for _, w := range []string{"speaker", "frr-k8s", "frr"} {
		rest, ok := strings.CutPrefix(name, w)
		if !ok || len(rest) < 3 || rest[0] != '-' && rest[0] != '_' && rest[0] != '.' {
			continue
		}
		if rest = rest[1:]; isKubeName(rest) && !notNodes[rest] && !notNodes[words(rest)[0]] && !isNumber(rest) {
			p.host, p.node = rest, rest
			if w != "frr-k8s" && (w == "speaker" || p.container == "") {
				p.container = w
			}
			return
		}
	}
	if i := strings.LastIndex("-"+name, "-on-"); i >= 0 && isKubeName(name[i+3:]) {
		p.host = name[i+3:]
		return
	}
	for _, tail := range []string{"-network", "-debug", "-net", "-info", "-dump"} {
		if strings.HasPrefix(name, "show-") {
			break
		}
		if h, ok := strings.CutSuffix(name, tail); ok && isKubeName(h) {
			p.host = h
		}
	}
}

// notNodes stand behind "speaker-" and name no node.
var notNodes = wordSet(`log logs previous debug all pods pod yaml ds daemonset daemons k8s metrics status conf reloader crds out text old new full tail describe`)

// nodeCommands are the names that people give to outputs taken on a node.
var nodeCommands = []string{"ip-addr", "ip-address", "ip-route", "ip-rule", "ip-neigh", "ip-link", "iptables-save", "iptables", "nft", "sysctl", "sockets", "ipvsadm", "conntrack",
	"tcpdump", "capture", "frr.conf", "advertised-routes", "dmesg", "journal", "running-config"}

func isNodeCommand(w string) bool {
	switch w {
	case "show", "log", "logs", "sysctl", "config", "conf", "ip", "bgp", "side", "out", "output", "frr", "routes", "table", "info", "neighbors", "summary":
		return true
	}
	return false
}

// besideCommand finds the node in "NODE_ip-addr", "NODE.show-bgp-summary", "vtysh_NODE_show-bgp-summary", "frr.conf.NODE".
func besideCommand(name string) string {
	for _, lead := range []string{"vtysh_", "vtysh-", "frr_", "node_"} {
		if rest, ok := strings.CutPrefix(name, lead); ok {
			name = rest
		}
	}
	if rest, ok := strings.CutPrefix(name, "frr.conf."); ok && isKubeName(rest) {
		return rest
	}
	for _, sep := range []string{".", "_", "-"} {
		if i := strings.Index(name, sep+"show-"); i > 0 && isKubeName(name[:i]) {
			return name[:i]
		}
		if strings.HasPrefix(name, "show-") || strings.HasPrefix(name, "show_") {
			continue
		}
		for _, c := range nodeCommands {
			if n, ok := strings.CutSuffix(name, sep+c); ok && isKubeName(n) && n != "show" {
				return n
			}
		}
	}
	return ""
}

// stem is a name without the endings that say what kind of file it is.
func stem(name string) string {
	for _, e := range []string{".gz", ".txt", ".log", ".yaml", ".yml", ".json", ".out", ".prom", ".pcap", ".md"} {
		name = strings.TrimSuffix(name, e)
	}
	return name
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == ' ' })
}
