#include "resources/instance/finalizer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/generation_guard.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_quotes.h"
#include "wandb/custom_resource.h"

namespace resources {

namespace {

using base::Json;

// A line for each error of the operator since it was to uninstall `live`.
std::string Logged(const base::Context& ctx, kube::Client& client,
                   const InstanceModel& state, const Compiled& compiled,
                   const Json& live) {
  absl::Time since = absl::InfinitePast();
  std::string error;
  absl::ParseTime(
      absl::RFC3339_full,
      base::StringAt(live, "/metadata/deletionTimestamp").value_or(""), &since,
      &error);
  wandb::Scrubber scrubber = compiled.scrubber();
  LearnAll(ctx, client, state, compiled.mask, scrubber);
  const OperatorQuotes quotes = QuoteOperatorLog(
      ctx, client, LookAtOperator(ctx, client, state).deployment, state, since,
      scrubber);
  std::string text;
  for (const std::string& line : quotes.lines)
    absl::StrAppend(&text, line, "\n");
  return text;
}

}  // namespace

absl::Status ReleaseIfNeverInstalled(const base::Context& ctx,
                                     kube::Client& client,
                                     const InstanceModel& state,
                                     tf::Diagnostics& diags) {
  const kube::ObjectRef ref = CustomResourceRef(state);
  const auto live = client.Get(ctx, ref);
  if (!live.ok() || !kube::IsTerminating(*live)) return absl::OkStatus();
  const auto active = ReadActiveSpec(ctx, client, state, kube::UidOf(*live));
  if (!active.ok() || active->has_value()) return absl::OkStatus();
  const auto releases = client.List(
      ctx, {"", "v1", "secrets", ref.ns},
      {.label_selector = absl::StrCat("owner=helm,name=", ref.name),
       .keep = [](Json& release) {
         release.erase("data");  // All that counts is that there is one.
         return true;
       }});
  const Json* finalizers = base::Find(*live, "/metadata/finalizers");
  if (!releases.ok() || !releases->items.empty() || finalizers == nullptr) {
    return absl::OkStatus();
  }
  Json others = Json::array();
  for (const Json& finalizer : *finalizers) {
    if (finalizer != wandb::kFinalizer) others.push_back(finalizer);
  }
  if (others.size() == finalizers->size()) return absl::OkStatus();
  const auto patched =
      client.Patch(ctx, ref,
                   {{"metadata",
                     {{"resourceVersion", kube::ResourceVersionOf(*live)},
                      {"finalizers", others}}}},
                   {.field_manager = "terraform-provider-wandb-finalizers"});
  if (IsRefused(patched.status())) return patched.status();
  // Otherwise the wait goes on, and looks again.
  if (patched.ok()) {
    diags.AddWarning(
        "The operator's finalizer was removed",
        absl::StrCat("The operator never installed W&B for ", ref.ns, "/",
                     ref.name,
                     ", and would have tried for ever to uninstall it."));
  }
  return absl::OkStatus();
}

absl::Status AwaitUninstalled(const base::Context& ctx, kube::Client& client,
                              const InstanceModel& state, absl::Duration look,
                              tf::Diagnostics& diags) {
  const std::string uid = state.uid.value_or("");
  const kube::ObjectRef ref = CustomResourceRef(state);
  absl::Time next_look = absl::Now() + look;
  Json last;
  const auto gone = kube::AwaitObject(
      ctx, client, ref,
      [&](const Json* live) -> absl::StatusOr<bool> {
        last = live == nullptr ? Json() : *live;
        if (live == nullptr) return true;
        if (!uid.empty() && kube::UidOf(*live) != uid) return true;
        if (absl::Now() < next_look) return false;
        next_look = absl::Now() + look;
        RETURN_IF_ERROR(ReleaseIfNeverInstalled(ctx, client, state, diags));
        return false;
      },
      {.look_again = look});
  if (kube::IsKindNotServed(gone.status())) return absl::OkStatus();
  return kube::NoteHeld(gone.status(), ref, last);
}

std::string ExplainHeld(const base::Context& ctx, kube::Client& client,
                        const InstanceModel& state, const Compiled& compiled,
                        const absl::Status& status) {
  const kube::ObjectRef ref = CustomResourceRef(state);
  const auto live = client.Get(ctx, ref);
  if (!live.ok() || !kube::IsTerminating(*live)) return "";
  if (kube::FinalizersOf(*live).empty()) return "";
  const std::string held =
      kube::IsHeld(status)
          ? ""
          : absl::StrCat("It ", kube::DescribeDeletion(*live),
                         ". To look further: ", kube::LookCommand(ref), "\n");
  const std::vector<std::string> finalizers = kube::FinalizersOf(*live);
  const bool operators = std::find(finalizers.begin(), finalizers.end(),
                                   wandb::kFinalizer) != finalizers.end();
  return absl::StrCat(
      operators ? Logged(ctx, client, state, compiled, *live) : "", held,
      "The operator removes its finalizer (", wandb::kFinalizer,
      ") once it has uninstalled W&B: check that the operator "
      "runs.");
}

}  // namespace resources
