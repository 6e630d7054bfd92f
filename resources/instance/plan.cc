#include "resources/instance/plan.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/status.h"
#include "resources/instance/desired.h"
#include "resources/instance/destroy_plan.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/findings.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/overridden_chart.h"
#include "resources/instance/private_data.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/update.h"
#include "resources/instance/write.h"
#include "resources/instance/write_only.h"
#include "resources/namespaced_name.h"
#include "resources/operation.h"
#include "resources/report.h"
#include "resources/spec/effective.h"
#include "resources/trial.h"
#include "resources/values.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/others.h"
#include "wandb/spec/spec.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

// Whether the finding is about that clash.
bool IsSame(const wandb::Problem& clash, const wandb::Problem& finding) {
  return clash.id == finding.id && clash.path == finding.path;
}

// Takes out of the findings the clashes that the prior state has, too, and that
// the change does not touch: they may be somebody else's mistake, and must not
// stop the plan of everything else. They fail the apply.
std::vector<wandb::Problem> TakeStandingClashes(const Desired& before,
                                                const Desired& wanted,
                                                const RecordedLayers& layers,
                                                wandb::Evaluation& evaluation) {
  std::vector<wandb::Problem> standing;
  if (evaluation.effective.problems.empty()) return standing;
  const auto known = EvaluateOver(before, layers).effective.problems;
  for (const wandb::Problem& clash : evaluation.effective.problems) {
    const auto path = wandb::ParsePath(clash.path);
    if (!path.ok()) continue;
    const Json* old = wandb::FindPath(before.compiled.values, *path);
    const Json* now = wandb::FindPath(wanted.compiled.values, *path);
    const bool untouched = (old == nullptr) == (now == nullptr) &&
                           (old == nullptr || *old == *now);
    if (untouched &&
        std::find(known.begin(), known.end(), clash) != known.end()) {
      standing.push_back(clash);
    }
  }
  std::erase_if(evaluation.findings, [&](const wandb::Problem& finding) {
    return std::any_of(
        standing.begin(), standing.end(),
        [&](const wandb::Problem& clash) { return IsSame(clash, finding); });
  });
  return standing;
}

// Whether the change shows what the layers are recorded without: of what was
// hidden they have placeholders only.
bool ShowsPlaceholders(const Desired& before, const Desired& wanted,
                       const RecordedLayers& layers) {
  const wandb::Mask& old = before.compiled.mask;
  const wandb::Mask& mask = wanted.compiled.mask;
  if (mask.HidesAllOf(old)) return false;
  // Metadata and all that no list names, too.
  if (before.model.masking.value() != wanted.model.masking.value()) return true;
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

// Whether the change leaves to others what the prior state wrote: which value
// that has by now is recorded from then on.
bool LeavesMore(const Desired& before, const Desired& wanted) {
  return !wandb::LeaveToOthers(before.compiled.values,
                               wanted.compiled.left_paths)
              .left.is_null();
}

// What the dry run of an update needs to know, and that it is about the object
// of the prior state.
bool CanTry(const InstanceModel& prior, const Desired& wanted) {
  const InstanceModel& planned = wanted.model;
  return !wandb::HasUnknown(wanted.compiled.values) &&
         !wandb::HasUnknown(wanted.compiled.chart) &&
         !planned.labels.IsUnknown() && !planned.annotations.IsUnknown() &&
         planned.ns.IsKnown() && planned.name.IsKnown() &&
         !planned.ignore_paths.IsUnknown() && IdOf(planned) == IdOf(prior) &&
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

// What the plans of this walk say of instance and operator together, whether
// the instance changes or not: no cluster is asked.
void CheckPlannedOperator(const Session& session, const InstanceModel& planned,
                          tf::Diagnostics& diags) {
  if (!planned.operator_id.IsKnown() || !planned.ns.IsKnown() ||
      !planned.name.IsKnown()) {
    return;
  }
  const auto fault = PlannedAirgap(
      planned, session.plan_notes().IsAirgapped(planned.operator_id.value()));
  if (!fault.has_value()) return;
  const std::string summary =
      absl::StrCat("Instance ", IdOf(planned), ": ", fault->summary);
  if (fault->kind == OperatorFault::Kind::kAirgapped) {
    diags.AddError("airgapped", summary, fault->detail);
  } else {
    diags.AddWarning("airgapped", summary, fault->detail);
  }
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
bool WantsTheSame(const InstanceModel& planned, const Desired& wanted,
                  const Desired& before) {
  using Encoding = tf::Codec<InstanceModel>;
  InstanceModel same = before.model;
  same.wait = planned.wait;
  same.wait_failure = planned.wait_failure;
  same.timeouts = planned.timeouts;
  same.checks = planned.checks;
  same.check_levels = planned.check_levels;
  same.settings = planned.settings;
  same.values_yaml = planned.values_yaml;
  same.values = planned.values;
  same.ignore_paths = planned.ignore_paths;
  same.on_stuck_finalizer = planned.on_stuck_finalizer;
  same.sensitive_values = planned.sensitive_values;
  return Encoding::Encode(same) == Encoding::Encode(planned) &&
         !wandb::HasUnknown(wanted.compiled.values) &&
         wanted.compiled.values == before.compiled.values;
}

// In place of what the refresh has said in this walk.
constexpr char kSaidAbove[] = "Another warning says why.";

// The plan of what is wanted, once that is free of mistakes.
class InstancePlan {
 public:
  InstancePlan(const base::Context& look, const Session& session,
               const Desired& wanted, tf::PlanCall<InstanceModel>& call)
      : look_(look),
        session_(session),
        wanted_(wanted),
        call_(call),
        planned_(call.planned),
        notes_(InstanceNotes::From(call.private_data)) {
    if (call.prior.has_value()) before_.emplace(*call.prior);
  }

  void Create();
  void Update();

 private:
  // Whether the apply changes the object, and doesn't only wait once more.
  bool Writes() const { return !(wanted_.body() == before_->body()); }
  void PlanEffective();
  // Says of the clashes among `findings` and `standing` with what others wrote
  // into the custom resource who they are, as a refresh does: what that
  // recorded does not tell. A cluster that does not answer is no finding.
  void NameOthers(const std::vector<wandb::Problem>& clashes,
                  std::vector<wandb::Problem>& findings,
                  std::vector<wandb::Problem>& standing);
  // That what others have in spec.chart goes before the planned chart, unless
  // the refresh has said it.
  void WarnIfChartIsOverridden();
  // A configuration that was generated by an import lacks what core marks as
  // sensitive, and its apply would take it out of the cluster.
  void WarnOfLostSecrets();
  // The same where the layers cannot be merged, or not be read.
  void WarnOfBrokenUserInput();
  void WarnOfStandingClash(const std::vector<wandb::Problem>& clashes);
  // Whether an update is going to be refused, as a warning. A cluster that does
  // not answer, or may not be asked, is no finding.
  void WarnIfRefused();

  const base::Context& look_;
  const Session& session_;
  const Desired& wanted_;
  tf::PlanCall<InstanceModel>& call_;
  InstanceModel& planned_;
  InstanceNotes notes_;
  std::optional<Desired> before_;
};

void InstancePlan::WarnOfBrokenUserInput() {
  // What was recorded is not there any more, or cannot be told.
  RecordedLayers readable = notes_.layers;
  readable.user_input.reset();
  ReportFindings(wanted_, readable, EvaluateOver(wanted_, readable),
                 call_.diags);
  const std::string& fault = notes_.layers.user_input_fault;
  const bool said = !session_.said().First(InputCause(before_->model, fault));
  if (said && !Writes()) return;
  call_.diags.AddWarning(
      absl::StrCat("Apply will fail: the user input of ", IdOf(before_->model),
                   " cannot be read"),
      absl::StrCat(said ? kSaidAbove : absl::StrCat(fault, "."),
                   "\n\nIt is what the System Console writes. Correct the "
                   "Secret first."));
}

void InstancePlan::WarnOfStandingClash(
    const std::vector<wandb::Problem>& clashes) {
  bool said = true;
  for (const wandb::Problem& clash : clashes) {
    if (session_.said().First(ClashCause(before_->model, clash))) said = false;
  }
  if (said && !Writes()) return;
  // What runs is what ran before, until the clash is mended.
  call_.diags.AddWarning(
      absl::StrCat("Apply will fail: the operator cannot merge the "
                   "specification of ",
                   IdOf(before_->model)),
      absl::StrCat(said ? kSaidAbove : ClashLines(clashes),
                   "\n\nCorrect one of the two sources."));
}

void InstancePlan::NameOthers(const std::vector<wandb::Problem>& clashes,
                              std::vector<wandb::Problem>& findings,
                              std::vector<wandb::Problem>& standing) {
  const wandb::SpecLayer own = wanted_.compiled.layer();
  const wandb::SpecLayer custom_resource =
      WithOthers(wanted_.compiled, notes_.layers);
  std::vector<wandb::Problem*> theirs;
  for (auto* problems : {&findings, &standing}) {
    for (wandb::Problem& problem : *problems) {
      const bool clashing = std::any_of(
          clashes.begin(), clashes.end(),
          [&](const auto& clash) { return IsSame(clash, problem); });
      if (clashing && IsOfOthers(problem, own, custom_resource)) {
        theirs.push_back(&problem);
      }
    }
  }
  if (theirs.empty() || session_.ConfigUnknown()) return;
  const auto client = session_.Kube();
  if (!client.ok()) return;
  const auto live = (*client)->Get(look_, before_->ref());
  if (!live.ok()) return;
  for (wandb::Problem* clash : theirs) {
    NameHolders(*live, session_.field_manager(), *clash);
  }
}

void InstancePlan::WarnIfChartIsOverridden() {
  const auto chart = FindOverriddenChart(wanted_.compiled.chart, notes_.layers);
  if (!chart.has_value()) return;
  Json live;
  const auto client = session_.Kube();
  if (!session_.ConfigUnknown() && client.ok()) {
    live = (*client)->Get(look_, before_->ref()).value_or(Json());
  }
  WarnOfOverriddenChart(*chart, live, before_->model, session_, call_.diags);
}

void InstancePlan::PlanEffective() {
  const RecordedLayers& layers = notes_.layers;
  if (before_.has_value() && !layers.user_input_fault.empty()) {
    return WarnOfBrokenUserInput();
  }
  wandb::Evaluation evaluation = EvaluateOver(wanted_, layers);
  std::vector<wandb::Problem> standing;
  if (before_.has_value()) {
    standing = TakeStandingClashes(*before_, wanted_, layers, evaluation);
    NameOthers(evaluation.effective.problems, evaluation.findings, standing);
  }
  ReportFindings(wanted_, layers, evaluation, call_.diags);
  if (!standing.empty()) return WarnOfStandingClash(standing);
  const bool all_layers =
      planned_.airgapped.IsKnown() && !planned_.operator_id.IsUnknown() &&
      (planned_.airgapped.value() || layers.channel.has_value());
  const Compiled& compiled = wanted_.compiled;
  const bool shows_more = before_.has_value() && compiled.leaves_known &&
                          ShowsPlaceholders(*before_, wanted_, layers);
  const bool leaves_more = before_.has_value() && LeavesMore(*before_, wanted_);
  if (all_layers && compiled.leaves_known && !shows_more && !leaves_more) {
    SetEffective(evaluation.effective, compiled.mask, planned_);
    return;
  }
  SetEffectiveUnknown(compiled, layers, planned_);
  if (shows_more && base::Find(compiled.values, "/global/host") == nullptr) {
    planned_.url = Attr<std::string>::Unknown();
  }
  if (shows_more && base::Find(compiled.values, "/app/image/tag") == nullptr) {
    planned_.version = Attr<std::string>::Unknown();
  }
}

void InstancePlan::WarnIfRefused() {
  if (session_.ConfigUnknown() || !CanTry(before_->model, wanted_)) return;
  if (wanted_.body() == before_->body() &&
      planned_.configured_values == before_->model.configured_values) {
    return;
  }
  const auto client = session_.Kube();
  if (!client.ok()) return;
  const wandb::Scrubber scrubber = wanted_.compiled.scrubber();
  const Operation op{.ctx = look_,
                     .client = **client,
                     .session = session_,
                     .scrubber = scrubber,
                     .diags = call_.diags};
  // They may be lost where no refresh has come since (-refresh=false).
  const InstanceUpdate update(*before_, wanted_, session_.field_manager(),
                              Recovered(op, *before_, notes_));
  const auto steps = update.Steps(op.ctx, op.client);
  if (!steps.ok()) return;
  const absl::Status status = update.Try(op.ctx, op.client, *steps);
  std::string why;
  if (kube::HasFieldConflicts(status)) {
    // Not in the server's words, which name every field that another manager
    // has: those that the update will leave to it, too.
    why = update.ExplainConflicts(op.ctx, op.client, status);
  } else if (absl::IsInvalidArgument(status) || IsDenial(status)) {
    LearnLive(op, wanted_, status);
    why = Explain(status, session_, scrubber);
  } else {
    return;
  }
  WarnOfRefusedUpdate(kube::Describe(before_->ref()), why, call_.diags);
}

void InstancePlan::WarnOfLostSecrets() {
  if (!notes_.imported || wandb::HasUnknownShape(wanted_.compiled.values)) {
    return;
  }
  std::vector<std::string> lines;
  const Compiled& before = before_->compiled;
  // What another manager applies, too, stays.
  const Json left = wandb::Overlaid(
      WithOthers(wanted_.compiled, notes_.layers).values,
      wandb::LeaveToOthers(before.values, wanted_.compiled.left_paths).left);
  wandb::ForEachLeaf(before.values, [&](const wandb::Path& path,
                                        const std::string& formatted,
                                        const Json& leaf) {
    if (path.empty() || !before.mask.IsSecret(path, leaf, {&before.values})) {
      return;
    }
    if (wandb::FindPath(left, path) == nullptr) {
      lines.push_back(absl::StrCat("  ", wandb::ShownPath(formatted)));
    }
  });
  if (lines.empty()) return;
  call_.diags.AddWarning(
      absl::StrCat("Apply will take secrets out of instance ",
                   IdOf(before_->model)),
      absl::StrCat("It was imported with values at these paths, and the "
                   "configuration has none there (a generated one leaves out "
                   "what is sensitive):\n",
                   absl::StrJoin(lines, "\n"),
                   "\n\nGive them, best by a reference to a Secret, unless "
                   "they are to go."));
}

void InstancePlan::Create() {
  planned_.id = planned_.ns.IsKnown() && planned_.name.IsKnown()
                    ? Attr<std::string>(IdOf(planned_))
                    : Attr<std::string>::Unknown();
  SetObservedUnknown(planned_);
  // In place of those of what this one replaces.
  notes_.layers = PreviewOf(planned_, call_.diags);
  PlanEffective();
  Preflight(look_, session_, wanted_, call_);
}

void InstancePlan::Update() {
  const InstanceModel& prior = before_->model;
  const RecordedLayers& layers = notes_.layers;
  if (layers.channel.has_value() && !planned_.release.IsNull() &&
      !prior.release.IsNull()) {
    planned_.release = prior.release;  // Only a create's preview.
  }
  const bool anew = notes_.being_deleted;
  // A destroy goes by the state: what may end the one that is stuck comes
  // first.
  if (anew && planned_.on_stuck_finalizer != prior.on_stuck_finalizer &&
      WantsTheSame(planned_, wanted_, *before_)) {
    return;
  }
  if (!HasObject(prior) || anew) {
    planned_.uid = Attr<std::string>::Unknown();  // It is going to be made.
  }
  if (planned_.wait.value() && !prior.ready.value_or(false)) {
    planned_.ready = Attr<bool>::Unknown();  // Wait again.
  }
  if (WritesNothing(planned_) && WantsTheSame(planned_, wanted_, *before_)) {
    // What stands already, a refresh has said.
    const wandb::Evaluation same = EvaluateOver(wanted_, layers);
    if (same.effective.problems.empty()) {
      ReportFindings(wanted_, layers, same, call_.diags);
    }
    return;
  }
  SetObservedUnknown(planned_);
  PlanEffective();
  if (!IsReplacement(planned_, prior) && !anew) WarnIfChartIsOverridden();
  WarnOfLostSecrets();
  if (!call_.diags.HasError() && !anew) WarnIfRefused();
  // Core plans the new one next, as a create.
  if (!call_.diags.HasError() && IsReplacement(planned_, prior)) {
    WarnOfRemoval(look_, session_, *before_, Removal::kReplacement,
                  call_.diags);
  }
  Preflight(look_, session_, wanted_, call_);
}

}  // namespace

RecordedLayers PreviewOf(const InstanceModel& planned, tf::Diagnostics& diags) {
  RecordedLayers layers;
  if (!planned.release.IsKnown() || !planned.release.IsWhollyKnown()) {
    return layers;
  }
  auto tree = TreeOf(planned.release);
  if (tree.ok()) {
    auto release = wandb::ParseGivenRelease(*tree);
    if (release.ok() && !tree->empty()) {
      layers.channel = *std::move(release);
      return layers;
    }
    if (tree->is_string()) {
      diags.AddError("release", "Invalid release",
                     "release: takes what a release says, and not its text. "
                     "Write jsondecode(file(...)) in place of file(...).");
      return layers;
    }
    tree = release.ok() ? absl::InvalidArgumentError("release: is empty")
                        : release.status();
  }
  diags.AddError(
      "release", "Invalid release",
      absl::StrCat(
          tree.status().message(),
          ". It is {chart, values, metadata}: set it to "
          "data.wandb_release_channel.NAME.release, or leave it out."));
  return layers;
}

bool WritesNothing(const InstanceModel& planned) {
  return planned.generation.IsKnown();
}

void PlanInstance(const base::Context& ctx, const Session& session,
                  tf::PlanCall<InstanceModel>& call) {
  InstanceModel& planned = call.planned;
  planned.secrets_wo = SetTwins(call.config);
  session.secrets()->Add(WriteOnlyTexts(call.config));
  CheckWriteOnly(call.config, call.diags);
  CheckOperatorId(planned, call.diags);
  CheckPlannedOperator(session, planned, call.diags);
  const Desired wanted(planned);
  call.diags.Append(wanted.compiled.diags);
  call.diags.Append(wanted.compiled.warnings);
  // Again, since what validation did not know yet is known by now.
  CheckNothingHidden(call.config, call.diags);
  if (call.diags.HasError()) return;
  session.secrets()->Add(wanted.compiled.secrets());
  const base::Context look = LookContext(ctx);
  if (PlannedOnOperatorV2(look, session, call)) return;
  planned.configured_values = ConfiguredLeaves(wanted.compiled);
  InstancePlan plan(look, session, wanted, call);
  if (call.prior.has_value()) {
    plan.Update();
  } else {
    plan.Create();
  }
}

}  // namespace resources
