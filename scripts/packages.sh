#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing. Quiet when nothing is missing.
#
#   scripts/packages.sh run    what the product needs: a C compiler (speech runtime), ffmpeg (renditions)
#   scripts/packages.sh test   the same, and what the tests start themselves: PostgreSQL's programs, a browser (with
#                              letters to draw pages with)
#
# `run` goes on without ffmpeg, as the product does, and says so; `test` needs everything.
. "$(dirname "$0")/lib.sh"

goal="${1:-run}"
case "$goal" in run | test) ;; *) fail "say run or test, not $goal" ;; esac

has_compiler() { have gcc && printf '#include <stdlib.h>\n' | gcc -E -x c - >/dev/null 2>&1; }
# What Go and npm check the addresses they fetch from with.
has_certificates() { [ -n "${SSL_CERT_FILE:-}" ] || [ -s /etc/ssl/certs/ca-certificates.crt ]; }
has_ffmpeg() { have ffmpeg && have ffprobe; }
has_postgres() { have postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_browser() { have chromium; }
has_letters() { compgen -G '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' >/dev/null; }

missing=()
has_compiler || missing+=(gcc libc6-dev)
has_ffmpeg || missing+=(ffmpeg)
has_certificates || missing+=(ca-certificates)
if [ "$goal" = test ]; then
	has_postgres || missing+=(postgresql)
	has_browser || missing+=(chromium)
	has_letters || missing+=(fonts-dejavu-core)
fi
[ "${#missing[@]}" -gt 0 ] || exit 0

# apt waits for an installation that another apt is at, instead of failing at once.
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }

# refresh fetches the package lists. Their lock knows no waiting, so that is done here, for two minutes at most.
refresh() {
	local try text
	for try in {1..24}; do
		text="$(apt update 2>&1)" && return
		[[ $text == *"get lock"* ]] || break
		[ "$try" -lt 24 ] && sleep 5
	done
	printf '%s\n' "$text"
	return 1
}

# Debian's PostgreSQL makes and starts a cluster of its own on install. The tests start private ones on
# loopback and need only the programs, so this is switched off first, where nobody decided otherwise.
without_cluster() {
	local conf=/etc/postgresql-common/createcluster.conf
	apt install --no-install-recommends postgresql-common || return
	if ! grep -qsE '^[[:space:]]*create_main_cluster' "$conf"; then
		say "switching off the cluster that Debian's PostgreSQL starts on install ($conf)"
		echo 'create_main_cluster = false' | as_root tee -a "$conf" >/dev/null
	fi
}

install_missing() {
	have apt-get || {
		say "no apt-get here"
		return 1
	}
	as_root true 2>/dev/null || {
		say "neither root nor sudo without a password"
		return 1
	}
	refresh || say "the package lists could not be refreshed, trying those at hand"
	case " ${missing[*]} " in *" postgresql "*) without_cluster || return 1 ;; esac
	apt install --no-install-recommends "${missing[@]}"
}

say "installing ${missing[*]} with apt"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if install_missing >"$log" 2>&1 </dev/null; then
	grep '^packages: ' "$log" || true
	say "installed ${missing[*]}"
else
	say "that failed; the last lines were:"
	tail -n 15 "$log"
fi

has_compiler || fail "a C compiler is needed to build: install the packages gcc and libc6-dev"
if ! has_ffmpeg; then
	[ "$goal" = run ] || fail "ffmpeg is needed to test: install the package ffmpeg"
	say "going on without ffmpeg: videos will have no renditions, poster or transcript until it is installed"
fi
if [ "$goal" = test ]; then
	has_postgres || fail "PostgreSQL's programs are needed to test: install the package postgresql"
	has_browser || fail "Chromium is needed to test the web client: install the package chromium (Debian's; Ubuntu's is a snap)"
	has_letters || fail "a font is needed to test the web client: install the package fonts-dejavu-core"
fi
