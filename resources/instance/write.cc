#include "resources/instance/write.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "kube/ssa/create.h"
#include "kube/ssa/replaced.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/instance/drift.h"
#include "resources/instance/finalizer.h"
#include "resources/instance/others.h"
#include "resources/instance/successor.h"
#include "resources/instance/update.h"
#include "resources/namespace.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;

// Without a wandb_operator in the configuration: how long its CRD may still
// take to appear.
constexpr absl::Duration kCrdPatience = absl::Seconds(60);

// How long the object may take to be read that a failure is about.
constexpr absl::Duration kLook = absl::Seconds(10);

absl::StatusOr<kube::Applied> Create(const Operation& op,
                                     const Desired& wanted) {
  const kube::ObjectRef ref = wanted.ref();
  ASSIGN_OR_RETURN(
      ssa::CreateResult result,
      ssa::CreateOrAdopt(op.ctx, op.client, ref, wanted.creation_body(),
                         op.session.field_manager()));
  if (result.found == ssa::Found::kForeign) {
    return absl::AlreadyExistsError(absl::StrCat(
        kube::Describe(ref),
        " exists already, and this resource did not make it, or more than an "
        "hour ago or with another configuration. It is left as it is. To "
        "manage it here, import it:\n\n",
        ImportBlock("wandb_instance", IdOf(wanted.model))));
  }
  if (result.found == ssa::Found::kAdopted) {
    WarnOfAdopted(absl::StrCat("Instance ", IdOf(wanted.model)),
                  {result.applied.object}, op.diags);
  }
  return std::move(result.applied);
}

InstanceUpdate UpdateOf(const Operation& op, const InstanceWrite& write) {
  return InstanceUpdate(*write.before, write.wanted, op.session.field_manager(),
                        write.notes);
}

absl::StatusOr<kube::Applied> TryToWrite(const Operation& op,
                                         const InstanceWrite& write) {
  if (write.updates() && !write.notes.being_deleted) {
    return UpdateOf(op, write).Make(op.ctx, op.client);
  }
  if (write.updates()) {
    RETURN_IF_ERROR(AwaitUninstalled(op, *write.before, kUninstallLook));
  }
  return Create(op, write.wanted);
}

}  // namespace

InstanceNotes Recovered(const Operation& op, const Desired& before,
                        InstanceNotes notes) {
  if (!notes.AreLost()) return notes;
  const auto live = op.client.Get(op.ctx, before.ref());
  if (live.ok() && kube::UidOf(*live) == before.model.uid.value_or("")) {
    notes.Recover(*live, op.session.field_manager(),
                  WithLeft(*live, before.body(), before.compiled.left_paths));
  }
  return notes;
}

absl::StatusOr<kube::Applied> WriteInstance(const Operation& op,
                                            const InstanceWrite& write) {
  const base::Context patience = write.wanted.model.operator_id.IsKnown()
                                     ? op.ctx
                                     : op.ctx.WithTimeout(kCrdPatience);
  while (true) {
    auto written = TryToWrite(op, write);
    if (written.ok() || !kube::IsKindNotServed(written.status())) {
      return written;
    }
    const auto served =
        kube::AwaitEstablished(patience, op.client, wandb::kCrdName);
    if (absl::IsCancelled(served.status())) return served.status();
    // Nobody answers for now: the write itself waits for that, too.
    if (absl::IsUnavailable(served.status())) continue;
    // Timed out, or CRDs may not be read: the first answer says what to do.
    if (!served.ok()) return written;
    // Established, but some API server may not have noticed.
    RETURN_IF_ERROR(patience.SleepFor(absl::Milliseconds(200)));
  }
}

absl::StatusOr<Json> MadeAfterAll(const Operation& op, const Desired& desired) {
  const base::Context ctx = op.LastLook(kLook).WithoutRetries();
  auto live = op.client.Get(ctx, desired.ref());
  if (!live.ok() && !absl::IsNotFound(live.status()) &&
      !kube::IsNamespaceMissing(live.status()) &&
      !kube::IsKindNotServed(live.status())) {
    return live.status();
  }
  if (!live.ok() || kube::IsTerminating(*live) ||
      !ssa::IsWhatCreateMade(ctx, op.client, desired.ref(),
                             desired.creation_body(), *live,
                             op.session.field_manager())) {
    return absl::NotFoundError("nothing was made");
  }
  return live;
}

void LearnLive(const Operation& op, const Desired& desired,
               const absl::Status& failed) {
  if (kube::HttpCode(failed) == 0) return;
  const auto live =
      op.client.Get(op.Aftermath(kLook).WithoutRetries(), desired.ref());
  if (live.ok()) {
    op.session.secrets()->Learn(*live, desired.compiled.mask);
  }
}

void ReportWriteFailure(const Operation& op, const InstanceWrite& write,
                        const absl::Status& status) {
  LearnLive(op, write.wanted, status);
  std::string next_step;
  absl::Status shown = status;
  if (write.updates() && kube::HasFieldConflicts(status)) {
    next_step = UpdateOf(op, write).ExplainConflicts(op.ctx, op.client, status);
    shown = ssa::WithoutConflictList(status);
  } else if (ssa::IsReplaced(status)) {
    const auto live =
        op.client.Get(op.Aftermath(kLook).WithoutRetries(), write.wanted.ref());
    if (live.ok()) {
      next_step = AdviceOnSuccessor(*live, write.wanted.model,
                                    op.session.field_manager());
    }
  } else if (kube::IsNamespaceTerminating(status)) {
    // No right of the identity's is missing.
    const auto dying = FindDyingNamespace(op.Aftermath(kLook), op.client,
                                          write.wanted.model.ns.value());
    next_step = absl::StrCat(
        dying.has_value() ? absl::StrCat(op.scrubber.Scrub(dying->detail), "\n")
                          : "",
        "Apply again once the namespace is gone. It has to be made again then, "
        "which create_namespace = true does.");
  }
  op.diags.AddError(
      absl::StrCat("Cannot ", write.updates() ? "update" : "create", " ",
                   kube::Describe(write.wanted.ref())),
      Explain(shown, op.session, op.scrubber, next_step));
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
