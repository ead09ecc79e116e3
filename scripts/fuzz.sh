#!/usr/bin/env bash
# Runs every fuzz target for a few seconds (the corpus itself runs in each `go test`).
#
#   scripts/fuzz.sh          all targets, two minutes of fuzzing shared between them
#   scripts/fuzz.sh 60s      all targets, this long each
#
# What it finds is written to testdata/fuzz of the package: commit that file with the fix.
. "$(dirname "$0")/lib.sh"

mapfile -t targets < <(git ls-files -co --exclude-standard -- '*_test.go' |
	xargs -r grep -HoE '^func Fuzz[A-Za-z0-9_]+' | sed -E 's|^(.*)/[^/]+:func (.*)$|./\1 \2|' | sort)
[ "${#targets[@]}" -gt 0 ] || fail "no fuzz target found"

each="${1:-}"
if [ -z "$each" ]; then
	seconds=$((120 / ${#targets[@]}))
	each="$((seconds < 2 ? 2 : seconds > 5 ? 5 : seconds))s"
fi
say "${#targets[@]} targets, $each each"

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# fuzz PACKAGE TARGET: once more where the engine stopped a worker at the end of its time and called that a failure
# ("context deadline exceeded", with nothing found): a known fault of Go's fuzzing on a loaded machine.
fuzz() {
	local try
	for try in 1 2; do
		go test -run '^$' -fuzz "^$2\$" -fuzztime "$each" -parallel 2 -timeout 10m "$1" >"$log" 2>&1 </dev/null && return
		grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log" || return 1
		say "$1 $2: stopped at the end of its time (try $try)"
	done
	return 1
}

for target in "${targets[@]}"; do
	read -r package name <<<"$target"
	started=$SECONDS
	fuzz "$package" "$name" || {
		cat "$log"
		fail "$package $name failed"
	}
	printf 'ok   %-40s %-36s %3d s  %s\n' "$package" "$name" "$((SECONDS - started))" \
		"$(grep -oE 'execs: [0-9]+' "$log" | tail -n 1)"
done
