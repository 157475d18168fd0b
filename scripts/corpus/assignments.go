package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/schema"
)

// assignments follows a controller's log: its configuration by the dumps of resources, the Services as it reads them, and what each
// holds by what it was given.
type assignments struct {
	in    metallb.Input
	cfg   *metallb.Config // nil: none shown yet
	score *score
	name  string

	current string                    // key of the Service at work
	seen    map[string]*model.Service // as last read
	holding map[string][]string       // addresses by Service
}

func newAssignments(version string, s *score, name string) *assignments {
	return &assignments{in: metallb.Input{Version: metallb.V(version), Mode: schema.Mode("frr"), Namespace: "metallb-system"},
		score: s, name: name, seen: map[string]*model.Service{}, holding: map[string][]string{}}
}

func (a *assignments) line(n int, e entry) {
	for _, key := range []string{"processing service", "reprocessing service"} {
		if text := e.text(key); strings.HasPrefix(text, "{") {
			a.read(text)
		}
	}
	for _, key := range []string{"metallb CRs", "metallb CRs and Secrets"} {
		if text := e.text(key); text != "" {
			a.configure(text)
		}
	}
	if key := e.text("processing deletion on service"); key != "" {
		delete(a.seen, key)
		delete(a.holding, key)
		a.current = ""
	}
	switch e.text("event") {
	case "clearAssignment":
		delete(a.holding, a.current)
	case "ipAllocated":
		a.allocated(n, e.list("ip"))
	}
}

// read takes the Service that is about to be handled. Its status is what it holds where the log did not say so itself.
func (a *assignments) read(text string) {
	objects := kube.DecodeObjects([]json.RawMessage{json.RawMessage(text)})
	if len(objects.Services) != 1 {
		return
	}
	svc := objects.Services[0]
	a.current = svc.Key()
	a.seen[a.current] = svc
	if _, told := a.holding[a.current]; !told && svc.Type == "LoadBalancer" {
		for _, i := range svc.Ingress {
			a.holding[a.current] = append(a.holding[a.current], i.IP)
		}
	}
}

// configure takes a dump of the resources; one that is refused leaves the configuration before.
func (a *assignments) configure(text string) {
	var lists map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &lists) != nil {
		return
	}
	var raw []json.RawMessage
	for _, list := range lists {
		var items []json.RawMessage
		if json.Unmarshal(list, &items) == nil {
			raw = append(raw, items...)
		}
	}
	objects := kube.DecodeObjects(raw)
	in := a.in
	in.Objects = &objects
	if cfg, refused := metallb.ParseConfig(in, metallb.Controller, ""); refused == nil {
		a.in, a.cfg = in, cfg
	}
}

// allocated compares an address that the controller gave to the Service at work.
func (a *assignments) allocated(n int, ips []string) {
	svc := a.seen[a.current]
	if svc == nil || a.cfg == nil {
		a.score.not++
		return
	}
	var others []*model.Service
	for key, held := range a.holding {
		if s := a.seen[key]; s != nil && key != a.current && len(held) > 0 {
			others = append(others, withIngress(s, held))
		}
	}
	got := metallb.NewStock(a.in, a.cfg, others).Assign(svc)
	diff := ""
	if !slices.ContainsFunc(got.Grants, func(g metallb.Grant) bool { return sameAddresses(g.Addresses, ips) }) {
		diff = fmt.Sprintf("%s:%d %s was given %s, predicted %v", a.name, n, a.current, strings.Join(ips, ","), got.Grants)
	}
	a.score.add(diff)
	a.holding[a.current] = ips
}

// withIngress is the Service with these addresses in its status.
func withIngress(s *model.Service, ips []string) *model.Service {
	c := *s
	c.Ingress = nil
	for _, ip := range ips {
		c.Ingress = append(c.Ingress, model.Ingress{IP: ip})
	}
	return &c
}

func sameAddresses(got []netip.Addr, want []string) bool {
	texts := make([]string, 0, len(got))
	for _, a := range got {
		texts = append(texts, a.String())
	}
	want = slices.Clone(want)
	slices.Sort(texts)
	slices.Sort(want)
	return slices.Equal(texts, want)
}
