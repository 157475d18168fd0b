package logs

import (
	"bytes"

	"github.com/metallb-assay/assay/analyze/parse/lines"
)

// field is a key of a JSON log line that the tables know.
type field uint8

// The keys. Those from fieldDumps on end the reading of the line: what follows is a dump, or nothing that a table asks for.
const (
	fieldNone field = iota
	fieldCaller
	fieldLevel
	fieldTime
	fieldController
	fieldEvent
	fieldOp
	fieldMsg
	fieldError
	fieldReason
	fieldService
	fieldName
	fieldNamespace
	fieldIP
	fieldIPs
	fieldPool
	fieldProtocol
	fieldPeer
	fieldNodes
	fieldInterface
	fieldCause
	fieldComponent
	fieldNodeName
	fieldNodeEvent
	fieldVersion
	fieldWebhook
	fieldAction
	fieldLogger
	fieldType
	fieldNumAds
	fieldJoined
	fieldExpected
	fieldStart
	fieldEnd
	fieldFiltered
	fieldConfig
	fieldStatus
	fieldKind
	fieldEndpointSlice
	fieldLocalASN
	fieldPeerASN
	fieldAnnotation
	fieldOtherOthers // keys without a constant: the first of a line is kept with its name

	fieldDumps
	fieldEnqueueing
	fieldProcessing
	fieldReprocessing
	fieldRendered
	fieldResources
	fieldState
	fieldNodeState
	fieldFRRDump
	fieldStack
	fieldCount
)

// fieldOf knows a key.
func fieldOf(key []byte) field {
	switch string(key) {
	case "caller":
		return fieldCaller
	case "level":
		return fieldLevel
	case "ts":
		return fieldTime
	case "controller":
		return fieldController
	case "event":
		return fieldEvent
	case "op":
		return fieldOp
	case "msg", "message":
		return fieldMsg
	case "error", "err", "error ?":
		return fieldError
	case "reason":
		return fieldReason
	case "service":
		return fieldService
	case "name":
		return fieldName
	case "namespace":
		return fieldNamespace
	case "ip":
		return fieldIP
	case "ips":
		return fieldIPs
	case "pool":
		return fieldPool
	case "protocol":
		return fieldProtocol
	case "peer":
		return fieldPeer
	case "nodes":
		return fieldNodes
	case "interface":
		return fieldInterface
	case "start reconcile":
		return fieldStart
	case "end reconcile":
		return fieldEnd
	case "enqueueing":
		return fieldEnqueueing
	case "processing service":
		return fieldProcessing
	case "reprocessing service":
		return fieldReprocessing
	case "rendered config":
		return fieldRendered
	case "metallb CRs and Secrets", "metallb CRs":
		return fieldResources
	}
	return rareField(key)
}

func rareField(key []byte) field {
	switch string(key) {
	case "cause":
		return fieldCause
	case "component":
		return fieldComponent
	case "node name":
		return fieldNodeName
	case "node event":
		return fieldNodeEvent
	case "version":
		return fieldVersion
	case "webhook":
		return fieldWebhook
	case "action":
		return fieldAction
	case "logger":
		return fieldLogger
	case "type":
		return fieldType
	case "numAds":
		return fieldNumAds
	case "joined":
		return fieldJoined
	case "expected":
		return fieldExpected
	case "filtered service":
		return fieldFiltered
	case "config":
		return fieldConfig
	case "status":
		return fieldStatus
	case "controllerKind":
		return fieldKind
	case "epslice":
		return fieldEndpointSlice
	case "localASN":
		return fieldLocalASN
	case "peerASN":
		return fieldPeerASN
	case "annotation":
		return fieldAnnotation
	case "created state", "updated state":
		return fieldState
	case "updated nodestate":
		return fieldNodeState
	case "frr config", "k8s config", "log level controller", "log level FRR":
		return fieldFRRDump
	case "stacktrace", "errorVerbose":
		return fieldStack
	}
	return fieldOtherOthers
}

// record is one JSON log line, taken apart. Values are as they stand in the line: the text of a string still escaped, anything else
// as JSON. They are valid until the next line.
type record struct {
	has    uint64
	value  [fieldDumps][]byte
	stop   field  // the key of fieldDumps and up that ended the reading; fieldNone when the whole line was read
	dump   []byte // the line from the value of that key on, behind its first quote
	key    []byte // the first key that is none of the fields, and its value
	keyed  []byte
	broken bool // no whole JSON object: cut, or a value that is none
}

// get is a value of the line; nil when the key is not there.
func (r *record) get(f field) []byte {
	if r.has&(1<<f) == 0 {
		return nil
	}
	return r.value[f]
}

func (r *record) set(f field, v []byte) {
	r.has |= 1 << f
	r.value[f] = v
}

// parse takes a line apart; it returns false for what does not begin as a JSON object of a log line does.
func (r *record) parse(line []byte) bool {
	r.has, r.stop, r.dump, r.key, r.keyed, r.broken = 0, fieldNone, nil, nil, nil, false
	if len(line) < 2 || line[0] != '{' {
		return false
	}
	p := skipBlanks(line, 1)
	if p >= len(line) || line[p] != '"' {
		return false
	}
	for p < len(line) && line[p] == '"' {
		key, at := keyAt(line, p)
		if at < 0 {
			break
		}
		p = at
		f := fieldOf(key)
		if f > fieldDumps {
			r.stop, r.dump = f, line[min(p+1, len(line)):]
			return true
		}
		start, stop, next := valueAt(line, p)
		if next < 0 {
			r.broken = true
			return r.has != 0
		}
		if f == fieldOtherOthers {
			if r.key == nil {
				r.key, r.keyed = key, line[start:stop]
			}
		} else {
			r.set(f, line[start:stop])
		}
		p = next
		if p < len(line) && line[p] != ',' {
			p = skipBlanks(line, p)
		}
		if p < len(line) && line[p] == '}' {
			return true
		}
		if p >= len(line) || line[p] != ',' {
			break
		}
		p++
		if p < len(line) && line[p] == ' ' {
			p = skipBlanks(line, p)
		}
	}
	r.broken = true
	return r.has != 0
}

// keyAt reads the key that begins at p, and finds where its value begins; -1 when there is none.
func keyAt(line []byte, p int) (key []byte, value int) {
	end := bytes.IndexByte(line[p+1:], '"')
	if end < 0 {
		return nil, -1
	}
	key = line[p+1 : p+1+end]
	p += end + 2
	if len(key) > 0 && key[len(key)-1] == '\\' {
		// a key with an escaped quote in it is none that a table knows
		if end = lines.StringEnd(line, p); end < 0 {
			return nil, -1
		}
		p = end + 1
	}
	p = skipBlanks(line, p)
	if p >= len(line) || line[p] != ':' {
		return nil, -1
	}
	return key, skipBlanks(line, p+1)
}

func skipBlanks(b []byte, p int) int {
	for p < len(b) && (b[p] == ' ' || b[p] == '\t') {
		p++
	}
	return p
}

// valueAt finds the JSON value at p: its text (of a string, what is between the quotes) and where the line goes on; next is -1
// when it does not end.
func valueAt(b []byte, p int) (start, stop, next int) {
	if p >= len(b) {
		return 0, 0, -1
	}
	switch b[p] {
	case '"':
		end := lines.StringEnd(b, p+1)
		if end < 0 {
			return 0, 0, -1
		}
		return p + 1, end, end + 1
	case '[', '{':
		end := nestedEnd(b, p)
		return p, end, end
	}
	for i := p; i < len(b); i++ {
		if b[i] == ',' || b[i] == '}' {
			return p, i, i
		}
	}
	return 0, 0, -1
}

// nestedEnd is the index behind the array or object that begins at p; -1 when it does not end.
func nestedEnd(b []byte, p int) int {
	depth := 0
	for p < len(b) {
		switch b[p] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth == 0 {
				return p + 1
			}
		case '"':
			p = lines.StringEnd(b, p+1)
			if p < 0 {
				return -1
			}
		}
		p++
	}
	return -1
}

// stringsOf reads a JSON array of strings, or a single string's text; null and junk give none.
func stringsOf(b []byte, intern func([]byte) string) []string {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	if b[0] != '[' {
		return []string{intern(b)}
	}
	return appendStrings(nil, b, intern)
}

// appendStrings appends the strings of a JSON array to all.
func appendStrings(all []string, b []byte, intern func([]byte) string) []string {
	for p := 1; p < len(b) && len(all) < maxStrings; {
		if b[p] != '"' {
			p++
			continue
		}
		end := lines.StringEnd(b, p+1)
		if end < 0 {
			break
		}
		if end > p+1 {
			all = append(all, intern(b[p+1:end]))
		}
		p = end + 1
	}
	return all
}

// maxStrings is how many elements of a list in a line are kept.
const maxStrings = 4096

// plain is the text of a JSON string value; it allocates only where there is something to unescape.
func plain(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	return lines.Unescape(make([]byte, 0, len(b)), b)
}
