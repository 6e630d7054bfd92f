#include "wandb/merge.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

struct Entry {
  Origin origin;
  const Json* value;
};

bool IsShape(const Json& value) {
  return UnknownKind(value) == Unknown::kShape;
}

// What a source is called in a sentence.
absl::string_view Source(Origin origin) {
  switch (origin) {
    case Origin::kCustomResource:
      return "the custom resource";
    case Origin::kOtherManager:
      return "what others wrote into the custom resource";
    case Origin::kUserInput:
      return "the user input of the System Console";
    case Origin::kReleaseChannel:
      return "the release channel";
    case Origin::kOperatorDefault:
      return "the operator's defaults";
  }
  return "an unknown layer";
}

std::string WithArticle(absl::string_view kind) {
  if (kind == "null") return "null";
  return absl::StrCat(kind == "unknown value" ? "an " : "a ", kind);
}

// Merges all layers at once, path by path. That gives what the operator's fold
// of two at a time gives: what is kept at a path is decided there alone.
class Merger {
 public:
  explicit Merger(Merged& merged) : merged_(merged) {}

  // The merge of `entries` (at least one, strongest first) at path_.
  Json At(const std::vector<Entry>& entries) {
    if (entries.size() == 1) return Take(entries[0]);
    std::vector<Entry> known;
    for (const Entry& entry : entries) {
      if (!IsShape(*entry.value)) known.push_back(entry);
    }
    if (known.size() < entries.size()) return AroundShape(entries, known);

    const Entry& upper = entries[0];
    std::vector<Entry> same = {upper};
    for (size_t i = 1; i < entries.size(); ++i) {
      if (Agree(upper, entries[i])) same.push_back(entries[i]);
    }
    if (same.size() == 1) return Take(upper);
    if (upper.value->is_object()) return Maps(same);
    if (upper.value->is_array()) return Lists(same);
    return Take(upper);
  }

 private:
  // Whether both are of one kind; otherwise records the problem.
  bool Agree(const Entry& upper, const Entry& lower) {
    if (upper.value->is_null() || lower.value->is_null()) {
      Report(MergeProblem::Kind::kNullClash, upper, lower);
      return false;
    }
    if (KindName(*upper.value) == KindName(*lower.value)) return true;
    Report(MergeProblem::Kind::kKindClash, upper, lower);
    return false;
  }

  void Report(MergeProblem::Kind kind, const Entry& upper, const Entry& lower) {
    merged_.problems.push_back(
        {.kind = kind,
         .path = path_,
         .upper = upper.origin,
         .lower = lower.origin,
         .upper_kind = std::string(KindName(*upper.value)),
         .lower_kind = std::string(KindName(*lower.value))});
  }

  // A whole subtree from one layer.
  Json Take(const Entry& entry) {
    AddOrigins(*entry.value, entry.origin);
    return *entry.value;
  }

  void AddOrigins(const Json& tree, Origin origin) {
    if (!tree.is_structured() || tree.empty()) {
      merged_.origins.push_back(origin);
      return;
    }
    for (const Json& child : tree) AddOrigins(child, origin);
  }

  // Whatever the kShape turns out to be, the layers around it must agree with
  // each other, so they are merged for the sake of their problems.
  Json AroundShape(const std::vector<Entry>& entries,
                   const std::vector<Entry>& known) {
    const auto shape =
        std::find_if(entries.begin(), entries.end(),
                     [](const Entry& e) { return IsShape(*e.value); });
    ReportNullsAround(*shape, entries);
    const size_t mark = merged_.origins.size();
    if (!known.empty()) {
      Json rest = At(known);
      const Json& top = *entries[0].value;
      // A scalar on top stays what it is, or the merge fails.
      if (!IsShape(top) && !top.is_structured()) return rest;
    }
    merged_.origins.resize(mark);
    merged_.origins.push_back(shape->origin);
    return MakeUnknown(Unknown::kShape);
  }

  void ReportNullsAround(const Entry& shape,
                         const std::vector<Entry>& entries) {
    bool below = false;
    for (const Entry& entry : entries) {
      if (entry.value == shape.value) {
        below = true;
      } else if (entry.value->is_null()) {
        Report(MergeProblem::Kind::kNullClash, below ? shape : entry,
               below ? entry : shape);
      }
    }
  }

  Json Maps(const std::vector<Entry>& entries) {
    struct Cursor {
      Origin origin;
      Json::object_t::const_iterator at, end;
    };
    std::vector<Cursor> cursors;
    for (const Entry& entry : entries) {
      const auto* object = entry.value->get_ptr<const Json::object_t*>();
      cursors.push_back({entry.origin, object->begin(), object->end()});
    }
    Json::object_t result;
    std::vector<Entry> values;
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
        values.push_back({cursor.origin, &cursor.at->second});
        // `key` belongs to the map, so that moving on doesn't end it.
        ++cursor.at;
      }
      result.emplace_hint(result.end(), *key, At(values));
      path_.pop_back();
    }
    if (result.empty()) merged_.origins.push_back(entries[0].origin);
    return result;
  }

  Json Lists(const std::vector<Entry>& entries) {
    Json::array_t result;
    for (const Entry& entry : entries) {
      for (const Json& element : *entry.value) {
        result.push_back(Take({entry.origin, &element}));
      }
    }
    if (result.empty()) merged_.origins.push_back(entries[0].origin);
    return result;
  }

  Merged& merged_;
  Path path_;
};

}  // namespace

absl::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kCustomResource:
      return "custom_resource";
    case Origin::kOtherManager:
      return "other_manager";
    case Origin::kUserInput:
      return "user_input";
    case Origin::kReleaseChannel:
      return "release_channel";
    case Origin::kOperatorDefault:
      return "operator_default";
  }
  return "";
}

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

std::string Describe(const MergeProblem& problem) {
  const std::string path = FormatPath(problem.path);
  const bool null = problem.kind == MergeProblem::Kind::kNullClash;
  return absl::StrCat(
      path.empty() ? "the top level of the values" : path, " is ",
      WithArticle(problem.upper_kind), " in ", Source(problem.upper), " and ",
      WithArticle(problem.lower_kind), " in ", Source(problem.lower), ": ",
      null ? "the operator crashes when it merges a null with another layer, "
             "applies nothing, and can't uninstall the instance either"
           : "the operator can't merge different kinds, applies nothing, and "
             "says so only in its log");
}

Merged Merge(const std::vector<Layer>& layers) {
  std::vector<Entry> entries;
  for (const Layer& layer : layers) {
    if (layer.values == nullptr || layer.values->is_null()) continue;
    entries.push_back({layer.origin, layer.values});
  }
  Merged merged;
  if (entries.empty()) {
    merged.origins.push_back(Origin::kOperatorDefault);
    return merged;
  }
  merged.values = Merger(merged).At(entries);
  return merged;
}

std::map<std::string, Origin> OriginMap(const Json& values,
                                        const std::vector<Origin>& origins) {
  std::map<std::string, Origin> result;
  size_t i = 0;
  ForEachLeaf(values, [&](const Path&, const std::string& text, const Json&) {
    if (i < origins.size()) result.emplace(text, origins[i]);
    ++i;
  });
  return result;
}

}  // namespace wandb
