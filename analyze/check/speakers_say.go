package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// everySpeakerSays is the evidence that each attached speaker's last words on a Service give, as why it does not announce, a reason that
// holds one of the words and no other; nil where one says something else.
func (v *View) everySpeakerSays(s *Service, protocol string, words ...string) []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Origin.Previous {
			continue
		}
		said := false
		for _, e := range l.Events {
			if e.Service != s.Key() || e.ID != model.MsgNotOwner && e.ID != model.MsgWithdrawn || e.Reason == "" ||
				protocol != "" && e.Protocol != "" && e.Protocol != protocol {
				continue
			}
			switch {
			case slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.Reason, w) }):
				if !said {
					src = append(src, e.Last.Src)
				}
				said = true
			case e.Reason != "pool not matching my node" && e.Reason != "no active endpoints":
				return nil
			case e.Last.Time.Equal(l.Last):
				return nil
			}
		}
		if !said {
			return nil
		}
	}
	return src
}

// selective tells whether each advertisement of the pool for the protocol names nodes.
func selective(e *Eligible) bool {
	if e.Protocol == "layer2" {
		return !slices.ContainsFunc(e.Pool.L2, func(a *model.L2Advertisement) bool { return len(a.NodeSelectors) == 0 })
	}
	return !slices.ContainsFunc(e.Pool.BGP, func(a *model.BGPAdvertisement) bool { return len(a.NodeSelectors) == 0 })
}

// andOldElection adds to the check what holds until v0.10.3 whatever the traffic policy: by layer 2 only nodes with a ready endpoint and
// a speaker announce (rule l2-candidates-endpoint-nodes), where the configuration itself is not attached.
func andOldElection(c *Check) *Check {
	run := c.Run
	c.Run = func(v *View, report func(Finding)) {
		run(v, report)
		if !v.Expect.Base.Version.Until("v0.10.3") || v.Expect.Guessed || v.Install.SpeakerNodes == nil || !v.layer2InUse() {
			return
		}
		for _, s := range v.silent() {
			if v.PoolOf(s) != nil {
				continue
			}
			on, src := v.endpointNodes(s)
			if f, ok := v.endpointsWithoutNode(s); ok && len(on) == 0 {
				report(f)
				continue
			}
			if len(on) == 0 || slices.ContainsFunc(on, func(n string) bool { return slices.Contains(v.Install.SpeakerNodes, n) }) {
				continue
			}
			for _, p := range v.Install.SpeakerPods {
				src = append(src, p.Src)
			}
			is := fmt.Sprintf("until v0.10.3 only nodes with a ready endpoint announce by layer 2, the endpoints are on %s, and speakers run on %s", strings.Join(on, ", "), strings.Join(v.Install.SpeakerNodes, ", "))
			report(Finding{Services: []string{s.Key()}, Should: "a speaker on a node with a ready endpoint", Is: is, Objects: []schema.Object{s.Ref()}, Evidence: src,
				Remedy: "let speakers run on the endpoints' nodes, let the pods run where speakers do, or upgrade to v0.11.0 or later",
				Clause: fmt.Sprintf("no speaker announces %s, because %s", s.List(), is)})
		}
	}
	return c
}

// endpointsWithoutNode is the finding where endpoints name no node (somebody wrote them by hand) and each speaker that runs says that another
// node owns the Service: until v0.10.3 none does.
func (v *View) endpointsWithoutNode(s *Service) (Finding, bool) {
	said := v.everySpeakerSays(s, "layer2", "notOwner")
	if len(said) == 0 || len(said) < len(v.Install.SpeakerNodes) {
		return Finding{}, false
	}
	var src []schema.Evidence
	for _, b := range v.backends(s) {
		if b.Node != "" {
			return Finding{}, false
		}
		src = append(src, b.Src)
	}
	if len(src) == 0 {
		return Finding{}, false
	}
	is := "until v0.10.3 only nodes with a ready endpoint announce by layer 2, its endpoints name no node, and every speaker takes itself for not the owner"
	return Finding{Services: []string{s.Key()}, Should: "endpoints with a nodeName on which a speaker runs", Is: is, Objects: []schema.Object{s.Ref()}, Evidence: append(said, src...),
		Remedy: "give the endpoints a nodeName, let a selector make them, or upgrade to v0.11.0 or later", Confidence: schema.Likely,
		Clause: fmt.Sprintf("no speaker announces %s, because %s", s.List(), is)}, true
}

// layer2InUse tells whether speakers announce or withdraw by layer 2 or answer ARP, or text says that layer 2 is the mode.
func (v *View) layer2InUse() bool {
	for _, l := range v.LogsOf(model.Speaker) {
		if len(l.Find(model.MsgARPRequest)) > 0 || slices.ContainsFunc(l.Events, func(e *model.LogEvent) bool {
			return e.Protocol == "layer2" && (e.ID == model.MsgAnnounced || e.ID == model.MsgWithdrawn)
		}) {
			return true
		}
	}
	return slices.ContainsFunc(v.Remarks, func(r model.Remark) bool { return r.ID == model.RemarkMetalLBMode && r.Value == "layer2" })
}

// endpointNodes are the nodes of the Service's endpoints: as slices say, else those of the pods that have the endpoints' addresses. It
// is nil where one endpoint's node is unknown.
func (v *View) endpointNodes(s *Service) (nodes []string, src []schema.Evidence) {
	set := map[string]bool{}
	for _, b := range v.backends(s) {
		node := b.Node
		src = append(src, b.Src)
		for _, p := range v.Obj.Pods {
			if node == "" && slices.Contains(p.IPs, b.Addr) && !p.HostNetwork {
				node = p.Node
				src = append(src, p.Src)
			}
		}
		if node == "" {
			return nil, nil
		}
		set[node] = true
	}
	return model.Sorted(set), src
}

var interfaceSelectorMatchesNone = &Check{
	Cause: "interface-selector-matches-none", Title: "the interfaces named do not exist on the node that should announce",
	Doc: `spec.interfaces of the matching L2Advertisements limits where the elected node answers. Where none of them exists there, the speaker warns ("the specified interfaces used to
announce LB IP don't exist"), an event announceFailed says so, and nobody else takes over (rule l2-interfaces, since v0.13.6).`,
	Explains: []string{"speaker-not-reconciling", "arp-not-answered", "responder-missing", "wrong-interface"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if s.served() != nil || len(s.Announces("bgp")) > 0 && s.announcedNow() {
				continue
			}
			is, src := v.interfacesMissing(s)
			if is == "" {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Confidence: schema.Reported, Objects: []schema.Object{s.Ref()}, Should: "an interface of spec.interfaces on the node that announces", Is: is,
				Remedy: "correct spec.interfaces of the L2Advertisement, or select only nodes that have the interface", Evidence: src,
				Clause: fmt.Sprintf("nobody answers for %s, because %s", s.List(), is)}
			if p := v.PoolOf(s); p != nil {
				for _, a := range p.L2 {
					if len(a.Interfaces) > 0 {
						f.Objects = append(f.Objects, a.Object())
						f.Evidence = append(f.Evidence, a.At("spec.interfaces"))
					}
				}
			}
			report(f)
		}
	},
}

// sameReconcile is how long after the warning the speaker of that very pass says that it announces: it does so though nothing answers.
const sameReconcile = 2 * time.Second

// interfacesMissing takes the newest warning of a speaker, or the event, that no later announcement of that speaker follows; else the rule.
func (v *View) interfacesMissing(s *Service) (string, []schema.Evidence) {
	for _, l := range v.LogsOf(model.Speaker) {
		for _, e := range l.Find(model.MsgAnnounceFailed) {
			if e.Service != s.Key() && !slices.ContainsFunc(e.IPs, s.has) || !contains(e.Text+e.Error, "interfaces") {
				continue
			}
			later := slices.ContainsFunc(l.Find(model.MsgAnnounced), func(x *model.LogEvent) bool {
				return (x.Service == s.Key() || slices.ContainsFunc(x.IPs, s.has)) && x.Last.Time.Sub(e.Last.Time) > sameReconcile
			})
			if !later && !l.Origin.Previous {
				return fmt.Sprintf("the interfaces that its L2Advertisement names do not exist on %s", speakerOf(l)), []schema.Evidence{e.Last.Src}
			}
		}
	}
	for _, e := range s.Events {
		if e.Reason != "announceFailed" || s.announcedNow() || slices.ContainsFunc(s.Announced, func(a Announcement) bool { return a.On && a.Via == "event" && a.Time.After(eventTime(e)) }) {
			continue
		}
		return strings.TrimSpace(e.Message), []schema.Evidence{e.Src}
	}
	return "", nil
}

// speakerOf names where a speaker runs: its node, else its pod, else "the announcing node".
func speakerOf(l *model.Log) string {
	switch {
	case l.Node != "":
		return l.Node
	case l.Origin.Pod != "":
		return "the node of " + l.Origin.Pod
	}
	return "the announcing node"
}

var speakerNotReconciling = &Check{
	Cause: "speaker-not-reconciling", Title: "the speakers run and do not handle the Service",
	Doc: `A speaker whose log shows it handling other Services has no line on this one, though it was created long before the log's end, nodes may announce and nothing forbids it: a watch that
is lost, or a queue that is stuck. A restart of the speaker cures it.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.silent() {
			if s.Object == nil || s.Object.Partial || s.Object.Created.IsZero() || len(s.Announced) > 0 || v.LegacyRelease() {
				continue
			}
			for _, p := range v.protocolsOf(s) {
				e := v.eligible(s, p)
				if e == nil || !e.EndpointsKnown || e.Serving == 0 || len(e.Running) == 0 {
					continue
				}
				src := v.passOver(s, e.Running)
				if src == nil {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()}, Evidence: append(src, s.Object.Src),
					Should: fmt.Sprintf("one of %s handles and announces it", strings.Join(e.Running, ", ")), Is: "their logs handle other Services and have no line on this one",
					Remedy: "restart the speakers: kubectl -n " + v.Expect.Base.Namespace + " rollout restart ds/speaker",
					Clause: fmt.Sprintf("the speakers of %s run and do not handle it", strings.Join(e.Running, ", "))})
				break
			}
		}
	},
}

// passOver is the last line of each of the nodes' speakers that handles another Service after this one was made; nil where a log is
// missing, incomplete or speaks of it.
func (v *View) passOver(s *Service, nodes []string) []schema.Evidence {
	var src []schema.Evidence
	for _, n := range nodes {
		l := v.logOfNode(n)
		if l == nil || l.Dropped > 0 || l.Starts == 0 || !l.First.Before(s.Object.Created) || l.Last.Sub(s.Object.Created).Minutes() < 2 {
			return nil
		}
		var last *model.LogEvent
		for _, e := range l.Events {
			if e.Service == s.Key() || slices.ContainsFunc(e.IPs, s.has) {
				return nil
			}
			if e.ID == model.MsgReconcile && e.Last.Time.After(s.Object.Created) {
				last = e
			}
		}
		if last == nil {
			return nil
		}
		src = append(src, last.Last.Src)
	}
	return src
}

var announcedFromSubset = &Check{
	Cause: "announced-from-subset", Title: "only some of the nodes that should announce do",
	Doc: `By BGP every node that the advertisements select, and that nothing keeps out, announces. Found where a node's speaker log is attached, shows that it runs and announces other Services by
BGP, and has no announcement of this one while another node has.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			on := s.Announcers("bgp")
			e := v.eligible(s, "bgp")
			if len(on) == 0 || e == nil || s.Object == nil || s.Local() && !e.EndpointsKnown || !s.announcedNow() {
				continue
			}
			var missing []string
			var src []schema.Evidence
			for _, n := range e.Running {
				l := v.logOfNode(n)
				if slices.Contains(on, n) || l == nil || l.Dropped > 0 || l.Starts == 0 {
					continue
				}
				others := l.Find(model.MsgAnnounced)
				if !slices.ContainsFunc(others, func(x *model.LogEvent) bool { return x.Protocol == "bgp" }) || slices.ContainsFunc(others, func(x *model.LogEvent) bool {
					return x.Service == s.Key() && x.Protocol == "bgp" && !slices.ContainsFunc(l.Find(model.MsgWithdrawn), func(w *model.LogEvent) bool { return w.Service == s.Key() && w.Last.After(x.Last) })
				}) {
					continue
				}
				missing = append(missing, n)
				src = append(src, others[len(others)-1].Last.Src)
			}
			if len(missing) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()}, Evidence: append(src, s.Announces("bgp")[0].Src),
				Should: "announced by BGP from " + strings.Join(e.Running, ", "), Is: "announced from " + strings.Join(on, ", ") + " and not from " + strings.Join(missing, ", "),
				Remedy: "look at the speaker of " + missing[0] + "; a restart makes it handle every Service anew",
				Clause: fmt.Sprintf("%s announce it and %s should too and does not", strings.Join(on, ", "), strings.Join(missing, ", "))})
		}
	},
}
