// Package router reads what routers beside the cluster print: BIRD, GoBGP, Junos, RouterOS by itself, and by way of package vtysh all
// that print the tables of IOS (IOS, NX-OS, IOS-XR, EOS, OpenBGPD, Quagga, and FRR on a router); their configurations, as far as they
// concern BGP sessions; and lines of their logs, as remarks.
package router

import (
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/jsonlines"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
	"github.com/metallb-assay/assay/schema"
)

// maxKept bounds the neighbors, routes and remarks of one member.
const maxKept = 100_000

// Parse reads a member of kind router.
func Parse(o schema.Origin, _ int, r io.Reader, out *model.Observations) model.MemberSeen {
	o.Router = true
	rd := &reader{o: o, sec: o, out: out}
	seen := vtysh.Read(o, r, out, vtysh.Hooks{Line: rd.line, JSON: rd.json, Section: rd.section})
	rd.section(o)
	rd.confs.close(out)
	return seen
}

// reader is asked about each line before package vtysh.
type reader struct {
	o     schema.Origin // of the member
	sec   schema.Origin // of the section: with command and host
	out   *model.Observations
	cur   block
	confs configs

	ready *vtysh.Line // "BIRD 2.0.12 ready.", until something follows
	kept  int
}

// block is an open piece of output.
type block interface {
	line(l vtysh.Line) bool // false: not its own
	end()
}

// section ends what is open: a new command follows.
func (r *reader) section(o schema.Origin) {
	r.close()
	r.birdEmpty()
	r.confs.leave()
	r.sec = o
	r.sec.Router = true
}

func (r *reader) close() {
	if r.cur != nil {
		b := r.cur
		r.cur = nil
		b.end()
	}
}

func (r *reader) open(b block) {
	r.close()
	r.cur = b
	r.ready = nil
}

// command is the section's command, else what the file's name says of it.
func (r *reader) command() string {
	if r.sec.Command != "" {
		return strings.ToLower(r.sec.Command)
	}
	base := r.o.Path[strings.LastIndexAny(r.o.Path, "/!")+1:]
	return strings.ToLower(strings.ReplaceAll(base, "-", " "))
}

func (r *reader) line(l vtysh.Line) bool {
	if r.cur != nil {
		if r.cur.line(l) {
			return true
		}
		r.close()
	}
	return r.start(l) || r.confs.line(r, l) || r.logLine(l)
}

// start opens the block that a line begins.
func (r *reader) start(l vtysh.Line) bool {
	t := strings.TrimSpace(l.Text)
	f := strings.Fields(t)
	switch {
	case strings.HasPrefix(t, "BIRD ") && (strings.HasSuffix(t, "ready.") || len(f) == 2):
		r.birdReady(l, f)
	case len(f) >= 5 && strings.EqualFold(f[0], "name") && strings.EqualFold(f[1], "proto") && strings.EqualFold(f[3], "state"):
		r.open(&birdProtocols{r: r, l: l})
	case strings.HasPrefix(t, "Table ") && strings.HasSuffix(t, ":") && len(f) == 2:
		r.open(&birdRoutes{r: r, l: l})
	case birdRoute(f):
		b := &birdRoutes{r: r, l: l}
		r.open(b)
		return b.line(l)
	case len(f) > 4 && f[0] == "Peer" && f[1] == "AS" && strings.Contains(t, "|#") && !strings.Contains(t, "InPkt"):
		r.open(&gobgpPeers{r: r, l: l})
	case strings.Contains(t, "AS_PATH") && strings.Contains(t, "Next Hop"):
		r.open(&gobgpRoutes{r: r, l: l})
	case strings.HasPrefix(t, "neighbor ") && strings.HasSuffix(t, "BGP session is not established"):
		r.show(l, model.TableShown{Table: "received", Neighbor: strings.TrimSuffix(f[1], "'s"), Missing: t})
	case len(f) > 4 && f[0] == "Peer" && strings.Contains(t, "InPkt"):
		r.open(&junosSummary{r: r, l: l})
	case strings.HasPrefix(t, "Peer: ") && len(f) > 3 && f[2] == "AS":
		r.open(newJunosPeer(r, l, f))
	case len(f) > 2 && f[0] == "+" && strings.Contains(t, "Active Route"):
		r.open(&junosRoutes{r: r, l: l})
	case strings.HasPrefix(t, "Flags: ") && (strings.Contains(t, "established") || strings.Contains(t, "E -")):
		r.open(&osPeers{r: r, l: l})
	case strings.HasPrefix(t, "Flags: ") && strings.Contains(strings.ToLower(t), "bgp"):
		r.open(&osRoutes{r: r, l: l})
	default:
		return false
	}
	return true
}

// show says that a table was looked at.
func (r *reader) show(l vtysh.Line, t model.TableShown) {
	t.Origin, t.Src = r.sec, l.Evidence()
	r.out.Tables = append(r.out.Tables, t)
}

func (r *reader) addNeighbor(n model.BGPNeighbor) {
	if r.kept++; r.kept <= maxKept {
		r.out.Neighbors = append(r.out.Neighbors, n)
	}
}

func (r *reader) addRoute(x model.Route) {
	if r.kept++; r.kept <= maxKept {
		r.out.Routes = append(r.out.Routes, x)
	}
}

func (r *reader) newNeighbor(system string, src schema.Evidence) model.BGPNeighbor {
	n := vtysh.NewNeighbor(r.sec)
	n.System, n.Src = system, src
	return n
}

func (r *reader) newRoute(table, prefix string, l vtysh.Line) model.Route {
	return model.Route{Origin: r.sec, Table: table, Prefix: vtysh.Prefix(prefix, false), Protocol: "bgp", LocalPref: -1, Metric: -1, Valid: true, Src: l.Evidence()}
}

// json takes documents that are no FRR's.
func (r *reader) json(doc *jsonlines.Node, evidence func(int) schema.Evidence, o schema.Origin) bool {
	r.sec = o
	r.sec.Router = true
	switch {
	case doc.IsObject() && doc.Has("msg") && doc.Has("level"):
		r.gobgpLog(doc, evidence)
		return true
	case doc.IsArray() && len(doc.Vals) > 0 && doc.Vals[0].Has("conf") && doc.Vals[0].Has("state"):
		r.gobgpJSON(doc, evidence)
		return true
	}
	return false
}
