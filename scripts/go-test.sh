#!/usr/bin/env bash
# go vet and go test of the test programs that are written here, with the toolchain that builds
# them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }

go=$(scripts/install-tools.sh --go)
say "$("$go" version)"
# As in install-tools.sh: the caller's Go settings must not change the result.
export GOWORK=off GOTOOLCHAIN=local GOFLAGS=-buildvcs=false CGO_ENABLED=0
for module in api-proxy distant-server operator-standin testcluster; do
  say "$module: go vet"
  (cd "tests/tools/$module" && "$go" vet ./...)
  say "$module: go test"
  (cd "tests/tools/$module" && "$go" test ./...)
done
