# What users make: pools, advertisements, peers, and Services with their endpoints. `bgp_objects` are those that native mode lacks here, for
# its stand-in speaks no BGP.
l2_objects() {
  cat <<Y
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: lan, namespace: $NS}
spec: {addresses: ["$LAN4.200-$LAN4.219"]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: lan, namespace: $NS}
spec: {ipAddressPools: [lan]}
Y
  service storefront Cluster; service api Local
}

bgp_objects() {
  cat <<Y
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: public, namespace: $NS}
spec: {addresses: [198.51.100.0/28], autoAssign: false}
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: public, namespace: $NS}
spec: {ipAddressPools: [public], communities: ["64513:100"]}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: tor1, namespace: $NS}
spec: {myASN: 64513, peerASN: 64512, peerAddress: $ROUTER4, password: $LAB_PEER_PASSWORD}
---
apiVersion: v1
kind: Secret
metadata: {name: tor2, namespace: $NS}
type: kubernetes.io/basic-auth
stringData: {password: $LAB_PEER_PASSWORD}
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: tor2, namespace: $NS}
spec: {myASN: 64513, peerASN: 64512, peerAddress: $SEG4.1, passwordSecret: {name: tor2}}
Y
  service edge Cluster public; service edge-local Local public
}

service() { # service NAME POLICY [POOL]: a Service with two endpoints
  cat <<Y
---
apiVersion: v1
kind: Service
metadata: {name: $1, namespace: shop${3:+, annotations: {metallb.io/address-pool: $3\}}}
spec: {type: LoadBalancer, externalTrafficPolicy: $2, selector: {app: $1}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, namespace: shop, labels: {app: $1}}
spec:
  replicas: 2
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
      terminationGracePeriodSeconds: 0
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: $1}}}]
      containers:
      - name: echo
        image: localhost/echo:1
        args: [-listen, ":8080"]
        ports: [{containerPort: 8080}]
        readinessProbe: {periodSeconds: 2, httpGet: {path: /healthz, port: 8080}}
Y
}
