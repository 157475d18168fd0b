#!/bin/sh
# Runs every fuzz target for FUZZTIME and prints the totals.
set -eu
GO="${GO:-go}"
FUZZTIME="${FUZZTIME:-60s}"
for file in $(grep -rl --include='*_test.go' '^func Fuzz' . | sort); do
	pkg="./$(dirname "$file")"
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		last=$("$GO" test "$pkg" -run '^$' -fuzz "^${target}\$" -fuzztime "$FUZZTIME" 2>&1 | tee /dev/stderr | grep -E 'elapsed|FAIL|ok' | tail -n 2 | tr '\n' ' ')
		echo "fuzz $pkg $target: $last"
	done
done
