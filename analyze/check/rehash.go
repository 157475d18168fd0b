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

var sessionsBreakOnRehash = &Check{
	Cause: "sessions-break-on-rehash", Title: "a change of routes moves flows to other nodes",
	Doc: `A router spreads flows over the nodes that announce by hashing; when a node comes or goes most flows hash to another node, which knows nothing of them and
resets them (MetalLB: limitations of BGP mode). Found where a capture on a node shows a client going on with a connection that was not set up there, the address answering
with a reset, and several nodes announcing, or the router having several next hops.`,
	Explains: []string{"cni-does-not-forward", "endpoint-not-listening"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			moved, machine := v.strangeFlow(s)
			paths, src := v.pathsTo(s)
			if moved == nil || len(src) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Confidence: schema.Likely, Objects: machineRefs(machine, s),
				Should: "a connection stays on the node that took it",
				Is:     fmt.Sprintf("%s gets packets of a connection that was not set up there and resets it; %s", machine, paths),
				Remedy: "let the router hash consistently (resilient hashing), drain before nodes go, keep the set of announcing nodes steady (node selectors), or put a stateful proxy in front",
				Clause: fmt.Sprintf("its connections break when routes change: %s gets packets of connections that it does not know and resets them (%s)", machine, paths), Evidence: append(moved, src...)})
		}
	},
}

// strangeFlow is a packet in the middle of a connection to the Service's address, on a machine whose captures do not show it set up, and the reset
// that answers it. A capture that was begun later shows the same of old connections but no reset.
func (v *View) strangeFlow(s *Service) ([]schema.Evidence, string) {
	for _, c := range v.Captures {
		m := v.machineOf(c.Origin)
		if m == "" {
			continue
		}
		for _, p := range c.List {
			if p.Flags != "P." && p.Flags != "." || !s.has(p.DstAddr) {
				continue
			}
			same := func(q model.Packet) bool {
				return p.SrcAddr == q.SrcAddr && p.SrcPort == q.SrcPort && s.has(q.DstAddr) || p.SrcAddr == q.DstAddr && p.SrcPort == q.DstPort && s.has(q.SrcAddr)
			}
			i := slices.IndexFunc(c.List, func(q model.Packet) bool {
				return same(q) && s.has(q.SrcAddr) && strings.HasPrefix(q.Flags, "R") && q.Src.Line > p.Src.Line
			})
			goes := slices.ContainsFunc(c.List, func(q model.Packet) bool {
				return same(q) && (strings.HasPrefix(q.Flags, "S") || s.has(q.SrcAddr) && !strings.HasPrefix(q.Flags, "R"))
			})
			if i >= 0 && !goes {
				return []schema.Evidence{p.Src, c.List[i].Src}, m
			}
		}
	}
	return nil, ""
}

// pathsTo tells by how many nodes the Service's traffic may come: by the routers' tables, else by those that announce by BGP.
func (v *View) pathsTo(s *Service) (string, []schema.Evidence) {
	addr, err := netip.ParseAddr(s.Addresses[0])
	if err != nil {
		return "", nil
	}
	hops := map[string]bool{}
	var src []schema.Evidence
	for _, r := range v.Routes {
		p, err := netip.ParsePrefix(r.Prefix)
		if err != nil || !p.Contains(addr) || p.Bits() == 0 || r.Table == "kernel" || r.Table == "advertised" || r.Table == "get" {
			continue
		}
		before := len(hops)
		for _, h := range append(slices.Clone(r.NextHops), r.NextHop) {
			if h != "" && h != "0.0.0.0" {
				hops[h] = true
			}
		}
		if len(hops) > before {
			src = append(src, r.Src)
		}
	}
	if len(hops) > 1 {
		return "the router has " + strconv.Itoa(len(hops)) + " next hops for it", src
	}
	nodes := map[string]bool{}
	src = nil
	for _, a := range s.Announces("bgp") {
		if a.Node != "" && !nodes[a.Node] {
			nodes[a.Node] = true
			src = append(src, a.Src)
		}
	}
	if len(nodes) > 1 {
		return strconv.Itoa(len(nodes)) + " nodes announce it", src
	}
	return "", nil
}
