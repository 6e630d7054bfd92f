#include "resources/operator/update.h"

#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"
#include "resources/operator/private_data.h"
#include "resources/report.h"

namespace resources {
namespace {

constexpr size_t kShownConflicts = 10;

}  // namespace

UpdateRules RulesOfUpdate(const Sighting& seen, const Claimant& who,
                          const std::string& manager,
                          const OperatorModel& planned) {
  std::string former =
      base::StringAt(who.record, absl::StrCat("/", kManager)).value_or("");
  if (former == manager) former.clear();
  const bool imported =
      who.record.is_object() && who.record.contains(kImported);
  const bool force = planned.force_conflicts.value();
  return {.manager = manager,
          .uid = kube::UidOf(seen.live),
          .may_force =
              [force](const kube::FieldConflict& conflict) {
                return force || conflict.operation == "Update";
              },
          .may_yield = nullptr,
          .sources = EarlierManagers(former, imported, nullptr)};
}

std::string ExplainOperatorConflicts(
    std::vector<kube::FieldConflict> conflicts) {
  const size_t more = conflicts.size() > kShownConflicts
                          ? conflicts.size() - kShownConflicts
                          : 0;
  conflicts.resize(conflicts.size() - more);
  return absl::StrCat(
      "These fields belong to other managers:\n", ConflictLines(conflicts),
      more > 0 ? absl::StrCat("\n  and ", more, " more") : "",
      "\n\nLet the other manager give them up: take the object out of what it "
      "applies (a GitOps tool would set them again). Then, or to take them "
      "over right now, set force_conflicts = true on this wandb_operator; what "
      "others set in fields that it does not write stays.");
}

}  // namespace resources
