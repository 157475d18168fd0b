package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/schema"
)

// Down is why sessions are down (or do not last), and the Services that lose by it.
type Down struct {
	why      *reason
	cause    string
	links    []*Link
	failed   []string // Services that no session carries
	degraded []string // Services that lack a session on some announcing node, or whose sessions flap
	spare    []string // Services that other sessions of the same nodes carry
	nobodys  bool     // nothing attached names a Service: the sessions alone are judged
	others   bool     // of nobodys: the nodes have other sessions that are up
}

// reason is what one diagnosis says of one session.
type reason struct {
	clause     string // finishes "the BGP session of NODES with PEER is down: "
	should     string
	remedy     string
	confidence schema.Confidence
	src        []schema.Evidence // of its own; the session's state follows
	flaps      bool              // the session comes up and goes down again
}

// diagnosis looks at a session that is down, or flaps, and says why in the terms of one cause; nil where it does not see it.
type diagnosis struct {
	cause string
	look  func(v *View, l *Link) *reason
}

// diagnoses stand in the order in which they are asked: what a side says of itself, then what only fits.
var diagnoses = []diagnosis{
	{"tcp-md5-unsupported", md5Unsupported},
	{"asn-mismatch", asnDiffers},
	{"hold-time-rejected", holdTimeRejected},
	{"router-id-clash", routerIDClash},
	{"capability-mismatch", familiesDiffer},
	{"router-filters-prefix", maxPrefixReached},
	{"session-taken-by-other", sessionTaken},
	{"bfd-down", bfdDown},
	{"multihop-missing", multihopMissing},
	{"source-address-unexpected", sourceUnexpected},
	{"password-mismatch", passwordDiffers},
	{"connection-refused", connectionRefused},
	{"peer-unreachable", peerUnreachable},
	{"reload-resets-session", resetByReload},
	{"session-flapping", onlyFlaps},
	{"session-not-established", noReason},
}

// diagnoseSessions finds the cause of each session that is down or flaps and matters to a Service, and sums them up by cause and peer.
func (v *View) diagnoseSessions() {
	type key struct{ cause, peer, clause string }
	sums := map[key]*Down{}
	var order []key
	whyOf := map[*Link]key{}
	sum := func(l *Link) *Down {
		k, ok := whyOf[l]
		if !ok {
			cause, why := v.why(l)
			k = key{cause, l.Peer, why.clause}
			whyOf[l] = k
			if sums[k] == nil {
				sums[k] = &Down{why: why, cause: cause}
				order = append(order, k)
			}
			sums[k].links = append(sums[k].links, l)
		}
		return sums[k]
	}
	for _, s := range v.Services {
		if !v.usesBGP(s) {
			continue
		}
		st := v.stand(s)
		for _, l := range st.down {
			d := sum(l)
			dead := st.orphans || slices.Contains(st.dead, l.Who)
			switch {
			case l.Flaps != nil && dead:
				d.degraded = append(d.degraded, s.Key())
			case s.served() != nil, !dead:
				d.spare = append(d.spare, s.Key())
			case len(st.alive) > 0:
				if !st.orphans {
					d.degraded = append(d.degraded, s.Key())
				} else {
					d.spare = append(d.spare, s.Key())
				}
			default:
				d.failed = append(d.failed, s.Key())
			}
		}
		for _, l := range st.flapping {
			if !l.Up {
				continue
			}
			d := sum(l)
			if v.steadyBeside(st, l) {
				d.spare = append(d.spare, s.Key())
			} else {
				d.degraded = append(d.degraded, s.Key())
			}
		}
	}
	if len(v.Services) == 0 {
		v.sessionsAlone(sum)
	}
	for _, k := range order {
		v.downs = append(v.downs, *sums[k])
	}
}

// sessionsAlone judges sessions where nothing that is attached names a Service: outputs of FRR or of a router alone.
func (v *View) sessionsAlone(sum func(*Link) *Down) {
	for _, l := range v.links {
		if !l.Known || l.Up && l.Flaps == nil {
			continue
		}
		d := sum(l)
		d.nobodys = true
		d.others = d.others || slices.ContainsFunc(v.links, func(o *Link) bool {
			return o != l && o.Who == l.Who && o.Up && o.Flaps == nil
		})
	}
}

// steadyBeside tells whether another session of the same speaker carries the Service and does not flap.
func (v *View) steadyBeside(st *standing, l *Link) bool {
	return slices.ContainsFunc(st.wants, func(w Want) bool {
		return w.Link != nil && w.Link != l && w.Link.Who == l.Who && w.Link.Up && w.Link.Flaps == nil
	})
}

func (v *View) why(l *Link) (string, *reason) {
	for _, d := range diagnoses {
		if r := d.look(v, l); r != nil {
			return d.cause, r
		}
	}
	return "session-not-established", &reason{clause: "nothing attached says why", confidence: schema.Likely}
}

// sessionCheck makes the check of a cause that diagnoses find.
func sessionCheck(cause, title, doc string) *Check {
	return &Check{Cause: cause, Title: title, Doc: doc, Explains: sessionConsequences(cause),
		Run: func(v *View, report func(Finding)) {
			for i := range v.downs {
				if d := &v.downs[i]; d.cause == cause {
					d.report(v, report)
				}
			}
		}}
}

// sessionConsequences are what any reason of a session that is down explains.
func sessionConsequences(cause string) []string {
	var list []string
	for _, c := range []string{"session-flapping", "session-not-established", "prefix-not-sent"} {
		if c != cause && !(cause == "session-not-established" && c == "session-flapping") {
			list = append(list, c)
		}
	}
	return list
}

func (d *Down) report(v *View, report func(Finding)) {
	var nodes []string
	var src []schema.Evidence
	for _, l := range d.links {
		nodes = append(nodes, l.Who)
		src = append(src, l.src()...)
	}
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	l := d.links[0]
	what := "is down"
	if d.why.flaps {
		what = "does not last"
	}
	is := fmt.Sprintf("the BGP session of %s with %s %s: %s", someOf(nodes), l.name(), what, d.why.clause)
	f := Finding{Is: is, Clause: is, Should: d.why.should, Remedy: d.why.remedy, Confidence: d.why.confidence,
		Evidence: append(slices.Clone(d.why.src), src[:min(len(src), 6)]...)}
	if f.Should == "" {
		f.Should = "an established session with " + l.name()
	}
	if l.Object != nil {
		f.Objects = append(f.Objects, l.Object.Object())
		f.Evidence = append(f.Evidence, l.Object.At("spec.peerAddress"))
	}
	if len(d.failed) > 0 {
		g := f
		g.Services = d.failed
		g.Clause = "no router gets its route: " + is
		report(g)
	}
	if len(d.degraded) > 0 {
		g := f
		g.Services, g.State = d.degraded, schema.StateDegraded
		g.Clause = "its route is missing from some nodes: " + is
		if d.why.flaps {
			g.Clause = "its route comes and goes: " + is
		}
		report(g)
	}
	if d.nobodys {
		if d.others || d.cause == "session-not-established" {
			f.Severity = schema.Warning
		}
		report(f)
	}
	if len(d.spare) > 0 && len(d.failed)+len(d.degraded) == 0 {
		g := f
		g.Services, g.Severity = d.spare, schema.Warning
		report(g)
	}
}

// someOf names up to four of a list.
func someOf(names []string) string {
	if len(names) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}
