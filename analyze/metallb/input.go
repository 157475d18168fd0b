package metallb

import (
	"net/netip"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Input is what MetalLB sees when it decides.
type Input struct {
	Version         Version
	Mode            schema.Mode // native, frr or frr-k8s: METALLB_BGP_TYPE; l2 and unknown apply no mode rules
	Namespace       string      // MetalLB's own; resources elsewhere are ignored
	LBClass         string      // --lb-class
	IgnoreExcludeLB bool        // --ignore-exclude-lb
	Objects         *model.Objects
	SecretsKnown    bool // Objects.Secrets is complete: a secret that is not there does not exist

	MemberlistOff bool
	Speakers      []string            // nodes whose speakers are members of each other's list; nil: unknown, all nodes are taken
	Interfaces    map[string][]string // node -> names of its interfaces; a node that is missing: unknown, all names exist
	// EndpointsUnknown: the input has no endpoints, so each Service is taken to have a serving one on each node.
	EndpointsUnknown bool

	index *index // nil: not indexed yet
}

// Config is a configuration that a component has accepted.
type Config struct {
	Pools []*Pool // in order of name
	Peers []*model.BGPPeer
	// Profiles, Communities: names that exist.
	Profiles    map[string]*model.BFDProfile
	Communities map[string]string // alias -> value
	// Adverts is the BGPAdvertisements that were read, in order of name; until v0.12.1 each pool has its own alone.
	Adverts []*model.BGPAdvertisement
}

// Pool is an accepted pool with what advertises it.
type Pool struct {
	Name          string
	CIDRs         []netip.Prefix   // in the order of the spec, ranges split ascending
	Addresses     []string         // spec.addresses as written
	Place         int              // in the list of the ConfigMap; of objects 0
	Entries       [][]netip.Prefix // CIDRs by entry of Addresses
	Auto          bool             // autoAssign
	AvoidBuggyIPs bool
	Protocol      string // v0.12 and AddressPool: layer2 or bgp; "" both
	Allocation    *model.ServiceAllocation
	L2            []*model.L2Advertisement // that select the pool
	BGP           []*model.BGPAdvertisement
	Object        *model.Meta // the pool object, or the ConfigMap
}

// Component is controller or speaker; rules differ.
type Component string

// The components.
const (
	Controller Component = "controller"
	Speaker    Component = "speaker"
)

// Refusal is why a component does not take a configuration.
type Refusal struct {
	Stage   string   // "parse" or "handler"
	Error   string   // as MetalLB of that release logs it
	Also    []string // other texts that the same objects may give, where the order of parsing is random
	Rule    string   // name of the rule in rules.go
	Objects []*model.Meta
	Retry   bool

	chances map[string]float64 // of Error and Also; nil: nobody knows
}
