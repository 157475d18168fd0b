package metallb

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// ReasonKind is why a pool refuses a Service, or a Service can't have what it asks for.
type ReasonKind string

// Reasons about the Service, whatever the pools.
const (
	OtherClass          ReasonKind = "other-class"            // its class is not this MetalLB's
	NotLoadBalancer     ReasonKind = "not-a-load-balancer"    // its type
	NoPoolAtAll         ReasonKind = "no-pool"                // no configuration, or one without pools
	NoClusterIP         ReasonKind = "no-cluster-ip"          // its family is unknown
	BadClusterIP        ReasonKind = "bad-cluster-ip"         // clusterIPs make no family ("None")
	NeedsTwoClusterIPs  ReasonKind = "needs-two-cluster-ips"  // RequireDualStack with one clusterIP (v0.15.0)
	DualWithSinglePlan  ReasonKind = "dual-with-single-stack" // two clusterIPs and a policy that allows one address only (v0.14.9)
	ConflictingRequests ReasonKind = "conflicting-requests"   // annotation and field, or two addresses of a family
	UnreadableRequest   ReasonKind = "unreadable-request"     // no address
	RequestFamily       ReasonKind = "request-family"         // families of the addresses asked for are not the Service's
	RequestPoolMismatch ReasonKind = "request-pool-mismatch"  // address and pool asked for don't belong together (v0.13.10)
	RequestSplit        ReasonKind = "request-split"          // the addresses asked for are of different pools
)

// Reasons about one pool or one address.
const (
	UnknownPool       ReasonKind = "unknown-pool"        // asked for by name, does not exist
	OutsidePools      ReasonKind = "outside-pools"       // the address is in no pool
	Avoided           ReasonKind = "avoided"             // it ends in .0 or .255 and its pool avoids those
	NotAsked          ReasonKind = "not-asked"           // the Service asks for another pool or an address of another
	NotAuto           ReasonKind = "not-auto-assigned"   // autoAssign is off
	ExcludesNamespace ReasonKind = "excludes-namespace"  // serviceAllocation
	ExcludesLabels    ReasonKind = "excludes-labels"     // serviceAllocation
	NeverAutomatic    ReasonKind = "allocation-empty"    // serviceAllocation without conditions, until v0.14.9
	LacksFamily       ReasonKind = "lacks-family"        // no range of the family
	Full              ReasonKind = "full"                // no address of the family that the Service may have
	PinnedFirst       ReasonKind = "pinned-pools-first"  // it would do, but a pool with serviceAllocation comes first
	OtherFamilyToo    ReasonKind = "other-pool-has-both" // it has one family only, and another pool both
)

// Reasons about sharing an address with Services that hold it.
const (
	HolderDoesNotShare    ReasonKind = "holder-does-not-share"
	ServiceDoesNotShare   ReasonKind = "service-does-not-share"
	SharingKeysDiffer     ReasonKind = "sharing-keys-differ"
	SharingPolicyConflict ReasonKind = "sharing-policy-conflict"
	PortInUse             ReasonKind = "port-in-use"
)

// Reason is a reason with what it is about.
type Reason struct {
	Kind     ReasonKind
	Text     string // continues "POOL ..." or "SERVICE ...": "is full (1 of 1: default/web)"
	Pool     string
	Address  netip.Addr // zero: none
	Family   Family     // of LacksFamily and Full
	Services []string   // that hold the address, or all of the pool's
	Port     Port       // of PortInUse
	Size     uint64     // of Full: addresses of the family that the pool may give away; 1<<62 stands for more
	Used     uint64     // of Full: how many of them are held
	// Unsure: it rests on a part of another Service that nobody has seen (a row of a table has no annotations).
	Unsure bool
}

// PoolAnswer is what one pool says to a Service.
type PoolAnswer struct {
	Pool      *Pool
	Addresses []netip.Addr // that it would give; nil: it refuses
	Reason    *Reason      // why it refuses, or is not asked though it would do
}

// Grant is an address, or one of each family, of a pool.
type Grant struct {
	Pool      string
	Addresses []netip.Addr
}

// Assignment is what the rules of a release allow a Service, given what the others hold.
type Assignment struct {
	Family Family // of its cluster addresses
	Policy string // ipFamilyPolicy; SingleStack when absent

	WantsPool string       // annotation address-pool; "" none
	Wants     []netip.Addr // spec.loadBalancerIP or annotation loadBalancerIPs
	Asks      string       // the field or annotation of Wants, else the annotation of WantsPool; "" when it asks for nothing
	Ignored   []string     // annotations for MetalLB that this release does not read

	// Unseen are parts of the Service (model.PartPorts, ...) that nobody has seen and that matter: the answer is then as if they were
	// empty. Without cluster addresses there is none.
	Unseen []string

	Has   []netip.Addr // addresses of the status
	Pool  string       // the pool that they are of; "" none
	Keeps bool         // the rules allow them
	Lost  *Reason      // why not

	// Grants are all that the next pass may give: Has where it is kept (with a further family where PreferDualStack gets one). More
	// than one: MetalLB chooses at random. None: the Service stays without address, because of Reasons, or else of all of Pools.
	Grants  []Grant
	MayFail bool // there are grants, but the random choice may also end without one (v0.14.9, RequireDualStack with one clusterIP)
	Reasons []Reason
	Pools   []PoolAnswer // in order of name; empty where the Service keeps what it has
	Error   string       // MetalLB's words of the failure, as in event AllocationFailed behind the Service's name; "" none
	Events  []string     // of the next pass: TYPE REASON: MESSAGE
}

// Sentence says why the Service gets no address, or "" when it gets one.
func (a *Assignment) Sentence(svc *model.Service) string {
	if len(a.Grants) > 0 {
		return ""
	}
	if len(a.Reasons) > 0 {
		texts := make([]string, len(a.Reasons))
		for i, r := range a.Reasons {
			texts[i] = r.Text
		}
		return svc.Key() + " " + strings.Join(texts, "; ")
	}
	texts := make([]string, 0, len(a.Pools))
	for _, p := range a.Pools {
		if p.Reason != nil {
			texts = append(texts, p.Pool.Name+" "+p.Reason.Text)
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return fmt.Sprintf("no pool may serve %s: %s", svc.Key(), strings.Join(texts, ", "))
}

// Assign says what the rules allow one Service. A nil cfg is a configuration that was never accepted. To ask for many Services, use
// NewStock once.
func Assign(in Input, cfg *Config, svc *model.Service, all []*model.Service) Assignment {
	return NewStock(in, cfg, all).Assign(svc)
}
