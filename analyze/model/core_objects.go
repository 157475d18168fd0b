package model

import (
	"net/netip"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Service is a core Service. Fields are as written: "", 0 and nil are what is absent, before the API server fills in its defaults.
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
	LoadBalancerClass     *string // nil: absent; "" is a class of that name
	SourceRanges          []string
	SessionAffinity       string
	PublishNotReady       bool
	Ingress               []Ingress // status.loadBalancer.ingress
	Conditions            []Condition
	Printed               bool // by a log, at a moment that has passed: what a table shows of its status is newer
}

// ServicePort is one port of a Service. TargetPort is as written: a number, a name, or "" (the same as Port).
type ServicePort struct {
	Name       string
	Protocol   string // TCP, UDP, SCTP; "" is TCP
	Port       int
	TargetPort string
	NodePort   int // 0: none
}

// Ingress is one entry of status.loadBalancer.ingress.
type Ingress struct{ IP, Hostname, IPMode string }

// EndpointSlice is a discovery EndpointSlice, or an Endpoints object turned into one (FromEndpoints).
type EndpointSlice struct {
	Meta
	Service       string // label kubernetes.io/service-name; "" is ignored by MetalLB. The object's own name for Endpoints
	AddressType   string // IPv4, IPv6, FQDN; "" when unknown
	Endpoints     []Endpoint
	Ports         []EndpointPort
	FromEndpoints bool // it was an Endpoints object: no Serving, no Terminating
}

// Endpoint is one endpoint. Ready, Serving and Terminating are nil where they are absent.
type Endpoint struct {
	Addresses                   []string
	Ready, Serving, Terminating *bool
	Node                        string // "" when unknown
	Pod                         Ref    // targetRef; zero when absent
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
	HasStatus            bool            // false: Ready, Restarts, State and Last are unknown
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
	About                 Ref           // involvedObject, regarding
	Component             string        // metallb-controller, metallb-speaker, kubelet, ...
	Host                  string        // that reported it; "" when unknown
	Count                 int           // times it was seen, at least 1
	First, Last           time.Time     // zero when unknown
	Age                   time.Duration // of a table ("5m"); -1 when unknown
	FirstAge              time.Duration // of a table: how long ago it was first seen ("60m" of "2m (x9 over 60m)"); 0 when not shown
}

// Namespace is a core Namespace.
type Namespace struct {
	Meta
	Phase string
}

// Workload is a Deployment, DaemonSet, StatefulSet, ReplicaSet or Job. Numbers are of pods, 0 where absent.
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
//
// Those of Calico and Cilium are kept in the same form where that form can hold them; Kind and APIVersion tell.
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

// PolicyPeer is who a rule allows: CIDR without Except, or pods. A nil PodSelector is every pod, a nil NamespaceSelector the policy's own
// namespace.
type PolicyPeer struct {
	CIDR              string
	Except            []string
	PodSelector       *Selector
	NamespaceSelector *Selector
	Nodes             bool // the cluster's nodes (Cilium's entities host, remote-node and cluster)
}

// PolicyPort is what a rule allows.
type PolicyPort struct {
	Protocol string // TCP, UDP, SCTP; "" is TCP
	Port     string // number or name; "" every port
	EndPort  int    // last port of a range; 0: none
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
	Service                Ref    // who is asked; zero where URL is
	Path, URL              string // Path with Service, URL instead of it
	HasCABundle            bool
}

// RBAC is a Role or ClusterRole (Rules), or a binding (Role and Subjects).
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
