package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/model"
)

// frrk8sMessages are those of frr-k8s mode in the speaker, and of frr-k8s' own programs.
var frrk8sMessages = []message{
	{event: "failed to create frr8s configuration", id: model.MsgFRRK8sWrite, of: model.Speaker},
	{event: "failed to dump frr8s configuration"},
	{event: "failed to dump config"},
	{event: "applied new configuration", of: model.Speaker},
	{event: "not reconciling because of no change", of: model.Speaker},
	{event: "sent new config to the controller", of: model.Speaker},

	{msg: "starting frr-k8s", id: model.MsgStart, do: startOf(model.FRRK8s)},
	{msg: "starting frr-k8s webhook", id: model.MsgStart, do: startOf(model.StatusCleaner)},
	{msg: "starting status exporter", id: model.MsgStart, do: startOf(model.FRRStatus)},
	{msg: "Starting certs generator"},
	{msg: "Starting controllers"},
	{msg: "Starting webhooks"},
	{msg: "Starting node state cleaner controller"},
	{msg: "unable to create", level: "error", id: model.MsgFatal},

	{key: "failed to convert the config, error", id: model.MsgFRRK8sConvert, of: model.FRRK8s, do: keyIsError},
	{key: "failed to apply the config, error", id: model.MsgFRRK8sConvert, of: model.FRRK8s, do: keyIsError},
	{key: "failed to apply the empty config, error", id: model.MsgFRRK8sConvert, of: model.FRRK8s, do: keyIsError},
	{key: "failed to translate the empty config, error", id: model.MsgFRRK8sConvert, of: model.FRRK8s, do: keyIsError},
	{key: "failed to apply the config", id: model.MsgFRRK8sConvert, of: model.FRRK8s},
	{key: "failed to apply the empty config", id: model.MsgFRRK8sConvert, of: model.FRRK8s},
	{key: "failed to translate the empty config", id: model.MsgFRRK8sConvert, of: model.FRRK8s},
	{key: "failed to get", id: model.MsgOther, do: stateError},
	{key: "failed to update", id: model.MsgOther, do: stateError},
	{key: "failed to list FRR-K8s pods", id: model.MsgOther, do: keyIsError},
	{key: "failed to list FRRNodeStates", id: model.MsgOther, do: keyIsError},
	{key: "deleting FRRNodeState"},
}

// stateError: FRRNodeState could not be read or written; a conflict is tried again.
func stateError(_ *reading, r *record, s *sighting) bool {
	s.err = plain(r.keyed)
	s.benign = isConflict(s.err) || missingStatus(s.err)
	return true
}

// takeWebhook reads what the webhooks of MetalLB and frr-k8s say of the objects that they judge; it returns false for other lines.
func (l *reading) takeWebhook(r *record, level string) bool {
	hook := r.get(fieldWebhook)
	if hook == nil {
		return false
	}
	action := r.get(fieldAction)
	if level != "error" {
		l.webhookLine = l.p.scan.Number()
		l.ignore()
		return true
	}
	if r.get(fieldError) == nil {
		return false
	}
	s := sighting{id: model.MsgWebhookErr, level: level, text: "webhook refused", reason: []byte(reasonRefused), err: plain(r.get(fieldError))}
	if bytes.Contains(action, []byte("end")) {
		s.text = "webhook"
	}
	// what was judged: WEBHOOK NAMESPACE/NAME
	s.value = append(append(append(append(append([]byte(nil), hook...), ' '), r.get(fieldNamespace)...), '/'), r.get(fieldName)...)
	l.note(&s)
	return true
}
