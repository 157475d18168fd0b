package model

// dropUnapplied takes MetalLB's resources out that are manifests which never reached the cluster: they have nothing that an API
// server sets, and somebody who listed their kind afterwards found none. A person shows the file and then how it was refused.
func (m *Model) dropUnapplied() {
	o := &m.Obj
	o.Pools = applied(m, o.Pools, "ipaddresspools")
	o.L2Advertisements = applied(m, o.L2Advertisements, "l2advertisements")
	o.BGPAdvertisements = applied(m, o.BGPAdvertisements, "bgpadvertisements")
	o.Peers = applied(m, o.Peers, "bgppeers")
}

// metaOf is what gives an object's Meta: each object embeds it.
type metaOf interface{ meta() *Meta }

func (m *Meta) meta() *Meta { return m }

func applied[T metaOf](m *Model, objects []T, resource string) []T {
	var none []Listing
	for _, l := range m.Listed(resource) {
		if l.Count > 0 {
			return objects
		}
		none = append(none, l)
	}
	if len(none) == 0 {
		return objects
	}
	var kept []T
	for _, x := range objects {
		if !unapplied(x.meta(), none) {
			kept = append(kept, x)
		}
	}
	return kept
}

// usualNamespace is where MetalLB is, where nothing says otherwise.
const usualNamespace = "metallb-system"

func unapplied(x *Meta, none []Listing) bool {
	if x.Partial || x.UID != "" || x.Resource != "" || !x.Created.IsZero() || x.Generation > 0 {
		return false
	}
	for _, l := range none {
		if l.Namespace != "" && !l.AllNamespaces && l.Namespace != x.Namespace && x.Namespace != "" {
			continue
		}
		if l.Namespace == "" && !l.AllNamespaces && x.Namespace != "" && x.Namespace != usualNamespace {
			continue // a listing of MetalLB's namespace says nothing of another one
		}
		if l.Src.Member != x.Src.Member || l.Src.Line > x.Src.Line {
			return true
		}
	}
	return false
}
