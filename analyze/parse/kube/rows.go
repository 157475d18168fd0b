package kube

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// rowMeta is the part of an object that every row has.
func (c *converter) rowMeta(res *resource, r *row) model.Meta {
	api := "v1"
	if res.group != "" {
		api = res.group
	}
	m := model.Meta{APIVersion: api, Kind: res.kind, Name: r.name, Namespace: r.namespace, Src: r.src, Index: c.index}
	if res.cluster {
		m.Namespace = ""
	}
	m.Know()
	if r.has("LABELS") {
		m.Labels = c.labelList(r.get("LABELS"))
		m.Know(model.PartLabels)
	} else if len(c.ask.labels) > 0 && c.ask.resource == res { // the other labels are not known
		m.Labels = c.ask.labels
	}
	return m
}

// labelList reads a=b,c=d.
func (c *converter) labelList(s string) map[string]string {
	m := map[string]string{}
	for _, p := range strings.Split(s, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(p), "="); ok {
			m[c.words.of(k)] = c.words.of(v)
		}
	}
	return m
}

// row makes an object of a row.
func (c *converter) row(res *resource, r *row) {
	m := c.rowMeta(res, r)
	switch res.plural {
	case "services":
		c.serviceRow(m, r)
	case "endpointslices", "endpoints":
		c.endpointsRow(m, r, res.plural == "endpoints")
	case "pods":
		c.podRow(m, r)
	case "nodes":
		c.nodeRow(m, r)
	case "events":
		c.eventRow(m, r)
	case "daemonsets", "deployments", "statefulsets", "replicasets", "jobs":
		c.workloadRow(m, r)
	case "namespaces":
		m.Know(model.PartStatus)
		c.out.Namespaces = append(c.out.Namespaces, &model.Namespace{Meta: m, Phase: r.get("STATUS")})
	case "secrets":
		s := &model.Secret{Meta: m, Type: r.get("TYPE")}
		s.Know(model.PartType)
		c.out.Secrets = append(c.out.Secrets, s)
	case "configmaps":
		c.out.ConfigMaps = append(c.out.ConfigMaps, &model.ConfigMap{Meta: m, Data: map[string]string{}, Lines: map[string]int{}})
	case "customresourcedefinitions":
		o := &model.CRD{Meta: m}
		o.Resource, o.Group, _ = strings.Cut(m.Name, ".")
		c.out.CRDs = append(c.out.CRDs, o)
	case "networkpolicies":
		c.out.NetworkPolicies = append(c.out.NetworkPolicies, &model.NetworkPolicy{Meta: m})
	case "bgppeers":
		if res.group == metallbGroup {
			c.metallbRow(res, m, r)
		} else {
			c.otherRow(m, r)
		}
	default:
		if res.group == metallbGroup || res.group == frrk8sGroup {
			c.metallbRow(res, m, r)
		} else {
			c.otherRow(m, r)
		}
	}
}

func (c *converter) otherRow(m model.Meta, r *row) {
	o := &model.Other{Meta: m, Fields: map[string]string{}}
	for i, col := range r.t.cols.list {
		if i < len(r.cells) && i < 32 && col.title != "AGE" && !secretName(col.title) {
			o.Fields["table."+strings.ToLower(strings.ReplaceAll(col.title, " ", "-"))] = r.cells[i]
		}
	}
	c.out.Others = append(c.out.Others, o)
}

func (c *converter) serviceRow(m model.Meta, r *row) {
	s := &model.Service{Meta: m}
	if t := r.get("TYPE"); t != "" {
		s.Type = c.words.of(t)
		s.Know(model.PartType)
	}
	if r.raw("CLUSTER-IP") != "" {
		s.ClusterIPs = splitList(r.get("CLUSTER-IP"))
		if s.ClusterIPs == nil {
			s.ClusterIPs = []string{"None"}
		}
		s.Know(model.PartClusterIP)
	}
	if ext := r.raw("EXTERNAL-IP"); ext != "" {
		c.externalColumn(s, ext)
	}
	if p := r.raw("PORT(S)"); p != "" {
		s.Ports = portColumn(r.get("PORT(S)"))
		s.Know(model.PartPorts)
	}
	if r.raw("SELECTOR") != "" {
		s.Selector = c.labelList(r.get("SELECTOR"))
		s.Know(model.PartSelector)
	}
	if policy := r.get("TRAFFIC POLICY"); policy == "Local" || policy == "Cluster" {
		s.TrafficPolicy = policy
		s.Know(model.PartPolicy)
	}
	c.out.Services = append(c.out.Services, s)
}

// externalColumn reads EXTERNAL-IP: of a LoadBalancer its status (and externalIPs, which look the same), else externalIPs.
func (c *converter) externalColumn(s *model.Service, ext string) {
	cut := strings.Contains(ext, "more...") // "192.0.2.1,192.0.2.2 + 1 more..."
	if s.Type != "" && s.Type != "LoadBalancer" {
		if ext != "<none>" {
			s.ExternalIPs = splitList(ext)
		}
		s.Know(model.PartExternalIPs)
		return
	}
	for _, a := range splitList(ext) {
		if _, err := netip.ParseAddr(a); err == nil {
			s.Ingress = append(s.Ingress, model.Ingress{IP: a})
		} else if !strings.HasPrefix(a, "<") {
			s.Ingress = append(s.Ingress, model.Ingress{Hostname: a})
		}
	}
	if !cut && !strings.HasSuffix(ext, "...") {
		s.Know(model.PartIngress)
	}
}

// splitList splits at commas and drops "+ 2 more...".
func splitList(s string) []string {
	s, _, _ = strings.Cut(s, " + ")
	var list []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" && p != "<none>" && p != "<unset>" {
			list = append(list, p)
		}
	}
	return list
}

// portColumn reads 80:30080/TCP,443/TCP.
func portColumn(s string) []model.ServicePort {
	var list []model.ServicePort
	for _, p := range splitList(s) {
		nums, proto, _ := strings.Cut(p, "/")
		port, node, _ := strings.Cut(nums, ":")
		sp := model.ServicePort{Protocol: proto}
		sp.Port, _ = strconv.Atoi(port)
		sp.NodePort, _ = strconv.Atoi(node)
		if sp.Port > 0 {
			list = append(list, sp)
		}
	}
	return list
}

func (c *converter) endpointsRow(m model.Meta, r *row, old bool) {
	s := &model.EndpointSlice{Meta: m, Service: m.Name, FromEndpoints: old, AddressType: r.get("ADDRESSTYPE")}
	if !old {
		s.Service = ownerOfSlice(m.Name)
	}
	if r.raw("ENDPOINTS") != "" {
		c.endpointList(s, r.get("ENDPOINTS"), old)
		s.Know(model.PartEndpoints)
		if old {
			s.Know(model.PartReadiness)
		}
	}
	if r.raw("PORTS") != "" {
		for _, p := range splitList(r.get("PORTS")) {
			if n, err := strconv.Atoi(p); err == nil {
				s.Ports = append(s.Ports, model.EndpointPort{Port: n})
			}
		}
		s.Know(model.PartPorts)
	}
	if s.AddressType == "" {
		s.AddressType = familyOf(s.Endpoints)
	}
	c.out.Slices = append(c.out.Slices, s)
}

// endpointList adds the endpoints of a list of addresses; with ports (a.b.c.d:80) they are those of an Endpoints object, which
// shows the ready ones alone.
func (c *converter) endpointList(s *model.EndpointSlice, list string, ready bool) {
	ports, addrs := map[int]bool{}, map[string]bool{}
	for _, p := range s.Ports {
		ports[p.Port] = true
	}
	for _, e := range s.Endpoints {
		addrs[e.Addresses[0]] = true
	}
	for _, a := range splitList(list) {
		if ap, err := netip.ParseAddrPort(a); err == nil {
			if !ports[int(ap.Port())] {
				ports[int(ap.Port())] = true
				s.Ports = append(s.Ports, model.EndpointPort{Port: int(ap.Port())})
			}
			a = ap.Addr().String()
		}
		if addrs[a] {
			continue
		}
		addrs[a] = true
		e := model.Endpoint{Addresses: []string{a}, Src: s.Src}
		if ready {
			yes := true
			e.Ready = &yes
		}
		s.Endpoints = append(s.Endpoints, e)
	}
	if len(ports) > 0 {
		s.Know(model.PartPorts)
	}
}

// ownerOfSlice takes the five random characters off the name of a slice that the cluster's controller made.
func ownerOfSlice(name string) string {
	if i := strings.LastIndexByte(name, '-'); i > 0 && len(name)-i == 6 {
		return name[:i]
	}
	return name
}

func (c *converter) podRow(m model.Meta, r *row) {
	p := &model.Pod{Meta: m, Phase: c.words.of(r.get("STATUS")), ReadyColumn: r.get("READY")}
	if r.has("STATUS") {
		p.Know(model.PartStatus)
	}
	restarts, _, _ := strings.Cut(r.get("RESTARTS"), " ")
	p.Restarts, _ = strconv.Atoi(restarts)
	if n := r.get("NODE"); n != "" {
		p.Node = c.words.of(n)
		p.Know(model.PartNode)
	}
	if ip := r.get("IP"); ip != "" {
		p.IPs = []string{ip}
		p.Know(model.PartIPs)
	}
	if ports := splitList(r.get("CONTAINER PORTS")); len(ports) > 0 {
		ct := model.Container{Src: r.src}
		for _, text := range ports {
			if port, err := strconv.Atoi(text); err == nil {
				ct.Ports = append(ct.Ports, model.ContainerPort{Port: port})
			}
		}
		p.Containers = append(p.Containers, ct)
	}
	c.out.Pods = append(c.out.Pods, p)
}

func (c *converter) nodeRow(m model.Meta, r *row) {
	n := &model.Node{Meta: m}
	if st := r.get("STATUS"); st != "" {
		ready, _, _ := strings.Cut(st, ",")
		status := "False"
		if ready == "Ready" {
			status = "True"
		}
		n.Conditions = []model.Condition{{Type: "Ready", Status: status, Src: r.src}}
		n.Unschedulable = strings.Contains(st, "SchedulingDisabled")
		n.Know(model.PartStatus, model.PartUnschedulable)
	}
	if r.raw("INTERNAL-IP") != "" {
		if a, err := netip.ParseAddr(r.get("INTERNAL-IP")); err == nil {
			n.InternalIPs = []netip.Addr{a}
		}
		if a, err := netip.ParseAddr(r.get("EXTERNAL-IP")); err == nil {
			n.ExternalIPs = []netip.Addr{a}
		}
		n.Know(model.PartIPs)
	}
	if n.Kubelet = r.get("VERSION"); n.Kubelet != "" {
		n.Know(model.PartVersion)
		c.version("kubernetes", n.Kubelet, 2, r.src)
	}
	n.OS, n.Kernel, n.Runtime = r.get("OS-IMAGE"), r.get("KERNEL-VERSION"), r.get("CONTAINER-RUNTIME")
	c.out.Nodes = append(c.out.Nodes, n)
}

func (c *converter) eventRow(m model.Meta, r *row) {
	e := &model.Event{
		Meta:      m,
		Type:      c.words.of(r.get("TYPE")),
		Reason:    c.words.of(r.get("REASON")),
		Message:   r.raw("MESSAGE"),
		Component: c.words.of(r.get("SOURCE")),
		Count:     1,
		Age:       age(r.get("LAST SEEN")),
	}
	e.Partial, e.Known = false, nil // a row has all that an event says
	if e.Component, e.Host, _ = strings.Cut(e.Component, ", "); e.Component == "" {
		e.Component = sourceOf(e.Reason)
	}
	if e.Age < 0 {
		e.Age = age(r.get("AGE"))
	}
	for _, title := range []string{"COUNT", "LAST SEEN"} {
		if n := times(r.get(title)); n > e.Count {
			e.Count = n
		}
	}
	if e.FirstAge = firstAge(r.get("LAST SEEN")); e.FirstAge == 0 {
		e.FirstAge = max(age(r.get("FIRST SEEN")), 0)
	}
	kind, name, ok := strings.Cut(r.get("OBJECT"), "/")
	if !ok {
		kind, name = r.get("KIND"), r.get("OBJECT")
	}
	if res := resourceByWord(kind); res != nil {
		kind = res.kind
	}
	e.About = model.Ref{Kind: c.words.of(kind), Namespace: m.Namespace, Name: c.words.of(name)}
	c.out.Events = append(c.out.Events, e)
}

// sourceOf is who emits events of a reason, for those of MetalLB.
func sourceOf(reason string) string {
	switch reason {
	case "IPAllocated", "AllocationFailed", "ClearAssignment", "LoadBalancerFailed", "nolbIPsIPFamily", "noclusterIPsIPFamily", "AdditionalAssignFailed", "deprecatedAnnotation":
		return "metallb-controller"
	case "nodeAssigned", "announceFailed":
		return "metallb-speaker"
	}
	return ""
}

// times reads a count: "7", or the "x3" of "2m (x3 over 5m)".
func times(s string) int {
	if _, rest, ok := strings.Cut(s, "(x"); ok {
		s, _, _ = strings.Cut(rest, " ")
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func (c *converter) workloadRow(m model.Meta, r *row) {
	w := &model.Workload{Meta: m}
	w.Know(model.PartCounts)
	num := func(title string) int { n, _ := strconv.Atoi(r.get(title)); return n }
	w.Desired, w.Available, w.Updated, w.Ready = num("DESIRED"), num("AVAILABLE"), num("UP-TO-DATE"), num("READY")
	if ready := r.get("READY"); fraction(ready) {
		a, b, _ := strings.Cut(ready, "/")
		w.Ready, _ = strconv.Atoi(a)
		w.Desired, _ = strconv.Atoi(b)
		if !r.has("AVAILABLE") {
			w.Available = w.Ready
		}
	}
	w.Unavailable = max(w.Desired-w.Available, 0)
	if r.has("NODE SELECTOR") {
		w.NodeSelector = c.labelList(r.get("NODE SELECTOR"))
		w.Know(model.PartNodeSelectors)
	}
	if images := splitList(r.get("IMAGES")); len(images) > 0 {
		names := splitList(r.get("CONTAINERS"))
		for i, image := range images {
			ct := model.Container{Image: c.words.of(image), Src: r.src}
			if i < len(names) {
				ct.Name = c.words.of(names[i])
			}
			w.Containers = append(w.Containers, ct)
			c.imageVersion(image, r.src)
		}
		w.Know(model.PartContainers)
	}
	if r.raw("SELECTOR") != "" {
		w.Selector.MatchLabels = c.labelList(r.get("SELECTOR"))
		w.Know(model.PartSelector)
	}
	c.out.Workloads = append(c.out.Workloads, w)
}

// release reads a row of `helm list`.
func (c *converter) release(r *row) {
	c.chartVersion(r.get("CHART"), r.src)
	if v := r.get("APP VERSION"); v != "" && strings.HasPrefix(r.get("CHART"), "metallb-") {
		c.version("metallb", release(v), 1, r.src)
	}
}
