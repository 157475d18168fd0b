// Package vtysh reads what the show commands of FRR's vtysh print, as text and as JSON: one command, or many under headings (the
// dump_frr of collect.sh, the dumps of MetalLB's tests) or behind prompts (a pasted session). Quagga, IOS, NX-OS, IOS-XR and EOS print
// the same tables with other columns; the package reads those too, for package router.
//
// Pipeline of a member: lines -> sections (a heading or prompt begins one) -> blocks (what a line's content opens: a summary, a
// neighbor, a table of routes, a configuration, a JSON document) -> observations.
package vtysh

import (
	"io"
	"strings"
	"unicode"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/analyze/parse/jsonlines"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// Limits of one member. A full Internet table is a million routes: what is kept then is the first of them, and the member says so.
const (
	maxLines     = 4_000_000
	maxRoutes    = 100_000
	maxNeighbors = 20_000
	maxJSON      = 32 << 20
)

// Parse reads a member of kind vtysh.
func Parse(o schema.Origin, _ int, r io.Reader, out *model.Observations) model.MemberSeen {
	return Read(o, r, out, Hooks{})
}

// Hooks let package router put other systems' formats in.
type Hooks struct {
	// Line is asked before anything else about each line that is no heading, prompt or part of a JSON document; true: it took it.
	Line func(l Line) bool
	// JSON is asked about a whole JSON document; evidence makes evidence of its lines.
	JSON func(doc *jsonlines.Node, evidence func(line int) schema.Evidence, o schema.Origin) bool
	// Section is told of the origin (command, host) that the lines to come have.
	Section func(o schema.Origin)
	// System names the system where the caller knows it; "" leaves it to what the text shows.
	System string
}

// Line is one line of a member.
type Line struct {
	N    int    // in the member, from 1
	Text string // without wrapper, escape sequences and blanks at the end
	Raw  string
	o    *schema.Origin
}

// Evidence points at the line; secrets are cut off the quote.
func (l Line) Evidence() schema.Evidence { return l.o.Evidence(l.N, frrconf.Quote(l.Raw)) }

// Read reads a member with hooks.
func Read(o schema.Origin, r io.Reader, out *model.Observations, hooks Hooks) model.MemberSeen {
	p := newParser(o, out, hooks)
	sc := lines.New(o, r)
	for sc.Scan() {
		if sc.Number() > maxLines {
			p.lose("is longer than 4,000,000 lines")
			break
		}
		raw := string(sc.Raw())
		text := raw
		if t := sc.Text(); len(t) != len(raw) {
			text = string(t)
		}
		p.line(Line{N: sc.Number(), Text: clean(text), Raw: raw, o: &p.o})
	}
	p.endSection()
	p.settle()
	if sc.Err() != nil {
		p.lose("reading ended early: " + sc.Err().Error())
	}
	if sc.Cut > 0 {
		p.lose("has lines longer than 1 MiB, which were cut")
	}
	p.seen.Lines = sc.Number()
	return p.seen
}

// settle says of configurations whose language does not tell the system that they are of the one system that the rest shows.
func (p *parser) settle() {
	system := ""
	for _, n := range p.out.Neighbors[p.from.neighbors:] {
		if system != "" && n.System != system {
			return
		}
		system = n.System
	}
	if system == "" || system == "frr" {
		return
	}
	for i := p.from.confs; i < len(p.out.FRRConfs); i++ {
		c := &p.out.FRRConfs[i]
		if c.System != "" || c.Version != "" {
			continue
		}
		c.System = system
		for r := range c.Routers {
			c.Routers[r].EBGPRequiresPolicy = false
		}
	}
}

// clean takes escape sequences and blanks at the end off a line.
func clean(s string) string {
	if strings.IndexByte(s, 0x1b) >= 0 {
		s = stripANSI(s)
	}
	return strings.TrimRightFunc(s, unicode.IsSpace) // as strings.Fields sees it: what is left has a word
}

// stripANSI takes CSI sequences (ESC [ ... letter) and lone escapes out.
func stripANSI(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != 0x1b {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '[' {
			i += 2
			for i < len(s) && (s[i] < 0x40 || s[i] > 0x7e) {
				i++
			}
		}
	}
	return b.String()
}
