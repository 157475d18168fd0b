package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// remarker finds remarks in lines that no tool takes. A remark said again is counted.
type remarker struct {
	known    map[remarkKey]int // index in out.Remarks
	looked   int               // number of the last line looked at
	found    bool              // and whether it held a remark
	sentence string            // of prose, as far as it is read
	from     schema.Evidence   // the line where it begins
	lastLine int               // the number of the line that it goes on in
	topic    string            // heading of an issue form whose answer comes next
	table    map[string]string // rows of an OpenStack table
	tableSrc map[string]schema.Evidence
	dull     map[uint64]struct{} // shapes of lines of logs that hold no remark
	heading  string              // of a table or list of a CNI's tool
	fronts   int                 // rows of `cilium service list`
	frontSrc schema.Evidence
}

type remarkKey struct{ id, service, addr, node, value string }

func (r *remarker) init() { r.known, r.dull = map[remarkKey]int{}, map[uint64]struct{}{} }

// add keeps a remark, or counts it when it was said before.
func (r *remarker) add(c *state, l line, m model.Remark) {
	if m.Text == "" {
		m.Text = cut(l.trim(), 400)
	}
	r.addAt(c, c.ev(l), m)
}

// addAt is add for a line that may have gone by.
func (r *remarker) addAt(c *state, ev schema.Evidence, m model.Remark) {
	r.found = true
	k := remarkKey{m.ID, m.Service, m.Addr, m.Node, m.Value}
	if i, ok := r.known[k]; ok {
		c.out.Remarks[i].Count++
		return
	}
	if len(r.known) >= maxRemarks || !c.room() {
		return
	}
	m.Origin, m.Src, m.Count = c.o, ev, 1
	r.known[k] = len(c.out.Remarks)
	c.out.Remarks = append(c.out.Remarks, m)
}

// look reads a line for remarks; it says whether there was one. Looking twice at a line counts once.
func (r *remarker) look(c *state, l line) bool {
	if r.looked == l.n {
		return r.found
	}
	r.looked, r.found = l.n, false
	if len(l.text) > 4000 {
		l.text = cut(l.text, 4000)
	}
	s := l.trim()
	if s == "" {
		return false
	}
	shape := uint64(0)
	if words := c.o.Kind != schema.KindShell && c.o.Kind != schema.KindProse; words {
		shape = shapeOf(s)
		if _, ok := r.dull[shape]; ok {
			return false
		}
	}
	r.rules(c, l, s)
	if shape != 0 && !r.found && len(r.dull) < maxShapes {
		r.dull[shape] = struct{}{}
	}
	return r.found
}

// maxShapes bounds the shapes that are remembered.
const maxShapes = 20_000

// shapeOf is a hash (FNV-1a) of a line without its digits: lines of a log that differ in numbers alone say the same.
func shapeOf(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	return h | 1
}

// rules holds a line against all rules.
func (r *remarker) rules(c *state, l line, s string) {
	lower := strings.ToLower(s)
	switch {
	case r.openstack(c, l, s):
	case r.cni(c, l, s, lower):
	}
	r.facts(c, l, s, lower)
	r.kernel(c, l, s, lower)
	if prose(c) && c.seen.Lines <= maxProse {
		r.cluster(c, l, s, lower)
		r.says(c, l, s)
		return
	}
	if proxyConfig(c.cmd.text) {
		r.kubeProxy(c, l, lower)
	}
	if c.o.Kind == schema.KindShell && strings.Contains(lower, "image") {
		r.images(c, l, lower) // kubectl get pods -o yaml | grep image
	}
}

// proxyConfig says whether a command prints kube-proxy's ConfigMap, of which a grep may leave two lines.
func proxyConfig(cmd string) bool {
	return strings.Contains(cmd, "kube-proxy") && (strings.Contains(cmd, " cm ") || strings.Contains(cmd, "configmap"))
}

// prose says whether the lines now are a person's words, or may be: no command printed them, but one that prints a file as it is.
func prose(c *state) bool {
	return c.o.Kind == schema.KindProse || c.o.Kind == schema.KindShell && (c.cmd.text == "" || printsFile(c.cmd.text))
}

// printsFile says whether a command prints a file as it is: cat NAME.
func printsFile(cmd string) bool {
	f := strings.Fields(strings.TrimPrefix(cmd, "sudo "))
	if len(f) < 2 || len(f) > 4 || strings.Contains(cmd, "|") || strings.HasPrefix(f[1], "/") {
		return false // what stands at a fixed place is no note of a person
	}
	switch f[0] {
	case "cat", "less", "more", "type", "bat":
		return true
	}
	return false
}

// command looks at a command line itself: it may name facts of the cluster (helm --set, a version).
func (r *remarker) command(c *state, l line) {
	if p := strings.ToLower(c.cmd.text); strings.HasPrefix(p, "helm ") {
		r.looked = l.n
		r.cluster(c, l, c.cmd.text, p)
	}
}

// flush ends what was open at the end of the member.
func (r *remarker) flush(c *state) {
	r.endTables(c)
	r.endSentence(c)
}

// fact is one rule: a line that holds one of any, one of with, all of all and none of none says id.
type fact struct {
	id    string
	any   []string
	all   []string
	with  []string // one of these too; empty: nothing more
	none  []string
	value func(s, lower string) string // nil: no value
}

// match tells whether a rule takes a line.
func (f *fact) match(lower string) bool {
	if !has(lower, f.any...) || len(f.none) > 0 && has(lower, f.none...) {
		return false
	}
	if len(f.with) > 0 && !has(lower, f.with...) {
		return false
	}
	for _, w := range f.all {
		if !strings.Contains(lower, w) {
			return false
		}
	}
	return true
}

// facts applies the table of what Kubernetes, its programs and firewalls print.
func (r *remarker) facts(c *state, l line, s, lower string) {
	for i := range kubeFacts {
		f := &kubeFacts[i]
		if !f.match(lower) {
			continue
		}
		m := model.Remark{ID: f.id, Addr: firstAddr(s), Service: serviceIn(s), Node: nodeIn(s, lower)}
		if f.value != nil {
			m.Value = f.value(s, lower)
		}
		if dst := value(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '=' }), "DST"); f.id == model.RemarkFirewallLog && isAddr(dst) {
			m.Addr = dst
		}
		r.add(c, l, m)
	}
	if m, ok := denied(s, lower); ok {
		r.add(c, l, m)
	}
}

func quoted(s, lower string) string {
	v, _ := between(s, `"`, `"`)
	return v
}

func behind(marks ...string) func(s, lower string) string {
	return func(s, lower string) string {
		for _, m := range marks {
			if i := strings.Index(lower, m); i >= 0 && i+len(m) <= len(s) {
				return cut(strings.Trim(strings.TrimSpace(s[i+len(m):]), `"'.`), 200)
			}
		}
		return ""
	}
}

func word(words ...string) func(s, lower string) string {
	return func(_, lower string) string { return first(lower, words...) }
}

// kubeFacts are the lines of kubectl, events, kubelets and firewalls that checks may need. Go's and C's words for a failed
// connection are in outcomeOf.
var kubeFacts = []fact{
	{id: model.RemarkWebhookCallFailed, any: []string{"failed calling webhook", "failed to call webhook"}, value: webhookCause},
	{id: model.RemarkForbidden, any: []string{"error from server (forbidden)", " is forbidden: user "}, value: forbidden},
	{id: model.RemarkNoResources, any: []string{"no resources found"}},
	{id: model.RemarkNotFound, any: []string{"error from server (notfound)"}, value: notFound},
	{id: model.RemarkNotServed, any: []string{"the server doesn't have a resource type", "no matches for kind", "could not find the requested resource", "unable to recognize"}, value: quoted},
	{id: model.RemarkAPIUnreachable, any: []string{"unable to connect to the server", "the connection to the server "}, value: func(_, lower string) string { return outcomeOf(lower) }},
	{id: model.RemarkInvalidObject, any: []string{" is invalid: ", "error validating data", "strict decoding error", "error converting yaml", "error parsing "}, none: []string{"failed to parse configuration"}, value: behind("is invalid: ", "validating data: ", "decoding error: ")},
	{id: model.RemarkQuota, any: []string{"exceeded quota", "violates podsecurity"}, value: func(_, lower string) string {
		if strings.Contains(lower, "podsecurity") {
			return "pod-security"
		}
		return "quota"
	}},
	{id: model.RemarkFailedCreate, any: []string{"failedcreate", "error creating: pods"}, value: behind("error creating: ", "failedcreate")},
	{id: model.RemarkImagePull, any: []string{"imagepullbackoff", "errimagepull", "failed to pull image", "back-off pulling image", "toomanyrequests"}, value: quoted},
	{id: model.RemarkFailedScheduling, any: []string{"failedscheduling", "nodes are available:"}, value: behind("failedscheduling", "nodes are available: ")},
	{id: model.RemarkFailedMount, any: []string{"failedmount", "mountvolume.setup failed"}, value: behind("mountvolume.setup failed for volume ", "failedmount")},
	{id: model.RemarkCrashLoop, any: []string{"crashloopbackoff", "back-off restarting failed container"}, value: func(s, _ string) string { return firstField(s) }},
	{id: model.RemarkOOMKilled, any: []string{"oomkilled", "oom-kill:", "out of memory: killed process", "memory cgroup out of memory"}, value: func(s, _ string) string { v, _ := between(s, "(", ")"); return v }},
	{id: model.RemarkProbeFailed, any: []string{"readiness probe failed", "liveness probe failed", "startup probe failed"}, value: behind("probe failed: ")},
	{id: model.RemarkEvicted, any: []string{"the node was low on resource", " evicted "}},
	{id: model.RemarkSandboxFailed, any: []string{"failed to create pod sandbox", "failedcreatepodsandbox", "failed to setup network for sandbox", "networkplugin cni failed"}, value: behind("pod sandbox: ", "sandbox ")},
	{id: model.RemarkNodeNotReady, any: []string{"nodenotready", "node is not ready", "cni plugin not initialized", "networkpluginnotready"}, value: behind("message:")},
	{id: model.RemarkNodePressure, any: []string{"diskpressure", "memorypressure", "pidpressure"}, none: []string{"false"}, value: word("diskpressure", "memorypressure", "pidpressure")},
	{id: model.RemarkApplied, any: []string{" created", " configured", " unchanged"}, all: []string{".metallb.io/"}, value: applied},
	{id: model.RemarkLegacyCRD, any: []string{"is deprecated, consider using", "is deprecated in v1", "is deprecated, use "}, value: func(s, _ string) string { return firstField(strings.TrimPrefix(s, "Warning: ")) }},
	{id: model.RemarkSecretMissing, any: []string{`secret "`, "secrets \""}, all: []string{"not found"}, value: func(s, lower string) string { return firstQuotedAfter(s, lower, "secret") }},
	{id: model.RemarkPortTaken, any: []string{"address already in use", "failed to listen", "port is already allocated"}, value: portOf},
	{id: model.RemarkConntrackFull, any: []string{"nf_conntrack: table full", "conntrack: table full", "ip_conntrack: table full"}},
	{id: model.RemarkNeighborOverflow, any: []string{"neighbor table overflow", "neighbour table overflow", "arp_cache: "}},
	{id: model.RemarkFirewallLog, any: []string{"[ufw block]", "iptables-dropped", "ipt drop", "final_reject", "iptables denied", "in_drop", "rejected: in=", "dropped: in="}, value: firewallLog},
	{id: model.RemarkFirewallLog, any: []string{"drop", "block", "reject", "deny", "denied"}, all: []string{"in=", " out=", " src=", " dst=", " proto="},
		none: []string{"[ufw block]", "iptables-dropped", "final_reject", "in_drop", "rejected: in=", "dropped: in="}, value: firewallLog},
	{id: model.RemarkHelmError, any: []string{"installation failed", "upgrade failed", "error: rendered manifests", "error: failed to install"}, value: behind("failed: ")},
	{id: model.RemarkShellError, any: []string{"command not found", "executable file not found in $path", "sh: not found", ": not found", "permission denied"}, none: []string{"publickey", "secret", "error from server", "manifest"}, value: func(s, _ string) string { return cut(s, 80) }},
	{id: model.RemarkHostFirewall, any: []string{"status: active", "active: active (running)", "firewalld.service"}, all: nil, value: hostFirewall},
	{id: model.RemarkIPForwarding, any: []string{"ipforwarding:", `"ipforwarding"`}, value: func(s, lower string) string {
		return strings.Trim(firstField(after(lower, "ipforwarding")[1:]), `":, `)
	}},
	{id: model.RemarkConnectError, any: []string{"dial tcp ", "dial udp "}, all: nil, none: []string{"failed calling webhook", "failed to call webhook"}, value: dialReason},
	{id: model.RemarkSourceDestCheck, any: []string{"sourcedestcheck", "source/dest", "source/destination check"}, value: func(_, lower string) string { return first(lower, "false", "true", "disabled", "enabled") }},
	{id: model.RemarkMulticastSnoop, any: []string{"multicast_snooping", "igmp snooping", "mld snooping"}, value: func(s, _ string) string { return cut(s, 80) }},
	{id: model.RemarkSwitchPort, any: []string{"dynamic arp inspection", "dhcp snooping", "%sw_dai", "port-security", "port security violation", "storm-control", "ip source guard", "arp inspection"}, none: []string{"port_security_enabled"}, value: word("arp inspection", "sw_dai", "dhcp snooping", "port-security", "port security", "storm-control", "source guard")},
	{id: model.RemarkMaxPaths, any: []string{"maximum-paths", "maximum paths", "multipath"}, none: []string{"multipath_hash", "multipathd"}, value: func(_, lower string) string {
		n := firstField(after(lower, "paths "))
		if allDigits(n) {
			return n
		}
		return ""
	}},
	{id: model.RemarkCiliumFeature, any: []string{"auto-disabling"}, value: func(s, _ string) string {
		return cut(strings.TrimSpace(strings.ReplaceAll(cutOff(after(s, "Auto-disabling "), " feature"), `\"`, "")), 160)
	}},
	{id: model.RemarkDrop, any: []string{"drop (", "xx drop"}, all: []string{"flow"}, none: []string{"policy denied"}, value: func(s, _ string) string { v, _ := between(s, "drop (", ")"); return v }},
}

// webhookCause names why a call of a webhook failed, for Value of webhook-call-failed.
// applied reads "ipaddresspool.metallb.io/lan created": the resource and its name.
func applied(_, lower string) string {
	kind, rest, ok := strings.Cut(firstField(lower), ".metallb.io/")
	if !ok || strings.ContainsAny(kind, "\"'(:/") {
		return ""
	}
	return kind + " " + rest
}

func webhookCause(_, lower string) string {
	switch {
	case strings.Contains(lower, "x509"):
		return "x509"
	case has(lower, "no endpoints available"):
		return "no-endpoints"
	case has(lower, "deadline exceeded", "timed out", "timeout awaiting", "client.timeout", "i/o timeout", "request canceled"):
		return "timeout"
	case has(lower, "connection refused"):
		return "refused"
	case has(lower, "no route to host"):
		return "no-route"
	case has(lower, "no such host"):
		return "dns"
	case has(lower, "not found"):
		return "not-found"
	case has(lower, "tls", "certificate"):
		return "tls"
	case strings.HasSuffix(lower, "eof"):
		return "eof"
	}
	return "other"
}

// forbidden returns "VERB RESOURCE" of an RBAC refusal.
func forbidden(s, lower string) string {
	i := strings.Index(lower, "cannot ")
	if i < 0 {
		return ""
	}
	verb := firstField(s[i+7:])
	res, _ := between(s[i:], `resource "`, `"`)
	return strings.TrimSpace(verb + " " + res)
}

// notFound returns "RESOURCE NAME" of: Error from server (NotFound): services "x" not found.
func notFound(s, _ string) string {
	rest := after(s, "): ")
	name, _ := between(rest, `"`, `"`)
	return strings.TrimSpace(firstField(rest) + " " + name)
}

func firstQuotedAfter(s, lower, mark string) string {
	i := strings.Index(lower, mark)
	if i < 0 {
		return ""
	}
	v, _ := between(s[i:], `"`, `"`)
	return v
}

// portOf returns ADDRESS:PORT of a bind error.
func portOf(s, _ string) string {
	for _, w := range strings.Fields(s) {
		w = strings.Trim(w, ",;\"'")
		w = strings.TrimSuffix(w, ":")
		if i := strings.LastIndexByte(w, ':'); i >= 0 && allDigits(w[i+1:]) && len(w) < 60 && !clockTime(w) {
			return w
		}
	}
	return ""
}

// dialReason returns "PORT REASON" of Go's dial error.
func dialReason(s, lower string) string {
	w := strings.Trim(firstField(after(s, "dial tcp ")), ":,")
	_, port := hostPort(w, ':')
	o := outcomeOf(lower)
	if port == 0 {
		return o
	}
	return strings.TrimSpace(itoa(port) + " " + o)
}

// firewallLog returns "PROTO PORT SOURCE" of a line of netfilter's log.
func firewallLog(s, _ string) string {
	var proto, port, src string
	for _, w := range strings.Fields(s) {
		k, v, _ := strings.Cut(w, "=")
		switch k {
		case "PROTO":
			proto = v
		case "DPT":
			port = v
		case "SRC":
			src = v
		}
	}
	return strings.TrimSpace(proto + " " + port + " " + src)
}

// hostFirewall reads the status of ufw and firewalld.
func hostFirewall(s, lower string) string {
	switch {
	case strings.HasPrefix(lower, "status: active"):
		return "ufw active"
	case strings.Contains(lower, "firewalld"):
		return "firewalld named"
	}
	return "service active"
}

// denied reads a refusal of an admission webhook.
func denied(s, lower string) (model.Remark, bool) {
	i := strings.Index(lower, "admission webhook ")
	if i < 0 || !strings.Contains(lower[i:], "denied the request") {
		return model.Remark{}, false
	}
	reason := strings.TrimLeft(after(s[i:], "denied the request"), ": ")
	return model.Remark{ID: model.RemarkWebhookDenied, Value: cut(reason, 300)}, true
}
