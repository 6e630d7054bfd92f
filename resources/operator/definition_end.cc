#include "resources/operator/definition_end.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/operator/instances.h"
#include "resources/operator/objects.h"
#include "resources/operator/rights.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/generation.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kShownInstances = 5;

kube::ObjectRef Ref() { return kube::CrdRef(wandb::kCrdName); }

// Why a destroy by `owner` leaves a definition that exists, or "".
std::string WhyKept(const Json& live, const std::string& owner) {
  if (wandb::IsOperatorV2(live)) return "It is that of operator v2.";
  const std::string named = OwnerOf(live);
  if (named == owner) return "";
  return named.empty()
             ? "This resource did not make it."
             : absl::StrCat("It belongs to wandb_operator \"", named, "\".");
}

// The instances of the cluster. None where the definition, which is there, is
// not served (yet): then none can be made, either.
absl::StatusOr<std::vector<Json>> AllInstances(const base::Context& ctx,
                                               kube::Client& client) {
  auto list = ListInstances(ctx, client);
  if (kube::IsKindNotServed(list.status())) return std::vector<Json>();
  RETURN_IF_ERROR(list.status());
  return std::move(list->items);
}

std::string Named(const std::vector<Json>& instances) {
  std::vector<std::string> ids;
  for (const Json& each : instances) {
    if (ids.size() == kShownInstances) break;
    ids.push_back(
        absl::StrCat(kube::NamespaceOf(each), "/", kube::NameOf(each)));
  }
  const size_t more = instances.size() - ids.size();
  return absl::StrCat(absl::StrJoin(ids, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

std::string InstancesHoldIt(const std::vector<Json>& instances) {
  return absl::StrCat(
      kube::Describe(Ref()),
      " is to go with the operator, and every instance of the cluster with it, "
      "whoever made it. These exist: ",
      Named(instances),
      ". Destroy them first, or keep the definition: set "
      "crd = { delete_on_destroy = false }, and apply before destroying.");
}

// Whether nothing stands in the way of the end of `live`; an error otherwise.
bool MayGo(const Operation& op, const Json& live) {
  const std::vector<std::string> served = ServedVersions(live);
  const bool known =
      std::find(served.begin(), served.end(), wandb::kVersion) != served.end();
  if (!known) {
    op.diags.AddError(
        absl::StrCat("Cannot delete ", kube::Describe(Ref())),
        absl::StrCat("It does not serve ", wandb::kVersion,
                     ", so that its instances cannot be seen. Keep it (crd = { "
                     "delete_on_destroy = false }, applied first), and delete "
                     "it by hand."));
    return false;
  }
  const auto instances = AllInstances(op.ctx, op.client);
  if (!instances.ok()) {
    ReportStatus(absl::StrCat("Cannot look for instances, which would go with ",
                              kube::Describe(Ref())),
                 instances.status(), op.session, op.scrubber, op.diags);
    return false;
  }
  if (instances->empty()) return true;
  op.diags.AddError(absl::StrCat("Cannot delete ", kube::Describe(Ref()),
                                 ": instances still exist"),
                    InstancesHoldIt(*instances));
  return false;
}

// The definition; null where there is none. nullopt after an error.
std::optional<Json> Look(const Operation& op) {
  auto live = op.client.Get(op.ctx, Ref());
  if (live.ok()) return *std::move(live);
  if (absl::IsNotFound(live.status())) return Json();
  ReportStatus(absl::StrCat("Cannot look at ", kube::Describe(Ref())),
               live.status(), op.session, op.scrubber, op.diags);
  return std::nullopt;
}

bool AwaitEnd(const Operation& op, const Json& live) {
  const absl::Status gone =
      kube::AwaitGone(op.ctx, op.client, Ref(), kube::UidOf(live));
  if (gone.ok()) return true;
  ReportStatus(absl::StrCat("Cannot delete ", kube::Describe(Ref())), gone,
               op.session, op.scrubber, op.diags);
  return false;
}

}  // namespace

bool MayDeleteDefinition(const Operation& op, const std::string& owner) {
  const std::optional<Json> live = Look(op);
  if (!live.has_value()) return false;
  return live->is_null() || kube::IsTerminating(*live) ||
         !WhyKept(*live, owner).empty() || MayGo(op, *live);
}

bool DeleteDefinition(const Operation& op, const std::string& owner) {
  while (true) {
    const std::optional<Json> live = Look(op);
    if (!live.has_value()) return false;
    if (live->is_null()) return true;
    const std::string kept = WhyKept(*live, owner);
    if (!kept.empty()) {
      op.diags.AddWarning(absl::StrCat(kube::Describe(Ref()), " was kept"),
                          kept);
      return true;
    }
    if (kube::IsTerminating(*live)) return AwaitEnd(op, *live);
    if (!MayGo(op, *live)) return false;
    // As it was seen: not one that is another's or another generation's by now.
    const absl::Status requested =
        op.client.Delete(op.ctx, Ref(),
                         {.uid = kube::UidOf(*live),
                          .resource_version = kube::ResourceVersionOf(*live)});
    if (requested.ok()) return AwaitEnd(op, *live);
    if (!kube::IsStale(requested) || !op.ctx.Check().ok()) {
      op.diags.AddError(
          absl::StrCat("Cannot delete ", kube::Describe(Ref())),
          WhyRefused(op, {Deed::Kind::kDelete, {wandb::OperatorCrd()}},
                     requested));
      return false;
    }
  }
}

void WarnOfDefinitionEnd(const base::Context& look, const Session& session,
                         const OperatorModel& state, tf::Diagnostics& diags) {
  if (!EndsDefinition(state) || session.ConfigUnknown()) return;
  const auto client = session.Kube();
  if (!client.ok()) return;
  const auto live = (*client)->Get(look, Ref());
  if (!live.ok() || !WhyKept(*live, IdOf(state)).empty()) return;
  auto instances = AllInstances(look, **client);
  if (!instances.ok()) return;
  std::erase_if(*instances, [&session](const Json& each) {
    return kube::HasApplied(each, session.field_manager());
  });
  if (instances->empty()) return;
  diags.AddWarning(
      absl::StrCat("Destroy of operator ", IdOf(state),
                   " will fail while any instance exists"),
      absl::StrCat(InstancesHoldIt(*instances),
                   "\n\nThis is how it is now: the destroy works if they are "
                   "gone by then."));
}

}  // namespace resources
