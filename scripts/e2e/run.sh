#!/bin/bash
# run.sh [PATTERN]: runs the scenarios (go test -run PATTERN; all) against the lab that is up, or against one that it raises and takes
# down again. It fails where the lab cannot be raised, and says why.
set -euo pipefail
. "$(dirname "$0")/../lab/env.sh"
cd "$LAB_SRC/../.."
if [ ! -f "$RUN/etcd.pid" ]; then
  trap '[ ! -f "$RUN/etcd.pid" ] || scripts/lab/down.sh --wipe' EXIT # what was never up is nothing of ours
  scripts/lab/up.sh
fi
"${GO:-go}" test -tags e2e -count=1 -timeout 40m ${1:+-run "$1"} ${VERBOSE:+-v} ./scripts/e2e
