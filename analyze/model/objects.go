package model

import (
	"net/netip"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Meta is what all Kubernetes objects share, and where this one was read.
type Meta struct {
	APIVersion  string
	Kind        string
	Namespace   string
	Name        string
	Labels      map[string]string
	Annotations map[string]string
	Created     time.Time // zero when unknown
	Deleted     time.Time // deletionTimestamp; zero when there is none
	UID         string
	Generation  int64
	Resource    string // resourceVersion; "" when unknown
	Owners      []Ref
	Managers    []Manager // metadata.managedFields, without the fields themselves but whether they touch status

	// Partial: only some fields are known (a row of a table, `kubectl describe`, a log line); the zero value of a field then
	// says nothing. Known lists the parts that are known ("ports", "selector", "policy", ...); parsers and readers share the words.
	Partial bool
	Known   map[string]bool

	Src   schema.Evidence            // the line that names the object
	Paths map[string]schema.Evidence // lines of some fields, by path without indexes: "spec.addresses", "status.loadBalancer"
	Index int                        // number of the member it was read from, in order; later members win where objects differ in age
}

// Key is NAMESPACE/NAME, or NAME of what has no namespace.
func (m *Meta) Key() string {
	if m.Namespace == "" {
		return m.Name
	}
	return m.Namespace + "/" + m.Name
}

// At is the evidence for a field: its own line where the parser kept it, else the object's.
func (m *Meta) At(path string) schema.Evidence {
	if e, ok := m.Paths[path]; ok {
		return e
	}
	return m.Src
}

// Object names the object in a finding.
func (m *Meta) Object() schema.Object {
	return schema.Object{Kind: m.Kind, Namespace: m.Namespace, Name: m.Name}
}

// Knows tells whether the part of the object is known: always for a whole object, by Known for a partial one.
func (m *Meta) Knows(part string) bool { return !m.Partial || m.Known[part] }

// Ref is a reference to another object.
type Ref struct{ Kind, Namespace, Name string }

// Manager is an entry of metadata.managedFields.
type Manager struct {
	Name        string
	Operation   string
	Subresource string
	Time        time.Time
	Status      bool // its fields touch status
	Src         schema.Evidence
}

// Selector is a label selector. A nil *Selector selects nothing or everything, as its field says.
type Selector struct {
	MatchLabels map[string]string
	Expressions []Requirement
}

// Requirement is one matchExpression; Operator is as written (In, NotIn, Exists, DoesNotExist, or what somebody invented).
type Requirement struct {
	Key      string
	Operator string
	Values   []string
}

// IPAddressPool is metallb.io IPAddressPool.
type IPAddressPool struct {
	Meta
	Addresses     []string
	AutoAssign    *bool // nil: the default, true
	AvoidBuggyIPs bool
	Allocation    *ServiceAllocation // nil: absent. Since v0.13.8
	Status        *PoolStatus        // nil: absent. Since v0.15.0
}

// ServiceAllocation is spec.serviceAllocation of a pool.
type ServiceAllocation struct {
	Priority           int
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
	Pools            []string
	PoolSelectors    []Selector
	NodeSelectors    []Selector
	ServiceSelectors []Selector // since v0.16.0
	Interfaces       []string   // since v0.13.6
}

// BGPAdvertisement is metallb.io BGPAdvertisement.
type BGPAdvertisement struct {
	Meta
	Pools               []string
	PoolSelectors       []Selector
	NodeSelectors       []Selector
	ServiceSelectors    []Selector
	Peers               []string
	Communities         []string
	AggregationLength   *int32 // nil: 32
	AggregationLengthV6 *int32 // nil: 128
	LocalPref           uint32
}

// BGPPeer is metallb.io BGPPeer, v1beta1 or v1beta2. Durations are as written ("90s").
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
	HasPassword            bool // spec.password is not empty (its value is never kept)
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
	Changed                       time.Time
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
	LastReload, LastConvert string
	RunningConfigLine       int // line of the first line of RunningConfig in the file; 0 unknown
}

// BGPSessionState is frrk8s.metallb.io BGPSessionState.
type BGPSessionState struct {
	Meta
	Node, Peer, VRF, BGPStatus, BFDStatus string
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

// Service is a core Service.
type Service struct {
	Meta
	Type                  string
	ClusterIPs            []string // "None" is kept
	ExternalIPs           []string
	IPFamilies            []string
	IPFamilyPolicy        string
	Ports                 []ServicePort
	Selector              map[string]string
	TrafficPolicy         string // externalTrafficPolicy: Cluster, Local; "" is Cluster
	InternalTrafficPolicy string
	HealthCheckNodePort   int
	LoadBalancerIP        string
	LoadBalancerClass     *string
	SourceRanges          []string
	SessionAffinity       string
	PublishNotReady       bool
	Ingress               []Ingress // status.loadBalancer.ingress
	Conditions            []Condition
}

// ServicePort is one port of a Service. TargetPort is as written: a number, a name, or "" (the same as Port).
type ServicePort struct {
	Name       string
	Protocol   string // TCP, UDP, SCTP; "" is TCP
	Port       int
	TargetPort string
	NodePort   int
}

// Ingress is one entry of status.loadBalancer.ingress.
type Ingress struct{ IP, Hostname, IPMode string }

// EndpointSlice is a discovery EndpointSlice, or an Endpoints object turned into one (FromEndpoints).
type EndpointSlice struct {
	Meta
	Service       string // label kubernetes.io/service-name; "" is ignored by MetalLB. The object's own name for Endpoints
	AddressType   string
	Endpoints     []Endpoint
	Ports         []EndpointPort
	FromEndpoints bool
}

// Endpoint is one endpoint. Ready, Serving and Terminating are nil where they are absent.
type Endpoint struct {
	Addresses                   []string
	Ready, Serving, Terminating *bool
	Node                        string
	Pod                         Ref // targetRef
	Src                         schema.Evidence
}

// EndpointPort is one port of a slice.
type EndpointPort struct {
	Name, Protocol string
	Port           int
}

// Node is a core Node.
type Node struct {
	Meta
	InternalIPs   []netip.Addr
	ExternalIPs   []netip.Addr
	PodCIDRs      []string
	Unschedulable bool
	Taints        []Taint
	Conditions    []Condition
	Kubelet       string // version
	OS            string
	Kernel        string
	Runtime       string
}

// Condition returns the condition of that type, or nil.
func (n *Node) Condition(kind string) *Condition {
	for i := range n.Conditions {
		if n.Conditions[i].Type == kind {
			return &n.Conditions[i]
		}
	}
	return nil
}

// Taint is a taint of a node.
type Taint struct{ Key, Value, Effect string }

// Pod is a core Pod.
type Pod struct {
	Meta
	Node           string
	Phase          string // Pending, Running, ... or the STATUS column of a table
	Reason         string
	IPs            []string
	HostNetwork    bool
	Containers     []Container // of spec, with their status
	Init           []Container
	Conditions     []Condition
	NodeSelector   map[string]string
	Tolerations    []Toleration
	ServiceAccount string
	ReadyColumn    string // "1/2" of a table
	Restarts       int    // sum, or the column of a table
}

// Container is a container of a pod with its status.
type Container struct {
	Name, Image, ImageID string
	Args, Command        []string
	Env                  map[string]string // plain values only
	Ports                []ContainerPort
	Ready                bool
	Restarts             int
	State                ContainerState
	Last                 ContainerState
	HasStatus            bool
	Src                  schema.Evidence // the line of its name in status, else in spec
}

// ContainerPort is a declared port.
type ContainerPort struct {
	Name, Protocol string
	Port, HostPort int
}

// ContainerState is the state of a container: State is waiting, running, terminated or "".
type ContainerState struct {
	State, Reason, Message string
	ExitCode               int
	Started, Finished      time.Time
	Src                    schema.Evidence
}

// Toleration is a toleration of a pod.
type Toleration struct{ Key, Operator, Value, Effect string }

// Event is an Event of either API, or a row of a table or of `kubectl describe`.
type Event struct {
	Meta
	Type, Reason, Message string
	About                 Ref    // involvedObject, regarding
	Component             string // metallb-controller, metallb-speaker, kubelet, ...
	Host                  string
	Count                 int
	First, Last           time.Time     // zero when unknown
	Age                   time.Duration // of a table ("5m"); -1 when unknown
}

// Namespace is a core Namespace.
type Namespace struct {
	Meta
	Phase string
}

// Workload is a Deployment, DaemonSet, StatefulSet, ReplicaSet or Job.
type Workload struct {
	Meta
	Selector                                        Selector
	Desired, Ready, Available, Updated, Unavailable int
	Misscheduled                                    int
	NodeSelector                                    map[string]string
	Tolerations                                     []Toleration
	Containers, Init                                []Container // without status
	ServiceAccount                                  string
	HostNetwork                                     bool
	Conditions                                      []Condition
}

// ConfigMap is a core ConfigMap. Lines has the line of each key's first text line in the file.
type ConfigMap struct {
	Meta
	Data  map[string]string
	Lines map[string]int
}

// Secret is what may be known of a Secret: never a value.
type Secret struct {
	Meta
	Type string
	Keys []string
}

// NetworkPolicy is a networking.k8s.io NetworkPolicy, or one of a CNI (Calico, Cilium) as far as it maps.
type NetworkPolicy struct {
	Meta
	PodSelector Selector
	Types       []string // Ingress, Egress; empty: Ingress and, with egress rules, Egress
	Ingress     []PolicyRule
	Egress      []PolicyRule
}

// PolicyRule is one ingress or egress rule; empty From means everybody, empty Ports every port.
type PolicyRule struct {
	From  []PolicyPeer
	Ports []PolicyPort
}

// PolicyPeer is who a rule allows.
type PolicyPeer struct {
	CIDR              string
	Except            []string
	PodSelector       *Selector
	NamespaceSelector *Selector
}

// PolicyPort is what a rule allows.
type PolicyPort struct {
	Protocol string
	Port     string // number, name or ""
	EndPort  int
}

// CRD is a CustomResourceDefinition: which versions are served.
type CRD struct {
	Meta
	Group, Resource string
	Served, Stored  []string
}

// Webhook is one webhook of a Validating- or MutatingWebhookConfiguration.
type Webhook struct {
	Meta
	Webhook, FailurePolicy string
	Service                Ref
	Path, URL              string
	HasCABundle            bool
}

// RBAC is a Role, ClusterRole or a binding.
type RBAC struct {
	Meta
	Rules    []RBACRule
	Role     Ref
	Subjects []Ref
}

// RBACRule is one rule of a role.
type RBACRule struct{ Groups, Resources, Names, Verbs []string }

// Other is an object of any other kind that may own BGP sessions or addresses (Calico, Cilium, kube-vip, cloud) or explain a
// fault: its fields flattened to paths ("spec.peerIP", "spec.asNumber", "spec.nodes[0]").
type Other struct {
	Meta
	Fields map[string]string
}

// Objects are the Kubernetes objects of an input, in the order in which they were read.
type Objects struct {
	Pools               []*IPAddressPool
	AddressPools        []*AddressPool
	L2Advertisements    []*L2Advertisement
	BGPAdvertisements   []*BGPAdvertisement
	Peers               []*BGPPeer
	BFDProfiles         []*BFDProfile
	Communities         []*Community
	L2Statuses          []*ServiceL2Status
	BGPStatuses         []*ServiceBGPStatus
	ConfigurationStates []*ConfigurationState
	FRRConfigurations   []*FRRConfiguration
	FRRNodeStates       []*FRRNodeState
	BGPSessionStates    []*BGPSessionState
	FRRK8sConfigs       []*FRRK8sConfiguration
	Operators           []*Operator
	Services            []*Service
	Slices              []*EndpointSlice
	Nodes               []*Node
	Pods                []*Pod
	Events              []*Event
	Namespaces          []*Namespace
	Workloads           []*Workload
	ConfigMaps          []*ConfigMap
	Secrets             []*Secret
	NetworkPolicies     []*NetworkPolicy
	CRDs                []*CRD
	Webhooks            []*Webhook
	RBAC                []*RBAC
	Others              []*Other
}

// Listing says that somebody listed a kind (in a namespace, "" for all or unknown) and how many there were: so an absence
// can be proven. A List of no items, "No resources found", a table with rows, and a `kubectl get` of several kinds make one each.
type Listing struct {
	Group, Resource string // lower case plural: "ipaddresspools"; Group may be ""
	Namespace       string // "" when all namespaces, or unknown
	AllNamespaces   bool
	Count           int
	Names           []string // names of one object asked for by name ("get svc web"): then it proves nothing of others
	// NodeView: one speaker's view, printed in its log. Since v0.16.0 it lacks the BGPPeers and BGPAdvertisements of other nodes, so it
	// proves no absence in the cluster; Node is the speaker's, "" when unknown.
	NodeView bool
	Node     string
	Error    string // forbidden, not found, ...: then it proves nothing but that
	Src      schema.Evidence
}
