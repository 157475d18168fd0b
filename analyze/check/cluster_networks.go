package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var addressOverlapsClusterNetwork = &Check{
	Cause: "address-overlaps-cluster-network", Title: "the address belongs to the cluster's own networks",
	Doc: `An address of the pod network, of the Services' network, or of a node is taken by the cluster itself: nodes route it to the CNI or answer for it. Found
by the pod CIDRs of the nodes and the ranges that the control plane is started with.`,
	Explains: []string{"cni-does-not-forward", "kube-proxy-not-programmed", "address-on-node-interface", "address-outside-subnet"},
	Run: func(v *View, report func(Finding)) {
		networks := v.clusterNetworks()
		for _, s := range v.HasAddress() {
			addr, err := netip.ParseAddr(s.Addresses[0])
			if err != nil {
				continue
			}
			what, src := networks.holding(addr)
			if what == "" {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "an address outside of the cluster's own networks",
				Is: fmt.Sprintf("%s is in %s", addr, what), Remedy: "give MetalLB a pool of the nodes' network, outside of the pod and Service networks",
				Clause: fmt.Sprintf("its address %s belongs to %s", addr, what), Evidence: append(src, v.trouble(s)...)}
			if len(v.trouble(s)) == 0 {
				f.Severity = schema.Warning
			}
			report(f)
		}
	},
}

// clusterNetworks are the cluster's own networks and addresses.
type clusterNetworks struct {
	ranges    []clusterRange
	addresses map[string]*model.Service // by clusterIP
}

type clusterRange struct {
	prefix netip.Prefix
	what   string
	src    schema.Evidence
}

// add takes the ranges of a list; of says whose they are.
func (c *clusterNetworks) add(list, what, of string, src schema.Evidence) {
	for _, t := range strings.Split(list, ",") {
		if p, err := netip.ParsePrefix(strings.TrimSpace(t)); err == nil {
			c.ranges = append(c.ranges, clusterRange{p, what + " (" + list + of + ")", src})
		}
	}
}

func (v *View) clusterNetworks() *clusterNetworks {
	const ofServices, ofPods = "the Services' network", "the pod network"
	c := &clusterNetworks{addresses: map[string]*model.Service{}}
	for _, n := range v.Obj.Nodes {
		for _, cidr := range n.PodCIDRs {
			c.add(cidr, ofPods, " of node "+n.Name, n.At("spec.podCIDR"))
		}
	}
	for _, p := range v.Obj.Pods {
		for _, container := range p.Containers {
			for _, arg := range append(slices.Clone(container.Command), container.Args...) {
				if list, ok := strings.CutPrefix(arg, "--service-cluster-ip-range="); ok {
					c.add(list, ofServices, "", p.Src)
				} else if list, ok := strings.CutPrefix(arg, "--cluster-cidr="); ok {
					c.add(list, ofPods, "", p.Src)
				}
			}
		}
	}
	for _, svc := range v.Obj.Services {
		for _, ip := range svc.ClusterIPs {
			if svc.Type != "" && c.addresses[ip] == nil {
				c.addresses[ip] = svc
			}
		}
	}
	return c
}

// holding tells which of the networks holds the address; "" for none.
func (c *clusterNetworks) holding(a netip.Addr) (string, []schema.Evidence) {
	for i := range c.ranges {
		if r := &c.ranges[i]; r.prefix.Contains(a) {
			return r.what, []schema.Evidence{r.src}
		}
	}
	if svc := c.addresses[a.String()]; svc != nil {
		return "the Services' network (clusterIP of " + svc.Key() + ")", []schema.Evidence{svc.Src}
	}
	return "", nil
}
