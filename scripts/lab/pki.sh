#!/bin/bash
# Certificates and kubeconfigs of the cluster, all from one CA, with keys on elliptic curves (quick to make).
set -euo pipefail
. "$(dirname "$0")/env.sh"
mkdir -p "$PKI"; cd "$PKI"

key() { [ -f "$1.key" ] || openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# cert NAME SUBJECT [ALTERNATIVE NAMES]
cert() {
  [ -f "$1.crt" ] && return 0
  key "$1"
  printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n%s\n' "${3:+subjectAltName=$3}" >"$1.ext"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$1.crt" -extfile "$1.ext" 2>/dev/null
}

# conf NAME USER [FILE]: a kubeconfig with that certificate.
conf() {
  cat >"${3:-$PKI/$1.conf}" <<Y
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://$CP4:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: $2, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: lab, context: {cluster: lab, user: $2}}]
current-context: lab
Y
}

[ -f ca.crt ] || { key ca; openssl req -x509 -new -key ca.key -subj /CN=kubernetes -days 3650 -out ca.crt; }
names="DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost"
cert apiserver /CN=kube-apiserver "$names,IP:127.0.0.1,IP:$CP4,IP:${SVCS4%.0/*}.1,IP:${SVCS6%%/*}1"
cert apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
cert front-proxy-client /CN=front-proxy-client
cert admin /O=system:masters/CN=kubernetes-admin
for c in controller-manager scheduler proxy; do cert $c "/CN=system:kube-$c"; conf $c "system:kube-$c"; done
for n in "${NODES[@]}"; do
  cert "kubelet-$n" "/O=system:nodes/CN=system:node:$n" "DNS:$n,IP:$LAN4.$(node_index "$n")"
  conf "kubelet-$n" "system:node:$n"
done
[ -f sa.key ] || { openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null; }
conf admin kubernetes-admin "$KUBECONFIG_LAB"
