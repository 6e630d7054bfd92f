#include "wandb/catalogue.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace wandb {
namespace {

constexpr absl::string_view kAnyComponent = "*";

struct Version {
  std::array<int, 3> numbers = {};
  std::string pre_release;
};

std::optional<Version> ParseVersion(absl::string_view text) {
  if (!text.empty() && text[0] == 'v') text.remove_prefix(1);
  text = text.substr(0, text.find('+'));
  Version version;
  const size_t dash = text.find('-');
  if (dash != absl::string_view::npos) {
    version.pre_release = std::string(text.substr(dash + 1));
    text = text.substr(0, dash);
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.empty() || parts.size() > 3) return std::nullopt;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &version.numbers[i]) ||
        version.numbers[i] < 0) {
      return std::nullopt;
    }
  }
  return version;
}

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

bool IsComponent(absl::string_view name) {
  const auto& all = Components();
  return std::find(all.begin(), all.end(), name) != all.end();
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

std::optional<int> CompareVersions(absl::string_view a, absl::string_view b) {
  const auto left = ParseVersion(a);
  const auto right = ParseVersion(b);
  if (!left.has_value() || !right.has_value()) return std::nullopt;
  if (left->numbers != right->numbers) {
    return left->numbers < right->numbers ? -1 : 1;
  }
  if (left->pre_release == right->pre_release) return 0;
  if (left->pre_release.empty()) return 1;
  if (right->pre_release.empty()) return -1;
  return left->pre_release < right->pre_release ? -1 : 1;
}

struct CatalogueIndex::Node {
  const CatalogueEntry* entry = nullptr;
  std::map<std::string, size_t, std::less<>> below;
};

CatalogueIndex::CatalogueIndex() {
  nodes_.emplace_back();
  for (const CatalogueEntry& entry : Catalogue()) {
    size_t at = 0;
    for (const absl::string_view key : absl::StrSplit(entry.path, '.')) {
      const auto found = nodes_[at].below.find(key);
      if (found != nodes_[at].below.end()) {
        at = found->second;
        continue;
      }
      const size_t next = nodes_.size();
      nodes_[at].below.emplace(key, next);
      nodes_.emplace_back();
      at = next;
    }
    nodes_[at].entry = &entry;
  }
}

const CatalogueIndex& CatalogueIndex::Get() {
  static const CatalogueIndex* const kIndex = new CatalogueIndex();  // NOLINT
  return *kIndex;
}

// The node of `path`; nullptr when there is none, and then `open` says whether
// that is because anything may stand there.
const CatalogueIndex::Node* CatalogueIndex::Descend(const Path& path,
                                                    bool* open) const {
  *open = false;
  const Node* at = nodes_.data();
  const auto child = [&](const Node& node, absl::string_view key) {
    const auto found = node.below.find(key);
    return found == node.below.end() ? nullptr : &nodes_[found->second];
  };
  const Node* wildcard = child(nodes_[0], kAnyComponent);
  // The same path below `*`, while it may be one of a component.
  const Node* generic = nullptr;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool section =
        (at != nullptr &&
         (at == nodes_.data() || (at->entry == nullptr && !at->below.empty()) ||
          (at->entry != nullptr && at->entry->kind == ValueKind::kSection))) ||
        generic != nullptr;
    if (path[i].IsIndex() || !section) {
      *open = true;
      return nullptr;
    }
    const Node* next = at == nullptr ? nullptr : child(*at, path[i].key);
    const Node* next_generic =
        i == 0 ? (IsComponent(path[i].key) ? wildcard : nullptr)
               : (generic == nullptr ? nullptr : child(*generic, path[i].key));
    if (next == nullptr && next_generic == nullptr) return nullptr;
    // What is said of one component goes before what is said of all.
    at = next;
    generic = next_generic;
    const auto is_open = [](const Node* node) {
      return node != nullptr && node->below.empty() &&
             (node->entry == nullptr ||
              node->entry->kind != ValueKind::kSection);
    };
    if (i + 1 < path.size() && (is_open(at) || is_open(generic))) {
      *open = true;
      return nullptr;
    }
  }
  return at != nullptr && at->entry != nullptr
             ? at
             : (generic != nullptr ? generic : at);
}

CatalogueIndex::Hit CatalogueIndex::Find(const Path& path) const {
  bool open = false;
  const Node* node = Descend(path, &open);
  if (node == nullptr) return {.known = open};
  return {.entry = node->entry, .known = true};
}

std::vector<absl::string_view> CatalogueIndex::KeysBelow(
    const Path& parent) const {
  std::vector<absl::string_view> keys;
  const auto add = [&keys](const Node& node) {
    for (const auto& [name, below] : node.below) {
      if (name != kAnyComponent) keys.emplace_back(name);
    }
  };
  if (parent.empty()) {
    add(nodes_[0]);
    for (const absl::string_view name : Components()) keys.push_back(name);
    return keys;
  }
  bool open = false;
  if (const Node* node = Descend(parent, &open); node != nullptr) add(*node);
  if (parent.size() == 1 && IsComponent(parent[0].key)) {
    add(nodes_[nodes_[0].below.find(kAnyComponent)->second]);
  }
  return keys;
}

std::string CatalogueIndex::Nearest(const Path& path) const {
  if (path.empty() || path.back().IsIndex()) return "";
  const std::string& key = path.back().key;
  if (key.size() > kLongestKey) return "";
  Path at = path;
  std::string best;
  size_t best_distance = std::max<size_t>(1, key.size() / 3) + 1;
  for (const absl::string_view candidate :
       KeysBelow(Path(path.begin(), path.end() - 1))) {
    // Each character more or less is an edit.
    const size_t shorter = std::min(key.size(), candidate.size());
    const size_t longer = std::max(key.size(), candidate.size());
    if (longer - shorter >= best_distance) continue;
    at.back() = Step::Key(std::string(candidate));
    const Hit hit = Find(at);
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
