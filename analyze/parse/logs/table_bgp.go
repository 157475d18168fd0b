package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// bgpMessages are the speaker's about BGP: of native mode, and of frr mode's reloads (which frr-k8s shares).
var bgpMessages = []message{
	{event: "updatedAdvertisements", id: model.MsgAdvertise, mine: true, value: fieldNumAds, of: model.Speaker},
	{event: "nodeLabelsChanged", of: model.Speaker},
	{event: "peerAdded", id: model.MsgPeerAdded, of: model.Speaker},
	{event: "peerRemoved", id: model.MsgPeerRemoved, of: model.Speaker},
	{event: "sessionUp", id: model.MsgSessionUp, of: model.Speaker, do: sessionASN},
	{event: "sessionDown", id: model.MsgSessionDown, of: model.Speaker, do: sessionASN},
	{event: "peerNotification", id: model.MsgNotification, of: model.Speaker, do: sessionASN},
	{op: "connect", id: model.MsgDialFailed, of: model.Speaker, do: sessionASN},
	{op: "sendUpdate", id: model.MsgUpdateFailed, of: model.Speaker, do: ownWords},
	{op: "sendWithdraw", id: model.MsgUpdateFailed, of: model.Speaker, do: ownWords},
	{op: "sendKeepalive", id: model.MsgSessionDown, of: model.Speaker, do: ownWords},
	{op: "updateAds", id: model.MsgUpdateFailed, of: model.Speaker, do: ownWords},
	{op: "syncPeers", id: model.MsgOther, of: model.Speaker, do: ownWords},
	{op: "bgpStatusEvent"},

	{op: "reload", level: "debug"},
	{op: "reload", id: model.MsgReloadFailed, do: reloadFailed},
	{op: "reload-validate", id: model.MsgReloadFailed, do: reloadValidated},
	{op: "fetch status", id: model.MsgReloadFailed, do: fetchStatus},
}

// sessionASN keeps the AS numbers of both ends, "local LOCAL peer PEER", where the line has them (native mode).
func sessionASN(l *reading, r *record, s *sighting) bool {
	if s.err != nil {
		return true
	}
	local, peer := r.get(fieldLocalASN), r.get(fieldPeerASN)
	if local == nil || peer == nil {
		return true
	}
	l.asn = append(append(append(append(l.asn[:0], "local "...), local...), " peer "...), peer...)
	s.value = l.asn
	return true
}

// reloadFailed: the reloader could not be signalled, or the configuration not be written. Reason says which of both.
func reloadFailed(_ *reading, r *record, s *sighting) bool {
	if s.err == nil {
		return false
	}
	s.reason = plain(r.get(fieldCause))
	return true
}

// reloadValidated reads the speaker's poll of the reloader's result.
func reloadValidated(l *reading, r *record, s *sighting) bool {
	if string(r.key) == "success" {
		l.reloadedLine = l.p.scan.Number()
		s.id, s.text = model.MsgReloadOK, "reloaded config"
		return true
	}
	if s.err == nil {
		return false
	}
	s.reason = plain(r.get(fieldCause))
	s.value = reloadStatus(plain(r.get(fieldStatus)))
	return true
}

// reloadStatus is the word of the reloader's status file: "1646856911 failure" is a time and a result.
func reloadStatus(status []byte) []byte {
	status = bytes.TrimSpace(status)
	if i := bytes.LastIndexByte(status, ' '); i >= 0 && !isNumber(status[i+1:]) {
		return status[i+1:]
	}
	return nil
}

// fetchStatus is frr-k8s': the file is not there before the first reload.
func fetchStatus(_ *reading, r *record, s *sighting) bool {
	if string(r.key) == "lastReloadResult" {
		s.err, s.reason = plain(r.keyed), []byte("frr reload failed")
		return true
	}
	s.benign = bytes.Contains(s.err, []byte("no such file"))
	return s.err != nil
}
