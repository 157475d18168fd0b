package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

// rival is another load balancer controller that serves, or tries to serve, a Service, and where that is seen.
type rival struct {
	who    string
	writes bool // it is seen to write the status, beside MetalLB or after it
	src    []schema.Evidence
}

// rivals are the other controllers that are known by the names that they leave on a Service: the manager of a status field, the
// prefix of an annotation or a condition.
var rivals = []struct{ word, who string }{
	{"kube-vip", "kube-vip"},
	{"cilium", "Cilium"},
	{"servicelb", "k3s ServiceLB"},
	{"svccontroller.k3s.cattle.io", "k3s ServiceLB"},
	{"k3s", "k3s ServiceLB"},
	{"rke2", "ServiceLB"},
	{"klipper", "k3s ServiceLB"},
	{"openelb", "OpenELB"},
	{"porter", "OpenELB"},
	{"purelb", "PureLB"},
	{"loxilb", "LoxiLB"},
	{"aws-load-balancer-controller", "the AWS load balancer controller"},
	{"cloud-controller-manager", "a cloud controller manager"},
	{"cloud-provider", "a cloud provider"},
}

// rivalAnnotations are annotations by which another controller marks a Service that it serves, or is asked to serve.
var rivalAnnotations = []string{"kube-vip.io/", "lbipam.cilium.io/", "io.cilium/lb-ipam", "eip.openelb", "purelb.io/allocated-by", "protocol.openelb"}

func rivalName(text string) string {
	for _, r := range rivals {
		if strings.Contains(text, r.word) {
			return r.who
		}
	}
	return ""
}

// rivalsOf looks for other controllers of a Service; nil when none is seen.
func (v *View) rivalsOf(s *Service) *rival {
	var r *rival
	add := func(who string, writes bool, src schema.Evidence) {
		if r == nil {
			r = &rival{who: who}
		}
		r.writes = r.writes || writes
		r.src = append(r.src, src)
	}
	if o := s.Object; o != nil {
		ours := time.Time{}
		for _, m := range o.Managers {
			if m.Status && m.Name == "controller" {
				ours = m.Time
			}
		}
		for _, m := range o.Managers {
			if who := rivalName(m.Name); m.Status && who != "" {
				add(who, ours.IsZero() || m.Time.IsZero() || !m.Time.Before(ours.Add(-10*time.Minute)), m.Src)
			}
		}
		for _, key := range model.Sorted(annotationKeys(o.Annotations)) {
			if slices.ContainsFunc(rivalAnnotations, func(p string) bool { return strings.HasPrefix(key, p) }) {
				add(rivalName(key), false, o.At("metadata.annotations."+key))
			}
		}
	}
	for _, p := range v.Obj.Pods {
		if svclbOf(p, s) {
			add("k3s ServiceLB", false, p.Src)
			break
		}
	}
	for _, e := range s.Events {
		switch e.Reason {
		case "UpdatedIngressIP":
			add("k3s ServiceLB", true, e.Src)
		case "AppliedDaemonSet":
			add("k3s ServiceLB", false, e.Src)
		case "EnsuredLoadBalancer", "SyncLoadBalancerFailed", "UpdatedLoadBalancer", "CreatingLoadBalancerFailed":
			add("a cloud provider's service controller", false, e.Src)
		}
	}
	return r
}

func annotationKeys(m map[string]string) map[string]bool {
	set := make(map[string]bool, len(m))
	for k := range m {
		set[k] = true
	}
	return set
}

// svclbOf tells whether the pod is one of those that k3s' ServiceLB makes for the Service, by its labels, else by its name
// ("svclb-NAME-...").
func svclbOf(p *model.Pod, s *Service) bool {
	if !strings.HasPrefix(p.Name, "svclb-") {
		return false
	}
	if name := p.Labels["svccontroller.k3s.cattle.io/svcname"]; name != "" {
		ns := p.Labels["svccontroller.k3s.cattle.io/svcnamespace"]
		return name == s.Name && (ns == "" || ns == s.Namespace)
	}
	rest, ok := strings.CutPrefix(p.Name, "svclb-"+s.Name+"-")
	return ok && strings.Count(rest, "-") <= 1
}

// contest is what shows that two controllers write the status of one Service by turns.
type contest struct {
	is  string
	src []schema.Evidence
}

// contestOf looks for a contest that still goes on: MetalLB's controller takes an address that it did not give from the Service
// and gives its own, again and again, or a watch shows the addresses alternate. A change of pools does that once.
func (v *View) contestOf(s *Service, known bool) *contest {
	for _, l := range v.LogsOf(model.Controller) {
		var cleared, given *model.LogEvent
		for _, e := range l.Events {
			if e.Service != s.Key() {
				continue
			}
			switch e.ID {
			case model.MsgCleared:
				foreign := strings.Contains(e.Error, "is not allowed in config") || known && e.Reason == "nolbIPsIPFamily"
				if foreign && (cleared == nil || e.Count > cleared.Count) {
					cleared = e
				}
			case model.MsgAllocated:
				if given == nil || e.Count > given.Count {
					given = e
				}
			}
		}
		if cleared == nil || given == nil || cleared.Count < 3 || given.Count < 3 || l.Last.Sub(cleared.Last.Time) > 10*time.Minute {
			continue
		}
		had := "an address that it did not give"
		if cleared.Error != "" && !contains(cleared.Error, "IPFamily") {
			had = cleared.Error
		}
		return &contest{fmt.Sprintf("MetalLB gives %s %d times, each time after it found %s", strings.Join(given.IPs, ", "), given.Count, had),
			[]schema.Evidence{cleared.Last.Src, given.Last.Src}}
	}
	if c := s.alternates(); c != nil {
		return c
	}
	if c := v.writtenOver(s, known); c != nil {
		return c
	}
	return s.givenAgain(known)
}

// writtenOver finds a Service whose status the controller writes again and again though it gives it no other address: somebody
// changes the status in between (an address, or ports and conditions beside it). The controller writes a status only where it
// differs from what it wants.
func (v *View) writtenOver(s *Service, known bool) *contest {
	least := 8
	if known {
		least = 3
	}
	for _, l := range v.LogsOf(model.Controller) {
		var wrote *model.LogEvent
		given := 0
		for _, e := range l.Events {
			if e.Service != s.Key() {
				continue
			}
			switch e.ID {
			case model.MsgStatusWritten:
				if wrote == nil || e.Count > wrote.Count {
					wrote = e
				}
			case model.MsgAllocated, model.MsgCleared:
				given += e.Count
			}
		}
		if wrote == nil || wrote.Count < least || given > 1 || l.Last.Sub(wrote.Last.Time) > 10*time.Minute ||
			wrote.Last.Time.Sub(wrote.First.Time) > time.Duration(wrote.Count)*10*time.Minute {
			continue
		}
		return &contest{fmt.Sprintf("MetalLB writes its status %d times and gives no other address: something changes the status in between", wrote.Count),
			[]schema.Evidence{wrote.First.Src, wrote.Last.Src}}
	}
	return nil
}

// givenAgain reads the count of the event IPAllocated: MetalLB gives the one address again and again, and the status has others, or
// another controller serves the Service too.
func (s *Service) givenAgain(known bool) *contest {
	var most *model.Event
	for _, e := range s.Events {
		if e.Reason == "IPAllocated" && (most == nil || e.Count > most.Count) {
			most = e
		}
	}
	if most == nil || most.Count < 5 || s.Object == nil || !s.Object.Knows(model.PartIngress) {
		return nil
	}
	other := len(s.Addresses) > 0
	for _, a := range s.Addresses {
		other = other && !strings.Contains(most.Message, `"`+a+`"`)
	}
	if !other && !known {
		return nil
	}
	return &contest{fmt.Sprintf("MetalLB gave it an address %d times (%s), and the status has %s", most.Count, oneLine(most.Message), s.List()),
		[]schema.Evidence{most.Src, s.Object.At("status.loadBalancer")}}
}

// alternates reads the sightings of a watch: addresses that go and come back, at least twice.
func (s *Service) alternates() *contest {
	var seen []string
	var src []schema.Evidence
	back := 0
	for _, o := range s.History {
		if !o.Knows(model.PartIngress) || len(o.Ingress) == 0 {
			continue
		}
		var ips []string
		for _, in := range o.Ingress {
			ips = append(ips, in.IP)
		}
		text := strings.Join(ips, ", ")
		if len(seen) > 0 && seen[len(seen)-1] == text {
			continue
		}
		if slices.Contains(seen, text) {
			back++
		}
		seen = append(seen, text)
		src = append(src, o.Src)
	}
	if back < 2 {
		return nil
	}
	n := len(seen)
	return &contest{fmt.Sprintf("its addresses alternate between %s and %s", seen[n-2], seen[n-1]), src[max(0, n-3):]}
}

var otherLoadBalancerController = &Check{
	Cause: "other-load-balancer-controller", Title: "another load balancer controller serves the Service too",
	Doc: `MetalLB and another controller (k3s ServiceLB, kube-vip, Cilium, OpenELB, a cloud provider) write the same status.loadBalancer, each undoing the
other. Found by what the other leaves behind (its manager of status fields, annotations, svclb pods, events) together with addresses that alternate
or that no pool of MetalLB holds. Alone, its traces are a warning. Turn one of the two off for the Service, or give each a loadBalancerClass.`,
	Explains: []string{"address-taken-by-other-controller", "address-lost-on-pool-change", "controller-not-reconciling", "announcer-flapping", "two-speakers-announce", "pool-lacks-family"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.Services {
			r := v.rivalsOf(s)
			if r == nil || !v.OursByClass(s) {
				continue
			}
			f := Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "one controller writes the status of the Service",
				Remedy:   "turn " + r.who + " off (k3s: --disable servicelb), or give it and MetalLB (--lb-class) different values of spec.loadBalancerClass",
				Evidence: r.src, State: schema.StateDegraded}
			c := v.contestOf(s, true)
			switch {
			case c != nil:
				f.Is = fmt.Sprintf("%s serves it too: %s", r.who, c.is)
				f.Evidence = append(c.src, r.src...)
			case len(s.Addresses) > 0 && s.served() == nil && len(s.Announces("")) == 0 && v.Expect.Any != nil && v.PoolOf(s) == nil && (r.writes || v.wasOurs(s) || v.ofNodes(s)):
				f.Is = fmt.Sprintf("%s serves it too, and no pool of MetalLB holds %s", r.who, s.List())
				f.Evidence = append(slices.Clone(r.src), s.AddressSrc[s.Addresses[0]])
			default:
				f.Severity, f.Is = schema.Warning, r.who+" serves it too, or did"
			}
			f.Clause = f.Is
			report(f)
		}
	},
}

// ofNodes tells whether the Service has what ServiceLB and cloud providers write and MetalLB never does: the addresses of nodes, or
// more than one of a family.
func (v *View) ofNodes(s *Service) bool {
	families := map[bool]int{}
	for _, a := range s.Addresses {
		families[strings.Contains(a, ":")]++
		for _, n := range v.Obj.Nodes {
			if slices.ContainsFunc(n.InternalIPs, func(ip netip.Addr) bool { return ip.String() == a }) {
				return true
			}
		}
	}
	return families[false] > 1 || families[true] > 1
}

// wasOurs tells whether MetalLB gave the Service an address, by its annotation or the controller's log.
func (v *View) wasOurs(s *Service) bool {
	if s.Pool != "" {
		return true
	}
	for _, l := range v.LogsOf(model.Controller) {
		for _, e := range l.Find(model.MsgAllocated) {
			if e.Service == s.Key() {
				return true
			}
		}
	}
	return false
}

var addressTakenByOtherController = &Check{
	Cause: "address-taken-by-other-controller", Title: "something else writes the Service's addresses",
	Doc: `MetalLB's controller finds an address in the status that it did not give, clears it, gives its own, and finds the other again: something else
writes status.loadBalancer. managedFields of the Service name it: kubectl get svc NAME -o yaml --show-managed-fields.`,
	Explains: []string{"address-lost-on-pool-change", "announcer-flapping", "two-speakers-announce", "controller-not-reconciling"},
	Run: func(v *View, report func(Finding)) {
		for _, s := range v.Services {
			r := v.rivalsOf(s)
			c := v.contestOf(s, r != nil)
			if c == nil {
				continue
			}
			report(Finding{Services: []string{s.Key()}, Objects: []schema.Object{s.Ref()}, Should: "MetalLB alone writes status.loadBalancer", Is: c.is,
				State: schema.StateDegraded, Evidence: c.src, Remedy: fmt.Sprintf("find who writes it: kubectl -n %s get svc %s -o yaml --show-managed-fields", s.Namespace, s.Name),
				Clause: "its address is taken away again and again: " + c.is})
		}
	},
}
