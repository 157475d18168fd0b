package schema

// Phase is one rung of the ladder that a Service of type LoadBalancer has to climb.
type Phase string

// The phases, in the order in which they must succeed.
const (
	Install       Phase = "install"       // MetalLB's controller and speakers (and FRR) run, with permissions, CRDs and webhook
	Configuration Phase = "configuration" // each component runs on the configuration that is in the cluster now
	Assignment    Phase = "assignment"    // the Service has the addresses that it should have
	Advertisement Phase = "advertisement" // the speakers that should announce decide to announce
	L2            Phase = "l2"            // who asks by ARP or NDP gets one answer, from the right node
	BGP           Phase = "bgp"           // sessions are up and the routers have, and use, the route
	Datapath      Phase = "datapath"      // traffic reaches an endpoint and the answer comes back
)

// Phases lists all phases in ladder order.
var Phases = []Phase{Install, Configuration, Assignment, Advertisement, L2, BGP, Datapath}

// Rank is the place of a phase on the ladder, from 0; len(Phases) for a word that is no phase.
func (p Phase) Rank() int {
	for i, q := range Phases {
		if p == q {
			return i
		}
	}
	return len(Phases)
}

// State says how a phase stands for one Service.
type State string

// The states of a phase. The zero value is not a state: a phase that nobody judged is StateUnknown.
const (
	StateOK       State = "ok"
	StateFailed   State = "failed"
	StateDegraded State = "degraded" // works for part of the nodes, families, endpoints, or part of the time
	StateUnknown  State = "unknown"  // needed evidence is missing
	StateUnused   State = "unused"   // the Service does not need it, or an earlier failure makes it moot
)

// Verdict is what the report says of a Service as a whole.
type Verdict string

// The verdicts of a Service.
const (
	VerdictOK      Verdict = "ok"
	VerdictIll     Verdict = "ill"
	VerdictUnknown Verdict = "unknown"
)

// Severity is how much a finding hurts.
type Severity string

// The severities, the gravest first.
const (
	Error   Severity = "error"   // breaks or degrades a Service
	Warning Severity = "warning" // may
	Info    Severity = "info"    // breaks nothing, but a reader wants to know it
)

// Confidence is how sure a finding is.
type Confidence string

// The confidences, the surest first.
const (
	Proven   Confidence = "proven"   // follows by MetalLB's rules from objects or packets
	Reported Confidence = "reported" // a component says so
	Likely   Confidence = "likely"   // the best explanation; the report says what would prove it
)

// Mode is how MetalLB speaks BGP, or that it does not.
type Mode string

// The modes. Configurations without BGP are "l2", whatever implementation is installed.
const (
	ModeL2      Mode = "l2"
	ModeNative  Mode = "native"
	ModeFRR     Mode = "frr"
	ModeFRRK8s  Mode = "frr-k8s"
	ModeUnknown Mode = "unknown"
)
