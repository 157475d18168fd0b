package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// configMessages are about reading the configuration, in both components.
var configMessages = []message{
	{event: "config reloaded", id: model.MsgConfigLoaded},
	{event: "configLoaded", id: model.MsgConfigLoaded}, // until v0.12.1
	{event: "configStale", id: model.MsgConfigRefused, do: staleOf},
	{event: "configuration did not change, ignoring", id: model.MsgConfigSame},
	{event: "force service reload"},
	{event: "noConfig", id: model.MsgConfigMissing, mine: true},
	{msg: "filtered service, still waiting for the initial load*", id: model.MsgConfigMissing, do: withoutService},
	{op: "setConfig", msg: "configuration is missing*", id: model.MsgConfigMissing},
	{op: "setConfig", msg: "applying new configuration failed", id: model.MsgConfigRejected},
	{op: "setConfig", msg: "applying new configuration to protocol handler failed", id: model.MsgConfigRejected},
	{op: "setConfig", msg: "new configuration rejected", id: model.MsgConfigRejected},
	{op: "setConfig", msg: "failed to shut down BGP session", id: model.MsgOther},
	{op: "setNode", id: model.MsgOther},
	{msg: "failed to report condition", id: model.MsgOther, do: statusNoise},
	{msg: "failed to get *", level: "error", id: model.MsgOther, do: failedToGet},
	{msg: "failed to list the services", id: model.MsgOther},
	{msg: "failed to filter *", level: "error", id: model.MsgConfigRefused},
	{msg: "BGP Extras provided*", id: model.MsgOther}, // raw FRR lines are in use: not harmful, but unsupported,
	{event: "ConfigurationState created", do: ownState},
	{event: "ConfigurationState updated", do: ownState},
	{event: "ConfigurationState updatedStatusOnly", do: ownState},
	{event: "ConfigurationState updatedStatus", do: ownState},
	{event: "ConfigurationState unchanged", do: ownState},
	{event: "failed to handle service", id: model.MsgHandleFailed, do: handleFailed},
	{event: "failed to handle service, retry", id: model.MsgHandleFailed, do: handleFailed},
	{event: "failed to handle service, no retry", id: model.MsgHandleFailed, do: handleFailed},
}

// staleOf tells the two reasons of "config (re)load failed, config marked stale" apart: refused while parsing has an error, refused
// by the handler has null.
func staleOf(_ *reading, _ *record, s *sighting) bool {
	if s.err == nil {
		s.id = model.MsgConfigRejected
	}
	return true
}

// withoutService counts a message once, not by Service.
func withoutService(_ *reading, _ *record, s *sighting) bool {
	s.service = ""
	return true
}

// statusNoise is an error about a status resource: one that is just not there yet is made at the next try.
func statusNoise(_ *reading, _ *record, s *sighting) bool {
	s.benign = missingStatus(s.err)
	return true
}

// missingStatus tells whether an error is about a status resource that is not there yet, or not any more.
func missingStatus(err []byte) bool {
	if bytes.Contains(err, []byte("resourceVersion should not be set on objects to be created")) {
		return true
	}
	if !bytes.HasSuffix(err, []byte("not found")) {
		return false
	}
	for _, kind := range [...]string{"configurationstates.", "servicel2statuses.", "servicebgpstatuses.", "bgpsessionstates.", "frrnodestates."} {
		if bytes.Contains(err, []byte(kind)) {
			return true
		}
	}
	return false
}

// failedToGet: a kind could not be listed; the error says why.
func failedToGet(l *reading, r *record, s *sighting) bool {
	s.text = l.intern(detail(numberless(nil, plain(r.get(fieldMsg)))))
	if bytes.HasPrefix(r.get(fieldMsg), []byte("failed to get serviceName for slice")) {
		s.benign = true // a slice without the label; harmless for others
		return true
	}
	if id, value := readError(s.err); id != "" {
		s.id, s.value = id, value
	}
	return true
}

// ownState reads the name of the speaker's ConfigurationState, "speaker-NODE" (since v0.15.3).
func ownState(l *reading, r *record, _ *sighting) bool {
	if l.log.Node != "" && !l.log.NodeGuess {
		return false
	}
	if node, ok := bytes.CutPrefix(r.get(fieldName), []byte("speaker-")); ok {
		l.log.Node, l.log.NodeGuess = l.intern(node), false
		l.is(model.Speaker, false)
	}
	return false
}

// handleFailed names the Service that could not be handled, and prints it.
func handleFailed(l *reading, r *record, s *sighting) bool {
	if name := r.get(fieldName); name != nil {
		s.service = l.intern(plain(name))
	}
	if event := r.get(fieldEvent); bytes.HasSuffix(event, []byte(", no retry")) {
		s.reason = []byte("no retry")
	} else {
		s.reason = []byte("retry")
	}
	if l.orphan != nil && l.reprocessing {
		l.orphan.s.service = s.service
	}
	l.flushOrphan()
	if body := r.get(fieldService); len(body) > 0 && body[0] == '{' && s.service != "" {
		l.keepService(s.service, body)
	}
	return true
}
