package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

func (c *converter) frrConfiguration(n *node, m model.Meta) {
	spec := n.get("spec")
	f := &model.FRRConfiguration{
		Meta:         m,
		NodeSelector: c.selector(spec.get("nodeSelector")),
		Raw:          maskPasswords(spec.at("raw", "rawConfig").text()),
		RawPriority:  spec.at("raw", "priority").int(),
	}
	for _, b := range spec.at("bgp", "bfdProfiles").list() {
		f.BFDProfiles = append(f.BFDProfiles, b.get("name").short(c.words))
	}
	for _, r := range spec.at("bgp", "routers").list() {
		router := model.FRRRouter{
			ASN:      r.get("asn").uint32(),
			ID:       r.get("id").text(),
			VRF:      r.get("vrf").short(c.words),
			Prefixes: r.get("prefixes").texts(c.words),
		}
		for _, i := range r.get("imports").list() {
			router.Imports = append(router.Imports, i.get("vrf").short(c.words))
		}
		for _, nb := range r.get("neighbors").list() {
			router.Neighbors = append(router.Neighbors, c.frrNeighbor(nb))
		}
		f.Routers = append(f.Routers, router)
	}
	c.out.FRRConfigurations = append(c.out.FRRConfigurations, f)
}

func (c *converter) frrNeighbor(n *node) model.FRRNeighbor {
	nb := model.FRRNeighbor{
		ASN:            n.get("asn").uint32(),
		DynamicASN:     n.get("dynamicASN").short(c.words),
		Address:        n.get("address").text(),
		Interface:      n.get("interface").short(c.words),
		SourceAddress:  n.get("sourceaddress").text(), // matched in any case: the field is sourceaddress
		Port:           n.get("port").int(),
		HasPassword:    password(n.get("password")),
		PasswordMark:   model.PasswordMark(n.get("password").text()),
		PasswordSecret: n.at("passwordSecret", "name").text(),
		EBGPMultiHop:   n.get("ebgpMultiHop").bool(),
		BFDProfile:     n.get("bfdProfile").short(c.words),
		HoldTime:       n.get("holdTime").duration(),
		KeepaliveTime:  n.get("keepaliveTime").duration(),
		ConnectTime:    n.get("connectTime").duration(),
		DisableMP:      n.get("disableMP").bool(),
		DualStack:      n.get("dualStackAddressFamily").bool(),
		AdvertiseAll:   strings.EqualFold(n.at("toAdvertise", "allowed", "mode").text(), "all"),
		Advertise:      n.at("toAdvertise", "allowed", "prefixes").texts(c.words),
		ReceiveAll:     strings.EqualFold(n.at("toReceive", "allowed", "mode").text(), "all"),
	}
	r := n.at("toReceive", "allowed", "prefixes")
	if r != nil && r.shape == sequence {
		for _, e := range r.items {
			if e.val == nil {
				continue
			}
			if e.val.shape == scalar {
				nb.Receive = append(nb.Receive, c.words.of(e.val.str))
			} else if p := e.val.get("prefix").text(); p != "" {
				nb.Receive = append(nb.Receive, p)
			}
		}
	}
	return nb
}

func (c *converter) frrNodeState(n *node, m model.Meta) {
	s := &model.FRRNodeState{
		Meta:          m,
		Node:          m.Name,
		RunningConfig: maskPasswords(n.at("status", "runningConfig").text()),
		LastReload:    n.at("status", "lastReloadResult").text(),
		LastConvert:   n.at("status", "lastConversionResult").text(),
	}
	if e := n.get("status").entry("runningConfig"); e != nil && c.text.fixed == nil {
		s.RunningConfigLine = c.origin.Line(e.val.line)
	}
	c.out.FRRNodeStates = append(c.out.FRRNodeStates, s)
}

func (c *converter) sessionState(n *node, m model.Meta) {
	s := &model.BGPSessionState{
		Node:      c.named(n, "node", &m, "frrk8s.metallb.io/node"),
		Peer:      c.named(n, "peer", &m, "frrk8s.metallb.io/peer"),
		VRF:       c.named(n, "vrf", &m, "frrk8s.metallb.io/vrf"),
		BGPStatus: n.at("status", "bgpStatus").short(c.words),
		BFDStatus: n.at("status", "bfdStatus").short(c.words),
	}
	s.Meta = m
	c.out.BGPSessionStates = append(c.out.BGPSessionStates, s)
}

func (c *converter) frrk8sConfiguration(n *node, m model.Meta) {
	c.out.FRRK8sConfigs = append(c.out.FRRK8sConfigs, &model.FRRK8sConfiguration{Meta: m, LogLevel: n.at("spec", "logLevel").short(c.words)})
}

// Masked stands in place of a password.
const Masked = "***"

// maskPasswords replaces what follows the word password in each line of a configuration (frr.conf: `neighbor X password P`;
// YAML: `password: P`), so that no value is kept and every line stays where it is.
func maskPasswords(text string) string {
	if !strings.Contains(text, "password") {
		return text
	}
	rows := strings.Split(text, "\n")
	for i, l := range rows {
		at := strings.Index(l, "password")
		if at < 0 {
			continue
		}
		rest := l[at+len("password"):]
		switch {
		case model.PasswordMark(rest) != "": // the collector has removed it, and says whether it is the same as another
		case strings.HasPrefix(rest, ":"), strings.HasPrefix(rest, `":`):
			head := l[:at+len("password")+strings.Index(rest, ":")+1]
			value := strings.Trim(strings.TrimSpace(rest[strings.Index(rest, ":")+1:]), `"'`)
			if value != "" {
				rows[i] = head + ` "` + Masked + `"`
			}
		case strings.HasPrefix(rest, " "):
			rows[i] = l[:at+len("password")] + " " + Masked
		}
	}
	return strings.Join(rows, "\n")
}
