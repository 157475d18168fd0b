package metallb

import (
	"fmt"
	"slices"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
)

// MergeConflict is why frr-k8s applies nothing new on a node: its FRRConfigurations contradict each other.
type MergeConflict struct {
	Rule    string // name of the rule in rules.go
	Text    string // frr-k8s' words, as FRRNodeState shows them behind "failed: "
	Objects []*model.Meta
}

// FRRK8sSelects is the FRRConfigurations that frr-k8s of that release (v, of frr-k8s itself) uses on a node, sorted by name: those of
// its own namespace (rule frrk8s-own-namespace; of all until v0.0.18, rule frrk8s-all-namespaces) whose nodeSelector takes the node.
// The one that MetalLB's speaker writes selects the label kubernetes.io/hostname by the node's name (rule frrk8s-hostname-label), so
// that it selects nothing, or another node, where that label says something else.
func FRRK8sSelects(v Version, namespace string, node *model.Node, configs []*model.FRRConfiguration) []*model.FRRConfiguration {
	everywhere := v.Known() && v.Until("v0.0.18")
	var used []*model.FRRConfiguration
	for _, c := range configs {
		if (everywhere || namespace == "" || c.Namespace == namespace) && Matches(c.NodeSelector, node.Labels) {
			used = append(used, c)
		}
	}
	slices.SortFunc(used, func(a, b *model.FRRConfiguration) int {
		switch {
		case a.Key() < b.Key():
			return -1
		case a.Key() > b.Key():
			return 1
		}
		return 0
	})
	return used
}

// MergeFRRK8s holds the FRRConfigurations of one node against each other. It returns the first contradiction, nil when there is none:
// prefixes, communities and what is received add up (rule frrk8s-merge-union).
func MergeFRRK8s(v Version, configs []*model.FRRConfiguration) *MergeConflict {
	type owned[T any] struct {
		value T
		owner *model.FRRConfiguration
	}
	routers := map[string]owned[model.FRRRouter]{}
	neighbors := map[string]owned[model.FRRNeighbor]{}
	for _, c := range configs {
		for _, r := range c.Routers {
			if before, ok := routers[r.VRF]; !ok {
				routers[r.VRF] = owned[model.FRRRouter]{r, c}
			} else if text := routerConflict(before.value, r); text != "" {
				return &MergeConflict{"frrk8s-merge-same-vrf", text, metasOf(before.owner, c)}
			} else if before.value.ID == "" {
				routers[r.VRF] = owned[model.FRRRouter]{r, c}
			}
			for _, n := range r.Neighbors {
				name := neighborName(n, r.VRF)
				before, ok := neighbors[name]
				if !ok {
					neighbors[name] = owned[model.FRRNeighbor]{n, c}
					continue
				}
				if text := neighborConflict(v, before.value, n); text != "" {
					return &MergeConflict{"frrk8s-merge-neighbor", text + " specified for " + name, metasOf(before.owner, c)}
				}
				if before.value.BFDProfile == "" {
					neighbors[name] = owned[model.FRRNeighbor]{n, c}
				}
			}
		}
	}
	return nil
}

// metasOf is the objects of a contradiction, one where it is within one object.
func metasOf(a, b *model.FRRConfiguration) []*model.Meta {
	if a == b {
		return []*model.Meta{&a.Meta}
	}
	return []*model.Meta{&a.Meta, &b.Meta}
}

// neighborName is the address or interface, with the VRF behind where it is not the default one.
func neighborName(n model.FRRNeighbor, vrf string) string {
	name := n.Address
	if name == "" {
		name = n.Interface
	}
	if vrf != "" {
		name += "-" + vrf
	}
	return name
}

func routerConflict(a, b model.FRRRouter) string {
	switch {
	case a.ASN != b.ASN:
		return fmt.Sprintf("different asns (%d != %d) specified for same vrf: %s", a.ASN, b.ASN, b.VRF)
	case a.ID != "" && b.ID != "" && a.ID != b.ID:
		return fmt.Sprintf("different router ids (%s != %s) specified for same vrf: %s", a.ID, b.ID, b.VRF)
	}
	return ""
}

// neighborConflict is the field in which two descriptions of one neighbor differ; what is not set equals the default.
func neighborConflict(v Version, a, b model.FRRNeighbor) string {
	port := func(n model.FRRNeighbor) int {
		if n.Port == 0 {
			return 179
		}
		return n.Port
	}
	seconds := func(d *time.Duration, byDefault time.Duration) time.Duration {
		if d == nil {
			return byDefault
		}
		return *d
	}
	switch {
	case a.ASN != b.ASN || a.DynamicASN != b.DynamicASN:
		return "multiple asns"
	case port(a) != port(b):
		return "multiple ports"
	case a.SourceAddress != b.SourceAddress:
		return "multiple source addresses"
	case a.HasPassword != b.HasPassword || a.PasswordSecret != b.PasswordSecret, a.PasswordMark != "" && b.PasswordMark != "" && a.PasswordMark != b.PasswordMark:
		return "multiple passwords"
	case a.BFDProfile != "" && b.BFDProfile != "" && a.BFDProfile != b.BFDProfile:
		return "multiple bfd profiles"
	case a.EBGPMultiHop != b.EBGPMultiHop:
		return "conflicting ebgp-multihop"
	case seconds(a.HoldTime, 180*time.Second) != seconds(b.HoldTime, 180*time.Second):
		return "multiple hold times"
	case seconds(a.KeepaliveTime, 60*time.Second) != seconds(b.KeepaliveTime, 60*time.Second):
		return "multiple keepalive times"
	case seconds(a.ConnectTime, 60*time.Second) != seconds(b.ConnectTime, 60*time.Second):
		return "multiple connect times"
	case v.Since("v0.0.19") && a.DualStack != b.DualStack:
		return "conflicting advertiseDualStack"
	case v.Known() && v.Until("v0.0.18") && a.DisableMP != b.DisableMP:
		return "conflicting disableMP"
	}
	return ""
}

// NotPassedToFRRK8s is the fields of a peer that are set but that MetalLB does not hand to frr-k8s: rules frrk8s-no-source-address
// and frrk8s-no-local-asn.
func NotPassedToFRRK8s(x *model.BGPPeer) []string {
	var fields []string
	if x.SourceAddress != "" {
		fields = append(fields, "sourceAddress")
	}
	if x.LocalASN != 0 {
		fields = append(fields, "localASN")
	}
	return fields
}
