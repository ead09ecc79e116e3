#!/usr/bin/env bash
# Makes the TypeScript types of the API from the OpenAPI document that the built program prints.
#
#   scripts/types.sh write    writes frontend/src/api/schema.d.ts
#   scripts/types.sh check    fails where that file is not what the program would give
. "$(dirname "$0")/lib.sh"

goal="${1:-write}"
types=frontend/src/api/schema.d.ts
[ -x "$binary" ] || fail "build first: make build"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

scripts/web.sh tools
"$binary" openapi >"$work/openapi.json" </dev/null
frontend/node_modules/.bin/openapi-typescript "$work/openapi.json" --output "$work/schema.d.ts" >"$work/log" 2>&1 || {
	cat "$work/log"
	fail "the OpenAPI document gives no types"
}
frontend/node_modules/.bin/tsc --noEmit --strict --target es2022 "$work/schema.d.ts"

case "$goal" in
write)
	mkdir -p "$(dirname "$types")"
	if cmp -s "$work/schema.d.ts" "$types"; then
		say "$types is up to date"
	else
		mv "$work/schema.d.ts" "$types"
		say "wrote $types"
	fi
	;;
check)
	diff -u "$types" "$work/schema.d.ts" | sed -n 1,60p || fail "$types is not up to date: run 'make types' and commit it"
	;;
*) fail "say write or check, not $goal" ;;
esac
