package check

// installChecks are the checks of the phase install, in the order in which their findings are read.
var installChecks = []*Check{
	imageNotPulled,
	controllerNotRunning,
	speakerNotRunning,
	webhookCertificateBad,
	webhookUnreachable,
	rbacForbidden,
	frrContainerFailing,
	frrK8sMissing,
	otherLoadBalancerController,
}
