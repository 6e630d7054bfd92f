#include "resources/instance/clear_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/table.h"
#include "wandb/settings/write_only.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;

bool IsFree(const wandb::Problem& problem) {
  return problem.source.has_value() &&
         (problem.source->attribute == "values" ||
          problem.source->attribute == "values_yaml");
}

}  // namespace

std::vector<wandb::Problem> ClearTextSecrets(const Desired& desired) {
  const Json& values = desired.compiled.values;
  std::vector<wandb::Problem> found;
  for (const wandb::SettingRow& row : wandb::SettingRows()) {
    if (!wandb::HasWriteOnlyTwin(row)) continue;
    const wandb::Path path = wandb::PathOf(row);
    const Json* text = wandb::FindPath(values, path);
    if (text == nullptr || !text->is_string() || *text == Json("") ||
        wandb::UnknownKind(*text).has_value()) {
      continue;
    }
    found.push_back({.id = "clear-text-secret",
                     .severity = wandb::Severity::kWarning,
                     .path = wandb::FormatPath(path),
                     .message = wandb::WriteOnlyTwinOf(row.attribute)});
  }
  desired.compiled.sources.NameIn(values, found);
  std::erase_if(found, [](const auto& each) { return !IsFree(each); });
  if (found.empty()) return found;
  std::vector<std::string> paths, twins;
  for (const wandb::Problem& each : found) {
    paths.push_back(each.path);
    twins.push_back(each.message);
  }
  found.resize(1);
  found[0].message = absl::StrCat(
      absl::StrJoin(paths, ", "),
      paths.size() == 1 ? " is a secret" : " are secrets",
      " in clear text: in the state, in plan files and in the custom "
      "resource. Give ",
      paths.size() == 1 ? "it" : "them", " by ", absl::StrJoin(twins, ", "),
      " (Terraform 1.11 or OpenTofu 1.11), or refer to a Secret of yours.");
  return found;
}

}  // namespace resources
