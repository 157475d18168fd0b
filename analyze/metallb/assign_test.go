package metallb_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/metallb"
	"github.com/metallb-assay/assay/analyze/model"
)

// cluster builds the input of the tests below: pools x1 and y1, and default/web that asks for an address.
type cluster struct {
	version string
	class   string
	pools   []*metallb.Pool
	others  []*model.Service
	web     *model.Service
}

func plainCluster() *cluster {
	return &cluster{
		version: "v0.16.1",
		pools:   []*metallb.Pool{pool("x1", "192.0.2.8/32"), pool("y1", "198.51.100.0/30")},
		web:     service("web", ""),
	}
}

func pool(name string, cidrs ...string) *metallb.Pool {
	p := &metallb.Pool{Name: name, Auto: true}
	for _, c := range cidrs {
		p.CIDRs = append(p.CIDRs, netip.MustParsePrefix(c))
	}
	return p
}

// service is a Service of one port and one IPv4 clusterIP that has the address, "" none.
func service(name, ip string) *model.Service {
	s := &model.Service{Type: "LoadBalancer", ClusterIPs: []string{"10.96.0.1"}, Ports: []model.ServicePort{{Protocol: "TCP", Port: 80}}}
	s.Namespace, s.Name, s.Annotations = "default", name, map[string]string{}
	if ip != "" {
		s.Ingress = []model.Ingress{{IP: ip}}
	}
	return s
}

func (c *cluster) assign() metallb.Assignment {
	all := append([]*model.Service{c.web}, c.others...)
	in := metallb.Input{Version: metallb.V(c.version), Namespace: "metallb-system", LBClass: c.class, Objects: &model.Objects{Services: all}}
	return metallb.Assign(in, &metallb.Config{Pools: c.pools}, c.web, all)
}

// only keeps pool x1.
func (c *cluster) only() { c.pools = c.pools[:1] }

// held gives x1's address to default/other.
func (c *cluster) held() *model.Service {
	o := service("other", "192.0.2.8")
	c.others = append(c.others, o)
	return o
}

func shares(s *model.Service, key string) { s.Annotations["metallb.io/allow-shared-ip"] = key }

func local(s *model.Service, app string) {
	s.TrafficPolicy, s.Selector = "Local", map[string]string{"app": app}
}

// Each reason has its sentence, and what is nearly so gets an address.
func TestWhyNoPoolServes(t *testing.T) {
	for _, tt := range []struct {
		name, want string // want: the sentence; "" an address
		change     func(*cluster)
	}{
		{"plain", "", func(c *cluster) {}},
		{"full", "no pool may serve default/web: x1 is full (1 of 1: default/other)", func(c *cluster) { c.only(); c.held() }},
		{"one is full", "", func(c *cluster) { c.held() }},
		{"full and off", "no pool may serve default/web: x1 is full (1 of 1: default/other), y1 is not auto-assigned",
			func(c *cluster) { c.held(); c.pools[1].Auto = false }},
		{"held by another load balancer's", "", func(c *cluster) { c.only(); class := "x/y"; c.held().LoadBalancerClass = &class }},
		{"family", "no pool may serve default/web: x1 has no IPv6 addresses, y1 has no IPv6 addresses", func(c *cluster) { c.web.ClusterIPs = []string{"fd00::1"} }},
		{"both families", "no pool may serve default/web: x1 has no IPv6 addresses",
			func(c *cluster) {
				c.only()
				c.web.ClusterIPs = []string{"10.96.0.1", "fd00::1"}
				c.web.IPFamilyPolicy = "RequireDualStack"
			}},
		{"one of both families", "", func(c *cluster) {
			c.only()
			c.web.ClusterIPs, c.web.IPFamilyPolicy = []string{"10.96.0.1", "fd00::1"}, "PreferDualStack"
		}},
		{"one of both families, older", "no pool may serve default/web: x1 has no IPv6 addresses", func(c *cluster) {
			c.only()
			c.version, c.web.ClusterIPs, c.web.IPFamilyPolicy = "v0.14.8", []string{"10.96.0.1", "fd00::1"}, "PreferDualStack"
		}},
		{"namespace", "no pool may serve default/web: x1 is not for namespace default (serviceAllocation)",
			func(c *cluster) {
				c.only()
				c.pools[0].Allocation = &model.ServiceAllocation{Namespaces: []string{"shop"}}
			}},
		{"its namespace", "", func(c *cluster) {
			c.only()
			c.pools[0].Allocation = &model.ServiceAllocation{Namespaces: []string{"default"}}
		}},
		{"labels", "no pool may serve default/web: x1 does not select the Service's labels (serviceAllocation)", func(c *cluster) {
			c.only()
			c.pools[0].Allocation = &model.ServiceAllocation{ServiceSelectors: []model.Selector{{MatchLabels: map[string]string{"a": "b"}}}}
		}},
		{"priority alone, older", "no pool may serve default/web: x1 has a serviceAllocation without namespaces and selectors, which this release never uses by itself",
			func(c *cluster) {
				c.only()
				c.version, c.pools[0].Allocation = "v0.14.9", &model.ServiceAllocation{Priority: 1}
			}},
		{"priority alone", "", func(c *cluster) { c.only(); c.pools[0].Allocation = &model.ServiceAllocation{Priority: 1} }},
		{"no pool", "default/web finds no pools: none exists", func(c *cluster) { c.pools = nil }},
		{"class", "default/web has loadBalancerClass x/y, and this MetalLB serves Services without one",
			func(c *cluster) { class := "x/y"; c.web.LoadBalancerClass = &class }},
		{"no class", "default/web has no loadBalancerClass, and this MetalLB serves x/y", func(c *cluster) { c.class = "x/y" }},
		{"its class", "", func(c *cluster) { c.class = "x/y"; c.web.LoadBalancerClass = &c.class }},
		{"type", "default/web is of type ClusterIP", func(c *cluster) { c.web.Type = "ClusterIP" }},
		{"headless", "default/web has clusterIPs that make no address family: None", func(c *cluster) { c.web.ClusterIPs = []string{"None"} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plainCluster()
			tt.change(c)
			a := c.assign()
			if got := a.Sentence(c.web); got != tt.want || (got == "") != (len(a.Grants) > 0) {
				t.Errorf("%q, want %q; grants %v", got, tt.want, a.Grants)
			}
		})
	}
}

// A request is met, or has its reason and MetalLB's words.
func TestRequests(t *testing.T) {
	for _, tt := range []struct {
		name        string
		kind        metallb.ReasonKind // "": met
		text, error string
		change      func(*cluster)
	}{
		{"address", "", "", "", func(c *cluster) { c.web.LoadBalancerIP = "198.51.100.2" }},
		{"address of a pool that is not auto-assigned", "", "", "", func(c *cluster) { c.web.LoadBalancerIP, c.pools[1].Auto = "198.51.100.2", false }},
		{"outside", metallb.OutsidePools, "asks for 203.0.113.1, which is in no pool", `["203.0.113.1"] is not allowed in config`,
			func(c *cluster) { c.web.LoadBalancerIP = "203.0.113.1" }},
		{"avoided", metallb.Avoided, "asks for 198.51.100.0, which pool y1 avoids (avoidBuggyIPs)", `["198.51.100.0"] is not allowed in config`,
			func(c *cluster) { c.web.LoadBalancerIP, c.pools[1].AvoidBuggyIPs = "198.51.100.0", true }},
		{"family", metallb.RequestFamily, "asks for 2001:db8::1, but is of family ipv4 (clusterIPs 10.96.0.1)",
			`requested loadBalancer IP(s) ["2001:db8::1"] does not match the ipFamily of the service`, func(c *cluster) { c.web.LoadBalancerIP = "2001:db8::1" }},
		{"both ways", metallb.ConflictingRequests, "asks for addresses in spec.loadBalancerIP and in annotation metallb.io/loadBalancerIPs",
			"service can not have both metallb.io/loadBalancerIPs and svc.Spec.LoadBalancerIP",
			func(c *cluster) {
				c.web.LoadBalancerIP, c.web.Annotations["metallb.io/loadBalancerIPs"] = "192.0.2.8", "192.0.2.8"
			}},
		{"no address", metallb.UnreadableRequest, `asks for "192.0.2" in spec.loadBalancerIP, which is no address`, `invalid spec.loadBalancerIP "192.0.2"`,
			func(c *cluster) { c.web.LoadBalancerIP = "192.0.2" }},
		{"pool", "", "", "", func(c *cluster) { c.web.Annotations["metallb.io/address-pool"] = "y1" }},
		{"pool by the old name", "", "", "", func(c *cluster) { c.web.Annotations["metallb.universe.tf/address-pool"] = "y1" }},
		{"unknown pool", metallb.UnknownPool, "asks for pool z1, which does not exist", `unknown pool "z1"`,
			func(c *cluster) { c.web.Annotations["metallb.io/address-pool"] = "z1" }},
		{"full pool", metallb.Full, "asks for pool x1, which is full (1 of 1: default/other)", "no available IPs in pool x1",
			func(c *cluster) { c.held(); c.web.Annotations["metallb.io/address-pool"] = "x1" }},
		{"full pool, v0.15", metallb.Full, "asks for pool x1, which is full (1 of 1: default/other)", `["<nil>"] is not allowed in config`,
			func(c *cluster) {
				c.held()
				c.version, c.web.Annotations["metallb.io/address-pool"] = "v0.15.3", "x1"
			}},
		{"full pool, v0.13", metallb.Full, "asks for pool x1, which is full (1 of 1: default/other)", `no available IPs in pool "x1" for ipv4 IPFamily`,
			func(c *cluster) {
				c.held()
				c.version, c.web.Annotations["metallb.universe.tf/address-pool"] = "v0.13.12", "x1"
			}},
		{"address of another pool", metallb.RequestPoolMismatch, "asks for 192.0.2.8 of pool x1 and for pool y1",
			`requested loadBalancer IP(s) ["192.0.2.8"] is not compatible with requested address pool y1`,
			func(c *cluster) {
				c.web.LoadBalancerIP, c.web.Annotations["metallb.io/address-pool"] = "192.0.2.8", "y1"
			}},
		{"address in use", metallb.HolderDoesNotShare, "can't have 192.0.2.8: default/other holds it and has no sharing key",
			`can't change sharing key for "default/web", address also in use by default/other`, func(c *cluster) { c.held(); c.web.LoadBalancerIP = "192.0.2.8" }},
		{"one key missing", metallb.ServiceDoesNotShare, `can't have 192.0.2.8: default/other holds it with sharing key "k" and default/web has none`,
			`can't change sharing key for "default/web", address also in use by default/other`, func(c *cluster) { shares(c.held(), "k"); c.web.LoadBalancerIP = "192.0.2.8" }},
		{"other key", metallb.SharingKeysDiffer, `can't have 192.0.2.8: default/other holds it with sharing key "k" and default/web has "l"`,
			`can't change sharing key for "default/web", address also in use by default/other`,
			func(c *cluster) { shares(c.held(), "k"); shares(c.web, "l"); c.web.LoadBalancerIP = "192.0.2.8" }},
		{"same port", metallb.PortInUse, "can't have 192.0.2.8: default/other holds it with the same port TCP/80", `port TCP/80 is already in use on "192.0.2.8"`,
			func(c *cluster) { shares(c.held(), "k"); shares(c.web, "k"); c.web.LoadBalancerIP = "192.0.2.8" }},
		{"other protocol", "", "", "", func(c *cluster) {
			shares(c.held(), "k")
			shares(c.web, "k")
			c.web.LoadBalancerIP, c.web.Ports[0].Protocol = "192.0.2.8", "UDP"
		}},
		{"local with other pods", metallb.SharingPolicyConflict,
			"can't have 192.0.2.8: default/other holds it with the same sharing key, but with another externalTrafficPolicy or selector",
			`can't change sharing key for "default/web", address also in use by default/other`, func(c *cluster) {
				o := c.held()
				shares(o, "k")
				shares(c.web, "k")
				local(o, "a")
				local(c.web, "b")
				c.web.LoadBalancerIP, c.web.Ports[0].Port = "192.0.2.8", 81
			}},
		{"local with the same pods", "", "", "", func(c *cluster) {
			o := c.held()
			shares(o, "k")
			shares(c.web, "k")
			local(o, "a")
			local(c.web, "a")
			c.web.LoadBalancerIP, c.web.Ports[0].Port = "192.0.2.8", 81
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plainCluster()
			tt.change(c)
			a := c.assign()
			var kind metallb.ReasonKind
			text := ""
			if len(a.Reasons) > 0 {
				kind, text = a.Reasons[0].Kind, a.Reasons[0].Text
			}
			if kind != tt.kind || text != tt.text || a.Error != tt.error || (kind == "") != (len(a.Grants) > 0) {
				t.Errorf("%q %q, error %q, grants %v", kind, text, a.Error, a.Grants)
			}
		})
	}
}

// An address that a Service has is kept, or lost for a reason.
func TestPresentAddresses(t *testing.T) {
	c := plainCluster()
	c.web = service("web", "192.0.2.8")
	if a := c.assign(); !a.Keeps || a.Pool != "x1" || a.Lost != nil {
		t.Errorf("in a pool: %+v", a)
	}
	c.web = service("web", "203.0.113.1")
	if a := c.assign(); a.Keeps || a.Lost == nil || a.Lost.Kind != metallb.OutsidePools || len(a.Grants) != 2 {
		t.Errorf("in no pool any more: %+v", a)
	}
	c.web = service("web", "192.0.2.8")
	c.web.Annotations["metallb.io/address-pool"] = "y1"
	if a := c.assign(); a.Keeps || a.Lost == nil || a.Lost.Kind != metallb.RequestPoolMismatch || fmt.Sprint(a.Grants) != "[{y1 [198.51.100.0]}]" {
		t.Errorf("asks for another pool: %+v", a)
	}
	c.web = service("web", "192.0.2.8")
	c.version = "v0.14.8"
	c.web.Annotations["metallb.io/address-pool"] = "y1"
	if a := c.assign(); !a.Keeps || fmt.Sprint(a.Ignored) != "[metallb.io/address-pool]" {
		t.Errorf("asks with an annotation that the release does not know: %+v", a)
	}
}

// Several pools may serve: all are told, in any order MetalLB may choose; a pinned pool comes first.
func TestEachPoolThatMayServeIsTold(t *testing.T) {
	c := plainCluster()
	if a := c.assign(); len(a.Grants) != 2 {
		t.Errorf("two pools: %v", a.Grants)
	}
	c.pools[1].Allocation = &model.ServiceAllocation{Namespaces: []string{"default"}}
	a := c.assign()
	if len(a.Grants) != 1 || a.Grants[0].Pool != "y1" || a.Pools[0].Reason.Kind != metallb.PinnedFirst {
		t.Errorf("y1 is pinned: %+v", a)
	}
}

// A row of a table has no annotations: the answer says that it did not see them.
func TestPartialServices(t *testing.T) {
	c := plainCluster()
	c.only()
	o := c.held()
	o.Partial, o.Known = true, map[string]bool{model.PartType: true, model.PartIngress: true, model.PartPorts: true, model.PartClusterIP: true}
	c.web.LoadBalancerIP = "192.0.2.8"
	if a := c.assign(); len(a.Reasons) != 1 || !a.Reasons[0].Unsure {
		t.Errorf("holder without annotations: %+v", a.Reasons)
	}
	c.web.Partial, c.web.Known = true, map[string]bool{model.PartType: true}
	if a := c.assign(); len(a.Reasons)+len(a.Pools) > 0 || !strings.Contains(strings.Join(a.Unseen, " "), model.PartClusterIP) {
		t.Errorf("without cluster address: %+v", a)
	}
}

// Ten thousand Services that wait for one of four thousand addresses are explained in moments.
func TestManyServices(t *testing.T) {
	c := plainCluster()
	c.pools = []*metallb.Pool{pool("big", "10.1.0.0/20"), pool("huge", "2001:db8::/32")}
	ip := netip.MustParseAddr("10.1.0.0")
	for i := range 10_000 {
		s := service(fmt.Sprint("s", i), "")
		if i < 4096 {
			s.Ingress = []model.Ingress{{IP: ip.String()}}
			ip = ip.Next()
		}
		c.others = append(c.others, s)
	}
	in := metallb.Input{Version: metallb.V(c.version), Objects: &model.Objects{Services: c.others}}
	stock := metallb.NewStock(in, &metallb.Config{Pools: c.pools}, c.others)
	for i, s := range c.others {
		a := stock.Assign(s)
		if a.Keeps != (i < 4096) {
			t.Fatalf("%s: %+v", s.Key(), a)
		}
	}
	want := "no pool may serve default/s9999: big is full (4096 of 4096: default/s0, default/s1, default/s10 and 4093 more), huge has no IPv4 addresses"
	a := stock.Assign(c.others[9999])
	if got := a.Sentence(c.others[9999]); got != want {
		t.Errorf("%q", got)
	}
}
