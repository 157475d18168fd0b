package logs

import (
	"bytes"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
)

// startMessages are what programs say when they start, stop, or cannot run. Rows: component, level, text and releases as in the
// facts on log messages.
var startMessages = []message{
	{msg: "MetalLB speaker starting*", id: model.MsgStart, do: startOf(model.Speaker)},
	{msg: "MetalLB controller starting*", id: model.MsgStart, do: startOf(model.Controller)},
	{msg: "FRR metrics exporter starting*", id: model.MsgStart, do: startOf(model.FRRMetrics)},

	{event: "startUpdate", debug: true},
	{event: "endUpdate", debug: true, ends: true},
	{event: "noChange", debug: true},
	{event: "stateSynced"},

	{op: "startup", msg: "The FRR mode is deprecated*"},
	{op: "startup", msg: "no ml-secret-key set*", id: model.MsgSecretBad},
	{op: "startup", msg: "failed to read memberlist secret key file", id: model.MsgSecretBad},
	{op: "startup", msg: "failed to create memberlist secret", id: model.MsgSecretBad},
	{op: "startup", msg: "not starting fast dead node detection*", id: model.MsgMemberOff},
	{op: "startup", msg: "Not starting fast dead node detection*", id: model.MsgMemberOff},
	{op: "startup", msg: "when memberlist is disabled*", id: model.MsgMemberOff},
	{op: "startup", msg: "failed to get PodsIPs", id: model.MsgJoinFailed},
	{op: "startup", msg: "Memberlist join", do: memberJoined},
	{op: "startup", level: "error", id: model.MsgFatal, do: fatal},
	{op: "startup", level: "warn", id: model.MsgOther, do: fatal},
	{op: "startup", do: quietUnlessError},
	{op: "Run"},
	{op: "New"},
	{op: "CreateMlSecret", level: "error", id: model.MsgSecretBad},
	{op: "CreateMlSecret"},
	{op: "shutdown"},
	{op: "listenAndServe", id: model.MsgFatal, do: fatal},
	{msg: "using BGP debounce timeout"},
	{msg: "invalid BGP debounce timeout value*", id: model.MsgFatal},
	{msg: "unable to start manager", id: model.MsgFatal},
	{msg: "problem running manager", id: model.MsgFatal},
	{msg: "unable to create client", id: model.MsgFatal},
	{msg: "unable to create manager", id: model.MsgFatal},
	{msg: "could not fetch the daemon pod", id: model.MsgFatal},
	{msg: "failed to parse *", level: "error", id: model.MsgFatal},
	{msg: "unable to create controller", id: model.MsgFatal, value: fieldController},
	{msg: "unable to set up *", id: model.MsgFatal},
	{key: "unable to create controller", id: model.MsgFatal, do: keyIsValue},
	{key: "unable to create", id: model.MsgFatal, do: keyIsValue},
	{key: "unable to set up", id: model.MsgFatal, do: keyIsValue},
	{key: "unable to get speaker pod itself", id: model.MsgFatal, do: keyIsError},

	{op: "getConfigMap", id: model.MsgOther},
	{op: "getService", id: model.MsgOther},
	{op: "getEndpoints", id: model.MsgOther},
	{op: "getEndpointSlices", id: model.MsgOther},
	{op: "getNode", id: model.MsgOther},
	{op: "SliceUpdate", id: model.MsgOther, benign: true},
	{op: "SliceAdd", id: model.MsgOther, benign: true},
	{op: "SliceDelete", id: model.MsgOther, benign: true},

	// frr-metrics: vtysh cannot be run, daemons are missing
	{msg: "Starting exporter"},
	{msg: "failed to fetch BFD peers*", id: model.MsgFRRDaemon, of: model.FRRMetrics},
	{msg: "failed to fetch BGP neighbors*", id: model.MsgFRRDaemon, of: model.FRRMetrics},
	{msg: "failed to configure TLS", id: model.MsgFatal},
	{msg: "failed to create metrics handler", id: model.MsgFatal},
	{key: "daemons not running. got: ", id: model.MsgFRRDaemon, do: daemonsMissing},
	{key: "failed to call show daemons", id: model.MsgFRRDaemon, do: keyIsError},
}

// startOf reads a start line: the release that runs, and where a new run of the program begins.
func startOf(c model.Component) func(l *reading, r *record, s *sighting) bool {
	return func(l *reading, r *record, s *sighting) bool {
		version := r.get(fieldVersion)
		if len(version) == 0 {
			version = versionIn(r.get(fieldMsg))
		}
		l.begin(c, string(plain(version)), s)
		return true
	}
}

// versionIn finds "version X" in a text; empty on builds of a branch.
func versionIn(text []byte) []byte {
	_, rest, ok := bytes.Cut(text, []byte("version "))
	if !ok {
		return nil
	}
	word, _, _ := bytes.Cut(rest, []byte(" "))
	return word
}

// begin notes that a run of a program begins.
func (l *reading) begin(c model.Component, version string, s *sighting) {
	version = strings.TrimPrefix(strings.TrimSpace(version), "version ")
	version, _, _ = strings.Cut(version, " ")
	if version != "" && version[0] >= '0' && version[0] <= '9' {
		version = "v" + version
	}
	if len(version) < 2 || version[0] != 'v' || version[1] < '0' || version[1] > '9' || len(version) > 40 {
		version = ""
	}
	if version == "v0.0.1" {
		version = "" // what frr-k8s prints when its build was not told its release
	}
	l.leaveReconcile()
	l.quick = quick{}
	l.log.Component, l.sure, l.started = c, true, true
	l.log.Starts++
	s.value = []byte(version)
	if version == "" {
		return
	}
	if l.log.Version != version {
		of := "metallb"
		switch c {
		case model.FRRK8s, model.FRRStatus, model.StatusCleaner:
			of = "frr-k8s"
		case model.FRR:
			of = "frr"
		}
		l.p.out.Versions = append(l.p.out.Versions, model.VersionSeen{Of: of, Version: version, Strength: 3, Src: l.p.scan.Evidence()})
	}
	l.log.Version = version
}

// fatal puts the program's own words before the error: a reader sees the two as one.
func fatal(l *reading, r *record, s *sighting) bool {
	if msg := r.get(fieldMsg); msg != nil {
		s.text = l.intern(detail(plain(msg)))
	} else if action := r.get(fieldAction); action != nil && s.err == nil {
		return false
	}
	if s.value == nil {
		s.value = plain(r.get(fieldWebhook))
	}
	return true
}

// quietUnlessError passes over what is said at start, but for an error in a release without levels.
func quietUnlessError(l *reading, r *record, s *sighting) bool {
	if s.level != "" || s.err == nil {
		return false
	}
	s.id = model.MsgFatal
	return fatal(l, r, s)
}

func keyIsValue(l *reading, r *record, s *sighting) bool {
	s.value = plain(r.keyed)
	return true
}

func keyIsError(l *reading, r *record, s *sighting) bool {
	s.err = plain(r.keyed)
	return true
}

// daemonsMissing reads the liveness handler's list: {"daemons not running. got: ":"...","missing: ":"..."}.
func daemonsMissing(l *reading, r *record, s *sighting) bool {
	s.text, s.value = "daemons not running", plain(r.keyed)
	l.is(model.FRRMetrics, false)
	return true
}
