#include "wandb/chart/catalogue.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace wandb {
namespace {

constexpr absl::string_view kAny = "*";
constexpr absl::string_view kElement = "[]";

// The first nodes of the index.
constexpr size_t kMainRoot = 0;
constexpr size_t kObjectRoot = 1;
constexpr size_t kOldRoot = 2;
constexpr size_t kRoots = 3;

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

}  // namespace

const Component* FindComponent(absl::string_view name) {
  const auto all = ComponentTable();
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [&](const Component& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

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
  std::map<absl::string_view, size_t> below;  // Keys are parts of paths.
  size_t like = 0;  // The node whose `below` are here too; 0 for none.
};

// Where a path leads to.
struct CatalogueIndex::Place {
  const Node* node = nullptr;     // nullptr: the table does not say.
  const Node* generic = nullptr;  // What is said of all components.
  bool open = false;  // Where `node` is none: anything may be there.
};

void CatalogueIndex::Add(size_t root, const CatalogueEntry& entry) {
  size_t at = root;
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

void CatalogueIndex::Link() {
  for (Node& node : nodes_) {
    if (node.entry == nullptr || node.entry->like.empty()) continue;
    size_t at = kObjectRoot;
    for (const absl::string_view key : absl::StrSplit(node.entry->like, '.')) {
      const auto found = nodes_[at].below.find(key);
      if (found == nodes_[at].below.end()) return;  // No such object.
      at = found->second;
    }
    node.like = at;
  }
}

CatalogueIndex::CatalogueIndex() {
  // Few parts of paths have no entry; what isn't used costs nothing.
  nodes_.reserve(2 * (Catalogue().size() + CatalogueObjects().size() +
                      OldComponentKeys().entries.size()));
  nodes_.resize(kRoots);
  for (const CatalogueEntry* entry : Catalogue()) Add(kMainRoot, *entry);
  for (const CatalogueEntry& entry : CatalogueObjects()) {
    Add(kObjectRoot, entry);
  }
  for (const CatalogueEntry& entry : OldComponentKeys().entries) {
    Add(kOldRoot, entry);
  }
  Link();
}

const CatalogueIndex& CatalogueIndex::Get() {
  static const base::NeverDestroyed<CatalogueIndex> kIndex;
  return *kIndex;
}

const CatalogueIndex::Node* CatalogueIndex::Like(const Node& node) const {
  return node.like == 0 ? nullptr : &nodes_[node.like];
}

const CatalogueIndex::Node* CatalogueIndex::Child(const Node* node,
                                                  absl::string_view key) const {
  if (node == nullptr) return nullptr;
  // At the top, `*` is for components alone; an element is no key.
  const bool any = node >= nodes_.data() + kRoots && key != kElement;
  for (const absl::string_view name : {key, any ? kAny : key}) {
    for (const Node* each : {node, Like(*node)}) {
      if (each == nullptr) continue;
      const auto found = each->below.find(name);
      if (found != each->below.end()) return &nodes_[found->second];
    }
  }
  return nullptr;
}

// Whether all keys of `node` are known.
bool CatalogueIndex::IsClosed(const Node* node) const {
  if (node->entry == nullptr) return !node->below.empty();
  const Node* like = Like(*node);
  return node->entry->kind == ValueKind::kSection ||
         (like != nullptr && like->entry != nullptr &&
          like->entry->kind == ValueKind::kSection);
}

CatalogueIndex::Place CatalogueIndex::Walk(const Path& path,
                                           size_t root) const {
  const Node* at = &nodes_[root];
  // The same path below `*`, while it may be one of a component.
  const Node* generic = nullptr;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool closed = (at == nullptr || IsClosed(at)) &&
                        (generic == nullptr || IsClosed(generic));
    const bool is_index = path[i].IsIndex();
    const absl::string_view key =
        is_index ? kElement : absl::string_view(path[i].key);
    const Node* next = Child(at, key);
    const Node* next_generic = Child(generic, key);
    if (i == 0 && !is_index) {
      const Component* component = FindComponent(key);
      if (component != nullptr &&
          (root != kOldRoot || !component->rebuilt.empty())) {
        const auto any = nodes_[root].below.find(kAny);
        next_generic = &nodes_[any->second];
      }
    }
    if (next == nullptr && next_generic == nullptr) {
      return {.open = is_index || !closed};
    }
    at = next;
    generic = next_generic;
  }
  // What is said of one component goes before what is said of all.
  const bool has_own = at != nullptr && (at->entry != nullptr || !generic);
  return {.node = has_own ? at : generic, .generic = generic};
}

// Whether the component read it in chart `version`, before it was rebuilt.
bool CatalogueIndex::WasRead(const Place& old, absl::string_view version) {
  if (old.node == nullptr) return old.open;
  const CatalogueEntry* entry = old.node->entry;
  return entry == nullptr || entry->until.empty() ||
         CompareVersions(version, entry->until).value_or(0) < 0;
}

CatalogueIndex::Hit CatalogueIndex::Find(const Path& path,
                                         absl::string_view version) const {
  const Place place = Walk(path, kMainRoot);
  Hit hit = {.known = place.open || place.node != nullptr};
  if (place.node != nullptr) {
    hit.entry = place.node->entry;
    for (const Node* node : {place.node, place.generic}) {
      hit.deeper = hit.deeper || (node != nullptr &&
                                  (!node->below.empty() || node->like != 0));
    }
    if (hit.entry != nullptr) {
      hit.since = hit.entry->since;
      hit.until = hit.entry->until;
    }
  }
  const Component* component = path.size() < 2 || path[0].IsIndex()
                                   ? nullptr
                                   : FindComponent(path[0].key);
  if (component == nullptr || component->rebuilt.empty() ||
      (place.node != nullptr && place.node != place.generic)) {
    return hit;
  }
  // Said of all components, or of none: this one was another chart once.
  const absl::string_view rebuilt = component->rebuilt;
  const bool is_old = CompareVersions(version, rebuilt).value_or(0) < 0;
  const Place old = Walk(path, kOldRoot);
  if (is_old && WasRead(old, version)) {
    Hit before = {.known = true};
    if (old.node != nullptr) {
      before.entry = old.node->entry;
      before.deeper = !old.node->below.empty() || old.node->like != 0;
    }
    if (before.entry != nullptr) before.since = before.entry->since;
    return before;
  }
  if (is_old) {
    if (hit.entry != nullptr &&
        CompareVersions(hit.since, rebuilt).value_or(-1) < 0) {
      hit.since = rebuilt;
    }
    // Nor what it was rebuilt as.
    if (!hit.until.empty() &&
        CompareVersions(hit.until, rebuilt).value_or(1) <= 0) {
      hit.until = "0";
    }
    return hit;
  }
  const bool is_read = hit.known && hit.until != "0";
  if (!is_read && old.node != nullptr && old.node->entry != nullptr) {
    if (hit.entry == nullptr) hit.entry = old.node->entry;
    hit.known = true;
    hit.deeper = false;
    hit.until = rebuilt;
  }
  return hit;
}

std::vector<absl::string_view> CatalogueIndex::KeysBelow(
    const Path& parent) const {
  std::vector<absl::string_view> keys;
  const auto add = [&](const Node& node) {
    for (const Node* each : {&node, Like(node)}) {
      if (each == nullptr) continue;
      for (const auto& [name, below] : each->below) {
        if (name != kAny && name != kElement) keys.emplace_back(name);
      }
    }
  };
  if (parent.empty()) {
    add(nodes_[kMainRoot]);
    return keys;
  }
  const Place place = Walk(parent, kMainRoot);
  if (place.node != nullptr) add(*place.node);
  if (place.generic != nullptr && place.generic != place.node) {
    add(*place.generic);
  }
  return keys;
}

}  // namespace wandb
