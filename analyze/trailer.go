package analyze

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// trailerMax bounds what is read of a trailer: a collection of some thousand nodes has one of a few MiB.
const trailerMax = 64 << 20

// parseTrailer reads how the steps of a collection ended: what was listed completely, so that an absence is one, and what is missing.
func parseTrailer(o schema.Origin, _ int, r io.Reader, out *model.Observations) model.MemberSeen {
	seen := model.MemberSeen{Origin: o, Read: "whole"}
	data, err := io.ReadAll(io.LimitReader(r, trailerMax))
	var t schema.Trailer
	if err == nil {
		err = json.Unmarshal(data, &t)
	}
	if err != nil {
		seen.Read, seen.Why = "not", "is no trailer that can be read: "+err.Error()
		return seen
	}
	lines := stepLines(data)
	for _, s := range t.Steps {
		at := o.Evidence(max(lines[s.Name], 1), fmt.Sprintf("%q: %q", "name", s.Name)+",")
		out.Steps = append(out.Steps, model.StepSeen{Step: s, Src: at})
		if l, ok := listingOf(s); ok {
			l.Src = at
			out.Listings = append(out.Listings, l)
		}
	}
	return seen
}

// stepLines are the lines on which the steps are named, the first of each name.
func stepLines(data []byte) map[string]int {
	lines := map[string]int{}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		field, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(`"name": `))
		var name string
		if ok && json.Unmarshal(bytes.TrimSuffix(field, []byte(",")), &name) == nil && lines[name] == 0 {
			lines[name] = n
		}
	}
	return lines
}

// listingOf is what a step proves that listed objects of MetalLB, frr-k8s, Services or Nodes to their end: what it did not bring is
// not there. Other lists hold only what concerns MetalLB.
func listingOf(s schema.Step) (model.Listing, bool) {
	path, ok := strings.CutPrefix(s.Name, "objects/")
	if !ok || !s.Status.Complete() {
		return model.Listing{}, false
	}
	parts := strings.Split(path, "/")
	if len(parts) < 2 || len(parts) > 3 || strings.Contains(path, " ") {
		return model.Listing{}, false
	}
	l := model.Listing{Group: parts[0], Resource: parts[1], AllNamespaces: len(parts) == 2, Whole: true}
	if l.Group == "core" {
		l.Group = ""
	}
	if len(parts) == 3 {
		l.Namespace = parts[2]
	}
	ours := l.Group == "metallb.io" || l.Group == "frrk8s.metallb.io" || l.Group == "" && (l.Resource == "services" || l.Resource == "nodes")
	if s.Status == schema.StatusOK {
		l.Count = 1 // at least; the objects are there to be counted
	}
	return l, ours
}

// howToGet is what to do about steps that ended like this.
var howToGet = map[schema.Status]string{
	schema.StatusForbidden: "kubectl assay plan -o yaml prints the roles that a whole collection needs",
	schema.StatusNotFound:  "kubectl assay collect, once what is missing is there",
	schema.StatusTimeout:   "kubectl assay collect --deadline 5m",
	schema.StatusCut:       "the trailer names the command for each",
	schema.StatusFailed:    "kubectl assay collect, once more; the trailer has the error of each",
}

// missingSteps tells what the collection could not get, by how and why.
func missingSteps(steps []model.StepSeen) []schema.Unknown {
	type group struct {
		names []string
		first string
	}
	groups := map[schema.Status]*group{}
	for _, s := range steps {
		if s.Status.Complete() || s.Status == schema.StatusSkipped {
			continue
		}
		g := groups[s.Status]
		if g == nil {
			g = &group{first: s.Error}
			groups[s.Status] = g
		}
		g.names = append(g.names, s.Name)
	}
	var out []schema.Unknown
	for _, status := range schema.Statuses {
		g := groups[status]
		if g == nil {
			continue
		}
		why := fmt.Sprintf("%s ended as %s: %s", count(len(g.names), "step", "steps"), status, firstOf(g.names))
		if g.first != "" {
			why += " (" + g.first + ")"
		}
		out = append(out, schema.Unknown{Question: "what did the collection not get?", Why: why, Cost: "what they would show is not in this report", How: howToGet[status]})
	}
	return out
}
