package check

// configurationChecks are the checks of the phase configuration, in the order in which their findings are read.
var configurationChecks = []*Check{
	legacyConfigmapIgnored,
	resourceInWrongNamespace,
	configNameDiffers,
	refused("overlapping-pools", "address pools overlap", `Two pools, or two ranges of one, hold the same address. MetalLB refuses the whole configuration
(rule pool-overlap, all releases): the controller gives no new address and the speakers go on with what they had, or with nothing after a restart.
Make the ranges disjoint; the text names both.`, "make the ranges of the named pools disjoint"),
	refused("invalid-address-range", "an address range cannot be parsed", `A CIDR or a range of a pool is no address range, or its start lies behind its end (rules pool-bad-cidr,
pool-range-order, pool-no-prefixes). The whole configuration is refused until it is repaired.`, "correct spec.addresses of the named pool"),
	refused("invalid-bgppeer", "a BGPPeer is invalid", `A peer is invalid by itself: its ASNs, address, timers, router id, multihop for iBGP, or a password and a secret at once
(rules peer-...). Speakers refuse the whole configuration.`, "correct the named BGPPeer"),
	refused("password-secret-bad", "a peer's password secret is unusable", `The secret that a BGPPeer names is looked up by name in MetalLB's namespace; it has to be there, of type
kubernetes.io/basic-auth, with the key password (rules peer-secret-missing, peer-secret-type). Until it is, speakers refuse the whole configuration.`,
		"create the secret in MetalLB's namespace: kubectl create secret generic NAME --type=kubernetes.io/basic-auth --from-literal=password=..."),
	refused("missing-bfdprofile", "a peer names a BFD profile that does not exist", `A BGPPeer references a BFDProfile that is not there (rule peer-bfd-missing). The webhook does not check
it; speakers refuse the whole configuration until the profile exists.`, "create the BFDProfile, or take bfdProfile out of the BGPPeer"),
	refused("missing-community", "an advertisement names an unknown community", `A community is neither a value nor the name of an alias of a Community resource, or a Community resource is
invalid (rules community-unknown, community-format).`, "define the alias in a Community resource, or write the value"),
	refused("invalid-aggregation-length", "the aggregation length does not fit the pool", `aggregationLength is shorter than a range of a pool that the advertisement selects, or out of bounds
(rules aggregation-vs-pool-range, aggregation-length-max).`, "choose an aggregation length that is not shorter than the pool's ranges"),
	refused("invalid-selector", "a label selector cannot be parsed", `A selector of a pool or an advertisement has an unknown operator, or values that its operator does not take
(rules pool-alloc-selector-invalid, adv-node-selectors).`, "correct the named selector"),
	refused("feature-needs-frr", "the configuration needs FRR", `The native BGP implementation refuses what only FRR has: BFD, IPv6, VRFs, unnumbered peers, keepalive and connect time, large
communities (rules native-...). One such field makes speakers refuse everything.`, "take the named field out, or install MetalLB in frr-k8s mode"),
	refused("peers-conflict", "BGPPeers contradict each other", `In FRR modes all peers of a VRF (since v0.16.0: those that share a node) need the same own ASN and router id, and one address may
be a peer once only (rules frr-same-asn-per-vrf, frr-same-router-id, frr-duplicate-address, frr-peer-rules-per-node).`, "make the named fields of the BGPPeers equal, or remove the double peer"),
	refused("pool-contains-node-address", "a pool holds a node's address", `v0.15.0 refuses a pool that holds the InternalIP of a node (rule pool-contains-node-ip). Other releases take it, and two machines
may then answer for one address.`, "take the nodes' addresses out of the pool"),
	refused("config-parse-failed", "the configuration is refused", `A component refuses the configuration for a reason that has no name of its own here; the text is MetalLB's own.`,
		"correct what the text names"),
	noConfiguration,
	frrK8sConfigConflict,
	staleConfig,
}
