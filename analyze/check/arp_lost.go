package check

import (
	"fmt"
	"net/netip"
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
			if len(requests) == 0 || len(replies) > 0 || machine == "" || !slices.Contains(on, machine) || len(v.unansweredARP(s))+len(v.trouble(s)) == 0 || s.served() != nil || len(v.answersSaid(s)) > 0 {
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

var wifiDropsARP = &Check{
	Cause: "wifi-drops-arp", Title: "the announcing interface is wireless and drops the requests",
	Doc: `Access points and wireless drivers pass broadcasts only for addresses that they know the station to have, so requests for an address that stands on no interface get
lost; in promiscuous mode (while somebody runs tcpdump) it works. Found where the announcing node's interface of the address's subnet is wireless, and requests are not answered or promiscuous
mode helps.`,
	Explains: []string{"arp-request-not-seen", "client-not-on-segment"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			iface, src := v.wireless(s)
			trouble := append(append(v.words(s, model.SaysSniffingHelps, model.SaysNoARP), v.unansweredARP(s)...), v.trouble(s)...)
			l2, _ := v.Uses(s)
			if iface == "" || !l2 || len(trouble) == 0 || len(v.answersFor(s)) > 0 && len(v.words(s, model.SaysSniffingHelps)) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, Confidence: schema.Likely, Objects: []schema.Object{s.Ref()},
				Should: "an interface that gets every ARP request for " + s.Addresses[0], Is: iface + " is wireless",
				Remedy:   "announce from nodes on wire, or: ip link set " + iface + " promisc on, on the nodes",
				Clause:   fmt.Sprintf("ARP requests for %s get lost on the wireless interface %s of the announcing node", s.Addresses[0], iface),
				Evidence: append(src, trouble...)})
		}
	},
}

// wireless is the wireless interface by which the Service is announced: by its name (wlan0, wlp2s0) where it has the address's subnet
// or is the only one that text speaks of.
func (v *View) wireless(s *Service) (string, []schema.Evidence) {
	for _, node := range s.Announcers("layer2") {
		for _, i := range v.onLink(node, s.Addresses[0]) {
			if strings.HasPrefix(i.Name, "wl") {
				return i.Name, []schema.Evidence{i.Src}
			}
		}
		if len(v.onLink(node, s.Addresses[0])) > 0 {
			return "", nil
		}
	}
	for _, l := range v.LogsOf(model.Speaker) {
		wired := slices.ContainsFunc(l.Find(model.MsgResponder), func(e *model.LogEvent) bool {
			return strings.HasPrefix(e.Interface, "en") || strings.HasPrefix(e.Interface, "eth")
		})
		for _, e := range l.Find(model.MsgResponder) {
			if strings.HasPrefix(e.Interface, "wl") && !wired && v.announcesHere(s, l) {
				return e.Interface, []schema.Evidence{e.Last.Src}
			}
		}
	}
	for _, r := range v.Remarks {
		if r.ID == model.RemarkWiFi && r.Value != "" {
			return r.Value, []schema.Evidence{r.Src}
		}
	}
	return "", nil
}

// announcesHere tells whether the log is that of a speaker that announces the Service.
func (v *View) announcesHere(s *Service, l *model.Log) bool {
	return slices.ContainsFunc(s.Announces("layer2"), func(a Announcement) bool {
		return a.Src.Member == l.Origin.Path || a.Node != "" && a.Node == l.Node
	})
}

var responderMissing = &Check{
	Cause: "responder-missing", Title: "the speaker has no responder on the interface of the address",
	Doc: `The speaker answers on interfaces that are up, broadcast and no loopback, one responder each, which its log names. Found where the interface of the announcing node that has the
address's subnet is none of those in its log, or the last word on it is that the responder could not be made or was deleted, and requests are not answered; also where
requests arrive on an interface of its node, by a capture, that is none of those.`,
	Explains: []string{"arp-not-answered", "arp-request-not-seen"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if f, ok := v.askedWithoutResponder(s); ok {
				report(f)
				continue
			}
			trouble := append(v.unansweredARP(s), v.trouble(s)...)
			if len(trouble) == 0 || len(v.answersFor(s)) > 0 || s.served() != nil {
				continue
			}
			for _, a := range s.Announces("layer2") {
				l := v.logOf(a)
				if l == nil || a.Node == "" {
					continue
				}
				iface, src := v.withoutResponder(l, v.onLink(a.Node, s.Addresses[0]))
				if iface == "" {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: a.Node}, s.Ref()},
					Should: "an ARP or NDP responder on " + iface, Is: "the speaker of " + a.Node + " has none on " + iface,
					Remedy:   "see why: the interface is down, without broadcast, excluded (ConfigMap metallb-excludel2), or the speaker lacks NET_RAW",
					Clause:   fmt.Sprintf("%s announces %s and its speaker has no responder on %s, which has the address's subnet", a.Node, s.Addresses[0], iface),
					Evidence: append(src, trouble...)})
				break
			}
		}
	},
}

// askedWithoutResponder is the finding where a capture shows requests that nobody answers on an interface on which the announcing speaker has no
// responder. The capture is of the announcer's node, or nothing tells whose it is and there is one speaker alone that it could be.
func (v *View) askedWithoutResponder(s *Service) (Finding, bool) {
	on := s.Announces("layer2")
	if len(on) == 0 || len(v.answersFor(s)) > 0 {
		return Finding{}, false
	}
	l := v.logOf(on[0])
	if l == nil || l.Starts == 0 || len(l.Find(model.MsgResponder)) == 0 {
		return Finding{}, false
	}
	for _, c := range v.askedInVain(s) {
		m := v.machineOf(c.Origin)
		same := m != "" && m == l.Node
		alone := m == "" && !c.Origin.Client && len(v.LogsOf(model.Speaker)) == 1 && len(v.NodeNames()) <= 1
		if c.Iface == "" || c.Iface == "any" || !same && !alone || slices.ContainsFunc(l.Find(model.MsgResponder), func(e *model.LogEvent) bool { return e.Interface == c.Iface }) {
			continue
		}
		f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Confidence: schema.Likely,
			Should: "an ARP or NDP responder on " + c.Iface, Is: "requests arrive on " + c.Iface + ", and the speaker has responders on other interfaces and none there",
			Remedy: "see why: the interface is down, without broadcast, excluded (ConfigMap metallb-excludel2), has no address, or the speaker lacks NET_RAW",
			Clause: fmt.Sprintf("requests for %s arrive on %s, where the announcing speaker has no responder", s.Addresses[0], c.Iface)}
		for _, e := range l.Find(model.MsgResponderErr) {
			if e.Interface == c.Iface {
				f.Evidence = append(f.Evidence, e.Last.Src)
			}
		}
		f.Evidence = append(f.Evidence, firstAsked(s, c), l.Find(model.MsgResponder)[0].First.Src, on[0].Src)
		return f, true
	}
	return Finding{}, false
}

// withoutResponder is the first of the interfaces on which the log shows no responder though it shows others.
func (v *View) withoutResponder(l *model.Log, on []model.Interface) (string, []schema.Evidence) {
	made := l.Find(model.MsgResponder)
	for _, i := range on {
		var last *model.LogEvent
		for _, e := range l.Events {
			switch e.ID {
			case model.MsgResponder, model.MsgResponderGone, model.MsgResponderErr:
				if e.Interface == i.Name && (last == nil || e.Last.After(last.Last)) {
					last = e
				}
			}
		}
		switch {
		case last == nil && l.Starts > 0 && len(made) > 0:
			return i.Name, []schema.Evidence{i.Src, made[0].First.Src}
		case last != nil && last.ID != model.MsgResponder:
			return i.Name, []schema.Evidence{last.Last.Src, i.Src}
		}
	}
	return "", nil
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

var addressOutsideSubnet = &Check{
	Cause: "address-outside-subnet", Title: "the address is in no subnet of the announcing node",
	Doc: `ARP is asked only for addresses of an own subnet. An address that is in no subnet of the segment is sent to the router, which needs a route to a node (or an own address of that
subnet). Found where the addresses of the announcing node's interfaces are known, none has the address's subnet, and it is not reached.`,
	Explains: []string{"client-not-on-segment", "arp-request-not-seen"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if s.served() != nil || len(s.Announces("layer2")) == 0 || len(v.answersFor(s)) > 0 {
				continue
			}
			trouble := append(v.unansweredARP(s), v.trouble(s)...)
			on := s.Announcers("layer2")
			if len(on) == 0 { // whoever it is: a node of which the interfaces are shown, or one like it
				on = v.NodeNames()
				if slices.ContainsFunc(on, func(n string) bool { return len(v.onLink(n, s.Addresses[0])) > 0 || v.nearNode(n, s.Addresses[0]) }) {
					on = nil
				}
			}
			for _, node := range on {
				nets, src := v.subnetsOf(node, s.Addresses[0])
				if len(nets) == 0 || len(v.onLink(node, s.Addresses[0])) > 0 || len(trouble) == 0 {
					continue
				}
				report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: node}, s.Ref()}, Confidence: schema.Likely,
					Should: "an address of a subnet of the nodes (" + strings.Join(nets, ", ") + "), or a route to it", Is: s.Addresses[0] + " is in none of them",
					Remedy:   "give the pool free addresses of the nodes' subnet, or route them on the router, or announce by BGP",
					Clause:   fmt.Sprintf("its address %s is in no subnet of %s (%s), so nobody on the segment asks for it by ARP", s.Addresses[0], node, strings.Join(nets, ", ")),
					Evidence: append(src, trouble...)})
				break
			}
			if f, ok := v.strayAnnouncer(s, trouble); ok {
				report(f)
			}
		}
	},
}

// strayAnnouncer is the finding where no interfaces are attached, and the announcing node's own address is of another network than the
// Service's address, which other nodes' addresses share: clusters over two networks, with one pool. A network is taken for a /24 or a /64.
func (v *View) strayAnnouncer(s *Service, trouble []schema.Evidence) (Finding, bool) {
	on := s.Announcers("layer2")
	a, err := netip.ParseAddr(s.Addresses[0])
	if err != nil || len(on) != 1 || len(trouble) == 0 || len(v.answersSaid(s)) > 0 {
		return Finding{}, false
	}
	if nets, _ := v.subnetsOf(on[0], s.Addresses[0]); len(nets) > 0 {
		return Finding{}, false
	}
	own, other := (*model.Node)(nil), (*model.Node)(nil)
	var at netip.Addr
	for _, n := range v.Obj.Nodes {
		for _, ip := range n.InternalIPs {
			if ip.Is4() != a.Is4() {
				continue
			}
			switch near := sameNetwork(ip, a); {
			case n.Name == on[0] && near:
				return Finding{}, false
			case n.Name == on[0]:
				own, at = n, ip
			case near && other == nil:
				other = n
			}
		}
	}
	if own == nil || other == nil {
		return Finding{}, false
	}
	return Finding{Services: []string{s.Key()}, Objects: []schema.Object{{Kind: "Node", Name: own.Name}, s.Ref()}, Confidence: schema.Likely,
		Should: "an announcing node on the network of " + s.Addresses[0] + ", as " + other.Name + " is", Is: own.Name + " (" + at.String() + ") announces it",
		Remedy:   "give the L2Advertisement nodeSelectors that take only the nodes of the pool's network, and each network a pool of its own",
		Clause:   fmt.Sprintf("%s announces %s, but is on another network (%s), where nobody asks for it by ARP", own.Name, s.Addresses[0], at),
		Evidence: append([]schema.Evidence{own.Src, s.Announces("layer2")[0].Src, other.Src}, trouble...)}, true
}

// nearNode tells whether one of the node's own addresses shares a network with the address.
func (v *View) nearNode(node, addr string) bool {
	n := v.Node(node)
	a, err := netip.ParseAddr(addr)
	return n != nil && err == nil && slices.ContainsFunc(n.InternalIPs, func(ip netip.Addr) bool { return ip.Is4() == a.Is4() && sameNetwork(ip, a) })
}

// sameNetwork tells whether two addresses of one family share a /24, or a /64.
func sameNetwork(a, b netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return err == nil && p.Contains(b)
}

// subnetsOf lists the subnets of a node's own interfaces, of the address's family.
func (v *View) subnetsOf(node, addr string) (nets []string, src []schema.Evidence) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, nil
	}
	for _, i := range v.Ifaces {
		if v.NodeOf(i.Origin) != node || i.Name == "lo" || i.Name == "kube-ipvs0" || v.podSide(node, i.Name) {
			continue
		}
		for _, p := range i.Addrs {
			if p.Addr().Is4() == a.Is4() && p.Bits() < p.Addr().BitLen() && !p.Addr().IsLinkLocalUnicast() {
				nets = append(nets, p.Masked().String())
				src = append(src, i.Src)
			}
		}
	}
	return nets, src
}
