package text

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// The limits of one member. Texts that people attach have hundreds of lines; dumps of rules on large clusters have 100,000.
const (
	maxLines   = 2_000_000 // lines read; what follows is not
	maxKept    = 20_000    // observations of one member; what follows is counted as ignored
	maxRemarks = 400       // distinct remarks of one member
	maxProse   = 20_000    // lines that are read as a person's words; nobody writes more
)

// line is one line of a member, without colours.
type line struct {
	n    int // from 1, in the member
	text string
	raw  []byte
}

// trim is the text without blanks around it.
func (l line) trim() string { return strings.TrimSpace(l.text) }

// took is what a tool made of a line.
type took int

const (
	unread  took = iota // not understood
	taken               // used
	ignored             // understood, and nothing in it that a check uses
)

// tool is the state machine of one command's output.
type tool interface {
	line(c *state, l line) took
	end(c *state) // no more lines of this command
}

// state is what the tools of one member share.
type state struct {
	o       schema.Origin // of the member, with the host of the last prompt
	out     *model.Observations
	cmd     command
	cmdSrc  schema.Evidence // line of the prompt; zero when the member holds the output alone
	seen    model.MemberSeen
	remarks remarker
	kept    int
	output  int // lines since the command
	full    bool
}

// ev points at a line of the member.
func (c *state) ev(l line) schema.Evidence { return c.o.Evidence(l.n, lines.Quote(l.raw)) }

// room says whether one more observation may be kept.
func (c *state) room() bool {
	c.kept++
	c.full = c.full || c.kept > maxKept
	return c.kept <= maxKept
}

// Parse reads a member of one of the text kinds into out. It never fails: what it cannot read is counted in the result.
func Parse(o schema.Origin, index int, r io.Reader, out *model.Observations) model.MemberSeen {
	c := &state{o: o, out: out, seen: model.MemberSeen{Origin: o, Read: "whole"}}
	c.remarks.init()
	c.cmd = parseCommand(o.Command)
	cur := c.choose()
	sc := lines.New(o, r)
	for sc.Scan() {
		c.seen.Lines++
		if c.seen.Lines > maxLines {
			c.lose(fmt.Sprintf("has more than %d lines", maxLines))
			break
		}
		l := line{n: sc.Number(), text: plain(sc.Text()), raw: sc.Raw()}
		if p, ok := promptOf(l.text, c.o.Kind); ok {
			cur.end(c)
			c.endCommand()
			c.prompt(p, l)
			cur = c.choose()
			c.seen.Taken++
			continue
		}
		c.output++
		c.count(cur.line(c, l), l)
	}
	cur.end(c)
	c.endCommand()
	c.remarks.flush(c)
	if sc.Cut > 0 {
		c.lose(fmt.Sprintf("has lines longer than 1 MiB, which were cut (%d)", sc.Cut))
	}
	if err := sc.Err(); err != nil {
		c.lose(err.Error())
	}
	if c.full {
		c.lose(fmt.Sprintf("holds more than %d facts", maxKept))
	}
	return c.seen
}

// lose notes that part of the member was not read.
func (c *state) lose(why string) {
	c.seen.Read = "part"
	if c.seen.Why == "" {
		c.seen.Why = why
	}
}

// count adds a line to the member's sums. A line that the tool did not understand may still hold a remark.
func (c *state) count(t took, l line) {
	if strings.TrimSpace(l.text) == "" {
		c.seen.Ignored++
		return
	}
	if t == unread && c.remarks.look(c, l) {
		t = taken
	}
	switch t {
	case taken:
		c.seen.Taken++
	case ignored:
		c.seen.Ignored++
	default:
		// Sentences and lines of other programs are no losses: they are read for remarks alone.
		if c.o.Kind == schema.KindProse || c.o.Kind == schema.KindShell || c.o.Kind == schema.KindOtherLog {
			c.seen.Ignored++
			return
		}
		c.seen.Unread++
		if c.seen.Src.Quote == "" {
			c.seen.Src = c.ev(l)
		}
	}
}

// prompt begins the command behind a prompt.
func (c *state) prompt(p promptLine, l line) {
	first := l.n == 1 && c.o.Command == p.command
	c.cmd = parseCommand(p.command)
	c.cmdSrc = c.ev(l)
	c.output = 0
	c.o.Command = p.command
	if p.host != "" && !(first && c.o.Host != "") { // who took the output apart knows more: the host of ssh behind the prompt
		c.o.Host = p.host
	}
	if p.client {
		c.o.Client = true
	}
	c.remarks.command(c, l)
}

// endCommand notes the command that was run and how much it printed.
func (c *state) endCommand() {
	if c.cmd.text == "" || !c.room() {
		return
	}
	c.out.Commands = append(c.out.Commands, model.CommandRun{Origin: c.o, Text: c.cmd.text, Output: c.output, Src: c.cmdSrc})
}

// choose returns the tool for the current command: by the member's kind, and by the command's name where the kind leaves it open.
func (c *state) choose() tool {
	if t := newQuery(c); t != nil {
		return t
	}
	kind := c.o.Kind
	if c.cmdSrc.Line > 0 || kind == schema.KindShell || kind == schema.KindProse || kind == schema.KindUnknown {
		if k := c.cmd.kind(); k != "" {
			kind = k
		}
	}
	return newTool(kind, c)
}

// newTool returns a fresh tool of a kind.
func newTool(kind schema.Kind, c *state) tool {
	switch kind {
	case schema.KindTcpdump:
		return &tcpdump{}
	case schema.KindArping:
		return &arping{}
	case schema.KindPing:
		return &ping{}
	case schema.KindCurl:
		return newConnect(c)
	case schema.KindTraceroute:
		return &trace{}
	case schema.KindIPAddr, schema.KindIPLink:
		return &ipAddr{link: kind == schema.KindIPLink}
	case schema.KindIPRoute:
		return &ipRoute{}
	case schema.KindIPRule:
		return &ipRule{}
	case schema.KindIPNeigh:
		return &ipNeigh{}
	case schema.KindSysctl:
		return &sysctl{}
	case schema.KindIptables:
		return newIptables(c)
	case schema.KindNft:
		return &nft{}
	case schema.KindIPVS:
		return &ipvs{}
	case schema.KindSockets:
		return &sockets{}
	case schema.KindConntrack:
		return &conntrack{}
	}
	return &mixed{}
}

// plain returns a line without terminal colours and with blanks for tabs kept.
func plain(text []byte) string {
	if bytes.IndexByte(text, 0x1b) < 0 {
		return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != 0x1b {
			out = append(out, text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '[' {
			i += 2
			for i < len(text) && (text[i] < 0x40 || text[i] > 0x7e) {
				i++
			}
		}
	}
	return string(bytes.ToValidUTF8(out, []byte("\uFFFD")))
}
