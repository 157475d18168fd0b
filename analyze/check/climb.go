package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Climb says how each phase of a Service stands where no finding speaks against it: ok with its proof, unused, or unknown.
func (v *View) Climb(s *Service) map[schema.Phase]schema.PhaseState {
	facts := map[schema.Phase]schema.PhaseState{}
	set := func(p schema.Phase, state schema.State, why string, src ...schema.Evidence) {
		facts[p] = schema.PhaseState{Phase: p, State: state, Why: why, Evidence: src}
	}
	on := s.Announces("")
	works := s.served()
	if len(on) > 0 {
		set(schema.Install, schema.StateOK, "a speaker handles the Service", on[0].Src)
		set(schema.Configuration, schema.StateOK, "a speaker announces by the configuration it has", on[0].Src)
		set(schema.Advertisement, schema.StateOK, "announced by "+strings.Join(s.Announcers(""), ", "), on[0].Src)
	} else if works != nil {
		for _, p := range []schema.Phase{schema.Install, schema.Configuration, schema.Advertisement} {
			set(p, schema.StateOK, "a request to the address was answered", works.Src)
		}
	}
	v.climbComponents(s, facts, set)
	if len(s.Addresses) > 0 {
		set(schema.Assignment, schema.StateOK, "has "+s.List(), s.AddressSrc[s.Addresses[0]])
	}
	v.climbProtocols(s, works, set)
	if works != nil {
		set(schema.Datapath, schema.StateOK, fmt.Sprintf("%s to %s: %s", works.Tool, works.Target, works.Outcome), works.Src)
	} else {
		set(schema.Datapath, schema.StateUnknown, "nobody's request to the address is attached")
	}
	return facts
}

// climbComponents judges install and configuration by the components' own logs, where no announcement has proven them.
func (v *View) climbComponents(s *Service, facts map[schema.Phase]schema.PhaseState, set func(schema.Phase, schema.State, string, ...schema.Evidence)) {
	for _, c := range []model.Component{model.Controller, model.Speaker} {
		for _, l := range v.LogsOf(c) {
			if l.Origin.Previous || l.FirstSrc().Member == "" {
				continue
			}
			if _, ok := facts[schema.Install]; !ok {
				set(schema.Install, schema.StateOK, "the "+string(c)+" runs and logs", l.Events[len(l.Events)-1].Last.Src)
			}
			loaded := append(l.Find(model.MsgConfigLoaded), l.Find(model.MsgConfigSame)...)
			if _, ok := facts[schema.Configuration]; !ok && len(loaded) > 0 && lastRefusal(l) == nil {
				set(schema.Configuration, schema.StateOK, "the "+string(c)+" took its configuration", loaded[0].Last.Src)
			}
		}
	}
}

func (v *View) climbProtocols(s *Service, works *model.Probe, set func(schema.Phase, schema.State, string, ...schema.Evidence)) {
	l2, bgp := v.Uses(s)
	switch {
	case !l2:
		set(schema.L2, schema.StateUnused, "not announced by layer 2")
	case works != nil:
		set(schema.L2, schema.StateOK, "a request to the address was answered", works.Src)
	case len(s.Announces("layer2")) > 0:
		set(schema.L2, schema.StateOK, "one speaker announces; nothing attached shows another answer", s.Announces("layer2")[0].Src)
	}
	switch {
	case !bgp:
		set(schema.BGP, schema.StateUnused, "not announced by BGP")
	default:
		if up := v.SessionUpFor(s); up != nil {
			set(schema.BGP, schema.StateOK, "session of "+orPod(up.Node, up.Pod)+" with "+up.Peer+" is up", up.Src)
		} else if works != nil {
			set(schema.BGP, schema.StateOK, "a request to the address was answered", works.Src)
		} else {
			set(schema.BGP, schema.StateUnknown, "no session's state is attached")
		}
	}
}

func orPod(node, pod string) string {
	switch {
	case node != "":
		return node
	case pod != "":
		return pod
	}
	return "a node"
}

// served is a request to an address of the Service that was answered and was not made on a node or in a pod, where an answer
// proves nothing of MetalLB (guide: reaching the address from a node); nil when there is none.
func (s *Service) served() *model.Probe {
	var unplaced *model.Probe
	for i := range s.Works {
		p := &s.Works[i]
		if !Transport(*p) || inside(*p) {
			continue
		}
		if p.FromKind != "" {
			return p
		}
		if unplaced == nil {
			unplaced = p
		}
	}
	if unplaced != nil && s.clientFails(unplaced.From) {
		return nil // who got the answer may be a node: the one that is known to be outside got none
	}
	return unplaced
}

// clientFails tells whether somebody who is known to be outside, and is not the one named, tried and got no answer.
func (s *Service) clientFails(other string) bool {
	for _, p := range s.Fails {
		if Transport(p) && p.FromKind == "client" && p.From != other && (lost(p) || refusedBy(p)) {
			return true
		}
	}
	return false
}

// Uses tells which protocols the Service takes: by what announces it, else by the advertisements that select its pool.
func (v *View) Uses(s *Service) (l2, bgp bool) {
	for _, a := range s.Announced {
		switch a.Protocol {
		case "layer2":
			l2 = true
		case "bgp":
			bgp = true
		}
	}
	el2, ebgp := v.expectedProtocols(s)
	return l2 || el2, bgp || ebgp
}

// SessionUpFor is a session that is up and over which the Service's prefix should go: of a node that announces it, with a peer that
// its advertisements may use, as far as these are known; nil when none is.
func (v *View) SessionUpFor(s *Service) *Session {
	for _, l := range v.stand(s).links() {
		if !l.Up || l.takesNothing(s) {
			continue
		}
		for _, x := range l.Seen {
			if x.Up {
				return x
			}
		}
	}
	return nil
}

// Missing names the essential evidence that a Service lacks to be called ok; empty when it has all. Requests that fail without a reason
// that anything proves leave it unknown.
func (v *View) Missing(s *Service, facts map[schema.Phase]schema.PhaseState) []string {
	if f := s.failing(); len(f) > 0 {
		return []string{fmt.Sprintf("%s to %s fails (%s), and nothing attached tells on which machine it gets lost and why", f[0].Tool, s.List(), f[0].Outcome)}
	}
	if s.served() != nil {
		return nil
	}
	if src := v.unansweredARP(s); len(src) > 0 {
		return []string{fmt.Sprintf("somebody asks for %s by ARP and gets no answer, and nothing attached tells where it gets lost", s.List())}
	}
	if in := v.askedInVain(s); len(in) > 0 && len(s.Announces("")) > 0 {
		return []string{fmt.Sprintf("a capture shows %s asked for by ARP or NDP again and again without an answer, and nothing attached tells on which machine it was taken and where the answer gets lost", s.List())}
	}
	if c := v.connectsInVain(s); c != nil {
		return []string{fmt.Sprintf("a capture (%s) shows connections to %s tried again and again without an answer, and nothing attached tells on which machine they get lost", c.Origin.Path, s.List())}
	}
	var missing []string
	if len(s.Addresses) == 0 {
		return []string{"it has no address, and nothing attached says why"}
	}
	if two := s.ambiguous(); len(two) > 0 {
		missing = append(missing, fmt.Sprintf("%s has two logs of one time that announce %s, and nothing tells whether they are of one speaker", two[0].Member, s.List()))
	}
	if len(s.Announces("")) == 0 {
		missing = append(missing, "nothing attached tells whether a speaker announces "+s.List())
	}
	if _, bgp := v.Uses(s); bgp && facts[schema.BGP].State != schema.StateOK {
		missing = append(missing, "nothing attached tells whether a BGP session is up")
	}
	return missing
}

// WhyOK is the sentence of a healthy Service.
func (v *View) WhyOK(s *Service) string {
	var parts []string
	if names := s.Announcers("layer2"); len(names) > 0 && len(s.Announces("layer2")) > 0 {
		parts = append(parts, "by layer 2 from "+strings.Join(names, ", "))
	}
	if names := s.Announcers("bgp"); len(names) > 0 && len(s.Announces("bgp")) > 0 {
		parts = append(parts, "by BGP from "+strings.Join(names, ", "))
	}
	text := s.List()
	if on := s.Announces(""); len(on) > 0 && !slices.ContainsFunc(on, func(a Announcement) bool { return a.Protocol != "" }) {
		parts = []string{"from " + strings.Join(s.Announcers(""), ", ")} // the source names no protocol
		if len(s.Announcers("")) == 0 {
			parts = nil
		}
	}
	if len(parts) > 0 {
		text += " is announced " + strings.Join(parts, " and ")
	}
	if w := s.served(); w != nil {
		text += fmt.Sprintf(", and %s got an answer (%s)", w.Tool, w.Outcome)
	}
	return text + "; nothing attached speaks against it"
}

// PoolName is the pool that the Service's address is of: as MetalLB wrote it, else by the pools' ranges; "" when unknown.
func (v *View) PoolName(s *Service) string {
	if s.Pool != "" {
		return s.Pool
	}
	if p := v.PoolOf(s); p != nil {
		return p.Name
	}
	return ""
}

// Cluster sums up what could be learnt of the cluster.
func (v *View) Cluster() schema.Cluster {
	c := schema.Cluster{Nodes: len(v.Obj.Nodes), KubeProxy: "unknown", Kubernetes: "unknown", CNI: "unknown"}
	if c.Nodes == 0 {
		c.Nodes = len(v.NodeNames())
	}
	for _, s := range v.Versions {
		switch {
		case s.Of == "kubernetes" && c.Kubernetes == "unknown":
			c.Kubernetes = s.Version
		case strings.HasPrefix(s.Of, "cni ") && c.CNI == "unknown":
			c.CNI = strings.TrimPrefix(s.Of, "cni ") + " " + s.Version
		}
	}
	c.MetalLB = schema.MetalLB{Version: v.Install.Version.String(), Mode: v.Install.Mode, Namespace: v.Install.Namespace, Install: v.Install.Kind}
	if c.MetalLB.Mode != schema.ModeUnknown && v.noBGP() {
		c.MetalLB.Mode = schema.ModeL2
	}
	return c
}

// noBGP tells whether the attached resources have no peer and no BGP advertisement, and somebody looked.
func (v *View) noBGP() bool {
	return len(v.Obj.Peers)+len(v.Obj.BGPAdvertisements) == 0 && len(v.Sessions) == 0 && (len(v.Listed("bgppeers")) > 0 || len(v.Obj.L2Advertisements) > 0)
}

// expectedProtocols are those whose advertisements select the pool of the Service's address; for v0.12, the pool's own.
func (v *View) expectedProtocols(s *Service) (l2, bgp bool) {
	p := v.PoolOf(s)
	if p == nil {
		return false, false
	}
	if p.Protocol != "" {
		return p.Protocol == "layer2", p.Protocol == "bgp"
	}
	return len(p.L2) > 0, len(p.BGP) > 0
}
