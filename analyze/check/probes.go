package check

import (
	"github.com/metallb-assay/assay/analyze/model"
)

// observeProbes ties attempts to reach an address to the Services that have it.
func (v *View) observeProbes() {
	for _, p := range v.Probes {
		for _, s := range v.Services {
			if !s.reached(p) {
				continue
			}
			if (p.FromKind == "" || p.From == p.Origin.Host && p.From != "" && p.FromKind == "client") && v.NodeOf(p.Origin) != "" { // its prompt outranks the words before it
				p.FromKind = "node"
			}
			if p.FromKind == "" && p.Origin.Pod == "" && v.clusterHost(p.Origin.Host) {
				p.From, p.FromKind = p.Origin.Host, "node"
			}
			if p.OK {
				s.Works = append(s.Works, p)
			} else {
				s.Fails = append(s.Fails, p)
			}
		}
	}
}

// reached tells whether the probe's target is an address of the Service and, where the port is known, one of its ports.
func (s *Service) reached(p model.Probe) bool {
	target := p.Addr
	if target == "" {
		target = p.Target
	}
	has := false
	for _, a := range s.Addresses {
		has = has || model.SameAddr(a, target)
	}
	if !has || p.Port == 0 || s.Object == nil || !s.Object.Knows(model.PartPorts) {
		return has
	}
	for _, port := range s.Object.Ports {
		if port.Port == p.Port {
			return true
		}
	}
	return false
}

// Transport tells whether the probe speaks TCP or HTTP to the address, so that its success proves the datapath.
func Transport(p model.Probe) bool {
	switch p.Tool {
	case "ping", "arping", "traceroute", "tracert", "mtr", "tracepath", "ndisc6":
		return false
	}
	return true
}

// clusterHost tells whether the machine of a prompt is one of the cluster, though nothing lists it as a node: it shows kube-proxy's rules
// for a Service's address, or interfaces that kube-proxy and CNIs make.
func (v *View) clusterHost(host string) bool {
	if host == "" {
		return false
	}
	for _, x := range v.IPVS {
		if x.Origin.Host == host && v.SubjectOf(x.Addr) != nil {
			return true
		}
	}
	for _, t := range v.Firewalls {
		if t.Origin.Host == host && t.KubeRules > 0 {
			return true
		}
	}
	for _, i := range v.Ifaces {
		if i.Origin.Host == host && (i.Name == "kube-ipvs0" || i.Name == "cni0" || i.Name == "flannel.1" || i.Name == "cilium_host" || i.Name == "vxlan.calico" || i.Name == "tunl0") {
			return true
		}
	}
	return false
}
