#include "kube/access.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace kube {
namespace {

using base::Json;
using Texts = std::vector<std::string>;

Texts TextsOf(const Json& rule, const char* pointer) {
  Texts texts;
  for (const Json& item : base::ListAt(rule, pointer)) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

bool Has(const Texts& texts, absl::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool HasOrAll(const Texts& texts, absl::string_view text) {
  return Has(texts, text) || Has(texts, "*");
}

// Whether `rule` is about what `right` is about. "*/log" is about the
// subresource of every resource.
bool IsAbout(const OwnRules::Rule& rule, const Right& right) {
  const size_t slash = right.resource.find('/');
  return HasOrAll(rule.resources, right.resource) ||
         (slash != std::string::npos &&
          Has(rule.resources, absl::StrCat("*", right.resource.substr(slash))));
}

}  // namespace

bool OwnRules::Give(const Right& right) const {
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return HasOrAll(rule.verbs, right.verb) &&
           HasOrAll(rule.groups, right.group) && IsAbout(rule, right) &&
           (rule.names.empty() || Has(rule.names, right.name));
  });
}

OwnRules OwnRulesOf(const Json& review) {
  OwnRules own;
  const Json* rules = base::Find(review, "/status/resourceRules");
  if (rules == nullptr || !rules->is_array()) return own;
  for (const Json& rule : *rules) {
    own.rules.push_back({.verbs = TextsOf(rule, "/verbs"),
                         .groups = TextsOf(rule, "/apiGroups"),
                         .resources = TextsOf(rule, "/resources"),
                         .names = TextsOf(rule, "/resourceNames")});
  }
  own.complete = !base::BoolAt(review, "/status/incomplete").value_or(false);
  return own;
}

}  // namespace kube
