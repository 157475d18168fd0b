package vtysh

import (
	"bytes"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/jsonlines"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// looksJSON tells whether a line can begin a JSON document: the next thing behind the bracket is a value, a key or an end.
func looksJSON(t string) bool {
	rest := strings.TrimSpace(t[1:])
	if rest == "" {
		return true
	}
	if t[0] == '{' {
		return rest[0] == '"' || rest[0] == '}'
	}
	return rest[0] == '{' || rest[0] == ']'
}

// document gathers the lines of a JSON text up to the bracket that closes it.
type document struct {
	first  int // line of the member
	text   []byte
	depth  int
	quoted bool
	over   bool // larger than maxJSON
}

// docLine takes a line of the document.
func (p *parser) docLine(l Line) verdict {
	d := p.doc
	if len(d.text)+len(l.Text) > maxJSON {
		d.over = true
	} else if !d.over {
		d.text = append(append(d.text, l.Text...), '\n')
	}
	for i := 0; i < len(l.Text); i++ {
		switch c := l.Text[i]; {
		case d.quoted && c == '\\':
			i++
		case c == '"':
			d.quoted = !d.quoted
		case d.quoted:
		case c == '{' || c == '[':
			d.depth++
		case c == '}' || c == ']':
			d.depth--
		}
	}
	if d.depth <= 0 {
		p.endDoc()
	}
	return taken
}

// endDoc reads what was gathered.
func (p *parser) endDoc() {
	d := p.doc
	p.doc = nil
	root, whole := jsonlines.Parse(d.text)
	if d.over {
		p.lose("has a JSON document larger than 32 MiB, which was read in part")
	} else if !whole {
		p.lose("has a JSON document that ends early or is broken")
	}
	if root == nil {
		return
	}
	j := &jsonReader{p: p, text: d.text, first: d.first}
	if p.hook.JSON != nil && p.hook.JSON(root, j.lineEvidence, p.sec.o) {
		return
	}
	j.root(root)
}

// jsonReader puts out what a document says.
type jsonReader struct {
	p     *parser
	text  []byte
	first int // line of the member that the text's first line is
	found int
}

// ev is the evidence of a node: its line; of a line longer than a quote, from the node on.
func (j *jsonReader) ev(n *jsonlines.Node) schema.Evidence {
	off := min(n.Off, max(len(j.text)-1, 0))
	from := max(0, off-lines.QuoteMax)
	if i := bytes.LastIndexByte(j.text[from:off], '\n'); i >= 0 {
		from += i + 1
	} else if from > 0 {
		from = off // the line began long before
	}
	to := min(len(j.text), from+lines.QuoteMax+1)
	if i := bytes.IndexByte(j.text[min(off, to):to], '\n'); i >= 0 {
		to = min(off, to) + i
	} else if from < off && to-from > lines.QuoteMax {
		from = off
		to = min(len(j.text), off+lines.QuoteMax)
		if i := bytes.IndexByte(j.text[off:to], '\n'); i >= 0 {
			to = off + i
		}
	}
	return j.p.o.Evidence(j.first+n.Line-1, lines.Quote(j.text[from:to]))
}

func (j *jsonReader) lineEvidence(line int) schema.Evidence {
	return j.p.o.Evidence(j.first+line-1, lines.Quote(lineOf(j.text, line)))
}

// lineOf is line n of a text, from 1.
func lineOf(text []byte, n int) []byte {
	for ; n > 1; n-- {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return nil
		}
		text = text[i+1:]
	}
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		return text[:i]
	}
	return text
}

// root takes the document's outermost value.
func (j *jsonReader) root(n *jsonlines.Node) {
	switch {
	case n.IsArray():
		j.bfd(n)
	case n.IsObject() && len(n.Vals) == 0:
		j.empty(n)
	case n.IsObject():
		j.object(n, "", "", 0)
		if j.found == 0 && j.p.sec.cmd.table == "neighbors" && n.Has("vrfId") {
			j.show(n, "neighbors", "", 0)
		}
	}
}

// empty takes "{}": no route, where it is about routes of zebra or of one neighbor; no instance of BGP everywhere else.
func (j *jsonReader) empty(n *jsonlines.Node) {
	switch table := j.p.sec.cmd.table; table {
	case "rib", "advertised", "accepted", "received", "nexthop", "bfd":
		j.show(n, table, "", 0)
	default:
		j.missing(n, "BGP instance not found")
	}
}

// missing says that there is no table.
func (j *jsonReader) missing(n *jsonlines.Node, why string) {
	table := j.p.sec.cmd.table
	if table == "" {
		table = "bgp"
	}
	j.show(n, table, "", 0).Missing = why
}

func (j *jsonReader) show(n *jsonlines.Node, table, vrf string, count int) *model.TableShown {
	t := j.p.tableShown(table)
	if vrf != "" && vrf != "default" {
		t.VRF = vrf
	}
	t.Count, t.Src = count, j.ev(n)
	j.p.sec.shown = true
	j.p.out.Tables = append(j.p.out.Tables, t)
	return &j.p.out.Tables[len(j.p.out.Tables)-1]
}

// object finds out what an object is by its keys; vrf and family are those of the objects around it.
func (j *jsonReader) object(n *jsonlines.Node, vrf, family string, depth int) {
	if v := n.Get("vrfName").Str(); v != "" {
		vrf = v
	}
	switch {
	case depth > 4:
	case n.Has("warning"):
		j.found++
		j.missing(n.Get("warning"), n.Get("warning").Str())
	case n.Has("bgpNoSuchNeighbor"):
		j.found++
		j.missing(n.Get("bgpNoSuchNeighbor"), "No such neighbor in this view/vrf")
	case n.Get("peers").IsObject():
		j.summary(n, vrf, family)
	case n.Get("paths").IsArray() && n.Has("prefix"):
		j.paths(n, vrf)
	case n.Get("routes").IsObject():
		j.routes(n, n.Get("routes"), j.tableOf("bgp"), vrf)
	case n.First("advertisedRoutes", "receivedRoutes", "filteredRoutes").IsObject():
		j.adj(n, vrf)
	default:
		j.members(n, vrf, family, depth)
	}
}

// tableOf is the command's table when that is one of routes, else the one that the keys name.
func (j *jsonReader) tableOf(byKeys string) string {
	switch t := j.p.sec.cmd.table; t {
	case "advertised", "accepted", "received", "received-filtered":
		return t
	}
	return byKeys
}

// members goes into an object of peers, of prefixes, of VRFs or of families.
func (j *jsonReader) members(n *jsonlines.Node, vrf, family string, depth int) {
	peers, ribRoutes := 0, 0
	for i, v := range n.Vals {
		key := n.Keys[i]
		switch {
		case v.IsObject() && v.Has("bgpState"):
			peers++
			j.neighbor(key, v, vrf)
		case v.IsArray() && addrOf(key) != "" && len(v.Vals) > 0 && v.Vals[0].Has("protocol"):
			ribRoutes++
			j.rib(key, v, vrf)
		case v.IsObject() && isFamilyKey(key):
			j.object(v, vrf, familyOf(key), depth+1)
		case v.IsObject() && key == "vrfs":
			j.object(v, vrf, family, depth+1)
		case v.IsObject():
			inner := key
			if depth > 0 && vrf != "" {
				inner = vrf
			}
			j.object(v, inner, family, depth+1)
		}
	}
	if peers > 0 {
		j.found++
		j.show(n, "neighbors", vrf, peers)
	}
	if ribRoutes > 0 {
		j.found++
		j.show(n, "rib", vrf, ribRoutes)
	}
}

func isFamilyKey(key string) bool {
	return strings.HasPrefix(key, "ipv4") || strings.HasPrefix(key, "ipv6") || strings.HasPrefix(key, "l2Vpn") || strings.HasPrefix(key, "l2vpn")
}

// bfd takes the list of `show bfd peers json`.
func (j *jsonReader) bfd(n *jsonlines.Node) {
	count := 0
	for _, v := range n.Vals {
		if !v.Has("peer") || !v.Has("status") {
			continue
		}
		count++
		src := v.First("status")
		peer := model.BFDPeer{Origin: j.p.sec.o, Peer: Addr(v.Get("peer").Str()), Local: v.Get("local").Str(), Interface: v.Get("interface").Str(),
			Multihop: v.Get("multihop").Bool(), Status: src.Str(), Diagnostic: v.Get("diagnostic").Str(), RemoteDiag: v.Get("remote-diagnostic").Str(),
			RemoteID: int64(v.Get("remote-id").Int(0)), Uptime: msec(v.First("uptime", "downtime"), 1000), Src: j.ev(src)}
		if vrf := v.Get("vrf").Str(); vrf != "default" {
			peer.VRF = vrf
		}
		j.p.out.BFD = append(j.p.out.BFD, peer)
	}
	if count > 0 || j.p.sec.cmd.table == "bfd" || len(n.Vals) == 0 {
		j.show(n, "bfd", "", count)
	}
}
