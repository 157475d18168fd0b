package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// badReload is a node on which FRR did not take the last configuration.
type badReload struct {
	who    string
	syntax bool // FRR refuses a line; else the reload fails
	never  bool // no reload went well before
	text   string
	src    []schema.Evidence
}

// badReloads are by status resources of frr-k8s, by reloader's logs and by the speaker's or frr-k8s' word on the reload.
func (v *View) badReloads() []badReload {
	var list []badReload
	for _, st := range v.Obj.FRRNodeStates {
		if text := st.LastReload; text != "" && !strings.HasPrefix(strings.ToLower(text), "success") {
			list = append(list, badReload{who: st.Node, syntax: isSyntax(text), text: firstLine(text), src: []schema.Evidence{st.At("status.lastReloadResult")}})
		}
	}
	for _, l := range v.Logs {
		if l.Origin.Previous || l.Component != model.Reloader && l.Component != model.Speaker && l.Component != model.FRRK8s {
			continue
		}
		if b := v.badReloadOf(l); b != nil {
			list = append(list, *b)
		}
	}
	return list
}

func (v *View) badReloadOf(l *model.Log) *badReload {
	var last, ok *model.LogEvent
	for _, e := range l.Find(model.MsgReloadFailed) {
		if !e.Benign && (last == nil || e.Last.After(last.Last)) && (l.Component == model.Reloader || e.Reason == "frr reload failed") {
			last = e
		}
	}
	for _, e := range l.Find(model.MsgReloadOK) {
		if ok == nil || e.Last.After(ok.Last) {
			ok = e
		}
	}
	if last == nil || ok != nil && ok.Last.After(last.Last) {
		return nil
	}
	b := &badReload{who: v.who(l.Origin), never: ok == nil, text: last.Error, syntax: last.Reason == "syntax" && !contains(last.Error, "Traceback"), src: []schema.Evidence{last.Last.Src}}
	for _, e := range l.Find(model.MsgFRRConfig) {
		if b.text == "" || e.Error == last.Error {
			b.text = e.Error
			b.src = append(b.src, e.Last.Src)
		}
	}
	if b.text == "" {
		b.text = last.Text
	}
	return b
}

func isSyntax(text string) bool {
	return contains(text, "Unknown command") || contains(strings.ToLower(text), "syntax") || contains(text, "% ") || contains(text, "line ")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

func frrCheck(cause, title, doc string, syntax bool) *Check {
	folds := []string{"frr-out-of-sync", "prefix-not-sent", "session-not-established", "router-filters-prefix", "stale-config"}
	if cause != "frr-reload-failed" {
		folds = append(folds, "frr-reload-failed")
	}
	return &Check{Cause: cause, Title: title, Doc: doc, Explains: folds,
		Run: func(v *View, report func(Finding)) {
			bad := v.badReloads()
			kind := false
			for _, b := range bad {
				kind = kind || b.syntax
			}
			if len(bad) > 0 && kind == syntax && !v.frrFails() {
				v.reportReloads(bad, report)
			}
		}}
}

// frrFails tells whether a daemon of FRR does not run: then no reload can go well, and that is the cause.
func (v *View) frrFails() bool { return len(v.frrTroubles()) > 0 }

func (v *View) reportReloads(bad []badReload, report func(Finding)) {
	f := Finding{Should: "a reload of FRR that goes well", Confidence: schema.Reported,
		Remedy: "take out what FRR refuses: raw configuration of an FRRConfiguration or of the ConfigMap bgpextras first; else restart the FRR container"}
	var nodes []string
	for _, b := range bad {
		if b.who != "" && !slices.Contains(nodes, b.who) {
			nodes = append(nodes, b.who)
		}
		f.Evidence = append(f.Evidence, b.src...)
	}
	for _, c := range v.Obj.FRRConfigurations {
		if c.Raw != "" {
			f.Objects = append(f.Objects, c.Object())
			f.Evidence = append(f.Evidence, c.At("spec.raw"))
		}
	}
	f.Is = fmt.Sprintf("FRR on %s does not take its configuration: %s", someOf(nodes), bad[0].text)
	f.Clause = "no session carries its route: " + f.Is
	f.Evidence = f.Evidence[:min(len(f.Evidence), 8)]
	for _, s := range v.Services {
		if v.usesBGP(s) && s.served() == nil && v.lostByReload(s, bad) {
			f.Services = append(f.Services, s.Key())
		}
	}
	if len(f.Services) == 0 {
		f.Severity = schema.Warning
	}
	report(f)
}

// lostByReload tells whether the Service misses what the reload should have brought: FRR has no session to its peers, or not its prefix.
func (v *View) lostByReload(s *Service, bad []badReload) bool {
	st := v.stand(s)
	if len(st.alive) > 0 {
		for _, l := range st.links() {
			if l.Up && (v.sends(l, s) == yes || v.sends(l, s) == unknown && !v.routerLacks(s) && !v.notInRunning(l, s)) {
				return false
			}
		}
		return true
	}
	if len(st.down) > 0 {
		return true
	}
	for _, t := range v.Tables {
		if contains(t.Missing, "instance not found") && !v.OfRouter(t.Origin) {
			return true
		}
	}
	for i := range v.FRRConfs {
		if c := &v.FRRConfs[i]; v.runs(c) && !v.OfRouter(c.Origin) && !v.confHolds(c, s) {
			return true
		}
	}
	return !slices.ContainsFunc(bad, func(b badReload) bool { return !b.never })
}

var frrConfigRejected = frrCheck("frr-config-rejected", "FRR refuses its configuration", `FRR refuses a line of the configuration that the speaker or frr-k8s rendered, mostly raw text of an FRRConfiguration or of
bgpextras. The reload is aborted, and nothing newer gets in. Shown by FRRNodeState, the reloader's log or the speaker's.`, true)

var frrReloadFailed = frrCheck("frr-reload-failed", "the reload of FRR fails", `The reloader cannot apply the configuration (a daemon is missing, the script breaks): FRR goes on with what it had.`, false)

// notInRunning tells whether the node's running configuration is shown and has no network of the Service.
func (v *View) notInRunning(l *Link, s *Service) bool {
	shown := false
	for i := range v.FRRConfs {
		if c := &v.FRRConfs[i]; v.runs(c) && v.ofLink(c.Origin, l) && len(c.Routers) > 0 {
			if v.confHolds(c, s) {
				return false
			}
			shown = true
		}
	}
	return shown
}

// routerLacks tells whether a router that peers with nodes shows its BGP table without the Service's prefix.
func (v *View) routerLacks(s *Service) bool {
	return slices.ContainsFunc(v.routers(), func(r *routerView) bool { return v.peersWithNodes(r) && r.lacks(v, s, "bgp") != nil })
}

// runs tells whether a configuration is the running one.
func (v *View) runs(c *model.FRRConf) bool {
	return c.Running || contains(c.Origin.Command, "run") || contains(c.Origin.Path, "running")
}

func (v *View) confHolds(c *model.FRRConf, s *Service) bool {
	for _, r := range c.Routers {
		for _, n := range r.Networks {
			if holdsAny(n, s.Addresses) {
				return true
			}
		}
	}
	return false
}

// holdsAny tells whether a prefix, no wider than an aggregate may be, holds one of the addresses.
func holdsAny(prefix string, addrs []string) bool {
	p, ok := parsePrefix(prefix)
	if !ok || p.Bits() < 8 {
		return false
	}
	return slices.ContainsFunc(addrs, func(a string) bool { return parseAddr(a).IsValid() && p.Contains(parseAddr(a)) })
}

var frrOutOfSync = &Check{
	Cause: "frr-out-of-sync", Title: "FRR runs without what the speaker should have written", Explains: []string{"prefix-not-sent", "session-not-established"},
	Doc: `The speaker announces and a BGPPeer selects the node, but FRR's running configuration there has no BGP instance, or not the peer. No failed reload is
attached that would say why: look at the reloader, at frr-k8s, and whether the FRRConfiguration selects the node by its label kubernetes.io/hostname.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.Services {
			if v.usesBGP(s) && s.served() == nil {
				v.missesPeers(s, report)
			}
		}
	},
}

func (v *View) missesPeers(s *Service, report func(Finding)) {
	st := v.stand(s)
	if len(st.alive) > 0 || !st.known || len(st.wants) == 0 || len(st.down) > 0 {
		return
	}
	for _, w := range st.wants {
		if w.Peer != nil {
			if _, known := v.peerSelects(w.Peer, w.Who); !known {
				return // whether the peer is for this node cannot be known
			}
		}
	}
	f := Finding{Services: []string{s.Key()}}
	for i := range v.FRRConfs {
		c := &v.FRRConfs[i]
		if !v.runs(c) || v.OfRouter(c.Origin) {
			continue
		}
		for _, w := range st.wants {
			if n := v.NodeOf(c.Origin); n != "" && n != w.Who {
				continue
			}
			if w.Peer != nil && w.Peer.VRF == "" && !confHasPeer(c, w.Peer) && !(c.Status && v.newPeer(w.Peer)) {
				f.Is = fmt.Sprintf("FRR on %s runs without a neighbor %s", v.who(c.Origin), w.Peer.Address)
				f.Evidence = append(f.Evidence, c.Src)
				f.Objects = append(f.Objects, w.Peer.Object())
			}
		}
	}
	for _, t := range v.Tables {
		if contains(t.Missing, "instance not found") && !v.OfRouter(t.Origin) && v.noVRF() {
			if f.Is == "" {
				f.Is = "FRR on " + v.who(t.Origin) + " runs no BGP instance"
			}
			f.Evidence = append(f.Evidence, t.Src)
		}
	}
	if f.Is == "" {
		return
	}
	f.Should = "a neighbor for each BGPPeer that selects the node"
	f.Clause = "no session carries its route: " + f.Is
	f.Remedy = "look at the reloader's log and at FRRNodeState of the node; restart the FRR pod"
	report(f)
}

func (v *View) noVRF() bool {
	return !slices.ContainsFunc(v.bgpPeers(), func(p *model.BGPPeer) bool { return p.VRF != "" })
}

func confHasPeer(c *model.FRRConf, p *model.BGPPeer) bool {
	for _, r := range c.Routers {
		for _, n := range r.Neighbors {
			if model.SameAddr(n.Addr, p.Address) || p.Interface != "" && n.Addr == p.Interface {
				return true
			}
		}
	}
	return false
}
