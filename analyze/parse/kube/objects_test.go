package kube_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/schema"
)

// parse reads a text as a member a.txt of a kind.
func parse(t *testing.T, kind schema.Kind, command, text string) (*model.Observations, model.MemberSeen) {
	t.Helper()
	out := &model.Observations{}
	seen := kube.Parse(schema.Origin{Path: "a.txt", FirstLine: 1, Kind: kind, Command: command}, 3, strings.NewReader(text), out)
	out.Members = []model.MemberSeen{seen}
	checkEvidence(t, text, out)
	out.Members = nil
	return out, seen
}

// checkEvidence holds every quote against the line that it names.
func checkEvidence(t *testing.T, text string, out *model.Observations) {
	t.Helper()
	rows := strings.Split(text, "\n")
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(v.MapIndex(k))
			}
		case reflect.Struct:
			if e, ok := v.Interface().(schema.Evidence); ok {
				if e.Line != 0 && (e.Line > len(rows) || !strings.HasPrefix(strings.TrimSpace(rows[e.Line-1]), strings.TrimSuffix(e.Quote, "…"))) {
					t.Errorf("quote %q is not line %d", e.Quote, e.Line)
				}
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(*out))
}

const poolList = `apiVersion: v1
items:
- apiVersion: metallb.io/v1beta1
  kind: IPAddressPool
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool"}
    creationTimestamp: "2026-11-24T14:50:28Z"
    generation: 2
    name: gar
    namespace: metallb-system
    resourceVersion: "33679"
    uid: 4ea2b546-fd14-46f8-b06e-5e446916bba6
  spec:
    addresses:
    - 192.168.70.26-192.168.70.29
    - fc00:f:70::/120
    autoAssign: false
    serviceAllocation:
      namespaces:
      - shop
      priority: 10
      serviceSelectors:
      - matchExpressions:
        - key: app
          operator: In
          values: [web, api]
  status:
    assignedIPv4: 2
    assignedIPv6: 0
    availableIPv4: 2
    availableIPv6: 0
- apiVersion: metallb.io/v1beta1
  kind: IPAddressPool
  metadata:
    name: second
    namespace: metallb-system
  spec:
    addresses: [10.0.0.0/24]
kind: List
metadata:
  resourceVersion: ""
`

func TestListIsReadItemByItemWithLines(t *testing.T) {
	out, seen := parse(t, schema.KindObjects, "", poolList)
	if len(out.Pools) != 2 || seen.Taken != 2 || seen.Read != "whole" {
		t.Fatalf("pools %d, seen %+v", len(out.Pools), seen)
	}
	p := out.Pools[0]
	if p.Key() != "metallb-system/gar" || p.Src.Line != 11 || p.Index != 3 || p.Generation != 2 || p.Resource != "33679" {
		t.Errorf("meta %+v", p.Meta)
	}
	if !reflect.DeepEqual(p.Addresses, []string{"192.168.70.26-192.168.70.29", "fc00:f:70::/120"}) || p.AutoAssign == nil || *p.AutoAssign {
		t.Errorf("pool %+v", p)
	}
	if a := p.Allocation; a == nil || a.Priority != 10 || !reflect.DeepEqual(a.ServiceSelectors[0].Expressions[0].Values, []string{"web", "api"}) {
		t.Errorf("allocation %+v", p.Allocation)
	}
	if p.Status == nil || p.Status.AssignedIPv4 != 2 || len(p.Annotations) != 0 {
		t.Errorf("status %+v, annotations %v", p.Status, p.Annotations)
	}
	if e := p.At("spec.addresses"); e.Line != 17 || e.LastLine != 18 || e.Quote != "- 192.168.70.26-192.168.70.29" {
		t.Errorf("evidence %+v", e)
	}
	if e := p.At("spec.autoAssign"); e.Quote != "autoAssign: false" {
		t.Errorf("evidence %+v", e)
	}
	want := []model.Listing{{Group: "metallb.io", Resource: "ipaddresspools", Namespace: "metallb-system", Count: 2,
		Src: schema.Evidence{Member: "a.txt", Line: 1, Quote: "apiVersion: v1"}}}
	if !reflect.DeepEqual(out.Listings, want) {
		t.Errorf("listings %+v", out.Listings)
	}
}

func TestFormsOfOneService(t *testing.T) {
	yaml := "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  type: LoadBalancer\n  loadBalancerClass: x/y\n" +
		"  ports:\n  - port: 80\n    targetPort: http\nstatus:\n  loadBalancer:\n    ingress:\n    - ip: 192.0.2.1\n"
	inline := `{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"type":"LoadBalancer","loadBalancerClass":"x/y","ports":[{"port":80,"targetPort":"http"}]},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`
	tests := map[string]string{
		"yaml":               yaml,
		"carriage returns":   strings.ReplaceAll(yaml, "\n", "\r\n"),
		"indented":           "    " + strings.ReplaceAll(strings.TrimSpace(yaml), "\n", "\n    "),
		"no last line end":   strings.TrimSuffix(yaml, "\n"),
		"json":               inline,
		"json list":          `{"apiVersion":"v1","items":[` + inline + `],"kind":"List"}`,
		"json array":         "[\n" + inline + "\n]\n",
		"watch events":       `{"type":"ADDED","object":` + inline + "}\n",
		"wrong case":         strings.NewReplacer("loadBalancerClass", "loadbalancerClass", "targetPort", "targetport").Replace(yaml),
		"items alone":        "- " + strings.ReplaceAll(strings.TrimSpace(yaml), "\n", "\n  "),
		"snipped":            strings.Replace(yaml, "spec:\n", "...\nspec:\n", 1),
		"heading":            "# kubectl get svc web -n shop -o yaml\n" + yaml,
		"anchors need yaml3": strings.Replace(yaml, "name: web", "name: &n web", 1),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			out, seen := parse(t, schema.KindObjects, "", text)
			if len(out.Services) != 1 || seen.Read != "whole" {
				t.Fatalf("services %d, %+v", len(out.Services), seen)
			}
			s := out.Services[0]
			if s.Key() != "shop/web" || s.Type != "LoadBalancer" || *s.LoadBalancerClass != "x/y" || s.Ports[0].TargetPort != "http" ||
				s.Ingress[0].IP != "192.0.2.1" || s.Partial {
				t.Errorf("service %+v", s)
			}
		})
	}
}

func TestDocumentsAreSplit(t *testing.T) {
	one := "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n"
	tests := map[string]struct {
		text string
		want int
	}{
		"separator":              {one + "---\n" + one, 2},
		"separator and comment":  {"---\n# first\n" + one + "--- # second\n" + one, 2},
		"no separator":           {one + one, 2},
		"kind first":             {"kind: Namespace\napiVersion: v1\nmetadata:\n  name: a\nkind: Namespace\napiVersion: v1\nmetadata:\n  name: b\n", 2},
		"separator in a literal": {"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: |\n    ---\n    kind: y\n", 0},
		"yaml then json":         {one + "---\n" + `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"c"}}` + "\n", 2},
	}
	for name, tt := range tests {
		out, _ := parse(t, schema.KindObjects, "", tt.text)
		if len(out.Namespaces) != tt.want {
			t.Errorf("%s: %d namespaces, want %d", name, len(out.Namespaces), tt.want)
		}
	}
}

func TestOtherGroupsAreNoMetalLB(t *testing.T) {
	out, _ := parse(t, schema.KindObjects, "", "apiVersion: crd.projectcalico.org/v1\nkind: BGPPeer\nmetadata:\n  name: rack\nspec:\n  peerIP: 10.0.0.1\n  asNumber: 64512\n"+
		"  password:\n    secretKeyRef:\n      name: bgp\n---\napiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata:\n  name: tor\nspec:\n  peerAddress: 10.0.0.2\n  peerASN: 64513\n  myASN: 64514\n  holdTime: 90s\n")
	if len(out.Peers) != 1 || out.Peers[0].Name != "tor" || out.Peers[0].PeerASN != 64513 || out.Peers[0].HoldTime.Seconds() != 90 {
		t.Errorf("peers %+v", out.Peers)
	}
	if len(out.Others) != 1 || out.Others[0].Fields["spec.peerIP"] != "10.0.0.1" || out.Others[0].Fields["spec.asNumber"] != "64512" {
		t.Errorf("others %+v", out.Others)
	}
}

func TestCutTextsSayWhatIsLost(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n  uid: abc\nspec:\n  type: LoadBalancer\n  clusterIP: 10.96.0.1\n"
	tests := map[string]struct {
		text  string
		knows []string
		not   []string
	}{
		"inside spec":    {service, []string{model.PartLabels}, []string{model.PartType, model.PartIngress}},
		"inside a word":  {service + "status:\n  loadBal", []string{model.PartType}, []string{model.PartIngress}},
		"inside a list":  {"apiVersion: v1\nitems:\n- " + strings.ReplaceAll(strings.TrimSpace(service), "\n", "\n  ") + "\n  status:\n    loadBalancer:\n", []string{model.PartType}, []string{model.PartIngress}},
		"inside json":    {`{"items":[{"kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"type":"LoadBalancer"},"status":{"loadB`, []string{model.PartType}, nil},
		"inside an item": {"kind: Service\nmetadata:\n  name: web\nspec:\n  type: LoadBalancer\n  ports:\n  - na", nil, []string{model.PartPorts}},
		"inside an address": {"kind: Service\nmetadata:\n  name: web\nspec:\n  type: LoadBalancer\nstatus:\n  loadBalancer:\n    ingress:\n    - ip: 192.0",
			[]string{model.PartType}, []string{model.PartIngress}},
		"inside one value": {`{"kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"type":"LoadBalancer","ports":[{"port":80`, nil, []string{model.PartPorts}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, seen := parse(t, schema.KindObjects, "", tt.text)
			if seen.Read != "part" || !strings.Contains(seen.Why, "ends inside") {
				t.Errorf("seen %+v", seen)
			}
			if len(out.Services) != 1 || len(out.Listings) != 0 {
				t.Fatalf("services %d, listings %+v", len(out.Services), out.Listings)
			}
			s := out.Services[0]
			for _, p := range tt.knows {
				if !s.Knows(p) {
					t.Errorf("does not know %s: %v", p, s.Known)
				}
			}
			for _, p := range tt.not {
				if s.Knows(p) {
					t.Errorf("knows %s: %v", p, s.Known)
				}
			}
		})
	}
}

func TestBadLinesAreLeftOutAndTold(t *testing.T) {
	out, seen := parse(t, schema.KindObjects, "", "apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata:\n  name: a\n\tbroken\nspec:\n  ipAddressPools:\n  - p\n")
	if len(out.L2Advertisements) != 1 || len(out.L2Advertisements[0].Pools) != 1 || seen.Read != "part" || !strings.Contains(seen.Why, "line 5") || seen.Src.Line != 5 || seen.Src.Quote != "broken" {
		t.Errorf("%+v %+v", out.L2Advertisements, seen)
	}
}

func TestListingsProveAbsence(t *testing.T) {
	empty := "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n"
	tests := map[string]struct {
		command, text string
		want          []string
	}{
		"empty list by command":    {"kubectl get l2advertisements -n metallb-system -o yaml", empty, []string{"l2advertisements.metallb.io metallb-system 0"}},
		"empty list, nobody knows": {"", empty, nil},
		"typed list":               {"", `{"apiVersion":"metallb.io/v1beta1","items":[],"kind":"BGPAdvertisementList"}`, []string{"bgpadvertisements.metallb.io  0"}},
		"several asked":            {"kubectl get ipaddresspools,l2advertisements -o yaml", poolList, []string{"ipaddresspools.metallb.io metallb-system 2", "l2advertisements.metallb.io  0"}},
		"filtered":                 {"kubectl get ipaddresspools -l x=y -o yaml", poolList, nil},
		"nothing found":            {"oc get bgppeers.metallb.io -n m", "No resources found in m namespace.\n", []string{"bgppeers.metallb.io m 0"}},
		"heading":                  {"", "# kubectl get bgppeers -A\nNo resources found\n", []string{"bgppeers.metallb.io  0"}},
		"picked by label":          {"kubectl get pods -l a=b", "No resources found in default namespace.", nil},
	}
	for name, tt := range tests {
		out, _ := parse(t, schema.KindObjects, tt.command, tt.text)
		var got []string
		for _, l := range out.Listings {
			got = append(got, l.Resource+strings.TrimSuffix("."+l.Group, ".")+" "+l.Namespace+" "+string(rune('0'+l.Count)))
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestSecretsAreNeverKept(t *testing.T) {
	const secret = "hunter2-s3cret"
	texts := map[string]string{
		"peer":      "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata:\n  name: a\nspec:\n  peerAddress: 10.0.0.1\n  password: " + secret + "\n",
		"one line":  `{"apiVersion":"metallb.io/v1beta2","kind":"BGPPeer","metadata":{"name":"a"},"spec":{"password":"` + secret + `","peerASN":1}}`,
		"secret":    `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"data":{"key":"` + secret + `"},"type":"Opaque"}`,
		"legacy":    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\ndata:\n  config: |\n    peers:\n    - peer-address: 10.0.0.1\n      password: " + secret + "\n      my-asn: 1\n",
		"frr":       "apiVersion: frrk8s.metallb.io/v1beta1\nkind: FRRNodeState\nmetadata:\n  name: a\nstatus:\n  runningConfig: |\n    router bgp 1\n     neighbor 10.0.0.1 password " + secret + "\n",
		"env":       "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: x\n    env:\n    - name: DB_PASSWORD\n      value: " + secret + "\n",
		"other":     "apiVersion: x/v1\nkind: Y\nmetadata:\n  name: a\nspec:\n  authToken: " + secret + "\n",
		"last used": "apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata:\n  name: a\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"spec\":{\"password\":\"" + secret + "\"}}'\n",
	}
	for name, text := range texts {
		out, seen := parse(t, schema.KindObjects, "", text)
		kept, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(kept), secret) || seen.Taken != 1 {
			t.Errorf("%s: kept %s", name, kept)
		}
		if name == "peer" && !out.Peers[0].HasPassword {
			t.Error("HasPassword is false")
		}
		if name == "legacy" && !strings.Contains(out.ConfigMaps[0].Data["config"], "password: \"***\"\n  my-asn: 1") {
			t.Errorf("config %q", out.ConfigMaps[0].Data["config"])
		}
	}
}

func TestNodeStateKnowsLineOfRunningConfig(t *testing.T) {
	out, _ := parse(t, schema.KindObjects, "", "apiVersion: frrk8s.metallb.io/v1beta1\nkind: FRRNodeState\nmetadata:\n  name: node-a\nstatus:\n  lastReloadResult: success\n  runningConfig: |\n    Building configuration...\n\n    router bgp 1\n")
	s := out.FRRNodeStates[0]
	if s.RunningConfigLine != 8 || !strings.HasPrefix(s.RunningConfig, "Building configuration...\n\nrouter") || s.Node != "node-a" {
		t.Errorf("%+v", s)
	}
}

func TestEndpointsBecomeSlices(t *testing.T) {
	out, _ := parse(t, schema.KindObjects, "", "apiVersion: v1\nkind: Endpoints\nmetadata:\n  name: web\n  namespace: shop\nsubsets:\n- addresses:\n  - ip: 10.0.0.1\n    nodeName: n1\n  notReadyAddresses:\n  - ip: 10.0.0.2\n  ports:\n  - port: 8080\n")
	s := out.Slices[0]
	if !s.FromEndpoints || s.Service != "web" || len(s.Endpoints) != 2 || !*s.Endpoints[0].Ready || *s.Endpoints[1].Ready || s.Endpoints[0].Node != "n1" || s.Ports[0].Port != 8080 {
		t.Errorf("%+v", s)
	}
}

func TestVersionsOfImagesAndLabels(t *testing.T) {
	pod := func(image string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: c\n    image: " + image + "\n"
	}
	tests := map[string]string{
		"quay.io/metallb/speaker:v0.14.9":                                 "metallb v0.14.9",
		"docker.io/bitnami/metallb-controller:0.14.8-debian-12-r3":        "metallb v0.14.8",
		"rancher/mirrored-metallb-speaker:v0.13.7@sha256:0":               "metallb v0.13.7",
		"quay.io/metallb/frr-k8s:v0.0.16":                                 "frr-k8s v0.0.16",
		"quay.io/frrouting/frr:9.1.0":                                     "frr 9.1.0",
		"registry.k8s.io/kube-proxy:v1.30.1":                              "kubernetes v1.30.1",
		"example.org:5000/metallb/controller":                             "",
		"registry.k8s.io/ingress-nginx/controller:v1.9.1":                 "",
		"quay.io/openshift/origin-metallb@sha256:1111111111111111":        "",
		"registry.example.com:5000/mirror/metallb/metallb/speaker:v0.9.3": "metallb v0.9.3",
	}
	for image, want := range tests {
		out, _ := parse(t, schema.KindObjects, "", pod(image))
		got := ""
		if len(out.Versions) == 1 {
			got = out.Versions[0].Of + " " + out.Versions[0].Version
		}
		if got != want {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
}

func TestParseJSONReadsDumpsOfALog(t *testing.T) {
	src := schema.Evidence{Member: "speaker.log", Line: 7, Quote: "{"}
	var out model.Observations
	kube.ParseJSON([]byte(`{"ipaddresspools":[{"metadata":{"name":"p","namespace":"m"},"spec":{"addresses":["10.0.0.0/24"]}}],"bgppeers":[],`+
		`"passwordsecrets":{"s":{"metadata":{"name":"s"},"type":"kubernetes.io/basic-auth","data":{"password":"eA=="}}},"nodes":[{"metadata":{"name":"n"}}]}`), src, 4, &out)
	if len(out.Pools) != 1 || out.Pools[0].Src != src || out.Pools[0].Kind != "IPAddressPool" || out.Pools[0].Index != 4 || len(out.Nodes) != 1 {
		t.Errorf("%+v", out.Objects)
	}
	if len(out.Secrets) != 1 || !reflect.DeepEqual(out.Secrets[0].Keys, []string{"password"}) {
		t.Errorf("secrets %+v", out.Secrets)
	}
	if len(out.Listings) != 3 {
		t.Errorf("listings %+v", out.Listings)
	}
	out = model.Observations{}
	kube.ParseJSON([]byte(`{"kind":"Service","apiVersion":"v1","metadata":{"name":"parts","namespace":"garage"},"spec":{"type":"LoadBalancer"}}`), src, 4, &out)
	if len(out.Services) != 1 || out.Services[0].Key() != "garage/parts" || len(out.Listings) != 0 {
		t.Errorf("%+v", out.Services)
	}
	kube.ParseJSON([]byte(`{"kind":"Service","metadata`), src, 4, &out)
	kube.ParseJSON(nil, src, 4, &out)
}

func TestDecodeObjects(t *testing.T) {
	objs := kube.DecodeObjects([]json.RawMessage{
		json.RawMessage(`{"apiVersion":"v1","kind":"Node","metadata":{"name":"n","labels":{"zone":"z1"}},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}],"conditions":[{"type":"NetworkUnavailable","status":"True"}]}}`),
		json.RawMessage(`{"apiVersion":"metallb.io/v1beta1","kind":"L2Advertisement","metadata":{"name":"l"},"spec":{"nodeSelectors":[{}]}}`),
		json.RawMessage(`nonsense`),
	})
	if len(objs.Nodes) != 1 || objs.Nodes[0].InternalIPs[0].String() != "10.0.0.1" || objs.Nodes[0].Condition("NetworkUnavailable").Status != "True" {
		t.Errorf("%+v", objs.Nodes)
	}
	if len(objs.L2Advertisements) != 1 || len(objs.L2Advertisements[0].NodeSelectors) != 1 {
		t.Error("an empty selector selects every node and must stay")
	}
}

// A collection tells of a Secret how many keys it has, not which: then none is missing.
func TestSecretOfACollection(t *testing.T) {
	secret := func(keys string) *model.Secret {
		out, _ := parse(t, schema.KindObjects, "", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tor\n  namespace: metallb-system\n  annotations:\n    assay/keys: \""+keys+"\"\ntype: kubernetes.io/basic-auth\n")
		return out.Secrets[0]
	}
	if s := secret("1"); !s.Partial || s.Knows(model.PartKeys) {
		t.Errorf("one key, which is not known: %+v", s)
	}
	if s := secret("0"); s.Partial {
		t.Errorf("no key: %+v", s)
	}
}
