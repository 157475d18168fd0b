package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// sections are the parts that a section of an object makes known when the rest of the object is cut off.
var sections = map[string][]string{
	"metadata": {model.PartLabels, model.PartAnnotations},
	"spec": {model.PartSpec, model.PartType, model.PartClusterIP, model.PartPorts, model.PartTargetPorts, model.PartSelector, model.PartPolicy,
		model.PartFamilies, model.PartRequest, model.PartExternalIPs, model.PartAddresses, model.PartAutoAssign, model.PartBuggyIPs,
		model.PartAllocation, model.PartPools, model.PartPoolSelectors, model.PartNodeSelectors, model.PartServiceSelectors,
		model.PartInterfaces, model.PartPeers, model.PartPeerAddress, model.PartASN, model.PartBFDProfile, model.PartMultiHop,
		model.PartNode, model.PartContainers, model.PartTaints, model.PartUnschedulable},
	"status":    {model.PartStatus, model.PartIngress, model.PartConditions, model.PartIPs, model.PartStates, model.PartVersion, model.PartCounts},
	"endpoints": {model.PartEndpoints, model.PartReadiness},
	"subsets":   {model.PartEndpoints, model.PartReadiness, model.PartPorts},
	"ports":     {model.PartPorts},
	"data":      {model.PartKeys, model.PartData},
}

// known marks an object as partial where the text ends in it or begins in it: it knows the sections that are whole.
func (c *converter) known(n *node, m *model.Meta) {
	if c.cut == "" {
		return
	}
	m.Know()
	for _, e := range n.items {
		if e.key != c.cut {
			m.Know(sections[e.key]...)
		}
	}
}

// cutName names the object in which a text ends.
func cutName(n *node) string {
	name := strings.TrimSpace(n.get("kind").text() + " " + n.at("metadata", "name").text())
	if name == "" {
		return "an object"
	}
	return name
}

// fragmentKind guesses what an object without kind is, by fields that no other kind has.
func (c *converter) fragmentKind(n *node) string {
	spec := n.get("spec")
	switch {
	case c.kind != "":
		return c.kind
	case c.ask.resource != nil && len(c.lists) == 0:
		return c.ask.resource.kind
	case n.at("status", "loadBalancer") != nil, spec.get("clusterIP") != nil, spec.get("externalTrafficPolicy") != nil:
		return "Service"
	case spec.get("peerAddress") != nil:
		return "BGPPeer"
	case spec.get("avoidBuggyIPs") != nil, spec.get("autoAssign") != nil:
		return "IPAddressPool"
	case spec.get("ipAddressPools") != nil && (spec.get("communities") != nil || spec.get("peers") != nil || spec.get("aggregationLength") != nil):
		return "BGPAdvertisement"
	case n.get("addressType") != nil && n.get("endpoints") != nil:
		return "EndpointSlice"
	}
	return ""
}
