package analyze

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// unknowns lists what the input can't answer, each with what it costs and the command that gets it.
func unknowns(v *check.View, r *schema.Report) []schema.Unknown {
	var out []schema.Unknown
	ns := v.Install.Namespace
	if ns == "" {
		ns = "metallb-system"
	}
	for _, s := range r.Services {
		if s.Verdict == schema.VerdictUnknown {
			out = append(out, schema.Unknown{Question: "does " + s.Key() + " work?", Why: strings.TrimPrefix(s.Sentence, s.Key()+": cannot be judged: "),
				Cost: "the Service is neither called healthy nor ill", How: howToJudge(v, s, ns), Services: []string{s.Key()}})
		}
	}
	if !v.Install.Version.Known() {
		out = append(out, schema.Unknown{Question: "which release of MetalLB runs?", Why: "no start line, image tag, label or chart names it",
			Cost: "only rules that all releases share are used", How: "kubectl -n " + ns + " get pods -o yaml"})
	}
	var homeless []string
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Node == "" {
			homeless = append(homeless, l.Origin.Path)
		}
	}
	if len(homeless) > 0 {
		out = append(out, schema.Unknown{Question: "on which node does each speaker run?",
			Why:  fmt.Sprintf("nothing ties %s to a node", strings.Join(homeless, ", ")),
			Cost: "what these logs say cannot be held against the node that should announce", How: "kubectl -n " + ns + " get pods -o wide"})
	}
	if homeless := v.Homeless(); len(homeless) > 0 && len(v.NodeNames()) != 1 {
		out = append(out, schema.Unknown{Question: "of which machines are the settings, rules and interfaces?",
			Why:  fmt.Sprintf("nothing ties %s to a node", firstOf(homeless)),
			Cost: "what they would explain of a node that takes traffic is not in this report",
			How:  "attach the output with the machine's prompt, or under a folder or file with its name"})
	}
	out = append(out, missingSteps(v.Steps)...)
	var unread []string
	for _, m := range v.Members {
		if m.Read == "not" && m.Origin.Kind != schema.KindHeader && m.Origin.Kind != schema.KindTrailer {
			unread = append(unread, m.Origin.Path+" ("+m.Why+")")
		}
	}
	if len(unread) > 0 {
		out = append(out, schema.Unknown{Question: "what is in the files that were not read?", Why: firstOf(unread),
			Cost: "what they prove is not in this report", How: "assay inspect lists every file"})
	}
	return out
}

// firstOf lists the first few names and says how many more there are.
func firstOf(names []string) string {
	if len(names) <= 5 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:5], ", "), len(names)-5)
}

// howToJudge is the command that gets the evidence whose absence keeps a Service from being judged.
func howToJudge(v *check.View, s schema.Service, ns string) string {
	switch {
	case s.Namespace != "" && len(s.Addresses) == 0:
		return fmt.Sprintf("kubectl -n %s get svc %s -o yaml; kubectl -n %s logs deploy/controller", s.Namespace, s.Name, ns)
	case len(v.LogsOf(model.Speaker)) == 0:
		return fmt.Sprintf("kubectl -n %s logs ds/speaker --all-pods --prefix --all-containers; kubectl -n %s describe svc %s", ns, s.Namespace, s.Name)
	}
	return fmt.Sprintf("kubectl -n %s get servicel2statuses,servicebgpstatuses -o yaml; kubectl -n %s get svc %s -o yaml", ns, s.Namespace, s.Name)
}
