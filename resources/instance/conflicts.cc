#include "resources/instance/conflicts.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "kube/managed_fields.h"
#include "resources/instance/force_paths.h"
#include "resources/report.h"
#include "wandb/problem.h"

namespace resources {
namespace {

using base::Json;

bool Covers(const kube::KeyPath& path, const kube::KeyPath& field) {
  return path.size() <= field.size() &&
         std::equal(path.begin(), path.end(), field.begin());
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
    const Compiled& compiled, const std::set<std::string>& texts) {
  std::vector<wandb::Problem> fields;
  for (const std::string& text : texts) fields.push_back({.path = text});
  compiled.sources.NameIn(compiled.all_values(), fields);
  std::map<std::string, std::string> writers;
  for (const wandb::Problem& field : fields) {
    if (!field.source.has_value() || field.source->attribute == "values") {
      continue;
    }
    writers[field.path] = wandb::SourceName(*field.source);
  }
  return writers;
}

// What force_conflict_paths has to be for `paths` to be taken over, too.
std::vector<std::string> ForceList(const InstanceModel& model,
                                   const std::set<std::string>& paths) {
  std::vector<std::string> wanted = model.force_conflict_paths.value_or({});
  // In place of what was meant to be the same.
  std::erase_if(wanted, [&](const std::string& text) {
    return paths.contains(text) || paths.contains(MeantForcePath(text));
  });
  wanted.insert(wanted.end(), paths.begin(), paths.end());
  return wanted;
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
                             const Desired& desired,
                             std::vector<kube::FieldConflict> conflicts) {
  const Json body = desired.body();
  const auto live = client.Get(ctx, desired.ref());
  std::set<std::string> paths;
  for (const kube::FieldConflict& conflict : conflicts) {
    const auto texts = FieldTexts(body, conflict.field);
    paths.insert(texts.begin(), texts.end());
  }
  const auto writers = WritersOf(desired.compiled, paths);
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
  return absl::StrCat(
      "These fields belong to other managers:\n", ConflictLines(conflicts),
      "\n\nEither leave them to the other manager: take them out of this "
      "configuration. Or take them over, best after the other manager has "
      "given them up: set\n\n  force_conflict_paths = ",
      HclList(ForceList(desired.model, paths)),
      "\n\nor, for every field of this resource, force_conflicts = true.");
}

}  // namespace resources
