package logs

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"

	"github.com/metallb-assay/assay/analyze/model"
)

// takeOpen reads the Go value that native mode prints of each OPEN that it receives:
// struct { Version uint8; ... }{Version:0x4, ASN16:0xfdea, HoldTime:0x5a, RouterID:0xa000001, OptsLen:0x1e}.
func (l *reading) takeOpen(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("struct { Version uint8; ASN16 uint16;")) {
		return false
	}
	l.is(model.Speaker, false)
	asn, ok1 := hexField(text, "ASN16:0x")
	hold, ok2 := hexField(text, "HoldTime:0x")
	id, ok3 := hexField(text, "RouterID:0x")
	if !ok1 || !ok2 || !ok3 {
		l.ignore()
		return true
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(id))
	v := strconv.AppendUint(nil, asn, 10)
	v = strconv.AppendUint(append(v, ' '), hold, 10)
	v = netip.AddrFrom4(b).AppendTo(append(v, ' '))
	l.note(&sighting{id: model.MsgOpen, level: "info", text: "OPEN received", value: v})
	return true
}

func hexField(text []byte, key string) (uint64, bool) {
	_, rest, ok := bytes.Cut(text, []byte(key))
	if !ok {
		return 0, false
	}
	end := bytes.IndexAny(rest, ",}")
	if end < 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(rest[:end]), 16, 32)
	return n, err == nil
}

// takeLine reads lines of the programs that have no format at all, or that of the Go library.
func (l *reading) takeLine(text []byte) bool {
	switch {
	case bytes.HasPrefix(text, []byte("failed to initialize logging")):
		l.note(&sighting{id: model.MsgFatal, level: "error", text: "failed to initialize logging", err: text})
		return true
	case bytes.Contains(text, []byte("http: TLS handshake error from ")):
		l.takeHandshake(text)
		return true
	case bytes.HasPrefix(text, []byte("exec ")) && bytes.HasSuffix(text, []byte("exec format error")),
		bytes.HasPrefix(text, []byte("exec /")), bytes.HasPrefix(text, []byte("standard_init_linux.go:")):
		l.note(&sighting{id: model.MsgFatal, level: "error", text: "exec", err: text})
		return true
	case bytes.HasPrefix(text, []byte("unable to retrieve container logs for ")), bytes.HasPrefix(text, []byte("rpc error: code = ")),
		bytes.HasPrefix(text, []byte("failed to watch file ")), bytes.HasPrefix(text, []byte("Error from server")),
		bytes.HasPrefix(text, []byte("error: unexpected EOF")), bytes.HasPrefix(text, []byte("Defaulted container ")),
		bytes.HasPrefix(text, []byte("Found ")) && bytes.Contains(text, []byte("pods, using pod/")):
		l.ignore() // kubectl's own
		return true
	case bytes.HasPrefix(text, []byte("unsupported BGP implementation type")):
		l.note(&sighting{id: model.MsgFatal, level: "error", text: "unsupported BGP implementation type", err: text})
		return true
	case l.log.Component == model.OtherProgram:
		return l.takeOther(text)
	}
	return l.takeCut(text)
}

// takeHandshake: EOF is a probe or a client that went away; a bad certificate is the API server's refusal of the webhook's.
func (l *reading) takeHandshake(text []byte) {
	_, rest, _ := bytes.Cut(text, []byte("http: TLS handshake error from "))
	_, why, _ := bytes.Cut(rest, []byte(": "))
	l.note(&sighting{id: model.MsgWebhookErr, level: "warn", text: "http: TLS handshake error", reason: []byte(reasonCertificate), err: why,
		benign: !bytes.Contains(why, []byte("certificate"))})
}

// takeCut passes over the end of a JSON log line whose head a rotation cut off.
func (l *reading) takeCut(text []byte) bool {
	if l.log.Lines > 1 || text[len(text)-1] != '}' || !bytes.Contains(text, []byte(`"ts":"`)) {
		return false
	}
	l.ignore()
	return true
}

// takeOther reads a line of a program that is not MetalLB's: errors, and the facts that checks look for.
func (l *reading) takeOther(text []byte) bool {
	level := ""
	switch {
	case bytes.Contains(text, []byte("level=error")), bytes.Contains(text, []byte("level=fatal")), bytes.Contains(text, []byte("[ERROR]")), bytes.Contains(text, []byte(" ERROR ")):
		level = "error"
	case bytes.Contains(text, []byte("level=warn")), bytes.Contains(text, []byte("[WARNING]")), bytes.Contains(text, []byte(" WARN ")):
		level = "warn"
	}
	if l.takeFact(text, level) {
		return true
	}
	if level == "" {
		l.ignore()
		return true
	}
	l.note(&sighting{id: model.MsgOther, level: level, text: l.intern(detail(numberless(nil, withoutTime(text))))})
	return true
}

// withoutTime takes time="..." off a logrus line.
func withoutTime(text []byte) []byte {
	if rest, ok := bytes.CutPrefix(text, []byte(`time="`)); ok {
		if _, rest, ok = bytes.Cut(rest, []byte(`" `)); ok {
			return rest
		}
	}
	return text
}

// facts are words of other programs' lines that bear on whether a Service works; the text of the event is the word.
var facts = []string{
	"TCP: MD5 Hash", "martian source", "nf_conntrack: table full", "neighbor table overflow", "neighbour table overflow",
	"Using iptables Proxier", "Using ipvs Proxier", "Using nftables Proxier", "strictARP", "NETDEV WATCHDOG", "Link is Down", "Link is Up",
	"duplicate address detected", "kube-proxy replacement", "entered promiscuous mode", "Out of memory: Killed process",
}

// takeFact keeps a line with one of these words.
func (l *reading) takeFact(text []byte, level string) bool {
	for _, fact := range facts {
		if bytes.Contains(text, []byte(fact)) {
			l.note(&sighting{id: model.MsgOther, level: level, text: fact, value: steady(nil, detail(withoutTime(text)))})
			return true
		}
	}
	return false
}
