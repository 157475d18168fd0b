package logs

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// settle marks events as harmless that only what came after them in the same log can tell to be so: what was missing when the
// program started and was there soon after.
func (l *reading) settle() {
	if l.log.Component == "" {
		l.log.Component = componentOfPod(l.log.Origin.Pod)
	}
	var loaded, joined, served int // lines of the last good load, join, and start of the webhook
	for _, e := range l.log.Events {
		line := e.Last.Src.Line
		switch e.ID {
		case model.MsgConfigLoaded, model.MsgConfigSame:
			loaded = max(loaded, line)
		case model.MsgMemberJoin:
			joined = max(joined, line)
		}
	}
	served = l.p.origin.Line(l.webhookLine)
	for _, e := range l.log.Events {
		line := e.Last.Src.Line
		switch e.ID {
		case model.MsgConfigMissing:
			e.Benign = e.Benign || line < loaded
		case model.MsgJoinFailed:
			e.Benign = e.Benign || line < joined
		case model.MsgMemberError:
			e.Benign = e.Benign || e.Reason == reasonJoin && line < joined
		case model.MsgWebhookErr:
			e.Benign = e.Benign || e.Reason == reasonCertificate && l.webhookLine > 0 && line < served
		case model.MsgReloadFailed:
			e.Benign = e.Benign || e.Reason == "reload" && line < l.p.origin.Line(l.reloadedLine)
		}
	}
}

// Reasons that this package gives to messages whose lines have none.
const (
	reasonJoin        = "join"
	reasonCertificate = "certificate"
	reasonRefused     = "refused"
	reasonCall        = "call"
)

// componentOfPod is the program whose log `kubectl logs POD` shows where nobody names a container and no line tells: that of the pod's
// name, as the manifests (speaker-x) and Helm (RELEASE-metallb-speaker-x) give it; "" for other pods.
func componentOfPod(pod string) model.Component {
	switch {
	case strings.Contains(pod, "frr-k8s"):
		return ""
	case strings.HasPrefix(pod, "speaker-"), strings.Contains(pod, "metallb-speaker-"):
		return model.Speaker
	case strings.HasPrefix(pod, "controller-"), strings.Contains(pod, "metallb-controller-"):
		return model.Controller
	}
	return ""
}
