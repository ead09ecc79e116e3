#!/usr/bin/env bash
# Starts the built Fieldreel on the embedded engines, over the demo company, or empty with DEMO=0 (or
# FIELDREEL_DEMO=0). `make run` sets up and builds first.
#
# FIELDREEL_… of the environment wins over what stands here.
. "$(dirname "$0")/lib.sh"

if ! scripts/models.sh; then
	say "going on without the speech model: videos will have no transcript until 'make models' succeeds"
fi
export FIELDREEL_MODELS="$models"
command=demo
folder="$root/data-demo"
case "${DEMO:-${FIELDREEL_DEMO:-1}}" in 0 | no | false)
	command=serve
	folder="$root/data"
	;;
esac
export FIELDREEL_DATA="${FIELDREEL_DATA:-$folder}"
export FIELDREEL_LISTEN="${FIELDREEL_LISTEN:-127.0.0.1:8080}"
say "data in $FIELDREEL_DATA, speech model in $FIELDREEL_MODELS, address $FIELDREEL_LISTEN; Ctrl-C stops it"
# exec: the signals of the terminal and of make reach Fieldreel itself, which drains before it ends.
exec "$binary" "$command"
