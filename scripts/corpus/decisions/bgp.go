package decisions

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/metallb-assay/assay/analyze/metallb"
)

func init() { Kinds["bgp"] = compareBGP }

// compareBGP: every decision, and for each node and peer the advertisements handed over and the routes behind. It is exact where no
// route depended on an order that is random.
func compareBGP(l *Line) Result {
	var out announced
	if err := json.Unmarshal(l.Output, &out); err != nil {
		return Result{Diff: err.Error()}
	}
	in := l.Asked()
	configs, refusals := metallb.Configs(in)
	view := metallb.BGP(in, configs, in.Objects.Services)
	exact := true
	for _, o := range out.Outcomes {
		if diff := compareConfigErrors(o.ConfigErrors, refusals); diff != "" {
			return Result{Diff: diff}
		}
		for _, key := range slices.Sorted(maps.Keys(o.Services)) {
			real, ours := o.Services[key].Decisions, view.Decisions[key]
			if o.Services[key].Protocol == "layer2" {
				ours = metallb.L2(in, configs, service(in, key)).Decisions
			}
			if !maps.Equal(real, ours) {
				return Result{Diff: fmt.Sprintf("%s: decisions %v, ours %v", key, real, ours)}
			}
		}
		for _, node := range slices.Sorted(maps.Keys(view.Sessions)) {
			diff, same := compareSessions(o.Sessions[node], view.Sessions[node])
			if diff != "" {
				return Result{Diff: node + ": " + diff}
			}
			exact = exact && same
		}
		for node := range o.Sessions {
			if view.Sessions[node] == nil && len(o.Sessions[node]) > 0 {
				return Result{Diff: node + ": sessions, we have none"}
			}
		}
	}
	return Result{Exact: exact}
}

// compareSessions holds the sessions of one node against ours. Where one of them refuses its set, others may have got only a part.
func compareSessions(real map[string]handed, ours map[string]*metallb.BGPSession) (diff string, exact bool) {
	if names := slices.Sorted(maps.Keys(real)); !slices.Equal(names, slices.Sorted(maps.Keys(ours))) {
		return fmt.Sprintf("sessions %v, ours %v", names, slices.Sorted(maps.Keys(ours))), false
	}
	refusals := map[string]bool{}
	for _, s := range ours {
		if s.Error != "" {
			refusals[s.Error] = true
		}
	}
	refused := len(refusals) > 0
	seen := false
	exact = !refused
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		r, s := real[name], ours[name]
		// In FRR mode a pass that was ended by another session's set may stand at this one.
		if r.Error != "" && !refusals[r.Error] {
			return fmt.Sprintf("%s: error %q, ours %q", name, r.Error, s.Error), false
		}
		seen = seen || r.Error != ""
		if diff := compareSet(r.Set, s.Set, refused); diff != "" {
			return name + ": " + diff, false
		}
		diff, same := compareRoutes(r.Routes, s.Routes, refused)
		if diff != "" {
			return name + ": " + diff, false
		}
		exact = exact && same
	}
	if refused && !seen {
		return "no session refused its set, one of ours does", false
	}
	return "", exact
}

func compareSet(real []route, ours []metallb.Route, partly bool) string {
	texts := map[string]bool{}
	for _, r := range ours {
		texts[routeText(r.Prefix.String(), r.LocalPref, r.Communities)] = true
	}
	for _, r := range real {
		text := routeText(r.Prefix, r.LocalPref, r.Communities)
		if !texts[text] {
			return fmt.Sprintf("set has %s, ours %v", text, slices.Sorted(maps.Keys(texts)))
		}
		delete(texts, text)
	}
	if len(texts) > 0 && !partly {
		return fmt.Sprintf("set lacks %v", slices.Sorted(maps.Keys(texts)))
	}
	return ""
}

func routeText(prefix string, pref uint32, communities []string) string {
	return fmt.Sprint(prefix, " ", pref, " ", slices.Sorted(slices.Values(communities)))
}

func compareRoutes(real map[string]json.RawMessage, ours []metallb.Route, partly bool) (diff string, exact bool) {
	exact = true
	found := 0
	for _, o := range ours {
		raw, ok := real[o.Prefix.String()]
		if !ok {
			if !partly {
				return "no route of " + o.Prefix.String(), false
			}
			continue
		}
		found++
		var pref uint32
		var communities []string
		var more []uint32
		if err := json.Unmarshal(raw, &[]any{&pref, &communities, &more}); err != nil {
			return err.Error(), false
		}
		text := prefsText(append(more, pref), communities)
		may := []string{prefsText(append(o.More, o.LocalPref), o.Communities)}
		for _, other := range o.Others {
			may = append(may, prefsText(append(other.More, other.LocalPref), other.Communities))
		}
		if !slices.Contains(may, text) && !partly {
			return fmt.Sprintf("route of %s is %s, ours %q", o.Prefix, text, may), false
		}
		exact = exact && len(may) == 1
	}
	if found != len(real) {
		return fmt.Sprintf("routes %v, ours %v", slices.Sorted(maps.Keys(real)), ours), false
	}
	return "", exact
}

func prefsText(prefs []uint32, communities []string) string {
	return fmt.Sprint(slices.Sorted(slices.Values(prefs)), slices.Sorted(slices.Values(communities)))
}
