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
)
