package check

import (
	"fmt"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

var notALoadBalancer = &Check{
	Cause: "not-a-load-balancer", Title: "the Service is not of type LoadBalancer",
	Doc: `MetalLB serves Services of spec.type LoadBalancer alone; annotations and loadBalancerIP on another type do nothing. Told for Services that ask
MetalLB for something all the same.`,
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.Services {
			if s.Object == nil || s.Object.Type == "" || s.Object.Type == "LoadBalancer" || len(s.Addresses) > 0 || s.served() != nil {
				continue
			}
			asks := s.Object.AsksMetalLB()
			if asks == "" {
				continue
			}
			path := asks
			if asks != "spec.loadBalancerIP" {
				path = "metadata.annotations." + asks
			}
			is := fmt.Sprintf("it has %s and is of type %s", asks, s.Object.Type)
			report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "spec.type LoadBalancer", Is: is,
				Remedy:   fmt.Sprintf(`kubectl -n %s patch svc %s -p '{"spec":{"type":"LoadBalancer"}}'`, s.Namespace, s.Name),
				Evidence: []schema.Evidence{s.Object.At("spec.type"), s.Object.At(path)},
				Clause:   "no address, because MetalLB serves only Services of type LoadBalancer: " + is})
		}
	},
}

var controllerNotReconciling = &Check{
	Cause: "controller-not-reconciling", Title: "the controller does not handle the Service",
	Doc: `A pool could serve the Service, and the controller's log, which shows that it handled others since, has no line on it: a stuck queue, a lost watch, a
lock that it waits for. A restart of the controller hides the cause: keep its log and a dump of its goroutines (SIGQUIT).`,
	Run: func(v *View, report func(Finding)) {
		for _, u := range v.unassigned {
			if u.Cause != "" || u.Error != "" || !u.Gets || v.Expect.Guessed {
				continue
			}
			if src, is := v.passedOver(u.Service); is != "" {
				report(Finding{Services: []string{u.Key()}, Confidence: schema.Likely, Objects: []schema.Object{u.Ref()}, Evidence: src,
					Should: "the controller gives it an address of a pool that may serve it", Is: is,
					Remedy: "kubectl -n " + v.Expect.Base.Namespace + " rollout restart deploy/controller, after its log is saved; a dump of its goroutines would prove it",
					Clause: "no address though a pool could give one: " + is})
			}
		}
	},
}

// passedOver tells whether the controller's log covers the Service's life for two minutes at least, handles others in that time and
// never names it.
func (v *View) passedOver(s *Service) ([]schema.Evidence, string) {
	if s.Object == nil || s.Object.Created.IsZero() {
		return nil, ""
	}
	for _, l := range v.LogsOf(model.Controller) {
		if l.Origin.Previous || l.Last.Sub(s.Object.Created) < 2*time.Minute || l.Dropped > 0 || lastRefusal(l) != nil {
			continue
		}
		var busy *model.LogEvent
		for _, e := range l.Events {
			if e.Service == s.Key() || e.ID == model.MsgForbidden || e.ID == model.MsgAPIError {
				return nil, ""
			}
			if (e.ID == model.MsgReconcile || e.ID == model.MsgAllocated || e.ID == model.MsgStatusWritten) && e.Service != "" && e.Last.Time.After(s.Object.Created) {
				busy = e
			}
		}
		if busy != nil {
			return []schema.Evidence{busy.Last.Src, s.Object.At("status.loadBalancer")},
				fmt.Sprintf("the controller's log goes on until %s, and has no line on a Service that was made at %s",
					l.Last.UTC().Format("15:04:05"), s.Object.Created.UTC().Format("15:04:05"))
		}
	}
	return nil, ""
}
