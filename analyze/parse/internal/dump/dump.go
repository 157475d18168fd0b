// Package dump serves the tests of the parsers of routers: it reads their samples and writes observations as text, for what is
// expected of them. Nothing but tests imports it.
package dump

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// Text writes observations one a line, without fields that say nothing.
func Text(out *model.Observations, seen model.MemberSeen) string {
	var b strings.Builder
	at := func(e schema.Evidence) string {
		if e.LastLine > 0 {
			return fmt.Sprintf("@%d-%d", e.Line, e.LastLine)
		}
		return fmt.Sprintf("@%d", e.Line)
	}
	for _, v := range out.Versions {
		fmt.Fprintf(&b, "version %s %s %d %s\n", v.Of, v.Version, v.Strength, at(v.Src))
	}
	for _, n := range out.Neighbors {
		fmt.Fprintf(&b, "neighbor %s%s %s as %d<-%d ids %s<-%s %s up %s", n.Addr, vrfOf(n.VRF), n.System, n.RemoteAS, n.LocalAS, n.RemoteID, n.LocalID, n.State, n.Uptime)
		fmt.Fprintf(&b, " msgs %d/%d pfx %d/%d/%d est %d drop %d %s\n", n.MsgSent, n.MsgRcvd, n.PfxRcd, n.PfxSent, n.PfxReceivedBeforePolicy, n.Established, n.Dropped, at(n.Src))
		line := func(name string, v any, zero bool) {
			if !zero {
				fmt.Fprintf(&b, "  %s: %v\n", name, v)
			}
		}
		line("never", n.Never, !n.Never)
		line("last reset", fmt.Sprintf("%s, %s ago %s", n.LastReset, n.LastResetAgo, at(n.ErrSrc)), n.LastReset == "")
		line("last error", fmt.Sprintf("%s, sent %v", n.LastError, n.LastErrorSent), n.LastError == "")
		line("open", fmt.Sprintf("as %d hold %d id %s", n.OpenAS, n.OpenHold, n.OpenID), n.OpenID == "")
		line("times", fmt.Sprintf("hold %d keepalive %d configured %d hops %d", n.HoldTime, n.KeepaliveTime, n.ConfiguredHold, n.MaxHops), n.HoldTime < 0 && n.MaxHops == 0)
		line("sockets", fmt.Sprintf("%s:%d %s:%d", n.LocalHost, n.LocalPort, n.ForeignHost, n.ForeignPort), n.LocalHost == "")
		line("bfd", n.BFD+" "+n.BFDType, n.BFD == "")
		line("policy missing", n.InboundPolicyMissing, !n.InboundPolicyMissing)
		line("maps", n.RouteMapIn+" "+n.RouteMapOut, n.RouteMapIn+n.RouteMapOut == "")
		line("families", fmt.Sprint(n.Families, " not ", n.NotNegotiated), len(n.Families)+len(n.NotNegotiated) == 0)
		line("description", n.Description, n.Description == "")
		line("host", n.Origin.Host, n.Origin.Host == "")
	}
	for _, r := range out.Routes {
		flags := ""
		for _, f := range []struct {
			on bool
			s  string
		}{{r.Valid, "valid"}, {r.Best, "best"}, {r.Multipath, "multipath"}, {r.Stale, "stale"}, {r.RIBFailure, "ribfailure"}, {r.Installed, "installed"}} {
			if f.on {
				flags += " " + f.s
			}
		}
		fmt.Fprintf(&b, "route %s%s %s via %s %v dev %q proto %s path %q lp %d med %d from %q nb %q comm %v%s %s %s\n", r.Table, vrfOf(r.VRF), r.Prefix, r.NextHop, r.NextHops, r.Device,
			r.Protocol, r.Path, r.LocalPref, r.Metric, r.Source, r.Neighbor, r.Communities, flags, r.Kind, at(r.Src))
	}
	for _, t := range out.Tables {
		fmt.Fprintf(&b, "table %q%s nb %q fam %q prefix %q filter %q count %d filtered %d missing %q empty %v cmd %q %s\n", t.Table, vrfOf(t.VRF), t.Neighbor, t.Family, t.Prefix, t.Filter, t.Count, t.Filtered, t.Missing, t.Empty,
			t.Origin.Command, at(t.Src))
	}
	for _, p := range out.BFD {
		fmt.Fprintf(&b, "bfd %s%s local %q dev %q multihop %v %s diag %q/%q rid %d for %s %s\n", p.Peer, vrfOf(p.VRF), p.Local, p.Interface, p.Multihop, p.Status, p.Diagnostic, p.RemoteDiag, p.RemoteID, p.Uptime, at(p.Src))
	}
	for _, n := range out.NextHops {
		fmt.Fprintf(&b, "nexthop %s valid %v %q %s\n", n.Addr, n.Valid, n.Reason, at(n.Src))
	}
	for _, c := range out.FRRConfs {
		fmt.Fprintf(&b, "conf running %v system %q version %q hostname %q lines %d unknown %q %s\n", c.Running, c.System, c.Version, c.Hostname, c.Lines, c.Unknown, at(c.Src))
		for _, r := range c.Routers {
			fmt.Fprintf(&b, "  router %d%s id %q policy %v nets %v paths %d %s\n", r.ASN, vrfOf(r.VRF), r.ID, r.EBGPRequiresPolicy, r.Networks, r.MaximumPaths, at(r.Src))
			for _, n := range r.Neighbors {
				s := n.Src
				fmt.Fprintf(&b, "    %s %s\n", neighbor(n), at(s))
			}
		}
		fmt.Fprintf(&b, "  maps %q\n  lists %q\n", c.RouteMaps, c.PrefixLists)
	}
	for _, m := range out.Metrics {
		fmt.Fprintf(&b, "metric %s %v %v %s\n", m.Name, m.Labels, m.Value, at(m.Src))
	}
	for _, r := range out.Remarks {
		fmt.Fprintf(&b, "remark %s addr %q value %q %q %s\n", r.ID, r.Addr, r.Value, r.Text, at(r.Src))
	}
	fmt.Fprintf(&b, "member %s %q lines %d taken %d ignored %d unread %d %q\n", seen.Read, seen.Why, seen.Lines, seen.Taken, seen.Ignored, seen.Unread, seen.Src.Quote)
	return b.String()
}

// vrfOf marks what is not of the default VRF.
func vrfOf(v string) string {
	if v == "" {
		return ""
	}
	return "[" + v + "]"
}

// neighbor writes the fields of a configured neighbor that are set.
func neighbor(n model.FRRConfNeighbor) string {
	n.Src = schema.Evidence{}
	v := reflect.ValueOf(n)
	var words []string
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			words = append(words, fmt.Sprintf("%s=%v", v.Type().Field(i).Name, f))
		}
	}
	return strings.Join(words, " ")
}
