#include "resources/instance/destroy_plan.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/finalizer.h"
#include "resources/instance/holders.h"
#include "resources/instance/operator_look.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/release_pin.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kShownPaths = 3;

// ".spec.a, .spec.b, .spec.c and 2 more"; "" for none.
std::string Shortened(std::vector<std::string> paths) {
  const size_t more =
      paths.size() > kShownPaths ? paths.size() - kShownPaths : 0;
  paths.resize(paths.size() - more);
  return absl::StrCat(absl::StrJoin(paths, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

// What an entry holds of the specification; "" for nothing.
std::string HeldOfSpec(const kube::ManagerEntry& entry) {
  std::vector<std::string> paths = kube::PathsOfFields(entry.fields);
  std::erase_if(paths, [](const std::string& path) {
    return !absl::StartsWith(path, ".spec.");
  });
  return Shortened(std::move(paths));
}

absl::string_view NameOf(Removal removal) {
  return removal == Removal::kDestroy ? "destroy" : "replacement";
}

// What people entered in the System Console; "" for nothing.
std::string ConsoleLine(const InstanceModel& state, const LiveLayers& layers) {
  if (!layers.user_input.has_value()) return "";
  std::vector<std::string> keys;
  if (layers.user_input->values.is_object()) {
    for (const auto& [key, value] : layers.user_input->values.items()) {
      // The pin of this configuration.
      if (key == wandb::kPinKey && value.is_string() &&
          value.get<std::string>() == state.release_id.value_or("")) {
        continue;
      }
      keys.push_back(wandb::FormatPath({wandb::Step::Key(key)}));
    }
  }
  const std::string held = Shortened(std::move(keys));
  if (held.empty()) return "";
  return absl::StrCat("  System Console (Secret \"",
                      wandb::UserInputSecretName(state.name.value()),
                      "\"): ", held);
}

// A line for each who has set something in `live` or beside it, but `manager`.
std::vector<std::string> OthersIn(const InstanceModel& state, const Json& live,
                                  const LiveLayers& layers,
                                  const std::string& manager) {
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
  if (std::string line = ConsoleLine(state, layers); !line.empty()) {
    lines.push_back(std::move(line));
  }
  return lines;
}

void WarnOfOthers(const InstanceModel& state,
                  const std::vector<std::string>& lines, Removal removal,
                  tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("The ", NameOf(removal), " of instance ", IdOf(state),
                   " deletes what others have set in it"),
      absl::StrCat(
          "Besides this configuration, these wrote to it:\n",
          absl::StrJoin(lines, "\n"), "\n\n",
          removal == Removal::kDestroy
              ? "If they still need it, take it out of the state instead: "
                "removed { lifecycle { destroy = false } }."
              : "The new instance starts without that. What is still needed "
                "has to be written into this configuration, or set again in "
                "the new one.",
          " Those that apply it again and again may make it anew."));
}

void WarnOfHold(const Operation& op, const Desired& state, const Json& live,
                Removal removal) {
  std::vector<std::string> finalizers = kube::FinalizersOf(live);
  const bool operators =
      std::erase(finalizers, std::string(wandb::kFinalizer)) > 0;
  std::vector<std::string> lines;
  if (operators) {
    for (const OperatorFault& fault :
         LookAtOperator(op.ctx, op.client, state.model).faults) {
      if (!fault.IsIdle()) continue;
      lines.push_back(
          absl::StrCat("The finalizer ", wandb::kFinalizer,
                       " holds it until the operator has uninstalled W&B. ",
                       fault.DetailAtRemoval()));
    }
  }
  // Of which layers there are, what is not known yet decides.
  if (operators && state.model.airgapped.IsKnown()) {
    if (const auto fault = FindUninstallFault(op.ctx, op.client, state, live)) {
      lines.push_back(absl::StrCat(fault->summary, ".\n", fault->detail));
    }
  }
  if (!finalizers.empty()) {
    lines.push_back(absl::StrCat(
        operators ? "Others hold it, too," : "Others hold it",
        " until they have done their work and take away their finalizers:\n",
        ForeignFinalizers(live)));
  }
  if (lines.empty()) return;
  op.diags.AddWarning(
      absl::StrCat("The ", NameOf(removal), " of instance ", IdOf(state.model),
                   " will be held up"),
      absl::StrCat(
          absl::StrJoin(lines, "\n"), "\n\n",
          operators && finalizers.empty() &&
                  state.model.on_stuck_finalizer.value() ==
                      StuckFinalizer::kRemove
              ? "Unless that changes, it takes the operator's finalizer away "
                "(on_stuck_finalizer), at the latest when the time of the "
                "timeouts block is up, and W&B is not uninstalled."
              : "Unless that changes, it fails, at the latest when the time "
                "of the timeouts block is up."));
}

}  // namespace

void WarnOfRemoval(const Operation& op, const Desired& state, const Json& live,
                   Removal removal) {
  InstanceModel named = state.model;  // Of the layers, only the user input.
  named.airgapped = true;
  const auto layers = ReadLiveLayers(op.ctx, op.client, named, false);
  const std::vector<std::string> lines =
      OthersIn(named, live, layers.ok() ? *layers : LiveLayers(),
               op.session.field_manager());
  if (!lines.empty()) WarnOfOthers(named, lines, removal, op.diags);
  WarnOfHold(op, state, live, removal);
}

void WarnOfRemoval(const base::Context& look, const Session& session,
                   const Desired& state, Removal removal,
                   tf::Diagnostics& diags) {
  if (session.ConfigUnknown() || !HasObject(state.model)) return;
  const auto client = session.Kube();
  if (!client.ok() || *client == nullptr) return;
  const auto live = (*client)->Get(look, state.ref());
  if (!live.ok() || kube::FateOf(&*live, state.model.uid.value_or("")) ==
                        kube::Fate::kReplaced) {
    return;
  }
  const wandb::Scrubber scrubber = state.compiled.scrubber();
  WarnOfRemoval({.ctx = look,
                 .client = **client,
                 .session = session,
                 .scrubber = scrubber,
                 .diags = diags},
                state, *live, removal);
}

}  // namespace resources
