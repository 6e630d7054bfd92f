#include "wandb/spec/configured_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "wandb/merge.h"
#include "wandb/spec/others.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// One tree of values, weakest first in a list of them.
struct Given {
  Source source;
  const Json* values;
};

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

void CheckConflicts(const std::vector<TypedSetting>& typed, const Given& given,
                    std::vector<Problem>& problems) {
  // Of what is no map, once: all settings below it would say the same.
  std::set<std::string> said;
  for (const TypedSetting& setting : typed) {
    if (setting.value.is_null() || !given.values->is_object()) continue;
    Path at;
    const std::optional<Path> path =
        Conflict(AtPath(setting.path, setting.value), *given.values, at);
    if (!path.has_value() || (path->size() < setting.path.size() &&
                              !said.insert(FormatPath(*path)).second)) {
      continue;
    }
    problems.push_back(
        {.id = "set-twice",
         .source = Source{setting.attribute, std::nullopt},
         .path = FormatPath(*path),
         .message = absl::StrCat(
             "`", setting.attribute, "` sets ", FormatPath(setting.path),
             ", and `", SourceName(given.source), "` has a different value at ",
             FormatPath(*path), ". Keep one of the two.")});
  }
}

// What was probably meant by a source that is no map. Its text is not shown.
std::string HowToWrite(const Given& given) {
  const auto* text = given.values->get_ptr<const std::string*>();
  const bool yaml = given.source.element.has_value();
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
        given.source.attribute == "values"
            ? "put the text into `values_yaml`"
            : "decode the text: yamldecode(...) or jsondecode(...)");
  }
  return "Write the keys of the chart's values, like { global = { host = "
         "\"https://...\" } }";
}

// "mysql" of "mysql.host" and "mysql.port"; "" for none.
std::string CommonSetting(absl::string_view a, absl::string_view b) {
  if (a == b) return std::string(a);
  std::vector<absl::string_view> common;
  const std::vector<absl::string_view> left = absl::StrSplit(a, '.');
  const std::vector<absl::string_view> right = absl::StrSplit(b, '.');
  for (size_t i = 0; i < left.size() && i < right.size(); ++i) {
    if (left[i] != right[i]) break;
    common.push_back(left[i]);
  }
  return absl::StrJoin(common, ".");
}

// Only maps can be merged; the rest of the work goes on without the source.
bool CheckIsMap(const Given& given, std::vector<Problem>& problems) {
  if (given.values->is_object() ||
      UnknownKind(*given.values) == Unknown::kShape) {
    return true;
  }
  problems.push_back({.id = "no-map",
                      .source = given.source,
                      .message = absl::StrCat("`", SourceName(given.source),
                                              "` must be a map, and is a ",
                                              KindName(*given.values), ". ",
                                              HowToWrite(given), ".")});
  return false;
}

void CheckIntegers(const Json& merged, const LeafSources& sources,
                   std::vector<Problem>& problems) {
  // Enough to see what is wrong.
  constexpr size_t kMost = 20;
  std::vector<Path> paths = UnsafeIntegers(merged);
  if (paths.size() > kMost) paths.resize(kMost);
  std::vector<Problem> found;
  for (const Path& path : paths) {
    found.push_back({.id = "unsafe-integer", .path = FormatPath(path)});
  }
  sources.NameIn(merged, found);
  for (Problem& problem : found) {
    problem.message = absl::StrCat(
        "`", SourceName(problem.source.value_or(Source())),
        "` has an integer at ", problem.path,
        " that is beyond 2^53. The operator reads numbers as doubles and would "
        "change it. Write it as a string.");
    problems.push_back(std::move(problem));
  }
}

size_t CountLeaves(const Json& tree) {
  if (!tree.is_structured() || tree.empty()) return 1;
  size_t count = 0;
  for (const Json& child : tree) count += CountLeaves(child);
  return count;
}

// What the source `index` has somewhere.
struct Part {
  size_t index;
  const Json* tree;
};

// Appends the source of each leaf of `merged`, which is Overlaid() of `parts`,
// weakest first.
void AddSources(const Json& merged, const std::vector<Part>& parts,
                std::vector<size_t>& of_leaf) {
  if (parts.size() == 1 || !merged.is_object() || merged.empty()) {
    of_leaf.insert(of_leaf.end(), CountLeaves(merged), parts.back().index);
    return;
  }
  std::map<absl::string_view, std::vector<Part>> below;
  for (const Part& part : parts) {
    const auto* object = part.tree->get_ptr<const Json::object_t*>();
    if (object == nullptr) continue;
    for (const auto& [key, value] : *object) {
      below[key].push_back({part.index, &value});
    }
  }
  for (const auto& [key, value] : merged.items()) {
    AddSources(value, below[key], of_leaf);
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

ConfiguredValues MergeConfiguredValues(const ValueSources& sources) {
  std::vector<Given> all;
  for (size_t i = 0; i < sources.values_yaml.size(); ++i) {
    all.push_back({{"values_yaml", i}, &sources.values_yaml[i]});
  }
  all.push_back({{"values", std::nullopt}, &sources.values});
  all.push_back(
      {{"sensitive_values", std::nullopt}, &sources.sensitive_values});
  // Storage for what typed settings look like as a source.
  std::vector<Json> typed;
  typed.reserve(sources.typed.size());
  for (const TypedSetting& setting : sources.typed) {
    if (setting.value.is_null()) continue;
    typed.push_back(AtPath(setting.path, setting.value));
    all.push_back({{setting.attribute, std::nullopt}, &typed.back()});
  }

  ConfiguredValues result;
  std::vector<Source> wrote;
  std::vector<Part> parts;
  for (const Given& given : all) {
    if (given.values->is_null()) continue;
    if (!CheckIsMap(given, result.problems)) continue;
    if (result.values.is_null()) result.values = Json::object();
    result.values = Overlaid(*given.values, std::move(result.values));
    if (!given.source.element.has_value() && !IsSetting(given.source)) {
      CheckConflicts(sources.typed, given, result.problems);
    }
    parts.push_back({wrote.size(), given.values});
    wrote.push_back(given.source);
  }
  if (!parts.empty()) {
    std::vector<size_t> of_leaf;
    AddSources(result.values, parts, of_leaf);
    result.sources = LeafSources(std::move(wrote), std::move(of_leaf));
  }
  result.sensitive = SensitivePaths(sources.sensitive_values);
  CheckIntegers(result.values, result.sources, result.problems);
  return result;
}

LeafSources::LeafSources(std::vector<Source> sources,
                         std::vector<size_t> of_leaf)
    : sources_(std::move(sources)), of_leaf_(std::move(of_leaf)) {}

bool LeafSources::AreSeveral() const {
  return std::any_of(of_leaf_.begin(), of_leaf_.end(),
                     [&](size_t source) { return source != of_leaf_[0]; });
}

Source LeafSources::Group(size_t first, size_t end, size_t strongest) const {
  Source group = sources_[strongest];
  if (!IsSetting(group)) return group;
  for (size_t leaf = first; leaf < end; ++leaf) {
    const Source& other = sources_[of_leaf_[leaf]];
    if (!IsSetting(other)) continue;
    const std::string common = CommonSetting(group.attribute, other.attribute);
    if (!common.empty()) group.attribute = common;
  }
  return group;
}

void LeafSources::NameIn(const Json& values,
                         std::vector<Problem>& problems) const {
  std::multimap<std::string, Problem*> wanted;
  for (Problem& problem : problems) {
    if (problem.source.has_value() || problem.path.empty()) continue;
    wanted.emplace(problem.path, &problem);
  }
  if (wanted.empty() || of_leaf_.empty()) return;
  size_t leaf = 0;
  std::string text;
  const std::function<size_t(const Json&)> visit = [&](const Json& node) {
    const size_t first = leaf;
    size_t strongest = 0;
    if (!node.is_structured() || node.empty()) {
      strongest = of_leaf_[leaf++];
    } else {
      size_t index = 0;
      for (auto child = node.begin(); child != node.end(); ++child, ++index) {
        const size_t before = text.size();
        text = FormatPath(text, {node.is_array() ? Step::Index(index)
                                                 : Step::Key(child.key())});
        strongest = std::max(strongest, visit(*child));
        text.resize(before);
      }
    }
    const auto [begin, end] = wanted.equal_range(text);
    for (auto problem = begin; problem != end; ++problem) {
      problem->second->source = Group(first, leaf, strongest);
    }
    return strongest;
  };
  visit(values);
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
