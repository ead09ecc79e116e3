#!/usr/bin/env bash
# Measures Fieldreel against the budgets of the design and writes the table to docs/benchmarks.md.
. "$(dirname "$0")/lib.sh"

scripts/setup.sh test
make --no-print-directory build
scripts/models.sh
export FIELDREEL_TOOLS="$tools" FIELDREEL_BIN="$binary"
for dir in /usr/lib/postgresql/*/bin; do
	[ -d "$dir" ] && PATH="$PATH:$dir"
done
go run ./internal/bench -out docs/benchmarks.md "$@"
