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

// Removes the leaf, and the maps that it leaves empty; those that somebody
// holds become null.
void RemoveAt(Json& object, const std::set<std::string>& held,
              const std::vector<std::string>& steps, size_t at,
              const std::string& path) {
  if (!object.is_object() || !object.contains(steps[at])) return;
  const std::string here = absl::StrCat(
      path, "/", absl::StrReplaceAll(steps[at], {{"~", "~0"}, {"/", "~1"}}));
  if (at + 1 == steps.size()) {
    object.erase(steps[at]);
    return;
  }
  Json& below = object[steps[at]];
  RemoveAt(below, held, steps, at + 1, here);
  if (!below.empty()) return;
  if (held.contains(here)) {
    below = nullptr;
  } else {
    object.erase(steps[at]);
  }
}

// An empty map or a null, applied to a map with keys, sets nothing.
bool SaysNothing(const Json& value, const Json& live,
                 const std::string& pointer) {
  if (!value.is_null() && !(value.is_object() && value.empty())) return false;
  const Json* old = base::Find(live, pointer);
  return old != nullptr && old->is_object() && !old->empty();
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
    if (SaysNothing(value, live, pointer)) continue;
    for (auto& [owner, pointers] : result.owners) {
      if (owner == me || pointers.erase(pointer) == 0) continue;
      result.conflicts.push_back(CauseOf(owner, pointer));
    }
    SetAt(result.object, pointer, value);
  }
  std::set<std::string> held = mine;
  for (const auto& [owner, pointers] : result.owners) {
    if (owner != me) held.insert(pointers.begin(), pointers.end());
  }
  for (const std::string& pointer : result.owners[me]) {
    if (!held.contains(pointer)) {
      RemoveAt(result.object, held, StepsOf(pointer), 0, "");
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
