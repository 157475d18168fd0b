// Package frrconf reads configurations of FRR and of routers whose language has the same shape (Quagga, IOS, NX-OS, IOS-XR, EOS):
// frr.conf, running configurations, snippets of a "router bgp" block; and FRR's file daemons.
//
// Passwords are never kept and never quoted: a neighbor has one or has none.
package frrconf

import (
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// maxLines bounds how much of one configuration is read: MetalLB with 10,000 Services writes some 100,000 lines.
const maxLines = 2_000_000

// Parse reads a member of kind frr.conf or frr-daemons.
func Parse(o schema.Origin, _ int, r io.Reader, out *model.Observations) model.MemberSeen {
	if o.Kind == schema.KindDaemons {
		return parseDaemons(o, r, out)
	}
	seen := model.MemberSeen{Origin: o, Read: "whole"}
	c := NewReader(o, false)
	sc := lines.New(o, r)
	for sc.Scan() && sc.Number() <= maxLines {
		switch c.Line(sc.Number(), string(sc.Raw()), string(sc.Text())) {
		case Taken:
			seen.Taken++
		case Ignored:
			seen.Ignored++
		default:
			if seen.Unread++; seen.Unread == 1 {
				seen.Src = o.Evidence(sc.Number(), Quote(string(sc.Raw())))
			}
		}
	}
	seen.Lines = sc.Number()
	if sc.Err() != nil {
		seen.Read, seen.Why = "part", "reading ended early: "+sc.Err().Error()
	} else if seen.Lines > maxLines {
		seen.Read, seen.Why = "part", "is longer than 2,000,000 lines"
	}
	c.Close(out)
	return seen
}

// ParseText reads a configuration that stands inside another member (status.runningConfig of an FRRNodeState). firstLine is the
// member's line, from 1, on which text begins; evidence counts on from there.
func ParseText(o schema.Origin, firstLine int, text string, running bool, out *model.Observations) {
	c := NewReader(o, running)
	n := max(firstLine, 1)
	for line := range strings.SplitSeq(text, "\n") {
		c.Line(n, line, line)
		n++
	}
	c.Close(out)
}

// Verdict is what a line was: taken, ignored by a rule, or unread.
type Verdict int

// The verdicts.
const (
	Unread Verdict = iota
	Ignored
	Taken
)

// Quote is a line as evidence may show it: without the value of a password. It still begins at the line.
func Quote(raw string) string {
	low := lower(raw)
	for _, word := range secretWords {
		if at := strings.Index(low, word); at >= 0 && model.PasswordMark(raw[at:]) == "" { // what the collector put there may be shown
			raw = raw[:at+len(word)]
			break
		}
	}
	return lines.Quote([]byte(raw))
}

// lower makes ASCII letters small and keeps every byte's place.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// secretWords are the words behind which a secret stands, in any of the languages.
var secretWords = []string{"password", "authentication-key", "tcp-md5-key", "md5sig", "auth-password", "key-string", "secret", "tcp.md5"}
