#include "resources/namespace.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/ssa/create.h"
#include "kube/status.h"
#include "resources/namespaced_name.h"
#include "resources/owner.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

// The owner that `live` names by this provider's own hand: as `manager`, or as
// a former field_manager.
std::string OwnerBy(const base::Json& live, const std::string& manager) {
  return OwnerOf(
      kube::PartOwnedBy(live, [&manager](const kube::ManagerEntry& entry) {
        return (entry.manager == manager && entry.operation == "Apply") ||
               AppliedOwnerOnly(entry);
      }));
}

base::Json NamespaceBody(const std::string& ns, const std::string& owner) {
  return {
      {"apiVersion", "v1"},
      {"kind", "Namespace"},
      {"metadata",
       {{"name", ns}, {"annotations", {{wandb::kOwnerAnnotation, owner}}}}}};
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

}  // namespace

std::string CreatedNamespace(const base::Json& private_data) {
  return base::StringAt(private_data, absl::StrCat("/", kCreatedNamespace))
      .value_or("");
}

bool HasLostMaker(const base::Context& ctx, kube::Client& client,
                  const base::Json& live, const std::string& owner,
                  const std::string& manager) {
  const std::string maker = OwnerBy(live, manager);
  if (maker.empty() || maker == owner || kube::IsTerminating(live)) {
    return false;
  }
  const std::vector<kube::ObjectRef> objects = MainObjectsOf(maker);
  return !objects.empty() &&
         std::all_of(objects.begin(), objects.end(), [&](const auto& ref) {
           return absl::IsNotFound(client.Get(ctx, ref).status());
         });
}

bool IsOrphaned(const base::Context& ctx, kube::Client& client,
                const base::Json& live, const std::string& owner,
                const std::string& manager) {
  return ssa::AgeOf(live, absl::Now()) >= kAtWork &&
         HasLostMaker(ctx, client, live, owner, manager);
}

absl::StatusOr<OwnNamespace> EnsureNamespace(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::string& owner, bool take_back, const std::string& manager) {
  const auto result = ssa::CreateOrAdopt(ctx, client, kube::NamespaceRef(ns),
                                         NamespaceBody(ns, owner), manager);
  RETURN_IF_ERROR(OfHeldNamespace(result.status()));
  const base::Json& live = result->applied.object;
  const bool created = result->found == ssa::Found::kCreated;
  if (!created && take_back && IsOrphaned(ctx, client, live, owner, manager)) {
    base::Json body = NamespaceBody(ns, owner);
    body["metadata"]["uid"] = kube::UidOf(live);
    body["metadata"]["resourceVersion"] = kube::ResourceVersionOf(live);
    // A former field_manager may have named the maker.
    const auto applied =
        client.Apply(ctx, kube::NamespaceRef(ns), body,
                     {.field_manager = manager, .force = true});
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

std::optional<DyingNamespace> DyingNamespaceOf(const base::Json& live) {
  if (!kube::IsTerminating(live) &&
      base::StringAt(live, "/status/phase") != "Terminating") {
    return std::nullopt;
  }
  const kube::ObjectRef ref = kube::NamespaceRef(kube::NameOf(live));
  const std::string what = absl::StrCat("amespace \"", ref.name, "\" ");
  return DyingNamespace{
      absl::StrCat("n", what, "is being deleted"),
      absl::StrCat("N", what, kube::DescribeDeletion(live),
                   ". Nothing can be created in it, and what is in it goes "
                   "with it. To see what is left to do: ",
                   kube::LookCommand(ref))};
}

std::optional<DyingNamespace> FindDyingNamespace(const base::Context& ctx,
                                                 kube::Client& client,
                                                 const std::string& ns) {
  // A remark beside what is asked in earnest: nobody waits for it.
  const auto live = client.Get(ctx.WithoutRetries(), kube::NamespaceRef(ns));
  return live.ok() ? DyingNamespaceOf(*live) : std::nullopt;
}

absl::Status OfHeldNamespace(const absl::Status& status) {
  if (!kube::IsHeld(status)) return status;
  // Not as one whose time was up: more of it would not help.
  return absl::FailedPreconditionError(absl::StrCat(
      status.message(),
      ".\n\nWhat remains in it has to go first: its own controllers take it "
      "away, or whoever set a finalizer there. Apply again once the namespace "
      "is gone."));
}

}  // namespace resources
