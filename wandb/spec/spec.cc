#include "wandb/spec/spec.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/go_json.h"
#include "base/status_macros.h"
#include "wandb/chart/chart.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"

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

absl::StatusOr<SpecLayer> ParseGivenRelease(const Json& release) {
  ASSIGN_OR_RETURN(SpecLayer layer, ParseRelease(release));
  if (release.empty() || release.contains("chart") ||
      release.contains("values") || release.contains("metadata")) {
    return layer;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("release: has ", release.begin().key(),
                   ", and none of chart, values and metadata"));
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

absl::StatusOr<SpecLayer> ParseManagedSpec(const Json& config_map) {
  const std::string what = absl::StrCat(
      "ConfigMap ",
      base::StringAt(config_map, "/metadata/namespace").value_or(""), "/",
      base::StringAt(config_map, "/metadata/name").value_or(""));
  const auto parse = [&](const std::string& key) -> absl::StatusOr<Json> {
    const auto text = base::StringAt(config_map, absl::StrCat("/data/", key));
    if (text.has_value()) {
      return base::ParseGoJson(*text,
                               absl::StrCat(what, ", data key `", key, "`"));
    }
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": has no data key `", key, "`"));
  };
  SpecLayer layer;
  ASSIGN_OR_RETURN(layer.values, parse("values"));
  ASSIGN_OR_RETURN(layer.chart, parse("chart"));
  RETURN_IF_ERROR(CheckLayer(layer, what));
  if (!layer.values.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, ", data key `values`: must be a map, and is ",
        layer.values.is_null() ? "" : "a ", KindName(layer.values)));
  }
  if (!ParseChart(layer.chart).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what,
                     ", data key `chart`: names no chart that the "
                     "operator knows"));
  }
  return layer;
}

absl::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kCustomResource:
      return "custom_resource";
    case Origin::kOtherManager:
      return "other_manager";
    case Origin::kUserInput:
      return "user_input";
    case Origin::kManagedSpec:
      return "managed_spec";
    case Origin::kReleaseChannel:
      return "release_channel";
    case Origin::kOperatorDefault:
      return "operator_default";
  }
  return "";
}

std::map<std::string, Origin> OriginMap(const Json& values,
                                        const std::vector<Origin>& origins) {
  std::map<std::string, Origin> result;
  size_t i = 0;
  ForEachLeaf(values, [&](const Path&, const std::string& text, const Json&) {
    // Leaves come in the order of their keys, which is nearly that of paths.
    if (i < origins.size()) {
      result.emplace_hint(result.end(), text, origins[i]);
    }
    ++i;
  });
  return result;
}

}  // namespace wandb
