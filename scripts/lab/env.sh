# Settings and functions of the lab, read by every script of this folder. All settings can be given in the environment.
LAB_SRC="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
ASSAY_LAB_CACHE="${ASSAY_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/assay-lab}" # what is built once: survives lab-down
ASSAY_LAB_DIR="${ASSAY_LAB_DIR:-/var/tmp/assay-lab}"                            # what one run leaves: goes with `down.sh --wipe`
LAB_VARIANT="${LAB_VARIANT:-frr-k8s}"      # frr-k8s, frr, native or helm: how the stand-ins are installed
K8S_VERSION="${K8S_VERSION:-v1.34.4}"      # a version of the module k8s.io/kubernetes; 1.35 and later refuse cgroup v1
LAB_LOG_LEVEL="${LAB_LOG_LEVEL:-info}"     # --log-level of the stand-ins
LAB_PEER_PASSWORD="${LAB_PEER_PASSWORD:-lab-peer-secret-31415}" # of the BGP sessions: one peer has it in clear text, one in a Secret
NODES=(${LAB_NODES:-node-a node-b node-c}) # names of the workers, and of their network namespaces
LAN4="${LAB_LAN4:-192.168.70}"             # first segment, /24 (eth0 of every node)
LAN6="${LAB_LAN6:-fd70::}"                 # the same, /64
SEG4="${LAB_SEG4:-10.20.30}"               # second segment, /24 (eth1 of every node)
WAN4="${LAB_WAN4:-172.31.99}"              # behind the router, where the far client lives
PODS4="${LAB_PODS4:-10.244.0.0/16}"; PODS6="${LAB_PODS6:-fd00:10:244::/56}"
SVCS4="${LAB_SVCS4:-10.96.0.0/16}";  SVCS6="${LAB_SVCS6:-fd00:10:96::/112}"
PROXY_MODE="${LAB_PROXY_MODE:-iptables}"   # iptables or nftables
# Addresses of the segment: .1 router, .2 control plane, .9 near client, .11 and on the nodes, .66 a stranger.
CP4="$LAN4.2"; ROUTER4="$LAN4.1"
BIN="$ASSAY_LAB_CACHE/$K8S_VERSION"; IMG="$ASSAY_LAB_CACHE/images"; BUILD="$ASSAY_LAB_CACHE/build"
PKI="$ASSAY_LAB_DIR/pki"; RUN="$ASSAY_LAB_DIR/run"; LOGS="$ASSAY_LAB_DIR/logs"; KUBECONFIG_LAB="$ASSAY_LAB_DIR/admin.conf"
export ASSAY_LAB_CACHE ASSAY_LAB_DIR LAB_VARIANT K8S_VERSION

die() { echo "lab: $*" >&2; exit 1; }
step() { echo "lab: [$SECONDS s] $*"; }

# start NAME WHERE COMMAND...: runs COMMAND in the background in the namespace or on the node WHERE, and keeps its
# process number in $RUN/NAME.pid and its output in $LOGS/NAME.log.
start() {
  local name=$1 where=$2 pre; shift 2
  if [ -f "$RUN/$where.init.pid" ]; then pre=(nsenter -t "$(cat "$RUN/$where.init.pid")" -m -u -n --)
  else pre=(nsenter --net="/run/netns/$where" --); fi
  setsid "${pre[@]}" "$@" >>"$LOGS/$name.log" 2>&1 </dev/null &
  echo $! >"$RUN/$name.pid"
}

# stop NAME [SIGNAL]: ends what start started, only ever by the number that it left.
stop() {
  local f="$RUN/$1.pid" p
  [ -f "$f" ] || return 0
  p=$(cat "$f"); rm -f "$f"; kill -"${2:-TERM}" "$p" 2>/dev/null || return 0
  # what ended and was not waited for yet (state Z) is gone for our purposes
  for _ in $(seq 50); do grep -qs '^State:.[^Z]' "/proc/$p/status" || return 0; sleep 0.1; done
  kill -9 "$p" 2>/dev/null || true
}

in_ns()   { local n=$1; shift; nsenter --net="/run/netns/$n" -- "$@"; }
in_node() { local n=$1; shift; nsenter -t "$(cat "$RUN/$n.init.pid")" -m -u -n -- "$@"; }
k()       { "$BIN/kubectl" --kubeconfig "$KUBECONFIG_LAB" "$@"; }

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds, or dies saying that WHAT did not come.
wait_for() {
  local end=$((SECONDS+$1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || die "gave up waiting for $what"
    sleep 0.3
  done
}

# node_index NAME: the last byte of the node's address.
node_index() { local i; for i in "${!NODES[@]}"; do if [ "${NODES[$i]}" = "$1" ]; then echo $((i+11)); return 0; fi; done; return 1; }
