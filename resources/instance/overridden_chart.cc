#include "resources/instance/overridden_chart.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "resources/instance/holders.h"
#include "wandb/chart/chart.h"
#include "wandb/spec/others.h"

namespace resources {
namespace {

using base::Json;

// Whether `field`, of the configured chart, is there and not what the operator
// takes.
bool Differs(const std::string& field, const std::string& taken) {
  return !field.empty() && field != taken;
}

std::string PathOf(const std::string& field) {
  return kube::FormatKeyPath({"spec", "chart", field});
}

}  // namespace

std::optional<OverriddenChart> FindOverriddenChart(
    const Json& own, const RecordedLayers& layers) {
  if (!layers.others.has_value()) return std::nullopt;
  const Json both = wandb::AppliedBeside(own, layers.others->chart);
  const auto ours = wandb::ParseChart(own);
  const auto taken = wandb::ParseChart(both);
  if (!ours.has_value() || !taken.has_value() ||
      !wandb::CheckChart(both).ok()) {
    return std::nullopt;
  }
  if (ours->kind == taken->kind && !Differs(ours->url, taken->url) &&
      !Differs(ours->name, taken->name) &&
      !Differs(ours->version, taken->version) &&
      !Differs(ours->path, taken->path)) {
    return std::nullopt;
  }
  OverriddenChart found{.configured = wandb::DescribeChart(own),
                        .runs = wandb::DescribeChart(both)};
  for (const auto& [field, value] : both.items()) {
    if (!own.contains(field)) found.fields.push_back(field);
  }
  return found;
}

void WarnOfOverriddenChart(const OverriddenChart& chart, const Json& live,
                           const InstanceModel& model, const Session& session,
                           tf::Diagnostics& diags) {
  const std::string summary = absl::StrCat(
      "The operator does not use the configured chart of ", IdOf(model));
  if (!session.said().First(summary)) return;
  std::vector<std::string> lines;
  for (const std::string& field : chart.fields) {
    const std::string path = PathOf(field);
    const std::string holders = HoldersOf(live, path, session.field_manager());
    lines.push_back(absl::StrCat(
        "  ", path,
        holders.empty() ? "" : absl::StrCat(", by field manager ", holders)));
  }
  diags.AddWarning(
      summary,
      absl::StrCat(
          "chart is ", chart.configured, ", and what the operator takes is ",
          chart.runs, ": others have written into the custom resource\n",
          absl::StrJoin(lines, "\n"),
          "\n\nAn apply leaves that as it is. Ask them to take it out, "
          "or write the same chart here."));
}

}  // namespace resources
