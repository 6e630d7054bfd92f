#include "wandb/evaluate.h"

#include <array>
#include <cstddef>
#include <utility>

#include "wandb/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/findings.h"
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
    case Origin::kReleaseChannel:
      return "the release channel";
    case Origin::kOperatorDefault:
      return "the operator's defaults";
  }
  return "an unknown layer";
}

}  // namespace

EffectiveSpec MergeLayers(const SpecRequest& request) {
  const SpecLayer defaults = {
      .values = {{"global",
                  {{"operator",
                    {{"apiVersion", kApiVersion},
                     {"namespace", request.operator_namespace}}}}}}};
  struct Named {
    Origin origin;
    const SpecLayer* layer;
  };
  const std::array<Named, 4> named = {{
      {Origin::kCustomResource, request.custom_resource},
      {Origin::kUserInput, request.user_input},
      {Origin::kReleaseChannel, request.airgapped ? nullptr : request.channel},
      {Origin::kOperatorDefault, &defaults},
  }};
  EffectiveSpec spec;
  std::vector<const Json*> trees;
  for (const auto& [origin, layer] : named) {
    trees.push_back(layer == nullptr ? nullptr : &layer->values);
    if (layer == nullptr) continue;
    if (!spec.chart_origin.has_value() && HasChart(*layer)) {
      spec.chart = layer->chart;
      spec.chart_origin = origin;
    }
    if (spec.metadata.is_null()) spec.metadata = layer->metadata;
  }
  // Of what the tree `index` has at `path`.
  const auto origin_of = [&](size_t index, const Path& path) {
    const Origin origin = named[index].origin;
    const bool others = origin == Origin::kCustomResource &&
                        request.own != nullptr &&
                        !Reaches(request.own->values, path);
    return others ? Origin::kOtherManager : origin;
  };
  if (spec.chart_origin == Origin::kCustomResource && request.own != nullptr &&
      request.own->chart.is_null()) {
    spec.chart_origin = Origin::kOtherManager;
  }
  Merged merged = Merge(trees);
  spec.values = std::move(merged.values);
  spec.origins.reserve(merged.sources.size());
  ForEachLeaf(spec.values,
              [&](const Path& path, const std::string&, const Json&) {
                spec.origins.push_back(
                    origin_of(merged.sources[spec.origins.size()], path));
              });
  for (const Clash& clash : merged.clashes) {
    spec.problems.push_back(
        ProblemOf(clash, NameOf(origin_of(clash.upper, clash.path)),
                  NameOf(origin_of(clash.lower, clash.path))));
  }
  return spec;
}

Evaluation Evaluate(const SpecRequest& request) {
  Evaluation result = {.effective = MergeLayers(request)};
  result.findings = FindMistakes(request, result.effective);
  return result;
}

Json SpecReport(const Evaluation& evaluation) {
  const EffectiveSpec& spec = evaluation.effective;
  Json list = Json::array();
  for (const Problem& finding : evaluation.findings) {
    list.push_back({{"id", finding.id},
                    {"severity", std::string(SeverityName(finding.severity))},
                    {"path", finding.path},
                    {"message", finding.message}});
  }
  Json origins = Json::object();
  for (const auto& [path, origin] : OriginMap(spec.values, spec.origins)) {
    origins[path] = std::string(OriginName(origin));
  }
  return {{"values", spec.values},
          {"origin", std::move(origins)},
          {"chart", spec.chart},
          {"release_metadata", spec.metadata},
          {"findings", std::move(list)}};
}

}  // namespace wandb
