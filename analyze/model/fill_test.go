package model

import (
	"net/netip"
	"testing"
)

func partial(kind, namespace, name string, parts ...string) Meta {
	m := Meta{Kind: kind, Namespace: namespace, Name: name}
	m.Know(parts...)
	return m
}

func TestPartialObjectsCompleteEachOther(t *testing.T) {
	wide := &Node{Meta: partial("Node", "", "kube-1", PartStatus, PartUnschedulable, PartIPs, PartVersion), InternalIPs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}
	described := &Node{Meta: partial("Node", "", "kube-1", PartLabels, PartTaints), Taints: []Taint{{Key: "gpu"}}}
	described.Labels = map[string]string{"role": "edge"}
	m := New(&Observations{Objects: Objects{Nodes: []*Node{described, wide}}})
	n := m.Node("kube-1")
	if len(n.InternalIPs) != 1 || n.Labels["role"] != "edge" || len(n.Taints) != 1 || !n.Knows(PartLabels) {
		t.Errorf("node lacks what the other showed: %+v", n)
	}
	if len(described.InternalIPs)+len(wide.Labels) > 0 {
		t.Error("an object as it was read was changed")
	}

	row := &Service{Meta: partial("Service", "default", "web", PartType, PartIngress, PartPorts), Type: "LoadBalancer", Ingress: []Ingress{{IP: "192.0.2.10"}}}
	head := &Service{Meta: partial("Service", "default", "web", PartPolicy), TrafficPolicy: "Local"}
	m = New(&Observations{Objects: Objects{Services: []*Service{row, head}}})
	if s := m.Subject("default/web").Object; s.TrafficPolicy != "Local" || len(s.Ingress) != 1 {
		t.Errorf("service lacks what the other showed: %+v", s)
	}
}

func TestWholeObjectTakesNothingOver(t *testing.T) {
	whole := &Service{Meta: Meta{Kind: "Service", Namespace: "default", Name: "web"}, Type: "LoadBalancer"}
	head := &Service{Meta: partial("Service", "default", "web", PartPolicy), TrafficPolicy: "Local"}
	m := New(&Observations{Objects: Objects{Services: []*Service{whole, head}}})
	if s := m.Subject("default/web").Object; s.TrafficPolicy != "" {
		t.Errorf("a whole object took %q over", s.TrafficPolicy)
	}
}

func TestSlicesWithoutNamespaceAreTheirServices(t *testing.T) {
	row := &Service{Meta: partial("Service", "", "web", PartType), Type: "LoadBalancer"}
	slice := &EndpointSlice{Meta: partial("EndpointSlice", "", "web", PartEndpoints), Service: "web", Endpoints: []Endpoint{{Addresses: []string{"10.0.0.1"}}}}
	m := New(&Observations{Objects: Objects{Services: []*Service{row}, Slices: []*EndpointSlice{slice}}})
	if s := m.Subject("default/web"); s == nil || len(s.Slices) != 1 {
		t.Errorf("the slice is of no Service: %+v", s)
	}
}
