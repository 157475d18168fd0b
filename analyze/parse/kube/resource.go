package kube

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// resource is a kind that the model has a type for, or that listings name.
type resource struct {
	kind, group, plural string
	cluster             bool // has no namespace
	aliases             string
	paths               []fieldPath
	convert             func(*converter, *node, model.Meta)
}

const (
	metallbGroup = "metallb.io"
	frrk8sGroup  = "frrk8s.metallb.io"
)

// resources are all kinds that are understood; filled by init, since the converters refer to the table.
var resources []*resource

// byKind finds resources by kind in lower case, byWord by plural, singular and short names.
var (
	byKind = map[string][]*resource{}
	byWord = map[string]*resource{}
)

func init() {
	resources = append(append(metallbResources(), coreResources()...), otherResources()...)
	for _, r := range resources {
		k := strings.ToLower(r.kind)
		byKind[k] = append(byKind[k], r)
		for _, w := range append(strings.Fields(r.aliases), r.plural, k) {
			if _, ok := byWord[w]; !ok {
				byWord[w] = r
			}
		}
	}
}

func metallbResources() []*resource {
	return []*resource{
		{kind: "IPAddressPool", group: metallbGroup, plural: "ipaddresspools", convert: (*converter).pool,
			paths: paths("spec.addresses", "spec.autoAssign", "spec.avoidBuggyIPs", "spec.serviceAllocation", "status")},
		{kind: "AddressPool", group: metallbGroup, plural: "addresspools", convert: (*converter).addressPool,
			paths: paths("spec.addresses", "spec.autoAssign", "spec.protocol", "spec.bgpAdvertisements")},
		{kind: "L2Advertisement", group: metallbGroup, plural: "l2advertisements", convert: (*converter).l2Advertisement,
			paths: paths("spec.ipAddressPools", "spec.ipAddressPoolSelectors", "spec.nodeSelectors", "spec.interfaces", "spec.serviceSelectors")},
		{kind: "BGPAdvertisement", group: metallbGroup, plural: "bgpadvertisements", convert: (*converter).bgpAdvertisement,
			paths: paths("spec.ipAddressPools", "spec.ipAddressPoolSelectors", "spec.nodeSelectors", "spec.peers", "spec.communities",
				"spec.aggregationLength", "spec.aggregationLengthV6", "spec.localPref", "spec.serviceSelectors")},
		{kind: "BGPPeer", group: metallbGroup, plural: "bgppeers", convert: (*converter).peer,
			paths: paths("spec.myASN", "spec.peerASN", "spec.dynamicASN", "spec.localASN", "spec.peerAddress", "spec.interface", "spec.peerPort",
				"spec.holdTime", "spec.keepaliveTime", "spec.routerID", "spec.sourceAddress", "spec.nodeSelectors", "spec.password", "spec.passwordSecret",
				"spec.bfdProfile", "spec.ebgpMultiHop", "spec.vrf", "spec.disableMP", "spec.dualStackAddressFamily", "spec.connectTime")},
		{kind: "BFDProfile", group: metallbGroup, plural: "bfdprofiles", convert: (*converter).bfdProfile,
			paths: paths("spec.receiveInterval", "spec.transmitInterval", "spec.detectMultiplier", "spec.echoInterval", "spec.echoMode",
				"spec.passiveMode", "spec.minimumTtl")},
		{kind: "Community", group: metallbGroup, plural: "communities", convert: (*converter).community, paths: paths("spec.communities")},
		{kind: "ServiceL2Status", group: metallbGroup, plural: "servicel2statuses", convert: (*converter).l2Status,
			paths: paths("status.node", "status.interfaces", "status.serviceName")},
		{kind: "ServiceBGPStatus", group: metallbGroup, plural: "servicebgpstatuses", convert: (*converter).bgpStatus,
			paths: paths("status.node", "status.peers", "status.serviceName")},
		{kind: "ConfigurationState", group: metallbGroup, plural: "configurationstates", convert: (*converter).configurationState,
			paths: paths("status.result", "status.errorSummary", "status.conditions")},
		{kind: "MetalLB", group: metallbGroup, plural: "metallbs", convert: (*converter).operator,
			paths: paths("spec.bgpBackend", "spec.nodeSelector", "spec.logLevel", "status.conditions")},
		{kind: "FRRConfiguration", group: frrk8sGroup, plural: "frrconfigurations", convert: (*converter).frrConfiguration,
			paths: paths("spec.nodeSelector", "spec.bgp", "spec.bgp.routers", "spec.bgp.bfdProfiles", "spec.raw", "spec.raw.rawConfig")},
		{kind: "FRRNodeState", group: frrk8sGroup, plural: "frrnodestates", cluster: true, convert: (*converter).frrNodeState,
			paths: paths("status.lastReloadResult", "status.lastConversionResult", "status.runningConfig")},
		{kind: "BGPSessionState", group: frrk8sGroup, plural: "bgpsessionstates", convert: (*converter).sessionState,
			paths: paths("status.bgpStatus", "status.bfdStatus", "status.node", "status.peer")},
		{kind: "FRRK8sConfiguration", group: frrk8sGroup, plural: "frrk8sconfigurations", convert: (*converter).frrk8sConfiguration,
			paths: paths("spec.logLevel")},
	}
}

func coreResources() []*resource {
	workload := paths("spec.replicas", "status.numberReady", "status.readyReplicas", "status.desiredNumberScheduled", "status.numberUnavailable",
		"spec.template.spec.nodeSelector", "spec.template.spec.tolerations", "spec.selector", "status")
	return []*resource{
		{kind: "Service", plural: "services", aliases: "svc", convert: (*converter).service,
			paths: paths("spec.type", "spec.loadBalancerClass", "spec.loadBalancerIP", "status.loadBalancer", "spec.externalTrafficPolicy",
				"spec.selector", "spec.ports", "spec.clusterIP", "spec.clusterIPs", "spec.externalIPs", "spec.ipFamilyPolicy", "spec.ipFamilies",
				"spec.loadBalancerSourceRanges", "spec.internalTrafficPolicy", "spec.sessionAffinity")},
		{kind: "EndpointSlice", group: "discovery.k8s.io", plural: "endpointslices", convert: (*converter).slice,
			paths: paths("endpoints", "ports", "addressType", "metadata.labels.kubernetes.io/service-name")},
		{kind: "Endpoints", plural: "endpoints", aliases: "ep", convert: (*converter).endpoints, paths: paths("subsets")},
		{kind: "Node", plural: "nodes", aliases: "no", cluster: true, convert: (*converter).node,
			paths: paths("metadata.labels", "spec.unschedulable", "spec.taints", "status.addresses", "status.conditions", "spec.podCIDR", "spec.podCIDRs", "status.nodeInfo")},
		{kind: "Pod", plural: "pods", aliases: "po", convert: (*converter).pod,
			paths: paths("metadata.labels", "spec.nodeName", "status.phase", "status.reason", "status.conditions", "status.containerStatuses",
				"spec.nodeSelector", "spec.tolerations", "status.message", "spec.hostNetwork")},
		{kind: "Event", plural: "events", aliases: "ev", convert: (*converter).event, paths: paths("message", "note", "reason", "type")},
		{kind: "Event", group: "events.k8s.io", plural: "events", convert: (*converter).event, paths: paths("message", "note", "reason", "type")},
		{kind: "Namespace", plural: "namespaces", aliases: "ns", cluster: true, convert: (*converter).namespaceObject, paths: paths("metadata.labels", "status.phase")},
		{kind: "Deployment", group: "apps", plural: "deployments", aliases: "deploy", convert: (*converter).workload, paths: workload},
		{kind: "DaemonSet", group: "apps", plural: "daemonsets", aliases: "ds", convert: (*converter).workload, paths: workload},
		{kind: "StatefulSet", group: "apps", plural: "statefulsets", aliases: "sts", convert: (*converter).workload, paths: workload},
		{kind: "ReplicaSet", group: "apps", plural: "replicasets", aliases: "rs", convert: (*converter).workload, paths: workload},
		{kind: "Job", group: "batch", plural: "jobs", convert: (*converter).workload, paths: workload},
		{kind: "ConfigMap", plural: "configmaps", aliases: "cm", convert: (*converter).configMap, paths: paths("data")},
		{kind: "Secret", plural: "secrets", convert: (*converter).secret, paths: paths("type")},
		{kind: "NetworkPolicy", group: "networking.k8s.io", plural: "networkpolicies", aliases: "netpol", convert: (*converter).networkPolicy,
			paths: paths("spec.podSelector", "spec.policyTypes", "spec.ingress", "spec.egress")},
		{kind: "CustomResourceDefinition", group: "apiextensions.k8s.io", plural: "customresourcedefinitions", aliases: "crd crds", cluster: true,
			convert: (*converter).crd, paths: paths("spec.versions", "status.storedVersions")},
		{kind: "ValidatingWebhookConfiguration", group: "admissionregistration.k8s.io", plural: "validatingwebhookconfigurations", cluster: true,
			convert: (*converter).webhooks, paths: paths("webhooks")},
		{kind: "MutatingWebhookConfiguration", group: "admissionregistration.k8s.io", plural: "mutatingwebhookconfigurations", cluster: true,
			convert: (*converter).webhooks, paths: paths("webhooks")},
		{kind: "Role", group: "rbac.authorization.k8s.io", plural: "roles", convert: (*converter).rbac, paths: paths("rules")},
		{kind: "ClusterRole", group: "rbac.authorization.k8s.io", plural: "clusterroles", cluster: true, convert: (*converter).rbac, paths: paths("rules")},
		{kind: "RoleBinding", group: "rbac.authorization.k8s.io", plural: "rolebindings", convert: (*converter).rbac, paths: paths("roleRef", "subjects")},
		{kind: "ClusterRoleBinding", group: "rbac.authorization.k8s.io", plural: "clusterrolebindings", cluster: true, convert: (*converter).rbac,
			paths: paths("roleRef", "subjects")},
	}
}

// otherResources have no type of their own; listings and tables name them.
func otherResources() []*resource {
	return []*resource{
		{kind: "Ingress", group: "networking.k8s.io", plural: "ingresses", aliases: "ing"},
		{kind: "IngressClass", group: "networking.k8s.io", plural: "ingressclasses", cluster: true},
		{kind: "ServiceAccount", plural: "serviceaccounts", aliases: "sa"},
		{kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", aliases: "pvc"},
		{kind: "Lease", group: "coordination.k8s.io", plural: "leases"},
		{kind: "APIService", group: "apiregistration.k8s.io", plural: "apiservices", cluster: true},
		{kind: "CronJob", group: "batch", plural: "cronjobs", aliases: "cj"},
		{kind: "BGPPeer", group: "crd.projectcalico.org", plural: "bgppeers", cluster: true},
		{kind: "BGPPeer", group: "projectcalico.org", plural: "bgppeers", cluster: true},
		{kind: "BGPConfiguration", group: "crd.projectcalico.org", plural: "bgpconfigurations", cluster: true},
		{kind: "IPPool", group: "crd.projectcalico.org", plural: "ippools", cluster: true},
		{kind: "CiliumBGPPeeringPolicy", group: "cilium.io", plural: "ciliumbgppeeringpolicies", cluster: true},
		{kind: "CiliumBGPClusterConfig", group: "cilium.io", plural: "ciliumbgpclusterconfigs", cluster: true},
		{kind: "CiliumBGPPeerConfig", group: "cilium.io", plural: "ciliumbgppeerconfigs", cluster: true},
		{kind: "CiliumBGPAdvertisement", group: "cilium.io", plural: "ciliumbgpadvertisements", cluster: true},
		{kind: "CiliumLoadBalancerIPPool", group: "cilium.io", plural: "ciliumloadbalancerippools", cluster: true},
		{kind: "CiliumL2AnnouncementPolicy", group: "cilium.io", plural: "ciliuml2announcementpolicies", cluster: true},
		{kind: "CiliumNetworkPolicy", group: "cilium.io", plural: "ciliumnetworkpolicies", aliases: "cnp", convert: (*converter).ciliumPolicy,
			paths: paths("spec.endpointSelector", "spec.ingress")},
		{kind: "NetworkPolicy", group: "crd.projectcalico.org", plural: "networkpolicies", convert: (*converter).calicoPolicy, paths: paths("spec.selector", "spec.ingress")},
		{kind: "NetworkPolicy", group: "projectcalico.org", plural: "networkpolicies", convert: (*converter).calicoPolicy, paths: paths("spec.selector", "spec.ingress")},
		{kind: "GlobalNetworkPolicy", group: "crd.projectcalico.org", plural: "globalnetworkpolicies", cluster: true, aliases: "gnp", convert: (*converter).calicoPolicy, paths: paths("spec.selector", "spec.ingress")},
		{kind: "GlobalNetworkPolicy", group: "projectcalico.org", plural: "globalnetworkpolicies", cluster: true, convert: (*converter).calicoPolicy, paths: paths("spec.selector", "spec.ingress")},
	}
}

// resourceOf finds the resource of a kind. The group must match, so that Calico's BGPPeer is none of MetalLB's; an object
// without apiVersion is taken at its kind's word.
func resourceOf(kind, group, api string) *resource {
	list := byKind[strings.ToLower(kind)]
	if api == "" && len(list) > 0 {
		return list[0]
	}
	for _, r := range list {
		if r.group == group {
			return r
		}
	}
	if group == "extensions" && len(list) > 0 {
		return list[0]
	}
	return nil
}

func clusterScoped(kind string) bool {
	list := byKind[strings.ToLower(kind)]
	return len(list) > 0 && list[0].cluster
}
