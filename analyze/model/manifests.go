package model

import (
	"maps"

	"github.com/metallb-assay/assay/schema"
)

// completeManifests gives Services that were attached as somebody wrote them, or as a log printed them once, what only the cluster
// knows now: the cluster addresses and the addresses of the status, where a row of a table or `kubectl describe` shows them. What a
// person writes has no status, so that nothing of two moments is mixed.
func (m *Model) completeManifests() {
	shown := map[string]*Service{}
	for _, s := range m.Observations.Services {
		if !s.Partial || !s.Knows(PartIngress) && !s.Knows(PartClusterIP) {
			continue
		}
		if b := shown[s.Key()]; b == nil || better(&s.Meta, &b.Meta) {
			shown[s.Key()] = s
		}
	}
	for i, s := range m.Obj.Services {
		live := shown[s.Key()]
		if live == nil || s.Partial || !s.Printed && !s.isManifest() {
			continue
		}
		m.Obj.Services[i] = s.completedBy(live)
	}
}

// isManifest tells whether the object has nothing that an API server sets.
func (s *Service) isManifest() bool {
	return s.UID == "" && s.Resource == "" && s.Created.IsZero() && len(s.ClusterIPs) == 0 && len(s.Ingress) == 0
}

func (s *Service) completedBy(live *Service) *Service {
	full := *s
	full.Paths = maps.Clone(s.Paths)
	if full.Paths == nil {
		full.Paths = map[string]schema.Evidence{}
	}
	if live.Knows(PartClusterIP) && len(full.ClusterIPs) == 0 {
		full.ClusterIPs = live.ClusterIPs
		full.Paths["spec.clusterIP"] = live.At("spec.clusterIP")
	}
	if live.Knows(PartIngress) {
		full.Ingress = live.Ingress
		full.Paths["status.loadBalancer"] = live.At("status.loadBalancer")
	}
	for key, value := range live.Annotations {
		if full.Annotations[key] == "" && writtenByMetalLB(key) {
			full.Annotations = maps.Clone(full.Annotations)
			if full.Annotations == nil {
				full.Annotations = map[string]string{}
			}
			full.Annotations[key] = value
		}
	}
	return &full
}

func writtenByMetalLB(key string) bool {
	return key == "metallb.io/ip-allocated-from-pool" || key == "metallb.universe.tf/ip-allocated-from-pool"
}
