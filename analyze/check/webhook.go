package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var consequencesOfWebhook = []string{"no-pool", "no-configuration", "no-advertisement", "no-bgppeer", "legacy-configmap-ignored"}

var webhookUnreachable = &Check{
	Cause: "webhook-unreachable", Title: "the API server cannot call MetalLB's webhook",
	Doc: `MetalLB's webhook (in the controller) has failurePolicy Fail: while the API server cannot reach it, no pool, peer or advertisement can be made
or changed. Reasons are a controller that is not ready, a Service whose selector matches no pod, a NetworkPolicy or firewall between API server
and pod (port 9443), or a proxy. Found by the error that kubectl, Helm or a controller shows. A failure at start that was retried is history.`,
	Explains: consequencesOfWebhook,
	Run:      func(v *View, report func(Finding)) { v.webhookFindings(false, report) },
}

var webhookCertificateBad = &Check{
	Cause: "webhook-certificate-bad", Title: "the webhook's certificate is not accepted",
	Doc: `The webhook answers with a certificate that the CA bundle of its configuration does not cover: another pod answers under its address, the
certificate is of another name, or the CA bundle is stale. No pool, peer or advertisement can be made or changed.`,
	Explains: append([]string{"webhook-unreachable"}, consequencesOfWebhook...),
	Run:      func(v *View, report func(Finding)) { v.webhookFindings(true, report) },
}

// webhookFindings reports calls of the webhook that failed, those for certificates or the others. They break Services that have
// no address while no pool exists.
func (v *View) webhookFindings(certificate bool, report func(Finding)) {
	var f Finding
	for _, r := range v.Remarks {
		if r.ID != model.RemarkWebhookCallFailed || !v.ofMetalLB(r) || v.poolMadeAfter(r) || certificate != (r.Value == "x509" || r.Value == "tls") {
			continue
		}
		f.Evidence = append(f.Evidence, r.Src)
		if f.Is == "" {
			f.Is = oneLine(cutBefore(r.Text, "failed calling webhook"))
		}
	}
	if len(f.Evidence) == 0 {
		return
	}
	f.Evidence = append(f.Evidence, v.evidenceOfNone("ipaddresspools")...)
	f.Confidence = schema.Reported
	f.Should = "the API server reaches the webhook and accepts its certificate"
	f.Remedy = "kubectl -n " + v.Expect.Base.Namespace + " get endpointslices,svc,pods -o wide; then see who may reach the controller's port 9443"
	f.Objects = []schema.Object{{Kind: "ValidatingWebhookConfiguration", Name: "metallb-webhook-configuration"}}
	if len(v.Obj.Pools) == 0 && !v.showsPools() {
		f.Services = Keys(v.unservedByController())
	}
	if len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
	f.Clause = "no address, because no pool could be made: " + f.Is
	report(f)
}

// poolMadeAfter tells whether the same terminal shows, behind a webhook's error, that a pool was made.
func (v *View) poolMadeAfter(r model.Remark) bool {
	for _, o := range v.Remarks {
		if o.ID == model.RemarkApplied && o.Src.Member == r.Src.Member && o.Src.Line > r.Src.Line && strings.Contains(o.Value, "addresspool ") {
			return true
		}
	}
	return false
}

// metallbWebhooks are the names of MetalLB's webhooks before ".metallb.io", and what stands in their URLs.
var metallbWebhooks = []string{"metallb", "validationwebhook", "ipaddresspool", "addresspool", "bgppeer", "bgpadvertisement", "l2advertisement", "bfdprofile"}

// ofMetalLB tells whether a webhook's error is of MetalLB's: by the words of its line, or, where the terminal broke the line, of
// the lines about MetalLB that the same member has beside it.
func (v *View) ofMetalLB(r model.Remark) bool {
	text := strings.ToLower(r.Text)
	for _, w := range metallbWebhooks {
		if strings.Contains(text, w) {
			return true
		}
	}
	if !strings.Contains(text, "webhook-service") && strings.Contains(text, "://") {
		return false // another webhook's URL
	}
	for _, o := range v.Remarks {
		near := o.Src.Line - r.Src.Line
		if o.Src.Member == r.Src.Member && near >= -3 && near <= 3 && near != 0 && strings.Contains(strings.ToLower(o.Text), "metallb") {
			return true
		}
	}
	return false
}

// cutBefore drops what stands before the words; the whole text where they are missing.
func cutBefore(text, words string) string {
	if i := strings.Index(text, words); i >= 0 {
		return text[i:]
	}
	return text
}
