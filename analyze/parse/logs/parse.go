package logs

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// parser reads one member, which may hold the logs of several containers (Origin.Wrap names them).
type parser struct {
	origin schema.Origin
	index  int
	out    *model.Observations
	scan   *lines.Scanner
	seen   model.MemberSeen
	logs   map[podName]*reading
	order  []*reading
	line   record
	text   []byte // the present line without wrapper
	stamp  []byte // the time that the present line's wrapper or the line itself has, as written
	at     time.Time
	timed  bool // at was worked out for the present line
	year   int  // of the last time seen, for klog lines, which have none
	plain  []byte
	slow   bool // every line is taken apart, for tests
}

type podName struct{ namespace, pod, container string }

// reading is the log of one container while it is read.
type reading struct {
	p      *parser
	log    *model.Log
	format format // of the last line, for the lines that belong to it

	events           map[string]*tracked
	order            []*tracked
	lesser           int
	nodes            int // names in elections' lists
	recent           int // occurrences kept besides first and last
	recentOfServices int
	lists            map[string]int // distinct lists by Service
	names            map[string]string
	quick            quick
	keyed            []byte
	scratch          []byte
	asn              []byte
	sight            sighting // scratch
	noted            *tracked // event of the last line that was noted

	service      string   // of the reconcile that the lines stand in; "" outside
	reprocessing bool     // inside the handling of all Services
	orphan       *orphan  // a failure whose Service the next line may name
	election     *tracked // the last election, until its outcome is known
	frr          map[string]*frrMessage
	reload       reloadState
	sure         bool // the component is known by what the lines say
	started      bool // a start line was seen, no member yet
	refused      bool // the configuration was refused, and no good load came since
	spotless     bool // inside a reconcile of the configuration that has no error so far
	webhookLine  int  // of the last sign that the webhook serves
	reloadedLine int
	dump         dumped
	services     map[string]*dumped
	last         lastLine
}

// format is how a line is written.
type format uint8

const (
	formatNone format = iota
	formatJSON
	formatKlog
	formatFRR
	formatReload
	formatTrace
	formatOther
)

// Parse reads a log of o.Kind log, frr-log, reloader-log or other-log, and appends what it says to out: a model.Log for each
// container that the member holds. It never fails; what it could not read is counted, with the first such line.
func Parse(o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen {
	p := &parser{origin: o, index: index, out: out, scan: lines.New(o, r), logs: map[podName]*reading{}}
	p.seen = model.MemberSeen{Origin: o, Read: "whole"}
	p.run()
	return p.seen
}

// run reads all lines.
func (p *parser) run() {
	o := p.origin
	l := p.reading(podName{o.Namespace, o.Pod, o.Container})
	var current podName
	for p.scan.Scan() {
		if o.Wrap == schema.WrapPrefix || o.Wrap == schema.WrapStern {
			ns, pod, container := p.scan.Pod()
			if name := (podName{ns, pod, container}); name != current {
				current, l = name, p.reading(name)
			}
		}
		if text := p.scan.Text(); len(text) > 0 && text[0] != '{' && p.headings() {
			if name, ok := headingOf(text); ok {
				l = p.reading(name)
				p.seen.Ignored++
				continue
			}
		}
		l.take()
	}
	p.finish()
}

// headings tells whether the member may hold the logs of several pods under headings: nothing else says whose log it is.
func (p *parser) headings() bool {
	return p.origin.Pod == "" && (p.origin.Wrap == schema.WrapNone || p.origin.Wrap == schema.WrapTimestamps)
}

// finish closes the logs in the order in which they began.
func (p *parser) finish() {
	p.seen.Lines = p.scan.Lines()
	for _, l := range p.order {
		l.flushOrphan()
		l.endTime()
		l.close()
		l.dumps()
		if l.log.Origin.Pod == "" && len(l.log.Events) == 0 && len(p.order) > 1 {
			continue // lines between the pods' own: a prompt, what stern says of itself
		}
		p.out.Logs = append(p.out.Logs, l.log)
	}
	switch err := p.scan.Err(); {
	case err != nil:
		p.seen.Read, p.seen.Why = "part", fmt.Sprintf("reading stopped after line %d: %v", p.seen.Lines, err)
	case p.scan.Cut > 0:
		p.seen.Read, p.seen.Why = "part", fmt.Sprintf("has lines longer than 1 MiB, which were cut (%d)", p.scan.Cut)
	}
}

// reading is the log of a container; beyond maxLogs all others share the last one.
func (p *parser) reading(name podName) *reading {
	if l, ok := p.logs[name]; ok {
		return l
	}
	if len(p.order) >= maxLogs {
		return p.order[len(p.order)-1]
	}
	o := p.origin
	if name.pod != "" {
		o.Pod, o.Container = name.pod, name.container
		if name.namespace != "" {
			o.Namespace = name.namespace
		}
		if o.Pod != p.origin.Pod {
			o.Node = ""
		}
	}
	l := &reading{p: p, events: map[string]*tracked{}, lists: map[string]int{}, names: map[string]string{}, services: map[string]*dumped{}}
	l.log = &model.Log{Origin: o, Index: p.index, Component: componentOf(o)}
	p.logs[name] = l
	p.order = append(p.order, l)
	return l
}

// componentOf is the program by the container's name, or by the kind of log; "" when only the lines can tell.
func componentOf(o schema.Origin) model.Component {
	switch o.Kind {
	case schema.KindFRRLog:
		return model.FRR
	case schema.KindReload:
		return model.Reloader
	case schema.KindOtherLog:
		return model.OtherProgram
	}
	switch o.Container {
	case "speaker", "metallb-speaker":
		return model.Speaker
	case "controller":
		// frr-k8s calls its own container that too, since v0.0.23
		if strings.Contains(o.Pod, "frr-k8s") {
			return model.FRRK8s
		}
		return model.Controller
	case "metallb-controller":
		return model.Controller
	case "frr":
		return model.FRR
	case "reloader":
		return model.Reloader
	case "frr-metrics":
		return model.FRRMetrics
	case "frr-status":
		return model.FRRStatus
	case "frr-k8s":
		return model.FRRK8s
	case "statuscleaner", "frr-k8s-statuscleaner", "frr-k8s-webhook-server", "webhook-server":
		return model.StatusCleaner
	case "kube-rbac-proxy", "kube-rbac-proxy-frr":
		return model.OtherProgram
	}
	return ""
}

// is tells the log which program writes it, where that is not known better. A start line knows best.
func (l *reading) is(c model.Component, surely bool) {
	if l.log.Component == "" || surely && !l.sure {
		l.log.Component = c
	}
}

// take reads one line.
func (l *reading) take() {
	p := l.p
	l.log.Lines++
	p.text, p.stamp, p.timed = p.scan.Text(), p.scan.Stamp(), false
	p.line.has, p.line.stop = 0, fieldNone
	if len(p.text) > 0 && p.text[0] == '{' && (!p.slow && l.takeQuick() || l.takeJSON()) {
		l.format = formatJSON
		return
	}
	l.takePlain()
}

// takePlain reads a line that is no JSON log line.
func (l *reading) takePlain() {
	p := l.p
	if bytes.IndexByte(p.text, 0x1b) >= 0 {
		p.plain = lines.StripColour(p.plain[:0], p.text)
		p.text = p.plain
	}
	if p.stamp == nil {
		if stamp, rest, ok := lines.CutStamp(p.text); ok {
			p.stamp, p.text = stamp, rest
		}
	}
	text := bytes.TrimRight(p.text, " \t")
	if len(text) == 0 {
		p.seen.Ignored++
		return
	}
	switch {
	case text[0] == '(' && string(text) == schema.LogGap:
		l.gap()
	case text[0] == '{' && l.takeJSON():
		l.format = formatJSON
	case l.takeKlog(text):
		l.format = formatKlog
	case l.takeFRR(text):
		l.format = formatFRR
	case l.takeOpen(text):
		l.format = formatOther
	case l.takePanic(text):
		l.format = formatTrace
	case l.takeReload(text):
		l.format = formatReload
	case l.takeLine(text):
		l.format = formatOther
	case l.continues(text):
		p.seen.Ignored++
	default:
		l.unread()
	}
}

// gap begins anew behind lines that the collection left out: no reconcile, election or failure goes on there.
func (l *reading) gap() {
	l.leaveReconcile()
	l.spotless, l.noted = false, nil
	l.p.seen.Ignored++
}

// unread counts a line of no known format.
func (l *reading) unread() {
	l.log.Unread++
	l.p.seen.Unread++
	if l.p.seen.Src.Member == "" {
		l.p.seen.Src = l.p.scan.Evidence()
	}
}

// ignore counts a line that is known and says nothing for a check.
func (l *reading) ignore() { l.p.seen.Ignored++ }
