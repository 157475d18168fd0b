package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// parser holds the state of one member.
type parser struct {
	o    schema.Origin // of the member; section changes it in sec.o
	out  *model.Observations
	seen model.MemberSeen
	hook Hooks

	sec section
	cur block
	doc *document // JSON that is being gathered

	routes, neighbors int // put out so far
	system            string
	from              struct{ neighbors, confs int } // where this member's begin in out
}

// section is what one command printed.
type section struct {
	o       schema.Origin // with the section's Command and Host
	cmd     command
	heading bool // "###### command": standard error is not in the text
	src     schema.Evidence
	lines   int // that are not blank
	shown   bool
	vrf     string // of "Instance red:", "(VRF red)", ...
	family  string
	local   localSide
}

// localSide is what the head of a summary says of the speaker itself.
type localSide struct {
	id string
	as uint32
}

// block is an open piece of output; line tells whether the line was its own, end puts out what is pending.
type block interface {
	line(l Line) verdict
	end()
}

type verdict int

const (
	unread  verdict = iota // not this block's: ends it
	ignored                // this block's, nothing in it
	taken
)

func newParser(o schema.Origin, out *model.Observations, hooks Hooks) *parser {
	p := &parser{o: o, out: out, hook: hooks, system: hooks.System}
	p.from.neighbors, p.from.confs = len(out.Neighbors), len(out.FRRConfs)
	p.seen = model.MemberSeen{Origin: o, Read: "whole"}
	p.sec = section{o: o, cmd: parseCommand(commandOf(o))}
	p.startSection()
	return p
}

// commandOf is the command of a member: what the opener says, else what the file's name says (show-bgp-neighbors.json).
func commandOf(o schema.Origin) string {
	if o.Command != "" {
		return o.Command
	}
	base := o.Path[strings.LastIndexAny(o.Path, "/!")+1:]
	if !strings.HasPrefix(base, "show-") {
		return ""
	}
	if dot := strings.LastIndexByte(base, '.'); dot > 0 && (base[dot:] == ".txt" || base[dot:] == ".json") {
		base = base[:dot]
	}
	words := strings.Split(base, "-")
	for i, w := range words {
		words[i] = addrFromName(w)
	}
	return strings.Join(words, " ")
}

// addrFromName undoes what a file's name makes of an address: "_" stands for ":" and "/".
func addrFromName(w string) string {
	if !strings.Contains(w, "_") {
		return w
	}
	if a := strings.ReplaceAll(w, "_", ":"); isAddr(a) {
		return a
	}
	i := strings.LastIndexByte(w, '_')
	if p := strings.ReplaceAll(w[:i], "_", ":") + "/" + w[i+1:]; addrOf(p) != "" {
		return p
	}
	return w
}

func (p *parser) lose(why string) {
	p.seen.Read = "part"
	if p.seen.Why == "" {
		p.seen.Why = why
	}
}

func (p *parser) count(v verdict, l Line) {
	switch v {
	case taken:
		p.seen.Taken++
	case ignored:
		p.seen.Ignored++
	default:
		if p.seen.Unread++; p.seen.Unread == 1 {
			p.seen.Src = l.Evidence()
		}
	}
}

// line takes the next line of the member.
func (p *parser) line(l Line) {
	if text, ok := headingOf(l.Text); ok {
		p.endSection()
		p.sec = section{o: p.o, cmd: parseCommand(text), heading: true, src: l.Evidence()}
		p.sec.o.Command = text
		p.startSection()
		p.count(ignored, l)
		return
	}
	if pr, ok := promptOf(l.Text); ok && !(p.doc != nil && strings.HasPrefix(l.Text, " ")) {
		p.endSection()
		p.sec = section{o: p.o, cmd: parseCommand(pr.command), src: l.Evidence()}
		p.sec.o.Command = pr.command
		if p.sec.o.Host == "" {
			p.sec.o.Host = pr.host
		}
		p.startSection()
		p.count(ignored, l)
		return
	}
	if l.Text != "" {
		p.sec.lines++
	}
	p.count(p.body(l), l)
}

// startSection tells the hook.
func (p *parser) startSection() {
	if p.hook.Section != nil {
		p.hook.Section(p.sec.o)
	}
}

// body takes a line of a section.
func (p *parser) body(l Line) verdict {
	if p.sec.src.Line == 0 && l.Text != "" {
		p.sec.src = l.Evidence()
	}
	if p.doc != nil {
		return p.docLine(l)
	}
	if c, ok := p.cur.(*confBlock); ok && !c.over(l) {
		return c.line(l)
	}
	if p.hook.Line != nil && l.Text != "" && p.hook.Line(l) {
		p.sec.shown = true
		p.endBlock()
		return taken
	}
	if v := p.start(l); v != unread {
		return v
	}
	if p.cur != nil {
		if v := p.cur.line(l); v != unread {
			return v
		}
		if l.Text != "" {
			p.endBlock()
		}
	}
	if l.Text == "" {
		return ignored
	}
	return p.remark(l)
}

func (p *parser) open(b block) {
	p.endBlock()
	p.cur = b
	p.sec.shown = true
}

func (p *parser) endBlock() {
	if p.cur != nil {
		b := p.cur
		p.cur = nil
		b.end()
	}
}

// endSection closes what is open, and says of a command without output that it had none.
func (p *parser) endSection() {
	if p.doc != nil {
		p.endDoc()
	}
	p.endBlock()
	if p.sec.shown || p.sec.cmd.table == "" || p.sec.lines > 0 || p.sec.src.Line == 0 {
		return
	}
	t := p.tableShown(p.sec.cmd.table)
	// These print nothing when there is nothing; everything else always prints a head, unless the daemon does not answer and its
	// error went to a standard error that nobody kept.
	switch p.sec.cmd.table {
	case "advertised", "accepted", "received", "received-filtered", "rib", "nexthop":
	default:
		t.Empty = p.sec.heading && t.Filter == ""
	}
	p.out.Tables = append(p.out.Tables, t)
}

// tableShown is a TableShown of this section.
func (p *parser) tableShown(table string) model.TableShown {
	c := p.sec.cmd
	return model.TableShown{Origin: p.sec.o, Table: table, Neighbor: c.neighbor, VRF: p.vrf(), Family: p.family(), Prefix: c.prefix,
		Filter: c.filter, Src: p.sec.src}
}

// vrf is the VRF that the text names, else the command's; "" is the default.
func (p *parser) vrf() string {
	v := p.sec.vrf
	if v == "" {
		v = p.sec.cmd.vrf
	}
	if v == "default" || v == "all" {
		return ""
	}
	return v
}

func (p *parser) family() string {
	if p.sec.cmd.family != "" {
		return p.sec.cmd.family
	}
	return ""
}

func (p *parser) addRoute(r model.Route) {
	if p.routes++; p.routes > maxRoutes {
		p.lose("has more than 100,000 routes; the first of them were kept")
		return
	}
	p.out.Routes = append(p.out.Routes, r)
}

func (p *parser) addNeighbor(n model.BGPNeighbor) {
	if p.neighbors++; p.neighbors > maxNeighbors {
		p.lose("has more than 20,000 neighbors; the first of them were kept")
		return
	}
	if n.System == "" {
		n.System = p.systemName()
	}
	p.out.Neighbors = append(p.out.Neighbors, n)
}

func (p *parser) systemName() string {
	if p.system != "" {
		return p.system
	}
	return "frr"
}
