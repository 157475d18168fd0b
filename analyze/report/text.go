// Package report writes a schema.Report as people read it: plain text for a terminal, Markdown for an issue.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// Style colours parts of the text; the zero Style leaves everything plain.
type Style struct {
	Bad, Warn, Good, Dim, Bold func(string) string
}

// apply cleans the text and colours it.
func (s Style) apply(f func(string) string, text string) string {
	text = Clean(text)
	if f == nil {
		return text
	}
	return f(text)
}

// quotesShown is how many pieces of evidence a finding shows in text; JSON has all.
const quotesShown = 3

// width is where prose is folded.
const width = 118

// Text writes the report for a terminal: the answer first, then each ill Service, the cluster's findings, what is unknown, and the
// healthy Services in one line.
func Text(w io.Writer, r *schema.Report, style Style) error {
	p := &printer{w: w, style: style, r: r, byID: map[string]schema.Finding{}, told: map[string]string{}}
	for _, f := range r.Findings {
		p.byID[f.ID] = f
	}
	p.paint(style.Bold, r.Summary)
	p.losses()
	p.ill()
	p.cluster()
	p.notes()
	p.unknowns()
	p.healthy()
	p.footer()
	return p.err
}

type printer struct {
	w     io.Writer
	err   error
	style Style
	r     *schema.Report
	byID  map[string]schema.Finding
	told  map[string]string // finding id -> Service under which it was told
}

// raw prints a line that is clean already, and may be coloured.
func (p *printer) raw(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, text+"\n")
	}
}

func (p *printer) line(text string) { p.raw(Clean(text)) }

// paint prints a line in one colour.
func (p *printer) paint(f func(string) string, text string) { p.raw(p.style.apply(f, text)) }

func (p *printer) linef(format string, args ...any) { p.line(fmt.Sprintf(format, args...)) }

// field prints a labelled text, folded and indented.
func (p *printer) field(label, text string) {
	if text == "" {
		return
	}
	const indent = "            "
	n := width - len(indent)
	if strings.HasPrefix(text, "kubectl ") || strings.HasPrefix(text, "assay ") {
		n = len(text) // a command stays whole, so that it can be copied
	}
	for i, l := range fold(text, n) {
		if i == 0 {
			p.linef("    %-7s %s", label, l)
		} else {
			p.line(indent + l)
		}
	}
}

// losses tells first what of the input could not be read.
func (p *printer) losses() {
	if p.r.Source.Cut {
		p.paint(p.style.Warn, "the input is cut: the report covers what was there")
	}
	n := 0
	for _, m := range p.r.Members {
		if !isLoss(m) {
			continue
		}
		if n++; n > lossesShown {
			continue
		}
		what := "not read: "
		if m.Read == "part" {
			what = "read in part: "
		}
		p.paint(p.style.Warn, what+m.Path+": "+m.Why)
	}
	if n > lossesShown {
		p.paint(p.style.Warn, fmt.Sprintf("and %d more files or parts that could not be read (assay inspect lists them)", n-lossesShown))
	}
}

// lossesShown bounds the lines that a hostile archive can put in front of the answer's proof.
const lossesShown = 8

// isLoss says whether something of a member that should have been read was lost: not files of a kind that nothing reads, which
// stand among what is not known.
func isLoss(m schema.MemberIn) bool {
	return m.Why != "" && (m.Read == "part" || m.Read == "not" && m.Kind == "")
}

func (p *printer) ill() {
	for _, s := range p.r.Services {
		if s.Verdict != schema.VerdictIll {
			continue
		}
		p.line("")
		p.paint(p.style.Bad, p.head(s))
		p.raw("  " + p.ladder(s))
		for _, id := range s.Findings {
			p.finding(p.byID[id], s.Key())
		}
	}
}

// head is a Service's sentence, or its name and addresses where the first line of the report was that sentence.
func (p *printer) head(s schema.Service) string {
	if !strings.HasPrefix(p.r.Summary, s.Sentence) {
		return s.Sentence
	}
	what := "no address"
	if len(s.Addresses) > 0 {
		what = strings.Join(s.Addresses, ", ")
	}
	if s.Pool != "" {
		what += " of pool " + s.Pool
	}
	return fmt.Sprintf("%s (%s)", s.Key(), what)
}

// ladder is a Service's phases on one line.
func (p *printer) ladder(s schema.Service) string {
	var parts []string
	for _, st := range s.Phases {
		word := string(st.Phase) + " " + string(st.State)
		switch st.State {
		case schema.StateOK:
			word = p.style.apply(p.style.Good, word)
		case schema.StateFailed, schema.StateDegraded:
			word = p.style.apply(p.style.Bad, strings.ToUpper(word))
		case schema.StateUnused:
			word = p.style.apply(p.style.Dim, string(st.Phase)+" -")
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, " > ")
}

func (p *printer) finding(f schema.Finding, service string) {
	if f.ID == "" {
		return
	}
	head := fmt.Sprintf("  %s %s (%s, %s, %s)", f.Code, f.Title, f.Cause, f.Severity, f.Confidence)
	if where, ok := p.told[f.ID]; ok {
		p.linef("%s: as for %s", head, where)
		return
	}
	p.told[f.ID] = service
	p.line(head)
	p.field("should", f.Should)
	p.field("is", f.Is)
	p.field("remedy", f.Remedy)
	for i, e := range f.Evidence {
		if i == quotesShown {
			p.paint(p.style.Dim, "    and "+Count(len(f.Evidence)-i, "more place")+" (-o json has them)")
			break
		}
		p.paint(p.style.Dim, "    "+Place(e))
		for _, l := range strings.Split(e.Quote, "\n") {
			p.line("      | " + l)
		}
	}
	for _, g := range p.r.Findings {
		for _, id := range g.Because {
			if id == f.ID {
				p.linef("    hence   %s %s: %s", g.Code, g.Title, g.Is)
			}
		}
	}
}

// cluster tells the findings that are of no Service, and no consequence.
func (p *printer) cluster() {
	first := true
	for _, f := range p.r.Findings {
		if len(f.Services) > 0 || len(f.Because) > 0 {
			continue
		}
		if first {
			p.line("")
			p.line("cluster")
			first = false
		}
		p.finding(f, "the cluster")
	}
}

// notes tells the warnings and infos of Services that are not ill.
func (p *printer) notes() {
	first := true
	for _, s := range p.r.Services {
		if s.Verdict == schema.VerdictIll || len(s.Findings) == 0 {
			continue
		}
		if first {
			p.line("")
			p.line("notes")
			first = false
		}
		p.linef("  %s", s.Sentence)
		for _, id := range s.Findings {
			p.finding(p.byID[id], s.Key())
		}
	}
}

func (p *printer) unknowns() {
	if len(p.r.Unknowns) == 0 {
		return
	}
	p.line("")
	p.line("not known")
	for _, u := range p.r.Unknowns {
		p.paint(p.style.Warn, "  "+u.Question)
		p.field("why", u.Why)
		p.field("cost", u.Cost)
		p.field("get it", u.How)
	}
}

func (p *printer) healthy() {
	var names []string
	for _, s := range p.r.Services {
		if s.Verdict == schema.VerdictOK {
			names = append(names, s.Key())
		}
	}
	if len(names) == 0 {
		return
	}
	p.line("")
	const shown = 20
	more := ""
	if len(names) > shown {
		more = fmt.Sprintf(" and %d more", len(names)-shown)
		names = names[:shown]
	}
	p.paint(p.style.Good, "nothing wrong as far as the evidence reaches: "+strings.Join(names, ", ")+more)
}

func (p *printer) footer() {
	r := p.r
	p.line("")
	span := ""
	if !r.Source.From.IsZero() {
		span = fmt.Sprintf(", from %s to %s", r.Source.From.UTC().Format("2006-01-02 15:04:05"), r.Source.To.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	p.paint(p.style.Dim, fmt.Sprintf("%s (%s, %s%s); MetalLB %s, mode %s, Kubernetes %s",
		r.Source.Name, r.Source.Kind, Count(r.Source.Members, "member"), span, r.Cluster.MetalLB.Version, r.Cluster.MetalLB.Mode, r.Cluster.Kubernetes))
}

// Count is a number with what it counts: "1 member", "2 members".
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Place writes where a piece of evidence stands: MEMBER:LINE, or MEMBER packet N.
func Place(e schema.Evidence) string {
	switch {
	case e.Packet > 0:
		return fmt.Sprintf("%s packet %d", e.Member, e.Packet)
	case e.LastLine > e.Line:
		return fmt.Sprintf("%s:%d-%d", e.Member, e.Line, e.LastLine)
	}
	return fmt.Sprintf("%s:%d", e.Member, e.Line)
}

// fold breaks prose at blanks; a word longer than n stays whole, so that commands can be copied.
func fold(text string, n int) []string {
	var out []string
	for _, para := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Split(para, " ") {
			if line != "" && len(line)+1+len(word) > n {
				out = append(out, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		out = append(out, line)
	}
	return out
}

// Clean keeps what was attached from steering a terminal: control characters but tab, line ends and marks that turn the direction
// of writing become U+FFFD, so that the result is one line.
func Clean(s string) string {
	return strings.Map(func(c rune) rune {
		if c != '\t' && steers(c) {
			return 0xfffd
		}
		return c
	}, s)
}

// steers says whether a terminal may take a character for an order: C0 and C1 controls, line separators, bidirectional marks.
func steers(c rune) bool {
	return c < 0x20 || c >= 0x7f && c < 0xa0 || c == 0x200e || c == 0x200f || c >= 0x2028 && c <= 0x202e || c >= 0x2066 && c <= 0x2069
}
