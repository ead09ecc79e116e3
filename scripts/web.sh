#!/usr/bin/env bash
# The web client's tools and its build. Does nothing, quietly, where nothing changed.
#
#   scripts/web.sh tools    installs what frontend/package-lock.json names
#   scripts/web.sh build    the same, and builds frontend/dist, which the binary embeds
#
# `build` goes on without Node, as the product does: the binary then serves the client that was built before, or a
# page that says what is missing.
. "$(dirname "$0")/lib.sh"

goal="${1:-build}"
case "$goal" in tools | build) ;; *) fail "say tools or build, not $goal" ;; esac

if ! have node || ! have npm; then
	[ "$goal" = build ] || fail "Node 20 or newer with npm is needed"
	if [ -e frontend/dist/index.html ]; then
		say "no Node here: the web client stays as it was built"
	else
		say "no Node here: the web client is not built, and a page says so; the API works"
	fi
	exit 0
fi

# What was installed or built is named by the content that it came from: a checkout changes times at will.
stamps=.tools/web
mkdir -p "$stamps"
is() { [ "$(cat "$stamps/$1" 2>/dev/null)" = "$2" ]; }
digest() { sha256sum | cut -d ' ' -f 1; }

# Two runs in one checkout wait for each other: both steps begin by deleting.
exec 9>"$stamps/lock"
flock 9

lock="$(digest <frontend/package-lock.json)"
if [ ! -d frontend/node_modules ] || ! is tools "$lock"; then
	say "installing the tools of frontend/package-lock.json"
	rm -f "$stamps/tools"
	# --ignore-scripts: nothing that is installed may run code of its own.
	(cd frontend && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null 9>&-)
	printf '%s\n' "$lock" >"$stamps/tools"
fi
[ "$goal" = build ] || exit 0

# Everything that a build reads.
sources="$(find frontend/src frontend/public frontend/scripts frontend/index.html frontend/package-lock.json frontend/svelte.config.js \
	frontend/vite.config.ts frontend/tsconfig*.json -type f ! -name '*.test.ts' -print0 | sort -z | xargs -0 sha256sum | digest)"
if [ -e frontend/dist/index.html ] && is build "$sources"; then
	exit 0
fi
say "building the web client"
rm -f "$stamps/build"
(cd frontend && node_modules/.bin/vite build --logLevel warn && node scripts/size.mjs) </dev/null 9>&-
printf '%s\n' "$sources" >"$stamps/build"
