package check

import (
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// frrTrouble is a daemon or container of FRR that does not run.
type frrTrouble struct {
	who  string
	text string
	src  []schema.Evidence
}

// frrTroubles looks at the state of FRR's containers, at the start script's words and at the exporter's list of daemons. Daemons that
// came up later are no trouble.
func (v *View) frrTroubles() []frrTrouble {
	var list []frrTrouble
	for _, p := range v.frrPods() {
		for _, c := range p.Containers {
			if t := c.State; c.Name == "frr" && c.HasStatus && (t.State == "waiting" && t.Reason != "ContainerCreating" && t.Reason != "PodInitializing" || t.State == "terminated" || !c.Ready && c.Restarts > 1) {
				text := t.Reason
				if text == "" {
					text = "not ready"
				}
				list = append(list, frrTrouble{whoOf(p), "container frr of " + p.Name + ": " + text, []schema.Evidence{firstSrc(t.Src, c.Src)}})
			}
		}
	}
	for _, l := range v.Logs {
		if l.Origin.Previous || v.OfRouter(l.Origin) || l.Component != model.FRR && l.Component != model.FRRMetrics && l.Component != model.FRRStatus {
			continue
		}
		if t := v.troubleOfLog(l); t != nil {
			list = append(list, *t)
		}
	}
	for _, t := range v.Tables {
		for _, d := range []string{"bgpd", "zebra"} {
			if contains(t.Missing, d+" is not running") && !v.OfRouter(t.Origin) && v.NodeOf(t.Origin) != "" {
				list = append(list, frrTrouble{v.who(t.Origin), d + " is not running", []schema.Evidence{t.Src}})
			}
		}
	}
	return list
}

func firstSrc(a, b schema.Evidence) schema.Evidence {
	if a.Line > 0 {
		return a
	}
	return b
}

func whoOf(p *model.Pod) string {
	if p.Node != "" {
		return p.Node
	}
	return p.Name
}

func (v *View) frrPods() []*model.Pod {
	return append(slices.Clone(v.Install.SpeakerPods), v.Install.FRRK8sPods...)
}

// daemonsUp tells when each daemon of a log's container was last said to be up, in this log or another part of it: lines of start
// scripts between those of FRR can cut one file into several.
func (v *View) daemonsUp(l *model.Log) map[string]model.Seen {
	up := map[string]model.Seen{}
	for _, o := range v.Logs {
		if o != l && o.Origin.Path != l.Origin.Path && (l.Origin.Pod == "" || o.Origin.Pod != l.Origin.Pod) {
			continue
		}
		for _, e := range o.Find(model.MsgFRRDaemon) {
			if name, ok := strings.CutSuffix(e.Value, " up"); ok && (up[name].Src.Line == 0 || e.Last.After(up[name])) {
				up[name] = e.Last
			}
		}
	}
	return up
}

func (v *View) troubleOfLog(l *model.Log) *frrTrouble {
	up := v.daemonsUp(l)
	healed := func(daemon string, trouble model.Seen) bool {
		later, ok := up[daemon]
		all, said := up[model.AllDaemons]
		return ok && later.After(trouble) || said && all.After(trouble)
	}
	for _, e := range l.Events {
		switch {
		case e.ID == model.MsgFRROther && strings.HasPrefix(e.Error, "Failed to start "):
			name := strings.Trim(strings.TrimPrefix(e.Error, "Failed to start "), "!. ")
			if !healed(name, e.Last) {
				return &frrTrouble{v.who(l.Origin), e.Error, []schema.Evidence{e.Last.Src}}
			}
		case e.ID == model.MsgFRRDaemon && strings.HasSuffix(e.Value, " down"):
			name := strings.TrimSuffix(e.Value, " down")
			if !healed(name, e.Last) {
				return &frrTrouble{v.who(l.Origin), name + " is down: " + e.Reason, []schema.Evidence{e.Last.Src}}
			}
		case e.ID == model.MsgFRRDaemon && l.Component != model.FRR && e.Count >= 3 && !strings.Contains(e.Value, "zebra") && strings.Contains(e.Value, "bgpd"),
			e.ID == model.MsgFRRDaemon && l.Component != model.FRR && e.Count >= 3 && strings.Contains(e.Value, "zebra") && !strings.Contains(e.Value, "bgpd"):
			if !l.Last.IsZero() && l.Last.Sub(e.Last.Time).Minutes() > 2 {
				continue
			}
			return &frrTrouble{v.who(l.Origin), "only " + e.Value + " run", []schema.Evidence{e.Last.Src}}
		}
	}
	return nil
}

var frrContainerFailing = &Check{
	Cause: "frr-container-failing", Title: "FRR does not run", Explains: []string{"speaker-not-running", "frr-reload-failed", "frr-out-of-sync", "frr-config-rejected",
		"session-not-established", "router-id-clash", "session-flapping", "connection-refused", "prefix-not-sent", "stale-config", "peer-unreachable"},
	Doc: `The container of FRR is not ready, or a daemon (zebra, bgpd, bfdd) does not start: reloads fail and no session comes up or gets a router id. Shown by the
container's state, the start script's words, watchfrr, and the exporter's list of daemons.`,
	Run: func(v *View, report func(Finding)) {
		list := v.frrTroubles()
		if len(list) == 0 {
			return
		}
		f := Finding{Should: "all daemons of FRR running", Remedy: "kubectl -n metallb-system logs ds/speaker -c frr; look at the ConfigMap frr-startup (daemons)"}
		var nodes []string
		for _, t := range list {
			nodes = append(nodes, t.who)
			f.Evidence = append(f.Evidence, t.src...)
		}
		slices.Sort(nodes)
		nodes = slices.Compact(nodes)
		slices.SortStableFunc(list, func(a, b frrTrouble) int {
			return btoi(strings.HasPrefix(b.text, "Failed")) - btoi(strings.HasPrefix(a.text, "Failed"))
		})
		f.Is = "FRR on " + someOf(nodes) + " does not run whole: " + list[0].text
		f.Clause = "no session carries its route: " + f.Is
		report(f) // the installation's
		g := f
		for _, s := range v.Services {
			if v.usesBGP(s) && s.served() == nil && len(v.stand(s).alive) == 0 {
				g.Services = append(g.Services, s.Key())
			}
		}
		if len(g.Services) > 0 {
			report(g)
		}
	},
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var frrK8sMissing = &Check{
	Cause: "frr-k8s-missing", Title: "frr-k8s is not there", Explains: []string{"frr-out-of-sync", "session-not-established", "stale-config", "cannot-reach-api-server"},
	Doc: `MetalLB runs in frr-k8s mode (speakers write FRRConfigurations), and the kind FRRConfiguration is not served, or no pod of frr-k8s exists: nobody runs
the sessions.`,
	Run: func(v *View, report func(Finding)) {
		f := Finding{Should: "frr-k8s with its CRDs", Remedy: "install frr-k8s (chart value frrk8s.enabled, manifests metallb-frr-k8s.yaml), or choose another BGP mode"}
		for _, l := range v.LogsOf(model.Speaker) {
			for _, e := range l.Find(model.MsgNotServed) {
				if contains(strings.ToLower(e.Value+e.Error), "frrconfiguration") {
					f.Evidence = append(f.Evidence, e.Last.Src)
					f.Is = "the API server does not serve FRRConfiguration"
				}
			}
		}
		if pods := v.Listed("pods"); f.Is == "" && v.Install.Mode == schema.ModeFRRK8s && len(v.Install.FRRK8sPods) == 0 && len(v.Install.SpeakerPods) > 0 && v.allPods(pods) {
			f.Is = "no pod of frr-k8s exists"
			f.Evidence = append(f.Evidence, v.Install.ModeSrc)
			for _, l := range pods {
				f.Evidence = append(f.Evidence, l.Src)
			}
		}
		if f.Is == "" {
			return
		}
		for _, s := range v.Services {
			if v.usesBGP(s) && s.served() == nil && len(v.stand(s).alive) == 0 {
				f.Services = append(f.Services, s.Key())
			}
		}
		f.Clause = "no session carries its route: " + f.Is
		report(f)
	},
}

// allPods tells whether the pods of all namespaces were listed: frr-k8s may have a namespace of its own.
func (v *View) allPods(lists []model.Listing) bool {
	return slices.ContainsFunc(lists, func(l model.Listing) bool { return l.AllNamespaces })
}
