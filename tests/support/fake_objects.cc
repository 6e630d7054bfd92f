#include "tests/support/fake_objects.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace support {
namespace {

using base::Json;

std::vector<std::string> StepsOf(absl::string_view pointer) {
  std::vector<std::string> steps;
  for (const absl::string_view step : absl::StrSplit(pointer.substr(1), '/')) {
    steps.push_back(absl::StrReplaceAll(
        absl::StrReplaceAll(step, {{"~1", "/"}}), {{"~0", "~"}}));
  }
  return steps;
}

// Leaves of `value` below `path`. Arrays and empty objects are leaves.
void CollectLeaves(const Json& value, const std::string& path,
                   std::map<std::string, Json>& leaves) {
  if (!value.is_object() || value.empty()) {
    leaves[path] = value;
    return;
  }
  for (const auto& [key, below] : value.items()) {
    const std::string escaped =
        absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}});
    CollectLeaves(below, absl::StrCat(path, "/", escaped), leaves);
  }
}

std::string DottedPath(const std::string& pointer) {
  std::string out;
  for (const std::string& step : StepsOf(pointer)) {
    absl::StrAppend(&out, ".", step);
  }
  return out;
}

void SetAt(Json& object, const std::string& pointer, const Json& value) {
  Json* at = &object;
  for (const std::string& step : StepsOf(pointer)) {
    if (!at->is_object()) *at = Json::object();
    at = &(*at)[step];
  }
  *at = value;
}

// Removes the leaf, and the maps that it leaves empty.
void RemoveAt(Json& object, const std::vector<std::string>& steps, size_t at) {
  if (!object.is_object() || !object.contains(steps[at])) return;
  if (at + 1 == steps.size()) {
    object.erase(steps[at]);
    return;
  }
  Json& below = object[steps[at]];
  RemoveAt(below, steps, at + 1);
  if (below.empty()) object.erase(steps[at]);
}

Json CauseOf(const std::string& owner, const std::string& pointer) {
  const std::pair<std::string, std::string> name = absl::StrSplit(owner, '|');
  // The server names a version and a time only for updates.
  const char* rest =
      name.second == "Update" ? " using v1 at 2024-01-01T00:00:00Z" : "";
  return {{"reason", "FieldManagerConflict"},
          {"message", absl::StrCat("conflict with \"", name.first, "\"", rest)},
          {"field", DottedPath(pointer)}};
}

}  // namespace

std::map<std::string, Json> LeavesOf(const Json& object) {
  std::map<std::string, Json> leaves;
  for (const auto& [key, value] : object.items()) {
    if (key == "apiVersion" || key == "kind") continue;
    CollectLeaves(value, "/" + key, leaves);
  }
  for (const char* name :
       {"name", "namespace", "uid", "resourceVersion", "generation",
        "creationTimestamp", "managedFields", "deletionTimestamp"}) {
    leaves.erase(absl::StrCat("/metadata/", name));
  }
  leaves.erase("/metadata");
  return leaves;
}

Json FieldsOf(const std::set<std::string>& pointers) {
  Json fields = Json::object();
  for (const std::string& pointer : pointers) {
    Json* at = &fields;
    for (const std::string& step : StepsOf(pointer)) {
      at = &(*at)["f:" + step];
      if (at->is_null()) *at = Json::object();
    }
  }
  return fields;
}

namespace {

void CollectPointers(const Json& fields, const std::string& pointer,
                     std::set<std::string>& out) {
  bool leaf = true;
  for (const auto& [step, below] : fields.items()) {
    if (step == ".") continue;
    leaf = false;
    const std::string key =
        absl::StrReplaceAll(step.substr(2), {{"~", "~0"}, {"/", "~1"}});
    CollectPointers(below, absl::StrCat(pointer, "/", key), out);
  }
  if (leaf && !pointer.empty()) out.insert(pointer);
}

}  // namespace

Owners OwnersOf(const Json& managed_fields) {
  Owners owners;
  for (const Json& entry : managed_fields) {
    CollectPointers(entry.value("fieldsV1", Json::object()), "",
                    owners[absl::StrCat(entry.value("manager", ""), "|",
                                        entry.value("operation", ""))]);
  }
  return owners;
}

MergeResult ServerSideApply(const Json& live, const Owners& owners,
                            const Json& body, absl::string_view manager) {
  MergeResult result{.object = live.is_null() ? body : live, .owners = owners};
  const std::string me = absl::StrCat(manager, "|Apply");
  const std::map<std::string, Json> wanted = LeavesOf(body);
  const std::map<std::string, Json> before = LeavesOf(live);
  std::set<std::string> mine;
  for (const auto& [pointer, value] : wanted) {
    mine.insert(pointer);
    const auto old = before.find(pointer);
    if (old != before.end() && old->second == value) continue;
    for (auto& [owner, pointers] : result.owners) {
      if (owner == me || pointers.erase(pointer) == 0) continue;
      result.conflicts.push_back(CauseOf(owner, pointer));
    }
    SetAt(result.object, pointer, value);
  }
  for (const std::string& pointer : result.owners[me]) {
    const bool kept = std::any_of(
        result.owners.begin(), result.owners.end(), [&](const auto& entry) {
          return entry.first != me && entry.second.contains(pointer);
        });
    if (!mine.contains(pointer) && !kept) {
      RemoveAt(result.object, StepsOf(pointer), 0);
    }
  }
  result.owners[me] = std::move(mine);
  return result;
}

bool MatchesLabels(const Json& object, const std::string& selector) {
  for (const absl::string_view part :
       absl::StrSplit(selector, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const Json* labels = base::Find(object, "/metadata/labels");
    if (labels == nullptr || !labels->contains(pair.first) ||
        (*labels)[pair.first] != pair.second) {
      return false;
    }
  }
  return true;
}

bool MatchesFields(const Json& object, const std::string& selector) {
  for (const absl::string_view part :
       absl::StrSplit(selector, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    std::string pointer = "/" + pair.first;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    if (base::StringAt(object, pointer).value_or("") != pair.second) {
      return false;
    }
  }
  return true;
}

}  // namespace support
