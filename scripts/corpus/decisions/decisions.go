// Package decisions holds decisions that real MetalLB made against those that package metallb computes from the same input. Lines
// are those of a corpus file KIND-VERSION.jsonl.gz; a kind registers a Comparer.
package decisions

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/schema"
)

// Line is one decision.
type Line struct {
	ID      string
	Version string
	Kind    string
	Input   Scenario
	Output  json.RawMessage // its form depends on Kind
}

// Scenario is the situation in which MetalLB decided. Absent flags are off.
type Scenario struct {
	Objects         []json.RawMessage
	Ops             json.RawMessage // of kind assign
	Mode            string
	LBClass         string
	IgnoreExcludeLB bool
	Memberlist      *bool // nil: on
	Speakers        []string
	Interfaces      map[string][]string
}

// namespace is MetalLB's in every scenario.
const namespace = "metallb-system"

// Asked is the scenario as package metallb takes it.
func (l *Line) Asked() metallb.Input {
	objects := kube.DecodeObjects(l.Input.Objects)
	speakers := l.Input.Speakers
	if l.Kind == "bgp" {
		speakers = []string{} // there is no list of members, so nobody announces by layer 2
	}
	return metallb.Input{
		Version:         metallb.V(l.Version),
		Mode:            schema.Mode(l.Input.Mode),
		Namespace:       namespace,
		LBClass:         l.Input.LBClass,
		IgnoreExcludeLB: l.Input.IgnoreExcludeLB,
		Objects:         &objects,
		SecretsKnown:    true,
		MemberlistOff:   l.Input.Memberlist != nil && !*l.Input.Memberlist,
		Speakers:        speakers,
		Interfaces:      l.Input.Interfaces,
	}
}

// Result is what a comparison says.
type Result struct {
	Diff  string // "" when they agree
	Exact bool   // the comparison was for equality, not only for one among several
	// Unmet is why the decision agrees, but not by the literal criterion: few courses were observed, and more are predicted that the
	// runs need not have met.
	Unmet string
	Equal float64 // of kind assign: how likely the runs are to meet the literal criterion where the prediction is right
}

// Comparer holds one decision against ours.
type Comparer func(*Line) Result

// Kinds are the kinds of decisions that can be compared. A kind adds itself in an init function of its file.
var Kinds = map[string]Comparer{}

// Each calls f for each line of a gzip file of lines. It returns what could not be read.
func Each(r io.Reader, f func(*Line)) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(z, 1<<20)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if len(text) > 1 {
			var l Line
			if bad := json.Unmarshal(text, &l); bad != nil {
				return fmt.Errorf("line %d: %w", n, bad)
			}
			f(&l)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
