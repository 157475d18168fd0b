package kube

import (
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

func (c *converter) service(n *node, m model.Meta) {
	spec := n.get("spec")
	s := &model.Service{
		Meta:                  m,
		Type:                  spec.get("type").short(c.words),
		ClusterIPs:            spec.get("clusterIPs").texts(nil),
		ExternalIPs:           spec.get("externalIPs").texts(nil),
		IPFamilies:            spec.get("ipFamilies").texts(c.words),
		IPFamilyPolicy:        spec.get("ipFamilyPolicy").short(c.words),
		Selector:              spec.get("selector").pairs(c.words),
		TrafficPolicy:         spec.get("externalTrafficPolicy").short(c.words),
		InternalTrafficPolicy: spec.get("internalTrafficPolicy").short(c.words),
		HealthCheckNodePort:   spec.get("healthCheckNodePort").int(),
		LoadBalancerIP:        spec.get("loadBalancerIP").text(),
		SourceRanges:          spec.get("loadBalancerSourceRanges").texts(c.words),
		SessionAffinity:       spec.get("sessionAffinity").short(c.words),
		PublishNotReady:       spec.get("publishNotReadyAddresses").bool(),
		Conditions:            c.conditions(n.at("status", "conditions")),
	}
	if len(s.ClusterIPs) == 0 {
		s.ClusterIPs = spec.get("clusterIP").texts(nil)
	}
	if class := spec.get("loadBalancerClass"); class != nil && class.shape == scalar {
		v := class.short(c.words)
		s.LoadBalancerClass = &v
	}
	for _, p := range spec.get("ports").list() {
		s.Ports = append(s.Ports, model.ServicePort{
			Name:       p.get("name").short(c.words),
			Protocol:   p.get("protocol").short(c.words),
			Port:       p.get("port").int(),
			TargetPort: p.get("targetPort").short(c.words),
			NodePort:   p.get("nodePort").int(),
		})
	}
	for _, i := range n.at("status", "loadBalancer", "ingress").list() {
		s.Ingress = append(s.Ingress, model.Ingress{
			IP:       i.get("ip").text(),
			Hostname: i.get("hostname").text(),
			IPMode:   i.get("ipMode").short(c.words),
		})
	}
	c.out.Services = append(c.out.Services, s)
}

func (c *converter) slice(n *node, m model.Meta) {
	s := &model.EndpointSlice{
		Service:     m.Labels["kubernetes.io/service-name"],
		AddressType: n.get("addressType").short(c.words),
		Ports:       c.endpointPorts(n.get("ports")),
	}
	s.Meta = m
	for _, e := range n.get("endpoints").list() {
		cond := e.get("conditions")
		end := model.Endpoint{
			Addresses:   e.get("addresses").texts(nil),
			Ready:       cond.get("ready").boolp(),
			Serving:     cond.get("serving").boolp(),
			Terminating: cond.get("terminating").boolp(),
			Node:        e.get("nodeName").short(c.words),
			Pod:         c.ref(e.get("targetRef")),
			Src:         c.srcOf(e, "addresses"),
		}
		if end.Node == "" {
			end.Node = e.at("topology", "kubernetes.io/hostname").short(c.words) // v1beta1
		}
		if a := e.get("addresses"); a != nil && len(a.items) > 0 {
			end.Src = c.evidence(a.items[0].line)
		}
		s.Endpoints = append(s.Endpoints, end)
	}
	c.out.Slices = append(c.out.Slices, s)
}

func (c *converter) endpointPorts(n *node) []model.EndpointPort {
	var list []model.EndpointPort
	for _, p := range n.list() {
		list = append(list, model.EndpointPort{
			Name:     p.get("name").short(c.words),
			Protocol: p.get("protocol").short(c.words),
			Port:     p.get("port").int(),
		})
	}
	return list
}

// endpoints turns an Endpoints object into slices, one a subset; without subsets into an empty one.
func (c *converter) endpoints(n *node, m model.Meta) {
	subsets := n.get("subsets").list()
	if len(subsets) == 0 {
		subsets = []*node{nil}
	}
	for _, sub := range subsets {
		s := &model.EndpointSlice{Meta: m, Service: m.Name, FromEndpoints: true, Ports: c.endpointPorts(sub.get("ports"))}
		for _, part := range []string{"addresses", "notReadyAddresses"} {
			for _, a := range sub.get(part).list() {
				ready := part == "addresses"
				s.Endpoints = append(s.Endpoints, model.Endpoint{
					Addresses: a.get("ip").texts(nil),
					Ready:     &ready,
					Node:      a.get("nodeName").short(c.words),
					Pod:       c.ref(a.get("targetRef")),
					Src:       c.srcOf(a, "ip"),
				})
			}
		}
		s.AddressType = familyOf(s.Endpoints)
		c.out.Slices = append(c.out.Slices, s)
	}
}

func familyOf(list []model.Endpoint) string {
	for _, e := range list {
		switch {
		case len(e.Addresses) == 0:
		case strings.Contains(e.Addresses[0], ":"):
			return "IPv6"
		default:
			return "IPv4"
		}
	}
	return ""
}

func (c *converter) node(n *node, m model.Meta) {
	spec, status := n.get("spec"), n.get("status")
	info := status.get("nodeInfo")
	o := &model.Node{
		Meta:          m,
		PodCIDRs:      spec.get("podCIDRs").texts(nil),
		Unschedulable: spec.get("unschedulable").bool(),
		Conditions:    c.conditions(status.get("conditions")),
		Kubelet:       info.get("kubeletVersion").short(c.words),
		OS:            info.get("osImage").short(c.words),
		Kernel:        info.get("kernelVersion").short(c.words),
		Runtime:       info.get("containerRuntimeVersion").short(c.words),
	}
	if len(o.PodCIDRs) == 0 {
		o.PodCIDRs = spec.get("podCIDR").texts(nil)
	}
	for _, a := range status.get("addresses").list() {
		ip, err := netip.ParseAddr(a.get("address").text())
		if err != nil {
			continue
		}
		switch a.get("type").text() {
		case "InternalIP":
			o.InternalIPs = append(o.InternalIPs, ip)
		case "ExternalIP":
			o.ExternalIPs = append(o.ExternalIPs, ip)
		}
	}
	for _, t := range spec.get("taints").list() {
		o.Taints = append(o.Taints, model.Taint{Key: t.get("key").short(c.words), Value: t.get("value").short(c.words), Effect: t.get("effect").short(c.words)})
	}
	if o.Kubelet != "" {
		c.version("kubernetes", o.Kubelet, 2, c.srcOf(info, "kubeletVersion"))
	}
	c.out.Nodes = append(c.out.Nodes, o)
}

func (c *converter) namespaceObject(n *node, m model.Meta) {
	c.out.Namespaces = append(c.out.Namespaces, &model.Namespace{Meta: m, Phase: n.at("status", "phase").short(c.words)})
}

// event reads an Event of the core group or of events.k8s.io.
func (c *converter) event(n *node, m model.Meta) {
	e := &model.Event{
		Meta:      m,
		Type:      n.get("type").short(c.words),
		Reason:    n.get("reason").short(c.words),
		Message:   firstText(c.words, n.get("message"), n.get("note")),
		Component: firstText(c.words, n.at("source", "component"), n.get("reportingComponent"), n.get("reportingController"), n.at("deprecatedSource", "component")),
		Host:      firstText(c.words, n.at("source", "host"), n.at("deprecatedSource", "host"), n.get("reportingInstance")),
		Age:       -1,
	}
	about := n.get("involvedObject")
	if about == nil {
		about = n.get("regarding")
	}
	e.About = c.ref(about)
	for _, count := range []*node{n.get("count"), n.get("deprecatedCount"), n.at("series", "count")} {
		e.Count = max(e.Count, count.int())
	}
	e.Count = max(e.Count, 1)
	for _, t := range []*node{n.get("firstTimestamp"), n.get("deprecatedFirstTimestamp"), n.get("eventTime"), n.at("metadata", "creationTimestamp")} {
		if e.First.IsZero() {
			e.First = t.time()
		}
	}
	for _, t := range []*node{n.at("series", "lastObservedTime"), n.get("lastTimestamp"), n.get("deprecatedLastTimestamp"), n.get("eventTime")} {
		if e.Last.IsZero() {
			e.Last = t.time()
		}
	}
	if e.Last.IsZero() {
		e.Last = e.First
	}
	// The message says what happened; the object's name (web.17f3c2) tells a reader nothing.
	for _, k := range []string{"message", "note"} {
		if en := n.entry(k); en != nil && c.text.fixed == nil {
			e.Src = c.evidence(en.line)
			break
		}
	}
	c.out.Events = append(c.out.Events, e)
}

// firstText is the first text that is not empty.
func firstText(w words, list ...*node) string {
	for _, n := range list {
		if s := n.short(w); s != "" {
			return s
		}
	}
	return ""
}

// keysCounted is the annotation by which a collection, which never reads a Secret, says how many keys one has.
const keysCounted = "assay/keys"

// secret keeps the type and the names of the keys; values are never looked at.
func (c *converter) secret(n *node, m model.Meta) {
	s := &model.Secret{Meta: m, Type: n.get("type").short(c.words)}
	for _, part := range []string{"data", "stringData"} {
		if d := n.get(part); d != nil && d.shape == mapping {
			for _, e := range d.items {
				s.Keys = append(s.Keys, c.words.of(e.key))
			}
		}
	}
	if n := m.Annotations[keysCounted]; n != "" && n != "0" && len(s.Keys) == 0 {
		s.Know() // the type alone
	}
	s.Annotations = nil // may repeat values
	c.out.Secrets = append(c.out.Secrets, s)
}

// maxConfigValue bounds a value of a ConfigMap, maxConfigData all values of a member; values beyond are dropped, keys stay.
const maxConfigValue, maxConfigData = 256 << 10, 8 << 20

func (c *converter) configMap(n *node, m model.Meta) {
	o := &model.ConfigMap{Meta: m, Data: map[string]string{}, Lines: map[string]int{}}
	if d := n.get("data"); d != nil && d.shape == mapping {
		for _, e := range d.items {
			key := c.words.of(e.key)
			o.Data[key] = ""
			if e.val == nil || e.val.shape != scalar {
				continue
			}
			if len(e.val.str) <= maxConfigValue && c.kept+len(e.val.str) <= maxConfigData {
				o.Data[key] = maskPasswords(e.val.text())
				c.kept += len(e.val.str)
			}
			if c.text.fixed == nil {
				o.Lines[key] = c.origin.Line(e.val.line)
			}
		}
	}
	c.out.ConfigMaps = append(c.out.ConfigMaps, o)
}
