#include "resources/operator/update.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "resources/operator/fit.h"
#include "resources/owner.h"
#include "resources/report.h"

namespace resources {
namespace {

constexpr size_t kShownConflicts = 10;

// Those that the rules of an update give us: what others set by hand, the
// fields of the tools of an import, and all of it by force.
std::vector<kube::Takeover::Source> OfSourcesInTheWay(
    const Sighting& seen, bool force,
    const std::vector<kube::Takeover::Source>& sources) {
  base::Json fields = base::Json::object();
  for (const SourceClash& clash : SourceClashes(seen)) {
    kube::UniteFields(fields, clash.Fields());
  }
  if (fields.empty()) return {};
  const auto gives = [force, sources](const kube::ManagerEntry& entry) {
    return force || entry.operation == "Update" ||
           std::any_of(sources.begin(), sources.end(),
                       [&entry](const auto& each) { return each.from(entry); });
  };
  return {{.from = gives, .fields = std::move(fields)}};
}

// Whether a part of `wanted` is in `fields`.
bool HoldsAny(const base::Json& fields, const base::Json& wanted) {
  for (const auto& [key, below] : wanted.items()) {
    const auto it = fields.find(key);
    if (it != fields.end() && (below.empty() || HoldsAny(*it, below))) {
      return true;
    }
  }
  return false;
}

}  // namespace

ssa::UpdateRules RulesOfUpdate(const Sighting& seen, const Claimant& who,
                               const std::string& manager,
                               const OperatorModel& planned) {
  // Those that name the owner need no record, which core may have dropped.
  const std::vector<std::string> named = ManagersNamingOwner(seen.live);
  std::set<std::string> former(named.begin(), named.end());
  if (!who.record.manager.empty()) former.insert(who.record.manager);
  former.erase(manager);
  const bool force = planned.force_conflicts.value();
  std::vector<kube::Takeover::Source> sources =
      ssa::EarlierManagers(former, who.record.imported, nullptr);
  std::vector<kube::Takeover::Source> ahead =
      OfSourcesInTheWay(seen, force, sources);
  return {.manager = manager,
          .uid = kube::UidOf(seen.live),
          .may_force =
              [force](const kube::FieldConflict& conflict) {
                return force || conflict.operation == "Update";
              },
          .may_yield = nullptr,
          .sources = std::move(sources),
          .ahead = std::move(ahead)};
}

std::vector<kube::FieldConflict> HeldSources(const Sighting& seen,
                                             const ssa::UpdateRules& rules) {
  std::vector<kube::FieldConflict> held;
  for (const SourceClash& clash : SourceClashes(seen)) {
    for (const kube::ManagerEntry& entry : kube::ManagersOf(seen.live)) {
      const bool given = entry.manager == rules.manager ||
                         std::any_of(rules.ahead.begin(), rules.ahead.end(),
                                     [&entry](const auto& source) {
                                       return source.from(entry);
                                     });
      if (given || !HoldsAny(entry.fields, clash.Fields())) continue;
      held.push_back({.field = clash.Field(),
                      .manager = entry.manager,
                      .operation = entry.operation,
                      .time = entry.time});
    }
  }
  return held;
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
