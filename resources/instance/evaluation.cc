#include "resources/instance/evaluation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/managed_fields.h"
#include "resources/instance/holders.h"
#include "resources/namespaced_name.h"
#include "resources/spec/effective.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"
#include "wandb/findings/findings.h"
#include "wandb/leaf_map.h"
#include "wandb/operator/settings.h"
#include "wandb/spec/others.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

const wandb::SpecLayer* Pointer(const std::optional<wandb::SpecLayer>& layer) {
  return layer.has_value() ? &*layer : nullptr;
}

wandb::SpecRequest RequestOf(const InstanceModel& model,
                             const wandb::SpecLayer& custom_resource,
                             const wandb::SpecLayer& own,
                             const RecordedLayers& layers) {
  return {.custom_resource = &custom_resource,
          .own = &own,
          .user_input = Pointer(layers.user_input),
          .channel = Pointer(layers.channel),
          .managed_spec = Pointer(layers.managed_spec),
          .airgapped = model.airgapped.value(),
          .instance = model.name.IsKnown() ? model.name.value() : "",
          .operator_namespace = OperatorNamespace(model)};
}

}  // namespace

wandb::SpecLayer WithOthers(const Compiled& compiled,
                            const RecordedLayers& layers) {
  if (!layers.others.has_value()) {
    return {.chart = compiled.chart, .values = compiled.all_values()};
  }
  return {
      .chart = wandb::AppliedBeside(compiled.chart, layers.others->chart),
      .values = wandb::AppliedBeside(compiled.values, layers.others->values)};
}

wandb::Evaluation EvaluateOver(const Desired& desired,
                               const RecordedLayers& layers) {
  const wandb::SpecLayer own = desired.compiled.layer();
  const wandb::SpecLayer custom_resource = WithOthers(desired.compiled, layers);
  wandb::SpecRequest request =
      RequestOf(desired.model, custom_resource, own, layers);
  request.sources = &desired.compiled.sources;
  if (desired.compiled.initial.is_null()) return wandb::Evaluate(request);
  wandb::Evaluation evaluation = {.effective = wandb::MergeLayers(request)};
  // What is left to others is not theirs to correct in the configuration.
  const wandb::SpecLayer written = {.chart = own.chart,
                                    .values = desired.compiled.all_values()};
  request.own = &written;
  evaluation.findings = wandb::FindMistakes(request, evaluation.effective);
  return evaluation;
}

bool AreAlike(const Desired& desired, const RecordedLayers& one,
              const RecordedLayers& other) {
  return one.user_input == other.user_input && one.channel == other.channel &&
         one.managed_spec == other.managed_spec &&
         WithOthers(desired.compiled, one) ==
             WithOthers(desired.compiled, other);
}

wandb::EffectiveSpec EffectiveOfLive(const Desired& desired, const Json& live,
                                     const RecordedLayers& layers) {
  const wandb::SpecLayer own = desired.compiled.layer();
  const wandb::SpecLayer custom_resource = wandb::CustomResourceLayer(live);
  wandb::EffectiveSpec spec = wandb::MergeLayers(
      RequestOf(desired.model, custom_resource, own, layers));
  for (wandb::Problem& clash : spec.problems) {
    if (IsOfOthers(clash, own, custom_resource)) NameHolders(live, "", clash);
  }
  return spec;
}

bool IsOfOthers(const wandb::Problem& clash, const wandb::SpecLayer& own,
                const wandb::SpecLayer& custom_resource) {
  const auto path = wandb::ParsePath(clash.path);
  return path.ok() && wandb::FindPath(own.values, *path) == nullptr &&
         wandb::FindPath(custom_resource.values, *path) != nullptr;
}

void NameHolders(const Json& live, absl::string_view except,
                 wandb::Problem& clash) {
  const auto path = wandb::ParsePath(clash.path);
  if (!path.ok()) return;
  kube::KeyPath keys = {"spec", "values"};
  for (const wandb::Step& step : *path) {
    if (step.IsIndex()) break;  // A list is one field.
    keys.push_back(step.key);
  }
  const std::string holders =
      HoldersOf(live, kube::FormatKeyPath(keys), except);
  if (holders.empty()) return;
  absl::StrAppend(&clash.message,
                  " In the custom resource it was written by field manager ",
                  holders, ".");
}

std::string OperatorNamespace(const InstanceModel& model) {
  const auto id = ParseNamespacedName(model.operator_id.value_or(""));
  return id.has_value() ? id->ns : wandb::kOperatorNamespace;
}

void SetEffective(const wandb::EffectiveSpec& spec, const wandb::Mask& mask,
                  InstanceModel& model) {
  EffectiveAttributes::Of(spec, mask).AssignTo(model);
}

void SetEffectiveUnknown(const Compiled& compiled, const RecordedLayers& layers,
                         InstanceModel& model) {
  // What the custom resource says itself is stronger than any layer below.
  const wandb::SpecLayer custom_resource = WithOthers(compiled, layers);
  model.url = UrlOf(custom_resource.values, compiled.mask);
  model.version = VersionOf(custom_resource.values, compiled.mask);
  model.effective_chart = ShownChart(custom_resource.chart);
  model.effective_values = UnknownStringMap();
  model.effective_origin = UnknownStringMap();
  model.release_metadata = UnknownStringMap();
  if (custom_resource.chart.is_null()) {
    model.effective_chart = Attr<EffectiveChartModel>::Unknown();
  }
  for (Attr<std::string>* text : {&model.url, &model.version}) {
    if (!text->IsKnown() || !compiled.leaves_known) {
      *text = Attr<std::string>::Unknown();
    }
  }
}

void SetEffectiveNull(InstanceModel& model) {
  model.effective_values = NullStringMap();
  model.effective_origin = NullStringMap();
  model.release_metadata = NullStringMap();
  if (model.effective_chart.IsUnknown()) model.effective_chart = {};
  if (model.url.IsUnknown()) model.url = {};
  if (model.version.IsUnknown()) model.version = {};
}

}  // namespace resources
