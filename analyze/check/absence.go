package check

import (
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// evidenceOfNone points at the listings that show that a resource has no objects.
func (v *View) evidenceOfNone(resource string) []schema.Evidence {
	var out []schema.Evidence
	for _, l := range v.Listed(resource) {
		if l.Count == 0 {
			out = append(out, l.Src)
		}
	}
	return out
}

// saysNoPools tells whether MetalLB itself says that it has no pools.
func (v *View) saysNoPools() bool { return len(v.noPoolsLines()) > 0 }

// noPoolsLines are the controller's lines that say that it has no pools.
func (v *View) noPoolsLines() []schema.Evidence {
	var out []schema.Evidence
	for _, l := range v.LogsOf(model.Controller) {
		for _, e := range l.Find(model.MsgNoPools) {
			out = append(out, e.Last.Src)
		}
	}
	return out
}

// lostAddress tells whether the controller took the Service's address away as the last thing that it did with it.
func (v *View) lostAddress(s *Service) bool {
	for _, l := range v.LogsOf(model.Controller) {
		var lost, given *model.LogEvent
		for _, e := range l.Events {
			if e.Service != s.Key() {
				continue
			}
			switch e.ID {
			case model.MsgCleared, model.MsgAllocFailed:
				if lost == nil || e.Last.After(lost.Last) {
					lost = e
				}
			case model.MsgAllocated:
				if given == nil || e.Last.After(given.Last) {
					given = e
				}
			}
		}
		if lost != nil && (given == nil || lost.Last.After(given.Last)) {
			return true
		}
	}
	return false
}
