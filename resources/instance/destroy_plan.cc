#include "resources/instance/destroy_plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "resources/instance/body.h"
#include "resources/instance/operator_look.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;
using Kind = OperatorFault::Kind;

constexpr size_t kShownPaths = 3;

// ".spec.a, .spec.b and 2 more" of what an entry holds of the specification; ""
// for nothing.
std::string HeldOfSpec(const kube::ManagerEntry& entry) {
  std::vector<std::string> paths = kube::PathsOfFields(entry.fields);
  std::erase_if(paths, [](const std::string& path) {
    return !absl::StartsWith(path, ".spec.");
  });
  const size_t more =
      paths.size() > kShownPaths ? paths.size() - kShownPaths : 0;
  paths.resize(paths.size() - more);
  return absl::StrCat(absl::StrJoin(paths, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

void WarnOfOthers(const Json& live, const std::string& manager,
                  tf::PlanDestroyCall<InstanceModel>& call) {
  std::vector<std::string> lines;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (!entry.subresource.empty() || entry.manager == manager) continue;
    const std::string held = HeldOfSpec(entry);
    if (held.empty()) continue;
    lines.push_back(
        absl::StrCat("  ", entry.manager, " (", entry.operation, ")",
                     entry.time.empty() ? "" : absl::StrCat(" at ", entry.time),
                     ": ", held));
  }
  if (lines.empty()) return;
  call.diags.AddWarning(
      absl::StrCat("The destroy of instance ", IdOf(call.state),
                   " deletes what others have set in it"),
      absl::StrCat(
          "Besides this configuration, these wrote to the custom resource:\n",
          absl::StrJoin(lines, "\n"),
          "\n\nIf they still need it, take it out of the state instead: "
          "removed "
          "{ lifecycle { destroy = false } }. Those that apply it again and "
          "again may make it anew."));
}

bool CannotUninstall(const OperatorFault& fault) {
  return fault.kind == Kind::kMissing || fault.kind == Kind::kNone ||
         fault.kind == Kind::kDying || fault.kind == Kind::kNoReplicas ||
         fault.kind == Kind::kElsewhere;
}

void WarnOfHold(const base::Context& look, kube::Client& client,
                const Json& live, tf::PlanDestroyCall<InstanceModel>& call) {
  std::vector<std::string> finalizers = kube::FinalizersOf(live);
  const bool operators =
      std::erase(finalizers, std::string(wandb::kFinalizer)) > 0;
  std::vector<std::string> lines;
  if (operators) {
    for (const OperatorFault& fault :
         LookAtOperator(look, client, call.state).faults) {
      if (!CannotUninstall(fault)) continue;
      lines.push_back(absl::StrCat(
          "The finalizer ", wandb::kFinalizer,
          " holds it until the operator has uninstalled W&B. ", fault.detail));
    }
  }
  if (!finalizers.empty()) {
    lines.push_back(
        absl::StrCat("Others hold it, too, until they have done their work: ",
                     absl::StrJoin(finalizers, ", "), "."));
  }
  if (lines.empty()) return;
  call.diags.AddWarning(
      absl::StrCat("The destroy of instance ", IdOf(call.state),
                   " will be held up"),
      absl::StrCat(absl::StrJoin(lines, "\n"),
                   "\n\nUnless that changes, the destroy waits as long as the "
                   "timeouts block allows, and then fails."));
}

}  // namespace

void WarnOfDestroy(const base::Context& look, const Session& session,
                   tf::PlanDestroyCall<InstanceModel>& call) {
  if (session.ConfigUnknown() || !HasObject(call.state)) return;
  const auto client = session.Kube();
  if (!client.ok() || *client == nullptr) return;
  const auto live = (*client)->Get(look, CustomResourceRef(call.state));
  if (!live.ok() || kube::FateOf(&*live, call.state.uid.value_or("")) ==
                        kube::Fate::kReplaced) {
    return;
  }
  WarnOfOthers(*live, session.field_manager(), call);
  WarnOfHold(look, **client, *live, call);
}

}  // namespace resources
