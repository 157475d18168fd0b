package check

// l2Checks are the checks of the phase l2, in the order in which their findings are read.
var l2Checks = []*Check{
	ipvsAnswersARP,
	addressOnNodeInterface,
	addressUsedByOtherHost,
	cniAnswersARP,
	wrongInterface,
	twoSpeakersAnnounce,
	arpReplyDropped,
	responderMissing,
	wifiDropsARP,
	cloudNetworkNoL2,
	addressOutsideSubnet,
	arpNotAnswered,
	arpRequestNotSeen,
	announcerFlapping,
	staleNeighborAfterFailover,
	clientNotOnSegment,
}
