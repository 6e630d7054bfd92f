#!/usr/bin/env bash
# Runs every libFuzzer program below a build folder on its corpus, FUZZ_SECONDS each (default 20),
# as many at a time as there are cores:
#
#   scripts/fuzz.sh build/fuzz
#
# The seeds of <name>_fuzzer are tests/corpus/<folder>/<name>; what is found new stays in
# <build folder>/corpus and crashes in <build folder>/crashes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '[%4ds] %s\n' "$SECONDS" "$*" >&2; }
die() { say "error: $*"; exit 1; }

(($# == 1)) || die "usage: ${0##*/} BUILD_FOLDER"
[[ -d $1 ]] || die "$1 is no folder; run: make fuzz"
build=$(cd "$1" && pwd)
seconds=${FUZZ_SECONDS:-20}
jobs=$(nproc)
mapfile -t fuzzers < <(find "$build" -maxdepth 1 -type f -name '*_fuzzer' -executable | sort)
((${#fuzzers[@]})) || die "no fuzzer in $1; run: make fuzz"
mkdir -p "$build/crashes"

run() {
  local fuzzer=$1 name=${1##*/} seeds found log
  # base_yaml_fuzzer's seeds are in base/yaml_fuzzer, provider_cty_json_fuzzer's in
  # provider/cty/json_fuzzer: the folder whose path reads the same.
  seeds=$(cd tests/corpus && find . -type d | awk -v name="$name" '{
    path = substr($0, 3); flat = path; gsub("/", "_", flat); if (flat == name) print path }')
  found=$build/corpus/$name
  mkdir -p "$found"
  say "$name: ${seconds} s${seeds:+, seeds tests/corpus/$seeds}"
  log=$build/$name.log
  if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
      -artifact_prefix="$build/crashes/$name-" -print_final_stats=1 \
      "$found" ${seeds:+"tests/corpus/$seeds"} >"$log" 2>&1; then
    say "$name: $(awk '/number_of_executed_units/ { print $NF }' "$log") runs, nothing found"
  else
    tail -40 "$log" >&2
    say "$name: FAILED; the whole log is $log"
    touch "$build/crashes/failed"
  fi
}

rm -f "$build/crashes/failed"
for fuzzer in "${fuzzers[@]}"; do
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n; done
  run "$fuzzer" &
done
wait
[[ ! -e $build/crashes/failed ]] || die "something was found; inputs in $build/crashes"
say "${#fuzzers[@]} fuzzers, nothing found"
