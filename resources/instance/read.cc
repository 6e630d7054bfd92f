#include "resources/instance/read.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/ssa/owned_part.h"
#include "kube/status.h"
#include "resources/connection/connect.h"
#include "resources/connection/look_context.h"
#include "resources/instance/body.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/compile.h"
#include "resources/instance/drift.h"
#include "resources/instance/import.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/others.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/workloads.h"
#include "resources/instance/write.h"
#include "resources/namespace.h"
#include "resources/namespace_end.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"
#include "wandb/others.h"
#include "wandb/readiness.h"
#include "wandb/spec.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

// The keys of `stored` with their live values, and what is left over: drift of
// labels.
Attr<InstanceModel::StringMap> LiveEntries(
    const Attr<InstanceModel::StringMap>& stored, const Json& live,
    const Json& left_over, absl::string_view pointer) {
  const Json* entries = base::Find(live, pointer);
  const Json* more = base::Find(left_over, pointer);
  if (!stored.IsKnown() && more == nullptr) return stored;
  InstanceModel::StringMap out;
  if (stored.IsKnown() && entries != nullptr) {
    for (const auto& [key, value] : stored.value()) {
      const auto it = entries->find(key);
      if (it != entries->end() && it->is_string()) {
        out[key] = it->get<std::string>();
      }
    }
  }
  if (more != nullptr && more->is_object()) {
    for (const auto& [key, value] : more->items()) {
      if (value.is_string()) out[key] = value.get<std::string>();
    }
  }
  return out;
}

// There is no custom resource to the state.
void ReadGone(const base::Context& ctx, const Session& session,
              kube::Client& client, tf::ReadCall<InstanceModel>& call) {
  const wandb::Scrubber scrubber = Compile(call.state).scrubber();
  call.gone = !KeepsNamespace(ctx, client,
                              {.ns = call.state.ns.value(),
                               .owner = NamespaceOwnerOf(call.state),
                               .makes = call.state.create_namespace.value(),
                               .session = session,
                               .scrubber = scrubber},
                              call.private_data, call.diags);
  if (!call.gone && !call.diags.HasError()) SetNoObject(call.state);
}

// Not found, or not served: only the API server's own word for the object (or
// for the whole kind) drops the state.
void ReadMissing(const base::Context& ctx, const Session& session,
                 const std::shared_ptr<kube::Client>& client,
                 const absl::Status& status,
                 tf::ReadCall<InstanceModel>& call) {
  if (absl::IsNotFound(status) || kube::IsNamespaceMissing(status)) {
    return ReadGone(ctx, session, *client, call);
  }
  // Operator v2 may have given up serving v1.
  if (kube::IsKindNotServed(status) &&
      !call.private_data.contains(kImporting) &&
      ReadOnOperatorV2(ctx, session, client, nullptr, call)) {
    return;
  }
  if (kube::IsKindNotServed(status) &&
      absl::IsNotFound(
          client->Get(ctx, kube::CrdRef(wandb::kCrdName)).status())) {
    call.diags.AddWarning(
        "The WeightsAndBiases CRD is gone",
        absl::StrCat("With it, Kubernetes deleted instance ", IdOf(call.state),
                     ". It is planned to be created again."));
    return ReadGone(ctx, session, *client, call);
  }
  ReportStatus(absl::StrCat("Cannot read ",
                            kube::Describe(CustomResourceRef(call.state))),
               OfFixedTime(status), session, Compile(call.state).scrubber(),
               call.diags);
}

// The fields of `wrote` with their live values; `stored` where they are equal.
Attr<ChartModel> LiveChart(const Attr<ChartModel>& stored, const Json& wrote,
                           const Json& live) {
  if (stored.IsUnknown() || !wrote.is_object()) return stored;
  Json there = Json::object();
  for (const auto& [key, value] : wrote.items()) {
    const auto it = live.find(key);
    if (it != live.end()) there[key] = ssa::OwnedPart(value, *it);
  }
  const Json known = ChartTree(stored);
  return there == known ? stored : ChangedChart(known, there);
}

// Whether the object of the state is gone and `live` has only its name.
bool IsAnother(const Json& live, tf::ReadCall<InstanceModel>& call) {
  const InstanceModel& state = call.state;
  const std::string uid = state.uid.value_or("");
  if (uid.empty() || uid == kube::UidOf(live)) return false;
  call.gone = true;
  call.diags.AddWarning(
      absl::StrCat("Instance ", IdOf(state), " was deleted and made again"),
      absl::StrCat("The state knows ", kube::Describe(CustomResourceRef(state)),
                   " with uid ", uid,
                   ", the cluster has another one, with "
                   "uid ",
                   kube::UidOf(live),
                   ". The one of the state is gone, and the other is not "
                   "touched. Import it to manage it, or delete it so that "
                   "the next apply makes an instance of its own."));
  return true;
}

// That somebody deletes the object, and what the next apply makes of that.
void WarnOfDeletion(const Json& live, tf::ReadCall<InstanceModel>& call) {
  const kube::ObjectRef ref = CustomResourceRef(call.state);
  call.diags.AddWarning(
      absl::StrCat("Instance ", IdOf(call.state), " is being deleted"),
      absl::StrCat(kube::Describe(ref), " ", kube::DescribeDeletion(live),
                   ". ready is false. The next apply waits for its end, as "
                   "long as the timeouts block allows, and then creates it "
                   "anew; to let it go, take it out of the configuration. "
                   "To see what is left to do: ",
                   kube::LookCommand(ref)));
}

// Sets what shows changes made outside. `wrote` is what the state says, with
// what is left over. A state that was imported just now may lack what could not
// be, and the next look shows it.
void ReadDrift(const Json& live, const Compiled& wrote, const Json& left_over,
               bool imported, InstanceModel& state) {
  SetObserved(live, state);
  state.labels = LiveEntries(state.labels, live, left_over, "/metadata/labels");
  state.annotations =
      LiveEntries(state.annotations, live, left_over, "/metadata/annotations");
  const wandb::SpecLayer layer = wandb::CustomResourceLayer(live);
  state.configured_values =
      StringMap(LiveLeafMap(wrote.values, layer.values, wrote.mask));
  if (!imported) {
    state.chart = LiveChart(state.chart, wrote.chart, layer.chart);
  }
}

void Warn(const StandingFault& fault, const wandb::Scrubber& scrubber,
          tf::Diagnostics& diags) {
  diags.AddWarning(fault.summary, scrubber.Scrub(fault.detail));
}

// Nothing of what others wrote so much of can be shown; the state stays as it
// is, so that a plan is possible. There is none yet where it was imported.
void ReportTooLarge(const absl::Status& status, bool imported,
                    tf::ReadCall<InstanceModel>& call) {
  const std::string summary =
      absl::StrCat("Instance ", IdOf(call.state), " is too large to be read");
  if (imported) return call.diags.AddError(summary, status.message());
  call.diags.AddWarning(
      summary, absl::StrCat(status.message(),
                            "\n\nThe state is that of the last refresh."));
}

// Sets the effective attributes and `ready` from what the cluster has.
void ReadSpecification(const base::Context& ctx, kube::Client& client,
                       const Session& session, const Json& live,
                       const Compiled& wrote, RecordedLayers& recorded,
                       tf::ReadCall<InstanceModel>& call) {
  InstanceModel& state = call.state;
  const auto seen = ReadSpecState(ctx, client, state, live, wrote.layer());
  wandb::Scrubber scrubber = wrote.scrubber();
  if (seen.ok()) {
    const RecordedLayers fresh = seen->layers.Recorded(wrote.mask);
    recorded.user_input = fresh.user_input;
    recorded.user_input_fault.clear();
    if (seen->layers.channel_fault.ok()) recorded.channel = fresh.channel;
    const auto secrets =
        SecretsOfAll(live, seen->layers, seen->active, wrote.mask);
    session.secrets()->Add(secrets);
    scrubber.Add(secrets);
  } else if (IsBrokenContent(seen.status())) {
    // Somebody else's mistake: no reason to stop every plan. What was said of
    // this layer before does not hold any more.
    recorded.NoteBroken(seen.status());
    state.ready = false;
    return Warn(BrokenUserInput(state, seen.status()), scrubber, call.diags);
  } else if (absl::IsPermissionDenied(seen.status())) {
    const bool ever_seen =
        state.airgapped.value() || recorded.channel.has_value();
    call.diags.AddWarning(
        "The operator's Secrets cannot be read",
        absl::StrCat("The effective values of ", IdOf(state),
                     ever_seen ? " are computed from what was last seen"
                               : " cannot be told",
                     state.wait.value()
                         ? ", and an apply that changes something cannot tell "
                           "whether it is ready (wait = true). "
                         : ". ",
                     Explain(seen.status(), session, wrote.scrubber(),
                             state.wait.value() ? WaitRules(state)
                                                : SecretsRule(state))));
  } else {
    return ReportStatus("Cannot read the specification's layers",
                        OfFixedTime(seen.status()), session, wrote.scrubber(),
                        call.diags);
  }
  if (state.airgapped.value() || recorded.channel.has_value()) {
    const wandb::EffectiveSpec spec =
        EffectiveOfLive(state, live, wrote.layer(), recorded);
    // On a clash the operator still runs what it had.
    if (spec.problems.empty()) SetEffective(spec, wrote.mask, state);
  }
  const bool all_read = seen.ok() && seen->layers.channel_fault.ok();
  if (seen.ok() && !all_read) {
    Warn(BrokenCachedRelease(state, seen->layers.channel_fault), scrubber,
         call.diags);
  }
  // Without all layers it cannot be told what the operator must be applying,
  // but those that there are may tell that it cannot.
  std::optional<StandingFault> fault;
  if (all_read) {
    fault = FindStandingFault(state, *seen, wrote.mask, scrubber);
  } else if (seen.ok()) {
    fault = FindClash(state, *seen);
  }
  if (fault.has_value()) {
    // One request more, where somebody waits for the operator.
    if (state.wait.value()) {
      for (const OperatorFault& why :
           LookAtOperator(ctx, client, state).faults) {
        absl::StrAppend(&fault->detail, "\n\n", why.summary, ". ", why.detail);
      }
    }
    Warn(*fault, scrubber, call.diags);
  }
  if (fault.has_value() ||
      state.phase.value_or("") == wandb::kPhaseInvalidConfig) {
    state.ready = false;
  } else if (all_read && state.wait.value() && !state.ready.value_or(false)) {
    state.ready = WorkloadsReady(ctx, client, state);
  }
}

}  // namespace

void ReadInstance(const base::Context& parent, const Session& session,
                  tf::ReadCall<InstanceModel>& call) {
  const base::Context ctx = ReadContext(parent);
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  // Whatever has the name since: this state has not made it.
  if (!HasObject(call.state) && !CreatedNamespace(call.private_data).empty()) {
    return ReadGone(ctx, session, *client, call);
  }
  const auto live = client->Get(ctx, CustomResourceRef(call.state));
  if (!live.ok()) {
    return ReadMissing(ctx, session, client, live.status(), call);
  }
  if (IsAnother(*live, call)) return;
  const bool imported = call.private_data.contains(kImporting);
  const bool dying = kube::IsTerminating(*live);
  NoteDying(dying, call.private_data);
  if (dying) {
    WarnOfDeletion(*live, call);
    call.state.ready = false;
  }
  if (absl::Status status = CheckLive(*live); !status.ok()) {
    if (base::StringAt(*live, "/status/phase") == wandb::kPhaseInvalidConfig) {
      call.state.ready = false;  // So much can be told.
    }
    return ReportTooLarge(status, imported, call);
  }
  call.private_data.erase(kImporting);
  const bool differs = imported && !FillImported(*live, call.state, call.diags);
  if (ReadOnOperatorV2(ctx, session, client, &*live, call)) return;
  Compiled wrote = Compile(call.state);
  session.secrets()->Add(wrote.secrets());
  session.secrets()->Learn(*live, wrote.mask);
  const std::string manager = session.field_manager();
  const Json body = BodyOf(call.state, wrote);
  const auto sources = SourcesOf(manager, body, call.private_data);
  const Json left_over = LeftOver(*live, body, manager, sources);
  const wandb::SpecLayer more = wandb::CustomResourceLayer(left_over);
  wrote.chart = wandb::Overlaid(wrote.chart, more.chart);
  wrote.values = wandb::Overlaid(wrote.values, more.values);
  ReadDrift(*live, wrote, left_over, imported, call.state);
  if (kube::ManagersOf(*live).empty() && !imported) {
    call.diags.AddWarning(
        absl::StrCat("Nobody owns the fields of ", IdOf(call.state)),
        "Somebody has cleared metadata.managedFields of the custom resource, "
        "so that Kubernetes does not know what this configuration wrote. The "
        "next update that changes something writes its values again and owns "
        "them from then on. What the configuration gives up until then stays "
        "in the cluster, as if another manager had set it; remove it by hand.");
  }
  RecordedLayers recorded = RecordedLayers::FromPrivate(call.private_data);
  recorded.others = OthersOf(*live, wrote, manager, sources);
  ReadSpecification(ctx, *client, session, *live, wrote, recorded, call);
  // What runs is not what the state says, or not for long.
  if (differs || dying) call.state.ready = false;
  recorded.ToPrivate(call.private_data);
}

}  // namespace resources
