#include "resources/namespace_content.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/condition.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/owner.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/settings.h"

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

// Of the namespace's own ServiceAccount, whose fields nobody owns as long as it
// is the control plane's: whether somebody has changed it. Older servers give
// it a token.
bool IsBare(const base::Json& account) {
  for (const char* path :
       {"/metadata/annotations", "/metadata/labels", "/imagePullSecrets",
        "/automountServiceAccountToken"}) {
    const base::Json* found = base::Find(account, path);
    if (found != nullptr && !found->empty()) return false;
  }
  const base::Json& secrets = base::ListAt(account, "/secrets");
  return std::all_of(
      secrets.begin(), secrets.end(), [](const base::Json& each) {
        return absl::StartsWith(base::StringAt(each, "/name").value_or(""),
                                "default-token-");
      });
}

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
  if (managers.empty()) return known && name == "default" && IsBare(object);
  return known && std::all_of(managers.begin(), managers.end(),
                              [](const kube::ManagerEntry& entry) {
                                return IsController(entry.manager);
                              });
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

// Whether a list that failed so may be answered soon. A kind that was named
// just now and is not served any more is gone by the next look.
bool IsPassing(const kube::CollectionRef& kind, const absl::Status& status) {
  if (kube::IsKindNotServed(status)) return true;
  const int code = kube::HttpCode(status);
  // What stands behind another group may be away for good.
  return IsBuiltIn(kind.group) && (code == 0 || code == 429 || code >= 500);
}

// `secrets (HTTP 403 Forbidden)`
std::string Hidden(const kube::CollectionRef& kind,
                   const absl::Status& status) {
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
    tasks.emplace_back([&ctx, &client, &ns, kind = kinds[i], &list = lists[i]] {
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
    if (IsPassing(kinds[i], failure)) return failure;
    content.rest.hidden.push_back(Hidden(kinds[i], failure));
  }
  return content;
}

// The objects of a definition that namespaces can hold; nullopt for none.
std::optional<kube::CollectionRef> KindDefinedBy(const base::Json& definition) {
  if (base::StringAt(definition, "/spec/scope") != "Namespaced" ||
      !kube::IsTrueCondition(definition, "Established")) {
    return std::nullopt;
  }
  for (const base::Json& version : base::ListAt(definition, "/spec/versions")) {
    if (!base::BoolAt(version, "/served").value_or(false)) continue;
    return kube::CollectionRef{
        base::StringAt(definition, "/spec/group").value_or(""),
        base::StringAt(version, "/name").value_or(""),
        base::StringAt(definition, "/spec/names/plural").value_or(""), ""};
  }
  return std::nullopt;
}

// Adds those that definitions make. The server that answers may have come up a
// moment ago, and then leaves some out without a word; definitions are stored.
// Who may not list them has what the server says.
absl::Status AddDefined(const base::Context& ctx, kube::Client& client,
                        std::vector<kube::CollectionRef>& kinds) {
  std::vector<kube::CollectionRef> defined;
  const auto list = client.List(
      ctx, {"apiextensions.k8s.io", "v1", "customresourcedefinitions", ""},
      {.keep = [&defined](base::Json& definition) {
        if (auto kind = KindDefinedBy(definition)) defined.push_back(*kind);
        return false;
      }});
  if (absl::IsPermissionDenied(list.status())) return absl::OkStatus();
  RETURN_IF_ERROR(list.status());
  for (kube::CollectionRef& each : defined) {
    const bool known = std::any_of(
        kinds.begin(), kinds.end(), [&each](const kube::CollectionRef& kind) {
          return kind.group == each.group && kind.resource == each.resource;
        });
    if (!known) kinds.push_back(std::move(each));
  }
  return absl::OkStatus();
}

// All kinds of the server, but for the one that only tells of other objects.
absl::StatusOr<kube::NamespacedKinds> KindsOf(const base::Context& ctx,
                                              kube::Client& client) {
  ASSIGN_OR_RETURN(kube::NamespacedKinds found,
                   client.ListNamespacedKinds(ctx));
  RETURN_IF_ERROR(AddDefined(ctx, client, found.kinds));
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

}  // namespace

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

}  // namespace resources
