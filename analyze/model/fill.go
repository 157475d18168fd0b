package model

import (
	"maps"
	"slices"

	"github.com/metallb-assay/assay/schema"
)

// fillers complete one partial object by another of the same name: `kubectl get nodes -o wide` shows addresses and
// `kubectl describe node` labels, and each alone leaves the other out. Only parts that the better one does not know are taken, and only
// between partial objects: a whole one lacks nothing, and no part is a mixture of two.

// missing tells whether into lacks a part that from knows, and marks it as known. The lines of the part come along.
func (m *Meta) missing(from *Meta, part string, paths ...string) bool {
	if m.Known[part] || !from.Knows(part) {
		return false
	}
	m.Known[part] = true
	for _, p := range paths {
		e, ok := from.Paths[p]
		if !ok {
			e = from.Src
		}
		if m.Paths == nil {
			m.Paths = map[string]schema.Evidence{}
		}
		m.Paths[p] = e
	}
	return true
}

// own makes the maps of a copied Meta its own, so that the object that it was copied from stays as it was read.
func (m *Meta) own() {
	m.Known, m.Paths = maps.Clone(m.Known), maps.Clone(m.Paths)
	if m.Known == nil {
		m.Known = map[string]bool{}
	}
}

func (m *Meta) fill(from *Meta) {
	if !m.Knows(PartLabels) { // a selector of the command tells a label without telling all of them
		labels := maps.Clone(from.Labels)
		for k, v := range m.Labels {
			if labels == nil {
				labels = map[string]string{}
			}
			labels[k] = v
		}
		for k := range labels {
			if _, ok := m.Paths["metadata.labels."+k]; ok {
				continue
			}
			if m.Paths == nil {
				m.Paths = map[string]schema.Evidence{}
			}
			m.Paths["metadata.labels."+k] = from.At("metadata.labels." + k)
		}
		m.Labels = labels
		m.missing(from, PartLabels, "metadata.labels")
	}
	if m.missing(from, PartAnnotations, "metadata.annotations") {
		m.Annotations = from.Annotations
	}
	if m.Created.IsZero() {
		m.Created = from.Created
	}
}

func fillNode(into, from *Node) *Node {
	n := *into
	n.own()
	n.fill(&from.Meta)
	if n.missing(&from.Meta, PartIPs, "status.addresses") {
		n.InternalIPs, n.ExternalIPs = from.InternalIPs, from.ExternalIPs
	}
	if n.missing(&from.Meta, PartTaints, "spec.taints") {
		n.Taints = from.Taints
	}
	if n.missing(&from.Meta, PartUnschedulable, "spec.unschedulable") {
		n.Unschedulable = from.Unschedulable
	}
	if n.missing(&from.Meta, PartConditions, "status.conditions") {
		n.Conditions = from.Conditions // Ready, which a row's STATUS is, is among them
		n.Known[PartStatus] = true
	} else if n.missing(&from.Meta, PartStatus) {
		n.Conditions = append(slices.Clone(n.Conditions), from.Conditions...)
	}
	if n.missing(&from.Meta, PartVersion) {
		n.Kubelet, n.OS, n.Kernel, n.Runtime = from.Kubelet, from.OS, from.Kernel, from.Runtime
	}
	if len(n.PodCIDRs) == 0 {
		n.PodCIDRs = from.PodCIDRs
	}
	return &n
}

func fillService(into, from *Service) *Service {
	s := *into
	s.own()
	s.fill(&from.Meta)
	if s.missing(&from.Meta, PartType, "spec.type") {
		s.Type = from.Type
	}
	if s.missing(&from.Meta, PartIngress, "status.loadBalancer") {
		s.Ingress = from.Ingress
	}
	if s.missing(&from.Meta, PartClusterIP, "spec.clusterIP") {
		s.ClusterIPs = from.ClusterIPs
	}
	if s.missing(&from.Meta, PartPorts, "spec.ports") {
		s.Ports = from.Ports
		if from.Knows(PartTargetPorts) {
			s.Known[PartTargetPorts] = true
		}
	}
	if s.missing(&from.Meta, PartSelector, "spec.selector") {
		s.Selector = from.Selector
	}
	if s.missing(&from.Meta, PartPolicy, "spec.externalTrafficPolicy", "spec.loadBalancerSourceRanges") {
		s.TrafficPolicy, s.InternalTrafficPolicy, s.HealthCheckNodePort = from.TrafficPolicy, from.InternalTrafficPolicy, from.HealthCheckNodePort
		s.SessionAffinity, s.SourceRanges = from.SessionAffinity, from.SourceRanges
	}
	if s.missing(&from.Meta, PartFamilies, "spec.ipFamilies", "spec.ipFamilyPolicy") {
		s.IPFamilies, s.IPFamilyPolicy = from.IPFamilies, from.IPFamilyPolicy
	}
	if s.missing(&from.Meta, PartRequest, "spec.loadBalancerIP", "spec.loadBalancerClass") {
		s.LoadBalancerIP, s.LoadBalancerClass = from.LoadBalancerIP, from.LoadBalancerClass
	}
	if s.missing(&from.Meta, PartExternalIPs, "spec.externalIPs") {
		s.ExternalIPs = from.ExternalIPs
	}
	return &s
}

func fillPod(into, from *Pod) *Pod {
	p := *into
	p.own()
	p.fill(&from.Meta)
	if p.missing(&from.Meta, PartNode, "spec.nodeName") {
		p.Node = from.Node
	}
	if p.missing(&from.Meta, PartIPs, "status.podIPs") {
		p.IPs = from.IPs
	}
	if p.missing(&from.Meta, PartStatus) {
		p.Phase, p.Reason, p.ReadyColumn, p.Restarts = from.Phase, from.Reason, from.ReadyColumn, from.Restarts
	}
	if p.missing(&from.Meta, PartConditions, "status.conditions") {
		p.Conditions = from.Conditions
	}
	if p.missing(&from.Meta, PartNodeSelectors, "spec.nodeSelector") {
		p.NodeSelector = from.NodeSelector
	}
	if !p.Known[PartContainers] && from.Knows(PartContainers) {
		p.Containers, p.Init = from.Containers, from.Init
		p.Known[PartContainers] = true
		p.Known[PartStates] = p.Known[PartStates] || from.Knows(PartStates)
	}
	return &p
}
