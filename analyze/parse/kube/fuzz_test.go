package kube_test

import (
	"os"
	"strings"
	"testing"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/schema"
)

func fuzz(f *testing.F, kind schema.Kind, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out model.Observations
		seen := kube.Parse(schema.Origin{Path: "a", FirstLine: 5, Kind: kind, Command: "kubectl get svc -A"}, 0, strings.NewReader(text), &out)
		if seen.Taken < 0 || seen.Unread > 0 && seen.Why == "" {
			t.Errorf("%+v", seen)
		}
		max := 5 + strings.Count(text, "\n")
		for _, s := range out.Services {
			if s.Src.Line < 5 || s.Src.Line > max {
				t.Errorf("line %d of %d", s.Src.Line, max)
			}
		}
	})
}

func FuzzParseObjects(f *testing.F) {
	fuzz(f, schema.KindObjects, poolList, string(manyServices(1)), strings.ReplaceAll(poolList, "\n", "\r\n"),
		`{"apiVersion":"v1","items":[{"kind":"Service","metadata":{"name":"a"}}],"kind":"List"}`,
		"a: &x {b: c}\nd: *x\n---\nkind: >-\n  x\n  y\nz: \"a\\\n  b\"\n", "- - - a\n- ? b\n", "apiVersion: v1\nkind: Secret\ndata: {a: b}\n", "items:\n-\n-\n", "[\n{\n")
}

func FuzzParseTable(f *testing.F) {
	fuzz(f, schema.KindTable, "NAME   TYPE           CLUSTER-IP   EXTERNAL-IP   PORT(S)        AGE\nweb    LoadBalancer   10.97.3.2    <pending>     80:30080/TCP   5d\n",
		"LAST SEEN   TYPE     REASON         OBJECT        MESSAGE\n2m          Normal   nodeAssigned   service/web   announcing\n",
		"NAME AUTO ASSIGN ADDRESSES\na true [\"1.1.1.1\"]\n", "No resources found in a namespace.\n", "web LoadBalancer 10.0.0.1 <pending> 80/TCP 1m\n", "NAME\nx\n")
}

func FuzzParseDescribe(f *testing.F) {
	pod, err := os.ReadFile("testdata/describe-pod.txt")
	if err != nil {
		f.Fatal(err)
	}
	fuzz(f, schema.KindDescribe, describedService, string(pod), "Name: a\nAPI Version: metallb.io/v1beta1\nKind: BGPPeer\nSpec:\n  My ASN: 1\n  Node Selectors:\n    Match Labels:\n      A: b\n",
		"Name: a\nAddressType: IPv4\nEndpoints:\n  - Addresses: 1.1.1.1\n    Conditions:\n      Ready: true\n")
}
