package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var memberlistSecretMissing = &Check{
	Cause: "memberlist-secret-missing", Title: "the memberlist secret is missing",
	Doc: `Speakers mount the secret memberlist, or read its key secretkey. The controller makes it since v0.9 (METALLB_ML_SECRET_NAME) where it may; manifests
of old releases have it made by hand. Without it their pods stay in ContainerCreating or CreateContainerConfigError.`,
	Explains: []string{"speaker-not-running", "no-speaker-on-eligible-node", "memberlist-partition", "speaker-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		f := Finding{Confidence: schema.Reported, Should: "the secret memberlist in namespace " + v.Expect.Base.Namespace,
			Remedy: "kubectl -n " + v.Expect.Base.Namespace + ` create secret generic memberlist --from-literal=secretkey="$(openssl rand -base64 128)", or let the controller make it`}
		note := func(text string, src schema.Evidence) {
			if f.Is == "" {
				f.Is = oneLine(text)
			}
			f.Evidence = append(f.Evidence, src)
		}
		var nodes []string
		for _, p := range v.Install.SpeakerPods {
			for _, t := range troubles(p) {
				if missesMemberlist(t.detail) {
					note(t.say(p), t.src)
					nodes = append(nodes, p.Node)
				}
			}
		}
		if !v.allRun(model.Speaker) {
			v.memberlistWords(note)
		}
		if len(f.Evidence) == 0 {
			return
		}
		if len(nodes) == 0 {
			nodes = []string{""}
		}
		for _, n := range nodes {
			f.Services = append(f.Services, Keys(v.neededFrom(n))...)
		}
		if len(f.Services) == 0 {
			f.Severity = schema.Warning
		}
		f.Clause = "no speaker announces it, because the speakers wait for the memberlist secret: " + f.Is
		report(f)
	},
}

// memberlistWords notes what events, terminals and logs say of the secret. They are of another moment where the speakers run.
func (v *View) memberlistWords(note func(string, schema.Evidence)) {
	for _, e := range v.Obj.Events {
		if missesMemberlist(e.Message) {
			note(e.Message, e.Src)
		}
	}
	for _, r := range v.Remarks {
		if (r.ID == model.RemarkSecretMissing || r.ID == model.RemarkFailedMount) && missesMemberlist(r.Text) {
			note(r.Text, r.Src)
		}
	}
	for _, l := range v.LogsOf(model.Speaker) {
		for _, e := range l.Find(model.MsgSecretBad) {
			if e.Level == "error" && !workedAfter(l, e) {
				note(e.Text+": "+e.Error, e.Last.Src)
			}
		}
	}
}

func missesMemberlist(text string) bool {
	return contains(text, "memberlist") && contains(text, "ecret") &&
		(strings.Contains(text, "not found") || strings.Contains(text, "couldn't find") || strings.Contains(text, "non-existent"))
}
