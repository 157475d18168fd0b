package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func learnInstallation(m *model.Model) Installation {
	in := Installation{Mode: schema.ModeUnknown, Kind: "unknown"}
	for _, p := range m.Obj.Pods {
		switch podRole(p) {
		case model.Speaker:
			in.SpeakerPods = append(in.SpeakerPods, p)
		case model.Controller:
			in.ControllerPods = append(in.ControllerPods, p)
		case model.FRRK8s:
			in.FRRK8sPods = append(in.FRRK8sPods, p)
		}
	}
	in.learnVersion(m)
	in.learnNamespace(m)
	in.learnFlags(m)
	in.learnMode(m)
	in.learnKind(m)
	in.learnSpeakers(m)
	return in
}

// podRole tells which component of MetalLB a pod is, by image where it is known, else by labels and name (facts of the
// manifests, the chart and the operator); OtherProgram for anything else.
func podRole(p *model.Pod) model.Component {
	for _, c := range p.Containers {
		image := c.Image[strings.LastIndex(c.Image, "/")+1:]
		switch {
		case strings.Contains(c.Image, "metallb/speaker"), strings.HasPrefix(image, "metallb-speaker"):
			return model.Speaker
		case strings.Contains(c.Image, "metallb/controller"), strings.HasPrefix(image, "metallb-controller"):
			return model.Controller
		case strings.Contains(c.Image, "frr-k8s") && (c.Name == "frr-k8s" || c.Name == "controller"):
			return model.FRRK8s
		}
	}
	return roleOfName(p.Name, p.Labels)
}

func roleOfName(name string, labels map[string]string) model.Component {
	component := labels["component"]
	if component == "" {
		component = labels["app.kubernetes.io/component"]
	}
	app := labels["app"] + labels["app.kubernetes.io/name"]
	if strings.Contains(app, "metallb") {
		switch component {
		case "speaker":
			return model.Speaker
		case "controller":
			return model.Controller
		}
	}
	switch {
	case strings.HasPrefix(name, "frr-k8s-webhook"), strings.Contains(name, "statuscleaner"):
		return model.StatusCleaner
	case strings.HasPrefix(name, "frr-k8s"), strings.Contains(name, "-frr-k8s-"):
		return model.FRRK8s
	case strings.HasPrefix(name, "speaker-"), strings.Contains(name, "metallb-speaker"):
		return model.Speaker
	case strings.HasPrefix(name, "controller-"), strings.Contains(name, "metallb-controller"):
		return model.Controller
	}
	return model.OtherProgram
}

// learnVersion takes the strongest word on the release: a start line, then an image's tag, then labels, then people.
func (in *Installation) learnVersion(m *model.Model) {
	best := -1
	for _, l := range m.Logs {
		if l.Component != model.Controller && l.Component != model.Speaker || l.Origin.Previous {
			continue
		}
		if v, ok := metallb.ParseVersion(l.Version); ok && best < 3 {
			best, in.Version = 3, v
			for _, e := range l.Find(model.MsgStart) {
				in.VersionSrc = e.Last.Src
			}
		}
	}
	for _, s := range m.Versions {
		if s.Of != "metallb" || s.Strength <= best {
			continue
		}
		if v, ok := metallb.ParseVersion(s.Version); ok {
			best, in.Version, in.VersionSrc = s.Strength, v, s.Src
		}
	}
}

// learnNamespace finds MetalLB's own namespace: that of its pods and workloads, else of its logs, else of its resources.
func (in *Installation) learnNamespace(m *model.Model) {
	for _, pods := range [][]*model.Pod{in.SpeakerPods, in.ControllerPods} {
		for _, p := range pods {
			if p.Namespace != "" {
				in.Namespace = p.Namespace
				return
			}
		}
	}
	for _, w := range m.Obj.Workloads {
		if r := roleOfName(w.Name+"-", w.Labels); r == model.Speaker || r == model.Controller && strings.Contains(w.Namespace, "metallb") {
			in.Namespace = w.Namespace
			return
		}
	}
	for _, l := range m.Logs {
		if (l.Component == model.Controller || l.Component == model.Speaker) && l.Origin.Namespace != "" {
			in.Namespace = l.Origin.Namespace
			return
		}
	}
	for _, s := range m.Obj.L2Statuses {
		in.Namespace = s.Namespace
		return
	}
	count := map[string]int{}
	for _, p := range m.Obj.Pools {
		count[p.Namespace]++
	}
	for _, a := range m.Obj.L2Advertisements {
		count[a.Namespace]++
	}
	if len(count) == 1 {
		for ns := range count {
			in.Namespace = ns
		}
	} else if count["metallb-system"] > 0 {
		in.Namespace = "metallb-system"
	}
}

func (in *Installation) containers(m *model.Model) []model.Container {
	var all []model.Container
	for _, pods := range [][]*model.Pod{in.SpeakerPods, in.ControllerPods} {
		for _, p := range pods {
			all = append(all, p.Containers...)
		}
	}
	for _, w := range m.Obj.Workloads {
		if r := roleOfName(w.Name+"-", w.Labels); r == model.Speaker || r == model.Controller {
			all = append(all, w.Containers...)
		}
	}
	return all
}

func (in *Installation) learnFlags(m *model.Model) {
	for _, c := range in.containers(m) {
		if c.Name != "speaker" && c.Name != "controller" && !strings.HasSuffix(c.Name, "speaker") {
			continue
		}
		in.FlagsKnown = in.FlagsKnown || len(c.Args) > 0
		for i, arg := range c.Args {
			name, value, has := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			if !has && i+1 < len(c.Args) && !strings.HasPrefix(c.Args[i+1], "-") {
				value = c.Args[i+1]
			}
			switch name {
			case "lb-class":
				in.LBClass = value
			case "ignore-exclude-lb":
				in.IgnoreExcludeLB = value != "false"
			}
		}
	}
	for _, l := range m.LogsOf(model.Speaker) {
		if len(l.Find(model.MsgMemberOff)) > 0 {
			in.MemberlistOff = true
		}
	}
}

// learnMode finds METALLB_BGP_TYPE, or what only one mode has: containers, pods, resources, logs (facts: modes).
func (in *Installation) learnMode(m *model.Model) {
	seen := func(mode schema.Mode, src schema.Evidence) bool {
		in.Mode, in.ModeSrc = mode, src
		return true
	}
	for _, c := range in.containers(m) {
		if c.Name != "speaker" && !strings.HasSuffix(c.Name, "speaker") {
			continue
		}
		if len(c.Env) == 0 && len(c.Args) == 0 {
			continue
		}
		switch t := c.Env["METALLB_BGP_TYPE"]; t {
		case "frr", "frr-k8s", "native":
			seen(schema.Mode(t), c.Src)
		case "":
			seen(schema.ModeNative, c.Src)
		}
		return
	}
	for _, l := range m.Logs {
		switch {
		case l.Component == model.FRRK8s:
			seen(schema.ModeFRRK8s, l.FirstSrc())
			return
		case (l.Component == model.Reloader || l.Component == model.FRR) && strings.Contains(l.Origin.Pod, "speaker"):
			seen(schema.ModeFRR, l.FirstSrc())
			return
		}
	}
	if len(in.FRRK8sPods) > 0 {
		seen(schema.ModeFRRK8s, in.FRRK8sPods[0].Src)
		return
	}
	for _, c := range m.Obj.FRRConfigurations {
		if strings.HasPrefix(c.Name, "metallb-") {
			seen(schema.ModeFRRK8s, c.Src)
			return
		}
	}
	for _, l := range m.LogsOf(model.Speaker) {
		for _, id := range []model.MessageID{model.MsgSessionUp, model.MsgDialFailed, model.MsgSessionDown, model.MsgOpen} {
			if e := l.Find(id); len(e) > 0 {
				seen(schema.ModeNative, e[0].Last.Src)
				return
			}
		}
		if e := l.Find(model.MsgReloadFailed); len(e) > 0 {
			seen(schema.ModeFRR, e[0].Last.Src)
			return
		}
	}
	for _, p := range in.SpeakerPods {
		if len(p.Containers) > 1 {
			seen(schema.ModeFRR, p.Src)
			return
		}
	}
}

func (in *Installation) learnKind(m *model.Model) {
	if len(m.Obj.Operators) > 0 {
		in.Kind = "operator"
		return
	}
	look := func(labels map[string]string) bool {
		if labels["helm.sh/chart"] != "" || labels["app.kubernetes.io/managed-by"] == "Helm" {
			in.Kind = "helm"
			return true
		}
		if labels["app"] == "metallb" {
			in.Kind = "manifests"
		}
		return false
	}
	for _, pods := range [][]*model.Pod{in.SpeakerPods, in.ControllerPods} {
		for _, p := range pods {
			if look(p.Labels) {
				return
			}
			if strings.Contains(p.Name, "metallb-speaker") || strings.Contains(p.Name, "metallb-controller") {
				in.Kind = "helm"
				return
			}
		}
	}
	for _, w := range m.Obj.Workloads {
		if roleOfName(w.Name+"-", w.Labels) == model.Speaker && look(w.Labels) {
			return
		}
	}
}

func (in *Installation) learnSpeakers(m *model.Model) {
	nodes := map[string]bool{}
	for _, p := range in.SpeakerPods {
		if p.Node != "" && podRuns(p) {
			nodes[p.Node] = true
		}
	}
	if len(in.SpeakerPods) == 0 {
		return
	}
	in.SpeakerNodes = model.Sorted(nodes)
}

// podRuns tells whether the pod's main container runs now, as far as the pod or its row in a table says.
func podRuns(p *model.Pod) bool {
	if p.Phase != "" && p.Phase != "Running" {
		return false
	}
	for _, c := range p.Containers {
		if (c.Name == "speaker" || c.Name == "controller") && c.HasStatus {
			return c.State.State == "running" || c.State.State == "" && c.Ready
		}
	}
	return true
}
