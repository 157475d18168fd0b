package check

// assignmentChecks are the checks of the phase assignment, in the order in which their findings are read.
var assignmentChecks = []*Check{
	noPool,
	cannotAssign("wrong-load-balancer-class", "the Service is of another load balancer class",
		`Without --lb-class MetalLB serves Services that have no spec.loadBalancerClass; with it, only those of exactly that class (rule class-exact, since
v0.13.0). Others are passed over, at debug level only ("filtered service"). The class cannot be changed on a Service: make it anew.`,
		"a Service of the class that this MetalLB serves", "create the Service again without spec.loadBalancerClass (the field cannot be changed), or run MetalLB with --lb-class"),
	cannotAssign("conflicting-requests", "the Service asks in ways that contradict",
		`spec.loadBalancerIP and the annotation loadBalancerIPs together, an address outside of the pool asked for, or addresses whose families are not those of the
clusterIPs (rules requested-both, requested-ip-and-pool, requested-family-equal).`,
		"one request that fits the Service", "keep one way of asking, with addresses of the Service's families"),
	cannotAssign("requested-pool-unknown", "the pool asked for does not exist",
		`The annotation address-pool names a pool that is not there, or not in MetalLB's namespace.`, "the pool that the annotation names",
		"name an existing pool in the annotation, or create it"),
	cannotAssign("requested-address-not-in-pool", "the address asked for is in no pool that may give it",
		`An address that a Service asks for has to lie in a pool (all of them in one), and not end in .0 or .255 where the pool avoids those (rules
requested-ips-one-pool, requested-buggy-ip).`, "a pool that holds the address", "ask for an address of a pool, or add the address to one"),
	cannotAssign("requested-address-in-use", "the address asked for is in use",
		`Another Service holds the address and the two do not share it: sharing needs the annotation allow-shared-ip with the same key on both (rule
sharing-key).`, "a free address, or one that both Services share by key", "ask for another address, or give both Services the same allow-shared-ip annotation"),
	cannotAssign("sharing-key-differs", "the sharing keys differ",
		`Services share an address only with equal, non-empty keys in the annotation allow-shared-ip (rule sharing-key). MetalLB says "can't change sharing key".
A key under labels, or with a prefix that the release does not read, is none.`, "the same allow-shared-ip key on all Services of the address", "give the Services the same key in the annotation allow-shared-ip"),
	cannotAssign("sharing-port-conflict", "Services that share an address use the same port",
		`Each protocol and port of a shared address belongs to one Service (rule sharing-ports).`, "ports that no other Service of the address uses", "change the port of one Service, or use another address"),
	cannotAssign("sharing-policy-conflict", "Services that share an address differ in traffic policy or selector",
		`With externalTrafficPolicy Local, Services share an address only where their selectors are equal; Local and Cluster do not mix (rule sharing-backend).`,
		"the same externalTrafficPolicy, and with Local the same selector", "set externalTrafficPolicy to Cluster on both, or make their selectors equal"),
	cannotAssign("pools-exhausted", "every pool that may serve the Service is full",
		`Every pool that the Service may use has given all its addresses to other Services. The controller says "no available IPs". A failed
allocation is not retried by time: it is when a Service goes, or a pool or the Service changes (rule no-retry-on-failure).`,
		"a free address in a pool that may serve the Service", "add addresses to a pool, or delete a Service that holds one"),
	cannotAssign("pool-lacks-family", "no pool has the address family that the Service needs",
		`A dual-stack Service needs one pool with both families, a single-stack one a pool of the family of its clusterIP (rules dual-stack,
family-from-cluster-ips).`, "one pool with every address family of the Service", "add a range of the missing family to the pool, or change the Service's ipFamilies"),
	cannotAssign("pool-selector-excludes", "serviceAllocation of the pools excludes the Service",
		`A pool with serviceAllocation serves only the namespaces and Services that it selects; one that selects nothing is never used automatically until
v0.14.9 (rules pinned-pools-exclusive, allocation-empty-never-used). The same holds for pools that are asked for (rule requested-pool-obeys-allocation).`,
		"a pool whose serviceAllocation takes the Service, or that has none", "change spec.serviceAllocation of the pool, or the labels of Service or namespace"),
	cannotAssign("pool-auto-assign-off", "the remaining pools do not assign automatically",
		`Pools with autoAssign false are used only when a Service asks for them or for one of their addresses (rules auto-assign,
requested-pool-ignores-autoassign).`, "a pool that assigns automatically, or a Service that asks for a pool", "annotate the Service with metallb.io/address-pool (metallb.universe.tf/address-pool before v0.14.9), or set autoAssign to true"),
	addressTakenByOtherController,
	addressLostOnPoolChange,
	addressGivenTwice,
	notALoadBalancer,
	statusWriteFailed,
	controllerNotReconciling,
}
