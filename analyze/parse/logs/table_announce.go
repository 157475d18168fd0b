package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// announceMessages are the speaker's about announcing, and about ARP and NDP.
var announceMessages = []message{
	{event: "serviceAnnounced", id: model.MsgAnnounced, mine: true, of: model.Speaker, do: announced},
	{event: "serviceWithdrawn", id: model.MsgWithdrawn, mine: true, of: model.Speaker, do: withdrawn},
	{event: "skipping should announce l2", id: model.MsgNotOwner, mine: true, of: model.Speaker},
	{event: "skipping should announce bgp", id: model.MsgNotOwner, mine: true, of: model.Speaker},
	{event: "shouldannounce", msg: "failed no active endpoints", id: model.MsgNotOwner, mine: true, of: model.Speaker, do: noEndpoints},
	{event: "shouldannounce", id: model.MsgElection, mine: true, of: model.Speaker, do: election},
	{event: "conflictingAdvertisements", id: model.MsgAnnounceFailed, mine: true, of: model.Speaker},
	{event: "announced interface to exclude", of: model.Speaker},
	{event: "createARPResponder", id: model.MsgResponder, of: model.Speaker},
	{event: "createNDPResponder", id: model.MsgResponder, of: model.Speaker},
	{event: "deleteARPResponder", id: model.MsgResponderGone, of: model.Speaker},
	{event: "deleteNDPResponder", id: model.MsgResponderGone, of: model.Speaker},
	{op: "createARPResponder", id: model.MsgResponderErr, of: model.Speaker, do: responderError},
	{op: "createNDPResponder", id: model.MsgResponderErr, of: model.Speaker, do: responderError},
	{op: "getInterfaces", id: model.MsgOther, of: model.Speaker},
	{op: "getAddresses", id: model.MsgOther, of: model.Speaker, do: responderError},
	{op: "watchMulticastGroup", id: model.MsgResponderErr, of: model.Speaker, do: ownWords},
	{op: "unwatchMulticastGroup", id: model.MsgOther, benign: true, of: model.Speaker, do: ownWords},
	{msg: "got ARP request for service IP, sending response", id: model.MsgARPRequest, of: model.Speaker, debug: true},
	{msg: "got NDP request for service IP, sending response", id: model.MsgARPRequest, of: model.Speaker, debug: true},
	{op: "arpRequestIgnore", id: model.MsgARPOther, of: model.Speaker, debug: true},
	{op: "ndpRequestIgnore", id: model.MsgARPOther, of: model.Speaker, debug: true},
	{op: "arpReply", id: model.MsgOther, of: model.Speaker, do: ownWords},
	{op: "ndpReply", id: model.MsgOther, of: model.Speaker, do: ownWords},
	{op: "gratuitousAnnounce", level: "debug"},
	{op: "gratuitousAnnounce", id: model.MsgGratuitous, of: model.Speaker, do: ownWords},
	{op: "SetBalancer", id: model.MsgAnnounceFailed, mine: true, of: model.Speaker, do: ownWords},
	{op: "DeleteBalancer", id: model.MsgOther, benign: true},
	{op: "deleteBalancer", msg: "failed to clear balancer state", id: model.MsgOther, mine: true},
	{op: "deleteBalancer"}, // failed to delete service metric: there was none
	{op: "setBalancer", msg: "IP allocated by controller not allowed by config", id: model.MsgUnknownIP, mine: true, of: model.Speaker},
	{op: "setBalancer", id: model.MsgAnnounceFailed, mine: true, of: model.Speaker, do: ownWords},
	{msg: "internal error: unknown balancer protocol!", id: model.MsgOther, mine: true},
}

// announced ends an election with this node as its winner.
func announced(l *reading, _ *record, s *sighting) bool {
	if l.election != nil && s.protocol == "layer2" {
		l.election.won = true
	}
	l.election = nil
	return true
}

// withdrawn reads the addresses, which print as null until v0.13.9.
func withdrawn(l *reading, _ *record, s *sighting) bool {
	l.election = nil
	if string(s.ips) == "null" {
		s.ips = nil
	}
	return true
}

func noEndpoints(_ *reading, _ *record, s *sighting) bool {
	s.reason = []byte("no active endpoints")
	return true
}

// election reads who may announce. The line does not name the winner: it is this node when it announces before the handling of
// the Service ends.
func election(l *reading, r *record, s *sighting) bool {
	s.nodes = r.get(fieldNodes)
	if len(s.nodes) == 0 || s.nodes[0] != '[' {
		return false
	}
	if s.service == "" {
		s.service = l.service
	}
	s.ofService = false
	l.note(s)
	l.election = l.noted
	if l.election != nil {
		l.election.won = false
	}
	l.p.seen.Ignored-- // counted already
	return false
}

// responderError: the interfaces of pods can't all be listened on, and need not.
func responderError(_ *reading, r *record, s *sighting) bool {
	if s.iface == nil {
		s.iface = interfaceIn(s.err)
	}
	s.benign = isPodInterface(s.iface)
	return true
}

// interfaceIn finds the interface that an error quotes: creating NDP responder for "cali0a1": ...
func interfaceIn(err []byte) []byte {
	_, rest, ok := bytes.Cut(err, []byte(` for "`))
	if !ok {
		return nil
	}
	name, _, ok := bytes.Cut(rest, []byte(`"`))
	if !ok || len(name) > 15 {
		return nil
	}
	return name
}

// isPodInterface knows the interfaces that networks of pods make on a node, by the names of the common ones. They are the
// entries of the ConfigMap metallb-excludel2.
func isPodInterface(name []byte) bool {
	for _, prefix := range [...]string{"veth", "cali", "cilium_", "lxc", "cni", "flannel", "tunl", "vxlan", "docker", "cbr", "kube-ipvs", "nodelocaldns", "weave", "antrea-", "ovn-", "genev_", "lo"} {
		if bytes.HasPrefix(name, []byte(prefix)) && (prefix != "lo" || len(name) == 2) {
			return true
		}
	}
	return false
}
