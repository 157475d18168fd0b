package model

import (
	"net/netip"
	"sort"
	"strings"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Model is everything that an input says, indexed.
type Model struct {
	Observations
	Obj      Objects    // one of each name, the newest
	Services []*Subject // every Service that anything speaks of, sorted by key

	From, To time.Time // first and last moment seen; To is the clock of all checks; zero when nothing has a time

	subjects map[string]*Subject
	types    map[string]string // type of each Service object by key
	podNode  map[string]string // pod name -> node
	podNS    map[string]string // pod name -> namespace
	nodes    map[string]*Node
	addrNode map[netip.Addr]string // node by its own addresses

	announcers map[string]bool // nodes that events and status resources name as announcing

	memberNode map[memberID]string // node of members that only their content ties to one
	homeless   []string            // files with output of a machine that nothing ties to a node
}

// New indexes observations.
func New(obs *Observations) *Model {
	m := &Model{Observations: *obs}
	m.placeServices()
	m.Obj = m.Observations.Objects.distinct()
	m.dropUnapplied()
	m.completeManifests()
	m.indexNodes()
	m.placeLogs()
	m.placeByCaption()
	m.placeMembers()
	m.placeSpeakers()
	m.span()
	m.placeEndpoints()
	m.gatherSubjects()
	return m
}

// Node returns the node of that name, or nil.
func (m *Model) Node(name string) *Node { return m.nodes[name] }

// NodeNames lists every node that anything names as one, sorted: objects, pods' nodes, logs' nodes.
func (m *Model) NodeNames() []string {
	seen := map[string]bool{}
	for _, n := range m.Obj.Nodes {
		seen[n.Name] = true
	}
	for _, node := range m.podNode {
		seen[node] = true
	}
	for _, l := range m.Logs {
		if l.Node != "" {
			seen[l.Node] = true
		}
	}
	delete(seen, "")
	return Sorted(seen)
}

// Sorted returns the keys of a set in order.
func Sorted(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (m *Model) indexNodes() {
	m.podNode, m.podNS = map[string]string{}, map[string]string{}
	m.nodes, m.addrNode = map[string]*Node{}, map[netip.Addr]string{}
	for _, n := range m.Obj.Nodes {
		m.nodes[n.Name] = n
		for _, a := range n.InternalIPs {
			m.addrNode[a] = n.Name
		}
	}
	for _, p := range m.Obj.Pods {
		if p.Node != "" && p.Node != "<none>" {
			m.podNode[p.Name] = p.Node
		}
		if p.Namespace != "" {
			m.podNS[p.Name] = p.Namespace
		}
	}
	for _, s := range m.Obj.L2Statuses {
		for _, o := range s.Owners {
			if o.Kind == "Pod" && s.Node != "" {
				m.podNode[o.Name] = s.Node
			}
		}
	}
	for _, s := range m.Obj.BGPStatuses {
		for _, o := range s.Owners {
			if o.Kind == "Pod" && s.Node != "" {
				m.podNode[o.Name] = s.Node
			}
		}
	}
	m.doubtGuesses()
	for _, l := range m.Logs {
		if l.Node != "" && l.Origin.Pod != "" && m.podNode[l.Origin.Pod] == "" {
			m.podNode[l.Origin.Pod] = l.Node
		}
	}
	for _, p := range m.Obj.Pods {
		if !p.HostNetwork && !strings.Contains(p.Name, "speaker") {
			continue
		}
		for _, text := range p.IPs {
			if a, err := netip.ParseAddr(text); err == nil && p.Node != "" {
				if _, known := m.addrNode[a]; !known {
					m.addrNode[a] = p.Node
				}
			}
		}
	}
	m.addressesOfMembers()
}

// addressesOfMembers ties the addresses of speakers that joined or left, as the others' logs name them, to their nodes: of a node that is
// gone nothing else may tell.
func (m *Model) addressesOfMembers() {
	for _, l := range m.Logs {
		for _, e := range l.Events {
			if e.ID != MsgMemberJoin && e.ID != MsgMemberLeave || e.Value == "" {
				continue
			}
			_, rest, _ := strings.Cut(e.Last.Src.Quote, `"node addr":"`)
			text, _, _ := strings.Cut(rest, `"`)
			if a, err := netip.ParseAddr(text); err == nil && m.addrNode[a.Unmap()] == "" {
				m.addrNode[a.Unmap()] = e.Value
			}
		}
	}
}

// placeLogs ties each log to its pod's namespace and node as far as anything says them.
func (m *Model) placeLogs() {
	for _, l := range m.Logs {
		if l.Origin.Node == "" && l.Origin.Pod != "" {
			l.Origin.Node = m.podNode[l.Origin.Pod]
		}
		if l.Origin.Namespace == "" {
			l.Origin.Namespace = m.podNS[l.Origin.Pod]
		}
		if l.Node == "" {
			l.Node = l.Origin.Node
		}
		if l.Node == "" && !byAPI(l.Origin.Command) {
			l.Node = m.hostNode(l.Origin.Host)
		}
	}
}

// byAPI tells whether a command reads a log from the API server: its prompt says where somebody typed, and nothing of the pod's node.
func byAPI(command string) bool {
	for _, w := range strings.Fields(command) {
		switch w[strings.LastIndexByte(w, '/')+1:] {
		case "kubectl", "oc", "k", "stern", "kail":
			return true
		}
	}
	return false
}

// NodeOf says which node an observation is of: by its origin, the pod's node, the host of a prompt where that is the name
// of a node or begins one, or what the member shows of its machine. It is "" when that is unknown.
func (m *Model) NodeOf(o schema.Origin) string {
	if o.Node != "" {
		return o.Node
	}
	if n := m.podNode[o.Pod]; n != "" && o.Pod != "" {
		return n
	}
	if o.Router || o.Client {
		return ""
	}
	if node := m.hostNode(o.Host); node != "" {
		return node
	}
	return m.memberNode[idOf(o)]
}

func (m *Model) hostNode(host string) string {
	if host == "" {
		return ""
	}
	if m.nodes[host] != nil {
		return host
	}
	for _, name := range m.NodeNames() {
		if short, _, cut := strings.Cut(name, "."); name == host || cut && short == host {
			return name
		}
	}
	if m.announcers == nil {
		m.announcers = m.announcing()
	}
	if m.announcers[host] {
		return host
	}
	return ""
}

// NodeOfAddr is the node that has the address as its own; "" when none is known to.
func (m *Model) NodeOfAddr(a netip.Addr) string { return m.addrNode[a.Unmap()] }

// NodeOfPod is the node of a pod; "" when unknown.
func (m *Model) NodeOfPod(name string) string { return m.podNode[name] }

// LogsOf returns the logs of a component, current and previous, in the members' order.
func (m *Model) LogsOf(c Component) []*Log {
	var logs []*Log
	for _, l := range m.Logs {
		if l.Component == c {
			logs = append(logs, l)
		}
	}
	return logs
}

// NodeViews returns what speakers' logs show of a resource, each for its own node.
func (m *Model) NodeViews(resource string) []Listing {
	var found []Listing
	for _, l := range m.Listings {
		if l.Resource == resource && l.NodeView {
			found = append(found, l)
		}
	}
	return found
}

// Listed returns the listings of a resource (plural, lower case) that name no single object, whether or not anything was found.
func (m *Model) Listed(resource string) []Listing {
	var found []Listing
	for _, l := range m.Listings {
		if l.Resource == resource && len(l.Names) == 0 && l.Error == "" && !l.NodeView && !(l.Implied && m.failed(resource)) {
			found = append(found, l)
		}
	}
	return found
}

// failed tells whether somebody who asked for a resource got an error.
func (m *Model) failed(resource string) bool {
	for _, l := range m.Listings {
		if l.Resource == resource && l.Error != "" && len(l.Names) == 0 {
			return true
		}
	}
	for _, r := range m.Remarks {
		if _, what, _ := strings.Cut(r.Value, " "); r.ID == RemarkForbidden && (what == resource || strings.HasPrefix(what, resource+".")) {
			return true
		}
	}
	return false
}

// span finds the first and last moment: logs, events and creation times.
func (m *Model) span() {
	note := func(t time.Time) {
		if t.IsZero() || t.Year() < 2015 {
			return
		}
		if m.From.IsZero() || t.Before(m.From) {
			m.From = t
		}
		if t.After(m.To) {
			m.To = t
		}
	}
	for _, l := range m.Logs {
		note(l.First)
		note(l.Last)
	}
	for _, e := range m.Obj.Events {
		note(e.First)
		note(e.Last)
	}
	if m.From.IsZero() {
		for _, s := range m.Obj.Services {
			note(s.Created)
		}
	}
}
