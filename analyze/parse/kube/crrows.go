package kube

import (
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// jsonList reads a cell that holds a list as JSON: ["a","b"], or as Go prints it: [a b].
func (c *converter) jsonList(s string) []string {
	if s == "" || s == "[]" {
		return nil
	}
	if n, err := parseJSON(&arena{}, s, 1); err == nil && n.shape == sequence {
		return n.texts(nil)
	}
	s = strings.Trim(s, "[]")
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '"' })
}

// selectorCell reads a cell that holds selectors as JSON.
func (c *converter) selectorCell(s string) []model.Selector {
	if s == "" {
		return nil
	}
	n, err := parseJSON(&arena{}, s, 1)
	if err != nil {
		return nil
	}
	return c.selectors(n)
}

func boolCell(s string) *bool {
	n := node{shape: scalar, str: s}
	return n.boolp()
}

// metallbRow makes an object of a row of MetalLB's or frr-k8s' own kinds, whose columns their CRDs define.
func (c *converter) metallbRow(res *resource, m model.Meta, r *row) {
	switch res.plural {
	case "ipaddresspools", "addresspools":
		c.poolRow(res, m, r)
	case "l2advertisements":
		a := &model.L2Advertisement{Meta: m}
		c.advertisementCells(&a.Meta, r, &a.Pools, &a.PoolSelectors, &a.NodeSelectors)
		if r.has("INTERFACES") {
			a.Interfaces = c.jsonList(r.get("INTERFACES"))
			a.Know(model.PartInterfaces)
		}
		c.out.L2Advertisements = append(c.out.L2Advertisements, a)
	case "bgpadvertisements":
		a := &model.BGPAdvertisement{Meta: m}
		c.advertisementCells(&a.Meta, r, &a.Pools, &a.PoolSelectors, &a.NodeSelectors)
		if r.has("PEERS") {
			a.Peers = c.jsonList(r.get("PEERS"))
			a.Know(model.PartPeers)
		}
		c.out.BGPAdvertisements = append(c.out.BGPAdvertisements, a)
	case "bgppeers":
		c.peerRow(m, r)
	case "servicel2statuses":
		s := &model.ServiceL2Status{Meta: m, Node: r.get("ALLOCATED NODE"), ServiceName: r.get("SERVICE NAME"), ServiceNamespace: r.get("SERVICE NAMESPACE")}
		s.Know(model.PartNode)
		c.out.L2Statuses = append(c.out.L2Statuses, s)
	case "servicebgpstatuses":
		s := &model.ServiceBGPStatus{Meta: m, Node: r.get("NODE"), ServiceName: r.get("SERVICE NAME"), ServiceNamespace: r.get("SERVICE NAMESPACE")}
		s.Know(model.PartNode)
		c.out.BGPStatuses = append(c.out.BGPStatuses, s)
	case "configurationstates":
		s := &model.ConfigurationState{Meta: m, Result: r.get("RESULT"), ErrorSummary: firstCell(r, "ERRORSUMMARY", "ERROR SUMMARY", "ERROR")}
		s.Component, s.Node = stateOwner(m.Name)
		s.Know(model.PartStatus)
		c.out.ConfigurationStates = append(c.out.ConfigurationStates, s)
	case "bgpsessionstates":
		s := &model.BGPSessionState{Meta: m, Node: r.get("NODE"), Peer: r.get("PEER"), VRF: r.get("VRF"), BGPStatus: r.get("BGP"), BFDStatus: r.get("BFD")}
		s.Know(model.PartStatus, model.PartNode)
		c.out.BGPSessionStates = append(c.out.BGPSessionStates, s)
	case "bfdprofiles":
		c.out.BFDProfiles = append(c.out.BFDProfiles, &model.BFDProfile{Meta: m})
	case "communities":
		c.out.Communities = append(c.out.Communities, &model.Community{Meta: m})
	case "frrconfigurations":
		c.out.FRRConfigurations = append(c.out.FRRConfigurations, &model.FRRConfiguration{Meta: m})
	case "frrnodestates":
		c.out.FRRNodeStates = append(c.out.FRRNodeStates, &model.FRRNodeState{Meta: m, Node: m.Name})
	case "metallbs":
		c.out.Operators = append(c.out.Operators, &model.Operator{Meta: m})
	default:
		c.otherRow(m, r)
	}
}

func firstCell(r *row, titles ...string) string {
	for _, t := range titles {
		if s := r.get(t); s != "" {
			return s
		}
	}
	return ""
}

func (c *converter) poolRow(res *resource, m model.Meta, r *row) {
	p := model.IPAddressPool{Meta: m}
	if r.has("AUTO ASSIGN") {
		p.AutoAssign = boolCell(r.get("AUTO ASSIGN"))
		p.Know(model.PartAutoAssign)
	}
	if r.has("AVOID BUGGY IPS") {
		b := boolCell(r.get("AVOID BUGGY IPS"))
		p.AvoidBuggyIPs = b != nil && *b
		p.Know(model.PartBuggyIPs)
	}
	if r.has("ADDRESSES") {
		p.Addresses = c.jsonList(r.get("ADDRESSES"))
		p.Know(model.PartAddresses)
	}
	if res.plural == "addresspools" {
		c.out.AddressPools = append(c.out.AddressPools, &model.AddressPool{Meta: p.Meta, Addresses: p.Addresses, AutoAssign: p.AutoAssign})
		return
	}
	c.out.Pools = append(c.out.Pools, &p)
}

func (c *converter) advertisementCells(m *model.Meta, r *row, pools *[]string, poolSelectors, nodeSelectors *[]model.Selector) {
	if r.has("IPADDRESSPOOLS") {
		*pools = c.jsonList(r.get("IPADDRESSPOOLS"))
		m.Know(model.PartPools)
	}
	if r.has("IPADDRESSPOOL SELECTORS") {
		*poolSelectors = c.selectorCell(r.get("IPADDRESSPOOL SELECTORS"))
		m.Know(model.PartPoolSelectors)
	}
	if r.has("NODE SELECTORS") {
		*nodeSelectors = c.selectorCell(r.get("NODE SELECTORS"))
		m.Know(model.PartNodeSelectors)
	}
}

func (c *converter) peerRow(m model.Meta, r *row) {
	p := &model.BGPPeer{Meta: m}
	if r.has("ADDRESS") {
		p.Address = r.get("ADDRESS")
		p.Know(model.PartPeerAddress)
	}
	if n, err := strconv.ParseUint(r.get("ASN"), 10, 32); err == nil {
		p.PeerASN = uint32(n)
		p.Know(model.PartASN)
	}
	if r.has("BFD PROFILE") {
		p.BFDProfile = r.get("BFD PROFILE")
		p.Know(model.PartBFDProfile)
	}
	if b := boolCell(r.get("MULTI HOPS")); b != nil {
		p.EBGPMultiHop = *b
		p.Know(model.PartMultiHop)
	}
	c.out.Peers = append(c.out.Peers, p)
}
