#!/usr/bin/env bash
# Installs what a fresh Debian 12 or Ubuntu lacks to build the provider and its tests. Asks apt
# only if something is missing, so it costs nothing to call it always.
set -euo pipefail

packages=(
  build-essential cmake ninja-build ccache lld pkg-config
  clang clang-format python3-venv # clang-tidy is scripts/install-tidy.sh's
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev
  nlohmann-json3-dev libyaml-cpp-dev libcurl4-openssl-dev libssl-dev libutf8proc-dev
  libnghttp2-dev libc-ares-dev zlib1g-dev libre2-dev dpkg-dev # for the static build
  libgtest-dev libgmock-dev
  tinyproxy-bin microsocks # proxies to test with
  git ca-certificates curl jq unzip zip
)

# Prints which of the packages named are not installed.
missing() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }') || true # it fails if any name is unknown
  comm -23 <(printf '%s\n' "$@" | sort) <(sort -u <<<"$installed")
}

# The sanitizers' and the fuzzer's runtime has clang's version in its name. Where clang is yet to
# be installed, the version is that of the package it will pull in.
clang_runtime() {
  local dependency
  dependency=$(dpkg-query -W -f '${Depends}' clang 2>/dev/null) || true # fails if it was never installed
  [[ -n $dependency ]] || dependency=$(apt-cache show --no-all-versions clang | sed -n 's/^Depends: //p') # not Breaks, Replaces
  [[ $dependency =~ clang-([0-9]+) ]] || { echo 'error: which version clang has is unknown' >&2; return 1; }
  echo "libclang-rt-${BASH_REMATCH[1]}-dev"
}

if [[ -z $(missing "${packages[@]}") ]]; then
  runtime=$(clang_runtime)
  [[ -n $(missing "$runtime") ]] || exit 0
fi

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || { echo 'error: packages are missing, and this needs root or sudo' >&2; exit 1; }
  as_root=(sudo "${as_root[@]}")
fi
# Somebody else's apt may be running.
apt=("${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 -q)
"${apt[@]}" update
packages+=("$(clang_runtime)")
mapfile -t wanted < <(missing "${packages[@]}")
echo "installing ${wanted[*]}"
"${apt[@]}" install -y --no-install-recommends "${wanted[@]}"
