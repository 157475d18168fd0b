package decisions

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
)

func init() { Kinds["l2"] = compareL2 }

// announced is the output of kinds l2 and bgp, the part that they share.
type announced struct {
	Outcomes []outcome
}

// outcome is one of the results that the real code gave; nearly always there is one.
type outcome struct {
	ConfigErrors map[string]loaded
	Services     map[string]decided
	Sessions     map[string]map[string]handed
}

// decided is what was decided about one Service.
type decided struct {
	Protocol  string // v0.12.1
	Decisions map[string]string
	Winners   []string
	Announced map[string]map[string][]string // node -> address -> interfaces
	Warnings  map[string][]string            // node -> events
}

// service finds the Service NAMESPACE/NAME.
func service(in metallb.Input, key string) *model.Service {
	for _, s := range in.Objects.Services {
		if s.Key() == key {
			return s
		}
	}
	return nil
}

// compareConfigErrors holds the speakers that refused their configuration against ours.
func compareConfigErrors(real map[string]loaded, ours map[string]*metallb.Refusal) string {
	for _, node := range slices.Sorted(maps.Keys(real)) {
		if ours[node] == nil {
			return fmt.Sprintf("%s: refused, we accept: %s", node, real[node].Error)
		}
		if diff, _ := compareLoaded([]loaded{real[node]}, ours[node]); diff != "" {
			return node + ": " + diff
		}
	}
	for node, r := range ours {
		if _, ok := real[node]; !ok {
			return fmt.Sprintf("%s: accepted, we refuse: %s", node, r.Error)
		}
	}
	return ""
}

// compareL2: every decision, winner and interface.
func compareL2(l *Line) Result {
	var out announced
	if err := json.Unmarshal(l.Output, &out); err != nil {
		return Result{Diff: err.Error()}
	}
	in := l.Asked()
	configs, refusals := metallb.Configs(in)
	for _, o := range out.Outcomes {
		if diff := compareConfigErrors(o.ConfigErrors, refusals); diff != "" {
			return Result{Diff: diff}
		}
		for _, key := range slices.Sorted(maps.Keys(o.Services)) {
			svc := service(in, key)
			if svc == nil {
				return Result{Diff: "no Service " + key}
			}
			if diff := compareL2Service(o.Services[key], in, configs, svc); diff != "" {
				return Result{Diff: key + ": " + diff}
			}
		}
	}
	return Result{Exact: len(out.Outcomes) == 1}
}

func compareL2Service(real decided, in metallb.Input, configs map[string]*metallb.Config, svc *model.Service) string {
	ours := metallb.L2(in, configs, svc)
	if real.Protocol == "bgp" {
		ours.Decisions = metallb.BGP(in, configs, []*model.Service{svc}).Decisions[svc.Key()]
	}
	if !maps.Equal(real.Decisions, ours.Decisions) {
		return fmt.Sprintf("decisions %v, ours %v", real.Decisions, ours.Decisions)
	}
	var winners []string
	if ours.Winner != "" {
		winners = []string{ours.Winner}
	}
	if !slices.Equal(real.Winners, winners) {
		return fmt.Sprintf("winners %v, ours %v", real.Winners, winners)
	}
	if in.Version.Until("v0.12.1") {
		return "" // no interfaces, no events
	}
	realOn := map[string]string{}
	for node, ips := range real.Announced {
		for ip, names := range ips {
			realOn[node+" "+ip] = strings.Join(slices.Sorted(slices.Values(names)), ",")
		}
	}
	oursOn := map[string]string{}
	for ip, on := range ours.Announced {
		oursOn[ours.Winner+" "+ip] = strings.Join(on.Names, ",")
		if on.All {
			oursOn[ours.Winner+" "+ip] = "*"
		}
	}
	if !maps.Equal(realOn, oursOn) {
		return fmt.Sprintf("announced %v, ours %v", realOn, oursOn)
	}
	if len(real.Warnings[ours.Winner]) != len(ours.Missing) {
		return fmt.Sprintf("warnings %v, ours %v", real.Warnings, ours.Missing)
	}
	return ""
}

// handed is what one session was given (kind bgp).
type handed struct {
	Set    []route
	Routes map[string]json.RawMessage
	Error  string
}

// route is [prefix, localPref, [communities]].
type route struct {
	Prefix      string
	LocalPref   uint32
	Communities []string
}

// UnmarshalJSON reads the array.
func (r *route) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&r.Prefix, &r.LocalPref, &r.Communities})
}
