package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// tried is what somebody's direct attempts on a Service's endpoints showed.
type tried struct {
	bad, good []string // ADDRESS:PORT
	src       []schema.Evidence
	refused   bool
}

// triedEndpoints reads probes of endpoint addresses, and resets that endpoints sent in captures.
func (v *View) triedEndpoints(s *Service) tried {
	var t tried
	state := map[string]bool{}
	evidence := map[string]schema.Evidence{}
	var order []string
	note := func(ap string, ok, refused bool, src schema.Evidence) {
		if _, seen := state[ap]; !seen {
			order = append(order, ap)
		}
		state[ap], evidence[ap] = ok, src
		t.refused = t.refused || !ok && refused
	}
	for _, b := range v.backends(s) {
		for _, p := range v.Probes {
			addr := p.Addr
			if addr == "" {
				addr = p.Target
			}
			if !Transport(p) || !model.SameAddr(addr, b.Addr) || !slices.Contains(b.Ports, p.Port) || !p.OK && !lost(p) && !refusedBy(p) {
				continue
			}
			note(net2(b.Addr, p.Port), p.OK, refusedBy(p), p.Src)
		}
		for _, c := range v.Captures {
			for _, p := range c.List {
				if !model.SameAddr(p.SrcAddr, b.Addr) || !slices.Contains(b.Ports, p.SrcPort) {
					continue
				}
				switch p.Flags {
				case "R.":
					if !answered(c, p) {
						note(net2(b.Addr, p.SrcPort), false, true, p.Src)
					}
				case "S.":
					note(net2(b.Addr, p.SrcPort), true, false, p.Src)
				}
			}
		}
	}
	for _, ap := range order {
		if state[ap] {
			t.good = append(t.good, ap)
		} else {
			t.bad = append(t.bad, ap)
			t.src = append(t.src, evidence[ap])
		}
	}
	return t
}

// answered tells whether the connection that a reset ends had been accepted before: then it is no refusal.
func answered(c model.Packets, rst model.Packet) bool {
	return slices.ContainsFunc(c.List, func(p model.Packet) bool {
		return p.Flags == "S." && p.SrcAddr == rst.SrcAddr && p.SrcPort == rst.SrcPort && p.DstAddr == rst.DstAddr && p.DstPort == rst.DstPort
	})
}

func net2(addr string, port int) string {
	if a, err := netip.ParseAddr(addr); err == nil {
		return netip.AddrPortFrom(a, uint16(port)).String()
	}
	return addr + ":" + strconv.Itoa(port)
}

var endpointNotListening = &Check{
	Cause: "endpoint-not-listening", Title: "the endpoints do not listen on the target port",
	Doc: `The address is announced and kube-proxy forwards, but the process in the pod listens on another port, or on the loopback address only, so the
pod answers with a reset. Without a readiness probe Kubernetes sends traffic all the same. Found where the endpoint's own reset is shown, where every endpoint
that somebody tried refuses, where the sockets of the pod are shown, or where a container's arguments bind the target port to the loopback address while clients are refused.`,
	Explains: []string{"cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "the pods accept connections on the target port",
				Remedy: "let the process listen on the target port on all addresses (0.0.0.0 or ::), or correct the Service's targetPort; add a readiness probe"}
			t := v.triedEndpoints(s)
			refusals := slices.ContainsFunc(s.failing(), refusedBy) || slices.ContainsFunc(s.failingInside(), refusedBy)
			if len(t.bad) > 0 && len(t.good) == 0 && t.refused {
				f.Is = strings.Join(t.bad, ", ") + " refuses connections"
				f.Clause = fmt.Sprintf("its endpoints refuse connections: nothing listens on %s", strings.Join(t.bad, ", "))
				f.Evidence = append(t.src, v.trouble(s)...)
				report(f)
				continue
			}
			if bind, pod, src := v.loopbackBind(s); bind != "" && (refusals || len(t.bad) > 0) {
				f.Objects = append(f.Objects, pod.Object())
				f.Is = fmt.Sprintf("a container of pod %s listens on %s, which no other pod or node reaches", pod.Name, bind)
				f.Clause = fmt.Sprintf("connections are refused, because the container of pod %s listens on %s only", pod.Name, bind)
				f.Evidence = append(src, v.trouble(s)...)
				report(f)
			}
		}
	},
}

// loopbackBind looks for a target port of the Service that its pods bind to the loopback address: by a container's arguments or
// environment, or by the sockets of the pod.
func (v *View) loopbackBind(s *Service) (bind string, pod *model.Pod, src []schema.Evidence) {
	var ports []int
	for _, b := range v.backends(s) {
		ports = append(ports, b.Ports...)
	}
	for _, p := range v.podsOf(s) {
		for _, c := range p.Containers {
			texts := append(slices.Clone(c.Command), c.Args...)
			for _, k := range model.Sorted(keysOf(c.Env)) {
				texts = append(texts, c.Env[k])
			}
			for _, text := range texts {
				if b := loopbackIn(text, ports); b != "" {
					return b, p, []schema.Evidence{c.Src, p.Src}
				}
			}
		}
		for _, x := range v.Sockets {
			if x.Origin.Pod == p.Name && x.State == "LISTEN" && slices.Contains(ports, x.LocalPort) {
				if a, err := netip.ParseAddr(x.LocalAddr); err == nil && a.IsLoopback() {
					return net2(x.LocalAddr, x.LocalPort), p, []schema.Evidence{x.Src}
				}
			}
		}
	}
	return v.socketBind(s, ports)
}

// socketBind reads the sockets of a pod of the Service that nothing lists: its name is the Service's with more behind it, or the Service is the
// only one with that target port.
func (v *View) socketBind(s *Service, ports []int) (bind string, pod *model.Pod, src []schema.Evidence) {
	for _, x := range v.Sockets {
		name := ranIn(x.Origin)
		if name == "" || x.State != "LISTEN" || !slices.Contains(ports, x.LocalPort) || x.Origin.Namespace != "" && x.Origin.Namespace != s.Namespace {
			continue
		}
		a, err := netip.ParseAddr(x.LocalAddr)
		if err != nil || !a.IsLoopback() || name != s.Name && !strings.HasPrefix(name, s.Name+"-") && len(v.Services) > 1 {
			continue
		}
		wide := slices.ContainsFunc(v.Sockets, func(y model.Socket) bool {
			return y.Origin == x.Origin && y.State == "LISTEN" && y.LocalPort == x.LocalPort && y.LocalAddr != x.LocalAddr
		})
		if !wide {
			return net2(x.LocalAddr, x.LocalPort), &model.Pod{Meta: model.Meta{Kind: "Pod", Namespace: s.Namespace, Name: name}}, []schema.Evidence{x.Src}
		}
	}
	return "", nil, nil
}

// ranIn names the pod, or the workload of one, in which a command was run by kubectl exec; "" for none.
func ranIn(o schema.Origin) string {
	if o.Pod != "" {
		return o.Pod
	}
	_, args, ok := strings.Cut(o.Command, " exec ")
	args, _, _ = strings.Cut(args, " -- ")
	if !ok {
		return ""
	}
	for _, w := range strings.Fields(args) {
		if kind, name, ok := strings.Cut(w, "/"); ok && name != "" {
			switch kind {
			case "deploy", "deployment", "deployments", "deployment.apps", "ds", "daemonset", "sts", "statefulset", "po", "pod", "svc", "service":
				return name
			}
		}
	}
	return ""
}

func keysOf(m map[string]string) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

func loopbackIn(text string, ports []int) string {
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
		for _, port := range ports {
			want := host + ":" + strconv.Itoa(port)
			_, rest, ok := strings.Cut(text, want)
			if ok && (rest == "" || rest[0] < '0' || rest[0] > '9') && !strings.Contains(text, "://"+want) {
				return want
			}
		}
	}
	return ""
}

var someEndpointsFail = &Check{
	Cause: "some-endpoints-fail", Title: "some endpoints answer and some do not",
	Doc: `Connections are spread over the endpoints; where one of several does not answer, that share of the requests fails. Found where somebody tried
the endpoints one by one, or a capture shows some of them answering and others not.`,
	Explains: []string{"cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			t := v.triedEndpoints(s)
			if len(t.bad) == 0 || len(t.good) == 0 {
				continue
			}
			verb := "does not answer"
			if t.refused {
				verb = "refuses connections"
			}
			report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Objects: []schema.Object{s.Ref()},
				Should: "each endpoint answers", Is: fmt.Sprintf("%s %s, %s works", strings.Join(t.bad, ", "), verb, strings.Join(t.good, ", ")),
				Remedy:   "test the named endpoint from its node; delete its pod, or give it a readiness probe that fails when it does not serve",
				Clause:   fmt.Sprintf("part of the requests fails: endpoint %s %s, %s works", strings.Join(t.bad, ", "), verb, strings.Join(t.good, ", ")),
				Evidence: append(append(t.src, probeEvidence(s.failing())...), v.badBackend(s, t)...)})
		}
	},
}

func (v *View) badBackend(s *Service, t tried) []schema.Evidence {
	var src []schema.Evidence
	for _, b := range v.backends(s) {
		for _, port := range b.Ports {
			if slices.Contains(t.bad, net2(b.Addr, port)) {
				src = append(src, b.Src)
			}
		}
	}
	return src
}

var targetPortWrong = &Check{
	Cause: "target-port-wrong", Title: "the Service's targetPort does not fit the pods",
	Doc: `The targetPort of the Service names a port that no container of its pods has: a name that is not declared, which leaves the endpoints without a
port, or a number that differs from the one that the containers declare while requests fail. A declared port alone proves nothing, for it is documentation only.`,
	Explains: []string{"endpoint-not-listening", "some-endpoints-fail", "cni-does-not-forward"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if s.Object == nil || !s.Object.Knows(model.PartTargetPorts) {
				v.endpointPortWrong(s, report)
				continue
			}
			pods := v.podsOf(s)
			declared, names := declaredPorts(pods)
			for _, p := range s.Object.Ports {
				target := p.TargetPort
				if target == "" || target == "0" {
					target = strconv.Itoa(p.Port)
				}
				number, err := strconv.Atoi(target)
				if len(declared) == 0 || err == nil && slices.Contains(declared, number) || err != nil && slices.Contains(names, target) {
					continue
				}
				if s.worksOn(p.Port) || len(v.trouble(s)) == 0 && (err == nil || !s.lacksPort(p.Name)) {
					continue
				}
				f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref(), pods[0].Object()},
					Should: "targetPort is a port that the pods listen on", Is: fmt.Sprintf("targetPort is %s, the containers declare %s", target, numbers(declared)),
					Remedy:   fmt.Sprintf("set targetPort of port %d to the port that the container listens on", p.Port),
					Clause:   fmt.Sprintf("port %d is sent to targetPort %s, and its pods have %s", p.Port, target, numbers(declared)),
					Evidence: append([]schema.Evidence{s.Object.At("spec.ports"), pods[0].Src}, v.trouble(s)...)}
				if err == nil {
					f.Confidence = schema.Likely
				}
				report(f)
				break
			}
		}
	},
}

// lacksPort tells whether the EndpointSlices of the Service are attached and none of them has its port of that name: so they are where no pod
// declares the name that targetPort asks for, and kube-proxy then has no endpoint for the port.
func (s *Service) lacksPort(name string) bool {
	for _, sl := range s.Slices {
		if slices.ContainsFunc(sl.Ports, func(p model.EndpointPort) bool { return p.Name == name }) {
			return false
		}
	}
	return len(s.Slices) > 0
}

// endpointPortWrong holds the ports of the endpoints against what their pods declare, where the Service itself is known by a table alone and
// connections to it are refused.
func (v *View) endpointPortWrong(s *Service, report func(Finding)) {
	refusals := slices.DeleteFunc(s.failing(), func(p model.Probe) bool { return !refusedBy(p) })
	if len(refusals) == 0 || s.served() != nil {
		return
	}
	for _, b := range v.backends(s) {
		i := slices.IndexFunc(v.Obj.Pods, func(p *model.Pod) bool { return slices.Contains(p.IPs, b.Addr) })
		if i < 0 {
			continue
		}
		pod := v.Obj.Pods[i]
		declared, _ := declaredPorts([]*model.Pod{pod})
		if len(declared) == 0 || len(b.Ports) == 0 || slices.ContainsFunc(b.Ports, func(n int) bool { return slices.Contains(declared, n) }) {
			continue
		}
		report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref(), pod.Object()}, Confidence: schema.Likely,
			Should: "the endpoints' port is one that the pods listen on", Is: fmt.Sprintf("endpoint %s has port %s, its container declares %s", b.Addr, numbers(b.Ports), numbers(declared)),
			Remedy:   "set targetPort of the Service to the port that the container listens on",
			Clause:   fmt.Sprintf("its traffic is sent to port %s of its pods, which have %s, and is refused", numbers(b.Ports), numbers(declared)),
			Evidence: append([]schema.Evidence{b.Src, pod.Src}, probeEvidence(refusals)...)})
		return
	}
}

// worksOn tells whether a request to the port was answered by the application.
func (s *Service) worksOn(port int) bool {
	return slices.ContainsFunc(s.Works, func(p model.Probe) bool { return Transport(p) && (p.Port == port || p.Port == 0) && !p.Partial })
}

func declaredPorts(pods []*model.Pod) (ports []int, names []string) {
	for _, p := range pods {
		for _, c := range p.Containers {
			for _, x := range c.Ports {
				if !slices.Contains(ports, x.Port) {
					ports = append(ports, x.Port)
				}
				if x.Name != "" {
					names = append(names, x.Name)
				}
			}
		}
	}
	return ports, names
}

func numbers(ports []int) string {
	var text []string
	for _, p := range ports {
		text = append(text, strconv.Itoa(p))
	}
	return strings.Join(text, ", ")
}
