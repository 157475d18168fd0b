package check

import (
	"slices"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Eligible is which nodes may announce a Service by one protocol, filter by filter, in the order of MetalLB's own checks: each list
// is what the filter before it left.
type Eligible struct {
	Protocol string // layer2, bgp
	Pool     *metallb.Pool
	All      []string // nodes of the cluster
	Selected []string // that an advertisement of the pool selects
	Network  []string // without those that report NetworkUnavailable
	Labelled []string // without those that the exclude label (or a cordon, v0.14.9) keeps out
	Local    []string // with externalTrafficPolicy Local: those with an endpoint that can serve
	Running  []string // with a running speaker, where the speakers are known; else Local

	EndpointsKnown bool // slices of the Service are attached, or all of its namespace were listed
	Endpoints      int  // in all
	Serving        int  // that can serve
	ServingOn      []string
	On             []string // nodes with an endpoint, whether or not it can serve now
}

// eligible applies the filters. It returns nil where the pool, the nodes or the object are not known.
func (v *View) eligible(s *Service, protocol string) *Eligible {
	pool := v.PoolOf(s)
	if pool == nil || !v.OursByClass(s) {
		return nil
	}
	e := &Eligible{Protocol: protocol, Pool: pool}
	for _, n := range v.Obj.Nodes {
		e.All = append(e.All, n.Name)
	}
	slices.Sort(e.All)
	v.countEndpoints(s, e)
	in := v.Expect.Base
	e.Selected = keep(e.All, func(n string) bool { return v.advertises(pool, protocol, n, s) })
	e.Network = keep(e.Selected, func(n string) bool { return in.NodeExcluded(n) != "nodeNetworkUnavailable" })
	e.Labelled = keep(e.Network, func(n string) bool { return in.NodeExcluded(n) == "" })
	e.Local = e.Labelled
	if s.Local() || protocol == "layer2" && in.Version.Until("v0.10.3") {
		e.Local = keep(e.Labelled, func(n string) bool { return slices.Contains(e.ServingOn, n) })
	}
	e.Running = e.Local
	if v.Install.SpeakerNodes != nil {
		e.Running = keep(e.Local, func(n string) bool { return slices.Contains(v.Install.SpeakerNodes, n) })
	}
	return e
}

// elsewhere tells whether externalTrafficPolicy is Local and every endpoint, ready or not, is on a node that may not announce.
func (e *Eligible) elsewhere(s *Service) bool {
	return s.Local() && e.EndpointsKnown && len(e.On) > 0 && len(e.Labelled) > 0 && !slices.ContainsFunc(e.On, func(n string) bool { return slices.Contains(e.Labelled, n) })
}

// OursByClass tells whether MetalLB handles the Service by its class.
func (v *View) OursByClass(s *Service) bool {
	return s.Object == nil || s.Object.Partial || v.Expect.Base.OfClass(s.Object)
}

func keep(names []string, ok func(string) bool) []string {
	var kept []string
	for _, n := range names {
		if ok(n) {
			kept = append(kept, n)
		}
	}
	return kept
}

func (v *View) countEndpoints(s *Service, e *Eligible) {
	on, any := map[string]bool{}, map[string]bool{}
	for _, sl := range s.Slices {
		e.EndpointsKnown = true
		for _, ep := range sl.Endpoints {
			e.Endpoints++
			if ep.Node != "" {
				any[ep.Node] = true
			}
			if metallb.CanServe(v.Expect.Base.Version, ep) {
				e.Serving++
				if ep.Node != "" {
					on[ep.Node] = true
				}
			}
		}
	}
	for _, l := range v.Listed("endpointslices") {
		e.EndpointsKnown = e.EndpointsKnown || l.AllNamespaces || l.Namespace == s.Namespace && s.Namespace != ""
	}
	e.ServingOn, e.On = model.Sorted(on), model.Sorted(any)
}

// advertises tells whether an advertisement of the pool selects the node and the Service.
func (v *View) advertises(pool *metallb.Pool, protocol, node string, s *Service) bool {
	if pool.Protocol != "" {
		return pool.Protocol == protocol
	}
	n := v.Node(node)
	selects := func(nodes, services []model.Selector) bool {
		// labels that nobody has seen exclude no node
		return n != nil && (!n.Knows(model.PartLabels) || v.matchesAny(nodes, n.Labels)) && (v.Expect.Base.Version.Until("v0.15.3") || s.Object == nil || v.matchesAny(services, s.Object.Labels))
	}
	if protocol == "layer2" {
		for _, a := range pool.L2 {
			if selects(a.NodeSelectors, a.ServiceSelectors) {
				return true
			}
		}
		return false
	}
	for _, a := range pool.BGP {
		if selects(a.NodeSelectors, a.ServiceSelectors) {
			return true
		}
	}
	return false
}

// matchesAny tells whether one of the selectors takes the labels; no selector takes all.
func (v *View) matchesAny(selectors []model.Selector, labels map[string]string) bool {
	return len(selectors) == 0 || slices.ContainsFunc(selectors, func(s model.Selector) bool { return metallb.Matches(s, labels) })
}

// advertisementObjects are the advertisements of the pool for a protocol, with their evidence.
func advertisementObjects(pool *metallb.Pool, protocol string) (objects []schema.Object, src []schema.Evidence) {
	add := func(m *model.Meta) {
		objects = append(objects, m.Object())
		src = append(src, m.At("spec.nodeSelectors"))
	}
	if protocol == "layer2" {
		for _, a := range pool.L2 {
			add(&a.Meta)
		}
	} else {
		for _, a := range pool.BGP {
			add(&a.Meta)
		}
	}
	return objects, src
}

// silent lists the Services that have an address and that nobody is seen to announce by a source that is of now, and that no
// request reached. An event alone does not count: no event tells of a withdrawal.
func (v *View) silent() []*Service {
	var out []*Service
	for _, s := range v.HasAddress() {
		if s.served() == nil && !s.announcedNow() && v.OursByClass(s) {
			out = append(out, s)
		}
	}
	return out
}

// announcedNow tells whether a log's last word, a status resource or a metric says that a speaker announces.
func (s *Service) announcedNow() bool {
	for _, a := range s.Announced {
		if a.On && a.Via != "event" {
			return true
		}
	}
	return false
}

// protocolsOf lists the protocols by which the Service's pool is advertised, by resources alone.
func (v *View) protocolsOf(s *Service) []string {
	l2, bgp := v.expectedProtocols(s)
	var out []string
	if l2 {
		out = append(out, "layer2")
	}
	if bgp {
		out = append(out, "bgp")
	}
	return out
}
