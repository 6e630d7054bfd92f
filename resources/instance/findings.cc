#include "resources/instance/findings.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "resources/values.h"

namespace resources {
namespace {

using base::Json;
using wandb::Severity;

constexpr absl::string_view kLevels[] = {"error", "warn", "off"};

enum class Level { kOff, kWarn, kError };

Level LevelNamed(absl::string_view name, Level fallback) {
  if (name == "error") return Level::kError;
  if (name == "warn") return Level::kWarn;
  if (name == "off") return Level::kOff;
  return fallback;
}

Level LevelOf(const wandb::Finding& finding, const InstanceModel& model) {
  const wandb::FindingKind* kind = wandb::FindFindingKind(finding.id);
  if (kind != nullptr && kind->fixed) return Level::kError;
  Level level = Level::kOff;  // Of a remark.
  if (finding.severity == Severity::kError) level = Level::kError;
  if (finding.severity == Severity::kWarning) {
    level = LevelNamed(model.checks.value_or("warn"), Level::kWarn);
  }
  const InstanceModel::StringMap levels = model.check_levels.value_or({});
  const auto own = levels.find(finding.id);
  return own == levels.end() ? level : LevelNamed(own->second, level);
}

// The attribute that a path of the values was given by.
cty::Path AttributeOf(const std::string& path, const InstanceModel& model) {
  if (path == "chart" || absl::StartsWith(path, "chart.")) {
    return cty::Path("chart");
  }
  if (path == "global.host" && model.host.IsKnown()) return cty::Path("host");
  if (absl::StartsWith(path, "global.license") && model.license.IsKnown()) {
    return cty::Path("license");
  }
  const auto parsed = wandb::ParsePath(path);
  if (parsed.ok()) {
    for (const auto& [name, value] :
         {std::pair("sensitive_values", &model.sensitive_values),
          std::pair("values", &model.values)}) {
      const auto tree = TreeOf(*value);
      if (tree.ok() && wandb::FindPath(*tree, *parsed) != nullptr) {
        return cty::Path(name);
      }
    }
  }
  return cty::Path(model.values_yaml.IsNull() ? "values" : "values_yaml");
}

std::string Nearest(absl::string_view id) {
  std::string best;
  size_t shared = 0;
  for (const wandb::FindingKind& kind : wandb::FindingKinds()) {
    const auto end =
        std::mismatch(id.begin(), id.end(), kind.id.begin(), kind.id.end());
    const auto same = static_cast<size_t>(end.first - id.begin());
    if (same > shared) {
      shared = same;
      best = std::string(kind.id);
    }
  }
  return best;
}

bool IsClash(const wandb::Finding& finding) {
  return finding.id == "kind-clash" || finding.id == "null-clash";
}

// Compile() says the same, and says it at validation.
bool IsSaidElsewhere(const wandb::Finding& finding) {
  return finding.id == "chart-unrecognized" ||
         finding.id == "chart-version-type" || finding.id == "unsafe-integer";
}

}  // namespace

void ValidateCheckLevels(const InstanceModel& config, tf::Diagnostics& diags) {
  if (!config.check_levels.IsKnown()) return;
  for (const auto& [id, level] : config.check_levels.value()) {
    const cty::Path path = cty::Path("check_levels").Key(id);
    const wandb::FindingKind* kind = wandb::FindFindingKind(id);
    if (kind == nullptr) {
      const std::string nearest = Nearest(id);
      diags.AddError(
          path, "Unknown finding",
          absl::StrCat("There is no finding \"", id, "\"",
                       nearest.empty()
                           ? ""
                           : absl::StrCat("; the nearest is \"", nearest, "\""),
                       ". The guide \"Findings of a plan\" lists all."));
    } else if (std::find(std::begin(kLevels), std::end(kLevels), level) ==
               std::end(kLevels)) {
      diags.AddError(path, "Invalid level",
                     absl::StrCat("\"", level,
                                  "\" is no level: write \"error\", "
                                  "\"warn\" or \"off\"."));
    } else if (kind->fixed && level != "error") {
      diags.AddError(path, "Level cannot be changed",
                     absl::StrCat("The operator fails for \"", id,
                                  "\", so it stays an error. Remove it here."));
    }
  }
}

void ReportFindings(const InstanceModel& planned, const Compiled& compiled,
                    const RecordedLayers& layers,
                    const wandb::EffectiveSpec& effective,
                    tf::Diagnostics& diags) {
  const wandb::SpecLayer own = compiled.layer();
  const wandb::CheckInput input = {
      .custom_resource = &own,
      .user_input =
          layers.user_input.has_value() ? &*layers.user_input : nullptr,
      .channel = layers.channel.has_value() ? &*layers.channel : nullptr,
      .airgapped = planned.airgapped.value_or(false),
      .effective = &effective};
  for (const wandb::Finding& finding : wandb::CheckSpec(input)) {
    if (IsSaidElsewhere(finding)) continue;
    const Level level = LevelOf(finding, planned);
    if (level == Level::kOff) continue;
    const cty::Path attribute = AttributeOf(finding.path, planned);
    // With the path in it, so that core shows each of them.
    const std::string summary =
        IsClash(finding)
            ? absl::StrCat("The operator cannot merge ", finding.path)
            : absl::StrCat(
                  finding.path.empty() ? "specification" : finding.path, " (",
                  finding.id, ")");
    if (level == Level::kError) {
      diags.AddError(attribute, summary, finding.message);
    } else {
      diags.AddWarning(attribute, summary, finding.message);
    }
  }
}

}  // namespace resources
