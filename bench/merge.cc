// How long the merge of three layers with 10,000 leaves takes, with origins:
// prints the median of 21 runs in microseconds.
#include "wandb/merge.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "wandb/spec/spec.h"

namespace {

constexpr int kSections = 100;
constexpr int kLeaves = 100;  // Of each section.

// Every third leaf of the whole is in each layer, and every ninth in two.
base::Json LayerOf(int remainder) {
  base::Json values = base::Json::object();
  for (int section = 0; section < kSections; ++section) {
    base::Json& map = values["section-" + std::to_string(section)];
    map = base::Json::object();
    for (int leaf = 0; leaf < kLeaves; ++leaf) {
      const int n = section * kLeaves + leaf;
      if (n % 3 != remainder && n % 9 != remainder) continue;
      map["group-" + std::to_string(leaf % 10)]["key-" + std::to_string(leaf)] =
          "value of " + std::to_string(n);
    }
  }
  return values;
}

int Measure() {
  const std::array<base::Json, 3> trees = {LayerOf(0), LayerOf(1), LayerOf(2)};
  std::array<int64_t, 21> times{};
  size_t leaves = 0;
  for (int64_t& time : times) {
    const auto start = std::chrono::steady_clock::now();
    const wandb::Merged merged =
        wandb::Merge({&trees[0], &trees[1], &trees[2]});
    const std::vector<wandb::Origin> sources(merged.sources.size());
    const auto origins = wandb::OriginMap(merged.values, sources);
    time = std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now() - start)
               .count();
    leaves = origins.size();
    if (!merged.clashes.empty()) return 1;
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2,
                   times.end());
  std::printf("%lld %zu\n", static_cast<long long>(times[times.size() / 2]),
              leaves);
  return 0;
}

}  // namespace

int main() {
  try {
    return Measure();
  } catch (const std::exception& failed) {
    std::fputs(failed.what(), stderr);
    return 1;
  }
}
