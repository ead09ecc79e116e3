#!/usr/bin/env bash
# Builds the pinned golangci-lint into the tools folder, unless it is there. Takes about three minutes on two
# cores the first time and nothing afterwards. It is built from source, so that it understands the Go in use.
. "$(dirname "$0")/lib.sh"

version=v2.12.2
bin="$tools/bin/golangci-lint"
stamp="$bin.version"
# The analyser reads only code as new as the Go that built it: a newer Go builds it anew.
want="$version $(go env GOVERSION)"

ready() { [ -x "$bin" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; }

ready && exit 0
mkdir -p "$tools/bin"
# Two checkouts may come here at once: the second waits, and finds the work done.
exec 9>"$bin.lock"
flock 9
ready && exit 0

say "building golangci-lint $version with $(go env GOVERSION) (about three minutes, once)"
# Built beside its place, so that the last step is a rename: an interrupted build leaves nothing half-written.
work="$(mktemp -d "$tools/bin/.golangci-lint.XXXXXX")"
trap 'rm -rf "$work"' EXIT
(cd "$work" && GOWORK=off GOBIN="$work" CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' \
	"github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version") >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	fail "golangci-lint $version does not build here"
}
mv -f "$work/golangci-lint" "$bin"
printf '%s\n' "$want" >"$stamp"
say "installed $bin"
