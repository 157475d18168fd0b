#!/bin/bash
# metallb.sh VARIANT: installs the stand-ins of MetalLB, in place of what is installed, with objects and Services:
#   frr-k8s  as the manifests of v0.16.1 do by default: FRR in the DaemonSet frr-k8s-daemon
#   helm     the same with the names and labels of the chart (release "metallb")
#   frr      FRR in the speakers' pods
#   native   layer 2 alone, no FRR
set -euo pipefail
. "$(dirname "$0")/env.sh"
for f in crds rbac workloads objects; do . "$LAB_SRC/manifests/$f.sh"; done
NS=metallb-system CONTROLLER=controller SPEAKER=speaker MEMBERS=memberlist FRRK8S=frr-k8s-daemon BGP_TYPE=frr-k8s FRR_VERSION=10.4.3
CTRL_LABELS="app: metallb, component: controller" SPKR_LABELS="app: metallb, component: speaker"
FRRK8S_DS=frr-k8s-daemon FRRK8S_STARTUP=frr-k8s-frr-startup FRRK8S_SELECT="control-plane: frr-k8s" CLEANER=frr-k8s-statuscleaner
FRRK8S_PODS="app: frr-k8s, app.kubernetes.io/component: frr-k8s, control-plane: frr-k8s"
FRRK8S_LABELS="app.kubernetes.io/component: frr-k8s, app.kubernetes.io/name: frr-k8s, app.kubernetes.io/part-of: frr-k8s, control-plane: frr-k8s"
CLEANER_LABELS="app: frr-k8s-webhook-server, app.kubernetes.io/component: statuscleaner, control-plane: statuscleaner"
case ${1:-} in
frr-k8s) ;;
frr) BGP_TYPE=frr FRR_VERSION=10.5.3 ;;
native) BGP_TYPE="" ;;
helm)
  chart="app.kubernetes.io/name: metallb, app.kubernetes.io/instance: metallb"
  CONTROLLER=metallb-controller SPEAKER=metallb-speaker MEMBERS=metallb-memberlist FRRK8S=metallb-frr-k8s FRRK8S_DS=metallb-frr-k8s
  FRRK8S_STARTUP=metallb-frr-k8s-frr-startup CLEANER=metallb-frr-k8s-statuscleaner
  CTRL_LABELS="$chart, app.kubernetes.io/component: controller" SPKR_LABELS="$chart, app.kubernetes.io/component: speaker"
  FRRK8S_PODS="app.kubernetes.io/name: frr-k8s, app.kubernetes.io/instance: metallb, app.kubernetes.io/component: frr-k8s"
  FRRK8S_SELECT=$FRRK8S_PODS FRRK8S_LABELS=$FRRK8S_PODS
  CLEANER_LABELS="app.kubernetes.io/name: frr-k8s, app.kubernetes.io/instance: metallb, app.kubernetes.io/component: statuscleaner"
  ;;
*) die "variants are frr-k8s, helm, frr and native, not \"${1:-}\"" ;;
esac

{ crds; printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {pod-security.kubernetes.io/enforce: privileged}}\n' $NS shop; } | k apply -f - >/dev/null
k wait --for=condition=Established crd --all --timeout=60s >/dev/null
# What another variant left: all of the namespace, and what was written about nodes and Services.
k -n $NS delete deployments,daemonsets,configmaps,secrets,roles,rolebindings,serviceaccounts --all --wait=true >/dev/null 2>&1 || true
k get clusterroles,clusterrolebindings -o name | { grep '/metallb' || true; } | xargs -r "$BIN/kubectl" --kubeconfig "$KUBECONFIG_LAB" delete >/dev/null
k -n $NS wait --for=delete pods --all --timeout=60s >/dev/null 2>&1 || true
k -n $NS delete servicel2statuses,servicebgpstatuses,configurationstates,frrconfigurations,bgpsessionstates --all >/dev/null 2>&1 || true
k delete frrnodestates --all >/dev/null 2>&1 || true
k -n shop delete events --field-selector involvedObject.kind=Service >/dev/null 2>&1 || true
[ "$BGP_TYPE" != "" ] || bgp_objects | k delete --ignore-not-found -f - >/dev/null

{
  printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: metallb-excludel2, namespace: %s}\ndata:\n  excludel2.yaml: |\n    announcedInterfacesToExclude: %s\n' $NS \
    '["^docker.*", "^cbr.*", "^dummy.*", "^virbr.*", "^lxcbr.*", "^veth.*", "^lo$", "^cali.*", "^tunl.*", "^flannel.*", "^kube-ipvs.*", "^cni.*", "^nodelocaldns.*", "^lxc.*"]'
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: metallb-webhook-cert, namespace: %s}\n' $NS
  rbac; controller; speaker
  case $BGP_TYPE in
  frr-k8s)
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: frr-k8s-webhook-server-cert, namespace: %s}\n' $NS
    frr_startup "$FRRK8S_STARTUP"; frrk8s_rbac; frrk8s ;;
  frr) frr_startup frr-startup ;;
  esac
  l2_objects
  [ "$BGP_TYPE" = "" ] || bgp_objects
} >"$ASSAY_LAB_DIR/metallb.yaml"
k apply -f "$ASSAY_LAB_DIR/metallb.yaml" >"$LOGS/metallb.log" || die "the manifests were refused: see $LOGS/metallb.log"
echo "$1" >"$ASSAY_LAB_DIR/variant"
for w in $(k -n $NS get deployments,daemonsets -o name) $(k -n shop get deployments -o name); do
  ns=$NS; case $w in */storefront | */api | */edge | */edge-local) ns=shop ;; esac
  k -n $ns rollout status "$w" --timeout=180s >/dev/null || die "$w of $1 does not get ready: $0"
done
# Ready pods say nothing of the BGP sessions: two a node.
sessions() { [ "$("$LAB_SRC/router.sh" vtysh -c 'show bgp ipv4 unicast summary json' | grep -c '"state":"Established"')" = $((2 * ${#NODES[@]})) ]; }
[ "$BGP_TYPE" = "" ] || wait_for 120 "the BGP sessions with the router" sessions
step "MetalLB's stand-ins run: $1"
