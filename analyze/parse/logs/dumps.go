package logs

import (
	"bytes"
	"sort"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
)

// Limits of the objects that a log prints.
const (
	maxDump     = 4 << 20  // bytes of the configuration's resources
	maxService  = 32 << 10 // bytes of a Service
	maxServices = 64       // Services of a log
)

// The words of Dump.What.
const (
	dumpResources = "resources"
	dumpService   = "service"
)

// dumped is the last text of its kind, still escaped as it stands in the line.
type dumped struct {
	text []byte
	spot spot
}

func (d *dumped) set(text []byte, at time.Time, line int, raw []byte) {
	d.text = append(d.text[:0], text...)
	d.spot.set(at, line, raw)
}

// ownNode keeps the speaker's node by a line that names it; an empty name changes nothing.
func (l *reading) ownNode(name []byte) {
	if len(name) > 0 {
		l.log.Node, l.log.NodeGuess = l.intern(name), false
	}
}

// takeDump reads a line that prints an object. Nothing behind the key is looked at but what is asked for here.
func (l *reading) takeDump(r *record, level string) {
	switch r.stop {
	case fieldResources:
		l.takeResources(r, level)
		return
	case fieldReprocessing:
		l.takeReprocessing(r)
	case fieldProcessing:
		l.keepBalanced(r.dump)
	case fieldState:
		if (l.log.Node == "" || l.log.NodeGuess) && string(r.get(fieldController)) == "Layer2StatusReconciler" {
			l.ownNode(escapedValue(r.dump, `\"metallb.io/node\":\"`))
		}
	case fieldNodeState:
		if l.log.Node == "" || l.log.NodeGuess {
			l.ownNode(escapedValue(r.dump[:min(len(r.dump), 400)], `\"name\":\"`))
		}
	}
	if l.log.Component == "" || !l.sure {
		l.learn(r.get(fieldController))
	}
	l.log.Debug = true
	switch r.stop {
	case fieldEnqueueing, fieldRendered, fieldFRRDump:
		l.skipFromNow(skipLine)
	case fieldState, fieldNodeState:
		if l.log.Node != "" {
			l.skipFromNow(skipLine)
		}
	}
	l.ignore()
}

// takeResources keeps the configuration's resources, and reads the refusal that may print them.
func (l *reading) takeResources(r *record, level string) {
	if text := dumpText(r.dump); text != nil && len(text) <= maxDump {
		l.dump.set(text, l.p.time(), l.p.scan.Number(), l.p.scan.Raw())
	}
	if !l.sure {
		l.learn(r.get(fieldController))
	}
	event := r.get(fieldEvent)
	if reason, ok := bytes.CutPrefix(event, []byte("reload failed, ")); ok {
		l.note(&sighting{id: model.MsgConfigRejected, level: level, text: "reload failed", reason: reason})
		return
	}
	l.log.Debug = true
	l.ignore()
}

// takeReprocessing: inside the handling of all Services this line at debug level comes before what is done about each.
func (l *reading) takeReprocessing(r *record) {
	l.flushOrphan()
	l.election = nil
	head := r.dump[:min(len(r.dump), 1500)]
	name, namespace := escapedValue(head, `\"name\":\"`), escapedValue(head, `\"namespace\":\"`)
	if name == nil || namespace == nil {
		l.service = ""
		return
	}
	l.keyed = append(append(append(l.keyed[:0], namespace...), '/'), name...)
	l.service = l.intern(l.keyed)
	l.keepBalanced(r.dump)
}

// keepBalanced keeps the text of the Service that is handled, if it is of type LoadBalancer: at debug level MetalLB prints every
// Service of the cluster.
func (l *reading) keepBalanced(dump []byte) {
	if l.service == "" {
		return
	}
	if _, ok := l.services[l.service]; ok || len(l.services) < maxServices && isLoadBalancer(dump) {
		l.keepService(l.service, dumpText(dump))
	}
}

// escapedValue is what stands behind a key in an escaped JSON text, up to the next backslash; nil when the key is not there.
func escapedValue(text []byte, key string) []byte {
	i := bytes.Index(text, []byte(key))
	if i < 0 {
		return nil
	}
	rest := text[i+len(key):]
	if end := bytes.IndexByte(rest, '\\'); end > 0 && end <= 253 {
		return rest[:end]
	}
	return nil
}

func isLoadBalancer(text []byte) bool {
	return bytes.Contains(text, []byte(`\"type\":\"LoadBalancer\"`))
}

// dumpText is the value whose text begins at dump: the key ts follows it as the last one. Nil when the line was cut.
func dumpText(dump []byte) []byte {
	from := max(0, len(dump)-tailBytes)
	i := bytes.LastIndex(dump[from:], []byte(`","ts":"`))
	if i < 0 {
		return nil
	}
	return dump[:from+i]
}

// keepService keeps the last text of a Service; of later Services than the first 64 there is none.
func (l *reading) keepService(name string, text []byte) {
	if text == nil || len(text) > maxService {
		return
	}
	d, ok := l.services[name]
	if !ok {
		if len(l.services) >= maxServices {
			return
		}
		d = &dumped{}
		l.services[name] = d
	}
	d.set(text, l.p.time(), l.p.scan.Number(), l.p.scan.Raw())
}

// dumps puts the texts into the log, the configuration's first, then the Services' by their lines.
func (l *reading) dumps() {
	add := func(what string, d *dumped) {
		l.log.Dumps = append(l.log.Dumps, model.Dump{What: what, Text: string(lines.Unescape(nil, d.text)), Seen: d.spot.seen(l.p.origin)})
	}
	if l.dump.text != nil {
		add(dumpResources, &l.dump)
	}
	services := make([]*dumped, 0, len(l.services))
	for _, d := range l.services {
		services = append(services, d)
	}
	sort.Slice(services, func(i, j int) bool { return services[i].spot.line < services[j].spot.line })
	for _, d := range services {
		add(dumpService, d)
	}
	l.dump, l.services = dumped{}, nil
}
