#!/usr/bin/env bash
# Fetches the speech model with the built program, unless it is there. One folder serves `make run`, `make test`
# and every checkout of this user, so that the 90 MB are fetched once.
. "$(dirname "$0")/lib.sh"

[ -x "$binary" ] || fail "build first: make build"
FIELDREEL_MODELS="$models" "$binary" models install </dev/null
