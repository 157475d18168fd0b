package model

import (
	"time"

	"github.com/metallb-assay/assay/schema"
)

// Component is the program that wrote a log.
type Component string

// The components whose logs are understood.
const (
	Controller    Component = "controller"
	Speaker       Component = "speaker"
	FRRK8s        Component = "frr-k8s"       // its controller container
	StatusCleaner Component = "statuscleaner" // and frr-k8s' webhook
	FRR           Component = "frr"
	Reloader      Component = "reloader"
	FRRMetrics    Component = "frr-metrics"
	FRRStatus     Component = "frr-status"
	OtherProgram  Component = "other"
)

// MessageID names a kind of log message. The table of package analyze/parse/logs gives each its text, releases and meaning.
type MessageID string

// The messages that checks use. Anything at warn or error level that is none of them is MsgOther; benign noise is counted alone.
const (
	MsgStart          MessageID = "start"           // "MetalLB speaker starting version ..."; Value has the version
	MsgConfigLoaded   MessageID = "config-loaded"   // config reloaded, config (re)loaded, end of a good load
	MsgConfigSame     MessageID = "config-same"     // configuration did not change, ignoring: it is valid
	MsgConfigRefused  MessageID = "config-refused"  // refused while parsing; Error has the reason
	MsgConfigRejected MessageID = "config-rejected" // refused by a handler; Error has the reason
	MsgConfigMissing  MessageID = "config-missing"  // no configuration (v0.12), not processing, still waiting for config
	MsgReconcile      MessageID = "reconcile"       // start reconcile of a Service

	MsgAllocated     MessageID = "allocated"    // IP address assigned by controller
	MsgAllocFailed   MessageID = "alloc-failed" // IP allocation failed; Error
	MsgCleared       MessageID = "cleared"      // current IP not allowed by config, clearing; clearAssignment; Reason, Error
	MsgNoPools       MessageID = "no-pools"
	MsgBadRequest    MessageID = "bad-request"    // invalid requested loadBalancer IPs
	MsgStatusFailed  MessageID = "status-failed"  // failed to update service status; Error
	MsgStatusWritten MessageID = "status-written" // updated service object
	MsgHandleFailed  MessageID = "handle-failed"  // failed to handle service
	MsgFiltered      MessageID = "filtered"       // filtered service: of another class
	MsgDeleted       MessageID = "deleted"        // service deleted

	MsgAnnounced      MessageID = "announced"       // serviceAnnounced
	MsgWithdrawn      MessageID = "withdrawn"       // serviceWithdrawn; Reason
	MsgNotOwner       MessageID = "not-announcing"  // debug: this node does not announce; Reason
	MsgElection       MessageID = "election"        // debug: who may announce, in order; Nodes, Value the winner
	MsgAnnounceFailed MessageID = "announce-failed" // the interfaces named do not exist
	MsgUnknownIP      MessageID = "unknown-ip"      // assigned IP not allowed by config
	MsgARPRequest     MessageID = "arp-request"     // got ARP/NDP request for service IP, sending response
	MsgARPOther       MessageID = "arp-other"       // debug: a request for what is not announced; Reason
	MsgGratuitous     MessageID = "gratuitous"
	MsgResponder      MessageID = "responder"       // created ARP/NDP responder; Interface
	MsgResponderGone  MessageID = "responder-gone"  // deleted ARP/NDP responder; Interface
	MsgResponderErr   MessageID = "responder-error" // failed to create; Interface, Error

	MsgMemberJoin    MessageID = "member-join" // NodeJoin event; Value the member's node
	MsgMemberLeave   MessageID = "member-leave"
	MsgMemberSuspect MessageID = "member-suspect"
	MsgMemberError   MessageID = "member-error" // memberlist's errors: Error; Value the other side where it names one
	MsgMemberOff     MessageID = "member-off"   // not starting fast dead node detection
	MsgJoinFailed    MessageID = "join-failed"  // partially joined, failed to join; Value how many

	MsgPeerAdded     MessageID = "peer-added" // peerAdded, "peer configured": a session of this node
	MsgPeerRemoved   MessageID = "peer-removed"
	MsgSessionUp     MessageID = "session-up"
	MsgSessionDown   MessageID = "session-down"  // Error
	MsgDialFailed    MessageID = "dial-failed"   // failed to connect to peer; Error
	MsgNotification  MessageID = "notification"  // peer sent notification; Error
	MsgUpdateFailed  MessageID = "update-failed" // failed to send BGP update
	MsgOpen          MessageID = "open"          // the Go struct of an OPEN: Value "ASN HOLD ROUTERID"
	MsgAdvertise     MessageID = "advertise"     // updatedAdvertisements: numAds
	MsgReloadFailed  MessageID = "reload-failed" // speaker or frr-k8s: FRR reload failure; reloader: syntax error, not fully applied
	MsgReloadOK      MessageID = "reload-ok"
	MsgFRRK8sWrite   MessageID = "frrk8s-write"   // failed to create frrk8s configuration; Error
	MsgFRRK8sConvert MessageID = "frrk8s-convert" // failed to convert the config; Error

	MsgForbidden  MessageID = "forbidden"   // "... is forbidden: User ... cannot ..."; Error, Value "VERB RESOURCE"
	MsgAPIError   MessageID = "api-error"   // the API server cannot be reached: refused, timeout, x509; Error
	MsgNotServed  MessageID = "not-served"  // no matches for kind, the server could not find the requested resource; Value the kind
	MsgPortInUse  MessageID = "port-in-use" // address already in use; Value the address
	MsgWebhookErr MessageID = "webhook-error"
	MsgLeaderErr  MessageID = "leader-error"
	MsgPanic      MessageID = "panic"      // a Go panic, a fatal error, a crash of FRR
	MsgFatal      MessageID = "fatal"      // the program says why it ends; Error
	MsgSecretBad  MessageID = "secret-bad" // memberlist secret missing or unusable

	MsgFRRAdjChange  MessageID = "frr-adjchange"   // %ADJCHANGE; Peer, Value Up/Down, Reason
	MsgFRRNotifySent MessageID = "frr-notify-sent" // Value "2/2 (OPEN Message Error/Bad Peer AS)"
	MsgFRRNotifyRcvd MessageID = "frr-notify-received"
	MsgFRROpenFailed MessageID = "frr-open-failed" // BGP OPEN receipt failed
	MsgFRRConnect    MessageID = "frr-connect"     // debug: Connect failed N(...); Error
	MsgFRRBind       MessageID = "frr-bind"        // can't bind socket for S
	MsgFRRBFD        MessageID = "frr-bfd"         // state-change; Value "up -> down", Reason
	MsgFRRConfig     MessageID = "frr-config"      // Unknown command, unrecognized configuration; Error
	MsgFRRDaemon     MessageID = "frr-daemon"      // watchfrr: a daemon, or AllDaemons, is down or up again, crash; Value
	MsgFRRRead       MessageID = "frr-read"        // bgp_read_packet error: Connection reset by peer
	MsgFRROther      MessageID = "frr-other"       // an error of FRR that checks may quote

	MsgOther MessageID = "other" // anything at warn or error that nothing above takes; Text is it, with numbers taken out
)

// Seen is one occurrence of a message.
type Seen struct {
	Time time.Time // zero when the line has none
	Src  schema.Evidence
}

// LogEvent is a kind of message that a log has, once or often, told apart by what it is about. Fields that do not belong
// to a message are empty. A log keeps at most a bounded number of them (Log.Dropped counts the rest).
type LogEvent struct {
	ID        MessageID
	Level     string // "", debug, info, warn, error
	Text      string // the message's own words (msg, event), without values
	Service   string // NAMESPACE/NAME: of the line, or of the reconcile that it stands in
	IPs       []string
	Pool      string
	Protocol  string // layer2, bgp
	Peer      string // as printed: address, address:port, name
	Node      string
	Interface string
	Reason    string
	Error     string
	Value     string
	Nodes     []string
	Benign    bool // harmless by the table, whatever its level

	Count       int // occurrences
	First, Last Seen
	Recent      []Seen // the last few besides First, oldest first, of messages that mark a change of state or a retry; at most RecentKept
}

// RecentKept is how many occurrences a LogEvent keeps besides the first.
const RecentKept = 12

// Log is what one log (a pod's container, or its part in a file of several) says.
type Log struct {
	Origin    schema.Origin
	Component Component      // "" when neither the container's name nor the lines tell
	Version   string         // of its start line: v0.16.1; "" when it has none
	Node      string         // by what its lines say ("announcing from node", METALLB node name, Memberlist's own name); "" when unknown
	NodeGuess bool           // Node is only the first member that the speaker saw, which is mostly itself
	Synced    map[string]int // debug: with which members' addresses a speaker exchanged states, and how often: all but its own
	Lines     int            // of this log alone
	Unread    int            // lines of no known format
	Debug     bool           // it has lines of level debug
	Starts    int            // start lines seen
	First     time.Time      // of its lines; zero when none has a time
	Last      time.Time
	Events    []*LogEvent // in order of first occurrence
	Dropped   int         // sightings of distinct events beyond the limit; harmless ones go first
	Dumps     []Dump      // objects that the log itself prints
	Index     int         // number of the member
}

// Dump is a JSON text of objects that a log line prints: the last dump of the configuration's resources at debug level (What is
// "resources"), or the last text of a Service that could not be handled, or, at debug level, of one of type LoadBalancer that was
// handled (What is "service"; the first 64 Services of a log). Text is decoded JSON, bounded in size.
type Dump struct {
	What string
	Text string
	Seen Seen
}

// FirstSrc points at the first event of the log; the zero Evidence when it has none.
func (l *Log) FirstSrc() schema.Evidence {
	if len(l.Events) == 0 {
		return schema.Evidence{}
	}
	return l.Events[0].First.Src
}

// Gone maps each Service whose deletion is the log's last word on it to where that stands. A speaker may say "processing deletion" of
// one that it does not know yet; handling it again afterwards takes that back.
func (l *Log) Gone() map[string]Seen {
	gone := map[string]Seen{}
	for _, e := range l.Events {
		if e.ID == MsgDeleted && e.Service != "" {
			gone[e.Service] = e.Last
		}
	}
	if len(gone) == 0 {
		return gone
	}
	for _, e := range l.Events {
		if d, ok := gone[e.Service]; ok && e.ID != MsgDeleted && e.Last.After(d) {
			delete(gone, e.Service)
		}
	}
	return gone
}

// Find returns the events of an ID, in order of first occurrence.
func (l *Log) Find(id MessageID) []*LogEvent {
	var found []*LogEvent
	for _, e := range l.Events {
		if e.ID == id {
			found = append(found, e)
		}
	}
	return found
}

// After tells whether a was seen later than b in the same log (by line, then time).
func (a Seen) After(b Seen) bool {
	if a.Src.Member == b.Src.Member {
		return a.Src.Line > b.Src.Line
	}
	return a.Time.After(b.Time)
}

// AllDaemons stands for every daemon of FRR in the Value of MsgFRRDaemon.
const AllDaemons = "all"
