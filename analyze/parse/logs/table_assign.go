package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// assignMessages are the controller's about the addresses of Services.
var assignMessages = []message{
	{event: "clearAssignment", reason: "notLoadBalancer", of: model.Controller},
	{event: "clearAssignment", reason: "noConfig", id: model.MsgNoPools, mine: true, of: model.Controller},
	{event: "clearAssignment", msg: "current IP not allowed by config, clearing", id: model.MsgCleared, mine: true, of: model.Controller},
	{event: "clearAssignment", msg: "No ClusterIP*", id: model.MsgBadRequest, mine: true, of: model.Controller},
	{event: "clearAssignment", msg: "Failed to retrieve clusterIPs family", id: model.MsgBadRequest, mine: true, of: model.Controller},
	{event: "clearAssignment", id: model.MsgCleared, mine: true, of: model.Controller, do: ownWords},
	{event: "ipAllocated", id: model.MsgAllocated, mine: true, of: model.Controller, do: ownWords},
	{event: "tryAssignAdditionalIP", id: model.MsgOther, mine: true, benign: true, of: model.Controller, do: ownWords},
	{event: "loadbalancerIP", id: model.MsgBadRequest, mine: true, of: model.Controller, do: ownWords},
	{event: "allocation key changed", of: model.Controller},
	{event: "deprecatedAnnotation", id: model.MsgOther, mine: true, benign: true, value: fieldAnnotation, of: model.Controller, do: ownWords},
	{event: "serviceDeleted", id: model.MsgDeleted, mine: true, of: model.Controller},
	{event: "serviceUpdated", msg: "updated service object", id: model.MsgStatusWritten, mine: true, of: model.Controller},
	{event: "serviceUpdated", of: model.Controller},
	{op: "allocateIPs", msg: "IP allocation failed", id: model.MsgAllocFailed, mine: true, of: model.Controller},
	{op: "allocateIP", msg: "IP allocation failed", id: model.MsgAllocFailed, mine: true, of: model.Controller},
	{op: "allocateIPs", id: model.MsgOther, mine: true, benign: true, do: ownWords}, // controller not synced yet: retried
	{op: "allocateIP", id: model.MsgOther, mine: true, benign: true, do: ownWords},
	{op: "updateServiceStatus", id: model.MsgStatusFailed, mine: true, of: model.Controller, do: statusFailed},
	{op: "updateService", id: model.MsgStatusFailed, mine: true, of: model.Controller, do: statusFailed},
	{msg: "internal error: allocated IP has no matching address pool", id: model.MsgUnknownIP, mine: true},
	{msg: "internal error: failed to allocate an IP*", id: model.MsgOther, mine: true},
	{key: "filtered service", id: model.MsgFiltered},
	{key: "processing deletion on service", id: model.MsgDeleted, mine: true, debug: true},
}

// ownWords takes the message's text where it tells several of an event apart.
func ownWords(l *reading, r *record, s *sighting) bool {
	if msg := r.get(fieldMsg); msg != nil {
		s.text = l.intern(detail(plain(msg)))
	}
	return true
}

// statusFailed: a conflict is retried at once, and says nothing.
func statusFailed(_ *reading, r *record, s *sighting) bool {
	s.text = "failed to update service status"
	if msg := r.get(fieldMsg); msg != nil && bytes.HasSuffix(msg, []byte("update service")) {
		s.text = "failed to update service"
	}
	s.benign = isConflict(s.err)
	return true
}

func isConflict(err []byte) bool {
	return bytes.Contains(err, []byte("the object has been modified; please apply your changes"))
}
