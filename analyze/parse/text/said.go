package text

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// WebhookWords reads what an API server answers for an admission webhook out of a sentence of another program (an event of what
// applies manifests, its log, the API server's own): the call failed, or the webhook refused. False for any other sentence.
func WebhookWords(s string) (model.Remark, bool) {
	lower := strings.ToLower(s)
	if strings.Contains(lower, "failed calling webhook") || strings.Contains(lower, "failed to call webhook") {
		return model.Remark{ID: model.RemarkWebhookCallFailed, Value: webhookCause(s, lower), Text: cut(s, 600), Count: 1}, true
	}
	r, ok := denied(s, lower)
	r.Text, r.Count = cut(s, 600), 1
	return r, ok
}
