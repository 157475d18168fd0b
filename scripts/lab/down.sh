#!/bin/bash
# down.sh [--wipe]: takes the lab down: what up.sh started (by the numbers that it left), its containers, its namespaces. --wipe removes
# what the run left too (logs, certificates, the nodes' disks); the cache stays. Nothing of it is to be kept, so nobody is asked to end in order.
set -uo pipefail
. "$(dirname "$0")/env.sh"

# node NAME: ends a worker. The shims outlive containerd; each ends when its sandbox is removed.
node() {
  local n=$1 c
  [ -f "$RUN/$n.init.pid" ] || return 0
  stop "$n.kubelet" KILL; stop "$n.kube-proxy" KILL
  for c in $(in_node "$n" ctr -n k8s.io tasks ls -q 2>/dev/null); do in_node "$n" ctr -n k8s.io tasks kill -s SIGKILL "$c" >/dev/null 2>&1; done
  sleep 0.5
  for c in $(in_node "$n" ctr -n k8s.io tasks ls -q 2>/dev/null); do in_node "$n" ctr -n k8s.io tasks rm -f "$c" >/dev/null 2>&1; done
  stop "$n.containerd" KILL; stop "$n.init" KILL
}
for n in "${NODES[@]}"; do node "$n" & done
wait
"$LAB_SRC/router.sh" stop
for p in kube-scheduler kube-controller-manager kube-apiserver etcd; do stop $p KILL; done
ip link del lab0 2>/dev/null
for ns in lan router remote client stranger cp "${NODES[@]}"; do ip netns del "$ns" 2>/dev/null; done
rm -rf "$RUN" "${ASSAY_LAB_ETCD:-/dev/shm/assay-lab-etcd}"
if [ "${1:-}" = --wipe ]; then rm -rf "$ASSAY_LAB_DIR"; fi
exit 0
