#include "resources/instance/plan.h"

#include <utility>

#include "resources/instance/body.h"
#include "resources/instance/compile.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/spec.h"

namespace resources {
namespace {

using tf::Attr;

// Fills the release that the configuration previews into a create's layers.
void UsePreview(const InstanceModel& planned, RecordedLayers& layers,
                tf::Diagnostics& diags) {
  if (!planned.release.IsKnown() || !planned.release.IsWhollyKnown()) return;
  auto tree = TreeOf(planned.release);
  if (tree.ok()) {
    auto release = wandb::ParseRelease(*tree);
    if (release.ok()) {
      layers.channel = *std::move(release);
      return;
    }
    tree = release.status();
  }
  diags.AddError("release", "Invalid release", tree.status().message());
}

void PlanEffective(const RecordedLayers& layers, const Compiled& compiled,
                   InstanceModel& planned, tf::Diagnostics& diags) {
  const wandb::EffectiveSpec spec =
      EffectiveOf(planned, compiled.layer(), layers);
  ReportMergeProblems(spec.problems, diags);
  const bool all_layers =
      planned.airgapped.IsKnown() && !planned.operator_id.IsUnknown() &&
      (planned.airgapped.value_or(false) || layers.channel.has_value());
  if (all_layers) {
    SetEffective(spec, compiled.mask, planned);
  } else {
    SetEffectiveUnknown(compiled, planned);
  }
}

}  // namespace

void PlanInstance(const Session& session, tf::PlanCall<InstanceModel>& call) {
  InstanceModel& planned = call.planned;
  const Compiled compiled = Compile(planned);
  call.diags.Append(compiled.diags);
  if (call.diags.HasError()) return;
  planned.configured_values = LeafMap(compiled.values, compiled.mask);
  if (!call.prior.has_value()) {
    planned.id = planned.ns.IsKnown() && planned.name.IsKnown()
                     ? Attr<std::string>(IdOf(planned))
                     : Attr<std::string>::Unknown();
    RecordedLayers layers;
    UsePreview(planned, layers, call.diags);
    PlanEffective(layers, compiled, planned, call.diags);
    WarnIfUnconfigured(session, call.diags);
    return;
  }
  const RecordedLayers layers = RecordedLayers::FromPrivate(call.private_data);
  if (layers.channel.has_value() && !planned.release.IsNull() &&
      !call.prior->release.IsNull()) {
    planned.release = call.prior->release;  // Only a create's preview.
  }
  if (planned.wait.value_or(true) && !call.prior->ready.value_or(false)) {
    planned.ready = Attr<bool>::Unknown();  // Wait again.
  }
  using Encoding = tf::Codec<InstanceModel>;
  if (Encoding::Encode(planned) == Encoding::Encode(*call.prior)) return;
  PlanEffective(layers, compiled, planned, call.diags);
}

}  // namespace resources
