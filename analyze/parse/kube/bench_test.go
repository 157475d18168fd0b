package kube_test

import (
	"bytes"
	"fmt"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/metallb-assay/assay/analyze/model"
	"github.com/metallb-assay/assay/analyze/parse/kube"
	"github.com/metallb-assay/assay/schema"
)

// manyServices is a List of n Services with their EndpointSlices, as `kubectl get svc,endpointslices -A -o yaml` prints it.
func manyServices(n int) []byte {
	var b bytes.Buffer
	b.WriteString("apiVersion: v1\nitems:\n")
	for i := range n {
		fmt.Fprintf(&b, `- apiVersion: v1
  kind: Service
  metadata:
    annotations:
      metallb.io/ip-allocated-from-pool: pool-%[2]d
    creationTimestamp: "2026-01-02T03:04:05Z"
    labels:
      app: app-%[1]d
    managedFields:
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:spec:
          f:ports:
            .: {}
            k:{"port":80,"protocol":"TCP"}:
              .: {}
              f:port: {}
          f:type: {}
      manager: kubectl-create
      operation: Update
      time: "2026-01-02T03:04:05Z"
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:status:
          f:loadBalancer:
            f:ingress: {}
      manager: controller
      operation: Update
      subresource: status
      time: "2026-01-02T03:04:06Z"
    name: svc-%[1]d
    namespace: team-%[2]d
    resourceVersion: "%[1]d"
    uid: 0f8fad5b-d9cb-469f-a165-%012[1]d
  spec:
    allocateLoadBalancerNodePorts: true
    clusterIP: 10.96.%[3]d.%[4]d
    clusterIPs:
    - 10.96.%[3]d.%[4]d
    externalTrafficPolicy: Cluster
    internalTrafficPolicy: Cluster
    ipFamilies:
    - IPv4
    ipFamilyPolicy: SingleStack
    ports:
    - name: http
      nodePort: 30080
      port: 80
      protocol: TCP
      targetPort: 8080
    selector:
      app: app-%[1]d
    sessionAffinity: None
    type: LoadBalancer
  status:
    loadBalancer:
      ingress:
      - ip: 198.18.%[3]d.%[4]d
        ipMode: VIP
- addressType: IPv4
  apiVersion: discovery.k8s.io/v1
  endpoints:
  - addresses:
    - 10.244.%[3]d.%[4]d
    conditions:
      ready: true
      serving: true
      terminating: false
    nodeName: node-%[2]d
    targetRef:
      kind: Pod
      name: app-%[1]d-abcde
      namespace: team-%[2]d
  kind: EndpointSlice
  metadata:
    labels:
      kubernetes.io/service-name: svc-%[1]d
    name: svc-%[1]d-xyzab
    namespace: team-%[2]d
  ports:
  - name: http
    port: 8080
    protocol: TCP
`, i, i%20, i/256%256, i%256)
	}
	b.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	return b.Bytes()
}

// BenchmarkParseServices is held against BenchmarkDecodeServices: the analyzer has 1.5 times the latter for all that it does.
func BenchmarkParseServices(b *testing.B) {
	text := manyServices(10_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var out model.Observations
		kube.Parse(schema.Origin{Path: "all.yaml", Kind: schema.KindObjects}, 0, bytes.NewReader(text), &out)
		if len(out.Services) != 10_000 || len(out.Slices) != 10_000 {
			b.Fatal(len(out.Services), len(out.Slices))
		}
	}
}

// BenchmarkDecodeServices is what the general YAML reader takes to make nodes of the same bytes.
func BenchmarkDecodeServices(b *testing.B) {
	text := manyServices(10_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var n yaml.Node
		if err := yaml.Unmarshal(text, &n); err != nil {
			b.Fatal(err)
		}
	}
}
