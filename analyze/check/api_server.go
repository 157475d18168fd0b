package check

import (
	"fmt"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var cannotReachAPIServer = &Check{
	Cause: "cannot-reach-api-server", Title: "a component cannot talk to the Kubernetes API",
	Doc: `Controller and speakers reach the API at the ClusterIP of the Service kubernetes (10.96.0.1:443 or the like): without it they know neither their
configuration nor Services. Timeouts there mean kube-proxy or the CNI of the node, refusals the API server. Errors that the log works again behind are history.`,
	Explains: append([]string{"controller-not-running", "speaker-not-running", "no-speaker-on-eligible-node", "speaker-not-reconciling"}, consequencesOfController...),
	Run: func(v *View, report func(Finding)) {
		for _, l := range v.Logs {
			if l.Component != model.Controller && l.Component != model.Speaker || l.Origin.Previous && !v.roleInTrouble(l.Component) {
				continue
			}
			if e := v.lastAPIError(l); e != nil {
				f := Finding{Confidence: schema.Reported, Evidence: []schema.Evidence{e.Last.Src}, Should: "the " + string(l.Component) + " reaches the API server",
					Is:     fmt.Sprintf("the %s of %s cannot: %s", l.Component, orPod(l.Node, l.Origin.Pod), oneLine(e.Error)),
					Remedy: "see from the node whether the ClusterIP of the Service kubernetes answers (curl -k https://IP/version): kube-proxy, CNI, firewall, then the API server"}
				for _, x := range l.Find(model.MsgFatal) {
					f.Evidence = append(f.Evidence, x.Last.Src)
				}
				v.stoppedBy(&f, l.Component, l.Node)
				f.Clause = "not served: " + f.Is
				report(f)
			}
		}
	},
}

// lastAPIError is an error of talking to the API that the log does not get over: it came again and again until the end, or the
// program ended with it. nil when there is none.
func (v *View) lastAPIError(l *model.Log) *model.LogEvent {
	var last *model.LogEvent
	count := 0
	for _, e := range l.Find(model.MsgAPIError) {
		if e.Benign || workedAfter(l, e) {
			continue
		}
		count += e.Count
		if last == nil || e.Last.After(last.Last) {
			last = e
		}
	}
	if last == nil || len(last.Error) == 0 {
		return nil
	}
	ended := len(l.Find(model.MsgFatal))+len(l.Find(model.MsgPanic)) > 0
	if count < 3 && !ended && !v.roleInTrouble(l.Component) {
		return nil
	}
	return last
}
