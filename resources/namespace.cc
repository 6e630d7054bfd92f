#include "resources/namespace.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/apply.h"
#include "resources/namespaced_name.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/operator_manifests.h"

namespace resources {
namespace {

// Who makes and changes objects in a namespace without being asked: the control
// plane, OpenShift, Istio.
constexpr absl::string_view kControllers[] = {
    "kube-controller-manager",      "kube-apiserver",
    "openshift-controller-manager", "cluster-openshift-controller-manager",
    "cluster-policy-controller",    "pilot-discovery"};

bool IsController(const std::string& manager) {
  return std::find(std::begin(kControllers), std::end(kControllers), manager) !=
         std::end(kControllers);
}

// What comes by itself, and comes again in another namespace; but only as the
// controllers made it. Somebody else's fields in it could be missed.
struct Bookkeeping {
  absl::string_view kind;
  absl::string_view name;  // "": of any name.
  absl::string_view type;  // Of a Secret.
};
constexpr Bookkeeping kBookkeeping[] = {
    {"ConfigMap", "kube-root-ca.crt", ""},
    {"ConfigMap", "openshift-service-ca.crt", ""},
    {"ConfigMap", "istio-ca-root-cert", ""},
    {"ServiceAccount", "default", ""},
    {"ServiceAccount", "builder", ""},
    {"ServiceAccount", "deployer", ""},
    {"RoleBinding", "system:deployers", ""},
    {"RoleBinding", "system:image-builders", ""},
    {"RoleBinding", "system:image-pullers", ""},
    {"Secret", "", "kubernetes.io/service-account-token"},
    {"Secret", "", "kubernetes.io/dockercfg"},
    {"Endpoints", "", ""},
    {"EndpointSlice", "", ""},
};

bool Replaceable(const base::Json& object) {
  const std::string kind = kube::KindOf(object);
  const std::string name = kube::NameOf(object);
  if (kind == "Lease") return name == wandb::kLeaderLease;
  const std::string type = base::StringAt(object, "/type").value_or("");
  const bool known = std::any_of(
      std::begin(kBookkeeping), std::end(kBookkeeping),
      [&](const Bookkeeping& each) {
        return each.kind == kind && (each.name.empty() || each.name == name) &&
               (each.type.empty() || each.type == type);
      });
  const std::vector<kube::ManagerEntry> managers = kube::ManagersOf(object);
  // Only the bare one of the control plane has no fields that anybody owns.
  if (managers.empty()) return known && name == "default";
  return known && std::all_of(managers.begin(), managers.end(),
                              [](const kube::ManagerEntry& entry) {
                                return IsController(entry.manager);
                              });
}

// Who else wants the namespace to be as it is: a manager that applies it, by
// server or by client. "" for nobody.
std::string OtherApplier(const base::Json& live, const std::string& manager) {
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.operation == "Apply" && entry.manager != manager) {
      return entry.manager;
    }
  }
  const base::Json* annotations = base::Find(live, "/metadata/annotations");
  return annotations != nullptr && annotations->contains(kube::kLastApplied)
             ? "kubectl apply"
             : "";
}

// The owner that `live` names by the hand of `manager` itself.
std::string OwnerBy(const base::Json& live, const std::string& manager) {
  return OwnerOf(
      kube::PartOwnedBy(live, [&manager](const kube::ManagerEntry& entry) {
        return entry.manager == manager && entry.operation == "Apply";
      }));
}

base::Json NamespaceBody(const std::string& ns, const std::string& owner) {
  return {
      {"apiVersion", "v1"},
      {"kind", "Namespace"},
      {"metadata",
       {{"name", ns}, {"annotations", {{wandb::kOwnerAnnotation, owner}}}}}};
}

// The garbage collector learns of new kinds every 30 seconds.
constexpr absl::Duration kCollection = absl::Minutes(2);
// For what another server than the API server itself has to answer.
constexpr absl::Duration kAggregated = absl::Seconds(10);

// Whether the API server itself has the kinds of this group.
bool IsBuiltIn(const std::string& group) {
  return !absl::StrContains(group, ".") || absl::EndsWith(group, ".k8s.io");
}

// Of an object only what AddContent() reads: there may be many.
bool KeepNames(base::Json& object) {
  if (Replaceable(object) || kube::IsTerminating(object)) return false;
  base::Json slim;
  slim["kind"] = kube::KindOf(object);
  slim["metadata"]["name"] = kube::NameOf(object);
  slim["metadata"]["uid"] = kube::UidOf(object);
  if (const base::Json* owner =
          base::Find(object, "/metadata/ownerReferences/0")) {
    slim["metadata"]["ownerReferences"] = base::Json::array({*owner});
  }
  if (const std::string resource = OwnerOf(object); !resource.empty()) {
    slim["metadata"]["annotations"][wandb::kOwnerAnnotation] = resource;
  }
  object = std::move(slim);
  return true;
}

// As Client::List(). What stands behind a group that is not built in may be
// away for good; that is found out in a short time, but not taken from a server
// that does not answer at all.
absl::StatusOr<kube::ObjectList> ListIn(const base::Context& ctx,
                                        kube::Client& client,
                                        const kube::CollectionRef& kind) {
  const kube::ListOptions options = {.keep = &KeepNames};
  if (IsBuiltIn(kind.group)) return client.List(ctx, kind, options);
  auto list = client.List(ctx.WithTimeout(kAggregated), kind, options);
  if (!absl::IsUnavailable(list.status()) &&
      !absl::IsDeadlineExceeded(list.status())) {
    return list;
  }
  RETURN_IF_ERROR(client.ServerVersion(ctx).status());
  return client.List(ctx.WithTimeout(kAggregated), kind, options);
}

// `secrets (HTTP 403 Forbidden)`, or "" if the failure does not hide anything.
std::string Hidden(const kube::CollectionRef& kind,
                   const absl::Status& status) {
  if (kube::IsKindNotServed(status)) return "";
  const std::string name =
      absl::StrCat(kind.resource, kind.group.empty() ? "" : ".", kind.group);
  const int code = kube::HttpCode(status);
  if (code == 0) return absl::StrCat(name, " (no answer)");
  const std::string reason = kube::Reason(status);
  return absl::StrCat(name, " (HTTP ", code, reason.empty() ? "" : " ", reason,
                      ")");
}

// What one look at a namespace finds.
struct Content {
  struct Object {
    kube::ObjectRef ref;
    std::string uid;
  };

  Rest rest;
  std::vector<Object> left;
  bool all_owned = true;  // By other objects, gone or not.
};

// The value of kOwnerAnnotation of what the instance makes.
std::string InstanceOwner(absl::string_view ns, absl::string_view name) {
  return absl::StrCat(wandb::kKind, "/", ns, "/", name);
}

// Adds the objects of a kind in namespace `ns`.
void AddContent(const kube::CollectionRef& kind, const std::string& ns,
                const std::vector<base::Json>& objects, Content& content) {
  for (const base::Json& object : objects) {
    content.left.push_back(
        {{kind.group, kind.version, kind.resource, ns, kube::NameOf(object)},
         kube::UidOf(object)});
    content.rest.left.push_back(
        absl::StrCat(kube::KindOf(object), " \"", kube::NameOf(object), "\""));
    if (base::Find(object, "/metadata/ownerReferences/0") == nullptr) {
      content.all_owned = false;
    }
    const std::string resource = kube::KindOf(object) == wandb::kKind
                                     ? InstanceOwner(ns, kube::NameOf(object))
                                     : OwnerOf(object);
    if (!resource.empty()) content.rest.residents.insert(resource);
  }
}

// What is in namespace `ns` of these kinds.
absl::StatusOr<Content> ContentOf(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::vector<kube::CollectionRef>& kinds) {
  std::vector<absl::StatusOr<kube::ObjectList>> lists(kinds.size());
  std::vector<std::function<void()>> tasks;
  for (size_t i = 0; i < kinds.size(); ++i) {
    tasks.push_back([&ctx, &client, &ns, kind = kinds[i], &list = lists[i]] {
      list = ListIn(ctx, client, {kind.group, kind.version, kind.resource, ns});
    });
  }
  base::RunInParallel(tasks);
  RETURN_IF_ERROR(ctx.Check());
  Content content;
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (lists[i].ok()) {
      AddContent(kinds[i], ns, lists[i]->items, content);
      continue;
    }
    const absl::Status& failure = lists[i].status();
    const bool answered =
        kube::HttpCode(failure) != 0 || !IsBuiltIn(kinds[i].group);
    if (!answered) return failure;
    std::string hidden = Hidden(kinds[i], failure);
    if (!hidden.empty()) content.rest.hidden.push_back(std::move(hidden));
  }
  return content;
}

// All kinds of the server, but for the one that only tells of other objects.
absl::StatusOr<kube::NamespacedKinds> KindsOf(const base::Context& ctx,
                                              kube::Client& client) {
  ASSIGN_OR_RETURN(kube::NamespacedKinds found,
                   client.ListNamespacedKinds(ctx));
  std::erase_if(found.kinds, [](const kube::CollectionRef& kind) {
    return kind.resource == "events";
  });
  return found;
}

// Waits until each of `objects` is gone or on its way out.
absl::Status AwaitCollected(const base::Context& ctx, kube::Client& client,
                            const std::vector<Content::Object>& objects) {
  for (const Content::Object& each : objects) {
    RETURN_IF_ERROR(
        kube::AwaitObject(
            ctx, client, each.ref,
            [&each](const base::Json* live) -> absl::StatusOr<bool> {
              return kube::FateOf(live, each.uid) != kube::Fate::kThere;
            })
            .status());
  }
  return absl::OkStatus();
}

// What is in namespace `ns` once the garbage collector, which takes what has
// lost its owner, is done with it.
absl::StatusOr<Rest> RestOf(const base::Context& ctx, kube::Client& client,
                            const std::string& ns) {
  const auto found = KindsOf(ctx, client);
  if (!found.ok()) {
    // A server may keep its kinds to itself.
    if (kube::HttpCode(found.status()) != 403) return found.status();
    return Rest{.hidden = {absl::StrCat("the list of kinds (HTTP 403)")}};
  }
  ASSIGN_OR_RETURN(Content content, ContentOf(ctx, client, ns, found->kinds));
  Rest rest = std::move(content.rest);
  for (const std::string& version : found->unknown) {
    rest.hidden.push_back(absl::StrCat(version, " (no answer)"));
  }
  const base::Context patience = ctx.WithTimeout(kCollection);
  while (!rest.left.empty() && content.all_owned && rest.hidden.empty() &&
         patience.Check().ok()) {
    const absl::Status collected =
        AwaitCollected(patience, client, content.left);
    if (absl::IsUnavailable(collected)) return collected;
    if (!collected.ok()) break;
    ASSIGN_OR_RETURN(content, ContentOf(ctx, client, ns, found->kinds));
    rest = content.rest;
  }
  RETURN_IF_ERROR(ctx.Check());
  return rest;
}

// At most so many of each are named.
constexpr size_t kNamed = 20;

std::string Listed(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamed);
  std::string text = absl::StrJoin(names.begin(), names.begin() + shown, ", ");
  if (names.size() > shown) {
    absl::StrAppend(&text, " and ", names.size() - shown, " more");
  }
  return text;
}

std::string WhyKept(const Rest& rest) {
  std::string text;
  if (!rest.owner.empty()) {
    absl::StrAppend(&text, "It says that it belongs to ", rest.owner, ". ");
  }
  if (!rest.applier.empty()) {
    absl::StrAppend(&text, "Manager \"", rest.applier, "\" applies it, too. ");
  }
  if (!rest.left.empty()) {
    absl::StrAppend(&text, "It holds objects that this resource did not make: ",
                    Listed(rest.left), ". ");
  }
  if (!rest.hidden.empty()) {
    absl::StrAppend(&text,
                    "It may hold objects of kinds that could not be listed: ",
                    Listed(rest.hidden), ". ");
  }
  return text;
}

// `wandb_operator "ns/name"`
std::string ResourceNamed(absl::string_view owner) {
  const bool instance =
      absl::ConsumePrefix(&owner, absl::StrCat(wandb::kKind, "/"));
  return absl::StrCat(instance ? "wandb_instance" : "wandb_operator", " \"",
                      owner, "\"");
}

// What to do with a namespace that was kept.
std::string WhatToDo(const Rest& rest) {
  if (!rest.residents.empty()) {
    std::vector<std::string> names;
    for (const std::string& owner : rest.residents) {
      names.push_back(ResourceNamed(owner));
    }
    return absl::StrCat("Leave it: ", Listed(names), " needs it.");
  }
  if (!rest.owner.empty()) {
    return "Leave it, unless nothing is left of that resource.";
  }
  // No command that does it: a rename makes the next operator right after.
  return "Delete it by hand only if nothing there is needed, and no other "
         "resource uses it by now, such as the one that takes the place of "
         "this one.";
}

// For how long a maker may not have got to its own objects yet.
constexpr absl::Duration kAtWork = absl::Minutes(1);

// The objects without which nothing is left of the resource that is called
// `owner` in kOwnerAnnotation; none if it is no such name.
std::vector<kube::ObjectRef> MainObjectsOf(absl::string_view owner) {
  const bool instance =
      absl::ConsumePrefix(&owner, absl::StrCat(wandb::kKind, "/"));
  const auto id = ParseNamespacedName(owner);
  if (!id.has_value()) return {};
  if (instance) {
    return {{wandb::kGroup, wandb::kVersion, wandb::kPlural, id->ns, id->name,
             wandb::kKind}};
  }
  const wandb::OperatorSettings settings = {.name = id->name, .ns = id->ns};
  return {kube::DeploymentRef(id->ns, wandb::OperatorDeploymentName(settings)),
          {"", "v1", "serviceaccounts", id->ns,
           wandb::OperatorServiceAccountName(settings)}};
}

// Who may not see a namespace did not make it either.
bool IsNotThereForUs(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsPermissionDenied(status);
}

}  // namespace

std::string CreatedNamespace(const base::Json& private_data) {
  return base::StringAt(private_data, absl::StrCat("/", kCreatedNamespace))
      .value_or("");
}

bool IsOrphaned(const base::Context& ctx, kube::Client& client,
                const base::Json& live, const std::string& owner,
                const std::string& manager) {
  const std::string maker = OwnerBy(live, manager);
  if (maker.empty() || maker == owner || kube::IsTerminating(live) ||
      AgeOf(live, absl::Now()) < kAtWork) {
    return false;
  }
  const std::vector<kube::ObjectRef> objects = MainObjectsOf(maker);
  return !objects.empty() &&
         std::all_of(objects.begin(), objects.end(), [&](const auto& ref) {
           return absl::IsNotFound(client.Get(ctx, ref).status());
         });
}

absl::StatusOr<OwnNamespace> EnsureNamespace(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::string& owner, bool take_back, const std::string& manager) {
  ASSIGN_OR_RETURN(const CreateResult result,
                   CreateOrAdopt(ctx, client, kube::NamespaceRef(ns),
                                 NamespaceBody(ns, owner), manager));
  const base::Json& live = result.applied.object;
  const bool created = result.found == Found::kCreated;
  if (!created && take_back && IsOrphaned(ctx, client, live, owner, manager)) {
    base::Json body = NamespaceBody(ns, owner);
    body["metadata"]["uid"] = kube::UidOf(live);
    body["metadata"]["resourceVersion"] = kube::ResourceVersionOf(live);
    const auto applied = client.Apply(ctx, kube::NamespaceRef(ns), body,
                                      {.field_manager = manager});
    // Another resource was first.
    if (kube::IsStale(applied.status())) return OwnNamespace();
    RETURN_IF_ERROR(applied.status());
    return OwnNamespace{.uid = kube::UidOf(live)};
  }
  if (!created && (!take_back || OwnerBy(live, manager) != owner)) {
    return OwnNamespace();
  }
  return OwnNamespace{.uid = kube::UidOf(live), .created = created};
}

absl::Status TryNamespace(const base::Context& ctx, kube::Client& client,
                          const std::string& ns, const std::string& owner,
                          const std::string& manager) {
  const absl::Status status =
      client
          .Apply(
              ctx, kube::NamespaceRef(ns), NamespaceBody(ns, owner),
              {.field_manager = manager, .dry_run = true, .create_only = true})
          .status();
  return kube::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

absl::StatusOr<Rest> DeleteEmptyNamespace(const base::Context& ctx,
                                          kube::Client& client,
                                          const std::string& ns,
                                          const std::string& uid,
                                          const std::string& owner,
                                          const std::string& manager) {
  const kube::ObjectRef ref = kube::NamespaceRef(ns);
  const auto live = client.Get(ctx, ref);
  if (absl::IsNotFound(live.status())) return Rest();
  RETURN_IF_ERROR(live.status());
  if (kube::UidOf(*live) != uid) return Rest();  // Ours is gone.
  if (const std::string named = OwnerOf(*live);
      !named.empty() && named != owner) {
    return Rest{.owner = named};
  }
  if (!kube::IsTerminating(*live)) {
    if (std::string other = OtherApplier(*live, manager); !other.empty()) {
      return Rest{.applier = std::move(other)};
    }
    ASSIGN_OR_RETURN(Rest rest, RestOf(ctx, client, ns));
    rest.residents.erase(owner);
    if (!rest.empty()) return rest;
    const absl::Status deleted = client.Delete(ctx, ref, {.uid = uid});
    if (!deleted.ok() && !kube::IsStale(deleted)) return deleted;
  }
  RETURN_IF_ERROR(kube::AwaitGone(ctx, client, ref, uid));
  return Rest();
}

void DeleteOwnNamespace(const base::Context& ctx, kube::Client& client,
                        const NamespaceOf& own, base::Json& private_data,
                        tf::Diagnostics& diags) {
  std::string uid = CreatedNamespace(private_data);
  if (uid.empty() && own.makes) {
    const auto live = client.Get(ctx, kube::NamespaceRef(own.ns));
    if (live.ok()) {
      if (OwnerOf(*live) == own.owner) uid = kube::UidOf(*live);
    } else if (!IsNotThereForUs(live.status())) {
      return ReportStatus(
          absl::StrCat("Cannot read namespace \"", own.ns, "\""), live.status(),
          own.session, own.scrubber, diags);
    }
  }
  if (uid.empty()) return;
  const auto rest = DeleteEmptyNamespace(ctx, client, own.ns, uid, own.owner,
                                         own.session.field_manager());
  if (!rest.ok()) {
    diags.AddError(
        absl::StrCat("Cannot delete namespace \"", own.ns, "\""),
        absl::StrCat(Explain(rest.status(), own.session, own.scrubber),
                     "\n\nAll else is deleted. The next destroy goes on with "
                     "the namespace."));
  } else if (!rest->empty()) {
    diags.AddWarning(absl::StrCat("Namespace \"", own.ns, "\" was kept"),
                     absl::StrCat(WhyKept(*rest), WhatToDo(*rest)));
  }
}

bool KeepsNamespace(const base::Context& ctx, kube::Client& client,
                    const NamespaceOf& own, const base::Json& private_data,
                    tf::Diagnostics& diags) {
  const std::string uid = CreatedNamespace(private_data);
  if (uid.empty() && !own.makes) return false;
  const auto live = client.Get(ctx, kube::NamespaceRef(own.ns));
  if (absl::IsNotFound(live.status())) return false;
  if (uid.empty() && (live.ok() ? OwnerOf(*live) != own.owner
                                : IsNotThereForUs(live.status()))) {
    return false;
  }
  if (absl::IsPermissionDenied(live.status())) {
    diags.AddWarning(
        absl::StrCat("Namespace \"", own.ns, "\" may be left"),
        absl::StrCat("This resource made it, and all else that it made is "
                     "gone. ",
                     Explain(live.status(), own.session, own.scrubber)));
    return false;
  }
  if (!live.ok()) {
    ReportStatus(absl::StrCat("Cannot read namespace \"", own.ns, "\""),
                 OfFixedTime(live.status()), own.session, own.scrubber, diags);
    return true;
  }
  if ((!uid.empty() && kube::UidOf(*live) != uid) ||
      kube::IsTerminating(*live)) {
    return false;
  }
  diags.AddWarning(
      absl::StrCat("Only namespace \"", own.ns, "\" is left of ", own.owner),
      "All else that this resource made is gone: deleted outside, or by a "
      "destroy that ended early. An apply makes it again; a destroy deletes "
      "the namespace.");
  return true;
}

}  // namespace resources
