package foreign

import (
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// lookahead is how many lines behind a first line are looked at to tell what begins there.
const lookahead = 60

// startKind says what begins at line i of lines[:to]; "" when nothing known does.
func startKind(lines []string, i, to int) schema.Kind {
	t := strings.TrimSpace(lines[i])
	if t == "" {
		return ""
	}
	next := nextText(lines, i+1, to)
	if k := logLine(t); k != "" {
		return k
	}
	if w := lineWrap(t); w != schema.WrapNone {
		return wrappedKind(lines, i, to, w)
	}
	if k := structured(lines, i, to, t, next); k != "" {
		return k
	}
	switch {
	case isMetric(t):
		return schema.KindMetrics
	case isHeader(t) && (next == "" || !isHeader(next) || len(columns(unframe(t))) > 1), isNoResources(t), isServiceRow(t), isPodRow(t):
		return schema.KindTable
	case startsDescribe(lines, i, to, t, next):
		return schema.KindDescribe
	case isDaemons(t):
		return schema.KindDaemons
	}
	if k := routerText(t, next); k != "" {
		return k
	}
	if isConfStart(t, nextRaw(lines, i+1, to)) {
		if strings.HasPrefix(t, "Building configuration") && strings.HasPrefix(next, "Current configuration : ") {
			return schema.KindRouter
		}
		return schema.KindFRRConf
	}
	if k := netLine(t); k != "" {
		if k == schema.KindIPLink || k == schema.KindIPAddr {
			return interfaces(lines, i, to, k)
		}
		return k
	}
	if isShellText(t) {
		return schema.KindShell
	}
	return ""
}

// nextText is the next line that is not blank, trimmed; nextRaw is the next line as it is.
func nextText(lines []string, i, to int) string {
	for ; i < to; i++ {
		if t := strings.TrimSpace(lines[i]); t != "" {
			return t
		}
	}
	return ""
}

func nextRaw(lines []string, i, to int) string {
	if i < to {
		return strings.TrimRight(lines[i], " \t\r")
	}
	return ""
}

// wrappedKind says of what the log is whose lines begin at i and have the wrapper w: the kind of most of them.
func wrappedKind(lines []string, i, to int, w schema.Wrap) schema.Kind {
	return majority(lines[i:min(to, i+200)], w)
}

// majority is the kind of log that most of the lines are of; KindOtherLog when none of them is known.
func majority(lines []string, w schema.Wrap) schema.Kind {
	count := map[schema.Kind]int{}
	for _, line := range lines {
		if w == schema.WrapNone || lineWrap(line) == w {
			count[logLine(strings.TrimSpace(unwrapLine(w, line)))]++
		}
	}
	best, most := schema.KindOtherLog, 0
	for _, k := range []schema.Kind{schema.KindLog, schema.KindFRRLog, schema.KindReload, schema.KindOtherLog, schema.KindRouter} {
		if count[k] > most {
			best, most = k, count[k]
		}
	}
	return best
}

// interfaces tells `ip addr` from `ip link`: the first has addresses within the lines of an interface.
func interfaces(lines []string, i, to int, k schema.Kind) schema.Kind {
	if !ipHead(strings.TrimSpace(lines[i])) && k == schema.KindIPAddr {
		return k
	}
	for j := i; j < to && j < i+400; j++ {
		t := strings.TrimSpace(lines[j])
		if strings.HasPrefix(t, "inet ") || strings.HasPrefix(t, "inet6 ") {
			return schema.KindIPAddr
		}
		if t != "" && !ipHead(t) && lines[j][0] != ' ' && lines[j][0] != '\t' {
			break
		}
	}
	return k
}

// startsDescribe wants two lines of `kubectl describe`, or its table of events.
func startsDescribe(lines []string, i, to int, t, next string) bool {
	if describedEvent(t) {
		return true
	}
	key := describeKey(t)
	if key == "" {
		return false
	}
	if key == "Events" {
		f := strings.Fields(next)
		return len(f) > 2 && f[0] == "Type" && f[1] == "Reason" || strings.HasSuffix(t, "<none>")
	}
	if !strings.Contains(t, ":  ") && !strings.HasSuffix(t, ":") {
		return false
	}
	for j := i + 1; j < to && j < i+12; j++ {
		s := strings.TrimSpace(lines[j])
		if k := describeKey(s); k != "" && k != key && (strings.Contains(s, ":  ") || k == "Events") {
			return true
		}
	}
	return false
}

// describedEvent tells whether a line is of the table of events at the end of `kubectl describe`, which people paste without what
// stands above it: the titles, or a row "Warning  REASON  4m21s (x3 over 9m)  SOURCE  MESSAGE".
func describedEvent(t string) bool {
	f := strings.Fields(t)
	if len(f) < 5 {
		return false
	}
	if f[0] == "Type" && f[1] == "Reason" {
		return f[2] == "Age" && f[3] == "From" && f[4] == "Message"
	}
	if f[0] != "Warning" && f[0] != "Normal" || !letters(f[1]) || f[2][0] < '0' || f[2][0] > '9' {
		return false
	}
	switch f[2][len(f[2])-1] {
	case 's', 'm', 'h', 'd', 'y':
		return !strings.Contains(f[3], "/") // a row of `kubectl get events` has the object there
	}
	return false
}

// letters tells whether a word has letters alone.
func letters(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// structured takes YAML and JSON.
func structured(lines []string, i, to int, t, next string) schema.Kind {
	switch t[0] {
	case '{', '[':
		return jsonKind(lines, i, to, t)
	case '#', '-':
		if t == "---" || t[0] == '#' && (t == "#" || t[1] == ' ' || t[1] == '#') || strings.HasPrefix(t, "--- #") {
			return yamlBehind(lines, i, to)
		}
		t = strings.TrimLeft(strings.TrimPrefix(t, "-"), " ")
	}
	return yamlKind(lines, i, to, t, next)
}

// yamlBehind looks behind comments and document marks for the first line of YAML.
func yamlBehind(lines []string, i, to int) schema.Kind {
	for j := i; j < to && j < i+lookahead; j++ {
		t := strings.TrimSpace(lines[j])
		if t == "" || t[0] == '#' || t == "---" || strings.HasPrefix(t, "--- ") {
			if t != "" && t[0] == '#' {
				if _, ok := bareHash(t); ok {
					return ""
				}
			}
			continue
		}
		return yamlKind(lines, j, to, strings.TrimPrefix(t, "- "), nextText(lines, j+1, to))
	}
	return ""
}

// yamlKind says what YAML begins with the line t.
func yamlKind(lines []string, i, to int, t, next string) schema.Kind {
	key, value, ok := strings.Cut(t, ":")
	if !ok || key == "" || strings.ContainsAny(key, " \t") && key != "USER-SUPPLIED VALUES" && key != "COMPUTED VALUES" {
		return ""
	}
	value = strings.TrimSpace(value)
	if strings.HasPrefix(value, "#") {
		value = ""
	}
	switch strings.Trim(key, `"'`) {
	case "apiVersion":
		return pick(value != "" && !strings.Contains(value, " "), schema.KindObjects)
	case "kind":
		return pick(value != "" && !strings.Contains(value, " ") && (strings.HasPrefix(next, "apiVersion:") || strings.HasPrefix(next, "metadata:") || strings.HasPrefix(next, "items:")), schema.KindObjects)
	case "metadata", "items", "spec", "data", "status":
		return pick((value == "" || value == "[]" || value == "{}") && hasObjectKeys(lines, i, to), schema.KindObjects)
	case "address-pools", "bgp-communities", "peers":
		return pick(value == "" && (strings.HasPrefix(next, "- ") || strings.Contains(next, ":")) || value == "[]", schema.KindLegacy)
	case "USER-SUPPLIED VALUES", "COMPUTED VALUES", "configInline":
		return schema.KindHelm
	case "controller", "speaker", "frrk8s", "frr-k8s", "prometheus", "metallb", "loadBalancerClass", "crds", "rbac", "psp", "imagePullSecrets", "nameOverride", "fullnameOverride":
		return pick((value == "" || !strings.Contains(value, " ")) && helmLike(lines, i, to), schema.KindHelm)
	}
	return ""
}

// hasObjectKeys says whether apiVersion and kind stand at the indentation of line i further down in the same document.
func hasObjectKeys(lines []string, i, to int) bool {
	indent := indentOf(lines[i])
	found := 0
	for j := i + 1; j < to && j < i+500; j++ {
		if indentOf(lines[j]) != indent {
			continue
		}
		t := strings.TrimSpace(lines[j])
		if t == "---" {
			break
		}
		if strings.HasPrefix(t, "kind:") || strings.HasPrefix(t, "apiVersion:") {
			if found++; found == 2 {
				return true
			}
		}
	}
	return false
}

// helmLike wants a nested key of MetalLB's chart below line i.
func helmLike(lines []string, i, to int) bool {
	for j := i; j < to && j < i+lookahead; j++ {
		key, _, ok := strings.Cut(strings.TrimSpace(lines[j]), ":")
		if ok && j > i && indentOf(lines[j]) > indentOf(lines[i]) && helmKeys[key] {
			return true
		}
	}
	return false
}

var helmKeys = wordSet(`logLevel enabled image repository frr tolerateMaster serviceMonitor nodeSelector tolerations resources memberlist excludeInterfaces podMonitor
	webhookMode strategy ignoreExcludeLB frrk8s external namespace metrics validationFailurePolicy tag pullPolicy affinity labels runtimeClassName updateStrategy
	secureMetricsPort metricsPort priorityClassName`)

// jsonKind says what JSON begins at line i: objects of Kubernetes, FRR's or another router's output, or that of ip -j.
func jsonKind(lines []string, i, to int, t string) schema.Kind {
	if len(t) > 1 && t[0] == '[' && !strings.ContainsAny(t[1:2], " {]\"\t[") {
		return ""
	}
	if len(t) > 1 && t[0] == '{' && !strings.ContainsAny(t[1:2], " \"}\t") {
		return ""
	}
	var b strings.Builder
	for j := i; j < to && j < i+lookahead && b.Len() < 3<<10; j++ {
		line := strings.TrimSpace(lines[j])
		b.WriteString(line[:min(len(line), 3<<10)])
		b.WriteByte('\n')
	}
	text := b.String()
	squeezed := strings.Join(strings.Fields(text), "")
	switch {
	case strings.Contains(text, `"apiVersion"`) || strings.Contains(text, `"kind"`) && strings.Contains(text, `"metadata"`) || strings.Contains(squeezed, `"type":"ADDED"`),
		strings.HasPrefix(squeezed, `{"items":`), strings.HasPrefix(squeezed, `{"metadata":{`):
		return schema.KindObjects
	case squeezed == "{}" || squeezed == "[]" || squeezed == "{" || squeezed == "[":
		return schema.KindVtysh // what FRR prints for "none"; kubectl prints a List
	case containsAny(text, `"apply_policy"`, `"peer_asn"`, `"TABLE_vrf"`, `"prefixAccepted"`, `"bgp-information"`), strings.Contains(text, `"vrfs"`) && strings.Contains(text, `"peers"`):
		return schema.KindRouter
	case containsAny(text, `"ipv4Unicast"`, `"ipv6Unicast"`, `"vrfId"`, `"remoteAs"`, `"bgpState"`, `"bgpTableVersion"`, `"remote-id"`, `"BGP instance`, `"Default BGP instance`,
		`"bgpNoSuchNeighbor"`, `"peerUptime"`, `"advertisedRoutes"`, `"tableVersion"`, `"View/Vrf`, `"nexthopGroupId"`, `"selectedNexthop`, `"warning"`, `"internalNextHopNum"`,
		`"frrVersion"`, `"hostLocal"`, `"default":{`, `"vrfName"`, `"multihop"`, `"sessionCount"`, `"vrfs"`), strings.Contains(text, `"prefix"`) && containsAny(text, `"advertisedTo"`, `"paths"`, `"protocol"`):
		return schema.KindVtysh
	case strings.Contains(text, `"addr_info"`):
		return schema.KindIPAddr
	case strings.Contains(text, `"ifname"`) && strings.Contains(text, `"operstate"`):
		return schema.KindIPLink
	case strings.Contains(text, `"dst"`) && (strings.Contains(text, `"gateway"`) || strings.Contains(text, `"dev"`)):
		return pick(strings.Contains(text, `"lladdr"`), schema.KindIPNeigh)
	}
	return ""
}

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// indentOf counts the blanks before a line's text; a blank line has a large one, so that it never ends a block.
func indentOf(s string) int {
	for i := range len(s) {
		if s[i] != ' ' && s[i] != '\t' {
			if s[i] == '\r' {
				break
			}
			return i
		}
	}
	return 1 << 20
}
