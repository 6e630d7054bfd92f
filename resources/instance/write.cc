#include "resources/instance/write.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "kube/ssa/create.h"
#include "kube/ssa/replaced.h"
#include "kube/ssa/update.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/instance/body.h"
#include "resources/instance/conflicts.h"
#include "resources/instance/drift.h"
#include "resources/instance/finalizer.h"
#include "resources/instance/trial.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/spec.h"

namespace resources {
namespace {

using base::Json;

// Without a wandb_operator in the configuration: how long its CRD may still
// take to appear.
constexpr absl::Duration kCrdPatience = absl::Seconds(60);

// How long the object may take to be read that a failure is about.
constexpr absl::Duration kLook = absl::Seconds(10);

// Keys of the private data.
constexpr char kManager[] = "manager";    // Of the last write.
constexpr char kImported[] = "imported";  // Taken over, not written since.
constexpr char kDying[] = "being_deleted";

absl::StatusOr<kube::Applied> Update(const base::Context& ctx,
                                     const std::string& manager,
                                     kube::Client& client, const Json& body,
                                     tf::ApplyCall<InstanceModel>& call) {
  const kube::ObjectRef ref = CustomResourceRef(call.planned);
  const Json before = BodyOf(*call.prior, Compile(*call.prior));
  const std::string uid = call.prior->uid.value_or("");
  const ssa::UpdateRules rules = UpdateRulesOf(call.planned, uid, before, body,
                                               manager, call.private_data);
  ASSIGN_OR_RETURN(const UpdateSteps steps,
                   StepsOf(ctx, client, ref, before, body, rules));
  if (!steps.ApplyOnly()) {
    // Nothing is taken away if any step of the update is going to be refused.
    RETURN_IF_ERROR(TryUpdate(ctx, client, ref, body, rules, steps));
  }
  if (!steps.emptying.is_null()) {
    const auto patched = client.Patch(ctx, ref, WithUid(steps.emptying, uid),
                                      {.field_manager = manager});
    RETURN_IF_ERROR(
        ssa::ExplainIfReplaced(ctx, client, ref, uid, patched.status()));
  }
  return ssa::UpdateOwned(ctx, client, ref, body, rules);
}

absl::StatusOr<kube::Applied> Create(const base::Context& ctx,
                                     const std::string& manager,
                                     kube::Client& client, const Json& body,
                                     tf::ApplyCall<InstanceModel>& call) {
  const kube::ObjectRef ref = CustomResourceRef(call.planned);
  ASSIGN_OR_RETURN(ssa::CreateResult result,
                   ssa::CreateOrAdopt(ctx, client, ref, body, manager));
  if (result.found == ssa::Found::kForeign) {
    return absl::AlreadyExistsError(absl::StrCat(
        kube::Describe(ref),
        " exists already, and this resource did not make it, or more than an "
        "hour ago or with another configuration. It is left as it is. To "
        "manage it here, import it:\n\n",
        ImportBlock("wandb_instance", IdOf(call.planned))));
  }
  if (result.found == ssa::Found::kAdopted) {
    WarnOfAdopted(absl::StrCat("Instance ", IdOf(call.planned)),
                  {result.applied.object}, call.diags);
  }
  return std::move(result.applied);
}

absl::StatusOr<kube::Applied> Write(const base::Context& ctx,
                                    const std::string& manager,
                                    kube::Client& client, const Json& body,
                                    tf::ApplyCall<InstanceModel>& call) {
  if (HasObject(call.prior) && !IsNotedDying(call.private_data)) {
    return Update(ctx, manager, client, body, call);
  }
  if (HasObject(call.prior)) {
    RETURN_IF_ERROR(
        AwaitUninstalled(ctx, client, *call.prior, kUninstallLook, call.diags));
  }
  return Create(ctx, manager, client, body, call);
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

Json WithUid(Json object, const std::string& uid) {
  if (!uid.empty()) object["metadata"]["uid"] = uid;
  return object;
}

void NoteImported(Json& private_data) { private_data[kImported] = true; }

void NoteWritten(const std::string& manager, Json& private_data) {
  private_data.erase(kImported);
  private_data.erase(kDying);
  private_data[kManager] = manager;
}

void NoteDying(bool dying, Json& private_data) {
  if (dying) {
    private_data[kDying] = true;
  } else {
    private_data.erase(kDying);
  }
}

bool IsNotedDying(const Json& private_data) {
  return private_data.is_object() && private_data.contains(kDying);
}

std::vector<kube::Takeover::Source> SourcesOf(const std::string& manager,
                                              const Json& before,
                                              const Json& private_data) {
  std::string former =
      base::StringAt(private_data, absl::StrCat("/", kManager)).value_or("");
  if (former == manager) former.clear();
  return ssa::EarlierManagers(former, private_data.contains(kImported), before);
}

ssa::UpdateRules UpdateRulesOf(const InstanceModel& planned,
                               const std::string& uid, const Json& before,
                               const Json& body, const std::string& manager,
                               const Json& private_data) {
  return {.manager = manager,
          .uid = uid,
          .may_force =
              [&planned, &before, &body](const kube::FieldConflict& conflict) {
                return ssa::IsHandEdit(before, body, conflict) ||
                       IsForced(planned, body, conflict);
              },
          .may_yield =
              [&planned](const kube::FieldConflict& conflict) {
                return IsStandardLabel(planned, conflict);
              },
          .sources = SourcesOf(manager, before, private_data)};
}

absl::StatusOr<kube::Applied> WriteInstance(
    const base::Context& ctx, const Session& session, kube::Client& client,
    const Json& body, tf::ApplyCall<InstanceModel>& call) {
  const base::Context patience =
      call.planned.operator_id.IsKnown() ? ctx : ctx.WithTimeout(kCrdPatience);
  while (true) {
    auto written = Write(ctx, session.field_manager(), client, body, call);
    if (written.ok()) NoteWritten(session.field_manager(), call.private_data);
    if (written.ok() || !kube::IsKindNotServed(written.status())) {
      return written;
    }
    const auto served =
        kube::AwaitEstablished(patience, client, wandb::kCrdName);
    if (absl::IsCancelled(served.status())) return served.status();
    // Nobody answers for now: the write itself waits for that, too.
    if (absl::IsUnavailable(served.status())) continue;
    // Timed out, or CRDs may not be read: the first answer says what to do.
    if (!served.ok()) return written;
    // Established, but some API server may not have noticed.
    RETURN_IF_ERROR(patience.SleepFor(absl::Milliseconds(200)));
  }
}

void LearnLive(const base::Context& ctx, const Session& session,
               kube::Client& client, const InstanceModel& model,
               const wandb::Mask& mask, const absl::Status& failed) {
  if (kube::HttpCode(failed) == 0) return;
  const auto live =
      client.Get(ctx.WithoutDeadline().WithTimeout(kLook).WithoutRetries(),
                 CustomResourceRef(model));
  if (live.ok()) session.secrets()->Learn(*live, mask);
}

void ReportWriteFailure(const base::Context& ctx, const Session& session,
                        kube::Client& client, const Json& body,
                        const Compiled& compiled, const absl::Status& status,
                        tf::ApplyCall<InstanceModel>& call) {
  const bool create = !HasObject(call.prior);
  const kube::ObjectRef ref = CustomResourceRef(call.planned);
  LearnLive(ctx, session, client, call.planned, compiled.mask, status);
  std::string next_step;
  if (!create && kube::HasFieldConflicts(status)) {
    const Json before = BodyOf(*call.prior, Compile(*call.prior));
    const ssa::UpdateRules rules =
        UpdateRulesOf(call.planned, "", before, body, session.field_manager(),
                      call.private_data);
    next_step = ExplainConflicts(ctx, client, call.planned, body,
                                 ssa::RefusedConflicts(status, rules));
  }
  call.diags.AddError(absl::StrCat("Cannot ", create ? "create" : "update", " ",
                                   kube::Describe(ref)),
                      Explain(status, session, compiled.scrubber(), next_step));
}

void WarnIfChangedByServer(const Compiled& compiled, const Json& live,
                           tf::Diagnostics& diags) {
  const auto stored = LiveLeafMap(
      compiled.values, wandb::CustomResourceLayer(live).values, compiled.mask);
  std::vector<std::string> lines;
  wandb::ForEachLeaf(compiled.values, [&](const wandb::Path& path,
                                          const std::string& formatted,
                                          const Json& leaf) {
    if (path.empty()) return;
    const std::string text = wandb::ShownPath(formatted);
    const std::string sent = compiled.mask.Text(path, leaf, {&compiled.values});
    const auto it = stored.find(text);
    if (it == stored.end()) {
      lines.push_back(absl::StrCat("  ", text, ": sent ", sent, ", dropped"));
    } else if (it->second != sent) {
      lines.push_back(absl::StrCat("  ", text, ": sent ", sent, ", stored ",
                                   it->second.value_or("null")));
    }
  });
  if (lines.empty()) return;
  diags.AddWarning(
      "The cluster changed what was written",
      absl::StrCat("Something in the cluster, probably an admission webhook, "
                   "stores other values than this configuration has:\n",
                   absl::StrJoin(lines, "\n"),
                   "\n\nEvery plan will show these as changed outside. Put the "
                   "stored values into the configuration, or change the "
                   "webhook's rules."));
}

}  // namespace resources
