#include "resources/outcome.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/managed_fields.h"

namespace resources {
namespace {

using base::Json;

// Who holds a node and what is below it: fieldsV1 trees, or nullptr.
struct Held {
  const Json* ours = nullptr;
  const Json* others = nullptr;
};

const Json* Below(const Json* fields, const std::string& key) {
  if (fields == nullptr) return nullptr;
  const auto it = fields->find("f:" + key);
  return it == fields->end() ? nullptr : &*it;
}

Held Below(const Held& held, const std::string& key) {
  return {Below(held.ours, key), Below(held.others, key)};
}

// The node itself, not only something below it.
bool IsHeld(const Json* fields) {
  return fields != nullptr && (fields->empty() || fields->contains("."));
}

bool IsFullMap(const Json& value) {
  return value.is_object() && !value.empty();
}

// A map that is there for keys of ours alone: that of a field of the schema,
// which nobody holds itself, and which an apply would leave empty.
bool IsOfOurKeys(const Held& held) {
  return held.ours != nullptr && !IsHeld(held.ours) && held.others == nullptr;
}

// A merge patch that removes every key of `map`.
Json Emptied(const Json& map) {
  Json patch = Json::object();
  for (const auto& [key, value] : map.items()) patch[key] = nullptr;
  return patch;
}

// Puts what is to be emptied below `key` into `patch`.
void Note(Json& patch, const std::string& key, Json below) {
  if (!below.is_null()) patch[key] = std::move(below);
}

// What is left of `live` when nothing is sent for it; nullopt: it goes. What
// nobody holds stays.
std::optional<Json> Left(const Json& live, const Held& held, Json& emptying) {
  const bool stays = !IsHeld(held.ours) || IsHeld(held.others);
  if (!IsFullMap(live)) return stays ? std::optional(live) : std::nullopt;
  Json out = Json::object();
  for (const auto& [key, value] : live.items()) {
    Json below;
    auto left = Left(value, Below(held, key), below);
    if (!left.has_value()) continue;
    out[key] = *std::move(left);
    Note(emptying, key, std::move(below));
  }
  if (!out.empty()) return out;
  if (!stays || IsOfOurKeys(held)) return std::nullopt;
  emptying = Emptied(live);
  return out;
}

// `body` is changed to Outcome::kept.
Json Merge(const Json& live, Json& body, const Held& held, Json& emptying) {
  // A null says no more to a map than that it may be one.
  if (body.is_null() && IsFullMap(live)) {
    auto left = Left(live, held, emptying);
    const bool any = left.has_value() && IsFullMap(*left);
    if (!any) emptying = nullptr;
    return any ? *std::move(left) : Json();
  }
  if (!body.is_object() || !live.is_object()) return body;
  Json out = Json::object();
  for (const auto& [key, value] : live.items()) {
    Json below;
    const auto sent = body.find(key);
    auto merged = sent == body.end()
                      ? Left(value, Below(held, key), below)
                      : Merge(value, *sent, Below(held, key), below);
    if (!merged.has_value()) {
      if (IsOfOurKeys(Below(held, key))) emptying[key] = nullptr;
      continue;
    }
    out[key] = *std::move(merged);
    Note(emptying, key, std::move(below));
  }
  for (const auto& [key, value] : body.items()) {
    if (!live.contains(key)) out[key] = value;
  }
  if (out.empty() && !live.empty()) {
    emptying = Emptied(live);
    body = live;
  }
  return out;
}

// Adds to `body` what KeepingOthers() says.
void KeepMaps(const Json& live, const Held& held, Json& body) {
  if (!body.is_object()) return;
  for (const auto& [key, value] : live.items()) {
    const Held below = Below(held, key);
    if (!IsFullMap(value) || below.others == nullptr) continue;
    const auto sent = body.find(key);
    if (sent != body.end()) {
      KeepMaps(value, below, *sent);
      continue;
    }
    Json kept = Json::object();
    KeepMaps(value, below, kept);
    const bool goes = IsHeld(below.ours) && !IsHeld(below.others);
    if (goes || !kept.empty()) body[key] = std::move(kept);
  }
}

// Who holds what of an object; outlives what it answers.
class Fields {
 public:
  Fields(const Json& live, absl::string_view manager) {
    const auto is_ours = [manager](const kube::ManagerEntry& entry) {
      return entry.manager == manager && entry.operation == "Apply" &&
             entry.subresource.empty();
    };
    ours_ = kube::FieldsHeldBy(live, is_ours);
    others_ = kube::FieldsHeldBy(
        live, [&is_ours](const auto& entry) { return !is_ours(entry); });
  }
  Held held() const { return {&ours_, &others_}; }

 private:
  Json ours_, others_;
};

// The parts of an object that anybody writes to.
Json Content(const Json& object) {
  Json content = Json::object();
  for (const char* part : {"labels", "annotations"}) {
    const Json* map = base::Find(object, absl::StrCat("/metadata/", part));
    if (map != nullptr && map->is_object()) content["metadata"][part] = *map;
  }
  if (const auto spec = object.find("spec"); spec != object.end()) {
    content["spec"] = *spec;
  }
  return content;
}

}  // namespace

Json KeepingOthers(const Json& live, Json body, absl::string_view manager) {
  const auto spec = live.find("spec");
  const Fields fields(live, manager);
  if (spec == live.end() || !body.contains("spec")) return body;
  KeepMaps(*spec, Below(fields.held(), "spec"), body["spec"]);
  return body;
}

Outcome OutcomeOf(const Json& live, const Json& body,
                  absl::string_view manager) {
  const Fields fields(live, manager);
  Outcome outcome;
  Json sent = Content(body);
  outcome.object = Merge(Content(live), sent, fields.held(), outcome.emptying);
  // Those maps have a schema, and may be empty.
  if (outcome.emptying.is_object()) outcome.emptying.erase("metadata");
  if (outcome.emptying.empty()) outcome.emptying = nullptr;
  outcome.kept = body;
  if (sent.contains("spec")) outcome.kept["spec"] = std::move(sent["spec"]);
  return outcome;
}

bool MayEmptyMaps(const Json& before, const Json& body) {
  if (!body.is_object()) return false;
  if (body.empty()) return true;
  const Json nothing = Json::object();
  const Json& old = before.is_object() ? before : nothing;
  for (const auto& [key, value] : old.items()) {
    if (!body.contains(key)) return true;
  }
  for (const auto& [key, value] : body.items()) {
    const auto was = old.find(key);
    if (MayEmptyMaps(was == old.end() ? nothing : *was, value)) return true;
  }
  return false;
}

}  // namespace resources
