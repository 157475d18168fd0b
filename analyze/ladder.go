package analyze

import (
	"fmt"
	"strings"

	"github.com/metallb-assay/assay/analyze/check"
	"github.com/metallb-assay/assay/schema"
)

// climb makes a Service's row: its findings in reading order, the state of each phase, the verdict and the sentence.
func climb(v *check.View, s *check.Service, mine []*found) schema.Service {
	row := schema.Service{Namespace: s.Namespace, Name: s.Name, Addresses: s.Addresses, Pool: v.PoolName(s)}
	read(mine)
	states := map[schema.Phase]schema.PhaseState{}
	for _, f := range mine {
		row.Findings = append(row.Findings, f.id)
		if f.Severity != schema.Error {
			continue
		}
		if old, ok := states[f.phase()]; ok && (old.State == schema.StateFailed || f.State != schema.StateFailed) {
			continue
		}
		states[f.phase()] = schema.PhaseState{Phase: f.phase(), State: f.State, Why: f.Is, Evidence: f.Evidence[:1]}
	}
	facts := v.Climb(s)
	failed := false
	for _, p := range schema.Phases {
		st, bad := states[p]
		switch {
		case bad:
			if row.Phase == "" {
				row.Phase = p
			}
			failed = failed || st.State == schema.StateFailed
		case failed:
			st = schema.PhaseState{Phase: p, State: schema.StateUnused, Why: "moot: " + string(row.Phase) + " fails"}
		default:
			st = facts[p]
			st.Phase = p
			if st.State == "" {
				st.State = schema.StateUnknown
			}
		}
		row.Phases = append(row.Phases, st)
	}
	row.Verdict, row.Sentence = verdict(v, s, row, mine, facts)
	return row
}

// verdict follows the design: ill where a phase failed or is degraded, ok where the essential evidence is there, else unknown.
func verdict(v *check.View, s *check.Service, row schema.Service, mine []*found, facts map[schema.Phase]schema.PhaseState) (schema.Verdict, string) {
	if row.Phase != "" {
		clause := mine[0].Clause
		if clause == "" {
			clause = mine[0].check.Title + ": " + mine[0].Is
		}
		return schema.VerdictIll, s.Key() + ": " + clause
	}
	if missing := v.Missing(s, facts); len(missing) > 0 {
		return schema.VerdictUnknown, fmt.Sprintf("%s: cannot be judged: %s", s.Key(), strings.Join(missing, "; "))
	}
	return schema.VerdictOK, s.Key() + ": " + v.WhyOK(s)
}
