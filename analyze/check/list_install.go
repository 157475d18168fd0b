package check

// installChecks are the checks of the phase install, in the order in which their findings are read.
var installChecks = []*Check{
	metallbNotInstalled,
	imageNotPulled,
	memberlistSecretMissing,
	podSecurityRefuses,
	hostPortInUse,
	crdsMissingOrOld,
	rbacForbidden,
	mixedVersions,
	cannotReachAPIServer,
	controllerNotRunning,
	speakerNotRunning,
	speakerNotScheduled,
	frrContainerFailing,
	frrK8sMissing,
	webhookCertificateBad,
	webhookUnreachable,
	otherLoadBalancerController,
}
