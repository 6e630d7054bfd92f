#include "resources/instance/conflicts.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "resources/instance/compile.h"
#include "resources/report.h"
#include "wandb/leaf_map.h"
#include "wandb/problem.h"

namespace resources {
namespace {

using base::Json;

constexpr char kSpec[] = "spec";
constexpr char kValues[] = "values";

bool Covers(const kube::KeyPath& path, const kube::KeyPath& field) {
  return path.size() <= field.size() &&
         std::equal(path.begin(), path.end(), field.begin());
}

bool IsWritten(const kube::KeyPath& path) {
  if (path[0] == kSpec) return true;
  return path.size() > 1 && path[0] == "metadata" &&
         (path[1] == "labels" || path[1] == "annotations");
}

// The field as the user would write it: more than one text if it may mean more,
// the server's own words if `body` has no such field.
std::vector<std::string> FieldTexts(const Json& body,
                                    const std::string& field) {
  std::vector<std::string> texts;
  for (const kube::KeyPath& path : kube::PathsNamed(body, field)) {
    texts.push_back(ForcePathText(path));
  }
  if (texts.empty()) texts.push_back(field);
  return texts;
}

// By the texts of fields: the attribute that writes one, where its path does
// not tell.
std::map<std::string, std::string> WritersOf(
    const InstanceModel& model, const std::set<std::string>& texts) {
  std::vector<wandb::Problem> fields;
  for (const std::string& text : texts) fields.push_back({.path = text});
  const Compiled compiled = Compile(model);
  compiled.sources.NameIn(compiled.values, fields);
  std::map<std::string, std::string> writers;
  for (const wandb::Problem& field : fields) {
    if (!field.source.has_value() || field.source->attribute == "values") {
      continue;
    }
    writers[field.path] = wandb::SourceName(*field.source);
  }
  return writers;
}

std::string HclList(const std::vector<std::string>& texts) {
  return absl::StrCat(
      "[",
      absl::StrJoin(texts, ", ",
                    [](std::string* out, const std::string& text) {
                      absl::StrAppend(out, HclText(text));
                    }),
      "]");
}

}  // namespace

absl::StatusOr<kube::KeyPath> ParseForcePath(absl::string_view text) {
  const bool from_root = absl::ConsumePrefix(&text, ".");
  ASSIGN_OR_RETURN(const wandb::Path steps, wandb::ParsePath(text));
  kube::KeyPath path;
  if (!from_root) path = {kSpec, kValues};
  for (const wandb::Step& step : steps) {
    if (step.IsIndex()) {
      return absl::InvalidArgumentError(
          "to Kubernetes a list is one field, so name the list itself");
    }
    path.push_back(step.key);
  }
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

bool IsForced(const InstanceModel& model, const Json& body,
              const kube::FieldConflict& conflict) {
  if (model.force_conflicts.value()) return true;
  std::vector<kube::KeyPath> forced;
  for (const std::string& text : model.force_conflict_paths.value_or({})) {
    if (auto path = ParseForcePath(text); path.ok()) forced.push_back(*path);
  }
  const auto fields = kube::PathsNamed(body, conflict.field);
  return !fields.empty() &&
         std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
           return std::any_of(
               forced.begin(), forced.end(),
               [&](const auto& path) { return Covers(path, field); });
         });
}

std::string ExplainConflicts(const base::Context& ctx, kube::Client& client,
                             const InstanceModel& model, const Json& body,
                             std::vector<kube::FieldConflict> conflicts) {
  const auto live = client.Get(ctx, CustomResourceRef(model));
  std::set<std::string> paths;
  for (const kube::FieldConflict& conflict : conflicts) {
    const auto texts = FieldTexts(body, conflict.field);
    paths.insert(texts.begin(), texts.end());
  }
  const auto writers = WritersOf(model, paths);
  for (kube::FieldConflict& conflict : conflicts) {
    if (conflict.time.empty() && live.ok()) {
      conflict.time =
          kube::TimeOfWrite(*live, conflict.manager, conflict.operation);
    }
    std::vector<std::string> texts = FieldTexts(body, conflict.field);
    for (std::string& text : texts) {
      const auto writer = writers.find(text);
      if (writer == writers.end()) continue;
      absl::StrAppend(&text, " (set by ", writer->second, ")");
    }
    conflict.field = absl::StrJoin(texts, " or ");
  }
  std::sort(
      conflicts.begin(), conflicts.end(), [](const auto& a, const auto& b) {
        return std::tie(a.field, a.manager) < std::tie(b.field, b.manager);
      });
  std::vector<std::string> wanted = model.force_conflict_paths.value_or({});
  // In place of what was meant to be the same.
  std::erase_if(wanted, [&](const std::string& text) {
    return paths.contains(text) || paths.contains(MeantForcePath(text));
  });
  wanted.insert(wanted.end(), paths.begin(), paths.end());
  return absl::StrCat(
      "These fields belong to other managers:\n", ConflictLines(conflicts),
      "\n\nEither leave them to the other manager: take them out of this "
      "configuration. Or take them over, best after the other manager has "
      "given them up: set\n\n  force_conflict_paths = ",
      HclList(wanted),
      "\n\nor, for every field of this resource, force_conflicts = true.");
}

}  // namespace resources
