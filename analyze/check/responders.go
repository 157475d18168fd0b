package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

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
address's subnet is none of those in its log, or the last word on it is that the responder could not be made or was deleted, and requests are not answered, or it goes on failing; also where
requests arrive on an interface of its node, by a capture, that is none of those.`,
	Explains: []string{"arp-not-answered", "arp-request-not-seen"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if f, ok := v.askedWithoutResponder(s); ok {
				report(f)
				continue
			}
			trouble := append(v.unansweredARP(s), v.trouble(s)...)
			if len(v.answersFor(s)) > 0 || s.served() != nil {
				continue
			}
			for _, a := range s.Announces("layer2") {
				l := v.logOf(a)
				if l == nil || a.Node == "" && len(v.NodeNames()) > 1 {
					continue
				}
				on := slices.DeleteFunc(v.onLink(a.Node, s.Addresses[0]), func(i model.Interface) bool { return i.Origin.Client || i.Origin.Router })
				iface, src := v.withoutResponder(l, on)
				if iface == "" || len(trouble) == 0 && !keepsFailing(l, iface, s.Addresses[0]) {
					continue
				}
				name := speakerOf(l)
				f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()},
					Should: "an ARP or NDP responder on " + iface, Is: "the speaker of " + name + " has none on " + iface,
					Remedy:   "see why: the interface is down, without broadcast, excluded (ConfigMap metallb-excludel2), or the speaker lacks NET_RAW",
					Clause:   fmt.Sprintf("%s announces %s and its speaker has no responder on %s, which has the address's subnet", name, s.Addresses[0], iface),
					Evidence: append(src, trouble...)}
				if a.Node != "" {
					f.Objects = append([]schema.Object{{Kind: "Node", Name: a.Node}}, f.Objects...)
				} else {
					f.Confidence = schema.Likely
				}
				report(f)
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

// keepsFailing tells whether the log's last word on the interface is that its responder for the address's family could not be made, at least for
// the second time (the speaker tries each ten seconds), so that nobody who asks there can get an answer.
func keepsFailing(l *model.Log, iface, addr string) bool {
	family := "ARP"
	if strings.Contains(addr, ":") {
		family = "NDP"
	}
	failed, made := model.Seen{}, model.Seen{}
	times := 0
	for _, e := range l.Events {
		if e.Interface != iface || !strings.Contains(e.Last.Src.Quote, family+" responder") {
			continue
		}
		switch {
		case e.ID == model.MsgResponderErr:
			times += e.Count
			if times == e.Count || e.Last.After(failed) {
				failed = e.Last
			}
		case e.ID == model.MsgResponder:
			made = e.Last
		}
	}
	return times > 1 && (made == model.Seen{} || failed.After(made))
}
