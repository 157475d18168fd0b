package check

// datapathChecks are the checks of the phase datapath, in the order in which their findings are read.
var datapathChecks = []*Check{
	forwardingOff,
	sourceRangesExcludeClient,
	networkPolicyDrops,
	kubeProxyNotProgrammed,
	targetPortWrong,
	endpointNotListening,
	overlayBroken,
	someEndpointsFail,
	endpointsRestarting,
	rpFilterDrops,
	asymmetricReturn,
	mtuBlackhole,
	firewallDrops,
	localPolicyDrops,
	sessionsBreakOnRehash,
	staleConntrack,
	addressOverlapsClusterNetwork,
	hairpinFromCluster,
	idleTimeout,
	cniDoesNotForward,
	pingExpected,
	clientSide,
}
