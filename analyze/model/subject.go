package model

import (
	"net/netip"
	"sort"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// Subject is one Service that the report has a row for: from its object, or from logs, events, status resources, metrics or
// tables that name it.
type Subject struct {
	Namespace, Name string
	Object          *Service   // nil when nobody attached it
	History         []*Service // every sighting, in order: a watch shows changes
	Slices          []*EndpointSlice
	Events          []*Event
	Addresses       []string // of its status; else as logs and events say last; in order
	AddressSrc      map[string]schema.Evidence
	Pool            string // as annotation or log say; "" unknown
	Src             schema.Evidence
}

// Key is NAMESPACE/NAME.
func (s *Subject) Key() string { return s.Namespace + "/" + s.Name }

// Subject returns the Service of that key, or nil.
func (m *Model) Subject(key string) *Subject { return m.subjects[key] }

// SubjectOf returns the first Service that has the address, or nil.
func (m *Model) SubjectOf(addr string) *Subject {
	for _, s := range m.Services {
		for _, a := range s.Addresses {
			if SameAddr(a, addr) {
				return s
			}
		}
	}
	return nil
}

// SameAddr compares two addresses as addresses where they parse, else as text.
func SameAddr(a, b string) bool {
	x, errx := netip.ParseAddr(a)
	y, erry := netip.ParseAddr(b)
	if errx == nil && erry == nil {
		return x.Unmap() == y.Unmap()
	}
	return a == b
}

// placeServices gives Services, slices and events of tables without a namespace the one that another sighting of the same
// name has, else "default", as kubectl does.
func (m *Model) placeServices() {
	known := map[string]string{}
	for _, s := range m.Observations.Services {
		if s.Namespace != "" {
			known[s.Name] = s.Namespace
		}
	}
	for _, l := range m.Logs {
		for _, e := range l.Events {
			if ns, name, ok := strings.Cut(e.Service, "/"); ok && known[name] == "" {
				known[name] = ns
			}
		}
	}
	for _, s := range m.Observations.Services {
		if s.Namespace == "" {
			if s.Namespace = known[s.Name]; s.Namespace == "" {
				s.Namespace = m.namespaceToldIn(s.Src.Member)
			}
			if s.Namespace == "" {
				s.Namespace = "default"
			}
		}
		known[s.Name] = s.Namespace
	}
	for _, sl := range m.Observations.Slices {
		if sl.Namespace == "" && known[sl.Service] != "" {
			sl.Namespace = known[sl.Service]
		}
	}
	for _, e := range m.Observations.Events {
		if e.About.Namespace == "" && e.About.Kind == "Service" {
			e.About.Namespace = known[e.About.Name]
		}
	}
}

// namespaceToldIn is the one namespace that sentences of a member name for what it shows; "" where there is none, or more than one.
func (m *Model) namespaceToldIn(member string) string {
	told := ""
	for _, r := range m.Remarks {
		if r.ID != RemarkNamespace || r.Origin.Path != member {
			continue
		}
		if told != "" && told != r.Value {
			return ""
		}
		told = r.Value
	}
	return told
}

func (m *Model) gatherSubjects() {
	m.subjects = map[string]*Subject{}
	for _, s := range m.Obj.Services {
		if s.Name == "" { // its name could not be read
			continue
		}
		if s.Type != "LoadBalancer" && len(s.Ingress) == 0 && !(s.Partial && s.Type == "") && s.AsksMetalLB() == "" {
			continue
		}
		sub := m.subject(s.Namespace, s.Name, s.Src)
		sub.Object = s
		sub.Pool = poolOf(s)
		for _, in := range s.Ingress {
			if _, err := netip.ParseAddr(in.IP); err == nil || in.IP != "" && s.Knows(PartIngress) { // people mask addresses; a cut text has half of one
				sub.addAddress(in.IP, s.At("status.loadBalancer"))
			}
		}
	}
	for _, s := range m.Observations.Services {
		if sub := m.subjects[s.Namespace+"/"+s.Name]; sub != nil {
			sub.History = append(sub.History, s)
		}
	}
	m.subjectsOfLogs()
	m.subjectsOfStatus()
	for _, sl := range m.Obj.Slices {
		if sub := m.subjects[sl.Namespace+"/"+sl.Service]; sub != nil {
			sub.Slices = append(sub.Slices, sl)
		}
	}
	for _, sub := range m.subjects {
		m.Services = append(m.Services, sub)
	}
	sort.Slice(m.Services, func(i, j int) bool { return m.Services[i].Key() < m.Services[j].Key() })
}

func (m *Model) subject(namespace, name string, src schema.Evidence) *Subject {
	key := namespace + "/" + name
	sub := m.subjects[key]
	if sub == nil {
		sub = &Subject{Namespace: namespace, Name: name, Src: src, AddressSrc: map[string]schema.Evidence{}}
		m.subjects[key] = sub
	}
	return sub
}

func (s *Subject) addAddress(addr string, src schema.Evidence) {
	for _, a := range s.Addresses {
		if SameAddr(a, addr) {
			return
		}
	}
	s.Addresses = append(s.Addresses, addr)
	s.AddressSrc[addr] = src
}

// poolOf is the pool that MetalLB wrote into the Service's annotations.
func poolOf(s *Service) string {
	if p := s.Annotations["metallb.io/ip-allocated-from-pool"]; p != "" {
		return p
	}
	return s.Annotations["metallb.universe.tf/ip-allocated-from-pool"]
}

// AsksMetalLB names what a Service asks MetalLB for: an annotation of MetalLB's that a person writes, or spec.loadBalancerIP;
// "" when it asks for nothing.
func (s *Service) AsksMetalLB() string {
	for _, prefix := range []string{"metallb.io/", "metallb.universe.tf/"} {
		for _, name := range []string{"address-pool", "loadBalancerIPs", "allow-shared-ip"} {
			if s.Annotations[prefix+name] != "" {
				return prefix + name
			}
		}
	}
	if s.LoadBalancerIP != "" {
		return "spec.loadBalancerIP"
	}
	return ""
}

// notService reports whether the object of that key is known and no LoadBalancer: logs of speakers name those too.
func (m *Model) notService(key string) bool {
	if m.types == nil {
		m.types = map[string]string{}
		for _, s := range m.Obj.Services {
			m.types[s.Key()] = s.Type
		}
	}
	t := m.types[key]
	return t != "" && t != "LoadBalancer"
}

// subjectsOfLogs makes a row of each Service that MetalLB handled as one that gets an address: it was allocated, refused,
// announced or withdrawn. Lines that only pass over a Service make none.
func (m *Model) subjectsOfLogs() {
	listed := m.servicesListed()
	told := map[string]*tolds{}
	for _, l := range m.Logs {
		gone := l.Gone()
		for _, e := range l.Events {
			switch e.ID {
			case MsgAllocated, MsgAllocFailed, MsgCleared, MsgAnnounced, MsgBadRequest, MsgStatusFailed, MsgStatusWritten,
				MsgUnknownIP, MsgAnnounceFailed, MsgARPRequest:
			default:
				continue
			}
			ns, name, ok := strings.Cut(e.Service, "/")
			if !ok || m.notService(e.Service) || listed && m.subjects[e.Service] == nil || gone[e.Service] != (Seen{}) {
				continue
			}
			sub := m.subject(ns, name, e.First.Src)
			if sub.Pool == "" && e.ID != MsgCleared {
				sub.Pool = e.Pool
			}
			if sub.Object == nil || !sub.Object.Knows(PartIngress) {
				t := told[e.Service]
				if t == nil {
					t = &tolds{sub: sub}
					told[e.Service] = t
				}
				t.add(l, e)
			}
		}
	}
	for _, t := range told {
		t.settle()
	}
}

// tolds is what logs say of a Service's addresses, where its object does not.
type tolds struct {
	sub       *Subject
	allocated *LogEvent // the controller's last word
	gone      *LogEvent // its last "cleared"
	announced []*LogEvent
}

func (t *tolds) add(l *Log, e *LogEvent) {
	later := func(old *LogEvent) bool { return old == nil || e.Last.After(old.Last) }
	switch e.ID {
	case MsgAllocated:
		if len(e.IPs) > 0 && later(t.allocated) {
			t.allocated = e
		}
	case MsgCleared:
		if later(t.gone) {
			t.gone = e
		}
	case MsgAnnounced:
		for _, w := range l.Events {
			if w.ID == MsgWithdrawn && w.Service == e.Service && w.Last.After(e.Last) && w.Reason == "serviceDeleted" {
				return
			}
		}
		t.announced = append(t.announced, e)
	}
}

func (t *tolds) settle() {
	if t.allocated != nil {
		if t.gone == nil || !t.gone.Last.After(t.allocated.Last) {
			for _, ip := range t.allocated.IPs {
				t.sub.addAddress(ip, t.allocated.Last.Src)
			}
		}
		return
	}
	var last *LogEvent
	for _, e := range t.announced {
		if last == nil || e.Last.Time.After(last.Last.Time) {
			last = e
		}
	}
	for _, e := range t.announced {
		// the addresses of one pass stand within seconds of each other; older ones were given up since
		if t.gone == nil || e.Last.After(t.gone.Last) {
			if last.Last.Time.Sub(e.Last.Time).Minutes() < 60 || len(t.announced) == 1 {
				for _, ip := range e.IPs {
					t.sub.addAddress(ip, e.Last.Src)
				}
			}
		}
	}
}

// servicesListed tells whether somebody listed the Services of all namespaces: then a log's Service that is not among them
// is gone.
func (m *Model) servicesListed() bool {
	for _, l := range m.Listed("services") {
		if l.AllNamespaces && (l.Count > 0 || l.Whole) {
			return true
		}
	}
	return false
}

func (m *Model) subjectsOfStatus() {
	listed := m.servicesListed()
	add := func(ns, name string, src schema.Evidence) *Subject {
		key := ns + "/" + name
		if name == "" || m.notService(key) || listed && m.subjects[key] == nil {
			return nil
		}
		return m.subject(ns, name, src)
	}
	for _, s := range m.Obj.L2Statuses {
		add(s.ServiceNamespace, s.ServiceName, s.Src)
	}
	for _, s := range m.Obj.BGPStatuses {
		add(s.ServiceNamespace, s.ServiceName, s.Src)
	}
	for _, e := range m.Obj.Events {
		if e.About.Kind != "Service" {
			continue
		}
		ours := strings.HasPrefix(e.Component, "metallb")
		sub := m.subjects[e.About.Namespace+"/"+e.About.Name]
		if sub == nil && ours {
			sub = add(e.About.Namespace, e.About.Name, e.Src)
		}
		if sub != nil {
			sub.Events = append(sub.Events, e)
		}
	}
	for _, sub := range m.subjects {
		if len(sub.Addresses) == 0 && (sub.Object == nil || !sub.Object.Knows(PartIngress)) {
			sub.addressOfEvents()
		}
	}
	for _, x := range m.Metrics {
		if x.Name == "metallb_speaker_announced" && x.Value == 1 {
			if ns, name, ok := strings.Cut(x.Labels["service"], "/"); ok {
				if sub := add(ns, name, x.Src); sub != nil && sub.Object == nil {
					sub.addAddress(x.Labels["ip"], x.Src)
				}
			}
		}
	}
}

// addressOfEvents takes the addresses that the controller's newest event gives (Assigned IP ["192.0.2.1"]), where no event of it takes
// them away.
func (s *Subject) addressOfEvents() {
	var given *Event
	for _, e := range s.Events {
		switch e.Reason {
		case "IPAllocated":
			if given == nil || e.newer(given) {
				given = e
			}
		case "ClearAssignment", "AllocationFailed", "LoadBalancerFailed":
			return
		}
	}
	if given == nil {
		return
	}
	_, list, _ := strings.Cut(given.Message, "Assigned IP ")
	for _, w := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(` []",`, r) }) {
		if _, err := netip.ParseAddr(w); err == nil {
			s.addAddress(w, given.Src)
		}
	}
}

// newer tells whether an event was seen later than another: by times, else by the ages of a table.
func (e *Event) newer(old *Event) bool {
	if !e.Last.IsZero() && !old.Last.IsZero() {
		return e.Last.After(old.Last)
	}
	return e.Age > 0 && old.Age > 0 && e.Age < old.Age
}

// placeEndpoints gives endpoints without a node (tables, describe) that of the pod that has their address.
func (m *Model) placeEndpoints() {
	byIP := map[string]string{}
	for _, p := range m.Obj.Pods {
		for _, ip := range p.IPs {
			if p.Node != "" && p.Node != "<none>" && !p.HostNetwork {
				byIP[ip] = p.Node
			}
		}
	}
	for _, sl := range m.Obj.Slices {
		for i := range sl.Endpoints {
			e := &sl.Endpoints[i]
			if e.Node == "" && len(e.Addresses) > 0 {
				e.Node = byIP[e.Addresses[0]]
			}
		}
	}
}
