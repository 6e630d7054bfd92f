#!/usr/bin/env bash
# Makes build/dist, laid out as the registries expect a release: the archive, the manifest and
# their checksums. The same binary always gives the same bytes. Expects a release in build/release:
# run it by `make dist`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

readonly name=terraform-provider-wandb
readonly binary=build/release/$name
[[ -x $binary ]] || die "$binary is missing; run: make dist"
version=$("$binary" --version | awk '{ print $2 }')
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "$binary is no release but ${version:-without a version}; run: make dist"
case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) die "no release is made for $(uname -m)" ;;
esac
archive=${name}_${version}_linux_$arch.zip
manifest=${name}_${version}_manifest.json
sums=${name}_${version}_SHA256SUMS

dist=$PWD/build/dist
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
rm -rf "$dist"
mkdir -p "$dist"

strip --strip-all -o "$stage/${name}_v$version" "$binary"
cp LICENSE "$stage/"
chmod 755 "$stage/${name}_v$version"
chmod 644 "$stage/LICENSE"
# Times inside the archive are those of the commit, or of the oldest day that a zip can express.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}
touch -d "@$epoch" "$stage"/*
say "$archive"
(cd "$stage" && TZ=UTC zip -X -q -9 "$dist/$archive" "${name}_v$version" LICENSE)
cp registry-manifest.json "$dist/$manifest"
(cd "$dist" && sha256sum "$archive" "$manifest" >"$sums")
say "$sums is not signed; a registry wants ${sums}.sig beside it"
(cd "$dist" && ls -l "$archive" "$manifest" "$sums")
