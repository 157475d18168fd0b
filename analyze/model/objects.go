package model

import (
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
	Whole           bool // a bundle's trailer says that the list was read to its end
	Count           int
	Names           []string // names of one object asked for by name ("get svc web"): then it proves nothing of others
	// NodeView: one speaker's view, printed in its log. Since v0.16.0 it lacks the BGPPeers and BGPAdvertisements of other nodes, so it
	// proves no absence in the cluster; Node is the speaker's, "" when unknown.
	NodeView bool
	Node     string
	Error    string // forbidden, not found, ...: then it proves nothing but that
	// Implied: kubectl was asked for several resources, and printed tables of others alone.
	Implied bool
	Src     schema.Evidence
}
