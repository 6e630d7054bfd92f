#include "resources/apply.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "kube/wait.h"

namespace resources {
namespace {

// What changes with every write, or names the write itself.
base::Json WithoutBookkeeping(base::Json object) {
  object.erase("status");
  if (auto metadata = object.find("metadata"); metadata != object.end()) {
    for (const char* key : {"managedFields", "resourceVersion", "generation",
                            "creationTimestamp", "uid"}) {
      metadata->erase(key);
    }
  }
  return object;
}

const base::Json* ByName(const base::Json& list, const base::Json& name) {
  for (const base::Json& element : list) {
    const base::Json* other = base::Find(element, "/name");
    if (other != nullptr && *other == name) return &element;
  }
  return nullptr;
}

bool AllNamed(const base::Json& list) {
  return !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const base::Json& element) {
           return element.is_object() && element.contains("name");
         });
}

base::Json OwnedList(const base::Json& body, const base::Json& live) {
  if (!live.is_array()) return live;
  const bool named = AllNamed(body) && AllNamed(live);
  if (!named && body.size() != live.size()) return live;
  base::Json out = base::Json::array();
  for (size_t i = 0; i < body.size(); ++i) {
    const base::Json* other = named ? ByName(live, body[i]["name"]) : &live[i];
    out.push_back(other == nullptr ? base::Json() : OwnedPart(body[i], *other));
  }
  return out;
}

}  // namespace

base::Json OwnedPart(const base::Json& body, const base::Json& live) {
  if (body.is_object() && live.is_object()) {
    base::Json out = base::Json::object();
    for (const auto& [key, value] : body.items()) {
      auto it = live.find(key);
      out[key] = it == live.end() ? base::Json() : OwnedPart(value, *it);
    }
    return out;
  }
  if (body.is_array()) return OwnedList(body, live);
  return live;
}

std::set<std::string> FieldPaths(const base::Json& body) {
  std::set<std::string> paths;
  if (!body.is_object()) return paths;
  for (const auto& [key, value] : body.items()) {
    const std::string path = absl::StrCat(".", key);
    paths.insert(path);
    for (const std::string& below : FieldPaths(value)) {
      paths.insert(absl::StrCat(path, below));
    }
  }
  return paths;
}

base::Json EmptyingPatch(const base::Json& before, const base::Json& after) {
  if (!before.is_object() || !after.is_object()) return nullptr;
  base::Json patch = base::Json::object();
  if (after.empty()) {
    for (const auto& [key, value] : before.items()) patch[key] = nullptr;
  }
  for (const auto& [key, value] : after.items()) {
    const auto it = before.find(key);
    if (it == before.end()) continue;
    base::Json below = EmptyingPatch(*it, value);
    if (!below.is_null()) patch[key] = std::move(below);
  }
  return patch.empty() ? base::Json() : patch;
}

bool SameObject(const base::Json& a, const base::Json& b) {
  return WithoutBookkeeping(a) == WithoutBookkeeping(b);
}

absl::StatusOr<CreateResult> CreateOrAdopt(const base::Context& ctx,
                                           kube::Client& client,
                                           const kube::ObjectRef& ref,
                                           const base::Json& body,
                                           const std::string& manager) {
  CreateResult result;
  auto created = client.Apply(ctx, ref, body,
                              {.field_manager = manager, .create_only = true});
  if (created.ok()) {
    result.applied = *std::move(created);
    return result;
  }
  if (!kube::IsAlreadyExists(created.status())) return created.status();
  ASSIGN_OR_RETURN(base::Json live, client.Get(ctx, ref));
  if (kube::IsTerminating(live)) {
    // A replaced or half-deleted object: its end makes room.
    RETURN_IF_ERROR(kube::AwaitGone(ctx, client, ref, kube::UidOf(live)));
    return CreateOrAdopt(ctx, client, ref, body, manager);
  }
  result.found = Found::kForeign;
  if (kube::OwnsOnly(live, manager)) {
    auto trial = client.Apply(ctx, ref, body,
                              {.field_manager = manager, .dry_run = true});
    if (trial.ok() && SameObject(trial->object, live)) {
      result.found = Found::kAdopted;
    }
  }
  result.applied.object = std::move(live);
  return result;
}

absl::StatusOr<kube::Applied> UpdateOwned(
    const base::Context& ctx, kube::Client& client, const kube::ObjectRef& ref,
    const base::Json& body, const std::string& manager,
    const std::function<bool(const std::string& field)>& wrote) {
  auto applied = client.Apply(ctx, ref, body, {.field_manager = manager});
  if (applied.ok() || !kube::HasFieldConflicts(applied.status())) {
    return applied;
  }
  for (const kube::FieldConflict& conflict :
       kube::FieldConflicts(applied.status())) {
    if (conflict.operation != "Update" || !wrote(conflict.field)) {
      return applied.status();
    }
  }
  return client.Apply(ctx, ref, body,
                      {.field_manager = manager, .force = true});
}

}  // namespace resources
