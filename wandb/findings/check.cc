#include "wandb/findings/check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/chart.h"
#include "wandb/chart/defaults.h"
#include "wandb/findings/finding_kinds.h"

namespace wandb {
namespace {

using base::Json;

// From the chart that will run.
std::string VersionOf(const Json& chart) {
  const auto parsed = ParseChart(chart);
  if (!parsed.has_value()) return "";
  return CompareVersions(parsed->version, "0").has_value() ? parsed->version
                                                           : "";
}

// The attribute that alone can be wrong, whatever the values are.
std::optional<Source> SourceOf(absl::string_view id) {
  // Which chart runs may be W&B's to say.
  if (absl::StartsWith(id, "chart-")) return Source{"chart", {}};
  if (id == "name-too-long") return Source{"name", {}};
  return std::nullopt;
}

}  // namespace

Checker::Checker(const SpecRequest& request, const EffectiveSpec& effective)
    : request_(request),
      own_(request.own == nullptr ? *request.custom_resource : *request.own),
      values_(effective.values),
      chart_version_(VersionOf(effective.chart)),
      rendered_values_(
          OverDefaults(effective.values,
                       ChartDefaults(chart_version_.empty()
                                         ? kCataloguedChart
                                         : absl::string_view(chart_version_)))),
      rendered_(rendered_values_),
      all_layers_(request.airgapped || request.channel != nullptr ||
                  request.managed_spec != nullptr) {}

void Checker::Add(absl::string_view id, const std::string& path,
                  const std::string& message) {
  AddWhole(id, path, path.empty() ? message : absl::StrCat(path, " ", message));
}

void Checker::AddInfo(absl::string_view id, const std::string& path,
                      const std::string& message) {
  Add(id, path, message);
  findings_.back().severity = Severity::kInfo;
}

void Checker::AddVersioned(absl::string_view id, const std::string& path,
                           const std::string& message) {
  Add(id, path,
      chart_version_.empty()
          ? absl::StrCat(message, " (as of chart ", kCataloguedChart,
                         "; which one will run is not known)")
          : message);
}

void Checker::AddWhole(absl::string_view id, const std::string& path,
                       const std::string& message) {
  const FindingKind* kind = FindFindingKind(id);
  findings_.push_back({.id = std::string(id),
                       .severity = kind->severity,
                       .source = SourceOf(id),
                       .path = path,
                       .message = absl::EndsWith(message, "?")
                                      ? message
                                      : absl::StrCat(message, ".")});
}

bool Checker::Before(absl::string_view version) const {
  return !chart_version_.empty() &&
         CompareVersions(chart_version_, version).value_or(0) < 0;
}

bool Checker::ChartIsNewer() const {
  return !chart_version_.empty() &&
         CompareVersions(chart_version_, kCataloguedChart).value_or(0) > 0;
}

bool Checker::Has(absl::string_view id, absl::string_view path) const {
  return std::any_of(findings_.begin(), findings_.end(),
                     [&](const Problem& finding) {
                       return finding.id == id && finding.path == path;
                     });
}

bool Checker::IsOwn(absl::string_view path) const {
  const Json* value = ValueView(own_.values).Value(path);
  return value != nullptr && !value->is_null();
}

bool Checker::IsSwitchedOff(absl::string_view section) const {
  // Helm goes by its default for what is no bool, and older charts by another
  // switch.
  if ((section == "api" || section == "glue") && Before("0.28.10")) {
    return false;
  }
  const Json* is_on = values_.Value(SwitchOf(section));
  return is_on != nullptr && *is_on == Json(false);
}

std::vector<Problem> Checker::Take() && {
  findings_.erase(
      std::remove_if(
          findings_.begin(), findings_.end(),
          [&](const Problem& finding) {
            return FindFindingKind(finding.id)->reach == Reach::kRendered &&
                   IsSwitchedOff(
                       absl::string_view(finding.path)
                           .substr(0, finding.path.find_first_of(".[")));
          }),
      findings_.end());
  if (request_.sources != nullptr) {
    request_.sources->NameIn(own_.values, findings_);
  }
  // Whoever sets an argument of the provider's own means it to do something.
  for (Problem& finding : findings_) {
    if (finding.id == "unreleased-key" && !chart_version_.empty() &&
        finding.source.has_value() && IsSetting(*finding.source)) {
      finding.severity = Severity::kWarning;
    }
  }
  return std::move(findings_);
}

}  // namespace wandb
