#!/usr/bin/env bash
# Sets up, then runs every check and test, cheapest first, and stops at the first that fails. The last line counts
# them: "N passed, N failed". A skipped test is a failure.
#
#   scripts/test.sh          everything: the gate of CI
#   scripts/test.sh fast     the checks that need no set-up beyond Go, for the moment before a commit
. "$(dirname "$0")/lib.sh"

# What somebody set for their own Fieldreel must not reach the tests.
for name in $(compgen -e FIELDREEL_ || true); do
	case "$name" in FIELDREEL_TOOLS | FIELDREEL_SHARED) ;; *) unset "$name" ;; esac
done
# Each test runs in the folder of its package: a relative path would lead each elsewhere.
[ -z "${FIELDREEL_SHARED:-}" ] || FIELDREEL_SHARED="$(realpath -m "$FIELDREEL_SHARED")"
export FIELDREEL_TOOLS="$tools" FIELDREEL_TEST_STRICT=1 FIELDREEL_BIN="$binary"
# The gate tries the same examples each time: what it says of a change is said by the change. RAPID_SEED=0 draws others.
export RAPID_SEED="${RAPID_SEED:-1}"
# Debian keeps PostgreSQL's programs off the PATH; the newest installed will do.
for dir in /usr/lib/postgresql/*/bin; do
	[ -d "$dir" ] && newest="$dir"
done

passed=0
failed=0
work="$(mktemp -d)"
finish() {
	local code=$?
	rm -rf "$work"
	[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
	printf '\n%s in %d min %02d s\n' "$([ "$code" -eq 0 ] && echo "everything passed" || echo "stopped at the first failure")" \
		"$((SECONDS / 60))" "$((SECONDS % 60))"
	printf '%d passed, %d failed\n' "$passed" "$failed"
}
trap finish EXIT

# phase WHAT COMMAND...: runs one check and says how long it took; ends everything where it fails.
phase() {
	local what="$1" started=$SECONDS
	shift
	printf '\n== %s\n' "$what"
	if "$@" </dev/null; then
		printf -- '-- %s: passed (%d s)\n' "$what" "$((SECONDS - started))"
		passed=$((passed + 1))
	else
		printf -- '-- %s: FAILED (%d s)\n' "$what" "$((SECONDS - started))"
		failed=$((failed + 1))
		exit 1
	fi
}

formatting() {
	local unformatted
	unformatted="$(git ls-files -z -co --exclude-standard -- '*.go' | xargs -0 -r gofmt -l)" || return 1
	[ -z "$unformatted" ] || {
		printf 'not formatted, run "make fmt":\n%s\n' "$unformatted"
		return 1
	}
}

scripts_parse() {
	local script
	for script in scripts/*.sh .ci/run; do bash -n "$script" || return 1; done
}

go_tests() {
	local code=0 counts="$work/counts" p f
	go build -o "$work/testsum" ./scripts/testsum || return 1
	# -vet=off: the whole of vet ran before. -p 2: tests start servers and encoders of their own.
	PATH="$PATH${newest:+:$newest}" go test -race -shuffle=on -vet=off -p 2 -timeout 30m -json ./... 2>&1 |
		"$work/testsum" -counts "$counts" || code=1
	if read -r p f <"$counts"; then
		passed=$((passed + p)) failed=$((failed + f))
	fi
	return "$code"
}

# In frontend/, by the programs themselves: npm would only start them.
web() (cd frontend && PATH="$PWD/node_modules/.bin:$PATH" "$@")

web_types() { web svelte-check --fail-on-warnings --tsconfig ./tsconfig.json && web tsc -p tsconfig.sw.json && web tsc -p tsconfig.node.json; }

web_unit_tests() {
	local code=0 counts="$work/vitest.json" p f skipped
	web vitest run --reporter=default --reporter=json --outputFile.json="$counts" || code=1
	[ -s "$counts" ] || return 1
	read -r p f skipped < <(node -p 'const r = require(process.argv[1]); [r.numPassedTests, r.numFailedTests, r.numPendingTests + r.numTodoTests].join(" ")' "$counts")
	passed=$((passed + p)) failed=$((failed + f))
	[ "$skipped" -eq 0 ] || {
		printf '%d tests were skipped: what does not run proves nothing\n' "$skipped"
		return 1
	}
	return "$code"
}

browser_paths() {
	local code=0 p f
	node frontend/e2e/run.mjs | tee "$work/browser" || code=1
	if read -r p f < <(tail -n 1 "$work/browser" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p'); then
		passed=$((passed + p)) failed=$((failed + f))
	fi
	return "$code"
}

phase "formatting" formatting
phase "files in git" scripts/check-files.sh
phase "scripts parse" scripts_parse
if [ "${1:-}" = fast ]; then
	phase "go vet" go vet ./...
	exit 0
fi
phase "set-up" scripts/setup.sh test
phase "build" make --no-print-directory build
phase "modules are what go.sum says" go mod verify
phase "go vet" go vet ./...
phase "golangci-lint" scripts/lint.sh
phase "API types" scripts/types.sh check
phase "web lint" web biome check --error-on-warnings .
phase "web types" web_types
phase "web unit tests" web_unit_tests
phase "web sizes" node frontend/scripts/size.mjs
phase "speech model" scripts/models.sh
phase "browser paths" browser_paths
phase "go test -race, on every engine" go_tests
phase "fuzz targets" scripts/fuzz.sh
