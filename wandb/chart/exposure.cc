#include "wandb/chart/exposure.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "base/never_destroyed.h"
#include "wandb/chart/catalogue.h"

namespace wandb {
namespace {

constexpr absl::string_view kOne = "*";
constexpr absl::string_view kAny = "**";

// Longer ones are in no table.
constexpr size_t kLongestKey = 128;

// `pattern` may have `*` for any part.
bool MatchesKey(absl::string_view pattern, absl::string_view key) {
  const size_t star = pattern.find('*');
  if (star == absl::string_view::npos) return pattern == key;
  if (key.size() > kLongestKey ||
      !absl::StartsWith(key, pattern.substr(0, star))) {
    return false;
  }
  const absl::string_view rest = pattern.substr(star + 1);
  for (size_t from = star; from <= key.size(); ++from) {
    if (MatchesKey(rest, key.substr(from))) return true;
  }
  return false;
}

struct Row {
  std::vector<absl::string_view> steps;
  Exposure exposure;
};

bool MatchesStep(absl::string_view pattern, const Step& step) {
  if (pattern == kOne) return true;
  return !step.IsIndex() && MatchesKey(pattern, step.key);
}

// Whether `steps` from `i` on fit `path` from `j` on: all of it, or, with
// `prefix`, its beginning.
bool Matches(const std::vector<absl::string_view>& steps, size_t i,
             const Path& path, size_t j, bool prefix) {
  if (i == steps.size()) return prefix || j == path.size();
  if (steps[i] == kAny) {
    const size_t rest = steps.size() - i - 1;
    // What follows fits at the end only, unless there is another `**`.
    if (!prefix && !absl::c_linear_search(
                       absl::MakeConstSpan(steps).subspan(i + 1), kAny)) {
      return path.size() - j >= rest &&
             Matches(steps, i + 1, path, path.size() - rest, prefix);
    }
    for (size_t k = j; k <= path.size(); ++k) {
      if (Matches(steps, i + 1, path, k, prefix)) return true;
    }
    return false;
  }
  return j < path.size() && MatchesStep(steps[i], path[j]) &&
         Matches(steps, i + 1, path, j + 1, prefix);
}

// The rows by one of the keys that they need, so that few are looked at.
class Index {
 public:
  Index() {
    for (const ExposureRow& row : ExposureTable()) {
      Add(row.path, row.exposure);
    }
    for (const CatalogueEntry* entry : Catalogue()) {
      if (entry->secret) Add(entry->path, Exposure::kSecret);
    }
  }

  Exposure Find(const Path& path) const {
    Exposure found = Exposure::kUnsaid;
    const auto look = [&](const std::vector<Row>& rows) {
      for (const Row& row : rows) {
        if (row.exposure > found &&
            Matches(row.steps, 0, path, 0, row.exposure == Exposure::kSecret)) {
          found = row.exposure;
        }
      }
    };
    look(others_);
    std::vector<const std::vector<Row>*> looked_at;
    for (const Step& step : path) {
      const auto rows = by_key_.find(step.key);
      if (rows == by_key_.end() ||
          absl::c_linear_search(looked_at, &rows->second)) {
        continue;
      }
      looked_at.push_back(&rows->second);
      look(rows->second);
    }
    return found;
  }

 private:
  void Add(absl::string_view path, Exposure exposure) {
    Row row = {absl::StrSplit(path, '.'), exposure};
    // The last one is the rarest, as a rule.
    const auto key = std::find_if(
        row.steps.rbegin(), row.steps.rend(),
        [](absl::string_view step) { return !absl::StrContains(step, '*'); });
    std::vector<Row>& rows = key == row.steps.rend() ? others_ : by_key_[*key];
    rows.push_back(std::move(row));
  }

  absl::flat_hash_map<absl::string_view, std::vector<Row>> by_key_;
  std::vector<Row> others_;
};

}  // namespace

Exposure ExposureOf(const Path& path) {
  static const base::NeverDestroyed<Index> kIndex;
  return kIndex->Find(path);
}

}  // namespace wandb
