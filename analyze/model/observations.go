package model

import "github.com/metallb-assay/assay/schema"

// Observations is what members say, in the order in which they say it. The zero value is empty and ready to use.
type Observations struct {
	Objects
	Listings  []Listing
	Logs      []*Log
	Metrics   []Metric
	Neighbors []BGPNeighbor
	Routes    []Route
	Tables    []TableShown
	BFD       []BFDPeer
	NextHops  []NextHopState
	FRRConfs  []FRRConf
	Versions  []VersionSeen
	Ifaces    []Interface
	Rules     []IPRule
	ARP       []Neighbor
	Sysctls   []Sysctl
	Firewall  []FirewallRule
	Firewalls []FirewallTables
	IPVS      []VirtualServer
	Sockets   []Socket
	Probes    []Probe
	Captures  []Packets
	Remarks   []Remark
	Commands  []CommandRun
	Members   []MemberSeen
	Turned    []Turned
	Steps     []StepSeen
}

// StepSeen is a step of the collection that made a bundle, and where its trailer tells of it.
type StepSeen struct {
	schema.Step
	Src schema.Evidence
}

// Turned is a log that was attached newest first: evidence in it counts lines from its end, until the report is made.
type Turned struct {
	Path        string
	First, Last int // its lines in the file as attached
}

// VersionSeen is a version that something names: Of is "metallb", "frr-k8s", "frr", "kubernetes", "chart", "cni NAME".
type VersionSeen struct {
	Of, Version string
	Strength    int // how far it can be trusted: 3 a start line, 2 an image tag, 1 a label or chart name, 0 what a person wrote
	Src         schema.Evidence
}

// MemberSeen is what became of one member.
type MemberSeen struct {
	Origin schema.Origin
	Read   string // whole, part, not
	Why    string // why not whole; "" otherwise
	Lines  int    // that the member has, as far as it was read
	// Taken, Ignored and Unread count lines (or objects) by what the parser made of them: used, passed over by a rule that has
	// a name, not understood.
	Taken, Ignored, Unread int
	Src                    schema.Evidence // first line that was not understood; zero when there is none
}
