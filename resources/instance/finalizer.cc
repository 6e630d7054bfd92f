#include "resources/instance/finalizer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/generation_guard.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/holders.h"
#include "resources/instance/installing.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_quotes.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/spec.h"

namespace resources {

namespace {

using base::Json;

// What keeps the operator from uninstalling `live`, and a line for each error
// that it has logged since it was to.
struct OperatorHold {
  std::string faults;
  std::string logged;
};

OperatorHold HoldOf(const base::Context& ctx, kube::Client& client,
                    const Desired& state, const Json& live) {
  absl::Time since = absl::InfinitePast();
  std::string error;
  absl::ParseTime(
      absl::RFC3339_full,
      base::StringAt(live, "/metadata/deletionTimestamp").value_or(""), &since,
      &error);
  wandb::Scrubber scrubber = state.compiled.scrubber();
  LearnAll(ctx, client, state, scrubber);
  const OperatorLook look = LookAtOperator(ctx, client, state.model);
  OperatorHold hold;
  for (const OperatorFault& fault : look.faults) {
    if (!fault.IsIdle()) continue;
    absl::StrAppend(&hold.faults, fault.summary, ". ", fault.DetailAtRemoval(),
                    "\n");
  }
  const OperatorQuotes quotes = QuoteOperatorLog(ctx, client, look.deployment,
                                                 state.model, since, scrubber);
  for (const std::string& line : quotes.lines) {
    absl::StrAppend(&hold.logged, line, "\n");
  }
  return hold;
}

// How long it may take to find out what holds the object.
constexpr absl::Duration kLook = absl::Seconds(10);

// How long an object without finalizers may take to go.
constexpr absl::Duration kRemoval = absl::Seconds(60);

constexpr char kFinalizerManager[] = "terraform-provider-wandb-finalizers";

constexpr char kUninstallFault[] = "wandb.ai/uninstall-fault";

absl::Status UninstallFault(const StandingFault& fault) {
  absl::Status status = absl::FailedPreconditionError(
      absl::StrCat(fault.summary, ".\n", fault.detail));
  status.SetPayload(kUninstallFault, absl::Cord("1"));
  return status;
}

bool HasOperatorFinalizer(const Json& live) {
  const std::vector<std::string> finalizers = kube::FinalizersOf(live);
  return std::find(finalizers.begin(), finalizers.end(), wandb::kFinalizer) !=
         finalizers.end();
}

// The finalizers of others.
std::vector<std::string> WithoutOperators(const Json& live) {
  std::vector<std::string> others = kube::FinalizersOf(live);
  std::erase(others, std::string(wandb::kFinalizer));
  return others;
}

// What the operator has left of `live`.
struct Traces {
  bool applied = false;   // A specification that it has applied.
  bool released = false;  // A Helm release.
  bool WasNeverInstalled() const { return !applied && !released; }
  bool IsForgotten() const { return applied && !released; }
};

// nullopt where that cannot be told.
std::optional<Traces> TracesOf(const base::Context& ctx, kube::Client& client,
                               const InstanceModel& state, const Json& live) {
  const auto active = ReadActiveSpec(ctx, client, state, kube::UidOf(live));
  if (!active.ok()) return std::nullopt;
  const kube::ObjectRef ref = CustomResourceRef(state);
  const auto releases = client.List(
      ctx, {"", "v1", "secrets", ref.ns},
      {.label_selector = absl::StrCat("owner=helm,name=", ref.name),
       .keep = [](Json& release) {
         release.erase("data");  // All that counts is that there is one.
         return true;
       }});
  if (!releases.ok()) return std::nullopt;
  return Traces{active->has_value(), !releases->items.empty()};
}

// False also where that cannot be told.
bool WasNeverInstalled(const base::Context& ctx, kube::Client& client,
                       const InstanceModel& state, const Json& live) {
  const auto traces = TracesOf(ctx, client, state, live);
  return traces.has_value() && traces->WasNeverInstalled();
}

std::string Kubectl(absl::string_view verb, const kube::ObjectRef& ref) {
  return absl::StrCat("kubectl ", verb, " ", ref.resource,
                      ref.group.empty() ? "" : absl::StrCat(".", ref.group),
                      " ", ref.name, " --namespace=", ref.ns);
}

// How to mend what keeps `live` from being uninstalled; `console` says whether
// what the System Console wrote has a part in it.
std::string WayOut(const InstanceModel& state, const Json& live, bool console) {
  if (!kube::IsTerminating(live)) {
    return "Correct one of the two sources, and apply that, before the "
           "instance is destroyed: an apply does not change what is being "
           "deleted.";
  }
  const kube::ObjectRef ref = CustomResourceRef(state);
  return absl::StrCat(
      "An apply does not change what is being deleted. Correct one of the two "
      "sources in the cluster:\n  ",
      Kubectl("edit", ref), "  # the custom resource\n",
      console ? absl::StrCat(
                    "  ",
                    Kubectl("delete",
                            kube::SecretRef(
                                ref.ns, wandb::UserInputSecretName(ref.name))),
                    "  # all that was entered in the System Console\n")
              : "",
      "The operator then "
      "uninstalls W&B, and the next destroy finds that done. To give up what "
      "it would uninstall, which then stays in the cluster, take its "
      "finalizer ",
      wandb::kFinalizer, " away.");
}

// That the operator merges the layers first, and cannot. nullopt where it can,
// and where that cannot be told.
std::optional<StandingFault> FindMergeFault(const base::Context& ctx,
                                            kube::Client& client,
                                            const Desired& state,
                                            const Json& live) {
  // The operators that take a managed spec delete over what they applied last.
  const auto layers = ReadLiveLayers(ctx, client, state.model, false);
  StandingFault fault;
  bool console = true;
  if (layers.ok()) {
    const wandb::EffectiveSpec spec = ExpectedSpec(state, live, *layers);
    if (spec.problems.empty()) return std::nullopt;
    LiveLayers without = *layers;
    without.user_input.reset();
    console = ExpectedSpec(state, live, without).problems != spec.problems;
    fault.summary = "The operator cannot merge the specification";
    fault.detail = ClashLines(spec.problems);
  } else if (absl::IsInvalidArgument(layers.status()) &&
             IsBrokenContent(layers.status())) {
    fault.summary = "The operator cannot read the user input";
    fault.detail = absl::StrCat(layers.status().message(), ".");
  } else {
    return std::nullopt;
  }
  absl::StrAppend(&fault.summary, " of ", IdOf(state.model),
                  ", and uninstalls nothing before it can");
  absl::StrAppend(&fault.detail, "\n\n", WayOut(state.model, live, console));
  return fault;
}

// A command that takes the operator's finalizer away, and no other.
std::string ReleaseCommand(const kube::ObjectRef& ref, const Json& live) {
  return absl::StrCat(
      Kubectl("patch", ref), " --type=merge --patch='",
      Json({{"metadata", {{"finalizers", WithoutOperators(live)}}}}).dump(),
      "'");
}

// Takes the operator's finalizer away from `live` as it is.
absl::Status Release(const base::Context& ctx, kube::Client& client,
                     const kube::ObjectRef& ref, const Json& live) {
  return client
      .Patch(ctx, ref,
             {{"metadata",
               {{"resourceVersion", kube::ResourceVersionOf(live)},
                {"finalizers", WithoutOperators(live)}}}},
             {.field_manager = kFinalizerManager})
      .status();
}

// What may be left of its Helm release. Not by the label of the chart's name
// for an instance, which many of its objects lack; this one is Helm's own.
std::string LeftoversCommand(const kube::ObjectRef& ref) {
  return absl::StrCat(
      "kubectl get "
      "all,ingresses,configmaps,secrets,serviceaccounts,roles,rolebindings,"
      "persistentvolumeclaims --namespace=",
      ref.ns,
      " --selector=app.kubernetes.io/managed-by=Helm  # other releases', too\n"
      "  kubectl get secrets --namespace=",
      ref.ns, " --selector=owner=helm,name=", ref.name,
      "  # where there is one, helm uninstall ", ref.name,
      " --namespace=", ref.ns, " removes the rest");
}

// That Helm has no record of what the operator installed.
StandingFault ForgottenRelease(const InstanceModel& state, const Json& live) {
  const kube::ObjectRef ref = CustomResourceRef(state);
  return {
      absl::StrCat("The Helm release of ", IdOf(state),
                   " is gone, and the operator cannot uninstall without it"),
      absl::StrCat(
          "The operator has installed W&B, but no Secret sh.helm.release.v1.",
          ref.name, ".* is left in namespace \"", ref.ns,
          "\", in which Helm kept what it made. The operator would try for "
          "ever "
          "to uninstall it (\"release: not found\").\n\n"
          "If there is a copy of that Secret, put it back: the operator then "
          "uninstalls W&B. Otherwise take the operator's finalizer away:\n  ",
          ReleaseCommand(ref, live),
          "\nKubernetes then deletes what belongs to the instance. To see what "
          "is left of the release after that:\n  ",
          LeftoversCommand(ref))};
}

struct Found {
  StandingFault fault;
  // What is yet installed gets a release, and is uninstalled.
  bool ends_with_install = false;
};

std::optional<Found> Find(const base::Context& ctx, kube::Client& client,
                          const Desired& state, const Json& live) {
  if (!HasOperatorFinalizer(live)) return std::nullopt;
  const auto traces = TracesOf(ctx, client, state.model, live);
  if (traces.has_value() && traces->WasNeverInstalled()) return std::nullopt;
  if (auto fault = FindMergeFault(ctx, client, state, live)) {
    return Found{*std::move(fault)};
  }
  if (!traces.has_value() || !traces->IsForgotten()) return std::nullopt;
  return Found{ForgottenRelease(state.model, live), true};
}

}  // namespace

std::optional<StandingFault> FindUninstallFault(const base::Context& ctx,
                                                kube::Client& client,
                                                const Desired& state,
                                                const Json& live) {
  auto found = Find(ctx, client, state, live);
  if (!found.has_value()) return std::nullopt;
  return std::move(found->fault);
}

absl::Status ReleaseIfNeverInstalled(const Operation& op,
                                     const Desired& state) {
  const kube::ObjectRef ref = state.ref();
  const auto live = op.client.Get(op.ctx, ref);
  if (!live.ok() || !kube::IsTerminating(*live)) return absl::OkStatus();
  // Once more after the operator: what it was about to install it may have
  // installed in between.
  if (!HasOperatorFinalizer(*live) ||
      !WasNeverInstalled(op.ctx, op.client, state.model, *live) ||
      MayStillInstall(op.ctx, op.client, state.model, *live) ||
      !WasNeverInstalled(op.ctx, op.client, state.model, *live)) {
    return absl::OkStatus();
  }
  const absl::Status patched = Release(op.ctx, op.client, ref, *live);
  if (IsRefused(patched)) return patched;
  // Otherwise the wait goes on, and looks again.
  if (patched.ok()) {
    op.diags.AddWarning(
        "The operator's finalizer was removed",
        absl::StrCat("The operator never installed W&B for ", ref.ns, "/",
                     ref.name,
                     ", and would have tried for ever to uninstall it."));
  }
  return absl::OkStatus();
}

bool IsUninstallFault(const absl::Status& status) {
  return status.GetPayload(kUninstallFault).has_value();
}

absl::Status AwaitUninstalled(const Operation& op, const Desired& state,
                              absl::Duration look) {
  const std::string uid = state.model.uid.value_or("");
  const kube::ObjectRef ref = state.ref();
  absl::Time next_look = absl::Now() + look;
  Json last;
  bool faulty = false;  // So the last look has found it.
  const auto gone = kube::AwaitObject(
      op.ctx, op.client, ref,
      [&](const Json* live) -> absl::StatusOr<bool> {
        last = live == nullptr ? Json() : *live;
        if (live == nullptr) return true;
        if (!uid.empty() && kube::UidOf(*live) != uid) return true;
        if (absl::Now() < next_look) return false;
        next_look = absl::Now() + look;
        RETURN_IF_ERROR(ReleaseIfNeverInstalled(op, state));
        const auto found = Find(op.ctx, op.client, state, *live);
        const bool standing =
            found.has_value() && faulty &&
            !(found->ends_with_install &&
              MayStillInstall(op.ctx, op.client, state.model, *live));
        if (standing) return UninstallFault(found->fault);
        faulty = found.has_value();
        return false;
      },
      {.look_again = look});
  if (kube::IsKindNotServed(gone.status())) return absl::OkStatus();
  return kube::NoteHeld(gone.status(), ref, last);
}

absl::Status RemoveIfStuck(const Operation& op, const Desired& state,
                           const absl::Status& status, absl::string_view why) {
  if (state.model.on_stuck_finalizer.value() != StuckFinalizer::kRemove ||
      !(IsUninstallFault(status) || kube::IsHeld(status))) {
    return status;
  }
  const kube::ObjectRef ref = state.ref();
  const std::string uid = state.model.uid.value_or("");
  bool removed = false;
  Json last;
  const auto gone = kube::AwaitObject(
      op.Aftermath(kRemoval), op.client, ref,
      [&](const Json* live) -> absl::StatusOr<bool> {
        last = live == nullptr ? Json() : *live;
        if (live == nullptr) return true;
        if (!uid.empty() && kube::UidOf(*live) != uid) return true;
        if (!kube::IsTerminating(*live)) return false;
        if (!HasOperatorFinalizer(*live)) {
          // For those of others there was time.
          if (kube::FinalizersOf(*live).empty()) return false;
          return absl::DeadlineExceededError(status.message());
        }
        const absl::Status patched =
            Release(op.Aftermath(kRemoval), op.client, ref, *live);
        if (IsRefused(patched)) return patched;
        // A conflict is a change, which comes here again.
        removed = removed || patched.ok();
        return false;
      },
      {.look_again = kUninstallLook});
  if (removed) {
    op.diags.AddWarning(
        absl::StrCat("The operator's finalizer was taken from ",
                     kube::Describe(ref)),
        absl::StrCat("on_stuck_finalizer = \"remove\" says so. W&B was not "
                     "uninstalled. This is what kept the operator from it, "
                     "and what could have been done while the object was "
                     "there:\n\n",
                     why, "\n\nTo see what is left:\n  ",
                     LeftoversCommand(ref)));
  }
  if (kube::IsKindNotServed(gone.status())) return absl::OkStatus();
  return kube::NoteHeld(gone.status(), ref, last);
}

std::string ExplainHeld(const Operation& op, const Desired& state,
                        const absl::Status& status) {
  const base::Context ctx = op.Aftermath(kLook);
  const kube::ObjectRef ref = state.ref();
  const auto live = op.client.Get(ctx, ref);
  if (!live.ok() || !kube::IsTerminating(*live)) return "";
  if (kube::FinalizersOf(*live).empty()) return "";
  const std::string held =
      kube::IsHeld(status)
          ? ""
          : absl::StrCat("It ", kube::DescribeDeletion(*live),
                         ". To look further: ", kube::LookCommand(ref), "\n");
  const std::string others = ForeignFinalizers(*live);
  if (!HasOperatorFinalizer(*live)) {
    return absl::StrCat(held, "The operator's finalizer (", wandb::kFinalizer,
                        ") is not there any more. These hold the instance "
                        "still:\n",
                        others, "\n\nAsk them; then destroy again.");
  }
  const OperatorHold hold = HoldOf(ctx, op.client, state, *live);
  const std::string text = absl::StrCat(hold.faults, hold.logged, held);
  if (IsUninstallFault(status)) return text;  // It says the rest.
  if (const auto fault = FindUninstallFault(ctx, op.client, state, *live)) {
    return absl::StrCat(fault->summary, ".\n", fault->detail, "\n\n", text);
  }
  return absl::StrCat(
      text, "The operator removes its finalizer (", wandb::kFinalizer,
      ") once it has uninstalled W&B",
      hold.faults.empty() ? ": check that the operator runs." : ".",
      state.model.on_stuck_finalizer.value() == StuckFinalizer::kRemove
          ? ""
          : "\nTo give up what it would uninstall, apply on_stuck_finalizer = "
            "\"remove\", and destroy again.",
      others.empty()
          ? ""
          : absl::StrCat("\nThese hold the instance, too:\n", others));
}

}  // namespace resources
