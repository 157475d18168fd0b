// Package router reads what routers beside the cluster print: BIRD, GoBGP, Junos, RouterOS, OpenBGPD by itself, and by way of package
// vtysh all that print the tables of IOS (IOS, NX-OS, IOS-XR, EOS, Quagga, and FRR on a router).
package router

import (
	"io"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/vtysh"
	"github.com/metallb-assay/assay/schema"
)

// Parse reads a member of kind router.
func Parse(o schema.Origin, _ int, r io.Reader, out *model.Observations) model.MemberSeen {
	o.Router = true
	return vtysh.Read(o, r, out, vtysh.Hooks{})
}
