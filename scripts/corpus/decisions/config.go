package decisions

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/schema"
)

func init() { Kinds["config"] = compareConfig }

// loaded is one outcome of reading a configuration.
type loaded struct {
	OK    bool
	Stage string
	Error string
	Retry bool
}

// compareConfig: accepted or refused in each component and mode, and every reason that MetalLB gave is among ours. It is exact where
// the reasons are the same set.
func compareConfig(l *Line) Result {
	var out map[string]map[string]json.RawMessage // component -> mode -> results, or node -> results
	if err := json.Unmarshal(l.Output, &out); err != nil {
		return Result{Diff: err.Error()}
	}
	exact := true
	for _, component := range slices.Sorted(maps.Keys(out)) {
		for _, mode := range slices.Sorted(maps.Keys(out[component])) {
			byNode := map[string][]loaded{}
			raw := out[component][mode]
			if raw[0] == '[' {
				raw = json.RawMessage(`{"":` + string(raw) + `}`)
			}
			if err := json.Unmarshal(raw, &byNode); err != nil {
				return Result{Diff: err.Error()}
			}
			for _, node := range slices.Sorted(maps.Keys(byNode)) {
				in := l.Asked()
				in.Mode = schema.Mode(mode)
				_, refusal := metallb.ParseConfig(in, metallb.Component(component), node)
				diff, same := compareLoaded(byNode[node], refusal)
				if diff != "" {
					return Result{Diff: fmt.Sprintf("%s %s %s: %s", component, mode, node, diff)}
				}
				exact = exact && same
			}
		}
	}
	return Result{Exact: exact}
}

// compareLoaded holds results of reading one configuration (several where the order is random) against ours.
func compareLoaded(real []loaded, ours *metallb.Refusal) (diff string, exact bool) {
	texts := map[string]bool{}
	for _, r := range real {
		switch {
		case r.OK && ours == nil:
			return "", len(real) == 1
		case r.OK:
			return fmt.Sprintf("accepted, we refuse by %s: %s", ours.Rule, ours.Error), false
		case ours == nil:
			return "refused, we accept: " + r.Error, false
		case r.Stage != ours.Stage || r.Retry != ours.Retry:
			return fmt.Sprintf("refused in stage %s, retry %t, we in %s, %t: %s", r.Stage, r.Retry, ours.Stage, ours.Retry, r.Error), false
		case r.Error != ours.Error && !slices.Contains(ours.Also, r.Error):
			return fmt.Sprintf("refused with %q, we by %s with %q", r.Error, ours.Rule, append([]string{ours.Error}, ours.Also...)), false
		}
		texts[r.Error] = true
	}
	if len(ours.Objects) == 0 && ours.Rule != "empty-config-error" {
		return "no object at fault: " + ours.Error, false
	}
	if !slices.ContainsFunc(metallb.Rules, func(r metallb.Rule) bool { return r.Name == ours.Rule }) {
		return "no such rule: " + ours.Rule, false
	}
	return "", len(texts) == len(ours.Also)+1
}
