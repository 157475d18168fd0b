package model

import (
	"net/netip"
	"strings"
	"time"
)

// eventLag is how far the time of a Kubernetes event (whole seconds, sent in the background) may be from that of the log line that
// tells the same.
const eventLag = 3 * time.Second

// placeSpeakers ties speakers' logs that nothing else places to nodes: by the one member that they never exchange states with, by an
// address of their own that they could not bind, by the event that the same announcement left, by who is known to announce what only one of them announces, and the last one by elimination.
func (m *Model) placeSpeakers() {
	for _, by := range []func(*Log) string{m.nodeBySync, m.nodeByBind, m.nodeByEvent, m.nodeByAnnouncement} {
		for _, l := range m.unplacedSpeakers() {
			l.Node = by(l)
		}
	}
	if left := m.unplacedSpeakers(); len(left) == 1 {
		left[0].Node = m.nodeLeft()
	}
}

// doubtGuesses takes the node of a speaker's log that is only its first member from a log whose pod is known to be elsewhere, and from
// all logs of one time that claim the same node: a node runs one speaker.
func (m *Model) doubtGuesses() {
	wrong := map[*Log]bool{}
	for _, l := range m.Logs {
		if !l.NodeGuess {
			continue
		}
		if n := m.podNode[l.Origin.Pod]; n != "" && l.Origin.Pod != "" {
			l.Node, l.NodeGuess = n, false
			continue
		}
		if n := m.nodeBySync(l); n != "" {
			l.Node, l.NodeGuess = n, false
			continue
		}
		for _, x := range m.Logs {
			if x != l && x.Component == l.Component && x.Node == l.Node && !l.Origin.Previous && !x.Origin.Previous &&
				(x.Origin.Pod != l.Origin.Pod || x.Origin.Pod == "") && l.during(x) {
				wrong[l] = true
			}
		}
	}
	for l := range wrong {
		l.Node, l.NodeGuess = "", false
	}
}

// during tells whether two logs speak of one time: a pod that took over from another begins where that one ended.
func (l *Log) during(x *Log) bool {
	if l.First.IsZero() || x.First.IsZero() {
		return false
	}
	return l.First.Before(x.Last) && x.First.Before(l.Last)
}

func (m *Model) unplacedSpeakers() []*Log {
	var logs []*Log
	for _, l := range m.LogsOf(Speaker) {
		if l.Node == "" {
			logs = append(logs, l)
		}
	}
	return logs
}

// nodeBySync: a member exchanges its state with others at random. After many exchanges, with all members but one, that one is itself.
func (m *Model) nodeBySync(l *Log) string {
	const rounds = 3 // exchanges for each other member, so that one that was never picked is hardly another one
	others, total := map[string]bool{}, 0
	for text, n := range l.Synced {
		if a, err := netip.ParseAddr(text); err == nil {
			others[m.NodeOfAddr(a)] = true
			total += n
		}
	}
	if delete(others, ""); len(others) == 0 || total < rounds*len(others) {
		return ""
	}
	left := m.speakerNodes()
	for node := range others {
		delete(left, node)
	}
	return only(left)
}

// speakerNodes are the nodes of speakers' pods; where no pod of them is known, all nodes.
func (m *Model) speakerNodes() map[string]bool {
	nodes := map[string]bool{}
	for _, p := range m.Obj.Pods {
		if strings.Contains(p.Name, "speaker") && p.Node != "" && p.Node != "<none>" {
			nodes[p.Node] = true
		}
	}
	if len(nodes) == 0 {
		for _, n := range m.Obj.Nodes {
			nodes[n.Name] = true
		}
	}
	return nodes
}

// nodeByBind: a speaker binds the address of its node.
func (m *Model) nodeByBind(l *Log) string {
	nodes := map[string]bool{}
	for _, e := range l.Find(MsgPortInUse) {
		if a, err := netip.ParseAddrPort(e.Value); err == nil {
			nodes[m.NodeOfAddr(a.Addr())] = true
		}
	}
	delete(nodes, "")
	return only(nodes)
}

// announcingNode reads "announcing from node "NAME" with protocol "layer2"": with BGP many nodes say so at once.
func announcingNode(message string) string {
	if strings.Contains(message, `"bgp"`) {
		return ""
	}
	rest, ok := strings.CutPrefix(message, `announcing from node "`)
	node, _, ok2 := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		return ""
	}
	return node
}

// nodeByEvent: an announcement is a log line and an event at about the same time.
func (m *Model) nodeByEvent(l *Log) string {
	nodes := map[string]bool{}
	for _, e := range l.Find(MsgAnnounced) {
		if e.Protocol == "bgp" {
			continue
		}
		for _, k := range m.Obj.Events {
			if k.About.Namespace+"/"+k.About.Name != e.Service || k.Reason != "nodeAssigned" {
				continue
			}
			if node := announcingNode(k.Message); node != "" && (e.seenNear(k.First) || e.seenNear(k.Last)) {
				nodes[node] = true
			}
		}
	}
	return only(nodes)
}

// seenNear tells whether the event was logged at about that time.
func (e *LogEvent) seenNear(t time.Time) bool {
	near := func(s Seen) bool { return !s.Time.IsZero() && s.Time.Sub(t).Abs() <= eventLag }
	if t.IsZero() {
		return false
	}
	if near(e.First) || near(e.Last) {
		return true
	}
	for _, s := range e.Recent {
		if near(s) {
			return true
		}
	}
	return false
}

// nodeByAnnouncement: one log alone announces what one node without a log alone is known to.
func (m *Model) nodeByAnnouncement(l *Log) string {
	taken := map[string]bool{}
	for _, x := range m.LogsOf(Speaker) {
		taken[x.Node] = true
	}
	nodes := map[string]bool{}
	for _, e := range l.Find(MsgAnnounced) {
		if e.Protocol != "layer2" || m.alsoAnnounced(l, e.Service) {
			continue
		}
		if node := only(m.announcersOf(e.Service)); node != "" && !taken[node] {
			nodes[node] = true
		}
	}
	return only(nodes)
}

// alsoAnnounced tells whether another speaker's log announces the Service by layer 2.
func (m *Model) alsoAnnounced(but *Log, service string) bool {
	for _, x := range m.LogsOf(Speaker) {
		for _, e := range x.Find(MsgAnnounced) {
			if x != but && e.Service == service && e.Protocol == "layer2" {
				return true
			}
		}
	}
	return false
}

// announcersOf are the nodes that status resources and metrics name as announcing by layer 2.
func (m *Model) announcersOf(service string) map[string]bool {
	nodes := map[string]bool{}
	for _, s := range m.Obj.L2Statuses {
		if s.ServiceNamespace+"/"+s.ServiceName == service && s.Node != "" {
			nodes[s.Node] = true
		}
	}
	for _, s := range m.Metrics {
		if s.Name == "metallb_speaker_announced" && s.Labels["service"] == service && s.Labels["protocol"] == "layer2" && s.Value == 1 && s.Labels["node"] != "" {
			nodes[s.Labels["node"]] = true
		}
	}
	return nodes
}

// nodeLeft is the one node of a speaker pod that no log is of, where there are as many logs as pods.
func (m *Model) nodeLeft() string {
	left, pods := map[string]bool{}, 0
	for _, p := range m.Obj.Pods {
		if strings.Contains(p.Name, "speaker") && p.Node != "" && p.Node != "<none>" {
			left[p.Node] = true
			pods++
		}
	}
	logs := m.LogsOf(Speaker)
	for _, l := range logs {
		delete(left, l.Node)
	}
	if pods == 0 && len(logs) == 1 && len(m.Obj.Nodes) > 0 {
		return only(setOf(m.NodeNames())) // the only node's only speaker
	}
	if pods != len(logs) {
		return ""
	}
	return only(left)
}
