#!/usr/bin/env bash
# Every test, in the order in which they fail fastest. The last line is ctest's
# summary of the acceptance tests, after those of the unit tests.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)
say() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

say "build"
cmake --preset dev
cmake --build build/dev -j "$jobs"
# clang-tidy is for those who change something: `make check`.
say "style and layers"
TIDY_BASE=HEAD scripts/lint.sh
say "unit tests"
ctest --test-dir build/dev --output-on-failure -j "$jobs" -L unit
for preset in asan tsan; do
  say "unit tests under sanitizers: $preset"
  cmake --preset "$preset"
  cmake --build "build/$preset" -j "$jobs"
  ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" -L unit
done
# With another compiler, too: it warns of other things.
say "fuzz targets, and the provider, built by clang"
cmake --preset fuzz
cmake --build build/fuzz -j "$jobs" --target fuzzers terraform-provider-wandb
FUZZ_SECONDS=10 scripts/fuzz.sh build/fuzz
say "test programs"
scripts/install-tools.sh
say "operator stand-in"
scripts/go-test.sh
say "release build"
cmake --preset release
cmake --build build/release -j "$jobs"
# What a plan may cost holds for a program that is compiled to be quick.
say "cost of the release build"
WANDB_TEST_PROVIDER=$PWD/build/release/terraform-provider-wandb \
  build/dev/tests/protocol/protocol_test --gtest_brief=1 \
  --gtest_filter='CostTest.OfAnyPlanIsBounded:LargeKeyTest.*:ThreadlessTest.*'
# What users get is what is tested: the optimised, static program. Most of the
# time these tests wait, so that there may be more of them than cores.
say "acceptance tests of the release build"
WANDB_ACC_PROVIDER=$PWD/build/release/terraform-provider-wandb \
  ctest --test-dir build/dev --output-on-failure -j $((2 * jobs)) -L acceptance
