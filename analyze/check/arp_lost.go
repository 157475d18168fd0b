package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// unanswered is what shows that somebody outside asked for the Service's address by ARP or NDP and got no answer: arping, a neighbour
// entry that failed, "no route to host"; nil where somebody outside got one.
func (v *View) unansweredARP(s *Service) []schema.Evidence {
	if s.served() != nil {
		return nil
	}
	var src []schema.Evidence
	for _, p := range slices.Concat(s.Works, s.Fails) {
		if p.Tool != "arping" && p.Tool != "ndisc6" || inside(p) {
			continue
		}
		if p.OK {
			return nil
		}
		src = append(src, p.Src)
	}
	for _, n := range v.ARP {
		if !s.has(n.Addr) || v.NodeOf(n.Origin) != "" {
			continue
		}
		switch {
		case n.State == "FAILED" || n.State == "INCOMPLETE":
			src = append(src, n.Src)
		case n.MAC != "":
			return nil
		}
	}
	return src
}

// askedInVain are the captures, of any machine but a router, that show the Service's address asked for three times or more and no answer: who
// gets one does not go on asking. On a node that does not announce the answers, which go to who asked alone, may pass unseen, so it
// proves no cause.
func (v *View) askedInVain(s *Service) []*model.Packets {
	if s.served() != nil || slices.ContainsFunc(s.Works, func(p model.Probe) bool { return p.OK && (p.Tool == "arping" || p.Tool == "ndisc6") }) {
		return nil
	}
	var out []*model.Packets
	for i := range v.Captures {
		c := &v.Captures[i]
		asked, answered := 0, false
		for _, p := range c.List {
			switch {
			case !s.has(p.Target) || c.Origin.Router:
			case p.ARP == "reply" || p.Proto == "ndp" && p.MAC != "":
				answered = true
			case p.ARP == "request" || p.Proto == "ndp":
				asked++
			}
		}
		if asked >= 3 && !answered {
			out = append(out, c)
		}
	}
	return out
}

// askedInVainAt tells whether a capture of the machine, which would show its answers, has requests alone.
func (v *View) askedInVainAt(s *Service, machine string) bool {
	return slices.ContainsFunc(v.askedInVain(s), func(c *model.Packets) bool { return v.machineOf(c.Origin) == machine && showsAnswers(c) })
}

// showsAnswers tells whether a capture would show both requests and answers: its filter names no direction and no kind of ARP or NDP packet, and
// nobody picked lines.
func showsAnswers(c *model.Packets) bool {
	text := " " + c.Filter + " " + c.Origin.Command
	for _, w := range []string{"arp[", " src ", " dst ", "== 135", "==135", " = 135", "]=135", "grep", "who-has", " -Q ", "broadcast", "multicast"} {
		if strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// firstAsked is the first request for the Service's address in a capture.
func firstAsked(s *Service, c *model.Packets) schema.Evidence {
	for _, p := range c.List {
		if s.has(p.Target) {
			return p.Src
		}
	}
	return c.Src
}

// answersSaid are the lines in which a speaker says that it answered requests for the Service's address.
func (v *View) answersSaid(s *Service) []schema.Evidence {
	var src []schema.Evidence
	for _, l := range v.LogsOf(model.Speaker) {
		if l.Origin.Previous {
			continue
		}
		for _, e := range l.Find(model.MsgARPRequest) {
			if slices.ContainsFunc(e.IPs, s.has) {
				src = append(src, e.Last.Src)
			}
		}
	}
	return src
}

// seenARP reads the ARP and NDP packets for the Service's address in captures of the cluster's side (or of nobody known).
func (v *View) seenARP(s *Service) (requests, replies []schema.Evidence, machine string) {
	for _, c := range v.Captures {
		if c.Origin.Client || c.Origin.Router {
			continue
		}
		for _, p := range c.List {
			if !s.has(p.Target) {
				continue
			}
			if m := v.machineOf(c.Origin); m != "" {
				machine = m
			}
			switch {
			case p.ARP == "request":
				requests = append(requests, p.Src)
			case p.ARP == "reply" || p.Proto == "ndp" && p.MAC != "":
				replies = append(replies, p.Src)
			}
		}
	}
	return requests, replies, machine
}

// anySrc keeps the first few of a list of evidence.
func anySrc(src []schema.Evidence, n int) []schema.Evidence {
	if len(src) > n {
		return src[:n]
	}
	return src
}

var arpReplyDropped = &Check{
	Cause: "arp-reply-dropped", Title: "the speaker answers ARP and the answer does not arrive",
	Doc: `The speaker gets the requests and says that it answers, or a capture on its node shows the replies leaving, and who asks gets none: the network between drops them.
Clouds and hypervisors do so with addresses that are not the port's own (OpenStack port security without allowed address pairs, forged transmits of VMware, MAC and IP filters of
Proxmox), switches with ARP inspection.`,
	Explains: []string{"cloud-network-no-l2", "client-not-on-segment", "arp-not-answered", "wifi-drops-arp", "arp-request-not-seen", "address-outside-subnet", "firewall-drops"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			unanswered := v.unansweredARP(s)
			if len(unanswered) == 0 || len(v.words(s, model.SaysSniffingHelps)) > 0 {
				continue // who listens changes what arrives: the answers that were seen are of that time
			}
			_, replies, _ := v.seenARP(s)
			said := append(anySrc(replies, 2), anySrc(v.answersSaid(s), 2)...)
			if len(said) == 0 {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Confidence: schema.Reported, Objects: []schema.Object{s.Ref()},
				Should: "the answers of the announcing node reach who asks", Is: "the announcing node answers requests for " + s.Addresses[0] + ", and who asks gets no answer",
				Remedy:   "let the network pass ARP replies for the address from the node's port: allowed address pairs or no port security (OpenStack), forged transmits (VMware), no MAC or IP filter (Proxmox), no ARP inspection (switch)",
				Clause:   fmt.Sprintf("%s answers ARP for %s and the answers do not arrive: the network between drops them", announcer(s), s.Addresses[0]),
				Evidence: append(said, unanswered...)}
			if guard := v.portGuards(); len(guard) > 0 {
				f.Evidence = append(f.Evidence, guard...)
				f.Clause += " (port security)"
			}
			report(f)
		}
	},
}

// announcer names who announces by layer 2.
func announcer(s *Service) string {
	if names := s.Announcers("layer2"); len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "the speaker"
}

// portGuards are the settings of networks that drop what a port sends for addresses that are not its own.
func (v *View) portGuards() []schema.Evidence {
	var src []schema.Evidence
	for _, r := range v.Remarks {
		switch {
		case r.ID == model.RemarkPortSecurity && strings.EqualFold(r.Value, "true"), r.ID == model.RemarkAddressPairs && r.Value == "",
			r.ID == model.RemarkMACPolicy && strings.HasSuffix(r.Value, "reject"), r.ID == model.RemarkSourceDestCheck && r.Value == "true":
			src = append(src, r.Src)
		}
	}
	return src
}

var arpNotAnswered = &Check{
	Cause: "arp-not-answered", Title: "requests arrive at the announcing node and the speaker does not answer",
	Doc: `A capture on the node that announces shows requests for the address, and no reply in the same capture: the speaker has no responder on that interface, or does not see the
packets.`,
	Explains: []string{"client-not-on-segment"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			requests, replies, machine := v.seenARP(s)
			on := s.Announcers("layer2")
			if len(requests) == 0 || len(replies) > 0 || machine == "" || !slices.Contains(on, machine) || s.served() != nil || len(v.answersSaid(s)) > 0 {
				continue
			}
			if len(v.unansweredARP(s))+len(v.trouble(s)) == 0 && !v.askedInVainAt(s, machine) {
				continue
			}
			report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: machine}, s.Ref()},
				Should: "the speaker of " + machine + " answers requests for " + s.Addresses[0], Is: "requests arrive at " + machine + " and no reply leaves",
				Remedy:   "look for the responder of that interface in the speaker's log (created ARP responder), and for a second instance or a filter (ebtables, arptables) on the node",
				Clause:   fmt.Sprintf("requests for %s arrive at %s, which announces it, and its speaker does not answer", s.Addresses[0], machine),
				Evidence: append(append(anySrc(requests, 2), s.Announces("layer2")[0].Src), v.unansweredARP(s)...)})
		}
	},
}

var arpRequestNotSeen = &Check{
	Cause: "arp-request-not-seen", Title: "requests for the address do not reach the announcing node",
	Doc: `Somebody asks for the address on the segment and gets no answer, and the announcing speaker, whose log is at debug level and has the requests for other addresses, has none
for this one: another VLAN, a switch that does not flood, or a host that filters broadcasts.`,
	Explains: []string{"client-not-on-segment"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			unanswered := v.unansweredARP(s)
			if len(unanswered) == 0 || len(v.answersSaid(s)) > 0 {
				continue
			}
			if requests, _, _ := v.seenARP(s); len(requests) > 0 {
				continue
			}
			for _, a := range s.Announces("layer2") {
				l := v.logOf(a)
				if l == nil {
					continue
				}
				others := l.Find(model.MsgARPRequest)
				if len(others) == 0 {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()},
					Should: "requests for " + s.Addresses[0] + " reach " + announcer(s), Is: "the log of " + announcer(s) + " has requests for other addresses and none for this one",
					Remedy:   "compare VLAN and bridge of client and node; tcpdump -ni IFACE arp on the announcing node while the client asks",
					Clause:   fmt.Sprintf("requests for %s do not reach %s, which announces it", s.Addresses[0], announcer(s)),
					Evidence: append(append(unanswered, a.Src), others[len(others)-1].Last.Src)})
				break
			}
		}
	},
}

var staleNeighborAfterFailover = &Check{
	Cause: "stale-neighbor-after-failover", Title: "a client keeps the MAC of the node that announced before",
	Doc: `When the announcer changes, the new one sends gratuitous ARP; who misses or ignores it keeps the old node's MAC until its entry ages out. Found where a neighbour table outside holds
the MAC of a node's interface, and another node announces now.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			on := s.Announcers("layer2")
			if len(on) != 1 || len(v.trouble(s)) == 0 || v.proxyMode().Value == "ipvs" && v.strictARP().Value != "true" {
				continue
			}
			for _, n := range v.ARP {
				if !s.has(n.Addr) || n.MAC == "" || v.NodeOf(n.Origin) != "" {
					continue
				}
				owner := v.ownerOf(n.MAC)
				if owner.Node == "" || owner.Node == on[0] || s.Announces("layer2")[0].Node != on[0] {
					continue
				}
				report(Finding{Services: []string{s.Key()}, State: s.degradedIf(), Objects: []schema.Object{s.Ref()},
					Should: "neighbour tables have the MAC of " + on[0], Is: fmt.Sprintf("one has %s, which is %s", n.MAC, owner.say()),
					Remedy:   "delete the entry (ip neigh flush " + n.Addr + ", clear arp-cache); see whether the network passes gratuitous ARP",
					Clause:   fmt.Sprintf("%s announces %s and a client still has the MAC of %s", on[0], n.Addr, owner.Node),
					Evidence: append([]schema.Evidence{n.Src, owner.Src, s.Announces("layer2")[0].Src}, v.trouble(s)...)})
				break
			}
		}
	},
}
