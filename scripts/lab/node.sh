#!/bin/bash
# node.sh NAME: one worker. A mount and a UTS namespace on top of its network namespace (pods on the host's network show the node's
# name), with containerd, the kubelet and kube-proxy in them.
set -euo pipefail
. "$(dirname "$0")/env.sh"
n=$1; i=$(node_index "$n"); root="$ASSAY_LAB_DIR/nodes/$n"
mkdir -p "$root"/{containerd,kubelet,pods,containers,cni,conf}

# The process that keeps the namespaces. Not by `ip netns exec`: it would mount a new /sys, which hides /sys/fs/cgroup.
setsid nsenter --net="/run/netns/$n" -- unshare --mount --uts --propagation private -- bash -c '
  set -e
  n=$1; root=$2
  hostname "$n"; mount --make-rshared /
  mount -t tmpfs tmpfs /run; mkdir -p /run/containerd /run/netns /run/lock
  mkdir -p /var/lib/containerd /var/lib/kubelet /var/log/pods /var/log/containers /etc/cni/net.d /opt/cni/bin
  mount --bind "$root/containerd" /var/lib/containerd; mount --bind "$root/kubelet" /var/lib/kubelet
  mount --bind "$root/pods" /var/log/pods; mount --bind "$root/containers" /var/log/containers
  mount --bind "$root/cni" /etc/cni/net.d; mount --bind /usr/lib/cni /opt/cni/bin
  mount --make-rshared /; touch /run/ready
  exec sleep infinity' lab-node "$n" "$root" >"$LOGS/$n.init.log" 2>&1 </dev/null &
echo $! >"$RUN/$n.init.pid"
wait_for 20 "the namespaces of $n (see $LOGS/$n.init.log)" nsenter -t "$(cat "$RUN/$n.init.pid")" -m -- test -f /run/ready

cat >"$root/conf/containerd.toml" <<Y
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.opt"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:3.10"
  disable_apparmor = true
  restrict_oom_score_adj = true   # without CAP_SYS_RESOURCE a lower score than our own is refused
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
Y
start "$n.containerd" "$n" containerd -c "$root/conf/containerd.toml"
wait_for 60 "containerd of $n" in_node "$n" ctr version
for t in "$IMG"/*.tar; do in_node "$n" ctr -n k8s.io images import "$t" >>"$LOGS/$n.images.log" 2>&1 || die "$n does not take the image $t"; done

cat >"$root/conf/kubelet.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet-$n.crt
tlsPrivateKeyFile: $PKI/kubelet-$n.key
cgroupDriver: cgroupfs
cgroupsPerQOS: false          # the kubelets share one tree of control groups
enforceNodeAllocatable: []
failSwapOn: false
clusterDNS: [${SVCS4%.0/*}.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
evictionHard: {memory.available: 0%, nodefs.available: 0%, imagefs.available: 0%}
imageGCHighThresholdPercent: 100
readOnlyPort: 0
nodeStatusUpdateFrequency: 5s
syncFrequency: 20s
Y
start "$n.kubelet" "$n" "$BIN/kubelet" --config="$root/conf/kubelet.yaml" --kubeconfig="$PKI/kubelet-$n.conf" \
  --hostname-override="$n" --node-ip="$LAN4.$i,${LAN6}$i" --root-dir=/var/lib/kubelet --v=1
cat >"$root/conf/proxy.yaml" <<Y
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: $PROXY_MODE
clientConnection: {kubeconfig: $PKI/proxy.conf}
hostnameOverride: $n
clusterCIDR: $PODS4,$PODS6
# nf_conntrack_max and the timeouts can be written in the first network namespace only
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
healthzBindAddress: "$LAN4.$i:10256"
metricsBindAddress: "127.0.0.1:10249"
Y
wait_for 120 "the Node $n (see $LOGS/$n.kubelet.log)" k get node "$n"
start "$n.kube-proxy" "$n" "$BIN/kube-proxy" --config="$root/conf/proxy.yaml"
