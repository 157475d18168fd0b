package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

func (c *converter) pool(n *node, m model.Meta) {
	spec := n.get("spec")
	p := &model.IPAddressPool{
		Meta:          m,
		Addresses:     spec.get("addresses").texts(nil),
		AutoAssign:    spec.get("autoAssign").boolp(),
		AvoidBuggyIPs: spec.get("avoidBuggyIPs").bool(),
	}
	if a := spec.get("serviceAllocation"); a != nil && a.shape == mapping {
		p.Allocation = &model.ServiceAllocation{
			Priority:           a.get("priority").int(),
			Namespaces:         a.get("namespaces").texts(c.words),
			NamespaceSelectors: c.selectors(a.get("namespaceSelectors")),
			ServiceSelectors:   c.selectors(a.get("serviceSelectors")),
		}
	}
	if s := n.get("status"); s != nil && s.has("availableIPv4") {
		p.Status = &model.PoolStatus{
			AssignedIPv4:  s.get("assignedIPv4").integer(),
			AssignedIPv6:  s.get("assignedIPv6").integer(),
			AvailableIPv4: s.get("availableIPv4").integer(),
			AvailableIPv6: s.get("availableIPv6").integer(),
		}
	}
	c.out.Pools = append(c.out.Pools, p)
}

func (c *converter) addressPool(n *node, m model.Meta) {
	spec := n.get("spec")
	p := &model.AddressPool{
		Meta:          m,
		Protocol:      spec.get("protocol").short(c.words),
		Addresses:     spec.get("addresses").texts(nil),
		AutoAssign:    spec.get("autoAssign").boolp(),
		AvoidBuggyIPs: spec.get("avoidBuggyIPs").bool(),
	}
	for _, a := range spec.get("bgpAdvertisements").list() {
		p.BGPAdvertisements = append(p.BGPAdvertisements, c.advertisement(a, model.Meta{Src: c.srcOf(a)}))
	}
	c.out.AddressPools = append(c.out.AddressPools, p)
}

func (c *converter) l2Advertisement(n *node, m model.Meta) {
	spec := n.get("spec")
	c.out.L2Advertisements = append(c.out.L2Advertisements, &model.L2Advertisement{
		Meta:             m,
		Pools:            spec.get("ipAddressPools").texts(c.words),
		PoolSelectors:    c.selectors(spec.get("ipAddressPoolSelectors")),
		NodeSelectors:    c.selectors(spec.get("nodeSelectors")),
		ServiceSelectors: c.selectors(spec.get("serviceSelectors")),
		Interfaces:       spec.get("interfaces").texts(c.words),
	})
}

func (c *converter) bgpAdvertisement(n *node, m model.Meta) {
	a := c.advertisement(n.get("spec"), m)
	c.out.BGPAdvertisements = append(c.out.BGPAdvertisements, &a)
}

func (c *converter) advertisement(spec *node, m model.Meta) model.BGPAdvertisement {
	return model.BGPAdvertisement{
		Meta:                m,
		Pools:               spec.get("ipAddressPools").texts(c.words),
		PoolSelectors:       c.selectors(spec.get("ipAddressPoolSelectors")),
		NodeSelectors:       c.selectors(spec.get("nodeSelectors")),
		ServiceSelectors:    c.selectors(spec.get("serviceSelectors")),
		Peers:               spec.get("peers").texts(c.words),
		Communities:         spec.get("communities").texts(c.words),
		AggregationLength:   spec.get("aggregationLength").int32p(),
		AggregationLengthV6: spec.get("aggregationLengthV6").int32p(),
		LocalPref:           spec.get("localPref").uint32(),
	}
}

func (c *converter) peer(n *node, m model.Meta) {
	spec := n.get("spec")
	p := &model.BGPPeer{
		Meta:                   m,
		MyASN:                  spec.get("myASN").uint32(),
		PeerASN:                spec.get("peerASN").uint32(),
		LocalASN:               spec.get("localASN").uint32(),
		DynamicASN:             spec.get("dynamicASN").short(c.words),
		Address:                spec.get("peerAddress").text(),
		Interface:              spec.get("interface").short(c.words),
		SourceAddress:          spec.get("sourceAddress").text(),
		Port:                   spec.get("peerPort").int(),
		HoldTime:               spec.get("holdTime").duration(),
		KeepaliveTime:          spec.get("keepaliveTime").duration(),
		ConnectTime:            spec.get("connectTime").duration(),
		RouterID:               spec.get("routerID").text(),
		NodeSelectors:          c.selectors(spec.get("nodeSelectors")),
		HasPassword:            password(spec.get("password")),
		PasswordMark:           model.PasswordMark(spec.get("password").text()),
		PasswordSecret:         spec.at("passwordSecret", "name").text(),
		PasswordSecretNS:       spec.at("passwordSecret", "namespace").short(c.words),
		BFDProfile:             spec.get("bfdProfile").short(c.words),
		EBGPMultiHop:           spec.get("ebgpMultiHop").bool(),
		VRF:                    spec.get("vrf").short(c.words),
		DisableMP:              spec.get("disableMP").bool(),
		DualStackAddressFamily: spec.get("dualStackAddressFamily").bool(),
		GracefulRestart:        spec.get("enableGracefulRestart").bool(),
	}
	c.out.Peers = append(c.out.Peers, p)
}

// filled tells whether a scalar is there and not empty; its value is not looked at further.
func filled(n *node) bool { return n != nil && n.shape == scalar && n.str != "" }

func (c *converter) bfdProfile(n *node, m model.Meta) {
	spec := n.get("spec")
	c.out.BFDProfiles = append(c.out.BFDProfiles, &model.BFDProfile{
		Meta:             m,
		ReceiveInterval:  spec.get("receiveInterval").uint32p(),
		TransmitInterval: spec.get("transmitInterval").uint32p(),
		DetectMultiplier: spec.get("detectMultiplier").uint32p(),
		EchoInterval:     spec.get("echoInterval").uint32p(),
		MinimumTTL:       spec.get("minimumTtl").uint32p(),
		EchoMode:         spec.get("echoMode").boolp(),
		PassiveMode:      spec.get("passiveMode").boolp(),
	})
}

func (c *converter) community(n *node, m model.Meta) {
	o := &model.Community{Meta: m}
	for _, a := range n.at("spec", "communities").list() {
		o.Aliases = append(o.Aliases, model.CommunityAlias{Name: a.get("name").text(), Value: a.get("value").text()})
	}
	c.out.Communities = append(c.out.Communities, o)
}

// named is a status field, or the label that says the same.
func (c *converter) named(n *node, field string, m *model.Meta, label string) string {
	if s := n.at("status", field).short(c.words); s != "" {
		return s
	}
	return m.Labels[label]
}

func (c *converter) l2Status(n *node, m model.Meta) {
	s := &model.ServiceL2Status{
		Node:             c.named(n, "node", &m, "metallb.io/node"),
		ServiceNamespace: c.named(n, "serviceNamespace", &m, "metallb.io/service-namespace"),
		ServiceName:      c.named(n, "serviceName", &m, "metallb.io/service-name"),
	}
	s.Meta = m
	for _, i := range n.at("status", "interfaces").list() {
		s.Interfaces = append(s.Interfaces, i.get("name").short(c.words))
	}
	c.out.L2Statuses = append(c.out.L2Statuses, s)
}

func (c *converter) bgpStatus(n *node, m model.Meta) {
	s := &model.ServiceBGPStatus{
		Node:             c.named(n, "node", &m, "metallb.io/node"),
		ServiceNamespace: c.named(n, "serviceNamespace", &m, "metallb.io/service-namespace"),
		ServiceName:      c.named(n, "serviceName", &m, "metallb.io/service-name"),
		Peers:            n.at("status", "peers").texts(c.words),
	}
	s.Meta = m
	c.out.BGPStatuses = append(c.out.BGPStatuses, s)
}

func (c *converter) configurationState(n *node, m model.Meta) {
	s := &model.ConfigurationState{
		Component:    m.Labels["metallb.io/component-type"],
		Node:         m.Labels["metallb.io/node-name"],
		Result:       n.at("status", "result").short(c.words),
		ErrorSummary: n.at("status", "errorSummary").text(),
		Conditions:   c.conditions(n.at("status", "conditions")),
	}
	if s.Component == "" {
		s.Component, s.Node = stateOwner(m.Name)
	}
	s.Meta = m
	c.out.ConfigurationStates = append(c.out.ConfigurationStates, s)
}

// stateOwner reads the name of a ConfigurationState: "controller", or "speaker-NODE".
func stateOwner(name string) (component, node string) {
	if node, ok := strings.CutPrefix(name, "speaker-"); ok {
		return "speaker", node
	}
	if name == "controller" {
		return name, ""
	}
	return "", ""
}

func (c *converter) operator(n *node, m model.Meta) {
	c.out.Operators = append(c.out.Operators, &model.Operator{
		Meta:         m,
		BGPBackend:   n.at("spec", "bgpBackend").short(c.words),
		LogLevel:     n.at("spec", "logLevel").short(c.words),
		NodeSelector: n.at("spec", "nodeSelector").pairs(c.words),
		Conditions:   c.conditions(n.at("status", "conditions")),
	})
}

// password tells whether a password field holds one. MetalLB's own dumps write "<retracted>" there whether there is one or not, so
// that word says nothing.
func password(n *node) bool {
	return filled(n) && n.text() != "<retracted>"
}
