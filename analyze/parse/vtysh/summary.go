package vtysh

import (
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
	"github.com/metallb-assay/assay/schema"
)

// newNeighbor is a neighbor of which nothing is known.
func newNeighbor(o schema.Origin) model.BGPNeighbor {
	return model.BGPNeighbor{Origin: o, Uptime: -1, MsgSent: -1, MsgRcvd: -1, PfxRcd: -1, PfxSent: -1, PfxReceivedBeforePolicy: -1, PfxFiltered: -1,
		Established: -1, Dropped: -1, LastResetAgo: -1, HoldTime: -1, KeepaliveTime: -1, ConfiguredHold: -1}
}

// NewNeighbor is newNeighbor for package router.
func NewNeighbor(o schema.Origin) model.BGPNeighbor { return newNeighbor(o) }

// isSummaryHead tells whether words head the columns of a summary.
func isSummaryHead(f []string) bool {
	up := slices.Index(f, "Up/Down")
	return slices.Contains(f, "AS") && up > 1 && up+1 < len(f) && slices.ContainsFunc(f, func(s string) bool { return strings.HasPrefix(s, "MsgR") })
}

// summary is the table of `show bgp summary`. Columns by system:
//
//	FRR   Neighbor V AS [LocalAS] MsgRcvd MsgSent TblVer InQ OutQ Up/Down State/PfxRcd PfxSnt [Desc]
//	IOS, NX-OS, Quagga   the same without PfxSnt; IOS-XR   Neighbor Spk AS ... St/PfxRcd
//	EOS   [Description] Neighbor V AS MsgRcvd MsgSent InQ OutQ Up/Down State PfxRcd PfxAcc
//	OpenBGPD   Neighbor AS MsgRcvd MsgSent OutQ Up/Down State/PrfRcvd
type summary struct {
	p      *parser
	cols   []string
	before int      // columns up to Up/Down
	broken []string // the first words of a row that goes on in the next line: a long address, or NX-OS's AS of ten digits
	rowL   Line     // where it begins
	count  int
	headL  Line
	family string
}

func newSummary(p *parser, l Line, f []string) *summary {
	s := &summary{p: p, cols: f, before: slices.Index(f, "Up/Down"), headL: l, family: p.sec.family}
	switch {
	case slices.Contains(f, "Spk"):
		p.system = "iosxr"
	case slices.Contains(f, "State/PrfRcvd"):
		p.system = "openbgpd"
	case slices.Contains(f, "PfxAcc"):
		p.system = "eos"
	case slices.Contains(f, "PfxSnt"):
		p.system = p.hook.System // FRR, whatever stood before
	case p.system == "" && p.hook.System == "":
		p.system = "quagga" // IOS and NX-OS said who they are before the head
	}
	return s
}

func (s *summary) line(l Line) verdict {
	if l.Text == "" {
		return ignored
	}
	t := strings.TrimSpace(l.Text)
	if strings.HasPrefix(t, "Total number of") || strings.HasPrefix(t, "Displayed ") || strings.HasPrefix(t, "* - dynamic neighbor") ||
		strings.Contains(t, " dynamic neighbor(s)") {
		return ignored
	}
	f := strings.Fields(l.Text)
	begun := s.broken
	s.broken = nil
	if begun != nil && l.Text[0] == ' ' {
		return s.row(s.rowL, append(begun, f...))
	}
	if len(f) == 1 || s.shift() == 0 && len(f) == slices.Index(s.cols, "AS")+1 && isAddr(Addr(f[0])) {
		s.broken, s.rowL = f, l
		return taken
	}
	return s.row(l, f)
}

// row takes the words of one neighbor.
func (s *summary) row(l Line, f []string) verdict {
	skip := s.lead(f)
	if skip < 0 || len(f)-skip < s.before+1-s.shift() {
		return unread
	}
	desc := strings.Join(f[:skip], " ")
	if skip > 0 && s.shift() == 0 { // OpenBGPD has the description in the neighbor's place
		f = append([]string{strings.Join(f[:skip+1], " ")}, f[skip+1:]...)
		desc = f[0]
	} else {
		f = f[skip:]
	}
	n := newNeighbor(s.p.sec.o)
	n.Src, n.VRF, n.LocalID, n.LocalAS = l.Evidence(), s.p.vrf(), s.p.sec.local.id, s.p.sec.local.as
	n.Addr, n.Description = Addr(f[0]), desc
	if s.family != "" {
		n.Families = []string{s.family}
	}
	for i, col := range s.cols[s.shift() : s.before+1] {
		if !s.column(&n, col, f[i]) {
			return unread
		}
	}
	rest := f[s.before+1-s.shift():]
	if len(rest) == 0 || s.p.system == "openbgpd" && n.RemoteAS == 0 {
		return unread
	}
	s.state(&n, rest)
	s.count++
	s.p.addNeighbor(n)
	return taken
}

// shift is the number of columns in front of Neighbor.
func (s *summary) shift() int {
	if s.cols[0] == "Description" {
		return 1
	}
	return 0
}

// lead is the number of words in front of the neighbor: a description, in EOS and OpenBGPD; -1 when there is no neighbor.
func (s *summary) lead(f []string) int {
	if s.shift() > 0 {
		return slices.IndexFunc(f, func(w string) bool { return isAddr(Addr(w)) })
	}
	if s.cols[1] == "AS" { // OpenBGPD: "my peer 64500 12 13 0 00:05:06 1": the AS stands before/behind a fixed number of columns
		if extra := len(f) - len(s.cols); extra > 0 {
			return extra
		}
	}
	return 0
}

// column sets what one column before the state says; false when it can't be that.
func (s *summary) column(n *model.BGPNeighbor, col, v string) bool {
	switch col {
	case "V", "Spk":
		return len(v) <= 2 && number(v, -1) >= 0
	case "AS":
		n.RemoteAS = frrconf.ParseAS(v)
		return n.RemoteAS != 0 || v == "0"
	case "LocalAS":
		n.LocalAS = frrconf.ParseAS(v)
	case "MsgRcvd":
		n.MsgRcvd = number(v, -1)
		return n.MsgRcvd >= 0
	case "MsgSent":
		n.MsgSent = number(v, -1)
	case "Up/Down":
		d, ok := Uptime(strings.ToLower(v))
		if n.Never = strings.EqualFold(v, "never"); ok && !n.Never {
			n.Uptime = d
		}
		return ok
	}
	return true
}

// state takes the words from the column of the state on.
func (s *summary) state(n *model.BGPNeighbor, f []string) {
	word := f[0]
	f = f[1:]
	if len(f) > 0 && f[0][0] == '(' && word[0] != '(' && number(word, -1) < 0 {
		word += " " + f[0]
		f = f[1:]
	}
	clean := strings.TrimSuffix(word, "!") // IOS-XR: no policy is configured for this eBGP neighbor
	if clean != word {
		n.InboundPolicyMissing = true
	}
	if c := number(strings.TrimPrefix(clean, "|"), -1); c >= 0 {
		n.State, n.PfxRcd = "Established", c
	} else if clean == "(Policy)" {
		n.State, n.InboundPolicyMissing, n.PfxRcd = "Established", true, 0
	} else {
		n.State = State(clean)
	}
	if n.State == "NoNeg" {
		n.NotNegotiated, n.Families = n.Families, nil
	}
	s.behind(n, f)
}

// behind takes the columns behind the state.
func (s *summary) behind(n *model.BGPNeighbor, f []string) {
	for _, col := range s.cols[s.before+2:] {
		if len(f) == 0 {
			return
		}
		switch col {
		case "PfxSnt":
			if n.PfxSent = number(f[0], -1); n.PfxSent < 0 && f[0] != "(Policy)" && f[0] != "NoNeg" {
				return
			}
			if n.PfxSent < 0 && f[0] == "(Policy)" {
				n.PfxSent = 0
			}
		case "PfxRcd":
			n.PfxReceivedBeforePolicy, n.PfxRcd = number(f[0], -1), number(f[0], -1)
		case "PfxAcc":
			n.PfxRcd = number(f[0], -1)
		case "PfxAdv":
			n.PfxSent = number(f[0], -1)
		case "Desc", "NeighborName":
			if d := strings.Join(f, " "); d != "N/A" {
				n.Description = d
			}
			return
		}
		f = f[1:]
	}
}

func (s *summary) end() {
	s.p.show(s.headL, "summary", s.count, "")
	if s.family != "" {
		s.p.out.Tables[len(s.p.out.Tables)-1].Family = shortFamily(s.family)
	}
	if s.p.system == "quagga" && s.p.hook.System == "" {
		s.p.system = ""
	}
}

// failed is the table of `show bgp summary failed`: Neighbor EstdCnt DropCnt ResetTime Reason.
type failed struct{ p *parser }

func (s *failed) line(l Line) verdict {
	f := strings.Fields(l.Text)
	if len(f) == 0 || f[0] == "Displayed" || f[0] == "Total" {
		return ignored
	}
	if len(f) < 5 || number(f[1], -1) < 0 || number(f[2], -1) < 0 {
		return unread
	}
	n := newNeighbor(s.p.sec.o)
	n.Src, n.VRF, n.LocalID, n.LocalAS = l.Evidence(), s.p.vrf(), s.p.sec.local.id, s.p.sec.local.as
	n.Addr, n.Established, n.Dropped = Addr(f[0]), number(f[1], -1), number(f[2], -1)
	if d, ok := Uptime(f[3]); ok && f[3] != "never" {
		n.LastResetAgo = d
	}
	setReason(&n, strings.Join(f[4:], " "), l.Evidence())
	s.p.addNeighbor(n)
	return taken
}

func (s *failed) end() {}
