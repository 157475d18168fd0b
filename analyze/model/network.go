package model

import (
	"net/netip"
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Metric is one sample of a metrics page.
type Metric struct {
	Name   string
	Labels map[string]string
	Value  float64
	Origin schema.Origin
	Src    schema.Evidence
}

// BGPNeighbor is one peer as a BGP speaker (FRR on a node, or a router of any make) shows it, in a summary, in detail, or both
// merged. Counters are -1 when not shown, times are negative when not shown, strings "" when not shown.
type BGPNeighbor struct {
	Origin                                  schema.Origin // Origin.Router: seen from the router's side
	Addr                                    string        // as shown, without zone; the interface of an unnumbered peer
	VRF                                     string        // "" is the default VRF
	System                                  string        // frr, bird, gobgp, ios, nxos, iosxr, junos, eos, routeros, quagga, openbgpd
	RemoteAS                                uint32
	LocalAS                                 uint32
	RemoteID                                string // router ids; 0.0.0.0 until an OPEN was accepted
	LocalID                                 string
	State                                   string        // Established, Active, Connect, Idle, OpenSent, OpenConfirm, NoNeg, Idle (Admin), Idle (PfxCt), (Policy)
	Uptime                                  time.Duration // since up if established, else since down; -1 unknown or never
	Never                                   bool          // "never": was not up since the daemon started
	MsgSent                                 int
	MsgRcvd                                 int
	PfxRcd                                  int // prefixes received (after policy where the system counts so)
	PfxSent                                 int
	PfxReceivedBeforePolicy                 int
	PfxFiltered                             int
	Established                             int    // times the session was established
	Dropped                                 int    // times it went down again
	LastReset                               string // the reason, without the time
	LastResetAgo                            time.Duration
	LastError                               string // "OPEN Message Error/Bad Peer AS", "Bad peer AS", "Socket: Connection refused"
	LastErrorSent                           bool   // this side sent it
	OpenAS                                  uint32 // AS in the OPEN of a hex dump; 0 when there is none
	OpenHold                                int    // hold time in that OPEN
	OpenID                                  string
	MaxHops                                 int // "External BGP neighbor may be up to N hops away": 0 unknown
	HoldTime, KeepaliveTime, ConfiguredHold int // seconds; -1 unknown
	LocalHost, ForeignHost                  string
	LocalPort, ForeignPort                  int    // 0 unknown
	BFD                                     string // Up, Down, ...; "" when not configured or not shown
	BFDType                                 string
	InboundPolicyMissing                    bool // updates discarded due to missing policy
	RouteMapIn, RouteMapOut                 string
	Families                                []string // address families negotiated or shown
	NotNegotiated                           []string // families shown as NoNeg or "advertised" only
	Description                             string
	Src                                     schema.Evidence // line of the state
	ErrSrc                                  schema.Evidence // line of LastReset or LastError; zero when there is none
}

// Route is one path to a prefix: of a BGP table, of advertised or received routes, or of a routing table.
type Route struct {
	Origin                                               schema.Origin
	Table                                                string // "bgp", "accepted" (of one neighbor, after policy), "advertised", "received", "received-filtered", "rib" (show ip route), "kernel" (ip route), "get" (ip route get)
	Neighbor                                             string // of advertised and received
	VRF                                                  string
	Prefix                                               string // masked; 0.0.0.0/0 for default
	NextHop                                              string // "" for connected and local ones; 0.0.0.0 for own BGP routes
	NextHops                                             []string
	Device                                               string
	Source                                               string // src of a kernel route, "from" of a path
	Protocol                                             string // "bgp", "kernel", "connected", "static", ...
	Path                                                 string // AS path
	LocalPref                                            int    // -1 unknown
	Metric                                               int    // MED in BGP; -1 unknown
	Communities                                          []string
	Valid, Best, Multipath, Stale, RIBFailure, Installed bool
	Kind                                                 string // blackhole, unreachable, local, ...; "" is unicast
	TableID                                              string // table of a kernel route
	Src                                                  schema.Evidence
}

// TableShown says that somebody looked at a table: an absence in it proves something.
type TableShown struct {
	Origin   schema.Origin
	Table    string // as Route.Table; also "neighbors", "summary", "bfd", "nexthop", "running-config", "version" of a BGP speaker; "" unknown
	Neighbor string
	VRF      string
	Family   string // ipv4, ipv6; "" both or unknown
	Prefix   string // one prefix alone was asked for ("show ip bgp 10.0.0.1"); "" for the whole
	Filter   string // words behind "| include": only lines with them were shown, so nothing else is absent; "" for all lines
	Count    int    // rows that were shown
	Filtered int    // of Count, prefixes that arrived and were dropped by policy ("Total number of prefixes 1 (1 filtered)")
	Missing  string // "bgp instance not found", "Network not in table", ...; "" when there is a table
	Empty    bool   // a heading with no body: the daemon or vtysh does not answer
	LocalID  string // router id and AS of the speaker that shows it, where the table names them; "" and 0 otherwise
	LocalAS  uint32
	Src      schema.Evidence
}

// BFDPeer is one BFD session.
type BFDPeer struct {
	Origin     schema.Origin
	Peer       string
	Local      string
	Interface  string
	VRF        string
	Multihop   bool
	Status     string // up, down, init, shutdown
	Diagnostic string
	RemoteDiag string
	RemoteID   int64         // discriminator; 0: the other side never answered, or not shown
	Uptime     time.Duration // since up, or since down; -1 unknown
	Src        schema.Evidence
}

// NextHopState is next hop tracking of FRR ("show bgp nexthop", "show ip nht").
type NextHopState struct {
	Origin schema.Origin
	Addr   string
	Valid  bool
	Reason string // "Must be Connected", "unresolved", "resolved via connected"
	Src    schema.Evidence
}

// FRRConf is a configuration of FRR: a node's or a router's, wanted (frr.conf) or running.
type FRRConf struct {
	Origin      schema.Origin
	System      string // as BGPNeighbor.System, also "vyos"; "" is FRR
	Running     bool   // a running-config, not a file
	Status      bool   // of an FRRNodeState: as of its last change, which may be some time ago
	Version     string // frr version line
	Hostname    string
	Defaults    string // traditional, datacenter; "" not shown
	Routers     []FRRConfRouter
	RouteMaps   map[string][]string // name -> its "permit|deny SEQ" with match and set lines, one string an entry
	PrefixLists map[string][]string // name -> "permit|deny PREFIX ..."; a list of IPv6 has "ipv6 " in front of its name, for both families may use one name
	Lines       int                 // that it has
	Unknown     []string            // lines that were not understood, without secrets; a bounded number of them
	Src         schema.Evidence
}

// FRRConfRouter is one "router bgp" block.
type FRRConfRouter struct {
	ASN                uint32
	VRF, ID            string
	EBGPRequiresPolicy bool // false only where "no bgp ebgp-requires-policy" stands, or the defaults say so
	Networks           []string
	MaximumPaths       int      // 0 not set
	ListenRanges       []string // "PREFIX GROUP" of dynamic neighbors
	Relax              bool     // bestpath as-path multipath-relax
	Neighbors          []FRRConfNeighbor
	Src                schema.Evidence
}

// FRRConfNeighbor is one neighbor of a "router bgp" block.
type FRRConfNeighbor struct {
	Addr                    string // or interface, or peer group
	RemoteAS                string // number, "external", "internal"
	LocalAS                 uint32
	UpdateSource            string // address or interface
	Port                    int    // 0: not set
	Password                bool   // one is set; its text is never kept
	PasswordMark            string // the number that a bundle has for it (PasswordMark); "" when none
	MultiHop                int    // 0: not set; 255: no number
	TTLSecurity             int    // hops; 0: not set
	BFD                     bool
	BFDProfile              string
	Passive, Shutdown       bool
	Keepalive, Hold         int // 0: not set
	RouteMapIn, RouteMapOut string
	PrefixListIn            string
	PrefixListOut           string
	PeerGroup               string // the group that it belongs to
	SoftReconfig            bool
	DisableConnectedCheck   bool
	Description             string
	MaximumPrefix           int // 0: not set
	AllowASIn               bool
	Activated               []string // address families: "ipv4 unicast"
	Src                     schema.Evidence
}

// Interface is a network interface of a machine.
type Interface struct {
	Origin  schema.Origin
	Name    string
	Index   int      // 0 when not shown
	Flags   []string // UP, LOWER_UP, BROADCAST, NOARP, MULTICAST, ...
	MTU     int      // bytes; 0 when not shown
	State   string   // UP, DOWN, UNKNOWN
	MAC     string   // "" when it has none, or it is not shown
	Master  string   // bridge or bond that it is a port of; "" when none is shown
	Kind    string   // veth, bridge, vxlan, wireguard, vlan, ...; "" when not shown
	Addrs   []netip.Prefix
	AddrSrc map[string]schema.Evidence // by address
	Src     schema.Evidence
}

// IPRule is one routing policy rule.
type IPRule struct {
	Origin   schema.Origin
	Priority int
	Text     string // the rule without its priority
	Src      schema.Evidence
}

// Neighbor is an entry of a neighbour (ARP, NDP) table.
type Neighbor struct {
	Origin schema.Origin
	Addr   string
	MAC    string // "" when unresolved
	Device string
	State  string // REACHABLE, STALE, FAILED, INCOMPLETE, PERMANENT, ...
	Src    schema.Evidence
}

// Sysctl is one kernel setting.
type Sysctl struct {
	Origin schema.Origin
	Name   string // net.ipv4.conf.eth0.rp_filter
	Value  string
	Src    schema.Evidence
}

// FirewallRule is a rule or chain of iptables or nft that may matter: drops, rejects, policies, rules that name a load
// balancer's address or a port of MetalLB. Rules of kube-proxy are counted in FirewallTables.
type FirewallRule struct {
	Origin  schema.Origin
	Family  string // iptables, ip6tables, nft FAMILY
	Table   string
	Chain   string
	Hook    string // of the base chain
	Text    string
	Verdict string // DROP, REJECT, ACCEPT, DNAT, ...
	Policy  bool   // it is the chain's policy
	Packets int64  // -1 unknown
	// Passes are the rules of the chain, where this is the policy of one of the forward hook, that may let traffic to pods through before the
	// policy takes it: an accept, or a jump to a chain. Those for established connections alone and a container engine's own are left out.
	Passes []string
	Src    schema.Evidence
}

// FirewallTables is the sum of one dump of iptables or nft.
type FirewallTables struct {
	Origin         schema.Origin
	Tool           string // iptables, nft
	Lines          int
	KubeRules      int // rules of KUBE-SVC, KUBE-EXT, ... chains
	Cilium, Calico int
	// Addresses are load-balancer or external addresses for which kube-proxy's chains have rules.
	Addresses map[string]schema.Evidence
	// Filter is what the command kept of the dump (the pattern of a grep, a table or chain by name); "" is the whole dump.
	Filter string
	Src    schema.Evidence
}

// VirtualServer is one service of IPVS.
type VirtualServer struct {
	Origin  schema.Origin
	Proto   string
	Addr    string
	Port    int
	Real    []string // ADDRESS:PORT of each endpoint
	Weights []int    // of each Real
	Src     schema.Evidence
}

// Socket is a socket of ss or netstat.
type Socket struct {
	Origin                schema.Origin
	Proto, State          string
	LocalAddr, RemoteAddr string
	LocalPort, RemotePort int
	Process               string
	Src                   schema.Evidence
}

// Probe is an attempt to reach an address that somebody made and showed: arping, ping, curl, wget, nc, telnet, traceroute.
type Probe struct {
	Origin   schema.Origin
	Tool     string // arping, ping, curl, nc, telnet, traceroute, ...
	Target   string // as typed: host or address, without scheme and port
	URL      string // as typed, where a URL was; "" otherwise
	Addr     string // IP where known
	Port     int    // 0 unknown
	From     string // who ran it: node, pod, host, "client", ""; FromKind says which
	FromKind string // "node", "pod", "client", ""
	Iface    string
	OK       bool // an answer came (any HTTP status, a TCP connection, an echo reply)
	Partial  bool // some answers came, some did not
	// Outcome is one of the words of OutcomeTimeout and the others, or "http STATUS". Where Partial is true it is that of the
	// attempts that failed.
	Outcome        string
	Status         int      // HTTP status; 0 when none came
	MACs           []string // arping: who answered, in order of first answer
	Sent, Received int
	LargeFails     bool // small ones work and large ones do not (ping -s, "stalled", partial body)
	TTL            int
	Hops           []string        // traceroute
	Body           string          // first line of what a server said
	Answers        []string        // distinct first lines of bodies, in order, at most AnswersKept
	Took           []float64       // seconds that the attempts took, where shown, in order, at most AnswersKept
	Repeated       bool            // a loop: Sent and Received count its attempts
	Src            schema.Evidence // the line of the outcome
	CmdSrc         schema.Evidence // the line of the command; zero when not shown
}

// The outcomes of a Probe besides "http STATUS".
const (
	OutcomeTimeout     = "timeout"      // no answer to the attempt to connect (curl's 000 of a loop: OutcomeNoAnswer)
	OutcomeRefused     = "refused"      // a reset answered the SYN
	OutcomeReset       = "reset"        // the connection was set up and then reset
	OutcomeNoRoute     = "no route"     // "No route to host": mostly nobody answers ARP, or an ICMP prohibits
	OutcomeUnreachable = "unreachable"  // "Network is unreachable": the machine that asked, or a router, has no route
	OutcomeFiltered    = "filtered"     // an ICMP says administratively prohibited, or a scan says filtered
	OutcomeNoAnswer    = "no answer"    // nothing came, and nothing says more
	OutcomeStalled     = "stalled"      // connected, and then nothing, or not all, came
	OutcomeEmpty       = "empty reply"  // connected, and closed without an answer
	OutcomeConnected   = "connected"    // TCP is up; nothing was asked or shown
	OutcomeAnswered    = "answered"     // an echo reply, an ARP reply, a body without a status
	OutcomeTLS         = "tls error"    // the server speaks TLS and the client does not like it, or the other way round
	OutcomeDNS         = "dns"          // the name has no address
	OutcomeTTL         = "ttl exceeded" // a loop of routes
	OutcomeRedirect    = "redirect"     // only ICMP redirects came
	OutcomeProhibited  = "not permitted"
	OutcomeFailed      = "failed" // no connection, and nothing says why (curl's exit status 7)
	OutcomeSilent      = "silent" // the command shows nothing either way
)

// AnswersKept bounds Probe.Answers and Probe.Took.
const AnswersKept = 32

// Packet is a line of tcpdump text that was understood.
type Packet struct {
	Origin           schema.Origin
	Time             string
	Iface            string // of tcpdump -i any
	Dir              string // In, Out, ""
	SrcMAC, DstMAC   string
	Proto            string // arp, ndp, tcp, udp, icmp, icmp6, bgp, vxlan, ...
	SrcAddr, DstAddr string
	SrcPort, DstPort int
	Flags            string // tcp: S, S., R, R., F., P., .
	ARP              string // request, reply
	Target           string // of ARP and NDP: the address asked for or told
	MAC              string // of ARP reply, NDP advertisement
	Checksum         string // "bad" where tcpdump says so
	Text             string
	Src              schema.Evidence
}

// Packets is a run of tcpdump text: what it could have seen.
type Packets struct {
	Origin schema.Origin
	Iface  string
	Filter string
	Counts map[string]int // "N packets captured", "dropped by kernel"
	List   []Packet       // at most PacketsKept; what is kept is first of each kind (endpoints, flags), and Count has all
	Total  int
	Src    schema.Evidence
}

// PacketsKept bounds the packets of one tcpdump text that are kept.
const PacketsKept = 400

// Remark is something in text that no format above takes and a check may use: an error that a command printed, a sentence of
// a person that names a fact, a line of another program's log. ID is one of the constants in remarks.go, each with what Value
// and the other fields then hold. A remark that a member repeats is kept once and counted.
type Remark struct {
	Origin                     schema.Origin
	ID                         string
	Service, Addr, Node, Value string
	Time                       time.Time
	Text                       string
	Count                      int // times the member says it
	Src                        schema.Evidence
}

// CommandRun is a command that somebody typed, and whether it printed anything.
type CommandRun struct {
	Origin schema.Origin
	Text   string
	Output int // lines of output
	Src    schema.Evidence
}
