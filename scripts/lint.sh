#!/usr/bin/env bash
# Style and static analysis: clang-format over every tracked source, clang-tidy over those that
# differ from the base (TIDY_BASE, default: where this branch left main), or over all of them with
# TIDY_ALL=1, and the layers test. Needs build/dev.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

[[ -f build/dev/compile_commands.json ]] || die 'build/dev is not configured; run: make dev'

# A checkout that git may not read (another owner) is looked at as it lies there.
mapfile -t sources < <(
  git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' 2>/dev/null ||
    find app base bench kube provider resources tests wandb -name '*.cc' -o -name '*.h')
((${#sources[@]})) || die 'no sources were found'
failed=0

say "clang-format: ${#sources[@]} files"
clang-format --dry-run -Werror "${sources[@]}" || failed=1

if [[ ${TIDY_ALL:-} == 1 ]]; then
  candidates=("${sources[@]}")
else
  base=${TIDY_BASE:-$(git merge-base HEAD origin/main 2>/dev/null ||
    git merge-base HEAD main 2>/dev/null || echo HEAD)}
  mapfile -t candidates < <({
    git diff --name-only --diff-filter=d "$base" -- '*.cc'
    git ls-files --others --exclude-standard -- '*.cc'
  } 2>/dev/null | sort -u)
fi
# Only what is compiled in build/dev can be analysed; headers are seen through it.
units=()
for file in "${candidates[@]}"; do
  if [[ $file == *.cc ]] && grep -qF "\"file\": \"$PWD/$file\"" build/dev/compile_commands.json; then
    units+=("$file")
  fi
done
say "clang-tidy: ${#units[@]} translation units"
if ((${#units[@]})); then
  # The build's precompiled headers are GCC's, which clang cannot read: it gets the header itself.
  database=$(mktemp -d)
  trap 'rm -rf "$database"' EXIT
  find build/dev -name cmake_pch.hxx -print -quit | xargs -I{} cp {} "$database/precompiled.h"
  sed -E -e "s#-include [^ ]*/cmake_pch\.hxx#-include $database/precompiled.h#" \
    -e 's/ -(fpch-preprocess|Winvalid-pch)//g' build/dev/compile_commands.json \
    >"$database/compile_commands.json"
  printf '%s\0' "${units[@]}" |
    xargs -0 -n 1 -P "${JOBS:-$(nproc)}" clang-tidy -p "$database" --quiet || failed=1
fi

say 'layers'
cmake -P cmake/CheckLayers.cmake || failed=1

((failed == 0)) || die 'lint found something'
say 'clean'
