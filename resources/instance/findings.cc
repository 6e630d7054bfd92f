#include "resources/instance/findings.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "resources/instance/clear_text.h"
#include "resources/instance/force_paths.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/suggest.h"
#include "wandb/findings/finding_kinds.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/table.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using wandb::Severity;

constexpr char kForceConflictPaths[] = "force_conflict_paths";

CheckLevel LevelOf(const wandb::Problem& finding, const InstanceModel& model) {
  const wandb::FindingKind* kind = wandb::FindFindingKind(finding.id);
  if (kind != nullptr && kind->reach == wandb::Reach::kOperator) {
    return CheckLevel::kError;
  }
  if (model.check_levels.IsKnown()) {
    const auto& levels = model.check_levels.value();
    const auto own = levels.find(finding.id);
    if (own != levels.end()) return own->second;
  }
  // A setting takes nothing else: what most allow, Compile() knows alone.
  if (finding.id == "invalid-value" && finding.source.has_value() &&
      wandb::FindSetting(finding.source->attribute) != nullptr) {
    return CheckLevel::kError;
  }
  switch (finding.severity) {
    case Severity::kError:
      return CheckLevel::kError;
    case Severity::kWarning:
      return model.checks.value();
    case Severity::kInfo:
      return CheckLevel::kOff;
  }
  return CheckLevel::kOff;
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

// Compile() says the same, and says it at validation.
bool IsSaidElsewhere(const wandb::Problem& finding) {
  return finding.id == "chart-unrecognized" ||
         finding.id == "chart-version-type" || finding.id == "unsafe-integer";
}

// `text` with `attribute` for the dotted `path`, where that stands as a whole.
std::string Renamed(absl::string_view text, absl::string_view path,
                    absl::string_view attribute) {
  const auto is_part = [text](size_t at) {
    return at < text.size() && (absl::ascii_isalnum(text[at]) ||
                                absl::StrContains("_*-[", text[at]));
  };
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(path); at != absl::string_view::npos;
       at = text.find(path, at + 1)) {
    const size_t end = at + path.size();
    const bool begins = at == 0 || !(is_part(at - 1) || text[at - 1] == '.');
    // A dot may end the sentence.
    const bool goes_on =
        is_part(end) ||
        (absl::StartsWith(text.substr(end), ".") && is_part(end + 1));
    if (!begins || goes_on) continue;
    absl::StrAppend(&out, text.substr(done, at - done), attribute);
    done = end;
  }
  absl::StrAppend(&out, text.substr(done));
  return out;
}

// What the finding says, in the words of who wrote it: as a setting, or as a
// value of the chart.
std::string MessageOf(const wandb::Problem& finding) {
  std::string text = absl::StrReplaceAll(finding.message, {{"\n", " "}});
  if (!finding.source.has_value() ||
      wandb::FindSetting(finding.source->attribute) == nullptr) {
    return text;
  }
  for (const wandb::SettingRow& row : wandb::SettingRows()) {
    if (row.path.empty() || absl::StrContains(row.attribute, '*')) continue;
    text = Renamed(text, row.path, row.attribute);
  }
  return text;
}

// Core wraps lines that don't begin with a space.
std::string LineOf(const wandb::Problem& finding, absl::string_view severity,
                   bool with_source) {
  return absl::StrCat("  ", severity, ": ", MessageOf(finding), " (",
                      finding.id,
                      with_source && finding.source.has_value()
                          ? absl::StrCat(", in ", SourceName(*finding.source))
                          : "",
                      ")");
}

// Core shows only the first of several warnings with the same summary, so it
// names the instance.
std::string SummaryOf(const InstanceModel& planned, size_t count,
                      absl::string_view severity) {
  const std::string subject =
      planned.ns.IsKnown() && planned.name.IsKnown()
          ? absl::StrCat("The specification of ", IdOf(planned))
          : "The specification";
  return absl::StrCat(subject, " has ", count, " ", severity,
                      count == 1 ? "" : "s");
}

// Nobody reads more, and clients print each of them.
std::string LinesOf(std::vector<std::string> lines) {
  constexpr size_t kMost = 100;
  if (lines.size() > kMost) {
    const size_t more = lines.size() - kMost;
    lines.resize(kMost);
    lines.push_back(absl::StrCat("  and ", more, " more"));
  }
  return absl::StrJoin(lines, "\n");
}

// Whether `path`, in whose lists any index will do, is in `tree`, or may be
// once all of it is known.
bool Reaches(const Json& tree, absl::Span<const wandb::Step> path) {
  if (wandb::UnknownKind(tree) == wandb::Unknown::kShape) return true;
  if (path.empty()) return true;
  const wandb::Step& step = path[0];
  if (step.IsIndex()) {
    return tree.is_array() &&
           std::any_of(tree.begin(), tree.end(), [&](const Json& element) {
             return Reaches(element, path.subspan(1));
           });
  }
  if (!tree.is_object()) return false;
  const auto it = tree.find(step.key);
  return it != tree.end() && Reaches(*it, path.subspan(1));
}

// What `path`, which no chart reads, was probably meant to be; "".
std::string Meant(const wandb::Path& path) {
  const wandb::CatalogueIndex& index = wandb::CatalogueIndex::Get();
  for (size_t size = 1; size <= path.size(); ++size) {
    const auto rest = path.begin() + static_cast<ptrdiff_t>(size);
    const wandb::Path head(path.begin(), rest);
    if (index.Find(head).known) continue;
    const auto nearest = wandb::ParsePath(wandb::NearestPath(head));
    if (!nearest.ok() || nearest->empty()) return "";
    wandb::Path whole = *nearest;
    whole.insert(whole.end(), rest, path.end());
    return wandb::FormatPath(index.Find(whole).known ? whole : *nearest);
  }
  return "";
}

// Whether `meant`, of MeantForcePath(), begins within the values.
bool IsOfValues(absl::string_view meant) {
  return !meant.empty() && !absl::StartsWith(meant, ".");
}

// What to do about `text`, as a sentence, which is `path`, in `attribute`.
std::string HowToName(absl::string_view attribute, const std::string& text,
                      const wandb::Path& path) {
  const std::string of_object = MeantForcePath(text);
  if (IsOfValues(of_object)) {
    return absl::StrCat("Paths begin within the values: write ", of_object,
                        " in place of it.");
  }
  if (!of_object.empty() && attribute == kForceConflictPaths) {
    return absl::StrCat(
        "A path from the object's root begins with a dot: "
        "write ",
        of_object, " in place of it.");
  }
  const std::string meant = Meant(path);
  return meant.empty() ? "Correct or remove it."
                       : absl::StrCat("Did you mean ", meant, "?");
}

// Reports the paths of `texts` that name nothing. Where `trees` are not all
// that the values may be made of, so that the path may be among the rest, that
// is said.
void CheckPaths(absl::string_view attribute,
                const tf::Attr<std::vector<std::string>>& texts,
                const std::vector<const Json*>& trees, bool complete,
                std::vector<wandb::Problem>& out) {
  for (const std::string& text : texts.value_or({})) {
    // From the root of the object, not of the values.
    if (absl::StartsWith(text, ".")) continue;
    const auto path = wandb::ParsePath(text);
    if (!path.ok() || wandb::CatalogueIndex::Get().Find(*path).known ||
        std::any_of(trees.begin(), trees.end(),
                    [&](const Json* tree) { return Reaches(*tree, *path); })) {
      continue;
    }
    out.push_back(
        {.id = "path-without-effect",
         .severity = Severity::kWarning,
         .path = text,
         .message = absl::StrCat(
             text, " of ", attribute,
             complete || IsOfValues(MeantForcePath(text))
                 ? " is nowhere in the values, and read by no chart that "
                   "is known here. "
                 : " is nowhere in the values that are known by now, and "
                   "read by no chart that is known here: unless the "
                   "release channel or the System Console sets it, it has "
                   "no effect. ",
             HowToName(attribute, text, *path))});
  }
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
    } else if (kind->reach == wandb::Reach::kNews &&
               level == CheckLevel::kError) {
      diags.AddError(path, "Level cannot be changed",
                     absl::StrCat("\"", id,
                                  "\" is no mistake, and no change of the "
                                  "configuration ends it: it is \"warn\" or "
                                  "\"off\"."));
    } else if (kind->reach == wandb::Reach::kOperator &&
               level != CheckLevel::kError) {
      diags.AddError(path, "Level cannot be changed",
                     absl::StrCat("The operator fails for \"", id,
                                  "\", so it stays an error. Remove it here."));
    }
  }
}

bool WarnsOf(absl::string_view id, const InstanceModel& state) {
  const auto levels = state.check_levels.value_or({});
  const auto own = levels.find(std::string(id));
  const CheckLevel level =
      own == levels.end() ? state.checks.value() : own->second;
  return level != CheckLevel::kOff;
}

void ReportFindings(const Desired& desired, const RecordedLayers& layers,
                    const wandb::Evaluation& evaluation,
                    tf::Diagnostics& diags) {
  const InstanceModel& planned = desired.model;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::vector<wandb::Problem> findings = evaluation.findings;
  const Json written = desired.compiled.all_values();
  std::vector<const Json*> trees = {&written, &evaluation.effective.values};
  if (layers.others.has_value()) trees.push_back(&layers.others->values);
  // What such a path hides may be in a layer that is not known yet.
  const bool knows_layers =
      layers.user_input.has_value() && layers.KnowBase(planned);
  CheckPaths("sensitive_paths", planned.sensitive_paths, trees, knows_layers,
             findings);
  CheckPaths("ignore_paths", planned.ignore_paths, trees, true, findings);
  CheckPaths(kForceConflictPaths, planned.force_conflict_paths, trees, true,
             findings);
  for (wandb::Problem& secret : ClearTextSecrets(desired)) {
    findings.push_back(std::move(secret));
  }
  const bool several = desired.compiled.sources.AreSeveral();
  for (const wandb::Problem& finding : findings) {
    if (IsSaidElsewhere(finding)) continue;
    const CheckLevel level = LevelOf(finding, planned);
    if (level == CheckLevel::kError) {
      errors.push_back(LineOf(finding, "error", several));
    }
    if (level == CheckLevel::kWarn) {
      warnings.push_back(LineOf(finding, "warning", several));
    }
  }
  if (!errors.empty()) {
    diags.AddError(SummaryOf(planned, errors.size(), "error"), LinesOf(errors));
  }
  if (!warnings.empty()) {
    diags.AddWarning(SummaryOf(planned, warnings.size(), "warning"),
                     LinesOf(warnings));
  }
}

}  // namespace resources
