package model

// The remarks. Each names a class of fact that Kubernetes, Linux, MetalLB, FRR, a CNI or a cloud is known to print, never the
// words of one report. Comments say what Value holds; Service (NAMESPACE/NAME or a bare name), Addr and Node are filled where
// the line names them.
const (
	// Errors of the API server, as kubectl, Helm or an event prints them.
	RemarkWebhookDenied     = "webhook-denied"      // admission webhook denied the request; Value the reason, Node empty
	RemarkWebhookCallFailed = "webhook-call-failed" // failed calling webhook; Value the cause: x509, timeout, no-endpoints, refused, no-route, not-found, dns, tls, eof, other
	RemarkApplied           = "applied"             // a resource of MetalLB was created, configured or unchanged; Value "RESOURCE NAME"
	RemarkForbidden         = "forbidden"           // Error from server (Forbidden); Value "VERB RESOURCE"
	RemarkNoResources       = "no-resources"        // No resources found; Value the resource that the command asked for
	RemarkNotFound          = "not-found"           // Error from server (NotFound); Value "RESOURCE NAME"
	RemarkNotServed         = "not-served"          // no matches for kind, the server doesn't have a resource type; Value the kind
	RemarkAPIUnreachable    = "api-unreachable"     // the connection to the server was refused, i/o timeout, Unable to connect to the server
	RemarkInvalidObject     = "invalid-object"      // "is invalid:", error validating data, strict decoding error; Value the reason
	RemarkQuota             = "quota"               // exceeded quota, forbidden by PodSecurity; Value "quota" or "pod-security"

	// Pods and nodes, as events, kubelets and `kubectl get` in text say.
	RemarkFailedCreate     = "failed-create"     // a controller could not create pods; Value the reason
	RemarkImagePull        = "image-pull"        // ImagePullBackOff, ErrImagePull; Value the image where named
	RemarkFailedScheduling = "failed-scheduling" // Value the scheduler's sentence
	RemarkFailedMount      = "failed-mount"      // Value the volume's reason ("secret \"memberlist\" not found")
	RemarkCrashLoop        = "crash-loop"        // CrashLoopBackOff, Back-off restarting failed container; Value the container or pod
	RemarkOOMKilled        = "oom-killed"        // OOMKilled, oom-kill, Out of memory: Killed process; Value the process where named
	RemarkProbeFailed      = "probe-failed"      // Liveness/Readiness probe failed; Value the probe's kind and error
	RemarkEvicted          = "evicted"
	RemarkSandboxFailed    = "sandbox-failed"    // the CNI could not set up a pod; Value the reason
	RemarkNodeNotReady     = "node-not-ready"    // Value the reason where given
	RemarkNodePressure     = "node-pressure"     // DiskPressure, MemoryPressure, PIDPressure; Value which
	RemarkLegacyCRD        = "legacy-crd"        // a warning that an API version is deprecated; Value it
	RemarkSecretMissing    = "secret-missing"    // a Secret that a pod needs does not exist; Value its name
	RemarkPortTaken        = "port-taken"        // bind: address already in use; Value the address or port
	RemarkConntrack        = "conntrack"         // one flow: Addr the address asked for, Node the client, Value "PORT REPLIER:PORT STATES"; the replier is the address itself where nothing translates
	RemarkConntrackFull    = "conntrack-full"    // nf_conntrack: table full, dropping packet
	RemarkNeighborOverflow = "neighbor-overflow" // neighbour: arp_cache: neighbor table overflow

	// The kernel.
	RemarkMartian          = "martian"            // martian source; Addr the destination, Value "SOURCE DEVICE"
	RemarkBadChecksum      = "bad-checksum"       // UDP: bad checksum, bad udp cksum; Value the port; Addr the sender
	RemarkMD5NotFound      = "md5-not-found"      // TCP: MD5 Hash NOT found; Addr the sender (or its address in Value)
	RemarkMD5Unexpected    = "md5-unexpected"     // TCP: MD5 Hash found unexpectedly
	RemarkMD5Failed        = "md5-failed"         // TCP: MD5 Hash failed, mismatch
	RemarkMD5Unsupported   = "md5-unsupported"    // setsockopt(TCP_MD5SIG): protocol not available, no CONFIG_TCP_MD5SIG
	RemarkReversePathCount = "reverse-path-count" // TcpExtIPReversePathFilter, "N packets rejected in reverse path"; Value the count
	RemarkKernelCounter    = "kernel-counter"     // another counter of nstat or netstat -s; Value "NAME=COUNT"
	RemarkLinkFlap         = "link-flap"          // NIC Link is Down/Up; Node the device, Value down or up
	RemarkDuplicateAddress = "duplicate-address"  // duplicate address detected, IP address conflict; Addr it, Value the MAC
	RemarkPromiscuous      = "promiscuous"        // device entered (Value "on") or left ("off") promiscuous mode
	RemarkKernelVersion    = "kernel-version"     // uname -r; Value 5.15.0-91-generic
	RemarkMTU              = "mtu"                // an MTU that text names; Value the number, Node the device where named
	RemarkFragNeeded       = "frag-needed"        // frag needed, message too long, packet too big; Value the MTU where named
	RemarkOffload          = "offload"            // ethtool -k or -K; Value "FEATURE on" or "FEATURE off", Node the device
	RemarkNICCounter       = "nic-counter"        // ethtool -S: a counter of drops or errors that is not 0; Value "NAME=COUNT"
	RemarkMulticastSnoop   = "multicast-snooping" // Value the setting

	// Clouds, hypervisors and networks below the nodes.
	RemarkPortSecurity    = "port-security"     // OpenStack: port_security_enabled; Value true or false; Addr, Node the port's
	RemarkAddressPairs    = "address-pairs"     // OpenStack: allowed_address_pairs; Value the pairs, "" none; Addr, Node the port's
	RemarkCloud           = "cloud"             // Value openstack, aws, gcp, azure, hetzner, digitalocean, ovh, oracle, linode, vultr, ibm, alibaba, scaleway, equinix
	RemarkHypervisor      = "hypervisor"        // Value vmware, proxmox, hyperv, kvm, virtualbox, xen, nutanix
	RemarkMACPolicy       = "mac-policy"        // promiscuous mode, forged transmits, MAC address changes or a MAC/IP filter of a hypervisor; Value "SETTING STATE" with STATE accept, reject or ""
	RemarkSourceDestCheck = "source-dest-check" // AWS: sourceDestCheck; Value true or false
	RemarkSecurityGroup   = "security-group"    // a security group, network ACL or cloud firewall named; Value which
	RemarkVPN             = "vpn"               // the nodes' network is a VPN; Value wireguard, tailscale, zerotier, openvpn, nebula
	RemarkWiFi            = "wifi"              // an interface that is wireless by its name or said to be; Value the interface
	RemarkSwitchPort      = "switch-port"       // port security, DHCP snooping, dynamic ARP inspection, storm control of a switch; Value which
	RemarkMaxPaths        = "max-paths"         // maximum-paths, ECMP or multipath of a router; Value the number, "refused" or ""

	// The cluster, as its people or tools describe it.
	RemarkKubeProxyMode    = "kube-proxy-mode"   // Value iptables, ipvs, nftables, none, ebpf
	RemarkStrictARP        = "strict-arp"        // Value true or false
	RemarkCNI              = "cni"               // Value calico, cilium, flannel, canal, weave, kube-router, antrea, ovn-kubernetes, kube-ovn, multus, openshift-sdn
	RemarkMetalLBMode      = "metallb-mode"      // Value layer2, bgp, frr, frr-k8s, native
	RemarkDistribution     = "distribution"      // Value k3s, rke2, rke, kind, minikube, microk8s, talos, openshift, harvester, kubeadm, kubespray, k0s, docker-desktop, eks, gke, aks
	RemarkInstall          = "install-method"    // Value helm, manifests, operator
	RemarkTrafficPolicy    = "traffic-policy"    // externalTrafficPolicy in text; Value Local or Cluster
	RemarkIPForwarding     = "ip-forwarding"     // OVN-Kubernetes: ipForwarding; Value Restricted or Global
	RemarkHostFirewall     = "host-firewall"     // ufw, firewalld, SELinux, nftables service; Value "NAME active" or "NAME inactive"
	RemarkHostTool         = "host-tool"         // another program on the nodes that speaks BGP, VRRP or ARP: keepalived, kube-vip, haproxy, bird; Value it
	RemarkServiceLB        = "servicelb"         // k3s ServiceLB (Klipper); Value "disabled" or "enabled"
	RemarkNamespace        = "namespace"         // the namespace that a sentence gives for what it shows; Value it
	RemarkNetworkIsolation = "network-isolation" // Rancher project network isolation, default deny; Value it

	// Facts that CNIs' tools print.
	RemarkKubeProxyReplacement = "kube-proxy-replacement" // Cilium; Value True, False, Strict, Probe, Partial, Disabled, with its list
	RemarkCiliumService        = "cilium-service"         // one frontend; Addr the address, Value "TYPE PORT BACKENDS"
	RemarkCiliumServiceList    = "cilium-service-list"    // the list was shown whole; Value the number of frontends
	RemarkCiliumFeature        = "cilium-feature"         // a feature that Cilium turned off by itself; Value the feature
	RemarkCiliumL2             = "cilium-l2"              // Cilium's own L2 announcements or BGP control plane; Value it
	RemarkCalicoPeer           = "calico-peer"            // calicoctl node status; Addr the peer, Value "TYPE STATE INFO"
	RemarkCalicoNoPeers        = "calico-no-peers"        // no BGP peers found; Value ipv4 or ipv6
	RemarkPolicyDrop           = "policy-drop"            // a flow that a network policy denied; Addr the source, Service "NAMESPACE/POD", Value "DESTINATION PORT"
	RemarkPolicyChainDrop      = "policy-chain-drop"      // Calico: packets dropped because no policy passed them; Value the count
	RemarkDrop                 = "drop"                   // a flow dropped by a CNI for another reason; Value the reason

	// Firewalls in logs.
	RemarkFirewallLog = "firewall-log" // [UFW BLOCK], IPTables-Dropped, FINAL_REJECT; Addr the destination, Value "PROTO PORT SOURCE"

	// Other programs.
	RemarkHelmRelease  = "helm-release"  // a row of `helm ls`; Value "RELEASE CHART STATUS"
	RemarkHelmError    = "helm-error"    // Error: INSTALLATION FAILED, UPGRADE FAILED; Value the reason
	RemarkShellError   = "shell-error"   // command not found, Permission denied, no such file; Value the command or file
	RemarkConnectError = "connect-error" // an application's "dial tcp A:P: ..." ; Addr, Value "PORT REASON"
	RemarkTimeout      = "timeout-value" // a period after which something ends, in words; Value seconds
	RemarkSlow         = "slow"          // a period that requests take, in words; Value seconds
	RemarkHostname     = "hostname"      // what hostname printed; Value it
)

// The remarks of a person: weak words, evidence that somebody is unhappy and never proof of what is wrong. Each carries the
// address, Service or node that its sentence names.
const (
	SaysPingFails       = "says-ping-fails"
	SaysPingWorks       = "says-ping-works"
	SaysUnreachable     = "says-unreachable" // cannot reach, times out, hangs, no response, dead
	SaysRefused         = "says-refused"
	SaysWorks           = "says-works"        // it works, is reachable, answers
	SaysWorksInside     = "says-works-inside" // from nodes or pods it works
	SaysFailsOutside    = "says-fails-outside"
	SaysFailsInside     = "says-fails-inside" // from pods or nodes it does not work
	SaysOnlyOnNode      = "says-only-on-node" // works on the announcing node alone, or not on it
	SaysIntermittent    = "says-intermittent"
	SaysAfterWhile      = "says-after-a-while"
	SaysSniffingHelps   = "says-works-while-sniffing" // tcpdump or promiscuous mode makes it work
	SaysRestartHelps    = "says-restart-helps"
	SaysRestartNoHelp   = "says-restart-does-not-help"
	SaysAfterUpgrade    = "says-after-upgrade"
	SaysAfterReboot     = "says-after-reboot"
	SaysAfterChange     = "says-after-change" // a change of configuration or network came before
	SaysPending         = "says-pending"      // the external IP stays pending
	SaysNotInIPAddr     = "says-not-on-interface"
	SaysNoErrors        = "says-no-errors"
	SaysScaryLog        = "says-log-scares" // everything works but the log worries
	SaysFirewallOff     = "says-firewall-off"
	SaysLargeFails      = "says-large-fails" // small answers arrive and large ones do not
	SaysSlow            = "says-slow"
	SaysIdle            = "says-idle"         // connections die after being quiet
	SaysOneEndpointOnly = "says-one-endpoint" // all traffic goes to one node or pod
	SaysSomeFail        = "says-some-fail"    // part of the requests fails
	SaysNoARP           = "says-no-arp"       // nobody answers ARP
	SaysWrongMAC        = "says-wrong-mac"    // another MAC answers, MACs alternate
	SaysSessionDown     = "says-session-down" // the BGP session is not established
	SaysSessionUp       = "says-session-up"
	SaysNoRoute         = "says-no-route" // the router has no route
	SaysWiFi            = "says-wifi"     // nodes are on wireless
	SaysVPN             = "says-vpn"
	SaysOtherSegment    = "says-other-segment" // client in another subnet, VLAN or behind a router
	SaysSameSegment     = "says-same-segment"
	SaysFailover        = "says-failover"       // it fails after a node went down or the leader moved
	SaysSourceIPLost    = "says-source-ip-lost" // the client's address is not kept
	SaysCertificate     = "says-certificate"
	SaysDNS             = "says-dns" // the name resolves to something else
)

// IDs of what a router's log says of a neighbor (Addr, or BIRD's protocol); Value is the NOTIFICATION ("sent 2/2"), or Up or Down of
// RouterAdjacency.
const (
	RouterBadPeerAS   = "router-bad-peer-as"
	RouterBadID       = "router-bad-id"
	RouterHoldTime    = "router-hold-time"
	RouterCapability  = "router-capability"
	RouterMD5         = "router-md5"
	RouterNoNeighbor  = "router-no-neighbor"
	RouterMaxPrefix   = "router-max-prefix"
	RouterHoldExpired = "router-hold-expired"
	RouterCollision   = "router-collision"
	RouterAdmin       = "router-admin-reset"
	RouterNoPolicy    = "router-no-policy"
	RouterNotify      = "router-notification"
	RouterAdjacency   = "router-adjchange"
)
