package check

// bgpChecks are the checks of the phase bgp, in the order in which their findings are read.
var bgpChecks = []*Check{
	sessionCheck("password-mismatch", "the session's passwords differ", `TCP MD5 is set on one side only, or with another password: segments without the right signature are
dropped by the kernel without an answer, so that the session stays in Connect or Active with no message, as behind a firewall. Shown by the kernel's log, by
both sides' configurations, or, where both have a password and the peer answers otherwise, likely.`),
	sessionCheck("asn-mismatch", "the AS numbers do not fit", `The router's AS is not peerASN, or the router expects another AS than myASN (localASN). One side ends each attempt with a
NOTIFICATION 2/2 (Bad Peer AS); the native speaker says "unexpected peer ASN".`),
	sessionCheck("router-id-clash", "the router id is refused", `Both ends, or two speakers, have one router id, or it is 0.0.0.0: NOTIFICATION 2/3 (Bad BGP Identifier).`),
	sessionCheck("hold-time-rejected", "the hold time is refused or runs out", `The router has a larger minimum than holdTime (NOTIFICATION 2/6), or keepalives do not arrive until the
hold timer expires (NOTIFICATION 4).`),
	sessionCheck("multihop-missing", "the peer is more than one hop away", `An eBGP peer that is on none of the node's networks needs ebgpMultiHop in the BGPPeer, and ebgp-multihop on the router.
FRR then waits for a next hop (Waiting for NHT, Must be Connected, up to 1 hops away); where the router lacks it, its OPEN dies of TTL 1.`),
	capabilityMismatch,
	sessionCheck("source-address-unexpected", "the router does not know the node's address", `The router has no neighbor with the address that the speaker connects from, or the speaker cannot use the
sourceAddress: the connection is accepted and closed at once, or refused.`),
	sessionCheck("session-taken-by-other", "another BGP speaker of the node has the session", `The CNI (Calico, Cilium, kube-router) or a second MetalLB peers with the same router from the same node. A router keeps one
session for an address and ends the other (NOTIFICATION 6/7, Connection Collision Resolution).`),
	sessionCheck("bfd-down", "BFD takes the session down", `The peer has a bfdProfile, and BFD's packets (UDP 3784, multihop 4784) do not arrive or the router has no BFD session: FRR resets
BGP each time. While BGP is established without flaps, BFD down alone is no fault of a Service.`),
	sessionCheck("tcp-md5-unsupported", "the node has no TCP MD5", `The node's kernel or sandbox refuses the option TCP_MD5SIG, so that a peer with a password cannot be dialled.`),
	sessionCheck("connection-refused", "the router refuses the connection", `A reset answers the SYN: nothing listens at the port, BGP is not started, or the router only takes known neighbors.`),
	sessionCheck("peer-unreachable", "the router cannot be reached", `The dial times out, has no route, or nobody answers ARP for the peer's address.`),
	sessionCheck("reload-resets-session", "changes of configuration reset the session", `FRR drops and sets up the session at each reload; its last reset is a change of configuration, many times.`),
	sessionCheck("session-flapping", "the session goes up and down", `It was lost at least three times and last within ten minutes of the end of what is attached, and no other cause fits;
or FRR's log, the node's or the router's, has its End-of-RIB over and over, seconds apart, until the end.`),
	noBGPPeer,
	advertisementPeersUnknown,
	peerSelectorExcludes,
	frrConfigRejected,
	frrReloadFailed,
	frrOutOfSync,
	prefixNotSent,
	routerFiltersPrefix,
	routerASPathLoop,
	nextHopUnreachable,
	routerPathNotChosen,
	sessionCheck("session-not-established", "the session is down", `The session is not established, and nothing that is attached says why.`),
}
