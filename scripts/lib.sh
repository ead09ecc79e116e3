# shellcheck shell=bash
# Shared by the scripts of this folder: read by `. scripts/lib.sh`, never run by itself.

set -euo pipefail

# Scripts work from any folder: everything below is relative to the root of the checkout.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

# A CI runner may start without HOME, which Go and npm need for their caches.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
tools="${FIELDREEL_TOOLS:-$HOME/.cache/fieldreel}"
models="${FIELDREEL_MODELS:-$tools/models}"
binary="$root/bin/fieldreel"
step="$(basename "$0" .sh)"

# The usual place of Go's own tarball, for shells that were not told about it.
if ! command -v go >/dev/null 2>&1 && [ -x /usr/local/go/bin/go ]; then
	PATH="/usr/local/go/bin:$PATH"
fi

# Git refuses to read a checkout that another user owns, as CI containers often have it. Here it is only read.
if [ -z "${GIT_CONFIG_COUNT:-}" ]; then
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$root"
fi

# The version is stamped by the Makefile, so Go need not ask git about it: that fails in a checkout that
# another user owns, as in many CI containers. GOTOOLCHAIN=local keeps Go from fetching another Go.
case " ${GOFLAGS:-} " in *" -buildvcs="*) ;; *) export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false" ;; esac
export GOTOOLCHAIN="${GOTOOLCHAIN:-local}"

say() { printf '%s: %s\n' "$step" "$*"; }
fail() {
	printf '%s: %s\n' "$step" "$*" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# as_root runs a command as root: directly, or through sudo without ever asking for a password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo -n "$@"
	else
		return 1
	fi
}
