package check

import (
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// unnamedNode stands for a machine that nothing names and that can only be a node.
const unnamedNode = "the node"

// memberKey names one output of a file.
type memberKey struct {
	path string
	line int
}

// findUnnamed finds the outputs that were taken on a node which nothing names: a capture that shows a request for a Service's address
// coming in and not going on to the same address, as it would on a router, or that stands behind words of a node; and beside such a
// capture, in the same file, what else only a machine of the cluster prints.
func (v *View) findUnnamed() {
	v.unnamed, v.unnamedFiles = map[memberKey]bool{}, map[string]bool{}
	for _, c := range v.Captures {
		if v.machineOf(c.Origin) != "" || c.Origin.Client || c.Origin.Router || c.Origin.Pod != "" || !v.takenOnNode(c) {
			continue
		}
		v.unnamed[memberKey{c.Origin.Path, c.Origin.FirstLine}] = true
		v.unnamedFiles[c.Origin.Path] = true
	}
}

func (v *View) takenOnNode(c model.Packets) bool {
	in := slices.ContainsFunc(c.List, func(p model.Packet) bool {
		return p.Flags == "S" && p.Dir == "In" && v.SubjectOf(p.DstAddr) != nil && !slices.ContainsFunc(c.List, func(q model.Packet) bool {
			return q.Dir == "Out" && q.SrcAddr == p.SrcAddr && q.DstAddr == p.DstAddr && q.DstPort == p.DstPort
		})
	})
	return in || saysNode(c.Origin.Before)
}

// saysNode tells whether the last line of the words before an output says that it is of a node, and of nothing beside it.
func saysNode(before string) bool {
	before = strings.TrimRight(before, "\n ")
	last := strings.ToLower(before[strings.LastIndexByte(before, '\n')+1:])
	for _, w := range []string{"client", "laptop", "router", "gateway", "switch", "firewall", "outside", "desktop", "my pc", "my mac", "workstation", "bastion", "pod"} {
		if strings.Contains(last, w) {
			return false
		}
	}
	for _, w := range []string{"node", "worker", "master", "control plane", "control-plane", "announc"} {
		if strings.Contains(last, w) {
			return true
		}
	}
	return false
}

// isUnnamedNode tells whether an output is of a node that nothing names.
func (v *View) isUnnamedNode(o schema.Origin) bool {
	if v.unnamed[memberKey{o.Path, o.FirstLine}] {
		return true
	}
	switch o.Kind {
	case schema.KindSysctl, schema.KindIptables, schema.KindNft, schema.KindIPVS, schema.KindIPRule, schema.KindIPRoute:
		return v.unnamedFiles[o.Path]
	}
	return false
}

// machineRefs are the objects of a finding about a Service on a machine: a node that nothing names is none.
func machineRefs(machine string, s *Service) []schema.Object {
	if machine == unnamedNode || machine == "" {
		return []schema.Object{s.Ref()}
	}
	return []schema.Object{{Kind: "Node", Name: machine}, s.Ref()}
}

// observeHandshakes takes a connection that a capture on a node shows to be set up by a client outside as a request that was answered:
// request, answer and the client's acknowledgement. Where any other request in the captures, or of somebody's own, fails, it proves nothing.
func (v *View) observeHandshakes() {
	for _, s := range v.HasAddress() {
		if len(s.Works) > 0 || len(s.Fails) > 0 {
			continue
		}
		arrivals := v.arrivals(s)
		if slices.ContainsFunc(arrivals, func(a arrival) bool { return !a.Answered || a.Reset || !a.Acked || a.Tries > 1 }) {
			continue
		}
		if f := v.flowing(s); f != nil {
			arrivals = append(arrivals, *f)
		}
		for _, a := range arrivals {
			if !a.Client.IsValid() || v.NodeOfAddr(a.Client) != "" || v.ofPod(a) {
				continue
			}
			s.Works = append(s.Works, model.Probe{Origin: a.Origin, Tool: "a connection in the capture", Target: s.List(), Addr: s.Addresses[0], Port: a.Port, From: a.Client.String(),
				FromKind: "client", OK: true, Outcome: model.OutcomeAnswered, Src: a.Src})
			break
		}
	}
}

// ofPod tells whether a request comes from a pod: by the interface where it comes in or by its address.
func (v *View) ofPod(a arrival) bool {
	if v.podSide(a.Machine, a.Iface) {
		return true
	}
	what, _ := v.clusterNetworks().holding(a.Client)
	return what != "" || slices.ContainsFunc(v.Obj.Pods, func(p *model.Pod) bool { return slices.Contains(p.IPs, a.Client.String()) })
}
