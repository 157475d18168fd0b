package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

func (c *converter) pod(n *node, m model.Meta) {
	spec, status := n.get("spec"), n.get("status")
	p := &model.Pod{
		Meta:           m,
		Node:           spec.get("nodeName").short(c.words),
		Phase:          status.get("phase").short(c.words),
		Reason:         status.get("reason").short(c.words),
		HostNetwork:    spec.get("hostNetwork").bool(),
		Containers:     c.containers(spec.get("containers"), status.get("containerStatuses")),
		Init:           c.containers(spec.get("initContainers"), status.get("initContainerStatuses")),
		Conditions:     c.conditions(status.get("conditions")),
		NodeSelector:   spec.get("nodeSelector").pairs(c.words),
		Tolerations:    c.tolerations(spec.get("tolerations")),
		ServiceAccount: spec.get("serviceAccountName").short(c.words),
	}
	for _, ip := range status.get("podIPs").list() {
		p.IPs = append(p.IPs, ip.get("ip").text())
	}
	if len(p.IPs) == 0 {
		p.IPs = status.get("podIP").texts(nil)
	}
	for _, ct := range p.Containers {
		p.Restarts += ct.Restarts
	}
	c.out.Pods = append(c.out.Pods, p)
}

func (c *converter) tolerations(n *node) []model.Toleration {
	var list []model.Toleration
	for _, t := range n.list() {
		list = append(list, model.Toleration{
			Key:      t.get("key").short(c.words),
			Operator: t.get("operator").short(c.words),
			Value:    t.get("value").short(c.words),
			Effect:   t.get("effect").short(c.words),
		})
	}
	return list
}

// containers reads the containers of a spec and joins them with their status by name. Containers that only the status has
// (a cut text) are kept too.
func (c *converter) containers(spec, status *node) []model.Container {
	var list []model.Container
	at := map[string]int{}
	for _, s := range spec.list() {
		ct := c.container(s)
		at[ct.Name] = len(list)
		list = append(list, ct)
	}
	for _, s := range status.list() {
		name := s.get("name").short(c.words)
		i, ok := at[name]
		if !ok {
			i = len(list)
			list = append(list, model.Container{Name: name, Image: s.get("image").short(c.words)})
			c.imageVersion(list[i].Image, c.srcOf(s, "image"))
		}
		ct := &list[i]
		ct.HasStatus = true
		ct.ImageID = s.get("imageID").short(c.words)
		ct.Ready = s.get("ready").bool()
		ct.Restarts = s.get("restartCount").int()
		ct.State = c.containerState(s.get("state"))
		ct.Last = c.containerState(s.get("lastState"))
		ct.Src = c.srcOf(s, "name")
	}
	return list
}

func (c *converter) container(n *node) model.Container {
	ct := model.Container{
		Name:    n.get("name").short(c.words),
		Image:   n.get("image").short(c.words),
		Args:    n.get("args").texts(c.words),
		Command: n.get("command").texts(c.words),
		Src:     c.srcOf(n, "name"),
	}
	for _, e := range n.get("env").list() {
		v := e.get("value")
		if v == nil || v.shape != scalar {
			continue
		}
		if ct.Env == nil {
			ct.Env = map[string]string{}
		}
		name := e.get("name").short(c.words)
		if secretName(name) {
			ct.Env[name] = Masked
		} else {
			ct.Env[name] = v.short(c.words)
		}
	}
	for _, p := range n.get("ports").list() {
		ct.Ports = append(ct.Ports, model.ContainerPort{
			Name:     p.get("name").short(c.words),
			Protocol: p.get("protocol").short(c.words),
			Port:     p.get("containerPort").int(),
			HostPort: p.get("hostPort").int(),
		})
	}
	c.imageVersion(ct.Image, c.srcOf(n, "image"))
	return ct
}

// secretName tells whether a field or variable of that name holds a secret itself, not the name or place of one.
func secretName(name string) bool {
	l := strings.ToLower(name)
	for _, end := range []string{"password", "passwd", "token", "secret", "secret_key", "secretkey", "api_key", "apikey", "private_key", "privatekey"} {
		if strings.HasSuffix(l, end) {
			return true
		}
	}
	return false
}

func (c *converter) containerState(n *node) model.ContainerState {
	for _, word := range []string{"waiting", "running", "terminated"} {
		s := n.get(word)
		if s == nil {
			continue
		}
		return model.ContainerState{
			State:    word,
			Reason:   s.get("reason").short(c.words),
			Message:  maskPasswords(s.get("message").text()),
			ExitCode: s.get("exitCode").int(),
			Started:  s.get("startedAt").time(),
			Finished: s.get("finishedAt").time(),
			Src:      c.srcOf(n, word),
		}
	}
	return model.ContainerState{}
}

func (c *converter) workload(n *node, m model.Meta) {
	spec, status, pod := n.get("spec"), n.get("status"), n.at("spec", "template", "spec")
	w := &model.Workload{
		Meta:           m,
		Selector:       c.selector(spec.get("selector")),
		NodeSelector:   pod.get("nodeSelector").pairs(c.words),
		Tolerations:    c.tolerations(pod.get("tolerations")),
		Containers:     c.containers(pod.get("containers"), nil),
		Init:           c.containers(pod.get("initContainers"), nil),
		ServiceAccount: pod.get("serviceAccountName").short(c.words),
		HostNetwork:    pod.get("hostNetwork").bool(),
		Conditions:     c.conditions(status.get("conditions")),
		Unavailable:    status.get("unavailableReplicas").int(),
		Available:      status.get("availableReplicas").int(),
		Ready:          status.get("readyReplicas").int(),
		Updated:        status.get("updatedReplicas").int(),
	}
	switch strings.ToLower(m.Kind) {
	case "daemonset":
		w.Desired = status.get("desiredNumberScheduled").int()
		w.Ready = status.get("numberReady").int()
		w.Available = status.get("numberAvailable").int()
		w.Updated = status.get("updatedNumberScheduled").int()
		w.Unavailable = status.get("numberUnavailable").int()
		w.Misscheduled = status.get("numberMisscheduled").int()
	case "job":
		w.Desired = spec.get("completions").int()
		w.Ready = status.get("succeeded").int()
	default:
		w.Desired = 1
		if r := spec.get("replicas"); r != nil {
			w.Desired = r.int()
		}
	}
	c.out.Workloads = append(c.out.Workloads, w)
}
