#include "resources/instance/read.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/status.h"
#include "resources/instance/body.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/compile.h"
#include "resources/instance/drift.h"
#include "resources/instance/readiness.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"
#include "wandb/readiness.h"
#include "wandb/spec.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

// The keys of `stored` with their live values: drift of labels.
Attr<InstanceModel::StringMap> LiveEntries(
    const Attr<InstanceModel::StringMap>& stored, const Json& live,
    absl::string_view pointer) {
  if (!stored.IsKnown()) return stored;
  const Json* entries = base::Find(live, pointer);
  InstanceModel::StringMap out;
  for (const auto& [key, value] : stored.value()) {
    const auto it =
        entries == nullptr ? Json::const_iterator() : entries->find(key);
    if (entries != nullptr && it != entries->end() && it->is_string()) {
      out[key] = it->get<std::string>();
    }
  }
  return out;
}

// Not found, or not served: only the API server's own word for the object (or
// for the whole kind) drops the state.
void ReadMissing(const base::Context& ctx, const Session& session,
                 kube::Client& client, const absl::Status& status,
                 tf::ReadCall<InstanceModel>& call) {
  if (absl::IsNotFound(status) || kube::IsNamespaceMissing(status)) {
    call.gone = true;
    return;
  }
  if (kube::IsKindNotServed(status) &&
      absl::IsNotFound(
          client.Get(ctx, kube::CrdRef(wandb::kCrdName)).status())) {
    call.gone = true;
    call.diags.AddWarning(
        "The WeightsAndBiases CRD is gone",
        absl::StrCat("With it, Kubernetes deleted instance ", IdOf(call.state),
                     ". It is planned to be created again."));
    return;
  }
  ReportStatus(absl::StrCat("Cannot read ",
                            kube::Describe(CustomResourceRef(call.state))),
               status, session, Compile(call.state).scrubber(), call.diags);
}

// Attributes of an imported object, as a configuration would write them.
void FillImported(const Json& live, InstanceModel& state) {
  const Json* values = base::Find(live, "/spec/values");
  if (values != nullptr) {
    if (auto any = cty::FromJson(*values); any.ok()) state.values = *any;
  }
  const Json* chart = base::Find(live, "/spec/chart");
  if (chart != nullptr) state.chart = ChartFromTree(*chart);
  InstanceModel::StringMap labels;
  const Json* live_labels = base::Find(live, "/metadata/labels");
  if (live_labels != nullptr) {
    const Json standard = wandb::MakeCustomResource(
        {.name = state.name.value(), .ns = state.ns.value()});
    for (const auto& [key, value] : live_labels->items()) {
      const bool ours =
          standard["metadata"]["labels"].value(key, Json()) == value;
      if (!ours && value.is_string()) labels[key] = value.get<std::string>();
    }
  }
  if (!labels.empty()) state.labels = labels;
}

}  // namespace

void ReadInstance(const base::Context& parent, const Session& session,
                  tf::ReadCall<InstanceModel>& call) {
  const base::Context ctx = parent.WithTimeout(absl::Minutes(2));
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  const auto live = client->Get(ctx, CustomResourceRef(call.state));
  if (!live.ok())
    return ReadMissing(ctx, session, *client, live.status(), call);

  InstanceModel& state = call.state;
  const std::string uid = state.uid.value_or("");
  if (!uid.empty() && uid != kube::UidOf(*live)) {
    call.gone = true;
    call.diags.AddWarning(
        absl::StrCat("Instance ", IdOf(state), " was deleted and made again"),
        absl::StrCat("The state knows ",
                     kube::Describe(CustomResourceRef(state)), " with uid ",
                     uid,
                     ", the cluster has another one, with "
                     "uid ",
                     kube::UidOf(*live),
                     ". The one of the state is gone, and the other is not "
                     "touched. Import it to manage it, or delete it so that "
                     "the next apply makes an instance of its own."));
    return;
  }
  if (call.private_data.erase(kImporting) > 0) FillImported(*live, state);
  SetObserved(*live, state);
  state.labels = LiveEntries(state.labels, *live, "/metadata/labels");
  state.annotations =
      LiveEntries(state.annotations, *live, "/metadata/annotations");
  const Compiled wrote = Compile(state);
  const Json live_values = wandb::CustomResourceLayer(*live).values;
  state.configured_values =
      StringMap(LiveLeafMap(wrote.values, live_values, wrote.mask));
  const Json live_chart = wandb::CustomResourceLayer(*live).chart;
  if (live_chart != wrote.chart) state.chart = ChartFromTree(live_chart);

  RecordedLayers recorded = RecordedLayers::FromPrivate(call.private_data);
  const auto layers = ReadLiveLayers(ctx, *client, state);
  if (layers.ok()) {
    recorded = layers->Recorded(wrote.mask);
    recorded.ToPrivate(call.private_data);
  } else if (absl::IsPermissionDenied(layers.status())) {
    call.diags.AddWarning(
        "The operator's Secrets cannot be read",
        absl::StrCat("The effective values of ", IdOf(state),
                     " are computed from what was last seen. ",
                     Explain(layers.status(), session, wrote.scrubber())));
  } else {
    return ReportStatus("Cannot read the specification's layers",
                        layers.status(), session, wrote.scrubber(), call.diags);
  }
  if (state.airgapped.value_or(false) || recorded.channel.has_value()) {
    const wandb::EffectiveSpec spec =
        EffectiveOf(state, wandb::CustomResourceLayer(*live), recorded);
    // On a clash the operator still runs what it had.
    if (spec.problems.empty()) SetEffective(spec, wrote.mask, state);
  }
  if (state.phase.value_or("") == wandb::kPhaseInvalidConfig) {
    state.ready = false;
  } else if (state.wait.value_or(true) && !state.ready.value_or(false)) {
    state.ready = IsReadyNow(ctx, *client, state, *live);
  }
}

}  // namespace resources
