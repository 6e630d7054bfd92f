#include "wandb/suggest.h"

#include <algorithm>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/catalogue.h"

namespace wandb {
namespace {

// Longer ones are no mistyped keys of the table.
constexpr size_t kLongestKey = 64;

// Edits (insert, delete, replace, swap of neighbours) from one to the other.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1,
                                     std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

// Right name, wrong place: the path of `key`, if there is but one place for it.
std::string OnlyPlaceOf(const std::string& key) {
  std::vector<absl::string_view> places;
  for (const CatalogueEntry& entry : Catalogue()) {
    const absl::string_view last = entry.path.substr(entry.path.rfind('.') + 1);
    if (last == key && entry.until.empty() && entry.path[0] != '*') {
      places.push_back(entry.path);
    }
  }
  return places.size() == 1 ? std::string(places[0]) : "";
}

}  // namespace

std::string NearestPath(const Path& path) {
  if (path.empty() || path.back().IsIndex()) return "";
  const CatalogueIndex& index = CatalogueIndex::Get();
  const std::string& key = path.back().key;
  if (key.size() > kLongestKey) return "";
  Path at = path;
  std::string best;
  size_t best_distance = std::max<size_t>(1, key.size() / 3) + 1;
  for (const absl::string_view candidate :
       index.KeysBelow(Path(path.begin(), path.end() - 1))) {
    // Each character more or less is an edit.
    const size_t shorter = std::min(key.size(), candidate.size());
    const size_t longer = std::max(key.size(), candidate.size());
    if (longer - shorter >= best_distance) continue;
    at.back() = Step::Key(std::string(candidate));
    const CatalogueIndex::Hit hit = index.Find(at);
    if (!hit.known || (hit.entry != nullptr && !hit.entry->until.empty())) {
      continue;
    }
    const size_t distance = Distance(key, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = FormatPath(at);
    }
  }
  return best.empty() ? OnlyPlaceOf(key) : best;
}

}  // namespace wandb
