package kube

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
)

// serviceLines are the lines of a described Service that a field is quoted by.
var serviceLines = map[string]string{
	"Type": "spec.type", "Selector": "spec.selector", "LoadBalancer Ingress": "status.loadBalancer",
	"External Traffic Policy": "spec.externalTrafficPolicy", "Port": "spec.ports", "Desired LoadBalancer IP": "spec.loadBalancerIP",
	"IP Family Policy": "spec.ipFamilyPolicy", "IP Families": "spec.ipFamilies", "IPs": "spec.clusterIPs", "Endpoints": "endpoints",
	"LoadBalancer Source Ranges": "spec.loadBalancerSourceRanges", "External IPs": "spec.externalIPs", "Load Balancer Class": "spec.loadBalancerClass",
}

func (d *described) service(m model.Meta) {
	for key, p := range serviceLines {
		at(&m, p, d.find(key))
	}
	s := &model.Service{
		Meta:                  m,
		Type:                  d.field("Type"),
		TrafficPolicy:         d.field("External Traffic Policy"),
		InternalTrafficPolicy: d.field("Internal Traffic Policy"),
		SessionAffinity:       d.field("Session Affinity"),
		IPFamilyPolicy:        d.field("IP Family Policy"),
		IPFamilies:            splitList(d.field("IP Families")),
		ExternalIPs:           splitList(d.field("External IPs")),
		LoadBalancerIP:        firstOf(d.field("Desired LoadBalancer IP"), d.field("IP:(LoadBalancerIP)")),
		SourceRanges:          splitList(d.field("LoadBalancer Source Ranges")),
		ClusterIPs:            splitList(firstOf(d.field("IPs"), d.field("IP"))),
	}
	s.HealthCheckNodePort, _ = strconv.Atoi(d.field("HealthCheck NodePort"))
	if class := firstOf(d.field("LoadBalancer Class"), d.field("Load Balancer Class")); class != "" {
		s.LoadBalancerClass = &class
	}
	d.servicePorts(s)
	whole := s.Type != "" && d.has("Session Affinity") && d.has("Port")
	if l := d.find("LoadBalancer Ingress"); l != nil {
		d.c.describedIngress(s, l.value)
	} else if whole {
		s.Know(model.PartIngress) // the line is missing when there is no address
	}
	for key, parts := range map[string][]string{
		"Type": {model.PartType}, "Selector": {model.PartSelector}, "IP": {model.PartClusterIP}, "IPs": {model.PartClusterIP},
		"Port": {model.PartPorts}, "TargetPort": {model.PartTargetPorts}, "External Traffic Policy": {model.PartPolicy},
		"IP Families": {model.PartFamilies},
	} {
		if d.has(key) {
			s.Know(parts...)
		}
	}
	if d.has("Selector") {
		s.Selector = d.c.labelList(strings.Join(d.values("Selector"), ","))
	}
	if whole {
		s.Know(model.PartPolicy, model.PartExternalIPs, model.PartRequest) // lines that are there when they say something
	}
	d.c.out.Services = append(d.c.out.Services, s)
	d.serviceEndpoints(s)
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// describedIngress reads "192.0.2.1 (VIP), 2001:db8::1 (VIP)".
func (c *converter) describedIngress(s *model.Service, v string) {
	s.Know(model.PartIngress)
	for _, a := range splitList(v) {
		a, mode, _ := strings.Cut(a, " ")
		in := model.Ingress{IPMode: strings.Trim(mode, "()")}
		if _, err := netip.ParseAddr(a); err == nil {
			in.IP = a
		} else if strings.HasPrefix(a, "<") {
			continue
		} else {
			in.Hostname = a
		}
		s.Ingress = append(s.Ingress, in)
	}
}

// servicePorts reads the lines Port, TargetPort, NodePort, which come again for each port.
func (d *described) servicePorts(s *model.Service) {
	for _, l := range d.lines {
		switch l.key {
		case "Port":
			name, rest, ok := strings.Cut(l.value, " ")
			if !ok {
				name, rest = "", l.value
			}
			p := model.ServicePort{Name: strings.ReplaceAll(name, "<unset>", "")}
			num, proto, _ := strings.Cut(strings.TrimSpace(rest), "/")
			p.Port, _ = strconv.Atoi(num)
			p.Protocol = proto
			s.Ports = append(s.Ports, p)
		case "TargetPort":
			if n := len(s.Ports); n > 0 {
				s.Ports[n-1].TargetPort, _, _ = strings.Cut(l.value, "/")
			}
		case "NodePort":
			if n := len(s.Ports); n > 0 {
				f := strings.Fields(l.value)
				if len(f) > 0 {
					num, _, _ := strings.Cut(f[len(f)-1], "/")
					s.Ports[n-1].NodePort, _ = strconv.Atoi(num)
				}
			}
		}
	}
}

// serviceEndpoints makes a slice of the ready endpoints that a described Service lists.
func (d *described) serviceEndpoints(s *model.Service) {
	var e *model.EndpointSlice
	for _, l := range d.lines {
		if l.key != "Endpoints" {
			continue
		}
		if e == nil {
			m := model.Meta{APIVersion: "v1", Kind: "Endpoints", Namespace: s.Namespace, Name: s.Name, Src: l.src, Index: s.Index}
			e = &model.EndpointSlice{Meta: m, Service: s.Name, FromEndpoints: true}
			e.Know(model.PartEndpoints, model.PartReadiness)
		}
		d.c.endpointList(e, l.value, true)
	}
	if e != nil {
		e.AddressType = familyOf(e.Endpoints)
		d.c.out.Slices = append(d.c.out.Slices, e)
	}
}

func (d *described) node(m model.Meta) {
	at(&m, "status.conditions", d.find("Conditions"))
	at(&m, "status.addresses", d.find("Addresses"))
	at(&m, "spec.taints", d.find("Taints"))
	at(&m, "spec.unschedulable", d.find("Unschedulable"))
	at(&m, "metadata.labels", d.find("Labels"))
	n := &model.Node{Meta: m, PodCIDRs: splitList(firstOf(d.field("PodCIDRs"), d.field("PodCIDR")))}
	if d.has("Unschedulable") {
		n.Unschedulable = strings.EqualFold(d.field("Unschedulable"), "true")
		n.Know(model.PartUnschedulable)
	}
	if d.has("Taints") {
		for _, t := range d.values("Taints") {
			n.Taints = append(n.Taints, taint(t))
		}
		n.Know(model.PartTaints)
	}
	if l := d.find("Conditions"); l != nil {
		n.Conditions = conditionTable(l)
		n.Know(model.PartConditions, model.PartStatus)
	}
	if l := d.find("Addresses"); l != nil {
		for _, k := range l.kids {
			a, err := netip.ParseAddr(k.value)
			if err == nil && k.key == "InternalIP" {
				n.InternalIPs = append(n.InternalIPs, a)
			} else if err == nil && k.key == "ExternalIP" {
				n.ExternalIPs = append(n.ExternalIPs, a)
			}
		}
		n.Know(model.PartIPs)
	}
	if l := d.find("System Info"); l != nil {
		n.Kernel, n.OS = field(l.kids, "Kernel Version"), field(l.kids, "OS Image")
		n.Kubelet, n.Runtime = field(l.kids, "Kubelet Version"), field(l.kids, "Container Runtime Version")
		n.Know(model.PartVersion)
		if v := find(l.kids, "Kubelet Version"); v != nil {
			d.c.version("kubernetes", v.value, 2, v.src)
		}
	}
	d.c.out.Nodes = append(d.c.out.Nodes, n)
}

// taint reads key=value:effect.
func taint(s string) model.Taint {
	s = strings.ReplaceAll(s, ": ", ":")
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return model.Taint{Key: s}
	}
	t := model.Taint{Effect: s[i+1:]}
	t.Key, t.Value, _ = strings.Cut(s[:i], "=")
	return t
}

// describeTime is how describe prints times in tables.
const describeTime = "Mon, 02 Jan 2006 15:04:05 -0700"

// conditionTable reads the table below Conditions: Type, Status, and for nodes LastHeartbeatTime, LastTransitionTime, Reason,
// Message.
func conditionTable(l *said) []model.Condition {
	var list []model.Condition
	for _, k := range l.kids {
		row := k.value
		if k.key != "" {
			row = k.key + ": " + k.value
		}
		f := byGaps(row, 6)
		if len(f) < 2 || f[0] == "Type" || strings.HasPrefix(f[0], "--") {
			continue
		}
		cond := model.Condition{Type: f[0], Status: f[1], Src: k.src}
		if len(f) >= 5 {
			if t, err := time.Parse(describeTime, f[3]); err == nil {
				cond.Changed = t.UTC()
			}
			cond.Reason = f[4]
			if len(f) > 5 {
				cond.Message = f[5]
			}
		} else if len(f) >= 3 {
			cond.Reason = f[2]
		}
		list = append(list, cond)
	}
	return list
}

func (d *described) pod(m model.Meta) {
	at(&m, "spec.nodeName", d.find("Node"))
	at(&m, "status.phase", d.find("Status"))
	at(&m, "status.conditions", d.find("Conditions"))
	at(&m, "spec.tolerations", d.find("Tolerations"))
	at(&m, "spec.nodeSelector", d.find("Node-Selectors"))
	p := &model.Pod{Meta: m, Phase: d.field("Status"), Reason: d.field("Reason"), ServiceAccount: d.field("Service Account")}
	p.Node, _, _ = strings.Cut(d.field("Node"), "/")
	p.Know(model.PartNode, model.PartStatus)
	if ip := d.field("IP"); ip != "" {
		p.IPs = []string{ip}
		p.Know(model.PartIPs)
	}
	if l := d.find("IPs"); l != nil && len(l.kids) > 0 {
		p.IPs = nil
		for _, k := range l.kids {
			p.IPs = append(p.IPs, k.value)
		}
	}
	if d.has("Containers") {
		p.Containers = d.containers("Containers")
		p.Init = d.containers("Init Containers")
		p.Know(model.PartContainers, model.PartStates)
		for _, ct := range p.Containers {
			p.Restarts += ct.Restarts
		}
	}
	if l := d.find("Conditions"); l != nil {
		p.Conditions = conditionTable(l)
		p.Know(model.PartConditions)
	}
	if d.has("Node-Selectors") {
		p.NodeSelector = d.pairs("Node-Selectors", "=")
		p.Know(model.PartNodeSelectors)
	}
	d.c.out.Pods = append(d.c.out.Pods, p)
}

func (d *described) containers(key string) []model.Container {
	l := d.find(key)
	if l == nil {
		return nil
	}
	var list []model.Container
	for _, k := range l.kids {
		if k.key == "" {
			continue
		}
		ct := model.Container{Name: k.key, Src: k.src, HasStatus: find(k.kids, "State") != nil}
		ct.Image, ct.ImageID = field(k.kids, "Image"), field(k.kids, "Image ID")
		ct.Ready = strings.EqualFold(field(k.kids, "Ready"), "true")
		ct.Restarts, _ = strconv.Atoi(field(k.kids, "Restart Count"))
		ct.State, ct.Last = stateLines(find(k.kids, "State")), stateLines(find(k.kids, "Last State"))
		if a := find(k.kids, "Args"); a != nil {
			ct.Args = below(a.kids)
		}
		if a := find(k.kids, "Command"); a != nil {
			ct.Command = below(a.kids)
		}
		ct.Ports = portLine(field(k.kids, "Port") + "," + field(k.kids, "Ports"))
		d.environment(&ct, find(k.kids, "Environment"))
		if i := find(k.kids, "Image"); i != nil {
			d.c.imageVersion(ct.Image, i.src)
		}
		list = append(list, ct)
	}
	return list
}

// portLine reads "8080/TCP" and "80/TCP, 443/TCP"; newer kubectl puts the name in brackets: "8080/TCP (http)".
func portLine(text string) []model.ContainerPort {
	var ports []model.ContainerPort
	for _, part := range strings.Split(text, ",") {
		part, name, _ := strings.Cut(strings.TrimSpace(part), " ")
		number, protocol, ok := strings.Cut(part, "/")
		if n, err := strconv.Atoi(number); ok && err == nil && n > 0 {
			ports = append(ports, model.ContainerPort{Name: strings.Trim(name, "() "), Protocol: protocol, Port: n})
		}
	}
	return ports
}

func (d *described) environment(ct *model.Container, l *said) {
	if l == nil {
		return
	}
	for _, e := range l.kids {
		if e.key == "" || strings.Contains(e.value, " in secret ") || strings.Contains(e.value, "<set to the key") || strings.Contains(e.value, "(v1:") {
			continue
		}
		if ct.Env == nil {
			ct.Env = map[string]string{}
		}
		ct.Env[e.key] = e.value
		if secretName(e.key) {
			ct.Env[e.key] = Masked
		}
	}
}

func stateLines(l *said) model.ContainerState {
	if l == nil || l.value == "" {
		return model.ContainerState{}
	}
	s := model.ContainerState{State: strings.ToLower(l.value), Src: l.src}
	s.Reason, s.Message = field(l.kids, "Reason"), field(l.kids, "Message")
	s.ExitCode, _ = strconv.Atoi(field(l.kids, "Exit Code"))
	if t, err := time.Parse(describeTime, field(l.kids, "Started")); err == nil {
		s.Started = t.UTC()
	}
	if t, err := time.Parse(describeTime, field(l.kids, "Finished")); err == nil {
		s.Finished = t.UTC()
	}
	return s
}

// slice reads a described EndpointSlice: below Endpoints each "- Addresses:" begins one.
func (d *described) slice(m model.Meta) {
	s := &model.EndpointSlice{Meta: m, AddressType: d.field("AddressType"), Service: m.Labels["kubernetes.io/service-name"]}
	if s.Service == "" {
		s.Service = ownerOfSlice(m.Name)
	}
	s.Know(model.PartEndpoints, model.PartReadiness, model.PartPorts)
	if l := d.find("Ports"); l != nil {
		for _, k := range l.kids {
			f := strings.Fields(k.value)
			if len(f) == 3 {
				if n, err := strconv.Atoi(f[1]); err == nil {
					s.Ports = append(s.Ports, model.EndpointPort{Name: strings.ReplaceAll(f[0], "<unset>", ""), Port: n, Protocol: f[2]})
				}
			}
		}
	}
	if l := d.find("Endpoints"); l != nil {
		s.Endpoints = describedEndpoints(l.kids)
	}
	d.c.out.Slices = append(d.c.out.Slices, s)
}

func describedEndpoints(kids []*said) []model.Endpoint {
	var list []model.Endpoint
	var visit func([]*said)
	visit = func(kids []*said) {
		for _, k := range kids {
			key := strings.TrimPrefix(k.key, "- ")
			if key == "Addresses" {
				list = append(list, model.Endpoint{Addresses: splitList(k.value), Src: k.src})
			} else if len(list) > 0 {
				endpointLine(&list[len(list)-1], key, k.value)
			}
			visit(k.kids)
		}
	}
	visit(kids)
	return list
}

func endpointLine(e *model.Endpoint, key, value string) {
	switch key {
	case "Ready":
		e.Ready = boolCell(value)
	case "Serving":
		e.Serving = boolCell(value)
	case "Terminating":
		e.Terminating = boolCell(value)
	case "NodeName":
		if !strings.HasPrefix(value, "<") {
			e.Node = value
		}
	case "TargetRef":
		e.Pod.Kind, e.Pod.Name, _ = strings.Cut(value, "/")
	}
}

// workload reads the counts of a described DaemonSet or Deployment.
func (d *described) workload(m model.Meta) {
	w := &model.Workload{Meta: m}
	w.Know(model.PartCounts)
	first := func(key string) int {
		f := strings.Fields(d.field(key))
		if len(f) == 0 {
			return 0
		}
		n, _ := strconv.Atoi(f[0])
		return n
	}
	if m.Kind == "DaemonSet" {
		w.Desired = first("Desired Number of Nodes Scheduled")
		w.Available = first("Number of Nodes Scheduled with Available Pods")
		w.Updated = first("Number of Nodes Scheduled with Up-to-date Pods")
		w.Misscheduled = first("Number of Nodes Misscheduled")
		w.Ready = w.Available
	} else {
		for _, part := range strings.Split(d.field("Replicas"), "|") { // 1 desired | 1 updated | 1 total | 0 available | 1 unavailable
			f := strings.Fields(part)
			if len(f) != 2 {
				continue
			}
			n, _ := strconv.Atoi(f[0])
			switch f[1] {
			case "desired":
				w.Desired = n
			case "updated":
				w.Updated = n
			case "available":
				w.Available, w.Ready = n, n
			}
		}
	}
	w.Unavailable = max(w.Desired-w.Available, 0)
	if d.has("Node-Selector") {
		w.NodeSelector = d.pairs("Node-Selector", "=")
		w.Know(model.PartNodeSelectors)
	}
	if l := d.find("Pod Template"); l != nil {
		inner := &described{c: d.c, lines: l.kids}
		w.Containers = inner.containers("Containers")
		w.Know(model.PartContainers)
	}
	d.c.out.Workloads = append(d.c.out.Workloads, w)
}
