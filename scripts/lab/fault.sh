#!/bin/bash
# fault.sh NAME on|off [ARGUMENT]: breaks something in the lab that is up, and mends it.
#   crash POD CONTAINER       (no on/off) ends a container's first process, so that it is started again and has a previous log
#   cut on|off NODE           takes a node off the segments: its kubelet, speaker and FRR are gone for the others
#   hang on|off NODE          stops a node's kubelet: requests to it hang (logs, exec) instead of being refused
#   pool-exhausted on|off     the pool "lan" has two addresses, which its two Services have, and a third one wants one
#   no-advertisement on|off   the L2Advertisement is removed
#   wrong-password on|off     the BGPPeer tor1 has another password than the router
#   bad-config on|off         a pool that overlaps another one: the configuration is refused
#   metrics-denied on|off     controller and speaker may not ask who a token is, as with MetalLB's plain manifests
set -euo pipefail
. "$(dirname "$0")/env.sh"
NS=metallb-system
what=${1:-}; state=${2:-}; arg=${3:-}

links() { # links NODE up|down
  local i; for i in eth0 eth1; do ip -n lan link set "${1:0:10}-$i" "$2"; done
}

pool() { k -n $NS patch ipaddresspool lan --type merge -p "{\"spec\": {\"addresses\": [\"$1\"]}}"; }

case "$what $state" in
crash\ *)
  # By the container runtime, for the images have no shell: the first process of the container gets SIGKILL.
  pod=$state; node=$(k -n $NS get pod "$pod" -o jsonpath='{.spec.nodeName}')
  of() { k -n $NS get pod "$pod" -o jsonpath="{.status.containerStatuses[?(@.name=='$arg')].$1}"; }
  id=$(of containerID); id=${id#containerd://}; before=$(of restartCount)
  [ -n "$id" ] || die "no container $arg in $pod"
  in_node "$node" ctr -n k8s.io tasks kill -s SIGKILL "$id"
  again() { [ "$(of restartCount)" -gt "$before" ] && [ -n "$(of state.running.startedAt)" ]; }
  wait_for 60 "the restart of $arg in $pod" again ;;
"cut on") links "$arg" down ;;
"cut off") links "$arg" up; i=$(node_index "$arg")
  ip -n "$arg" route replace default via "$ROUTER4"; ip -n "$arg" -6 route replace default via "${LAN6}1" ;;
"hang on") kill -STOP "$(cat "$RUN/$arg.kubelet.pid")" ;;
"hang off") kill -CONT "$(cat "$RUN/$arg.kubelet.pid")" ;;
"pool-exhausted on")
  pool "$LAN4.200-$LAN4.201"
  k apply -f - <<Y
apiVersion: v1
kind: Service
metadata: {name: late, namespace: shop}
spec: {type: LoadBalancer, selector: {app: storefront}, ports: [{name: http, port: 80, targetPort: 8080}]}
Y
  ;;
"pool-exhausted off") pool "$LAN4.200-$LAN4.219"; k -n shop delete service late --ignore-not-found ;;
"no-advertisement on") k -n $NS delete l2advertisement lan --ignore-not-found ;;
"no-advertisement off") printf 'apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata: {name: lan, namespace: %s}\nspec: {ipAddressPools: [lan]}\n' $NS | k apply -f - ;;
"wrong-password on") k -n $NS patch bgppeer tor1 --type merge -p '{"spec": {"password": "not-the-routers"}}' ;;
"wrong-password off") k -n $NS patch bgppeer tor1 --type merge -p "{\"spec\": {\"password\": \"$LAB_PEER_PASSWORD\"}}" ;;
"bad-config on") printf 'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: overlap, namespace: %s}\nspec: {addresses: ["%s.210-%s.230"]}\n' $NS "$LAN4" "$LAN4" | k apply -f - ;;
"bad-config off") k -n $NS delete ipaddresspool overlap --ignore-not-found ;;
"metrics-denied on") k get clusterrolebindings -o name | grep metallb:metrics-auth- | while read -r b; do k delete "$b"; done ;;
"metrics-denied off") k apply -f "$ASSAY_LAB_DIR/metallb.yaml" >/dev/null ;;
*) sed -n '2,/^set/p' "$0" | grep '^#'; exit 2 ;;
esac
