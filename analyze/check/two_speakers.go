package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// doubled is an address that several speakers announce at once.
type doubled struct {
	addr     string
	services []*Service
	by       []Announcement // one a speaker, in order of node
}

// doubledAddresses finds them by each speaker's own log, by metrics and by status resources: an event tells of the past. Two logs
// speak of the same time only where the later word of one is not behind the end of the other.
func (v *View) doubledAddresses() []doubled {
	byAddr := map[string]*doubled{}
	var order []string
	for _, s := range v.HasAddress() {
		for _, addr := range s.Addresses {
			for _, a := range s.Announces("layer2") {
				if a.Via == "event" || a.Via == "status" && v.logOfNode(a.Node) != nil || a.Protocol == "" && !v.answersAs(a, addr) {
					continue
				}
				d := byAddr[addr]
				if d == nil {
					d = &doubled{addr: addr}
					byAddr[addr] = d
					order = append(order, addr)
				}
				if !slices.Contains(d.services, s) {
					d.services = append(d.services, s)
				}
				if !slices.ContainsFunc(d.by, func(b Announcement) bool { return sameSpeaker(a, b) }) {
					d.by = append(d.by, a)
				}
			}
		}
	}
	var out []doubled
	for _, addr := range order {
		d := byAddr[addr]
		d.by = v.atOnce(d.by)
		if len(d.by) > 1 {
			out = append(out, *d)
		}
	}
	return out
}

func sameSpeaker(a, b Announcement) bool {
	if a.Node != "" && b.Node != "" {
		return a.Node == b.Node
	}
	if a.Pod != "" && b.Pod != "" {
		return a.Pod == b.Pod
	}
	return a.Src.Member == b.Src.Member && a.Via == b.Via && a.Via == "log" && !otherMachines(a.log, b.log)
}

// otherMachines tells whether two logs are of two machines, though they name none: they answer requests on interfaces of one name with
// different hardware addresses.
func otherMachines(a, b *model.Log) bool {
	if a == nil || b == nil || a == b {
		return false
	}
	for _, x := range a.Find(model.MsgARPRequest) {
		for _, y := range b.Find(model.MsgARPRequest) {
			if m, n := responseMAC(x), responseMAC(y); x.Interface == y.Interface && m != "" && n != "" && !strings.EqualFold(m, n) {
				return true
			}
		}
	}
	return false
}

// responseMAC is the hardware address with which a speaker says that it answered.
func responseMAC(e *model.LogEvent) string {
	_, rest, _ := strings.Cut(e.Last.Src.Quote, `"responseMAC":"`)
	mac, _, _ := strings.Cut(rest, `"`)
	return mac
}

// ambiguous points at two excerpts in one file of which one at least names neither pod nor node, that cover one time, and both announce
// the Service: they are of two speakers, or of one that was pasted twice. It is empty where there are none.
func (s *Service) ambiguous() []schema.Evidence {
	on := s.Announces("layer2")
	for i, a := range on {
		for _, b := range on[i+1:] {
			if a.log == nil || b.log == nil || a.log == b.log || a.Node+a.Pod != "" && b.Node+b.Pod != "" || otherMachines(a.log, b.log) || a.Src.Member != b.Src.Member {
				continue
			}
			if !a.log.First.IsZero() && a.log.First.Before(b.log.Last) && b.log.First.Before(a.log.Last) {
				return []schema.Evidence{a.Src, b.Src}
			}
		}
	}
	return nil
}

// atOnce drops announcements whose log ended before the newest of the others began: their speakers may be gone.
func (v *View) atOnce(by []Announcement) []Announcement {
	var newest time.Time
	for _, a := range by {
		if a.Via != "arp" && a.Time.After(newest) { // an answered request is of the log's end, not of its decision
			newest = a.Time
		}
	}
	var out []Announcement
	for _, a := range by {
		if l := v.logOf(a); l != nil && !l.Last.IsZero() && !newest.IsZero() && l.Last.Before(newest.Add(-time.Second)) {
			continue
		}
		out = append(out, a)
	}
	return out
}

// answersAs tells whether the speaker's log, whose lines name no protocol (until v0.12), answers ARP for the address.
func (v *View) answersAs(a Announcement, addr string) bool {
	l := v.logOf(a)
	return l != nil && slices.ContainsFunc(l.Find(model.MsgARPRequest), func(e *model.LogEvent) bool {
		return slices.ContainsFunc(e.IPs, func(ip string) bool { return model.SameAddr(ip, addr) })
	})
}

func (v *View) logOf(a Announcement) *model.Log {
	if a.log != nil {
		return a.log
	}
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Origin.Path == a.Src.Member && (a.Pod == "" || l.Origin.Pod == a.Pod) {
			return l
		}
	}
	return nil
}

func (v *View) logOfNode(node string) *model.Log {
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Node == node && node != "" && !l.Origin.Previous {
			return l
		}
	}
	return nil
}

func (d doubled) speakers() string {
	var names []string
	for _, a := range d.by {
		switch {
		case a.Node != "":
			names = append(names, a.Node)
		case a.Pod != "":
			names = append(names, a.Pod)
		default:
			names = append(names, a.Src.Member)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " and ")
}

func (d doubled) evidence() []schema.Evidence {
	var src []schema.Evidence
	for _, a := range d.by {
		src = append(src, a.Src)
	}
	return src
}

var twoSpeakersAnnounce = &Check{
	Cause: "two-speakers-announce", Title: "two speakers announce one address",
	Doc: `Each speaker decides alone from its own list of members, so two sides of a broken list both announce (split brain). Until v0.10.3 the election was
held per Service and not per address, so Services that share an address could be announced from different nodes (rule l2-hash-service); since, they agree
only where their candidates are the same (traffic policies, endpoints). Clients see two MACs in turn.`,
	Explains: []string{"announcer-flapping", "stale-neighbor-after-failover", "address-used-by-other-host"},
	Run: func(v *View, report func(Finding)) {
		for _, d := range v.doubledAddresses() {
			f := Finding{Services: Keys(d.services), Confidence: schema.Reported, Evidence: d.evidence(),
				Should: "one speaker announces " + d.addr, Is: d.speakers() + " announce it at the same time",
				Remedy: "make the speakers see each other (port 7946 TCP and UDP between the nodes)",
				Clause: fmt.Sprintf("%s announce %s at the same time", d.speakers(), d.addr)}
			if len(d.services) > 1 && v.Expect.Base.Version.Until("v0.10.3") {
				f.Is += ": until v0.10.3 the announcer is elected per Service, and " + strings.Join(Keys(d.services), ", ") + " share the address"
				f.Remedy = "upgrade to v0.11.0 or later, where the election is held per address, or do not share the address"
			}
			for _, s := range d.services {
				f.Objects = append(f.Objects, s.Ref())
				f.Evidence = append(f.Evidence, v.respondersOf(s).evidence()...)
			}
			report(f)
		}
	},
}

var memberlistPartition = &Check{
	Cause: "memberlist-partition", Title: "speakers do not see each other",
	Doc: `Speakers find each other by memberlist (port 7946, TCP and UDP, between the nodes). Where the port is blocked, or their secrets differ, each side elects
among its own members, and both announce. Without memberlist at all nobody announces by layer 2 in some releases. Found where several speakers announce one address and their logs show members that they lost, or never had, or
joins that failed, or where a node's firewall drops the port while its events and another node's tell of announcements at one time. Members that left and came back are history, and foreign connections to the port (a scraper) are harmless.`,
	Explains: []string{"two-speakers-announce", "announcer-flapping", "announced-from-subset", "speaker-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		v.membersBlocked(report)
		v.membersOff(report)
		if v.Expect.Base.Version.Until("v0.10.3") && !v.Expect.Guessed {
			return
		}
		for _, d := range v.doubledAddresses() {
			src := v.brokenMembership(d)
			if len(src) == 0 {
				continue
			}
			f := Finding{Services: Keys(d.services), Confidence: schema.Reported, Evidence: append(src, d.evidence()...),
				Should: "the speakers of all nodes are members of one list", Is: d.speakers() + " do not see each other, and each announces " + d.addr,
				Remedy: "open port 7946 (TCP and UDP) between the nodes; compare the memberlist secret that the speakers use",
				Clause: fmt.Sprintf("%s both announce %s, because their speakers do not see each other (memberlist, port 7946)", d.speakers(), d.addr)}
			for _, s := range d.services {
				f.Objects = append(f.Objects, s.Ref())
			}
			report(f)
		}
	},
}

// together is how far apart the newest events of two speakers may be that handled one change of a Service: each handles it at once.
const together = 30 * time.Second

// membersBlocked reports where the firewall of a node drops port 7946, and events say that it and another node announced the Service at the
// same time by layer 2: each was alone in its list.
func (v *View) membersBlocked(report func(Finding)) {
	for _, r := range v.Firewall {
		node := v.machineOf(r.Origin)
		if r.Verdict != "DROP" && r.Verdict != "REJECT" || r.Policy || r.Packets == 0 || node == "" || !namesPort(r.Text, "7946") {
			continue
		}
		for _, s := range v.HasAddress() {
			if s.announcedNow() || len(v.Sessions)+len(v.Obj.Peers) > 0 || s.served() != nil {
				continue
			}
			at := map[string]*model.Event{} // the newest of each node
			for _, e := range s.Events {
				name, protocol := nodeAssigned(e.Message)
				if old := at[name]; e.Reason == "nodeAssigned" && name != "" && protocol != "bgp" && !eventTime(e).IsZero() && (old == nil || eventTime(e).After(eventTime(old))) {
					at[name] = e
				}
			}
			own := at[node]
			for _, other := range slices.Sorted(maps.Keys(at)) {
				o := at[other]
				if own == nil || other == node || eventTime(own).Sub(eventTime(o)).Abs() > together {
					continue
				}
				is := fmt.Sprintf("the firewall of %s drops port 7946, and %s and %s announced %s at the same time", node, node, other, s.List())
				report(Finding{Services: []string{s.Key()}, Confidence: schema.Likely, Objects: []schema.Object{{Kind: "Node", Name: node}, s.Ref()},
					Should: "the speakers of all nodes are members of one list", Is: is, Remedy: "accept port 7946 (TCP and UDP) between the nodes on " + node,
					Clause:   fmt.Sprintf("%s and %s both announce %s, because their speakers do not see each other: the firewall of %s drops port 7946", node, other, s.List(), node),
					Evidence: []schema.Evidence{r.Src, own.Src, o.Src}})
				break
			}
		}
	}
}

// membersOff reports Services that nobody announces by layer 2 because the speakers run without memberlist: from v0.13.0 to v0.14.9 nobody counts as
// a candidate then, from v0.11.0 to v0.12.1 nobody with externalTrafficPolicy Cluster (rules l2-memberlist-off-broken, l2-memberlist-off-dead).
func (v *View) membersOff(report func(Finding)) {
	version := v.Expect.Base.Version
	dead := version.Since("v0.13.0") && version.Until("v0.14.9")
	if !v.Install.Version.Known() || !v.Install.MemberlistOff || !dead && !(version.Since("v0.11.0") && version.Until("v0.12.1")) {
		return
	}
	var off []schema.Evidence
	for _, l := range v.LogsOf(model.Speaker) {
		if e := l.Find(model.MsgMemberOff); len(e) > 0 {
			off = append(off, e[0].Last.Src)
		} else if !l.Origin.Previous {
			return
		}
	}
	for _, s := range v.silent() {
		said := v.everySpeakerSays(s, "layer2", "no available nodes")
		if l2, bgp := v.Uses(s); bgp || !l2 && len(said) == 0 || !dead && (s.Object == nil || s.Local()) || len(off) == 0 || len(s.Announces("")) > 0 {
			continue
		}
		is := fmt.Sprintf("the speakers run without memberlist, and in %s no node counts as one that may announce then", version)
		report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "speakers with memberlist (METALLB_ML_BIND_ADDR, METALLB_ML_LABELS, METALLB_NAMESPACE)", Is: is,
			Remedy:   "let memberlist on (Helm: speaker.memberlist.enabled=true), or upgrade to v0.15.0 or later",
			Clause:   fmt.Sprintf("no speaker announces %s, because %s", s.List(), is),
			Evidence: append(off, said...)})
	}
}

// namesPort tells whether a rule of iptables or nft names the port as where packets go to.
func namesPort(text, port string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t,/{}", r) })
	for i, w := range words {
		if w == "dpt:"+port || w == port && slices.ContainsFunc(words[:i], func(x string) bool {
			return strings.HasSuffix(strings.TrimLeft(x, "-"), "dport") || strings.HasSuffix(x, "dports")
		}) {
			return true
		}
	}
	return false
}

// brokenMembership is the evidence in the announcers' logs that a member is lost, or that joining fails, with nothing newer
// against it.
func (v *View) brokenMembership(d doubled) []schema.Evidence {
	var src []schema.Evidence
	for _, a := range d.by {
		l := v.logOf(a)
		if l == nil {
			continue
		}
		joined := map[string]model.Seen{}
		for _, e := range l.Find(model.MsgMemberJoin) {
			joined[e.Value] = e.Last
		}
		for _, e := range l.Events {
			switch e.ID {
			case model.MsgMemberLeave:
				if back, ok := joined[e.Value]; !ok || e.Last.After(back) {
					src = append(src, e.Last.Src)
				}
			case model.MsgJoinFailed, model.MsgMemberSuspect:
				src = append(src, e.Last.Src)
			case model.MsgMemberError:
				if !e.Benign {
					src = append(src, e.Last.Src)
				}
			}
			if len(src) > 6 {
				return src
			}
		}
	}
	return src
}
