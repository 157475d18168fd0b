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
