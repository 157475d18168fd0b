package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// overlayPorts are the UDP ports of tunnels: flannel's and Cilium's VXLAN, the standard one, Geneve, OpenShift and Windows, WireGuard.
var overlayPorts = []string{"8472", "4789", "6081", "4790", "51820"}

var overlayBroken = &Check{
	Cause: "overlay-broken", Title: "the CNI's overlay loses packets between nodes",
	Doc: `Packets that the CNI wraps for another node are thrown away there, mostly because a NIC's checksum offload writes a wrong outer UDP checksum (VXLAN on
older kernels), or a firewall between the nodes drops the tunnel's port, so only endpoints on other nodes are slow or dead. Found where the receiving kernel says
"UDP: bad checksum" for a tunnel's port while requests are lost or take seconds, or where a capture on one node shows encapsulated packets leaving, without any that come back, and
one of the same port on another node stays empty. A bad checksum that tcpdump shows on the sender is normal with offload.`,
	Explains: []string{"cni-does-not-forward", "some-endpoints-fail", "endpoint-not-listening"},
	Run: func(v *View, report func(Finding)) {
		src := v.overlayLosses()
		should, is := "encapsulated packets arrive with a valid checksum", "the receiving node throws away encapsulated packets (bad UDP checksum)"
		why, remedy := "the node there drops the encapsulated packets (bad UDP checksum)", "turn the offload off on the tunnel's device on each node (ethtool -K flannel.1 tx-checksum-ip-generic off), or upgrade kernel or CNI"
		if len(src) == 0 {
			var port, from, to string
			if port, from, to, src = v.overlaySilent(); len(src) == 0 {
				return
			}
			should = "what one node encapsulates arrives at the other (UDP port " + port + ")"
			is = fmt.Sprintf("%s sends encapsulated packets to UDP port %s and none arrive at %s", from, port, to)
			why, remedy = is, "allow UDP port "+port+" between the nodes (ufw, firewalld, security groups)"
		}
		for _, s := range v.HasAddress() {
			trouble := append(v.trouble(s), v.slow(s)...)
			if len(trouble) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: []schema.Object{s.Ref()},
				Should: should, Is: is, Remedy: remedy,
				Clause:   "requests for endpoints on another node are lost in the CNI's overlay: " + why,
				Evidence: append(src, trouble...)})
		}
	},
}

// overlaySilent looks for captures of a tunnel's port on two machines, of which one shows packets that leave and none that come back, and the other
// nothing at all.
func (v *View) overlaySilent() (port, from, to string, src []schema.Evidence) {
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		i := slices.IndexFunc(c.List, func(p model.Packet) bool { return slices.Contains(overlayPorts, strconv.Itoa(p.DstPort)) })
		if m == "" || i < 0 || slices.ContainsFunc(c.List, func(p model.Packet) bool { return p.SrcAddr == c.List[i].DstAddr }) {
			continue
		}
		port = strconv.Itoa(c.List[i].DstPort)
		for _, d := range v.Captures {
			x := v.machineOf(d.Origin)
			if n, counted := d.Counts["captured"]; x != "" && x != m && d.Total == 0 && counted && n == 0 && slices.Contains(strings.Fields(d.Filter), port) {
				return port, m, x, []schema.Evidence{c.List[i].Src, d.Src}
			}
		}
	}
	return "", "", "", nil
}

func (v *View) overlayLosses() []schema.Evidence {
	var src []schema.Evidence
	for _, r := range v.Remarks {
		if r.ID == model.RemarkBadChecksum && slices.Contains(overlayPorts, r.Value) {
			src = append(src, r.Src)
		}
	}
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		for _, p := range c.List {
			a, err := netip.ParseAddr(p.DstAddr)
			if p.Checksum == "bad" && slices.Contains(overlayPorts, strconv.Itoa(p.DstPort)) && (len(src) > 0 || err == nil && m != "" && v.NodeOfAddr(a) == m) {
				src = append(src, p.Src)
			}
		}
	}
	return src
}

// slow are requests of which some take seconds and others do not.
func (v *View) slow(s *Service) []schema.Evidence {
	for _, p := range s.Works {
		if len(p.Took) > 1 && slices.Max(p.Took) >= 3 && slices.Min(p.Took) < 1 {
			return []schema.Evidence{p.Src}
		}
	}
	return nil
}
