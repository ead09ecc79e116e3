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
"$binary" openapi >"$work/whole.json" </dev/null
# Each operation lists its problems, which are all of one shape, and which the client turns into one exception: without
# them the types are a third as long, and the linter's own types fit.
node --input-type=module -e '
	import { readFileSync, writeFileSync } from "node:fs";
	const [, from, to] = process.argv;
	const spec = JSON.parse(readFileSync(from, "utf8"));
	for (const path of Object.values(spec.paths))
		for (const operation of Object.values(path))
			for (const status of Object.keys(operation.responses ?? {}))
				if (/^[45]|^default$/.test(status)) delete operation.responses[status];
	writeFileSync(to, JSON.stringify(spec));
' "$work/whole.json" "$work/openapi.json" </dev/null
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
