#include "wandb/merge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

struct Entry {
  size_t source;
  const Json* value;
};

// One for each layer: there are three, seldom more.
using Entries = absl::InlinedVector<Entry, 4>;

bool IsShape(const Json& value) {
  return UnknownKind(value) == Unknown::kShape;
}

std::string WithArticle(absl::string_view kind) {
  if (kind == "null") return "null";
  return absl::StrCat(kind == "unknown value" ? "an " : "a ", kind);
}

// Merges all trees at once, path by path. That gives what the operator's fold
// of two at a time gives: what is kept at a path is decided there alone.
class Merger {
 public:
  explicit Merger(Merged& merged) : merged_(merged) {}

  // The merge of `entries` (at least one, strongest first) at path_.
  Json At(const Entries& entries) {
    if (entries.size() == 1) return Take(entries[0]);
    Entries known;
    for (const Entry& entry : entries) {
      if (!IsShape(*entry.value)) known.push_back(entry);
    }
    if (known.size() < entries.size()) return AroundShape(entries, known);

    const Entry& upper = entries[0];
    Entries same = {upper};
    for (size_t i = 1; i < entries.size(); ++i) {
      if (Agree(upper, entries[i])) same.push_back(entries[i]);
    }
    if (same.size() == 1) return Take(upper);
    if (upper.value->is_object()) return Maps(same);
    if (upper.value->is_array()) return Lists(same);
    return Take(upper);
  }

 private:
  // Whether both are of one kind; otherwise records the clash.
  bool Agree(const Entry& upper, const Entry& lower) {
    if (upper.value->is_null() || lower.value->is_null()) {
      Report(Clash::Kind::kNull, upper, lower);
      return false;
    }
    if (KindName(*upper.value) == KindName(*lower.value)) return true;
    Report(Clash::Kind::kKinds, upper, lower);
    return false;
  }

  void Report(Clash::Kind kind, const Entry& upper, const Entry& lower) {
    merged_.clashes.push_back(
        {.kind = kind,
         .path = path_,
         .upper = upper.source,
         .lower = lower.source,
         .upper_kind = std::string(KindName(*upper.value)),
         .lower_kind = std::string(KindName(*lower.value))});
  }

  // A whole subtree from one tree.
  Json Take(const Entry& entry) {
    AddSources(*entry.value, entry.source);
    return *entry.value;
  }

  void AddSources(const Json& tree, size_t source) {
    if (!tree.is_structured() || tree.empty()) {
      merged_.sources.push_back(source);
      return;
    }
    for (const Json& child : tree) AddSources(child, source);
  }

  // Whatever the kShape turns out to be, the trees around it must agree with
  // each other, so they are merged for the sake of their clashes.
  Json AroundShape(const Entries& entries, const Entries& known) {
    const auto shape =
        std::find_if(entries.begin(), entries.end(),
                     [](const Entry& e) { return IsShape(*e.value); });
    ReportNullsAround(*shape, entries);
    const size_t mark = merged_.sources.size();
    if (!known.empty()) {
      Json rest = At(known);
      const Json& top = *entries[0].value;
      // A scalar on top stays what it is, or the merge fails.
      if (!IsShape(top) && !top.is_structured()) return rest;
    }
    merged_.sources.resize(mark);
    merged_.sources.push_back(shape->source);
    return MakeUnknown(Unknown::kShape);
  }

  void ReportNullsAround(const Entry& shape, const Entries& entries) {
    bool below = false;
    for (const Entry& entry : entries) {
      if (entry.value == shape.value) {
        below = true;
      } else if (entry.value->is_null()) {
        Report(Clash::Kind::kNull, below ? shape : entry,
               below ? entry : shape);
      }
    }
  }

  Json Maps(const Entries& entries) {
    struct Cursor {
      size_t source;
      Json::object_t::const_iterator at, end;
    };
    absl::InlinedVector<Cursor, 4> cursors;
    for (const Entry& entry : entries) {
      const auto* object = entry.value->get_ptr<const Json::object_t*>();
      cursors.push_back({entry.source, object->begin(), object->end()});
    }
    Json::object_t result;
    Entries values;
    while (true) {
      const std::string* key = nullptr;
      for (const Cursor& cursor : cursors) {
        if (cursor.at == cursor.end) continue;
        if (key == nullptr || cursor.at->first < *key) key = &cursor.at->first;
      }
      if (key == nullptr) break;
      values.clear();
      path_.push_back(Step::Key(*key));
      for (Cursor& cursor : cursors) {
        if (cursor.at == cursor.end || cursor.at->first != *key) continue;
        values.push_back({cursor.source, &cursor.at->second});
        // `key` belongs to the map, so that moving on doesn't end it.
        ++cursor.at;
      }
      result.emplace_hint(result.end(), *key, At(values));
      path_.pop_back();
    }
    if (result.empty()) merged_.sources.push_back(entries[0].source);
    return result;
  }

  Json Lists(const Entries& entries) {
    Json::array_t result;
    for (const Entry& entry : entries) {
      for (const Json& element : *entry.value) {
        result.push_back(Take({entry.source, &element}));
      }
    }
    if (result.empty()) merged_.sources.push_back(entries[0].source);
    return result;
  }

  Merged& merged_;
  Path path_;
};

}  // namespace

absl::string_view KindName(const Json& value) {
  if (std::optional<Unknown> unknown = UnknownKind(value)) {
    switch (*unknown) {
      case Unknown::kString:
        return "string";
      case Unknown::kNumber:
        return "number";
      case Unknown::kBool:
        return "bool";
      case Unknown::kShape:
        return "unknown value";
    }
  }
  if (value.is_object()) return "map";
  if (value.is_array()) return "list";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  return value.is_number() ? "number" : "null";
}

Problem ProblemOf(const Clash& clash, absl::string_view upper,
                  absl::string_view lower) {
  std::string path = FormatPath(clash.path);
  const bool null = clash.kind == Clash::Kind::kNull;
  std::string message = absl::StrCat(
      path.empty() ? "the top level of the values" : path, " is ",
      WithArticle(clash.upper_kind), " in ", upper, " and ",
      WithArticle(clash.lower_kind), " in ", lower, ": ",
      null ? "the operator crashes when it merges a null with another layer, "
             "applies nothing, and can't uninstall the instance either."
           : "the operator can't merge different kinds, applies nothing, and "
             "says so only in its log.");
  return {.id = null ? "null-clash" : "kind-clash",
          .path = std::move(path),
          .message = std::move(message)};
}

Merged Merge(const std::vector<const Json*>& trees) {
  Entries entries;
  for (size_t i = 0; i < trees.size(); ++i) {
    if (trees[i] == nullptr || trees[i]->is_null()) continue;
    entries.push_back({i, trees[i]});
  }
  Merged merged;
  if (!entries.empty()) merged.values = Merger(merged).At(entries);
  return merged;
}

Merged Merge(absl::Span<const Json> trees) {
  std::vector<const Json*> pointers;
  pointers.reserve(trees.size());
  for (const Json& tree : trees) pointers.push_back(&tree);
  return Merge(pointers);
}

}  // namespace wandb
