#!/bin/sh
# Runs every fuzz target for FUZZTIME, one after the other, and prints a line of totals for each; exits 1 where one failed.
set -eu
GO="${GO:-go}"
FUZZTIME="${FUZZTIME:-60s}"
out=$(mktemp)
trap 'rm -f "$out"' EXIT
failed=0
targets=0
for file in $(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do
	pkg=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		targets=$((targets + 1))
		verdict=ok
		"$GO" test "$pkg" -run '^$' -fuzz "^${target}\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 20x >"$out" 2>&1 || { verdict=FAILED; failed=$((failed + 1)); }
		totals=$(sed -n 's/^fuzz: \(elapsed: .*\)/\1/p' "$out" | grep -v 'baseline coverage: 0/' | tail -n 1)
		echo "$verdict $pkg $target: ${totals:-no run}"
		[ "$verdict" = ok ] || sed 's/^/    /' "$out"
	done
done
echo "$targets targets, $failed failed"
[ "$failed" -eq 0 ]
