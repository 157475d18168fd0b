# The rights of the ServiceAccounts: those that MetalLB's and frr-k8s' programs have, in the words of what the stand-ins need. $CONTROLLER,
# $SPEAKER and $FRRK8S are the accounts, $NS is the namespace. LAB_METRICS=denied leaves out the right to ask who a token is, as the plain
# manifests of v0.16 do: /metrics then answers "Authentication failed".
cluster_role() { # cluster_role NAME ACCOUNT RULE...: each RULE is GROUPS RESOURCES VERBS, as lists between blanks
  local name=$1 account=$2 g r v; shift 2
  printf -- '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "%s"}\nrules:\n' "$name"
  while read -r g r v; do [ -z "$g" ] || echo "- {apiGroups: [$g], resources: [$r], verbs: [$v]}"; done
  printf -- '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: "%s"}\n' "$name"
  printf 'roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "%s"}\nsubjects: [{kind: ServiceAccount, name: %s, namespace: %s}]\n' "$name" "$account" "$NS"
}

role() { # role NAME ACCOUNT < RULES
  cluster_role "$1" "$2" | sed "s/ClusterRole/Role/g; s/^metadata: {/metadata: {namespace: $NS, /"
}

accounts() { for a in "$@"; do printf -- '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: %s, namespace: %s}\n' "$a" "$NS"; done; }

rbac() {
  accounts "$CONTROLLER" "$SPEAKER"
  cluster_role "$NS:$CONTROLLER" "$CONTROLLER" <<Y
"" services,namespaces,nodes get,list,watch
"" services,services/status update,patch
"",events.k8s.io events create,patch
Y
  cluster_role "$NS:$SPEAKER" "$SPEAKER" <<Y
"" services,endpoints,nodes,namespaces get,list,watch
discovery.k8s.io endpointslices get,list,watch
"",events.k8s.io events create,patch
Y
  role controller "$CONTROLLER" <<Y
"" secrets create,get,list,watch
"" pods get,list
apps deployments get
metallb.io ipaddresspools,communities,bgppeers,bgpadvertisements,l2advertisements,bfdprofiles get,list,watch
metallb.io ipaddresspools/status update,patch
metallb.io configurationstates,configurationstates/status create,get,list,watch,update,patch,delete
Y
  role pod-lister "$SPEAKER" <<Y
"" pods,secrets,configmaps get,list,watch
metallb.io ipaddresspools,communities,bgppeers,bgpadvertisements,l2advertisements,bfdprofiles get,list,watch
metallb.io servicel2statuses,servicel2statuses/status,servicebgpstatuses,servicebgpstatuses/status,configurationstates,configurationstates/status create,get,list,watch,update,patch,delete
frrk8s.metallb.io frrconfigurations create,get,list,watch,update,patch,delete
Y
  [ "${LAB_METRICS:-}" = denied ] || for a in "$CONTROLLER" "$SPEAKER"; do
    cluster_role "metallb:metrics-auth-$a" "$a" <<Y
authentication.k8s.io tokenreviews create
authorization.k8s.io subjectaccessreviews create
Y
  done
}

frrk8s_rbac() {
  accounts "$FRRK8S"
  cluster_role "$NS:$FRRK8S" "$FRRK8S" <<Y
"" nodes,namespaces get,list,watch
frrk8s.metallb.io frrnodestates,frrnodestates/status create,get,list,watch,update,patch,delete
authentication.k8s.io tokenreviews create
authorization.k8s.io subjectaccessreviews create
Y
  role "$FRRK8S" "$FRRK8S" <<Y
"" secrets,pods get,list,watch
frrk8s.metallb.io frrconfigurations,frrk8sconfigurations get,list,watch
frrk8s.metallb.io bgpsessionstates,bgpsessionstates/status create,get,list,watch,update,patch,delete
Y
}
