package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// emptied makes the check for a cause that is a filter of Eligible which leaves no node. where tells whether the cause applies to
// what the filters left, and says what is there.
func emptied(cause, title, doc, should, remedy string, where func(v *View, s *Service, e *Eligible) (is, because string, src []schema.Evidence)) *Check {
	return &Check{
		Cause: cause, Title: title, Doc: doc,
		Explains: []string{"speaker-not-reconciling", "announced-from-subset", "local-policy-drops", "endpoint-not-listening", "responder-missing", "prefix-not-sent"},
		Run: func(v *View, report func(Finding)) {
			for _, s := range v.silent() {
				emptiedFor(v, s, should, remedy, where, report)
			}
		},
	}
}

// emptiedFor reports where every protocol that the Service's pool is advertised by is stopped, and this cause stops the first.
func emptiedFor(v *View, s *Service, should, remedy string, where func(*View, *Service, *Eligible) (string, string, []schema.Evidence), report func(Finding)) {
	protocols := v.protocolsOf(s)
	for i, p := range protocols {
		e := v.eligible(s, p)
		if e == nil {
			return
		}
		is, because, src := where(v, s, e)
		if is == "" {
			if i == 0 {
				return
			}
			continue
		}
		objects, _ := advertisementObjects(e.Pool, p)
		report(Finding{
			Services: []string{s.Key()}, Should: should, Is: is, Remedy: remedy, Evidence: src,
			Clause:  fmt.Sprintf("no speaker announces %s, because %s", s.List(), because),
			Objects: append([]schema.Object{s.Ref()}, objects...),
		})
		return
	}
}

var advertisementSelectsNoNode = emptied("advertisement-selects-no-node", "the advertisements' node selectors take no node",
	`An advertisement announces from the nodes that one of its nodeSelectors matches; none given takes all (rule adv-node-selectors). Where no node of
the cluster has the labels, nobody announces, and nothing is logged above debug level.`,
	"a node that an advertisement of the pool selects", "label a node, or change spec.nodeSelectors of the advertisement",
	func(v *View, s *Service, e *Eligible) (string, string, []schema.Evidence) {
		if e.Pool.Protocol != "" || len(e.All) > 0 && len(e.Selected) > 0 {
			return "", "", nil
		}
		objects, src := advertisementObjects(e.Pool, e.Protocol)
		if len(e.All) == 0 { // no node is attached: the speakers' own words have to do
			said := v.everySpeakerSays(s, e.Protocol, "pool not matching my node")
			if len(said) == 0 || !selective(e) || len(said) < len(v.NodeNames()) { // one of the others may be selected
				return "", "", nil
			}
			src = append(src, said...)
			e.All = v.NodeNames()
		}
		var names []string
		for _, o := range objects {
			names = append(names, o.Kind+" "+o.Name)
		}
		for _, n := range v.Obj.Nodes {
			src = append(src, n.Src)
		}
		is := fmt.Sprintf("the nodeSelectors of %s match none of %s", strings.Join(names, ", "), strings.Join(e.All, ", "))
		return is, is, src
	})

var noActiveEndpoints = andSpeakersSayNone(andDescribedEmpty(emptied("no-active-endpoints", "no endpoint is ready",
	`Speakers announce only a Service of which an endpoint can serve: ready, or since v0.14.0 serving while it terminates (rules l2-needs-endpoint,
bgp-any-endpoint, endpoint-ready-or-serving). The Service keeps its address.`,
	"an endpoint that is ready", "make the pods behind the Service ready: kubectl get pods with its selector",
	func(v *View, s *Service, e *Eligible) (string, string, []schema.Evidence) {
		if !e.EndpointsKnown || e.Serving > 0 || !v.slicesWhole(s) || e.elsewhere(s) {
			return "", "", nil
		}
		is := fmt.Sprintf("none of its %d endpoints is ready", e.Endpoints)
		if e.Endpoints == 0 {
			is = "it has no endpoint at all"
		}
		return is, is, v.endpointEvidence(s)
	})))

var localPolicyNoEndpoint = andSpeakersElsewhere(emptied("local-policy-no-endpoint", "no node that may announce has an endpoint",
	`With externalTrafficPolicy Local only nodes with an endpoint of their own that can serve announce (rules l2-candidates-all-speakers,
bgp-local-endpoint). Here the nodes that the advertisements select, and that nothing else keeps out, have none.`,
	"an endpoint on a node that may announce", "set externalTrafficPolicy to Cluster, schedule a pod on such a node, or let the advertisement select the endpoints' nodes",
	func(v *View, s *Service, e *Eligible) (string, string, []schema.Evidence) {
		if !e.elsewhere(s) && (!s.Local() || !e.EndpointsKnown || e.Serving == 0 || len(e.ServingOn) == 0 || len(e.Labelled) == 0 || len(e.Local) > 0) {
			return "", "", nil
		}
		_, src := advertisementObjects(e.Pool, e.Protocol)
		is := fmt.Sprintf("externalTrafficPolicy is Local, the endpoints are on %s, and only %s may announce", strings.Join(e.On, ", "), strings.Join(e.Labelled, ", "))
		return is, is, append([]schema.Evidence{s.Object.At("spec.externalTrafficPolicy")}, append(src, v.endpointEvidence(s)...)...)
	}))

var nodeExcludedByLabel = andAllExcluded(emptied("node-excluded-by-label", "a label keeps the nodes out",
	`Nodes with the label node.kubernetes.io/exclude-from-external-load-balancers, whatever its value, do not announce since v0.14.0 (rule
node-exclude-label); since v0.14.4 --ignore-exclude-lb turns that off. kubeadm puts the label on control-plane nodes.`,
	"a node without node.kubernetes.io/exclude-from-external-load-balancers", "kubectl label node NODE node.kubernetes.io/exclude-from-external-load-balancers-, or run the speaker with --ignore-exclude-lb",
	func(v *View, s *Service, e *Eligible) (string, string, []schema.Evidence) {
		const label = "node.kubernetes.io/exclude-from-external-load-balancers"
		src := v.everySpeakerSays(s, "", label, "nodeLabeledExcludeBalancers", "no available nodes")
		if len(e.All) == 0 && len(src) > 0 && s.Local() && len(v.everySpeakerSays(s, "", label, "nodeLabeledExcludeBalancers")) == 0 {
			return "", "", nil // with the policy Local a node without an endpoint is none that is available either
		}
		if len(e.All) == 0 && len(src) > 0 {
			is := fmt.Sprintf("the label %s keeps out the nodes of all speakers", label)
			return is, is, src
		}
		if len(e.Network) == 0 || len(e.Labelled) > 0 || !v.Since("v0.14.0") && len(src) == 0 {
			return "", "", nil
		}
		for _, n := range e.Network {
			if v.Expect.Base.NodeExcluded(n) != "nodeLabeledExcludeBalancers" {
				return "", "", nil
			}
			src = append(src, v.Node(n).At("metadata.labels."+label))
		}
		is := fmt.Sprintf("the label %s keeps out %s", label, strings.Join(e.Network, ", "))
		return is, is, src
	}))

var nodeNetworkUnavailable = emptied("node-network-unavailable", "the nodes report NetworkUnavailable",
	`A node whose condition NetworkUnavailable is True does not announce since v0.13.10 (rule node-network-unavailable). The condition is set by the CNI
or a cloud's route controller.`,
	"a node whose network is available", "find out why the CNI reports it: kubectl describe node NODE",
	func(v *View, s *Service, e *Eligible) (string, string, []schema.Evidence) {
		if len(e.Selected) == 0 || len(e.Network) > 0 {
			return "", "", nil
		}
		var src []schema.Evidence
		for _, n := range e.Selected {
			if c := v.Node(n).Condition("NetworkUnavailable"); c != nil {
				src = append(src, c.Src)
			}
		}
		is := "NetworkUnavailable is True on " + strings.Join(e.Selected, ", ")
		return is, is, src
	})

var noSpeakerOnEligibleNode = andOldElection(emptied("no-speaker-on-eligible-node", "the nodes that may announce have no running speaker",
	`Only a running speaker announces. The nodes that the advertisements select and that have what the traffic policy wants are known, and none of them
has a speaker that runs.`,
	"a running speaker on a node that may announce", "let the speaker's DaemonSet run there (node selector, tolerations), or widen the advertisement",
	func(v *View, s *Service, e *Eligible) (string, string, []schema.Evidence) {
		if len(e.Local) == 0 || len(e.Running) > 0 || v.Install.SpeakerNodes == nil {
			return "", "", nil
		}
		var src []schema.Evidence
		for _, p := range v.Install.SpeakerPods {
			src = append(src, p.Src)
		}
		src = append(src, v.endpointEvidence(s)...)
		running := strings.Join(v.Install.SpeakerNodes, ", ")
		if running == "" {
			running = "no node"
		}
		is := fmt.Sprintf("only %s may announce, and speakers run on %s", strings.Join(e.Local, ", "), running)
		return is, is, src
	}))

// andDescribedEmpty adds to the check what holds whatever the pools and advertisements, where those are not attached: the Service's endpoints
// are shown, and there are none.
func andDescribedEmpty(c *Check) *Check {
	run := c.Run
	c.Run = func(v *View, report func(Finding)) {
		run(v, report)
		for _, s := range v.silent() {
			if v.PoolOf(s) != nil || len(s.Slices) == 0 || !v.slicesWhole(s) { // an event of an announcement is older than what is shown of now
				continue
			}
			serving := 0
			for _, sl := range s.Slices {
				for _, e := range sl.Endpoints {
					if metallb.CanServe(v.Expect.Base.Version, e) {
						serving++
					}
				}
			}
			if serving > 0 {
				continue
			}
			is := "it has no endpoint that is ready"
			report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "an endpoint that is ready", Is: is,
				Remedy: "make the pods behind the Service ready, and see that its selector takes them: kubectl get pods with its selector",
				Clause: fmt.Sprintf("no speaker announces %s, because %s", s.List(), is), Evidence: v.endpointEvidence(s)})
		}
	}
	return c
}

// andSpeakersSayNone adds to the check what holds whatever else is attached: the last word on the Service of each speaker whose log is attached is
// that it has no active endpoint. Endpoints are the same for all speakers. A speaker says so while it starts, too, before it knows them.
func andSpeakersSayNone(c *Check) *Check {
	run := c.Run
	c.Run = func(v *View, report func(Finding)) {
		run(v, report)
		for _, s := range v.silent() {
			if len(s.Slices) > 0 || len(s.Announces("")) > 0 {
				continue
			}
			src := v.lastWordNoEndpoints(s)
			if len(src) == 0 {
				continue
			}
			is := "it has no active endpoint, as the speakers say"
			report(Finding{Services: []string{s.Key()}, Confidence: schema.Reported, Objects: []schema.Object{s.Ref()}, Should: "an endpoint that is ready", Is: is,
				Remedy: "make the pods behind the Service ready, and see that its selector takes them: kubectl get endpointslices, and pods with its selector",
				Clause: fmt.Sprintf("no speaker announces %s, because %s", s.List(), is), Evidence: src})
		}
	}
	return c
}

// settled is how long a speaker's log goes on behind a word that it also says while it starts, so that the word counts.
const settled = 5 * time.Second

// lastWordNoEndpoints is where each attached speaker's log that speaks of the Service says last that it has no active endpoint; nil where one says
// something else.
func (v *View) lastWordNoEndpoints(s *Service) []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Origin.Previous {
			continue
		}
		var none, other *model.LogEvent
		announced := false
		for _, e := range l.Events {
			if e.Service != s.Key() {
				continue
			}
			switch e.ID {
			case model.MsgNotOwner, model.MsgAnnounced, model.MsgElection, model.MsgWithdrawn:
			default:
				continue
			}
			announced = announced || e.ID == model.MsgAnnounced
			switch {
			case e.Reason == "no active endpoints" || e.Reason == "noEndpoints":
				if none == nil || e.Last.After(none.Last) {
					none = e
				}
			case e.ID == model.MsgWithdrawn || e.Protocol == "bgp" && e.ID == model.MsgNotOwner: // what follows from it, and the other protocol's word
			case other == nil || e.Last.After(other.Last):
				other = e
			}
		}
		if none == nil && other == nil {
			continue
		}
		if none == nil || other != nil && other.Last.After(none.Last) || !announced && l.Last.Sub(none.Last.Time) < settled {
			return nil
		}
		src = append(src, none.Last.Src)
	}
	return src
}

// andSpeakersElsewhere adds to the check what holds whatever the advertisements, where no Node objects are attached: with externalTrafficPolicy
// Local only a speaker on a node with a ready endpoint announces. The endpoints' nodes are known, and those of all speakers, or each speaker
// says that no node is available.
func andSpeakersElsewhere(c *Check) *Check {
	run := c.Run
	c.Run = func(v *View, report func(Finding)) {
		run(v, report)
		if len(v.Install.SpeakerPods) == 0 {
			return
		}
		for _, s := range v.silent() {
			on := v.servingNodes(s)
			if !s.Local() || len(on) == 0 || len(v.Obj.Nodes) > 0 && v.PoolOf(s) != nil || len(s.Announces("")) > 0 || !v.slicesWhole(s) && !allPlaced(s) ||
				slices.ContainsFunc(on, func(n string) bool { return slices.Contains(v.Install.SpeakerNodes, n) }) {
				continue
			}
			said := v.everySpeakerSays(s, "", "no available nodes")
			if len(said) == 0 && !v.speakersListed() {
				continue
			}
			src := append(said, v.endpointEvidence(s)...)
			for _, p := range v.Install.SpeakerPods {
				src = append(src, p.Src)
			}
			is := fmt.Sprintf("externalTrafficPolicy is Local, the endpoints are on %s, and speakers run on %s", strings.Join(on, ", "), strings.Join(v.Install.SpeakerNodes, ", "))
			report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "a speaker on a node with an endpoint", Is: is,
				Remedy: "let the speaker run on the endpoints' nodes (node selector, tolerations), schedule a pod where speakers run, or set externalTrafficPolicy to Cluster",
				Clause: fmt.Sprintf("no speaker announces %s, because %s", s.List(), is), Evidence: append([]schema.Evidence{s.Object.At("spec.externalTrafficPolicy")}, src...)})
		}
	}
	return c
}

// speakersListed tells whether the pods of MetalLB's namespace were listed, so that no other speaker runs.
func (v *View) speakersListed() bool {
	return slices.ContainsFunc(v.Listed("pods"), func(l model.Listing) bool {
		return l.AllNamespaces || l.Namespace != "" && l.Namespace == v.Install.SpeakerPods[0].Namespace
	})
}

// andAllExcluded adds to the check what holds whatever the pools and advertisements, where those are not attached: every node of a whole list
// has the label, and somebody gets no answer.
func andAllExcluded(c *Check) *Check {
	run := c.Run
	c.Run = func(v *View, report func(Finding)) {
		run(v, report)
		if !v.Since("v0.14.0") || !v.Install.Version.Known() || len(v.Obj.Nodes) == 0 || !v.nodesWhole() {
			return
		}
		const label = "node.kubernetes.io/exclude-from-external-load-balancers"
		var src []schema.Evidence
		var names []string
		for _, n := range v.Obj.Nodes {
			if v.Expect.Base.NodeExcluded(n.Name) != "nodeLabeledExcludeBalancers" {
				return
			}
			src, names = append(src, n.At("metadata.labels."+label)), append(names, n.Name)
		}
		slices.Sort(names)
		for _, s := range v.silent() {
			trouble := append(append(v.unansweredARP(s), v.trouble(s)...), s.neverAssigned()...)
			if v.PoolOf(s) != nil || len(trouble) == 0 {
				continue
			}
			is := fmt.Sprintf("the label %s keeps out every node: %s", label, strings.Join(names, ", "))
			report(Finding{Services: []string{s.Key()}, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()}, Is: is,
				Should: "a node without " + label, Remedy: "kubectl label node NODE " + label + "-, or run the speaker with --ignore-exclude-lb",
				Clause: fmt.Sprintf("no speaker announces %s, because %s", s.List(), is), Evidence: append(anySrc(src, 4), trouble...)})
		}
	}
	return c
}

// nodesWhole tells whether the nodes that are attached are all that speakers run on: they were listed, or they are as many as the DaemonSet of the
// speakers wants.
func (v *View) nodesWhole() bool {
	if len(v.Listed("nodes")) > 0 {
		return true
	}
	return slices.ContainsFunc(v.Obj.Workloads, func(w *model.Workload) bool {
		return w.Kind == "DaemonSet" && strings.HasSuffix(w.Name, "speaker") && w.Desired > 0 && w.Desired == len(v.Obj.Nodes)
	})
}

// neverAssigned is the event by which the controller gave the address, where the Service's events are shown, that one is not a minute old or older, and
// none of a speaker is among them: whoever announces says so in an event at once, and again later, and both age out after the same time.
func (s *Service) neverAssigned() []schema.Evidence {
	var src []schema.Evidence
	for _, e := range s.Events {
		switch {
		case strings.HasPrefix(e.Reason, "nodeAssigned"):
			return nil
		case e.Reason == "IPAllocated" && e.Age >= time.Minute:
			src = append(src, e.Src)
		}
	}
	return src
}

// endpointEvidence points at the Service's slices, or at the listing that has none of them.
func (v *View) endpointEvidence(s *Service) []schema.Evidence {
	var src []schema.Evidence
	for _, sl := range s.Slices {
		src = append(src, sl.Src)
		for _, e := range sl.Endpoints {
			if e.Src.Member != "" && len(src) < 4 {
				src = append(src, e.Src)
			}
		}
	}
	if len(src) == 0 {
		for _, l := range v.Listed("endpointslices") {
			src = append(src, l.Src)
		}
		for _, l := range v.Listed("endpoints") {
			src = append(src, l.Src)
		}
	}
	return src
}

// slicesWhole tells whether the readiness of the Service's endpoints is known: no slice is a table's row, which shows neither
// conditions nor endpoints that are not ready.
func (v *View) slicesWhole(s *Service) bool {
	for _, sl := range s.Slices {
		if sl.Partial && len(sl.Endpoints) > 0 {
			return false
		}
	}
	return true
}
