#include "wandb/operator/role_rules.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "wandb/operator/manager_rules.h"
#include "wandb/operator/pod_settings.h"
#include "wandb/shapes.h"

namespace wandb {
namespace {

using base::Json;
using Texts = std::vector<std::string>;

constexpr char kUrls[] = "nonResourceURLs";

Texts ListOf(const Json& rule, const std::string& key) {
  Texts texts;
  for (const Json& each : base::ListAt(rule, absl::StrCat("/", key))) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

bool Contains(const Texts& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Whether an empty list is all there is.
bool IsAllOr(const Texts& list, const std::string& text) {
  return list.empty() || Contains(list, text);
}

// What a rule is about: resources of a group, or paths of the API server.
std::string NamesOf(const Json& rule) {
  return rule.contains(kUrls) ? kUrls : "resources";
}

// One thing that a rule of the chart allows.
struct Right {
  std::string group;
  bool is_url = false;
  std::string name, verb;
};

bool Covers(const Json& dropped, const Right& right) {
  if (!IsAllOr(ListOf(dropped, "verbs"), right.verb)) return false;
  if (right.is_url) return Contains(ListOf(dropped, kUrls), right.name);
  return Contains(ListOf(dropped, "apiGroups"), right.group) &&
         IsAllOr(ListOf(dropped, "resources"), right.name);
}

std::string GroupOf(const Json& rule) {
  const Texts groups = ListOf(rule, "apiGroups");
  return groups.empty() ? "" : groups.front();
}

std::vector<Right> RightsOf(const Json& rule) {
  std::vector<Right> rights;
  const std::string names = NamesOf(rule);
  const Texts verbs = ListOf(rule, "verbs");
  for (const std::string& name : ListOf(rule, names)) {
    for (const std::string& verb : verbs) {
      rights.push_back({GroupOf(rule), names == kUrls, name, verb});
    }
  }
  return rights;
}

// `rule` without what is dropped of it: as it was, or a rule for each set of
// verbs that is left, in the order of the names.
Texts VerbsLeft(const Json& rule, const std::string& name,
                const std::vector<Json>& dropped) {
  Texts verbs;
  for (const std::string& verb : ListOf(rule, "verbs")) {
    const Right right = {GroupOf(rule), NamesOf(rule) == kUrls, name, verb};
    if (std::none_of(dropped.begin(), dropped.end(),
                     [&](const Json& each) { return Covers(each, right); })) {
      verbs.push_back(verb);
    }
  }
  return verbs;
}

void AddWhatIsLeft(const Json& rule, const std::vector<Json>& dropped,
                   Json& rules) {
  const std::string names = NamesOf(rule);
  std::vector<std::pair<Texts, Texts>> parts;  // Verbs and names.
  for (const std::string& name : ListOf(rule, names)) {
    Texts verbs = VerbsLeft(rule, name, dropped);
    if (verbs.empty()) continue;
    auto part = std::find_if(parts.begin(), parts.end(), [&](const auto& each) {
      return each.first == verbs;
    });
    if (part == parts.end()) {
      part = parts.insert(part, {std::move(verbs), {}});
    }
    part->second.push_back(name);
  }
  for (const auto& [verbs, left] : parts) {
    Json& added = rules.emplace_back(rule);
    added["verbs"] = verbs;
    added[names] = left;
  }
}

absl::Status CheckAdded(const OperatorSettings& settings, size_t index) {
  const std::string at = absl::StrCat("role_rules.add[", index, "]");
  const Json& rule = settings.added_rules[index];
  for (const char* key : {"verbs", "resources", "resourceNames", kUrls}) {
    if (Contains(ListOf(rule, key), "")) {
      return Bad(at,
                 "has an empty text; only the API group of Kubernetes' own "
                 "kinds is one");
    }
  }
  if (ListOf(rule, "verbs").empty()) {
    return Bad(at,
               "has no verbs, and allows nothing. Write some, such as get "
               "and list, or \"*\" for all");
  }
  const Texts urls = ListOf(rule, kUrls);
  const bool groups = !ListOf(rule, "apiGroups").empty();
  const bool resources = !ListOf(rule, "resources").empty();
  if (urls.empty()) {
    if (groups && resources) return absl::OkStatus();
    return Bad(at,
               "must have api_groups and resources (the group of "
               "Kubernetes' own kinds, such as pods, is \"\"), or "
               "non_resource_urls");
  }
  if (groups || resources || !ListOf(rule, "resourceNames").empty()) {
    return Bad(at,
               "must not have non_resource_urls beside resources: make two "
               "rules of it");
  }
  if (settings.namespace_isolation) {
    return Bad(at,
               "has non_resource_urls, which are of no namespace: no Role "
               "can allow them, and namespace_isolation makes Roles");
  }
  for (const std::string& url : urls) {
    if (!absl::StartsWith(url, "/") && url != "*") {
      return Bad(at,
                 "has non_resource_urls with one that does not start with "
                 "a slash, and is not \"*\"");
    }
  }
  return absl::OkStatus();
}

// "nothing but a, b and c".
std::string Only(const std::set<std::string>& all) {
  return absl::StrJoin(all, ", ", [](std::string* out, const std::string& s) {
    absl::StrAppend(out, s.empty() ? "\"\"" : s);
  });
}

// One part of a rule to drop: what it names, and what there is.
absl::Status CheckNamed(const std::string& at, absl::string_view what,
                        const Texts& named,
                        const std::set<std::string>& there) {
  for (const std::string& each : named) {
    if (there.count(each) > 0) continue;
    return Bad(at,
               absl::StrCat("drops nothing by ", what, " \"", each,
                            "\": the operator has no such right. There ",
                            there.size() == 1 ? "is " : "are ", Only(there)));
  }
  return absl::OkStatus();
}

using Selects = std::function<bool(const Right&)>;

std::set<std::string> PartsOf(const std::vector<Right>& rights,
                              std::string Right::*part,
                              const Selects& selects) {
  std::set<std::string> parts;
  for (const Right& right : rights) {
    if (selects(right)) parts.insert(right.*part);
  }
  return parts;
}

absl::Status CheckDropped(const std::vector<Right>& rights, const Json& rule,
                          const std::string& at) {
  for (const char* key : {"apiGroups", "resources", "verbs", kUrls}) {
    if (rule.contains(key) && rule[key].empty()) {
      return Bad(at, "has an empty list: leave it out where all are meant");
    }
  }
  const Texts groups = ListOf(rule, "apiGroups");
  const Texts names = ListOf(rule, "resources");
  const Texts verbs = ListOf(rule, "verbs");
  const Texts urls = ListOf(rule, kUrls);
  if (groups.empty() == urls.empty() || (!urls.empty() && !names.empty())) {
    return Bad(at,
               "must have api_groups (that of Kubernetes' own kinds, such "
               "as pods, is \"\"), or non_resource_urls, and not both");
  }
  RETURN_IF_ERROR(CheckNamed(at, "API group", groups,
                             PartsOf(rights, &Right::group, [](const Right& r) {
                               return !r.is_url;
                             })));
  const Selects of_groups = [&](const Right& r) {
    return !r.is_url && Contains(groups, r.group);
  };
  RETURN_IF_ERROR(CheckNamed(at, "resource", names,
                             PartsOf(rights, &Right::name, of_groups)));
  RETURN_IF_ERROR(CheckNamed(
      at, "URL", urls,
      PartsOf(rights, &Right::name, [](const Right& r) { return r.is_url; })));
  return CheckNamed(at, "verb", verbs,
                    PartsOf(rights, &Right::verb, [&](const Right& r) {
                      return r.is_url ? Contains(urls, r.name)
                                      : of_groups(r) && IsAllOr(names, r.name);
                    }));
}

// Whether `live`, a rule of a role, gives a part of what `rule` gives, and
// nothing that is in `given` already.
bool IsPartOf(const Json& live, const Json& rule,
              const std::map<std::string, Texts>& given) {
  const std::string names = NamesOf(rule);
  if (!live.is_object() || NamesOf(live) != names ||
      !ListOf(live, "resourceNames").empty() ||
      ListOf(live, "apiGroups") != ListOf(rule, "apiGroups")) {
    return false;
  }
  const Texts all = ListOf(rule, names);
  for (const std::string& name : ListOf(live, names)) {
    if (given.count(name) > 0 || !Contains(all, name)) return false;
  }
  const Texts verbs = ListOf(rule, "verbs");
  const Texts its = ListOf(live, "verbs");
  return std::all_of(its.begin(), its.end(), [&](const std::string& verb) {
    return Contains(verbs, verb);
  });
}

// What is missing of `rule`, for each set of verbs: none are all.
void AddMissing(const Json& rule, const std::map<std::string, Texts>& given,
                std::vector<Json>& dropped) {
  const std::string names = NamesOf(rule);
  std::map<Texts, Texts> missing;
  for (const std::string& name : ListOf(rule, names)) {
    const auto its = given.find(name);
    Texts verbs;
    if (its != given.end()) {
      for (const std::string& verb : ListOf(rule, "verbs")) {
        if (!Contains(its->second, verb)) verbs.push_back(verb);
      }
      if (verbs.empty()) continue;
    }
    missing[verbs].push_back(name);
  }
  for (const auto& [verbs, of] : missing) {
    Json& entry = dropped.emplace_back(Json::object());
    if (names != kUrls) entry["apiGroups"] = rule["apiGroups"];
    entry[names] = of;
    if (!verbs.empty()) entry["verbs"] = verbs;
  }
}

bool Allows(const Json& rule, const Right& right) {
  const auto has = [&](const char* key, const std::string& text) {
    const Texts list = ListOf(rule, key);
    return Contains(list, text) || Contains(list, "*");
  };
  return ListOf(rule, "resourceNames").empty() && has("verbs", right.verb) &&
         has("apiGroups", right.group) && has("resources", right.name);
}

}  // namespace

Json RulesOfManager(const OperatorSettings& settings) {
  Json rules = Json::array();
  for (const Json& rule : ManagerRules(settings.namespace_isolation)) {
    AddWhatIsLeft(rule, settings.dropped_rules, rules);
  }
  for (const Json& rule : settings.added_rules) rules.push_back(rule);
  return rules;
}

absl::Status CheckRoleRules(const OperatorSettings& settings) {
  for (size_t i = 0; i < settings.added_rules.size(); ++i) {
    RETURN_IF_ERROR(CheckAdded(settings, i));
  }
  std::vector<Right> rights;
  for (const Json& rule : ManagerRules(settings.namespace_isolation)) {
    for (Right& right : RightsOf(rule)) rights.push_back(std::move(right));
  }
  for (size_t i = 0; i < settings.dropped_rules.size(); ++i) {
    RETURN_IF_ERROR(CheckDropped(rights, settings.dropped_rules[i],
                                 absl::StrCat("role_rules.drop[", i, "]")));
  }
  return absl::OkStatus();
}

std::vector<std::string> NeededRightsDropped(const OperatorSettings& settings) {
  const std::vector<Right> needed = {
      {"apps.wandb.com", false, "weightsandbiases", "get"},
      {"apps.wandb.com", false, "weightsandbiases", "list"},
      {"apps.wandb.com", false, "weightsandbiases", "watch"},
      {"apps.wandb.com", false, "weightsandbiases", "update"},
      {"apps.wandb.com", false, "weightsandbiases/status", "update"},
      {"", false, "secrets", "get"},
      {"", false, "secrets", "list"},
      {"", false, "secrets", "watch"},
      {"", false, "secrets", "create"},
      {"", false, "secrets", "update"},
  };
  const Json rules = RulesOfManager(settings);
  Texts dropped;
  for (const Right& right : needed) {
    if (std::none_of(rules.begin(), rules.end(),
                     [&](const Json& rule) { return Allows(rule, right); })) {
      dropped.push_back(absl::StrCat(
          right.verb, " of ", right.name,
          right.group.empty() ? "" : absl::StrCat(" (", right.group, ")")));
    }
  }
  return dropped;
}

void ReadRoleRules(const Json& role, OperatorSettings& settings) {
  settings.added_rules.clear();
  settings.dropped_rules.clear();
  const Json& live = base::ListAt(role, "/rules");
  if (live.empty()) return;  // One of no rights at all is not made on purpose.
  size_t next = 0;
  for (const Json& rule : ManagerRules(settings.namespace_isolation)) {
    std::map<std::string, Texts> given;
    for (; next < live.size() && IsPartOf(live[next], rule, given); ++next) {
      const Texts verbs = ListOf(live[next], "verbs");
      for (const std::string& name : ListOf(live[next], NamesOf(rule))) {
        given.emplace(name, verbs);
      }
    }
    AddMissing(rule, given, settings.dropped_rules);
  }
  for (; next < live.size(); ++next) {
    settings.added_rules.push_back(
        KnownPart(FieldsOf(Shape::kRoleRules), live[next]));
  }
}

}  // namespace wandb
