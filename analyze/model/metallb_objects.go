package model

import (
	"time"

	"github.com/metallb-assay/assay/schema"
)

// IPAddressPool is metallb.io IPAddressPool.
type IPAddressPool struct {
	Meta
	Addresses     []string // as written: CIDRs and ranges FROM-TO
	AutoAssign    *bool    // nil: the default, true
	AvoidBuggyIPs bool
	Allocation    *ServiceAllocation // nil: absent. Since v0.13.8
	Status        *PoolStatus        // nil: absent. Since v0.15.0
}

// ServiceAllocation is spec.serviceAllocation of a pool.
type ServiceAllocation struct {
	Priority           int // the lower goes first; 0, which is absence too, last
	Namespaces         []string
	NamespaceSelectors []Selector
	ServiceSelectors   []Selector
}

// PoolStatus is the status of a pool.
type PoolStatus struct{ AssignedIPv4, AssignedIPv6, AvailableIPv4, AvailableIPv6 int64 }

// AddressPool is metallb.io AddressPool (v0.13 only).
type AddressPool struct {
	Meta
	Protocol          string
	Addresses         []string
	AutoAssign        *bool
	AvoidBuggyIPs     bool
	BGPAdvertisements []BGPAdvertisement
}

// L2Advertisement is metallb.io L2Advertisement.
type L2Advertisement struct {
	Meta
	Pools            []string // names; with PoolSelectors empty too: every pool
	PoolSelectors    []Selector
	NodeSelectors    []Selector // empty: every node
	ServiceSelectors []Selector // empty: every Service. Since v0.16.0
	Interfaces       []string   // empty: all. Since v0.13.6
}

// BGPAdvertisement is metallb.io BGPAdvertisement. Empty selectors and names mean what they do for an L2Advertisement.
type BGPAdvertisement struct {
	Meta
	Pools               []string
	PoolSelectors       []Selector
	NodeSelectors       []Selector
	ServiceSelectors    []Selector
	Peers               []string // names of BGPPeers; empty: all
	Communities         []string // as written: values or aliases
	AggregationLength   *int32   // nil: 32
	AggregationLengthV6 *int32   // nil: 128
	LocalPref           uint32   // 0: not set
}

// BGPPeer is metallb.io BGPPeer, v1beta1 or v1beta2. Nil durations are absent, numbers 0 and strings "" too.
type BGPPeer struct {
	Meta
	MyASN, PeerASN         uint32
	LocalASN               uint32
	DynamicASN             string
	Address                string
	Interface              string
	SourceAddress          string
	Port                   int // 0: the default, 179
	HoldTime               *time.Duration
	KeepaliveTime          *time.Duration
	ConnectTime            *time.Duration
	RouterID               string
	NodeSelectors          []Selector
	HasPassword            bool   // spec.password is not empty (its value is never kept)
	PasswordMark           string // the number that a bundle has for it (PasswordMark); "" when none
	PasswordSecret         string
	PasswordSecretNS       string
	BFDProfile             string
	EBGPMultiHop           bool
	VRF                    string
	DisableMP              bool
	DualStackAddressFamily bool
	GracefulRestart        bool
}

// BFDProfile is metallb.io BFDProfile; nil numbers are absent.
type BFDProfile struct {
	Meta
	ReceiveInterval, TransmitInterval, DetectMultiplier, EchoInterval, MinimumTTL *uint32
	EchoMode, PassiveMode                                                         *bool
}

// Community is metallb.io Community.
type Community struct {
	Meta
	Aliases []CommunityAlias
}

// CommunityAlias is one name of a Community object.
type CommunityAlias struct{ Name, Value string }

// ServiceL2Status says which node's speaker announces a Service by L2.
type ServiceL2Status struct {
	Meta
	Node, ServiceNamespace, ServiceName string
	Interfaces                          []string // empty: all
}

// ServiceBGPStatus says to which peers' sessions a node's speaker hands a Service. It does not say that they are up.
type ServiceBGPStatus struct {
	Meta
	Node, ServiceNamespace, ServiceName string
	Peers                               []string
}

// ConfigurationState is metallb.io ConfigurationState (v0.15.3).
type ConfigurationState struct {
	Meta
	Component    string // "controller" or "speaker"
	Node         string
	Result       string // Valid, Invalid, Unknown
	ErrorSummary string
	Conditions   []Condition
}

// Condition is one condition of a status.
type Condition struct {
	Type, Status, Reason, Message string
	Changed                       time.Time // lastTransitionTime; zero when unknown
	Src                           schema.Evidence
}

// FRRConfiguration is frrk8s.metallb.io FRRConfiguration.
type FRRConfiguration struct {
	Meta
	NodeSelector Selector
	Routers      []FRRRouter
	BFDProfiles  []string
	Raw          string
	RawPriority  int
}

// FRRRouter is one router of an FRRConfiguration.
type FRRRouter struct {
	ASN       uint32
	ID, VRF   string
	Prefixes  []string
	Imports   []string
	Neighbors []FRRNeighbor
}

// FRRNeighbor is one neighbor of an FRRRouter.
type FRRNeighbor struct {
	ASN                            uint32
	DynamicASN, Address, Interface string
	SourceAddress                  string
	Port                           int
	HasPassword                    bool
	PasswordMark                   string
	PasswordSecret                 string
	EBGPMultiHop                   bool
	BFDProfile                     string
	HoldTime, KeepaliveTime        *time.Duration
	ConnectTime                    *time.Duration
	DisableMP, DualStack           bool
	AdvertiseAll                   bool
	Advertise                      []string // toAdvertise.allowed.prefixes
	ReceiveAll                     bool
	Receive                        []string
}

// FRRNodeState is frrk8s.metallb.io FRRNodeState.
type FRRNodeState struct {
	Meta
	Node                    string
	RunningConfig           string
	LastReload, LastConvert string // "success", or what went wrong; "" when absent
	RunningConfigLine       int    // line of the first line of RunningConfig in the file; 0 unknown
}

// BGPSessionState is frrk8s.metallb.io BGPSessionState.
type BGPSessionState struct {
	Meta
	Node, Peer, VRF string // Peer as status or label have it: an address of IPv6 has dashes there
	BGPStatus       string // FRR's word: Established, Active, ...; "" when absent
	BFDStatus       string // up, down, N/A; "" when absent
}

// FRRK8sConfiguration is frrk8s.metallb.io FRRK8sConfiguration.
type FRRK8sConfiguration struct {
	Meta
	LogLevel string
}

// Operator is the operator's metallb.io MetalLB object.
type Operator struct {
	Meta
	BGPBackend   string
	LogLevel     string
	NodeSelector map[string]string
	Conditions   []Condition
}
