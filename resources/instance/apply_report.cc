#include "resources/instance/apply_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/status.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/standing_fault.h"
#include "resources/report.h"

namespace resources {
namespace {

void ReportLost(const Operation& op, bool creates, const Readiness& readiness) {
  op.diags.AddError(
      readiness.summary,
      absl::StrCat(
          absl::StrJoin(readiness.details, "\n"),
          "\n\nIt was written, and the wait for W&B has ended without it. "
          "The next plan looks for it again: what is gone is planned to be "
          "created, and for what is still on its way out the apply waits",
          creates ? " (the state has it as tainted)." : ".",
          " An object of the same name that somebody else made is left as it "
          "is: import it to manage it, or delete it first."));
}

void ReportUnseen(const Operation& op, const InstanceModel& planned,
                  bool creates, const Readiness& readiness) {
  const bool right = kube::MissingRight(readiness.unseen).has_value();
  const std::string detail = absl::StrCat(
      "The change was written. ",
      Explain(readiness.unseen, op.session, op.scrubber,
              right ? WaitRules(planned) : ""),
      "\n\nready is false. Once the rights are granted, the next apply waits "
      "again; with wait = false nothing is waited for.");
  if (!creates && planned.wait_failure.value() != WaitFailure::kWarn) {
    op.diags.AddError(readiness.summary, detail);
  } else {
    op.diags.AddWarning(readiness.summary, detail);
  }
}

void ReportFailed(const Operation& op, const InstanceModel& planned,
                  bool creates, const Readiness& readiness) {
  if (absl::IsCancelled(readiness.status)) {
    op.diags.AddError(
        "Interrupted while waiting for W&B",
        creates ? "The custom resource exists and is in the state, marked as "
                  "tainted: the next apply replaces it. To keep it, run \"tofu "
                  "untaint\" (or \"terraform untaint\") on this resource first."
                : "The change was written. Apply again to go on waiting.");
    return;
  }
  std::string detail = absl::StrJoin(readiness.details, "\n");
  if (planned.wait_failure.value() == WaitFailure::kWarn) {
    op.diags.AddWarning(
        readiness.summary,
        absl::StrCat(detail,
                     "\n\nready is false; the next apply waits again."));
    return;
  }
  if (creates) {
    absl::StrAppend(
        &detail,
        "\n\nThe custom resource exists and is in the state, marked as "
        "tainted: the next apply replaces it, ",
        readiness.never_ran ? "which is safe for an instance that never ran. "
                            : "which stops what already runs of it. ",
        "To keep it, run \"tofu untaint\" (or \"terraform untaint\") on this "
        "resource first. wait_failure = \"warn\" keeps a later create from "
        "being "
        "tainted, not this one.");
  }
  op.diags.AddError(readiness.summary, detail);
}

}  // namespace

void ReportNotReady(const Operation& op, const InstanceModel& planned,
                    bool creates, const Readiness& readiness) {
  if (readiness.lost) return ReportLost(op, creates, readiness);
  if (!readiness.unseen.ok()) {
    return ReportUnseen(op, planned, creates, readiness);
  }
  ReportFailed(op, planned, creates, readiness);
}

void ReportUnappliable(const Operation& op, const InstanceModel& state,
                       bool creates, const absl::Status& seen,
                       const wandb::EffectiveSpec& spec) {
  StandingFault fault;
  if (IsBrokenContent(seen)) {
    fault = BrokenUserInput(state, seen);
  } else if (!spec.problems.empty()) {
    fault = {absl::StrCat("The operator cannot merge the specification of ",
                          IdOf(state)),
             absl::StrCat(ClashLines(spec.problems),
                          "\n\nThe change was written. Correct one of the two "
                          "sources.")};
  } else {
    return;
  }
  // An error would taint what was created, and replacing it mends nothing.
  if (creates) {
    op.diags.AddWarning(fault.summary, fault.detail);
  } else {
    op.diags.AddError(fault.summary, fault.detail);
  }
}

void WarnOfUnread(const Operation& op, const InstanceModel& model,
                  const absl::Status& seen) {
  op.diags.AddWarning(
      absl::StrCat("The operator's Secrets of ", IdOf(model),
                   " cannot be read"),
      absl::StrCat("The change was written; what it makes of the effective "
                   "values of ",
                   IdOf(model), " cannot be told. ",
                   Explain(seen, op.session, op.scrubber, SecretsRule(model))));
}

void WarnOfNoChannel(const Operation& op, const InstanceModel& state) {
  const std::string secret = wandb::CachedReleaseSecretName(state.name.value());
  op.diags.AddWarning(
      absl::StrCat("The effective values of ", IdOf(state), " are not known"),
      absl::StrCat(
          "They depend on the release channel, and no answer of it is "
          "recorded in the cluster (Secret \"",
          secret,
          "\"). If no operator runs yet, or it has not come to this instance, "
          "the next refresh shows them. If it stays so, the operator cannot "
          "reach the release channel: its log says why, and "
          "release_channel_url of wandb_operator names another one. Where "
          "there is none, set airgapped = true here and in wandb_operator, "
          "and chart here."));
}

}  // namespace resources
