package frrconf

import (
	"io"
	"strings"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/lines"
	"github.com/metallb-assay/assay/schema"
)

// IDs of the remarks that a daemons file gives; Value is the daemon's name, or of a broken line nothing.
const (
	DaemonEnabled  = "frr-daemon-enabled"
	DaemonDisabled = "frr-daemon-disabled"
	DaemonsBroken  = "frr-daemons-broken"
)

// maxDaemonsLines is far more than the file has (some 60).
const maxDaemonsLines = 5000

// parseDaemons reads lines "bgpd=yes"; options and shell variables are passed over. A line that a shell could not read either
// (the file is sourced by one) is a remark.
func parseDaemons(o schema.Origin, r io.Reader, out *model.Observations) model.MemberSeen {
	seen := model.MemberSeen{Origin: o, Read: "whole"}
	sc := lines.New(o, r)
	quoted := false // inside a quoted value of several lines
	for sc.Scan() && sc.Number() <= maxDaemonsLines {
		t := strings.TrimSpace(string(sc.Text()))
		open := quoted
		if strings.Count(t, `"`)%2 == 1 && !strings.HasPrefix(t, "#") {
			quoted = !quoted
		}
		if open || t == "" || t[0] == '#' {
			seen.Ignored++
			continue
		}
		name, value, ok := strings.Cut(t, "=")
		switch {
		case !ok || name == "" || strings.ContainsAny(name, " \t"):
			seen.Unread++
			if seen.Src.Line == 0 {
				seen.Src = sc.Evidence()
			}
			out.Remarks = append(out.Remarks, model.Remark{Origin: o, ID: DaemonsBroken, Text: t, Src: sc.Evidence()})
		case strings.HasSuffix(name, "d") && isDaemon(name):
			seen.Taken++
			id := DaemonDisabled
			if v := strings.Trim(value, `"' `); v == "yes" || strings.HasPrefix(v, "yes ") || (v != "" && v != "0" && v[0] >= '1' && v[0] <= '9') {
				id = DaemonEnabled
			}
			out.Remarks = append(out.Remarks, model.Remark{Origin: o, ID: id, Value: name, Text: t, Src: sc.Evidence()})
		default:
			seen.Ignored++
		}
	}
	seen.Lines = sc.Number()
	return seen
}

func isDaemon(name string) bool {
	switch name {
	case "bgpd", "ospfd", "ospf6d", "ripd", "ripngd", "isisd", "pimd", "pim6d", "ldpd", "nhrpd", "eigrpd", "babeld", "sharpd", "pbrd", "bfdd", "fabricd",
		"vrrpd", "pathd", "staticd", "mgmtd", "zebra":
		return true
	}
	return false
}
