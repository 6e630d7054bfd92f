#include "resources/instance/compile.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/redact.h"
#include "base/yaml.h"
#include "resources/hidden_arguments.h"
#include "resources/namespaced_name.h"
#include "resources/spec/effective.h"
#include "resources/values.h"
#include "wandb/chart.h"
#include "wandb/configured_values.h"
#include "wandb/leaf_map.h"
#include "wandb/masked_layer.h"
#include "wandb/operator_manifests.h"
#include "wandb/others.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

constexpr char kLayers[] = "layers";
constexpr char kOthers[] = "others";
constexpr char kUserInput[] = "user_input";
constexpr char kChannel[] = "channel";
constexpr char kUserInputFault[] = "user_input_fault";

std::optional<wandb::SpecLayer> LayerFrom(const Json& stored, const char* key) {
  auto it = stored.find(key);
  if (it == stored.end() || !it->is_object()) return std::nullopt;
  return wandb::SpecLayer{it->value("chart", Json()),
                          it->value("values", Json()),
                          it->value("metadata", Json())};
}

Json LayerTo(const wandb::SpecLayer& layer) {
  return {{"chart", layer.chart},
          {"values", layer.values},
          {"metadata", layer.metadata}};
}

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
          .airgapped = model.airgapped.value(),
          .operator_namespace = OperatorNamespace(model)};
}

}  // namespace

Compiled Compile(const InstanceModel& model) {
  return Compile(SpecSources{.values_yaml = model.values_yaml,
                             .values = model.values,
                             .sensitive_values = model.sensitive_values,
                             .settings = model.settings,
                             .sensitive_paths = model.sensitive_paths,
                             .masking = model.masking,
                             .chart = model.chart});
}

void CheckNothingHidden(const InstanceModel& config, tf::Diagnostics& diags) {
  CheckNothingHidden(tf::Codec<InstanceModel>::Encode(config),
                     {"release", "values_yaml"}, diags);
  // A comment may say what it likes. Unknown or wrong YAML is said elsewhere.
  const std::vector<std::string> texts = config.values_yaml.value_or({});
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!absl::StrContains(texts[i], "sensitive")) continue;
    auto text = base::ReadYaml(texts[i], "values_yaml");
    if (!text.ok()) continue;
    if (auto tree = cty::FromJson(text->json); tree.ok()) {
      CheckNothingHiddenAt(
          cty::Path("values_yaml").Index(static_cast<int64_t>(i)), *tree,
          diags);
    }
  }
}

RecordedLayers RecordedLayers::FromPrivate(const Json& private_data) {
  RecordedLayers layers;
  auto it = private_data.find(kLayers);
  if (it == private_data.end() || !it->is_object()) return layers;
  layers.others = LayerFrom(*it, kOthers);
  layers.user_input = LayerFrom(*it, kUserInput);
  layers.channel = LayerFrom(*it, kChannel);
  layers.user_input_fault =
      base::StringAt(*it, absl::StrCat("/", kUserInputFault)).value_or("");
  return layers;
}

void RecordedLayers::ToPrivate(Json& private_data) const {
  Json& stored = private_data[kLayers] = Json::object();
  if (others.has_value()) stored[kOthers] = LayerTo(*others);
  if (user_input.has_value()) stored[kUserInput] = LayerTo(*user_input);
  if (channel.has_value()) stored[kChannel] = LayerTo(*channel);
  if (!user_input_fault.empty()) stored[kUserInputFault] = user_input_fault;
}

wandb::SpecLayer WithOthers(const wandb::SpecLayer& own,
                            const RecordedLayers& layers) {
  if (!layers.others.has_value()) return own;
  return {.chart = wandb::AppliedBeside(own.chart, layers.others->chart),
          .values = wandb::AppliedBeside(own.values, layers.others->values)};
}

wandb::Evaluation EvaluateOver(const InstanceModel& model,
                               const Compiled& compiled,
                               const RecordedLayers& layers) {
  const wandb::SpecLayer own = compiled.layer();
  const wandb::SpecLayer custom_resource = WithOthers(own, layers);
  wandb::SpecRequest request = RequestOf(model, custom_resource, own, layers);
  request.sources = &compiled.sources;
  return wandb::Evaluate(request);
}

wandb::EffectiveSpec EffectiveOfLive(const InstanceModel& model,
                                     const Json& live,
                                     const wandb::SpecLayer& own,
                                     const RecordedLayers& layers) {
  const wandb::SpecLayer custom_resource = wandb::CustomResourceLayer(live);
  return wandb::MergeLayers(RequestOf(model, custom_resource, own, layers));
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
  const wandb::SpecLayer custom_resource = WithOthers(compiled.layer(), layers);
  model.url = UrlOf(custom_resource.values, compiled.mask);
  model.effective_chart = ShownChart(custom_resource.chart);
  model.effective_values = UnknownStringMap();
  model.effective_origin = UnknownStringMap();
  model.release_metadata = UnknownStringMap();
  if (custom_resource.chart.is_null()) {
    model.effective_chart = Attr<EffectiveChartModel>::Unknown();
  }
  if (!model.url.IsKnown() || !compiled.mask_known) {
    model.url = Attr<std::string>::Unknown();
  }
}

void SetEffectiveNull(InstanceModel& model) {
  model.effective_values = NullStringMap();
  model.effective_origin = NullStringMap();
  model.release_metadata = NullStringMap();
  if (model.effective_chart.IsUnknown()) model.effective_chart = {};
  if (model.url.IsUnknown()) model.url = {};
}

}  // namespace resources
