package check

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Announcement is one speaker's newest word on one Service and protocol.
type Announcement struct {
	Node     string // "" when the speaker's node is unknown
	Pod      string // "" when unknown
	Protocol string // layer2, bgp; "" when the source does not say
	On       bool   // it announces; else it withdrew
	Reason   string // of a withdrawal
	Via      string // log, event, status, metric, arp (it answers requests), election (another speaker's log shows that it wins)
	Time     time.Time
	Src      schema.Evidence

	log *model.Log // of Via log and arp
}

// Announces returns who announces now by the protocol (layer2 or bgp; "" any), strongest source first: status resources and
// metrics are of now, a log's last word holds until the log's end, an event says only that it was so at its time.
func (s *Service) Announces(protocol string) []Announcement {
	var on []Announcement
	for _, a := range s.Announced {
		if a.On && (protocol == "" || a.Protocol == protocol || a.Protocol == "") {
			on = append(on, a)
		}
	}
	return on
}

// Announcers lists the nodes (or, where a node is unknown, the pods) that announce now by the protocol.
func (s *Service) Announcers(protocol string) []string {
	set := map[string]bool{}
	for _, a := range s.Announces(protocol) {
		name := a.Node
		if name == "" {
			name = a.Pod
		}
		if name != "" {
			set[name] = true
		}
	}
	return model.Sorted(set)
}

// observeAnnouncements reads logs, status resources, metrics and events. A speaker whose log is attached speaks by its log
// alone for what the log covers: its events and status resources may be older.
func (v *View) observeAnnouncements() {
	for _, l := range v.LogsOf(model.Speaker) {
		if !l.Origin.Previous {
			v.announcementsOfLog(l)
		}
	}
	for _, st := range v.Obj.L2Statuses {
		if s := v.byKey[st.ServiceNamespace+"/"+st.ServiceName]; s != nil && st.Node != "" {
			s.Announced = append(s.Announced, Announcement{Node: st.Node, Protocol: "layer2", On: true, Via: "status", Time: st.Created, Src: st.Src})
		}
	}
	for _, st := range v.Obj.BGPStatuses {
		if s := v.byKey[st.ServiceNamespace+"/"+st.ServiceName]; s != nil && st.Node != "" && len(st.Peers) > 0 {
			s.Announced = append(s.Announced, Announcement{Node: st.Node, Protocol: "bgp", On: true, Via: "status", Time: st.Created, Src: st.Src})
		}
	}
	for _, x := range v.Metrics {
		if x.Name != "metallb_speaker_announced" {
			continue
		}
		if s := v.byKey[x.Labels["service"]]; s != nil {
			s.Announced = append(s.Announced, Announcement{Node: x.Labels["node"], Pod: x.Origin.Pod, Protocol: x.Labels["protocol"], On: x.Value == 1, Via: "metric", Src: x.Src})
		}
	}
	v.announcementsOfElections()
	v.announcementsOfEvents()
	for _, s := range v.Services {
		s.Announced = slices.DeleteFunc(s.Announced, func(a Announcement) bool {
			return (a.Via == "status" || a.Via == "event" || a.Via == "election") && v.deadSpeaker(a.Node)
		})
		sort.SliceStable(s.Announced, func(i, j int) bool { return viaRank(s.Announced[i].Via) < viaRank(s.Announced[j].Via) })
	}
}

func viaRank(via string) int {
	for i, w := range []string{"log", "status", "metric", "arp", "election", "event"} {
		if via == w {
			return i
		}
	}
	return 9
}

// announcementsOfLog takes the last of announced, withdrawn and "got ARP request" for each Service and protocol of one log.
// Lines since v0.13 may lack the Service's name; then the address tells it.
func (v *View) announcementsOfLog(l *model.Log) {
	type word struct {
		e  *model.LogEvent
		on bool
	}
	last := map[[2]string]word{}
	var order [][2]string
	note := func(key, protocol string, e *model.LogEvent, on bool) {
		k := [2]string{key, protocol}
		w, ok := last[k]
		if !ok {
			order = append(order, k)
		}
		if !ok || e.Last.After(w.e.Last) {
			last[k] = word{e, on}
		}
	}
	for _, e := range l.Events {
		switch e.ID {
		case model.MsgAnnounced:
			for _, key := range v.servicesOf(e) {
				note(key, e.Protocol, e, true)
			}
		case model.MsgWithdrawn:
			for _, key := range v.servicesOf(e) {
				note(key, e.Protocol, e, false)
			}
		}
	}
	for _, k := range order {
		w := last[k]
		if all, ok := last[[2]string{k[0], ""}]; ok && k[1] != "" && !all.on && all.e.Last.After(w.e.Last) {
			w = all // a withdrawal that names no protocol is one of both
		}
		if s := v.byKey[k[0]]; s != nil {
			s.Announced = append(s.Announced, Announcement{log: l, Node: l.Node, Pod: l.Origin.Pod, Protocol: k[1], On: w.on,
				Reason: w.e.Reason, Via: "log", Time: w.e.Last.Time, Src: w.e.Last.Src})
		}
	}
	for _, e := range l.Find(model.MsgARPRequest) {
		for _, key := range v.servicesOf(e) {
			if s := v.byKey[key]; s != nil && !v.saidBy(s, l) {
				s.Announced = append(s.Announced, Announcement{log: l, Node: l.Node, Pod: l.Origin.Pod, Protocol: "layer2", On: true, Via: "arp",
					Time: e.Last.Time, Src: e.Last.Src})
			}
		}
	}
}

// saidBy tells whether the log itself has a word on the Service already.
func (v *View) saidBy(s *Service, l *model.Log) bool {
	for _, a := range s.Announced {
		if a.Via == "log" && a.log == l {
			return true
		}
	}
	return false
}

// servicesOf are the Services that an event of a log is about: the one that it names, else those that have its addresses.
func (v *View) servicesOf(e *model.LogEvent) []string {
	if e.Service != "" {
		return []string{e.Service}
	}
	set := map[string]bool{}
	for _, ip := range e.IPs {
		for _, s := range v.Services {
			for _, a := range s.Addresses {
				if model.SameAddr(a, ip) {
					set[s.Key()] = true
				}
			}
		}
	}
	return model.Sorted(set)
}

// announcementsOfElections takes the winner of an election that a speaker held and lost at debug level: the nodes that it lists are
// live members with a speaker, so the winner among them announces. It counts only where the loser's line is its newest word on the
// Service, and the winner's own speaker, a status or a metric does not speak.
func (v *View) announcementsOfElections() {
	for _, l := range v.LogsOf(model.Speaker) {
		for _, e := range l.Find(model.MsgElection) {
			for _, key := range v.servicesOf(e) {
				s := v.byKey[key]
				if s == nil || len(e.Nodes) == 0 || len(e.IPs) == 0 || l.Origin.Previous || v.refusedBehind(l, e, key) {
					continue
				}
				hashed := e.IPs[0]
				if v.Expect.Base.Version.Until("v0.10.3") && v.Install.Version.Known() {
					hashed = key
				}
				winner := metallb.Elect(hashed, e.Nodes)[0].Node
				if winner == l.Node || s.hasWord(winner, "layer2") {
					continue
				}
				s.Announced = append(s.Announced, Announcement{Node: winner, Protocol: "layer2", On: true, Via: "election", Time: e.Last.Time, Src: e.Last.Src})
			}
		}
	}
}

// refusedBehind tells whether the log says behind an election that the Service may not be announced at all.
func (v *View) refusedBehind(l *model.Log, e *model.LogEvent, key string) bool {
	for _, n := range l.Find(model.MsgNotOwner) {
		if n.Service == key && n.Protocol == "layer2" && n.Last.After(e.Last) && n.Reason != "notOwner" {
			return true
		}
	}
	return false
}

// announcementsOfEvents reads "announcing from node N with protocol P". There is no event for a withdrawal, so an event counts
// only where nothing newer of the same node speaks, and of several nodes by layer 2 only the newest.
func (v *View) announcementsOfEvents() {
	for _, s := range v.Services {
		newest := map[string]*model.Event{} // protocol, or protocol and node for bgp
		for _, e := range s.Events {
			if e.Reason != "nodeAssigned" {
				continue
			}
			node, protocol := nodeAssigned(e.Message)
			if node == "" {
				continue
			}
			key := protocol
			if protocol == "bgp" {
				key += " " + node
			}
			if old := newest[key]; old == nil || !eventTime(e).Before(eventTime(old)) {
				newest[key] = e
			}
		}
		keys := map[string]bool{}
		for k := range newest {
			keys[k] = true
		}
		for _, k := range model.Sorted(keys) {
			e := newest[k]
			node, protocol := nodeAssigned(e.Message)
			if s.hasWord(node, protocol) {
				continue
			}
			s.Announced = append(s.Announced, Announcement{Node: node, Protocol: protocol, On: true, Via: "event", Time: eventTime(e), Src: e.Src})
		}
	}
}

// hasWord tells whether a stronger source has said what the node does with the Service.
func (s *Service) hasWord(node, protocol string) bool {
	for _, a := range s.Announced {
		if a.Via != "event" && (a.Protocol == protocol || a.Protocol == "" || protocol == "") && (a.Node == node || protocol == "layer2") {
			return true
		}
	}
	return false
}

func eventTime(e *model.Event) time.Time {
	if !e.Last.IsZero() {
		return e.Last
	}
	if !e.First.IsZero() {
		return e.First
	}
	if e.Age > 0 { // of a table: younger is later
		return time.Unix(1<<33, 0).Add(-e.Age)
	}
	return e.Created
}

// nodeAssigned reads the speaker's event; the protocol is named since v0.13.0.
func nodeAssigned(message string) (node, protocol string) {
	_, rest, ok := strings.Cut(message, "announcing from node ")
	if !ok {
		return "", ""
	}
	node = rest
	if i := strings.Index(rest, " with protocol "); i >= 0 {
		node, protocol = rest[:i], strings.Trim(rest[i+len(" with protocol "):], "\" .")
	}
	return strings.Trim(node, "\" ."), protocol
}
