package check

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// trouble is why a pod's container does not run or is not ready.
type trouble struct {
	container string
	word      string // CrashLoopBackOff, ImagePullBackOff, CreateContainerConfigError, Pending, not ready, ...
	detail    string // message, exit code
	src       schema.Evidence
}

// troubles lists what keeps a pod's containers from running, by its status or its row in a table; empty for a pod that runs.
func troubles(p *model.Pod) []trouble {
	var out []trouble
	for _, list := range [][]model.Container{p.Init, p.Containers} {
		for _, c := range list {
			if t, bad := containerTrouble(c); bad {
				out = append(out, t)
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	switch phase := p.Phase; phase {
	case "", "Running", "Succeeded", "Completed", "Terminating":
	default:
		if strings.HasPrefix(phase, "Init:") && !strings.Contains(phase, "Error") && !strings.Contains(phase, "Back") {
			return nil // on its way
		}
		t := trouble{word: phase, src: p.Src}
		for _, c := range p.Conditions {
			if c.Status == "False" && c.Message != "" {
				t.detail, t.src = c.Message, c.Src
				break
			}
		}
		out = append(out, t)
	}
	return out
}

func containerTrouble(c model.Container) (trouble, bool) {
	st := c.State
	t := trouble{container: c.Name, word: st.Reason, detail: st.Message, src: st.Src}
	if t.src.Member == "" {
		t.src = c.Src
	}
	switch {
	case st.State == "waiting" && st.Reason != "PodInitializing" && st.Reason != "ContainerCreating" && st.Reason != "":
		if c.Last.State == "terminated" || c.Last.ExitCode != 0 {
			t.detail = strings.TrimSpace(fmt.Sprintf("%s; last exit code %d %s", t.detail, c.Last.ExitCode, c.Last.Message))
		}
		return t, true
	case st.State == "terminated" && st.ExitCode != 0:
		if t.word == "" {
			t.word = "terminated"
		}
		t.detail = strings.TrimSpace(fmt.Sprintf("exit code %d %s", st.ExitCode, t.detail))
		return t, true
	}
	return trouble{}, false
}

// notReady lists containers that run and are not ready, of pods whose status is known.
func notReady(p *model.Pod) []model.Container {
	var out []model.Container
	for _, c := range p.Containers {
		if c.HasStatus && !c.Ready && (c.State.State == "running" || c.State.State == "") {
			out = append(out, c)
		}
	}
	return out
}

// say writes a trouble for a sentence.
func (t trouble) say(p *model.Pod) string {
	text := "pod " + p.Name
	if t.container != "" {
		text += " container " + t.container
	}
	text += ": " + t.word
	if t.detail != "" {
		text += " (" + oneLine(t.detail) + ")"
	}
	if p.Node != "" && p.Node != "<none>" {
		text += " on " + p.Node
	}
	return text
}

func isImageTrouble(word string) bool {
	switch word {
	case "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "Init:ImagePullBackOff", "Init:ErrImagePull":
		return true
	}
	return false
}

// unservedByController lists the Services that have no address and should have one.
func (v *View) unservedByController() []*Service {
	var out []*Service
	for _, s := range v.Services {
		if len(s.Addresses) == 0 && s.served() == nil && v.IsLoadBalancer(s) {
			out = append(out, s)
		}
	}
	return out
}
