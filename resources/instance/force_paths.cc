#include "resources/instance/force_paths.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "wandb/leaf_map.h"

namespace resources {
namespace {

constexpr char kSpec[] = "spec";
constexpr char kValues[] = "values";

bool IsWritten(const kube::KeyPath& path) {
  if (path[0] == kSpec) return true;
  return path.size() > 1 && path[0] == "metadata" &&
         (path[1] == "labels" || path[1] == "annotations");
}

}  // namespace

absl::StatusOr<kube::KeyPath> ParseForcePath(absl::string_view text) {
  const bool from_root = absl::ConsumePrefix(&text, ".");
  ASSIGN_OR_RETURN(const wandb::Path steps, wandb::ParseFieldPath(text));
  kube::KeyPath path;
  if (!from_root) path = {kSpec, kValues};
  for (const wandb::Step& step : steps) path.push_back(step.key);
  if (steps.empty()) {
    return absl::InvalidArgumentError(
        "the path is empty; force_conflicts = true takes over everything");
  }
  if (!IsWritten(path)) {
    return absl::InvalidArgumentError(
        "a path from the object's root starts with .spec, .metadata.labels or "
        ".metadata.annotations: this resource writes nothing else");
  }
  return path;
}

std::string ForcePathText(const kube::KeyPath& path) {
  if (path.size() <= 2 || path[0] != kSpec || path[1] != kValues) {
    const std::string text = kube::FormatKeyPath(path);
    return text[0] == '.' ? text : absl::StrCat(".", text);
  }
  wandb::Path steps;
  for (size_t i = 2; i < path.size(); ++i) {
    steps.push_back(wandb::Step::Key(path[i]));
  }
  return wandb::FormatPath(steps);
}

std::string MeantForcePath(absl::string_view text) {
  const auto steps = wandb::ParsePath(text);
  if (!steps.ok() || steps->empty()) return "";
  const std::string& first = steps->front().key;
  const char* root = nullptr;
  if (first == kSpec || first == "metadata") root = ".";
  if (first == "chart") root = ".spec.";
  if (first == "labels" || first == "annotations") root = ".metadata.";
  if (root == nullptr) return "";
  const auto path = ParseForcePath(absl::StrCat(root, text));
  return path.ok() ? ForcePathText(*path) : "";
}

tf::Validator ForcePath() {
  return [](const cty::Value& value, const cty::Path& at,
            tf::Diagnostics& diags) {
    const auto path = ParseForcePath(value.AsString());
    if (path.ok()) return;
    diags.AddError(
        at, "Invalid path",
        absl::StrCat(at.ToString(), " is \"", value.AsString(),
                     "\": ", path.status().message(),
                     ". Write paths as in configured_values, such as "
                     "global.host; outside of the values .spec.chart.version "
                     "or .metadata.labels.team."));
  };
}

}  // namespace resources
