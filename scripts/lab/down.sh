#!/bin/bash
# down.sh [--wipe]: takes the lab down: what up.sh started (by the numbers that it left), its containers, its namespaces. --wipe removes
# what the run left too (logs, certificates, the nodes' disks); the cache stays.
set -uo pipefail
. "$(dirname "$0")/env.sh"
for n in "${NODES[@]}"; do
  [ -f "$RUN/$n.init.pid" ] || continue
  stop "$n.kubelet"; stop "$n.kube-proxy"
  for c in $(in_node "$n" ctr -n k8s.io tasks ls -q 2>/dev/null); do in_node "$n" ctr -n k8s.io tasks kill -s SIGKILL "$c" >/dev/null 2>&1; done
  sleep 0.5
  # the shims outlive containerd; each ends when its sandbox is removed
  for c in $(in_node "$n" ctr -n k8s.io containers ls -q 2>/dev/null); do
    in_node "$n" ctr -n k8s.io tasks rm -f "$c" >/dev/null 2>&1; in_node "$n" ctr -n k8s.io containers rm "$c" >/dev/null 2>&1
  done
  stop "$n.containerd"; stop "$n.init"
done
"$LAB_SRC/router.sh" stop
for p in kube-scheduler kube-controller-manager kube-apiserver etcd; do stop $p; done
ip link del lab0 2>/dev/null
for ns in lan router remote client stranger cp "${NODES[@]}"; do ip netns del "$ns" 2>/dev/null; done
rm -rf "$RUN" "${ASSAY_LAB_ETCD:-/dev/shm/assay-lab-etcd}"
if [ "${1:-}" = --wipe ]; then rm -rf "$ASSAY_LAB_DIR"; fi
exit 0
