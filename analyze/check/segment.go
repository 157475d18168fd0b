package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var clientNotOnSegment = &Check{
	Cause: "client-not-on-segment", Title: "the client has no route to the address",
	Doc: `Layer 2 announces on a segment only: who is elsewhere needs a route to that segment. Found where the client's own machine says that the network is unreachable, or its route for the address
is none.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if s.served() != nil {
				continue
			}
			var src []schema.Evidence
			for _, p := range s.Fails {
				if p.Outcome == model.OutcomeUnreachable && !inside(p) || p.Outcome == model.OutcomeTTL {
					src = append(src, p.Src)
				}
			}
			if l2, _ := v.Uses(s); !l2 || len(src) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, Confidence: schema.Reported, Objects: []schema.Object{s.Ref()},
				Should: "a route from the client to the segment of " + s.Addresses[0], Is: "the network is unreachable from there",
				Remedy: "route the pool's range to the nodes' segment on the client or its router, or announce by BGP",
				Clause: fmt.Sprintf("the client is on another segment and has no route to %s", s.Addresses[0]), Evidence: src})
		}
	},
}

// noARPClouds are networks of clouds that deliver by their own tables and do not carry ARP for addresses that they did not give.
// MetalLB's page on cloud compatibility names Vultr, OVH's vRack, Equinix Metal, OpenStack, Proxmox and VMware as places where it works;
// it names Hetzner too, whose dedicated servers have a vSwitch of layer 2 while its cloud networks are of layer 3.
var noARPClouds = []string{"aws", "gcp", "azure", "hetzner", "digitalocean", "oracle", "linode", "alibaba", "ibm", "scaleway"}

var cloudNetworkNoL2 = &Check{
	Cause: "cloud-network-no-l2", Title: "the nodes' network does not carry ARP",
	Doc: `Networks of most clouds, and VPNs such as WireGuard and Tailscale, deliver by their own tables: a request for an address that the cloud did not give to a machine reaches nobody. MetalLB's
layer 2 mode can't work there. Found where the network is named, the Service is announced by layer 2 and not reached from outside.`,
	Explains: []string{"client-not-on-segment", "arp-request-not-seen", "address-outside-subnet"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if len(s.Announces("layer2")) == 0 || s.served() != nil || len(v.answersFor(s)) > 0 {
				continue
			}
			trouble := append(v.trouble(s), v.unansweredARP(s)...)
			if len(trouble) == 0 {
				continue
			}
			for _, r := range v.Remarks {
				if !(r.ID == model.RemarkCloud && slices.Contains(noARPClouds, r.Value) || r.ID == model.RemarkVPN) {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()},
					Should: "a network that carries ARP between the nodes and the clients", Is: "the nodes' network is " + r.Value,
					Remedy:   "use the cloud's own load balancer, or have the cloud route the address to a node",
					Clause:   fmt.Sprintf("it is announced by layer 2 on a network that does not carry ARP (%s)", r.Value),
					Evidence: append([]schema.Evidence{r.Src, s.Announces("layer2")[0].Src}, trouble...)})
				break
			}
		}
	},
}

var cniAnswersARP = &Check{
	Cause: "cni-answers-arp", Title: "the CNI or another agent answers ARP for the address",
	Doc: `Calico's interfaces answer every request (proxy ARP, with the MAC ee:ee:ee:ee:ee:ee), and a node with proxy_arp on answers for whatever it routes. Found where the answer comes from such a
MAC, or from an interface of a node that leads to pods or has proxy_arp on.`,
	Explains: []string{"two-speakers-announce", "address-used-by-other-host", "announcer-flapping", "ipvs-answers-arp"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			r := v.respondersOf(s)
			for _, m := range r.macs {
				o := r.owner[m]
				who := ""
				switch {
				case m == "ee:ee:ee:ee:ee:ee":
					who = "Calico's proxy ARP (" + m + ")"
				case o.Iface != "" && v.podSide(o.Node, o.Iface):
					who = o.Iface + " of " + o.Node
				case o.Node != "" && !slices.Contains(s.Announcers("layer2"), o.Node):
					if x, ok := v.sysctl(o.Node, "net.ipv4.conf."+o.Iface+".proxy_arp"); ok && x.Value == "1" {
						who = o.Iface + " of " + o.Node + " (proxy_arp is 1)"
					}
				}
				if who == "" {
					continue
				}
				report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: []schema.Object{s.Ref()},
					Should: "one answer for " + r.addr + ", from " + announcer(s), Is: who + " answers", Remedy: "turn proxy ARP off on that interface",
					Clause: fmt.Sprintf("%s answers ARP for %s beside %s", who, r.addr, announcer(s)), Evidence: append([]schema.Evidence{r.src[m]}, r.evidence()...)})
				break
			}
		}
	},
}

var announcerFlapping = &Check{
	Cause: "announcer-flapping", Title: "the announcer changes again and again",
	Doc: `Speakers announce and withdraw the address in turn, so clients follow a MAC that moves. One change after a node went is a failover; many within the logs, on both sides, are not. Found where
the logs of two speakers show the Service announced and withdrawn three times or more within an hour of their end, or where its events name two nodes in turn, three
changes or more within an hour, or counts of both that overlap.`,
	Explains: []string{"stale-neighbor-after-failover"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			var names []string
			var src []schema.Evidence
			for _, l := range v.LogsOf(model.Speaker) {
				if l.Origin.Previous {
					continue
				}
				on, off := recentChanges(l, s)
				if len(on) < 3 || len(off) < 3 {
					continue
				}
				name := l.Node
				if name == "" {
					name = l.Origin.Pod
				}
				names = append(names, name)
				src = append(src, on[len(on)-1], off[len(off)-1])
			}
			if len(names) < 2 {
				names, src = inTurn(s)
			}
			if len(names) < 2 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, State: schema.StateDegraded, Confidence: schema.Reported, Objects: []schema.Object{s.Ref()},
				Should: "one node announces and keeps to it", Is: strings.Join(names, " and ") + " announce and withdraw it in turn",
				Remedy: "look at what changes each time: members of the list (NodeJoin, NodeLeave), endpoints, node conditions",
				Clause: fmt.Sprintf("its announcer changes again and again between %s", strings.Join(names, " and ")), Evidence: src})
		}
	},
}

// crossing is two nodes whose counted events overlap: one began first, the other within its time, the first went on, and the other was last, so
// the announcer changed three times at least; within two hours, or often, and up to now on both sides. Nil where no two do.
func crossing(s *Service) (names []string, src []schema.Evidence) {
	const now, recent, often = 10 * time.Minute, 2 * time.Hour, 20
	for _, a := range s.Events {
		for _, b := range s.Events {
			x, p := nodeAssigned(a.Message)
			y, q := nodeAssigned(b.Message)
			if x == "" || y == "" || x == y || p == "bgp" || q == "bgp" || a.Count < 4 || b.Count < 4 || a.FirstAge == 0 || b.FirstAge == 0 || b.Age < 0 {
				continue
			}
			if a.FirstAge >= b.FirstAge && b.FirstAge > a.Age && a.Age > b.Age && a.Age-b.Age <= now && (b.FirstAge <= recent || min(a.Count, b.Count) >= often) {
				return []string{min(x, y), max(x, y)}, []schema.Evidence{b.Src, a.Src}
			}
		}
	}
	return nil, nil
}

// inTurn are the nodes that the Service's events of layer 2 name in turn: at least three changes within the hour before the last one. Equal
// events are one that is counted, so each row is a time at which that node took over; nil where there are fewer.
func inTurn(s *Service) (names []string, src []schema.Evidence) {
	type turn struct {
		node string
		at   time.Time
		src  schema.Evidence
	}
	var turns []turn
	for _, e := range s.Events {
		node, protocol := nodeAssigned(e.Message)
		if e.Reason != "nodeAssigned" || node == "" || protocol == "bgp" || eventTime(e).IsZero() {
			continue
		}
		turns = append(turns, turn{node, eventTime(e), e.Src})
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	if len(turns) == 0 {
		return nil, nil
	}
	if names, src := crossing(s); len(names) > 0 {
		return names, src
	}
	newest := turns[len(turns)-1].at
	set, changes := map[string]bool{}, 0
	for i, t := range turns {
		if newest.Sub(t.at) > time.Hour {
			continue
		}
		set[t.node] = true
		src = append(src, t.src)
		if i > 0 && turns[i-1].node != t.node && newest.Sub(turns[i-1].at) <= time.Hour {
			changes++
		}
	}
	if changes < 3 {
		return nil, nil
	}
	slices.Reverse(src)
	return model.Sorted(set), anySrc(src, 4)
}

// recentChanges are the announcements and withdrawals of a Service within the last hour of a log.
func recentChanges(l *model.Log, s *Service) (on, off []schema.Evidence) {
	for _, e := range l.Events {
		if e.ID != model.MsgAnnounced && e.ID != model.MsgWithdrawn || e.Protocol == "bgp" {
			continue
		}
		if e.Service != s.Key() && !(e.Service == "" && slices.ContainsFunc(e.IPs, s.has)) {
			continue
		}
		for _, x := range append([]model.Seen{e.First}, e.Recent...) {
			if x.Time.IsZero() || l.Last.Sub(x.Time).Hours() > 1 {
				continue
			}
			switch {
			case e.ID == model.MsgAnnounced && !slices.Contains(on, x.Src):
				on = append(on, x.Src)
			case e.ID == model.MsgWithdrawn && !slices.Contains(off, x.Src):
				off = append(off, x.Src)
			}
		}
	}
	return on, off
}
