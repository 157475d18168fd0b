package vtysh

import (
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/frrconf"
)

// table is a table of BGP routes: `show bgp ipv4`, `... advertised-routes`, `... received-routes`, `... routes`.
//
//	   Network          Next Hop            Metric LocPrf Weight Path
//	*> 198.51.100.10/32 0.0.0.0                  0         32768 i
//	*>                  192.168.11.6             0             0 64500 i
//
// A long network or next hop moves the rest to the next line, in the same columns. The head tells where columns are: status
// letters stand in front of "Network", numbers end where their word in the head ends.
type table struct {
	p      *parser
	l      Line // where the table begins
	kind   string
	net    int            // column of "Network"; -1 when the paste lost it
	cols   map[string]int // end column of Metric, LocPrf, Weight
	prefix string         // of the row above
	row    *bgpRow
	from   int // first of its routes in out.Routes
	count  int
	filter int // prefixes that the footer counts as filtered
	local  localSide
}

type bgpRow struct {
	l       Line
	last    int
	status  string
	tokens  []token
	network string
	hop     string
}

type token struct {
	text     string
	from, to int
}

func newTable(p *parser, l Line) *table {
	t := &table{p: p, l: l, kind: p.sec.cmd.table, net: 3, from: len(p.out.Routes)}
	switch t.kind {
	case "advertised", "accepted", "received", "received-filtered":
	default:
		t.kind = "bgp"
	}
	return t
}

// head reads where the columns are.
func (t *table) head(l Line) {
	t.flush()
	text := expandTabs(l.Text)
	t.net = strings.Index(text, "Network")
	t.cols = map[string]int{}
	shift := 0
	if t.net == 0 { // blanks in front were lost, of this line alone or of all
		shift = 3
		t.net = -1
	}
	for _, w := range []string{"Metric", "LocPrf", "Weight"} {
		if at := strings.Index(text, w); at >= 0 {
			t.cols[w] = at + len(w) + shift
		}
	}
}

func (t *table) line(l Line) verdict {
	text := expandTabs(l.Text)
	s := strings.TrimSpace(text)
	switch {
	case s == "":
		return ignored
	case t.cols == nil:
		return t.legend(s)
	case strings.HasPrefix(s, "Displayed "):
		t.flush()
		return ignored
	case strings.HasPrefix(s, "Total number of prefixes"):
		t.flush()
		t.total(s)
		return taken
	case strings.HasPrefix(s, "Route Distinguisher"), strings.HasPrefix(s, "Processed "):
		return ignored
	}
	return t.rowLine(l, text)
}

// legend passes over what stands between the first line and the head; anything else ends the block.
func (t *table) legend(s string) verdict {
	if _, as, ok := strings.Cut(s, "local AS "); ok {
		t.local.as = frrconf.ParseAS(first(as))
	}
	for _, w := range []string{"Default local pref", "Status codes", "Nexthop codes", "Origin codes", "RPKI validation", "r RIB-failure", "x best-external", "i internal",
		"BGP table version", "t secondary path", "RPKI", "i - IGP", "Path type", "Advertised", "Status:", "Path-type"} {
		if strings.Contains(s, w) {
			return ignored
		}
	}
	if strings.Contains(s, " - ") || strings.Contains(s, ", ") {
		return ignored
	}
	return unread
}

// rowLine takes a row, or the rest of one.
func (t *table) rowLine(l Line, text string) verdict {
	status, rest, at := t.split(text)
	tokens := tokensOf(rest, at)
	if len(tokens) == 0 {
		return unread
	}
	starts := at < len(text) && text[at] != ' ' // the network column is not empty
	if !starts && (strings.Contains(tokens[0].text, "/") || len(tokens) > 1 && isAddr(Addr(tokens[1].text))) && networkLike(tokens[0].text) {
		starts = true // it stands a little further than the head says
	}
	if starts && !networkLike(tokens[0].text) {
		return unread
	}
	switch {
	case starts:
		t.flush()
		t.row = &bgpRow{l: l, last: l.N, status: status, network: tokens[0].text}
		tokens = tokens[1:]
	case strings.TrimSpace(status) != "" || t.row == nil || t.row.hop != "" && isAddr(Addr(tokens[0].text)):
		if !isAddr(Addr(tokens[0].text)) || t.prefix == "" && t.row == nil {
			return unread
		}
		t.flush()
		t.row = &bgpRow{l: l, last: l.N, status: status}
	}
	t.row.last = l.N
	if t.row.hop == "" && len(tokens) > 0 {
		t.row.hop = tokens[0].text
		tokens = tokens[1:]
	}
	t.row.tokens = append(t.row.tokens, tokens...)
	return taken
}

// split parts a line into status letters and the rest, which begins at column at.
func (t *table) split(text string) (status, rest string, at int) {
	at = t.net
	if at < 0 {
		for at = 0; at < len(text) && at < 5 && strings.IndexByte("*>=isSrdhR ", text[at]) >= 0; at++ {
		}
	}
	if at >= len(text) {
		return text, "", len(text)
	}
	// NX-OS and RPKI put the network one column further than the head.
	for at < len(text)-1 && text[at-min(at, 1)] != ' ' && strings.IndexByte("*>=", text[at]) >= 0 {
		at++
	}
	return text[:at], text[at:], at
}

func tokensOf(s string, offset int) []token {
	var found []token
	for i := 0; i < len(s); {
		for i < len(s) && s[i] == ' ' {
			i++
		}
		from := i
		for i < len(s) && s[i] != ' ' {
			i++
		}
		if i > from {
			found = append(found, token{s[from:i], offset + from, offset + i})
		}
	}
	return found
}

// networkLike tells whether a word is a prefix, an address, or "default".
func networkLike(s string) bool { return s == "default" || addrOf(s) != "" }

// flush puts out the row that is pending.
func (t *table) flush() {
	row := t.row
	t.row = nil
	if row == nil || row.hop == "" {
		return
	}
	if row.network != "" {
		t.prefix = Prefix(row.network, true)
	}
	if t.prefix == "" {
		return
	}
	r := model.Route{Origin: t.p.sec.o, Table: t.kind, Neighbor: t.p.sec.cmd.neighbor, VRF: t.p.vrf(), Prefix: t.prefix, NextHop: Addr(row.hop),
		Protocol: "bgp", LocalPref: -1, Metric: -1, Src: row.l.Evidence()}
	if row.last > row.l.N {
		r.Src.LastLine = t.p.o.Line(row.last)
	}
	r.NextHops = []string{r.NextHop}
	statusOf(&r, row.status)
	t.values(&r, row.tokens)
	t.count++
	t.p.addRoute(r)
}

// statusOf reads the letters in front of a row.
func statusOf(r *model.Route, s string) {
	r.Valid = strings.ContainsAny(s, "*")
	r.Best = strings.ContainsAny(s, ">")
	r.Multipath = strings.ContainsAny(s, "=m")
	r.Stale = strings.ContainsAny(s, "S")
	r.RIBFailure = strings.ContainsAny(s, "r")
}

// values reads the numbers by their columns, and the path behind them.
func (t *table) values(r *model.Route, tokens []token) {
	weight, known := t.cols["Weight"]
	i := 0
	for ; i < len(tokens); i++ {
		end := tokens[i].to
		if !known || end > weight+1 {
			break
		}
		switch {
		case end <= t.cols["Metric"]+1:
			r.Metric = number(tokens[i].text, -1)
		case end <= t.cols["LocPrf"]+1:
			r.LocalPref = number(tokens[i].text, -1)
		}
	}
	words := make([]string, 0, len(tokens)-i)
	for _, w := range tokens[i:] {
		words = append(words, w.text)
	}
	if n := len(words); n > 0 && (words[n-1] == "i" || words[n-1] == "e" || words[n-1] == "?") {
		words = words[:n-1]
	}
	r.Path = strings.Join(words, " ")
}

// total reads "Total number of prefixes 1 (1 filtered)": only the tables of one neighbor end so.
func (t *table) total(s string) {
	t.filter = number(first(between(s, "(", " ")), 0)
	if t.kind == "bgp" {
		t.kind = "received"
		own := len(t.p.out.Routes) > t.from
		for _, r := range t.p.out.Routes[min(t.from, len(t.p.out.Routes)):] {
			own = own && (r.NextHop == "0.0.0.0" || r.NextHop == "::")
		}
		if own && !strings.Contains(s, "filtered") {
			t.kind = "advertised"
		}
		for i := t.from; i < len(t.p.out.Routes); i++ {
			t.p.out.Routes[i].Table = t.kind
		}
	}
}

func (t *table) end() {
	t.flush()
	t.p.show(t.l, t.kind, t.count, "")
	shown := &t.p.out.Tables[len(t.p.out.Tables)-1]
	shown.Filtered, shown.LocalID, shown.LocalAS = t.filter, t.local.id, t.local.as
}

func expandTabs(s string) string {
	if strings.IndexByte(s, '\t') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\t' {
			b.WriteByte(s[i])
			continue
		}
		b.WriteByte(' ')
		for b.Len()%8 != 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}
