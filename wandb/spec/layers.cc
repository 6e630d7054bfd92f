#include "wandb/spec/layers.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "wandb/chart/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// Whether `values` has something at `path`, or what isn't known on the way
// there. The custom resource is the strongest layer, so that its list elements
// keep their indices in the merge.
bool Reaches(const Json& values, const Path& path) {
  const Json* node = &values;
  for (const Step& step : path) {
    if (UnknownKind(*node) == Unknown::kShape) return true;
    if (step.IsIndex()) {
      if (!node->is_array() || *step.index >= node->size()) return false;
      node = &(*node)[*step.index];
      continue;
    }
    if (!node->is_object()) return false;
    const auto it = node->find(step.key);
    if (it == node->end()) return false;
    node = &*it;
  }
  return !path.empty() || !values.is_null();
}

// Whether the operator finds a chart here, or may once all is known.
bool HasChart(const SpecLayer& layer) {
  if (layer.chart.is_null()) return false;
  return HasUnknown(layer.chart) || ParseChart(layer.chart).has_value();
}

// What a layer is called in a sentence.
absl::string_view NameOf(Origin origin) {
  switch (origin) {
    case Origin::kCustomResource:
      return "the custom resource";
    case Origin::kOtherManager:
      return "what others wrote into the custom resource";
    case Origin::kUserInput:
      return "the user input of the System Console";
    case Origin::kManagedSpec:
      return "the managed spec (ConfigMap wandb-spec-managed)";
    case Origin::kReleaseChannel:
      return "the release channel";
    case Origin::kOperatorDefault:
      return "the operator's defaults";
  }
  return "an unknown layer";
}

// A layer, and what it is called.
struct Named {
  Origin origin;
  const SpecLayer* layer;
};

// The strongest first; null: none.
using Layers = std::array<Named, 4>;

// Of what the tree `index` of `layers` has at `path`.
Origin OriginOf(const SpecRequest& request, const Layers& layers, size_t index,
                const Path& path) {
  const Origin origin = layers[index].origin;
  const bool others = origin == Origin::kCustomResource &&
                      request.own != nullptr &&
                      !Reaches(request.own->values, path);
  return others ? Origin::kOtherManager : origin;
}

// Chart and metadata: each is that of the strongest layer which has one.
void ChooseWhole(const SpecRequest& request, const Layers& layers,
                 EffectiveSpec& spec) {
  for (const auto& [origin, layer] : layers) {
    if (layer == nullptr) continue;
    if (!spec.chart_origin.has_value() && HasChart(*layer)) {
      spec.chart = layer->chart;
      spec.chart_origin = origin;
    }
    if (spec.metadata.is_null()) spec.metadata = layer->metadata;
  }
  if (spec.chart_origin == Origin::kCustomResource && request.own != nullptr &&
      request.own->chart.is_null()) {
    spec.chart_origin = Origin::kOtherManager;
  }
}

}  // namespace

EffectiveSpec MergeLayers(const SpecRequest& request) {
  const SpecLayer defaults = {
      .values = {{"global",
                  {{"operator",
                    {{"apiVersion", kApiVersion},
                     {"namespace", request.operator_namespace}}}}}}};
  const SpecLayer* channel = request.airgapped ? nullptr : request.channel;
  const bool managed = request.managed_spec != nullptr;
  const Layers layers = {{
      {Origin::kCustomResource, request.custom_resource},
      {Origin::kUserInput, request.user_input},
      {managed ? Origin::kManagedSpec : Origin::kReleaseChannel,
       managed ? request.managed_spec : channel},
      {Origin::kOperatorDefault, &defaults},
  }};
  EffectiveSpec spec;
  ChooseWhole(request, layers, spec);
  std::vector<const Json*> trees;
  for (const Named& named : layers) {
    trees.push_back(named.layer == nullptr ? nullptr : &named.layer->values);
  }
  Merged merged = Merge(trees);
  spec.values = std::move(merged.values);
  spec.origins.reserve(merged.sources.size());
  ForEachLeaf(
      spec.values, [&](const Path& path, const std::string&, const Json&) {
        spec.origins.push_back(OriginOf(
            request, layers, merged.sources[spec.origins.size()], path));
      });
  for (const Clash& clash : merged.clashes) {
    spec.problems.push_back(ProblemOf(
        clash, NameOf(OriginOf(request, layers, clash.upper, clash.path)),
        NameOf(OriginOf(request, layers, clash.lower, clash.path))));
  }
  return spec;
}

}  // namespace wandb
