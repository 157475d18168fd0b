package text

import (
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

func itoa(n int) string { return strconv.Itoa(n) }

// kernel reads lines of dmesg, nstat, netstat -s, ethtool, uname and hostname.
func (r *remarker) kernel(c *state, l line, s, lower string) {
	for _, f := range []func(*state, line, string, string) bool{r.martian, r.checksum, r.md5, r.counters, r.ethtool, r.small} {
		if f(c, l, s, lower) {
			return
		}
	}
}

// martian reads "IPv4: martian source 10.0.0.1 from 10.0.0.2, on dev eth0".
func (r *remarker) martian(c *state, l line, s, lower string) bool {
	i := strings.Index(lower, "martian source ")
	if i < 0 {
		return false
	}
	rest := s[i+15:]
	f := strings.Fields(strings.ReplaceAll(rest, ",", " "))
	if len(f) == 0 {
		return false
	}
	r.add(c, l, model.Remark{ID: model.RemarkMartian, Addr: f[0], Value: strings.TrimSpace(value(f, "from") + " " + value(f, "dev"))})
	return true
}

// checksum reads "UDP: bad checksum. From A:P to B:8472 ulen 90" and tcpdump's "bad udp cksum".
func (r *remarker) checksum(c *state, l line, s, lower string) bool {
	if !has(lower, "bad checksum", "bad udp cksum", "incorrect checksum") {
		return false
	}
	m := model.Remark{ID: model.RemarkBadChecksum}
	if found := addrsIn(s); len(found) > 0 {
		m.Addr = found[0]
	}
	for _, w := range strings.Fields(s) {
		w = strings.TrimRight(w, ",:;")
		if h, p := hostPort(w, ':'); isAddr(h) && p > 0 {
			m.Value = itoa(p)
		} else if h, p := hostPort(w, '.'); isAddr(h) && p > 0 {
			m.Value = itoa(p)
		}
	}
	r.add(c, l, m)
	return true
}

// md5 reads what Linux logs when TCP MD5 signatures do not fit, and what FRR and Go say where the kernel has none.
func (r *remarker) md5(c *state, l line, s, lower string) bool {
	if !strings.Contains(lower, "md5") {
		return false
	}
	id := ""
	switch {
	case has(lower, "hash not found"):
		id = model.RemarkMD5NotFound
	case has(lower, "hash found") || has(lower, "unexpected"):
		id = model.RemarkMD5Unexpected
	case has(lower, "hash failed", "hash mismatch", "md5 hash mismatch"):
		id = model.RemarkMD5Failed
	case has(lower, "protocol not available", "not supported", "unsupported", "config_tcp_md5sig is not set"):
		id = model.RemarkMD5Unsupported
	default:
		return false
	}
	m := model.Remark{ID: id, Addr: firstAddr(s)}
	for _, w := range strings.FieldsFunc(strings.ReplaceAll(s, ", ", ","), func(q rune) bool { return q == '(' || q == ')' || q == ' ' }) {
		if a, p, ok := strings.Cut(w, ","); ok && isAddr(a) && m.Value == "" { // "for (10.0.0.1, 43210)->(10.0.0.2, 179)"
			m.Addr, m.Value = a, p
		}
	}
	r.add(c, l, m)
	return true
}

// counterNames are the counters of nstat and netstat -s that tell why packets were dropped.
var counterNames = []string{"TcpExtIPReversePathFilter", "IPReversePathFilter", "TcpExtTCPMD5NotFound", "TcpExtTCPMD5Unexpected", "TcpExtTCPMD5Failure", "TCPMD5NotFound", "TCPMD5Unexpected", "TCPMD5Failure",
	"UdpInCsumErrors", "UdpInErrors", "TcpInCsumErrors", "IpForwDatagrams", "IpInAddrErrors", "IpOutNoRoutes", "IpExtInNoRoutes", "InNoRoutes", "IpFragFails", "TcpExtListenDrops", "TcpExtTCPTimeouts", "TcpExtPAWSPassive", "TcpExtPAWSActive"}

// counters reads "TcpExtIPReversePathFilter  3518  0.0", "IPReversePathFilter: 12" and "12 packets rejected in reverse path".
func (r *remarker) counters(c *state, l line, s, lower string) bool {
	f := strings.Fields(s)
	if n, ok := number(s); ok && len(f) > 2 && has(lower, "reverse path", "rejected because of protection") {
		r.add(c, l, model.Remark{ID: model.RemarkReversePathCount, Value: itoa(n)})
		return true
	}
	if len(f) < 2 || len(f) > 4 {
		return false
	}
	name := strings.TrimSuffix(f[0], ":")
	if !contains(counterNames, name) || !allDigits(f[1]) {
		return false
	}
	if strings.HasSuffix(name, "IPReversePathFilter") {
		r.add(c, l, model.Remark{ID: model.RemarkReversePathCount, Value: f[1]})
		return true
	}
	r.add(c, l, model.Remark{ID: model.RemarkKernelCounter, Value: name + "=" + f[1]})
	return true
}

// offloads are the features of ethtool -k that break overlays.
var offloads = []string{"tx-checksumming", "rx-checksumming", "tx-checksum-ip-generic", "generic-receive-offload", "tcp-segmentation-offload", "generic-segmentation-offload", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation", "large-receive-offload", "rx-gro-hw"}

// ethtool reads ethtool -k ("tx-checksum-ip-generic: on"), ethtool -K commands and -S counters of drops.
func (r *remarker) ethtool(c *state, l line, s, lower string) bool {
	k, v, ok := strings.Cut(lower, ":")
	k, v = strings.TrimSpace(k), strings.TrimSpace(v)
	dev := ""
	for _, p := range c.cmd.parts {
		if p.tool == "ethtool" {
			for _, a := range p.args {
				if !strings.HasPrefix(a, "-") {
					dev = a
					break
				}
			}
		}
	}
	switch {
	case ok && contains(offloads, k) && (strings.HasPrefix(v, "on") || strings.HasPrefix(v, "off")):
		r.add(c, l, model.Remark{ID: model.RemarkOffload, Value: k + " " + firstField(v), Node: dev})
		return true
	case ok && dev != "" && allDigits(v) && v != "0" && has(k, "drop", "err", "discard", "miss", "fail"):
		r.add(c, l, model.Remark{ID: model.RemarkNICCounter, Value: k + "=" + v, Node: dev})
		return true
	case strings.Contains(lower, "ethtool -k ") && has(lower, " off", " on"):
		r.add(c, l, model.Remark{ID: model.RemarkOffload, Value: cut(after(lower, "ethtool -k "), 80)})
		return true
	}
	return false
}

// small reads the short facts: links going down, promiscuous mode, fragmentation, uname, wireless, duplicate addresses.
func (r *remarker) small(c *state, l line, s, lower string) bool {
	switch {
	case has(lower, "nic link is down", "nic link is up", "link is down", "link becomes ready", "carrier lost", "lost carrier"):
		state := "up"
		if has(lower, "down", "lost") {
			state = "down"
		}
		r.add(c, l, model.Remark{ID: model.RemarkLinkFlap, Value: state})
	case has(lower, "entered promiscuous mode", "left promiscuous mode"):
		state := "on"
		if strings.Contains(lower, "left ") {
			state = "off"
		}
		r.add(c, l, model.Remark{ID: model.RemarkPromiscuous, Value: state, Node: deviceIn(s)})
	case has(lower, "frag needed", "message too long", "packet too big", "fragmentation needed", "packet needs to be fragmented"):
		mtu := ""
		if n, ok := number(strings.TrimLeft(after(lower, "mtu"), " =:")); ok {
			mtu = itoa(n)
		}
		r.add(c, l, model.Remark{ID: model.RemarkFragNeeded, Value: mtu, Addr: firstAddr(s)})
	case has(lower, "duplicate address detected", "ip address conflict", "duplicate ip address", "address conflict detected", "ipv6 duplicate address"):
		mac := ""
		for _, w := range strings.Fields(s) {
			if m := macOf(strings.Trim(w, ".,()")); m != "" {
				mac = m
			}
		}
		r.add(c, l, model.Remark{ID: model.RemarkDuplicateAddress, Addr: firstAddr(s), Value: mac})
	case c.ran("uname") && len(strings.Fields(s)) >= 1 && strings.Count(s, ".") >= 2:
		for _, w := range strings.Fields(s) {
			if n, ok := number(w); ok && n > 1 && strings.Count(w, ".") >= 2 {
				r.add(c, l, model.Remark{ID: model.RemarkKernelVersion, Value: w})
				break
			}
		}
	case c.ran("hostname") && len(c.cmd.parts) == 1 && len(strings.Fields(s)) == 1 && len(s) < 254:
		r.add(c, l, model.Remark{ID: model.RemarkHostname, Value: s})
	default:
		return false
	}
	return true
}

// deviceIn is the word that looks like "device eth0" or "eth0:".
func deviceIn(s string) string {
	f := strings.Fields(s)
	if v := value(f, "device"); v != "" {
		return strings.TrimRight(v, ":,")
	}
	for i, w := range f {
		if w == "entered" || w == "left" {
			if i > 0 {
				return strings.TrimRight(f[i-1], ":,")
			}
		}
	}
	return ""
}

// ran says whether the current command runs a program.
func (c *state) ran(tool string) bool {
	for _, p := range c.cmd.parts {
		if p.tool == tool {
			return true
		}
	}
	return false
}
