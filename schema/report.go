package schema

import "time"

// ReportFormat and ReportVersion name the report's JSON; the version grows only when an older reader would be wrong.
const (
	ReportFormat  = "assay-report"
	ReportVersion = 1
)

// Report is what `assay analyze` says. Lists are never null (see Normalize). Services are in order of their keys, Findings as they are
// to be read (consequences last), Timeline in order of time, Members in the order of the input.
type Report struct {
	Format   string     `json:"format"`
	Version  int        `json:"version"`
	Tool     Tool       `json:"tool"`
	Source   Source     `json:"source"`
	Cluster  Cluster    `json:"cluster"`
	Summary  string     `json:"summary"` // one sentence
	Services []Service  `json:"services"`
	Findings []Finding  `json:"findings"`
	Unknowns []Unknown  `json:"unknowns"`
	Timeline []Moment   `json:"timeline"`
	Members  []MemberIn `json:"members"`
}

// Tool is the program that wrote a bundle or a report.
type Tool struct {
	Name    string `json:"name"`    // assay, kubectl-assay
	Version string `json:"version"` // of the module: v1.2.3; "devel" of a build without one
}

// Source is what was analyzed.
type Source struct {
	Name    string `json:"name"`    // inputs as named in the call, joined by a space; "-" is standard input
	Kind    string `json:"kind"`    // bundle, collect.sh, must-gather, loose
	Members int    `json:"members"` // files, archives' files and fenced blocks seen
	From    Time   `json:"from"`    // earliest time seen in logs and objects; empty when there is none
	To      Time   `json:"to"`      // latest; the clock of all checks
	Cut     bool   `json:"cut"`     // the input ends early: the report covers what was there
}

// Cluster is what could be learnt of the cluster; unknown words are "unknown", unknown numbers 0, unknown names "".
type Cluster struct {
	Kubernetes string  `json:"kubernetes"`
	Nodes      int     `json:"nodes"`
	CNI        string  `json:"cni"`
	KubeProxy  string  `json:"kube_proxy"`
	MetalLB    MetalLB `json:"metallb"`
}

// MetalLB is the installation that the report is about.
type MetalLB struct {
	Version   string `json:"version"` // v0.16.1; "unknown" when nothing says
	Mode      Mode   `json:"mode"`
	Namespace string `json:"namespace"` // "" when nothing says
	Install   string `json:"install"`   // manifests, helm, operator, unknown
}

// Service is one row of the report: a Service of type LoadBalancer, or an address that somebody expects to work.
// One that is known by its address alone has Namespace "" and the address as Name.
type Service struct {
	Namespace string       `json:"namespace"`
	Name      string       `json:"name"`
	Addresses []string     `json:"addresses"` // that it has, by its status or else by logs and events; empty when it has none
	Pool      string       `json:"pool"`      // that they are from; "" when unknown
	Verdict   Verdict      `json:"verdict"`
	Phase     Phase        `json:"phase"`    // first failed or degraded phase; "" where none is
	Sentence  string       `json:"sentence"` // NAMESPACE/NAME: what a maintainer would say of it
	Findings  []string     `json:"findings"` // ids in reading order: cause of Phase, other errors, warnings, info
	Phases    []PhaseState `json:"phases"`   // all seven, in ladder order
}

// Key is NAMESPACE/NAME.
func (s Service) Key() string { return s.Namespace + "/" + s.Name }

// PhaseState is one rung of a Service's ladder.
type PhaseState struct {
	Phase    Phase      `json:"phase"`
	State    State      `json:"state"`
	Why      string     `json:"why"`
	Evidence []Evidence `json:"evidence"`
}

// Finding is one cause, or a consequence of others (then Because has their ids and no Service lists it).
type Finding struct {
	ID         string     `json:"id"`
	Code       string     `json:"code"`  // ML301: stable, never used twice
	Cause      string     `json:"cause"` // name in the catalogue
	Phase      Phase      `json:"phase"`
	Severity   Severity   `json:"severity"`
	Confidence Confidence `json:"confidence"`
	Title      string     `json:"title"`
	Should     string     `json:"should"` // what MetalLB would have needed
	Is         string     `json:"is"`     // what is there
	Remedy     string     `json:"remedy"` // what to change, as a command or patch where one fits
	Objects    []Object   `json:"objects"`
	Services   []string   `json:"services"` // NAMESPACE/NAME; empty for a finding of the cluster
	Because    []string   `json:"because"`
	Evidence   []Evidence `json:"evidence"` // never empty
}

// Object names a Kubernetes object, or a thing beside them (kind "Router", "Node interface").
type Object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// Evidence is a place in what was attached, and what stands there. Quote begins at exactly Line.
type Evidence struct {
	Member   string `json:"member"`              // path as attached; nested archives joined by "!/"
	Line     int    `json:"line"`                // from 1, in the file as it is; 0 where a packet is meant
	LastLine int    `json:"last_line,omitempty"` // 0: the same as Line
	Packet   int    `json:"packet,omitempty"`    // from 1; 0 where a line is meant
	Quote    string `json:"quote"`               // the line's text without blanks around it; a long one is cut and ends in …
}

// Unknown is a question that the input can't answer.
type Unknown struct {
	Question string   `json:"question"`
	Why      string   `json:"why"`      // why not: what is missing
	Cost     string   `json:"cost"`     // what can't be said because of it
	How      string   `json:"how"`      // the command that would get it
	Services []string `json:"services"` // NAMESPACE/NAME that it concerns; empty where it concerns all
}

// Moment is one entry of the timeline: a change of state that was seen, history included.
type Moment struct {
	Time     Time     `json:"time"`
	Text     string   `json:"text"`     // a sentence without the time
	Services []string `json:"services"` // NAMESPACE/NAME; empty where it concerns none by name
	Evidence Evidence `json:"evidence"`
}

// MemberIn is one file or block of the input and what was made of it.
type MemberIn struct {
	Path string `json:"path"`
	Kind Kind   `json:"kind"`
	Read string `json:"read"` // whole, part, not
	Why  string `json:"why"`  // why not whole; "" otherwise
	// Namespace, Pod, Container and Node tell whose file it is; "" where that is unknown or means nothing.
	Namespace string `json:"namespace,omitempty"`
	Pod       string `json:"pod,omitempty"`
	Container string `json:"container,omitempty"`
	Node      string `json:"node,omitempty"`
}

// Time is a moment in UTC, RFC 3339 in JSON; the zero value is the empty string.
type Time struct{ time.Time }

// MarshalJSON writes RFC 3339 in UTC with the precision that is there, or "".
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte(`""`), nil
	}
	return []byte(`"` + t.UTC().Format(time.RFC3339Nano) + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Time) UnmarshalJSON(data []byte) error {
	if string(data) == `""` || string(data) == "null" {
		t.Time = time.Time{}
		return nil
	}
	return t.Time.UnmarshalJSON(data)
}
