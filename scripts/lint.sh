#!/usr/bin/env bash
# Style and static analysis: clang-format over every tracked source, clang-tidy over those that
# differ from the base (TIDY_BASE, default: where this branch left main), or over all of them with
# TIDY_ALL=1, and the layers test. Needs build/dev. What clang-tidy found clean is remembered.
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
todo=()

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

# Prints what the answer about each unit depends on, a line each: its path, its command, and the hashes of the files of
# ours that it includes.
inputs() {
  awk '
    function visit(file,    i, list, n) {
      if (!(file in hash) || seen[file] == unit) return ""
      seen[file] = unit
      n = split(includes[file], list, "\n")
      for (i = 1; i < n; i++) visit(list[i])
      line = line " " hash[file]
    }
    BEGIN { FS = "\t" }
    $1 == "hash" { hash[$3] = $2 }
    $1 == "include" { includes[$2] = includes[$2] $3 "\n" }
    $1 == "command" { command[$2] = $3 }
    $1 == "unit" { unit = $2; line = ""; visit(unit); print unit "\t" command[unit] line }
  ' <(sha256sum "${sources[@]}" | sed -E 's/^(\S+)  (.*)/hash\t\1\t\2/') \
    <(grep -HE '^#include "' "${sources[@]}" | sed -E 's/^([^:]*):#include "([^"]*)".*/include\t\1\t\2/') \
    <(jq -r --arg root "$PWD/" '.[] | "command\t\(.file | ltrimstr($root))\t\(.command | split($root) | join(""))"' \
        build/dev/compile_commands.json) \
    <(printf 'unit\t%s\n' "$@")
}

# Analyses a unit; what was found clean is remembered by the hash of all that it depends on. The analyzer, which follows
# ways through functions for minutes, is for changes. Tests have their environment to themselves, texts of several lines
# in lists, texts that mislead, and types that templates are specialised for; they throw what nobody should; the analyzer
# gets lost in their macros. std::stable_sort of Debian 12's library uses what it deprecates; GCC says it of our own.
tidy_unit() {
  local -a options=(--quiet -p "$database" --extra-arg=-Wno-deprecated-declarations)
  if [[ $1 == *_test.cc || $1 == tests/* ]]; then
    options+=("--checks=-clang-analyzer-*,-concurrency-mt-unsafe,-bugprone-suspicious-missing-comma,\
-misc-misleading-bidirectional,-misc-use-internal-linkage,-bugprone-std-exception-baseclass")
  elif [[ ${TIDY_ALL:-} == 1 ]]; then
    options+=('--checks=-clang-analyzer-*')
  fi
  # clang counts the warnings that it does not show.
  if "$tidy" "${options[@]}" "$1" 2> >(grep -vE '^[0-9]+ warnings? (and [0-9]+ errors? )?generated\.$' >&2); then
    touch "$answers/$2"
  else
    return 1
  fi
}

if ((${#units[@]})); then
  tidy=$(scripts/install-tidy.sh)
  answers=$(dirname "$(dirname "$(dirname "$tidy")")")/clang-tidy-answers
  mkdir -p "$answers"
  find "$answers" -type f -mtime +30 -delete
  # The libraries' headers are the distribution's.
  common=$({
    echo "all: ${TIDY_ALL:-}"
    "$tidy" --version
    cat .clang-tidy proto/*.proto "${BASH_SOURCE[0]}"
    # Elsewhere than on Debian, their versions don't count.
    if command -v dpkg-query >/dev/null; then dpkg-query -W '*-dev'; fi
  } | sha256sum)
  todo=()
  while IFS=$'\t' read -r unit rest; do
    key=$(sha256sum <<<"$common $rest" | cut -c1-40)
    if [[ -e $answers/$key ]]; then touch "$answers/$key"; else todo+=("$unit" "$key"); fi
  done < <(inputs "${units[@]}")
fi
say "clang-tidy: ${#units[@]} translation units, $((${#todo[@]} / 2)) of them new"
if ((${#todo[@]})); then
  # The build's precompiled headers are GCC's, which clang cannot read: it gets the header itself.
  database=$(mktemp -d)
  trap 'rm -rf "$database"' EXIT
  find build/dev -name cmake_pch.hxx -print -quit | xargs -I{} cp {} "$database/precompiled.h"
  sed -E -e "s#-include [^ ]*/cmake_pch\.hxx#-include $database/precompiled.h#" \
    -e 's/ -(fpch-preprocess|Winvalid-pch)//g' build/dev/compile_commands.json |
    jq 'unique_by(.file)' >"$database/compile_commands.json"
  export tidy answers database
  export -f tidy_unit
  printf '%s\0' "${todo[@]}" |
    xargs -0 -n 2 -P "${JOBS:-$(nproc)}" bash -c 'tidy_unit "$@"' tidy_unit || failed=1
fi

say 'layers'
cmake -P cmake/CheckLayers.cmake || failed=1

((failed == 0)) || die 'lint found something'
say 'clean'
