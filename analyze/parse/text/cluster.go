package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// cluster reads what people say about their cluster: versions, mode, CNI, kube-proxy, cloud, hypervisor.
func (r *remarker) cluster(c *state, l line, s, lower string) {
	lower = r.form(s, lower)
	if lower == "" {
		return
	}
	r.versions(c, l, lower)
	r.charts(c, l, s, lower)
	r.kubeProxy(c, l, lower)
	r.mode(c, l, lower)
	for i := range nameFacts {
		f := &nameFacts[i]
		for _, n := range f.names {
			if i := wordAt(lower, n.word); i >= 0 && !negated(lower[:i]) {
				r.add(c, l, model.Remark{ID: f.id, Value: n.value, Node: nodeIn(s, lower), Addr: ""})
			}
		}
	}
	r.firewall(c, l, lower)
	r.policies(c, l, s, lower)
	r.periods(c, l, s, lower)
	r.wireless(c, l, s, lower)
	r.namespace(c, l, lower)
}

// namespace reads "namespace is NAME" and "namespace: NAME", with which people place what they paste.
func (r *remarker) namespace(c *state, l line, lower string) {
	for _, lead := range []string{"namespace is ", "namespace: "} {
		_, rest, ok := strings.Cut(lower, lead)
		if !ok {
			continue
		}
		name := strings.FieldsFunc(rest, func(x rune) bool { return !(x >= 'a' && x <= 'z' || x >= '0' && x <= '9' || x == '-') })
		if len(name) > 0 && strings.HasPrefix(strings.Trim(rest, "`'\"* "), name[0]) && len(name[0]) > 1 && name[0] != "the" && name[0] != "not" {
			r.add(c, l, model.Remark{ID: model.RemarkNamespace, Value: name[0]})
		}
		return
	}
}

// form joins the answer of an issue form to its heading: "### MetalLB Version", a blank line, "v0.14.3".
func (r *remarker) form(s, lower string) string {
	if strings.HasPrefix(s, "#") {
		r.topic = strings.TrimSpace(strings.TrimLeft(lower, "# "))
		return lower
	}
	topic := r.topic
	r.topic = ""
	if topic != "" && len(topic) < 60 && len(lower) < 120 {
		return topic + " " + lower
	}
	return lower
}

// negated says whether the words in front of a name take it back: "no kube-proxy", "without BGP", "instead of Calico", "not on AWS".
func negated(before string) bool {
	before = strings.TrimRight(before, " \"'`*(")
	for _, w := range []string{"no", "not", "without", "not on", "not in", "not using", "instead of", "isn't", "never", "disabled", "from", "removed", "like", "unlike", "not a"} {
		if strings.HasSuffix(before, " "+w) || before == w {
			return w != "from"
		}
	}
	return false
}

type nameValue struct{ word, value string }

// nameFacts are names that tell a fact by standing there.
var nameFacts = []struct {
	id    string
	names []nameValue
}{
	{model.RemarkCNI, []nameValue{{"calico", "calico"}, {"cilium", "cilium"}, {"flannel", "flannel"}, {"canal", "canal"}, {"weave", "weave"}, {"weave-net", "weave"}, {"kube-router", "kube-router"},
		{"antrea", "antrea"}, {"ovn-kubernetes", "ovn-kubernetes"}, {"ovnkubernetes", "ovn-kubernetes"}, {"kube-ovn", "kube-ovn"}, {"multus", "multus"}, {"openshift-sdn", "openshift-sdn"}}},
	{model.RemarkCloud, []nameValue{{"openstack", "openstack"}, {"aws", "aws"}, {"ec2", "aws"}, {"eks", "aws"}, {"gcp", "gcp"}, {"google cloud", "gcp"}, {"gce", "gcp"}, {"gke", "gcp"}, {"azure", "azure"}, {"aks", "azure"},
		{"hetzner", "hetzner"}, {"digitalocean", "digitalocean"}, {"digital ocean", "digitalocean"}, {"ovh", "ovh"}, {"oracle cloud", "oracle"}, {"oci", "oracle"}, {"linode", "linode"}, {"vultr", "vultr"}, {"ibm cloud", "ibm"},
		{"alibaba", "alibaba"}, {"aliyun", "alibaba"}, {"scaleway", "scaleway"}, {"equinix", "equinix"}, {"contabo", "contabo"}, {"netcup", "netcup"}, {"ionos", "ionos"}}},
	{model.RemarkHypervisor, []nameValue{{"vmware", "vmware"}, {"esxi", "vmware"}, {"vsphere", "vmware"}, {"vcenter", "vmware"}, {"proxmox", "proxmox"}, {"pve", "proxmox"}, {"hyper-v", "hyperv"}, {"kvm", "kvm"},
		{"libvirt", "kvm"}, {"qemu", "kvm"}, {"virtualbox", "virtualbox"}, {"vagrant", "virtualbox"}, {"xen", "xen"}, {"xcp-ng", "xen"}, {"nutanix", "nutanix"}}},
	{model.RemarkDistribution, []nameValue{{"k3s", "k3s"}, {"rke2", "rke2"}, {"rke", "rke"}, {"minikube", "minikube"}, {"microk8s", "microk8s"}, {"talos", "talos"}, {"openshift", "openshift"}, {"okd", "openshift"},
		{"harvester", "harvester"}, {"kubeadm", "kubeadm"}, {"kubespray", "kubespray"}, {"k0s", "k0s"}, {"docker desktop", "docker-desktop"}, {"kind cluster", "kind"}, {"eks", "eks"}, {"gke", "gke"}, {"aks", "aks"}}},
	{model.RemarkVPN, []nameValue{{"wireguard", "wireguard"}, {"tailscale", "tailscale"}, {"zerotier", "zerotier"}, {"openvpn", "openvpn"}, {"nebula", "nebula"}}},
	{model.RemarkHostTool, []nameValue{{"keepalived", "keepalived"}, {"kube-vip", "kube-vip"}, {"haproxy", "haproxy"}, {"bird", "bird"}, {"vrrp", "vrrp"}}},
	{model.RemarkServiceLB, []nameValue{{"klipper", "enabled"}, {"servicelb", "enabled"}}},
	{model.RemarkInstall, []nameValue{{"helm", "helm"}, {"manifests", "manifests"}, {"manifest", "manifests"}, {"charts", "helm"}, {"operator", "operator"}}},
	{model.RemarkSecurityGroup, []nameValue{{"security group", "security group"}, {"security groups", "security group"}, {"nacl", "network acl"}, {"network acl", "network acl"}}},
	{model.RemarkNetworkIsolation, []nameValue{{"project network isolation", "rancher project network isolation"}, {"default deny", "default deny"}, {"default-deny", "default deny"}}},
}

// kubeProxy reads the mode of kube-proxy and strictARP.
func (r *remarker) kubeProxy(c *state, l line, lower string) {
	lower = strings.ReplaceAll(lower, `mode: "`, "mode: ")
	at := first(lower, "kube-proxy", "kubeproxy", "kube proxy", "proxy-mode", "proxy mode")
	if at != "" {
		i := strings.Index(lower, at)
		tail := lower[i:]
		mode := firstWord(tail, "ipvs", "iptables", "nftables", "ebpf", "userspace")
		switch {
		case negated(lower[:i]) && !strings.Contains(lower, "replace"), has(tail, "replacement", "replaced", "disabled", "skip"):
			mode = "none"
		case strings.Contains(lower, "skip-phases=addon/kube-proxy"):
			mode = "none"
		case mode == "":
			if j := strings.Index(lower, "ipvs"); j >= 0 && j < i {
				mode = "ipvs"
			}
		}
		if mode != "" {
			r.add(c, l, model.Remark{ID: model.RemarkKubeProxyMode, Value: mode})
		}
	} else if mode := firstWord(lower, "ipvs mode", "mode ipvs", "mode: ipvs", "iptables mode", "mode: iptables", "nftables mode"); mode != "" {
		r.add(c, l, model.Remark{ID: model.RemarkKubeProxyMode, Value: first(mode, "ipvs", "iptables", "nftables")})
	} else if mode := firstWord(lower, "ipvs", "iptables"); mode != "" && strings.Contains(lower, "metallb") && has(lower, "kubernetes", "k8s") && !has(lower, "rule", "drop", "save") {
		r.add(c, l, model.Remark{ID: model.RemarkKubeProxyMode, Value: mode}) // a line of the environment's facts
	}
	if t := afterAny(lower, "kubeproxyreplacement=", "kubeproxyreplacement:", "kube-proxy-replacement="); t != "" {
		r.add(c, l, model.Remark{ID: model.RemarkKubeProxyReplacement, Value: strings.Trim(firstField(t), `"',.`)})
	}
	if v := onOff(afterAny(lower, "strictarp", "strict arp", "strict-arp", "strict_arp")); v != "" {
		r.add(c, l, model.Remark{ID: model.RemarkStrictARP, Value: v})
	}
}

// firstWord is the word of words that stands first in s as a whole word.
func firstWord(s string, words ...string) string {
	best, at := "", len(s)
	for _, w := range words {
		if i := wordAt(s, w); i >= 0 && i < at {
			best, at = w, i
		}
	}
	return best
}

// afterAny is what stands behind the first of marks that s holds.
func afterAny(s string, marks ...string) string {
	for _, m := range marks {
		if i := strings.Index(s, m); i >= 0 {
			return s[i+len(m):]
		}
	}
	return ""
}

// onOff reads true or false out of the next words; "" when they say neither.
func onOff(s string) string {
	s = cut(s, 30)
	switch firstWord(s, "true", "on", "enabled", "yes", "set", "active", "false", "off", "disabled", "no", "not", "unset") {
	case "true", "on", "enabled", "yes", "set", "active":
		return "true"
	case "":
		return ""
	}
	return "false"
}

// mode reads how MetalLB is said to announce.
func (r *remarker) mode(c *state, l line, lower string) {
	for _, m := range []struct {
		value string
		words []string
	}{
		{"layer2", []string{"layer 2 mode", "layer2 mode", "l2 mode", "l2-mode", "mode layer2", "mode l2", "mode: layer2", "protocol layer2", "protocol: layer2", "metallb layer2", "metallb l2", "in layer 2", "layer2, pool", "in l2"}},
		{"bgp", []string{"bgp mode", "bgp-mode", "mode bgp", "mode: bgp", "metallb bgp", "protocol bgp", "protocol: bgp"}},
		{"frr-k8s", []string{"frr-k8s mode", "frr-k8s backend", "frrk8s mode", "frr-k8s"}},
		{"frr", []string{"frr mode", "frr backend", "frr implementation", "metallb-frr", "mode frr", "frr: enabled"}},
		{"native", []string{"native mode", "native bgp", "metallb-native", "native implementation", "(native)"}},
	} {
		if w := first(lower, m.words...); w != "" && !negated(lower[:strings.Index(lower, w)]) {
			r.add(c, l, model.Remark{ID: model.RemarkMetalLBMode, Value: m.value})
		}
	}
}

// firewall reads whether a host's firewall is said to be on; "disabled", "off" and "no firewall" are the other word.
func (r *remarker) firewall(c *state, l line, lower string) {
	name := firstWord(lower, "firewalld", "ufw", "firewall", "firewalls", "selinux", "apparmor")
	if name == "" {
		return
	}
	i := wordAt(lower, name)
	tail := cut(lower[i:], 60)
	switch {
	case negated(lower[:i]) || has(tail, "disabled", "is off", "are off", " off ", "inactive", "stopped", "not running", "turned off", "not active", "permissive") || strings.HasSuffix(strings.TrimRight(tail, ".!"), " off") ||
		has(lower[:i], "disabled ", "stopped ", "turned off ", "disabling "):
		r.add(c, l, model.Remark{ID: model.SaysFirewallOff, Value: name})
	case has(tail, "active", "enabled", "running", "is on"):
		r.add(c, l, model.Remark{ID: model.RemarkHostFirewall, Value: name + " active"})
	}
}

// policies reads traffic policies, settings of hypervisors, forwarding and ServiceLB in words.
func (r *remarker) policies(c *state, l line, s, lower string) {
	if t := afterAny(lower, "externaltrafficpolicy", "external traffic policy"); t != "" {
		if v := firstWord(cut(t, 24), "local", "cluster"); v != "" {
			r.add(c, l, model.Remark{ID: model.RemarkTrafficPolicy, Value: strings.ToUpper(v[:1]) + v[1:], Service: serviceIn(s)})
		}
	}
	for _, w := range []string{"promiscuous mode", "forged transmits", "mac address changes", "mac learning", "mac spoofing", "anti-spoofing", "antispoofing", "mac filter", "macfilter", "ip filter", "ipfilter", "ip-filter"} {
		if i := strings.Index(lower, w); i >= 0 {
			state := firstWord(cut(lower[i:], 50), "accept", "reject", "enabled", "disabled", "on", "off", "deny", "allow", "allowed")
			r.add(c, l, model.Remark{ID: model.RemarkMACPolicy, Value: strings.TrimSpace(w + " " + state)})
		}
	}
	if i := strings.Index(lower, "--disable"); i >= 0 && has(lower[i:], "servicelb") {
		r.add(c, l, model.Remark{ID: model.RemarkServiceLB, Value: "disabled"})
	}
}

// periods reads "after 15 minutes", "takes 63 seconds", "mtu 1450".
func (r *remarker) periods(c *state, l line, s, lower string) {
	for _, m := range []struct{ id, mark string }{{model.RemarkTimeout, "after "}, {model.RemarkTimeout, "every "}, {model.RemarkTimeout, "for "}, {model.RemarkSlow, "takes "}, {model.RemarkSlow, "took "}} {
		for rest := lower; ; {
			i := strings.Index(rest, m.mark)
			if i < 0 {
				break
			}
			rest = rest[i+len(m.mark):]
			if sec, ok := period(rest); ok {
				r.add(c, l, model.Remark{ID: m.id, Value: itoa(sec), Addr: firstAddr(s), Service: serviceIn(s)})
			}
		}
	}
	if i := wordAt(lower, "mtu"); i >= 0 {
		if n, ok := number(strings.TrimLeft(lower[i+3:], " =:of")); ok && n >= 500 && n < 70000 {
			r.add(c, l, model.Remark{ID: model.RemarkMTU, Value: itoa(n)})
		}
	}
}

// period reads "about 15 minutes", "60s", "an hour" as seconds.
func period(s string) (int, bool) {
	for _, w := range []string{"about ", "around ", "exactly ", "approximately ", "~", "some ", "roughly "} {
		s = strings.TrimPrefix(s, w)
	}
	n, ok := number(s)
	unit := strings.TrimLeft(s, "0123456789 ")
	if !ok || n == 0 || n > 100_000 {
		return 0, false
	}
	switch {
	case strings.HasPrefix(unit, "sec"), unit == "s", strings.HasPrefix(unit, "s "), strings.HasPrefix(unit, "s,"), strings.HasPrefix(unit, "s."):
		return n, true
	case strings.HasPrefix(unit, "min"):
		return n * 60, true
	case strings.HasPrefix(unit, "hour"):
		return n * 3600, true
	}
	return 0, false
}

// wireless reads interfaces whose names are those that Linux gives to wireless ones, and words for wireless.
func (r *remarker) wireless(c *state, l line, s, lower string) {
	for _, w := range strings.FieldsFunc(lower, func(q rune) bool { return !(q >= 'a' && q <= 'z' || q >= '0' && q <= '9' || q == '-') }) {
		if wirelessName(w) {
			r.add(c, l, model.Remark{ID: model.RemarkWiFi, Value: w, Node: nodeIn(s, lower)})
		}
	}
	if w := firstWord(lower, "wifi", "wi-fi", "wlan", "wireless"); w != "" && !negated(lower[:wordAt(lower, w)]) {
		r.add(c, l, model.Remark{ID: model.SaysWiFi})
	}
}

// wirelessName says whether an interface is wireless by its name: wlan0, wlp3s0, wlx..., wifi0.
func wirelessName(w string) bool {
	for _, p := range []string{"wlan", "wlp", "wlx", "wlo", "wls", "wifi", "ath"} {
		rest, ok := strings.CutPrefix(w, p)
		if ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return true
		}
		if ok && p == "wlx" && len(rest) == 12 && isHex(rest) {
			return true
		}
	}
	return false
}
