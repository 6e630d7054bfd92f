#include "wandb/spec.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/go_json.h"
#include "base/status_macros.h"
#include "wandb/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

Json MemberOrNull(const Json& object, absl::string_view pointer) {
  const Json* member = base::Find(object, pointer);
  return member == nullptr ? Json() : *member;
}

// The operator decodes metadata into a map of strings.
bool IsMetadata(const Json& metadata) {
  if (metadata.is_null()) return true;
  if (!metadata.is_object()) return false;
  for (const Json& value : metadata) {
    if (!value.is_string() && !value.is_null()) return false;
  }
  return true;
}

absl::Status CheckLayer(const SpecLayer& layer, absl::string_view what) {
  if (const absl::Status status = CheckListable({&layer.values});
      !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat(what, ": values: ", status.message()));
  }
  if (!layer.values.is_null() && !layer.values.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, ": values must be a map, and is a ", KindName(layer.values)));
  }
  if (!IsMetadata(layer.metadata)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": metadata must be a map of strings"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> DecodeKey(const Json& secret, absl::string_view key,
                               absl::string_view what) {
  const auto encoded = base::StringAt(secret, absl::StrCat("/data/", key));
  if (!encoded.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": has no data key `", key, "`"));
  }
  std::string text;
  if (!absl::Base64Unescape(*encoded, &text)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": data key `", key, "` isn't base64"));
  }
  return base::ParseGoJson(text, absl::StrCat(what, ", data key `", key, "`"));
}

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

}  // namespace

std::string UserInputSecretName(absl::string_view instance) {
  return absl::StrCat(instance, "-spec-user");
}

std::string ActiveSecretName(absl::string_view instance) {
  return absl::StrCat(instance, "-spec-active");
}

std::string CachedReleaseSecretName(absl::string_view instance) {
  return absl::StrCat(instance, "-latest-cached-release");
}

SpecLayer CustomResourceLayer(const Json& custom_resource) {
  return {.chart = MemberOrNull(custom_resource, "/spec/chart"),
          .values = MemberOrNull(custom_resource, "/spec/values")};
}

absl::StatusOr<SpecLayer> ParseRelease(const Json& release) {
  if (!release.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("release: must be a map, and is a ", KindName(release)));
  }
  SpecLayer layer = {.chart = MemberOrNull(release, "/chart"),
                     .values = MemberOrNull(release, "/values"),
                     .metadata = MemberOrNull(release, "/metadata")};
  RETURN_IF_ERROR(CheckLayer(layer, "release"));
  return layer;
}

absl::StatusOr<SpecLayer> ParseSpecSecret(const Json& secret) {
  const std::string what = absl::StrCat(
      "Secret ", base::StringAt(secret, "/metadata/namespace").value_or(""),
      "/", base::StringAt(secret, "/metadata/name").value_or(""));
  SpecLayer layer;
  ASSIGN_OR_RETURN(layer.values, DecodeKey(secret, "values", what));
  ASSIGN_OR_RETURN(layer.chart, DecodeKey(secret, "chart", what));
  if (base::Find(secret, "/data/metadata") != nullptr) {
    ASSIGN_OR_RETURN(layer.metadata, DecodeKey(secret, "metadata", what));
  }
  RETURN_IF_ERROR(CheckLayer(layer, what));
  return layer;
}

EffectiveSpec ComputeEffectiveSpec(const SpecLayer& custom_resource,
                                   const SpecLayer* user_input,
                                   const SpecLayer* channel, bool airgapped,
                                   absl::string_view operator_namespace) {
  const SpecLayer defaults = {
      .values = {{"global",
                  {{"operator",
                    {{"apiVersion", kApiVersion},
                     {"namespace", std::string(operator_namespace)}}}}}}};
  struct Source {
    Origin origin;
    const SpecLayer* layer;
  };
  const Source sources[] = {
      {Origin::kCustomResource, &custom_resource},
      {Origin::kUserInput, user_input},
      {Origin::kReleaseChannel, airgapped ? nullptr : channel},
      {Origin::kOperatorDefault, &defaults},
  };

  EffectiveSpec spec;
  std::vector<Layer> layers;
  for (const auto& [origin, layer] : sources) {
    if (layer == nullptr) continue;
    layers.push_back({origin, &layer->values});
    if (!spec.chart_origin.has_value() && HasChart(*layer)) {
      spec.chart = layer->chart;
      spec.chart_origin = origin;
    }
    if (spec.metadata.is_null()) spec.metadata = layer->metadata;
  }
  Merged merged = Merge(layers);
  spec.values = std::move(merged.values);
  spec.origins = std::move(merged.origins);
  spec.problems = std::move(merged.problems);
  return spec;
}

void MarkOthers(const SpecLayer& own, EffectiveSpec& spec) {
  const auto mark = [&own](const Path& path, Origin& origin) {
    if (origin == Origin::kCustomResource && !Reaches(own.values, path)) {
      origin = Origin::kOtherManager;
    }
  };
  size_t i = 0;
  ForEachLeaf(spec.values,
              [&](const Path& path, const std::string&, const Json&) {
                if (i < spec.origins.size()) mark(path, spec.origins[i]);
                ++i;
              });
  for (MergeProblem& problem : spec.problems) {
    mark(problem.path, problem.upper);
    mark(problem.path, problem.lower);
  }
  if (spec.chart_origin == Origin::kCustomResource && own.chart.is_null()) {
    spec.chart_origin = Origin::kOtherManager;
  }
}

}  // namespace wandb
