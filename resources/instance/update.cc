#include "resources/instance/update.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/managed_fields.h"
#include "kube/migrate_managers.h"
#include "kube/object_ref.h"
#include "kube/ssa/replaced.h"
#include "kube/status.h"
#include "resources/instance/conflicts.h"
#include "resources/instance/others.h"
#include "resources/outcome.h"
#include "resources/trial.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/others.h"

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

// `object` as a write to no other object than that with `uid`, unless it is "".
Json WithUid(Json object, const std::string& uid) {
  if (!uid.empty()) object["metadata"]["uid"] = uid;
  return object;
}

// Without what is left to others, who may keep it.
Json WithoutLeft(Json body, const std::vector<wandb::Path>& left) {
  const Json* values = base::Find(body, "/spec/values");
  if (values == nullptr || left.empty()) return body;
  Json own = wandb::LeaveToOthers(*values, left).own;
  if (own.is_null()) {
    body["spec"].erase("values");
  } else {
    body["spec"]["values"] = std::move(own);
  }
  return body;
}

// Whether `conflict` is about what is left to others: somebody has taken it
// over just now.
bool IsLeft(const Compiled& compiled, const kube::FieldConflict& conflict) {
  return std::any_of(compiled.left_paths.begin(), compiled.left_paths.end(),
                     [&](const wandb::Path& path) {
                       kube::KeyPath keys = {"spec", "values"};
                       for (const wandb::Step& step : path) {
                         keys.push_back(step.key);
                       }
                       const std::string field = kube::FormatKeyPath(keys);
                       return conflict.field == field ||
                              absl::StartsWith(conflict.field,
                                               absl::StrCat(field, "."));
                     });
}

// Whether `conflict` is about a standard label that the configuration does not
// set itself: whoever holds it, such as Argo CD, may keep it.
bool IsStandardLabel(const InstanceModel& planned,
                     const kube::FieldConflict& conflict) {
  const InstanceModel::StringMap own = planned.labels.value_or({});
  for (const auto& [label, value] :
       wandb::StandardLabels(planned.name.value())) {
    if (own.count(label) == 0 &&
        conflict.field == absl::StrCat(".metadata.labels.", label)) {
      return true;
    }
  }
  return false;
}

}  // namespace

InstanceUpdate::InstanceUpdate(const Desired& before, const Desired& wanted,
                               const std::string& manager,
                               const InstanceNotes& notes)
    : wanted_(wanted),
      ref_(before.ref()),
      before_body_(before.body()),
      body_(wanted.body()),
      manager_(manager),
      uid_(before.model.uid.value_or("")),
      sources_(notes.SourcesFor(
          manager, WithoutLeft(before_body_, wanted.compiled.left_paths))),
      beside_others_(notes.layers.others.has_value() &&
                     !notes.layers.others->values.empty()) {}

ssa::UpdateRules InstanceUpdate::Rules() const {
  return {.manager = manager_,
          .uid = uid_,
          .may_force =
              [this](const kube::FieldConflict& conflict) {
                return ssa::IsHandEdit(before_body_, body_, conflict) ||
                       IsForced(wanted_.model, body_, conflict);
              },
          .may_yield =
              [this](const kube::FieldConflict& conflict) {
                return IsStandardLabel(wanted_.model, conflict) ||
                       IsLeft(wanted_.compiled, conflict);
              },
          .sources = sources_};
}

absl::StatusOr<UpdateSteps> InstanceUpdate::Steps(const base::Context& ctx,
                                                  kube::Client& client) const {
  UpdateSteps steps = {.body = body_};
  const std::vector<wandb::Path>& left = wanted_.compiled.left_paths;
  if (sources_.empty() && !beside_others_ && left.empty() &&
      !MayEmptyMaps(before_body_.value("spec", Json()),
                    body_.value("spec", Json()))) {
    return steps;
  }
  auto live = client.Get(ctx, ref_);
  if (absl::IsNotFound(live.status())) return steps;
  RETURN_IF_ERROR(live.status());
  if (!uid_.empty() && kube::UidOf(*live) != uid_) return steps;
  const std::optional<Json> given =
      kube::MigrateManagers(*live, {.manager = manager_,
                                    .api_version = kube::ApiVersionOf(ref_),
                                    .sources = sources_});
  if (given.has_value()) (*live)["metadata"]["managedFields"] = *given;
  steps.body =
      KeepingOthers(*live, KeepingLeft(*live, body_, manager_, left), manager_);
  steps.emptying = OutcomeOf(*live, steps.body, manager_).emptying;
  if (given.has_value() || !steps.emptying.is_null()) {
    steps.live = *std::move(live);
  }
  return steps;
}

absl::Status InstanceUpdate::Try(const base::Context& ctx, kube::Client& client,
                                 const UpdateSteps& steps) const {
  const ssa::UpdateRules rules = Rules();
  if (steps.ApplyOnly()) {
    return TryApply(ctx, client, ref_, steps.body, rules);
  }
  Json sent = steps.body;
  const Json kept = OutcomeOf(steps.live, sent, manager_).kept;
  absl::Status status = client
                            .Apply(ctx, ref_, WithUid(kept, uid_),
                                   {.field_manager = manager_, .dry_run = true})
                            .status();
  if (kube::HasFieldConflicts(status)) {
    // The server finds them before it looks at anything else.
    if (!ssa::RefusedConflicts(status, rules).empty()) return status;
    ssa::GiveUp(rules, kube::FieldConflicts(status), sent);
  }
  const Json outcome = OutcomeOf(steps.live, sent, manager_).object;
  status = client
               .Patch(ctx, ref_, PatchTo(outcome, uid_),
                      {.field_manager = manager_,
                       .type = kube::PatchType::kJson,
                       .dry_run = true})
               .status();
  return OfTrial(ctx, client, ref_, uid_, status);
}

absl::StatusOr<kube::Applied> InstanceUpdate::Make(const base::Context& ctx,
                                                   kube::Client& client) const {
  ASSIGN_OR_RETURN(const UpdateSteps steps, Steps(ctx, client));
  if (!steps.ApplyOnly()) RETURN_IF_ERROR(Try(ctx, client, steps));
  if (!steps.emptying.is_null()) {
    const auto patched = client.Patch(ctx, ref_, WithUid(steps.emptying, uid_),
                                      {.field_manager = manager_});
    RETURN_IF_ERROR(
        ssa::ExplainIfReplaced(ctx, client, ref_, uid_, patched.status()));
  }
  return ssa::UpdateOwned(ctx, client, ref_, steps.body, Rules());
}

std::string InstanceUpdate::ExplainConflicts(const base::Context& ctx,
                                             kube::Client& client,
                                             const absl::Status& failed) const {
  return resources::ExplainConflicts(ctx, client, wanted_,
                                     ssa::RefusedConflicts(failed, Rules()));
}

}  // namespace resources
