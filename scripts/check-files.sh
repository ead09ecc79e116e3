#!/usr/bin/env bash
# Checks what git holds: no build output, no big file, no name of a package registry's host, no path of one machine,
# no unresolved merge.
. "$(dirname "$0")/lib.sh"

bad=0
# complain WHAT: shows what is on standard input, if anything, and remembers that it was there. Never in a pipeline:
# there it would run in a shell of its own and remember nothing.
complain() {
	local found
	found="$(cat)"
	[ -n "$found" ] || return 0
	printf '%s: %s\n%s\n' "$step" "$1" "$found" | sed -n 1,30p
	bad=1
}

# Files that git knows or would take in, as they are on the disk now.
files() { git ls-files -z -co --exclude-standard; }
search() { files | xargs -0 grep -nIHE "$@" 2>/dev/null || true; }

complain "build output does not belong into git:" < <(files | tr '\0' '\n' |
	grep -E '(^|/)(node_modules|bin|data|data-demo|\.tools|e2e/out)/|\.(test|prof|out|exe|so|onnx|db|sqlite)$|^frontend/dist/' |
	grep -vE '(^|/)testdata/|^frontend/dist/\.keep$')

complain "files over 1 MiB:" < <(files | xargs -0 -I{} find {} -maxdepth 0 -type f -size +1024k 2>/dev/null)

# Which registry serves a machine is the machine's own setting. The names are written with gaps, so that this file
# does not hold what it forbids.
hosts=(
	proxy--golang--org sum--golang--org registry--npmjs--org registry--yarnpkg--com unpkg--com cdn--jsdelivr--net
	deb--debian--org security--debian--org snapshot--debian--org archive--ubuntu--com ports--ubuntu--com
	pypi--org files--pythonhosted--org huggingface--co registry--hub--docker--com ghcr--io quay--io
)
complain "the name of a package registry's host:" \
	< <(search "$(printf '%s\n' "${hosts[@]}" | sed 's/--/\\./g' | paste -sd '|')")

complain "a path of one machine:" < <(search '(^|[^A-Za-z0-9_./-])/work/(main|shared|\.library)(/|[^A-Za-z]|$)')

complain "an unresolved merge:" < <(search '^(<{7}|>{7}) ')

[ "$bad" -eq 0 ] || exit 1
