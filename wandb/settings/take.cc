#include "wandb/settings/take.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "wandb/chart/catalogue.h"
#include "wandb/settings/chart_value.h"
#include "wandb/settings/compile.h"
#include "wandb/settings/mistakes.h"

namespace wandb {
namespace {

using base::Json;

// Values that are to become settings.
class Taker {
 public:
  using MayTake =
      std::function<bool(const SettingRow&, const Path&, const Json&)>;

  Taker(Json& values, absl::string_view version, const MayTake& may_take)
      : values_(values), version_(version), may_take_(may_take) {}

  Json TakeAll() && {
    // A group knows better what its values mean than a component, and that
    // better than a map of anything.
    for (const int rank : {0, 1, 2}) {
      for (const auto& [name, node] : Settings()) {
        const auto components = node.members.find("*");
        const bool any = components != node.members.end();
        if (rank != (!node.IsGroup() ? 2 : any ? 1 : 0)) continue;
        if (!any) {
          Accept({name}, Candidate(node, ""));
          continue;
        }
        for (const absl::string_view component : Components()) {
          Accept({name, std::string(component)},
                 Candidate(components->second, component));
        }
      }
    }
    return std::move(taken_);
  }

 private:
  // What `node` would have to be for the values; null for nothing.
  Json Candidate(const SettingNode& node, absl::string_view component) const {
    if (!node.IsGroup()) {
      const Path path = PathOf(*node.row, component, version_);
      const Json* value = FindPath(values_, path);
      if (value == nullptr) return nullptr;
      auto setting = SettingFor(*node.row, *value);
      return setting.has_value() &&
                     !MistakeIn(*node.row, *setting).has_value() &&
                     HasBeside(*node.row, *value) &&
                     may_take_(*node.row, path, *value)
                 ? *std::move(setting)
                 : Json();
    }
    Json group;
    for (const auto& [name, member] : node.members) {
      Json value = Candidate(member, component);
      if (!value.is_null()) group[name] = std::move(value);
    }
    for (const auto& [name, member] : node.members) {
      if (group.is_null() || !IsRequired(*member.row, group)) continue;
      if (group.find(name) == group.end()) return nullptr;
    }
    return group;
  }

  // Whether the values have what `row` writes beside its own `value`.
  bool HasBeside(const SettingRow& row, const Json& value) const {
    const auto has = [&](const std::string& path, const Json& wanted) {
      const Json* found = FindPath(values_, PathOfText(path));
      return found != nullptr && *found == wanted;
    };
    return std::all_of(row.also.begin(), row.also.end(),
                       [&](const auto& path) { return has(path, value); }) &&
           (value != Json(true) || std::all_of(row.with.begin(), row.with.end(),
                                               [&](const FixedValue& fixed) {
                                                 return has(fixed.path,
                                                            fixed.value);
                                               }));
  }

  // Takes what `candidate`, as the setting of these names, compiles to, if the
  // values have exactly that and nothing is wrong with it.
  void Accept(const std::vector<std::string>& names, Json candidate) {
    if (candidate.is_null()) return;
    Json with = taken_;
    Json* at = &with;
    for (const std::string& name : names) at = &(*at)[name];
    *at = candidate;
    if (!CompileSettings(with, version_).problems.empty()) return;
    Json alone;
    at = &alone;
    for (const std::string& name : names) at = &(*at)[name];
    *at = std::move(candidate);
    const auto compiled = CompileSettings(alone, version_).settings;
    const bool same =
        std::all_of(compiled.begin(), compiled.end(), [&](const auto& setting) {
          const Json* value = FindPath(values_, setting.path);
          return value != nullptr && *value == setting.value;
        });
    if (!same) return;
    for (const TypedSetting& setting : compiled) {
      Erase(values_, setting.path, 0);
    }
    taken_ = std::move(with);
  }

  // Maps that have nothing left go, too.
  static void Erase(Json& tree, const Path& path, size_t depth) {
    const auto child = tree.find(path[depth].key);
    if (depth + 1 < path.size()) {
      Erase(*child, path, depth + 1);
      if (!child->empty()) return;
    }
    tree.erase(child);
  }

  Json& values_;
  const std::string version_;
  const MayTake& may_take_;
  Json taken_ = Json::object();
};

}  // namespace

Json TakeSettings(
    Json& values, absl::string_view chart_version,
    const std::function<bool(const SettingRow& row, const Path& path,
                             const Json& value)>& may_take) {
  if (!values.is_object()) return Json::object();
  return Taker(values, chart_version, may_take).TakeAll();
}

}  // namespace wandb
