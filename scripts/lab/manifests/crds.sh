# The project's own, minimal definitions of the resources of metallb.io and frrk8s.metallb.io: names, versions, scopes and status
# subresources are MetalLB's, the contents are not checked. `crds` prints them.
crd() { # crd GROUP PLURAL KIND SCOPE VERSION... : the last version is stored
  local group=$1 plural=$2 kind=$3 scope=$4 v stored; shift 4; stored=${*: -1}
  cat <<Y
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: $plural.$group}
spec:
  group: $group
  scope: $scope
  names: {kind: $kind, listKind: ${kind}List, plural: $plural, singular: $(echo "$kind" | tr '[:upper:]' '[:lower:]')}
  versions:
Y
  for v in "$@"; do
    cat <<Y
  - name: $v
    served: true
    storage: $([ "$v" = "$stored" ] && echo true || echo false)
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}, status: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}
Y
  done
}

crds() {
  crd metallb.io ipaddresspools IPAddressPool Namespaced v1beta1
  crd metallb.io l2advertisements L2Advertisement Namespaced v1beta1
  crd metallb.io bgpadvertisements BGPAdvertisement Namespaced v1beta1
  crd metallb.io bgppeers BGPPeer Namespaced v1beta1 v1beta2
  crd metallb.io bfdprofiles BFDProfile Namespaced v1beta1
  crd metallb.io communities Community Namespaced v1beta1
  crd metallb.io servicel2statuses ServiceL2Status Namespaced v1beta1
  crd metallb.io servicebgpstatuses ServiceBGPStatus Namespaced v1beta1
  crd metallb.io configurationstates ConfigurationState Namespaced v1beta1
  crd frrk8s.metallb.io frrconfigurations FRRConfiguration Namespaced v1beta1
  crd frrk8s.metallb.io frrnodestates FRRNodeState Cluster v1beta1
  crd frrk8s.metallb.io bgpsessionstates BGPSessionState Namespaced v1beta1
  crd frrk8s.metallb.io frrk8sconfigurations FRRK8sConfiguration Namespaced v1beta1
}
