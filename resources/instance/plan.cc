#include "resources/instance/plan.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kube/ssa/update.h"
#include "kube/status.h"
#include "resources/instance/body.h"
#include "resources/instance/compile.h"
#include "resources/instance/conflicts.h"
#include "resources/instance/destroy_plan.h"
#include "resources/instance/findings.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/trial.h"
#include "resources/instance/write.h"
#include "resources/namespaced_name.h"
#include "resources/report.h"
#include "resources/spec/effective.h"
#include "resources/trial.h"
#include "resources/values.h"
#include "wandb/leaf_map.h"
#include "wandb/spec.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

// Fills the release that the configuration previews into a create's layers.
void UsePreview(const InstanceModel& planned, RecordedLayers& layers,
                tf::Diagnostics& diags) {
  if (!planned.release.IsKnown() || !planned.release.IsWhollyKnown()) return;
  auto tree = TreeOf(planned.release);
  if (tree.ok()) {
    auto release = wandb::ParseRelease(*tree);
    if (release.ok()) {
      layers.channel = *std::move(release);
      return;
    }
    tree = release.status();
  }
  diags.AddError("release", "Invalid release", tree.status().message());
}

// What an update starts from.
struct Before {
  const InstanceModel& model;
  const Compiled compiled;
};

// Takes out of the findings the clashes that the prior state has, too, and that
// the change does not touch: they may be somebody else's mistake, and must not
// stop the plan of everything else. They fail the apply.
std::vector<wandb::Problem> TakeStandingClashes(const Before& before,
                                                const Compiled& compiled,
                                                const RecordedLayers& layers,
                                                wandb::Evaluation& evaluation) {
  std::vector<wandb::Problem> standing;
  if (evaluation.effective.problems.empty()) return standing;
  const auto known =
      EvaluateOver(before.model, before.compiled, layers).effective.problems;
  for (const wandb::Problem& clash : evaluation.effective.problems) {
    const auto path = wandb::ParsePath(clash.path);
    if (!path.ok()) continue;
    const Json* old = wandb::FindPath(before.compiled.values, *path);
    const Json* now = wandb::FindPath(compiled.values, *path);
    const bool untouched = (old == nullptr) == (now == nullptr) &&
                           (old == nullptr || *old == *now);
    if (untouched &&
        std::find(known.begin(), known.end(), clash) != known.end()) {
      standing.push_back(clash);
    }
  }
  std::erase_if(evaluation.findings, [&](const wandb::Problem& finding) {
    return std::any_of(
        standing.begin(), standing.end(), [&](const wandb::Problem& clash) {
          return clash.id == finding.id && clash.path == finding.path;
        });
  });
  return standing;
}

// Whether the change shows what the layers are recorded without: of what was
// hidden they have placeholders only.
bool ShowsPlaceholders(const Before& before, const InstanceModel& planned,
                       const wandb::Mask& mask, const RecordedLayers& layers) {
  const wandb::Mask& old = before.compiled.mask;
  if (mask.HidesAllOf(old)) return false;
  // Metadata and all that no list names, too.
  if (before.model.masking.value() != planned.masking.value()) return true;
  bool shows = false;
  for (const auto* layer :
       {&layers.others, &layers.user_input, &layers.channel}) {
    if (!layer->has_value()) continue;
    wandb::ForEachLeaf((*layer)->values, [&](const wandb::Path& path,
                                             const std::string&,
                                             const Json& leaf) {
      shows = shows || (old.IsSecret(path, leaf) && !mask.IsSecret(path, leaf));
    });
  }
  return shows;
}

void PlanEffective(const RecordedLayers& layers, const Compiled& compiled,
                   const Before* before, InstanceModel& planned,
                   tf::Diagnostics& diags) {
  if (before != nullptr && !layers.user_input_fault.empty()) {
    // What was recorded is not there any more, or cannot be told.
    RecordedLayers readable = layers;
    readable.user_input.reset();
    ReportFindings(planned, compiled, readable,
                   EvaluateOver(planned, compiled, readable), diags);
    diags.AddWarning(absl::StrCat("Apply will fail: the user input of ",
                                  IdOf(before->model), " cannot be read"),
                     absl::StrCat(layers.user_input_fault,
                                  ".\n\nIt is what the System Console writes. "
                                  "Correct the Secret first."));
    return;
  }
  wandb::Evaluation evaluation = EvaluateOver(planned, compiled, layers);
  if (before != nullptr) {
    const auto standing =
        TakeStandingClashes(*before, compiled, layers, evaluation);
    if (!standing.empty()) {
      ReportFindings(planned, compiled, layers, evaluation, diags);
      // What runs is what ran before, until the clash is mended.
      diags.AddWarning(
          absl::StrCat("Apply will fail: the operator cannot merge the "
                       "specification of ",
                       IdOf(before->model)),
          absl::StrCat(ClashLines(standing),
                       "\n\nCorrect one of the two sources."));
      return;
    }
  }
  ReportFindings(planned, compiled, layers, evaluation, diags);
  const bool all_layers =
      planned.airgapped.IsKnown() && !planned.operator_id.IsUnknown() &&
      (planned.airgapped.value() || layers.channel.has_value());
  const bool shows_more =
      before != nullptr && compiled.mask_known &&
      ShowsPlaceholders(*before, planned, compiled.mask, layers);
  if (all_layers && compiled.mask_known && !shows_more) {
    SetEffective(evaluation.effective, compiled.mask, planned);
    return;
  }
  SetEffectiveUnknown(compiled, layers, planned);
  if (shows_more && base::Find(compiled.values, "/global/host") == nullptr) {
    planned.url = Attr<std::string>::Unknown();
  }
}

// What the dry run of an update needs to know, and that it is about the object
// of the prior state.
bool CanTry(const InstanceModel& planned, const InstanceModel& prior,
            const Compiled& compiled) {
  return !wandb::HasUnknown(compiled.values) &&
         !wandb::HasUnknown(compiled.chart) && !planned.labels.IsUnknown() &&
         !planned.annotations.IsUnknown() && planned.ns.IsKnown() &&
         planned.name.IsKnown() && IdOf(planned) == IdOf(prior) &&
         !planned.force_conflicts.IsUnknown() &&
         !planned.force_conflict_paths.IsUnknown();
}

// By a change of name or namespace.
bool IsReplacement(const InstanceModel& planned, const InstanceModel& prior) {
  return !planned.ns.IsKnown() || !planned.name.IsKnown() ||
         IdOf(planned) != IdOf(prior);
}

// 403 in an admission webhook's words. Who may plan only, and not write, gets
// another one.
bool IsDenial(const absl::Status& status) {
  return absl::IsPermissionDenied(status) &&
         absl::StrContains(status.message(), "denied the request");
}

// Whether an update is going to be refused, as a warning. A cluster that does
// not answer, or may not be asked, is no finding.
void WarnIfRefused(const base::Context& look, const Session& session,
                   const Before& from, const Compiled& compiled,
                   tf::PlanCall<InstanceModel>& call) {
  const InstanceModel& prior = from.model;
  if (session.ConfigUnknown() || !CanTry(call.planned, prior, compiled)) return;
  const Json before = BodyOf(prior, from.compiled);
  const Json body = BodyOf(call.planned, compiled);
  if (body == before &&
      call.planned.configured_values == prior.configured_values) {
    return;
  }
  const auto client = session.Kube();
  if (!client.ok()) return;
  const std::string uid = prior.uid.value_or("");
  const std::string manager = session.field_manager();
  const kube::ObjectRef ref = CustomResourceRef(prior);
  const ssa::UpdateRules rules = UpdateRulesOf(call.planned, uid, before, body,
                                               manager, call.private_data);
  const auto steps = StepsOf(look, **client, ref, before, body, rules);
  if (!steps.ok()) return;
  const absl::Status status =
      TryUpdate(look, **client, ref, body, rules, *steps);
  std::string why;
  if (kube::HasFieldConflicts(status)) {
    // Not in the server's words, which name every field that another manager
    // has: those that the update will leave to it, too.
    why = ExplainConflicts(look, **client, call.planned, body,
                           ssa::RefusedConflicts(status, rules));
  } else if (absl::IsInvalidArgument(status) || IsDenial(status)) {
    LearnLive(look, session, **client, prior, compiled.mask, status);
    why = Explain(status, session, compiled.scrubber());
  } else {
    return;
  }
  WarnOfRefusedUpdate(kube::Describe(ref), why, call.diags);
}

// Only the plan needs it: where providers are mocked, the configuration is
// validated with made-up ids, and never planned here.
void CheckOperatorId(const InstanceModel& planned, tf::Diagnostics& diags) {
  if (!planned.operator_id.IsKnown()) return;
  if (ParseNamespacedName(planned.operator_id.value()).has_value()) return;
  diags.AddError("operator", "Invalid operator id",
                 "operator must be namespace/name, the id of a "
                 "wandb_operator: set operator = wandb_operator.NAME.id. (A "
                 "test that overrides only the wandb_operator has to give it "
                 "an id of this form.)");
}

// What only the cluster can tell.
void SetObservedUnknown(InstanceModel& planned) {
  planned.phase = Attr<std::string>::Unknown();
  planned.ready = Attr<bool>::Unknown();
  planned.generation = Attr<int64_t>::Unknown();
}

// Whether only what this provider does differs, and not what it writes: how an
// apply waits, which findings stop it, and which attribute says a value.
bool WantsTheSame(const InstanceModel& planned, const Compiled& compiled,
                  const InstanceModel& prior) {
  using Encoding = tf::Codec<InstanceModel>;
  InstanceModel same = prior;
  same.wait = planned.wait;
  same.wait_failure = planned.wait_failure;
  same.timeouts = planned.timeouts;
  same.checks = planned.checks;
  same.check_levels = planned.check_levels;
  same.settings = planned.settings;
  same.values_yaml = planned.values_yaml;
  same.values = planned.values;
  same.sensitive_values = planned.sensitive_values;
  if (Encoding::Encode(same) != Encoding::Encode(planned)) return false;
  const Json before = Compile(prior).values;
  return !wandb::HasUnknown(compiled.values) && compiled.values == before;
}

}  // namespace

bool WritesNothing(const InstanceModel& planned) {
  return planned.generation.IsKnown();
}

void PlanInstance(const base::Context& ctx, const Session& session,
                  tf::PlanCall<InstanceModel>& call) {
  InstanceModel& planned = call.planned;
  CheckOperatorId(planned, call.diags);
  const Compiled compiled = Compile(planned);
  call.diags.Append(compiled.diags);
  call.diags.Append(compiled.warnings);
  // Again, since what validation did not know yet is known by now.
  CheckNothingHidden(call.config, call.diags);
  if (call.diags.HasError()) return;
  session.secrets()->Add(compiled.secrets());
  const base::Context look = LookContext(ctx);
  if (PlannedOnOperatorV2(look, session, call)) return;
  planned.configured_values = ConfiguredLeaves(compiled);
  if (!call.prior.has_value()) {
    planned.id = planned.ns.IsKnown() && planned.name.IsKnown()
                     ? Attr<std::string>(IdOf(planned))
                     : Attr<std::string>::Unknown();
    SetObservedUnknown(planned);
    RecordedLayers layers;
    UsePreview(planned, layers, call.diags);
    PlanEffective(layers, compiled, nullptr, planned, call.diags);
    Preflight(look, session, compiled, call);
    return;
  }
  const RecordedLayers layers = RecordedLayers::FromPrivate(call.private_data);
  if (layers.channel.has_value() && !planned.release.IsNull() &&
      !call.prior->release.IsNull()) {
    planned.release = call.prior->release;  // Only a create's preview.
  }
  const bool anew = IsNotedDying(call.private_data);
  if (!HasObject(call.prior) || anew) {
    planned.uid = Attr<std::string>::Unknown();  // It is going to be made.
  }
  if (planned.wait.value() && !call.prior->ready.value_or(false)) {
    planned.ready = Attr<bool>::Unknown();  // Wait again.
  }
  const Before before = {*call.prior, Compile(*call.prior)};
  if (WritesNothing(planned) && WantsTheSame(planned, compiled, *call.prior)) {
    // What stands already, a refresh has said.
    const wandb::Evaluation same = EvaluateOver(planned, compiled, layers);
    if (same.effective.problems.empty()) {
      ReportFindings(planned, compiled, layers, same, call.diags);
    }
    return;
  }
  SetObservedUnknown(planned);
  PlanEffective(layers, compiled, &before, planned, call.diags);
  if (!call.diags.HasError() && !anew) {
    WarnIfRefused(look, session, before, compiled, call);
  }
  // Core plans the new one next, as a create.
  if (!call.diags.HasError() && IsReplacement(planned, *call.prior)) {
    WarnOfRemoval(look, session, *call.prior, Removal::kReplacement,
                  call.diags);
  }
  Preflight(look, session, compiled, call);
}

}  // namespace resources
