package schema

import "encoding/json"

// BundleFormat and BundleVersion name the bundle's format; the version grows only when an older reader would be wrong.
const (
	BundleFormat  = "assay-bundle"
	BundleVersion = 1
)

// Names of the members that frame a bundle: the first and the last.
const (
	HeaderName  = "header.json"
	TrailerName = "trailer.json"
)

// Header is header.json, the first member of a bundle. Readers ignore fields that they don't know.
type Header struct {
	Format  string        `json:"format"`  // BundleFormat
	Version int           `json:"version"` // from 1
	Tool    Tool          `json:"tool"`
	Created Time          `json:"created"` // when the collection began, by the clock of the machine that collected
	Cluster HeaderCluster `json:"cluster"`
	Params  Parameters    `json:"parameters"`
	Note    string        `json:"note"` // what the user said with --note; "" when nothing
}

// Parameters are the flags of the call that shaped the collection, by name without dashes ("since", "service"), as typed; a
// flag given several times has its values joined by a comma. A flag that was not given is not there.
type Parameters map[string]string

// UnmarshalJSON takes a value that is no string as its JSON text, so that a later collector may write numbers and lists.
func (p *Parameters) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*p = make(Parameters, len(raw))
	for name, value := range raw {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		(*p)[name] = text
	}
	return nil
}

// HeaderCluster is what the collector knew of the cluster before its first step; unknown words are "".
type HeaderCluster struct {
	Context    string `json:"context"`    // name of the kubeconfig's context
	Kubernetes string `json:"kubernetes"` // version of the API server: v1.34.4
	Namespace  string `json:"namespace"`  // where MetalLB was found, or where --namespace says that it is
}

// LogGap is a line of a log, behind a time, where a collection left lines out: what comes behind it does not continue what is before.
const LogGap = "(assay: lines are left out here)"
