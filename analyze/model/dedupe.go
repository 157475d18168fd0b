package model

// distinct keeps one object a name, in order of first appearance. A whole object beats a partial one; of two whole ones the
// newer generation wins, then the one read later, since people attach the state after the change last. A whole object takes nothing over
// from a partial one, so that it is no mixture of two moments; of two partial ones the better takes the parts that it lacks, where fill
// is given.
func distinct[T any](list []T, meta func(T) *Meta, fill ...func(into, from T) T) []T {
	at := make(map[string]int, len(list))
	var out []T
	for _, o := range list {
		m := meta(o)
		key := m.Kind + "|" + m.Namespace + "|" + m.Name
		i, ok := at[key]
		if !ok {
			at[key] = len(out)
			out = append(out, o)
			continue
		}
		best, other := out[i], o
		if better(m, meta(out[i])) {
			best, other = o, out[i]
		}
		if len(fill) > 0 && meta(best).Partial && meta(other).Partial {
			best = fill[0](best, other)
		}
		out[i] = best
	}
	return out
}

func better(a, b *Meta) bool {
	switch {
	case a.Partial != b.Partial:
		return !a.Partial
	case a.Partial && len(a.Known) != len(b.Known):
		return len(a.Known) > len(b.Known)
	case a.Resource != b.Resource && a.Resource != "" && b.Resource != "":
		return newer(a.Resource, b.Resource)
	case a.Generation != b.Generation:
		return a.Generation > b.Generation
	}
	return true
}

// newer compares resource versions, which are decimal numbers of any length in every API server that is in use.
func newer(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// distinct returns the objects with one of each name. Objects that were read from a log line's dump are used only where no
// other source has the kind; the pipeline sees to that before.
func (obj *Objects) distinct() Objects {
	return Objects{
		Pools:               distinct(obj.Pools, func(o *IPAddressPool) *Meta { return &o.Meta }),
		AddressPools:        distinct(obj.AddressPools, func(o *AddressPool) *Meta { return &o.Meta }),
		L2Advertisements:    distinct(obj.L2Advertisements, func(o *L2Advertisement) *Meta { return &o.Meta }),
		BGPAdvertisements:   distinct(obj.BGPAdvertisements, func(o *BGPAdvertisement) *Meta { return &o.Meta }),
		Peers:               distinct(obj.Peers, func(o *BGPPeer) *Meta { return &o.Meta }),
		BFDProfiles:         distinct(obj.BFDProfiles, func(o *BFDProfile) *Meta { return &o.Meta }),
		Communities:         distinct(obj.Communities, func(o *Community) *Meta { return &o.Meta }),
		L2Statuses:          distinct(obj.L2Statuses, func(o *ServiceL2Status) *Meta { return &o.Meta }),
		BGPStatuses:         distinct(obj.BGPStatuses, func(o *ServiceBGPStatus) *Meta { return &o.Meta }),
		ConfigurationStates: distinct(obj.ConfigurationStates, func(o *ConfigurationState) *Meta { return &o.Meta }),
		FRRConfigurations:   distinct(obj.FRRConfigurations, func(o *FRRConfiguration) *Meta { return &o.Meta }),
		FRRNodeStates:       distinct(obj.FRRNodeStates, func(o *FRRNodeState) *Meta { return &o.Meta }),
		BGPSessionStates:    distinct(obj.BGPSessionStates, func(o *BGPSessionState) *Meta { return &o.Meta }),
		FRRK8sConfigs:       distinct(obj.FRRK8sConfigs, func(o *FRRK8sConfiguration) *Meta { return &o.Meta }),
		Operators:           distinct(obj.Operators, func(o *Operator) *Meta { return &o.Meta }),
		Services:            distinct(obj.Services, func(o *Service) *Meta { return &o.Meta }, fillService),
		Slices:              distinct(obj.Slices, func(o *EndpointSlice) *Meta { return &o.Meta }),
		Nodes:               distinct(obj.Nodes, func(o *Node) *Meta { return &o.Meta }, fillNode),
		Pods:                distinct(obj.Pods, func(o *Pod) *Meta { return &o.Meta }, fillPod),
		Events:              obj.Events,
		Namespaces:          distinct(obj.Namespaces, func(o *Namespace) *Meta { return &o.Meta }),
		Workloads:           distinct(obj.Workloads, func(o *Workload) *Meta { return &o.Meta }),
		ConfigMaps:          distinct(obj.ConfigMaps, func(o *ConfigMap) *Meta { return &o.Meta }),
		Secrets:             distinct(obj.Secrets, func(o *Secret) *Meta { return &o.Meta }),
		NetworkPolicies:     distinct(obj.NetworkPolicies, func(o *NetworkPolicy) *Meta { return &o.Meta }),
		CRDs:                distinct(obj.CRDs, func(o *CRD) *Meta { return &o.Meta }),
		Webhooks:            obj.Webhooks,
		RBAC:                distinct(obj.RBAC, func(o *RBAC) *Meta { return &o.Meta }),
		Others:              distinct(obj.Others, func(o *Other) *Meta { return &o.Meta }),
	}
}
