#!/usr/bin/env bash
# Runs golangci-lint on everything, or on the packages given.
. "$(dirname "$0")/lib.sh"

scripts/install-golangci-lint.sh
# Its cache remembers where a file stood, so that a second checkout would be judged under the paths of the first, and
# the exceptions in .golangci.yml that name a path would miss. Each checkout keeps its own.
export GOLANGCI_LINT_CACHE="$root/.tools/golangci-lint"
exec "$tools/bin/golangci-lint" run "${@:-./...}"
