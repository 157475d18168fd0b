package main

import (
	"bufio"
	"fmt"
	"os"
)

// aService is one Service: namespace, name, a number, two bytes of its addresses, node port.
const aService = `- apiVersion: v1
  kind: Service
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"v1","kind":"Service","metadata":{"annotations":{},"name":"%[2]s","namespace":"%[1]s"},"spec":{"ports":[{"port":80}],"selector":{"app":"%[2]s"},"type":"LoadBalancer"}}
      metallb.io/ip-allocated-from-pool: pool
    creationTimestamp: "2026-01-02T03:04:05Z"
    labels:
      app: %[2]s
    name: %[2]s
    namespace: %[1]s
    resourceVersion: "%[3]d"
    uid: %08[3]x-0000-4000-8000-%012[3]x
  spec:
    allocateLoadBalancerNodePorts: true
    clusterIP: 10.96.%[4]d.%[5]d
    clusterIPs:
    - 10.96.%[4]d.%[5]d
    externalTrafficPolicy: Cluster
    internalTrafficPolicy: Cluster
    ipFamilies:
    - IPv4
    ipFamilyPolicy: SingleStack
    ports:
    - name: http
      nodePort: %[6]d
      port: 80
      protocol: TCP
      targetPort: 8080
    selector:
      app: %[2]s
    sessionAffinity: None
    type: LoadBalancer
  status:
    loadBalancer:
      ingress:
      - ip: 172.20.%[4]d.%[5]d
        ipMode: VIP
`

// aSlice is its EndpointSlice: namespace, name, a number, two bytes of the endpoint's address, the node's number.
const aSlice = `- addressType: IPv4
  apiVersion: discovery.k8s.io/v1
  endpoints:
  - addresses:
    - 10.244.%[4]d.%[5]d
    conditions:
      ready: true
      serving: true
      terminating: false
    nodeName: worker-%03[6]d
    targetRef:
      kind: Pod
      name: %[2]s-0
      namespace: %[1]s
      uid: %08[3]x-1111-4000-8000-%012[3]x
  kind: EndpointSlice
  metadata:
    creationTimestamp: "2026-01-02T03:04:05Z"
    generateName: %[2]s-
    generation: 1
    labels:
      endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io
      kubernetes.io/service-name: %[2]s
    name: %[2]s-abcde
    namespace: %[1]s
    resourceVersion: "%[3]d"
  ports:
  - name: http
    port: 8080
    protocol: TCP
`

// writeServices writes 10,000 Services and their EndpointSlices as `kubectl get svc,endpointslices -A -o yaml` prints them.
func writeServices(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fmt.Fprint(w, "apiVersion: v1\nitems:\n")
	for i := range 10000 {
		ns, name := fmt.Sprintf("team-%03d", i%100), fmt.Sprintf("service-%05d", i)
		fmt.Fprintf(w, aService, ns, name, 100000+i, i/250, i%250, 30000+i%2700)
		fmt.Fprintf(w, aSlice, ns, name, 200000+i, i/250, i%250, i%nodes)
	}
	fmt.Fprint(w, "kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	return w.Flush()
}
