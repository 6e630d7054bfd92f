#include "resources/operator/admission.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/ssa/create.h"
#include "resources/operator/objects.h"
#include "resources/operator/others_report.h"
#include "resources/report.h"

namespace resources {
namespace {

using base::Json;

// Before the apply does it.
void WarnOfAdoption(const Admission& admission, const Claimant& who,
                    tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("Apply will take over objects of operator ", who.id,
                   ", which exist already"),
      absl::StrCat(
          "They are as this configuration wants them, and were made less than "
          "an hour ago:\n  ",
          absl::StrJoin(admission.adopted, "\n  "),
          "\n\nA create that was interrupted leaves that. If instead another "
          "resource or another state manages them, take this one out of the "
          "configuration."));
}

}  // namespace

Admission Admit(const Operation& op, const std::vector<Sighting>& all,
                const Claimant& who) {
  Admission admission;
  std::vector<const Sighting*> others;
  std::vector<Json> adopted;
  for (const Sighting& seen : all) {
    if (!seen.exists() || seen.IsDying() || UsedIfPresent(seen.manifest)) {
      continue;
    }
    const Claim claim = ClaimTo(seen, all, who);
    if (claim == Claim::kOurs) continue;
    if (claim == Claim::kPerhaps &&
        ssa::IsWhatCreateMade(op.ctx, op.client, seen.ref, seen.manifest,
                              seen.live, op.session.field_manager())) {
      adopted.push_back(seen.live);
      admission.adopted.insert(seen.key);
    } else {
      others.push_back(&seen);
    }
  }
  if (!others.empty()) ReportOthers(op, others, all, who);
  admission.granted = others.empty();
  if (admission.granted && !adopted.empty()) {
    WarnOfAdopted(absl::StrCat("Operator ", who.id), adopted, op.diags);
  }
  return admission;
}

void WarnOfRefusal(const Operation& op, const std::vector<Sighting>& all,
                   const Claimant& who) {
  tf::Diagnostics refusal;
  const Admission admission =
      Admit({op.ctx, op.client, op.session, op.scrubber, refusal}, all, who);
  if (admission.granted) {
    if (!admission.adopted.empty()) WarnOfAdoption(admission, who, op.diags);
    return;
  }
  std::vector<std::string> parts;
  for (const tf::Diagnostic& item : refusal.items()) {
    parts.push_back(item.detail);
  }
  op.diags.AddWarning(
      absl::StrCat("Apply will fail: it may not write to all objects of "
                   "operator ",
                   who.id),
      absl::StrJoin(parts, "\n\n"));
}

}  // namespace resources
