package metallb

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/schema"
)

func TestParseEntry(t *testing.T) {
	for _, c := range []struct{ entry, version, want string }{
		{"192.0.2.0/24", "v0.16.1", "192.0.2.0/24"},
		{"192.0.2.7/24", "v0.16.1", "192.0.2.0/24"},
		{"192.0.2.1-192.0.2.6", "v0.16.1", "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32"},
		{" 192.0.2.0 - 192.0.2.255 ", "v0.16.1", "192.0.2.0/24"},
		{"2001:db8::fe-2001:db8::101", "v0.16.1", "2001:db8::fe/127 2001:db8::100/127"},
		{"::ffff:192.0.2.0/120", "v0.16.1", "192.0.2.0/24"},
		{"255.255.255.254-255.255.255.255", "v0.16.1", "255.255.255.254/31"},
		{"192.0.2.1-2001:db8::1", "v0.16.1", ""},
		{"192.0.2.7", "v0.16.1", `error: invalid CIDR "192.0.2.7"`},
		{"192.0.2.9-192.0.2.1", "v0.16.1", `error: invalid IP range "192.0.2.9-192.0.2.1": start IP "192.0.2.9" is after the end IP "192.0.2.1"`},
		{"192.0.2.9-192.0.2.1", "v0.10.3", ""},
		{"192.0.2.1-", "v0.16.1", `error: invalid IP range "192.0.2.1-": invalid end IP ""`},
	} {
		cidrs, err := parseEntry(c.entry, V(c.version))
		var words []string
		for _, p := range cidrs {
			words = append(words, p.String())
		}
		got := strings.Join(words, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != c.want {
			t.Errorf("%q in %s: %s, want %s", c.entry, c.version, got, c.want)
		}
	}
}

func TestMatches(t *testing.T) {
	labels := map[string]string{"zone": "z1"}
	expr := func(operator string, values ...string) model.Selector {
		return model.Selector{Expressions: []model.Requirement{{Key: "zone", Operator: operator, Values: values}}}
	}
	for _, c := range []struct {
		s              model.Selector
		with, without  bool
		problemMatches string
	}{
		{model.Selector{}, true, true, ""},
		{model.Selector{MatchLabels: labels}, true, false, ""},
		{expr("In", "z1", "z2"), true, false, ""},
		{expr("NotIn", "z1"), false, true, ""},
		{expr("Exists"), true, false, ""},
		{expr("DoesNotExist"), false, true, ""},
		{expr("Inn", "z1"), false, false, "not a valid label selector operator"},
		{expr("In"), false, false, "values set can't be empty"},
		{model.Selector{MatchLabels: map[string]string{"-zone": "z1"}}, false, false, "name part must consist of"},
		{model.Selector{MatchLabels: map[string]string{"zone": "z 1"}}, false, false, "a valid label must be"},
		{model.Selector{MatchLabels: map[string]string{"a/b/c": "z"}}, false, false, "a qualified name"},
	} {
		if Matches(c.s, labels) != c.with || Matches(c.s, nil) != c.without {
			t.Errorf("%+v: with the label %t, without %t", c.s, Matches(c.s, labels), Matches(c.s, nil))
		}
		if got := SelectorError(c.s); c.problemMatches == "" && got != "" || !strings.Contains(got, c.problemMatches) {
			t.Errorf("%+v: error %q, want %q", c.s, got, c.problemMatches)
		}
	}
}

// The worked examples of the facts.
func TestElect(t *testing.T) {
	nodes := []string{"node-a", "node-b", "node-c"}
	for key, want := range map[string]string{
		"192.0.2.10":    "node-c node-b node-a",
		"192.0.2.11":    "node-a node-c node-b",
		"192.0.2.12":    "node-b node-c node-a",
		"2001:db8::10":  "node-b node-a node-c",
		"default/nginx": "node-b node-c node-a",
	} {
		var order []string
		for _, c := range Elect(key, nodes) {
			order = append(order, c.Node)
		}
		if got := strings.Join(order, " "); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
}

func TestOrdersOfReading(t *testing.T) {
	for _, c := range []struct {
		version string
		n, want int
	}{
		{"v0.13.10", 2, 2}, {"v0.13.11", 2, 0}, {"v0.13.10", 3, 6},
		{"v0.16.1", 3, 3}, // c is never first
		{"v0.16.1", 1, 0}, {"v0.16.1", 7, 42}, {"v0.16.1", 30, 30},
	} {
		if got := len(V(c.version).orders(c.n)); got != c.want {
			t.Errorf("%d objects in %s: %d orders, want %d", c.n, c.version, got, c.want)
		}
	}
}

// situation has a pool, an advertisement of it, a Service with an address and endpoints on node-b.
func situation(version string) (Input, *model.Service) {
	named := func(kind, name string) model.Meta {
		return model.Meta{Kind: kind, Namespace: "metallb-system", Name: name}
	}
	svc := &model.Service{Meta: model.Meta{Kind: "Service", Namespace: "default", Name: "web", Labels: map[string]string{"app": "web"}},
		Type: "LoadBalancer", Ingress: []model.Ingress{{IP: "192.0.2.10"}}}
	in := Input{Version: V(version), Mode: schema.ModeFRR, Namespace: "metallb-system", Objects: &model.Objects{
		Pools:            []*model.IPAddressPool{{Meta: named("IPAddressPool", "pool"), Addresses: []string{"192.0.2.0/24"}}},
		L2Advertisements: []*model.L2Advertisement{{Meta: named("L2Advertisement", "l2")}},
		Services:         []*model.Service{svc},
		Slices: []*model.EndpointSlice{{Meta: model.Meta{Namespace: "default", Name: "web-1"}, Service: "web",
			Endpoints: []model.Endpoint{{Addresses: []string{"10.0.0.1"}, Node: "node-b"}}}},
	}}
	for _, n := range []string{"node-a", "node-b", "node-c"} {
		in.Objects.Nodes = append(in.Objects.Nodes, &model.Node{Meta: model.Meta{Kind: "Node", Name: n, Labels: map[string]string{"name": n}}})
	}
	return in, svc
}

func winner(in Input, svc *model.Service) string {
	configs, _ := Configs(in)
	return L2(in, configs, svc).Winner
}

func TestL2Winner(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		change  func(*Input, *model.Service)
		want    string
	}{
		"least hash":         {"v0.16.1", func(*Input, *model.Service) {}, "node-c"},
		"by service, v0.10":  {"v0.10.3", func(in *Input, _ *model.Service) { legacy(in) }, "node-b"},
		"local":              {"v0.16.1", func(_ *Input, s *model.Service) { s.TrafficPolicy = "Local" }, "node-b"},
		"speaker down":       {"v0.16.1", func(in *Input, _ *model.Service) { in.Speakers = []string{"node-a", "node-b"} }, "node-b"},
		"excluded":           {"v0.16.1", func(in *Input, _ *model.Service) { exclude(in, "node-c") }, "node-b"},
		"excluded, ignored":  {"v0.16.1", func(in *Input, _ *model.Service) { exclude(in, "node-c"); in.IgnoreExcludeLB = true }, "node-c"},
		"excluded, v0.13":    {"v0.13.12", func(in *Input, _ *model.Service) { exclude(in, "node-c") }, "node-c"},
		"cordoned, v0.14.9":  {"v0.14.9", func(in *Input, _ *model.Service) { in.Objects.Nodes[2].Unschedulable = true }, "node-b"},
		"cordoned":           {"v0.15.0", func(in *Input, _ *model.Service) { in.Objects.Nodes[2].Unschedulable = true }, "node-c"},
		"no list, v0.14.9":   {"v0.14.9", func(in *Input, _ *model.Service) { in.MemberlistOff = true }, ""},
		"no list":            {"v0.15.0", func(in *Input, _ *model.Service) { in.MemberlistOff = true }, "node-c"},
		"other class":        {"v0.16.1", func(_ *Input, s *model.Service) { class := "x"; s.LoadBalancerClass = &class }, ""},
		"address of no pool": {"v0.16.1", func(_ *Input, s *model.Service) { s.Ingress[0].IP = "198.51.100.1" }, ""},
		"selected service": {"v0.16.1", func(in *Input, _ *model.Service) {
			in.Objects.L2Advertisements[0].ServiceSelectors = []model.Selector{{MatchLabels: map[string]string{"app": "db"}}}
		}, ""},
		"selected node": {"v0.16.1", func(in *Input, _ *model.Service) {
			in.Objects.L2Advertisements[0].NodeSelectors = []model.Selector{{MatchLabels: map[string]string{"name": "node-a"}}}
		}, "node-a"},
		"no endpoint":         {"v0.16.1", func(in *Input, _ *model.Service) { in.Objects.Slices = nil }, ""},
		"endpoints not known": {"v0.16.1", func(in *Input, _ *model.Service) { in.Objects.Slices, in.EndpointsUnknown = nil, true }, "node-c"},
		"no nodes known": {"v0.16.1", func(in *Input, _ *model.Service) {
			in.Objects.Nodes, in.Speakers = nil, []string{"node-a", "node-b"}
		}, "node-b"},
	} {
		in, svc := situation(c.version)
		c.change(&in, svc)
		if got := winner(in, svc); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func exclude(in *Input, node string) {
	in.Indexed().node(node).Labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
}

// legacy puts the pool into the old ConfigMap.
func legacy(in *Input) {
	in.Objects.ConfigMaps = []*model.ConfigMap{{Meta: model.Meta{Namespace: "metallb-system", Name: "config"},
		Data: map[string]string{"config": "address-pools:\n- name: pool\n  protocol: layer2\n  addresses: [192.0.2.0/24]\n"}}}
}

func TestPartialObjectsAreNotRefused(t *testing.T) {
	in, _ := situation("v0.16.1")
	in.Objects.Peers = []*model.BGPPeer{{Meta: model.Meta{Namespace: "metallb-system", Name: "peer", Partial: true}, Address: "192.0.2.1"}}
	if _, refusal := ParseConfig(in, Speaker, "node-a"); refusal != nil {
		t.Errorf("a row of a table: %s", refusal.Error)
	}
	in.Objects.Peers[0].Partial = false
	if _, refusal := ParseConfig(in, Speaker, "node-a"); refusal == nil || refusal.Rule != "peer-local-asn" {
		t.Errorf("a whole object without ASNs: %+v", refusal)
	}
}

func TestRefusalsByComponent(t *testing.T) {
	in, _ := situation("v0.16.1")
	second := &model.L2Advertisement{Meta: model.Meta{Namespace: "metallb-system", Name: "twice"}, Pools: []string{"pool", "pool"}}
	in.Objects.L2Advertisements = append(in.Objects.L2Advertisements, second)
	if _, refusal := ParseConfig(in, Controller, ""); refusal != nil {
		t.Errorf("the controller reads no advertisement: %s", refusal.Error)
	}
	_, refusal := ParseConfig(in, Speaker, "node-a")
	if refusal == nil || refusal.Error != `duplicate definition of ipAddressPools "pool"` || refusal.Objects[0] != &second.Meta {
		t.Errorf("speaker: %+v", refusal)
	}
	second.Namespace = "default"
	if _, refusal := ParseConfig(in, Speaker, "node-a"); refusal != nil {
		t.Errorf("an object elsewhere is ignored: %s", refusal.Error)
	}
}

func TestOldConfigMap(t *testing.T) {
	for text, want := range map[string]string{
		"address-pools:\n- name: a\n  protocol: layer2\n  addresses: [192.0.2.0/24]\n": "",
		"":                   "",
		"address-pool: []\n": "could not parse config: yaml: unmarshal errors:\n  line 1: field address-pool not found in type config.configFile",
		"peers:\n- my-asn: 1\n  peer-asn: 2\n  peer-adress: 192.0.2.1\n": "could not parse config: yaml: unmarshal errors:\n  line 4: field peer-adress not found in type config.peer",
		"address-pools:\n- name: a\n  addresses: [192.0.2.0/24]\n":       "parsing address pool #1: address pool is missing the protocol field",
		"bgp-communities: {a: b}\n":                                      `parsing community "a": invalid community string "b"`,
	} {
		in := Input{Version: V("v0.12.1"), Objects: &model.Objects{ConfigMaps: []*model.ConfigMap{{
			Meta: model.Meta{Name: "config"}, Data: map[string]string{"config": text}}}}}
		_, refusal := ParseConfig(in, Speaker, "")
		got := ""
		if refusal != nil {
			got = refusal.Error
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if _, refusal := ParseConfig(Input{Version: V("v0.12.1")}, Controller, ""); refusal == nil || refusal.Rule != "empty-config-error" {
		t.Errorf("without ConfigMap: %+v", refusal)
	}
}

func TestBGPFamilyOfSession(t *testing.T) {
	prefix := netip.MustParsePrefix("2001:db8::1/128")
	v4 := &model.BGPPeer{Address: "192.0.2.1"}
	both := &model.BGPPeer{Address: "192.0.2.1", DualStackAddressFamily: true}
	unnumbered := &model.BGPPeer{Interface: "eth0"}
	for _, c := range []struct {
		version string
		peer    *model.BGPPeer
		want    bool
	}{{"v0.14.9", v4, true}, {"v0.15.0", v4, false}, {"v0.15.0", both, true}, {"v0.15.0", unnumbered, true}} {
		if got := (Input{Version: V(c.version), Mode: schema.ModeFRR}).carries(c.peer, prefix); got != c.want {
			t.Errorf("%s, %+v: %t", c.version, c.peer, got)
		}
	}
}

func TestMergeFRRK8s(t *testing.T) {
	config := func(name string, asn uint32, n model.FRRNeighbor) *model.FRRConfiguration {
		return &model.FRRConfiguration{Meta: model.Meta{Namespace: "frr-k8s-system", Name: name},
			Routers: []model.FRRRouter{{ASN: asn, Neighbors: []model.FRRNeighbor{n}}}}
	}
	hold := 180 * time.Second
	base := model.FRRNeighbor{ASN: 2, Address: "192.0.2.1"}
	for _, c := range []struct {
		asn  uint32
		n    model.FRRNeighbor
		want string
	}{
		{1, base, ""},
		{1, model.FRRNeighbor{ASN: 2, Address: "192.0.2.1", Port: 179, HoldTime: &hold, BFDProfile: "b", Advertise: []string{"192.0.2.0/24"}}, ""},
		{1, model.FRRNeighbor{ASN: 3, Address: "192.0.2.2"}, ""},
		{9, base, "different asns (1 != 9) specified for same vrf: "},
		{1, model.FRRNeighbor{ASN: 3, Address: "192.0.2.1"}, "multiple asns specified for 192.0.2.1"},
		{1, model.FRRNeighbor{ASN: 2, Address: "192.0.2.1", EBGPMultiHop: true}, "conflicting ebgp-multihop specified for 192.0.2.1"},
	} {
		got := ""
		if m := MergeFRRK8s(V("v0.0.25"), []*model.FRRConfiguration{config("a", 1, base), config("b", c.asn, c.n)}); m != nil {
			got = m.Text
		}
		if got != c.want {
			t.Errorf("%d %+v: %q, want %q", c.asn, c.n, got, c.want)
		}
	}
}

func FuzzOldConfigMap(f *testing.F) {
	f.Add("address-pools:\n- name: a\n  protocol: bgp\n  addresses: [192.0.2.0-192.0.2.9]\n  bgp-advertisements: [{aggregation-length: 24}]\n")
	f.Add("peers:\n- my-asn: 1\n  peer-asn: 2\n  peer-address: 192.0.2.1\n  hold-time: 1s\n  node-selectors: [{match-labels: {a: b}}]\n")
	f.Add("bfd-profiles:\n- name: b\n  detect-multiplier: 1\nbgp-communities: {a: 1:2}\n")
	f.Fuzz(func(t *testing.T, text string) {
		in := Input{Version: V("v0.12.1"), Mode: schema.ModeNative, Objects: &model.Objects{ConfigMaps: []*model.ConfigMap{{
			Meta: model.Meta{Name: "config"}, Data: map[string]string{"config": text}}}}}
		cfg, refusal := ParseConfig(in, Speaker, "")
		if (cfg == nil) == (refusal == nil) {
			t.Errorf("configuration %v, refusal %v", cfg, refusal)
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add("192.0.2.1-192.0.2.200")
	f.Add("2001:db8::/64")
	f.Fuzz(func(t *testing.T, entry string) {
		cidrs, err := parseEntry(entry, V("v0.16.1"))
		for i, c := range cidrs {
			if err != nil || !c.IsValid() || c != c.Masked() || i > 0 && cidrs[i-1].Overlaps(c) {
				t.Errorf("%q: %v, %v", entry, cidrs, err)
			}
		}
	})
}
