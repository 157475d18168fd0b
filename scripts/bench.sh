#!/usr/bin/env bash
# Generates large inputs once (BENCH_DIR, default the temporary folder) and prints times as ratios; see scripts/bench.
set -euo pipefail
GO="${GO:-go}"
"$GO" build -trimpath -o bin/bench ./scripts/bench
exec bin/bench -assay bin/assay ${BENCH_DIR:+-dir "$BENCH_DIR"} ${BENCH_MIB:+-mib "$BENCH_MIB"} ${BENCH_PAIRS:+-pairs "$BENCH_PAIRS"}
