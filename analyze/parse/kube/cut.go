package kube

import (
	"net/netip"
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

// cutSection is the section of an object in which the text ends, "" when the object is whole. An object by kubectl is whole
// when it has the status that its kind has (kubectl sorts keys, status is last); one by hand is taken for whole unless its
// last line is half a line.
func (s *splitter) cutSection(n *node, err error) string {
	if n.shape == sequence {
		if len(n.items) != 1 {
			return ""
		}
		n = n.items[0].val
	}
	if n == nil || n.shape != mapping || len(n.items) == 0 {
		return ""
	}
	s.c.cutName = cutName(n)
	last := n.items[len(n.items)-1].key
	if err != nil || s.err != nil || s.listOpen() || halfWord(n, s.c.text.text) {
		return last
	}
	if n.at("metadata", "uid") == nil && n.at("metadata", "creationTimestamp") == nil {
		return ""
	}
	switch n.get("kind").text() {
	case "Service", "Pod", "Node", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Namespace":
		if !n.has("status") {
			return last
		}
	}
	return ""
}

// ofMappings are lists of which no item is a word.
var ofMappings = map[string]bool{"ports": true, "ingress": true, "endpoints": true, "subsets": true, "containers": true, "conditions": true, "tolerations": true}

// halfWord tells whether a text without a line end at its end ends in half a line: a bare word stands below the key before it, as if it
// were its value, or is an item of a list of mappings; or an address lacks its end.
func halfWord(n *node, text string) bool {
	if strings.HasSuffix(text, "\n") {
		return false
	}
	key, line, list := "", 0, false
	for n != nil && len(n.items) > 0 {
		e := n.items[len(n.items)-1]
		if list = n.shape == sequence; !list {
			key = e.key
		}
		line, n = e.line, e.val
	}
	switch {
	case n == nil || n.shape != scalar || n.quoted || line == 0:
		return false
	case list:
		return ofMappings[key]
	case key == "ip":
		_, err := netip.ParseAddr(n.str)
		return err != nil && strings.Trim(n.str, "0123456789abcdefABCDEF.:") == "" // x.x.x.7 is a whole one that somebody masked
	}
	return n.line > line
}
