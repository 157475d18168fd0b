package metallb

import (
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
)

// index finds what decisions ask for again and again.
type index struct {
	nodes  map[string]*model.Node
	names  []string                          // of nodes, sorted
	slices map[string][]*model.EndpointSlice // NAMESPACE/SERVICE
}

// Indexed is the input with an index over its objects, which must not change while it is in use. Who decides about many Services
// calls it once; L2, BGP and Configs index for themselves what is not.
func (in Input) Indexed() Input {
	if in.index != nil {
		return in
	}
	x := &index{nodes: map[string]*model.Node{}, slices: map[string][]*model.EndpointSlice{}}
	if in.Objects != nil {
		for _, n := range in.Objects.Nodes {
			x.nodes[n.Name] = n
			x.names = append(x.names, n.Name)
		}
		for _, s := range in.Objects.Slices {
			if s.Service != "" { // MetalLB ignores slices without the label
				key := s.Namespace + "/" + s.Service
				x.slices[key] = append(x.slices[key], s)
			}
		}
	}
	if len(x.names) == 0 {
		x.names = slices.Clone(in.Speakers)
	}
	slices.Sort(x.names)
	x.names = slices.Compact(x.names)
	in.index = x
	return in
}
