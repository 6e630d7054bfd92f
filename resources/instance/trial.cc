#include "resources/instance/trial.h"

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "kube/migrate_managers.h"
#include "kube/object_ref.h"
#include "kube/ssa/update.h"
#include "kube/status.h"
#include "resources/instance/write.h"
#include "resources/outcome.h"
#include "resources/trial.h"

namespace resources {
namespace {

using base::Json;

// A JSON patch that makes `outcome` of the object with `uid`.
Json PatchTo(const Json& outcome, const std::string& uid) {
  Json patch = Json::array();
  const auto add = [&patch](const char* op, const char* path, Json value) {
    patch.push_back({{"op", op}, {"path", path}, {"value", std::move(value)}});
  };
  if (!uid.empty()) add("test", "/metadata/uid", uid);
  for (const char* path : {"/metadata/labels", "/metadata/annotations"}) {
    const Json* map = base::Find(outcome, path);
    add("add", path, map == nullptr ? Json::object() : *map);
  }
  if (outcome.contains("spec")) add("add", "/spec", outcome["spec"]);
  return patch;
}

}  // namespace

absl::StatusOr<UpdateSteps> StepsOf(const base::Context& ctx,
                                    kube::Client& client,
                                    const kube::ObjectRef& ref,
                                    const Json& before, const Json& body,
                                    const ssa::UpdateRules& rules) {
  UpdateSteps steps;
  if (rules.sources.empty() &&
      !MayEmptyMaps(before.value("spec", Json()), body.value("spec", Json()))) {
    return steps;
  }
  auto live = client.Get(ctx, ref);
  if (absl::IsNotFound(live.status())) return steps;
  RETURN_IF_ERROR(live.status());
  if (!rules.uid.empty() && kube::UidOf(*live) != rules.uid) return steps;
  const std::optional<Json> given =
      kube::MigrateManagers(*live, {.manager = rules.manager,
                                    .api_version = kube::ApiVersionOf(ref),
                                    .sources = rules.sources});
  if (given.has_value()) (*live)["metadata"]["managedFields"] = *given;
  steps.emptying = OutcomeOf(*live, body, rules.manager).emptying;
  if (given.has_value() || !steps.emptying.is_null()) {
    steps.live = *std::move(live);
  }
  return steps;
}

absl::Status TryUpdate(const base::Context& ctx, kube::Client& client,
                       const kube::ObjectRef& ref, const Json& body,
                       const ssa::UpdateRules& rules,
                       const UpdateSteps& steps) {
  if (steps.ApplyOnly()) return TryApply(ctx, client, ref, body, rules);
  Json sent = body;
  const Json kept = OutcomeOf(steps.live, body, rules.manager).kept;
  absl::Status status =
      client
          .Apply(ctx, ref, WithUid(kept, rules.uid),
                 {.field_manager = rules.manager, .dry_run = true})
          .status();
  if (kube::HasFieldConflicts(status)) {
    // The server finds them before it looks at anything else.
    if (!ssa::RefusedConflicts(status, rules).empty()) return status;
    ssa::GiveUp(rules, kube::FieldConflicts(status), sent);
  }
  const Json outcome = OutcomeOf(steps.live, sent, rules.manager).object;
  status = client
               .Patch(ctx, ref, PatchTo(outcome, rules.uid),
                      {.field_manager = rules.manager,
                       .type = kube::PatchType::kJson,
                       .dry_run = true})
               .status();
  return OfTrial(ctx, client, ref, rules.uid, status);
}

}  // namespace resources
