#include "wandb/configured_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "wandb/merge.h"
#include "wandb/others.h"
#include "wandb/settings.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// One source, weakest first in a list of them.
struct Source {
  std::string attribute;
  size_t document;
  const Json* values;
};

std::string Name(const Source& source) {
  if (source.attribute != "values_yaml") return source.attribute;
  return absl::StrCat("values_yaml[", source.document, "]");
}

Json AtPath(const Path& path, Json value) {
  for (size_t i = path.size(); i-- > 0;) {
    Json outer = Json::object();
    outer.emplace(path[i].key, std::move(value));
    value = std::move(outer);
  }
  return value;
}

// Where `setting` replaces something different in `values`, which is at `path`.
std::optional<Path> Conflict(const Json& setting, const Json& values,
                             Path& path) {
  const auto* wanted = setting.get_ptr<const Json::object_t*>();
  const auto* given = values.get_ptr<const Json::object_t*>();
  if (wanted == nullptr || given == nullptr) {
    // Unknowns may turn out to be equal.
    const bool differ =
        !HasUnknown(setting) && !HasUnknown(values) && setting != values;
    return differ ? std::optional(path) : std::nullopt;
  }
  for (const auto& [key, value] : *wanted) {
    const auto found = given->find(key);
    if (found == given->end()) continue;
    path.push_back(Step::Key(key));
    std::optional<Path> conflict = Conflict(value, found->second, path);
    path.pop_back();
    if (conflict.has_value()) return conflict;
  }
  return std::nullopt;
}

void CheckConflicts(const std::vector<TypedSetting>& typed,
                    const Source& source, std::vector<ValueProblem>& problems) {
  for (const TypedSetting& setting : typed) {
    if (setting.value.is_null() || !source.values->is_object()) continue;
    Path at;
    const std::optional<Path> path =
        Conflict(AtPath(setting.path, setting.value), *source.values, at);
    if (!path.has_value()) continue;
    problems.push_back(
        {.attribute = setting.attribute,
         .path = *path,
         .message = absl::StrCat("`", setting.attribute, "` sets ",
                                 FormatPath(setting.path), ", and `",
                                 Name(source), "` has a different value at ",
                                 FormatPath(*path), ". Keep one of the two")});
  }
}

// What was probably meant by a source that is no map. Its text is not shown.
std::string HowToWrite(const Source& source) {
  const auto* text = source.values->get_ptr<const std::string*>();
  const bool yaml = source.attribute == "values_yaml";
  if (text != nullptr && yaml && !absl::StrContains(*text, "\n") &&
      (absl::EndsWith(*text, ".yaml") || absl::EndsWith(*text, ".yml") ||
       absl::EndsWith(*text, ".json"))) {
    return "It looks like the path of a file: write file(\"...\") around it";
  }
  if (text != nullptr && yaml) {
    return "If it was encoded twice, take one yamlencode() or jsonencode() "
           "away";
  }
  if (text != nullptr) {
    // Plans print `values_yaml`, which is no place for what is sensitive.
    return absl::StrCat(
        "Take jsonencode() or yamlencode() away and write the map itself, or ",
        source.attribute == "values"
            ? "put the text into `values_yaml`"
            : "decode the text: yamldecode(...) or jsondecode(...)");
  }
  return "Write the keys of the chart's values, like { global = { host = "
         "\"https://...\" } }";
}

// Only maps can be merged; the rest of the work goes on without the source.
bool CheckIsMap(const Source& source, std::vector<ValueProblem>& problems) {
  if (source.values->is_object() ||
      UnknownKind(*source.values) == Unknown::kShape) {
    return true;
  }
  problems.push_back({.attribute = source.attribute,
                      .document = source.document,
                      .message = absl::StrCat(
                          "`", Name(source), "` must be a map, and is a ",
                          KindName(*source.values), ". ", HowToWrite(source))});
  return false;
}

void CheckIntegers(const Json& merged, const std::vector<Source>& sources,
                   std::vector<ValueProblem>& problems) {
  // Enough to see what is wrong: each is looked for in every source.
  constexpr size_t kMost = 20;
  std::vector<Path> paths = UnsafeIntegers(merged);
  if (paths.size() > kMost) paths.resize(kMost);
  for (const Path& path : paths) {
    const Json* number = FindPath(merged, path);
    // The strongest source that has it is where it can be changed.
    const auto source = std::find_if(
        sources.rbegin(), sources.rend(), [&](const Source& candidate) {
          const Json* found = FindPath(*candidate.values, path);
          return found != nullptr && number != nullptr && *found == *number;
        });
    if (source == sources.rend()) continue;
    problems.push_back(
        {.attribute = source->attribute,
         .document = source->document,
         .path = path,
         .message = absl::StrCat(
             "`", Name(*source), "` has an integer at ", FormatPath(path),
             " that is beyond 2^53. The operator reads numbers as doubles and "
             "would change it. Write it as a string")});
  }
}

bool SurvivesDouble(const Json& number) {
  constexpr uint64_t kExact = uint64_t{1} << 53;
  uint64_t magnitude = 0;
  if (const auto* natural = number.get_ptr<const uint64_t*>()) {
    magnitude = *natural;
  } else if (const auto* integer = number.get_ptr<const int64_t*>()) {
    magnitude = *integer < 0 ? ~static_cast<uint64_t>(*integer) + 1
                             : static_cast<uint64_t>(*integer);
  } else {
    return true;
  }
  if (magnitude <= kExact) return true;
  // Exact if it fits into 53 bits once the trailing zeros are off.
  return (magnitude >> __builtin_ctzll(magnitude)) <= kExact;
}

std::vector<Path> SensitivePaths(const Json& sensitive_values) {
  std::vector<Path> paths;
  ForEachLeaf(sensitive_values,
              [&](const Path& path, const std::string&, const Json& leaf) {
                // Nothing to hide, while as a prefix it would hide much.
                if (leaf.is_structured() || leaf.is_null()) return;
                paths.push_back(path);
              });
  return paths;
}

}  // namespace

TypedSetting MakeTypedSetting(absl::string_view attribute, Json value) {
  return {.attribute = std::string(attribute),
          .path = SettingPath(attribute),
          .value = std::move(value)};
}

ConfiguredValues MergeConfiguredValues(const ValueSources& sources) {
  std::vector<Source> given;
  for (size_t i = 0; i < sources.values_yaml.size(); ++i) {
    given.push_back({"values_yaml", i, &sources.values_yaml[i]});
  }
  given.push_back({"values", 0, &sources.values});
  given.push_back({"sensitive_values", 0, &sources.sensitive_values});
  // Storage for what typed settings look like as a source.
  std::vector<Json> typed;
  typed.reserve(sources.typed.size());
  for (const TypedSetting& setting : sources.typed) {
    if (setting.value.is_null()) continue;
    typed.push_back(AtPath(setting.path, setting.value));
    given.push_back({setting.attribute, 0, &typed.back()});
  }

  ConfiguredValues result;
  std::vector<Source> usable;
  for (Source& source : given) {
    if (source.values->is_null()) continue;
    if (!CheckIsMap(source, result.problems)) continue;
    if (result.values.is_null()) result.values = Json::object();
    result.values = Overlaid(*source.values, std::move(result.values));
    if (source.attribute == "values" ||
        source.attribute == "sensitive_values") {
      CheckConflicts(sources.typed, source, result.problems);
    }
    usable.push_back(std::move(source));
  }
  result.sensitive = SensitivePaths(sources.sensitive_values);
  CheckIntegers(result.values, usable, result.problems);
  return result;
}

std::vector<Path> UnsafeIntegers(const Json& values) {
  std::vector<Path> paths;
  ForEachLeaf(values,
              [&](const Path& path, const std::string&, const Json& leaf) {
                if (!SurvivesDouble(leaf)) paths.push_back(path);
              });
  return paths;
}

}  // namespace wandb
