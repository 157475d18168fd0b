package model

// The parts of an object that a partial one (a row of a table, `kubectl describe`) may know; see Meta.Known.
const (
	PartType        = "type"        // Service: spec.type
	PartIngress     = "ingress"     // Service: addresses of status.loadBalancer, or that there are none
	PartClusterIP   = "clusterIP"   // Service
	PartPorts       = "ports"       // Service, EndpointSlice
	PartTargetPorts = "targetPorts" // Service: target ports too
	PartSelector    = "selector"    // Service, workloads
	PartPolicy      = "policy"      // Service: externalTrafficPolicy
	PartFamilies    = "families"    // Service: ipFamilies, ipFamilyPolicy
	PartRequest     = "request"     // Service: loadBalancerIP, class
	PartAnnotations = "annotations" // any
	PartLabels      = "labels"      // any
	PartEndpoints   = "endpoints"   // EndpointSlice
	PartStatus      = "status"      // Pod, Node, workloads: the STATUS or READY column
	PartNode        = "node"        // Pod
	PartIPs         = "ips"         // Pod, Node
	PartAddresses   = "addresses"   // pools
	PartAutoAssign  = "autoAssign"  // pools
	PartPools       = "pools"       // advertisements: ipAddressPools
	PartSpec        = "spec"        // all of spec
	PartTaints      = "taints"      // Node
	PartConditions  = "conditions"  // Node, Pod
	PartVersion     = "version"     // Node: kubelet

	PartExternalIPs      = "externalIPs"      // Service
	PartBuggyIPs         = "avoidBuggyIPs"    // pools
	PartAllocation       = "allocation"       // pools: serviceAllocation
	PartPoolSelectors    = "poolSelectors"    // advertisements
	PartNodeSelectors    = "nodeSelectors"    // advertisements, peers
	PartServiceSelectors = "serviceSelectors" // advertisements
	PartInterfaces       = "interfaces"       // L2Advertisement, ServiceL2Status
	PartPeers            = "peers"            // BGPAdvertisement, ServiceBGPStatus
	PartPeerAddress      = "peerAddress"      // BGPPeer
	PartASN              = "asn"              // BGPPeer: peerASN
	PartBFDProfile       = "bfdProfile"       // BGPPeer
	PartMultiHop         = "ebgpMultiHop"     // BGPPeer
	PartReadiness        = "readiness"        // EndpointSlice: conditions of its endpoints
	PartContainers       = "containers"       // Pod, workloads: names and images
	PartStates           = "states"           // Pod: state of each container
	PartCounts           = "counts"           // workloads: desired, ready, available
	PartUnschedulable    = "unschedulable"    // Node
	PartKeys             = "keys"             // ConfigMap, Secret: names of the keys
	PartData             = "data"             // ConfigMap: the values
)

// Know adds parts to what is known of the object and makes it partial.
func (m *Meta) Know(parts ...string) {
	m.Partial = true
	if m.Known == nil {
		m.Known = make(map[string]bool, len(parts))
	}
	for _, p := range parts {
		m.Known[p] = true
	}
}
