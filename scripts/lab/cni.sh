#!/bin/bash
# The pods' network: Debian's bridge plugin with host-local, addresses from each Node's podCIDRs, routes between the nodes by hand.
# The plugin does not masquerade (it would hide the pods' addresses from each other); one rule a node does for what leaves the cluster.
set -euo pipefail
. "$(dirname "$0")/env.sh"
cidrs() { k get node "$1" -o jsonpath='{.spec.podCIDRs[0]} {.spec.podCIDRs[1]}' | grep -F ' fd'; }
for n in "${NODES[@]}"; do
  wait_for 60 "the podCIDRs of $n" cidrs "$n"
  read -r c4 c6 < <(cidrs "$n"); echo "$c4 $c6" >"$RUN/$n.cidrs"
  cat >"$ASSAY_LAB_DIR/nodes/$n/cni/10-lab.conflist" <<Y
{"cniVersion": "0.4.0", "name": "lab", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false, "mtu": 1500,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$c4"}], [{"subnet": "$c6"}]], "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
Y
  in_node "$n" iptables -w -t nat -A POSTROUTING -s "$PODS4" ! -d "$PODS4" -m comment --comment "pods to outside" -j MASQUERADE
  in_node "$n" ip6tables -w -t nat -A POSTROUTING -s "$PODS6" ! -d "$PODS6" -m comment --comment "pods to outside" -j MASQUERADE
done
for n in "${NODES[@]}"; do
  i=$(node_index "$n"); read -r c4 c6 <"$RUN/$n.cidrs"
  for o in cp "${NODES[@]}"; do
    [ "$o" != "$n" ] || continue
    ip -n "$o" route replace "$c4" via "$LAN4.$i"; ip -n "$o" -6 route replace "$c6" via "${LAN6}$i"
  done
done
