package check

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Refused is a configuration that a component does not take now: by its own word, or by MetalLB's rules.
type Refused struct {
	Component  metallb.Component
	Nodes      []string // of speakers; empty: all, or unknown
	Text       string   // why, as the component says or would say it
	Cause      string   // name of the cause in the catalogue
	Confidence schema.Confidence
	Objects    []schema.Object
	Evidence   []schema.Evidence
}

// refusalWords ties the texts of refusals (facts: error texts, all releases) to causes; the first that fits wins, so that the
// more special stand before the more general.
var refusalWords = []struct{ words, cause string }{
	{"overlaps with already defined CIDR", "overlapping-pools"},
	{"contains nodeIp", "pool-contains-node-address"},
	{"invalid CIDR", "invalid-address-range"},
	{"invalid IP range", "invalid-address-range"},
	{"pool has no prefixes defined", "invalid-address-range"},
	{"invalid start IP", "invalid-address-range"},
	{"invalid end IP", "invalid-address-range"},
	{"is after the end IP", "invalid-address-range"},
	{"referencing non existing bfd profile", "missing-bfdprofile"},
	{"referencing non existing BFDProfile", "missing-bfdprofile"},
	{"secret ref not found", "password-secret-bad"},
	{"secret type mismatch", "password-secret-bad"},
	{"password not specified in the secret", "password-secret-bad"},
	{"invalid session with password and secret set", "password-secret-bad"},
	{"different asns (", "frr-k8s-config-conflict"},
	{"different router ids", "frr-k8s-config-conflict"},
	{"specified for same vrf", "frr-k8s-config-conflict"},
	{"set on native bgp mode", "feature-needs-frr"},
	{"bfd profiles section set", "feature-needs-frr"},
	{"native bgp mode does not support ipv6", "feature-needs-frr"},
	{"native BGP mode only supports legacy communities", "feature-needs-frr"},
	{"bgp extra info not supported", "feature-needs-frr"},
	{"extra info not supported in frr-k8s mode", "feature-needs-frr"},
	{"RouterID must be equal", "peers-conflict"},
	{"has RouterID different from", "peers-conflict"},
	{"has myAsn different from", "peers-conflict"},
	{"doesn't support duplicate BGPPeers", "peers-conflict"},
	{"already exists", "peers-conflict"},
	{"invalid aggregation length", "invalid-aggregation-length"},
	{"serviceSelectors and aggregationLength are mutually exclusive", "invalid-aggregation-length"},
	{"invalid community", "missing-community"},
	{"parsing community", "missing-community"},
	{"duplicate definition of community", "missing-community"},
	{"label selector", "invalid-selector"},
	{"node selector", "invalid-selector"},
	{"match expressions", "invalid-selector"},
	{"is not a valid label selector operator", "invalid-selector"},
	{"parsing peer", "invalid-bgppeer"},
	{"BGPPeer", "invalid-bgppeer"},
	{"peer ASN", "invalid-bgppeer"},
	{"local ASN", "invalid-bgppeer"},
}

// causeOfRefusal names the cause that a refusal's text speaks of; config-parse-failed where it is none of the known ones.
func causeOfRefusal(text string) string {
	for _, w := range refusalWords {
		if strings.Contains(text, w.words) {
			return w.cause
		}
	}
	return "config-parse-failed"
}

// Refusals lists the configurations that components refuse now. A component's own newest word counts before the rules: where its
// log shows a load behind the refusal, the refusal is history, and where its log shows that it accepts, the rules have nothing to
// say about objects that may have been attached at another moment.
func (v *View) Refusals() []Refused { return v.refused }

func (v *View) findRefusals() []Refused {
	out := v.refusalsOfLogs()
	out = append(out, v.refusalsOfStates(out)...)
	return append(out, v.refusalsOfRules(out)...)
}

func (v *View) refusalsOfLogs() []Refused {
	byKey := map[string]int{}
	var out []Refused
	for _, l := range v.Logs {
		if l.Origin.Previous || l.Component != model.Controller && l.Component != model.Speaker {
			continue
		}
		e := lastRefusal(l)
		if e == nil {
			continue
		}
		c := metallb.Controller
		if l.Component == model.Speaker {
			c = metallb.Speaker
		}
		key := string(c) + e.Error
		i, ok := byKey[key]
		if !ok {
			i = len(out)
			byKey[key] = i
			out = append(out, Refused{Component: c, Text: e.Error, Cause: causeOfRefusal(e.Error), Confidence: schema.Reported})
		}
		if l.Node != "" && c == metallb.Speaker {
			out[i].Nodes = append(out[i].Nodes, l.Node)
		}
		out[i].Evidence = append(out[i].Evidence, e.Last.Src)
	}
	return out
}

// lastRefusal is the newest refusal of a log that no good load follows; nil when there is none.
func lastRefusal(l *model.Log) *model.LogEvent {
	var bad, good *model.LogEvent
	for _, e := range l.Events {
		switch e.ID {
		case model.MsgConfigRefused, model.MsgConfigRejected:
			if bad == nil || e.Last.After(bad.Last) {
				bad = e
			}
		case model.MsgConfigLoaded, model.MsgConfigSame:
			if good == nil || e.Last.After(good.Last) {
				good = e
			}
		}
	}
	if bad == nil || good != nil && good.Last.After(bad.Last) {
		return nil
	}
	return bad
}

// loadedLast tells whether the component's logs show that it took its configuration when it last read it.
func (v *View) loadedLast(c model.Component) bool {
	for _, l := range v.LogsOf(c) {
		if !l.Origin.Previous && lastRefusal(l) == nil && (len(l.Find(model.MsgConfigLoaded)) > 0 || len(l.Find(model.MsgConfigSame)) > 0) {
			return true
		}
	}
	return false
}

func (v *View) refusalsOfStates(have []Refused) []Refused {
	var out []Refused
	for _, st := range v.Obj.ConfigurationStates {
		if st.Result != "Invalid" {
			continue
		}
		text := strings.TrimPrefix(st.ErrorSummary, "configuration error: ")
		c := metallb.Speaker
		if st.Component == "controller" {
			c = metallb.Controller
		}
		if saidAlready(have, c, text) || saidAlready(out, c, text) {
			continue
		}
		r := Refused{Component: c, Text: text, Cause: causeOfRefusal(text), Confidence: schema.Reported,
			Objects: []schema.Object{st.Object()}, Evidence: []schema.Evidence{st.At("status.errorSummary")}}
		if st.Node != "" {
			r.Nodes = []string{st.Node}
		}
		out = append(out, r)
	}
	return out
}

func saidAlready(have []Refused, c metallb.Component, text string) bool {
	for _, r := range have {
		if r.Component == c && r.Text == text {
			return true
		}
	}
	return false
}

// refusalsOfRules asks the rules, where the component itself has not spoken.
func (v *View) refusalsOfRules(have []Refused) []Refused {
	var out []Refused
	add := func(c metallb.Component, log model.Component, r *metallb.Refusal, node string) {
		if r == nil || v.Expect.Guessed && r.Rule == "" || v.loadedLast(log) || spoke(have, c) {
			return
		}
		for i := range out {
			if out[i].Component == c && out[i].Text == r.Error {
				if node != "" {
					out[i].Nodes = append(out[i].Nodes, node)
				}
				return
			}
		}
		f := Refused{Component: c, Text: r.Error, Cause: causeOfRefusal(r.Error), Confidence: schema.Proven}
		if node != "" {
			f.Nodes = []string{node}
		}
		for _, m := range r.Objects {
			f.Objects = append(f.Objects, m.Object())
			f.Evidence = append(f.Evidence, faultLine(m, f.Cause))
		}
		out = append(out, f)
	}
	add(metallb.Controller, model.Controller, v.Expect.ControllerRefusal, "")
	for _, node := range v.nodesOrNone() {
		add(metallb.Speaker, model.Speaker, v.Expect.SpeakerRefusal[node], node)
	}
	return out
}

func (v *View) nodesOrNone() []string {
	if names := v.NodeNames(); len(names) > 0 {
		return names
	}
	return []string{""}
}

func spoke(have []Refused, c metallb.Component) bool {
	for _, r := range have {
		if r.Component == c {
			return true
		}
	}
	return false
}

// faultLine is the line of an object that a cause speaks of.
func faultLine(m *model.Meta, cause string) schema.Evidence {
	paths := map[string]string{
		"overlapping-pools": "spec.addresses", "invalid-address-range": "spec.addresses", "pool-contains-node-address": "spec.addresses",
		"missing-bfdprofile": "spec.bfdProfile", "password-secret-bad": "spec.passwordSecret", "invalid-aggregation-length": "spec.aggregationLength",
		"missing-community": "spec.communities", "invalid-selector": "spec.nodeSelectors", "peers-conflict": "spec.myASN",
	}
	if p := paths[cause]; p != "" {
		return m.At(p)
	}
	return m.Src
}
