// What an identity may do, as the API server tells it (SelfSubjectRulesReview).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "kube/status.h"

namespace kube {

// The rules that the identity has in one namespace.
struct OwnRules {
  struct Rule {
    std::vector<std::string> verbs, groups, resources;  // "*": all of them.
    std::vector<std::string> names;                     // Empty: all of them.
  };
  std::vector<Rule> rules;
  // Whether there are no others: an authorizer behind a webhook, as those of
  // clouds are, does not tell its rules.
  bool complete = false;

  // Whether a rule gives `right`, whose namespace is taken to be that of the
  // rules. False says something only if these are complete.
  bool Give(const Right& right) const;
};

// Of a review as the server answers it. What is malformed gives nothing.
OwnRules OwnRulesOf(const base::Json& review);

}  // namespace kube
