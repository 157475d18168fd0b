package check

// advertisementChecks are the checks of the phase advertisement, in the order in which their findings are read.
var advertisementChecks = []*Check{
	noAdvertisement,
	advertisementSelectsOtherPools,
	advertisementSelectsNoNode,
	nodeNetworkUnavailable,
	nodeExcludedByLabel,
	noActiveEndpoints,
	localPolicyNoEndpoint,
	noSpeakerOnEligibleNode,
	memberlistPartition,
	interfaceSelectorMatchesNone,
	speakerNotReconciling,
	announcedFromSubset,
}
