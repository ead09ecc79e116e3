#!/usr/bin/env bash
# Builds the MinIO server that the S3 tests (and `make bench`) run against.
#
#   scripts/install-minio.sh            build it unless the pinned version is already there
#   FIELDREEL_TOOLS=/some/dir  …        another tools folder (default ~/.cache/fieldreel)
#
# MinIO is AGPL-3.0: Fieldreel starts it as a separate process and never links it, so it is built here, outside our
# module, and never becomes a dependency in go.mod. The result is one static file, bin/minio (about 112 MB), and a
# stamp beside it that names the version and the Go that built it. Takes about 6 minutes of CPU the first time and nothing afterwards.
set -euo pipefail

version="v0.0.0-20260212201848-7aac2a2c5b7c"
tools="${FIELDREEL_TOOLS:-$HOME/.cache/fieldreel}"
bin="$tools/bin/minio"
stamp="$tools/bin/minio.version"

say() { printf 'install-minio: %s\n' "$*"; }

have() { [ -x "$bin" ] && [ -f "$stamp" ] && [ "$(head -n1 "$stamp")" = "$version" ]; }

if have; then
	say "MinIO $version is already in $bin"
	exit 0
fi
if ! command -v go >/dev/null 2>&1; then
	say "Go is not on the PATH, so MinIO cannot be built" >&2
	exit 1
fi

mkdir -p "$tools/bin"

# Two checkouts may call this at the same time: the second one waits and then finds the work done.
if command -v flock >/dev/null 2>&1; then
	exec 9>"$tools/bin/.minio.lock"
	if ! flock -n 9; then
		say "another build is running, waiting for it"
		flock 9
	fi
	if have; then
		say "MinIO $version is already in $bin"
		exit 0
	fi
fi

# Built inside the tools folder so that the last step is a rename within one file system: an interrupted build
# leaves no half-written server under the final name.
work="$(mktemp -d "$tools/bin/.minio-build.XXXXXX")"
trap 'rm -rf "$work"' EXIT

say "building MinIO $version with $(go env GOVERSION) (about 6 minutes of CPU, once)"
(
	# Outside any module, so that the go.mod of the checkout neither matters nor changes.
	cd "$work"
	GOWORK=off GOFLAGS="-buildvcs=false" CGO_ENABLED=0 GOBIN="$work" \
		go install -p 2 -trimpath -ldflags "-s -w" "github.com/minio/minio@$version"
)

"$work/minio" --version >/dev/null
mv -f "$work/minio" "$bin"
printf '%s\n%s\n' "$version" "$(go env GOVERSION)" >"$stamp.tmp"
mv -f "$stamp.tmp" "$stamp"
say "installed $bin"
