package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// openstack reads a table "| field | value |" of the openstack client; its facts are told when the table ends.
func (r *remarker) openstack(c *state, l line, s string) bool {
	if strings.HasPrefix(s, "+-") {
		if r.table["port_security_enabled"] != "" || len(r.table) > 12 {
			r.endTables(c)
		}
		return false
	}
	if !strings.HasPrefix(s, "|") {
		if len(r.table) > 0 {
			r.endTables(c)
		}
		return false
	}
	cells := strings.Split(strings.Trim(s, "|"), "|")
	if len(cells) != 2 {
		return false
	}
	k := strings.TrimSpace(cells[0])
	if strings.ContainsAny(k, " \t") || k == "Field" || len(r.table) > 200 {
		return false
	}
	if r.table == nil {
		r.table, r.tableSrc = map[string]string{}, map[string]schema.Evidence{}
	}
	if k == "" { // a value that goes on
		return false
	}
	r.table[k], r.tableSrc[k] = strings.TrimSpace(cells[1]), c.ev(l)
	r.found = true
	return k == "port_security_enabled" || k == "allowed_address_pairs"
}

// endTables tells the facts of the table and the list that end here.
func (r *remarker) endTables(c *state) {
	if v, ok := r.table["port_security_enabled"]; ok {
		addr := firstAddr(r.table["fixed_ips"])
		m := model.Remark{ID: model.RemarkPortSecurity, Value: strings.ToLower(v), Addr: addr, Node: r.table["name"], Text: r.table["mac_address"]}
		r.put(c, m, "port_security_enabled")
		if pairs, ok := r.table["allowed_address_pairs"]; ok {
			m.ID, m.Value = model.RemarkAddressPairs, pairs
			r.put(c, m, "allowed_address_pairs")
		}
		r.put(c, model.Remark{ID: model.RemarkCloud, Value: "openstack"}, "port_security_enabled")
	}
	r.table, r.tableSrc = nil, nil
	if r.fronts > 0 && c.room() {
		c.out.Remarks = append(c.out.Remarks, model.Remark{Origin: c.o, ID: model.RemarkCiliumServiceList, Value: itoa(r.fronts), Count: 1, Text: r.frontSrc.Quote, Src: r.frontSrc})
	}
	r.fronts, r.heading = 0, ""
}

// put adds a remark whose evidence is the row of a table.
func (r *remarker) put(c *state, m model.Remark, row string) {
	if c.room() {
		m.Origin, m.Src, m.Count = c.o, r.tableSrc[row], 1
		c.out.Remarks = append(c.out.Remarks, m)
	}
}

// cni reads what the tools of Calico and Cilium print.
func (r *remarker) cni(c *state, l line, s, lower string) bool {
	switch {
	case strings.HasPrefix(lower, "kubeproxyreplacement:"):
		r.add(c, l, model.Remark{ID: model.RemarkKubeProxyReplacement, Value: strings.Join(strings.Fields(after(s, ":")), " ")})
	case strings.HasPrefix(s, "ID ") && strings.Contains(s, "Frontend"):
		r.heading, r.fronts, r.frontSrc, r.found = "cilium", 0, c.ev(l), true
	case r.heading == "cilium":
		return r.frontend(c, l, s)
	case strings.HasPrefix(s, "| PEER ADDRESS"):
		r.heading, r.found = "calico", true
	case r.heading == "calico" && strings.HasPrefix(s, "|"):
		return r.calicoPeer(c, l, s)
	case has(lower, "no ipv4 peers found", "no ipv6 peers found"):
		r.add(c, l, model.Remark{ID: model.RemarkCalicoNoPeers, Value: first(lower, "ipv4", "ipv6")})
	case has(lower, "policy denied", "policy-verdict:none") && has(lower, " dropped", "denied", "drop (policy denied)"):
		return r.policyDrop(c, l, s)
	case has(s, "CiliumL2AnnouncementPolicy", "cilium-l2announce", "CiliumBGPPeeringPolicy", "CiliumLoadBalancerIPPool", "CiliumBGPClusterConfig"):
		r.add(c, l, model.Remark{ID: model.RemarkCiliumL2, Value: first(s, "CiliumL2AnnouncementPolicy", "cilium-l2announce", "CiliumBGPPeeringPolicy", "CiliumLoadBalancerIPPool", "CiliumBGPClusterConfig")})
	default:
		return false
	}
	return true
}

// frontend reads a row of `cilium service list`: "4  10.0.0.1:80  LoadBalancer  1 => 10.0.1.1:8080", further backends on lines of their own.
func (r *remarker) frontend(c *state, l line, s string) bool {
	f := strings.Fields(s)
	if len(f) > 2 && f[1] == "=>" {
		r.found = true
		return true
	}
	if len(f) < 3 || !allDigits(f[0]) {
		r.endTables(c)
		return false
	}
	front, _, _ := strings.Cut(f[1], "/") // 10.0.0.1:80/TCP since 1.17
	host, port := hostPort(front, ':')
	if !isAddr(host) {
		return false
	}
	r.fronts++
	r.add(c, l, model.Remark{ID: model.RemarkCiliumService, Addr: host, Value: strings.TrimSpace(f[2] + " " + itoa(port) + " " + after(s, "=> "))})
	return true
}

// calicoPeer reads a row of `calicoctl node status`.
func (r *remarker) calicoPeer(c *state, l line, s string) bool {
	cells := strings.Split(strings.Trim(s, "|"), "|")
	if len(cells) < 5 || !isAddr(strings.TrimSpace(cells[0])) {
		return false
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	r.add(c, l, model.Remark{ID: model.RemarkCalicoPeer, Addr: cells[0], Value: cells[1] + ", " + cells[2] + ", " + cells[4], Node: calicoNode(c)})
	return true
}

// calicoNode is the machine on which the status was taken: of the prompt, or of a comment behind the command ("# on bm-23").
func calicoNode(c *state) string {
	if c.o.Node != "" {
		return c.o.Node
	}
	if i := strings.LastIndex(c.cmd.text, "# on "); i >= 0 {
		return firstField(c.cmd.text[i+5:])
	}
	return c.o.Host
}

// policyDrop reads Hubble's and cilium monitor's lines about flows that a policy denied.
func (r *remarker) policyDrop(c *state, l line, s string) bool {
	m := model.Remark{ID: model.RemarkPolicyDrop, Addr: firstAddr(s)}
	f := strings.Fields(s)
	for i, w := range f {
		if (w == "<>" || w == "->") && i > 0 && i+1 < len(f) {
			dst := strings.TrimRight(f[i+1], ",")
			host, port := dst, 0
			if j := strings.LastIndexByte(dst, ':'); j > 0 && allDigits(dst[j+1:]) {
				host = dst[:j]
				port, _ = number(dst[j+1:])
			}
			m.Value = host
			if port > 0 {
				m.Value += " " + itoa(port)
			}
			if strings.Contains(host, "/") {
				m.Service = host
			}
			src := f[i-1]
			if strings.HasPrefix(src, "(") && i > 1 {
				src = f[i-2]
			}
			if h, _ := hostPort(src, ':'); isAddr(h) {
				m.Addr = h
			}
		}
	}
	r.add(c, l, m)
	return true
}
