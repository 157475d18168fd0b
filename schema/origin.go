package schema

// Kind says what a member is, by its content. Openers set it; parsers go by it and never guess.
type Kind string

// The kinds of members. One kind has one parser (analyze/parse says which).
const (
	KindUnknown Kind = "unknown" // nothing recognised it: listed, never dropped
	KindEmpty   Kind = "empty"   // no byte, or blanks only
	KindBinary  Kind = "binary"

	KindHeader  Kind = "header"  // header.json of a bundle
	KindTrailer Kind = "trailer" // trailer.json of a bundle

	KindObjects  Kind = "objects"       // Kubernetes objects as YAML or JSON: one, a List, several documents, a watch
	KindTable    Kind = "table"         // `kubectl get` table, any columns
	KindDescribe Kind = "describe"      // `kubectl describe`
	KindLegacy   Kind = "legacy-config" // the text of MetalLB's old ConfigMap by itself
	KindHelm     Kind = "helm-values"

	KindLog      Kind = "log"     // a log of MetalLB or frr-k8s: JSON, klog, zap and plain lines mixed; wrappers allowed (Origin.Wrap)
	KindFRRLog   Kind = "frr-log" // FRR's own log, watchfrr lines, container frr
	KindReload   Kind = "reloader-log"
	KindOtherLog Kind = "other-log" // a log of something else (kube-proxy, CNI, kubelet, dmesg, journal)

	KindMetrics Kind = "metrics" // Prometheus text

	KindVtysh   Kind = "vtysh"    // vtysh output, text or JSON, one command or many under headings
	KindFRRConf Kind = "frr.conf" // also a running-config by itself
	KindDaemons Kind = "frr-daemons"
	KindRouter  Kind = "router" // output of a router that is no FRR: BIRD, GoBGP, IOS, NX-OS, Junos, EOS, RouterOS, ...

	KindPcap        Kind = "pcap"         // pcap and pcapng
	KindCaptureInfo Kind = "capture-info" // captures/NODE.json of a bundle: what a capture saw, dropped and by which clock
	KindProbe       Kind = "probe"        // probes/NODE.json of a bundle: what the collector tried from a node, and what came back
	KindTcpdump     Kind = "tcpdump"
	KindArping      Kind = "arping"
	KindPing        Kind = "ping"
	KindCurl        Kind = "curl" // also wget, nc, telnet: an attempt to connect
	KindTraceroute  Kind = "traceroute"
	KindIPAddr      Kind = "ip-addr"  // `ip addr`, `ip -br addr`, ifconfig
	KindIPRoute     Kind = "ip-route" // also `ip route get`
	KindIPRule      Kind = "ip-rule"
	KindIPNeigh     Kind = "ip-neigh" // also `arp -a`
	KindIPLink      Kind = "ip-link"  // also `bridge link`, `bridge fdb`
	KindSysctl      Kind = "sysctl"
	KindIptables    Kind = "iptables" // iptables-save and iptables -L
	KindNft         Kind = "nft"
	KindIPVS        Kind = "ipvs"    // ipvsadm -L
	KindSockets     Kind = "sockets" // ss, netstat
	KindConntrack   Kind = "conntrack"
	KindShell       Kind = "shell" // a command's output of no kind above; Origin.Command says which
	KindProse       Kind = "prose" // what a person wrote, and errors pasted into it
)

// Wrap is what a container runtime or a log tool put in front of each line; the line reader takes it off.
type Wrap string

// The wrappers.
const (
	WrapNone       Wrap = ""
	WrapTimestamps Wrap = "timestamps" // kubectl logs --timestamps
	WrapDocker     Wrap = "docker-json"
	WrapCRI        Wrap = "cri"
	WrapPrefix     Wrap = "prefix" // kubectl logs --prefix: [pod/NAME/CONTAINER]
	WrapStern      Wrap = "stern"  // POD CONTAINER or NAMESPACE POD CONTAINER in front
)

// Origin is where a member comes from and how it is to be understood.
type Origin struct {
	Path      string // as evidence names it: as attached, archives inside joined by "!/"
	FirstLine int    // line in the file as attached that the member's first line is (blocks of Markdown and pasted shells); 1 for whole files
	Kind      Kind
	Wrap      Wrap

	Namespace string // of the pod, or of the objects; "" when unknown
	Pod       string
	Container string // "controller", "speaker", "frr", "reloader", "frr-k8s", ...; "" when unknown
	Node      string
	Previous  bool // the log of the container's previous run

	// Command is the command whose output this is, as typed behind the prompt or as a heading of a dump says
	// ("show bgp neighbors", "kubectl get svc -A"); "" when unknown.
	Command string
	// Host is the machine in the prompt or title of a pasted session, or the name of a folder that names one; "" when unknown.
	Host string
	// Router says that the output is that of a router beside the cluster, not of a node. RouterName is what the path or the
	// prompt calls it.
	Router     bool
	RouterName string
	// Client says that the output was taken on a client machine outside the cluster (by path or by what was said around it).
	Client bool
	// Fence is the line of the file as attached that opens the fenced block of Markdown in which the member stands; 0 outside of one.
	// What one fence holds was mostly pasted from one session.
	Fence int
	// Before is the prose or comment right before a block ("from my laptop:"), at most a few lines; "" when there is none.
	Before string
}

// Line turns a line of the member, counted from 1, into a line of the file as attached.
func (o Origin) Line(n int) int {
	if o.FirstLine <= 1 {
		return n
	}
	return o.FirstLine + n - 1
}

// Evidence points at a line of the member, counted from 1.
func (o Origin) Evidence(line int, quote string) Evidence {
	return Evidence{Member: o.Path, Line: o.Line(line), Quote: quote}
}
