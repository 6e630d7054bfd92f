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
    out.push_back(other == nullptr ? base::Json()
                                   : OwnedPart(body[i], *other));
  }
  return out;
}

// A name by which a namespaced object is nobody's loss: the control plane's own
// bookkeeping.
bool Replaceable(const base::Json& object) {
  const std::string kind = kube::KindOf(object);
  const std::string name = kube::NameOf(object);
  if (kind == "ConfigMap") return name == "kube-root-ca.crt";
  if (kind == "ServiceAccount") return name == "default";
  if (kind == "Secret") {
    return base::StringAt(object, "/type") ==
           "kubernetes.io/service-account-token";
  }
  return false;
}

// The garbage collector learns of new kinds every 30 seconds.
constexpr absl::Duration kCollection = absl::Minutes(2);

struct Content {
  std::vector<std::string> left;  // `Secret "x"`
  bool all_owned = true;          // By other objects, gone or not.
};

// What is in namespace `ns`, the control plane's own objects and those on their
// way out aside.
absl::StatusOr<Content> ContentOf(const base::Context& ctx,
                                  kube::Client& client,
                                  const std::string& ns) {
  static constexpr struct {
    const char *group, *version, *resource;
  } kKinds[] = {{"", "v1", "pods"},
                {"", "v1", "services"},
                {"", "v1", "configmaps"},
                {"", "v1", "secrets"},
                {"", "v1", "serviceaccounts"},
                {"", "v1", "persistentvolumeclaims"},
                {"apps", "v1", "deployments"},
                {"apps", "v1", "statefulsets"},
                {"apps", "v1", "daemonsets"},
                {"batch", "v1", "jobs"},
                {"networking.k8s.io", "v1", "ingresses"},
                {"rbac.authorization.k8s.io", "v1", "roles"},
                {"rbac.authorization.k8s.io", "v1", "rolebindings"},
                {"apps.wandb.com", "v1", "weightsandbiases"}};
  Content content;
  for (const auto& kind : kKinds) {
    const auto list =
        client.List(ctx, {kind.group, kind.version, kind.resource, ns}, {});
    if (!list.ok() && kube::IsKindNotServed(list.status())) continue;
    if (!list.ok()) return list.status();
    for (const base::Json& object : list->items) {
      if (Replaceable(object) || kube::IsTerminating(object)) continue;
      content.left.push_back(absl::StrCat(kube::KindOf(object), " \"",
                                          kube::NameOf(object), "\""));
      if (base::Find(object, "/metadata/ownerReferences/0") == nullptr) {
        content.all_owned = false;
      }
    }
  }
  return content;
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
  auto created = client.Apply(
      ctx, ref, body, {.field_manager = manager, .create_only = true});
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

absl::StatusOr<std::string> EnsureNamespace(const base::Context& ctx,
                                            kube::Client& client,
                                            const std::string& ns,
                                            const std::string& manager) {
  // The label has this value anyhow; with it the server remembers who made the
  // namespace.
  const base::Json body = {
      {"apiVersion", "v1"},
      {"kind", "Namespace"},
      {"metadata",
       {{"name", ns}, {"labels", {{"kubernetes.io/metadata.name", ns}}}}}};
  ASSIGN_OR_RETURN(
      const CreateResult result,
      CreateOrAdopt(ctx, client, kube::NamespaceRef(ns), body, manager));
  if (result.found == Found::kForeign) return std::string();
  return kube::UidOf(result.applied.object);
}

absl::StatusOr<std::vector<std::string>> DeleteEmptyNamespace(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::string& uid) {
  const base::Context patience = ctx.WithTimeout(kCollection);
  Content content;
  do {
    ASSIGN_OR_RETURN(content, ContentOf(ctx, client, ns));
    // The garbage collector takes what has lost its owner; nothing announces
    // that it is done.
  } while (!content.left.empty() && content.all_owned &&
           patience.SleepFor(absl::Seconds(1)).ok());
  RETURN_IF_ERROR(ctx.Check());
  if (!content.left.empty()) return content.left;
  const kube::ObjectRef ref = kube::NamespaceRef(ns);
  const absl::Status deleted = client.Delete(ctx, ref, {.uid = uid});
  if (!deleted.ok() && !kube::IsStale(deleted)) return deleted;
  RETURN_IF_ERROR(kube::AwaitGone(ctx, client, ref, uid));
  return content.left;
}

}  // namespace resources
