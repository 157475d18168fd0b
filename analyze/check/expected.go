package check

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var pingExpected = &Check{
	Cause: "ping-expected", Title: "ping is no test of a Service",
	Doc: `A Service's address has no host behind it: kube-proxy translates the Service's ports and nothing else, so an echo request is mostly not answered, whether the
Service works or not (in IPVS mode the node answers it, which proves nothing either). Told as a note where ping or a trace fails; the Service's state follows from
other evidence.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			var src []schema.Evidence
			for _, p := range s.Fails {
				if slices.Contains([]string{"ping", "traceroute", "tracert", "mtr", "tracepath"}, p.Tool) {
					src = append(src, p.Src)
				}
			}
			if len(src) == 0 {
				src = v.words(s, model.SaysPingFails)
			}
			if len(src) == 0 || len(s.failing()) > 0 {
				continue
			}
			is := "ping to " + s.Addresses[0] + " is not answered"
			if w := s.served(); w != nil {
				is += fmt.Sprintf(", and %s is (%s)", w.Tool, w.Outcome)
				src = append(src, w.Src)
			}
			report(Finding{Services: []string{s.Key()}, Severity: schema.Info, Objects: []schema.Object{s.Ref()}, Evidence: src,
				Should: "test the Service's own port", Is: is, Remedy: "curl or nc to " + s.Addresses[0] + " and a port of the Service"})
		}
	},
}

// nameElsewhere looks for a request by name that fails while one of the same name that was sent to the Service's address is answered.
func (v *View) nameElsewhere(s *Service) (fails, works *model.Probe) {
	for i := range s.Works {
		w := &s.Works[i]
		u, err := url.Parse(w.URL)
		if err != nil || u.Hostname() == "" || inside(*w) {
			continue
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil {
			continue
		}
		for j := range v.Probes {
			if p := &v.Probes[j]; Transport(*p) && !p.OK && !inside(*p) && p.Target == u.Hostname() && !s.has(p.Addr) && (lost(*p) || refusedBy(*p)) {
				return p, w
			}
		}
	}
	return nil, nil
}

var clientSide = &Check{
	Cause: "client-side", Title: "the cluster answers; what is wrong is asked or answered above it",
	Doc: `The address accepts the connection and an application answers, so MetalLB and kube-proxy do their work: an ingress controller's 404 for an unknown Host, plain HTTP
spoken to a TLS port, a certificate that does not fit, a name that resolves to something else. Told as a note; the Service stays ok.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.HasAddress() {
			if len(s.failing()) > 0 {
				continue
			}
			var src []schema.Evidence
			is := ""
			for _, p := range slices.Concat(s.Works, s.Fails) {
				switch {
				case !Transport(p) || inside(p):
					continue
				case p.Status == 404 || p.Status == 400 || p.Status == 421:
					is = fmt.Sprintf("the application answers HTTP %d", p.Status)
				case p.Outcome == model.OutcomeTLS:
					is = "the connection is up and the two ends do not agree on TLS"
				default:
					continue
				}
				src = append(src, p.Src)
			}
			if other, works := v.nameElsewhere(s); other != nil {
				is = fmt.Sprintf("a request by the name %s fails, and the same request answers when it is sent to %s: the name leads elsewhere for that client", other.Target, s.List())
				src = append(src, other.Src, works.Src)
			}
			if len(src) == 0 {
				continue
			}
			report(Finding{Services: []string{s.Key()}, Severity: schema.Info, Objects: []schema.Object{s.Ref()}, Evidence: src,
				Should: "a request that the application knows: its Host, its scheme", Is: is,
				Remedy: "ask with the Host that the application serves (curl --resolve NAME:PORT:" + s.Addresses[0] + "), and https where the port speaks TLS"})
		}
	},
}
