#!/bin/bash
# up.sh: raises the cluster with MetalLB's stand-ins in it: packages, builds (once), certificates, namespaces, control plane, router,
# workers, pod network, MetalLB. LAB_VARIANT says how MetalLB is installed. Prints the kubeconfig at the end.
set -euo pipefail
. "$(dirname "$0")/env.sh"

[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] || die "the lab needs Linux and root: it makes network and mount namespaces"
unshare --net --mount --uts true 2>/dev/null || die "namespaces cannot be made here (unshare --net --mount --uts): root lacks CAP_SYS_ADMIN"
mkdir -p "$ASSAY_LAB_CACHE" "$ASSAY_LAB_DIR" "$RUN" "$LOGS"
[ ! -f "$RUN/etcd.pid" ] || die "a lab is up in $ASSAY_LAB_DIR: make lab-down first"
packages="containerd runc etcd-server containernetworking-plugins busybox-static iptables nftables iproute2 conntrack frr debootstrap openssl procps curl tcpdump arping"
missing=$(for p in $packages; do dpkg -s "$p" >/dev/null 2>&1 || echo "$p"; done)
if [ -n "$missing" ]; then
  step "installing $(echo $missing)"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$LOGS/apt.log" 2>&1 || die "apt-get install failed: see $LOGS/apt.log"
fi
"$LAB_SRC/build.sh"
"$LAB_SRC/pki.sh"; "$LAB_SRC/net.sh"; step "network"

etcd="${ASSAY_LAB_ETCD:-/dev/shm/assay-lab-etcd}"; rm -rf "$etcd" # in memory: leases make many writes that wait for the disk
start etcd cp etcd --data-dir "$etcd" --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster default=http://127.0.0.1:2380 --logger zap
start kube-apiserver cp "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --bind-address="$CP4" --advertise-address="$CP4" --secure-port=6443 \
  --service-cluster-ip-range="$SVCS4,$SVCS6" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
  --client-ca-file="$PKI/ca.crt" --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
  --kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" --kubelet-client-key="$PKI/apiserver-kubelet-client.key" --kubelet-preferred-address-types=InternalIP \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
  --requestheader-client-ca-file="$PKI/ca.crt" --requestheader-allowed-names=front-proxy-client --requestheader-username-headers=X-Remote-User \
  --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
  --proxy-client-cert-file="$PKI/front-proxy-client.crt" --proxy-client-key-file="$PKI/front-proxy-client.key" --enable-aggregator-routing=true
wait_for 180 "the API server (see $LOGS/kube-apiserver.log)" k get --raw /readyz; step "API server"
start kube-controller-manager cp "$BIN/kube-controller-manager" --kubeconfig="$PKI/controller-manager.conf" \
  --authentication-kubeconfig="$PKI/controller-manager.conf" --authorization-kubeconfig="$PKI/controller-manager.conf" \
  --allocate-node-cidrs=true --cluster-cidr="$PODS4,$PODS6" --service-cluster-ip-range="$SVCS4,$SVCS6" --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
  --root-ca-file="$PKI/ca.crt" --service-account-private-key-file="$PKI/sa.key" --use-service-account-credentials=true --leader-elect=false --node-monitor-grace-period=20s
start kube-scheduler cp "$BIN/kube-scheduler" --kubeconfig="$PKI/scheduler.conf" --leader-elect=false
"$LAB_SRC/router.sh" start >"$LOGS/router.log" 2>&1 || die "FRR of the router does not start: see $LOGS/router.log"
workers=()
for n in "${NODES[@]}"; do "$LAB_SRC/node.sh" "$n" & workers+=($!); done
for w in "${workers[@]}"; do wait "$w" || die "a worker did not come"; done
"$LAB_SRC/cni.sh"
k wait --for=condition=Ready $(printf 'node/%s ' "${NODES[@]}") --timeout=120s >/dev/null || die "not all nodes got Ready"
step "${#NODES[@]} nodes Ready"
"$LAB_SRC/metallb.sh" "$LAB_VARIANT"
step "up; KUBECONFIG=$KUBECONFIG_LAB"
