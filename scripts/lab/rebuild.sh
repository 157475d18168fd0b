#!/bin/bash
# rebuild.sh: the stand-ins of this checkout into the lab that is up, installed anew in the same variant.
set -euo pipefail
. "$(dirname "$0")/env.sh"
"$LAB_SRC/build.sh"
for n in "${NODES[@]}"; do
  for t in standin frr-k8s; do in_node "$n" ctr -n k8s.io images import "$IMG/$t.tar" >>"$LOGS/$n.images.log" 2>&1; done
done
"$LAB_SRC/metallb.sh" "$(cat "$ASSAY_LAB_DIR/variant")"
